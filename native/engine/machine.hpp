// One symbol: state = f(commands). docs/rules/orders.md says what every command does; this class is that
// page. It is written in several files by subject:
//
//   machine.hpp      state, dispatch, what events say of an order, an order's way on and off the book
//   placing.hpp      PLACE: checks, acceptance, what is left after matching
//   matching.hpp     MAT-1, ORD-6 (self-trade prevention), ORD-7 (fill or kill)
//   reduce_only.hpp  ORD-8
//   amending.hpp     CANCEL, AMEND, CANCEL_ALL
//   venue.hpp        SET_PHASE, DEFINE_INSTRUMENT
//   queries.hpp      questions that change nothing
//
// `Memory` is OpenOrders or RememberedOrders (memories.hpp).
#pragma once

#include <cstdint>
#include <cstring>

#include "../wire/payload.hpp"
#include "accounts.hpp"
#include "event_writer.hpp"
#include "memories.hpp"
#include "orders.hpp"
#include "price_levels.hpp"

namespace tidegate {

// How much one symbol may hold.
struct Limits {
    std::uint32_t orders_max;    // open orders
    std::uint32_t retained_max;  // ended orders that are still known
    std::uint32_t accounts_max;
};

inline constexpr std::int64_t kPositionMax = kQuantityMax * 1024;  // lots, either sign
// Worst case of the events that one command's matching may give; with the order's own first and last one
// it stays below kEventsPerCommandMax.
inline constexpr std::uint32_t kMatchingEventsMax = 32'000;

template <class Memory>
class Machine {
public:
    Machine(std::uint16_t symbol, const Limits& limits, EventWriter& events)
        : limits_(limits), orders_(limits.orders_max), levels_(orders_, limits.orders_max), accounts_(orders_, limits.accounts_max), memory_(orders_, accounts_, limits.orders_max, limits.retained_max), trial_positions_(limits.accounts_max), events_(events) {
        context_.symbol = symbol;
        std::memset(static_cast<void*>(&rules_), 0, sizeof(rules_));
    }
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    // Applies one command; a query is answered and changes nothing, anything else is numbered. The writer
    // must have events_needed() left.
    void apply(const Command& command, std::int64_t now_ns, std::uint32_t epoch) {
        context_.epoch = epoch;
        if (!is_query(command)) {
            ++context_.sequence;
            if (now_ns > context_.time_ns) context_.time_ns = now_ns;
        }
        events_.start_command(command, context_);
        dispatch(command);
        events_.end_command();
    }

    // Room for events that must be left before `command` is applied.
    std::size_t events_needed(const Command& command) const {
        const bool depth = command.header.type == static_cast<std::uint8_t>(CommandType::kQueryDepth);
        return depth ? std::size_t{orders_.used()} + 1 : kEventsPerCommandMax;
    }
    static std::size_t events_buffer(const Limits& limits) {
        return 2 * std::size_t{kEventsPerCommandMax} + limits.orders_max;
    }

    static bool is_query(const Command& command) { return is_query_type(command.header.type); }

    // For a book without a venue around it: everything that fits is allowed.
    void open_wide() {
        rules_.price_max = kPriceMax;
        rules_.quantity_max = rules_.market_quantity_max = kQuantityMax;
        rules_.price_min = rules_.quantity_min = rules_.tick_lot_value = 1;
        rules_.open_orders_max = kOpenOrdersPerAccountMax;
        defined_ = true;
        phase_ = Phase::kOpen;
    }

    const CommandContext& context() const { return context_; }
    Phase phase() const { return phase_; }
    std::uint64_t trade_id() const { return trade_id_; }
    std::uint32_t open_orders() const { return orders_.used(); }
    std::uint32_t best_bid() const { return levels_.best_bid(); }
    std::uint32_t best_ask() const { return levels_.best_ask() == PriceLevels::kNoAsk ? 0 : levels_.best_ask(); }
    std::int64_t position(std::uint32_t account) const {
        const std::uint32_t at = accounts_.find(account);
        return at == kNothing ? 0 : accounts_[at].position;
    }

    // Brings what `command` will touch nearer to the processor, in three steps that build on one another;
    // `ahead` is how many commands are still before it. Guesses that are wrong cost a little time only.
    void prefetch_far(const Command& command, std::uint64_t ahead) const;
    void prefetch_near(const Command& command) const;
    void prefetch_next(const Command& command) const;

private:
    template <class>
    friend class Machine;
    friend class StateCodec;

    // The order that matches in the command at hand.
    struct Taker {
        Order* order;
        std::uint32_t handle;  // in the arena when an amend took it off its level, else kNothing
        std::uint32_t limit;   // worst price, ticks
        const Command* sent;   // its PLACE, when it is new
        bool open = true;
    };

    void dispatch(const Command& command) {
        switch (static_cast<CommandType>(command.header.type)) {
            case CommandType::kPlace: return place(command);
            case CommandType::kCancel: return cancel(command);
            case CommandType::kAmend: return amend(command);
            case CommandType::kCancelAll: return cancel_all(command);
            case CommandType::kSetPhase: return set_phase(command);
            case CommandType::kDefineInstrument: return define_instrument(command);
            case CommandType::kQueryOrder: return query_order(command);
            case CommandType::kQueryOpenOrders: return query_open_orders(command);
            case CommandType::kQueryDepth: return query_depth(command);
        }
        reject(command, Reason::kMalformedMessage);
    }

    // placing.hpp
    void place(const Command& command);
    void place_repeated(const Command& command, const Found& known);
    Reason check_place(const Command& command, std::uint32_t& account);
    Reason check_kinds(const Command& command) const;
    Reason check_numbers(const Command& command) const;
    Reason check_room(const Command& command, const Account& account) const;
    Reason check_notional(std::int64_t price, std::int64_t quantity, bool reduce_only) const;
    void refuse(const Command& command, Reason reason, bool remembered);
    Order new_order(const Command& command, std::uint32_t account) const;
    void settle_remainder(Taker& taker);

    // matching.hpp
    void match(Taker& taker);
    std::uint32_t step_events(const Order& taker, const Order& maker) const;
    static bool same_group(const Order& left, const Order& right) {
        return left.account == right.account || (left.stp_group == right.stp_group && left.stp_group != 0);
    }
    void prevent(Taker& taker, std::uint32_t maker);
    void decrement(Taker& taker, std::uint32_t maker);
    void trade(Taker& taker, std::uint32_t maker);
    std::int64_t reachable(const Order& taker, std::uint32_t limit);

    // reduce_only.hpp
    void hold_reduce_only(std::uint32_t account, Taker& taker);
    void hold_taker(const Account& account, Taker& taker);

    // amending.hpp
    Found target(const Command& command) const;
    std::uint32_t open_target(const Command& command, bool phase_allows);
    void cancel(const Command& command);
    void cancel_all(const Command& command);
    void amend(const Command& command);
    Reason check_amend(const Order& order, std::int64_t price, std::int64_t quantity) const;
    void amend_order(std::uint32_t handle, std::uint32_t price, std::int64_t quantity);

    // venue.hpp
    void set_phase(const Command& command);
    void define_instrument(const Command& command);

    // queries.hpp
    void query_order(const Command& command);
    void query_open_orders(const Command& command);
    void query_depth(const Command& command);
    void tell_level(const Command& command, Side side, std::uint32_t price);
    void tell_state(const Found& order, std::uint8_t flags);

    // ---- what events say ------------------------------------------------------------------------
    void reject(const Command& command, Reason reason) {
        events_.add(EventType::kRejected, command.header.account).reason = static_cast<std::uint16_t>(reason);
    }

    // An event about an order as it is now.
    Event& tell(EventType type, const Order& order, OrderStatus status, std::int64_t leaves, std::uint8_t flags) {
        flags |= order.flags & kOrderReduceOnly;
        Event& event = events_.add(type, accounts_[order.account].number, flags);
        event.header.side = static_cast<std::uint8_t>(order.side);
        event.header.order_type = static_cast<std::uint8_t>((order.flags & kOrderMarket) != 0 ? OrderType::kMarket : OrderType::kLimit);
        event.header.time_in_force = static_cast<std::uint8_t>(order.time_in_force);
        event.header.status = static_cast<std::uint8_t>(status);
        event.client_order_id = order.client_order_id;
        event.order_id = order.order_id;
        event.price = order.price;
        event.quantity = order.quantity;
        event.filled = order.filled;
        event.leaves = leaves;
        event.stp_group = order.stp_group;
        event.stp_mode = static_cast<std::uint8_t>(order.stp_mode);
        return event;
    }
    Event& tell_open(EventType type, const Order& order, std::uint8_t flags) {
        return tell(type, order, order.open_status(), order.leaves(), flags);
    }

    Event& tell(EventType type, const OrderState& order, std::uint8_t flags) {
        Event& event = events_.add(type, order.account, static_cast<std::uint8_t>(flags | order.flags));
        event.header.side = order.side;
        event.header.order_type = order.order_type;
        event.header.time_in_force = order.time_in_force;
        event.header.status = order.status;
        event.client_order_id = order.client_order_id;
        event.order_id = order.order_id;
        event.price = order.price;
        event.quantity = order.quantity;
        event.filled = order.filled;
        event.leaves = order.leaves;
        event.stp_group = order.stp_group;
        event.stp_mode = order.stp_mode;
        event.reason = order.reason;
        return event;
    }

    void tell_end(const Order& order, OrderStatus status, Reason reason, std::uint8_t flags) {
        Event& event = tell(status == OrderStatus::kCanceled ? EventType::kCanceled : EventType::kExpired, order, status, 0, flags);
        event.previous_leaves = order.leaves();
        event.reason = static_cast<std::uint16_t>(reason);
    }

    // Lowers what is open without a trade; the order keeps its place.
    void reduce(Order& order, std::int64_t by, Reason reason, std::uint8_t flags) {
        TIDEGATE_ASSERT(by > 0 && by < order.leaves());
        order.quantity -= by;
        Event& event = tell_open(EventType::kReduced, order, flags);
        event.previous_leaves = order.leaves() + by;
        event.reason = static_cast<std::uint16_t>(reason);
    }

    // ---- an order's way on and off the book -----------------------------------------------------
    void put_on_book(std::uint32_t handle) {
        levels_.push_back(handle);
        memory_.admitted(handle, context_.sequence);
        if (orders_[handle].reduce_only()) {
            ++accounts_[orders_[handle].account].reduce_only;
            ++reduce_only_resting_;
        }
    }

    void take_off_book(std::uint32_t handle) {
        levels_.remove(handle);
        if (orders_[handle].reduce_only()) {
            --accounts_[orders_[handle].account].reduce_only;
            --reduce_only_resting_;
        }
    }

    // An order of the arena, off its level already, is over.
    void leave(std::uint32_t handle, OrderStatus status, Reason reason) {
        accounts_.remove_order(handle);
        memory_.ended(handle, status, reason);
        orders_.give_back(handle);
    }

    void end_resting(std::uint32_t handle, OrderStatus status, Reason reason) {
        tell_end(orders_[handle], status, reason, kOnBook);
        take_off_book(handle);
        leave(handle, status, reason);
    }

    void end_taker(Taker& taker, OrderStatus status, Reason reason) {
        taker.open = false;
        if (taker.handle != kNothing) leave(taker.handle, status, reason);
        else memory_.ended_at_once(*taker.order, *taker.sent, status, reason);
    }

    void expire_taker(Taker& taker, Reason reason) {
        tell_end(*taker.order, OrderStatus::kExpired, reason, 0);
        end_taker(taker, OrderStatus::kExpired, reason);
    }

    Limits limits_;
    CommandContext context_;  // of the last command applied
    InstrumentRules rules_;   // its header is zero throughout
    bool defined_ = false;
    Phase phase_ = Phase::kHalt;
    std::uint64_t trade_id_ = 0;
    OrderArena orders_;
    PriceLevels levels_;
    Accounts accounts_;
    Memory memory_;
    std::uint32_t reduce_only_resting_ = 0;
    ZeroedArray<std::int64_t> trial_positions_;  // by account; zero outside reachable()
    EventWriter& events_;
};

// The tables.
template <class Memory>
void Machine<Memory>::prefetch_far(const Command& command, std::uint64_t ahead) const {
    if (command.order_id != 0) return memory_.prefetch(command.order_id);
    memory_.prefetch(context_.sequence + 1 + ahead);
    memory_.prefetch_client(command.header.account, command.client_order_id);
    levels_.prefetch(static_cast<std::uint32_t>(command.price) & static_cast<std::uint32_t>(kPriceMax));
}

// What the tables point to.
template <class Memory>
void Machine<Memory>::prefetch_near(const Command& command) const {
    if (command.order_id == 0)
        return levels_.prefetch_level(static_cast<std::uint32_t>(command.price) & static_cast<std::uint32_t>(kPriceMax));
    const std::uint32_t handle = memory_.guess_open(command.order_id);
    if (handle < limits_.orders_max) orders_.prefetch(handle);
}

// What the order points to.
template <class Memory>
void Machine<Memory>::prefetch_next(const Command& command) const {
    if (command.order_id == 0) return;
    const std::uint32_t handle = memory_.guess_open(command.order_id);
    if (handle >= limits_.orders_max) return;
    const Order& order = orders_[handle];
    memory_.prefetch_client_of(order);
    for (const std::uint32_t neighbour : {order.next, order.previous, order.account_next, order.account_previous})
        if (neighbour < limits_.orders_max) orders_.prefetch(neighbour);
    levels_.prefetch_level(order.price);
}

}  // namespace tidegate

#include "amending.hpp"
#include "matching.hpp"
#include "placing.hpp"
#include "queries.hpp"
#include "reduce_only.hpp"
#include "venue.hpp"

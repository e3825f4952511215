// One symbol: state = f(commands). docs/rules says what every command does; this class is those pages. It is
// written in several files by subject:
//
//   machine.hpp        state, dispatch
//   telling.hpp        what events say of an order
//   open_orders.hpp    an order's way on and off the book, and its end
//   filters.hpp        PLACE: the checks in their order (INS-2)
//   placing.hpp        PLACE: acceptance, what is left after matching
//   replacing.hpp      REPLACE (ORD-10)
//   matching.hpp       MAT-1, ORD-6 (self-trade prevention)
//   reaching.hpp       ORD-7 (fill or kill)
//   icebergs.hpp       ORD-2
//   reduce_only.hpp    ORD-8
//   canceling.hpp      CANCEL, CANCEL_ALL (ORD-12)
//   amending.hpp       AMEND (ORD-5)
//   triggers.hpp       ORD-9: what waits for a price
//   account_settings.hpp SET_POSITION_MODE (ORD-13), SET_COUNTDOWN (ORD-12)
//   quotes.hpp         QUOTE (ORD-11)
//   protection.hpp     market-maker protection (ORD-11)
//   auction.hpp        MAT-2
//   venue.hpp          SET_PHASE, SET_PRICES
//   defining.hpp       DEFINE_INSTRUMENT (INS-2, INS-3)
//   tick.hpp           TICK: what has become due
//   queries.hpp        questions that change nothing
//   prefetching.hpp    what the next commands will touch
//
// `Memory` is OpenOrders or RememberedOrders (memories.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "../wire/payload.hpp"
#include "accounts.hpp"
#include "bounds.hpp"
#include "event_writer.hpp"
#include "memories.hpp"
#include "node_pool.hpp"
#include "orders.hpp"
#include "price_levels.hpp"
#include "protection_groups.hpp"
#include "reduce_only_list.hpp"
#include "trigger_book.hpp"

namespace tidegate {

struct AuctionResult;  // auction_price.hpp
struct QuoteSide;      // quotes.hpp
struct Rescaling;      // defining.hpp

template <class Memory>
class Machine {
public:
    Machine(std::uint16_t symbol, const Limits& limits, EventWriter& events)
        : limits_(limits),
          orders_(limits.orders_max),
          levels_(orders_, limits.orders_max),
          accounts_(orders_, limits.accounts_max),
          memory_(orders_, accounts_, limits.orders_max, limits.retained_max, limits.accounts_max),
          nodes_((TriggerBook::kNodesPerOrder + 1) * std::size_t{limits.orders_max} + limits.accounts_max + 1),
          triggers_(nodes_),
          due_(orders_, nodes_),
          expiries_(&nodes_),
          countdowns_(&nodes_),
          reduce_only_(orders_, limits.orders_max),
          trial_positions_(2 * std::size_t{limits.accounts_max}),
          events_(events) {
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
            if (phase_ == Phase::kAuction && command.header.type != static_cast<std::uint8_t>(CommandType::kTick)) indicative_pending_ = true;
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

    // Whether a TICK at `time_ns` would do something (docs/rules/venue.md). Asked before and after every command.
    bool due(std::int64_t time_ns) const { return !nothing_waits() && time_ns >= next_due_ns(); }
    // The first time at which due() holds if nothing else happens: kNever, or 0 when it does already.
    std::int64_t next_due_ns() const;

    // For a book without a venue around it: everything that fits is allowed.
    void open_wide() {
        rules_.price_max = kPriceMax;
        rules_.quantity_max = rules_.market_quantity_max = kQuantityMax;
        rules_.price_min = rules_.quantity_min = rules_.tick_lot_value = 1;
        rules_.open_orders_max = kOpenOrdersPerAccountMax;
        rules_.trigger_orders_max = kTriggerOrdersPerAccountMax;
        defined_ = true;
        phase_ = Phase::kOpen;
    }

    const CommandContext& context() const { return context_; }
    Phase phase() const { return phase_; }
    bool defined() const { return defined_; }
    // Its sequence; 0 = none yet.
    std::uint64_t definition_sequence() const { return definition_sequence_; }
    const Prices& prices() const { return prices_; }
    std::uint64_t trade_id() const { return trade_id_; }
    std::uint32_t open_orders() const { return orders_.used(); }
    std::uint32_t best_bid() const { return levels_.best_bid(); }
    std::uint32_t best_ask() const { return levels_.best_ask() == PriceLevels::kNoAsk ? 0 : levels_.best_ask(); }
    // Of the leg; one-way mode has the LONG one only.
    std::int64_t position(std::uint32_t account, bool short_leg = false) const {
        const std::uint32_t at = accounts_.find(account);
        return at == kNothing ? 0 : accounts_[at].leg(short_leg);
    }

    // Visits every admitted account: visit(account).
    template <typename Visit>
    void for_each_account(Visit visit) const {
        for (std::uint32_t at = 0; at < accounts_.count(); ++at) visit(accounts_[at]);
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
        std::uint32_t handle;  // in the arena: amended, triggered, a quote; else kNothing, and its terms are incoming_
        std::uint32_t limit;   // worst price, ticks
        bool open = true;
    };

    // Most of the time: continuous trading, and nothing that a price or the clock could bring up.
    bool nothing_waits() const { return nodes_.unused() && phase_ == Phase::kOpen && uncrossing_.to == Phase::kNone; }

    void dispatch(const Command& command) {
        switch (static_cast<CommandType>(command.header.type)) {
            case CommandType::kPlace: return place(command);
            case CommandType::kCancel: return cancel(command);
            case CommandType::kAmend: return amend(command);
            case CommandType::kCancelAll: return cancel_all(command);
            case CommandType::kSetPhase: return set_phase(command);
            case CommandType::kDefineInstrument: return define_instrument(command);
            case CommandType::kReplace: return replace(command);
            case CommandType::kQuote: return quote(command);
            case CommandType::kSetProtection: return set_protection(command);
            case CommandType::kResetProtection: return reset_protection(command);
            case CommandType::kSetPrices: return set_prices(command);
            case CommandType::kSetCountdown: return set_countdown(command);
            case CommandType::kSetPositionMode: return set_position_mode(command);
            case CommandType::kTick: return tick(command);
            case CommandType::kQueryOrder: return query_order(command);
            case CommandType::kQueryOpenOrders: return query_open_orders(command);
            case CommandType::kQueryDepth: return query_depth(command);
        }
        reject(command, Reason::kMalformedMessage);
    }

    // telling.hpp
    void reject(const Command& command, Reason reason) {
        events_.add(EventType::kRejected, command.header.account).reason = static_cast<std::uint16_t>(reason);
    }
    const OrderTerms& terms_of(const Order& order) const { return orders_.holds(order) ? orders_.terms(orders_.handle_of(order)) : incoming_; }
    OrderStatus open_status(const Order& order) const;
    Event& tell(EventType type, const Order& order, OrderStatus status, std::int64_t leaves, std::uint8_t flags);
    Event& tell(EventType type, const OrderState& order, std::uint8_t flags);
    Event& tell_open(EventType type, const Order& order, std::uint8_t flags) {
        return tell(type, order, open_status(order), order.leaves(), flags);
    }
    Event& write_told(EventType type, const Order& order, OrderStatus status, std::int64_t leaves, std::uint8_t flags);
    void tell_terms(Event& event, EventType type, const Order& order) const;
    void tell_end(const Order& order, OrderStatus status, Reason reason, std::uint8_t flags);
    Event& tell_trade(const Order& taker, const Order& maker, std::int64_t price, std::int64_t quantity);

    // open_orders.hpp
    std::uint32_t to_arena(const Order& order, const OrderTerms& terms);
    void opened(std::uint32_t handle);
    void put_on_book(std::uint32_t handle);
    void take_off_book(std::uint32_t handle);
    void put_terms_on_book(std::uint32_t handle);
    void take_terms_off_book(std::uint32_t handle);
    void leave(std::uint32_t handle, OrderStatus status, Reason reason);
    void end_open(std::uint32_t handle, OrderStatus status, Reason reason);
    void end_taker(Taker& taker, OrderStatus status, Reason reason);
    void expire_taker(Taker& taker, Reason reason);
    void reduce(Order& order, std::int64_t quantity, Reason reason, std::uint8_t flags);
    bool move_positions(const Order& taker, const Order& maker, std::int64_t quantity);

    // filters.hpp
    struct Intake;
    bool passes_plainly(const Command& command, Intake& intake) const;
    Reason check_place(const Command& command, Intake& intake);
    bool phase_allows(const Command& command, bool reduce_only) const;
    bool is_reduce_only(const Command& command, std::uint32_t account) const;
    Reason check_kinds(const Command& command, const Account& account) const;
    Reason check_trigger_terms(const Command& command) const;
    Reason check_numbers(const Command& command, const Intake& intake) const;
    Reason check_notional(std::int64_t price, std::int64_t quantity, bool reduce_only) const;
    Reason check_room(const Command& command, const Intake& intake) const;
    Reason check_touch(const Command& command, const Intake& intake) const;
    Reason check_position(const Account& account, Side side, bool short_leg, std::int64_t quantity) const;
    bool in_price_range(std::int64_t price) const { return price >= rules_.price_min && price <= rules_.price_max; }
    // LIM-1: the lowest and the highest price that the band allows.
    std::int64_t band_low() const;
    std::int64_t band_high() const;
    bool in_band(std::int64_t price) const { return price >= band_low() && price <= band_high(); }
    // One tick short of the opposite best price; 0 when that is no price for this instrument.
    std::int64_t slid_price(Side side) const;
    Reason check_slid(std::int64_t price, std::int64_t quantity, bool reduce_only) const;

    // placing.hpp
    void place(const Command& command);
    void place_checked(const Command& command, std::uint32_t account);
    bool known_already(const Command& command);
    void place_repeated(const Command& command, const Found& known);
    void accept(const Command& command, const Intake& intake);
    void refuse(const Command& command, Reason reason, bool remembered);
    void write_order(Order& order, const Command& command, const Intake& intake, std::uint32_t price) const;
    std::uint32_t worst_price(const Order& order, bool banded) const;
    void match_and_settle(Taker& taker);
    void settle_remainder(Taker& taker);

    // replacing.hpp
    void replace(const Command& command);
    std::uint32_t replaced_by(const Command& command) const;

    // matching.hpp
    void match(Taker& taker);
    std::uint32_t step_events(const Order& taker, const Order& maker) const;
    static bool same_group(const Order& left, const Order& right) {
        return left.account == right.account || (left.stp_group == right.stp_group && left.stp_group != 0);
    }
    void prevent(Taker& taker, std::uint32_t maker);
    void decrement(Taker& taker, std::uint32_t maker);
    void trade(Taker& taker, std::uint32_t maker);
    // What of an order must be known after a fill, when it may be gone.
    struct Fill {
        std::uint32_t account;
        bool short_leg;
        std::uint8_t group;  // 0 = none
    };
    Fill fill_of(const Order& order) const;

    // reaching.hpp
    class Reach;
    bool fillable(const Order& taker, std::uint32_t limit);
    std::int64_t reachable(const Order& taker, std::uint32_t limit);

    // icebergs.hpp
    std::int64_t offered(const Order& maker) const;
    std::int64_t first_slice(const Order& order, const OrderTerms& terms) const;
    std::int64_t keep_shown(const Order& order);
    void trade_from_iceberg(std::uint32_t handle, std::int64_t quantity, Event& event);

    // reduce_only.hpp
    // After a fill that changed a leg; `taker` may be null (an auction has none).
    void hold_reduce_only(std::uint32_t account, bool short_leg, Taker* taker);
    bool all_reducible(const Account& account, bool short_leg) const;
    void hold_resting(Account& account, bool short_leg);
    void hold_taker(const Account& account, Taker& taker);

    // canceling.hpp
    Found own_order(std::uint32_t account, std::uint64_t order_id) const;
    Found target(const Command& command) const;
    std::uint32_t open_target(const Command& command, bool phase_allows);
    void cancel(const Command& command);
    void cancel_all(const Command& command);
    template <typename Meant>
    bool cancel_those(std::uint32_t account, Reason reason, std::uint32_t events_max, std::int64_t& canceled, Meant meant);
    std::vector<std::uint32_t> accounts_by_number() const;

    // amending.hpp
    struct Amendment;
    void amend(const Command& command);
    Reason check_amendable(const Order& order, const Command& command) const;
    Reason check_amend(const Order& order, Amendment& wanted) const;
    Reason check_amend_touch(const Order& order, Amendment& wanted) const;
    void amend_waiting(std::uint32_t handle, const Amendment& wanted);
    void amend_resting(std::uint32_t handle, const Amendment& wanted);

    // triggers.hpp
    bool triggers_work() const { return phase_ == Phase::kOpen || phase_ == Phase::kReduceOnly; }
    std::int64_t reference_price(TriggerBy reference) const;
    void start_waiting(std::uint32_t handle);
    void follow_from(std::uint32_t handle, std::int64_t price);
    void link_waiting(std::uint32_t handle);
    void unlink_waiting(std::uint32_t handle);
    void stop_waiting(std::uint32_t handle);
    void wait_for(std::uint32_t handle, std::uint32_t trigger_price);
    void observe(TriggerBy reference, std::int64_t price);
    void reach(std::uint32_t handle, std::int64_t price);
    // The phase has left, or has come to, those in which triggers work.
    void put_back_due();
    void queue_untold();
    void serve_due();
    void fire(std::uint32_t handle);
    Reason why_not_fired(const Order& order) const;

    // account_settings.hpp
    void set_position_mode(const Command& command);
    void set_countdown(const Command& command);
    void start_countdown(std::uint32_t account, std::int64_t milliseconds);

    // quotes.hpp
    void quote(const Command& command);
    Reason check_quote(const Command& command, std::array<QuoteSide, 2>& sides, bool withdraws, std::uint32_t& account);
    Reason check_quote_numbers(const QuoteSide& side) const;
    Reason check_quote_room(const Command& command, const std::array<QuoteSide, 2>& sides, const Account& account, bool withdraws) const;
    bool quote_would_cross(const QuoteSide& side, std::uint32_t own) const;
    void renew_quote(std::uint32_t handle, const Command& command);
    void quote_side(const Command& command, std::uint32_t account, QuoteSide& side);
    void place_quote(const Command& command, std::uint32_t account, const QuoteSide& side);
    void settle_quote(std::uint32_t handle, bool matches);
    void tell_quoted(const Command& command, std::uint32_t account);

    // protection.hpp
    void set_protection(const Command& command);
    void reset_protection(const Command& command);
    // Whether an order with this group (0 = none) of the account would be refused.
    bool frozen(const Account& account, std::uint16_t group) const;
    // A fill of an order with a group != 0; `taker` is the order that matches, null in an auction.
    std::int64_t notional_of(std::int64_t price, std::int64_t quantity) const;
    void count_fill(std::uint32_t account, std::uint8_t group, std::int64_t price, std::int64_t quantity, Taker* taker);
    void pull_group(std::uint32_t account, std::uint8_t group, Taker* taker);
    Event& tell_protection(std::uint32_t account, std::uint16_t group, Reason reason);

    // auction.hpp
    AuctionResult auction_result() const;
    void tell_auction(std::uint32_t account, const AuctionResult& result, std::uint8_t flags);
    void uncross(const Command& command, Phase to, Reason reason);  // SET_PHASE with a crossed book
    void continue_uncrossing(const Command& command);               // TICK's part of it
    bool trade_uncrossing();
    void tell_indicative();                                         // TICK in an auction

    // venue.hpp
    void set_phase(const Command& command);
    void enter_phase(const Command& command, Phase to, Reason reason);
    void set_prices(const Command& command);

    // defining.hpp
    void define_instrument(const Command& command);
    Reason check_rescaling(const Rescaling& ticks, const Rescaling& lots) const;
    void rescale(const Rescaling& ticks, const Rescaling& lots);

    // tick.hpp
    void tick(const Command& command);
    bool tick_expiries(std::int64_t& done);
    bool tick_countdowns(std::int64_t& done);
    bool tick_settlement(std::int64_t& done);
    bool tick_uncrossing(const Command& command, std::int64_t& done);
    bool tick_triggers(std::int64_t& done);
    void tick_indicative(std::int64_t& done);

    // queries.hpp
    void query_order(const Command& command);
    void query_open_orders(const Command& command);
    void query_depth(const Command& command);
    void tell_level(const Command& command, Side side, std::uint32_t price);
    void tell_state(const Found& order, std::uint8_t flags);

    Limits limits_;
    CommandContext context_;  // of the last command applied
    InstrumentRules rules_;   // its header is zero throughout
    bool defined_ = false;
    Phase phase_ = Phase::kHalt;
    std::uint64_t definition_sequence_ = 0;
    std::uint64_t trade_id_ = 0;
    Prices prices_{};
    Uncrossing uncrossing_{};
    std::int64_t indicative_time_ns_ = 0;  // of the last AUCTION told, or of the auction's beginning; 0 outside of one
    bool indicative_pending_ = false;      // a command was applied since
    OrderArena orders_;
    PriceLevels levels_;
    Accounts accounts_;
    Memory memory_;
    NodePool nodes_;
    TriggerBook triggers_;
    DueQueue due_;
    WaitSet expiries_;    // GTD orders: time, age, handle
    WaitSet countdowns_;  // deadline, account number, account index
    ProtectionGroups groups_;
    OrderTerms incoming_{};  // of a taker that is not in the arena
    ReduceOnlyList reduce_only_;  // those that rest
    ZeroedArray<std::int64_t> trial_positions_;  // by account and leg; zero outside of reachable()
    std::vector<std::uint32_t> trial_touched_;
    EventWriter& events_;
};

}  // namespace tidegate

#include "account_settings.hpp"
#include "amending.hpp"
#include "auction.hpp"
#include "canceling.hpp"
#include "defining.hpp"
#include "filters.hpp"
#include "icebergs.hpp"
#include "matching.hpp"
#include "open_orders.hpp"
#include "placing.hpp"
#include "prefetching.hpp"
#include "protection.hpp"
#include "queries.hpp"
#include "quotes.hpp"
#include "reaching.hpp"
#include "reduce_only.hpp"
#include "replacing.hpp"
#include "telling.hpp"
#include "tick.hpp"
#include "triggers.hpp"
#include "venue.hpp"

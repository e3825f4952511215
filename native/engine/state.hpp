// The state's canonical form (docs/rules/orders.md, last section): written from a machine, read into a
// fresh one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "machine.hpp"

namespace tidegate {

// The bytes are not a state, or not one that fits here.
struct NotAState : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class StateCodec {
public:
    using Bytes = std::vector<unsigned char>;
    using Symbol = Machine<RememberedOrders>;

    static Bytes dump(const Symbol& machine) {
        Bytes out;
        out.reserve(sizeof(Head) + sizeof(InstrumentRules) + 24 + machine.accounts_.count() * sizeof(AccountState) +
                    (std::size_t{machine.orders_.used()} + machine.memory_.ended_count()) * sizeof(OrderState));
        Head head{};
        head.symbol = machine.context_.symbol;
        head.sequence = machine.context_.sequence;
        head.time_ns = machine.context_.time_ns;
        head.trade_id = machine.trade_id_;
        head.phase = static_cast<std::uint8_t>(machine.phase_);
        head.defined = machine.defined_;
        put(out, head);
        put(out, machine.rules_);
        dump_accounts(machine, out);
        dump_open(machine, out);
        put(out, std::uint64_t{machine.memory_.ended_count()});
        for (std::uint32_t age = 0; age < machine.memory_.ended_count(); ++age) put(out, machine.memory_.ended_by_age(age));
        return out;
    }

    // Fills a machine that nothing was ever applied to. Throws NotAState; then the machine is of no use.
    static void load(Symbol& machine, const unsigned char* bytes, std::size_t size) {
        Reader in{bytes, bytes + size};
        load_head(machine, in);
        load_accounts(machine, in);
        load_open(machine, in);
        load_ended(machine, in);
        if (in.at != in.end) throw NotAState("state is longer than its counts say");
    }

private:
    static constexpr std::uint64_t kMagic = 0x3145544154534754;  // "TGSTATE1"

    // Every open order of an account at the position limit may still fill.
    static constexpr std::int64_t kPositionBound = kPositionMax + kQuantityMax * kOpenOrdersPerAccountMax;

    struct [[gnu::packed]] Head {
        std::uint64_t magic = kMagic;
        std::uint32_t symbol;
        std::uint64_t sequence;
        std::int64_t time_ns;
        std::uint64_t trade_id;
        std::uint8_t phase;
        std::uint8_t defined;
        std::uint16_t reserved16;
        std::uint32_t reserved32;
    };
    static_assert(sizeof(Head) == 44);
    struct AccountState {
        std::uint32_t number;
        std::uint32_t reserved;
        std::int64_t position;
    };
    static_assert(sizeof(AccountState) == 16);

    struct Reader {
        const unsigned char* at;
        const unsigned char* end;

        template <typename T>
        T take() {
            if (static_cast<std::size_t>(end - at) < sizeof(T)) throw NotAState("state ends too early");
            T value;
            std::memcpy(static_cast<void*>(&value), at, sizeof(T));
            at += sizeof(T);
            return value;
        }
        // How many of `Item` follow; never more than there are bytes for.
        template <typename Item>
        std::uint64_t take_count(std::uint64_t most) {
            const auto count = take<std::uint64_t>();
            if (count > most || count > static_cast<std::size_t>(end - at) / sizeof(Item)) throw NotAState("state does not fit");
            return count;
        }
    };

    template <typename T>
    static void put(Bytes& out, const T& value) {
        const auto* bytes = reinterpret_cast<const unsigned char*>(&value);
        out.insert(out.end(), bytes, bytes + sizeof(T));
    }

    static void dump_accounts(const Symbol& machine, Bytes& out) {
        std::vector<AccountState> accounts(machine.accounts_.count());
        for (std::uint32_t at = 0; at < machine.accounts_.count(); ++at)
            accounts[at] = {machine.accounts_[at].number, 0, machine.accounts_[at].position};
        std::sort(accounts.begin(), accounts.end(), [](const auto& left, const auto& right) { return left.number < right.number; });
        put(out, std::uint64_t{accounts.size()});
        for (const AccountState& account : accounts) put(out, account);
    }

    static void dump_open(const Symbol& machine, Bytes& out) {
        put(out, std::uint64_t{machine.orders_.used()});
        const PriceLevels& levels = machine.levels_;
        for (auto price = levels.best_bid(); price != PriceLevels::kNoBid; price = levels.next_below(price)) dump_level(machine, price, out);
        for (auto price = levels.best_ask(); price != PriceLevels::kNoAsk; price = levels.next_above(price)) dump_level(machine, price, out);
    }

    static void dump_level(const Symbol& machine, std::uint32_t price, Bytes& out) {
        for (auto handle = machine.levels_.first_at(price); handle != kNothing; handle = machine.orders_[handle].next) {
            const Order& order = machine.orders_[handle];
            OrderState state = order_state(order, machine.accounts_[order.account].number, order.open_status(), Reason::kNone);
            state.leaves = order.leaves();
            set_body(state, machine.orders_.origin(handle));
            state.admission = machine.orders_.origin(handle).admission;
            put(out, state);
        }
    }

    static void load_head(Symbol& machine, Reader& in) {
        const auto head = in.take<Head>();
        const auto rules = in.take<InstrumentRules>();
        if (head.magic != kMagic) throw NotAState("not a state");
        if (head.symbol != machine.context_.symbol) throw NotAState("state of another symbol");
        const bool phase_known = head.phase >= static_cast<std::uint8_t>(Phase::kHalt) && head.phase <= static_cast<std::uint8_t>(Phase::kOpen);
        if (!phase_known || head.defined > 1 || head.reserved16 != 0 || head.reserved32 != 0) throw NotAState("state has impossible values");
        if (head.defined != 0 && !rules_are_sound(rules)) throw NotAState("state has unsound instrument rules");
        machine.context_.sequence = head.sequence;
        machine.context_.time_ns = head.time_ns;
        machine.trade_id_ = head.trade_id;
        machine.phase_ = static_cast<Phase>(head.phase);
        machine.defined_ = head.defined != 0;
        machine.rules_ = rules;
    }

    static void load_accounts(Symbol& machine, Reader& in) {
        const auto count = in.take_count<AccountState>(machine.limits_.accounts_max);
        std::uint32_t previous = 0;
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto account = in.take<AccountState>();
            if (i != 0 && account.number <= previous) throw NotAState("accounts are out of order");
            if (account.position < -kPositionBound || account.position > kPositionBound) throw NotAState("an impossible position");
            previous = account.number;
            machine.accounts_[machine.accounts_.admit(account.number)].position = account.position;
        }
    }

    static void load_open(Symbol& machine, Reader& in) {
        const auto count = in.take_count<OrderState>(machine.limits_.orders_max);
        std::vector<std::uint32_t> handles(count);
        std::vector<OrderState> states(count);
        for (std::uint64_t i = 0; i < count; ++i) {
            states[i] = in.take<OrderState>();
            handles[i] = load_order(machine, states[i]);
        }
        // An account's list is in the order of ids, whatever the places in the book.
        std::vector<std::uint32_t> by_id = handles;
        std::sort(by_id.begin(), by_id.end(), [&](auto left, auto right) { return machine.orders_[left].order_id < machine.orders_[right].order_id; });
        for (std::uint64_t i = 0; i < count; ++i) {
            if (i != 0 && machine.orders_[by_id[i]].order_id == machine.orders_[by_id[i - 1]].order_id) throw NotAState("an order is there twice");
            machine.accounts_.add_order(by_id[i]);
        }
        for (std::uint64_t i = 0; i < count; ++i) {
            machine.put_on_book(handles[i]);
            machine.orders_.origin(handles[i]) = {static_cast<std::int64_t>(states[i].body[1]), static_cast<std::int64_t>(states[i].body[2]), states[i].admission, states[i].body[0] >> 24 & 0xFF};
            machine.memory_.index_open(handles[i]);
        }
        if (machine.levels_.crosses(Side::kBuy, machine.levels_.best_bid())) throw NotAState("state has a crossed book");
    }

    static std::uint32_t load_order(Symbol& machine, const OrderState& state) {
        const bool sided = state.side == static_cast<std::uint8_t>(Side::kBuy) || state.side == static_cast<std::uint8_t>(Side::kSell);
        const bool sized = state.filled >= 0 && state.quantity > state.filled && state.quantity <= kQuantityMax && state.leaves == state.quantity - state.filled;
        const std::uint32_t account = machine.accounts_.find(state.account);
        if (!sided || !sized || state.price < 1 || state.price > kPriceMax || account == kNothing || state.flags > 1 ||
            state.order_id == 0 || state.order_id > machine.context_.sequence)
            throw NotAState("state has an impossible open order");
        const std::uint32_t handle = machine.orders_.take();
        machine.orders_[handle] = {state.order_id, state.client_order_id, state.quantity, state.filled, static_cast<std::uint32_t>(state.price), account, kNothing, kNothing, kNothing, kNothing, state.stp_group, static_cast<Side>(state.side), static_cast<TimeInForce>(state.time_in_force), static_cast<SelfTradePrevention>(state.stp_mode), state.flags};
        return handle;
    }

    static void load_ended(Symbol& machine, Reader& in) {
        const auto count = in.take_count<OrderState>(machine.memory_.retained_max());
        for (std::uint64_t i = 0; i < count; ++i) machine.memory_.keep(in.take<OrderState>());
    }
};

}  // namespace tidegate

// Writes the state's canonical form (docs/rules/state.md). state_loading.hpp reads it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "machine.hpp"
#include "state_records.hpp"

namespace tidegate {

class StateCodec {
public:
    using Bytes = std::vector<unsigned char>;
    using Symbol = Machine<RememberedOrders>;

    static Bytes dump(const Symbol& machine) {
        Bytes out;
        out.reserve(sizeof(StateHead) + sizeof(InstrumentRules) + 48 + machine.accounts_.count() * sizeof(AccountState) +
                    machine.orders_.used() * (sizeof(OpenState) + 8) + machine.memory_.ended_count() * sizeof(OrderState));
        put(out, head_of(machine));
        put(out, machine.rules_);
        dump_accounts(machine, out);
        put(out, std::uint64_t{machine.groups_.all().size()});
        for (const auto& [key, group] : machine.groups_.all()) put(out, group);
        dump_open(machine, out);
        dump_due(machine, out);
        put(out, std::uint64_t{machine.memory_.ended_count()});
        machine.memory_.for_each_ended([&](const OrderState& state) { put(out, state); });
        return out;
    }

    // Fills a machine that nothing was ever applied to. Throws NotAState; then the machine is of no use.
    static void load(Symbol& machine, const unsigned char* bytes, std::size_t size);

private:
    struct Loader;

    template <typename T>
    static void put(Bytes& out, const T& value) {
        const auto* bytes = reinterpret_cast<const unsigned char*>(&value);
        out.insert(out.end(), bytes, bytes + sizeof(T));
    }

    static StateHead head_of(const Symbol& machine) {
        StateHead head{};
        head.symbol = machine.context_.symbol;
        head.sequence = machine.context_.sequence;
        head.time_ns = machine.context_.time_ns;
        head.trade_id = machine.trade_id_;
        head.phase = static_cast<std::uint8_t>(machine.phase_);
        head.defined = machine.defined_;
        head.uncrossing = static_cast<std::uint8_t>(machine.uncrossing_.to);
        head.round_told = machine.uncrossing_.round_told;
        head.uncrossing_reason = machine.uncrossing_.reason;
        head.mark = machine.prices_.mark;
        head.index = machine.prices_.index;
        head.last = machine.prices_.last;
        head.funding_rate = machine.prices_.funding_rate;
        head.next_funding_time_ns = machine.prices_.next_funding_time_ns;
        head.source_time_ns = machine.prices_.source_time_ns;
        head.definition_sequence = machine.definition_sequence_;
        head.indicative_time_ns = machine.indicative_time_ns_;
        head.indicative_pending = machine.indicative_pending_;
        head.uncrossing_price = machine.uncrossing_.price;
        return head;
    }

    static void dump_accounts(const Symbol& machine, Bytes& out) {
        std::vector<AccountState> accounts(machine.accounts_.count());
        for (std::uint32_t at = 0; at < machine.accounts_.count(); ++at) {
            const Account& account = machine.accounts_[at];
            accounts[at] = {account.number, static_cast<std::uint8_t>(account.mode), {}, account.position, account.short_position, account.countdown_deadline_ns, account.countdown_ms};
        }
        std::sort(accounts.begin(), accounts.end(), [](const auto& left, const auto& right) { return left.number < right.number; });
        put(out, std::uint64_t{accounts.size()});
        for (const AccountState& account : accounts) put(out, account);
    }

    // On the book, then waiting.
    static void dump_open(const Symbol& machine, Bytes& out) {
        std::vector<std::uint32_t> waiting;
        for (std::uint32_t at = 0; at < machine.accounts_.count(); ++at) {
            if (machine.accounts_[at].waiting == 0) continue;
            for (std::uint32_t handle = machine.accounts_[at].oldest; handle != kNothing; handle = machine.orders_[handle].account_next)
                if (!machine.orders_[handle].resting()) waiting.push_back(handle);
        }
        const OrderArena& orders = machine.orders_;
        std::sort(waiting.begin(), waiting.end(), [&](auto left, auto right) { return order_age(orders[left].order_id) < order_age(orders[right].order_id); });
        put(out, std::uint64_t{orders.used() - waiting.size()});
        for (const Side side : {Side::kBuy, Side::kSell}) machine.levels_.for_each(side, [&](std::uint32_t handle) { put(out, open_state(machine, handle)); });
        put(out, std::uint64_t{waiting.size()});
        for (const std::uint32_t handle : waiting) put(out, open_state(machine, handle));
    }

    static OpenState open_state(const Symbol& machine, std::uint32_t handle) {
        const Order& order = machine.orders_[handle];
        const OrderTerms& terms = machine.orders_.terms(handle);
        OpenState state{};
        state.order = order_state(order, terms, machine.accounts_[order.account].number, machine.open_status(order), Reason::kNone);
        state.order.leaves = order.leaves();
        set_body(state.order, terms);
        state.order.admission = terms.admission;
        (terms.type == OrderType::kTrailingStop ? state.extreme : state.shown) = terms.shown;
        state.trigger_price = terms.trigger_price;
        state.session = terms.session;
        state.waiting = static_cast<std::uint8_t>(terms.waiting);
        state.group = terms.group;
        state.direction = terms.untriggered() ? static_cast<std::uint8_t>(terms.direction) : std::uint8_t{0};
        state.untold = terms.untold;
        state.expiry_ns = terms.expiry_ns;
        return state;
    }

    static void dump_due(const Symbol& machine, Bytes& out) {
        put(out, std::uint64_t{machine.due_.count()});
        machine.due_.for_each([&](DueQueue::Entry entry) { put(out, machine.orders_[entry.handle].order_id); });
    }
};

}  // namespace tidegate

#include "state_loading.hpp"

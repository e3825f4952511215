// Reads the state's canonical form. What is read must be possible, and it must be exactly what a dump of the
// loaded state gives: so nothing in it is ignored.
#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include "state.hpp"

namespace tidegate {

struct StateCodec::Loader {
    Symbol& machine;
    const unsigned char* at;
    const unsigned char* end;

    // Every open order of an account at the position limit may still fill.
    static constexpr std::int64_t kPositionBound = kPositionMax + kQuantityMax * kOpenOrdersPerAccountMax;

    static void require(bool holds, const char* otherwise) {
        if (!holds) throw NotAState(otherwise);
    }
    static bool in_range(std::int64_t value, std::int64_t least, std::int64_t most) { return value >= least && value <= most; }

    template <typename T>
    T take() {
        require(static_cast<std::size_t>(end - at) >= sizeof(T), "state ends too early");
        T value;
        std::memcpy(static_cast<void*>(&value), at, sizeof(T));
        at += sizeof(T);
        return value;
    }
    // How many of `Item` follow; never more than there are bytes for.
    template <typename Item>
    std::uint64_t take_count(std::uint64_t most) {
        const auto count = take<std::uint64_t>();
        require(count <= most && count <= static_cast<std::size_t>(end - at) / sizeof(Item), "state does not fit");
        return count;
    }

    void load_all() {
        load_head();
        load_accounts();
        load_groups();
        load_resting();
        load_waiting();
        list_by_age();
        load_due();
        load_ended();
        require(at == end, "state is longer than its counts say");
    }

    void load_head() {
        const auto head = take<StateHead>();
        machine.rules_ = take<InstrumentRules>();
        require(head.magic == kStateMagic, "not a state");
        require(head.symbol == machine.context_.symbol, "state of another symbol");
        require(head.sequence < kAskOfQuote && in_range(head.time_ns, 0, kNever - kCountdownMaxMs * 1'000'000), "state of an impossible moment");
        const auto phase = static_cast<Phase>(head.phase);
        const auto to = static_cast<Phase>(head.uncrossing);
        require(phase >= Phase::kHalt && phase <= Phase::kSettlement && head.defined <= 1 && head.indicative_pending <= 1, "state has impossible values");
        require(to == Phase::kNone || to == Phase::kPostOnly || to == Phase::kOpen || to == Phase::kReduceOnly, "state uncrosses to an impossible phase");
        require(to == Phase::kNone ? head.round_told == 0 && head.uncrossing_reason == 0 && head.uncrossing_price == 0
                                   : head.round_told == (head.uncrossing_price != 0) && head.uncrossing_reason <= UINT16_MAX && phase != Phase::kOpen && phase != Phase::kReduceOnly && phase != Phase::kPostOnly,
                "state has an impossible uncrossing");
        for (const std::int64_t price : {head.mark, head.index, head.last, head.uncrossing_price}) require(in_range(price, 0, kPriceMax), "state has an impossible price");
        require((head.definition_sequence != 0) == (head.defined != 0) && head.definition_sequence <= head.sequence, "state has an impossible definition");
        const InstrumentRules& rules = machine.rules_;
        require(std::all_of(reinterpret_cast<const unsigned char*>(&rules), reinterpret_cast<const unsigned char*>(&rules) + (head.defined ? sizeof(rules.header) : sizeof(rules)), [](unsigned char byte) { return byte == 0; }),
                "state has bytes where there are none");
        require(head.defined == 0 || rules_are_sound(rules), "state has unsound instrument rules");
        require(phase == Phase::kAuction ? head.indicative_time_ns >= 0 && head.indicative_time_ns <= head.time_ns : head.indicative_time_ns == 0 && head.indicative_pending == 0, "state has an impossible auction");
        machine.context_.sequence = head.sequence;
        machine.context_.time_ns = head.time_ns;
        machine.trade_id_ = head.trade_id;
        machine.phase_ = phase;
        machine.defined_ = head.defined != 0;
        machine.definition_sequence_ = head.definition_sequence;
        machine.prices_ = {head.mark, head.index, head.last, head.funding_rate, head.next_funding_time_ns, head.source_time_ns};
        machine.uncrossing_ = {to, head.round_told, head.uncrossing_reason, head.uncrossing_price};
        machine.indicative_time_ns_ = head.indicative_time_ns;
        machine.indicative_pending_ = head.indicative_pending != 0;
    }

    void load_accounts() {
        const auto count = take_count<AccountState>(machine.limits_.accounts_max);
        std::uint32_t previous = 0;
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto state = take<AccountState>();
            require(i == 0 || state.number > previous, "accounts are out of order");
            previous = state.number;
            const auto mode = static_cast<PositionMode>(state.mode);
            require(mode == PositionMode::kOneWay ? state.short_position == 0 : mode == PositionMode::kHedge && state.position >= 0 && state.short_position <= 0, "an impossible position mode");
            require(in_range(state.position, -kPositionBound, kPositionBound) && in_range(state.short_position, -kPositionBound, 0), "an impossible position");
            require(in_range(state.countdown_ms, 0, kCountdownMaxMs) && (state.countdown_ms != 0) == (state.countdown_deadline_ns != 0) && state.countdown_deadline_ns >= 0, "an impossible countdown");
            const std::uint32_t index = machine.accounts_.admit(state.number);
            Account& account = machine.accounts_[index];
            account.mode = mode;
            account.position = state.position;
            account.short_position = state.short_position;
            account.countdown_ms = state.countdown_ms;
            account.countdown_deadline_ns = state.countdown_deadline_ns;
            if (state.countdown_ms != 0) machine.countdowns_.insert({state.countdown_deadline_ns, state.number, index});
        }
    }

    void load_groups() {
        const auto count = take_count<GroupState>(std::uint64_t{machine.limits_.accounts_max} * kGroupsMax);
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto group = take<GroupState>();
            bool possible = machine.accounts_.find(group.account) != kNothing && in_range(group.group, 1, kGroupsMax) && group.frozen <= 1 && group.fills <= kQuantityMax && in_range(group.window_ms, 1, kCountdownMaxMs);
            for (const std::int64_t number : {group.fills_limit, group.quantity_limit, group.notional_limit, group.window_start_ns, group.fills, group.quantity, group.notional})
                possible = possible && number >= 0;
            require(possible, "an impossible protection group");
            machine.groups_.insert(group);
        }
    }

    void load_resting() {
        const auto count = take_count<OpenState>(machine.limits_.orders_max);
        std::vector<std::uint32_t> handles(count);
        std::vector<OpenState> states(count);
        for (std::uint64_t i = 0; i < count; ++i) {
            states[i] = take<OpenState>();
            require(states[i].waiting == 0 && states[i].untold == 0, "an order rests and waits");
            handles[i] = load_order(states[i]);
        }
        index(handles);
        for (std::uint64_t i = 0; i < count; ++i) {
            const OpenState& state = states[i];
            const std::uint32_t handle = handles[i];
            machine.put_on_book(handle);
            OrderTerms& terms = machine.orders_.terms(handle);
            const bool iceberg = machine.orders_[handle].is(kOrderIceberg);
            require(!iceberg || in_range(state.shown, 1, std::min(terms.display, state.order.leaves)), "an iceberg shows too much");
            require(state.order.price >= 1 && rests_when_left(static_cast<TimeInForce>(state.order.time_in_force)), "an order cannot rest");
            if (iceberg) terms.shown = state.shown;
            terms.admission = state.order.admission;
        }
        const Phase phase = machine.phase_;
        const bool may_cross = phase == Phase::kAuction || phase == Phase::kHalt || phase == Phase::kCancelOnly || phase == Phase::kSettlement;
        require(may_cross || !machine.levels_.crossed(), "state has a crossed book");
    }

    void load_waiting() {
        const auto count = take_count<OpenState>(machine.limits_.orders_max - machine.orders_.used());
        std::vector<std::uint32_t> handles(count);
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto state = take<OpenState>();
            handles[i] = load_order(state);
            OrderTerms& terms = machine.orders_.terms(handles[i]);
            terms.waiting = static_cast<Waiting>(state.waiting & 3);
            terms.direction = static_cast<Direction>(state.direction & 3);
            terms.untold = state.untold & 1;
            terms.extreme = terms.type == OrderType::kTrailingStop ? state.extreme : 0;
            require(possible_waiting(machine.orders_[handles[i]], terms), "an order waits impossibly");
            Account& account = machine.accounts_[machine.orders_[handles[i]].account];
            ++account.waiting;
            account.grouped += terms.group != 0;
            if (terms.waiting == Waiting::kForPrice) machine.link_waiting(handles[i]);
            if (terms.untold && !machine.triggers_work()) machine.triggers_.untold().insert({0, order_age(state.order.order_id), handles[i]});
        }
        index(handles);
    }

    bool possible_waiting(const Order& order, const OrderTerms& terms) const {
        if (!is_trigger_type(terms.type) || !terms.untriggered() || order.filled != 0 || terms.direction == Direction::kNone) return false;
        if (terms.waiting == Waiting::kDue && !machine.triggers_work()) return false;
        if (terms.trigger_by < TriggerBy::kMark || terms.trigger_by > TriggerBy::kIndex) return false;
        const Direction direction = trigger_direction(terms.type, order.side);
        if (terms.type != OrderType::kTrailingStop) return !terms.untold && terms.direction == direction && in_range(terms.trigger_price, 1, kPriceMax);
        if (!in_range(terms.callback_bps, 1, kCallbackMaxBps) || !in_range(terms.extreme, 0, kPriceMax)) return false;
        if (terms.extreme == 0) return !terms.untold && terms.waiting == Waiting::kForPrice && terms.trigger_price == 0 && in_range(terms.trigger_sent, 1, kPriceMax);
        return terms.direction == direction && terms.trigger_price == trailing_price(order.side, terms.extreme, terms.callback_bps);
    }

    // An order that is in the queue twice is to be told before it is due.
    void load_due() {
        const auto count = take_count<std::uint64_t>(2 * std::uint64_t{machine.orders_.used()});
        std::vector<bool> told(machine.limits_.orders_max), due(machine.limits_.orders_max);
        for (std::uint64_t i = 0; i < count; ++i) {
            const std::uint32_t handle = machine.memory_.find(take<std::uint64_t>()).open;
            require(handle != kNothing && machine.triggers_work(), "an order is due that is not there");
            const OrderTerms& terms = machine.orders_.terms(handle);
            const bool to_tell = terms.untold && !told[handle];
            require(to_tell || (terms.waiting == Waiting::kDue && !due[handle]), "an order is due that is not waiting");
            (to_tell ? told : due)[handle] = true;
            machine.due_.push_back({handle, to_tell});
        }
        for (const std::uint32_t handle : loaded) {
            const OrderTerms& terms = machine.orders_.terms(handle);
            const bool missing = (terms.untold && !told[handle]) || (terms.waiting == Waiting::kDue && !due[handle]);
            require(!machine.triggers_work() || !missing, "an order that is due is not in the queue");
        }
    }

    void load_ended() {
        const auto count = take_count<OrderState>(machine.memory_.retained_max());
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto state = take<OrderState>();
            const bool ended = in_range(state.status, static_cast<std::uint8_t>(OrderStatus::kFilled), static_cast<std::uint8_t>(OrderStatus::kRejected));
            require(ended && tells_legs(state) && state.order_id != 0 && state.order_id <= machine.context_.sequence && machine.accounts_.find(state.account) != kNothing, "state has an impossible ended order");
            require_unknown(state);
            machine.memory_.keep(state);
        }
    }

    // The legs that its flags tell are those that were sent.
    static bool tells_legs(const OrderState& state) {
        const std::uint64_t sent = state.body[0] >> 32;
        return ((state.flags & kLongLeg) != 0) == ((sent & kCommandLong) != 0) && ((state.flags & kShortLeg) != 0) == ((sent & kCommandShort) != 0);
    }

    void require_unknown(const OrderState& state) const {
        const Found by_id = machine.memory_.find(state.order_id);
        const Found by_client = machine.memory_.find_client(state.account, state.client_order_id);
        require(by_id.open == kNothing && by_id.ended == nullptr && by_client.open == kNothing && by_client.ended == nullptr, "an order is there twice");
    }

    // An open order in the arena, in no list and no index yet.
    std::uint32_t load_order(const OpenState& open) {
        const OrderState& state = open.order;
        const bool sided = state.side == static_cast<std::uint8_t>(Side::kBuy) || state.side == static_cast<std::uint8_t>(Side::kSell);
        const bool closes = (state.body[0] >> 32 & kCommandClosePosition) != 0;
        const bool sized = in_range(state.filled, 0, INT64_MAX - kQuantityMax) && in_range(state.leaves, closes ? 0 : 1, kQuantityMax) && state.quantity == state.filled + state.leaves;
        const auto type = static_cast<OrderType>(state.order_type);
        const bool quote = type == OrderType::kQuote;
        const std::uint32_t account = machine.accounts_.find(state.account);
        const bool identified = state.order_id != 0 && (state.order_id & ~(quote ? kAskOfQuote : 0)) <= machine.context_.sequence;
        const bool timed = state.time_in_force >= 1 && state.time_in_force <= static_cast<std::uint8_t>(TimeInForce::kGtxSlide) && state.stp_mode >= 1 && state.stp_mode <= static_cast<std::uint8_t>(SelfTradePrevention::kDecrement);
        require(sided && sized && identified && timed && in_range(state.price, 0, kPriceMax) && account != kNothing && type >= OrderType::kLimit && type <= OrderType::kQuote && open.group <= kGroupsMax,
                "state has an impossible open order");
        const int legs = ((state.flags & kLongLeg) != 0) + ((state.flags & kShortLeg) != 0);
        require(tells_legs(state) && legs == (machine.accounts_[account].mode == PositionMode::kHedge), "an order of an impossible leg");
        const OrderTerms terms = load_terms(open);
        std::uint8_t flags = state.flags & kOrderShownFlags;
        if (is_market_type(type)) flags |= kOrderMarket;
        if (quote) flags |= kOrderQuote;
        if (terms.group != 0) flags |= kOrderGrouped;
        if (is_special(type, static_cast<TimeInForce>(state.time_in_force), terms.display, terms.group, terms.flags_sent)) flags |= kOrderSpecial;
        require(((flags & kOrderIceberg) != 0) == (terms.display != 0) && terms.display >= 0, "an iceberg without a display");
        const std::uint32_t handle = machine.orders_.take();
        machine.orders_.terms(handle) = terms;
        machine.orders_[handle] = {state.order_id, state.client_order_id, state.quantity, state.filled, static_cast<std::uint32_t>(state.price), account, kNothing, kNothing, kNothing, kNothing, state.stp_group, static_cast<Side>(state.side), static_cast<TimeInForce>(state.time_in_force), static_cast<SelfTradePrevention>(state.stp_mode), flags};
        return handle;
    }

    static OrderTerms load_terms(const OpenState& open) {
        const std::uint64_t* body = open.order.body;
        OrderTerms terms{};
        terms.quantity = static_cast<std::int64_t>(body[2]);
        terms.expiry_ns = open.expiry_ns;
        terms.display = static_cast<std::int64_t>(body[6]);
        terms.price = static_cast<std::uint32_t>(body[1]);
        terms.trigger_sent = static_cast<std::uint32_t>(body[4]);
        terms.trigger_price = static_cast<std::uint32_t>(open.trigger_price);
        terms.session = open.session;
        terms.callback_bps = static_cast<std::uint16_t>(body[0] >> 48);
        terms.type = static_cast<OrderType>(open.order.order_type);
        terms.stp_mode = static_cast<std::uint8_t>(body[0] >> 24);
        terms.flags_sent = static_cast<std::uint8_t>(body[0] >> 32);
        terms.trigger_by = static_cast<TriggerBy>(body[0] >> 40 & 0xFF);
        terms.group = open.group;
        return terms;
    }

    void index(const std::vector<std::uint32_t>& handles) {
        loaded.insert(loaded.end(), handles.begin(), handles.end());
        for (const std::uint32_t handle : handles) {
            const Order& order = machine.orders_[handle];
            const std::uint32_t number = machine.accounts_[order.account].number;
            const std::uint32_t same_client = order.is(kOrderQuote) ? machine.memory_.find_quote(order.account, order.client_order_id, order.side)
                                                                    : machine.memory_.find_client(number, order.client_order_id).open;
            require(machine.memory_.find(order.order_id).open == kNothing && same_client == kNothing, "an order is there twice");
            machine.memory_.opened(handle);
            if (order.time_in_force == TimeInForce::kGtd) machine.expiries_.insert({machine.orders_.terms(handle).expiry_ns, order_age(order.order_id), handle});
        }
    }

    // The accounts' lists are in the order of ages, whatever the places in the book.
    void list_by_age() {
        const auto age = [&](std::uint32_t handle) { return order_age(machine.orders_[handle].order_id); };
        std::sort(loaded.begin(), loaded.end(), [&](auto left, auto right) { return age(left) < age(right); });
        for (const std::uint32_t handle : loaded) machine.accounts_.add_order(handle);
    }

    std::vector<std::uint32_t> loaded;  // open orders
};

inline void StateCodec::load(Symbol& machine, const unsigned char* bytes, std::size_t size) {
    Loader{machine, bytes, bytes + size, {}}.load_all();
    const Bytes loaded = dump(machine);
    Loader::require(loaded.size() == size && std::memcmp(loaded.data(), bytes, size) == 0, "state is not in its canonical form");
}

}  // namespace tidegate

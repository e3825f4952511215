// PLACE: the checks in their order (INS-2), acceptance, and what is left after matching.
#pragma once

#include "machine.hpp"

namespace tidegate {

template <class Memory>
void Machine<Memory>::place(const Command& command) {
    if constexpr (Memory::kRemembers) {
        if (command.client_order_id == 0) return refuse(command, Reason::kInvalidClientOrderId, false);
        const Found known = memory_.find_client(command.header.account, command.client_order_id);
        if (known.open != kNothing || known.ended != nullptr) return place_repeated(command, known);
    }
    std::uint32_t account = kNothing;
    const Reason reason = check_place(command, account);
    if (reason != Reason::kNone) return refuse(command, reason, reason != Reason::kAccountTableFull);

    Order order = new_order(command, account);
    const bool market = (order.flags & kOrderMarket) != 0;
    const std::uint32_t limit = !market ? order.price : order.side == Side::kBuy ? static_cast<std::uint32_t>(kPriceMax) : 1;
    const bool may_rest = order.time_in_force == TimeInForce::kGtc || order.time_in_force == TimeInForce::kGtx;
    if (may_rest && !levels_.crosses(order.side, limit)) {
        tell(EventType::kAccepted, order, OrderStatus::kNew, order.quantity, kOnBook);
        const std::uint32_t handle = orders_.take();
        orders_[handle] = order;
        accounts_.add_order(handle);
        memory_.opened(handle, command);
        put_on_book(handle);
        return;
    }
    tell(EventType::kAccepted, order, OrderStatus::kNew, order.quantity, 0);
    Taker taker{&order, kNothing, limit, &command};
    if (order.time_in_force == TimeInForce::kFok && reachable(order, limit) < order.quantity)
        return expire_taker(taker, Reason::kFokNotFillable);
    match(taker);
    settle_remainder(taker);
}

// The client order id is known (ORD-3): the same request gets the original result again.
template <class Memory>
void Machine<Memory>::place_repeated(const Command& command, const Found& known) {
    OrderState sent{};
    set_body(sent, command);
    OrderState original{};
    if (known.ended != nullptr) {
        original = *known.ended;
    } else {
        original = order_state(orders_[known.open], 0, OrderStatus::kNew, Reason::kNone);
        set_body(original, orders_.origin(known.open));
    }
    if (same_body(sent, original)) tell_state(known, kDuplicate);
    else refuse(command, Reason::kDuplicateClientOrderId, false);
}

template <class Memory>
void Machine<Memory>::refuse(const Command& command, Reason reason, bool remembered) {
    const std::uint64_t order_id = remembered ? context_.sequence : 0;
    tell(EventType::kRejected, refused_state(command, order_id, reason), 0);
    if (remembered) memory_.refused(command, order_id, reason);
}

template <class Memory>
Reason Machine<Memory>::check_place(const Command& command, std::uint32_t& account) {
    if (phase_ != Phase::kOpen) {
        const bool post_only = command.header.time_in_force == static_cast<std::uint8_t>(TimeInForce::kGtx);
        if (phase_ != Phase::kPostOnly || !post_only) return Reason::kPhaseForbids;
    }
    account = accounts_.admit(command.header.account);
    if (account == kNothing) return Reason::kAccountTableFull;
    if (const Reason reason = check_kinds(command); reason != Reason::kNone) return reason;
    if (const Reason reason = check_numbers(command); reason != Reason::kNone) return reason;
    return check_room(command, accounts_[account]);
}

template <class Memory>
Reason Machine<Memory>::check_kinds(const Command& command) const {
    const RecordHeader& header = command.header;
    if (header.side != static_cast<std::uint8_t>(Side::kBuy) && header.side != static_cast<std::uint8_t>(Side::kSell))
        return Reason::kInvalidSide;
    const bool market = header.order_type == static_cast<std::uint8_t>(OrderType::kMarket);
    if (!market && header.order_type != static_cast<std::uint8_t>(OrderType::kLimit)) return Reason::kInvalidOrderType;
    const auto time_in_force = static_cast<TimeInForce>(header.time_in_force);
    if (time_in_force < TimeInForce::kGtc || time_in_force > TimeInForce::kGtx) return Reason::kInvalidTimeInForce;
    const bool immediate = time_in_force == TimeInForce::kIoc || time_in_force == TimeInForce::kFok;
    if (market && (!immediate || command.price != 0)) return Reason::kInvalidCombination;
    if (command.stp_mode > static_cast<std::uint8_t>(SelfTradePrevention::kDecrement)) return Reason::kInvalidStpMode;
    return Reason::kNone;
}

template <class Memory>
Reason Machine<Memory>::check_numbers(const Command& command) const {
    const bool market = command.header.order_type == static_cast<std::uint8_t>(OrderType::kMarket);
    if (!market && (command.price < rules_.price_min || command.price > rules_.price_max)) return Reason::kPriceOutOfRange;
    if (command.quantity < rules_.quantity_min || command.quantity > rules_.quantity_max) return Reason::kQuantityOutOfRange;
    if (!market) return check_notional(command.price, command.quantity, (command.header.flags & kCommandReduceOnly) != 0);
    return command.quantity > rules_.market_quantity_max ? Reason::kMarketQuantityOutOfRange : Reason::kNone;
}

// price x quantity x tick_lot_value in 128 bits; none of the factors is negative.
template <class Memory>
Reason Machine<Memory>::check_notional(std::int64_t price, std::int64_t quantity, bool reduce_only) const {
    __extension__ using Wide = __int128;
    const Wide lots = static_cast<Wide>(price) * quantity;
    if (lots > INT64_MAX) return Reason::kNotionalOverflow;
    const Wide notional = lots * rules_.tick_lot_value;
    if (notional > INT64_MAX) return Reason::kNotionalOverflow;
    return notional < rules_.notional_min && !reduce_only ? Reason::kNotionalTooSmall : Reason::kNone;
}

template <class Memory>
Reason Machine<Memory>::check_room(const Command& command, const Account& account) const {
    const auto time_in_force = static_cast<TimeInForce>(command.header.time_in_force);
    const bool may_rest = time_in_force == TimeInForce::kGtc || time_in_force == TimeInForce::kGtx;
    if (may_rest && account.open_orders >= rules_.open_orders_max) return Reason::kTooManyOpenOrders;
    const std::int64_t held = account.position < 0 ? -account.position : account.position;
    if (held + command.quantity > kPositionMax) return Reason::kPositionLimit;
    const auto side = static_cast<Side>(command.header.side);
    if ((command.header.flags & kCommandReduceOnly) != 0 && account.reducible(side) == 0) return Reason::kReduceOnlyRejected;
    if (may_rest && orders_.full()) return Reason::kBookFull;
    if (time_in_force == TimeInForce::kGtx && levels_.crosses(side, static_cast<std::uint32_t>(command.price)))
        return Reason::kPostOnlyWouldCross;
    return Reason::kNone;
}

// The order that a PLACE which has passed its checks asks for; reduce-only is clamped to the position.
template <class Memory>
Order Machine<Memory>::new_order(const Command& command, std::uint32_t account) const {
    Order order{};
    order.order_id = context_.sequence;
    order.client_order_id = command.client_order_id;
    order.quantity = command.quantity;
    order.price = static_cast<std::uint32_t>(command.price);
    order.account = account;
    order.stp_group = command.stp_group;
    order.side = static_cast<Side>(command.header.side);
    order.time_in_force = static_cast<TimeInForce>(command.header.time_in_force);
    order.stp_mode = static_cast<SelfTradePrevention>(resolved_stp_mode(command.stp_mode));
    if (command.header.order_type == static_cast<std::uint8_t>(OrderType::kMarket)) order.flags |= kOrderMarket;
    if ((command.header.flags & kCommandReduceOnly) != 0) {
        order.flags |= kOrderReduceOnly;
        const std::int64_t reducible = accounts_[account].reducible(order.side);
        if (order.quantity > reducible) order.quantity = reducible;
    }
    return order;
}

// What matching has left of an order rests or expires.
template <class Memory>
void Machine<Memory>::settle_remainder(Taker& taker) {
    if (!taker.open) return;
    const Order& order = *taker.order;
    TIDEGATE_ASSERT(order.leaves() > 0);
    if ((order.flags & kOrderMarket) != 0) return expire_taker(taker, Reason::kMarketRemainder);
    if (order.time_in_force == TimeInForce::kIoc) return expire_taker(taker, Reason::kIocRemainder);
    TIDEGATE_ASSERT(order.time_in_force == TimeInForce::kGtc);
    tell_open(EventType::kRested, order, kOnBook);
    std::uint32_t handle = taker.handle;
    if (handle == kNothing) {
        handle = orders_.take();
        orders_[handle] = order;
        accounts_.add_order(handle);
        memory_.opened(handle, *taker.sent);
    }
    put_on_book(handle);
}

}  // namespace tidegate

// Matching: strict price, then time (MAT-1); self-trade prevention (ORD-6).
#pragma once

#include <algorithm>

#include "machine.hpp"

namespace tidegate {

template <class Memory>
void Machine<Memory>::match(Taker& taker) {
    const Order& order = *taker.order;
    const Side side = order.side;
    const std::uint64_t trades_before = trade_id_;
    std::int64_t first_price = 0;
    std::uint32_t steps = 0;
    while (taker.open && levels_.crosses(side, taker.limit)) {
        const std::uint32_t maker = levels_.best_maker(side);
        if (steps == kFillsPerCommandMax || events_.of_command() + step_events(order, orders_[maker]) > kMatchingEventsMax) {
            expire_taker(taker, Reason::kFillLimit);
            break;
        }
        ++steps;
        if (same_group(order, orders_[maker]) && order.stp_mode != SelfTradePrevention::kNone) {
            prevent(taker, maker);
        } else {
            if (first_price == 0) first_price = orders_[maker].price;
            trade(taker, maker);
        }
    }
    if (trade_id_ == trades_before || nodes_.unused()) return;
    const std::int64_t last_price = prices_.last;
    observe(TriggerBy::kLast, first_price);
    if (last_price != first_price) observe(TriggerBy::kLast, last_price);
}

// The most events that a step between these two can tell: the trade or two ends, the taker's own reduction, the
// hook for every resting reduce-only order of both accounts, and all that protection may pull.
template <class Memory>
[[gnu::always_inline]] inline std::uint32_t Machine<Memory>::step_events(const Order& taker, const Order& maker) const {
    const auto may_tell = [](const Account& account) { return account.reduce_only + account.grouped; };
    return 2 + may_tell(accounts_[maker.account]) + (taker.account == maker.account ? 0 : may_tell(accounts_[taker.account]));
}

template <class Memory>
void Machine<Memory>::prevent(Taker& taker, std::uint32_t maker) {
    switch (taker.order->stp_mode) {
        case SelfTradePrevention::kExpireTaker:
            return expire_taker(taker, Reason::kSelfTrade);
        case SelfTradePrevention::kExpireMaker:
            return end_open(maker, OrderStatus::kExpired, Reason::kSelfTrade);
        case SelfTradePrevention::kExpireBoth:
            end_open(maker, OrderStatus::kExpired, Reason::kSelfTrade);
            return expire_taker(taker, Reason::kSelfTrade);
        case SelfTradePrevention::kDecrement:
            return decrement(taker, maker);
        case SelfTradePrevention::kDefault:
        case SelfTradePrevention::kNone:
            break;
    }
    TIDEGATE_ASSERT(!"a self-trade prevention mode that is resolved and not NONE");
}

// Both lose the smaller quantity.
template <class Memory>
void Machine<Memory>::decrement(Taker& taker, std::uint32_t maker) {
    const std::int64_t both = std::min(taker.order->leaves(), orders_[maker].leaves());
    if (both < orders_[maker].leaves()) reduce(orders_[maker], both, Reason::kSelfTrade, kOnBook);
    else end_open(maker, OrderStatus::kExpired, Reason::kSelfTrade);
    if (both < taker.order->leaves()) reduce(*taker.order, both, Reason::kSelfTrade, 0);
    else expire_taker(taker, Reason::kSelfTrade);
}

template <class Memory>
void Machine<Memory>::trade(Taker& taker, std::uint32_t maker_handle) {
    Order& order = *taker.order;
    Order& maker = orders_[maker_handle];
    const std::int64_t price = maker.price;
    const std::int64_t quantity = std::min(order.leaves(), offered(maker));
    TIDEGATE_ASSERT(quantity > 0);
    const Fill taken = fill_of(order);
    const Fill made = fill_of(maker);
    order.filled += quantity;
    maker.filled += quantity;
    levels_.lower(maker, quantity);
    const bool moved = move_positions(order, maker, quantity);
    Event& event = tell_trade(order, maker, price, quantity);
    if (maker.is(kOrderIceberg)) trade_from_iceberg(maker_handle, quantity, event);
    if (maker.leaves() == 0) {
        take_off_book(maker_handle);
        leave(maker_handle, OrderStatus::kFilled, Reason::kNone);
    }
    if (order.leaves() == 0) end_taker(taker, OrderStatus::kFilled, Reason::kNone);
    if (moved && (reduce_only_.count() != 0 || order.reduce_only())) {
        hold_reduce_only(made.account, made.short_leg, &taker);
        hold_reduce_only(taken.account, taken.short_leg, &taker);
    }
    if (made.group != 0) count_fill(made.account, made.group, price, quantity, &taker);
    if (taken.group != 0) count_fill(taken.account, taken.group, price, quantity, &taker);
}

template <class Memory>
typename Machine<Memory>::Fill Machine<Memory>::fill_of(const Order& order) const {
    return {order.account, order.is(kOrderShortLeg), order.is(kOrderGrouped) ? terms_of(order).group : std::uint8_t{0}};
}

}  // namespace tidegate

// Matching: strict price, then time (MAT-1); self-trade prevention (ORD-6); what a FOK could reach (ORD-7).
#pragma once

#include <algorithm>

#include "machine.hpp"

namespace tidegate {

template <class Memory>
void Machine<Memory>::match(Taker& taker) {
    const Order& order = *taker.order;
    const Side side = order.side;
    std::uint32_t steps = 0;
    std::uint32_t events = 0;
    while (taker.open && levels_.crosses(side, taker.limit)) {
        const std::uint32_t maker = levels_.best_maker(side);
        events += step_events(order, orders_[maker]);
        if (steps == kFillsPerCommandMax || events > kMatchingEventsMax) return expire_taker(taker, Reason::kFillLimit);
        ++steps;
        if (same_group(order, orders_[maker]) && order.stp_mode != SelfTradePrevention::kNone) prevent(taker, maker);
        else trade(taker, maker);
    }
}

// The most events that a step between these two can give: the trade or two ends, the taker's own
// reduction, and the hook for every resting reduce-only order of both accounts.
template <class Memory>
std::uint32_t Machine<Memory>::step_events(const Order& taker, const Order& maker) const {
    return 2 + accounts_[maker.account].reduce_only + (taker.account == maker.account ? 0 : accounts_[taker.account].reduce_only);
}

template <class Memory>
void Machine<Memory>::prevent(Taker& taker, std::uint32_t maker) {
    switch (taker.order->stp_mode) {
        case SelfTradePrevention::kExpireTaker:
            return expire_taker(taker, Reason::kSelfTrade);
        case SelfTradePrevention::kExpireMaker:
            return end_resting(maker, OrderStatus::kExpired, Reason::kSelfTrade);
        case SelfTradePrevention::kExpireBoth:
            end_resting(maker, OrderStatus::kExpired, Reason::kSelfTrade);
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
    else end_resting(maker, OrderStatus::kExpired, Reason::kSelfTrade);
    if (both < taker.order->leaves()) reduce(*taker.order, both, Reason::kSelfTrade, 0);
    else expire_taker(taker, Reason::kSelfTrade);
}

template <class Memory>
void Machine<Memory>::trade(Taker& taker, std::uint32_t maker_handle) {
    Order& order = *taker.order;
    Order& maker = orders_[maker_handle];
    const std::uint32_t maker_account = maker.account;
    const std::uint32_t taker_account = order.account;
    const bool others = maker_account != taker_account;
    const std::int64_t quantity = std::min(order.leaves(), maker.leaves());
    TIDEGATE_ASSERT(quantity > 0);
    order.filled += quantity;
    maker.filled += quantity;
    if (others) {
        const std::int64_t signed_quantity = order.side == Side::kBuy ? quantity : -quantity;
        accounts_[taker_account].position += signed_quantity;
        accounts_[maker_account].position -= signed_quantity;
    }
    const bool filled = order.leaves() == 0;
    Event& event = tell(EventType::kTrade, order, filled ? OrderStatus::kFilled : OrderStatus::kPartiallyFilled, order.leaves(), 0);
    event.price = maker.price;
    event.quantity = quantity;
    event.trade_id = ++trade_id_;
    event.maker_order_id = maker.order_id;
    event.maker_client_order_id = maker.client_order_id;
    event.maker_filled = maker.filled;
    event.maker_leaves = maker.leaves();
    event.maker_account = accounts_[maker_account].number;
    event.position = accounts_[taker_account].position;
    event.maker_position = accounts_[maker_account].position;
    if (maker.leaves() == 0) {
        take_off_book(maker_handle);
        leave(maker_handle, OrderStatus::kFilled, Reason::kNone);
    }
    if (filled) end_taker(taker, OrderStatus::kFilled, Reason::kNone);
    if (others) {
        hold_reduce_only(maker_account, taker);
        hold_reduce_only(taker_account, taker);
    }
}

// Lots that match() would trade, up to the order's quantity, found without touching anything. Makers that
// reduce are counted with the positions as they would be by then.
template <class Memory>
std::int64_t Machine<Memory>::reachable(const Order& taker, std::uint32_t limit) {
    const bool buy = taker.side == Side::kBuy;
    const bool positions_matter = reduce_only_resting_ != 0;
    std::int64_t found = 0;
    std::uint32_t steps = 0;
    std::uint32_t events = 0;
    std::uint32_t visited = 0;
    const std::uint32_t best = buy ? levels_.best_ask() : levels_.best_bid();
    const auto beyond = [&](std::uint32_t price) { return buy ? price > limit : price < limit; };
    // Visits the makers within the limit in matching order; `visit` says whether to go on.
    const auto walk = [&](auto visit) {
        for (std::uint32_t price = best; !beyond(price); price = buy ? levels_.next_above(price) : levels_.next_below(price))
            for (std::uint32_t at = levels_.first_at(price); at != kNothing; at = orders_[at].next)
                if (!visit(orders_[at])) return;
    };
    walk([&](const Order& maker) {
        if (found >= taker.quantity || steps == kFillsPerCommandMax) return false;
        ++visited;
        const bool prevented = same_group(taker, maker) && taker.stp_mode != SelfTradePrevention::kNone;
        if (prevented && taker.stp_mode != SelfTradePrevention::kExpireMaker) return false;
        std::int64_t counted = prevented ? 0 : std::min(maker.leaves(), taker.quantity - found);
        if (!prevented && maker.reduce_only()) {
            const Account& account = accounts_[maker.account];
            const std::int64_t position = account.position + trial_positions_[maker.account];
            counted = std::min(counted, std::max<std::int64_t>(0, maker.side == Side::kSell ? position : -position));
        }
        if (counted == 0 && !prevented) return true;  // gone by then
        events += step_events(taker, maker);
        if (events > kMatchingEventsMax) return false;
        ++steps;
        found += counted;
        if (positions_matter && maker.account != taker.account) trial_positions_[maker.account] -= buy ? counted : -counted;
        return true;
    });
    if (positions_matter)
        walk([&](const Order& maker) {
            if (visited-- == 0) return false;
            trial_positions_[maker.account] = 0;
            return true;
        });
    return found;
}

}  // namespace tidegate

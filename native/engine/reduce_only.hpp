// Reduce-only orders can never open or flip a position (ORD-8).
#pragma once

#include <algorithm>

#include "machine.hpp"

namespace tidegate {

// After a fill that changed a leg: the account's reduce-only orders of it are lowered to what is left to
// reduce, the taker first, then those that rest, oldest first.
template <class Memory>
void Machine<Memory>::hold_reduce_only(std::uint32_t account_index, bool short_leg, Taker* taker) {
    Account& account = accounts_[account_index];
    if (taker != nullptr && taker->open && taker->order->account == account_index && taker->order->reduce_only() && taker->order->is(kOrderShortLeg) == short_leg)
        hold_taker(account, *taker);
    if (account.reduce_only != 0 && !all_reducible(account, short_leg)) hold_resting(account, short_leg);
}

// Whether the position is enough for the largest of the account's resting reduce-only orders. They are all on
// one side: a leg has one by its kind in hedge mode, by its sign in one-way mode.
template <class Memory>
bool Machine<Memory>::all_reducible(const Account& account, bool short_leg) const {
    const Side of_leg = short_leg ? Side::kBuy : Side::kSell;
    const Side side = account.mode == PositionMode::kHedge ? of_leg : orders_[account.reduce_only_oldest].side;
    return account.reducible(side, short_leg) >= account.reduce_only_most;
}

template <class Memory>
void Machine<Memory>::hold_resting(Account& account, bool short_leg) {
    std::int64_t most = 0;
    std::uint32_t younger = kNothing;
    for (std::uint32_t handle = account.reduce_only_oldest, left = account.reduce_only; left != 0; handle = younger, --left) {
        younger = reduce_only_.next(handle);
        Order& order = orders_[handle];
        const std::int64_t reducible = account.reducible(order);
        if (order.is(kOrderShortLeg) == short_leg) {
            if (reducible == 0) {
                end_open(handle, OrderStatus::kExpired, Reason::kReduceOnly);
                continue;
            }
            if (order.leaves() > reducible) reduce(order, order.leaves() - reducible, Reason::kReduceOnly, kOnBook);
        }
        most = std::max(most, order.leaves());
    }
    account.reduce_only_most = most;
}

template <class Memory>
void Machine<Memory>::hold_taker(const Account& account, Taker& taker) {
    Order& order = *taker.order;
    const std::int64_t reducible = account.reducible(order);
    if (reducible == 0) expire_taker(taker, Reason::kReduceOnly);
    else if (order.leaves() > reducible) reduce(order, order.leaves() - reducible, Reason::kReduceOnly, 0);
}

}  // namespace tidegate

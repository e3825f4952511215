// Reduce-only orders can never open or flip a position (ORD-8).
#pragma once

#include "machine.hpp"

namespace tidegate {

// After a fill that changed a leg: the account's reduce-only orders of it are lowered to what is left to
// reduce, the taker first, then those that rest, oldest first.
template <class Memory>
void Machine<Memory>::hold_reduce_only(std::uint32_t account_index, bool short_leg, Taker* taker) {
    const Account& account = accounts_[account_index];
    if (taker != nullptr && taker->open && taker->order->account == account_index && taker->order->reduce_only() && taker->order->is(kOrderShortLeg) == short_leg)
        hold_taker(account, *taker);
    std::uint32_t remaining = account.reduce_only;
    for (std::uint32_t handle = account.oldest; remaining != 0;) {
        TIDEGATE_ASSERT(handle != kNothing);
        Order& order = orders_[handle];
        const std::uint32_t younger = order.account_next;
        if (order.reduce_only() && order.resting()) {
            --remaining;
            const std::int64_t reducible = account.reducible(order);
            if (order.is(kOrderShortLeg) != short_leg) { /* of the other leg */ }
            else if (reducible == 0) end_open(handle, OrderStatus::kExpired, Reason::kReduceOnly);
            else if (order.leaves() > reducible) reduce(order, order.leaves() - reducible, Reason::kReduceOnly, kOnBook);
        }
        handle = younger;
    }
}

template <class Memory>
void Machine<Memory>::hold_taker(const Account& account, Taker& taker) {
    Order& order = *taker.order;
    const std::int64_t reducible = account.reducible(order);
    if (reducible == 0) expire_taker(taker, Reason::kReduceOnly);
    else if (order.leaves() > reducible) reduce(order, order.leaves() - reducible, Reason::kReduceOnly, 0);
}

}  // namespace tidegate

// Icebergs (ORD-2): the book shows a slice; the next one goes to the back of the level.
#pragma once

#include <algorithm>

#include "machine.hpp"

namespace tidegate {

// What an order offers when it is its turn to trade: an iceberg alone in its level all of it, slice by slice.
template <class Memory>
std::int64_t Machine<Memory>::offered(const Order& maker) const {
    if (!maker.is(kOrderIceberg) || levels_.alone(maker)) return maker.leaves();
    return terms_of(maker).shown;
}

template <class Memory>
std::int64_t Machine<Memory>::first_slice(const Order& order, const OrderTerms& terms) const {
    return std::min(terms.display, order.leaves());
}

// After something lowered what is open without a trade. Returns what was shown before.
template <class Memory>
std::int64_t Machine<Memory>::keep_shown(const Order& order) {
    OrderTerms& terms = orders_.holds(order) ? orders_.terms(orders_.handle_of(order)) : incoming_;
    const std::int64_t before = terms.shown;
    terms.shown = std::min(before, order.leaves());
    return before;
}

// After a trade of a resting iceberg: what the book shows of it before and now. With a new slice it goes to the
// back of its level.
template <class Memory>
void Machine<Memory>::trade_from_iceberg(std::uint32_t handle, std::int64_t quantity, Event& event) {
    const Order& order = orders_[handle];
    OrderTerms& terms = orders_.terms(handle);
    event.maker_shown_before = terms.shown;
    if (quantity < terms.shown) {
        terms.shown -= quantity;
    } else if (order.leaves() == 0) {
        terms.shown = 0;
    } else {
        // More than what was shown: it is alone in its level and has gone through whole slices.
        const std::int64_t of_slice = (quantity - terms.shown) % terms.display;
        levels_.remove(handle);
        levels_.push_back(handle);
        terms.admission = context_.sequence;
        terms.shown = std::min(terms.display - of_slice, order.leaves());
    }
    event.maker_shown = terms.shown;
}

}  // namespace tidegate

// An order's way into the arena, on and off the book, and its end.
#pragma once

#include "machine.hpp"

namespace tidegate {

// Gives an order with these terms its place among the account's open ones; on the book or waiting is for later.
template <class Memory>
std::uint32_t Machine<Memory>::to_arena(const Order& order, const OrderTerms& terms) {
    const std::uint32_t handle = orders_.take();
    orders_[handle] = order;
    orders_.terms(handle) = terms;
    opened(handle);
    return handle;
}

// The same of an order that has been written where it is.
template <class Memory>
[[gnu::always_inline]] inline void Machine<Memory>::opened(std::uint32_t handle) {
    accounts_.add_order(handle);
    memory_.opened(handle);
    const Order& order = orders_[handle];
    if (order.time_in_force == TimeInForce::kGtd) insert_into(expiries_, {orders_.terms(handle).expiry_ns, order_age(order.order_id), handle});
}

// At the back of its level; an iceberg shows its first slice.
template <class Memory>
[[gnu::always_inline]] inline void Machine<Memory>::put_on_book(std::uint32_t handle) {
    levels_.push_back(handle);
    orders_.terms(handle).admission = context_.sequence;
    if ((orders_[handle].flags & kOrderCounted) != 0) put_terms_on_book(handle);
}

// What its terms and the counts of its account say of it.
template <class Memory>
[[gnu::noinline]] void Machine<Memory>::put_terms_on_book(std::uint32_t handle) {
    OrderTerms& terms = orders_.terms(handle);
    terms.waiting = Waiting::kNot;
    const Order& order = orders_[handle];
    if (order.is(kOrderIceberg)) terms.shown = first_slice(order, terms);
    if (order.is(kOrderGrouped)) ++accounts_[order.account].grouped;
    if (order.reduce_only()) reduce_only_.insert(accounts_[order.account], handle);
}

template <class Memory>
[[gnu::always_inline]] inline void Machine<Memory>::take_off_book(std::uint32_t handle) {
    levels_.remove(handle);
    if ((orders_[handle].flags & kOrderCounted) != 0) take_terms_off_book(handle);
}

template <class Memory>
[[gnu::noinline]] void Machine<Memory>::take_terms_off_book(std::uint32_t handle) {
    const Order& order = orders_[handle];
    if (order.is(kOrderIceberg)) orders_.terms(handle).shown = 0;
    if (order.is(kOrderGrouped)) --accounts_[order.account].grouped;
    if (order.reduce_only()) reduce_only_.remove(accounts_[order.account], handle);
}

// An order of the arena, off its level or out of its queue already, is over.
template <class Memory>
[[gnu::always_inline]] inline void Machine<Memory>::leave(std::uint32_t handle, OrderStatus status, Reason reason) {
    const Order& order = orders_[handle];
    if (order.time_in_force == TimeInForce::kGtd) erase_from(expiries_, {orders_.terms(handle).expiry_ns, order_age(order.order_id), handle});
    accounts_.remove_order(handle);
    memory_.ended(handle, status, reason);
    orders_.give_back(handle);
}

// CANCELED or EXPIRED of an open order that is not the one that matches: it rests or waits.
template <class Memory>
void Machine<Memory>::end_open(std::uint32_t handle, OrderStatus status, Reason reason) {
    const bool resting = orders_[handle].resting();
    tell_end(orders_[handle], status, reason, resting ? std::uint8_t{kOnBook} : std::uint8_t{0});
    if (resting) take_off_book(handle);
    else stop_waiting(handle);
    leave(handle, status, reason);
}

template <class Memory>
void Machine<Memory>::end_taker(Taker& taker, OrderStatus status, Reason reason) {
    taker.open = false;
    if (taker.handle != kNothing) return leave(taker.handle, status, reason);
    memory_.ended_at_once(*taker.order, incoming_, status, reason);
}

template <class Memory>
void Machine<Memory>::expire_taker(Taker& taker, Reason reason) {
    tell_end(*taker.order, OrderStatus::kExpired, reason, 0);
    end_taker(taker, OrderStatus::kExpired, reason);
}

// Lowers what is open by less than all of it, without a trade; a resting order keeps its place.
template <class Memory>
void Machine<Memory>::reduce(Order& order, std::int64_t quantity, Reason reason, std::uint8_t flags) {
    const std::int64_t previous_leaves = order.leaves();
    order.quantity -= quantity;
    if (order.resting()) levels_.lower(order, quantity);
    TIDEGATE_ASSERT(order.leaves() > 0);
    const std::int64_t shown_before = order.is(kOrderIceberg) ? keep_shown(order) : 0;
    Event& event = tell_open(EventType::kReduced, order, flags);
    event.previous_leaves = previous_leaves;
    event.reason = static_cast<std::uint16_t>(reason);
    event.shown_before = shown_before;
}

// Moves the legs of both; false when they are one and the same, which stays as it is.
template <class Memory>
bool Machine<Memory>::move_positions(const Order& taker, const Order& maker, std::int64_t quantity) {
    if (taker.account == maker.account && taker.is(kOrderShortLeg) == maker.is(kOrderShortLeg)) return false;
    const std::int64_t signed_quantity = taker.side == Side::kBuy ? quantity : -quantity;
    accounts_[taker.account].leg(taker) += signed_quantity;
    accounts_[maker.account].leg(maker) -= signed_quantity;
    return true;
}

}  // namespace tidegate

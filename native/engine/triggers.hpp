// Trigger orders (ORD-9): waiting for a price, following it, firing. docs/rules/triggers.md.
#pragma once

#include "machine.hpp"

namespace tidegate {

template <class Memory>
std::int64_t Machine<Memory>::reference_price(TriggerBy reference) const {
    switch (reference) {
        case TriggerBy::kMark: return prices_.mark;
        case TriggerBy::kLast: return prices_.last;
        case TriggerBy::kIndex: return prices_.index;
        case TriggerBy::kNone: break;
    }
    return 0;
}

// An accepted trigger order begins to wait.
template <class Memory>
void Machine<Memory>::start_waiting(std::uint32_t handle) {
    const Order& order = orders_[handle];
    OrderTerms& terms = orders_.terms(handle);
    terms.waiting = Waiting::kForPrice;
    terms.trigger_price = terms.trigger_sent;
    terms.direction = trigger_direction(terms.type, order.side);
    ++accounts_[order.account].waiting;
    if (order.is(kOrderGrouped)) ++accounts_[order.account].grouped;
    if (terms.type == OrderType::kTrailingStop) {
        const std::int64_t reference = reference_price(terms.trigger_by);
        const std::int64_t activation = terms.trigger_sent;
        if (activation == 0 || activation == reference) {
            follow_from(handle, reference);
        } else {
            terms.trigger_price = 0;
            terms.direction = activation > reference ? Direction::kRising : Direction::kFalling;
        }
    }
    link_waiting(handle);
}

// A trailing stop is active from this price on.
template <class Memory>
void Machine<Memory>::follow_from(std::uint32_t handle, std::int64_t price) {
    OrderTerms& terms = orders_.terms(handle);
    terms.extreme = price;
    terms.direction = trigger_direction(terms.type, orders_[handle].side);
    terms.trigger_price = trailing_price(orders_[handle].side, price, terms.callback_bps);
}

// Into and out of the sets in which it waits for its price.
template <class Memory>
void Machine<Memory>::link_waiting(std::uint32_t handle) {
    const OrderTerms& terms = orders_.terms(handle);
    const std::uint64_t age = order_age(orders_[handle].order_id);
    insert_into(triggers_.waiting(terms.trigger_by, terms.direction), {TriggerBook::waits_at(terms), age, handle});
    if (is_following(terms)) {
        const Direction direction = followed_direction(orders_[handle].side);
        insert_into(triggers_.following(terms.trigger_by, direction), {TriggerBook::key(direction, terms.extreme), age, handle});
    }
}

template <class Memory>
void Machine<Memory>::unlink_waiting(std::uint32_t handle) {
    const OrderTerms& terms = orders_.terms(handle);
    const std::uint64_t age = order_age(orders_[handle].order_id);
    erase_from(triggers_.waiting(terms.trigger_by, terms.direction), {TriggerBook::waits_at(terms), age, handle});
    if (is_following(terms)) {
        const Direction direction = followed_direction(orders_[handle].side);
        erase_from(triggers_.following(terms.trigger_by, direction), {TriggerBook::key(direction, terms.extreme), age, handle});
    }
}

// It ends, or fires.
template <class Memory>
void Machine<Memory>::stop_waiting(std::uint32_t handle) {
    OrderTerms& terms = orders_.terms(handle);
    TIDEGATE_ASSERT(terms.untriggered());
    Account& account = accounts_[orders_[handle].account];
    --account.waiting;
    if (orders_[handle].is(kOrderGrouped)) --account.grouped;
    if (terms.waiting == Waiting::kDue) due_.remove({handle, false});
    else unlink_waiting(handle);
    if (!terms.untold) return;
    if (triggers_work()) due_.remove({handle, true});
    else triggers_.untold().erase({0, order_age(orders_[handle].order_id), handle});
}

// Another trigger price: waits for that, among the others by its age, even when it was due.
template <class Memory>
void Machine<Memory>::wait_for(std::uint32_t handle, std::uint32_t trigger_price) {
    OrderTerms& terms = orders_.terms(handle);
    if (terms.waiting == Waiting::kDue) due_.remove({handle, false});
    else unlink_waiting(handle);
    terms.waiting = Waiting::kForPrice;
    terms.trigger_price = trigger_price;
    link_waiting(handle);
}

// A price has been seen, which triggers are held against while they work.
template <class Memory>
void Machine<Memory>::observe(TriggerBy reference, std::int64_t price) {
    if (!triggers_work()) return;
    for (const Direction direction : {Direction::kRising, Direction::kFalling}) {
        WaitSet& waiting = triggers_.waiting(reference, direction);
        while (!waiting.empty() && waiting.begin()->at <= TriggerBook::key(direction, price)) reach(waiting.begin()->handle, price);
    }
    for (const Direction direction : {Direction::kRising, Direction::kFalling}) {
        WaitSet& following = triggers_.following(reference, direction);
        while (!following.empty() && following.begin()->at < TriggerBook::key(direction, price)) {
            const std::uint32_t handle = following.begin()->handle;
            unlink_waiting(handle);
            follow_from(handle, price);
            link_waiting(handle);
        }
    }
}

// The price for which an order waits: it becomes due, or active when it waited for its activation.
template <class Memory>
void Machine<Memory>::reach(std::uint32_t handle, std::int64_t price) {
    OrderTerms& terms = orders_.terms(handle);
    unlink_waiting(handle);
    if (terms.type == OrderType::kTrailingStop && !is_following(terms)) {
        follow_from(handle, price);
        link_waiting(handle);
        terms.untold = 1;
        due_.push_back({handle, true});
    } else {
        terms.waiting = Waiting::kDue;
        due_.push_back({handle, false});
    }
}

// The phase has left those in which triggers work: what was due waits again.
template <class Memory>
void Machine<Memory>::put_back_due() {
    while (!due_.empty()) {
        const DueQueue::Entry entry = due_.first();
        due_.remove(entry);
        if (entry.to_tell) {
            triggers_.untold().insert({0, order_age(orders_[entry.handle].order_id), entry.handle});
        } else {
            orders_.terms(entry.handle).waiting = Waiting::kForPrice;
            link_waiting(entry.handle);
        }
    }
}

// The phase has come to one of those.
template <class Memory>
void Machine<Memory>::queue_untold() {
    WaitSet& untold = triggers_.untold();
    for (const WaitKey& key : untold) due_.push_back({key.handle, true});
    untold.clear();
}

// The first of the queue has its turn.
template <class Memory>
void Machine<Memory>::serve_due() {
    const DueQueue::Entry entry = due_.first();
    if (!entry.to_tell) return fire(entry.handle);
    due_.remove(entry);
    orders_.terms(entry.handle).untold = 0;
    tell_open(EventType::kTrailingActivated, orders_[entry.handle], 0);
}

// The order goes on as if it had been placed now.
template <class Memory>
void Machine<Memory>::fire(std::uint32_t handle) {
    Order& order = orders_[handle];
    stop_waiting(handle);
    orders_.terms(handle).waiting = Waiting::kFired;
    Taker taker{&order, handle, worst_price(order, true)};
    const Reason reason = why_not_fired(order);
    if (reason == Reason::kNone && order.reduce_only()) {
        const std::int64_t reducible = accounts_[order.account].reducible(order);
        order.quantity = orders_.terms(handle).close_position() ? reducible : std::min(order.quantity, reducible);
    }
    tell_open(EventType::kTriggered, order, 0);
    if (reason != Reason::kNone) return expire_taker(taker, reason);
    if (order.time_in_force == TimeInForce::kGtx && levels_.crosses(order.side, order.price)) return expire_taker(taker, Reason::kPostOnlyWouldCross);
    match_and_settle(taker);
}

// Why an order that has triggered expires at once.
template <class Memory>
Reason Machine<Memory>::why_not_fired(const Order& order) const {
    const Account& account = accounts_[order.account];
    if (order.reduce_only() && account.reducible(order) == 0) return Reason::kReduceOnly;
    if (phase_ == Phase::kReduceOnly && !order.reduce_only()) return Reason::kPhaseEnded;
    const bool may_rest = !order.is(kOrderMarket) && rests_when_left(order.time_in_force);
    if (order.reduce_only() && may_rest && account.reduce_only >= kReduceOnlyRestingMax) return Reason::kReduceOnly;
    return order.is(kOrderGrouped) && frozen(account, terms_of(order).group) ? Reason::kMarketMakerProtection : Reason::kNone;
}

}  // namespace tidegate

// What events say of an order. A plain one is told from its cache line in the arena alone.
#pragma once

#include "machine.hpp"

namespace tidegate {

template <class Memory>
OrderStatus Machine<Memory>::open_status(const Order& order) const {
    if (order.is(kOrderSpecial) && order.filled == 0) {
        const OrderTerms& terms = terms_of(order);
        if (terms.untriggered()) return OrderStatus::kUntriggered;
        if (terms.waiting == Waiting::kFired) return OrderStatus::kTriggered;
    }
    return order.open_status();
}

// An event about an order as it is now. What the book shows of an iceberg is told as unchanged.
template <class Memory>
Event& Machine<Memory>::tell(EventType type, const Order& order, OrderStatus status, std::int64_t leaves, std::uint8_t flags) {
    return write_told(type, order, status, leaves, flags);
}

// The same, inlined for those that are told most.
template <class Memory>
[[gnu::always_inline]] inline Event& Machine<Memory>::write_told(EventType type, const Order& order, OrderStatus status, std::int64_t leaves, std::uint8_t flags) {
    flags |= order.flags & kOrderShownFlags;
    Event& event = events_.add(type, accounts_[order.account].number, flags);
    event.header.side = static_cast<std::uint8_t>(order.side);
    event.header.order_type = static_cast<std::uint8_t>(OrderType::kLimit);
    event.header.time_in_force = static_cast<std::uint8_t>(order.time_in_force);
    event.header.status = static_cast<std::uint8_t>(status);
    event.client_order_id = order.client_order_id;
    event.order_id = order.order_id;
    event.price = order.price;
    event.quantity = order.quantity;
    event.filled = order.filled;
    event.leaves = leaves;
    event.stp_group = order.stp_group;
    event.stp_mode = static_cast<std::uint8_t>(order.stp_mode);
    if ((order.flags & (kOrderMarket | kOrderQuote | kOrderSpecial)) != 0) tell_terms(event, type, order);
    return event;
}

template <class Memory>
[[gnu::noinline]] void Machine<Memory>::tell_terms(Event& event, EventType type, const Order& order) const {
    event.header.order_type = static_cast<std::uint8_t>(order.is(kOrderQuote) ? OrderType::kQuote : OrderType::kMarket);
    if (!order.is(kOrderSpecial)) return;
    const OrderTerms& terms = terms_of(order);
    event.header.order_type = static_cast<std::uint8_t>(terms.type);
    event.header.flags |= terms.shown_flags();
    event.group = terms.group;
    if (type == EventType::kTrade) return;
    event.trigger_price = terms.trigger_price;
    event.terms = {terms.callback_bps, static_cast<std::uint8_t>(terms.trigger_by), terms.close_position()};
    if (terms.type == OrderType::kTrailingStop) event.activation_price = terms.trigger_sent;
    event.expiry_ns = terms.expiry_ns;
    event.display = terms.display;
    if (order.is(kOrderIceberg)) event.shown = event.shown_before = terms.shown;
}

// An order that has ended, or was refused: what is not in its own words comes from its body.
template <class Memory>
Event& Machine<Memory>::tell(EventType type, const OrderState& order, std::uint8_t flags) {
    Event& event = events_.add(type, order.account, static_cast<std::uint8_t>(flags | order.flags));
    event.header.side = order.side;
    event.header.order_type = order.order_type;
    event.header.time_in_force = order.time_in_force;
    event.header.status = order.status;
    event.client_order_id = order.client_order_id;
    event.order_id = order.order_id;
    event.price = order.price;
    event.quantity = order.quantity;
    event.filled = order.filled;
    event.leaves = order.leaves;
    event.stp_group = order.stp_group;
    event.stp_mode = order.stp_mode;
    event.reason = order.reason;
    event.group = static_cast<std::uint8_t>(order.body[3] >> 32);
    const auto trigger_price = static_cast<std::int64_t>(order.body[4]);
    const bool trailing = order.order_type == static_cast<std::uint8_t>(OrderType::kTrailingStop);
    (trailing ? event.activation_price : event.trigger_price) = trigger_price;
    if (is_trigger_type(static_cast<OrderType>(order.order_type))) {
        const bool closes = (order.body[0] >> 32 & kCommandClosePosition) != 0;
        event.terms = {static_cast<std::uint16_t>(order.body[0] >> 48), static_cast<std::uint8_t>(order.body[0] >> 40), closes};
    }
    if (order.time_in_force == static_cast<std::uint8_t>(TimeInForce::kGtd)) event.expiry_ns = static_cast<std::int64_t>(order.body[5]);
    event.display = static_cast<std::int64_t>(order.body[6]);
    return event;
}

// CANCELED or EXPIRED.
template <class Memory>
[[gnu::always_inline]] inline void Machine<Memory>::tell_end(const Order& order, OrderStatus status, Reason reason, std::uint8_t flags) {
    Event& event = write_told(status == OrderStatus::kCanceled ? EventType::kCanceled : EventType::kExpired, order, status, 0, flags);
    event.previous_leaves = order.leaves();
    event.reason = static_cast<std::uint16_t>(reason);
    event.shown = 0;
}

// The TRADE of two orders that are and have what they are and have after it; positions too. What the book
// shows of an iceberg is for the caller to add.
template <class Memory>
[[gnu::always_inline]] inline Event& Machine<Memory>::tell_trade(const Order& taker, const Order& maker, std::int64_t price, std::int64_t quantity) {
    const OrderStatus status = taker.leaves() == 0 ? OrderStatus::kFilled : OrderStatus::kPartiallyFilled;
    Event& event = write_told(EventType::kTrade, taker, status, taker.leaves(), 0);
    event.price = price;
    event.quantity = quantity;
    event.trade_id = ++trade_id_;
    event.maker_order_id = maker.order_id;
    event.maker_client_order_id = maker.client_order_id;
    event.maker_filled = maker.filled;
    event.maker_leaves = maker.leaves();
    event.maker_account = accounts_[maker.account].number;
    event.maker_flags = maker.flags & kOrderShownFlags;
    event.maker_order_type = static_cast<std::uint8_t>(OrderType::kLimit);
    if ((maker.flags & (kOrderQuote | kOrderSpecial)) != 0) {
        const OrderTerms& terms = terms_of(maker);
        event.maker_order_type = static_cast<std::uint8_t>(terms.type);
        event.maker_flags |= terms.shown_flags();
    }
    event.position = accounts_[taker.account].leg(taker);
    event.maker_position = accounts_[maker.account].leg(maker);
    prices_.last = price;
    return event;
}

}  // namespace tidegate

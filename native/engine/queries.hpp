// Questions: answered at their place in the stream, from durable state, without changing it.
#pragma once

#include "machine.hpp"

namespace tidegate {

template <class Memory>
void Machine<Memory>::tell_state(const Found& order, std::uint8_t flags) {
    if (order.ended != nullptr) tell(EventType::kOrderState, *order.ended, flags);
    else tell_open(EventType::kOrderState, orders_[order.open], flags);
}

template <class Memory>
void Machine<Memory>::query_order(const Command& command) {
    const Found found = target(command);
    if (found.open != kNothing || found.ended != nullptr) return tell_state(found, 0);
    Event& event = events_.add(EventType::kNotFound, command.header.account);
    event.order_id = command.order_id;
    event.client_order_id = command.client_order_id;
}

template <class Memory>
void Machine<Memory>::query_open_orders(const Command& command) {
    const std::uint32_t account = accounts_.find(command.header.account);
    std::uint32_t handle = account == kNothing ? kNothing : accounts_[account].oldest;
    while (handle != kNothing && order_age(orders_[handle].order_id) <= order_age(command.order_id)) handle = orders_[handle].account_next;
    std::int64_t rows = 0;
    std::uint64_t last = command.order_id;
    for (; handle != kNothing && rows < command.quantity; handle = orders_[handle].account_next, ++rows) {
        tell_open(EventType::kOrderState, orders_[handle], 0);
        last = orders_[handle].order_id;
    }
    Event& event = events_.add(EventType::kOpenOrdersEnd, command.header.account);
    event.quantity = rows;
    event.order_id = handle == kNothing ? 0 : last;
}

template <class Memory>
void Machine<Memory>::query_depth(const Command& command) {
    std::int64_t levels = 0;
    for (std::uint32_t price = levels_.best_bid(); price != PriceLevels::kNoBid; price = levels_.next_below(Side::kBuy, price), ++levels)
        tell_level(command, Side::kBuy, price);
    for (std::uint32_t price = levels_.best_ask(); price != PriceLevels::kNoAsk; price = levels_.next_above(Side::kSell, price), ++levels)
        tell_level(command, Side::kSell, price);
    Event& event = events_.add(EventType::kDepthEnd, command.header.account);
    event.quantity = levels;
    event.phase = static_cast<std::uint8_t>(phase_);
    event.price = prices_.mark;
    event.filled = prices_.index;
    event.funding_rate = prices_.funding_rate;
    event.next_funding_time_ns = prices_.next_funding_time_ns;
    event.trade_id = trade_id_;
    event.maker_filled = prices_.last;
}

// What everybody may see of it.
template <class Memory>
void Machine<Memory>::tell_level(const Command& command, Side side, std::uint32_t price) {
    Event& event = events_.add(EventType::kDepthLevel, command.header.account);
    event.header.side = static_cast<std::uint8_t>(side);
    event.price = price;
    for (std::uint32_t handle = levels_.first_at(side, price); handle != kNothing; handle = orders_[handle].next) {
        event.leaves += orders_[handle].is(kOrderIceberg) ? orders_.terms(handle).shown : orders_[handle].leaves();
        ++event.quantity;
    }
}

}  // namespace tidegate

// One order in the state's canonical form (docs/rules/orders.md), which is also how ended ones are kept.
#pragma once

#include <cstdint>
#include <type_traits>

#include "orders.hpp"

namespace tidegate {

struct OrderState {
    std::uint64_t order_id;
    std::uint64_t client_order_id;
    std::int64_t price;
    std::int64_t quantity;
    std::int64_t filled;
    std::int64_t leaves;
    std::uint64_t body[4];  // as sent: see body_of
    std::uint32_t account;
    std::uint32_t stp_group;
    std::uint8_t side;
    std::uint8_t order_type;
    std::uint8_t time_in_force;
    std::uint8_t stp_mode;
    std::uint8_t status;
    std::uint8_t flags;  // 1 = reduce-only
    std::uint16_t reason;
    std::uint64_t admission;  // sequence at which it last took its place; 0 when ended
};
static_assert(sizeof(OrderState) == 104);
static_assert(std::is_trivially_copyable_v<OrderState>);

// kDefault is EXPIRE_TAKER; anything else stays what it is.
inline std::uint8_t resolved_stp_mode(std::uint8_t sent) {
    return sent == 0 ? static_cast<std::uint8_t>(SelfTradePrevention::kExpireTaker) : sent;
}

inline std::uint64_t body_word(std::uint8_t side, std::uint8_t type, std::uint8_t time_in_force, std::uint64_t stp_mode,
                               bool reduce_only) {
    return std::uint64_t{side} | std::uint64_t{type} << 8 | std::uint64_t{time_in_force} << 16 | stp_mode << 24 |
           std::uint64_t{reduce_only} << 32;
}

inline void set_body(OrderState& state, const Command& sent) {
    state.body[0] = body_word(sent.header.side, sent.header.order_type, sent.header.time_in_force, sent.stp_mode,
                              (sent.header.flags & kCommandReduceOnly) != 0);
    state.body[1] = static_cast<std::uint64_t>(sent.price);
    state.body[2] = static_cast<std::uint64_t>(sent.quantity);
    state.body[3] = sent.stp_group;
}

inline bool same_body(const OrderState& left, const OrderState& right) {
    return left.body[0] == right.body[0] && left.body[1] == right.body[1] && left.body[2] == right.body[2] &&
           left.body[3] == right.body[3];
}

// A PLACE that was refused, as it is remembered.
inline OrderState refused_state(const Command& sent, std::uint64_t order_id, Reason reason) {
    OrderState state{};
    state.order_id = order_id;
    state.client_order_id = sent.client_order_id;
    state.price = sent.price;
    state.quantity = sent.quantity;
    set_body(state, sent);
    state.account = sent.header.account;
    state.stp_group = sent.stp_group;
    state.side = sent.header.side;
    state.order_type = sent.header.order_type;
    state.time_in_force = sent.header.time_in_force;
    state.stp_mode = resolved_stp_mode(sent.stp_mode);
    state.status = static_cast<std::uint8_t>(OrderStatus::kRejected);
    state.flags = sent.header.flags & kCommandReduceOnly;
    state.reason = static_cast<std::uint16_t>(reason);
    return state;
}

// An order that was open, without its body and admission; `account` is its account's number.
inline OrderState order_state(const Order& order, std::uint32_t account, OrderStatus status, Reason reason) {
    OrderState state{};
    state.order_id = order.order_id;
    state.client_order_id = order.client_order_id;
    state.price = order.price;
    state.quantity = order.quantity;
    state.filled = order.filled;
    state.account = account;
    state.stp_group = order.stp_group;
    state.side = static_cast<std::uint8_t>(order.side);
    state.order_type = static_cast<std::uint8_t>((order.flags & kOrderMarket) != 0 ? OrderType::kMarket : OrderType::kLimit);
    state.time_in_force = static_cast<std::uint8_t>(order.time_in_force);
    state.stp_mode = static_cast<std::uint8_t>(order.stp_mode);
    state.status = static_cast<std::uint8_t>(status);
    state.flags = order.flags & kOrderReduceOnly;
    state.reason = static_cast<std::uint16_t>(reason);
    return state;
}

// The body of an order from the arena: price, quantity and STP mode may have been sent otherwise than they are.
inline void set_body(OrderState& state, const OrderOrigin& origin) {
    state.body[0] = body_word(state.side, state.order_type, state.time_in_force, origin.stp_mode, state.flags != 0);
    state.body[1] = static_cast<std::uint64_t>(origin.price);
    state.body[2] = static_cast<std::uint64_t>(origin.quantity);
    state.body[3] = state.stp_group;
}

}  // namespace tidegate

// One order in the state's canonical form (docs/rules/state.md), which is also how ended ones are kept.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
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
    std::uint64_t body[7];  // as sent: set_body
    std::uint32_t account;
    std::uint32_t stp_group;
    std::uint8_t side;
    std::uint8_t order_type;
    std::uint8_t time_in_force;
    std::uint8_t stp_mode;
    std::uint8_t status;
    std::uint8_t flags;  // kEventReduceOnly, kIceberg, kLongLeg, kShortLeg, kLiquidation
    std::uint16_t reason;
    std::uint64_t admission;  // sequence at which it last took its place; 0 when ended or waiting
};
static_assert(sizeof(OrderState) == 128);
static_assert(std::is_trivially_copyable_v<OrderState>);

// kDefault is EXPIRE_TAKER; anything else stays what it is.
inline std::uint8_t resolved_stp_mode(std::uint8_t sent) {
    return sent == 0 ? static_cast<std::uint8_t>(SelfTradePrevention::kExpireTaker) : sent;
}

// The first word of a body.
inline std::uint64_t body_word(std::uint8_t side, std::uint8_t type, std::uint8_t time_in_force, std::uint8_t stp_mode,
                               std::uint8_t flags, std::uint8_t trigger_by, std::uint16_t callback_bps) {
    return std::uint64_t{side} | std::uint64_t{type} << 8 | std::uint64_t{time_in_force} << 16 | std::uint64_t{stp_mode} << 24 |
           std::uint64_t{flags} << 32 | std::uint64_t{trigger_by} << 40 | std::uint64_t{callback_bps} << 48;
}

// Of a PLACE or REPLACE, whatever is in it.
inline void set_body(OrderState& state, const Command& sent) {
    const RecordHeader& header = sent.header;
    state.body[0] = body_word(header.side, header.order_type, header.time_in_force, sent.stp_mode, header.flags & kBodyFlags, sent.trigger_by, sent.callback_bps);
    state.body[1] = static_cast<std::uint64_t>(sent.price);
    state.body[2] = static_cast<std::uint64_t>(sent.quantity);
    state.body[3] = sent.stp_group | std::uint64_t{sent.group} << 32;
    state.body[4] = static_cast<std::uint64_t>(sent.trigger_price);
    state.body[5] = static_cast<std::uint64_t>(sent.expiry_ns);
    state.body[6] = static_cast<std::uint64_t>(sent.display);
}

// Of an order from the arena; what may have been sent otherwise than it is lies in its terms.
inline void set_body(OrderState& state, const OrderTerms& terms) {
    std::fill(std::begin(state.body), std::end(state.body), 0);
    if (terms.type == OrderType::kQuote) {
        state.body[0] = body_word(state.side, state.order_type, 0, 0, 0, 0, 0);
        return;
    }
    state.body[0] = body_word(state.side, state.order_type, state.time_in_force, terms.stp_mode, terms.flags_sent, static_cast<std::uint8_t>(terms.trigger_by), terms.callback_bps);
    state.body[1] = terms.price;
    state.body[2] = static_cast<std::uint64_t>(terms.quantity);
    state.body[3] = state.stp_group | std::uint64_t{terms.group} << 32;
    state.body[4] = terms.trigger_sent;
    state.body[5] = static_cast<std::uint64_t>(terms.expiry_ns);
    state.body[6] = static_cast<std::uint64_t>(terms.display);
}

inline bool same_body(const OrderState& left, const OrderState& right) {
    return std::equal(std::begin(left.body), std::end(left.body), std::begin(right.body));
}

// What events and states say in `flags` of an order.
inline std::uint8_t flags_of(const Order& order, const OrderTerms& terms) {
    return static_cast<std::uint8_t>((order.flags & kOrderShownFlags) | terms.shown_flags());
}

// A PLACE or REPLACE that was refused, as it is remembered: with the flags that it asks for.
inline OrderState refused_state(const Command& sent, std::uint64_t order_id, bool reduce_only, Reason reason) {
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
    state.flags = static_cast<std::uint8_t>((reduce_only ? kEventReduceOnly : 0) | (sent.display != 0 ? kIceberg : 0) |
                                            ((sent.header.flags & kCommandLong) != 0 ? kLongLeg : 0) |
                                            ((sent.header.flags & kCommandShort) != 0 ? kShortLeg : 0) |
                                            ((sent.header.flags & kCommandLiquidation) != 0 ? kLiquidation : 0));
    state.reason = static_cast<std::uint16_t>(reason);
    return state;
}

// An order that is or was open, without body and admission; `account` is its account's number.
inline OrderState order_state(const Order& order, const OrderTerms& terms, std::uint32_t account, OrderStatus status, Reason reason) {
    OrderState state{};
    state.order_id = order.order_id;
    state.client_order_id = order.client_order_id;
    state.price = order.price;
    state.quantity = order.quantity;
    state.filled = order.filled;
    state.account = account;
    state.stp_group = order.stp_group;
    state.side = static_cast<std::uint8_t>(order.side);
    state.order_type = static_cast<std::uint8_t>(terms.type);
    state.time_in_force = static_cast<std::uint8_t>(order.time_in_force);
    state.stp_mode = static_cast<std::uint8_t>(order.stp_mode);
    state.status = static_cast<std::uint8_t>(status);
    state.flags = flags_of(order, terms);
    state.reason = static_cast<std::uint16_t>(reason);
    return state;
}

}  // namespace tidegate

// CANCEL, AMEND (ORD-5) and CANCEL_ALL (ORD-12).
#pragma once

#include <algorithm>

#include "machine.hpp"

namespace tidegate {

// The account's own order that a command names; never another's.
template <class Memory>
Found Machine<Memory>::target(const Command& command) const {
    if (command.order_id == 0) return memory_.find_client(command.header.account, command.client_order_id);
    const Found found = memory_.find(command.order_id);
    const std::uint32_t owner = found.open != kNothing      ? accounts_[orders_[found.open].account].number
                                : found.ended != nullptr ? found.ended->account
                                                         : 0;
    return owner == command.header.account ? found : Found{};
}

// The open order that a CANCEL or AMEND names; kNothing when it was refused.
template <class Memory>
std::uint32_t Machine<Memory>::open_target(const Command& command, bool phase_allows) {
    const Found found = phase_allows ? target(command) : Found{};
    if (found.open != kNothing) return found.open;
    if (found.ended != nullptr) {
        tell(EventType::kRejected, *found.ended, 0).reason = static_cast<std::uint16_t>(Reason::kOrderClosed);
        return kNothing;
    }
    Event& event = events_.add(EventType::kRejected, command.header.account);
    event.order_id = command.order_id;
    event.client_order_id = command.client_order_id;
    event.reason = static_cast<std::uint16_t>(phase_allows ? Reason::kUnknownOrder : Reason::kPhaseForbids);
    return kNothing;
}

template <class Memory>
void Machine<Memory>::cancel(const Command& command) {
    const std::uint32_t handle = open_target(command, phase_ != Phase::kHalt);
    if (handle != kNothing) end_resting(handle, OrderStatus::kCanceled, Reason::kUserRequest);
}

template <class Memory>
void Machine<Memory>::cancel_all(const Command& command) {
    if (phase_ == Phase::kHalt) return reject(command, Reason::kPhaseForbids);
    const std::uint32_t account = accounts_.find(command.header.account);
    std::int64_t canceled = 0;
    for (std::uint32_t handle = account == kNothing ? kNothing : accounts_[account].oldest; handle != kNothing;) {
        const std::uint32_t younger = orders_[handle].account_next;
        if (command.header.side == 0 || command.header.side == static_cast<std::uint8_t>(orders_[handle].side)) {
            end_resting(handle, OrderStatus::kCanceled, Reason::kMassCancel);
            ++canceled;
        }
        handle = younger;
    }
    events_.add(EventType::kCancelAllDone, command.header.account).quantity = canceled;
}

template <class Memory>
void Machine<Memory>::amend(const Command& command) {
    const std::uint32_t handle = open_target(command, phase_ == Phase::kOpen || phase_ == Phase::kPostOnly);
    if (handle == kNothing) return;
    const Order& order = orders_[handle];
    const std::int64_t price = command.price == 0 ? order.price : command.price;
    std::int64_t quantity = command.quantity == 0 ? order.quantity : command.quantity;
    const Reason reason = check_amend(order, price, quantity);
    if (reason == Reason::kAmendBelowFilled) return end_resting(handle, OrderStatus::kCanceled, reason);
    if (reason != Reason::kNone) {
        tell_open(EventType::kRejected, order, 0).reason = static_cast<std::uint16_t>(reason);
        return;
    }
    if (order.reduce_only()) quantity = std::min(quantity, order.filled + accounts_[order.account].reducible(order.side));
    amend_order(handle, static_cast<std::uint32_t>(price), quantity);
}

// Why an amend is refused. kAmendBelowFilled: it is not, but cancels what is left.
template <class Memory>
Reason Machine<Memory>::check_amend(const Order& order, std::int64_t price, std::int64_t quantity) const {
    if (price == order.price && quantity == order.quantity) return Reason::kNothingToAmend;
    if (price != order.price && (price < rules_.price_min || price > rules_.price_max)) return Reason::kPriceOutOfRange;
    if (quantity != order.quantity && (quantity < rules_.quantity_min || quantity > rules_.quantity_max))
        return Reason::kQuantityOutOfRange;
    if (quantity <= order.filled) return Reason::kAmendBelowFilled;
    if (const Reason reason = check_notional(price, quantity, order.reduce_only()); reason != Reason::kNone) return reason;
    const std::int64_t position = accounts_[order.account].position;
    if ((position < 0 ? -position : position) + quantity - order.filled > kPositionMax) return Reason::kPositionLimit;
    const bool passive = phase_ == Phase::kPostOnly || order.time_in_force == TimeInForce::kGtx;
    if (passive && levels_.crosses(order.side, static_cast<std::uint32_t>(price))) return Reason::kPostOnlyWouldCross;
    return Reason::kNone;
}

template <class Memory>
void Machine<Memory>::amend_order(std::uint32_t handle, std::uint32_t price, std::int64_t quantity) {
    Order& order = orders_[handle];
    const std::int64_t previous_leaves = order.leaves();
    const std::uint32_t previous_price = order.price;
    const bool keeps_place = price == order.price && quantity <= order.quantity;
    const bool crosses = levels_.crosses(order.side, price);
    if (!keeps_place) take_off_book(handle);
    order.price = price;
    order.quantity = quantity;
    Event& event = tell_open(EventType::kAmended, order, crosses ? std::uint8_t{0} : std::uint8_t{kOnBook});
    event.previous_price = previous_price;
    event.previous_leaves = previous_leaves;
    if (keeps_place) return;
    if (!crosses) return put_on_book(handle);
    Taker taker{&order, handle, price, nullptr};
    match(taker);
    settle_remainder(taker);
}

}  // namespace tidegate

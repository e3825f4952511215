// Market-maker protection (ORD-11): a group's fills within a window; at a limit all its orders are pulled in the
// same step, and it is frozen until it is reset. docs/rules/quotes.md.
#pragma once

#include "machine.hpp"

namespace tidegate {

template <class Memory>
bool Machine<Memory>::frozen(const Account& account, std::uint16_t group) const {
    if (group == 0) return false;
    const GroupState* state = groups_.find(account.number, group);
    return state != nullptr && state->frozen != 0;
}

template <class Memory>
void Machine<Memory>::set_protection(const Command& command) {
    if (phase_ == Phase::kHalt) return reject(command, Reason::kPhaseForbids);
    if (accounts_.admit(command.header.account) == kNothing) return reject(command, Reason::kAccountTableFull);
    if (command.group == 0 || command.group > kGroupsMax) return reject(command, Reason::kInvalidGroup);
    const bool removes = command.price == 0 && command.quantity == 0 && command.quantity_limit == 0 && command.notional_limit == 0;
    const bool window_known = command.quantity >= 1 && command.quantity <= kCountdownMaxMs;
    const bool limits_known = command.price >= 0 && command.quantity_limit >= 0 && command.notional_limit >= 0;
    if (!removes && (!window_known || !limits_known)) return reject(command, Reason::kInvalidCountdown);
    if (removes) {
        groups_.erase(command.header.account, command.group);
    } else {
        GroupState state{};
        state.account = command.header.account;
        state.group = command.group;
        if (const GroupState* known = groups_.find(state.account, state.group)) state.frozen = known->frozen;
        state.window_ms = command.quantity;
        state.fills_limit = command.price;
        state.quantity_limit = command.quantity_limit;
        state.notional_limit = command.notional_limit;
        groups_.insert(state);
    }
    tell_protection(command.header.account, command.group, Reason::kUserRequest);
}

template <class Memory>
void Machine<Memory>::reset_protection(const Command& command) {
    if (phase_ == Phase::kHalt) return reject(command, Reason::kPhaseForbids);
    if (accounts_.admit(command.header.account) == kNothing) return reject(command, Reason::kAccountTableFull);
    GroupState* state = groups_.find(command.header.account, command.group);
    if (state == nullptr) return reject(command, Reason::kInvalidGroup);
    state->frozen = 0;
    state->window_start_ns = state->fills = state->quantity = state->notional = 0;
    tell_protection(state->account, state->group, Reason::kUserRequest);
}

// A group's limits as they are now; zeros without protection.
template <class Memory>
Event& Machine<Memory>::tell_protection(std::uint32_t account, std::uint16_t group, Reason reason) {
    const GroupState* state = groups_.find(account, group);
    Event& event = events_.add(EventType::kProtection, account);
    event.group = static_cast<std::uint8_t>(group);
    event.price = state == nullptr ? 0 : state->fills_limit;
    event.quantity = state == nullptr ? 0 : state->window_ms;
    event.reason = static_cast<std::uint16_t>(reason);
    return event;
}

template <class Memory>
std::int64_t Machine<Memory>::notional_of(std::int64_t price, std::int64_t quantity) const {
    return multiply_saturating(multiply_saturating(price, quantity), rules_.tick_lot_value);
}

template <class Memory>
void Machine<Memory>::count_fill(std::uint32_t account, std::uint8_t group, std::int64_t price, std::int64_t quantity, Taker* taker) {
    GroupState* state = groups_.find(accounts_[account].number, group);
    if (state == nullptr || state->frozen != 0) return;
    if (!count_in(*state, context_.time_ns, quantity, notional_of(price, quantity))) return;
    state->frozen = 1;
    Event& event = tell_protection(state->account, group, Reason::kMarketMakerProtection);
    event.filled = state->fills;
    event.leaves = state->quantity;
    event.previous_price = state->notional;
    pull_group(account, group, taker);
}

// Cancels the account's orders of a group, oldest first, and the one that matches at the moment last.
template <class Memory>
void Machine<Memory>::pull_group(std::uint32_t account, std::uint8_t group, Taker* taker) {
    const std::uint32_t matching = taker == nullptr ? kNothing : taker->handle;
    std::uint32_t younger = kNothing;
    for (std::uint32_t handle = accounts_[account].oldest; handle != kNothing; handle = younger) {
        younger = orders_[handle].account_next;
        if (handle == matching || orders_.terms(handle).group != group) continue;
        if (orders_[handle].resting() || orders_.terms(handle).untriggered()) {
            end_open(handle, OrderStatus::kCanceled, Reason::kMarketMakerProtection);
        } else {  // the side of a quote that was taken off, so that the other does not meet it: nobody was told
            tell_end(orders_[handle], OrderStatus::kCanceled, Reason::kMarketMakerProtection, kOnBook);
            leave(handle, OrderStatus::kCanceled, Reason::kMarketMakerProtection);
        }
    }
    if (taker == nullptr || !taker->open || taker->order->account != account || terms_of(*taker->order).group != group) return;
    tell_end(*taker->order, OrderStatus::kCanceled, Reason::kMarketMakerProtection, 0);
    end_taker(*taker, OrderStatus::kCanceled, Reason::kMarketMakerProtection);
}

}  // namespace tidegate

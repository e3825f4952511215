// CANCEL and CANCEL_ALL (ORD-12).
#pragma once

#include <algorithm>

#include "machine.hpp"

namespace tidegate {

// The account's own order; never another's.
template <class Memory>
[[gnu::always_inline]] inline Found Machine<Memory>::own_order(std::uint32_t account, std::uint64_t order_id) const {
    const Found found = memory_.find(order_id);
    if (found.open == kNothing && found.ended == nullptr) return {};
    const std::uint32_t owner = found.open != kNothing ? accounts_[orders_[found.open].account].number : found.ended->account;
    return owner == account ? found : Found{};
}

// What a command names by order id, else by client order id.
template <class Memory>
[[gnu::always_inline]] inline Found Machine<Memory>::target(const Command& command) const {
    if (command.order_id == 0) return memory_.find_client(command.header.account, command.client_order_id);
    return own_order(command.header.account, command.order_id);
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
    if (handle != kNothing) end_open(handle, OrderStatus::kCanceled, Reason::kUserRequest);
}

template <class Memory>
void Machine<Memory>::cancel_all(const Command& command) {
    if (phase_ == Phase::kHalt) return reject(command, Reason::kPhaseForbids);
    if (command.header.side > static_cast<std::uint8_t>(Side::kSell)) return reject(command, Reason::kInvalidSide);
    const auto scope = static_cast<CancelScope>(command.scope);
    if (scope > CancelScope::kEveryone) return reject(command, Reason::kInvalidScope);
    // A group that the scope would not look at was meant to narrow it.
    const std::uint16_t group_max = scope == CancelScope::kGroup || scope == CancelScope::kQuotes ? kGroupsMax : std::uint16_t{0};
    if (command.group > group_max || (scope == CancelScope::kGroup && command.group == 0)) return reject(command, Reason::kInvalidGroup);

    const auto meant = [&](const Order& order, const OrderTerms& terms) {
        if (command.header.side != 0 && command.header.side != static_cast<std::uint8_t>(order.side)) return false;
        switch (scope) {
            case CancelScope::kGroup: return terms.group == command.group;
            case CancelScope::kQuotes: return order.is(kOrderQuote) && (command.group == 0 || terms.group == command.group);
            case CancelScope::kSession: return terms.session == command.order_id && terms.session != 0;
            case CancelScope::kGateway: return terms.session >> 24 == command.order_id && terms.session != 0;
            case CancelScope::kAccount:
            case CancelScope::kEveryone: break;
        }
        return true;
    };
    const Reason reason = scope == CancelScope::kEveryone                                    ? Reason::kOperator
                          : scope == CancelScope::kSession || scope == CancelScope::kGateway ? Reason::kDisconnect
                                                                                             : Reason::kMassCancel;
    std::int64_t canceled = 0;
    bool all = true;
    if (scope == CancelScope::kGateway || scope == CancelScope::kEveryone) {
        for (const std::uint32_t account : accounts_by_number())
            if (all) all = cancel_those(account, reason, kCancelEventsMax, canceled, meant);
    } else if (const std::uint32_t account = accounts_.find(command.header.account); account != kNothing) {
        all = cancel_those(account, reason, kCancelEventsMax, canceled, meant);
    }
    Event& event = events_.add(EventType::kCancelAllDone, command.header.account);
    event.quantity = canceled;
    event.leaves = all ? 0 : 1;
}

// Cancels the account's orders that are meant, oldest first. False when `events_max` events of the command
// have been reached and more are meant.
template <class Memory>
template <typename Meant>
bool Machine<Memory>::cancel_those(std::uint32_t account, Reason reason, std::uint32_t events_max, std::int64_t& canceled, Meant meant) {
    for (std::uint32_t handle = accounts_[account].oldest; handle != kNothing;) {
        const std::uint32_t younger = orders_[handle].account_next;
        if (meant(orders_[handle], orders_.terms(handle))) {
            if (events_.of_command() >= events_max) return false;
            end_open(handle, OrderStatus::kCanceled, reason);
            ++canceled;
        }
        handle = younger;
    }
    return true;
}

// Indices of the accounts with open orders, by account number.
template <class Memory>
std::vector<std::uint32_t> Machine<Memory>::accounts_by_number() const {
    std::vector<std::uint32_t> accounts;
    for (std::uint32_t at = 0; at < accounts_.count(); ++at)
        if (accounts_[at].open_orders != 0) accounts.push_back(at);
    std::sort(accounts.begin(), accounts.end(), [&](auto left, auto right) { return accounts_[left].number < accounts_[right].number; });
    return accounts;
}

}  // namespace tidegate

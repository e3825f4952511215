// What an account sets for itself: hedge mode (ORD-13), countdown (ORD-12).
#pragma once

#include "machine.hpp"

namespace tidegate {

template <class Memory>
void Machine<Memory>::set_position_mode(const Command& command) {
    if (phase_ == Phase::kHalt) return reject(command, Reason::kPhaseForbids);
    const std::uint32_t at = accounts_.admit(command.header.account);
    if (at == kNothing) return reject(command, Reason::kAccountTableFull);
    const auto wanted = static_cast<PositionMode>(command.mode);
    if (wanted != PositionMode::kOneWay && wanted != PositionMode::kHedge) return reject(command, Reason::kInvalidPositionMode);
    Account& account = accounts_[at];
    if (wanted != account.mode) {
        if (account.position != 0 || account.short_position != 0) return reject(command, Reason::kPositionNotFlat);
        if (account.open_orders != 0) return reject(command, Reason::kOrdersOpen);
    }
    account.mode = wanted;
    events_.add(EventType::kPositionModeSet, command.header.account).mode = command.mode;
}

template <class Memory>
void Machine<Memory>::set_countdown(const Command& command) {
    if (phase_ == Phase::kHalt) return reject(command, Reason::kPhaseForbids);
    const std::uint32_t at = accounts_.admit(command.header.account);
    if (at == kNothing) return reject(command, Reason::kAccountTableFull);
    if (command.quantity < 0 || command.quantity > kCountdownMaxMs) return reject(command, Reason::kInvalidCountdown);
    start_countdown(at, command.quantity);
    Event& event = events_.add(EventType::kCountdownSet, command.header.account);
    event.quantity = command.quantity;
    event.deadline_ns = accounts_[at].countdown_deadline_ns;
}

// From now; 0 = off.
template <class Memory>
void Machine<Memory>::start_countdown(std::uint32_t at, std::int64_t milliseconds) {
    Account& account = accounts_[at];
    if (account.countdown_deadline_ns != 0) countdowns_.erase({account.countdown_deadline_ns, account.number, at});
    account.countdown_ms = milliseconds;
    account.countdown_deadline_ns = milliseconds == 0 ? 0 : context_.time_ns + milliseconds * 1'000'000;
    if (milliseconds != 0) countdowns_.insert({account.countdown_deadline_ns, account.number, at});
}

}  // namespace tidegate

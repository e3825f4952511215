// TICK: the engine's own command, which does what has become due (docs/rules/venue.md).
#pragma once

#include <algorithm>

#include "machine.hpp"

namespace tidegate {

// The first time at which due() holds if nothing else happens: 0 when it does already, kNever when it never will.
template <class Memory>
std::int64_t Machine<Memory>::next_due_ns() const {
    if (uncrossing_.to != Phase::kNone) return 0;
    if (!due_.empty() && triggers_work()) return 0;
    if (phase_ == Phase::kSettlement && orders_.used() != 0) return 0;
    if (phase_ == Phase::kHalt) return kNever;
    std::int64_t next = kNever;
    if (!expiries_.empty()) next = expiries_.begin()->at;
    if (!countdowns_.empty()) next = std::min(next, countdowns_.begin()->at);
    if (phase_ == Phase::kAuction && indicative_pending_) next = std::min(next, indicative_time_ns_ + kIndicativeNs);
    return next;
}

template <class Memory>
void Machine<Memory>::tick(const Command& command) {
    std::int64_t done = 0;
    const bool halted = phase_ == Phase::kHalt && uncrossing_.to == Phase::kNone;
    const bool timed = halted || (tick_expiries(done) && tick_countdowns(done));
    if (timed && tick_settlement(done) && tick_uncrossing(command, done) && tick_triggers(done)) tick_indicative(done);
    Event& event = events_.add(EventType::kTickDone, command.header.account);
    event.quantity = done;
    event.leaves = due(context_.time_ns) ? 1 : 0;
}

// Each part: false when its bound was reached before all was done.
template <class Memory>
bool Machine<Memory>::tick_expiries(std::int64_t& done) {
    while (!expiries_.empty() && expiries_.begin()->at <= context_.time_ns) {
        if (events_.of_command() > kCancelEventsMax) return false;
        end_open(expiries_.begin()->handle, OrderStatus::kExpired, Reason::kExpiry);
        ++done;
    }
    return true;
}

template <class Memory>
bool Machine<Memory>::tick_countdowns(std::int64_t& done) {
    while (!countdowns_.empty() && countdowns_.begin()->at <= context_.time_ns) {
        const std::uint32_t at = countdowns_.begin()->handle;
        if (done != 0 && events_.of_command() + accounts_[at].open_orders + 1 > kCancelEventsMax) return false;
        std::int64_t canceled = 0;
        cancel_those(at, Reason::kCountdown, kEventsPerCommandMax, canceled, [](const Order&, const OrderTerms&) { return true; });
        start_countdown(at, 0);
        events_.add(EventType::kCountdownSet, accounts_[at].number).reason = static_cast<std::uint16_t>(Reason::kCountdown);
        ++done;
    }
    return true;
}

template <class Memory>
bool Machine<Memory>::tick_settlement(std::int64_t& done) {
    if (phase_ != Phase::kSettlement || orders_.used() == 0) return true;
    for (const std::uint32_t account : accounts_by_number())
        if (!cancel_those(account, Reason::kSettlement, kCancelEventsMax + 1, done, [](const Order&, const OrderTerms&) { return true; })) return false;
    return true;
}

template <class Memory>
bool Machine<Memory>::tick_uncrossing(const Command& command, std::int64_t& done) {
    if (uncrossing_.to == Phase::kNone) return true;
    continue_uncrossing(command);
    ++done;
    return uncrossing_.to == Phase::kNone;
}

template <class Memory>
bool Machine<Memory>::tick_triggers(std::int64_t& done) {
    while (triggers_work() && !due_.empty()) {
        if (events_.of_command() >= kTriggerEventsMax) return false;
        serve_due();
        ++done;
    }
    return true;
}

template <class Memory>
void Machine<Memory>::tick_indicative(std::int64_t& done) {
    if (phase_ != Phase::kAuction || !indicative_pending_ || context_.time_ns < indicative_time_ns_ + kIndicativeNs) return;
    tell_indicative();
    ++done;
}

}  // namespace tidegate

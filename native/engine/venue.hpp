// What the venue itself commands: SET_PHASE (MKT-1), SET_PRICES (PRC). DEFINE_INSTRUMENT is in defining.hpp.
#pragma once

#include "machine.hpp"

namespace tidegate {

template <class Memory>
void Machine<Memory>::set_phase(const Command& command) {
    const auto wanted = static_cast<Phase>(command.phase);
    if (wanted < Phase::kHalt || wanted > Phase::kSettlement) return reject(command, Reason::kInvalidPhase);
    if (!defined_) return reject(command, Reason::kInvalidInstrument);
    if (uncrossing_.to != Phase::kNone) return reject(command, Reason::kPhaseForbids);
    const auto reason = static_cast<Reason>(command.reason);
    const bool uncrosses = wanted == Phase::kPostOnly || wanted == Phase::kOpen || wanted == Phase::kReduceOnly;
    if (uncrosses && levels_.crossed()) return uncross(command, wanted, reason);
    enter_phase(command, wanted, reason);
}

// Tells the phase, and lets triggers and the auction's clock know. `command` may be the TICK that ends an
// uncrossing.
template <class Memory>
void Machine<Memory>::enter_phase(const Command& command, Phase to, Reason reason) {
    const bool triggers_worked = triggers_work();
    if (phase_ != to || to != Phase::kAuction) {
        indicative_time_ns_ = to == Phase::kAuction ? context_.time_ns : 0;
        indicative_pending_ = false;
    }
    phase_ = to;
    Event& event = events_.add(EventType::kPhaseChanged, command.header.account);
    event.phase = static_cast<std::uint8_t>(to);
    event.reason = static_cast<std::uint16_t>(reason);
    if (triggers_worked && !triggers_work()) put_back_due();
    if (!triggers_worked && triggers_work()) queue_untold();
}

template <class Memory>
void Machine<Memory>::set_prices(const Command& command) {
    const auto in_range = [](std::int64_t price) { return price >= 0 && price <= kPriceMax; };
    const std::int64_t mark = command.price;
    const std::int64_t index = command.quantity;
    if (!in_range(mark) || !in_range(index) || (mark == 0 && index == 0)) return reject(command, Reason::kInvalidPrice);
    if (mark != 0) prices_.mark = mark;
    if (index != 0) prices_.index = index;
    prices_.funding_rate = command.funding_rate;
    prices_.next_funding_time_ns = command.next_funding_time_ns;
    prices_.source_time_ns = command.source_time_ns;
    Event& event = events_.add(EventType::kPricesSet, command.header.account);
    event.price = prices_.mark;
    event.quantity = prices_.index;
    event.funding_rate = prices_.funding_rate;
    event.next_funding_time_ns = prices_.next_funding_time_ns;
    event.source_time_ns = prices_.source_time_ns;
    if (!triggers_work()) return;
    if (mark != 0) observe(TriggerBy::kMark, mark);
    if (index != 0) observe(TriggerBy::kIndex, index);
}

}  // namespace tidegate

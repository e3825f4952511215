// What the venue itself commands: SET_PHASE (MKT-1), DEFINE_INSTRUMENT (INS-2, INS-3).
#pragma once

#include "machine.hpp"

namespace tidegate {

template <class Memory>
void Machine<Memory>::set_phase(const Command& command) {
    const auto wanted = static_cast<Phase>(command.phase);
    if (wanted < Phase::kHalt || wanted > Phase::kOpen) return reject(command, Reason::kInvalidPhase);
    if (!defined_) return reject(command, Reason::kInvalidInstrument);
    phase_ = wanted;
    Event& event = events_.add(EventType::kPhaseChanged, command.header.account);
    event.phase = command.phase;
    event.reason = command.reason;
}

// Whether the engine can work by these rules.
inline bool rules_are_sound(const InstrumentRules& rules) {
    return rules.price_min >= 1 && rules.price_min <= rules.price_max && rules.price_max <= kPriceMax &&
           rules.quantity_min >= 1 && rules.quantity_min <= rules.quantity_max && rules.quantity_max <= kQuantityMax &&
           rules.market_quantity_max >= 1 && rules.market_quantity_max <= kQuantityMax && rules.notional_min >= 0 &&
           rules.tick_lot_value >= 1 && rules.open_orders_max >= 1 && rules.open_orders_max <= kOpenOrdersPerAccountMax;
}

template <class Memory>
void Machine<Memory>::define_instrument(const Command& command) {
    InstrumentRules rules;
    std::memcpy(static_cast<void*>(&rules), &command, sizeof(rules));
    if (!rules_are_sound(rules)) return reject(command, Reason::kInvalidInstrument);
    std::memset(static_cast<void*>(&rules.header), 0, sizeof(rules.header));
    rules_ = rules;
    defined_ = true;
    events_.add(EventType::kInstrumentDefined, command.header.account);
}

}  // namespace tidegate

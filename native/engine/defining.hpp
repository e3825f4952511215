// DEFINE_INSTRUMENT (INS-2, INS-3): the rules of the symbol, and another tick or lot. docs/rules/venue.md.
#pragma once

#include <algorithm>

#include "machine.hpp"

namespace tidegate {

// Whether the engine can work by these rules.
inline bool rules_are_sound(const InstrumentRules& rules) {
    const auto scale_known = [](std::int8_t exponent) { return exponent >= -18 && exponent <= 18; };
    return rules.price_min >= 1 && rules.price_min <= rules.price_max && rules.price_max <= kPriceMax &&
           rules.quantity_min >= 1 && rules.quantity_min <= rules.quantity_max && rules.quantity_max <= kQuantityMax &&
           rules.market_quantity_max >= 1 && rules.market_quantity_max <= kQuantityMax && rules.notional_min >= 0 &&
           rules.tick_lot_value >= 1 && rules.open_orders_max >= 1 && rules.open_orders_max <= kOpenOrdersPerAccountMax &&
           rules.trigger_orders_max <= kTriggerOrdersPerAccountMax && rules.position_max >= 0 && rules.position_max <= kPositionMax &&
           rules.band_down_bps <= 9'999 && rules.band_up_bps <= 1'000'000 && scale_known(rules.tick_exponent) &&
           scale_known(rules.lot_exponent) && rules.reserved == 0;
}

// How numbers in an old unit become numbers in a new one: multiplied by one of the two, divided by the other.
struct Rescaling {
    std::int64_t multiply = 1;
    std::int64_t divide = 1;
    bool known = true;  // false: not a whole number nor one over a whole number, or too large

    bool changes() const { return multiply != 1 || divide != 1 || !known; }
    // Rounded down; at least 1 and at most `most`, unless it is 0.
    std::int64_t of(std::int64_t value, std::int64_t most) const {
        if (value == 0) return 0;
        __extension__ const auto scaled = static_cast<__int128>(value) * multiply / divide;
        return static_cast<std::int64_t>(std::clamp<decltype(scaled)>(scaled, 1, most));
    }
};

// Units are mantissa x 10^exponent; a mantissa of 0 says that the unit is not known.
inline Rescaling rescaling(std::uint16_t old_mantissa, std::int8_t old_exponent, std::uint16_t new_mantissa, std::int8_t new_exponent) {
    static constexpr std::int64_t kRatioMax = 1'000'000'000;
    static constexpr int kShiftMax = 14;  // beyond it no two mantissas bring the ratio back within the bound
    if (old_mantissa == 0 || new_mantissa == 0) return {};
    const int shift = old_exponent - new_exponent;
    if (shift > kShiftMax || shift < -kShiftMax) return {1, 1, false};
    std::int64_t from = old_mantissa;
    std::int64_t to = new_mantissa;
    for (int i = 0; i < shift; ++i) from *= 10;
    for (int i = 0; i < -shift; ++i) to *= 10;
    if (from % to == 0 && from / to <= kRatioMax) return {from / to, 1, true};
    if (to % from == 0 && to / from <= kRatioMax) return {1, to / from, true};
    return {1, 1, false};
}

template <class Memory>
void Machine<Memory>::define_instrument(const Command& command) {
    InstrumentRules rules;
    std::memcpy(static_cast<void*>(&rules), &command, sizeof(rules));
    if (!rules_are_sound(rules)) return reject(command, Reason::kInvalidInstrument);
    std::memset(static_cast<void*>(&rules.header), 0, sizeof(rules.header));
    const Rescaling ticks = rescaling(rules_.tick_mantissa, rules_.tick_exponent, rules.tick_mantissa, rules.tick_exponent);
    const Rescaling lots = rescaling(rules_.lot_mantissa, rules_.lot_exponent, rules.lot_mantissa, rules.lot_exponent);
    if (const Reason reason = check_rescaling(ticks, lots); reason != Reason::kNone) return reject(command, reason);
    rescale(ticks, lots);
    rules_ = rules;
    defined_ = true;
    definition_sequence_ = context_.sequence;
    Event& event = events_.add(EventType::kInstrumentDefined, command.header.account);
    std::memcpy(reinterpret_cast<unsigned char*>(&event) + offsetof(InstrumentDefined, rules), reinterpret_cast<const unsigned char*>(&rules) + offsetof(InstrumentRules, price_min),
                sizeof(InstrumentDefined::rules));
}

template <class Memory>
Reason Machine<Memory>::check_rescaling(const Rescaling& ticks, const Rescaling& lots) const {
    if (!ticks.changes() && !lots.changes()) return Reason::kNone;
    // An order on its way may not come in while its numbers begin to mean something else.
    if (phase_ != Phase::kHalt && phase_ != Phase::kCancelOnly && phase_ != Phase::kSettlement) return Reason::kPhaseForbids;
    if (orders_.used() != 0) return Reason::kOrdersOpen;
    if (!ticks.known || !lots.known) return Reason::kInvalidInstrument;
    for (std::uint32_t at = 0; at < accounts_.count(); ++at)
        for (const std::int64_t position : {accounts_[at].position, accounts_[at].short_position}) {
            const std::int64_t held = position < 0 ? -position : position;
            if (held % lots.divide != 0 || held / lots.divide > kPositionMax / lots.multiply) return Reason::kInvalidInstrument;
        }
    return Reason::kNone;
}

template <class Memory>
void Machine<Memory>::rescale(const Rescaling& ticks, const Rescaling& lots) {
    for (std::int64_t* price : {&prices_.mark, &prices_.index, &prices_.last})
        if (ticks.changes()) *price = ticks.of(*price, kPriceMax);
    if (!lots.changes()) return;
    for (std::uint32_t at = 0; at < accounts_.count(); ++at)
        for (std::int64_t* position : {&accounts_[at].position, &accounts_[at].short_position}) *position = *position * lots.multiply / lots.divide;
    for (auto& [key, group] : groups_.all())
        for (std::int64_t* quantity : {&group.quantity_limit, &group.quantity}) *quantity = lots.of(*quantity, INT64_MAX);
}

}  // namespace tidegate

// What matching never needs of an open order: how it was sent, when it took its place, and the small print
// of icebergs, trigger orders and sessions. One cache line.
#pragma once

#include <cstdint>

#include "../records/records.hpp"

namespace tidegate {

enum class Direction : std::uint8_t { kNone = 0, kRising = 1, kFalling = 2 };

// Of a trigger order: kDue ones have their turn in the next TICK, kFired are the taker of the command at hand.
enum class Waiting : std::uint8_t { kNot = 0, kForPrice = 1, kDue = 2, kFired = 3 };

struct alignas(64) OrderTerms {
    std::int64_t quantity;     // lots, as sent
    std::uint64_t admission;   // the sequence at which it took its place in its level; 0 while it does not rest
    std::int64_t expiry_ns;    // GTD; 0 = none
    std::int64_t display;      // lots; 0 = no iceberg
    union {
        std::int64_t shown;    // an iceberg's lots that the book shows; 0 while it does not rest
        std::int64_t extreme;  // a trailing stop's, ticks; 0 while it is not active
    };
    std::uint32_t price;         // ticks, as sent
    std::uint32_t trigger_sent;  // ticks; a trailing stop's activation price
    std::uint32_t trigger_price; // ticks, as it is now; a trailing stop's is 0 while it is not active
    std::uint32_t session;       // to be canceled with this session; 0 = with none
    std::uint16_t callback_bps;
    OrderType type;
    std::uint8_t stp_mode;       // as sent
    std::uint8_t flags_sent;     // kBodyFlags of its command
    TriggerBy trigger_by;
    std::uint8_t group;          // market-maker protection; 0 = none
    Waiting waiting : 2;
    Direction direction : 2;     // while untriggered
    std::uint8_t untold : 1;     // a trailing stop whose activation is still to be told: in the queue while triggers work

    bool untriggered() const { return waiting == Waiting::kForPrice || waiting == Waiting::kDue; }
    bool close_position() const { return (flags_sent & kCommandClosePosition) != 0; }
    // What events and states show of it in `flags`. (Only hedge mode takes an order that names a leg.)
    std::uint8_t shown_flags() const {
        const int leg = (flags_sent & kCommandLong) != 0 ? kLongLeg : 0;
        return static_cast<std::uint8_t>(leg | ((flags_sent & kCommandLiquidation) != 0 ? kLiquidation : 0));
    }
};
static_assert(sizeof(OrderTerms) == 64);

inline constexpr std::uint8_t kBodyFlags =
    kCommandReduceOnly | kCommandClosePosition | kCommandLong | kCommandShort | kCommandLiquidation;

constexpr bool is_trigger_type(OrderType type) { return type >= OrderType::kStop && type <= OrderType::kTrailingStop; }
constexpr bool is_market_type(OrderType type) {
    return type == OrderType::kMarket || type == OrderType::kStopMarket || type == OrderType::kTakeProfitMarket ||
           type == OrderType::kTrailingStop;
}

// Whether events tell more of it than its 64 bytes in the arena know.
constexpr bool is_special(OrderType type, TimeInForce time_in_force, std::int64_t display, std::uint16_t group, std::uint8_t flags) {
    return is_trigger_type(type) || time_in_force == TimeInForce::kGtd || display != 0 || group != 0 || (flags & (kCommandLong | kCommandLiquidation)) != 0;
}

// The terms of the order that an accepted PLACE or REPLACE asks for; it neither rests nor waits yet.
// `plain`: is_plain() holds, and what is left out here is 0.
inline void write_terms(OrderTerms& terms, const Command& sent, bool plain) {
    terms = OrderTerms{};
    terms.quantity = sent.quantity;
    terms.price = static_cast<std::uint32_t>(sent.price);
    terms.session = (sent.header.flags & kCommandCancelOnDisconnect) != 0 ? sent.origin : 0;
    terms.type = static_cast<OrderType>(sent.header.order_type);
    terms.stp_mode = sent.stp_mode;
    if (plain) return;
    terms.expiry_ns = sent.expiry_ns;
    terms.display = sent.display;
    terms.trigger_sent = static_cast<std::uint32_t>(sent.trigger_price);
    terms.callback_bps = sent.callback_bps;
    terms.flags_sent = sent.header.flags & kBodyFlags;
    terms.trigger_by = static_cast<TriggerBy>(sent.trigger_by);
    terms.group = static_cast<std::uint8_t>(sent.group);
}

}  // namespace tidegate

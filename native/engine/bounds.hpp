// How much there may be of everything, and the few values that a symbol has one of.
#pragma once

#include <cstdint>
#include <limits>

#include "../records/records.hpp"

namespace tidegate {

// How much one symbol may hold.
struct Limits {
    std::uint32_t orders_max;    // open orders
    std::uint32_t retained_max;  // ended orders that are still known
    std::uint32_t accounts_max;
};

inline constexpr std::int64_t kPositionMax = kQuantityMax * 1024;  // lots, either sign
// No step of a matching begins that could take a command past this many events; with what may follow it
// stays below kEventsPerCommandMax.
inline constexpr std::uint32_t kMatchingEventsMax = 32'000;
inline constexpr std::uint32_t kCancelEventsMax = 30'000;  // of one CANCEL_ALL, of a TICK before it stops
inline constexpr std::uint32_t kTriggerEventsMax = 512;    // of a TICK before it fires no more
inline constexpr std::int64_t kIndicativeNs = 100'000'000;
inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

// As the venue's commands and trades have set them; ticks, 0 = none yet.
struct Prices {
    std::int64_t mark;
    std::int64_t index;
    std::int64_t last;
    std::int64_t funding_rate;          // 1e-8
    std::int64_t next_funding_time_ns;
    std::int64_t source_time_ns;
};

// An auction's result that takes more than one command to trade.
struct Uncrossing {
    Phase to;                // kNone: none under way
    std::uint8_t round_told; // the AUCTION event of the round under way has been told
    std::uint32_t reason;    // of the SET_PHASE
    std::int64_t price;      // of the round under way; 0 = none
};

}  // namespace tidegate

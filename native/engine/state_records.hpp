// The fixed parts of the state's canonical form (docs/rules/state.md).
#pragma once

#include <cstdint>
#include <stdexcept>

#include "order_state.hpp"
#include "protection_groups.hpp"

namespace tidegate {

// The bytes are not a state, or not one that fits here.
struct NotAState : std::runtime_error {
    using std::runtime_error::runtime_error;
};

inline constexpr std::uint64_t kStateMagic = 0x3245544154534754;  // "TGSTATE2"

struct [[gnu::packed]] StateHead {
    std::uint64_t magic = kStateMagic;
    std::uint32_t symbol;
    std::uint64_t sequence;
    std::int64_t time_ns;
    std::uint64_t trade_id;
    std::uint8_t phase;
    std::uint8_t defined;
    std::uint8_t uncrossing;
    std::uint8_t round_told;
    std::uint32_t uncrossing_reason;
    std::int64_t mark;
    std::int64_t index;
    std::int64_t last;
    std::int64_t funding_rate;
    std::int64_t next_funding_time_ns;
    std::int64_t source_time_ns;
    std::uint64_t definition_sequence;
    std::int64_t indicative_time_ns;
    std::uint64_t indicative_pending;
    std::int64_t uncrossing_price;
};
static_assert(sizeof(StateHead) == 44 + 6 * 8 + 4 * 8);

struct AccountState {
    std::uint32_t number;
    std::uint8_t mode;
    std::uint8_t reserved[3];
    std::int64_t position;
    std::int64_t short_position;
    std::int64_t countdown_deadline_ns;
    std::int64_t countdown_ms;
};
static_assert(sizeof(AccountState) == 40);

struct OpenState {
    OrderState order;
    std::int64_t shown;
    std::int64_t extreme;
    std::int64_t trigger_price;
    std::uint32_t session;
    std::uint8_t waiting;
    std::uint8_t group;
    std::uint8_t direction;
    std::uint8_t untold;
    std::int64_t expiry_ns;
};
static_assert(sizeof(OpenState) == 168);

}  // namespace tidegate

// Market-maker protection: limits and counters of an account's groups, as in the state's canonical form.
#pragma once

#include <cstdint>
#include <map>
#include <utility>

namespace tidegate {

struct GroupState {
    std::uint32_t account;  // number
    std::uint16_t group;
    std::uint8_t frozen;
    std::uint8_t reserved;
    std::int64_t window_ms;
    std::int64_t fills_limit;     // 0 = none, like the others
    std::int64_t quantity_limit;  // lots
    std::int64_t notional_limit;  // 1e-8 of the settlement asset
    std::int64_t window_start_ns; // 0 = none open
    std::int64_t fills;
    std::int64_t quantity;
    std::int64_t notional;
};
static_assert(sizeof(GroupState) == 72);

inline std::int64_t add_saturating(std::int64_t left, std::int64_t right) {
    std::int64_t sum = 0;
    return __builtin_add_overflow(left, right, &sum) ? INT64_MAX : sum;
}
// None of the factors is negative.
inline std::int64_t multiply_saturating(std::int64_t left, std::int64_t right) {
    std::int64_t product = 0;
    return __builtin_mul_overflow(left, right, &product) ? INT64_MAX : product;
}

// Counts one fill; whether a limit is reached by it.
inline bool count_in(GroupState& state, std::int64_t time_ns, std::int64_t quantity, std::int64_t notional) {
    const std::int64_t window_ns = state.window_ms * 1'000'000;
    if (state.fills == 0 || time_ns - state.window_start_ns >= window_ns) {
        state.window_start_ns = time_ns;
        state.fills = state.quantity = state.notional = 0;
    }
    ++state.fills;
    state.quantity = add_saturating(state.quantity, quantity);
    state.notional = add_saturating(state.notional, notional);
    const auto reached = [](std::int64_t counted, std::int64_t limit) { return limit != 0 && counted >= limit; };
    return reached(state.fills, state.fills_limit) || reached(state.quantity, state.quantity_limit) || reached(state.notional, state.notional_limit);
}

class ProtectionGroups {
public:
    using Groups = std::map<std::pair<std::uint32_t, std::uint16_t>, GroupState>;

    // Null when the account (by number) has no such group.
    GroupState* find(std::uint32_t account, std::uint16_t group) {
        const auto at = groups_.find({account, group});
        return at == groups_.end() ? nullptr : &at->second;
    }
    const GroupState* find(std::uint32_t account, std::uint16_t group) const {
        const auto at = groups_.find({account, group});
        return at == groups_.end() ? nullptr : &at->second;
    }
    // The group with these limits, new or as it was with its counters.
    GroupState& insert(const GroupState& state) { return groups_.insert_or_assign({state.account, state.group}, state).first->second; }
    void erase(std::uint32_t account, std::uint16_t group) { groups_.erase({account, group}); }

    // By account, then group.
    const Groups& all() const { return groups_; }
    Groups& all() { return groups_; }

private:
    Groups groups_;
};

}  // namespace tidegate

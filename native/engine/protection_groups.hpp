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

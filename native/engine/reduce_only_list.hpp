// The resting reduce-only orders of each account, oldest first, so that the hook after every fill (ORD-8) looks
// at these alone and not at all that the account has open.
#pragma once

#include <algorithm>
#include <cstdint>

#include "accounts.hpp"

namespace tidegate {

class ReduceOnlyList {
public:
    ReduceOnlyList(const OrderArena& orders, std::uint32_t orders_max) : orders_(orders), links_(orders_max) {}

    // Resting orders of all accounts.
    std::uint32_t count() const { return count_; }
    std::uint32_t next(std::uint32_t handle) const { return links_[handle].younger; }

    // By its age: one that was triggered or amended may be older than what is there.
    void insert(Account& account, std::uint32_t handle) {
        std::uint32_t older = account.reduce_only == 0 ? kNothing : account.reduce_only_newest;
        while (older != kNothing && age(older) > age(handle)) older = links_[older].older;
        const std::uint32_t younger = older != kNothing ? links_[older].younger : account.reduce_only == 0 ? kNothing : account.reduce_only_oldest;
        links_[handle] = {older, younger};
        (older == kNothing ? account.reduce_only_oldest : links_[older].younger) = handle;
        (younger == kNothing ? account.reduce_only_newest : links_[younger].older) = handle;
        const std::int64_t leaves = orders_[handle].leaves();
        account.reduce_only_most = account.reduce_only == 0 ? leaves : std::max(account.reduce_only_most, leaves);
        ++account.reduce_only;
        ++count_;
    }

    void remove(Account& account, std::uint32_t handle) {
        const Links links = links_[handle];
        (links.older == kNothing ? account.reduce_only_oldest : links_[links.older].younger) = links.younger;
        (links.younger == kNothing ? account.reduce_only_newest : links_[links.younger].older) = links.older;
        --account.reduce_only;
        --count_;
    }

private:
    struct Links {
        std::uint32_t older;
        std::uint32_t younger;
    };

    std::uint64_t age(std::uint32_t handle) const { return order_age(orders_[handle].order_id); }

    const OrderArena& orders_;
    ZeroedArray<Links> links_;  // by handle
    std::uint32_t count_ = 0;
};

}  // namespace tidegate

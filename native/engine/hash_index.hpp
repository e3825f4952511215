// Open addressing from a 32-bit tag to a 32-bit location, with linear probing and without tombstones.
//
// The key itself is not kept: the owner of what lies at a location says whether it is meant. Keys that
// follow one another (order ids, client order ids of one account) share a cache line: a block of eight is
// scattered as a whole, so that runs of keys neither miss the cache nor pile up into long clusters.
//
// Memory for the bound is reserved from the start, but a table scattered over all of it would miss the cache
// with every block: only as much is used as four times the most entries there have been. Growing moves them
// all, which happens once per doubling in the life of a table.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "invariant.hpp"
#include "zeroed_array.hpp"

namespace tidegate {

inline constexpr std::uint32_t kNothing = 0xFFFFFFFFu;

// Scatters blocks of eight keys; `salt` sets families of keys (accounts) apart.
inline std::uint32_t block_tag(std::uint64_t key, std::uint64_t salt) {
    std::uint64_t block = (key >> 3) ^ salt;
    block *= 0x9E3779B97F4A7C15u;
    block ^= block >> 32;
    block *= 0xD6E8FEB86659FD93u;
    return static_cast<std::uint32_t>(block >> 32) << 3 | static_cast<std::uint32_t>(key & 7);
}

class HashIndex {
public:
    // Room for `entries_max`; at most half full then, a quarter before.
    explicit HashIndex(std::size_t entries_max)
        : slots_(std::bit_ceil(entries_max * 2 | 8), Use::kAllOver), mask_(static_cast<std::uint32_t>(std::min(slots_.size(), kSlotsAtFirst) - 1)) {}

    // The location under `tag` for which `is_meant(location)` holds, or kNothing.
    template <typename IsMeant>
    std::uint32_t find(std::uint32_t tag, IsMeant is_meant) const {
        for (std::uint32_t at = tag & mask_;; at = (at + 1) & mask_) {
            const Slot slot = slots_[at];
            if (slot.location == 0) return kNothing;
            if (slot.tag == tag && is_meant(slot.location - 1)) return slot.location - 1;
        }
    }

    [[gnu::always_inline]] void insert(std::uint32_t tag, std::uint32_t location) {
        if (entries_ * std::uint64_t{4} > mask_ && mask_ + std::size_t{1} < slots_.size()) grow();
        ++entries_;
        place({tag, location + 1});
    }

    // What was at `from` is now at `to`.
    void move(std::uint32_t tag, std::uint32_t from, std::uint32_t to) { slots_[slot_of(tag, from)].location = to + 1; }

    void erase(std::uint32_t tag, std::uint32_t location) {
        std::uint32_t hole = slot_of(tag, location);
        // What comes after the hole moves up, unless that would put it before its own home.
        for (std::uint32_t at = (hole + 1) & mask_; slots_[at].location != 0; at = (at + 1) & mask_) {
            const std::uint32_t home = slots_[at].tag & mask_;
            if (((at - home) & mask_) < ((at - hole) & mask_)) continue;
            slots_[hole] = slots_[at];
            hole = at;
        }
        slots_[hole].location = 0;
        --entries_;
    }

    void prefetch(std::uint32_t tag) const { __builtin_prefetch(&slots_[tag & mask_], 1); }
    // A location that is probably meant by `tag`, for prefetching only.
    std::uint32_t guess(std::uint32_t tag) const {
        const Slot slot = slots_[tag & mask_];
        return slot.tag == tag ? slot.location - 1 : kNothing;
    }

private:
    struct Slot {
        std::uint32_t tag;
        std::uint32_t location;  // one more than it is; 0 = free
    };

    void place(Slot entry) {
        std::uint32_t at = entry.tag & mask_;
        while (slots_[at].location != 0) at = (at + 1) & mask_;
        slots_[at] = entry;
    }

    [[gnu::noinline]] void grow() {
        std::vector<Slot> entries;
        entries.reserve(entries_);
        for (std::uint32_t at = 0; at <= mask_; ++at) {
            if (slots_[at].location != 0) entries.push_back(slots_[at]);
            slots_[at] = {};
        }
        mask_ = mask_ * 2 + 1;
        for (const Slot entry : entries) place(entry);
    }

    std::uint32_t slot_of(std::uint32_t tag, std::uint32_t location) const {
        std::uint32_t at = tag & mask_;
        while (slots_[at].location != location + 1) {
            TIDEGATE_ASSERT(slots_[at].location != 0);
            at = (at + 1) & mask_;
        }
        return at;
    }

    static constexpr std::size_t kSlotsAtFirst = 4096;

    ZeroedArray<Slot> slots_;
    std::uint32_t mask_;
    std::uint32_t entries_ = 0;
};

}  // namespace tidegate

// Nodes of the ordered sets (triggers, expiries, countdowns), all of one size, from memory that is set aside
// at the start: no allocation per order, and a bound that the limits of the symbol give.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <set>

#include "hash_index.hpp"
#include "zeroed_array.hpp"

namespace tidegate {

class NodePool final : public std::pmr::memory_resource {
public:
    explicit NodePool(std::size_t nodes_max) : nodes_(nodes_max) {}

    // All the sets are empty.
    bool unused() const { return used_ == 0; }

private:
    struct alignas(64) Node {
        std::uint32_t next_free;
        unsigned char rest[60];
    };

    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
        TIDEGATE_ASSERT(bytes <= sizeof(Node) && alignment <= alignof(Node));
        ++used_;
        if (free_ != kNothing) {
            Node& node = nodes_[free_];
            free_ = node.next_free;
            return &node;
        }
        TIDEGATE_ASSERT(fresh_ < nodes_.size());
        return &nodes_[fresh_++];
    }
    void do_deallocate(void* memory, std::size_t, std::size_t) override {
        --used_;
        auto* node = static_cast<Node*>(memory);
        node->next_free = free_;
        free_ = static_cast<std::uint32_t>(node - nodes_.data());
    }
    bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override { return this == &other; }

    ZeroedArray<Node> nodes_;
    std::uint32_t used_ = 0;
    std::uint32_t fresh_ = 0;
    std::uint32_t free_ = kNothing;
};

// Something that waits for a price or a time: by that first, then by age.
struct WaitKey {
    std::int64_t at;
    std::uint64_t age;
    std::uint32_t handle;

    auto operator<=>(const WaitKey&) const = default;
};
using WaitSet = std::pmr::set<WaitKey>;

// What goes is mostly the first and what comes often the last, above all when a price or a time is reached that
// very many wait for: then nothing is searched.
inline void erase_from(WaitSet& set, const WaitKey& key) {
    if (!set.empty() && *set.begin() == key) set.erase(set.begin());
    else set.erase(key);
}
inline void insert_into(WaitSet& set, const WaitKey& key) { set.insert(set.end(), key); }

}  // namespace tidegate

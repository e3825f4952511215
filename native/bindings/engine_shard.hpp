// A shard as Python sees it: state, sequencer, and a hold on the memory of its rings.
#pragma once

#include <vector>

#include "buffer.hpp"
#include "engine/sequencer.hpp"

namespace tidegate {

struct BoundShard : Shard {
    BoundShard(std::uint16_t symbol, const Limits& limits) : Shard(symbol, limits), sequencer(*this) {}

    std::vector<BufferView> ring_views;
    Sequencer sequencer;
};

// What the two files that bind it add to the class.
using ShardClass = nb::class_<BoundShard>;
void bind_shard_live(ShardClass& shard);

}  // namespace tidegate

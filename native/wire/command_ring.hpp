// Single-producer single-consumer ring of commands in shared memory: one gateway (or risk) writes, one
// engine reads. Positions count records from the ring's creation and never wrap.
//
// The consumer takes records at a cursor of its own and moves `head` only when what it took is durable.
// A consumer that dies in between leaves the records in the ring for its successor, which knows from
// the journal (generation, position) where to go on: every command gets into the log exactly once.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <stdexcept>

#include "../records/crc32c.hpp"
#include "../records/records.hpp"

namespace tidegate {

class CommandRing {
public:
    static constexpr std::uint64_t kMagic = 0x31474E4952434754;  // "TGCRING1"

    struct alignas(64) Header {
        std::uint64_t magic;
        std::uint64_t capacity;    // records, a power of two
        std::uint64_t generation;  // random, never 0: another creation is another ring
        std::uint64_t high_water;  // records; past this depth only what needs reserved room gets in
        alignas(128) std::atomic<std::uint64_t> tail;  // next position to write; producer's
        alignas(128) std::atomic<std::uint64_t> head;  // everything below is durable; consumer's
        alignas(128) std::atomic<std::uint32_t> consumer_sleeps;
    };
    static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

    static std::size_t bytes_needed(std::uint64_t capacity) { return sizeof(Header) + capacity * sizeof(Command); }

    // Lays out a fresh ring. `memory` must be zeroed, 64-byte aligned and at least bytes_needed() long.
    static void create(void* memory, std::uint64_t capacity, std::uint64_t high_water, std::uint64_t generation) {
        if (capacity == 0 || (capacity & (capacity - 1)) != 0) throw std::invalid_argument("ring capacity must be a power of two");
        if (high_water == 0 || high_water > capacity) throw std::invalid_argument("high-water mark must be within the ring");
        if (generation == 0) throw std::invalid_argument("ring generation must not be 0");
        auto* header = static_cast<Header*>(memory);
        header->capacity = capacity;
        header->high_water = high_water;
        header->generation = generation;
        header->tail.store(0, std::memory_order_relaxed);
        header->head.store(0, std::memory_order_relaxed);
        header->consumer_sleeps.store(0, std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_release);
        header->magic = kMagic;
    }

    // Attaches to a ring that create() has laid out.
    CommandRing(void* memory, std::size_t bytes) : header_(static_cast<Header*>(memory)) {
        if (bytes < sizeof(Header) || header_->magic != kMagic || bytes < bytes_needed(header_->capacity))
            throw std::invalid_argument("not a command ring");
        slots_ = reinterpret_cast<Command*>(header_ + 1);
        mask_ = header_->capacity - 1;
        next_take_ = cached_head_ = header_->head.load(std::memory_order_acquire);
        staged_ = cached_tail_ = header_->tail.load(std::memory_order_acquire);
    }

    std::uint64_t capacity() const { return header_->capacity; }
    std::uint64_t generation() const { return header_->generation; }
    std::uint64_t high_water() const { return header_->high_water; }
    std::uint64_t depth() const {
        const auto head = header_->head.load(std::memory_order_acquire);
        return header_->tail.load(std::memory_order_acquire) - head;
    }

    // ---- producer -------------------------------------------------------------------------------
    // Writes one record without showing it yet; false when there is no room for it. `reserved` may use
    // the room above the high-water mark (cancels, reduce-only orders, liquidations, the operator).
    bool stage(const Command& command, bool reserved) {
        const std::uint64_t bound = reserved ? header_->capacity : header_->high_water;
        if (staged_ - cached_head_ >= bound) {
            cached_head_ = header_->head.load(std::memory_order_acquire);
            if (staged_ - cached_head_ >= bound) return false;
        }
        Command& slot = slots_[staged_ & mask_];
        slot = command;
        slot.header.crc = record_crc(slot);
        ++staged_;
        return true;
    }

    // Shows everything staged. True when the consumer sleeps and its doorbell must be rung.
    bool publish() {
        header_->tail.store(staged_, std::memory_order_seq_cst);
        return header_->consumer_sleeps.load(std::memory_order_seq_cst) != 0 &&
               header_->consumer_sleeps.exchange(0, std::memory_order_seq_cst) != 0;
    }

    // ---- consumer -------------------------------------------------------------------------------
    // The next record, or nullptr. The reference stays valid until release() passes it.
    const Command* peek() {
        if (next_take_ == cached_tail_) {
            // In the same total order as the sleeping flag: who sets the flag and then sees nothing here
            // is sure to be rung for what comes next.
            cached_tail_ = header_->tail.load(std::memory_order_seq_cst);
            if (next_take_ == cached_tail_) return nullptr;
        }
        return &slots_[next_take_ & mask_];
    }
    void take() { ++next_take_; }
    std::uint64_t taken() const { return next_take_; }
    // What was taken up to `position` is durable: its slots may be written again.
    void release(std::uint64_t position) { header_->head.store(position, std::memory_order_release); }
    // Recovery: everything below `position` is in the journal already.
    void resume_at(std::uint64_t position) {
        next_take_ = position;
        release(position);
    }
    bool has_more() { return peek() != nullptr; }
    void set_sleeping(bool sleeps) { header_->consumer_sleeps.store(sleeps ? 1 : 0, std::memory_order_seq_cst); }

private:
    Header* header_;
    Command* slots_ = nullptr;
    std::uint64_t mask_ = 0;
    std::uint64_t next_take_ = 0;
    std::uint64_t staged_ = 0;
    std::uint64_t cached_head_ = 0;
    std::uint64_t cached_tail_ = 0;
};

}  // namespace tidegate

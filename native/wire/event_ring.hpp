// Broadcast ring of events in shared memory: one engine writes, any number of readers follow, each with
// a cursor of its own that the writer neither knows nor waits for. A reader that is lapped is told so
// and goes to the journal; it can never hold the engine back.
//
// The writer announces what it is about to overwrite (`intent`) before it touches a slot and shows the
// new records (`tail`) after; a reader copies first and checks `intent` afterwards, so it can never
// take a record that was being overwritten for a good one.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <stdexcept>

#include "../records/crc32c.hpp"
#include "../records/records.hpp"

namespace tidegate {

class EventRing {
public:
    static constexpr std::uint64_t kMagic = 0x31474E4952454754;  // "TGERING1"
    static constexpr std::size_t kReadersMax = 16;
    static constexpr std::size_t kStatsBytes = 1024;  // the engine's figures for status views; layout in tidegate/wire/stats.py

    struct alignas(64) Header {
        std::uint64_t magic;
        std::uint64_t capacity;    // records, a power of two
        std::uint64_t generation;  // random, never 0
        alignas(128) std::atomic<std::uint64_t> intent;  // slots below intent - capacity may be torn
        alignas(128) std::atomic<std::uint64_t> tail;    // next position to write
        alignas(128) std::atomic<std::uint32_t> reader_sleeps[kReadersMax];
        alignas(128) unsigned char stats[kStatsBytes];
    };

    static std::size_t bytes_needed(std::uint64_t capacity) { return sizeof(Header) + capacity * sizeof(Event); }

    static void create(void* memory, std::uint64_t capacity, std::uint64_t generation) {
        if (capacity == 0 || (capacity & (capacity - 1)) != 0) throw std::invalid_argument("ring capacity must be a power of two");
        if (generation == 0) throw std::invalid_argument("ring generation must not be 0");
        auto* header = static_cast<Header*>(memory);
        header->capacity = capacity;
        header->generation = generation;
        header->intent.store(0, std::memory_order_relaxed);
        header->tail.store(0, std::memory_order_relaxed);
        for (auto& sleeps : header->reader_sleeps) sleeps.store(0, std::memory_order_relaxed);
        std::memset(header->stats, 0, kStatsBytes);
        std::atomic_thread_fence(std::memory_order_release);
        header->magic = kMagic;
    }

    EventRing(void* memory, std::size_t bytes) : header_(static_cast<Header*>(memory)) {
        if (bytes < sizeof(Header) || header_->magic != kMagic || bytes < bytes_needed(header_->capacity))
            throw std::invalid_argument("not an event ring");
        slots_ = reinterpret_cast<Event*>(header_ + 1);
        mask_ = header_->capacity - 1;
    }

    std::uint64_t capacity() const { return header_->capacity; }
    std::uint64_t generation() const { return header_->generation; }
    std::uint64_t tail() const { return header_->tail.load(std::memory_order_acquire); }
    unsigned char* stats() { return header_->stats; }

    // ---- writer ---------------------------------------------------------------------------------
    // Appends `count` records (crc filled in here) and shows them at once: readers see all or nothing
    // of one call. `count` must be at most half of the capacity. Returns a bit per sleeping reader whose
    // doorbell must be rung.
    std::uint32_t publish(const Event* events, std::uint64_t count) {
        if (count > header_->capacity / 2) throw std::length_error("batch larger than half of the event ring");
        const std::uint64_t start = header_->tail.load(std::memory_order_relaxed);
        // Never back: a writer that was killed in here has torn slots that its successor does not fill at
        // once, and a slow reader must not take those for what they held before.
        const std::uint64_t intent = header_->intent.load(std::memory_order_relaxed);
        header_->intent.store(std::max(intent, start + count), std::memory_order_seq_cst);
        std::atomic_thread_fence(std::memory_order_seq_cst);
        for (std::uint64_t i = 0; i < count; ++i) {
            Event& slot = slots_[(start + i) & mask_];
            slot = events[i];
            slot.header.crc = record_crc(slot);
        }
        header_->tail.store(start + count, std::memory_order_seq_cst);
        std::uint32_t wake = 0;
        for (std::size_t reader = 0; reader < kReadersMax; ++reader)
            if (header_->reader_sleeps[reader].load(std::memory_order_seq_cst) != 0 &&
                header_->reader_sleeps[reader].exchange(0, std::memory_order_seq_cst) != 0)
                wake |= 1u << reader;
        return wake;
    }

    // Sequence of the newest record, 0 for an empty ring. A batch is shown whole, so every command up
    // to it has been published: where a restarted writer goes on.
    std::uint64_t newest_sequence() const {
        const std::uint64_t end = tail();
        return end == 0 ? 0 : slots_[(end - 1) & mask_].header.sequence;
    }

    // ---- readers --------------------------------------------------------------------------------
    enum class Read { kRecords, kNothing, kLapped, kDamaged };
    struct ReadResult {
        Read status;
        std::uint64_t count;
    };

    // Copies up to `most` records from `cursor` to `out` and moves the cursor past them.
    ReadResult read(std::uint64_t& cursor, Event* out, std::uint64_t most) const {
        // In the same total order as the sleeping flags, see set_sleeping().
        const std::uint64_t end = header_->tail.load(std::memory_order_seq_cst);
        if (cursor == end) return {Read::kNothing, 0};
        if (end - cursor > header_->capacity) return {Read::kLapped, 0};
        const std::uint64_t count = std::min(most, end - cursor);
        for (std::uint64_t i = 0; i < count; ++i) out[i] = slots_[(cursor + i) & mask_];
        std::atomic_thread_fence(std::memory_order_seq_cst);
        if (!still_valid(cursor)) return {Read::kLapped, 0};
        for (std::uint64_t i = 0; i < count; ++i)
            if (record_crc(out[i]) != out[i].header.crc) return {Read::kDamaged, i};
        cursor += count;
        return {Read::kRecords, count};
    }

    // Puts the cursor behind the newest record; `sequence` becomes that record's, 0 in an empty ring.
    void seek_tail(std::uint64_t& cursor, std::uint64_t& sequence) const {
        do {
            cursor = tail();
            sequence = cursor == 0 ? 0 : slots_[(cursor - 1) & mask_].header.sequence;
            std::atomic_thread_fence(std::memory_order_seq_cst);
        } while (cursor != 0 && !still_valid(cursor - 1));
    }

    // Whether anything lies behind `cursor`. Right after set_sleeping(), false means: it is safe to sleep.
    bool has_more(std::uint64_t cursor) const { return header_->tail.load(std::memory_order_seq_cst) != cursor; }

    // Puts the cursor on the first record of the first command after `sequence`. False when that is no
    // longer in the ring (the reader has to take what lies between from the journal first).
    bool seek_after(std::uint64_t sequence, std::uint64_t& cursor) const {
        const std::uint64_t end = header_->tail.load(std::memory_order_acquire);
        std::uint64_t low = end > header_->capacity / 2 ? end - header_->capacity / 2 : 0;
        // Only the younger half is searched: what is found there cannot be lapped while it is used.
        if (low != 0 && slots_[low & mask_].header.sequence > sequence) return false;
        // A ring that is younger than its symbol does not begin at sequence 1.
        if (low == 0 && end != 0 && slots_[0].header.sequence > sequence + 1) return false;
        std::uint64_t high = end;
        while (low < high) {
            const std::uint64_t middle = low + (high - low) / 2;
            if (slots_[middle & mask_].header.sequence <= sequence) low = middle + 1;
            else high = middle;
        }
        std::atomic_thread_fence(std::memory_order_seq_cst);
        if (!still_valid(low)) return false;
        cursor = low;
        return true;
    }

    void set_sleeping(std::size_t reader, bool sleeps) {
        header_->reader_sleeps[reader].store(sleeps ? 1 : 0, std::memory_order_seq_cst);
    }

private:
    bool still_valid(std::uint64_t cursor) const {
        const std::uint64_t intent = header_->intent.load(std::memory_order_seq_cst);
        return intent <= header_->capacity || cursor >= intent - header_->capacity;
    }

    Header* header_;
    Event* slots_ = nullptr;
    std::uint64_t mask_ = 0;
};

}  // namespace tidegate

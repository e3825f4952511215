// One batch of a symbol's log as it lies in the journal: the commands that were taken, in order, and the
// events that they gave. Little endian, every part a multiple of four bytes:
//
//   PayloadHead (48 bytes), then per ring u64 generation + u64 position: where to go on after this batch,
//   n_commands packed commands, n_events packed events, CRC32C of everything before it.
//
// A record is packed against the one before it of its kind (zeros before the first): a mask with a bit
// per 32-bit word that differs (u32 for a command, u64 for an event), then the XOR of those words. The
// records' own crc fields are not stored; they are made again when the payload is unpacked.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include "../records/crc32c.hpp"
#include "../records/records.hpp"

namespace tidegate {

// The bytes are not a payload, or were damaged. Nothing of them may be used.
struct DamagedPayload : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct PayloadHead {
    static constexpr std::uint64_t kMagic = 0x3148435441424754;  // "TGBATCH1"
    static constexpr std::uint16_t kVersion = 1;

    std::uint64_t magic = kMagic;
    std::uint16_t version = kVersion;
    std::uint16_t n_rings = 0;
    std::uint32_t epoch = 0;
    std::uint32_t n_commands = 0;
    std::uint32_t n_events = 0;
    std::uint64_t first_sequence = 0;  // of the first command; the others follow without a gap
    std::int64_t time_ns = 0;          // sequenced time of the whole batch
    std::uint64_t reserved = 0;
};
static_assert(sizeof(PayloadHead) == 48);
static_assert(offsetof(PayloadHead, first_sequence) == 24);

// Where a command ring is read on after the batch.
struct RingCursor {
    std::uint64_t generation = 0;
    std::uint64_t position = 0;
};
static_assert(sizeof(RingCursor) == 16);

namespace detail {

template <typename Record>
struct Packing {
    static constexpr std::size_t kWords = sizeof(Record) / 4;
    using Mask = std::conditional_t<(kWords > 32), std::uint64_t, std::uint32_t>;
    static constexpr std::size_t kBytesMost = sizeof(Mask) + sizeof(Record);
    // Word 0 is the crc, which is never stored.
    static constexpr Mask kAllowed = static_cast<Mask>(((std::uint64_t{1} << kWords) - 1) & ~std::uint64_t{1});
};

template <typename Record>
constexpr Record make_zeroed() {
    Record record{};
    record.header.schema = 0;
    return record;
}
template <typename Record>
inline constexpr Record kZeroed = make_zeroed<Record>();

// Appends `record` to `out`, which has room for kBytesMost. Every word is stored and only the ones that
// differ are kept by moving on: no branch depends on the data.
template <typename Record>
inline unsigned char* pack_record(const Record& record, const Record& previous, unsigned char* out) {
    using P = Packing<Record>;
    std::uint64_t now[P::kWords / 2];
    std::uint64_t before[P::kWords / 2];
    std::memcpy(now, &record, sizeof(Record));
    std::memcpy(before, &previous, sizeof(Record));
    unsigned char* at = out + sizeof(typename P::Mask);
    std::uint64_t mask = 0;
    for (std::size_t pair = 0; pair < P::kWords / 2; ++pair) {
        const std::uint64_t difference = now[pair] ^ before[pair];
        const auto low = static_cast<std::uint32_t>(pair == 0 ? 0 : difference);
        const auto high = static_cast<std::uint32_t>(difference >> 32);
        std::memcpy(at, &low, 4);
        at += low != 0 ? 4 : 0;
        std::memcpy(at, &high, 4);
        at += high != 0 ? 4 : 0;
        mask |= (std::uint64_t{low != 0} | std::uint64_t{high != 0} << 1) << (2 * pair);
    }
    const auto narrow = static_cast<typename P::Mask>(mask);
    std::memcpy(out, &narrow, sizeof(narrow));
    return at;
}

// Reads one record from [at, end), on top of `record` (the one before it). Returns what follows it.
template <typename Record>
inline const unsigned char* unpack_record(const unsigned char* at, const unsigned char* end, Record& record) {
    using P = Packing<Record>;
    typename P::Mask mask;
    if (static_cast<std::size_t>(end - at) < sizeof(mask)) throw DamagedPayload("payload ends within a record");
    std::memcpy(&mask, at, sizeof(mask));
    at += sizeof(mask);
    if ((mask & static_cast<typename P::Mask>(~P::kAllowed)) != 0) throw DamagedPayload("payload has an impossible mask");
    if (static_cast<std::size_t>(end - at) < static_cast<std::size_t>(std::popcount(mask)) * 4)
        throw DamagedPayload("payload ends within a record");
    auto* words = reinterpret_cast<unsigned char*>(&record);
    for (; mask != 0; mask &= mask - 1, at += 4) {
        unsigned char* word = words + static_cast<std::size_t>(std::countr_zero(mask)) * 4;
        std::uint32_t value;
        std::uint32_t difference;
        std::memcpy(&value, word, 4);
        std::memcpy(&difference, at, 4);
        value ^= difference;
        std::memcpy(word, &value, 4);
    }
    return at;
}

}  // namespace detail

// Bytes that grow when they must and are otherwise used again and again.
class PayloadBuffer {
public:
    const unsigned char* data() const { return bytes_.get(); }
    std::size_t size() const { return size_; }

    // Packs a batch over what was here before. Events of queries are
    // not part of the log and are left out. `head` supplies epoch, first_sequence and time_ns.
    void pack(PayloadHead head, std::span<const RingCursor> rings, std::span<const Command> commands,
              std::span<const Event> events) {
        reserve(sizeof(PayloadHead) + rings.size_bytes() + commands.size() * detail::Packing<Command>::kBytesMost +
                events.size() * detail::Packing<Event>::kBytesMost + sizeof(std::uint32_t));
        unsigned char* at = bytes_.get() + sizeof(PayloadHead);
        if (!rings.empty()) std::memcpy(at, rings.data(), rings.size_bytes());
        at += rings.size_bytes();
        const Command* command_before = &detail::kZeroed<Command>;
        for (const Command& command : commands) {
            at = detail::pack_record(command, *command_before, at);
            command_before = &command;
        }
        head.n_events = 0;
        const Event* event_before = &detail::kZeroed<Event>;
        for (const Event& event : events) {
            if (is_query_type(event.header.command_type)) continue;
            at = detail::pack_record(event, *event_before, at);
            event_before = &event;
            ++head.n_events;
        }
        head.n_rings = static_cast<std::uint16_t>(rings.size());
        head.n_commands = static_cast<std::uint32_t>(commands.size());
        std::memcpy(bytes_.get(), &head, sizeof(head));
        const std::uint32_t crc = crc32c(bytes_.get(), static_cast<std::size_t>(at - bytes_.get()));
        std::memcpy(at, &crc, sizeof(crc));
        size_ = static_cast<std::size_t>(at - bytes_.get()) + sizeof(crc);
    }

    void clear() { size_ = 0; }

private:
    void reserve(std::size_t bytes) {
        if (bytes <= capacity_) return;
        bytes_ = std::make_unique_for_overwrite<unsigned char[]>(bytes);
        capacity_ = bytes;
    }

    std::unique_ptr<unsigned char[]> bytes_;
    std::size_t capacity_ = 0;
    std::size_t size_ = 0;
};

// A payload whose framing and CRC32C are right. Keeps a view: the bytes must outlive it.
class PayloadView {
public:
    // Throws DamagedPayload. Any bytes at all may be given.
    PayloadView(const void* data, std::size_t size) : bytes_(static_cast<const unsigned char*>(data)) {
        if (size < sizeof(PayloadHead) + sizeof(std::uint32_t) || size % 4 != 0) throw DamagedPayload("payload has an impossible size");
        body_end_ = size - sizeof(std::uint32_t);
        std::uint32_t stored;
        std::memcpy(&stored, bytes_ + body_end_, sizeof(stored));
        if (crc32c(bytes_, body_end_) != stored) throw DamagedPayload("payload has a wrong CRC32C");
        std::memcpy(&head_, bytes_, sizeof(head_));
        if (head_.magic != PayloadHead::kMagic) throw DamagedPayload("not a payload");
        if (head_.version != PayloadHead::kVersion) throw DamagedPayload("payload of an unknown version");
        body_ = sizeof(PayloadHead) + std::size_t{head_.n_rings} * sizeof(RingCursor);
        // Every packed record has at least its mask: so what is allocated for them is bounded by `size`.
        if (body_ > body_end_ || std::size_t{head_.n_commands} * 4 + std::size_t{head_.n_events} * 8 > body_end_ - body_)
            throw DamagedPayload("payload is shorter than its head says");
    }

    const PayloadHead& head() const { return head_; }
    std::uint64_t last_sequence() const { return head_.first_sequence + head_.n_commands - 1; }

    std::vector<RingCursor> rings() const {
        std::vector<RingCursor> cursors(head_.n_rings);
        if (!cursors.empty()) std::memcpy(cursors.data(), bytes_ + sizeof(PayloadHead), cursors.size() * sizeof(RingCursor));
        return cursors;
    }

    // Everything in the payload. With `set_crc` the records are as they are in rings; without, crc is 0.
    void unpack(std::vector<Command>& commands, std::vector<Event>& events, bool set_crc = true) const {
        commands.resize(head_.n_commands);
        events.resize(head_.n_events);
        const unsigned char* at = bytes_ + body_;
        const unsigned char* end = bytes_ + body_end_;
        at = unpack_all(at, end, commands, set_crc);
        at = unpack_all(at, end, events, set_crc);
        if (at != end) throw DamagedPayload("payload is longer than its head says");
    }

private:
    template <typename Record>
    static const unsigned char* unpack_all(const unsigned char* at, const unsigned char* end, std::vector<Record>& records,
                                           bool set_crc) {
        Record record = detail::kZeroed<Record>;
        for (Record& slot : records) {
            at = detail::unpack_record(at, end, record);
            slot = record;
            if (set_crc) slot.header.crc = record_crc(slot);
        }
        return at;
    }

    const unsigned char* bytes_;
    std::size_t body_ = 0;
    std::size_t body_end_ = 0;
    PayloadHead head_;
};

}  // namespace tidegate

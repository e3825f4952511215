// Events of one command after the other, written where they are read from: a preallocated buffer that is
// used again for every batch.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../records/records.hpp"
#include "invariant.hpp"
#include "zeroed_array.hpp"

namespace tidegate {

// What every event of a command repeats.
struct CommandContext {
    std::uint64_t sequence = 0;
    std::int64_t time_ns = 0;
    std::uint32_t epoch = 0;
    std::uint16_t symbol = 0;
};

class EventWriter {
public:
    explicit EventWriter(std::size_t capacity) : buffer_(capacity), next_(buffer_.data()), end_(buffer_.data() + capacity) {}

    const Event* begin() const { return buffer_.data(); }
    std::size_t count() const { return static_cast<std::size_t>(next_ - buffer_.data()); }
    std::size_t room() const { return static_cast<std::size_t>(end_ - next_); }
    void clear() { next_ = buffer_.data(); }

    // Events of the command at hand so far.
    std::uint32_t of_command() const { return static_cast<std::uint32_t>(next_ - first_); }

    void start_command(const Command& command, const CommandContext& context) {
        first_ = next_;
        // A DEFINE_INSTRUMENT has other things at these places.
        if (command.header.type == static_cast<std::uint8_t>(CommandType::kDefineInstrument)) [[unlikely]] {
            blank_.request_id = 0;
            blank_.origin = blank_.gateway_delay_us = 0;
            blank_.item = 0;
        } else {
            blank_.request_id = command.request_id;
            blank_.origin = command.origin;
            blank_.gateway_delay_us = delay_us(command.gateway_time_ns, context.time_ns);
            blank_.item = command.item;
        }
        blank_.header.command_type = command.header.type;
        blank_.header.sequence = context.sequence;
        blank_.header.time_ns = context.time_ns;
        blank_.header.epoch = context.epoch;
        blank_.header.symbol = context.symbol;
    }

    void end_command() {
        TIDEGATE_ASSERT(next_ != first_);
        next_[-1].header.flags |= kLastOfCommand;
    }

    // A new event of the command: its header and echoes filled in, the rest zero.
    [[gnu::always_inline]] Event& add(EventType type, std::uint32_t account, std::uint8_t flags = 0) {
        TIDEGATE_ASSERT(next_ != end_);
        Event& event = *next_;
        begin(event);
        event.item = blank_.item;
        event.header.type = static_cast<std::uint8_t>(type);
        event.header.flags = flags;
        event.header.account = account;
        event.header.index = static_cast<std::uint16_t>(next_ - first_);
        ++next_;
        return event;
    }

private:
    // Copies what comes first and clears the rest, in vector registers: what compilers make of so many bytes is
    // slower.
    [[gnu::always_inline]] void begin(Event& event) const {
        typedef long long Vector __attribute__((vector_size(16), may_alias));
        static constexpr std::size_t kCopied = 4;
        static_assert(offsetof(Event, client_order_id) <= kCopied * sizeof(Vector));
        auto* out = reinterpret_cast<Vector*>(&event);
        const auto* in = reinterpret_cast<const Vector*>(&blank_);
#pragma GCC unroll 4
        for (std::size_t i = 0; i < kCopied; ++i) out[i] = in[i];
#pragma GCC unroll 8
        for (std::size_t i = kCopied; i < sizeof(Event) / sizeof(Vector); ++i) out[i] = Vector{};
    }

    static std::uint32_t delay_us(std::int64_t gateway_time_ns, std::int64_t time_ns) {
        if (gateway_time_ns == 0 || gateway_time_ns >= time_ns) return 0;
        const std::uint64_t delay = (static_cast<std::uint64_t>(time_ns) - static_cast<std::uint64_t>(gateway_time_ns)) / 1000;
        return delay > UINT32_MAX ? UINT32_MAX : static_cast<std::uint32_t>(delay);
    }

    ZeroedArray<Event> buffer_;
    Event* next_;
    Event* end_;
    Event* first_ = nullptr;
    alignas(16) Event blank_{};  // what every event of the command repeats
};

}  // namespace tidegate

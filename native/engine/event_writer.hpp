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
        const bool plain = command.header.type != static_cast<std::uint8_t>(CommandType::kDefineInstrument);
        blank_.header.command_type = command.header.type;
        blank_.header.sequence = context.sequence;
        blank_.header.time_ns = context.time_ns;
        blank_.header.epoch = context.epoch;
        blank_.header.symbol = context.symbol;
        blank_.request_id = plain ? command.request_id : 0;
        blank_.origin = plain ? command.origin : 0;
        blank_.item = plain ? command.item : std::uint16_t{0};
        blank_.gateway_delay_us = plain ? delay_us(command.gateway_time_ns, context.time_ns) : 0;
    }

    void end_command() {
        TIDEGATE_ASSERT(next_ != first_);
        next_[-1].header.flags |= kLastOfCommand;
    }

    // A new event of the command: its header and echoes filled in, the rest zero.
    Event& add(EventType type, std::uint32_t account, std::uint8_t flags = 0) {
        TIDEGATE_ASSERT(next_ != end_);
        Event& event = *next_;
        copy(event, blank_);
        event.header.type = static_cast<std::uint8_t>(type);
        event.header.flags = flags;
        event.header.account = account;
        event.header.index = static_cast<std::uint16_t>(next_ - first_);
        ++next_;
        return event;
    }

private:
    // In vector registers: what compilers make of copying or clearing so many bytes is slower.
    static void copy(Event& to, const Event& from) {
        typedef long long Vector __attribute__((vector_size(16), may_alias));
        auto* out = reinterpret_cast<Vector*>(&to);
        const auto* in = reinterpret_cast<const Vector*>(&from);
#pragma GCC unroll 12
        for (std::size_t i = 0; i < sizeof(Event) / sizeof(Vector); ++i) out[i] = in[i];
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

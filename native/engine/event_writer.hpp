// Events of one command after the other, written where they are read from: a preallocated buffer that is
// used again for every batch.
#pragma once

#include <cstdint>
#include <cstring>

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
        context_ = context;
        first_ = next_;
        type_ = command.header.type;
        // A DEFINE_INSTRUMENT has other things at these places.
        const bool plain = type_ != static_cast<std::uint8_t>(CommandType::kDefineInstrument);
        request_id_ = plain ? command.request_id : 0;
        origin_ = plain ? command.origin : 0;
        item_ = plain ? command.item : std::uint16_t{0};
        delay_us_ = plain ? delay_us(command.gateway_time_ns, context.time_ns) : 0;
    }

    void end_command() {
        TIDEGATE_ASSERT(next_ != first_);
        next_[-1].header.flags |= kLastOfCommand;
    }

    // A new event of the command: its header and echoes filled in, the rest zero.
    Event& add(EventType type, std::uint32_t account, std::uint8_t flags = 0) {
        TIDEGATE_ASSERT(next_ != end_);
        Event& event = *next_;
        std::memset(static_cast<void*>(&event), 0, sizeof(event));
        event.header.type = static_cast<std::uint8_t>(type);
        event.header.schema = kSchemaVersion;
        event.header.flags = flags;
        event.header.command_type = type_;
        event.header.sequence = context_.sequence;
        event.header.time_ns = context_.time_ns;
        event.header.epoch = context_.epoch;
        event.header.account = account;
        event.header.symbol = context_.symbol;
        event.header.index = static_cast<std::uint16_t>(next_ - first_);
        event.request_id = request_id_;
        event.origin = origin_;
        event.gateway_delay_us = delay_us_;
        event.item = item_;
        ++next_;
        return event;
    }

private:
    static std::uint32_t delay_us(std::int64_t gateway_time_ns, std::int64_t time_ns) {
        if (gateway_time_ns == 0 || gateway_time_ns >= time_ns) return 0;
        const std::uint64_t delay = (static_cast<std::uint64_t>(time_ns) - static_cast<std::uint64_t>(gateway_time_ns)) / 1000;
        return delay > UINT32_MAX ? UINT32_MAX : static_cast<std::uint32_t>(delay);
    }

    ZeroedArray<Event> buffer_;
    Event* next_;
    Event* end_;
    Event* first_ = nullptr;
    CommandContext context_;
    std::uint64_t request_id_ = 0;
    std::uint32_t origin_ = 0;
    std::uint32_t delay_us_ = 0;
    std::uint16_t item_ = 0;
    std::uint8_t type_ = 0;
};

}  // namespace tidegate

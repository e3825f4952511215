// The book alone: matching without client order ids, retention or journal.
#pragma once

#include <cstddef>
#include <span>

#include "machine.hpp"

namespace tidegate {

// Applies a run of commands, looking ahead: what the next ones will touch is on its way to the cache
// while this one is worked on. `before(i)` sees to room for the events of commands[i], or says false: then
// the run ends before it. `after()` does what has become due, or says false: then the run ends there.
// Returns how many of the commands were applied.
template <class Memory, typename Before, typename After>
std::size_t apply_run(Machine<Memory>& machine, std::span<const Command> commands, std::int64_t now_ns,
                      std::uint32_t epoch, Before before, After after) {
    static constexpr std::size_t kFar = 12;
    static constexpr std::size_t kNear = 8;
    static constexpr std::size_t kNext = 4;
    for (std::size_t i = 0; i < commands.size(); ++i) {
        if (i + kFar < commands.size()) machine.prefetch_far(commands[i + kFar], kFar);
        if (i + kNear < commands.size()) machine.prefetch_near(commands[i + kNear]);
        // The third step is worth it where tables are larger than the nearer caches.
        if constexpr (Memory::kRemembers)
            if (i + kNext < commands.size()) machine.prefetch_next(commands[i + kNext]);
        if (!before(i)) return i;
        machine.apply(commands[i], now_ns, epoch);
        if (!after()) return i + 1;
    }
    return commands.size();
}

// The engine's own command, which does what is due (docs/rules/venue.md, TICK).
inline Command tick_command(std::uint16_t symbol) {
    Command tick;
    tick.header.type = static_cast<std::uint8_t>(CommandType::kTick);
    tick.header.symbol = symbol;
    return tick;
}

// An order's id is its place in the run, from 1; a TICK that the book gives itself counts too. Everything that
// fits the records is allowed from the start. There is no clock: sequenced time stays 0, so triggers fire and
// what expires by time never does.
class Book {
public:
    explicit Book(std::uint32_t orders_max, std::uint32_t accounts_max)
        : events_(Machine<OpenOrders>::events_buffer({orders_max, 0, accounts_max})), machine_(0, {orders_max, 0, accounts_max}, events_) {
        machine_.open_wide();
    }

    // `flush(events)` gets what was written whenever the buffer has run full, and at the end.
    template <typename Flush>
    void apply(std::span<const Command> commands, Flush flush) {
        const auto make_room = [&](const Command& command) {
            if (events_.room() >= machine_.events_needed(command)) return;
            flush(std::span(events_.begin(), events_.count()));
            events_.clear();
        };
        const auto before = [&](std::size_t i) {
            make_room(commands[i]);
            return true;
        };
        const auto after = [&] {
            while (machine_.due(0)) {
                make_room(tick_);
                machine_.apply(tick_, 0, 0);
            }
            return true;
        };
        apply_run(machine_, commands, 0, 0, before, after);
        flush(std::span(events_.begin(), events_.count()));
        events_.clear();
    }

    const Machine<OpenOrders>& machine() const { return machine_; }

private:
    EventWriter events_;
    Machine<OpenOrders> machine_;
    const Command tick_ = tick_command(0);
};

}  // namespace tidegate

// One symbol with everything that `apply` may touch: a machine that remembers its orders, and the buffer
// that its events are written to.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "../wire/payload.hpp"
#include "book.hpp"
#include "state.hpp"

namespace tidegate {

// A replayed command gave something else than the journal holds.
struct Mismatch : std::runtime_error {
    Mismatch(std::uint64_t sequence_, std::uint32_t index_, const char* what_)
        : std::runtime_error(what_), sequence(sequence_), index(index_) {}
    std::uint64_t sequence;
    std::uint32_t index;
};

class Shard {
public:
    using Symbol = Machine<RememberedOrders>;

    Shard(std::uint16_t symbol, const Limits& limits)
        : symbol_(symbol), limits_(limits), events_(Symbol::events_buffer(limits)), machine_(std::make_unique<Symbol>(symbol, limits, events_)) {}

    const Symbol& machine() const { return *machine_; }
    Symbol& machine() { return *machine_; }
    EventWriter& events() { return events_; }

    StateCodec::Bytes dump() const { return StateCodec::dump(*machine_); }

    // Replaces the state. Throws NotAState, and then nothing has changed.
    void load(const unsigned char* bytes, std::size_t size) {
        auto fresh = std::make_unique<Symbol>(symbol_, limits_, events_);
        StateCodec::load(*fresh, bytes, size);
        machine_ = std::move(fresh);
        broken_ = false;
    }

    // Whether a TICK at `time_ns` would do something.
    bool due(std::int64_t time_ns) const { return machine_->due(std::max(time_ns, machine_->context().time_ns)); }

    // Applies commands, and these only: a TICK is given by whoever calls. `flush(events)` gets what was written whenever the buffer has run full, and at the end.
    template <typename Flush>
    void apply(std::span<const Command> commands, std::int64_t now_ns, std::uint32_t epoch, Flush flush) {
        const auto flush_all = [&] {
            flush(std::span(events_.begin(), events_.count()));
            events_.clear();
        };
        guarded([&] {
            events_.clear();
            const auto make_room = [&](std::size_t i) {
                if (events_.room() < machine_->events_needed(commands[i])) flush_all();
                return true;
            };
            apply_run(*machine_, commands, now_ns, epoch, make_room, [] { return true; });
        });
        flush_all();
    }

    // Runs what changes the state. When an invariant breaks on the way, the state is worth nothing any
    // more, and every later call is refused.
    template <typename Change>
    void guarded(Change change) {
        if (broken_) throw BrokenInvariant("an invariant of this shard broke before");
        try {
            change();
        } catch (const BrokenInvariant&) {
            broken_ = true;
            throw;
        }
    }

    // Applies one journal payload. With `verify`, every event must be what the payload says, else Mismatch.
    // Returns how many commands there were. Throws DamagedPayload before anything has changed.
    std::size_t replay(const PayloadView& payload, bool verify) {
        payload.unpack(replayed_commands_, replayed_events_, false);
        const PayloadHead& head = payload.head();
        if (head.first_sequence != machine_->context().sequence + 1)
            throw Mismatch(head.first_sequence, 0, "the payload does not follow what was applied last");
        if (head.time_ns < machine_->context().time_ns) throw Mismatch(head.first_sequence, 0, "sequenced time goes back");
        std::size_t compared = 0;
        apply(replayed_commands_, head.time_ns, head.epoch, [&](std::span<const Event> events) {
            if (verify) compare(events, compared);
            compared += events.size();
        });
        if (verify && compared != replayed_events_.size())
            throw Mismatch(replayed_events_[compared].header.sequence, replayed_events_[compared].header.index, "the journal has more events");
        return replayed_commands_.size();
    }

private:
    void compare(std::span<const Event> events, std::size_t at) const {
        for (const Event& event : events) {
            const RecordHeader& got = event.header;
            if (at == replayed_events_.size()) throw Mismatch(got.sequence, got.index, "the journal has fewer events");
            const Event& expected = replayed_events_[at++];
            if (std::memcmp(&event, &expected, sizeof(event)) == 0) continue;
            throw Mismatch(got.sequence, got.index, got.type != expected.header.type ? "another type of event" : "another content of the event");
        }
    }

    std::uint16_t symbol_;
    Limits limits_;
    EventWriter events_;
    std::unique_ptr<Symbol> machine_;
    bool broken_ = false;
    std::vector<Command> replayed_commands_;
    std::vector<Event> replayed_events_;
};

}  // namespace tidegate

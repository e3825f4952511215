// From the command rings to one ordered batch, and from a durable batch to the event ring.
//
// poll() takes, applies and packs; the caller makes the payload durable; publish() shows the events and
// only then gives the ring slots back. What was taken but did not fit into the batch waits for the next
// one, and the cursors in the payload do not count it.
//
// Before the first command and after each one, TICKs of the sequencer's own go into the log for as long as
// something is due (docs/rules/venue.md, TICK). They come from no ring, so no cursor counts them.
#pragma once

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "../wire/command_ring.hpp"
#include "../wire/event_ring.hpp"
#include "../wire/payload.hpp"
#include "shard.hpp"

namespace tidegate {

class Sequencer {
public:
    static constexpr std::size_t kCommandsMax = 1u << 16;  // in one batch
    static constexpr std::size_t kQuantum = 64;            // commands of one ring before it is another's turn
    static constexpr std::size_t kTicksMax = 1u << 14;     // in one batch

    explicit Sequencer(Shard& shard)
        : shard_(shard), taken_(kCommandsMax), from_(kCommandsMax), log_(kCommandsMax + kTicksMax), tick_(tick_command(shard.machine().context().symbol)) {}

    struct Memory {
        void* data;
        std::size_t size;
    };

    // `cursors` come from the last batch in the journal: a ring of the same generation goes on there.
    void attach(std::span<const Memory> command_rings, Memory event_ring, std::span<const int> reader_bells, int own_bell,
                std::span<const RingCursor> cursors) {
        EventRing events(event_ring.data, event_ring.size);
        if (events.capacity() < 2 * std::uint64_t{kEventsPerCommandMax})
            throw std::invalid_argument("the event ring must hold twice the events of one command: EVENT_RING_CAPACITY_MIN");
        std::vector<CommandRing> rings;
        for (const Memory& memory : command_rings) {
            CommandRing& ring = rings.emplace_back(memory.data, memory.size);
            for (const RingCursor& cursor : cursors) {
                if (cursor.generation != ring.generation()) continue;
                // A batch of queries alone gives its room back without a journal entry, so the ring may be
                // further than the journal; what was journaled must have been in it in any case.
                TIDEGATE_ASSERT(cursor.position <= ring.taken() + ring.depth());
                if (cursor.position > ring.taken()) ring.resume_at(cursor.position);
            }
        }
        rings_ = std::move(rings);
        event_ring_ = events;
        reader_bells_.assign(reader_bells.begin(), reader_bells.end());
        own_bell_ = own_bell;
        cursors_.clear();
        for (const CommandRing& ring : rings_) cursors_.push_back({ring.generation(), ring.taken()});
        turn_ = begin_ = end_ = 0;
        staged_ = false;
    }

    void detach() {
        rings_.clear();
        event_ring_.reset();
    }

    // Takes up to `commands_max` records, fairly, applies them with the TICKs that are due, and packs what is to
    // be journaled. Returns how many were applied, TICKs too.
    std::size_t poll(std::size_t commands_max, std::int64_t now_ns, std::uint32_t epoch) {
        if (!event_ring_) throw std::logic_error("no rings are attached");
        if (staged_) throw std::logic_error("the last batch has not been published");
        gather(std::min(commands_max, kCommandsMax));
        first_sequence_ = shard_.machine().context().sequence + 1;
        commands_staged_ = 0;
        payload_.clear();
        shard_.events().clear();
        if (begin_ == end_ && !shard_.due(now_ns)) return 0;
        std::size_t ticks = 0;
        const std::size_t applied = apply(now_ns, epoch, ticks);
        for (std::size_t i = 0; i < applied; ++i) ++cursors_[from_[begin_ + i]].position;
        pack(epoch);
        begin_ += applied;
        staged_ = true;
        return applied + ticks;
    }

    // The last batch is durable, or held queries only: shows its events, wakes readers, gives slots back.
    void publish() {
        if (!staged_) return;
        show({shard_.events().begin(), shard_.events().count()});
        for (std::size_t i = 0; i < rings_.size(); ++i) rings_[i].release(cursors_[i].position);
        staged_ = false;
    }

    // Shows a journaled payload's events of sequences above `after_sequence`; the state stays as it is.
    std::size_t republish(const PayloadView& payload, std::uint64_t after_sequence) {
        if (!event_ring_) throw std::logic_error("no rings are attached");
        std::vector<Command> commands;
        std::vector<Event> events;
        payload.unpack(commands, events, false);
        const auto first = std::find_if(events.begin(), events.end(), [&](const Event& event) { return event.header.sequence > after_sequence; });
        const auto skipped = static_cast<std::size_t>(first - events.begin());
        show(std::span<const Event>(events).subspan(skipped));
        return events.size() - skipped;
    }

    // Until there is something to take or to go on with: spins, then sleeps on the doorbell. False when the time
    // is over. What becomes due by the clock is for the caller: Machine::next_due_ns bounds `timeout_ms`.
    bool wait(std::int64_t spin_us, int timeout_ms) {
        const auto spin_until = std::chrono::steady_clock::now() + std::chrono::microseconds(spin_us);
        do {
            if (has_work()) return true;
            pause();
        } while (std::chrono::steady_clock::now() < spin_until);
        for (CommandRing& ring : rings_) ring.set_sleeping(true);
        // A producer that has not seen the flag has published before this look.
        if (!has_work()) sleep_on_bell(timeout_ms);
        for (CommandRing& ring : rings_) ring.set_sleeping(false);
        return has_work();
    }

    bool attached() const { return event_ring_.has_value(); }
    std::size_t commands_staged() const { return commands_staged_; }
    std::uint64_t first_sequence() const { return first_sequence_; }
    const PayloadBuffer& payload() const { return payload_; }
    std::uint64_t queue_depth() const {
        std::uint64_t depth = 0;
        for (const CommandRing& ring : rings_) depth += ring.depth();
        return depth;
    }
    std::uint64_t queue_capacity() const {
        std::uint64_t capacity = 0;
        for (const CommandRing& ring : rings_) capacity += ring.capacity();
        return capacity;
    }

private:
    // Fills [begin_, end_) of taken_ up to `most`, a quantum of each ring in turn.
    void gather(std::size_t most) {
        std::copy(from_.data() + begin_, from_.data() + end_, from_.data());
        std::copy(taken_.data() + begin_, taken_.data() + end_, taken_.data());
        end_ -= begin_;
        begin_ = 0;
        std::size_t idle_rings = 0;
        while (end_ < most && idle_rings < rings_.size()) {
            const std::size_t taken = take_from(turn_, std::min(kQuantum, most - end_));
            idle_rings = taken == 0 ? idle_rings + 1 : 0;
            turn_ = turn_ + 1 == rings_.size() ? 0 : turn_ + 1;
        }
    }

    std::size_t take_from(std::size_t ring_number, std::size_t most) {
        CommandRing& ring = rings_[ring_number];
        std::size_t taken = 0;
        for (const Command* next; taken < most && (next = ring.peek()) != nullptr; ++taken, ++end_) {
            // Copied first: what was checked is what is applied, whatever the producer does.
            Command& command = taken_[end_];
            command = *next;
            if (record_crc(command) != command.header.crc) throw BrokenInvariant("a command in a ring has a wrong CRC32C");
            from_[end_] = static_cast<std::uint16_t>(ring_number);
            ring.take();
        }
        return taken;
    }

    // Returns how many of the taken commands were applied.
    std::size_t apply(std::int64_t now_ns, std::uint32_t epoch, std::size_t& ticks) {
        auto& machine = shard_.machine();
        const std::span<const Command> commands(taken_.data() + begin_, end_ - begin_);
        const std::int64_t time_ns = std::max(now_ns, machine.context().time_ns);
        std::size_t applied = 0;
        // Into the log at the next place, in the order in which it is applied.
        const auto enter = [&](const Command& command) {
            Command& entry = log_[commands_staged_++];
            entry = command;
            entry.header.sequence = machine.context().sequence + 1;
            entry.header.time_ns = time_ns;
            entry.header.epoch = epoch;
            entry.header.symbol = machine.context().symbol;
        };
        const auto tick = [&] {
            while (machine.due(time_ns)) {
                if (ticks == kTicksMax || shard_.events().room() < machine.events_needed(tick_)) return false;
                enter(tick_);
                machine.apply(tick_, time_ns, epoch);
                ++ticks;
            }
            return true;
        };
        // Queries have their answers and leave no trace in the log.
        const auto before = [&](std::size_t i) {
            if (shard_.events().room() < machine.events_needed(commands[i])) return false;
            if (!Shard::Symbol::is_query(commands[i])) enter(commands[i]);
            return true;
        };
        shard_.guarded([&] {
            if (tick()) applied = apply_run(machine, commands, time_ns, epoch, before, tick);
        });
        TIDEGATE_ASSERT(applied + ticks != 0);
        return applied;
    }

    void pack(std::uint32_t epoch) {
        if (commands_staged_ == 0) return;
        PayloadHead head;
        head.epoch = epoch;
        head.first_sequence = first_sequence_;
        head.time_ns = shard_.machine().context().time_ns;
        payload_.pack(head, cursors_, {log_.data(), commands_staged_}, {shard_.events().begin(), shard_.events().count()});
    }

    // Publishes in parts that the ring can take. A part ends where a command ends: a successor takes the
    // newest sequence in the ring for wholly shown. Only answers to queries, which are not in the log, may
    // be longer than a part.
    void show(std::span<const Event> events) {
        const std::size_t most = event_ring_->capacity() / 2;
        std::uint32_t wake = 0;
        while (!events.empty()) {
            std::size_t part = std::min(most, events.size());
            if (part != events.size()) {
                std::size_t whole = part;
                while (whole != 0 && (events[whole - 1].header.flags & kLastOfCommand) == 0) --whole;
                if (whole != 0) part = whole;
                else TIDEGATE_ASSERT(events.front().header.command_type == static_cast<std::uint8_t>(CommandType::kQueryDepth));
            }
            wake |= event_ring_->publish(events.data(), part);
            events = events.subspan(part);
        }
        ring_bells(wake);
    }

    void ring_bells(std::uint32_t wake) const {
        for (std::size_t reader = 0; reader < reader_bells_.size() && reader < 32; ++reader) {
            if ((wake >> reader & 1) == 0 || reader_bells_[reader] < 0) continue;
            // A full pipe wakes as well as one more byte in it.
            [[maybe_unused]] const auto written = ::write(reader_bells_[reader], "!", 1);
        }
    }

    bool has_work() {
        if (begin_ != end_ || shard_.due(shard_.machine().context().time_ns)) return true;
        return std::any_of(rings_.begin(), rings_.end(), [](CommandRing& ring) { return ring.has_more(); });
    }

    void sleep_on_bell(int timeout_ms) const {
        pollfd bell{own_bell_, POLLIN, 0};
        // Without a bell of its own the shard looks again every millisecond.
        const int ready = own_bell_ < 0 ? ::poll(nullptr, 0, std::min(timeout_ms, 1)) : ::poll(&bell, 1, timeout_ms);
        if (ready <= 0 || own_bell_ < 0) return;
        char drained[256];
        [[maybe_unused]] const auto bytes = ::read(own_bell_, drained, sizeof(drained));
    }

    static void pause() {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#endif
    }

    Shard& shard_;
    std::vector<CommandRing> rings_;
    std::optional<EventRing> event_ring_;
    std::vector<int> reader_bells_;
    int own_bell_ = -1;
    std::vector<RingCursor> cursors_;       // by ring: everything below has been applied
    ZeroedArray<Command> taken_;            // [begin_, end_) has been taken and not applied
    ZeroedArray<std::uint16_t> from_;       // by place in taken_: which ring it came from
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t turn_ = 0;
    ZeroedArray<Command> log_;              // of the last poll: what was applied and is to be journaled
    const Command tick_;
    PayloadBuffer payload_;
    std::size_t commands_staged_ = 0;
    std::uint64_t first_sequence_ = 0;
    bool staged_ = false;
};

}  // namespace tidegate

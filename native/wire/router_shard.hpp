// One symbol as a router sees it: its rings, and who waits for what the venue has told it.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <utility>
#include <vector>

#include "bell.hpp"
#include "command_ring.hpp"
#include "symbol_feed.hpp"

namespace tidegate {

struct RingMemory {
    void* data;
    std::size_t size;
};

class RouterShard {
public:
    RouterShard(RingMemory command_memory, RingMemory event_memory, std::size_t reader, int engine_bell)
        : feed(event_memory.data, event_memory.size, reader),
          commands_(command_memory.data, command_memory.size),
          bell_(engine_bell) {}

    SymbolFeed feed;

    // Into the ring, not shown yet; false: no room.
    bool stage(const Command& command, bool reserved) {
        if (!unsent_.empty() && !reserved) return false;
        if (!commands_.stage(command, reserved)) return false;
        staged_ = true;
        return true;
    }
    // What must get in, now or as soon as there is room.
    void send(const Command& command) {
        if (!unsent_.empty() || !stage(command, true)) unsent_.push_back(command);
    }
    void send_unsent() {
        while (!unsent_.empty() && commands_.stage(unsent_.front(), true)) {
            staged_ = true;
            unsent_.pop_front();
        }
    }
    void publish() {
        if (!staged_) return;
        staged_ = false;
        if (commands_.publish()) ring_bell(bell_);
    }

    // ---- SET_PHASE: its command may end before the phase is entered ----
    void await_phase(std::uint32_t session) { phase_waiters_.push_back(session); }
    std::vector<std::uint32_t> take_phase_waiters() { return std::exchange(phase_waiters_, {}); }

    // ---- DEFINE_INSTRUMENT: the record has no room for who asks ----
    void await_definition(std::uint32_t session, const InstrumentRules& rules) {
        Definer& definer = definers_.emplace_back();
        definer.session = session;
        std::memcpy(definer.rules.data(), reinterpret_cast<const unsigned char*>(&rules) + sizeof(RecordHeader), definer.rules.size());
    }
    // Whose definition this event answers; 0: nobody's here.
    std::uint32_t take_definer(const Event& event) {
        if (definers_.empty()) return 0;
        if (event.header.type == static_cast<std::uint8_t>(EventType::kInstrumentDefined)) {
            const auto* told = reinterpret_cast<const unsigned char*>(&event) + offsetof(InstrumentDefined, rules);
            if (std::memcmp(told, definers_.front().rules.data(), definers_.front().rules.size()) != 0) return 0;
        }
        const std::uint32_t session = definers_.front().session;
        definers_.pop_front();
        return session;
    }

private:
    struct Definer {
        std::uint32_t session = 0;
        std::array<unsigned char, sizeof(InstrumentDefined::rules)> rules{};
    };

    CommandRing commands_;
    int bell_;
    bool staged_ = false;
    std::deque<Command> unsent_;
    std::vector<std::uint32_t> phase_waiters_;
    std::deque<Definer> definers_;
};

}  // namespace tidegate

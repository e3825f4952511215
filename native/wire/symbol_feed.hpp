// One symbol's event ring as a gateway follows it: whole commands in the order of the log, each exactly
// once, or the admission that some are missing and have to come from the journal.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "event_ring.hpp"
#include "report_codec.hpp"

namespace tidegate {

class SymbolFeed {
public:
    static constexpr std::uint64_t kChunk = 512;  // records read at once

    SymbolFeed(void* memory, std::size_t bytes, std::size_t reader) : ring_(memory, bytes), reader_(reader) {
        if (reader >= EventRing::kReadersMax) throw std::invalid_argument("no such reader slot");
        ring_.seek_tail(cursor_, routed_);
    }

    std::uint64_t routed() const { return routed_; }
    // Where the log ended when the ring was still empty: what its engine shows of before is no news.
    void start_after(std::uint64_t sequence) {
        if (routed_ == 0) routed_ = sequence;
    }
    bool lapped() const { return lapped_; }
    bool has_more() const { return !lapped_ && ring_.has_more(cursor_); }
    void set_sleeping(bool sleeps) { ring_.set_sleeping(reader_, sleeps); }

    // Reads at most `most` records (one chunk at most) and gives route(event) each event of the commands
    // that are whole now. Returns how many records were read.
    template <typename Route>
    std::uint64_t follow(std::uint64_t most, Route&& route) {
        if (lapped_) return 0;
        most = std::min(most, kChunk);
        if (pending_.size() < pending_count_ + most) pending_.resize(pending_count_ + most);
        const auto result = ring_.read(cursor_, pending_.data() + pending_count_, most);
        if (result.status == EventRing::Read::kDamaged) throw std::runtime_error("damaged event in the ring");
        if (result.status == EventRing::Read::kLapped) fall_behind();
        if (result.count == 0) return 0;
        keep_wanted(result.count);
        if (pending_count_ > kEventsPerCommandMax + kChunk) throw std::runtime_error("a command without an end in the event ring");
        route_whole(pending_.data(), route);
        return result.count;
    }

    // Events from the journal, whole commands: what was routed already is passed over.
    template <typename Route>
    void feed(const Event* events, std::size_t count, Route&& route) {
        if (!lapped_) throw std::logic_error("feed is for a symbol whose ring has lapped this reader");
        for (std::size_t i = 0; i < count; ++i) {
            const Event& event = events[i];
            if (is_query_answer(event) || event.header.sequence <= routed_) continue;
            if (routed_ != 0 && event.header.sequence != routed_ + 1) throw std::invalid_argument("events to feed leave a gap");
            route(event);
            if ((event.header.flags & kLastOfCommand) != 0) routed_ = event.header.sequence;
        }
    }

    // Back to the ring, right after what was routed last. False: that is no longer in it.
    bool rejoin() {
        if (!ring_.seek_after(routed_, cursor_)) return false;
        lapped_ = false;
        return true;
    }

private:
    // Depth answers are for market data alone and can be many: they are not even collected.
    void keep_wanted(std::uint64_t count) {
        const auto wanted = [](const Event& event) {
            return event.header.command_type != static_cast<std::uint8_t>(CommandType::kQueryDepth);
        };
        Event* const fresh = pending_.data() + pending_count_;
        const Event* const end = std::remove_if(fresh, fresh + count, [&](const Event& event) { return !wanted(event); });
        pending_count_ += static_cast<std::size_t>(end - fresh);
    }

    template <typename Route>
    void route_whole(const Event* events, Route&& route) {
        std::size_t whole = pending_count_;
        while (whole != 0 && (events[whole - 1].header.flags & kLastOfCommand) == 0) --whole;
        for (std::size_t i = 0; i < whole; ++i) {
            const Event& event = events[i];
            if (!is_query_answer(event)) {
                if (event.header.sequence <= routed_) continue;
                if (routed_ != 0 && event.header.sequence != routed_ + 1) return fall_behind();
            }
            route(event);
            if (!is_query_answer(event) && (event.header.flags & kLastOfCommand) != 0) routed_ = event.header.sequence;
        }
        pending_count_ -= whole;
        std::copy_n(pending_.begin() + static_cast<std::ptrdiff_t>(whole), pending_count_, pending_.begin());
    }

    void fall_behind() {
        lapped_ = true;
        pending_count_ = 0;
    }

    EventRing ring_;
    std::size_t reader_;
    std::uint64_t cursor_ = 0;
    std::uint64_t routed_ = 0;  // every command up to it has been routed whole
    std::vector<Event> pending_;
    std::size_t pending_count_ = 0;
    bool lapped_ = false;
};

}  // namespace tidegate

// Everything that a gateway does once per record: requests into the command rings of their symbols,
// events of every symbol to the sessions that they concern. One thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "bell.hpp"
#include "command_codec.hpp"
#include "command_ring.hpp"
#include "report_codec.hpp"
#include "session_table.hpp"
#include "symbol_feed.hpp"
#include "symbol_table.hpp"

namespace tidegate {

struct RouterLimits {
    std::uint32_t sessions_max = 4096;
    std::uint32_t items_max = 200;        // commands in one message
    std::uint64_t in_flight_max = 16384;  // of one session, unanswered; cancels and the like may pass it
    std::size_t output_bytes_max = 8 << 20;
    std::uint32_t retry_delay_ms = 50;
};

class Router {
public:
    Router(const Router&) = delete;
    Router& operator=(const Router&) = delete;
    Router(std::uint32_t gateway, const RouterLimits& limits, std::uint32_t generation_seed)
        : limits_(limits), sessions_(gateway, limits.sessions_max, generation_seed), batch_(limits.items_max) {
        if (limits.items_max == 0 || limits.items_max > 65536) throw std::invalid_argument("items_max must be 1 to 65536");
        if (limits.output_bytes_max < 2 * kReportBytesMost) throw std::invalid_argument("output_bytes_max is too small");
    }

    struct RingMemory {
        void* data;
        std::size_t size;
    };
    void add_symbol(std::uint16_t id, std::string_view name, RingMemory commands, RingMemory events, std::size_t reader, int bell) {
        auto shard = std::make_unique<Shard>(commands, events, reader, bell);
        names_.add(id, name);
        shards_.push_back(std::move(shard));
    }

    // ---- sessions -------------------------------------------------------------------------------
    Session* open_session(std::uint32_t account, bool events, bool held) {
        std::vector<std::uint64_t> positions;
        for (const auto& shard : shards_) positions.push_back(shard->feed.routed());
        return sessions_.open(account, events, held, std::move(positions));
    }
    Session* find(std::uint32_t id) { return sessions_.find(id); }
    void close_session(Session& session) {
        std::erase(ready_, session.id);
        sessions_.close(session);
    }
    void release(Session& session) {
        session.held = false;
        if (session.has_output() || session.overflowed) list(session);
    }

    // ---- in -------------------------------------------------------------------------------------
    struct Submitted {
        Reason reason;  // not kNone: the message as a whole was refused
        std::size_t accepted;
    };
    Submitted submit(Session& session, ByteRange message, std::int64_t now_ns) {
        const Reason reason = batch_.decode(message);
        if (reason != Reason::kNone) return {reason, 0};
        std::size_t accepted = 0;
        for (std::size_t item = 0; item < batch_.size(); ++item) {
            const RequestTag request{batch_.request_id(), static_cast<std::uint16_t>(item)};
            const Reason refused = admit(session, batch_[item], request, now_ns);
            if (refused == Reason::kNone) ++accepted;
            else refuse(session, request, refused, batch_[item].record.client_order_id);
        }
        publish();
        return {Reason::kNone, accepted};
    }

    Reason submit_one(Session& session, CommandType type, ByteRange message, std::int64_t now_ns) {
        DecodedCommand command;
        Reason reason = decode_request(type, message, command);
        if (reason == Reason::kNone) reason = admit(session, command, RequestTag{}, now_ns);
        publish();
        return reason;
    }

    Reason submit_phase(Session& session, std::string_view symbol, std::uint8_t phase, std::int64_t now_ns) {
        DecodedCommand command;
        command.become(CommandType::kSetPhase);
        command.symbol = {reinterpret_cast<const unsigned char*>(symbol.data()), symbol.size()};
        command.record.phase = phase;
        command.record.reason = static_cast<std::uint16_t>(Reason::kOperator);
        const Reason reason = admit(session, command, RequestTag{}, now_ns);
        publish();
        return reason;
    }

    void set_draining() { draining_ = true; }

    // ---- out ------------------------------------------------------------------------------------
    // Follows every ring in turn, a chunk at a time, until all are quiet or about `events_max` are read.
    void poll(std::uint64_t events_max) {
        std::uint64_t read = 0;
        for (std::uint64_t round = 1; round != 0 && read < events_max;) {
            round = 0;
            for (std::uint32_t index = 0; index < shards_.size() && read + round < events_max; ++index) {
                forget_touched();
                round += shards_[index]->feed.follow(events_max - read - round, [&](const Event& event) { route(index, event); });
            }
            read += round;
        }
    }
    // Sessions that have had nothing to hand out until now.
    std::vector<std::uint32_t> take_ready() { return std::exchange(ready_, {}); }

    bool idle() {
        for (auto& shard : shards_) shard->feed.set_sleeping(true);
        bool quiet = ready_.empty();
        for (auto& shard : shards_) quiet = quiet && !shard->feed.has_more();
        if (!quiet)
            for (auto& shard : shards_) shard->feed.set_sleeping(false);
        return quiet;
    }

    void feed(std::uint32_t index, const Event* events, std::size_t count) {
        if (count != 0 && (events[count - 1].header.flags & kLastOfCommand) == 0)
            throw std::invalid_argument("events to feed must be whole commands");
        forget_touched();
        shards_[index]->feed.feed(events, count, [&](const Event& event) { route(index, event); });
    }
    bool rejoin(std::uint32_t index) { return shards_[index]->feed.rejoin(); }

    // What goes out next for a session; take() then hands out just that much.
    std::size_t next_size(const Session& session, std::size_t most) const { return session.held ? 0 : session.next_size(most); }
    void take(Session& session, std::size_t size, unsigned char* out) {
        if (size != 0) session.take(size, out);
        if (!session.has_output()) session.listed = false;
    }

    // ---- symbols --------------------------------------------------------------------------------
    std::uint32_t symbol_index(std::string_view name) {
        return names_.find({reinterpret_cast<const unsigned char*>(name.data()), name.size()});
    }
    const SymbolTable& names() const { return names_; }
    std::uint64_t routed(std::uint32_t index) const { return shards_[index]->feed.routed(); }
    bool lapped(std::uint32_t index) const { return shards_[index]->feed.lapped(); }

private:
    struct Shard {
        Shard(RingMemory command_memory, RingMemory event_memory, std::size_t reader, int engine_bell)
            : commands(command_memory.data, command_memory.size), feed(event_memory.data, event_memory.size, reader), bell(engine_bell) {}
        CommandRing commands;
        SymbolFeed feed;
        int bell;
        bool staged = false;
    };

    // Stages one command in its symbol's ring; kNone when it is in.
    Reason admit(Session& session, DecodedCommand& command, RequestTag request, std::int64_t now_ns) {
        if (draining_) return Reason::kDraining;
        std::uint32_t index = 0;
        const Reason reason = check_command(command, names_, index);
        if (reason != Reason::kNone) return reason;
        const bool reserved = needs_reserved_room(command.record);
        if (session.outstanding >= limits_.in_flight_max && !reserved) return Reason::kVenueBusy;
        Command& record = command.record;
        // The phase of a symbol is the venue's, whoever of its operators asks.
        record.header.account = command.type() == CommandType::kSetPhase ? 0 : session.account;
        record.header.symbol = names_.id(index);
        record.request_id = request.request_id;
        record.item = request.item;
        record.origin = session.id;
        record.gateway_time_ns = now_ns;
        Shard& shard = *shards_[index];
        if (!shard.commands.stage(record, reserved)) return Reason::kVenueBusy;
        shard.staged = true;
        ++session.outstanding;
        return Reason::kNone;
    }

    void publish() {
        for (auto& shard : shards_) {
            if (!shard->staged) continue;
            shard->staged = false;
            if (shard->commands.publish()) ring_bell(shard->bell);
        }
    }

    void refuse(Session& session, RequestTag request, Reason reason, std::uint64_t client_order_id) {
        const bool later = reason == Reason::kVenueBusy || reason == Reason::kDraining;
        const std::uint32_t delay = later ? limits_.retry_delay_ms : 0;
        session.append(limits_.output_bytes_max, [&](unsigned char* at) {
            return encode_refusal(at, request, reason, delay, client_order_id);
        });
        session.end_command(0, 0);
        list(session);
    }

    void route(std::uint32_t index, const Event& event) {
        Session* origin = event.origin == 0 ? nullptr : sessions_.find(event.origin);
        if (origin != nullptr && !origin->events) to_caller(*origin, index, event);
        if (!is_query_answer(event)) to_followers(index, event);
        if (origin != nullptr) note_answer(*origin, event);
        if ((event.header.flags & kLastOfCommand) != 0) end_command(index, event);
    }

    // A session that asked: what its own command did to its own account.
    void to_caller(Session& session, std::uint32_t index, const Event& event) {
        if (is_query_answer(event)) {
            if (event.header.type != static_cast<std::uint8_t>(EventType::kOrderState) || event.header.account != session.account) return;
            put(session, [&](unsigned char* at) { return encode_order(at, event, names_.name(index)); });
            return;
        }
        const bool venue = event.header.command_type == static_cast<std::uint8_t>(CommandType::kSetPhase);
        if (venue || event.header.account == session.account) put_report(session, index, event, View::kOwn);
        if (is_trade(event) && event.maker_account == session.account) put_report(session, index, event, View::kMaker);
    }

    // Streams: everything that concerns the account, whoever caused it.
    void to_followers(std::uint32_t index, const Event& event) {
        if (is_venue_news(event)) {
            sessions_.each_follower([&](Session& session) { put_report(session, index, event, View::kOwn); });
            return;
        }
        sessions_.each_follower(event.header.account, [&](Session& session) { put_report(session, index, event, View::kOwn); });
        if (is_trade(event))
            sessions_.each_follower(event.maker_account, [&](Session& session) { put_report(session, index, event, View::kMaker); });
    }

    void put_report(Session& session, std::uint32_t index, const Event& event, View view) {
        const RequestTag request = event.origin == session.id ? RequestTag{event.request_id, event.item} : RequestTag{};
        put(session, [&](unsigned char* at) { return encode_report(at, event, view, names_.name(index), request); });
    }

    template <typename Write>
    void put(Session& session, Write&& write) {
        const bool overflowed_before = session.overflowed;
        session.append(limits_.output_bytes_max, write);
        if (session.overflowed && !overflowed_before) list(session);
        if (session.touched) return;
        session.touched = true;
        touched_.push_back(&session);
    }

    // The verdict on a command is its first event; for those that end with a count it is the last.
    static void note_answer(Session& session, const Event& event) {
        const bool last = (event.header.flags & kLastOfCommand) != 0;
        const bool counts = is_query_answer(event) || event.header.command_type == static_cast<std::uint8_t>(CommandType::kCancelAll);
        if (event.header.index != 0 && !(last && counts)) return;
        session.answer = {event.header.type, event.reason, event.header.sequence, event.order_id};
    }

    void end_command(std::uint32_t index, const Event& event) {
        const std::uint64_t sequence = is_query_answer(event) ? 0 : event.header.sequence;
        for (Session* session : touched_) {
            session->touched = false;
            session->end_command(index, sequence);
            list(*session);
        }
        touched_.clear();
        Session* origin = event.origin == 0 ? nullptr : sessions_.find(event.origin);
        if (origin == nullptr || origin->outstanding == 0) return;
        // Whoever waits for one answer is told even when there is nothing to hand out with it.
        if (--origin->outstanding == 0 && !origin->events) list(*origin);
    }

    void forget_touched() {
        for (Session* session : touched_) session->touched = false;
        touched_.clear();
    }

    void list(Session& session) {
        if (session.listed || session.held) return;
        session.listed = true;
        ready_.push_back(session.id);
    }

    RouterLimits limits_;
    SessionTable sessions_;
    SymbolTable names_;
    std::vector<std::unique_ptr<Shard>> shards_;
    DecodedBatch batch_;
    std::vector<std::uint32_t> ready_;
    std::vector<Session*> touched_;
    bool draining_ = false;
};

}  // namespace tidegate

// Everything that a gateway does once per record: requests into the command rings of their symbols,
// events of every symbol to the sessions that they concern. One thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "admission.hpp"
#include "command_codec.hpp"
#include "limit_book.hpp"
#include "report_codec.hpp"
#include "router_shard.hpp"
#include "session_table.hpp"
#include "sweeps.hpp"
#include "verdict.hpp"

namespace tidegate {

class Router {
public:
    Router(const Router&) = delete;
    Router& operator=(const Router&) = delete;
    Router(std::uint32_t gateway, const RouterLimits& limits, std::uint32_t generation_seed)
        : limits_(limits),
          sessions_(gateway, limits.sessions_max, generation_seed),
          admission_(shards_, limits),
          batch_(limits.items_max),
          sweeps_(std::uint64_t{gateway} << 56 | std::uint64_t{generation_seed} << 24 | 1) {
        if (limits.items_max == 0 || limits.items_max > 65000) throw std::invalid_argument("items_max must be 1 to 65000");
        if (limits.output_bytes_max < 2 * kReportBytesMost) throw std::invalid_argument("output_bytes_max is too small");
    }

    // ---- symbols --------------------------------------------------------------------------------
    std::uint32_t add_symbol(std::uint16_t id, std::string_view name, RingMemory commands, RingMemory events, std::size_t reader, int bell) {
        const std::uint32_t index = shards_.add(id, name, std::make_unique<RouterShard>(commands, events, reader, bell));
        sessions_.each_open([&](Session& session) { session.add_symbol(index, routed(index)); });
        return index;
    }
    // Nothing of it is waited for any more, and its rings are left alone.
    void remove_symbol(std::uint32_t index) {
        sweeps_.forget(index);
        shards_.remove(index);
    }
    // Of a symbol that is listed; kNone for any other.
    std::uint32_t symbol_index(std::string_view name) { return shards_.find(name); }
    const SymbolTable& names() const { return shards_.names(); }
    std::uint64_t routed(std::uint32_t index) const { return shards_[index].feed.routed(); }
    bool lapped(std::uint32_t index) const { return shards_[index].feed.lapped(); }
    void start_after(std::uint32_t index, std::uint64_t sequence) { shards_[index].feed.start_after(sequence); }

    // ---- sessions -------------------------------------------------------------------------------
    LimitBook& limits() { return limit_book_; }
    Session* open_session(SessionTerms terms) {
        limit_book_.bind(terms);
        return sessions_.open(std::move(terms), shards_.positions());
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
    // What belongs to the session is canceled (ORD-12). The commands follow those that it has sent.
    void disconnect(const Session& session) {
        shards_.each([&](std::uint32_t index, RouterShard& shard) {
            if (!session.has_placed(index)) return;
            shard.send(sweeps_.start(index, names().id(index), CancelScope::kSession, session.account, session.id));
        });
        shards_.publish();
    }
    // The same for every session that this gateway's number has had.
    void cancel_orphans() {
        shards_.each([&](std::uint32_t index, RouterShard& shard) {
            shard.send(sweeps_.start(index, names().id(index), CancelScope::kGateway, 0, sessions_.gateway()));
        });
        shards_.publish();
    }

    // ---- in -------------------------------------------------------------------------------------
    struct Submitted {
        Reason reason;  // not kNone: the message as a whole was refused
        std::size_t accepted;
    };
    Submitted submit(Session& session, ByteRange message, Envelope envelope, std::int64_t now_ns) {
        if (session.account == 0) return {Reason::kPermissionDenied, 0};
        const Reason reason = batch_.decode(message, envelope);
        if (reason != Reason::kNone) return {reason, 0};
        // What it asks for too late must not be believed to hold: a resumption, a cancel on disconnect.
        if (batch_.opens() && session.spoken) return {Reason::kInvalidField, 0};
        session.spoken = true;
        const Refused late = LimitBook::judge_message(session, now_ns);
        std::size_t accepted = 0;
        for (std::size_t item = 0; item < batch_.size(); ++item) {
            const RequestTag request{batch_.request_id(), static_cast<std::uint16_t>(item)};
            const bool waits = late.reason != Reason::kNone && !LimitBook::is_always_heard(batch_[item].record);
            const Refused refused = waits ? late : admission_.admit(session, batch_[item], request, now_ns);
            if (refused.reason == Reason::kNone) ++accepted;
            else refuse(session, request, refused, batch_[item].record.client_order_id);
        }
        shards_.publish();
        return {Reason::kNone, accepted};
    }

    Reason submit_one(Session& session, CommandType type, ByteRange message, std::int64_t now_ns) {
        if (session.account == 0) return Reason::kPermissionDenied;
        DecodedCommand command;
        Refused refused{decode_request(type, message, command), 0};
        if (refused.reason == Reason::kNone) {
            const Refused late = LimitBook::judge_message(session, now_ns);
            if (!LimitBook::is_always_heard(command.record)) refused = late;
        }
        if (refused.reason == Reason::kNone) {
            const bool everywhere = command.symbol.size == 0 && (type == CommandType::kCancelAll || type == CommandType::kSetCountdown);
            const auto one = [&](RequestTag request, Refused why) { refuse(session, request, why, 0); };
            refused = everywhere ? admission_.admit_everywhere(session, command.record, now_ns, one)
                                 : admission_.admit(session, command, RequestTag{}, now_ns);
        }
        return finish(session, refused);
    }
    // Counts a message that no engine answers; kNone: it may come.
    Reason take_message(Session& session, std::int64_t now_ns) { return finish(session, LimitBook::judge_message(session, now_ns)); }
    Reason submit_venue(Session& session, std::string_view symbol, const Command& command, std::int64_t now_ns) {
        return finish(session, admission_.admit_venue(session, symbol, command, now_ns));
    }
    Reason submit_definition(Session& session, std::string_view symbol, const InstrumentRules& rules) {
        return finish(session, admission_.admit_definition(session, symbol, rules));
    }

    void set_draining() { admission_.set_draining(); }

    // ---- out ------------------------------------------------------------------------------------
    // Follows every ring in turn, a chunk at a time, until all are quiet or about `events_max` are read.
    void poll(std::uint64_t events_max) {
        std::uint64_t read = 0;
        for (std::uint64_t round = 1; round != 0 && read < events_max;) {
            round = 0;
            shards_.each([&](std::uint32_t index, RouterShard& shard) {
                if (read + round >= events_max) return;
                forget_touched();
                round += shard.feed.follow(events_max - read - round, [&](const Event& event) { route(index, event); });
            });
            read += round;
        }
        shards_.each([](std::uint32_t, RouterShard& shard) { shard.send_unsent(); });
        shards_.publish();
    }
    // Sessions that have had nothing to hand out until now.
    std::vector<std::uint32_t> take_ready() { return std::exchange(ready_, {}); }

    bool idle() {
        bool quiet = ready_.empty();
        shards_.each([](std::uint32_t, RouterShard& shard) { shard.feed.set_sleeping(true); });
        shards_.each([&](std::uint32_t, RouterShard& shard) { quiet = quiet && !shard.feed.has_more(); });
        if (!quiet) shards_.each([](std::uint32_t, RouterShard& shard) { shard.feed.set_sleeping(false); });
        return quiet;
    }

    void feed(std::uint32_t index, const Event* events, std::size_t count) {
        if (count != 0 && (events[count - 1].header.flags & kLastOfCommand) == 0)
            throw std::invalid_argument("events to feed must be whole commands");
        forget_touched();
        shards_[index].feed.feed(events, count, [&](const Event& event) { route(index, event); });
    }
    bool rejoin(std::uint32_t index) { return shards_[index].feed.rejoin(); }

    // What goes out next for a session; take() then hands out just that much.
    std::size_t next_size(const Session& session, std::size_t most) const { return session.held ? 0 : session.next_size(most); }
    void take(Session& session, std::size_t size, unsigned char* out) {
        if (size != 0) session.take(size, out);
        if (!session.has_output()) session.listed = false;
    }
    // What a stream's message ends with: when it was sent, and the limits when it answers the client. Writes at
    // most kTailBytesMost.
    static constexpr std::size_t kTailBytesMost = kSentTimeBytes + Limiter::kBytesMost;
    unsigned char* write_tail(Session& session, std::int64_t now_ns, unsigned char* at) {
        at = encode_sent_time(at, now_ns);
        return std::exchange(session.tells_limits, false) ? LimitBook::write(session, now_ns, at) : at;
    }

private:
    // ---- in -------------------------------------------------------------------------------------
    Reason finish(Session& session, Refused refused) {
        shards_.publish();
        session.retry_delay_ms = refused.retry_delay_ms;
        return refused.reason;
    }

    void refuse(Session& session, RequestTag request, Refused refused, std::uint64_t client_order_id) {
        session.append(limits_.output_bytes_max, [&](unsigned char* at) {
            return encode_refusal(at, request, refused.reason, refused.retry_delay_ms, client_order_id);
        });
        session.end_command(0, 0);
        session.tells_limits = true;
        list(session);
    }

    // ---- out ------------------------------------------------------------------------------------
    void route(std::uint32_t index, const Event& event) {
        Session* origin = event.origin == 0 ? nullptr : sessions_.find(event.origin);
        if (origin != nullptr && !origin->events) to_caller(*origin, index, event);
        if (!is_query_answer(event)) to_followers(index, event);
        if (origin != nullptr) note_answer(*origin, event);
        to_waiters(index, event);
        if ((event.header.flags & kLastOfCommand) != 0) end_command(index, event);
    }

    // A session that asked: what its own command did to its own account, and what it did as the venue.
    void to_caller(Session& session, std::uint32_t index, const Event& event) {
        if (is_query_answer(event)) {
            if (event.header.type != static_cast<std::uint8_t>(EventType::kOrderState) || event.header.account != session.account) return;
            put(session, [&](unsigned char* at) { return encode_order(at, event, names().name(index)); });
            return;
        }
        if (is_unreported(event)) return;
        if (event.header.account == session.account || event.header.account == 0) put_report(session, index, event, View::kOwn);
        if (is_trade(event) && event.maker_account == session.account) put_report(session, index, event, View::kMaker);
    }

    // Streams: everything that concerns the account, whoever caused it.
    void to_followers(std::uint32_t index, const Event& event) {
        if (is_unreported(event)) return;
        if (is_venue_news(event)) {
            sessions_.each_follower([&](Session& session) { put_report(session, index, event, View::kOwn); });
            return;
        }
        sessions_.each_follower(event.header.account, [&](Session& session) { put_report(session, index, event, View::kOwn); });
        if (!is_trade(event)) return;
        sessions_.each_follower(event.maker_account, [&](Session& session) { put_report(session, index, event, View::kMaker); });
        limit_book_.note_trade(event);
    }

    void put_report(Session& session, std::uint32_t index, const Event& event, View view) {
        const bool own = event.origin == session.id;
        const RequestTag request = own ? RequestTag{event.request_id, event.item} : RequestTag{};
        session.tells_limits = session.tells_limits || own;
        put(session, [&](unsigned char* at) { return encode_report(at, event, view, names().name(index), request); });
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

    static void note_answer(Session& session, const Event& event) {
        if (is_verdict(event)) session.answer = {event.header.type, event.reason, event.header.sequence, event.order_id};
    }

    // Those whose command could not carry them, or has ended before what it asked for.
    void to_waiters(std::uint32_t index, const Event& event) {
        const auto answer = [&](std::uint32_t id) {
            Session* session = id == 0 ? nullptr : sessions_.find(id);
            if (session == nullptr || session->outstanding == 0) return;
            put_report(*session, index, event, View::kOwn);
            session->answer = {event.header.type, event.reason, event.header.sequence, 0};
            session->answered();
        };
        switch (static_cast<EventType>(event.header.type)) {
            case EventType::kPhaseChanged:
                for (const std::uint32_t id : shards_[index].take_phase_waiters()) answer(id);
                if (event.phase != static_cast<std::uint8_t>(Phase::kHalt))
                    sweeps_.resume(index, [&](const Command& command) { shards_[index].send(command); });
                return;
            case EventType::kInstrumentDefined: answer(shards_[index].take_definer(event)); return;
            case EventType::kRejected:
                if (event.header.command_type == static_cast<std::uint8_t>(CommandType::kDefineInstrument))
                    answer(shards_[index].take_definer(event));
                if (event.header.command_type == static_cast<std::uint8_t>(CommandType::kCancelAll)) sweeps_.answered(event);
                return;
            case EventType::kCancelAllDone: go_on(index, event); return;
            default: return;
        }
    }

    // A cancel-all of the venue that has more to do (ORD-12) is sent again.
    void go_on(std::uint32_t index, const Event& event) {
        if (const Command* again = sweeps_.answered(event); again != nullptr) shards_[index].send(*again);
        if (wants_another(event) && sessions_.is_own(event.origin)) shards_[index].send(another(event));
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
        if (origin == nullptr || origin->outstanding == 0 || wants_another(event)) return;
        const bool phase = event.header.command_type == static_cast<std::uint8_t>(CommandType::kSetPhase);
        if (phase && origin->answer.sequence != event.header.sequence) return shards_[index].await_phase(origin->id);
        // Whoever waits for one answer is told even when there is nothing to hand out with it.
        origin->answered();
        if (origin->outstanding == 0 && !origin->events) list(*origin);
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
    Shards shards_;
    LimitBook limit_book_;
    Admission admission_;
    DecodedBatch batch_;
    Sweeps sweeps_;
    std::vector<std::uint32_t> ready_;
    std::vector<Session*> touched_;
};

}  // namespace tidegate

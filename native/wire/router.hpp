// Everything that a gateway does once per record: requests into the command rings of their symbols,
// events of every symbol to the sessions that they concern. One thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "command_codec.hpp"
#include "limiter.hpp"
#include "report_codec.hpp"
#include "router_shard.hpp"
#include "session_table.hpp"
#include "sweeps.hpp"
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
        : limits_(limits),
          sessions_(gateway, limits.sessions_max, generation_seed),
          batch_(limits.items_max),
          sweeps_(std::uint64_t{gateway} << 56 | std::uint64_t{generation_seed} << 24 | 1) {
        if (limits.items_max == 0 || limits.items_max > 65000) throw std::invalid_argument("items_max must be 1 to 65000");
        if (limits.output_bytes_max < 2 * kReportBytesMost) throw std::invalid_argument("output_bytes_max is too small");
    }

    // ---- symbols --------------------------------------------------------------------------------
    void add_symbol(std::uint16_t id, std::string_view name, RingMemory commands, RingMemory events, std::size_t reader, int bell) {
        auto shard = std::make_unique<RouterShard>(commands, events, reader, bell);
        names_.add(id, name);
        sessions_.each_open([&](Session& session) { session.add_symbol(shard->feed.routed()); });
        shards_.push_back(std::move(shard));
    }
    // Nothing of it is waited for any more, and its rings are left alone.
    void remove_symbol(std::uint32_t index) {
        names_.delist(index);
        sweeps_.forget(index);
        shards_[index].reset();
    }
    // Of a symbol that is listed; kNone for any other.
    std::uint32_t symbol_index(std::string_view name) {
        const std::uint32_t index = names_.find(bytes_of(name));
        return index == SymbolTable::kNone || !names_.listed(index) ? SymbolTable::kNone : index;
    }
    const SymbolTable& names() const { return names_; }
    std::uint64_t routed(std::uint32_t index) const { return shards_[index]->feed.routed(); }
    bool lapped(std::uint32_t index) const { return shards_[index]->feed.lapped(); }

    // ---- sessions -------------------------------------------------------------------------------
    void set_limits(std::uint64_t key, const LimitSpec& spec) { limiters_[key].set(spec); }
    // nullptr: no such key.
    Limiter* limiter(std::uint64_t key) {
        const auto found = limiters_.find(key);
        return found == limiters_.end() ? nullptr : &found->second;
    }
    Session* open_session(SessionTerms terms) {
        if (terms.limiter != nullptr && terms.limiter->spec().order_to_trade_percent != 0) {
            terms.ratio = &ratios_[terms.account];
            terms.ratio->set(terms.limiter->spec());
        }
        std::vector<std::uint64_t> positions;
        for (const auto& shard : shards_) positions.push_back(shard ? shard->feed.routed() : 0);
        return sessions_.open(std::move(terms), std::move(positions));
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
        each_shard([&](std::uint32_t index, RouterShard& shard) {
            if (!session.has_placed(index)) return;
            shard.send(sweeps_.start(index, names_.id(index), CancelScope::kSession, session.account, session.id));
        });
        publish();
    }
    // The same for every session that this gateway's number has had.
    void cancel_orphans() {
        each_shard([&](std::uint32_t index, RouterShard& shard) {
            shard.send(sweeps_.start(index, names_.id(index), CancelScope::kGateway, 0, sessions_.gateway()));
        });
        publish();
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
        const Refused late = judge_message(session, now_ns);
        std::size_t accepted = 0;
        for (std::size_t item = 0; item < batch_.size(); ++item) {
            const RequestTag request{batch_.request_id(), static_cast<std::uint16_t>(item)};
            const Refused refused = late.reason != Reason::kNone ? late : admit(session, batch_[item], request, now_ns);
            if (refused.reason == Reason::kNone) ++accepted;
            else refuse(session, request, refused, batch_[item].record.client_order_id);
        }
        publish();
        return {Reason::kNone, accepted};
    }

    Reason submit_one(Session& session, CommandType type, ByteRange message, std::int64_t now_ns) {
        if (session.account == 0) return Reason::kPermissionDenied;
        DecodedCommand command;
        Refused refused{decode_request(type, message, command), 0};
        if (refused.reason == Reason::kNone) refused = judge_message(session, now_ns);
        if (refused.reason == Reason::kNone) {
            const bool everywhere = command.symbol.size == 0 && (type == CommandType::kCancelAll || type == CommandType::kSetCountdown);
            refused = everywhere ? admit_everywhere(session, command.record, now_ns) : admit(session, command, RequestTag{}, now_ns);
        }
        publish();
        session.retry_delay_ms = refused.retry_delay_ms;
        return refused.reason;
    }

    // What the venue itself says to a symbol: account 0, and no limit.
    Reason submit_venue(Session& session, std::string_view symbol, Command command, std::int64_t now_ns) {
        const std::uint32_t index = symbol_index(symbol);
        const Refused refused = index == SymbolTable::kNone ? Refused{unlisted(symbol), 0}
                                                            : stage(session, index, command, 0, RequestTag{}, now_ns);
        publish();
        session.retry_delay_ms = refused.retry_delay_ms;
        return refused.reason;
    }

    // Whatever the record says of symbol and account is filled in here.
    Reason submit_definition(Session& session, std::string_view symbol, InstrumentRules rules) {
        const std::uint32_t index = symbol_index(symbol);
        session.retry_delay_ms = 0;
        if (index == SymbolTable::kNone) return unlisted(symbol);
        if (draining_) return Reason::kDraining;
        const auto body = reinterpret_cast<const unsigned char*>(&rules) + sizeof(RecordHeader);
        RouterShard::Rules told;
        std::memcpy(told.data(), body, told.size());
        rules.header = RecordHeader{};
        rules.header.type = static_cast<std::uint8_t>(CommandType::kDefineInstrument);
        rules.header.symbol = names_.id(index);
        Command command;
        std::memcpy(static_cast<void*>(&command), &rules, sizeof(command));
        if (!shards_[index]->stage(command, true)) {
            session.retry_delay_ms = limits_.retry_delay_ms;
            return Reason::kVenueBusy;
        }
        shards_[index]->await_definition(session.id, told);
        ++session.outstanding;
        publish();
        return Reason::kNone;
    }

    void set_draining() { draining_ = true; }

    // ---- out ------------------------------------------------------------------------------------
    // Follows every ring in turn, a chunk at a time, until all are quiet or about `events_max` are read.
    void poll(std::uint64_t events_max) {
        std::uint64_t read = 0;
        for (std::uint64_t round = 1; round != 0 && read < events_max;) {
            round = 0;
            each_shard([&](std::uint32_t index, RouterShard& shard) {
                if (read + round >= events_max) return;
                forget_touched();
                round += shard.feed.follow(events_max - read - round, [&](const Event& event) { route(index, event); });
            });
            read += round;
        }
        each_shard([](std::uint32_t, RouterShard& shard) { shard.send_unsent(); });
        publish();
    }
    // Sessions that have had nothing to hand out until now.
    std::vector<std::uint32_t> take_ready() { return std::exchange(ready_, {}); }

    bool idle() {
        bool quiet = ready_.empty();
        each_shard([](std::uint32_t, RouterShard& shard) { shard.feed.set_sleeping(true); });
        each_shard([&](std::uint32_t, RouterShard& shard) { quiet = quiet && !shard.feed.has_more(); });
        if (!quiet) each_shard([](std::uint32_t, RouterShard& shard) { shard.feed.set_sleeping(false); });
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
    // What a stream's message ends with: when it was sent, and the limits when it answers the client. Writes at
    // most kTailBytesMost.
    static constexpr std::size_t kTailBytesMost = kSentTimeBytes + Limiter::kBytesMost;
    unsigned char* write_tail(Session& session, std::int64_t now_ns, unsigned char* at) {
        at = encode_sent_time(at, now_ns);
        return std::exchange(session.tells_limits, false) ? write_limits(session, now_ns, at) : at;
    }
    // Writes at most Limiter::kBytesMost.
    unsigned char* write_limits(Session& session, std::int64_t now_ns, unsigned char* at) {
        if (session.terms.limiter == nullptr) return at;
        if (session.terms.ratio != nullptr) session.terms.ratio->roll(now_ns);
        return session.terms.limiter->encode(at, session.terms.ratio, now_ns);
    }

private:
    struct Refused {
        Reason reason = Reason::kNone;
        std::uint32_t retry_delay_ms = 0;
    };

    static ByteRange bytes_of(std::string_view name) { return {reinterpret_cast<const unsigned char*>(name.data()), name.size()}; }

    template <typename Visit>
    void each_shard(Visit&& visit) {
        for (std::uint32_t index = 0; index < shards_.size(); ++index)
            if (shards_[index] != nullptr) visit(index, *shards_[index]);
    }

    // ---- in -------------------------------------------------------------------------------------
    Reason unlisted(std::string_view symbol) {
        return names_.find(bytes_of(symbol)) == SymbolTable::kNone ? Reason::kUnknownSymbol : Reason::kDelisted;
    }

    Refused judge_message(Session& session, std::int64_t now_ns) {
        Limiter* const limiter = session.terms.limiter;
        const std::uint32_t delay = limiter == nullptr ? 0 : limiter->take_message(now_ns);
        return delay == 0 ? Refused{} : Refused{Reason::kRateLimited, delay};
    }
    // LIM-2, LIM-3.
    Refused judge(Session& session, const Command& command, std::int64_t now_ns) {
        Limiter* const limiter = session.terms.limiter;
        if (limiter == nullptr) return {};
        const LimitKind kind = limit_kind(command);
        if (const std::uint32_t delay = limiter->delay(kind, now_ns); delay != 0) return {Reason::kRateLimited, delay};
        OrderToTrade* const ratio = session.terms.ratio;
        if (ratio == nullptr || kind != LimitKind::kOrder) return {};
        ratio->roll(now_ns);
        if (reduces_only(command)) return {};
        const std::uint32_t delay = ratio->delay(now_ns);
        return delay == 0 ? Refused{} : Refused{Reason::kOrderToTrade, delay};
    }
    static void count(Session& session, const Command& command) {
        if (session.terms.limiter == nullptr) return;
        const LimitKind kind = limit_kind(command);
        session.terms.limiter->count(kind);
        if (session.terms.ratio != nullptr && kind == LimitKind::kOrder) session.terms.ratio->add_order();
    }

    // Stages one command of a client in its symbol's ring; no reason when it is in.
    Refused admit(Session& session, DecodedCommand& command, RequestTag request, std::int64_t now_ns) {
        if (draining_) return {Reason::kDraining, limits_.retry_delay_ms};
        std::uint32_t index = 0;
        const Reason reason = check_command(command, names_, index);
        if (reason != Reason::kNone) return {reason, 0};
        Refused refused = judge(session, command.record, now_ns);
        if (refused.reason != Reason::kNone) return refused;
        refused = stage(session, index, command.record, session.account, request, now_ns);
        if (refused.reason == Reason::kNone) count(session, command.record);
        return refused;
    }

    // One command for all symbols: refused only when it is refused everywhere.
    Refused admit_everywhere(Session& session, const Command& command, std::int64_t now_ns) {
        Refused first = judge(session, command, now_ns);
        if (first.reason != Reason::kNone) return first;
        std::vector<std::pair<RequestTag, Refused>> refusals;
        std::uint16_t item = 0;
        each_shard([&](std::uint32_t index, RouterShard&) {
            Command record = command;
            const RequestTag request{0, item++};
            const Refused refused = stage(session, index, record, session.account, request, now_ns);
            if (refused.reason != Reason::kNone) refusals.emplace_back(request, refused);
        });
        if (item == 0) return {Reason::kUnknownSymbol, 0};
        if (refusals.size() == item) return refusals.front().second;
        count(session, command);
        for (const auto& [request, refused] : refusals) refuse(session, request, refused, 0);
        return {};
    }

    Refused stage(Session& session, std::uint32_t index, Command& record, std::uint32_t account, RequestTag request, std::int64_t now_ns) {
        if (draining_) return {Reason::kDraining, limits_.retry_delay_ms};
        const bool reserved = account == 0 || needs_reserved_room(record);
        if (session.outstanding >= limits_.in_flight_max && !reserved) return {Reason::kVenueBusy, limits_.retry_delay_ms};
        record.header.account = account;
        record.header.symbol = names_.id(index);
        record.request_id = request.request_id;
        record.item = request.item;
        record.origin = session.id;
        record.gateway_time_ns = now_ns;
        const bool belongs = session.terms.cancel_on_disconnect && places(record);
        if (belongs) record.header.flags |= kCommandCancelOnDisconnect;
        if (!shards_[index]->stage(record, reserved)) return {Reason::kVenueBusy, limits_.retry_delay_ms};
        if (belongs) session.note_placed(index);
        ++session.outstanding;
        return {};
    }

    static bool places(const Command& command) {
        switch (static_cast<CommandType>(command.header.type)) {
            case CommandType::kPlace:
            case CommandType::kReplace:
            case CommandType::kQuote: return true;
            default: return false;
        }
    }

    void publish() {
        each_shard([](std::uint32_t, RouterShard& shard) { shard.publish(); });
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
            put(session, [&](unsigned char* at) { return encode_order(at, event, names_.name(index)); });
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
        if (ratios_.empty()) return;
        note_trade(event.header.account, event.header.time_ns);
        if (event.maker_account != event.header.account) note_trade(event.maker_account, event.header.time_ns);
    }
    void note_trade(std::uint32_t account, std::int64_t time_ns) {
        const auto found = ratios_.find(account);
        if (found != ratios_.end()) found->second.add_trade(time_ns);
    }

    void put_report(Session& session, std::uint32_t index, const Event& event, View view) {
        const bool own = event.origin == session.id;
        const RequestTag request = own ? RequestTag{event.request_id, event.item} : RequestTag{};
        session.tells_limits = session.tells_limits || own;
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

    // Whether an event of a command is the verdict on it: the first, but of those that end with a result the last.
    static bool is_verdict(const Event& event) {
        const auto type = static_cast<EventType>(event.header.type);
        switch (static_cast<CommandType>(event.header.command_type)) {
            case CommandType::kSetPhase: return type == EventType::kPhaseChanged || type == EventType::kRejected;
            case CommandType::kReplace:
                return type == EventType::kAccepted || type == EventType::kRejected || type == EventType::kOrderState;
            case CommandType::kCancelAll:
            case CommandType::kQuote: return (event.header.flags & kLastOfCommand) != 0;
            default: return is_query_answer(event) ? event.header.index == 0 || (event.header.flags & kLastOfCommand) != 0
                                                   : event.header.index == 0;
        }
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
            --session->outstanding;
        };
        switch (static_cast<EventType>(event.header.type)) {
            case EventType::kPhaseChanged:
                for (const std::uint32_t id : shards_[index]->take_phase_waiters()) answer(id);
                if (event.phase != static_cast<std::uint8_t>(Phase::kHalt))
                    sweeps_.resume(index, [&](const Command& command) { shards_[index]->send(command); });
                return;
            case EventType::kInstrumentDefined: answer(shards_[index]->take_definer(event)); return;
            case EventType::kRejected:
                if (event.header.command_type == static_cast<std::uint8_t>(CommandType::kDefineInstrument))
                    answer(shards_[index]->take_definer(event));
                if (event.header.command_type == static_cast<std::uint8_t>(CommandType::kCancelAll)) sweeps_.answered(event);
                return;
            case EventType::kCancelAllDone: go_on(index, event); return;
            default: return;
        }
    }

    // A cancel-all of the venue that has more to do (ORD-12) is sent again.
    void go_on(std::uint32_t index, const Event& event) {
        if (const Command* again = sweeps_.answered(event); again != nullptr) shards_[index]->send(*again);
        if (!is_unfinished(event)) return;
        Command command;
        command.header.type = static_cast<std::uint8_t>(CommandType::kCancelAll);
        command.header.symbol = event.header.symbol;
        command.scope = static_cast<std::uint8_t>(CancelScope::kEveryone);
        command.origin = event.origin;
        command.request_id = event.request_id;
        command.item = event.item;
        shards_[index]->send(command);
    }
    // The operator's, sent by a session of this gateway: the next answer is for the same caller.
    bool is_unfinished(const Event& event) const {
        return event.header.type == static_cast<std::uint8_t>(EventType::kCancelAllDone) && event.leaves != 0 &&
               event.header.account == 0 && event.origin != 0 && sessions_.is_own(event.origin);
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
        if (origin == nullptr || origin->outstanding == 0 || is_unfinished(event)) return;
        const bool phase = event.header.command_type == static_cast<std::uint8_t>(CommandType::kSetPhase);
        if (phase && origin->answer.sequence != event.header.sequence) return shards_[index]->await_phase(origin->id);
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
    std::vector<std::unique_ptr<RouterShard>> shards_;  // nullptr: was removed
    std::unordered_map<std::uint64_t, Limiter> limiters_;     // by API key; entries never move
    std::unordered_map<std::uint32_t, OrderToTrade> ratios_;  // by account
    DecodedBatch batch_;
    Sweeps sweeps_;
    std::vector<std::uint32_t> ready_;
    std::vector<Session*> touched_;
    bool draining_ = false;
};

}  // namespace tidegate

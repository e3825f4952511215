// The way in: what a client or the venue asks for becomes commands in the rings of their symbols, or a refusal.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "command_codec.hpp"
#include "limit_book.hpp"
#include "refused.hpp"
#include "router_shard.hpp"
#include "session.hpp"
#include "symbol_table.hpp"

namespace tidegate {

struct RouterLimits {
    std::uint32_t sessions_max = 4096;
    std::uint32_t items_max = 200;        // commands in one message
    std::uint64_t in_flight_max = 16384;  // of one session, unanswered; cancels and the like may pass it
    std::size_t output_bytes_max = 8 << 20;
    std::uint32_t retry_delay_ms = 50;
};

// Every symbol that was ever listed here, by its place; nothing behind one that was delisted.
class Shards {
public:
    std::uint32_t add(std::uint16_t id, std::string_view name, std::unique_ptr<RouterShard> shard) {
        const std::uint32_t index = names_.add(id, name);
        if (index == shards_.size()) shards_.emplace_back();
        shards_[index] = std::move(shard);
        return index;
    }
    void remove(std::uint32_t index) {
        names_.delist(index);
        shards_[index].reset();
    }
    SymbolTable& names() { return names_; }
    const SymbolTable& names() const { return names_; }
    RouterShard& operator[](std::uint32_t index) { return *shards_[index]; }
    const RouterShard& operator[](std::uint32_t index) const { return *shards_[index]; }

    // Place of a symbol that is listed; SymbolTable::kNone for any other.
    std::uint32_t find(std::string_view name) {
        const std::uint32_t index = names_.find(bytes_of(name));
        return index == SymbolTable::kNone || !names_.listed(index) ? SymbolTable::kNone : index;
    }
    // Why find() has not found it.
    Reason unlisted(std::string_view name) {
        return names_.find(bytes_of(name)) == SymbolTable::kNone ? Reason::kUnknownSymbol : Reason::kDelisted;
    }
    template <typename Visit>
    void each(Visit&& visit) {
        for (std::uint32_t index = 0; index < shards_.size(); ++index)
            if (shards_[index] != nullptr) visit(index, *shards_[index]);
    }
    void publish() {
        each([](std::uint32_t, RouterShard& shard) { shard.publish(); });
    }
    // Sequence routed last, by place.
    std::vector<std::uint64_t> positions() const {
        std::vector<std::uint64_t> out;
        for (const auto& shard : shards_) out.push_back(shard != nullptr ? shard->feed.routed() : 0);
        return out;
    }

private:
    static ByteRange bytes_of(std::string_view name) { return {reinterpret_cast<const unsigned char*>(name.data()), name.size()}; }

    SymbolTable names_;
    std::vector<std::unique_ptr<RouterShard>> shards_;
};

class Admission {
public:
    Admission(Shards& shards, const RouterLimits& limits) : shards_(shards), limits_(limits) {}

    void set_draining() { draining_ = true; }

    // Stages one command of a client in its symbol's ring; no reason when it is in.
    Refused admit(Session& session, DecodedCommand& command, RequestTag request, std::int64_t now_ns) {
        if (draining_) return {Reason::kDraining, limits_.retry_delay_ms};
        std::uint32_t index = 0;
        const Reason reason = check_command(command, shards_.names(), index);
        if (reason != Reason::kNone) return {reason, 0};
        Refused refused = LimitBook::judge(session, command.record, now_ns);
        if (refused.reason != Reason::kNone) return refused;
        refused = stage(session, index, command.record, session.account, request, now_ns);
        if (refused.reason == Reason::kNone) LimitBook::count(session, command.record);
        return refused;
    }

    // One command for every symbol, item i for the i-th: refused as a whole only when it is refused everywhere, else
    // refuse(request, refused) tells where.
    template <typename Refuse>
    Refused admit_everywhere(Session& session, const Command& command, std::int64_t now_ns, Refuse&& refuse) {
        const Refused late = LimitBook::judge(session, command, now_ns);
        if (late.reason != Reason::kNone) return late;
        std::vector<std::pair<RequestTag, Refused>> refusals;
        std::uint16_t item = 0;
        shards_.each([&](std::uint32_t index, RouterShard&) {
            Command record = command;
            const RequestTag request{0, item++};
            const Refused refused = stage(session, index, record, session.account, request, now_ns);
            if (refused.reason != Reason::kNone) refusals.emplace_back(request, refused);
        });
        if (item == 0) return {Reason::kUnknownSymbol, 0};
        if (refusals.size() == item) return refusals.front().second;
        LimitBook::count(session, command);
        for (const auto& [request, refused] : refusals) refuse(request, refused);
        return {};
    }

    // What the venue itself says to a symbol: account 0, and no limit.
    Refused admit_venue(Session& session, std::string_view symbol, Command command, std::int64_t now_ns) {
        const std::uint32_t index = shards_.find(symbol);
        if (index == SymbolTable::kNone) return {shards_.unlisted(symbol), 0};
        return stage(session, index, command, 0, RequestTag{}, now_ns);
    }

    // Whatever the record says of symbol and account is filled in here.
    Refused admit_definition(Session& session, std::string_view symbol, InstrumentRules rules) {
        const std::uint32_t index = shards_.find(symbol);
        if (index == SymbolTable::kNone) return {shards_.unlisted(symbol), 0};
        if (draining_) return {Reason::kDraining, limits_.retry_delay_ms};
        rules.header = RecordHeader{};
        rules.header.type = static_cast<std::uint8_t>(CommandType::kDefineInstrument);
        rules.header.symbol = shards_.names().id(index);
        Command command;
        std::memcpy(static_cast<void*>(&command), &rules, sizeof(command));
        if (!shards_[index].stage(command, true)) return {Reason::kVenueBusy, limits_.retry_delay_ms};
        shards_[index].await_definition(session.id, rules);
        session.expect();
        return {};
    }

private:
    static constexpr std::uint64_t kReservedPerKey = 1024;  // unanswered commands

    static bool places(const Command& command) {
        switch (static_cast<CommandType>(command.header.type)) {
            case CommandType::kPlace:
            case CommandType::kReplace:
            case CommandType::kQuote: return true;
            default: return false;
        }
    }

    Refused stage(Session& session, std::uint32_t index, Command& record, std::uint32_t account, RequestTag request, std::int64_t now_ns) {
        if (draining_) return {Reason::kDraining, limits_.retry_delay_ms};
        const bool reserved = account == 0 || needs_reserved_room(record);
        if (session.outstanding >= limits_.in_flight_max && !reserved) return {Reason::kVenueBusy, limits_.retry_delay_ms};
        record.header.account = account;
        record.header.symbol = shards_.names().id(index);
        record.request_id = request.request_id;
        record.item = request.item;
        record.origin = session.id;
        record.gateway_time_ns = now_ns;
        const bool belongs = session.terms.cancel_on_disconnect && places(record);
        if (belongs) record.header.flags |= kCommandCancelOnDisconnect;
        // The reserved room is for everybody's cancels: one key's flood of them may not fill it.
        const bool floods = account != 0 && session.terms.limiter != nullptr && session.terms.limiter->unanswered() >= kReservedPerKey;
        if (!shards_[index].stage(record, reserved && !floods)) return {Reason::kVenueBusy, limits_.retry_delay_ms};
        if (belongs) session.note_placed(index);
        session.expect();
        return {};
    }

    Shards& shards_;
    const RouterLimits limits_;
    bool draining_ = false;
};

}  // namespace tidegate

// The limits of all API keys and accounts of one gateway (rules LIM-2, LIM-3).
#pragma once

#include <cstdint>
#include <unordered_map>

#include "limiter.hpp"
#include "refused.hpp"
#include "session.hpp"

namespace tidegate {

class LimitBook {
public:
    void set(std::uint64_t key, const LimitSpec& spec) { limiters_[key].set(spec); }
    // nullptr: no such key.
    Limiter* limiter(std::uint64_t key) {
        const auto found = limiters_.find(key);
        return found == limiters_.end() ? nullptr : &found->second;
    }
    // What the session's account may send for its trades, as its key has it.
    void bind(SessionTerms& terms) {
        if (terms.limiter == nullptr || terms.limiter->spec().order_to_trade_percent == 0) return;
        terms.ratio = &ratios_[terms.account];
        terms.ratio->set(terms.limiter->spec());
    }

    static Refused judge_message(const Session& session, std::int64_t now_ns) {
        Limiter* const limiter = session.terms.limiter;
        const std::uint32_t delay = limiter == nullptr ? 0 : limiter->take_message(now_ns);
        return delay == 0 ? Refused{} : Refused{Reason::kRateLimited, delay};
    }
    // Cancels have an allowance of their own: whoever has used up the one for messages may still get out.
    static bool is_always_heard(const Command& command) { return limit_kind(command) == LimitKind::kCancel; }
    // Whether the command may come now; count() takes it when it does.
    static Refused judge(const Session& session, const Command& command, std::int64_t now_ns) {
        Limiter* const limiter = session.terms.limiter;
        if (limiter == nullptr) return {};
        // In a stranger's group it could take that stranger's orders off the book without a trade.
        if (command.stp_group != 0 && command.stp_group != limiter->spec().self_trade_group) return {Reason::kPermissionDenied, 0};
        const LimitKind kind = limit_kind(command);
        if (const std::uint32_t delay = limiter->delay(kind, now_ns); delay != 0) return {Reason::kRateLimited, delay};
        OrderToTrade* const ratio = session.terms.ratio;
        if (ratio == nullptr || kind != LimitKind::kOrder) return {};
        ratio->roll(now_ns);
        const std::uint32_t delay = reduces_only(command) ? 0 : ratio->delay(now_ns);
        return delay == 0 ? Refused{} : Refused{Reason::kOrderToTrade, delay};
    }
    static void count(const Session& session, const Command& command) {
        if (session.terms.limiter == nullptr) return;
        const LimitKind kind = limit_kind(command);
        session.terms.limiter->count(kind);
        if (session.terms.ratio != nullptr && kind == LimitKind::kOrder) session.terms.ratio->add_order();
    }
    // A TRADE, seen once by every gateway.
    void note_trade(const Event& event) {
        if (ratios_.empty()) return;
        note_trade(event.header.account, event.header.time_ns);
        if (event.maker_account != event.header.account) note_trade(event.maker_account, event.header.time_ns);
    }

    // Field 5 of a response; nothing without limits. Writes at most Limiter::kBytesMost.
    static unsigned char* write(const Session& session, std::int64_t now_ns, unsigned char* at) {
        if (session.terms.limiter == nullptr) return at;
        if (session.terms.ratio != nullptr) session.terms.ratio->roll_forward(now_ns);
        return session.terms.limiter->encode(at, session.terms.ratio, now_ns);
    }

private:
    void note_trade(std::uint32_t account, std::int64_t time_ns) {
        const auto found = ratios_.find(account);
        if (found != ratios_.end()) found->second.add_trade(time_ns);
    }

    std::unordered_map<std::uint64_t, Limiter> limiters_;     // by API key; entries never move
    std::unordered_map<std::uint32_t, OrderToTrade> ratios_;  // by account
};

}  // namespace tidegate

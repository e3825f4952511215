// How much one API key may send through one gateway (rule LIM-2), and how many orders an account may send for
// its trades (LIM-3). Windows are those of the gateway's clock; nothing here is remembered over a restart.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "command_codec.hpp"
#include "protobuf_writer.hpp"

namespace tidegate {

// 0: no limit.
struct LimitSpec {
    std::uint32_t orders_second = 0;
    std::uint32_t orders_ten_seconds = 0;
    std::uint32_t cancels_second = 0;
    std::uint32_t messages_second = 0;
    std::uint32_t order_to_trade_percent = 0;   // most orders per trade, 1e-2; of the account
    std::uint32_t order_to_trade_minimum = 100; // orders in the window before it is judged
    std::uint32_t order_to_trade_window_s = 60;
    std::uint32_t self_trade_group = 0;         // the only one that its orders may name (ORD-6); 0: none
};

// What a command counts as.
enum class LimitKind : std::uint8_t { kNone, kOrder, kCancel };

inline LimitKind limit_kind(const Command& command) {
    switch (static_cast<CommandType>(command.header.type)) {
        case CommandType::kPlace:
        case CommandType::kAmend:
        case CommandType::kReplace: return LimitKind::kOrder;
        case CommandType::kQuote: return only_withdraws(command) ? LimitKind::kCancel : LimitKind::kOrder;
        case CommandType::kCancel:
        case CommandType::kCancelAll:
        case CommandType::kSetCountdown:
        case CommandType::kSetProtection:
        case CommandType::kResetProtection:
        case CommandType::kSetPositionMode: return LimitKind::kCancel;
        default: return LimitKind::kNone;
    }
}

// A count over the last `Buckets` spans of time.
template <std::size_t Buckets>
class RollingCount {
public:
    // `span` counts spans from any start. A clock that goes back a little stands still; further back, it starts anew.
    void roll(std::int64_t span) {
        if (span == span_) return;
        const std::int64_t behind = span_ - span;
        if (behind > 0 && behind <= static_cast<std::int64_t>(Buckets)) return;
        if (behind > 0 || span - span_ >= static_cast<std::int64_t>(Buckets)) {
            counts_.fill(0);
            total_ = 0;
        } else {
            for (std::int64_t each = span_ + 1; each <= span; ++each) {
                total_ -= at(each);
                at(each) = 0;
            }
        }
        span_ = span;
    }
    void add(std::uint32_t count = 1) {
        at(span_) += count;
        total_ += count;
    }
    std::uint32_t total() const { return total_; }
    std::uint32_t newest() const { return counts_[index(span_)]; }
    // What is left of the total when the oldest `spans` have passed out of the window.
    std::uint32_t after(std::size_t spans) const {
        std::uint32_t left = total_;
        for (std::size_t i = 1; i <= std::min(spans, Buckets); ++i) left -= counts_[index(span_ + static_cast<std::int64_t>(i))];
        return left;
    }
    std::int64_t span() const { return span_; }

private:
    static std::size_t index(std::int64_t span) {
        constexpr auto kBuckets = static_cast<std::int64_t>(Buckets);
        return static_cast<std::size_t>((span % kBuckets + kBuckets) % kBuckets);
    }
    std::uint32_t& at(std::int64_t span) { return counts_[index(span)]; }

    std::array<std::uint32_t, Buckets> counts_{};
    std::uint32_t total_ = 0;
    std::int64_t span_ = 0;
};

// Milliseconds until span number `span` begins, at least 1.
inline std::uint32_t delay_until(std::int64_t span, std::int64_t span_ns, std::int64_t now_ns) {
    const std::int64_t left = span * span_ns - now_ns;
    return left <= 0 ? 1 : static_cast<std::uint32_t>(std::min<std::int64_t>((left + 999'999) / 1'000'000, 86'400'000));
}

// Orders and trades of one account.
class OrderToTrade {
public:
    void set(const LimitSpec& spec) {
        percent_max_ = spec.order_to_trade_percent;
        minimum_ = spec.order_to_trade_minimum;
        span_ns_ = std::max<std::int64_t>(1, spec.order_to_trade_window_s) * 1'000'000'000 / static_cast<std::int64_t>(kBuckets);
    }
    void roll(std::int64_t now_ns) {
        orders_.roll(now_ns / span_ns_);
        trades_.roll(now_ns / span_ns_);
    }
    void add_order() { orders_.add(); }
    // A time that lies behind, as of events from the journal, counts as now.
    void add_trade(std::int64_t time_ns) {
        roll_forward(time_ns);
        trades_.add();
    }
    void roll_forward(std::int64_t now_ns) {
        if (now_ns / span_ns_ > trades_.span()) roll(now_ns);
    }

    std::uint32_t percent_max() const { return percent_max_; }
    std::uint32_t percent() const { return percent_of(orders_.total(), trades_.total()); }
    // 0: one more order may come; else milliseconds until that is so if nothing happens meanwhile.
    std::uint32_t delay(std::int64_t now_ns) const {
        if (percent_max_ == 0) return 0;
        for (std::size_t spans = 0; spans <= kBuckets; ++spans) {
            if (percent_of(orders_.after(spans), trades_.after(spans)) > percent_max_) continue;
            return spans == 0 ? 0 : delay_until(orders_.span() + static_cast<std::int64_t>(spans), span_ns_, now_ns);
        }
        return 1;
    }

private:
    static constexpr std::size_t kBuckets = 60;

    std::uint32_t percent_of(std::uint32_t orders, std::uint32_t trades) const {
        if (orders < minimum_) return 0;
        const std::uint64_t percent = std::uint64_t{orders} * 100 / std::max(trades, 1u);
        return static_cast<std::uint32_t>(std::min<std::uint64_t>(percent, 0xFFFFFFFFu));
    }

    RollingCount<kBuckets> orders_;
    RollingCount<kBuckets> trades_;
    std::uint32_t percent_max_ = 0;
    std::uint32_t minimum_ = 0;
    std::int64_t span_ns_ = 1'000'000'000;
};

// One API key.
class Limiter {
public:
    void set(const LimitSpec& spec) { spec_ = spec; }
    const LimitSpec& spec() const { return spec_; }

    // 0: it may come, and has been counted; else milliseconds until it may.
    std::uint32_t take_message(std::int64_t now_ns) {
        roll(now_ns);
        if (spec_.messages_second != 0 && messages_.total() >= spec_.messages_second) return next_second(now_ns);
        messages_.add();
        return 0;
    }
    // 0: it may come; count() then takes it.
    std::uint32_t delay(LimitKind kind, std::int64_t now_ns) {
        roll(now_ns);
        if (kind == LimitKind::kCancel)
            return spec_.cancels_second != 0 && cancels_.total() >= spec_.cancels_second ? next_second(now_ns) : 0;
        if (kind != LimitKind::kOrder) return 0;
        std::uint32_t delay = spec_.orders_second != 0 && orders_.newest() >= spec_.orders_second ? next_second(now_ns) : 0;
        if (spec_.orders_ten_seconds == 0) return delay;
        for (std::size_t seconds = 0; seconds <= kSeconds; ++seconds) {
            if (orders_.after(seconds) >= spec_.orders_ten_seconds) continue;
            return seconds == 0 ? delay : std::max(delay, delay_until(orders_.span() + static_cast<std::int64_t>(seconds), kSecondNs, now_ns));
        }
        return delay;
    }
    void count(LimitKind kind) {
        if (kind == LimitKind::kOrder) orders_.add();
        if (kind == LimitKind::kCancel) cancels_.add();
    }
    // Commands of all of the key's sessions that wait for their answer.
    std::uint64_t unanswered() const { return unanswered_; }
    void add_unanswered(std::uint64_t count) { unanswered_ += count; }
    void take_unanswered(std::uint64_t count) { unanswered_ -= count; }

    // Field 5 of a response: LimitState. At most kBytesMost. To be told changes nothing, whatever time it is said to be.
    static constexpr std::size_t kBytesMost = 12 * ProtobufWriter::kFieldBytesMost;
    unsigned char* encode(unsigned char* at, const OrderToTrade* ratio, std::int64_t now_ns) {
        if (now_ns / kSecondNs > orders_.span()) roll(now_ns);
        ProtobufWriter out(at);
        out.message<5>([&](ProtobufWriter& body) {
            body.varint<1>(orders_.newest());
            body.varint<2>(spec_.orders_second);
            body.varint<3>(orders_.total());
            body.varint<4>(spec_.orders_ten_seconds);
            body.varint<5>(cancels_.total());
            body.varint<6>(spec_.cancels_second);
            body.varint<7>(messages_.total());
            body.varint<8>(spec_.messages_second);
            if (ratio == nullptr || ratio->percent_max() == 0) return;
            body.varint<9>(ratio->percent());
            body.varint<10>(ratio->percent_max());
        });
        return out.at();
    }

private:
    static constexpr std::size_t kSeconds = 10;
    static constexpr std::int64_t kSecondNs = 1'000'000'000;

    void roll(std::int64_t now_ns) {
        const std::int64_t second = now_ns / kSecondNs;
        orders_.roll(second);
        cancels_.roll(second);
        messages_.roll(second);
    }
    std::uint32_t next_second(std::int64_t now_ns) const { return delay_until(orders_.span() + 1, kSecondNs, now_ns); }

    std::uint64_t unanswered_ = 0;
    LimitSpec spec_;
    RollingCount<kSeconds> orders_;
    RollingCount<1> cancels_;
    RollingCount<1> messages_;
};

}  // namespace tidegate

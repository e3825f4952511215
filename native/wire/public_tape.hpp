// What happened in one symbol, as everybody may know it: trades, liquidations, figures by the minute, and the
// rare news (phases, auctions, definitions). Made of the events of whole commands, each command once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "../records/records.hpp"
#include "depth_book.hpp"
#include "protobuf_writer.hpp"

namespace tidegate {

// Trades in a row, each encoded as an entry of StreamTradesResponse.trades; few enough for one message.
struct TradeEntries {
    static constexpr std::size_t kTradesMax = 1000;

    std::uint64_t first_id = 0;
    std::uint64_t last_id = 0;
    std::size_t count = 0;
    std::vector<unsigned char> bytes;

    void add(const Event& event, std::uint8_t side, bool liquidation, bool auction) {
        const std::size_t size = bytes.size();
        bytes.resize(size + kEntryBytesMost);
        ProtobufWriter out(bytes.data() + size);
        out.message<2>([&](ProtobufWriter& trade) {
            trade.varint<1>(event.trade_id);
            trade.int64<2>(event.price);
            trade.int64<3>(event.quantity);
            trade.varint<4>(side);
            trade.varint<5>(event.header.sequence);
            trade.fixed64<6>(static_cast<std::uint64_t>(event.header.time_ns));
            trade.varint<7>(liquidation);
            trade.varint<8>(auction);
        });
        bytes.resize(static_cast<std::size_t>(out.at() - bytes.data()));
        if (count++ == 0) first_id = event.trade_id;
        last_id = event.trade_id;
    }

private:
    static constexpr std::size_t kEntryBytesMost = 9 * ProtobufWriter::kFieldBytesMost;
};

// The trades of one minute (UTC), or of a part of it; its sums add up with those of the other parts.
struct MinuteBar {
    std::int64_t open_time_ns;
    std::int64_t open, high, low, close;  // ticks
    std::int64_t volume;                  // lots
    std::int64_t notional;                // 1e-8 of the settlement asset; stays at the largest number
    std::uint64_t trades;
    std::int64_t taker_buy;               // lots
    std::uint64_t last_trade_id;
    std::uint64_t last_sequence;
};

class PublicTape {
public:
    static constexpr std::int64_t kMinuteNs = 60'000'000'000;

    // Events up to `sequence` are passed over; bars are made of commands after `bars_after` only.
    PublicTape(std::uint64_t sequence, std::uint64_t bars_after, std::int64_t tick_lot_value, std::uint8_t phase)
        : sequence_(sequence), bars_after_(bars_after), tick_lot_value_(tick_lot_value), phase_(phase) {
        if (tick_lot_value < 1) throw std::invalid_argument("a lot at a price of one tick is worth at least 1");
    }

    std::uint64_t sequence() const { return sequence_; }
    std::int64_t time_ns() const { return time_ns_; }
    std::uint8_t phase() const { return phase_; }
    std::uint64_t last_trade_id() const { return last_trade_id_; }

    void feed(const Event* events, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) take_in(events[i]);
    }

    std::vector<TradeEntries> take_trades() { return std::exchange(trades_, {}); }
    std::vector<TradeEntries> take_liquidations() { return std::exchange(liquidations_, {}); }
    std::vector<MinuteBar> take_minutes() { return std::exchange(minutes_, {}); }
    // PHASE_CHANGED, AUCTION and INSTRUMENT_DEFINED records.
    std::vector<Event> take_news() { return std::exchange(news_, {}); }

private:
    void take_in(const Event& event) {
        if (is_query_type(event.header.command_type) || event.header.sequence <= sequence_) return;
        if (event.header.sequence != sequence_ + 1) throw ImpossibleEvent("events are missing before this one");
        switch (static_cast<EventType>(event.header.type)) {
            case EventType::kTrade: trade(event); break;
            case EventType::kPhaseChanged:
                phase_ = event.phase;
                news_.push_back(event);
                break;
            case EventType::kAuction: news_.push_back(event); break;
            case EventType::kInstrumentDefined:
                define(event);
                news_.push_back(event);
                break;
            default: break;
        }
        if ((event.header.flags & kLastOfCommand) == 0) return;
        sequence_ = event.header.sequence;
        time_ns_ = event.header.time_ns;
    }

    void trade(const Event& event) {
        if (event.trade_id <= last_trade_id_) throw ImpossibleEvent("a trade's number goes back");
        if (event.price <= 0 || event.quantity <= 0) throw ImpossibleEvent("a trade of nothing");
        last_trade_id_ = event.trade_id;
        const bool taker_liquidates = (event.header.flags & kLiquidation) != 0;
        const bool liquidation = taker_liquidates || (event.maker_flags & kMakerLiquidation) != 0;
        const bool auction = phase_ == 0 ? event.header.command_type == static_cast<std::uint8_t>(CommandType::kSetPhase)
                                         : !trades_continuously(phase_);
        room_in(trades_).add(event, event.header.side, liquidation, auction);
        if (liquidation) {
            const auto other = static_cast<std::uint8_t>(3 - event.header.side);
            room_in(liquidations_).add(event, taker_liquidates ? event.header.side : other, true, auction);
        }
        if (event.header.sequence > bars_after_) count_in(event);
    }

    static TradeEntries& room_in(std::vector<TradeEntries>& entries) {
        if (entries.empty() || entries.back().count == TradeEntries::kTradesMax) entries.emplace_back();
        return entries.back();
    }

    void count_in(const Event& event) {
        const std::int64_t minute = event.header.time_ns - event.header.time_ns % kMinuteNs;
        if (minutes_.empty() || minutes_.back().open_time_ns != minute || new_bar_) {
            minutes_.push_back({minute, event.price, event.price, event.price, event.price, 0, 0, 0, 0, 0, 0});
            new_bar_ = false;
        }
        MinuteBar& bar = minutes_.back();
        bar.high = std::max(bar.high, event.price);
        bar.low = std::min(bar.low, event.price);
        bar.close = event.price;
        bar.volume = sum(bar.volume, event.quantity);
        __extension__ const auto units = static_cast<__int128>(event.price) * event.quantity;
        bar.notional = sum(bar.notional, units > kMost / tick_lot_value_ ? kMost : static_cast<std::int64_t>(units) * tick_lot_value_);
        bar.trades += 1;
        if (event.header.side == static_cast<std::uint8_t>(Side::kBuy)) bar.taker_buy = sum(bar.taker_buy, event.quantity);
        bar.last_trade_id = event.trade_id;
        bar.last_sequence = event.header.sequence;
    }

    // A bar is in the ticks and lots of one definition.
    void define(const Event& event) {
        InstrumentRules rules;
        std::memcpy(reinterpret_cast<unsigned char*>(&rules) + sizeof rules.header,
                    reinterpret_cast<const InstrumentDefined&>(event).rules, sizeof rules - sizeof rules.header);
        if (rules.tick_lot_value < 1) throw ImpossibleEvent("a definition without a value");
        tick_lot_value_ = rules.tick_lot_value;
        new_bar_ = true;
    }

    static constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    static std::int64_t sum(std::int64_t a, std::int64_t b) { return a > kMost - b ? kMost : a + b; }

    std::vector<TradeEntries> trades_;
    std::vector<TradeEntries> liquidations_;
    std::vector<MinuteBar> minutes_;
    std::vector<Event> news_;
    std::uint64_t sequence_;
    std::uint64_t bars_after_;
    std::int64_t tick_lot_value_;
    std::uint64_t last_trade_id_ = 0;
    std::int64_t time_ns_ = 0;
    std::uint8_t phase_;
    bool new_bar_ = false;
};

}  // namespace tidegate

// One symbol's book by price levels, kept from its events alone (docs/rules/orders.md). What does not
// add up is an error: a book that cannot be right is never shown.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../records/records.hpp"
#include "protobuf_writer.hpp"

namespace tidegate {

// An event that the book, as it is, cannot have had.
struct ImpossibleEvent : std::invalid_argument {
    using std::invalid_argument::invalid_argument;
};

class DepthSide {
public:
    using Levels = std::map<std::int64_t, std::int64_t>;  // price in ticks, open lots

    const Levels& levels() const { return levels_; }

    void change(std::int64_t price, std::int64_t by) {
        if (by == 0) return;
        std::int64_t& quantity = levels_[price];
        if (by > 0 && quantity > std::numeric_limits<std::int64_t>::max() - by) throw ImpossibleEvent("a level's quantity overflows");
        quantity += by;
        if (quantity < 0) throw ImpossibleEvent("a level's quantity falls below zero");
        if (quantity == 0) levels_.erase(price);
        note(price);
    }
    void replace(Levels&& levels) {
        for (const auto& [price, quantity] : levels_) note(price);
        levels_ = std::move(levels);
        for (const auto& [price, quantity] : levels_) note(price);
    }
    std::int64_t quantity_at(std::int64_t price) const {
        const auto found = levels_.find(price);
        return found == levels_.end() ? 0 : found->second;
    }
    // The prices noted since clear_changed(), each once, ascending.
    const std::vector<std::int64_t>& sort_changed() {
        std::sort(changed_.begin(), changed_.end());
        changed_.erase(std::unique(changed_.begin(), changed_.end()), changed_.end());
        return changed_;
    }
    void clear_changed() { changed_.clear(); }

private:
    void note(std::int64_t price) {
        if (!changed_.empty() && changed_.back() == price) return;
        // Noted again and again while nobody takes a delta, it stays as short as the book is wide.
        if (changed_.size() == changed_.capacity() && changed_.size() >= 4096) sort_changed();
        changed_.push_back(price);
    }

    Levels levels_;
    std::vector<std::int64_t> changed_;
};

struct PublicTrade {
    std::uint64_t trade_id;
    std::int64_t price;
    std::int64_t quantity;
    std::uint8_t aggressor_side;
    std::uint64_t sequence;
    std::int64_t time_ns;
};

class DepthBook {
public:
    explicit DepthBook(std::string_view symbol) : symbol_(symbol) {
        if (symbol.size() > 64) throw std::invalid_argument("symbol too long");
    }

    bool ready() const { return ready_; }
    std::uint64_t sequence() const { return sequence_; }
    std::uint8_t phase() const { return phase_; }
    std::int64_t best_bid() const { return bids_.levels().empty() ? 0 : bids_.levels().rbegin()->first; }
    std::int64_t best_ask() const { return asks_.levels().empty() ? 0 : asks_.levels().begin()->first; }

    // Takes the answer to the depth query with this origin for the book, when it comes.
    void expect_snapshot(std::uint32_t origin) {
        expected_origin_ = origin;
        collected_bids_.clear();
        collected_asks_.clear();
    }

    void feed(const Event* events, std::size_t count) {
        try {
            for (std::size_t i = 0; i < count; ++i) take_in(events[i]);
        } catch (const ImpossibleEvent&) {
            ready_ = false;
            throw;
        }
    }

    // DepthSnapshot of the best `most` levels per side.
    std::vector<unsigned char> snapshot(std::size_t most) const {
        const std::size_t bids = std::min(most, bids_.levels().size());
        const std::size_t asks = std::min(most, asks_.levels().size());
        std::vector<unsigned char> bytes(head_bytes() + (bids + asks) * kLevelBytes);
        ProtobufWriter out(bytes.data());
        out.string<1>(symbol_);
        out.varint<2>(sequence_);
        out.fixed64<3>(static_cast<std::uint64_t>(time_ns_));
        auto bid = bids_.levels().rbegin();
        for (std::size_t i = 0; i < bids; ++i, ++bid) write_level<4>(out, bid->first, bid->second);
        auto ask = asks_.levels().begin();
        for (std::size_t i = 0; i < asks; ++i, ++ask) write_level<5>(out, ask->first, ask->second);
        out.varint<6>(phase_);
        bytes.resize(static_cast<std::size_t>(out.at() - bytes.data()));
        return bytes;
    }

    // DepthDelta since the last one (or since the book became ready); empty when nothing has changed.
    std::vector<unsigned char> take_delta() {
        const auto& bids = bids_.sort_changed();
        const auto& asks = asks_.sort_changed();
        if (!ready_ || (bids.empty() && asks.empty() && !phase_changed_)) return {};
        std::vector<unsigned char> bytes(head_bytes() + (bids.size() + asks.size()) * kLevelBytes);
        ProtobufWriter out(bytes.data());
        out.string<1>(symbol_);
        out.varint<2>(delta_base_ + 1);
        out.varint<3>(sequence_);
        out.varint<4>(delta_base_);
        out.fixed64<5>(static_cast<std::uint64_t>(time_ns_));
        for (auto bid = bids.rbegin(); bid != bids.rend(); ++bid) write_level<6>(out, *bid, bids_.quantity_at(*bid));
        for (const std::int64_t ask : asks) write_level<7>(out, ask, asks_.quantity_at(ask));
        out.varint<8>(phase_);
        bytes.resize(static_cast<std::size_t>(out.at() - bytes.data()));
        start_delta();
        return bytes;
    }

    std::vector<PublicTrade> take_trades() { return std::exchange(trades_, {}); }

private:
    static constexpr std::size_t kLevelBytes = 2 + 2 * ProtobufWriter::kFieldBytesMost;
    std::size_t head_bytes() const { return symbol_.size() + 8 * ProtobufWriter::kFieldBytesMost; }

    template <std::uint32_t Field>
    static void write_level(ProtobufWriter& out, std::int64_t price, std::int64_t quantity) {
        out.message<Field>([&](ProtobufWriter& level) {
            level.int64<1>(price);
            level.int64<2>(quantity);
        });
    }

    DepthSide& side(std::uint8_t side) {
        if (side == static_cast<std::uint8_t>(Side::kBuy)) return bids_;
        if (side == static_cast<std::uint8_t>(Side::kSell)) return asks_;
        throw ImpossibleEvent("an order on the book without a side");
    }

    void take_in(const Event& event) {
        if (is_query_type(event.header.command_type)) return collect(event);
        if (!ready_ || event.header.sequence <= sequence_) return;
        if (event.header.sequence != sequence_ + 1) throw ImpossibleEvent("events are missing before this one");
        apply(event);
        if ((event.header.flags & kLastOfCommand) == 0) return;
        sequence_ = event.header.sequence;
        time_ns_ = event.header.time_ns;
    }

    void apply(const Event& event) {
        const std::uint8_t own = event.header.side;
        const bool on_book = (event.header.flags & kOnBook) != 0;
        switch (static_cast<EventType>(event.header.type)) {
            case EventType::kAccepted:
            case EventType::kRested:
                if (on_book) side(own).change(event.price, open_lots(event.leaves));
                return;
            case EventType::kTrade: return trade(event);
            case EventType::kCanceled:
            case EventType::kExpired:
            case EventType::kReduced:
                if (on_book) side(own).change(event.price, -lots_gone(event));
                return;
            case EventType::kAmended:
                side(own).change(event.previous_price, -open_lots(event.previous_leaves));
                if (on_book) side(own).change(event.price, open_lots(event.leaves));
                return;
            case EventType::kPhaseChanged:
                phase_changed_ = phase_changed_ || phase_ != event.phase;
                phase_ = event.phase;
                return;
            default: return;
        }
    }

    // The aggressor is not on the book; what it took was the maker's, on the other side.
    void trade(const Event& event) {
        if (event.quantity <= 0) throw ImpossibleEvent("a trade of nothing");
        DepthSide& makers = &side(event.header.side) == &bids_ ? asks_ : bids_;
        makers.change(event.price, -event.quantity);
        trades_.push_back({event.trade_id, event.price, event.quantity, event.header.side, event.header.sequence, event.header.time_ns});
    }

    static std::int64_t open_lots(std::int64_t lots) {
        if (lots < 0) throw ImpossibleEvent("an order with less than nothing open");
        return lots;
    }
    static std::int64_t lots_gone(const Event& event) {
        if (event.leaves < 0 || event.previous_leaves < event.leaves) throw ImpossibleEvent("an order that grew by ending");
        return event.previous_leaves - event.leaves;
    }

    void collect(const Event& event) {
        if (event.origin != expected_origin_ || expected_origin_ == 0) return;
        if (event.header.type == static_cast<std::uint8_t>(EventType::kDepthLevel)) {
            if (event.leaves <= 0) throw ImpossibleEvent("an empty level in a depth answer");
            auto& levels = &side(event.header.side) == &bids_ ? collected_bids_ : collected_asks_;
            levels[event.price] = event.leaves;
        } else if (event.header.type == static_cast<std::uint8_t>(EventType::kDepthEnd)) {
            if (event.quantity != static_cast<std::int64_t>(collected_bids_.size() + collected_asks_.size()))
                throw ImpossibleEvent("a depth answer with levels missing");
            adopt(event);
        }
    }

    void adopt(const Event& end) {
        bids_.replace(std::exchange(collected_bids_, {}));
        asks_.replace(std::exchange(collected_asks_, {}));
        phase_changed_ = phase_changed_ || phase_ != end.phase;
        phase_ = end.phase;
        sequence_ = end.header.sequence;
        time_ns_ = end.header.time_ns;
        expected_origin_ = 0;
        if (!ready_) start_delta();
        ready_ = true;
    }

    void start_delta() {
        bids_.clear_changed();
        asks_.clear_changed();
        phase_changed_ = false;
        delta_base_ = sequence_;
    }

    std::string symbol_;
    DepthSide bids_;
    DepthSide asks_;
    DepthSide::Levels collected_bids_;
    DepthSide::Levels collected_asks_;
    std::vector<PublicTrade> trades_;
    std::uint64_t sequence_ = 0;
    std::uint64_t delta_base_ = 0;  // sequence that readers of deltas hold
    std::int64_t time_ns_ = 0;
    std::uint32_t expected_origin_ = 0;
    std::uint8_t phase_ = 0;
    bool phase_changed_ = false;
    bool ready_ = false;
};

}  // namespace tidegate

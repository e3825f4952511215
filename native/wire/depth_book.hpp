// One symbol's book by price levels, kept from its events alone (docs/rules/orders.md, venue.md), with what else
// is a state that everybody may know: phase, prices. What does not add up is an error: a book that cannot be
// right is never shown.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../records/records.hpp"
#include "depth_view.hpp"

namespace tidegate {

// Matching happens in these two phases only; a trade in another one is an uncrossing's (MAT-2).
inline bool trades_continuously(std::uint8_t phase) {
    return phase == static_cast<std::uint8_t>(Phase::kOpen) || phase == static_cast<std::uint8_t>(Phase::kReduceOnly);
}

// Mark, index and predicted funding, and the command that set them (0: told with the book).
struct PublicPrices {
    std::uint64_t sequence = 0;
    std::int64_t time_ns = 0;
    std::int64_t mark = 0;
    std::int64_t index = 0;
    std::int64_t funding_rate = 0;
    std::int64_t next_funding_time_ns = 0;
};

class DepthBook {
public:
    static constexpr std::size_t kViewsMax = 16;

    explicit DepthBook(std::string_view symbol) : symbol_(symbol) {
        if (symbol.size() > 64) throw std::invalid_argument("symbol too long");
    }

    bool ready() const { return ready_; }
    std::uint64_t sequence() const { return mark_.sequence; }
    std::int64_t time_ns() const { return mark_.time_ns; }
    std::uint8_t phase() const { return mark_.phase; }
    std::int64_t best_bid() const { return bids_.levels().empty() ? 0 : bids_.levels().rbegin()->first; }
    std::int64_t best_ask() const { return asks_.levels().empty() ? 0 : asks_.levels().begin()->first; }
    const PublicPrices& prices() const { return prices_; }
    // A definition may have put mark and index into other ticks: they are 0 until they are set anew, or until the
    // next depth answer tells them.
    bool prices_known() const { return prices_known_; }
    std::uint32_t checksum() const { return depth_checksum(bids_.levels(), asks_.levels()); }

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

    // DepthSnapshot of the best `most` levels per side, as the book is now.
    std::vector<unsigned char> snapshot(std::size_t most) const {
        return encode_snapshot(symbol_, mark_, bids_.levels(), asks_.levels(), most, false);
    }

    // ---- what the readers of one pace hold: see depth_view.hpp -----------------------------------
    void follow(std::size_t view) {
        distribute();
        views_.at(view).start(mark_, bids_.levels(), asks_.levels());
    }
    void unfollow(std::size_t view) { views_.at(view).stop(); }
    std::vector<unsigned char> view_snapshot(std::size_t view, std::size_t most, bool conflated) const {
        return views_.at(view).snapshot(symbol_, most, conflated);
    }
    std::vector<unsigned char> take_delta(std::size_t view) {
        if (!ready_) return {};
        distribute();
        return views_.at(view).take_delta(symbol_, mark_, bids_.levels(), asks_.levels());
    }

    // StreamTopOfBookResponse as it is now.
    std::vector<unsigned char> top_of_book() const {
        std::vector<unsigned char> bytes(detail::depth_head_bytes(symbol_));
        ProtobufWriter out(bytes.data());
        out.string<1>(symbol_);
        out.varint<2>(mark_.sequence);
        out.fixed64<3>(static_cast<std::uint64_t>(mark_.time_ns));
        out.int64<4>(best_bid());
        out.int64<5>(quantity_at(bids_.levels(), best_bid()));
        out.int64<6>(best_ask());
        out.int64<7>(quantity_at(asks_.levels(), best_ask()));
        out.varint<8>(mark_.phase);
        bytes.resize(static_cast<std::size_t>(out.at() - bytes.data()));
        return bytes;
    }
    // The same when it says something else than at the last call; else empty.
    std::vector<unsigned char> take_top_of_book() {
        const std::array<std::int64_t, 5> top{best_bid(), quantity_at(bids_.levels(), best_bid()), best_ask(),
                                              quantity_at(asks_.levels(), best_ask()), mark_.phase};
        if (!ready_ || (top_told_ && top == top_)) return {};
        top_ = top;
        top_told_ = true;
        return top_of_book();
    }

private:
    DepthSide& side(std::uint8_t side) {
        if (side == static_cast<std::uint8_t>(Side::kBuy)) return bids_;
        if (side == static_cast<std::uint8_t>(Side::kSell)) return asks_;
        throw ImpossibleEvent("an order on the book without a side");
    }

    void take_in(const Event& event) {
        if (is_query_type(event.header.command_type)) return collect(event);
        if (!ready_ || event.header.sequence <= mark_.sequence) return;
        if (event.header.sequence != mark_.sequence + 1) throw ImpossibleEvent("events are missing before this one");
        apply(event);
        if ((event.header.flags & kLastOfCommand) == 0) return;
        mark_.sequence = event.header.sequence;
        mark_.time_ns = event.header.time_ns;
    }

    void apply(const Event& event) {
        const std::uint8_t own = event.header.side;
        const bool on_book = (event.header.flags & kOnBook) != 0;
        switch (static_cast<EventType>(event.header.type)) {
            case EventType::kAccepted:
            case EventType::kRested:
                if (on_book) side(own).change(event.price, shown_after(event));
                return;
            case EventType::kTrade: return trades_continuously(mark_.phase) ? trade(event) : uncross(event);
            case EventType::kCanceled:
            case EventType::kExpired:
            case EventType::kReduced:
                if (on_book) side(own).change(event.price, shown_after(event) - shown_before(event));
                return;
            case EventType::kAmended:
                if (event.header.status == static_cast<std::uint8_t>(OrderStatus::kUntriggered)) return;
                side(own).change(event.previous_price, -shown_before(event));
                if (on_book) side(own).change(event.price, shown_after(event));
                return;
            case EventType::kPhaseChanged: mark_.phase = event.phase; return;
            case EventType::kPricesSet:
                prices_ = {event.header.sequence, event.header.time_ns, event.price,
                           event.quantity,        event.funding_rate,   event.next_funding_time_ns};
                prices_known_ = true;  // PRICES_SET tells both
                return;
            case EventType::kInstrumentDefined:
                prices_ = {event.header.sequence, event.header.time_ns, 0, 0, prices_.funding_rate, prices_.next_funding_time_ns};
                prices_known_ = false;
                return;
            default: return;
        }
    }

    // Continuous matching: the aggressor is not on the book; what it took was the maker's, on the other side.
    void trade(const Event& event) {
        if (event.quantity <= 0) throw ImpossibleEvent("a trade of nothing");
        DepthSide& makers = &side(event.header.side) == &bids_ ? asks_ : bids_;
        const bool iceberg = (event.maker_flags & kMakerIceberg) != 0;
        makers.change(event.price, iceberg ? not_negative(event.maker_shown) - not_negative(event.maker_shown_before) : -event.quantity);
    }

    // An uncrossing: both orders rest, each at the best level of its side, whatever the price of the trade.
    void uncross(const Event& event) {
        if (event.quantity <= 0) throw ImpossibleEvent("a trade of nothing");
        if (bids_.levels().empty() || asks_.levels().empty()) throw ImpossibleEvent("an uncrossing with nobody");
        const bool taker_buys = &side(event.header.side) == &bids_;
        const bool taker_iceberg = (event.header.flags & kIceberg) != 0;
        const bool maker_iceberg = (event.maker_flags & kMakerIceberg) != 0;
        const std::int64_t taker = taker_iceberg ? event.taker_shown_change : -event.quantity;
        const std::int64_t maker = maker_iceberg ? event.maker_shown_change : -event.quantity;
        bids_.change(best_bid(), taker_buys ? taker : maker);
        asks_.change(best_ask(), taker_buys ? maker : taker);
    }

    // Lots that the book shows of the order that the event is about: an iceberg says so itself.
    static std::int64_t shown_after(const Event& event) {
        const bool iceberg = (event.header.flags & kIceberg) != 0;
        return not_negative(iceberg ? event.shown : event.leaves);
    }
    static std::int64_t shown_before(const Event& event) {
        if ((event.header.flags & kIceberg) != 0) return not_negative(event.shown_before);
        const bool amended = event.header.type == static_cast<std::uint8_t>(EventType::kAmended);
        if (!amended && event.previous_leaves < event.leaves) throw ImpossibleEvent("an order that grew by ending");
        return not_negative(event.previous_leaves);
    }
    static std::int64_t not_negative(std::int64_t lots) {
        if (lots < 0) throw ImpossibleEvent("an order with less than nothing open");
        return lots;
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
        mark_ = {end.header.sequence, end.header.time_ns, end.phase};
        // DEPTH_END's words: docs/rules/orders.md, Queries.
        prices_ = {end.header.sequence, end.header.time_ns, end.price, end.filled, end.previous_price, end.previous_leaves};
        prices_known_ = true;
        expected_origin_ = 0;
        ready_ = true;
    }

    // Tells every view which prices may have changed.
    void distribute() {
        if (bids_.changed().empty() && asks_.changed().empty()) return;
        for (DepthView& view : views_) view.note(bids_.changed(), asks_.changed());
        bids_.changed().clear();
        asks_.changed().clear();
    }

    std::string symbol_;
    DepthSide bids_;
    DepthSide asks_;
    DepthLevels collected_bids_;
    DepthLevels collected_asks_;
    std::array<DepthView, kViewsMax> views_;
    DepthMark mark_;
    PublicPrices prices_;
    std::array<std::int64_t, 5> top_{};
    std::uint32_t expected_origin_ = 0;
    bool top_told_ = false;
    bool prices_known_ = false;
    bool ready_ = false;
};

}  // namespace tidegate

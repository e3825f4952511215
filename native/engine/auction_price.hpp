// The price at which an auction would trade now (MAT-2), of all ticks between the best ask and the best bid.
#pragma once

#include <algorithm>
#include <cstdint>

#include "price_levels.hpp"

namespace tidegate {

struct AuctionResult {
    std::int64_t price = 0;    // ticks; 0: the book does not cross
    std::int64_t volume = 0;   // lots
    std::int64_t surplus = 0;  // bids less asks at the price, lots
};

// Bids and asks at a price only change at the prices of orders, so a run of ticks between two of them is one
// candidate: within it the tick nearest to the reference wins. Hidden parts of icebergs count.
class AuctionSearch {
public:
    explicit AuctionSearch(const PriceLevels& levels) : levels_(levels) {}

    // `reference` 0: none.
    AuctionResult find(std::int64_t reference) const {
        AuctionResult best;
        if (!levels_.crossed()) return best;
        const std::uint32_t last = levels_.best_bid();
        std::uint32_t from = levels_.best_ask();
        std::uint32_t next_ask = from;   // first that is not in `asks` yet
        std::uint32_t next_bid = last;   // lowest that is still in `bids`
        std::int64_t asks = 0;           // at or below `from`
        std::int64_t bids = 0;           // at or above `from`
        for (std::uint32_t price = last; price >= from && price != PriceLevels::kNoBid; price = levels_.next_worse(Side::kBuy, price)) {
            bids += levels_.lots_at(Side::kBuy, price);
            next_bid = price;
        }
        for (;;) {
            if (next_ask == from) {
                asks += levels_.lots_at(Side::kSell, next_ask);
                next_ask = levels_.next_worse(Side::kSell, next_ask);
            }
            const std::uint32_t to = std::min(next_ask - 1, next_bid);
            consider(best, from, to, reference, bids, asks);
            if (to == last) return best;
            if (to == next_bid) {
                bids -= levels_.lots_at(Side::kBuy, next_bid);
                next_bid = levels_.next_above(Side::kBuy, next_bid);
            }
            from = to + 1;
        }
    }

private:
    // Prices come in rising order, so of equals the one that was found first is the lowest.
    static void consider(AuctionResult& best, std::int64_t from, std::int64_t to, std::int64_t reference, std::int64_t bids, std::int64_t asks) {
        const std::int64_t price = reference == 0 ? from : std::clamp(reference, from, to);
        const AuctionResult found{price, std::min(bids, asks), bids - asks};
        if (best.price == 0 || better(found, best, reference)) best = found;
    }

    static bool better(const AuctionResult& left, const AuctionResult& right, std::int64_t reference) {
        if (left.volume != right.volume) return left.volume > right.volume;
        const std::int64_t left_surplus = left.surplus < 0 ? -left.surplus : left.surplus;
        const std::int64_t right_surplus = right.surplus < 0 ? -right.surplus : right.surplus;
        if (left_surplus != right_surplus) return left_surplus < right_surplus;
        return reference != 0 && distance(left.price, reference) < distance(right.price, reference);
    }
    static std::int64_t distance(std::int64_t price, std::int64_t reference) { return price < reference ? reference - price : price - reference; }

    const PriceLevels& levels_;
};

}  // namespace tidegate

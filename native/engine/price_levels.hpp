// Price levels over the whole range of ticks, bids and asks apart: in an auction the book may be crossed,
// and both sides may have a level at one price.
//
// In a side's table 64 ticks share a bitmap word and, while any of them is occupied, a page of level heads.
// Pages are taken and given back like orders, so a narrow band keeps to a few cache lines; summaries of 64
// words, of 64 summaries and so on make the next occupied level a handful of steps away, however far it is
// in ticks.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <utility>

#include "orders.hpp"

namespace tidegate {

// The occupied levels of one side.
class LevelTable {
public:
    static constexpr std::uint32_t kNoneBelow = 0;
    static constexpr std::uint32_t kNoneAbove = 1u << 31;

    struct Level {
        std::uint32_t head;
        std::uint32_t tail;
        std::int64_t lots;  // leaves of all its orders, hidden parts too
    };

    explicit LevelTable(std::uint32_t levels_max)
        : words_(kWords), summary_{ZeroedArray<std::uint64_t>(kWords >> 6), ZeroedArray<std::uint64_t>(kWords >> 12), ZeroedArray<std::uint64_t>(kWords >> 18)}, pages_(levels_max) {}

    // The level at an occupied price.
    Level& at(std::uint32_t price) { return pages_[words_[price >> 6].page].levels[price & 63]; }
    const Level& at(std::uint32_t price) const { return pages_[words_[price >> 6].page].levels[price & 63]; }

    // The level at `price`, and whether it is new, then with nothing in it yet.
    std::pair<Level*, bool> open(std::uint32_t price) {
        Word& word = words_[price >> 6];
        const std::uint64_t bit = std::uint64_t{1} << (price & 63);
        if (word.occupied == 0) open_page(price >> 6);
        const bool fresh = (word.occupied & bit) == 0;
        word.occupied |= bit;
        return {&pages_[word.page].levels[price & 63], fresh};
    }

    void close(std::uint32_t price) {
        Word& word = words_[price >> 6];
        word.occupied &= ~(std::uint64_t{1} << (price & 63));
        if (word.occupied == 0) close_page(price >> 6);
    }

    // The next occupied price below `price`; kNoneBelow when there is none.
    std::uint32_t next_below(std::uint32_t price) const {
        const std::uint64_t here = words_[price >> 6].occupied & ((std::uint64_t{1} << (price & 63)) - 1);
        if (here != 0) return (price & ~63u) | top_bit(here);
        std::uint32_t at = price >> 6;
        for (std::size_t depth = 0; depth < summary_.size(); ++depth, at >>= 6) {
            const std::uint64_t word = summary_[depth][at >> 6] & ((std::uint64_t{1} << (at & 63)) - 1);
            if (word != 0) return descend(depth, (at & ~63u) | top_bit(word), top_bit);
        }
        while (at-- != 0)
            if (summary_.back()[at] != 0) return descend(summary_.size() - 1, at << 6 | top_bit(summary_.back()[at]), top_bit);
        return kNoneBelow;
    }

    // The next occupied price above `price`; kNoneAbove when there is none.
    std::uint32_t next_above(std::uint32_t price) const {
        const std::uint64_t here = words_[price >> 6].occupied & above(price & 63);
        if (here != 0) return (price & ~63u) | low_bit(here);
        std::uint32_t at = price >> 6;
        for (std::size_t depth = 0; depth < summary_.size(); ++depth, at >>= 6) {
            const std::uint64_t word = summary_[depth][at >> 6] & above(at & 63);
            if (word != 0) return descend(depth, (at & ~63u) | low_bit(word), low_bit);
        }
        while (++at < summary_.back().size())
            if (summary_.back()[at] != 0) return descend(summary_.size() - 1, at << 6 | low_bit(summary_.back()[at]), low_bit);
        return kNoneAbove;
    }

    void prefetch(std::uint32_t price) const { __builtin_prefetch(&words_[price >> 6], 1); }
    void prefetch_level(std::uint32_t price) const {
        const Word& word = words_[price >> 6];
        if (word.occupied != 0) __builtin_prefetch(&pages_[word.page].levels[price & 63], 1);
    }

private:
    static constexpr std::uint32_t kWords = 1u << 25;  // of 64 ticks each

    struct Word {
        std::uint64_t occupied;
        std::uint32_t page;  // meaningful while anything is occupied
        std::uint32_t unused;
    };
    struct alignas(64) Page {
        Level levels[64];
    };

    static std::uint32_t top_bit(std::uint64_t word) { return 63u - static_cast<std::uint32_t>(std::countl_zero(word)); }
    static std::uint32_t low_bit(std::uint64_t word) { return static_cast<std::uint32_t>(std::countr_zero(word)); }
    static std::uint64_t above(std::uint32_t bit) { return ~std::uint64_t{1} << bit; }

    // From an occupied word of a summary down to the level that `pick` takes in each word on the way.
    template <typename Pick>
    std::uint32_t descend(std::size_t depth, std::uint32_t at, Pick pick) const {
        while (depth-- != 0) at = at << 6 | pick(summary_[depth][at]);
        return at << 6 | pick(words_[at].occupied);
    }

    [[gnu::noinline]] void open_page(std::uint32_t number) {
        Word& word = words_[number];
        if (free_page_ == kNothing) {
            TIDEGATE_ASSERT(fresh_page_ < pages_.size());
            word.page = fresh_page_++;
        } else {
            word.page = free_page_;
            free_page_ = pages_[word.page].levels[0].head;
        }
        for (auto& summary : summary_) {
            std::uint64_t& bits = summary[number >> 6];
            const bool first = bits == 0;
            bits |= std::uint64_t{1} << (number & 63);
            if (!first) break;
            number >>= 6;
        }
    }

    [[gnu::noinline]] void close_page(std::uint32_t number) {
        const std::uint32_t page = words_[number].page;
        pages_[page].levels[0].head = free_page_;
        free_page_ = page;
        for (auto& summary : summary_) {
            std::uint64_t& bits = summary[number >> 6];
            bits &= ~(std::uint64_t{1} << (number & 63));
            if (bits != 0) break;
            number >>= 6;
        }
    }

    ZeroedArray<Word> words_;
    std::array<ZeroedArray<std::uint64_t>, 3> summary_;  // of words, of 64 words, of 4,096 words
    ZeroedArray<Page> pages_;
    std::uint32_t fresh_page_ = 0;
    std::uint32_t free_page_ = kNothing;
};

class PriceLevels {
public:
    static constexpr std::uint32_t kNoBid = LevelTable::kNoneBelow;  // worse than any price
    static constexpr std::uint32_t kNoAsk = LevelTable::kNoneAbove;

    PriceLevels(OrderArena& orders, std::uint32_t levels_max) : orders_(orders), tables_{LevelTable(levels_max), LevelTable(levels_max)} {}

    std::uint32_t best_bid() const { return best(Side::kBuy); }
    std::uint32_t best_ask() const { return best(Side::kSell); }
    // kNoBid or kNoAsk when the side is empty.
    std::uint32_t best(Side side) const { return best_[place(side)]; }
    bool empty(Side side) const { return best(side) == (side == Side::kBuy ? kNoBid : kNoAsk); }
    // Only outside of continuous trading: somebody could trade with somebody.
    bool crossed() const { return best_ask() <= best_bid(); }

    // Whether an order of `side` that may trade up to `limit` finds somebody to trade with. Both are compared,
    // because the side of the next order is what no processor can predict.
    bool crosses(Side side, std::uint32_t limit) const {
        const bool buy = side == Side::kBuy;
        return (buy & (best_[1] <= limit)) | (!buy & (best_[0] >= limit));
    }

    // Oldest order of the best level opposite to `side`, which must not be empty.
    std::uint32_t best_maker(Side taker_side) const {
        const std::size_t other = 1 - place(taker_side);
        return tables_[other].at(best_[other]).head;
    }
    // Oldest order of an occupied level.
    std::uint32_t first_at(Side side, std::uint32_t price) const { return table(side).at(price).head; }
    // Open lots of an occupied level, hidden parts of icebergs too.
    std::int64_t lots_at(Side side, std::uint32_t price) const { return table(side).at(price).lots; }
    // Whether the makers of `taker_side`, down to its price limit, have as many lots together.
    bool hold_within(Side taker_side, std::uint32_t limit, std::int64_t lots) const {
        if (!crosses(taker_side, limit)) return false;
        const bool buy = taker_side == Side::kBuy;
        const Side other = buy ? Side::kSell : Side::kBuy;
        std::uint32_t price = best(other);
        do lots -= lots_at(other, price);
        while (lots > 0 && (price = next_worse(other, price), buy ? price <= limit : price >= limit));
        return lots <= 0;
    }
    // Nobody else rests in this resting order's level.
    bool alone(const Order& order) const { return order.previous == kNothing && order.next == kNothing; }

    // Puts an order at the back of its level.
    [[gnu::always_inline]] void push_back(std::uint32_t handle) {
        Order& order = orders_[handle];
        const auto [level, fresh] = table(order.side).open(order.price);
        order.next = kNothing;
        order.flags |= kOrderResting;
        if (!fresh) {
            order.previous = level->tail;
            orders_[level->tail].next = handle;
            level->tail = handle;
            level->lots += order.leaves();
            return;
        }
        order.previous = kNothing;
        *level = {handle, handle, order.leaves()};
        const bool buy = order.side == Side::kBuy;
        std::uint32_t& best = best_[place(order.side)];
        const bool better = (buy & (order.price > best)) | (!buy & (order.price < best));
        best = better ? order.price : best;
    }

    // A resting order's leaves go down by so many lots, where it is.
    void lower(const Order& order, std::int64_t lots) { table(order.side).at(order.price).lots -= lots; }

    // Takes a resting order out of its level.
    void remove(std::uint32_t handle) {
        Order& order = orders_[handle];
        TIDEGATE_ASSERT(order.resting());
        order.flags &= static_cast<decltype(order.flags)>(~kOrderResting);
        LevelTable::Level& level = table(order.side).at(order.price);
        level.lots -= order.leaves();
        if (alone(order)) {
            TIDEGATE_ASSERT(level.lots == 0);
            remove_level(order.price, order.side);
            return;
        }
        if (order.previous == kNothing) level.head = order.next;
        else orders_[order.previous].next = order.next;
        if (order.next == kNothing) level.tail = order.previous;
        else orders_[order.next].previous = order.previous;
    }

    // The next level of a side below, above a price; kNoBid, kNoAsk when there is none.
    std::uint32_t next_below(Side side, std::uint32_t price) const { return table(side).next_below(price); }
    std::uint32_t next_above(Side side, std::uint32_t price) const { return table(side).next_above(price); }
    // The next worse level of the same side; kNoBid, kNoAsk when there is none.
    std::uint32_t next_worse(Side side, std::uint32_t price) const {
        return side == Side::kBuy ? next_below(side, price) : next_above(side, price);
    }

    // Visits the orders of a side, best level first, oldest first within a level: visit(handle).
    template <typename Visit>
    void for_each(Side side, Visit visit) const {
        if (empty(side)) return;
        const std::uint32_t end = side == Side::kBuy ? kNoBid : kNoAsk;
        for (std::uint32_t price = best(side); price != end; price = next_worse(side, price))
            for (std::uint32_t at = first_at(side, price); at != kNothing; at = orders_[at].next) visit(at);
    }

    void prefetch(Side side, std::uint32_t price) const { table(side).prefetch(price); }
    void prefetch_level(Side side, std::uint32_t price) const { table(side).prefetch_level(price); }

private:
    // Bids, then asks; an unknown side (for prefetching only) counts as a bid.
    static std::size_t place(Side side) { return side == Side::kSell; }
    LevelTable& table(Side side) { return tables_[place(side)]; }
    const LevelTable& table(Side side) const { return tables_[place(side)]; }

    void remove_level(std::uint32_t price, Side side) {
        table(side).close(price);
        if (price == best(side)) best_[place(side)] = next_worse(side, price);
    }

    OrderArena& orders_;
    std::array<LevelTable, 2> tables_;
    std::array<std::uint32_t, 2> best_{kNoBid, kNoAsk};
};

}  // namespace tidegate

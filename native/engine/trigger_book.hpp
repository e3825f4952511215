// Who waits for which price. Prices that are falling toward a trigger are kept with their sign changed, so
// that in every set what a move passes first comes first.
#pragma once

#include <array>

#include "node_pool.hpp"
#include "orders.hpp"

namespace tidegate {

// Which way the price goes to meet the trigger.
constexpr Direction trigger_direction(OrderType type, Side side) {
    const bool takes_profit = type == OrderType::kTakeProfit || type == OrderType::kTakeProfitMarket;
    return (side == Side::kBuy) != takes_profit ? Direction::kRising : Direction::kFalling;
}
// Which way a trailing stop follows.
constexpr Direction followed_direction(Side side) { return side == Side::kSell ? Direction::kRising : Direction::kFalling; }

constexpr bool satisfies(Direction direction, std::int64_t trigger_price, std::int64_t price) {
    return direction == Direction::kRising ? price >= trigger_price : price <= trigger_price;
}

// Where a trailing stop fires that has seen this extreme.
constexpr std::uint32_t trailing_price(Side side, std::int64_t extreme, std::int64_t callback_bps) {
    const std::int64_t price = side == Side::kSell ? extreme * (10'000 - callback_bps) / 10'000 : (extreme * (10'000 + callback_bps) + 9'999) / 10'000;
    return static_cast<std::uint32_t>(price);
}

constexpr bool is_following(const OrderTerms& terms) { return terms.type == OrderType::kTrailingStop && terms.extreme != 0; }

class TriggerBook {
public:
    // An order is in at most this many of the sets.
    static constexpr std::size_t kNodesPerOrder = 3;

    explicit TriggerBook(NodePool& pool) : pool_(pool) {}

    static constexpr std::int64_t key(Direction direction, std::int64_t price) {
        return direction == Direction::kFalling ? -price : price;
    }

    // The key under which an untriggered order waits.
    static constexpr std::int64_t waits_at(const OrderTerms& terms) {
        const bool for_activation = terms.type == OrderType::kTrailingStop && terms.extreme == 0;
        return key(terms.direction, for_activation ? terms.trigger_sent : terms.trigger_price);
    }

    // Untriggered orders by trigger price (a trailing stop's activation price while it waits for that).
    WaitSet& waiting(TriggerBy reference, Direction direction) { return sets_[slot(reference, direction)]; }
    // Active trailing stops by their extreme: rising for those that follow a rising price.
    WaitSet& following(TriggerBy reference, Direction direction) { return sets_[6 + slot(reference, direction)]; }
    // Trailing stops whose activation is to be told when triggers work again.
    WaitSet& untold() { return sets_[12]; }
    const WaitSet& untold() const { return sets_[12]; }

private:
    static std::size_t slot(TriggerBy reference, Direction direction) {
        TIDEGATE_ASSERT(reference >= TriggerBy::kMark && reference <= TriggerBy::kIndex && direction != Direction::kNone);
        return (static_cast<std::size_t>(reference) - 1) * 2 + (direction == Direction::kFalling);
    }

    NodePool& pool_;
    std::array<WaitSet, 13> sets_{WaitSet(&pool_), WaitSet(&pool_), WaitSet(&pool_), WaitSet(&pool_), WaitSet(&pool_), WaitSet(&pool_), WaitSet(&pool_),
                                  WaitSet(&pool_), WaitSet(&pool_), WaitSet(&pool_), WaitSet(&pool_), WaitSet(&pool_), WaitSet(&pool_)};
};

// First come, first served. A trailing stop may be in it twice: to be told that it is active, and due.
class DueQueue {
public:
    struct Entry {
        std::uint32_t handle;
        bool to_tell;
    };

    DueQueue(OrderArena& orders, NodePool& pool) : orders_(orders), entries_(&pool) {}

    bool empty() const { return entries_.empty(); }
    std::size_t count() const { return entries_.size(); }
    Entry first() const { return entry(*entries_.begin()); }

    void push_back(Entry entry) {
        if (entries_.empty()) next_ticket_ = 0;
        TIDEGATE_ASSERT(next_ticket_ != kNothing);
        ticket(entry) = next_ticket_++;
        insert_into(entries_, {ticket(entry), entry.to_tell, entry.handle});
    }
    void remove(Entry entry) { erase_from(entries_, {ticket(entry), entry.to_tell, entry.handle}); }

    // In their order: visit(entry).
    template <typename Visit>
    void for_each(Visit visit) const {
        for (const WaitKey& key : entries_) visit(entry(key));
    }

private:
    static Entry entry(const WaitKey& key) { return {key.handle, key.age != 0}; }
    // Whoever waits is in no level, so its links are free.
    std::uint32_t& ticket(Entry entry) { return entry.to_tell ? orders_[entry.handle].previous : orders_[entry.handle].next; }

    OrderArena& orders_;
    WaitSet entries_;  // ticket, whether to tell, handle
    std::uint32_t next_ticket_ = 0;
};

}  // namespace tidegate

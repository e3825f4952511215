// Open orders: one cache line each in a preallocated arena, named by 32-bit handles, and beside it one more
// for what matching does not need of them (terms.hpp).
#pragma once

#include <cstdint>

#include "../records/records.hpp"
#include "hash_index.hpp"
#include "terms.hpp"
#include "zeroed_array.hpp"

namespace tidegate {

enum OrderFlag : std::uint8_t {
    kOrderReduceOnly = 1,  // sent so, close-position, or closes its leg in hedge mode
    kOrderMarket = 2,      // has no price: MARKET and the market forms of triggers
    kOrderResting = 4,     // linked into its level
    kOrderIceberg = 8,
    kOrderGrouped = 16,    // belongs to a market-maker protection group
    kOrderShortLeg = 32,
    kOrderQuote = 64,
    kOrderSpecial = 128,   // its terms hold something that events tell: see is_special()
};
// Those that events show as they are.
inline constexpr std::uint8_t kOrderShownFlags = kOrderReduceOnly | kOrderIceberg | kOrderShortLeg;
// Those that have more to do on their way on and off the book.
inline constexpr std::uint8_t kOrderCounted = kOrderReduceOnly | kOrderIceberg | kOrderGrouped | kOrderSpecial;
static_assert(+kOrderReduceOnly == +kEventReduceOnly && +kOrderIceberg == +kIceberg && +kOrderShortLeg == +kShortLeg);

// An order while it is open: on the book, waiting for its trigger, or the taker of the command at hand.
struct alignas(64) Order {
    std::uint64_t order_id;
    std::uint64_t client_order_id;
    std::int64_t quantity;  // lots
    std::int64_t filled;    // lots
    std::uint32_t price;    // ticks; 0 for a market order
    std::uint32_t account;  // index into Accounts
    std::uint32_t next;     // younger in the same level; waiting: its tickets in the queue of due ones
    std::uint32_t previous;
    std::uint32_t account_next;  // younger of the same account, by age
    std::uint32_t account_previous;
    std::uint32_t stp_group;
    Side side;
    TimeInForce time_in_force;
    SelfTradePrevention stp_mode;  // resolved
    std::uint8_t flags;

    std::int64_t leaves() const { return quantity - filled; }
    bool is(OrderFlag flag) const { return (flags & flag) != 0; }
    bool reduce_only() const { return is(kOrderReduceOnly); }
    bool resting() const { return is(kOrderResting); }
    OrderStatus open_status() const { return filled == 0 ? OrderStatus::kNew : OrderStatus::kPartiallyFilled; }
};
static_assert(sizeof(Order) == 64);

class OrderArena {
public:
    explicit OrderArena(std::uint32_t orders_max) : orders_(orders_max), terms_(orders_max), capacity_(orders_max) {}

    Order& operator[](std::uint32_t handle) { return orders_[handle]; }
    const Order& operator[](std::uint32_t handle) const { return orders_[handle]; }
    OrderTerms& terms(std::uint32_t handle) { return terms_[handle]; }
    const OrderTerms& terms(std::uint32_t handle) const { return terms_[handle]; }

    // Whether it lies in the arena, and under which handle.
    bool holds(const Order& order) const { return &order >= orders_.data() && &order < orders_.data() + capacity_; }
    std::uint32_t handle_of(const Order& order) const { return static_cast<std::uint32_t>(&order - orders_.data()); }

    bool full() const { return used_ == capacity_; }
    std::uint32_t used() const { return used_; }
    std::uint32_t room() const { return capacity_ - used_; }

    // The last one given back first: it is still in the cache.
    std::uint32_t take() {
        TIDEGATE_ASSERT(!full());
        ++used_;
        if (free_ == kNothing) return fresh_++;
        const std::uint32_t handle = free_;
        free_ = orders_[handle].next;
        return handle;
    }

    void give_back(std::uint32_t handle) {
        orders_[handle].next = free_;
        orders_[handle].flags = 0;
        free_ = handle;
        --used_;
    }

    void prefetch(std::uint32_t handle) const { __builtin_prefetch(&orders_[handle], 1); }
    void prefetch_terms(std::uint32_t handle) const { __builtin_prefetch(&terms_[handle], 1); }

private:
    ZeroedArray<Order> orders_;
    ZeroedArray<OrderTerms> terms_;
    std::uint32_t capacity_;
    std::uint32_t used_ = 0;
    std::uint32_t fresh_ = 0;
    std::uint32_t free_ = kNothing;
};

}  // namespace tidegate

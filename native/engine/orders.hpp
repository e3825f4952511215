// Open orders: one cache line each in a preallocated arena, named by 32-bit handles.
#pragma once

#include <cstdint>

#include "../records/records.hpp"
#include "hash_index.hpp"
#include "zeroed_array.hpp"

namespace tidegate {

enum OrderFlag : std::uint8_t {
    kOrderReduceOnly = 1,
    kOrderMarket = 2,
    kOrderResting = 4,  // linked into its level
};

// An order while it is open: on the book, or the taker of the command at hand.
struct alignas(64) Order {
    std::uint64_t order_id;
    std::uint64_t client_order_id;
    std::int64_t quantity;  // lots
    std::int64_t filled;    // lots
    std::uint32_t price;    // ticks; 0 for a market order
    std::uint32_t account;  // index into Accounts
    std::uint32_t next;     // younger in the same level
    std::uint32_t previous;
    std::uint32_t account_next;  // younger of the same account, by order id
    std::uint32_t account_previous;
    std::uint32_t stp_group;
    Side side;
    TimeInForce time_in_force;
    SelfTradePrevention stp_mode;  // resolved
    std::uint8_t flags;

    std::int64_t leaves() const { return quantity - filled; }
    bool reduce_only() const { return (flags & kOrderReduceOnly) != 0; }
    bool resting() const { return (flags & kOrderResting) != 0; }
    OrderStatus open_status() const { return filled == 0 ? OrderStatus::kNew : OrderStatus::kPartiallyFilled; }
};
static_assert(sizeof(Order) == 64);

// What matching never needs of an open order: how it was sent, and when it took its place.
struct OrderOrigin {
    std::int64_t price;
    std::int64_t quantity;
    std::uint64_t admission;
    std::uint64_t stp_mode;
};
static_assert(sizeof(OrderOrigin) == 32);

class OrderArena {
public:
    explicit OrderArena(std::uint32_t orders_max) : orders_(orders_max), origins_(orders_max), capacity_(orders_max) {}

    Order& operator[](std::uint32_t handle) { return orders_[handle]; }
    const Order& operator[](std::uint32_t handle) const { return orders_[handle]; }
    OrderOrigin& origin(std::uint32_t handle) { return origins_[handle]; }
    const OrderOrigin& origin(std::uint32_t handle) const { return origins_[handle]; }

    bool full() const { return used_ == capacity_; }
    std::uint32_t used() const { return used_; }

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

private:
    ZeroedArray<Order> orders_;
    ZeroedArray<OrderOrigin> origins_;
    std::uint32_t capacity_;
    std::uint32_t used_ = 0;
    std::uint32_t fresh_ = 0;
    std::uint32_t free_ = kNothing;
};

}  // namespace tidegate

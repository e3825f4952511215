// Accounts of one symbol: positions, and the account's open orders in the order of their ages.
#pragma once

#include <cstdint>

#include "orders.hpp"

namespace tidegate {

// What is asked for every order comes first.
struct alignas(64) Account {
    std::int64_t position;        // signed lots; hedge mode: the LONG leg, never below 0
    std::int64_t short_position;  // hedge mode: the SHORT leg, never above 0
    std::uint32_t number;
    std::uint32_t open_orders;  // in the arena
    std::uint32_t oldest;       // open order, kNothing = none
    std::uint32_t newest;
    std::uint32_t reduce_only;  // how many of the open ones rest and are reduce-only
    std::uint32_t grouped;      // how many rest or wait and are in a protection group
    std::uint32_t waiting;      // how many are untriggered
    std::uint32_t remembered;   // ended orders that are still known: memories.hpp
    std::uint32_t remembered_oldest;
    std::uint32_t remembered_newest;
    PositionMode mode;
    std::int64_t countdown_ms;
    std::int64_t countdown_deadline_ns;  // 0 = off
    std::uint32_t reduce_only_oldest;  // reduce_only_list.hpp; these three mean something while reduce_only is not 0
    std::uint32_t reduce_only_newest;
    std::int64_t reduce_only_most;  // none of them has more leaves

    std::int64_t& leg(const Order& order) { return order.is(kOrderShortLeg) ? short_position : position; }
    const std::int64_t& leg(const Order& order) const { return order.is(kOrderShortLeg) ? short_position : position; }
    std::int64_t leg(bool short_leg) const { return short_leg ? short_position : position; }

    // Lots that an order of `side` could take off a leg.
    std::int64_t reducible(Side side, bool short_leg) const {
        const std::int64_t held = side == Side::kSell ? leg(short_leg) : -leg(short_leg);
        return held > 0 ? held : 0;
    }
    std::int64_t reducible(const Order& order) const { return reducible(order.side, order.is(kOrderShortLeg)); }
};
static_assert(sizeof(Account) == 128);

class Accounts {
public:
    Accounts(OrderArena& orders, std::uint32_t accounts_max)
        : orders_(orders), accounts_(accounts_max), index_(accounts_max), capacity_(accounts_max) {}

    Account& operator[](std::uint32_t at) { return accounts_[at]; }
    const Account& operator[](std::uint32_t at) const { return accounts_[at]; }
    std::uint32_t count() const { return count_; }

    // Index of an admitted account, or kNothing.
    std::uint32_t find(std::uint32_t number) const {
        return index_.find(tag(number), [&](std::uint32_t at) { return accounts_[at].number == number; });
    }

    // The same, admitting it when there is room.
    [[gnu::always_inline]] std::uint32_t admit(std::uint32_t number) {
        const std::uint32_t known = find(number);
        return known != kNothing ? known : add(number);
    }

    // Orders come with rising ages, so the end of the list is their place.
    [[gnu::always_inline]] void add_order(std::uint32_t handle) {
        Order& order = orders_[handle];
        Account& account = accounts_[order.account];
        order.account_previous = account.newest;
        order.account_next = kNothing;
        if (account.newest == kNothing) {
            account.oldest = handle;
        } else {
            TIDEGATE_ASSERT(order_age(orders_[account.newest].order_id) < order_age(order.order_id));
            orders_[account.newest].account_next = handle;
        }
        account.newest = handle;
        ++account.open_orders;
    }

    [[gnu::always_inline]] void remove_order(std::uint32_t handle) {
        const Order& order = orders_[handle];
        Account& account = accounts_[order.account];
        if (order.account_previous == kNothing) account.oldest = order.account_next;
        else orders_[order.account_previous].account_next = order.account_next;
        if (order.account_next == kNothing) account.newest = order.account_previous;
        else orders_[order.account_next].account_previous = order.account_previous;
        --account.open_orders;
    }

    void prefetch(std::uint32_t number) const { index_.prefetch(tag(number)); }

private:
    [[gnu::noinline]] std::uint32_t add(std::uint32_t number) {
        if (count_ == capacity_) return kNothing;
        Account& account = accounts_[count_];
        account = {};
        account.number = number;
        account.oldest = account.newest = account.remembered_oldest = account.remembered_newest = kNothing;
        account.mode = PositionMode::kOneWay;
        index_.insert(tag(number), count_);
        return count_++;
    }

    // Odd, so different numbers have different tags; numbers in a row have slots in a row.
    static std::uint32_t tag(std::uint32_t number) { return number * 0x9E3779B1u; }

    OrderArena& orders_;
    ZeroedArray<Account> accounts_;
    HashIndex index_;
    std::uint32_t capacity_;
    std::uint32_t count_ = 0;
};

}  // namespace tidegate

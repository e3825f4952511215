// Accounts of one symbol: position, and the account's open orders in the order of their ids.
#pragma once

#include <cstdint>

#include "orders.hpp"

namespace tidegate {

struct Account {
    std::int64_t position;  // signed lots
    std::uint32_t number;
    std::uint32_t open_orders;
    std::uint32_t oldest;   // open order, kNothing = none
    std::uint32_t newest;
    std::uint32_t reduce_only;  // how many of the open ones rest and are reduce-only
    std::uint32_t unused;

    // Lots that an order of `side` could take off the position.
    std::int64_t reducible(Side side) const {
        const std::int64_t held = side == Side::kSell ? position : -position;
        return held > 0 ? held : 0;
    }
};
static_assert(sizeof(Account) == 32);

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
    std::uint32_t admit(std::uint32_t number) {
        const std::uint32_t known = find(number);
        if (known != kNothing || count_ == capacity_) return known;
        accounts_[count_] = {0, number, 0, kNothing, kNothing, 0, 0};
        index_.insert(tag(number), count_);
        return count_++;
    }

    // Orders come with rising ids, so the end of the list is their place.
    void add_order(std::uint32_t handle) {
        Order& order = orders_[handle];
        Account& account = accounts_[order.account];
        order.account_previous = account.newest;
        order.account_next = kNothing;
        if (account.newest == kNothing) {
            account.oldest = handle;
        } else {
            TIDEGATE_ASSERT(orders_[account.newest].order_id < order.order_id);
            orders_[account.newest].account_next = handle;
        }
        account.newest = handle;
        ++account.open_orders;
    }

    void remove_order(std::uint32_t handle) {
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
    // Odd, so different numbers have different tags; numbers in a row have slots in a row.
    static std::uint32_t tag(std::uint32_t number) { return number * 0x9E3779B1u; }

    OrderArena& orders_;
    ZeroedArray<Account> accounts_;
    HashIndex index_;
    std::uint32_t capacity_;
    std::uint32_t count_ = 0;
};

}  // namespace tidegate

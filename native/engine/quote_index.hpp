// Open quotes by account, quote id and side (ORD-11). Quote ids have nothing to do with client order ids, and
// an ended quote is unknown.
#pragma once

#include <cstdint>
#include <random>

#include "orders.hpp"

namespace tidegate {

// Clients choose their ids. With a scatter of our own nobody can choose them to collide; nothing that can be
// seen from outside depends on it.
inline std::uint64_t random_salt() {
    std::random_device entropy;
    return static_cast<std::uint64_t>(entropy()) << 32 | entropy();
}

// Scatters an account's ids; `account` is its number or its index, by whoever asks.
inline std::uint64_t account_salt(std::uint32_t account, std::uint64_t salt) { return (account + salt) * 0xC2B2AE3D27D4EB4Fu; }

class QuoteIndex {
public:
    QuoteIndex(const OrderArena& orders, std::uint32_t quotes_max) : orders_(orders), index_(quotes_max), salt_(random_salt()) {}

    // Handle of the open order, or kNothing; `account` is an index into Accounts.
    std::uint32_t find(std::uint32_t account, std::uint64_t quote_id, Side side) const {
        return index_.find(tag(account, quote_id, side), [&](std::uint32_t at) {
            const Order& order = orders_[at];
            return order.client_order_id == quote_id && order.account == account && order.side == side;
        });
    }
    void insert(std::uint32_t handle) { index_.insert(tag_of(handle), handle); }
    void erase(std::uint32_t handle) { index_.erase(tag_of(handle), handle); }
    void prefetch(std::uint32_t account, std::uint64_t quote_id) const { index_.prefetch(tag(account, quote_id, Side::kBuy)); }

private:
    // Both sides of a quote, and four quotes in a row, share a cache line.
    std::uint32_t tag(std::uint32_t account, std::uint64_t quote_id, Side side) const {
        return block_tag(quote_id << 1 | (side == Side::kSell ? 1u : 0u), account_salt(account, salt_));
    }
    std::uint32_t tag_of(std::uint32_t handle) const {
        const Order& order = orders_[handle];
        return tag(order.account, order.client_order_id, order.side);
    }

    const OrderArena& orders_;
    HashIndex index_;
    std::uint64_t salt_;
};

}  // namespace tidegate

// What a book knows of orders by their ids. Two kinds with the same face, chosen at compile time:
//
//   OpenOrders        the open ones by order id; nothing else is kept (Book)
//   RememberedOrders  open and ended ones by order id and by client order id (Shard, ORD-3)
#pragma once

#include <cstdint>
#include <random>

#include "accounts.hpp"
#include "order_state.hpp"

namespace tidegate {

// At most one of the two is set.
struct Found {
    std::uint32_t open = kNothing;       // handle in the arena
    const OrderState* ended = nullptr;
};

class OpenOrders {
public:
    static constexpr bool kRemembers = false;

    OpenOrders(OrderArena& orders, Accounts&, std::uint32_t orders_max, std::uint32_t) : orders_(orders), by_id_(orders_max) {}

    Found find(std::uint64_t order_id) const {
        return {by_id_.find(block_tag(order_id, 0), [&](std::uint32_t at) { return orders_[at].order_id == order_id; })};
    }
    Found find_client(std::uint32_t, std::uint64_t) const { return {}; }

    void opened(std::uint32_t handle, const Command&) { by_id_.insert(block_tag(orders_[handle].order_id, 0), handle); }
    void ended(std::uint32_t handle, OrderStatus, Reason) { by_id_.erase(block_tag(orders_[handle].order_id, 0), handle); }
    void ended_at_once(const Order&, const Command&, OrderStatus, Reason) {}
    void refused(const Command&, std::uint64_t, Reason) {}
    void admitted(std::uint32_t, std::uint64_t) {}

    void prefetch(std::uint64_t order_id) const { by_id_.prefetch(block_tag(order_id, 0)); }
    void prefetch_client(std::uint32_t, std::uint64_t) const {}
    std::uint32_t guess_open(std::uint64_t order_id) const { return by_id_.guess(block_tag(order_id, 0)); }
    void prefetch_client_of(const Order&) const {}

private:
    OrderArena& orders_;
    HashIndex by_id_;
};

class RememberedOrders {
public:
    static constexpr bool kRemembers = true;

    RememberedOrders(OrderArena& orders, Accounts& accounts, std::uint32_t orders_max, std::uint32_t retained_max)
        : orders_(orders), accounts_(accounts), by_id_(std::size_t{orders_max} + retained_max), by_client_(std::size_t{orders_max} + retained_max), ended_(retained_max, Use::kAllOver), retained_max_(retained_max) {
        // Clients choose their ids. With a scatter of our own nobody can choose them to collide; nothing
        // that can be seen from outside depends on it.
        std::random_device entropy;
        salt_ = static_cast<std::uint64_t>(entropy()) << 32 | entropy();
    }

    Found find(std::uint64_t order_id) const {
        return found(by_id_.find(block_tag(order_id, 0), [&](std::uint32_t at) { return id_at(at) == order_id; }));
    }
    Found find_client(std::uint32_t account, std::uint64_t client_order_id) const {
        return found(by_client_.find(client_tag(account, client_order_id), [&](std::uint32_t at) {
            if (is_ended(at)) return ended_[at & ~kEnded].client_order_id == client_order_id && ended_[at & ~kEnded].account == account;
            return orders_[at].client_order_id == client_order_id && accounts_[orders_[at].account].number == account;
        }));
    }

    // An order has come to the arena.
    void opened(std::uint32_t handle, const Command& sent) {
        orders_.origin(handle) = {sent.price, sent.quantity, 0, sent.stp_mode};
        index_open(handle);
    }
    // It has taken a place in its level.
    void admitted(std::uint32_t handle, std::uint64_t sequence) { orders_.origin(handle).admission = sequence; }

    // An order of the arena ends; its handle may be given back after.
    void ended(std::uint32_t handle, OrderStatus status, Reason reason) {
        const Order& order = orders_[handle];
        const std::uint32_t account = accounts_[order.account].number;
        const std::uint32_t id_tag = block_tag(order.order_id, 0);
        const std::uint32_t tag = client_tag(account, order.client_order_id);
        if (retained_max_ == 0) {
            by_id_.erase(id_tag, handle);
            by_client_.erase(tag, handle);
            return;
        }
        const std::uint32_t slot = room();
        OrderState& state = ended_[slot];
        state = order_state(order, account, status, reason);
        set_body(state, orders_.origin(handle));
        by_id_.move(id_tag, handle, slot | kEnded);
        by_client_.move(tag, handle, slot | kEnded);
    }
    // An order that never came to the arena ends.
    void ended_at_once(const Order& order, const Command& sent, OrderStatus status, Reason reason) {
        OrderState state = order_state(order, sent.header.account, status, reason);
        set_body(state, sent);
        keep(state);
    }
    void refused(const Command& sent, std::uint64_t order_id, Reason reason) { keep(refused_state(sent, order_id, reason)); }

    // Adds the newest ended order.
    void keep(const OrderState& state) {
        if (retained_max_ == 0) return;
        const std::uint32_t slot = room();
        ended_[slot] = state;
        by_id_.insert(block_tag(state.order_id, 0), slot | kEnded);
        by_client_.insert(client_tag(state.account, state.client_order_id), slot | kEnded);
    }
    void index_open(std::uint32_t handle) {
        const Order& order = orders_[handle];
        by_id_.insert(block_tag(order.order_id, 0), handle);
        by_client_.insert(client_tag(accounts_[order.account].number, order.client_order_id), handle);
    }

    std::uint32_t ended_count() const { return count_; }
    std::uint32_t retained_max() const { return retained_max_; }
    // The one that ended `age` ends after the oldest that is still known.
    const OrderState& ended_by_age(std::uint32_t age) const {
        return ended_[(std::size_t{oldest_} + age) % retained_max_];
    }

    void prefetch(std::uint64_t order_id) const { by_id_.prefetch(block_tag(order_id, 0)); }
    void prefetch_client(std::uint32_t account, std::uint64_t client_order_id) const {
        by_client_.prefetch(client_tag(account, client_order_id));
    }
    void prefetch_client_of(const Order& order) const {
        by_client_.prefetch(client_tag(accounts_[order.account].number, order.client_order_id));
    }
    std::uint32_t guess_open(std::uint64_t order_id) const {
        const std::uint32_t at = by_id_.guess(block_tag(order_id, 0));
        return is_ended(at) ? kNothing : at;
    }

private:
    static constexpr std::uint32_t kEnded = 1u << 31;  // a location in ended_, not in the arena
    static bool is_ended(std::uint32_t at) { return (at & kEnded) != 0; }

    Found found(std::uint32_t at) const {
        if (at == kNothing) return {};
        if (is_ended(at)) return {kNothing, &ended_[at & ~kEnded]};
        return {at, nullptr};
    }
    std::uint64_t id_at(std::uint32_t at) const { return is_ended(at) ? ended_[at & ~kEnded].order_id : orders_[at].order_id; }
    std::uint32_t client_tag(std::uint32_t account, std::uint64_t client_order_id) const {
        return block_tag(client_order_id, (account + salt_) * 0xC2B2AE3D27D4EB4Fu);
    }

    // The slot for the next ended order; the oldest is forgotten when all are taken.
    std::uint32_t room() {
        std::uint32_t slot = oldest_ + count_;
        if (slot >= retained_max_) slot -= retained_max_;
        if (count_ < retained_max_) {
            ++count_;
            return slot;
        }
        prefetch_forgotten();
        const OrderState& forgotten = ended_[oldest_];
        by_id_.erase(block_tag(forgotten.order_id, 0), oldest_ | kEnded);
        by_client_.erase(client_tag(forgotten.account, forgotten.client_order_id), oldest_ | kEnded);
        slot = oldest_;
        if (++oldest_ == retained_max_) oldest_ = 0;
        return slot;
    }

    // What will be forgotten soon lies anywhere in the indices.
    void prefetch_forgotten() const {
        static constexpr std::uint32_t kAhead = 8;
        const std::uint32_t soon = oldest_ + kAhead;
        const OrderState& state = ended_[soon < retained_max_ ? soon : 0];
        by_id_.prefetch(block_tag(state.order_id, 0));
        by_client_.prefetch(client_tag(state.account, state.client_order_id));
    }

    OrderArena& orders_;
    Accounts& accounts_;
    HashIndex by_id_;
    HashIndex by_client_;
    ZeroedArray<OrderState> ended_;
    std::uint32_t retained_max_;
    std::uint32_t oldest_ = 0;
    std::uint32_t count_ = 0;
    std::uint64_t salt_;
};

}  // namespace tidegate

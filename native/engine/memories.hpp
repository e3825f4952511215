// What a book knows of orders by their ids. Two kinds with the same face, chosen at compile time:
//
//   OpenOrders        the open ones by order id; nothing else is kept (Book)
//   RememberedOrders  open and ended ones by order id and by client order id (Shard, ORD-3)
//
// Both find open quotes by their quote ids; ended quotes are not remembered (ORD-11).
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "accounts.hpp"
#include "order_state.hpp"
#include "quote_index.hpp"

namespace tidegate {

// At most one of the two is set.
struct Found {
    std::uint32_t open = kNothing;       // handle in the arena
    const OrderState* ended = nullptr;
};

class OpenOrders {
public:
    static constexpr bool kRemembers = false;

    OpenOrders(OrderArena& orders, Accounts&, std::uint32_t orders_max, std::uint32_t, std::uint32_t)
        : orders_(orders), by_id_(orders_max), quotes_(orders, orders_max) {}

    Found find(std::uint64_t order_id) const {
        return {by_id_.find(block_tag(order_id, 0), [&](std::uint32_t at) { return orders_[at].order_id == order_id; })};
    }
    Found find_client(std::uint32_t, std::uint64_t) const { return {}; }
    std::uint32_t find_quote(std::uint32_t account, std::uint64_t quote_id, Side side) const { return quotes_.find(account, quote_id, side); }

    [[gnu::always_inline]] void opened(std::uint32_t handle) {
        by_id_.insert(block_tag(orders_[handle].order_id, 0), handle);
        if (orders_[handle].is(kOrderQuote)) quotes_.insert(handle);
    }
    [[gnu::always_inline]] void ended(std::uint32_t handle, OrderStatus, Reason) {
        by_id_.erase(block_tag(orders_[handle].order_id, 0), handle);
        if (orders_[handle].is(kOrderQuote)) quotes_.erase(handle);
    }
    void ended_at_once(const Order&, const OrderTerms&, OrderStatus, Reason) {}
    void keep(const OrderState&) {}

    void prefetch(std::uint64_t order_id) const { by_id_.prefetch(block_tag(order_id, 0)); }
    void prefetch_client(std::uint32_t, std::uint64_t) const {}
    void prefetch_quote(std::uint32_t account, std::uint64_t quote_id) const { quotes_.prefetch(account, quote_id); }
    std::uint32_t guess_open(std::uint64_t order_id) const { return by_id_.guess(block_tag(order_id, 0)); }
    void prefetch_client_of(const Order&) const {}

private:
    OrderArena& orders_;
    HashIndex by_id_;
    QuoteIndex quotes_;
};

class RememberedOrders {
public:
    static constexpr bool kRemembers = true;

    RememberedOrders(OrderArena& orders, Accounts& accounts, std::uint32_t orders_max, std::uint32_t retained_max, std::uint32_t accounts_max)
        : orders_(orders), accounts_(accounts), by_id_(std::size_t{orders_max} + retained_max), by_client_(std::size_t{orders_max} + retained_max), quotes_(orders, orders_max), ended_(retained_max, Use::kAllOver), links_(retained_max, Use::kAllOver), retained_max_(retained_max), quota_(std::max(1u, retained_max / std::max(1u, accounts_max))), salt_(random_salt()) {}

    Found find(std::uint64_t order_id) const {
        return found(by_id_.find(block_tag(order_id, 0), [&](std::uint32_t at) { return id_at(at) == order_id; }));
    }
    Found find_client(std::uint32_t account, std::uint64_t client_order_id) const {
        return found(by_client_.find(client_tag(account, client_order_id), [&](std::uint32_t at) {
            if (is_ended(at)) return ended_[at & ~kEnded].client_order_id == client_order_id && ended_[at & ~kEnded].account == account;
            return orders_[at].client_order_id == client_order_id && accounts_[orders_[at].account].number == account;
        }));
    }
    std::uint32_t find_quote(std::uint32_t account, std::uint64_t quote_id, Side side) const { return quotes_.find(account, quote_id, side); }

    // An order has come to the arena.
    void opened(std::uint32_t handle) {
        const Order& order = orders_[handle];
        by_id_.insert(block_tag(order.order_id, 0), handle);
        if (order.is(kOrderQuote)) quotes_.insert(handle);
        else by_client_.insert(client_tag(accounts_[order.account].number, order.client_order_id), handle);
    }

    // An order of the arena ends; its handle may be given back after.
    void ended(std::uint32_t handle, OrderStatus status, Reason reason) {
        const Order& order = orders_[handle];
        const std::uint32_t id_tag = block_tag(order.order_id, 0);
        if (order.is(kOrderQuote)) {
            by_id_.erase(id_tag, handle);
            return quotes_.erase(handle);
        }
        const std::uint32_t account = accounts_[order.account].number;
        const std::uint32_t tag = client_tag(account, order.client_order_id);
        if (retained_max_ == 0) {
            by_id_.erase(id_tag, handle);
            by_client_.erase(tag, handle);
            return;
        }
        const std::uint32_t slot = room(order.account, id_tag, tag);
        write(ended_[slot], order, orders_.terms(handle), account, status, reason);
        by_id_.move(id_tag, handle, slot | kEnded);
        by_client_.move(tag, handle, slot | kEnded);
    }
    // An order that never came to the arena ends.
    void ended_at_once(const Order& order, const OrderTerms& terms, OrderStatus status, Reason reason) {
        OrderState state;
        write(state, order, terms, accounts_[order.account].number, status, reason);
        keep(state, order.account);
    }
    // Adds the newest ended order, of an admitted account.
    void keep(const OrderState& state) { keep(state, accounts_.find(state.account)); }

    std::uint32_t ended_count() const { return count_; }
    std::uint32_t retained_max() const { return retained_max_; }
    // Visits the ended orders that are still known, oldest end first.
    template <typename Visit>
    void for_each_ended(Visit visit) const {
        std::vector<std::uint32_t> slots(count_);
        for (std::uint32_t slot = 0; slot < count_; ++slot) slots[slot] = slot;
        std::sort(slots.begin(), slots.end(), [&](auto left, auto right) { return links_[left].end < links_[right].end; });
        for (const std::uint32_t slot : slots) visit(ended_[slot]);
    }

    void prefetch(std::uint64_t order_id) const { by_id_.prefetch(block_tag(order_id, 0)); }
    void prefetch_client(std::uint32_t account, std::uint64_t client_order_id) const {
        by_client_.prefetch(client_tag(account, client_order_id));
    }
    void prefetch_quote(std::uint32_t account, std::uint64_t quote_id) const { quotes_.prefetch(account, quote_id); }
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

    // What forgetting an ended order needs, without looking at the order itself.
    struct Link {
        std::uint64_t end;     // which end it was, from 0
        std::uint32_t next;    // the account's next newer one
        std::uint32_t id_tag;
        std::uint32_t client_tag;
        std::uint32_t unused;
    };

    Found found(std::uint32_t at) const {
        if (at == kNothing) return {};
        if (is_ended(at)) return {kNothing, &ended_[at & ~kEnded]};
        return {at, nullptr};
    }
    std::uint64_t id_at(std::uint32_t at) const { return is_ended(at) ? ended_[at & ~kEnded].order_id : orders_[at].order_id; }
    std::uint32_t client_tag(std::uint32_t account, std::uint64_t client_order_id) const {
        return block_tag(client_order_id, account_salt(account, salt_));
    }

    static void write(OrderState& state, const Order& order, const OrderTerms& terms, std::uint32_t account, OrderStatus status, Reason reason) {
        state = order_state(order, terms, account, status, reason);
        set_body(state, terms);
    }

    void keep(const OrderState& state, std::uint32_t account) {
        if (retained_max_ == 0) return;
        const std::uint32_t id_tag = block_tag(state.order_id, 0);
        const std::uint32_t tag = client_tag(state.account, state.client_order_id);
        const std::uint32_t slot = room(account, id_tag, tag);
        ended_[slot] = state;
        by_id_.insert(id_tag, slot | kEnded);
        by_client_.insert(tag, slot | kEnded);
    }

    // The slot for an account's newest ended order. When all are taken, one makes way: the account's own oldest
    // once it has its quota, before that the oldest of the account that has the most.
    std::uint32_t room(std::uint32_t account_index, std::uint32_t id_tag, std::uint32_t client_tag) {
        TIDEGATE_ASSERT(account_index != kNothing);
        Account& account = accounts_[account_index];
        const std::uint32_t slot = count_ < retained_max_ ? count_++ : forget(account.remembered >= quota_ ? account : richest());
        links_[slot] = {ends_++, kNothing, id_tag, client_tag, 0};
        if (account.remembered == 0) account.remembered_oldest = slot;
        else links_[account.remembered_newest].next = slot;
        account.remembered_newest = slot;
        ++account.remembered;
        return slot;
    }

    std::uint32_t forget(Account& account) {
        const std::uint32_t slot = account.remembered_oldest;
        const Link link = links_[slot];
        by_id_.erase(link.id_tag, slot | kEnded);
        by_client_.erase(link.client_tag, slot | kEnded);
        account.remembered_oldest = link.next;
        if (--account.remembered == 0) return slot;
        // The account's next one to make way is known already, and its link has been fetched: the one after it is next.
        const Link& next = links_[link.next];
        by_id_.prefetch(next.id_tag);
        by_client_.prefetch(next.client_tag);
        __builtin_prefetch(&ended_[link.next], 1);
        __builtin_prefetch(reinterpret_cast<const unsigned char*>(&ended_[link.next]) + sizeof(OrderState) / 2, 1);
        if (next.next != kNothing) __builtin_prefetch(&links_[next.next], 1);
        return slot;
    }

    // The lowest number among equals. Looks at every account; each account comes here at most as often as it
    // takes to get its quota.
    Account& richest() {
        std::uint32_t most = 0;
        for (std::uint32_t at = 1; at < accounts_.count(); ++at) {
            const Account& each = accounts_[at];
            if (each.remembered > accounts_[most].remembered || (each.remembered == accounts_[most].remembered && each.number < accounts_[most].number)) most = at;
        }
        return accounts_[most];
    }

    OrderArena& orders_;
    Accounts& accounts_;
    HashIndex by_id_;
    HashIndex by_client_;
    QuoteIndex quotes_;
    ZeroedArray<OrderState> ended_;
    ZeroedArray<Link> links_;
    std::uint32_t retained_max_;
    std::uint32_t quota_;
    std::uint32_t count_ = 0;
    std::uint64_t ends_ = 0;
    std::uint64_t salt_;
};

}  // namespace tidegate

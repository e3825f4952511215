// Brings nearer to the processor what the next commands will touch.
#pragma once

#include "machine.hpp"

namespace tidegate {

// The tables.
template <class Memory>
void Machine<Memory>::prefetch_far(const Command& command, std::uint64_t ahead) const {
    if (command.order_id != 0) return memory_.prefetch(command.order_id);
    memory_.prefetch(context_.sequence + 1 + ahead);
    memory_.prefetch_client(command.header.account, command.client_order_id);
    levels_.prefetch(static_cast<Side>(command.header.side), static_cast<std::uint32_t>(command.price) & static_cast<std::uint32_t>(kPriceMax));
}

// What the tables point to.
template <class Memory>
void Machine<Memory>::prefetch_near(const Command& command) const {
    if (command.order_id == 0)
        return levels_.prefetch_level(static_cast<Side>(command.header.side), static_cast<std::uint32_t>(command.price) & static_cast<std::uint32_t>(kPriceMax));
    const std::uint32_t handle = memory_.guess_open(command.order_id);
    if (handle < limits_.orders_max) orders_.prefetch(handle);
}

// What the order points to.
template <class Memory>
void Machine<Memory>::prefetch_next(const Command& command) const {
    if (command.order_id == 0) return;
    const std::uint32_t handle = memory_.guess_open(command.order_id);
    if (handle >= limits_.orders_max) return;
    const Order& order = orders_[handle];
    memory_.prefetch_client_of(order);
    orders_.prefetch_terms(handle);
    for (const std::uint32_t neighbour : {order.next, order.previous, order.account_next, order.account_previous})
        if (neighbour < limits_.orders_max) orders_.prefetch(neighbour);
    levels_.prefetch_level(order.side, order.price);
}

}  // namespace tidegate

// The call auction (MAT-2): what it would trade now, and its uncrossing in rounds. docs/rules/venue.md.
#pragma once

#include <algorithm>

#include "machine.hpp"
#include "auction_price.hpp"

namespace tidegate {

template <class Memory>
AuctionResult Machine<Memory>::auction_result() const {
    return AuctionSearch(levels_).find(prices_.mark != 0 ? prices_.mark : prices_.last);
}

template <class Memory>
void Machine<Memory>::tell_auction(std::uint32_t account, const AuctionResult& result, std::uint8_t flags) {
    Event& event = events_.add(EventType::kAuction, account, flags);
    event.price = result.price;
    event.quantity = result.volume;
    event.leaves = result.surplus;
    event.phase = static_cast<std::uint8_t>(phase_);
}

template <class Memory>
void Machine<Memory>::tell_indicative() {
    tell_auction(0, auction_result(), 0);
    indicative_time_ns_ = context_.time_ns;
    indicative_pending_ = false;
}

// Trades what crosses and enters the phase; what does not fit into one command is left for TICKs. Orders whose
// time has run out during a HALT, which nothing has taken off the book, do not trade.
template <class Memory>
void Machine<Memory>::uncross(const Command& command, Phase to, Reason reason) {
    uncrossing_ = {to, 0, static_cast<std::uint32_t>(reason), 0};
    std::int64_t done = 0;
    if (phase_ == Phase::kHalt && !(tick_expiries(done) && tick_countdowns(done))) return;
    continue_uncrossing(command);
}

template <class Memory>
void Machine<Memory>::continue_uncrossing(const Command& command) {
    for (;;) {
        if (uncrossing_.round_told == 0) {
            if (!levels_.crossed()) break;
            const AuctionResult result = auction_result();
            tell_auction(command.header.account, result, kFinal);
            uncrossing_.round_told = 1;
            uncrossing_.price = result.price;
        }
        while (levels_.best_bid() >= uncrossing_.price && levels_.best_ask() <= uncrossing_.price)
            if (!trade_uncrossing()) return;
        uncrossing_.round_told = 0;
        uncrossing_.price = 0;
    }
    const Uncrossing done = uncrossing_;
    uncrossing_ = {};
    enter_phase(command, done.to, static_cast<Reason>(done.reason));
    if (triggers_work()) observe(TriggerBy::kLast, prices_.last);
}

// The oldest orders of both best levels trade at the price of the round; the younger one counts as the taker.
// False when this command has no room for it.
template <class Memory>
bool Machine<Memory>::trade_uncrossing() {
    const std::uint32_t buy = levels_.first_at(Side::kBuy, levels_.best_bid());
    const std::uint32_t sell = levels_.first_at(Side::kSell, levels_.best_ask());
    const bool sell_is_younger = orders_.terms(sell).admission > orders_.terms(buy).admission;
    const std::uint32_t taker = sell_is_younger ? sell : buy;
    const std::uint32_t maker = sell_is_younger ? buy : sell;
    if (events_.of_command() + step_events(orders_[taker], orders_[maker]) > kMatchingEventsMax) return false;

    const std::int64_t quantity = std::min(orders_[taker].leaves(), orders_[maker].leaves());
    for (const std::uint32_t handle : {taker, maker}) {
        orders_[handle].filled += quantity;
        levels_.lower(orders_[handle], quantity);
    }
    const bool moved = move_positions(orders_[taker], orders_[maker], quantity);
    const auto shown_change = [&](std::uint32_t handle) {
        if (!orders_[handle].is(kOrderIceberg)) return std::int64_t{0};
        const std::int64_t before = keep_shown(orders_[handle]);
        return orders_.terms(handle).shown - before;
    };
    const std::int64_t taker_change = shown_change(taker);
    const std::int64_t maker_change = shown_change(maker);
    Event& event = tell_trade(orders_[taker], orders_[maker], uncrossing_.price, quantity);
    event.taker_shown_change = taker_change;
    event.maker_shown_change = maker_change;
    struct Filled {
        std::uint32_t account;
        bool short_leg;
        std::uint8_t group;
    };
    const auto filled = [&](std::uint32_t handle) {
        return Filled{orders_[handle].account, orders_[handle].is(kOrderShortLeg), orders_.terms(handle).group};
    };
    const Filled both[2] = {filled(maker), filled(taker)};
    for (const std::uint32_t handle : {maker, taker}) {
        if (orders_[handle].leaves() != 0) continue;
        take_off_book(handle);
        leave(handle, OrderStatus::kFilled, Reason::kNone);
    }
    if (moved)
        for (const Filled& each : both) hold_reduce_only(each.account, each.short_leg, nullptr);
    for (const Filled& each : both)
        if (each.group != 0) count_fill(each.account, each.group, uncrossing_.price, quantity, nullptr);
    return true;
}

}  // namespace tidegate

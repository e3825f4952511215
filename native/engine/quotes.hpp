// QUOTE (ORD-11): one two-sided quote, each side an order of its own. docs/rules/quotes.md.
#pragma once

#include <array>

#include "machine.hpp"

namespace tidegate {

// One side of a quote on its way in.
struct QuoteSide {
    Side side;
    std::int64_t price;     // ticks
    std::int64_t quantity;  // lots to be open; 0 = withdrawn
    std::uint32_t handle = kNothing;  // what is there under this key
    bool off_book = false;            // taken off its level, to be put somewhere else or to end
};

template <class Memory>
void Machine<Memory>::quote(const Command& command) {
    const bool withdraws = command.quantity == 0 && command.ask_quantity == 0;
    std::array<QuoteSide, 2> sides{{{Side::kBuy, command.price, command.quantity}, {Side::kSell, command.ask_price, command.ask_quantity}}};
    std::uint32_t account = kNothing;
    const Reason reason = check_quote(command, sides, withdraws, account);
    if (reason != Reason::kNone) {
        Event& event = events_.add(EventType::kRejected, command.header.account);
        event.header.order_type = static_cast<std::uint8_t>(OrderType::kQuote);
        event.client_order_id = command.client_order_id;
        event.price = command.price;
        event.quantity = command.quantity;
        event.reason = static_cast<std::uint16_t>(reason);
        return;
    }
    // Both make way before one of them trades, so that a quote never meets itself.
    for (QuoteSide& side : sides) {
        if (side.handle == kNothing) continue;
        const Order& order = orders_[side.handle];
        if (side.quantity != 0) renew_quote(side.handle, command);
        if (side.quantity != 0 && side.price == order.price && side.quantity <= order.leaves()) continue;
        take_off_book(side.handle);
        side.off_book = true;
    }
    for (QuoteSide& side : sides) quote_side(command, account, side);
    tell_quoted(command, account);
}

template <class Memory>
Reason Machine<Memory>::check_quote(const Command& command, std::array<QuoteSide, 2>& sides, bool withdraws, std::uint32_t& account) {
    if (command.client_order_id == 0) return Reason::kInvalidClientOrderId;
    const auto time_in_force = static_cast<TimeInForce>(command.header.time_in_force);
    const bool allowed = withdraws ? phase_ != Phase::kHalt
                                   : phase_ == Phase::kOpen || (phase_ == Phase::kPostOnly && time_in_force == TimeInForce::kGtx) ||
                                         (phase_ == Phase::kAuction && time_in_force == TimeInForce::kGtc);
    if (!allowed) return Reason::kPhaseForbids;
    account = accounts_.admit(command.header.account);
    if (account == kNothing) return Reason::kAccountTableFull;
    if (time_in_force != TimeInForce::kGtc && time_in_force != TimeInForce::kGtx) return Reason::kInvalidTimeInForce;
    if (command.stp_mode > static_cast<std::uint8_t>(SelfTradePrevention::kDecrement)) return Reason::kInvalidStpMode;
    if (command.group > kGroupsMax) return Reason::kInvalidGroup;
    if (accounts_[account].mode == PositionMode::kHedge || (command.header.flags & (kCommandLong | kCommandShort)) != 0) return Reason::kInvalidPositionSide;
    for (QuoteSide& side : sides) {
        side.handle = memory_.find_quote(account, command.client_order_id, side.side);
        if (side.quantity == 0) continue;
        if (const Reason reason = check_quote_numbers(side); reason != Reason::kNone) return reason;
    }
    if (command.quantity != 0 && command.ask_quantity != 0 && command.price >= command.ask_price) return Reason::kQuoteCrossed;
    if (const Reason reason = check_quote_room(command, sides, accounts_[account], withdraws); reason != Reason::kNone) return reason;
    if (time_in_force == TimeInForce::kGtx && phase_ != Phase::kAuction)
        for (const QuoteSide& side : sides)
            if (side.quantity != 0 && quote_would_cross(side, sides[side.side == Side::kBuy ? 1 : 0].handle)) return Reason::kPostOnlyWouldCross;
    return Reason::kNone;
}

template <class Memory>
Reason Machine<Memory>::check_quote_numbers(const QuoteSide& side) const {
    if (!in_price_range(side.price)) return Reason::kPriceOutOfRange;
    if (side.quantity < rules_.quantity_min || side.quantity > rules_.quantity_max) return Reason::kQuantityOutOfRange;
    if (const Reason reason = check_notional(side.price, side.quantity, false); reason != Reason::kNone) return reason;
    return in_band(side.price) ? Reason::kNone : Reason::kPriceBand;
}

template <class Memory>
Reason Machine<Memory>::check_quote_room(const Command& command, const std::array<QuoteSide, 2>& sides, const Account& account, bool withdraws) const {
    std::uint32_t fresh = 0;
    for (const QuoteSide& side : sides) fresh += side.quantity != 0 && side.handle == kNothing;
    if (fresh != 0 && account.open_orders - account.waiting + fresh > rules_.open_orders_max) return Reason::kTooManyOpenOrders;
    for (const QuoteSide& side : sides)
        if (side.quantity != 0)
            if (const Reason reason = check_position(account, side.side, false, side.quantity); reason != Reason::kNone) return reason;
    if (fresh > orders_.room()) return Reason::kBookFull;
    return !withdraws && frozen(account, command.group) ? Reason::kProtectionFrozen : Reason::kNone;
}

// Whether the side would meet anybody but the quote's own other side.
template <class Memory>
bool Machine<Memory>::quote_would_cross(const QuoteSide& side, std::uint32_t own) const {
    const auto limit = static_cast<std::uint32_t>(side.price);
    if (!levels_.crosses(side.side, limit)) return false;
    if (own == kNothing || levels_.best_maker(side.side) != own || !levels_.alone(orders_[own])) return true;
    const Order& alone = orders_[own];
    const std::uint32_t next = levels_.next_worse(alone.side, alone.price);
    return side.side == Side::kBuy ? next <= limit : next >= limit;
}

// Terms of the new QUOTE for an order that stays.
template <class Memory>
void Machine<Memory>::renew_quote(std::uint32_t handle, const Command& command) {
    Order& order = orders_[handle];
    OrderTerms& terms = orders_.terms(handle);
    order.time_in_force = static_cast<TimeInForce>(command.header.time_in_force);
    order.stp_mode = static_cast<SelfTradePrevention>(resolved_stp_mode(command.stp_mode));
    order.stp_group = command.stp_group;
    terms.session = (command.header.flags & kCommandCancelOnDisconnect) != 0 ? command.origin : 0;
    terms.group = static_cast<std::uint8_t>(command.group);
    Account& account = accounts_[order.account];
    if (order.resting()) account.grouped += (command.group != 0) - order.is(kOrderGrouped);
    const std::uint8_t grouped = kOrderGrouped | kOrderSpecial;
    order.flags = static_cast<std::uint8_t>(command.group != 0 ? order.flags | grouped : order.flags & ~grouped);
}

template <class Memory>
void Machine<Memory>::quote_side(const Command& command, std::uint32_t account, QuoteSide& side) {
    // Protection may have pulled it, and frozen the group, while the other side traded.
    if (side.handle != kNothing) side.handle = memory_.find_quote(account, command.client_order_id, side.side);
    else if (side.quantity != 0 && !frozen(accounts_[account], command.group)) return place_quote(command, account, side);
    if (side.handle == kNothing) return;
    Order& order = orders_[side.handle];
    if (side.quantity == 0) {
        // An ask to be withdrawn goes with the others when protection has tripped while the bid traded.
        const bool tripped = side.side == Side::kSell && command.quantity != 0 && frozen(accounts_[account], command.group);
        const Reason reason = tripped ? Reason::kMarketMakerProtection : Reason::kUserRequest;
        tell_end(order, OrderStatus::kCanceled, reason, kOnBook);
        return leave(side.handle, OrderStatus::kCanceled, reason);
    }
    const std::int64_t previous_leaves = order.leaves();
    const std::uint32_t previous_price = order.price;
    if (!side.off_book && side.quantity == previous_leaves) return;
    if (!side.off_book) levels_.lower(order, previous_leaves - side.quantity);
    order.price = static_cast<std::uint32_t>(side.price);
    order.quantity = order.filled + side.quantity;
    const bool matches = side.off_book && phase_ != Phase::kAuction && levels_.crosses(order.side, order.price);
    Event& event = tell_open(EventType::kAmended, order, matches ? std::uint8_t{0} : std::uint8_t{kOnBook});
    event.previous_price = previous_price;
    event.previous_leaves = previous_leaves;
    if (side.off_book) settle_quote(side.handle, matches);
}

template <class Memory>
void Machine<Memory>::place_quote(const Command& command, std::uint32_t account, const QuoteSide& side) {
    Order order{};
    order.order_id = context_.sequence | (side.side == Side::kSell ? kAskOfQuote : 0);
    order.client_order_id = command.client_order_id;
    order.quantity = side.quantity;
    order.price = static_cast<std::uint32_t>(side.price);
    order.account = account;
    order.side = side.side;
    order.flags = kOrderQuote;
    OrderTerms terms{};
    terms.type = OrderType::kQuote;
    const std::uint32_t handle = to_arena(order, terms);
    renew_quote(handle, command);
    const bool matches = phase_ != Phase::kAuction && levels_.crosses(order.side, order.price);
    tell_open(EventType::kAccepted, orders_[handle], matches ? std::uint8_t{0} : std::uint8_t{kOnBook});
    settle_quote(handle, matches);
}

// Onto the book, after matching if it crosses.
template <class Memory>
void Machine<Memory>::settle_quote(std::uint32_t handle, bool matches) {
    if (!matches) return put_on_book(handle);
    Taker taker{&orders_[handle], handle, orders_[handle].price};
    match_and_settle(taker);
}

template <class Memory>
void Machine<Memory>::tell_quoted(const Command& command, std::uint32_t account) {
    Event& event = events_.add(EventType::kQuoted, command.header.account);
    event.header.order_type = static_cast<std::uint8_t>(OrderType::kQuote);
    event.client_order_id = command.client_order_id;
    event.group = static_cast<std::uint8_t>(command.group);
    if (const std::uint32_t bid = memory_.find_quote(account, command.client_order_id, Side::kBuy); bid != kNothing) {
        event.order_id = orders_[bid].order_id;
        event.price = orders_[bid].price;
        event.leaves = orders_[bid].leaves();
    }
    if (const std::uint32_t ask = memory_.find_quote(account, command.client_order_id, Side::kSell); ask != kNothing) {
        event.maker_order_id = orders_[ask].order_id;
        event.previous_price = orders_[ask].price;
        event.maker_leaves = orders_[ask].leaves();
    }
}

}  // namespace tidegate

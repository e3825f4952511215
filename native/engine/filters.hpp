// PLACE and REPLACE: the checks in their order (INS-2). The first that fails is the reason.
#pragma once

#include <algorithm>

#include "machine.hpp"

namespace tidegate {

// What the checks have found out about a new order.
template <class Memory>
struct Machine<Memory>::Intake {
    std::uint32_t account = kNothing;  // index
    std::uint32_t replaced = kNothing; // REPLACE: the open order that goes
    Side side{};
    OrderType type{};
    TimeInForce time_in_force{};
    bool reduce_only = false;
    bool short_leg = false;
    bool trigger = false;
    bool may_rest = false;  // LIMIT that takes a place on the book if it does not trade
    bool plain = false;     // is_plain() holds
};

// A LIMIT order, GTC, IOC, FOK or GTX, with nothing in it but a price and a quantity.
[[gnu::always_inline]] inline bool is_plain(const Command& command) {
    const RecordHeader& header = command.header;
    const std::uint64_t words = static_cast<std::uint64_t>(command.trigger_price) | static_cast<std::uint64_t>(command.expiry_ns) | static_cast<std::uint64_t>(command.display);
    const unsigned others = (header.flags & ~unsigned{kCommandCancelOnDisconnect}) | command.callback_bps | command.trigger_by | command.group;
    return ((words | others) == 0) & (header.order_type == static_cast<std::uint8_t>(OrderType::kLimit)) &
           (static_cast<std::uint8_t>(header.time_in_force - 1) < static_cast<std::uint8_t>(TimeInForce::kGtx));
}

inline bool rests_when_left(TimeInForce time_in_force) {
    return time_in_force != TimeInForce::kIoc && time_in_force != TimeInForce::kFok;
}

inline bool goes_with(OrderType type, TimeInForce time_in_force) {
    if (type == OrderType::kLimit) return true;
    if (type == OrderType::kMarket) return !rests_when_left(time_in_force);
    if (!is_market_type(type)) return time_in_force != TimeInForce::kGtxSlide;
    return time_in_force == TimeInForce::kGtc || time_in_force == TimeInForce::kGtd || time_in_force == TimeInForce::kIoc;
}

// Whether a plain order passes all the checks: what check_place says, all at once. False: it says, and why.
template <class Memory>
[[gnu::always_inline]] inline bool Machine<Memory>::passes_plainly(const Command& command, Intake& intake) const {
    if ((phase_ != Phase::kOpen) | (intake.account == kNothing) | !is_plain(command)) return false;
    const Account& account = accounts_[intake.account];
    intake.side = static_cast<Side>(command.header.side);
    intake.type = OrderType::kLimit;
    intake.time_in_force = static_cast<TimeInForce>(command.header.time_in_force);
    intake.may_rest = rests_when_left(intake.time_in_force);
    intake.plain = true;
    std::int64_t lots;
    std::int64_t notional;
    if (__builtin_mul_overflow(command.price, command.quantity, &lots) || __builtin_mul_overflow(lots, rules_.tick_lot_value, &notional)) return false;
    const bool kinds = (static_cast<std::uint8_t>(command.header.side - 1) < 2) & (command.stp_mode <= static_cast<std::uint8_t>(SelfTradePrevention::kDecrement)) &
                       (account.mode == PositionMode::kOneWay);
    const bool numbers = in_price_range(command.price) & (command.quantity >= rules_.quantity_min) & (command.quantity <= rules_.quantity_max) & (notional >= rules_.notional_min);
    const bool room = (account.open_orders - account.waiting < rules_.open_orders_max) & !orders_.full();
    if (!(kinds & numbers & room)) return false;
    if (intake.time_in_force == TimeInForce::kGtx && levels_.crosses(intake.side, static_cast<std::uint32_t>(command.price))) return false;
    const bool banded = (rules_.band_down_bps | rules_.band_up_bps) != 0;
    return (!banded || in_band(command.price)) && check_position(account, intake.side, false, command.quantity) == Reason::kNone;
}

// `intake.account` must have been asked for; kNothing when the table is full.
template <class Memory>
Reason Machine<Memory>::check_place(const Command& command, Intake& intake) {
    intake.reduce_only = is_reduce_only(command, intake.account);
    if (phase_ != Phase::kOpen && !phase_allows(command, intake.reduce_only)) return Reason::kPhaseForbids;
    if (intake.account == kNothing) return Reason::kAccountTableFull;
    intake.side = static_cast<Side>(command.header.side);
    intake.type = static_cast<OrderType>(command.header.order_type);
    intake.time_in_force = static_cast<TimeInForce>(command.header.time_in_force);
    intake.short_leg = (command.header.flags & kCommandShort) != 0;
    intake.trigger = is_trigger_type(intake.type);
    intake.may_rest = intake.type == OrderType::kLimit && rests_when_left(intake.time_in_force);
    if (const Reason reason = check_kinds(command, accounts_[intake.account]); reason != Reason::kNone) return reason;
    if (const Reason reason = check_trigger_terms(command); reason != Reason::kNone) return reason;
    if (const Reason reason = check_numbers(command, intake); reason != Reason::kNone) return reason;
    if (const Reason reason = check_room(command, intake); reason != Reason::kNone) return reason;
    return check_touch(command, intake);
}

// As sent, close-position, or by hedge mode; the account need not be known.
template <class Memory>
bool Machine<Memory>::is_reduce_only(const Command& command, std::uint32_t account) const {
    const std::uint8_t flags = command.header.flags;
    if ((flags & (kCommandReduceOnly | kCommandClosePosition)) != 0) return true;
    if (account == kNothing || accounts_[account].mode != PositionMode::kHedge) return false;
    return command.header.side == static_cast<std::uint8_t>(Side::kSell) ? (flags & kCommandLong) != 0
                                                                         : command.header.side == static_cast<std::uint8_t>(Side::kBuy) && (flags & kCommandShort) != 0;
}

// The phase table for PLACE and REPLACE (MKT-1), all but OPEN.
template <class Memory>
bool Machine<Memory>::phase_allows(const Command& command, bool reduce_only) const {
    const auto type = static_cast<OrderType>(command.header.order_type);
    const auto time_in_force = static_cast<TimeInForce>(command.header.time_in_force);
    const bool known = time_in_force >= TimeInForce::kGtc && time_in_force <= TimeInForce::kGtxSlide;
    switch (phase_) {
        case Phase::kReduceOnly:
            return reduce_only;
        case Phase::kPostOnly:
            if (type == OrderType::kLimit) return time_in_force == TimeInForce::kGtx || time_in_force == TimeInForce::kGtxSlide;
            return is_trigger_type(type) && known;
        case Phase::kAuction:
            if (type == OrderType::kLimit) return time_in_force == TimeInForce::kGtc || time_in_force == TimeInForce::kGtd;
            return is_trigger_type(type) && known;
        default:
            return false;
    }
}

template <class Memory>
Reason Machine<Memory>::check_kinds(const Command& command, const Account& account) const {
    const RecordHeader& header = command.header;
    if (header.side != static_cast<std::uint8_t>(Side::kBuy) && header.side != static_cast<std::uint8_t>(Side::kSell))
        return Reason::kInvalidSide;
    const auto type = static_cast<OrderType>(header.order_type);
    if (type < OrderType::kLimit || type > OrderType::kTrailingStop) return Reason::kInvalidOrderType;
    const auto time_in_force = static_cast<TimeInForce>(header.time_in_force);
    if (time_in_force < TimeInForce::kGtc || time_in_force > TimeInForce::kGtxSlide) return Reason::kInvalidTimeInForce;
    if (command.stp_mode > static_cast<std::uint8_t>(SelfTradePrevention::kDecrement)) return Reason::kInvalidStpMode;
    if (command.group > kGroupsMax) return Reason::kInvalidGroup;
    const std::uint8_t legs = header.flags & (kCommandLong | kCommandShort);
    const bool one_leg = legs == kCommandLong || legs == kCommandShort;
    if (account.mode == PositionMode::kHedge ? !one_leg : legs != 0) return Reason::kInvalidPositionSide;
    // In hedge mode an order that opens its leg could never reduce it.
    const bool opens = account.mode == PositionMode::kHedge && (header.side == static_cast<std::uint8_t>(Side::kBuy)) == (legs == kCommandLong);
    if (opens && (header.flags & (kCommandReduceOnly | kCommandClosePosition)) != 0) return Reason::kInvalidCombination;
    const bool closes = (header.flags & kCommandClosePosition) != 0;
    if (closes && (command.quantity != 0 || !is_trigger_type(type) || !is_market_type(type))) return Reason::kInvalidCombination;
    return goes_with(type, time_in_force) && (command.price == 0 || !is_market_type(type)) ? Reason::kNone : Reason::kInvalidCombination;
}

// Trigger price, reference, callback and expiry.
template <class Memory>
Reason Machine<Memory>::check_trigger_terms(const Command& command) const {
    // Nothing of the kind in most orders.
    const bool until = command.header.time_in_force == static_cast<std::uint8_t>(TimeInForce::kGtd);
    const bool plain = (static_cast<std::uint64_t>(command.trigger_price) | static_cast<std::uint64_t>(command.expiry_ns) | command.trigger_by | command.callback_bps) == 0;
    const auto type = static_cast<OrderType>(command.header.order_type);
    if (plain && !until && !is_trigger_type(type)) return Reason::kNone;
    if (!is_trigger_type(type)) {
        if (command.trigger_price != 0 || command.trigger_by != 0 || command.callback_bps != 0) return Reason::kInvalidTrigger;
    } else {
        const auto by = static_cast<TriggerBy>(command.trigger_by);
        if (by < TriggerBy::kMark || by > TriggerBy::kIndex) return Reason::kInvalidTrigger;
        const bool trailing = type == OrderType::kTrailingStop;
        if (trailing ? command.callback_bps < 1 || command.callback_bps > kCallbackMaxBps : command.callback_bps != 0) return Reason::kInvalidTrigger;
        if (!in_price_range(command.trigger_price) && !(trailing && command.trigger_price == 0)) return Reason::kInvalidTrigger;
    }
    return (until ? command.expiry_ns > context_.time_ns : command.expiry_ns == 0) ? Reason::kNone : Reason::kInvalidExpiry;
}

template <class Memory>
Reason Machine<Memory>::check_numbers(const Command& command, const Intake& intake) const {
    const bool market = is_market_type(intake.type);
    const bool closes = (command.header.flags & kCommandClosePosition) != 0;
    if (!market && !in_price_range(command.price)) return Reason::kPriceOutOfRange;
    if (!closes) {
        if (command.quantity < rules_.quantity_min || command.quantity > rules_.quantity_max) return Reason::kQuantityOutOfRange;
        if (market && command.quantity > rules_.market_quantity_max) return Reason::kMarketQuantityOutOfRange;
    }
    if (command.display != 0) {
        const bool never_rests = market || !rests_when_left(intake.time_in_force);
        if (never_rests || command.display < 0 || command.display > command.quantity || command.quantity > command.display * kIcebergSlicesMax)
            return Reason::kInvalidDisplay;
    }
    if (market) return Reason::kNone;
    if (const Reason reason = check_notional(command.price, command.quantity, intake.reduce_only); reason != Reason::kNone) return reason;
    return intake.type == OrderType::kLimit && !in_band(command.price) ? Reason::kPriceBand : Reason::kNone;
}

// price x quantity x tick_lot_value in 128 bits; none of the factors is negative.
template <class Memory>
Reason Machine<Memory>::check_notional(std::int64_t price, std::int64_t quantity, bool reduce_only) const {
    __extension__ using Wide = __int128;
    const Wide lots = static_cast<Wide>(price) * quantity;
    if (lots > INT64_MAX) return Reason::kNotionalOverflow;
    const Wide notional = lots * rules_.tick_lot_value;
    if (notional > INT64_MAX) return Reason::kNotionalOverflow;
    return notional < rules_.notional_min && !reduce_only ? Reason::kNotionalTooSmall : Reason::kNone;
}

template <class Memory>
std::int64_t Machine<Memory>::band_low() const {
    if (rules_.band_down_bps == 0 || prices_.mark == 0) return 1;
    return std::clamp<std::int64_t>((prices_.mark * (10'000 - std::int64_t{rules_.band_down_bps}) + 9'999) / 10'000, 1, kPriceMax);
}

template <class Memory>
std::int64_t Machine<Memory>::band_high() const {
    if (rules_.band_up_bps == 0 || prices_.mark == 0) return kPriceMax;
    return std::clamp<std::int64_t>(prices_.mark * (10'000 + std::int64_t{rules_.band_up_bps}) / 10'000, 1, kPriceMax);
}

// Open orders, position, what there is to reduce, and room in the arena.
template <class Memory>
Reason Machine<Memory>::check_room(const Command& command, const Intake& intake) const {
    const Account& account = accounts_[intake.account];
    std::uint32_t open = account.open_orders - account.waiting;
    std::uint32_t waiting = account.waiting;
    std::uint32_t reducing = account.reduce_only;
    if (intake.replaced != kNothing) {
        const Order& replaced = orders_[intake.replaced];
        --(replaced.resting() ? open : waiting);
        if (replaced.resting() && replaced.reduce_only()) --reducing;
    }
    if (intake.trigger && waiting >= rules_.trigger_orders_max) return Reason::kTooManyTriggerOrders;
    if (intake.may_rest && open >= rules_.open_orders_max) return Reason::kTooManyOpenOrders;
    if (!intake.reduce_only)
        if (const Reason reason = check_position(account, intake.side, intake.short_leg, command.quantity); reason != Reason::kNone) return reason;
    if (intake.reduce_only && !intake.trigger) {
        if (account.reducible(intake.side, intake.short_leg) == 0) return Reason::kReduceOnlyRejected;
        if (intake.may_rest && reducing >= kReduceOnlyRestingMax) return Reason::kTooManyReduceOnly;
    }
    if ((intake.trigger || intake.may_rest) && orders_.full() && intake.replaced == kNothing) return Reason::kBookFull;
    return command.group != 0 && frozen(account, command.group) ? Reason::kProtectionFrozen : Reason::kNone;
}

// MRG-7's first half: a leg with `quantity` more of `side` in it.
template <class Memory>
Reason Machine<Memory>::check_position(const Account& account, Side side, bool short_leg, std::int64_t quantity) const {
    const std::int64_t position = account.leg(short_leg);
    const std::int64_t held = position < 0 ? -position : position;
    if (held + quantity > kPositionMax) return Reason::kPositionLimit;
    if (rules_.position_max == 0) return Reason::kNone;
    const std::int64_t after = position + (side == Side::kBuy ? quantity : -quantity);
    return (after < 0 ? -after : after) > std::max(rules_.position_max, held) ? Reason::kPositionLimit : Reason::kNone;
}

// What depends on the prices of the moment: triggers, post-only.
template <class Memory>
Reason Machine<Memory>::check_touch(const Command& command, const Intake& intake) const {
    if (intake.trigger) {
        const std::int64_t reference = reference_price(static_cast<TriggerBy>(command.trigger_by));
        if (intake.type == OrderType::kTrailingStop) return reference == 0 ? Reason::kNoReferencePrice : Reason::kNone;
        return reference != 0 && satisfies(trigger_direction(intake.type, intake.side), command.trigger_price, reference) ? Reason::kImmediateTrigger : Reason::kNone;
    }
    const bool slides = intake.time_in_force == TimeInForce::kGtxSlide;
    if (intake.time_in_force != TimeInForce::kGtx && !slides) return Reason::kNone;
    if (!levels_.crosses(intake.side, static_cast<std::uint32_t>(command.price))) return Reason::kNone;
    return slides ? check_slid(slid_price(intake.side), command.quantity, intake.reduce_only) : Reason::kPostOnlyWouldCross;
}

// The price that an order would slide to is one that it could have been sent with.
template <class Memory>
Reason Machine<Memory>::check_slid(std::int64_t price, std::int64_t quantity, bool reduce_only) const {
    if (price == 0) return Reason::kPostOnlyWouldCross;
    if (const Reason reason = check_notional(price, quantity, reduce_only); reason != Reason::kNone) return reason;
    return in_band(price) ? Reason::kNone : Reason::kPriceBand;
}

template <class Memory>
std::int64_t Machine<Memory>::slid_price(Side side) const {
    const std::int64_t price = side == Side::kBuy ? std::int64_t{levels_.best_ask()} - 1 : std::int64_t{levels_.best_bid()} + 1;
    return in_price_range(price) ? price : 0;
}

}  // namespace tidegate

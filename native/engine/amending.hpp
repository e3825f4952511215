// AMEND (ORD-5).
#pragma once

#include <algorithm>

#include "machine.hpp"

namespace tidegate {

// An open order as an AMEND wants it.
template <class Memory>
struct Machine<Memory>::Amendment {
    std::int64_t price;
    std::int64_t quantity;
    std::int64_t trigger_price;
};

template <class Memory>
void Machine<Memory>::amend(const Command& command) {
    const bool allowed = phase_ == Phase::kOpen || phase_ == Phase::kPostOnly || phase_ == Phase::kAuction || phase_ == Phase::kReduceOnly;
    const std::uint32_t handle = open_target(command, allowed);
    if (handle == kNothing) return;
    const Order& order = orders_[handle];
    Amendment wanted{command.price == 0 ? order.price : command.price, command.quantity == 0 ? order.quantity : command.quantity,
                     command.trigger_price == 0 ? orders_.terms(handle).trigger_price : command.trigger_price};
    Reason reason = check_amendable(order, command);
    if (reason == Reason::kNone) reason = check_amend(order, wanted);
    if (reason == Reason::kAmendBelowFilled) return end_open(handle, OrderStatus::kCanceled, reason);
    if (reason != Reason::kNone) {
        tell_open(EventType::kRejected, order, 0).reason = static_cast<std::uint16_t>(reason);
        return;
    }
    if (!order.resting()) return amend_waiting(handle, wanted);
    if (order.reduce_only()) wanted.quantity = std::min(wanted.quantity, order.filled + accounts_[order.account].reducible(order));
    amend_resting(handle, wanted);
}

// Whether the order has what the command wants to change, in this phase.
template <class Memory>
Reason Machine<Memory>::check_amendable(const Order& order, const Command& command) const {
    const OrderTerms& terms = terms_of(order);
    const bool trigger_fixed = !terms.untriggered() || terms.type == OrderType::kTrailingStop;
    if (order.is(kOrderQuote) || (command.price != 0 && order.is(kOrderMarket)) || (command.trigger_price != 0 && trigger_fixed) ||
        (command.quantity != 0 && terms.close_position()))
        return Reason::kNotAmendable;
    return phase_ == Phase::kReduceOnly && !order.reduce_only() ? Reason::kPhaseForbids : Reason::kNone;
}

// Why an amend is refused. kAmendBelowFilled: it is not, but cancels what is left. Slides the price of GTX_SLIDE.
template <class Memory>
Reason Machine<Memory>::check_amend(const Order& order, Amendment& wanted) const {
    const OrderTerms& terms = terms_of(order);
    const bool new_price = wanted.price != order.price;
    const bool new_quantity = wanted.quantity != order.quantity;
    const bool new_trigger = wanted.trigger_price != terms.trigger_price;
    if (!new_price && !new_quantity && !new_trigger) return Reason::kNothingToAmend;
    if (new_price && !in_price_range(wanted.price)) return Reason::kPriceOutOfRange;
    if (new_trigger && !in_price_range(wanted.trigger_price)) return Reason::kInvalidTrigger;
    if (new_quantity) {
        if (wanted.quantity > 0 && wanted.quantity <= order.filled) return Reason::kAmendBelowFilled;
        if (wanted.quantity < rules_.quantity_min || wanted.quantity > rules_.quantity_max) return Reason::kQuantityOutOfRange;
        if (order.is(kOrderMarket) && wanted.quantity > rules_.market_quantity_max) return Reason::kMarketQuantityOutOfRange;
        if (order.is(kOrderIceberg) && wanted.quantity > terms.display * kIcebergSlicesMax) return Reason::kInvalidDisplay;
    }
    if (!order.is(kOrderMarket))
        if (const Reason reason = check_notional(wanted.price, wanted.quantity, order.reduce_only()); reason != Reason::kNone) return reason;
    if (new_price && order.resting() && !in_band(wanted.price)) return Reason::kPriceBand;
    const Account& account = accounts_[order.account];
    if (!order.reduce_only())
        if (const Reason reason = check_position(account, order.side, order.is(kOrderShortLeg), wanted.quantity - order.filled); reason != Reason::kNone)
            return reason;
    if (order.is(kOrderGrouped) && frozen(account, terms.group)) return Reason::kProtectionFrozen;
    if (order.resting()) return check_amend_touch(order, wanted);
    const std::int64_t reference = reference_price(terms.trigger_by);
    return new_trigger && reference != 0 && satisfies(terms.direction, wanted.trigger_price, reference) ? Reason::kImmediateTrigger : Reason::kNone;
}

// Post-only, of a resting order.
template <class Memory>
Reason Machine<Memory>::check_amend_touch(const Order& order, Amendment& wanted) const {
    if (phase_ == Phase::kAuction || !levels_.crosses(order.side, static_cast<std::uint32_t>(wanted.price))) return Reason::kNone;
    if (order.time_in_force == TimeInForce::kGtxSlide) {
        wanted.price = slid_price(order.side);
        return check_slid(wanted.price, wanted.quantity, order.reduce_only());
    }
    return phase_ == Phase::kPostOnly || order.time_in_force == TimeInForce::kGtx ? Reason::kPostOnlyWouldCross : Reason::kNone;
}

template <class Memory>
void Machine<Memory>::amend_waiting(std::uint32_t handle, const Amendment& wanted) {
    Order& order = orders_[handle];
    const std::int64_t previous_leaves = order.leaves();
    order.price = static_cast<std::uint32_t>(wanted.price);
    order.quantity = wanted.quantity;
    if (wanted.trigger_price != orders_.terms(handle).trigger_price) wait_for(handle, static_cast<std::uint32_t>(wanted.trigger_price));
    tell_open(EventType::kAmended, order, 0).previous_leaves = previous_leaves;
}

template <class Memory>
void Machine<Memory>::amend_resting(std::uint32_t handle, const Amendment& wanted) {
    Order& order = orders_[handle];
    const auto price = static_cast<std::uint32_t>(wanted.price);
    const std::int64_t previous_leaves = order.leaves();
    const std::uint32_t previous_price = order.price;
    const bool keeps_place = price == order.price && wanted.quantity <= order.quantity;
    const bool trades = !keeps_place && phase_ != Phase::kAuction && levels_.crosses(order.side, price);
    std::int64_t shown_before = order.is(kOrderIceberg) ? orders_.terms(handle).shown : 0;
    if (!keeps_place) take_off_book(handle);
    else levels_.lower(order, order.quantity - wanted.quantity);
    order.price = price;
    order.quantity = wanted.quantity;
    if (keeps_place && order.is(kOrderIceberg)) keep_shown(order);
    if (!keeps_place && !trades) put_on_book(handle);
    Event& event = tell_open(EventType::kAmended, order, trades ? std::uint8_t{0} : std::uint8_t{kOnBook});
    event.previous_price = previous_price;
    event.previous_leaves = previous_leaves;
    event.shown_before = shown_before;
    if (!trades) return;
    Taker taker{&order, handle, price};
    match(taker);
    settle_remainder(taker);
}

}  // namespace tidegate

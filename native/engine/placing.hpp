// PLACE: acceptance, and what is left after matching.
#pragma once

#include "machine.hpp"

namespace tidegate {

template <class Memory>
void Machine<Memory>::place(const Command& command) {
    if (known_already(command)) return;
    Intake intake;
    intake.account = accounts_.admit(command.header.account);
    if (passes_plainly(command, intake)) return accept(command, intake);
    place_checked(command, intake.account);
}

// Any order.
template <class Memory>
[[gnu::noinline]] void Machine<Memory>::place_checked(const Command& command, std::uint32_t account) {
    Intake intake;
    intake.account = account;
    const Reason reason = check_place(command, intake);
    if (reason != Reason::kNone) return refuse(command, reason, intake.account != kNothing);
    accept(command, intake);
}

// ORD-3: whether the client order id, or its lack, has answered the command.
template <class Memory>
bool Machine<Memory>::known_already(const Command& command) {
    if constexpr (Memory::kRemembers) {
        if (command.client_order_id == 0) {
            refuse(command, Reason::kInvalidClientOrderId, false);
            return true;
        }
        const Found known = memory_.find_client(command.header.account, command.client_order_id);
        if (known.open == kNothing && known.ended == nullptr) return false;
        place_repeated(command, known);
        return true;
    }
    return false;
}

// The same request gets the original result again.
template <class Memory>
void Machine<Memory>::place_repeated(const Command& command, const Found& known) {
    OrderState sent{};
    set_body(sent, command);
    OrderState original{};
    if (known.ended != nullptr) {
        original = *known.ended;
    } else {
        const OrderTerms& terms = orders_.terms(known.open);
        original = order_state(orders_[known.open], terms, 0, OrderStatus::kNew, Reason::kNone);
        set_body(original, terms);
    }
    if (same_body(sent, original)) tell_state(known, kDuplicate);
    else refuse(command, Reason::kDuplicateClientOrderId, false);
}

template <class Memory>
void Machine<Memory>::refuse(const Command& command, Reason reason, bool remembered) {
    const bool reduces = is_reduce_only(command, accounts_.find(command.header.account));
    const OrderState state = refused_state(command, remembered ? context_.sequence : 0, reduces, reason);
    tell(EventType::kRejected, state, 0);
    if (remembered) memory_.keep(state);
}

// Everything has been checked, and a replaced order is gone. Inlined, so that little is left of it for plain ones.
template <class Memory>
[[gnu::always_inline]] inline void Machine<Memory>::accept(const Command& command, const Intake& intake) {
    std::uint32_t price = static_cast<std::uint32_t>(command.price);
    const bool crosses = intake.may_rest && phase_ != Phase::kAuction && levels_.crosses(intake.side, price);
    const bool slides = crosses && intake.time_in_force == TimeInForce::kGtxSlide;
    if (slides) price = static_cast<std::uint32_t>(slid_price(intake.side));
    if (intake.trigger || (intake.may_rest && (!crosses || slides))) {
        // Written where it stays: a copy would wait for every word of it.
        const std::uint32_t handle = orders_.take();
        write_order(orders_[handle], command, intake, price);
        write_terms(orders_.terms(handle), command, intake.plain);
        opened(handle);
        if (intake.trigger) {
            start_waiting(handle);
            tell_open(EventType::kAccepted, orders_[handle], 0);
            return;
        }
        put_on_book(handle);
        const Order& order = orders_[handle];
        Event& event = write_told(EventType::kAccepted, order, OrderStatus::kNew, order.quantity, kOnBook);
        event.shown_before = 0;
        if (slides) event.previous_price = command.price;
        return;
    }
    Order order;
    write_order(order, command, intake, price);
    write_terms(incoming_, command, intake.plain);
    tell(EventType::kAccepted, order, OrderStatus::kNew, order.quantity, 0);
    Taker taker{&order, kNothing, worst_price(order, order.is(kOrderMarket))};
    match_and_settle(taker);
}

// The order that a command which has passed its checks asks for; reduce-only is clamped to the position
// unless it waits for a trigger first.
template <class Memory>
[[gnu::always_inline]] inline void Machine<Memory>::write_order(Order& order, const Command& command, const Intake& intake, std::uint32_t price) const {
    order.order_id = context_.sequence;
    order.client_order_id = command.client_order_id;
    order.quantity = command.quantity;
    order.filled = 0;
    order.price = price;
    order.account = intake.account;
    order.next = order.previous = order.account_next = order.account_previous = kNothing;
    order.stp_group = command.stp_group;
    order.side = intake.side;
    order.time_in_force = intake.time_in_force;
    order.stp_mode = static_cast<SelfTradePrevention>(resolved_stp_mode(command.stp_mode));
    order.flags = 0;
    if (intake.plain) return;
    if (is_market_type(intake.type)) order.flags |= kOrderMarket;
    if (command.display != 0) order.flags |= kOrderIceberg;
    if (command.group != 0) order.flags |= kOrderGrouped;
    if (intake.short_leg) order.flags |= kOrderShortLeg;
    if (is_special(intake.type, intake.time_in_force, command.display, command.group, command.header.flags)) order.flags |= kOrderSpecial;
    if (intake.reduce_only) {
        order.flags |= kOrderReduceOnly;
        if (!intake.trigger) order.quantity = std::min(order.quantity, accounts_[order.account].reducible(order));
    }
}

// The worst price that an order may trade at; a market or a triggered order stops at the band.
template <class Memory>
std::uint32_t Machine<Memory>::worst_price(const Order& order, bool banded) const {
    const bool buy = order.side == Side::kBuy;
    std::int64_t worst = !order.is(kOrderMarket) ? order.price : buy ? kPriceMax : 1;
    if (banded) worst = buy ? std::min(worst, band_high()) : std::max(worst, band_low());
    return static_cast<std::uint32_t>(worst);
}

// Steps 7 to 9 of PLACE.
template <class Memory>
void Machine<Memory>::match_and_settle(Taker& taker) {
    if (taker.order->time_in_force == TimeInForce::kFok && !fillable(*taker.order, taker.limit))
        return expire_taker(taker, Reason::kFokNotFillable);
    match(taker);
    settle_remainder(taker);
}

// What matching has left of an order rests or expires.
template <class Memory>
void Machine<Memory>::settle_remainder(Taker& taker) {
    if (!taker.open) return;
    const Order& order = *taker.order;
    TIDEGATE_ASSERT(order.leaves() > 0);
    const bool triggered = order.is(kOrderSpecial) && terms_of(order).waiting == Waiting::kFired;
    if (triggered && !order.is(kOrderMarket) && taker.limit != order.price) return expire_taker(taker, Reason::kPriceBandReached);
    if (order.is(kOrderMarket)) {
        const Side other = order.side == Side::kBuy ? Side::kSell : Side::kBuy;
        return expire_taker(taker, levels_.empty(other) ? Reason::kMarketRemainder : Reason::kPriceBandReached);
    }
    const bool immediate = order.time_in_force == TimeInForce::kIoc || order.time_in_force == TimeInForce::kFok;
    if (immediate) return expire_taker(taker, Reason::kIocRemainder);
    const std::uint32_t handle = taker.handle != kNothing ? taker.handle : to_arena(order, incoming_);
    put_on_book(handle);
    tell_open(EventType::kRested, orders_[handle], kOnBook).shown_before = 0;
}

}  // namespace tidegate

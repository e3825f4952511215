"""The filters of a new order (INS-2): each with its own reason, in one order of checks."""

from __future__ import annotations

from tests.oracle.matching import Matching
from tests.oracle.orders import KNOWN_TRIGGERS, MARKET_FORMS, RESTING_TIMES_IN_FORCE, TRIGGER_TYPES, Order, opposite
from tests.oracle.records import (
    CALLBACK_MAX_BPS,
    GROUPS_MAX,
    ICEBERG_SLICES_MAX,
    INT64_MAX,
    POSITION_MAX,
    REDUCE_ONLY_RESTING_MAX,
    Command,
    CommandFlag,
    OrderType,
    Phase,
    Reason,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from tests.oracle.state import Leg, leg_of

REDUCING = CommandFlag.COMMAND_REDUCE_ONLY | CommandFlag.COMMAND_CLOSE_POSITION
ALL_TIMES = (*RESTING_TIMES_IN_FORCE, TimeInForce.IOC, TimeInForce.FOK)
AT_ONCE = (TimeInForce.IOC, TimeInForce.FOK)
WAITS_OR_NOT = (TimeInForce.GTC, TimeInForce.GTD, TimeInForce.IOC)
NO_SLIDE = tuple(time for time in ALL_TIMES if time != TimeInForce.GTX_SLIDE)
GOES_WITH = {
    OrderType.LIMIT: ALL_TIMES,
    OrderType.MARKET: AT_ONCE,
    OrderType.STOP: NO_SLIDE,
    OrderType.TAKE_PROFIT: NO_SLIDE,
    **dict.fromkeys(MARKET_FORMS, WAITS_OR_NOT),
}


class Filters(Matching):
    """Checks of PLACE and REPLACE, step 3; some are AMEND's and QUOTE's too."""

    def check_place(self, order: Order, command: Command, target: Order | None = None) -> Reason:
        """The first check that fails. `target`: the open order that a REPLACE takes away."""
        admitted = self.admit(order.account)
        if not self.phase_allows(order):
            return Reason.PHASE_FORBIDS
        if not admitted:
            return Reason.ACCOUNT_TABLE_FULL
        return (
            self.check_kinds(order, command)
            or self.check_trigger(order, command)
            or self.check_expiry(order, command)
            or self.check_numbers(order)
            or self.check_counts(order, target)
            or self.check_now(order)
        )

    def phase_allows(self, order: Order) -> bool:
        """The table of MKT-1, rows of PLACE."""
        if self.phase == Phase.OPEN:
            return True
        if self.phase == Phase.REDUCE_ONLY:
            return order.reduce_only
        if self.phase not in (Phase.POST_ONLY, Phase.AUCTION) or order.time_in_force not in ALL_TIMES:
            return False
        if order.order_type == OrderType.LIMIT:
            post_only = self.phase == Phase.POST_ONLY
            allowed = (TimeInForce.GTX, TimeInForce.GTX_SLIDE) if post_only else (TimeInForce.GTC, TimeInForce.GTD)
            return order.time_in_force in allowed
        return order.is_trigger

    def check_kinds(self, order: Order, command: Command) -> Reason:
        if order.side not in (Side.BUY, Side.SELL):
            return Reason.INVALID_SIDE
        if order.order_type not in GOES_WITH:
            return Reason.INVALID_ORDER_TYPE
        if order.time_in_force not in ALL_TIMES:
            return Reason.INVALID_TIME_IN_FORCE
        if order.stp_mode > SelfTradePrevention.DECREMENT:
            return Reason.INVALID_STP_MODE
        if command.group > GROUPS_MAX:
            return Reason.INVALID_GROUP
        legs = [flag for flag in (CommandFlag.COMMAND_LONG, CommandFlag.COMMAND_SHORT) if command.flags & flag]
        if len(legs) != (1 if self.is_hedge(order.account) else 0):
            return Reason.INVALID_POSITION_SIDE
        if command.flags & REDUCING and any(opens_leg(order.side, leg) for leg in legs):
            return Reason.INVALID_COMBINATION
        if order.time_in_force not in GOES_WITH[OrderType(order.order_type)]:
            return Reason.INVALID_COMBINATION
        if not order.has_price and order.price != 0:
            return Reason.INVALID_COMBINATION
        if order.close_position and (order.order_type not in MARKET_FORMS or order.quantity != 0):
            return Reason.INVALID_COMBINATION
        return Reason.NONE

    def check_trigger(self, order: Order, command: Command) -> Reason:
        price, by, callback = command.trigger_price, command.trigger_by, command.callback_bps
        if order.order_type not in TRIGGER_TYPES:
            valid = (price, by, callback) == (0, 0, 0)
        elif order.is_trailing:
            in_range = price == 0 or self.in_price_range(price)
            valid = by in KNOWN_TRIGGERS and 1 <= callback <= CALLBACK_MAX_BPS and in_range
        else:
            valid = by in KNOWN_TRIGGERS and callback == 0 and self.in_price_range(price)
        return Reason.NONE if valid else Reason.INVALID_TRIGGER

    def check_expiry(self, order: Order, command: Command) -> Reason:
        if order.time_in_force == TimeInForce.GTD:
            return Reason.NONE if command.expiry_ns > self.time_ns else Reason.INVALID_EXPIRY
        return Reason.NONE if command.expiry_ns == 0 else Reason.INVALID_EXPIRY

    def check_numbers(self, order: Order) -> Reason:
        assert self.rules is not None
        if order.has_price and not self.in_price_range(order.price):
            return Reason.PRICE_OUT_OF_RANGE
        if not order.close_position:
            if not self.in_quantity_range(order.quantity):
                return Reason.QUANTITY_OUT_OF_RANGE
            if self.is_above_market_maximum(order, order.quantity):
                return Reason.MARKET_QUANTITY_OUT_OF_RANGE
        too_many_slices = order.quantity > order.display * ICEBERG_SLICES_MAX
        if order.display < 0 or (
            order.display > 0 and (order.display > order.quantity or too_many_slices or not order.may_rest)
        ):
            return Reason.INVALID_DISPLAY
        if order.has_price and (reason := self.check_notional(order.price, order.quantity, order.reduce_only)):
            return reason
        if order.order_type == OrderType.LIMIT and not self.within_band(order.price):
            return Reason.PRICE_BAND
        return Reason.NONE

    def check_counts(self, order: Order, target: Order | None) -> Reason:
        """What there may be so many of; a REPLACE's target makes room."""
        assert self.rules is not None
        rests = order.order_type == OrderType.LIMIT and order.may_rest
        others = [o for o in self.open_orders_of(order.account) if o is not target]
        if order.is_trigger and sum(o.waiting != 0 for o in others) >= self.rules.trigger_orders_max:
            return Reason.TOO_MANY_TRIGGER_ORDERS
        if rests and sum(o.waiting == 0 for o in others) >= self.rules.open_orders_max:
            return Reason.TOO_MANY_OPEN_ORDERS
        if not order.reduce_only and self.passes_position_limit(order, order.quantity):
            return Reason.POSITION_LIMIT
        if order.reduce_only and not order.is_trigger:
            if self.reducible(order) == 0:
                return Reason.REDUCE_ONLY_REJECTED
            if rests and sum(o.reduce_only and o.waiting == 0 for o in others) >= REDUCE_ONLY_RESTING_MAX:
                return Reason.TOO_MANY_REDUCE_ONLY
        if (rests or order.is_trigger) and sum(o is not target for o in self.open_orders()) >= self.orders_max:
            return Reason.BOOK_FULL
        return Reason.NONE

    def check_now(self, order: Order) -> Reason:
        """Protection, the current price of a trigger, the touch. A GTX_SLIDE order slides here."""
        if self.is_frozen(order.account, order.group):
            return Reason.PROTECTION_FROZEN
        if order.is_trailing and self.reference(order.trigger_by) == 0:
            return Reason.NO_REFERENCE_PRICE
        if order.is_trigger:
            return Reason.IMMEDIATE_TRIGGER if self.is_immediate(order, order.trigger_price) else Reason.NONE
        if order.time_in_force == TimeInForce.GTX and self.phase != Phase.AUCTION:
            return Reason.POST_ONLY_WOULD_CROSS if self.crosses(order.side, order.price) else Reason.NONE
        if order.time_in_force == TimeInForce.GTX_SLIDE:
            return self.check_slide(order, order.price, order.quantity)
        return Reason.NONE

    # ---- parts of checks ----------------------------------------------------------------------------
    def slid_price(self, order: Order, price: int) -> int:
        """Where a GTX_SLIDE order of this price goes: one tick short of the touch when it would cross."""
        if not self.crosses(order.side, price):
            return price
        touch = self.best(opposite(order.side))
        assert touch is not None
        return touch.price - 1 if order.side == Side.BUY else touch.price + 1

    def check_slide(self, order: Order, price: int, quantity: int) -> Reason:
        """Whether it could have been sent with the price that it slides to, if it does."""
        slid = self.slid_price(order, price)
        if slid == price:
            return Reason.NONE
        if not self.in_price_range(slid):
            return Reason.POST_ONLY_WOULD_CROSS
        if reason := self.check_notional(slid, quantity, order.reduce_only):
            return reason
        return Reason.NONE if self.within_band(slid) else Reason.PRICE_BAND

    def in_price_range(self, price: int) -> bool:
        assert self.rules is not None
        return self.rules.price_min <= price <= self.rules.price_max

    def in_quantity_range(self, quantity: int) -> bool:
        assert self.rules is not None
        return self.rules.quantity_min <= quantity <= self.rules.quantity_max

    def is_above_market_maximum(self, order: Order, quantity: int) -> bool:
        assert self.rules is not None
        return not order.has_price and quantity > self.rules.market_quantity_max

    def check_notional(self, price: int, quantity: int, reduce_only: bool) -> Reason:
        assert self.rules is not None
        notional = price * quantity * self.rules.tick_lot_value
        if notional > INT64_MAX:
            return Reason.NOTIONAL_OVERFLOW
        if notional < self.rules.notional_min and not reduce_only:
            return Reason.NOTIONAL_TOO_SMALL
        return Reason.NONE

    def passes_position_limit(self, order: Order, quantity: int) -> bool:
        return self.position_passes(leg_of(order), order.side, quantity)

    def position_passes(self, leg: Leg, side: int, quantity: int) -> bool:
        """Whether the record's bound, or the instrument's, would be passed by a full fill."""
        assert self.rules is not None
        position = self.position(leg)
        after = position + (quantity if side == Side.BUY else -quantity)
        limit = self.rules.position_max
        return abs(position) + quantity > POSITION_MAX or (limit != 0 and abs(after) > max(limit, abs(position)))


def opens_leg(side: int, leg: CommandFlag) -> bool:
    """Whether an order of this side makes the leg of hedge mode larger."""
    return (side == Side.BUY) == (leg == CommandFlag.COMMAND_LONG)

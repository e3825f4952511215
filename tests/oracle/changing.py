"""CANCEL, AMEND (ORD-5), CANCEL_ALL and the countdown (ORD-12)."""

from __future__ import annotations

from collections.abc import Container

from tests.oracle.orders import Order
from tests.oracle.placing import Placing
from tests.oracle.records import (
    COUNTDOWN_MAX_MS,
    GROUPS_MAX,
    ICEBERG_SLICES_MAX,
    CancelScope,
    Command,
    EventType,
    Phase,
    Reason,
    Side,
    TimeInForce,
)

CANCELS_MAX = 30_000
NOT_HALT = [phase for phase in Phase if phase not in (Phase.NONE, Phase.HALT)]
SCOPE_GROUPS = {CancelScope.GROUP: range(1, GROUPS_MAX + 1), CancelScope.QUOTES: range(GROUPS_MAX + 1)}
AMENDING = (Phase.POST_ONLY, Phase.AUCTION, Phase.OPEN, Phase.REDUCE_ONLY)
SCOPE_REASONS = {
    CancelScope.SESSION: Reason.DISCONNECT,
    CancelScope.GATEWAY: Reason.DISCONNECT,
    CancelScope.EVERYONE: Reason.OPERATOR,
}


class Changing(Placing):
    """Commands about orders that are there."""

    def target(self, command: Command) -> Order | None:
        """The account's own order that a command names; never another's, by client order id never a quote."""
        if command.order_id != 0:
            order = self.by_id.get(command.order_id)
            return order if order is not None and order.account == command.account else None
        return self.by_client.get((command.account, command.client_order_id))

    def open_target(self, command: Command, phases: Container[int]) -> Order | None:
        """The open order that a CANCEL or AMEND names; refused otherwise."""
        order = self.target(command)
        if self.phase not in phases or order is None:
            reason = Reason.PHASE_FORBIDS if self.phase not in phases else Reason.UNKNOWN_ORDER
            self.emit(
                EventType.REJECTED, reason=reason, order_id=command.order_id, client_order_id=command.client_order_id
            )
            return None
        if not order.is_open:
            self.reject(Reason.ORDER_CLOSED, order)
            return None
        return order

    def cancel(self, command: Command) -> None:
        order = self.open_target(command, NOT_HALT)
        if order is not None:
            self.cancel_order(order, Reason.USER_REQUEST)

    # ---- AMEND --------------------------------------------------------------------------------------
    def amend(self, command: Command) -> None:
        order = self.open_target(command, AMENDING)
        if order is None:
            return
        price, quantity = command.price or order.price, command.quantity or order.quantity
        trigger_price = command.trigger_price or order.trigger_price
        reason = self.check_amend(order, command, price, quantity, trigger_price)
        if reason == Reason.AMEND_BELOW_FILLED:
            self.cancel_order(order, reason)
        elif reason != Reason.NONE:
            self.reject(reason, order)
        elif order.waiting != 0:
            self.amend_waiting(order, price, quantity, trigger_price)
        else:
            if order.time_in_force == TimeInForce.GTX_SLIDE and self.phase != Phase.AUCTION:
                price = self.slid_price(order, price)
            self.amend_resting(order, price, quantity)

    def amend_waiting(self, order: Order, price: int, quantity: int, trigger_price: int) -> None:
        previous_leaves = order.leaves
        if trigger_price != order.trigger_price:
            order.trigger_price = trigger_price
            self.wait_again(order)
        order.price, order.quantity, order.leaves = price, quantity, quantity
        self.emit(EventType.AMENDED, order, previous_leaves=previous_leaves)

    def amend_resting(self, order: Order, price: int, quantity: int) -> None:
        if order.reduce_only:
            quantity = min(quantity, order.filled + self.reducible(order))
        before = {"previous_price": order.price, "previous_leaves": order.leaves, "shown_before": order.shown}
        keeps_place = price == order.price and quantity <= order.quantity
        order.quantity, order.leaves = quantity, quantity - order.filled
        if keeps_place:
            order.shown = min(order.shown, order.leaves)
            self.emit(EventType.AMENDED, order, on_book=True, **before)
            return
        self.take_off_book(order)
        order.price, order.shown = price, 0
        self.enter_again(order, before)

    def enter_again(self, order: Order, before: dict[str, int]) -> None:
        """An order that has lost its place finds another one, or trades."""
        crosses = self.phase != Phase.AUCTION and self.crosses(order.side, order.price)
        if not crosses:
            self.rest(order)
        self.emit(EventType.AMENDED, order, on_book=not crosses, **before)
        if crosses:
            self.take(order)

    def check_amend(self, order: Order, command: Command, price: int, quantity: int, trigger_price: int) -> Reason:
        """Why an amend is refused. AMEND_BELOW_FILLED: it is not, but cancels what is left."""
        trigger_fixed = order.waiting == 0 or order.is_trailing
        if (
            order.is_quote
            or (command.price != 0 and not order.has_price)
            or (command.trigger_price != 0 and trigger_fixed)
            or (command.quantity != 0 and order.close_position)
        ):
            return Reason.NOT_AMENDABLE
        if self.phase == Phase.REDUCE_ONLY and not order.reduce_only:
            return Reason.PHASE_FORBIDS
        if (price, quantity, trigger_price) == (order.price, order.quantity, order.trigger_price):
            return Reason.NOTHING_TO_AMEND
        if price != order.price and not self.in_price_range(price):
            return Reason.PRICE_OUT_OF_RANGE
        if trigger_price != order.trigger_price and not self.in_price_range(trigger_price):
            return Reason.INVALID_TRIGGER
        if quantity != order.quantity:
            if 0 < quantity <= order.filled:
                return Reason.AMEND_BELOW_FILLED
            if not self.in_quantity_range(quantity):
                return Reason.QUANTITY_OUT_OF_RANGE
            if self.is_above_market_maximum(order, quantity):
                return Reason.MARKET_QUANTITY_OUT_OF_RANGE
            if order.is_iceberg and quantity > order.display * ICEBERG_SLICES_MAX:
                return Reason.INVALID_DISPLAY
        return self.check_effect(order, price, quantity, trigger_price)

    def check_effect(self, order: Order, price: int, quantity: int, trigger_price: int) -> Reason:
        """What an amend would do to the notional, the position and the other side of the book."""
        if order.has_price and (reason := self.check_notional(price, quantity, order.reduce_only)):
            return reason
        if price != order.price and order.waiting == 0 and not self.within_band(price):
            return Reason.PRICE_BAND
        if not order.reduce_only and self.passes_position_limit(order, quantity - order.filled):
            return Reason.POSITION_LIMIT
        if self.is_frozen(order.account, order.group):
            return Reason.PROTECTION_FROZEN
        if order.waiting != 0:
            moved = trigger_price != order.trigger_price
            return Reason.IMMEDIATE_TRIGGER if moved and self.is_immediate(order, trigger_price) else Reason.NONE
        if self.phase == Phase.AUCTION:
            return Reason.NONE
        if order.time_in_force == TimeInForce.GTX_SLIDE:
            return self.check_slide(order, price, quantity)
        passive = self.phase == Phase.POST_ONLY or order.time_in_force == TimeInForce.GTX
        if passive and self.crosses(order.side, price):
            return Reason.POST_ONLY_WOULD_CROSS
        return Reason.NONE

    # ---- CANCEL_ALL ---------------------------------------------------------------------------------
    def cancel_all(self, command: Command) -> None:
        if self.phase == Phase.HALT:
            self.reject(Reason.PHASE_FORBIDS)
        elif command.side not in (Side.NONE, Side.BUY, Side.SELL):
            self.reject(Reason.INVALID_SIDE)
        elif command.scope not in set(CancelScope):
            self.reject(Reason.INVALID_SCOPE)
        elif command.group not in SCOPE_GROUPS.get(CancelScope(command.scope), (0,)):
            self.reject(Reason.INVALID_GROUP)
        else:
            orders = [o for o in self.open_orders() if command.side in (Side.NONE, o.side) and in_scope(o, command)]
            if command.scope in (CancelScope.GATEWAY, CancelScope.EVERYONE):
                orders.sort(key=lambda o: (o.account, o.age))
            for order in orders[:CANCELS_MAX]:
                self.cancel_order(order, SCOPE_REASONS.get(CancelScope(command.scope), Reason.MASS_CANCEL))
            count = min(len(orders), CANCELS_MAX)
            self.emit(EventType.CANCEL_ALL_DONE, quantity=count, leaves=int(len(orders) > CANCELS_MAX))

    # ---- SET_COUNTDOWN ------------------------------------------------------------------------------
    def set_countdown(self, command: Command) -> None:
        if self.phase == Phase.HALT:
            self.reject(Reason.PHASE_FORBIDS)
        elif not self.admit(command.account):
            self.reject(Reason.ACCOUNT_TABLE_FULL)
        elif not 0 <= command.quantity <= COUNTDOWN_MAX_MS:
            self.reject(Reason.INVALID_COUNTDOWN)
        else:
            account = self.accounts[command.account]
            account.countdown_ms = command.quantity
            account.deadline_ns = self.time_ns + command.quantity * 1_000_000 if command.quantity else 0
            self.emit(EventType.COUNTDOWN_SET, quantity=command.quantity, deadline_ns=account.deadline_ns)


def in_scope(order: Order, command: Command) -> bool:
    """Whether a CANCEL_ALL is about this order, its side apart. Session 0 is nobody's."""
    mine = order.account == command.account
    match command.scope:
        case CancelScope.ACCOUNT:
            return mine
        case CancelScope.GROUP:
            return mine and order.group == command.group
        case CancelScope.QUOTES:
            return mine and order.is_quote and command.group in (0, order.group)
        case CancelScope.SESSION:
            return mine and order.session != 0 and order.session == command.order_id
        case CancelScope.GATEWAY:
            return order.session != 0 and order.session >> 24 == command.order_id
        case _:
            return True

"""PLACE and REPLACE (ORD-1, ORD-3, ORD-10)."""

from __future__ import annotations

from tests.oracle.filters import Filters
from tests.oracle.orders import Order, order_of
from tests.oracle.records import (
    Command,
    CommandFlag,
    EventFlag,
    EventType,
    OrderStatus,
    OrderType,
    Phase,
    Reason,
    TimeInForce,
)


class Placing(Filters):
    """New orders."""

    def place(self, command: Command) -> None:
        order = order_of(command, self.sequence, self.is_hedge(command.account))
        if self.is_new(order):
            self.place_checked(order, self.check_place(order, command))

    def replace(self, command: Command) -> None:
        order = order_of(command, self.sequence, self.is_hedge(command.account))
        if not self.is_new(order):
            return
        target = self.replace_target(command)
        if target is None and not command.flags & CommandFlag.COMMAND_GO_ON:
            self.refuse(order, Reason.CANCEL_FAILED, remember=self.admit(order.account))
            return
        reason = self.check_place(order, command, target)
        if reason == Reason.NONE and target is not None:
            self.cancel_order(target, Reason.REPLACED)
        self.place_checked(order, reason)

    def replace_target(self, command: Command) -> Order | None:
        """The open order that a REPLACE takes away; never a quote."""
        if command.flags & CommandFlag.COMMAND_TARGET_BY_CLIENT:
            order = self.by_client.get((command.account, command.order_id))
        else:
            order = self.by_id.get(command.order_id)
        if order is None or order.account != command.account or order.is_quote or not order.is_open:
            return None
        return order

    def is_new(self, order: Order) -> bool:
        """Whether the client order id is; tells what is to be told when it is not."""
        known = self.by_client.get((order.account, order.client_order_id))
        if order.client_order_id == 0:
            self.refuse(order, Reason.INVALID_CLIENT_ORDER_ID, remember=False)
        elif known is not None and known.body == order.body:
            self.emit(EventType.ORDER_STATE, known, reason=known.reason).flags |= EventFlag.DUPLICATE
        elif known is not None:
            self.refuse(order, Reason.DUPLICATE_CLIENT_ORDER_ID, remember=False)
        else:
            return True
        return False

    def place_checked(self, order: Order, reason: Reason) -> None:
        if reason != Reason.NONE:
            self.refuse(order, reason, remember=order.account in self.accounts)
        elif order.is_trigger:
            self.accept_trigger(order)
        else:
            self.accept(order)

    def refuse(self, order: Order, reason: Reason, *, remember: bool) -> None:
        order.status, order.reason = OrderStatus.REJECTED, reason
        if remember:
            self.remember(order)
            self.remember_ended(order)
        else:
            order.order_id = 0
        self.reject(reason, order)

    def accept_trigger(self, order: Order) -> None:
        order.leaves = order.quantity
        order.status = OrderStatus.UNTRIGGERED
        self.remember(order)
        self.start_waiting(order)
        self.emit(EventType.ACCEPTED, order)

    def accept(self, order: Order) -> None:
        if order.reduce_only:
            order.quantity = min(order.quantity, self.reducible(order))
        order.leaves = order.quantity
        self.remember(order)
        sent_price = order.price
        if order.time_in_force == TimeInForce.GTX_SLIDE:
            order.price = self.slid_price(order, order.price)
        slid_from = sent_price if order.price != sent_price else 0
        rests = order.order_type == OrderType.LIMIT and order.may_rest
        if rests and (self.phase == Phase.AUCTION or not self.crosses(order.side, order.price)):
            self.rest(order)
            self.emit(EventType.ACCEPTED, order, on_book=True, previous_price=slid_from, shown_before=0)
        else:
            self.emit(EventType.ACCEPTED, order)
            self.take(order)

"""Events: what the model tells, and what happens to one order with the telling of it."""

from __future__ import annotations

from tests.oracle.orders import Order
from tests.oracle.records import Command, Event, EventFlag, EventType, OrderStatus, Reason
from tests.oracle.state import State


class Telling(State):
    """A state under a command, with the events of it so far."""

    def __init__(
        self, symbol_id: int, *, orders_max: int = 1 << 17, retained_max: int = 1 << 18, accounts_max: int = 1 << 14
    ) -> None:
        super().__init__(symbol_id, orders_max=orders_max, retained_max=retained_max, accounts_max=accounts_max)
        self.command = Command(0)
        self.epoch = 0
        self.events: list[Event] = []
        self.matching: Order | None = None  # the taker, while it trades
        self.off_book: list[Order] = []  # a quote's open orders that are off the book for the moment

    def emit(self, kind: EventType, order: Order | None = None, *, on_book: bool = False, **fields: int) -> Event:
        """Appends an event about `order`, or about none: then its account is the command's."""
        command = self.command
        delay = 0
        if command.gateway_time_ns != 0:
            delay = max(0, min(2**32 - 1, (self.time_ns - command.gateway_time_ns) // 1000))
        event = Event(
            kind,
            command_type=command.type,
            sequence=self.sequence,
            time_ns=self.time_ns,
            epoch=self.epoch,
            account=command.account,
            symbol=self.symbol_id,
            index=len(self.events),
            request_id=command.request_id,
            origin=command.origin,
            item=command.item,
            gateway_delay_us=delay,
        )
        if order is not None:
            describe(event, order)
            if kind != EventType.TRADE:
                describe_terms(event, order)
        event.flags |= EventFlag.ON_BOOK if on_book else 0
        for name, value in fields.items():
            setattr(event, name, value)
        self.events.append(event)
        return event

    def reject(self, reason: Reason, order: Order | None = None) -> None:
        self.emit(EventType.REJECTED, order, reason=reason)

    # ---- what happens to an order -------------------------------------------------------------------
    def end_with_event(self, order: Order, kind: EventType, reason: Reason, *, on_book: bool | None = None) -> None:
        """CANCELED or EXPIRED. An order that rested until this command was on the book for those who are told."""
        rested = order.admission != 0 if on_book is None else on_book
        previous_leaves, shown_before = order.leaves, order.shown
        self.end(order, OrderStatus.CANCELED if kind == EventType.CANCELED else OrderStatus.EXPIRED, reason)
        self.emit(
            kind, order, on_book=rested, reason=reason, previous_leaves=previous_leaves, shown_before=shown_before
        )
        self.remember_ended(order)

    def expire(self, order: Order, reason: Reason) -> None:
        self.end_with_event(order, EventType.EXPIRED, reason)

    def cancel_order(self, order: Order, reason: Reason) -> None:
        self.end_with_event(order, EventType.CANCELED, reason, on_book=order in self.off_book or None)

    def reduce(self, order: Order, leaves: int, reason: Reason) -> None:
        """Lowers what is open without a trade; the order keeps its place."""
        previous_leaves, shown_before = order.leaves, order.shown
        order.quantity -= previous_leaves - leaves
        order.leaves = leaves
        order.shown = min(order.shown, leaves)
        self.emit(
            EventType.REDUCED,
            order,
            on_book=order.admission != 0,
            reason=reason,
            previous_leaves=previous_leaves,
            shown_before=shown_before,
        )

    def rest(self, order: Order) -> None:
        """Takes its place at the back of its level, without a word."""
        order.show_slice()
        self.put_on_book(order)

    # ---- limits of one command (MAT-1) --------------------------------------------------------------
    def step_events(self, one: Order, other: Order) -> int:
        """The most events that a step between these two can give, for the fill limit."""
        orders = [o for o in self.hooked if o.account in (one.account, other.account)]
        return 2 + sum(o.reduce_only and o.waiting == 0 for o in orders) + sum(o.group != 0 for o in orders)


def describe(event: Event, order: Order) -> None:
    """What every event about an order says of it."""
    event.account = order.account
    event.side, event.order_type, event.time_in_force = order.side, order.order_type, order.time_in_force
    event.status = order.status
    event.client_order_id, event.order_id = order.client_order_id, order.order_id
    event.price, event.quantity = order.price, order.quantity
    event.filled, event.leaves = order.filled, order.leaves
    event.stp_group, event.stp_mode, event.group = order.stp_group, order.stp_mode, order.group
    event.flags |= order.flags


def describe_terms(event: Event, order: Order) -> None:
    """What every event about an order but a TRADE says of it besides."""
    event.trigger_price, event.terms = order.trigger_price, order.terms
    event.activation_price, event.expiry_ns = order.activation_price, order.expiry_ns
    event.display, event.shown = order.display, order.shown
    event.shown_before = order.shown

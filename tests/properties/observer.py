"""Watches a symbol from outside: follows events alone and asserts what must hold whatever happens.

It keeps its own book, order figures and positions, made from events only, and knows nothing of how the
engine works; so it also shows that the events are enough to rebuild the book.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.oracle.records import (
    Event,
    EventFlag,
    EventType,
    OrderStatus,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
)

OPEN = (OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED)
LIFE = {
    *(EventType.ACCEPTED, EventType.RESTED, EventType.CANCELED, EventType.EXPIRED, EventType.AMENDED),
    EventType.REDUCED,
}


@dataclass(slots=True, eq=False)
class Seen:
    """What the events have said of an order."""

    order_id: int
    account: int
    side: int
    order_type: int
    time_in_force: int
    stp_mode: int
    stp_group: int
    reduce_only: bool
    price: int
    quantity: int
    filled: int
    leaves: int


class Observer:
    """One symbol as its events tell it."""

    def __init__(self, positions: dict[int, int]) -> None:
        self.positions = dict(positions)
        self.open: dict[int, Seen] = {}
        self.queues: dict[tuple[int, int], list[Seen]] = {}  # (side, price) -> oldest first
        self.trade_id = 0
        self.filled_in_command: dict[int, int] = {}

    # ---- events -------------------------------------------------------------------------------------
    def command(self, events: list[Event]) -> None:
        """Takes all the events of one command and checks what must hold after it."""
        assert events, "a command without an event"
        assert [event.index for event in events] == list(range(len(events)))
        assert [bool(e.flags & EventFlag.LAST_OF_COMMAND) for e in events] == [False] * (len(events) - 1) + [True]
        assert len({(e.sequence, e.time_ns, e.request_id, e.origin, e.item) for e in events}) == 1
        for event in events:
            if event.type == EventType.TRADE:
                self.trade(event)
            elif event.type in LIFE:
                self.life(event)
            assert event.leaves >= 0
        self.check_fok(events)
        self.check_book()

    def life(self, event: Event) -> None:
        on_book = bool(event.flags & EventFlag.ON_BOOK)
        if event.type == EventType.ACCEPTED:
            order = self.admit(event)
        else:
            order = self.open[event.order_id]
            assert (order.account, order.side, order.filled) == (event.account, event.side, event.filled)
        if event.type in (EventType.CANCELED, EventType.EXPIRED):
            assert (event.leaves, event.previous_leaves) == (0, order.leaves)
            assert event.quantity == order.quantity
            assert on_book == self.leave_queue(order)
            del self.open[event.order_id]
            return
        assert event.leaves == event.quantity - event.filled > 0
        assert event.status == (OrderStatus.PARTIALLY_FILLED if event.filled else OrderStatus.NEW)
        if event.type == EventType.REDUCED:
            assert event.leaves < event.previous_leaves == order.leaves
            assert on_book == (order in self.queues.get((order.side, order.price), []))
        elif event.type == EventType.AMENDED:
            assert (event.previous_price, event.previous_leaves) == (order.price, order.leaves)
            keeps = event.price == order.price and event.quantity <= order.quantity
            if not keeps:
                assert self.leave_queue(order)
            order.price = event.price
            if on_book and not keeps:
                self.join_queue(order)
        elif on_book:  # ACCEPTED, RESTED
            self.join_queue(order)
        order.quantity, order.leaves = event.quantity, event.leaves

    def admit(self, event: Event) -> Seen:
        order = Seen(
            order_id=event.order_id,
            account=event.account,
            side=event.side,
            order_type=event.order_type,
            time_in_force=event.time_in_force,
            stp_mode=event.stp_mode,
            stp_group=event.stp_group,
            reduce_only=bool(event.flags & EventFlag.EVENT_REDUCE_ONLY),
            price=event.price,
            quantity=event.quantity,
            filled=0,
            leaves=event.leaves,
        )
        assert order.order_id == event.sequence
        assert order.order_id not in self.open
        self.open[order.order_id] = order
        return order

    def trade(self, event: Event) -> None:
        self.trade_id += 1
        assert event.trade_id == self.trade_id, "trade ids have a gap"
        taker, maker = self.open[event.order_id], self.open[event.maker_order_id]
        assert maker is self.first(maker.side), "another order was before this maker"
        assert taker.side != maker.side
        assert event.price == maker.price
        if taker.order_type == OrderType.LIMIT:
            assert event.price <= taker.price if taker.side == Side.BUY else event.price >= taker.price
        if taker.stp_mode != SelfTradePrevention.NONE:
            assert taker.account != maker.account
            assert taker.stp_group == 0 or taker.stp_group != maker.stp_group
        assert event.quantity == min(taker.leaves, maker.leaves) > 0
        self.move_positions(event, taker, maker)
        for order, filled, leaves in (
            (taker, event.filled, event.leaves),
            (maker, event.maker_filled, event.maker_leaves),
        ):
            order.filled += event.quantity
            order.leaves -= event.quantity
            assert (order.filled, order.leaves) == (filled, leaves)
            assert order.leaves == order.quantity - order.filled
            if order.leaves == 0:
                self.leave_queue(order)
                del self.open[order.order_id]

    def move_positions(self, event: Event, taker: Seen, maker: Seen) -> None:
        signed = event.quantity if taker.side == Side.BUY else -event.quantity
        for order, change in ((taker, signed), (maker, -signed)):
            before = self.positions.get(order.account, 0)
            after = before if taker.account == maker.account else before + change
            self.positions[order.account] = after
            if order.reduce_only and after != before:
                assert abs(after) == abs(before) - event.quantity, "a reduce-only order opened or flipped a position"
        assert event.position == self.positions[taker.account]
        assert event.maker_position == self.positions[maker.account]

    # ---- the book -----------------------------------------------------------------------------------
    def join_queue(self, order: Seen) -> None:
        self.queues.setdefault((order.side, order.price), []).append(order)

    def leave_queue(self, order: Seen) -> bool:
        queue = self.queues.get((order.side, order.price), [])
        if order not in queue:
            return False
        queue.remove(order)
        if not queue:
            del self.queues[order.side, order.price]
        return True

    def best(self, side: int) -> int | None:
        """Best price of a side."""
        prices = [price for (of, price) in self.queues if of == side]
        if not prices:
            return None
        return max(prices) if side == Side.BUY else min(prices)

    def first(self, side: int) -> Seen | None:
        """The order that must trade next."""
        price = self.best(side)
        return None if price is None else self.queues[side, price][0]

    def resting(self) -> list[int]:
        """Order ids, bids best first, then asks best first, oldest first within a level."""
        levels = sorted(self.queues, key=lambda level: (level[0], -level[1] if level[0] == Side.BUY else level[1]))
        return [order.order_id for level in levels for order in self.queues[level]]

    # ---- what must hold -----------------------------------------------------------------------------
    def check_book(self) -> None:
        bid, ask = self.best(Side.BUY), self.best(Side.SELL)
        assert bid is None or ask is None or bid < ask, "the book is crossed"
        assert sum(self.positions.values()) == 0
        resting = self.resting()
        assert sorted(resting) == sorted(self.open), "an open order that does not rest"
        for order in self.open.values():
            if order.reduce_only:
                position = self.positions[order.account]
                reducible = position if order.side == Side.SELL else -position
                assert order.leaves <= reducible, "a reduce-only order larger than the position"
            assert order.time_in_force in (TimeInForce.GTC, TimeInForce.GTX)

    def check_fok(self, events: list[Event]) -> None:
        """All or nothing; and nothing means that nobody else hears of it."""
        first = events[0]
        if first.type != EventType.ACCEPTED or first.time_in_force != TimeInForce.FOK:
            return
        traded = sum(event.quantity for event in events if event.type == EventType.TRADE)
        assert traded in (0, first.quantity)
        if traded == 0:
            assert [event.type for event in events] == [EventType.ACCEPTED, EventType.EXPIRED]

"""Watches a symbol from outside: follows events alone and asserts what must hold whatever happens.

It keeps its own book, order figures and positions, made from events only, and knows nothing of how the
engine works; so it also shows that the events are enough to rebuild the book.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from tests.oracle.records import (
    ASK_OF_QUOTE,
    CommandType,
    Event,
    EventFlag,
    EventType,
    MakerFlag,
    OrderStatus,
    OrderType,
    Phase,
    PositionMode,
    Rules,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from tests.properties.order_states import NOWHERE, check_transition

ABOUT_OPEN_ORDERS = {
    *(EventType.ACCEPTED, EventType.RESTED, EventType.CANCELED, EventType.EXPIRED, EventType.AMENDED),
    *(EventType.REDUCED, EventType.TRIGGERED, EventType.TRAILING_ACTIVATED),
}
OVER = (EventType.CANCELED, EventType.EXPIRED)
MATCHING = (Phase.OPEN, Phase.REDUCE_ONLY)
UNCROSSED = (*MATCHING, Phase.POST_ONLY)
LIMITED = (OrderType.LIMIT, OrderType.STOP, OrderType.TAKE_PROFIT, OrderType.QUOTE)
Leg = tuple[int, bool]  # account, whether the SHORT leg


@dataclass(slots=True, eq=False)
class Seen:
    """What the events have said of an order."""

    order_id: int
    client_order_id: int
    account: int
    side: int
    order_type: int
    time_in_force: int
    stp_mode: int
    stp_group: int
    reduce_only: bool
    short_leg: bool
    display: int  # 0: not an iceberg
    status: int = NOWHERE
    price: int = 0
    quantity: int = 0
    filled: int = 0
    leaves: int = 0
    shown: int = 0  # of an iceberg that rests

    @property
    def leg(self) -> Leg:
        return self.account, self.short_leg

    @property
    def offered(self) -> int:
        """Lots that the public book shows of it."""
        return self.shown if self.display else self.leaves


class Observer:
    """One symbol as its events tell it."""

    def __init__(self, positions: dict[Leg, int], hedged: set[int] | None = None) -> None:
        self.positions = dict(positions)
        self.hedged = set(hedged or ())
        self.open: dict[int, Seen] = {}
        self.queues: dict[tuple[int, int], list[Seen]] = {}  # (side, price) -> oldest first
        self.trade_id = 0
        self.phase = int(Phase.HALT)
        self.rules = Rules()
        self.auction_price = 0

    # ---- events -------------------------------------------------------------------------------------
    def command(self, events: list[Event]) -> None:
        """Takes all the events of one command and checks what must hold after it."""
        assert events, "a command without an event"
        assert [event.index for event in events] == [at & 0xFFFF for at in range(len(events))]
        assert [bool(e.flags & EventFlag.LAST_OF_COMMAND) for e in events] == [False] * (len(events) - 1) + [True]
        assert len({(e.sequence, e.time_ns, e.request_id, e.origin, e.item) for e in events}) == 1
        if events[0].command_type == CommandType.QUOTE:
            self.take_quote_off(events)
        for event in events:
            if event.type == EventType.TRADE:
                self.trade(event)
            elif event.type in ABOUT_OPEN_ORDERS:
                self.life(event)
            elif event.type == EventType.REJECTED and event.command_type in (CommandType.PLACE, CommandType.REPLACE):
                check_transition(NOWHERE, event.type, event.status, event.reason)
            else:
                self.venue(event)
        self.check_fok(events)
        self.check_book()

    def venue(self, event: Event) -> None:
        """Events that are about no order."""
        if event.type == EventType.PHASE_CHANGED:
            self.phase = event.phase
        elif event.type == EventType.AUCTION and event.flags & EventFlag.FINAL:
            self.auction_price = event.price
        elif event.type == EventType.POSITION_MODE_SET:
            (self.hedged.add if event.mode == PositionMode.HEDGE else self.hedged.discard)(event.account)
        elif event.type == EventType.INSTRUMENT_DEFINED:
            self.define(event.rules())

    def define(self, rules: Rules) -> None:
        """Another lot: positions are counted in the new one."""
        old = self.rules
        if old.lot_mantissa and rules.lot_mantissa:
            size = Fraction(10) ** (old.lot_exponent - rules.lot_exponent) * Fraction(
                old.lot_mantissa, rules.lot_mantissa
            )
            if size != 1:
                assert not self.open, "another lot with open orders"
                counted = {leg: lots * size for leg, lots in self.positions.items()}
                assert all(lots.denominator == 1 for lots in counted.values()), "a part of a lot was lost"
                self.positions = {leg: int(lots) for leg, lots in counted.items()}
        self.rules = rules

    def take_quote_off(self, events: list[Event]) -> None:
        """Sides of a quote that change or go are off the book before anything of it matches."""
        about: dict[int, Event] = {}
        for event in events:
            if event.type in ABOUT_OPEN_ORDERS:
                about.setdefault(event.order_id, event)
        for order_id, event in about.items():
            order = self.open.get(order_id)
            if order is None or order.order_type != OrderType.QUOTE:
                continue
            changed = event.type in OVER or (event.type == EventType.AMENDED and not self.keeps_place(order, event))
            if changed and (order.account, order.client_order_id) == self.quote_of(events):
                self.leave_queue(order)

    def quote_of(self, events: list[Event]) -> tuple[int, int]:
        """Whose quote, and which."""
        return events[-1].account, events[-1].client_order_id

    def keeps_place(self, order: Seen, event: Event) -> bool:
        return event.price == order.price and event.quantity <= order.quantity

    # ---- one order ----------------------------------------------------------------------------------
    def life(self, event: Event) -> None:
        order = self.admit(event) if event.type == EventType.ACCEPTED else self.open[event.order_id]
        assert (order.account, order.side, order.filled) == (event.account, event.side, event.filled)
        check_transition(order.status, event.type, event.status, event.reason)
        order.status, order.stp_mode, order.stp_group = event.status, event.stp_mode, event.stp_group
        on_book = bool(event.flags & EventFlag.ON_BOOK)
        if event.type in OVER:
            self.end(order, event, on_book)
            return
        waits = event.status in (OrderStatus.UNTRIGGERED, OrderStatus.TRIGGERED)
        assert event.leaves == event.quantity - event.filled
        assert event.leaves > 0 or (waits and event.close_position)
        assert not (waits and on_book)
        if event.status in (OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED):
            assert event.status == (OrderStatus.PARTIALLY_FILLED if event.filled else OrderStatus.NEW)
        if event.type == EventType.REDUCED:
            assert event.leaves < event.previous_leaves == order.leaves
            assert on_book == self.rests(order)
            order.shown = min(order.shown, event.leaves)
        elif event.type == EventType.AMENDED and not waits:
            self.amend(order, event, on_book)
        elif on_book:  # ACCEPTED, RESTED
            self.join_queue(order, event.price, event.leaves)
        order.price, order.quantity, order.leaves = event.price, event.quantity, event.leaves
        assert event.shown == (order.shown if self.rests(order) else 0), "what an iceberg shows"

    def end(self, order: Seen, event: Event, on_book: bool) -> None:
        assert event.leaves == 0
        assert (event.previous_leaves, event.quantity) == (order.leaves, order.quantity)
        rested = self.leave_queue(order)
        assert on_book == rested or event.command_type == CommandType.QUOTE
        del self.open[order.order_id]

    def amend(self, order: Seen, event: Event, on_book: bool) -> None:
        assert event.previous_leaves == order.leaves
        assert event.previous_price == order.price or order.time_in_force == TimeInForce.GTX_SLIDE
        if self.keeps_place(order, event) and self.rests(order):
            assert on_book
            order.shown = min(order.shown, event.leaves)
            return
        assert self.leave_queue(order) or order.order_type == OrderType.QUOTE
        if on_book:
            self.join_queue(order, event.price, event.leaves)

    def admit(self, event: Event) -> Seen:
        order = Seen(
            order_id=event.order_id,
            client_order_id=event.client_order_id,
            account=event.account,
            side=event.side,
            order_type=event.order_type,
            time_in_force=event.time_in_force,
            stp_mode=event.stp_mode,
            stp_group=event.stp_group,
            reduce_only=bool(event.flags & EventFlag.EVENT_REDUCE_ONLY),
            short_leg=bool(event.flags & EventFlag.SHORT_LEG),
            display=event.display,
            price=event.price,
        )
        assert order.order_id & ~ASK_OF_QUOTE == event.sequence
        assert order.order_id not in self.open
        self.open[order.order_id] = order
        return order

    # ---- trades -------------------------------------------------------------------------------------
    def trade(self, event: Event) -> None:
        self.trade_id += 1
        assert event.trade_id == self.trade_id, "trade ids have a gap"
        taker, maker = self.open[event.order_id], self.open[event.maker_order_id]
        assert maker is self.first(maker.side), "another order was before this maker"
        assert taker.side != maker.side
        assert bool(event.maker_flags & MakerFlag.MAKER_REDUCE_ONLY) == maker.reduce_only
        if self.phase in MATCHING:
            self.match(event, taker, maker)
        else:
            self.uncross(event, taker, maker)
        self.move_positions(event, taker, maker)
        for order, filled, leaves in (
            (taker, event.filled, event.leaves),
            (maker, event.maker_filled, event.maker_leaves),
        ):
            order.filled += event.quantity
            order.leaves -= event.quantity
            assert (order.filled, order.leaves) == (filled, leaves)
            assert order.leaves == order.quantity - order.filled
            status = OrderStatus.PARTIALLY_FILLED if order.leaves else OrderStatus.FILLED
            check_transition(order.status, EventType.TRADE, status, event.reason)
            order.status = status
            if order.leaves == 0:
                self.leave_queue(order)
                del self.open[order.order_id]
        assert event.status == taker.status

    def match(self, event: Event, taker: Seen, maker: Seen) -> None:
        """An incoming order and the one that rests longest at the best price (MAT-1)."""
        assert event.price == maker.price
        if taker.order_type in LIMITED:
            assert event.price <= taker.price if taker.side == Side.BUY else event.price >= taker.price
        if taker.stp_mode != SelfTradePrevention.NONE:
            assert taker.account != maker.account
            known = maker.order_type != OrderType.QUOTE  # an unchanged side of a quote takes a new group without a word
            assert not known or taker.stp_group == 0 or taker.stp_group != maker.stp_group
        queue = self.queues[maker.side, maker.price]
        offered = maker.leaves if len(queue) == 1 else maker.offered
        assert event.quantity == min(taker.leaves, offered) > 0
        if maker.display:
            self.refresh(event, maker, queue)

    def refresh(self, event: Event, maker: Seen, queue: list[Seen]) -> None:
        """What an iceberg shows after a trade; a new slice goes to the back of its level (ORD-2)."""
        assert event.maker_shown_before == maker.shown
        left = maker.leaves - event.quantity
        beyond = event.quantity - maker.shown
        if beyond >= 0:
            maker.shown = min(maker.display - beyond % maker.display, left)
            queue.remove(maker)
            queue.append(maker)
        else:
            maker.shown -= event.quantity
        assert event.maker_shown == maker.shown

    def uncross(self, event: Event, taker: Seen, maker: Seen) -> None:
        """Two orders that rest, at the auction's price (MAT-2)."""
        assert taker is self.first(taker.side), "another order was before this one in the auction"
        assert event.price == self.auction_price
        buy, sell = (taker, maker) if taker.side == Side.BUY else (maker, taker)
        assert sell.price <= event.price <= buy.price
        assert event.quantity == min(taker.leaves, maker.leaves) > 0
        for order, told in ((taker, event.previous_price), (maker, event.previous_leaves)):
            before = order.shown
            order.shown = min(order.shown, order.leaves - event.quantity)
            assert told == order.shown - before

    def move_positions(self, event: Event, taker: Seen, maker: Seen) -> None:
        signed = event.quantity if taker.side == Side.BUY else -event.quantity
        for order, change in ((taker, signed), (maker, -signed)):
            before = self.positions.get(order.leg, 0)
            after = before if taker.leg == maker.leg else before + change
            self.positions[order.leg] = after
            if order.reduce_only and after != before:
                assert abs(after) == abs(before) - event.quantity, "a reduce-only order opened or flipped a position"
            if order.account in self.hedged:
                assert after <= 0 if order.short_leg else after >= 0, "a leg on the wrong side"
        assert event.position == self.positions[taker.leg]
        assert event.maker_position == self.positions[maker.leg]

    # ---- the book -----------------------------------------------------------------------------------
    def rests(self, order: Seen) -> bool:
        return order in self.queues.get((order.side, order.price), [])

    def join_queue(self, order: Seen, price: int, leaves: int) -> None:
        order.price, order.shown = price, min(order.display, leaves)
        self.queues.setdefault((order.side, price), []).append(order)

    def leave_queue(self, order: Seen) -> bool:
        queue = self.queues.get((order.side, order.price), [])
        if order not in queue:
            return False
        queue.remove(order)
        order.shown = 0
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

    def waiting(self) -> list[int]:
        """Order ids of what is untriggered."""
        return [order.order_id for order in self.open.values() if order.status == OrderStatus.UNTRIGGERED]

    # ---- what must hold -----------------------------------------------------------------------------
    def check_book(self) -> None:
        bid, ask = self.best(Side.BUY), self.best(Side.SELL)
        if self.phase in UNCROSSED:
            assert bid is None or ask is None or bid < ask, "the book is crossed"
        assert sum(self.positions.values()) == 0
        assert sorted(self.resting() + self.waiting()) == sorted(self.open), "an open order that does not rest"
        for order in self.open.values():
            if order.status == OrderStatus.UNTRIGGERED:
                continue
            if order.reduce_only:
                position = self.positions[order.leg]
                reducible = position if order.side == Side.SELL else -position
                assert order.leaves <= reducible, "a reduce-only order larger than the position"
            assert order.time_in_force not in (TimeInForce.IOC, TimeInForce.FOK)

    def check_fok(self, events: list[Event]) -> None:
        """All or nothing."""
        for first in events:
            starts = first.type == EventType.TRIGGERED or (
                first.type == EventType.ACCEPTED and first.status == OrderStatus.NEW
            )
            if starts and first.time_in_force == TimeInForce.FOK:
                own = [e for e in events if e.type == EventType.TRADE and e.order_id == first.order_id]
                assert sum(event.quantity for event in own) in (0, first.quantity)

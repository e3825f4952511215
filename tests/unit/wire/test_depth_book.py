"""The book by levels: kept from events, it equals a book of single orders; what cannot be is an error."""

from __future__ import annotations

import random

import pytest

from tidegate.v1 import market_data_service_pb2 as pb
from tidegate.wire import native
from tidegate.wire.records import CommandType, Event, EventType, Phase

BUY, SELL = 1, 2
LAST, ON_BOOK = 128, 2
ORIGIN = 0xFF000001


def answer(levels: list[tuple[int, int, int]], sequence: int, origin: int = ORIGIN) -> bytes:
    """The answer to a depth query: (side, price, lots)."""
    common = {
        "command_type": CommandType.QUERY_DEPTH,
        "origin": origin,
        "sequence": sequence,
        "time_ns": 1000 + sequence,
    }
    rows = [
        Event(type=EventType.DEPTH_LEVEL, side=side, price=price, leaves=lots, **common) for side, price, lots in levels
    ]
    rows.append(Event(type=EventType.DEPTH_END, quantity=len(levels), phase=Phase.OPEN, flags=LAST, **common))
    return b"".join(row.pack() for row in rows)


def ready_book(levels: list[tuple[int, int, int]], sequence: int = 10) -> native.DepthBook:
    """A book that has taken in a snapshot."""
    book = native.DepthBook("BTCUSDT")
    book.expect_snapshot(ORIGIN)
    book.feed(answer(levels, sequence))
    assert book.ready
    book.follow(0)
    return book


def command(sequence: int, *events: Event) -> bytes:
    """The events of one command."""
    for index, event in enumerate(events):
        event.command_type = event.command_type or CommandType.PLACE
        event.sequence, event.index, event.time_ns = sequence, index, 1000 + sequence
    events[-1].flags |= LAST
    return b"".join(event.pack() for event in events)


def accepted(side: int, price: int, lots: int, on_book: bool = True) -> Event:
    """A new order."""
    return Event(type=EventType.ACCEPTED, side=side, price=price, quantity=lots, leaves=lots, flags=ON_BOOK * on_book)


def levels_of(message: pb.DepthSnapshot | pb.DepthDelta) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """(bids, asks) as (price, lots)."""
    return (
        [(each.price_ticks, each.quantity_lots) for each in message.bids],
        [(each.price_ticks, each.quantity_lots) for each in message.asks],
    )


def snapshot(book: native.DepthBook, levels: int = 100) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """(bids, asks) of the book."""
    return levels_of(pb.DepthSnapshot.FromString(book.snapshot(levels)))


def test_nothing_counts_before_the_expected_answer() -> None:
    """Events and other readers' depth answers are skipped until the own answer has come whole."""
    book = native.DepthBook("BTCUSDT")
    book.feed(command(3, accepted(BUY, 99, 5)) + answer([(BUY, 98, 1)], 3, origin=ORIGIN + 1))
    assert (book.ready, book.sequence, book.best_bid) == (False, 0, 0)
    book.expect_snapshot(ORIGIN)
    rows = answer([(BUY, 99, 5), (BUY, 97, 2), (SELL, 101, 4)], 3)
    book.feed(rows[:192])
    assert not book.ready
    book.feed(rows[192:])
    assert (book.ready, book.sequence, book.best_bid, book.best_ask, book.phase) == (True, 3, 99, 101, Phase.OPEN)
    message = pb.DepthSnapshot.FromString(book.snapshot(10))
    assert levels_of(message) == ([(99, 5), (97, 2)], [(101, 4)])
    assert (message.symbol, message.sequence, message.engine_time_ns, int(message.phase)) == (
        "BTCUSDT",
        3,
        1003,
        Phase.OPEN,
    )
    assert message.SerializeToString() == book.snapshot(10)
    assert snapshot(book, 1) == ([(99, 5)], [(101, 4)])
    assert book.take_delta(0) == b""


def test_each_kind_of_event() -> None:
    """What adds, what subtracts, at which price, on which side; what is off the book changes nothing."""
    book = ready_book([(BUY, 99, 10), (SELL, 101, 10)])
    book.feed(command(11, accepted(BUY, 100, 4)))
    book.feed(
        command(
            12, accepted(SELL, 100, 3, on_book=False), Event(type=EventType.TRADE, side=SELL, price=100, quantity=3)
        )
    )
    assert snapshot(book) == ([(100, 1), (99, 10)], [(101, 10)])
    amended = Event(
        type=EventType.AMENDED, side=BUY, price=98, leaves=7, previous_price=99, previous_leaves=10, flags=ON_BOOK
    )
    book.feed(command(13, amended))
    assert snapshot(book) == ([(100, 1), (98, 7)], [(101, 10)])
    crossing = Event(type=EventType.AMENDED, side=BUY, price=101, leaves=12, previous_price=98, previous_leaves=7)
    taken = Event(type=EventType.TRADE, side=BUY, price=101, quantity=10, leaves=2)
    rested = Event(type=EventType.RESTED, side=BUY, price=101, leaves=2, flags=ON_BOOK)
    book.feed(command(14, crossing, taken, rested))
    assert snapshot(book) == ([(101, 2), (100, 1)], [])
    reduced = Event(type=EventType.REDUCED, side=BUY, price=101, leaves=1, previous_leaves=2, flags=ON_BOOK)
    canceled = Event(type=EventType.CANCELED, side=BUY, price=100, previous_leaves=1, flags=ON_BOOK)
    book.feed(command(15, reduced) + command(16, canceled))
    assert snapshot(book) == ([(101, 1)], [])
    off_book = Event(type=EventType.EXPIRED, side=BUY, price=101, previous_leaves=9)
    rejected = Event(type=EventType.REJECTED, side=BUY, price=101, quantity=9)
    expired = Event(type=EventType.EXPIRED, side=BUY, price=101, previous_leaves=1, flags=ON_BOOK)
    book.feed(command(17, off_book) + command(18, rejected) + command(19, expired))
    assert (snapshot(book), book.sequence) == (([], []), 19)


def test_deltas_are_chained_and_hold_what_changed() -> None:
    """previous_sequence is the last one sent, changed levels appear once with their new quantity, 0 when gone."""
    book = ready_book([(BUY, 99, 10), (BUY, 98, 1), (SELL, 101, 10)])
    book.feed(command(11, accepted(BUY, 100, 4)) + command(12, accepted(BUY, 100, 2)))
    book.feed(command(13, Event(type=EventType.CANCELED, side=BUY, price=98, previous_leaves=1, flags=ON_BOOK)))
    raw = book.take_delta(0)
    delta = pb.DepthDelta.FromString(raw)
    assert (delta.first_sequence, delta.last_sequence, delta.previous_sequence) == (11, 13, 10)
    assert levels_of(delta) == ([(100, 6), (98, 0)], [])
    assert (delta.symbol, delta.engine_time_ns, int(delta.phase)) == ("BTCUSDT", 1013, Phase.OPEN)
    assert delta.SerializeToString() == raw
    book.feed(command(14, Event(type=EventType.REJECTED)))
    assert book.take_delta(0) == b""
    phase = Event(type=EventType.PHASE_CHANGED, command_type=CommandType.SET_PHASE, phase=Phase.HALT)
    book.feed(command(15, phase))
    delta = pb.DepthDelta.FromString(book.take_delta(0))
    assert (delta.first_sequence, delta.last_sequence, delta.previous_sequence, int(delta.phase)) == (
        14,
        15,
        13,
        Phase.HALT,
    )
    assert levels_of(delta) == ([], [])


def test_a_snapshot_in_between_becomes_a_delta() -> None:
    """Another answer replaces the book; who follows deltas gets the difference, without a break in the chain."""
    book = ready_book([(BUY, 99, 10), (SELL, 101, 10)])
    book.expect_snapshot(ORIGIN)
    book.feed(answer([(BUY, 97, 3), (SELL, 101, 9)], 20))
    delta = pb.DepthDelta.FromString(book.take_delta(0))
    assert (delta.previous_sequence, delta.last_sequence) == (10, 20)
    assert levels_of(delta) == ([(99, 0), (97, 3)], [(101, 9)])


def test_what_is_part_of_the_book_is_passed_over() -> None:
    """Events up to the snapshot's sequence, and events that come again, change nothing."""
    book = ready_book([(BUY, 99, 10)])
    book.feed(command(9, accepted(BUY, 99, 5)) + command(10, accepted(BUY, 99, 5)) + command(11, accepted(BUY, 99, 1)))
    book.feed(command(11, accepted(BUY, 99, 1)))
    assert snapshot(book) == ([(99, 11)], [])


IMPOSSIBLE = {
    "a gap": (12, accepted(BUY, 99, 1)),
    "a cancel of more than there is": (
        11,
        Event(type=EventType.CANCELED, side=BUY, price=99, previous_leaves=11, flags=ON_BOOK),
    ),
    "a cancel at an empty level": (
        11,
        Event(type=EventType.CANCELED, side=BUY, price=98, previous_leaves=1, flags=ON_BOOK),
    ),
    "a trade with nobody": (11, Event(type=EventType.TRADE, side=BUY, price=99, quantity=1)),
    "a trade of nothing": (11, Event(type=EventType.TRADE, side=SELL, price=99, quantity=0)),
    "an order without a side": (11, accepted(0, 99, 1)),
    "a negative order": (11, accepted(BUY, 99, -1)),
    "an order that grew": (
        11,
        Event(type=EventType.REDUCED, side=BUY, price=99, leaves=2, previous_leaves=1, flags=ON_BOOK),
    ),
    "an overflow": (11, accepted(BUY, 99, 2**63 - 1)),
    "an amend of more than there is": (
        11,
        Event(type=EventType.AMENDED, side=BUY, previous_price=99, previous_leaves=11),
    ),
}


@pytest.mark.parametrize("what", IMPOSSIBLE)
def test_impossible_events_are_errors(what: str) -> None:
    """A book that cannot be right says so and is not shown again before another snapshot."""
    sequence, event = IMPOSSIBLE[what]
    book = ready_book([(BUY, 99, 10)])
    with pytest.raises(ValueError):
        book.feed(command(sequence, event))
    assert not book.ready
    assert book.take_delta(0) == b""
    book.expect_snapshot(ORIGIN)
    book.feed(answer([(BUY, 99, 10)], 30))
    assert book.ready
    assert snapshot(book) == ([(99, 10)], [])
    assert book.take_delta(0) == b""


def test_an_answer_with_levels_missing_is_an_error() -> None:
    """DEPTH_END says how many levels there were."""
    book = native.DepthBook("BTCUSDT")
    book.expect_snapshot(ORIGIN)
    with pytest.raises(ValueError, match="missing"):
        book.feed(answer([(BUY, 99, 10), (BUY, 98, 10)], 5)[192:])
    assert not book.ready


class Orders:
    """Single resting orders, the obvious way; makes the events of a random flow."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.orders: dict[int, list[int]] = {}  # id -> [side, price, lots]

    def step(self, sequence: int) -> bytes:
        """One random command's events."""
        if self.orders and self.rng.random() < 0.5:
            number = self.rng.choice(list(self.orders))
            return command(sequence, self._change(number))
        side, price, lots = self.rng.choice((BUY, SELL)), self.rng.randint(90, 110), self.rng.randint(1, 9)
        events = [accepted(side, price, lots, on_book=False)]
        lots = self._match(side, price, lots, events)
        if lots:
            self.orders[sequence] = [side, price, lots]
            events.append(Event(type=EventType.RESTED, side=side, price=price, leaves=lots, flags=ON_BOOK))
        return command(sequence, *events)

    def _change(self, number: int) -> Event:
        side, price, lots = self.orders.pop(number)
        if lots == 1 or self.rng.random() < 0.5:
            return Event(type=EventType.CANCELED, side=side, price=price, previous_leaves=lots, flags=ON_BOOK)
        fewer = self.rng.randint(1, lots - 1)
        self.orders[number] = [side, price, fewer]
        amend = Event(type=EventType.AMENDED, side=side, price=price, leaves=fewer, flags=ON_BOOK)
        amend.previous_price, amend.previous_leaves = price, lots
        return amend

    def _match(self, side: int, price: int, lots: int, events: list[Event]) -> int:
        sign = 1 if side == BUY else -1
        crossed = [each for each in self.orders.items() if each[1][0] != side and sign * (price - each[1][1]) >= 0]
        for number, maker in sorted(crossed, key=lambda each: (sign * each[1][1], each[0])):
            if not lots:
                break
            traded = min(lots, maker[2])
            lots, maker[2] = lots - traded, maker[2] - traded
            events.append(Event(type=EventType.TRADE, side=side, price=maker[1], quantity=traded))
            if not maker[2]:
                del self.orders[number]
        return lots

    def levels(self) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """(bids, asks), best first."""
        totals: dict[tuple[int, int], int] = {}
        for side, price, lots in self.orders.values():
            totals[side, price] = totals.get((side, price), 0) + lots
        bids = sorted(((price, lots) for (side, price), lots in totals.items() if side == BUY), reverse=True)
        return bids, sorted((price, lots) for (side, price), lots in totals.items() if side == SELL)


@pytest.mark.parametrize("seed", range(5))
def test_a_random_flow_and_a_reader_of_deltas(seed: int) -> None:
    """After every command the levels are those of the single orders, and a reader who applies the deltas to
    its first snapshot holds the same book."""
    model, book = Orders(seed), ready_book([], 0)
    held: dict[bool, dict[int, int]] = {True: {}, False: {}}
    for sequence in range(1, 1001):
        book.feed(model.step(sequence))
        assert snapshot(book, 10_000) == model.levels()
        if model.rng.random() < 0.3 and (raw := book.take_delta(0)):
            delta = pb.DepthDelta.FromString(raw)
            for is_bid, changes in ((True, delta.bids), (False, delta.asks)):
                held[is_bid] |= {each.price_ticks: each.quantity_lots for each in changes}
                held[is_bid] = {price: lots for price, lots in held[is_bid].items() if lots}
            assert (sorted(held[True].items(), reverse=True), sorted(held[False].items())) == model.levels()

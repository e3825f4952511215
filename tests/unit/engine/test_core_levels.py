"""The level structure against a sorted dictionary, over the whole range of prices."""

from __future__ import annotations

import random

import pytest

from tests.oracle.records import Command, CommandType, EventType, OrderType, Side, TimeInForce, unpack_events
from tidegate.engine.core import Book

PRICE_MAX = 2**31 - 1
LEFT, MIDDLE, RIGHT = 1, 1 << 30, PRICE_MAX

# Where bids and asks are put: widths in ticks that cross words, summaries of words, and everything.
BANDS = {"a word": 60, "some words": 5_000, "summaries": 400_000, "far": 60_000_000, "everything": MIDDLE - 1}


def depth(book: Book) -> tuple[dict[int, int], dict[int, int]]:
    """Price to lots of both sides, in the order in which the book tells them."""
    events = unpack_events(book.apply(Command(CommandType.QUERY_DEPTH).pack()))
    sides: dict[int, dict[int, int]] = {Side.BUY: {}, Side.SELL: {}}
    for event in events[:-1]:
        sides[event.side][event.price] = event.leaves
    return sides[Side.BUY], sides[Side.SELL]


@pytest.mark.parametrize("band", BANDS.values(), ids=BANDS.keys())
def test_levels_are_those_of_a_sorted_dictionary(band: int) -> None:
    """Random orders and cancels on both sides: same levels, same totals, same best prices, down to empty."""
    rng = random.Random(band)
    book = Book(orders_max=256, accounts_max=4)
    resting: dict[int, tuple[int, int]] = {}
    sequence = 0
    for step in range(3_000):
        growing = step < 2_000 and len(resting) < 250
        if growing and rng.random() < 0.6:
            buys = rng.random() < 0.5
            offset = 1 + min(band - 1, int(rng.expovariate(8 / band)) if rng.random() < 0.8 else rng.randrange(band))
            price = MIDDLE - offset if buys else MIDDLE + offset
            side = Side.BUY if buys else Side.SELL
            sequence += 1
            (event,) = unpack_events(
                book.apply(
                    Command(1, 1, side, OrderType.LIMIT, TimeInForce.GTC, price=price, quantity=1 + step % 7).pack()
                )
            )
            assert event.type == EventType.ACCEPTED
            resting[sequence] = (price, 1 + step % 7)
        elif resting:
            order_id = rng.choice(list(resting))
            del resting[order_id]
            sequence += 1
            book.apply(Command(CommandType.CANCEL, account=1, order_id=order_id).pack())
        bids = [price for price, _ in resting.values() if price < MIDDLE]
        asks = [price for price, _ in resting.values() if price > MIDDLE]
        assert (book.best_bid, book.best_ask) == (max(bids, default=0), min(asks, default=0))
        if step % 100 == 0:
            totals: dict[int, int] = {}
            for price, quantity in resting.values():
                totals[price] = totals.get(price, 0) + quantity
            told_bids, told_asks = depth(book)
            assert list(told_bids.items()) == sorted(((p, q) for p, q in totals.items() if p < MIDDLE), reverse=True)
            assert list(told_asks.items()) == sorted((p, q) for p, q in totals.items() if p > MIDDLE)
    assert book.open_orders == len(resting)


def test_the_ends_of_the_range() -> None:
    """Orders at the first and the last tick are levels like any other, and trade."""
    book = Book(orders_max=8, accounts_max=4)
    for side, price in ((Side.BUY, LEFT), (Side.SELL, RIGHT)):
        book.apply(Command(1, 1, side, OrderType.LIMIT, TimeInForce.GTC, price=price, quantity=1).pack())
    assert (book.best_bid, book.best_ask) == (LEFT, RIGHT)
    for side in (Side.BUY, Side.SELL):
        events = unpack_events(book.apply(Command(1, 2, side, OrderType.MARKET, TimeInForce.IOC, quantity=1).pack()))
        assert events[-1].type == EventType.TRADE
    assert (book.best_bid, book.best_ask, book.open_orders) == (0, 0, 0)


def test_run_gives_what_apply_gives() -> None:
    """The benchmark's way through the book counts the same events, whatever the batch."""
    rng = random.Random(1)
    flow = b"".join(
        Command(
            1,
            rng.randrange(1, 9),
            rng.randrange(1, 3),
            1,
            rng.randrange(1, 5),
            price=rng.randrange(90, 111),
            quantity=3,
        ).pack()
        for _ in range(5_000)
    )
    expected = len(Book(orders_max=1 << 12).apply(flow)) // 192
    for batch in (1, 7, 5_000):
        seconds, events = Book(orders_max=1 << 12).run(flow, batch)
        assert events == expected
        assert seconds > 0

"""Icebergs in the core: slices, priority, what the book shows (ORD-2), and what a FOK may count on (ORD-7)."""

from __future__ import annotations

import pytest

from tests.oracle.records import Command, CommandType, EventType, MakerFlag, Reason, SelfTradePrevention, TimeInForce
from tests.unit.engine.core_kit import amend, buy, do, open_shard, sell
from tidegate.engine.core import Shard


def shown(shard: Shard) -> list[tuple[int, int]]:
    """Price and lots of every level, as everybody sees them."""
    return [(event.price, event.leaves) for event in do(shard, Command(CommandType.QUERY_DEPTH))[:-1]]


def test_each_slice_waits_its_turn() -> None:
    """After its slice an iceberg goes behind those who came meanwhile."""
    shard = open_shard()
    (iceberg,) = do(shard, sell(1, 100, 10, display=3))
    do(shard, sell(2, 100, 2))
    assert (iceberg.display, iceberg.shown, iceberg.shown_before, shown(shard)) == (3, 3, 0, [(100, 5)])
    trades = [event for event in do(shard, buy(3, 100, 7)) if event.type == EventType.TRADE]
    assert [(t.maker_account, t.quantity, t.maker_shown_before, t.maker_shown) for t in trades] == [
        (1, 3, 3, 3),
        (2, 2, 0, 0),
        (1, 2, 3, 1),
    ]
    assert trades[0].maker_flags == MakerFlag.MAKER_ICEBERG
    assert shown(shard) == [(100, 1)], "four of its lots are hidden"


@pytest.mark.parametrize(("taken", "left_shown"), [(1, 2), (3, 3), (4, 2), (5, 1), (6, 3), (9, 1)], ids=str)
def test_alone_in_its_level_it_trades_through_its_slices_at_once(taken: int, left_shown: int) -> None:
    """One TRADE, and it shows what is left of the slice that was reached."""
    shard = open_shard()
    do(shard, sell(1, 100, 10, display=3))
    trades = [event for event in do(shard, buy(2, 100, taken)) if event.type == EventType.TRADE]
    assert [trade.quantity for trade in trades] == [taken]
    assert (trades[0].maker_shown, shown(shard)) == (left_shown, [(100, left_shown)])


def test_what_lowers_it_without_a_trade_leaves_what_is_shown() -> None:
    """An amend to less, a decrement and a reduction show min(shown, leaves)."""
    shard = open_shard()
    (iceberg,) = do(shard, sell(1, 100, 10, display=4))
    (less,) = do(shard, amend(1, iceberg.order_id, quantity=6))
    assert (less.shown_before, less.shown) == (4, 4)
    (less,) = do(shard, amend(1, iceberg.order_id, quantity=3))
    assert (less.shown_before, less.shown, shown(shard)) == (4, 3, [(100, 3)])
    reduced, _ = do(shard, buy(1, 100, 2, stp_mode=SelfTradePrevention.DECREMENT))[1:]
    assert (reduced.type, reduced.shown_before, reduced.shown) == (EventType.REDUCED, 3, 1)
    (more,) = do(shard, amend(1, iceberg.order_id, quantity=9))
    assert (more.shown_before, more.shown) == (1, 4)


@pytest.mark.parametrize(("quantity", "fills"), [(12, True), (13, False)])
def test_a_fok_counts_what_is_hidden(quantity: int, fills: bool) -> None:
    """Ten of an iceberg and two behind it in the same level."""
    shard = open_shard()
    do(shard, sell(1, 100, 10, display=3), sell(2, 100, 2))
    events = do(shard, buy(3, 100, quantity, time_in_force=TimeInForce.FOK))
    assert (events[1].type == EventType.TRADE) == fills
    assert fills or events[1].reason == Reason.FOK_NOT_FILLABLE


def test_as_a_taker_it_trades_with_its_whole_size() -> None:
    """And shows a slice of what is left."""
    shard = open_shard()
    do(shard, buy(2, 100, 7))
    accepted, trade, rested = do(shard, sell(1, 100, 10, display=2))
    assert (accepted.shown, trade.quantity, rested.shown, rested.leaves) == (0, 7, 2, 3)


@pytest.mark.parametrize(
    ("quantity", "display", "more"),
    [(10, -1, {}), (10, 11, {}), (101, 1, {}), (10, 2, {"time_in_force": TimeInForce.IOC})],
    ids=["negative", "more than all", "too many slices", "never rests"],
)
def test_displays_that_are_refused(quantity: int, display: int, more: dict[str, int]) -> None:
    """INVALID_DISPLAY, and one slice less is taken."""
    shard = open_shard()
    (event,) = do(shard, sell(1, 100, quantity, display=display, **more))
    assert event.reason == Reason.INVALID_DISPLAY
    assert do(shard, sell(1, 100, 100, display=1))[0].type == EventType.ACCEPTED

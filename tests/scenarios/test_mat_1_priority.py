"""MAT-1: strict price, then time; trades at the maker's price; one event per maker; trade ids without gaps."""

import pytest

from tests.oracle.records import EventType
from tests.scenarios.market import Market

pytestmark = pytest.mark.rule("MAT-1")


def test_better_price_first_then_older() -> None:
    """A taker meets the best level first, and within it the order that came first."""
    m = Market()
    m.after("ann a1 sell 2 @ 101", "bob b1 sell 2 @ 100", "cat c1 sell 2 @ 100", "ann a2 sell 2 @ 102")
    assert m.does("dan d1 buy 7 @ 102") == [
        "d1 ACCEPTED 7 @ 102",
        "TRADE 2 @ 100 of d1 with b1",
        "TRADE 2 @ 100 of d1 with c1",
        "TRADE 2 @ 101 of d1 with a1",
        "TRADE 1 @ 102 of d1 with a2",
    ]
    assert m.depth() == ["sell 1 @ 102 in 1"]


def test_trades_at_the_makers_price() -> None:
    """The taker gets the better price that was there, on either side."""
    m = Market()
    assert m.after("ann a1 buy 3 @ 105", "bob b1 sell 3 @ 100")[-1] == "TRADE 3 @ 105 of b1 with a1"
    assert m.after("ann a2 sell 3 @ 100", "bob b2 buy 3 @ 105")[-1] == "TRADE 3 @ 100 of b2 with a2"


def test_a_partly_filled_maker_keeps_its_place() -> None:
    """What is left of the oldest maker still trades before younger ones."""
    m = Market()
    m.after("ann a1 sell 5 @ 100", "bob b1 sell 5 @ 100", "cat c1 buy 2 @ 100")
    assert m.does("cat c2 buy 4 @ 100")[1:] == ["TRADE 3 @ 100 of c2 with a1", "TRADE 1 @ 100 of c2 with b1"]


def test_trade_ids_have_no_gaps() -> None:
    """1, 2, 3 … over commands, whatever lies between; both sides' figures are in the event."""
    m = Market()
    m.after("ann a1 sell 1 @ 100", "ann a2 sell 1 @ 100", "ann a3 sell 5 @ 101", "bob b1 buy 2 @ 100")
    trades = [event for event in m.events if event.type == EventType.TRADE]
    m.after("bob b2 buy 1 @ 99 IOC", "bob b3 buy 1 @ 101")
    trades += [event for event in m.events if event.type == EventType.TRADE]
    assert [trade.trade_id for trade in trades] == [1, 2, 3]
    last = trades[-1]
    assert (last.filled, last.leaves, last.maker_filled, last.maker_leaves) == (1, 0, 1, 4)
    assert (last.position, last.maker_position) == (3, -3)


def test_what_crosses_rests_behind_nobody() -> None:
    """The rest of a GTC that has swept its price rests there, alone, on its own side."""
    m = Market()
    told = m.after("ann a1 sell 2 @ 100", "bob b1 buy 5 @ 100")
    assert told == ["b1 ACCEPTED 5 @ 100", "TRADE 2 @ 100 of b1 with a1", "b1 RESTED 3 @ 100, rests"]
    assert m.depth() == ["buy 3 @ 100 in 1"]

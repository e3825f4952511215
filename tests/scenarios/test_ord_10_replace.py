"""ORD-10: one cancel and one place in one step."""

from __future__ import annotations

import pytest

from tests.oracle.records import Rules
from tests.scenarios.market import Market

pytestmark = pytest.mark.rule("ORD-10")


@pytest.mark.parametrize("how", ["", " by-client"])
def test_both_in_one_command(how: str) -> None:
    """The old one goes, the new one comes, under one sequence."""
    m = Market()
    m.does("ann a1 buy 5 @ 100")
    assert m.does(f"ann replace a1 with a2 buy 6 @ 101{how}") == [
        "a1 CANCELED 5 -> 0 @ 100, rests: REPLACED",
        "a2 ACCEPTED 6 @ 101, rests",
    ]
    assert len({event.sequence for event in m.events}) == 1


def test_nothing_to_cancel() -> None:
    """The choice: stop there, or go on."""
    m = Market()
    m.after("ann a1 buy 5 @ 100", "ann cancel a1")
    assert m.does("ann replace a1 with a2 buy 6 @ 101") == ["a2 REJECTED 0 @ 101: CANCEL_FAILED"]
    assert m.does("ann replace a1 with a3 buy 6 @ 101 go-on") == ["a3 ACCEPTED 6 @ 101, rests"]


def test_a_refused_order_leaves_the_old_one() -> None:
    """All or nothing."""
    m = Market(rules=Rules(price_max=200))
    m.does("ann a1 buy 5 @ 100")
    assert m.does("ann replace a1 with a2 buy 6 @ 201") == ["a2 REJECTED 0 @ 201: PRICE_OUT_OF_RANGE"]
    assert m.queue("buy") == ["a1"]


def test_the_old_order_makes_room() -> None:
    """One open order is allowed, and one there is; the table of the book is full."""
    m = Market(rules=Rules(open_orders_max=1), orders_max=1)
    m.does("ann a1 buy 5 @ 100")
    assert m.does("ann replace a1 with a2 buy 6 @ 101")[1] == "a2 ACCEPTED 6 @ 101, rests"


def test_another_accounts_order_is_none() -> None:
    """It stays, and nobody learns that it is there."""
    m = Market()
    m.does("bob b1 buy 5 @ 100")
    assert m.does("ann replace b1 with a1 buy 6 @ 101") == ["a1 REJECTED 0 @ 101: CANCEL_FAILED"]
    assert m.queue("buy") == ["b1"]


def test_the_new_order_trades() -> None:
    """Also with what the old one would have kept it from: its own account's."""
    m = Market()
    m.after("ann a1 sell 5 @ 100", "bob b1 sell 5 @ 100")
    assert m.does("ann replace a1 with a2 buy 5 @ 100")[1:] == [
        "a2 ACCEPTED 5 @ 100",
        "TRADE 5 @ 100 of a2 with b1",
    ]


def test_a_trigger_order_for_another() -> None:
    """They wait under the same limit."""
    m = Market(rules=Rules(trigger_orders_max=1))
    m.after("prices mark=100", "ann s1 buy 5 STOP_MARKET trigger=105")
    assert m.does("ann s2 buy 5 STOP_MARKET trigger=106")[0].endswith("TOO_MANY_TRIGGER_ORDERS")
    assert m.does("ann replace s1 with s3 buy 5 STOP_MARKET trigger=107") == [
        "s1 CANCELED 5 -> 0: REPLACED",
        "s3 ACCEPTED 5, waits for 107",
    ]


def test_a_quote_cannot_be_replaced() -> None:
    """It has a way of its own."""
    m = Market()
    m.does("mm quote q1 5 @ 99 / 5 @ 101")
    assert m.does("mm replace q1 with a1 buy 5 @ 98") == ["a1 REJECTED 0 @ 98: CANCEL_FAILED"]


def test_repeated() -> None:
    """The same request again gives the order as it is, and cancels nothing twice (ORD-3)."""
    m = Market()
    m.after("ann a1 buy 5 @ 100", "ann replace a1 with a2 buy 6 @ 101")
    assert m.does("ann replace a1 with a2 buy 6 @ 101") == ["a2 ORDER_STATE 6 @ 101, again"]

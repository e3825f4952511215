"""LIM-2 as far as the engine answers it: open orders and triggers of an account in a symbol."""

from __future__ import annotations

import pytest

from tests.oracle.records import REDUCE_ONLY_RESTING_MAX, Rules
from tests.scenarios.market import Market

pytestmark = pytest.mark.rule("LIM-2")


def test_open_orders_and_triggers_have_their_own_limits() -> None:
    """Two of each; the one does not use up the other."""
    m = Market(rules=Rules(open_orders_max=2, trigger_orders_max=2))
    m.after("prices mark=100", "ann a1 buy 1 @ 90", "ann a2 buy 1 @ 90")
    m.after("ann s1 buy 1 STOP_MARKET trigger=110", "ann s2 buy 1 STOP_MARKET trigger=110")
    assert m.does("ann a3 buy 1 @ 90")[0].endswith("TOO_MANY_OPEN_ORDERS")
    assert m.does("ann s3 buy 1 STOP_MARKET trigger=110")[0].endswith("TOO_MANY_TRIGGER_ORDERS")
    assert "ACCEPTED" in m.does("bob b1 buy 1 @ 90")[0]


def test_what_cannot_rest_is_not_counted() -> None:
    """IOC, FOK and MARKET go on."""
    m = Market(rules=Rules(open_orders_max=1))
    m.does("ann a1 buy 1 @ 90")
    for number, words in enumerate(("buy 1 @ 90 IOC", "buy 1 @ 90 FOK", "buy 1")):
        assert "ACCEPTED" in m.does(f"ann t{number} {words}")[0]


def test_a_cancel_makes_room() -> None:
    """At once."""
    m = Market(rules=Rules(open_orders_max=1, trigger_orders_max=1))
    m.after("prices mark=100", "ann a1 buy 1 @ 90", "ann cancel a1")
    assert "ACCEPTED" in m.does("ann a2 buy 1 @ 90")[0]
    m.after("ann s1 buy 1 STOP_MARKET trigger=110", "ann cancel s1")
    assert "ACCEPTED" in m.does("ann s2 buy 1 STOP_MARKET trigger=110")[0]


def test_a_triggered_order_that_rests_counts_as_an_open_one() -> None:
    """From then on; it has its room even where a new order would not."""
    m = Market(rules=Rules(open_orders_max=1, trigger_orders_max=1))
    m.after("prices mark=100", "ann a1 buy 1 @ 90", "ann s1 buy 1 STOP @ 95 trigger=110")
    assert m.does("prices mark=110")[-1] == "s1 RESTED 1 @ 95, rests"
    assert "ACCEPTED" in m.does("ann s2 buy 1 STOP_MARKET trigger=120")[0]
    m.does("ann cancel a1")
    assert m.does("ann a2 buy 1 @ 90")[0].endswith("TOO_MANY_OPEN_ORDERS")


def test_resting_reduce_only_orders() -> None:
    """256 of an account: each of its fills may have to lower them all."""
    m = Market(rules=Rules(open_orders_max=1_000))
    m.after("hal h1 sell 5 @ 100", "ann a0 buy 5 @ 100")
    for number in range(REDUCE_ONLY_RESTING_MAX):
        assert "ACCEPTED" in m.does(f"ann r{number} sell 1 @ {110 + number} reduce-only")[0]
    assert m.does("ann r999 sell 1 @ 110 reduce-only")[0].endswith("TOO_MANY_REDUCE_ONLY")
    assert "ACCEPTED" in m.does("ann a2 sell 1 @ 110")[0]

"""ORD-11: two-sided quotes, keyed by quote id, each replacing the last one with that key in one step."""

from __future__ import annotations

import pytest

from tests.oracle.records import ASK_OF_QUOTE, EventType, Rules
from tests.scenarios.market import Market

pytestmark = pytest.mark.rule("ORD-11")


def quoted() -> Market:
    """mm quotes 5 @ 99 / 6 @ 101, behind bob's orders of the same prices."""
    m = Market()
    m.after("bob b1 buy 1 @ 99", "bob b2 sell 1 @ 101", "mm quote q1 5 @ 99 / 6 @ 101")
    return m


def test_a_quote_is_two_orders() -> None:
    """Both with ids from the one command, and a summary."""
    m = Market()
    assert m.does("mm quote q1 5 @ 99 / 6 @ 101") == [
        "q1 ACCEPTED 5 @ 99, rests",
        "q1 ACCEPTED 6 @ 101, rests",
        "q1 QUOTED 5 @ 99 / 6 @ 101",
    ]
    bid, ask, both = m.events
    assert ask.order_id == bid.order_id | ASK_OF_QUOTE
    assert (both.order_id, both.maker_order_id) == (bid.order_id, ask.order_id)
    assert m.depth() == ["buy 5 @ 99 in 1", "sell 6 @ 101 in 1"]


def test_an_unchanged_side_keeps_its_place() -> None:
    """Nothing is told of it but the summary; the other side moves."""
    m = quoted()
    m.does("cat c1 buy 3 @ 99")
    assert m.does("mm quote q1 5 @ 99 / 6 @ 102") == ["q1 AMENDED 6 -> 6 @ 102, rests", "q1 QUOTED 5 @ 99 / 6 @ 102"]
    assert m.queue("buy") == ["b1", "q1", "c1"]


@pytest.mark.parametrize(("lots", "queue"), [(4, ["b1", "q1", "c1"]), (6, ["b1", "c1", "q1"])])
def test_less_keeps_its_place_and_more_loses_it(lots: int, queue: list[str]) -> None:
    """As any amend (ORD-5)."""
    m = quoted()
    m.does("cat c1 buy 3 @ 99")
    assert m.does(f"mm quote q1 {lots} @ 99 / 6 @ 101")[0] == f"q1 AMENDED 5 -> {lots} @ 99, rests"
    assert m.queue("buy") == queue


def test_a_quantity_of_nothing_withdraws_a_side() -> None:
    """One, then the other."""
    m = quoted()
    assert m.does("mm quote q1 0 @ 0 / 6 @ 101")[0] == "q1 CANCELED 5 -> 0 @ 99, rests: USER_REQUEST"
    assert m.does("mm quote q1 0 @ 0 / 0 @ 0")[0] == "q1 CANCELED 6 -> 0 @ 101, rests: USER_REQUEST"
    assert m.queue("buy") == ["b1"]


def test_a_quote_that_moves_over_its_own_other_side_does_not_meet_it() -> None:
    """From 99 / 101 to 102 / 104 in one step: bob's ask trades, its own was gone before."""
    m = quoted()
    assert m.does("mm quote q1 5 @ 102 / 6 @ 104") == [
        "q1 AMENDED 5 -> 5 @ 102",
        "TRADE 1 @ 101 of q1 with b2",
        "q1 RESTED 4 @ 102, rests",
        "q1 AMENDED 6 -> 6 @ 104, rests",
        "q1 QUOTED 4 @ 102 / 6 @ 104",
    ]


def test_after_a_fill_the_same_quote_fills_up_again() -> None:
    """2 of 5 were taken: 5 means 5 open."""
    m = Market()
    m.after("mm quote q1 5 @ 99 / 6 @ 101", "bob b1 sell 2 @ 99")
    assert m.does("mm quote q1 5 @ 99 / 6 @ 101") == ["q1 AMENDED 3 -> 5 @ 99, rests", "q1 QUOTED 5 @ 99 / 6 @ 101"]
    assert m.events[0].quantity == 7


def test_two_quotes_of_one_account() -> None:
    """Each key is a quote of its own; other accounts' keys are other quotes."""
    m = Market()
    m.after("mm quote q1 5 @ 99 / 5 @ 101", "mm quote q2 5 @ 98 / 5 @ 102", "nn quote q1 5 @ 97 / 5 @ 103")
    assert len(m.depth()) == 6


@pytest.mark.parametrize(
    ("quote", "reason"),
    [
        ("5 @ 100 / 5 @ 100", "QUOTE_CROSSED"),
        ("5 @ 101 / 5 @ 100", "QUOTE_CROSSED"),
        ("-1 @ 99 / 5 @ 101", "QUANTITY_OUT_OF_RANGE"),
        ("5 @ 99 / -1 @ 101", "QUANTITY_OUT_OF_RANGE"),
        ("5 @ 0 / 5 @ 101", "PRICE_OUT_OF_RANGE"),
        ("5 @ 99 / 5 @ 201", "PRICE_OUT_OF_RANGE"),
        ("1 @ 99 / 5 @ 101", "NOTIONAL_TOO_SMALL"),
        ("5 @ 99 / 1 @ 101", "NOTIONAL_TOO_SMALL"),
        ("5 @ 99 / 5 @ 101 group=17", "INVALID_GROUP"),
        ("5 @ 101 / 5 @ 103 GTX", "POST_ONLY_WOULD_CROSS"),
    ],
)
def test_one_refusal_for_both_sides(quote: str, reason: str) -> None:
    """Nothing changes: the quote that was there stays."""
    m = Market(rules=Rules(price_max=200, notional_min=150))
    m.after("mm quote q1 7 @ 98 / 7 @ 102", "bob b2 sell 5 @ 101")
    (told,) = m.does(f"mm quote q1 {quote}")
    assert told.endswith(reason)
    assert (m.events[0].type, m.events[0].order_id) == (EventType.REJECTED, 0)
    assert m.queue("buy") == ["q1"]


def test_quotes_count_as_open_orders() -> None:
    """Two sides, two orders; a quote that replaces one adds none."""
    m = Market(rules=Rules(open_orders_max=3))
    m.after("mm quote q1 5 @ 99 / 5 @ 101")
    assert m.does("mm quote q2 5 @ 98 / 5 @ 102")[0].endswith("TOO_MANY_OPEN_ORDERS")
    assert m.does("mm quote q2 5 @ 98 / 0 @ 102")[0] == "q2 ACCEPTED 5 @ 98, rests"
    assert m.does("mm quote q1 5 @ 97 / 5 @ 103")[0] == "q1 AMENDED 5 -> 5 @ 97, rests"


def test_a_quote_id_is_no_client_order_id() -> None:
    """An order may have the same number; orders are found by theirs, a quote's sides by order id."""
    m = Market()
    m.after("mm quote q1 5 @ 99 / 5 @ 101")
    assert m.does("mm ask q1") == ["NOT_FOUND"]
    assert m.does("mm ask q1/ask") == ["q1 ORDER_STATE 5 @ 101"]
    assert m.does("mm q1 buy 1 @ 90") == ["q1 ACCEPTED 1 @ 90, rests"]


def test_a_side_can_be_canceled_but_not_amended() -> None:
    """By its order id."""
    m = Market()
    m.after("mm quote q1 5 @ 99 / 5 @ 101")
    assert m.does("mm cancel q1/bid") == ["q1 CANCELED 5 -> 0 @ 99, rests: USER_REQUEST"]
    assert m.does("bob cancel q1/ask") == ["REJECTED: UNKNOWN_ORDER"]
    assert m.does("mm quote q1 5 @ 99 / 5 @ 101")[0] == "q1 ACCEPTED 5 @ 99, rests"


def test_ended_quotes_are_forgotten() -> None:
    """They are not remembered for lookups."""
    m = Market()
    m.after("mm quote q1 5 @ 99 / 5 @ 101", "mm cancel q1/bid")
    assert m.does("mm ask q1/bid") == ["NOT_FOUND"]


def test_quotes_only_in_one_way_mode() -> None:
    """A quote has no leg."""
    m = Market()
    m.does("mm mode HEDGE")
    assert m.does("mm quote q1 5 @ 99 / 5 @ 101")[0].endswith("INVALID_POSITION_SIDE")

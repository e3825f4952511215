"""ORD-11: market-maker protection pulls a group's orders in the same step, and freezes it until reset."""

from __future__ import annotations

import pytest

from tests.scenarios.market import Market

pytestmark = pytest.mark.rule("ORD-11")


def protected(limits: str) -> Market:
    """mm quotes two levels of 5 lots in group 1, at 99 / 101 and 98 / 102."""
    m = Market()
    m.does(f"mm protect 1 window=1000 {limits}")
    m.after("mm quote q1 5 @ 99 / 5 @ 101 group=1", "mm quote q2 5 @ 98 / 5 @ 102 group=1")
    return m


def tripped(told: list[str]) -> bool:
    """Whether protection has tripped."""
    return "PROTECTION 1: MARKET_MAKER_PROTECTION" in told


@pytest.mark.parametrize(
    ("limits", "fills"),
    [("fills=2", ["1", "1"]), ("lots=4", ["3", "1"]), ("lots=4", ["5"]), ("notional=400", ["3", "1"])],
)
def test_each_limit(limits: str, fills: list[str]) -> None:
    """It trips with the fill that reaches it, not before."""
    m = protected(limits)
    for number, lots in enumerate(fills):
        told = m.does(f"bob b{number} buy {lots} @ 101")
        assert tripped(told) == (number == len(fills) - 1)


def test_everything_of_the_group_goes_in_the_same_step() -> None:
    """Quotes, oldest first, and a plain order of the group; not another group's."""
    m = protected("fills=1")
    m.after("mm a1 buy 1 @ 90 group=1", "mm a2 buy 1 @ 89 group=2", "mm a3 buy 1 @ 88")
    assert m.does("bob b1 buy 2 @ 101") == [
        "b1 ACCEPTED 2 @ 101",
        "TRADE 2 @ 101 of b1 with q1",
        "PROTECTION 1: MARKET_MAKER_PROTECTION",
        "q1 CANCELED 5 -> 0 @ 99, rests: MARKET_MAKER_PROTECTION",
        "q1 CANCELED 3 -> 0 @ 101, rests: MARKET_MAKER_PROTECTION",
        "q2 CANCELED 5 -> 0 @ 98, rests: MARKET_MAKER_PROTECTION",
        "q2 CANCELED 5 -> 0 @ 102, rests: MARKET_MAKER_PROTECTION",
        "a1 CANCELED 1 -> 0 @ 90, rests: MARKET_MAKER_PROTECTION",
    ]
    assert m.queue("buy") == ["a2", "a3"]
    fills, lots, notional = m.events[2].filled, m.events[2].leaves, m.events[2].previous_price
    assert (fills, lots, notional) == (1, 2, 202)


def test_a_sweep_meets_no_more_of_the_group() -> None:
    """After the first fill the second level is gone."""
    m = protected("fills=1")
    told = m.does("bob b1 buy 10 @ 102")
    assert sum("TRADE" in line for line in told) == 1
    assert told[-1] == "b1 RESTED 5 @ 102, rests"


def test_frozen_until_reset() -> None:
    """New quotes, orders, amends and replaces are refused."""
    m = protected("fills=1")
    m.after("mm a3 buy 1 @ 88 group=2", "bob b1 buy 1 @ 101")
    assert m.does("mm quote q1 5 @ 99 / 5 @ 101 group=1")[0].endswith("PROTECTION_FROZEN")
    assert m.does("mm a4 buy 1 @ 90 group=1")[0].endswith("PROTECTION_FROZEN")
    assert m.does("mm replace a3 with a5 buy 1 @ 90 group=1")[0].endswith("PROTECTION_FROZEN")
    assert m.does("mm a6 buy 1 @ 90") == ["a6 ACCEPTED 1 @ 90, rests"]
    assert m.does("mm reset 1") == ["PROTECTION 1: USER_REQUEST"]
    assert m.does("mm quote q1 5 @ 99 / 5 @ 101 group=1")[0] == "q1 ACCEPTED 5 @ 99, rests"


def test_time_alone_does_not_thaw_it() -> None:
    """Nor do new limits."""
    m = protected("fills=1")
    m.does("bob b1 buy 1 @ 101")
    m.wait(100_000)
    m.does("mm protect 1 window=1000 fills=5")
    assert m.does("mm quote q1 5 @ 99 / 5 @ 101 group=1")[0].endswith("PROTECTION_FROZEN")


@pytest.mark.parametrize(("ms", "trips"), [(999, True), (1_000, False)])
def test_the_window(ms: int, trips: bool) -> None:
    """It opens with a fill and lasts a second: a fill at its end opens a new one."""
    m = protected("fills=2")
    m.does("bob b1 buy 1 @ 101")
    m.wait(ms)
    assert tripped(m.does("bob b2 buy 1 @ 101")) == trips


def test_reset_begins_anew() -> None:
    """Counters at 0."""
    m = protected("fills=2")
    m.after("bob b1 buy 1 @ 101", "mm reset 1")
    assert not tripped(m.does("bob b2 buy 1 @ 101"))
    assert tripped(m.does("bob b3 buy 1 @ 101"))


def test_it_counts_as_a_taker_too() -> None:
    """The order that is matching goes last, and trades no further."""
    m = Market()
    m.after("mm protect 1 window=1000 lots=3", "bob b1 sell 3 @ 100", "bob b2 sell 3 @ 101")
    assert m.does("mm a1 buy 6 @ 101 group=1")[1:] == [
        "TRADE 3 @ 100 of a1 with b1",
        "PROTECTION 1: MARKET_MAKER_PROTECTION",
        "a1 CANCELED 3 -> 0 @ 101: MARKET_MAKER_PROTECTION",
    ]


def test_a_quote_that_trips_while_its_bid_trades_has_no_ask() -> None:
    """The new ask is not placed."""
    m = Market()
    m.after("mm protect 1 window=1000 fills=1", "bob b1 sell 3 @ 99")
    told = m.does("mm quote q1 5 @ 99 / 5 @ 101 group=1")
    assert told[:4] == [
        "q1 ACCEPTED 5 @ 99",
        "TRADE 3 @ 99 of q1 with b1",
        "PROTECTION 1: MARKET_MAKER_PROTECTION",
        "q1 CANCELED 2 -> 0 @ 99: MARKET_MAKER_PROTECTION",
    ]
    assert m.depth() == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("mm protect 0 window=1000 fills=1", "INVALID_GROUP"),
        ("mm protect 17 window=1000 fills=1", "INVALID_GROUP"),
        ("mm protect 1 window=0 fills=1", "INVALID_COUNTDOWN"),
        ("mm protect 1 window=86400001 fills=1", "INVALID_COUNTDOWN"),
        ("mm protect 1 window=1000 fills=-1", "INVALID_COUNTDOWN"),
        ("mm reset 2", "INVALID_GROUP"),
        ("mm reset 0", "INVALID_GROUP"),
    ],
)
def test_refused_limits(line: str, reason: str) -> None:
    """Groups 1 to 16, windows of a millisecond to a day."""
    assert protected("fills=1").does(line)[0].endswith(reason)


def test_no_limits_and_no_window_removes_the_protection() -> None:
    """Frozen or not."""
    m = protected("fills=1")
    m.after("bob b1 buy 1 @ 101", "mm protect 1 window=0")
    assert m.does("mm quote q1 5 @ 99 / 5 @ 101 group=1")[0] == "q1 ACCEPTED 5 @ 99, rests"
    assert m.does("mm reset 1")[0].endswith("INVALID_GROUP")

"""LIM-1: nothing further from the mark price than the band."""

from __future__ import annotations

import pytest

from tests.oracle.records import PRICE_MAX, Rules
from tests.scenarios.market import Market

pytestmark = pytest.mark.rule("LIM-1")


def banded(mark: int = 1_000, up: int = 500, down: int = 300) -> Market:
    """5 % above and 3 % below the mark: 970 to 1050."""
    m = Market(rules=Rules(band_up_bps=up, band_down_bps=down))
    m.does(f"prices mark={mark}")
    return m


@pytest.mark.parametrize("side", ["buy", "sell"])
@pytest.mark.parametrize(("price", "allowed"), [(969, False), (970, True), (1_050, True), (1_051, False)])
def test_a_limit_orders_price(side: str, price: int, allowed: bool) -> None:
    """The limits themselves are allowed, for both sides."""
    (told,) = banded().does(f"ann a1 {side} 1 @ {price}")
    assert told.endswith("PRICE_BAND") != allowed


@pytest.mark.parametrize(
    ("mark", "up", "down", "lowest", "highest"),
    [
        (999, 500, 300, 970, 1_048),
        (3, 100, 100, 3, 3),
        (1, 1_000_000, 9_999, 1, 101),
        (PRICE_MAX, 500, 0, 1, PRICE_MAX),
    ],
)
def test_the_edges_are_rounded_inwards(mark: int, up: int, down: int, lowest: int, highest: int) -> None:
    """999 x 1.05 = 1048.95 and 999 x 0.97 = 969.03; an edge beyond all prices is drawn in."""
    m = banded(mark, up, down)
    assert "ACCEPTED" in m.does(f"ann a1 buy 1 @ {lowest}")[0]
    assert "ACCEPTED" in m.does(f"ann a2 sell 1 @ {highest}")[0] or lowest == highest
    if lowest > 1:
        assert m.does(f"ann a3 buy 1 @ {lowest - 1}")[0].endswith("PRICE_BAND")
    if highest < PRICE_MAX:
        assert m.does(f"ann a4 sell 1 @ {highest + 1}")[0].endswith("PRICE_BAND")


def test_without_a_mark_price_there_is_no_band() -> None:
    """Before the first SET_PRICES."""
    m = Market(rules=Rules(band_up_bps=500, band_down_bps=300))
    assert m.does("ann a1 buy 1 @ 9999") == ["a1 ACCEPTED 1 @ 9999, rests"]


def test_a_market_order_stops_at_the_band() -> None:
    """1050 is in, 1051 is not: the rest expires, and says why."""
    m = Market(rules=Rules(band_up_bps=500, band_down_bps=300))
    m.after("mo m1 sell 1 @ 1050", "mo m2 sell 1 @ 1051", "prices mark=1000")
    assert m.does("ann a1 buy 3")[1:] == ["TRADE 1 @ 1050 of a1 with m1", "a1 EXPIRED 2 -> 0: PRICE_BAND_REACHED"]


def test_a_market_order_that_took_everything() -> None:
    """Nothing left on the other side: the ordinary reason."""
    m = banded()
    m.does("mo m1 sell 1 @ 1050")
    assert m.does("ann a1 buy 3")[-1] == "a1 EXPIRED 2 -> 0: MARKET_REMAINDER"


def test_a_triggered_order_stops_at_the_band() -> None:
    """A stop whose limit lies beyond it does not rest there either."""
    m = Market(rules=Rules(band_up_bps=500, band_down_bps=300))
    m.after("mo m1 sell 1 @ 1050", "mo m2 sell 1 @ 1051", "prices mark=1000")
    m.after("ann s1 buy 3 STOP @ 1060 trigger=1001")
    assert m.does("prices mark=1001")[1:] == [
        "s1 TRIGGERED 3 @ 1060",
        "TRADE 1 @ 1050 of s1 with m1",
        "TRADE 1 @ 1051 of s1 with m2",
        "s1 EXPIRED 1 -> 0 @ 1060: PRICE_BAND_REACHED",
    ]


def test_an_amend_to_a_price_beyond_it() -> None:
    """Refused; the quantity may still change when the mark has moved away."""
    m = banded()
    m.does("ann a1 buy 2 @ 1000")
    assert m.does("ann amend a1 price=969")[0].endswith("PRICE_BAND")
    m.does("prices mark=2000")
    assert m.does("ann amend a1 quantity=1") == ["a1 AMENDED 2 -> 1 @ 1000, rests"]


def test_quotes_too() -> None:
    """Both sides."""
    m = banded()
    assert m.does("mm quote q1 1 @ 969 / 1 @ 1001")[0].endswith("PRICE_BAND")
    assert m.does("mm quote q1 1 @ 999 / 1 @ 1051")[0].endswith("PRICE_BAND")


def test_resting_orders_stay_when_the_band_moves() -> None:
    """And a taker within it trades with what is in its reach."""
    m = banded()
    m.after("bob b1 sell 1 @ 1050", "prices mark=900")
    assert m.does("ann a1 buy 1") == ["a1 ACCEPTED 1", "a1 EXPIRED 1 -> 0: PRICE_BAND_REACHED"]
    assert m.queue("sell") == ["b1"]

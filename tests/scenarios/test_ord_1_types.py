"""ORD-1: LIMIT and MARKET with GTC, IOC, FOK and GTX."""

import pytest

from tests.scenarios.market import Market

pytestmark = pytest.mark.rule("ORD-1")


@pytest.mark.parametrize(("side", "price"), [("buy", 99), ("sell", 101)])
def test_gtc_that_does_not_cross_rests(side: str, price: int) -> None:
    """ACCEPTED says that it rests; there is no second event."""
    m = Market()
    assert m.does(f"ann a1 {side} 5 @ {price}") == [f"a1 ACCEPTED 5 @ {price}, rests"]
    assert m.depth() == [f"{side} 5 @ {price} in 1"]


def test_ioc_expires_what_is_left() -> None:
    """It trades what it can at its price or better, and never rests."""
    m = Market()
    told = m.after("ann a1 sell 2 @ 100", "ann a2 sell 2 @ 101", "bob b1 buy 5 @ 100 IOC")
    assert told == ["b1 ACCEPTED 5 @ 100", "TRADE 2 @ 100 of b1 with a1", "b1 EXPIRED 3 -> 0 @ 100: IOC_REMAINDER"]
    assert m.depth() == ["sell 2 @ 101 in 1"]


def test_ioc_on_an_empty_book_expires_whole() -> None:
    """Accepted, then gone."""
    assert Market().does("bob b1 buy 5 @ 100 IOC") == ["b1 ACCEPTED 5 @ 100", "b1 EXPIRED 5 -> 0 @ 100: IOC_REMAINDER"]


def test_market_takes_every_price_and_never_rests() -> None:
    """It crosses everything; what the book does not hold expires."""
    m = Market()
    told = m.after("ann a1 sell 2 @ 100", "ann a2 sell 2 @ 5000", "bob b1 buy 5")
    assert told[1:] == [
        "TRADE 2 @ 100 of b1 with a1",
        "TRADE 2 @ 5000 of b1 with a2",
        "b1 EXPIRED 1 -> 0: MARKET_REMAINDER",
    ]
    assert m.depth() == []


@pytest.mark.parametrize("words", ["@ 100 GTC", "@ 100 IOC", "@ 100 FOK", "IOC", "FOK"])
def test_filled_exactly(words: str) -> None:
    """A taker that is filled to the last lot has no event after its trade."""
    m = Market()
    told = m.after("ann a1 sell 5 @ 100", f"bob b1 buy 5 {words}")
    assert told[1:] == ["TRADE 5 @ 100 of b1 with a1"]
    assert m.depth() == []


@pytest.mark.parametrize(("price", "told"), [(99, "b1 ACCEPTED 5 @ 99, rests"), (100, None), (101, None)])
def test_gtx_is_refused_when_it_would_cross(price: int, told: str | None) -> None:
    """Post-only looks at the touch only, whoever owns it."""
    m = Market()
    m.does("ann a1 sell 5 @ 100")
    assert m.does(f"bob b1 buy 5 @ {price} GTX") == [told or f"b1 REJECTED 0 @ {price}: POST_ONLY_WOULD_CROSS"]


def test_gtx_is_refused_by_an_own_order_too() -> None:
    """Self-trade prevention does not make way for a post-only order."""
    m = Market()
    told = m.after("ann a1 sell 5 @ 100", "ann a2 buy 5 @ 100 GTX stp=EXPIRE_MAKER")
    assert told == ["a2 REJECTED 0 @ 100: POST_ONLY_WOULD_CROSS"]

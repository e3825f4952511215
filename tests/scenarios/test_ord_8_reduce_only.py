"""ORD-8: reduce-only can never open or flip a position."""

import pytest

from tests.oracle.records import Rules
from tests.scenarios.market import Market

pytestmark = pytest.mark.rule("ORD-8")


def long_ann(lots: int) -> Market:
    """ann holds so many lots, bought from hal."""
    m = Market()
    m.after(f"hal h1 sell {lots} @ 100", f"ann a0 buy {lots} @ 100")
    return m


@pytest.mark.parametrize("side", ["buy", "sell"])
def test_refused_without_a_position(side: str) -> None:
    """Flat: nothing to reduce on either side."""
    assert Market().does(f"ann a1 {side} 1 @ 100 reduce-only") == ["a1 REJECTED 0 @ 100: REDUCE_ONLY_REJECTED"]


def test_refused_on_the_side_of_the_position() -> None:
    """It would add."""
    assert long_ann(5).does("ann a1 buy 1 @ 90 reduce-only") == ["a1 REJECTED 0 @ 90: REDUCE_ONLY_REJECTED"]


def test_clamped_on_arrival() -> None:
    """Never larger than the position, whatever was asked for."""
    m = long_ann(5)
    assert m.does("ann a1 sell 9 @ 110 reduce-only") == ["a1 ACCEPTED 5 @ 110, rests"]
    assert m.does("ann amend a1 quantity=8") == ["a1 AMENDED 5 -> 5 @ 110, rests"]


def test_no_position_limit_keeps_from_reducing() -> None:
    """More than the limit may be asked for: it is clamped to the position, now or when it is triggered."""
    m = long_ann(5)
    m.send(Rules(position_max=6))
    assert m.does("ann a1 sell 50 @ 110 reduce-only") == ["a1 ACCEPTED 5 @ 110, rests"]
    assert m.does("ann amend a1 quantity=40 price=111") == ["a1 AMENDED 5 -> 5 @ 111, rests"]
    assert m.does("ann a2 sell 50 STOP_MARKET trigger=90 by=LAST reduce-only") == ["a2 ACCEPTED 50, waits for 90"]
    assert m.does("ann amend a2 quantity=60") == ["a2 AMENDED 50 -> 60, waits for 90"]
    assert m.does("ann a3 sell 12 @ 110") == ["a3 REJECTED 0 @ 110: POSITION_LIMIT"]


def test_clamped_at_each_fill_oldest_first() -> None:
    """A sale of 3 of 5 lots leaves room for 2: each resting reduce-only order is lowered to that."""
    m = long_ann(5)
    m.after("ann a1 sell 5 @ 110 reduce-only", "ann a2 sell 4 @ 109 reduce-only", "ann a3 sell 2 @ 108 reduce-only")
    assert m.after("dan d1 buy 3 @ 95", "ann a4 sell 3 @ 95")[1:] == [
        "TRADE 3 @ 95 of a4 with d1",
        "a1 REDUCED 5 -> 2 @ 110, rests: REDUCE_ONLY",
        "a2 REDUCED 4 -> 2 @ 109, rests: REDUCE_ONLY",
    ]
    assert m.queue("sell") == ["a3", "a2", "a1"]


@pytest.mark.parametrize("lots", [5, 7])
def test_expires_when_flat_or_flipped(lots: int) -> None:
    """Nothing is left to reduce: the resting orders go, oldest first."""
    m = long_ann(5)
    m.after("ann a1 sell 5 @ 110 reduce-only", "ann a2 sell 4 @ 109 reduce-only", f"dan d1 buy {lots} @ 95")
    assert m.does(f"ann a4 sell {lots} @ 95")[2:] == [
        "a1 EXPIRED 5 -> 0 @ 110, rests: REDUCE_ONLY",
        "a2 EXPIRED 4 -> 0 @ 109, rests: REDUCE_ONLY",
    ]
    assert m.position("ann") == 5 - lots


def test_makers_are_held_to_it_in_the_middle_of_a_sweep() -> None:
    """The next reduce-only maker in the taker's way is gone before the taker gets there."""
    m = long_ann(5)
    m.after("ann a1 sell 5 @ 101 reduce-only", "ann a2 sell 5 @ 102 reduce-only", "bob b1 sell 5 @ 103")
    assert m.does("dan d1 buy 8 @ 103")[1:] == [
        "TRADE 5 @ 101 of d1 with a1",
        "a2 EXPIRED 5 -> 0 @ 102, rests: REDUCE_ONLY",
        "TRADE 3 @ 103 of d1 with b1",
    ]
    assert m.position("ann") == 0


def test_the_maker_that_traded_is_included() -> None:
    """bob's two orders share 6 lots: the first fill lowers both, also the one that traded in part."""
    m = Market()
    m.after("hal h1 sell 6 @ 100", "bob b0 buy 6 @ 100")
    m.after("bob b1 sell 6 @ 101 reduce-only", "bob b2 sell 6 @ 101 reduce-only")
    assert m.does("dan d1 buy 2 @ 101")[1:] == [
        "TRADE 2 @ 101 of d1 with b1",
        "b2 REDUCED 6 -> 4 @ 101, rests: REDUCE_ONLY",
    ]


def test_makers_side_first_then_takers() -> None:
    """Both accounts have resting orders to hold back: the maker's come first."""
    m = Market()
    m.after("ann a0 sell 4 @ 100", "bob b0 buy 4 @ 100")  # ann is short 4, bob long 4
    m.after("ann a1 buy 4 @ 80 reduce-only", "bob b1 sell 4 @ 120 reduce-only")
    assert m.after("ann a2 buy 1 @ 100", "bob b2 sell 1 @ 100")[1:] == [
        "TRADE 1 @ 100 of b2 with a2",
        "a1 REDUCED 4 -> 3 @ 80, rests: REDUCE_ONLY",
        "b1 REDUCED 4 -> 3 @ 120, rests: REDUCE_ONLY",
    ]


def test_trading_with_oneself_changes_nothing() -> None:
    """STP mode NONE: the position stays, so nothing is held back."""
    m = long_ann(5)
    m.after("ann a1 sell 5 @ 110 reduce-only", "ann a2 sell 5 @ 100 reduce-only")
    assert m.does("ann a3 buy 2 @ 100 stp=NONE")[1:] == ["TRADE 2 @ 100 of a3 with a2"]
    assert m.does("ann ask a2") == ["a2 ORDER_STATE 3 @ 100"]


def test_a_lowered_order_stays_lowered() -> None:
    """When the position grows again, the order does not."""
    m = long_ann(5)
    m.after("ann a1 sell 5 @ 110 reduce-only", "dan d1 buy 3 @ 95", "ann a2 sell 3 @ 95")
    m.after("dan d2 sell 10 @ 96", "ann a3 buy 10 @ 96")
    assert m.position("ann") == 12
    assert m.does("ann ask a1") == ["a1 ORDER_STATE 2 @ 110"]


def test_exempt_from_the_smallest_notional() -> None:
    """INS-2: a rest too small for the rules can still be closed."""
    m = long_ann(5)
    m.send(Rules(notional_min=1_000))
    assert m.does("ann a1 sell 1 @ 100") == ["a1 REJECTED 0 @ 100: NOTIONAL_TOO_SMALL"]
    assert m.does("ann a2 sell 1 @ 100 reduce-only") == ["a2 ACCEPTED 1 @ 100, rests"]


def test_oldest_first_means_by_age_whenever_it_took_its_place() -> None:
    """An older one that was triggered, or amended, after the others came to rest is still held before them."""
    m = long_ann(5)
    m.after("ann a1 sell 5 @ 112 STOP trigger=90 by=MARK reduce-only", "ann a2 sell 5 @ 110 reduce-only")
    m.after("ann a3 sell 5 @ 109 reduce-only", "ann amend a2 price=111")
    m.after("prices mark=90")
    assert m.queue("sell") == ["a3", "a2", "a1"]
    m.after("dan d1 buy 3 @ 95")
    assert m.does("ann a4 sell 3 @ 95")[1:] == [
        "TRADE 3 @ 95 of a4 with d1",
        "a1 REDUCED 5 -> 2 @ 112, rests: REDUCE_ONLY",
        "a2 REDUCED 5 -> 2 @ 111, rests: REDUCE_ONLY",
        "a3 REDUCED 5 -> 2 @ 109, rests: REDUCE_ONLY",
    ]

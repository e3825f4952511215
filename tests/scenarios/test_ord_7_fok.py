"""ORD-7: FOK trades whole or not at all, and looks before it touches anything."""

import pytest

from tests.scenarios.market import Market

pytestmark = pytest.mark.rule("ORD-7")

KILLED = "d1 EXPIRED {lots} -> 0 @ 101: FOK_NOT_FILLABLE"


def book() -> Market:
    """3 at 100, 4 and 5 at 101, 9 at 102."""
    m = Market()
    m.after("ann a1 sell 3 @ 100", "bob b1 sell 4 @ 101", "ann a2 sell 5 @ 101", "bob b2 sell 9 @ 102")
    return m


@pytest.mark.parametrize("lots", [1, 3, 7, 12])
def test_fillable_within_its_price(lots: int) -> None:
    """Up to all that lies at its price or better it trades whole."""
    m = book()
    told = m.does(f"dan d1 buy {lots} @ 101 FOK")
    assert sum(int(line.split()[1]) for line in told if line.startswith("TRADE")) == lots
    assert m.position("dan") == lots


def test_one_lot_too_many_touches_nothing() -> None:
    """Killed: one EXPIRED with all of it, and the book exactly as it was."""
    m = book()
    before = m.depth()
    assert m.does("dan d1 buy 13 @ 101 FOK") == ["d1 ACCEPTED 13 @ 101", KILLED.format(lots=13)]
    assert m.depth() == before
    assert m.queue("sell") == ["a1", "b1", "a2", "b2"]


def test_market_fok_counts_every_price() -> None:
    """A MARKET FOK can reach the whole side."""
    assert len(book().does("dan d1 buy 21 FOK")) == 5
    assert book().does("dan d1 buy 22 FOK")[1:] == ["d1 EXPIRED 22 -> 0: FOK_NOT_FILLABLE"]


@pytest.mark.parametrize(
    ("mode", "lots", "fillable"),
    [
        ("NONE", 12, True),
        ("EXPIRE_MAKER", 4, True),
        ("EXPIRE_MAKER", 5, False),
        ("EXPIRE_TAKER", 1, False),
        ("EXPIRE_BOTH", 1, False),
        ("DECREMENT", 1, False),
    ],
)
def test_own_orders_as_the_mode_has_it(mode: str, lots: int, fillable: bool) -> None:
    """ann's own 3 lots are first: they count, are skipped, or end the count."""
    m = book()
    told = m.does(f"ann d1 buy {lots} @ 101 FOK stp={mode}")
    assert (told[-1] != KILLED.format(lots=lots)) == fillable
    assert fillable or m.queue("sell") == ["a1", "b1", "a2", "b2"]


@pytest.mark.parametrize("mode", ["EXPIRE_TAKER", "EXPIRE_BOTH", "DECREMENT"])
def test_enough_before_the_first_own_order(mode: str) -> None:
    """A quantity reached exactly before the own order is enough; one lot more is not."""
    lines = ("bob b1 sell 4 @ 100", "ann a1 sell 9 @ 100")
    for lots, end in ((4, "TRADE 4 @ 100 of d1 with b1"), (5, "d1 EXPIRED 5 -> 0 @ 100: FOK_NOT_FILLABLE")):
        m = Market()
        m.after(*lines)
        assert m.does(f"ann d1 buy {lots} @ 100 FOK stp={mode}")[-1] == end


def long_bob(lots: int) -> Market:
    """bob holds so many lots; the book is empty."""
    m = Market()
    m.after(f"hal h1 sell {lots} @ 100", f"bob b0 buy {lots} @ 100")
    return m


@pytest.mark.parametrize(("lots", "fillable"), [(6, True), (7, False)])
def test_reduce_only_makers_count_what_the_position_will_allow(lots: int, fillable: bool) -> None:
    """bob (6 long) offers 5 plain, then 6 reduce-only, then none is left to reduce: 5 + 1 can be had."""
    m = long_bob(6)
    m.after("bob b1 sell 5 @ 100", "bob b2 sell 6 @ 101 reduce-only", "bob b3 sell 6 @ 101 reduce-only")
    told = m.does(f"dan d1 buy {lots} @ 101 FOK")
    assert (told[-1] != KILLED.format(lots=lots)) == fillable
    assert m.position("bob") == (0 if fillable else 6)


def test_reduce_only_fok_is_clamped_first() -> None:
    """A reduce-only FOK needs no more than the position: step 4 comes before step 6."""
    m = long_bob(3)
    m.does("dan d1 buy 3 @ 100")
    assert m.does("bob b1 sell 9 @ 100 FOK reduce-only") == ["b1 ACCEPTED 3 @ 100", "TRADE 3 @ 100 of b1 with d1"]


@pytest.mark.rule("ORD-11")
@pytest.mark.parametrize(
    ("limits", "lots", "fillable"), [("lots=5", 7, True), ("lots=5", 8, False), ("fills=2", 12, True)]
)
def test_orders_that_a_protection_would_pull_on_the_way_cannot_be_had(limits: str, lots: int, fillable: bool) -> None:
    """mm offers 5 + 5 in a protected group, carl 2 behind each: after mm's first fill trips it only carl's are left."""
    m = Market()
    m.does(f"mm protect 1 window=1000 {limits}")
    m.after("mm m1 sell 5 @ 100 group=1", "carl c1 sell 1 @ 100", "mm m2 sell 5 @ 101 group=1", "carl c2 sell 1 @ 101")
    told = m.does(f"dan d1 buy {lots} @ 101 FOK")
    assert (told[-1] != KILLED.format(lots=lots)) == fillable
    assert sum(line.startswith("TRADE") for line in told) == (0 if not fillable else 3 if limits == "lots=5" else 4)


@pytest.mark.rule("ORD-11")
def test_a_taker_whose_own_group_would_trip_on_the_way_is_killed_whole() -> None:
    """The second fill would freeze dan's group: 4 lots in two fills can be had, 5 in three cannot."""
    for lots, fillable in ((4, True), (5, False)):
        m = Market()
        m.after("dan protect 1 window=1000 fills=2", *(f"bob b{number} sell 2 @ 100" for number in (1, 2, 3)))
        told = m.does(f"dan d1 buy {lots} @ 100 FOK group=1")
        assert any(line.startswith("TRADE") for line in told) == fillable

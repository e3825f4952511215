"""MAT-2: call auctions. Orders collect without trading; they uncross at one price."""

from __future__ import annotations

import pytest

from tests.scenarios.market import Market

pytestmark = pytest.mark.rule("MAT-2")


def auction(*lines: str) -> Market:
    """A book that collects in AUCTION."""
    m = Market()
    m.after("phase AUCTION", *lines)
    return m


def test_orders_collect_without_trading() -> None:
    """The book is crossed, and nobody trades."""
    m = auction()
    assert m.does("ann a1 buy 5 @ 102") == ["a1 ACCEPTED 5 @ 102, rests"]
    assert m.does("bob b1 sell 3 @ 99") == ["b1 ACCEPTED 3 @ 99, rests"]
    assert m.does("ann amend a1 price=103") == ["a1 AMENDED 5 -> 5 @ 103, rests"]
    assert m.depth() == ["buy 5 @ 103 in 1", "sell 3 @ 99 in 1"]


def test_uncrossing_on_the_way_to_open() -> None:
    """The result first, then the trades at its price, then the phase; what is left rests."""
    m = auction("ann a1 buy 5 @ 102", "bob b1 sell 3 @ 99")
    assert m.does("phase OPEN") == [
        "AUCTION RESULT 3 @ 99, surplus 2",
        "TRADE 3 @ 99 of b1 with a1",
        "PHASE_CHANGED OPEN",
    ]
    assert m.depth() == ["buy 2 @ 102 in 1"]
    assert (m.position("ann"), m.position("bob")) == (3, -3)


@pytest.mark.parametrize("phase", ["OPEN", "REDUCE_ONLY", "POST_ONLY"])
def test_every_phase_with_an_uncrossed_book_uncrosses(phase: str) -> None:
    """Also after a halt of the auction."""
    m = auction("ann a1 buy 5 @ 102", "bob b1 sell 3 @ 99")
    assert m.does("phase HALT") == ["PHASE_CHANGED HALT"]
    assert m.does(f"phase {phase}")[0] == "AUCTION RESULT 3 @ 99, surplus 2"


@pytest.mark.parametrize("phase", ["OPEN", "REDUCE_ONLY", "POST_ONLY"])
def test_what_ran_out_during_a_halt_does_not_trade(phase: str) -> None:
    """a1's time and bob's countdown end while nothing happens; leaving the halt takes them off before it uncrosses."""
    m = auction("ann a1 buy 5 @ 102 GTD expires=1000", "ann a2 buy 1 @ 101", "bob b1 sell 3 @ 99")
    m.after("cat c1 sell 1 @ 100", "bob countdown 900", "phase HALT")
    assert m.wait(2_000) == []
    assert m.does(f"phase {phase}") == [
        "a1 EXPIRED 5 -> 0 @ 102, rests: EXPIRY",
        "b1 CANCELED 3 -> 0 @ 99, rests: COUNTDOWN",
        "COUNTDOWN_SET 0: COUNTDOWN",
        "AUCTION RESULT 1 @ 100, surplus 0",
        "TRADE 1 @ 100 of c1 with a2",
        f"PHASE_CHANGED {phase}",
    ]


def test_a_halted_auction_goes_on_collecting() -> None:
    """AUCTION, HALT, AUCTION: nothing has traded, and the indicative price is told anew."""
    m = auction("ann a1 buy 5 @ 102", "bob b1 sell 3 @ 99")
    m.after("phase HALT")
    assert m.does("cat c1 sell 2 @ 99")[0].endswith("PHASE_FORBIDS")
    m.after("phase AUCTION", "cat c2 sell 2 @ 99")
    assert m.wait(100) == ["AUCTION 5 @ 99, surplus 0"]
    assert m.does("phase OPEN")[0] == "AUCTION RESULT 5 @ 99, surplus 0"


@pytest.mark.parametrize(
    ("orders", "mark", "result"),
    [
        # the largest volume: 6 at 100, 5 at 101
        (("buy 5 @ 101", "buy 1 @ 100", "sell 6 @ 100"), 0, "6 @ 100, surplus 0"),
        # equal volume 5 from 99 to 101, but at 100 and 101 only 5 bids stand against 5 asks
        (("buy 5 @ 101", "buy 3 @ 99", "sell 5 @ 99"), 0, "5 @ 100, surplus 0"),
        # equal volume and imbalance from 99 to 102: nearest to the mark
        (("buy 5 @ 102", "sell 3 @ 99"), 101, "3 @ 101, surplus 2"),
        (("buy 5 @ 102", "sell 3 @ 99"), 150, "3 @ 102, surplus 2"),
        (("buy 5 @ 102", "sell 3 @ 99"), 50, "3 @ 99, surplus 2"),
        # without a mark: the lowest
        (("buy 5 @ 102", "sell 3 @ 99"), 0, "3 @ 99, surplus 2"),
        # more asks than bids
        (("buy 3 @ 102", "sell 5 @ 100"), 0, "3 @ 100, surplus -2"),
        # hidden parts count
        (("buy 5 @ 101", "sell 5 @ 100 show=1"), 0, "5 @ 100, surplus 0"),
    ],
)
def test_the_price(orders: tuple[str, ...], mark: int, result: str) -> None:
    """Largest volume, then smallest imbalance, then nearest to the reference, then lowest."""
    m = auction(*(f"ann{number} a{number} {order}" for number, order in enumerate(orders)))
    if mark:
        m.does(f"prices mark={mark}")
    assert m.does("phase OPEN")[0] == f"AUCTION RESULT {result}"


def test_nearest_to_the_last_price_without_a_mark() -> None:
    """Traded at 101 before."""
    m = Market()
    m.after("hal h1 sell 1 @ 101", "cat c1 buy 1 @ 101", "phase AUCTION", "ann a1 buy 5 @ 103", "bob b1 sell 5 @ 99")
    assert m.does("phase OPEN")[0] == "AUCTION RESULT 5 @ 101, surplus 0"


def test_price_then_time_on_both_sides() -> None:
    """Better prices first, then older; all at one price."""
    m = auction(
        "ann a1 buy 2 @ 101", "bob b1 buy 2 @ 102", "cat c1 buy 2 @ 101", "dan d1 sell 3 @ 100", "eve e1 sell 2 @ 99"
    )
    assert m.does("phase OPEN") == [
        "AUCTION RESULT 5 @ 100, surplus 1",
        "TRADE 2 @ 100 of e1 with b1",
        "TRADE 2 @ 100 of d1 with a1",
        "TRADE 1 @ 100 of d1 with c1",
        "PHASE_CHANGED OPEN",
    ]


def test_no_self_trade_prevention() -> None:
    """Whoever meets himself trades."""
    m = auction("ann a1 buy 2 @ 101", "ann a2 sell 2 @ 100")
    assert m.does("phase OPEN")[1] == "TRADE 2 @ 100 of a2 with a1"
    assert m.position("ann") == 0


def test_reduce_only_is_held_to_the_position() -> None:
    """Two orders of 5 that close a position of 5: the second ends with the first's trade."""
    m = Market()
    m.after("hal h1 sell 5 @ 100", "ann a0 buy 5 @ 100", "phase AUCTION")
    m.after("ann a1 sell 5 @ 99 reduce-only", "ann a2 sell 5 @ 98 reduce-only", "bob b1 buy 9 @ 101")
    told = m.does("phase OPEN")
    assert sum("TRADE" in line for line in told) == 1
    assert "a1 EXPIRED 5 -> 0 @ 99, rests: REDUCE_ONLY" in told
    assert m.position("ann") == 0


def test_a_group_that_trips_is_pulled_and_the_rest_uncrosses_again() -> None:
    """mm's second bid is gone; bob's lower one meets what is left in another round, at another price."""
    m = auction("mm protect 1 window=1000 fills=1", "mm m1 buy 5 @ 103 group=1", "mm m2 buy 5 @ 102 group=1")
    m.after("bob b1 buy 5 @ 101", "cat c1 sell 10 @ 100")
    told = m.does("phase OPEN")
    assert "m2 CANCELED 5 -> 0 @ 102, rests: MARKET_MAKER_PROTECTION" in told
    assert sum(line.startswith("TRADE") for line in told) == 2
    assert m.depth() == []


def test_no_crossing_no_result() -> None:
    """The phase just changes."""
    m = auction("ann a1 buy 5 @ 99", "bob b1 sell 3 @ 100")
    assert m.does("phase OPEN") == ["PHASE_CHANGED OPEN"]


# ---- the indicative price -----------------------------------------------------------------------------
def test_indicative_price_and_volume() -> None:
    """Every 100 ms, when something has happened since."""
    m = auction("ann a1 buy 5 @ 102", "bob b1 sell 3 @ 99")
    assert m.wait(99) == []
    assert m.wait(1) == ["AUCTION 3 @ 99, surplus 2"]
    assert m.wait(500) == []


def test_an_indicative_price_only_when_something_happened() -> None:
    """At once, when the last one was longer ago than 100 ms; queries do not count."""
    m = auction("ann a1 buy 5 @ 102", "bob b1 sell 3 @ 99")
    m.wait(100)
    m.wait(60)
    m.does("ann ask a1")
    assert m.wait(40) == []
    assert m.does("cat c1 sell 2 @ 102") == ["c1 ACCEPTED 2 @ 102, rests", "AUCTION 5 @ 102, surplus 0"]
    assert m.does("cat c2 sell 1 @ 103") == ["c2 ACCEPTED 1 @ 103, rests"]
    assert m.wait(100) == ["AUCTION 5 @ 102, surplus 0"]


def test_indicative_without_a_crossing() -> None:
    """Price 0, volume 0."""
    m = auction("ann a1 buy 5 @ 99")
    assert m.wait(100) == ["AUCTION 0 @ 0, surplus 0"]


def test_triggers_see_the_auctions_price_after_the_phase() -> None:
    """A stop at 100 fires with what the book holds then."""
    m = Market()
    m.after("ann s1 buy 1 STOP_MARKET trigger=100 by=LAST", "phase AUCTION")
    m.after("bob b1 buy 5 @ 100", "cat c1 sell 5 @ 100", "dan d1 sell 5 @ 104")
    assert m.does("phase OPEN") == [
        "AUCTION RESULT 5 @ 100, surplus 0",
        "TRADE 5 @ 100 of c1 with b1",
        "PHASE_CHANGED OPEN",
        "s1 TRIGGERED 1",
        "TRADE 1 @ 104 of s1 with d1",
    ]

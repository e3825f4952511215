"""ORD-2: icebergs and close-position. (Reduce-only is ORD-8, self-trade groups ORD-6, protection groups ORD-11.)"""

from __future__ import annotations

import pytest

from tests.oracle.records import EventFlag, MakerFlag
from tests.scenarios.market import Market

pytestmark = pytest.mark.rule("ORD-2")


def test_the_book_shows_a_slice() -> None:
    """10 lots, of which the public book shows 3."""
    m = Market()
    assert m.does("ann i1 sell 10 @ 100 show=3") == ["i1 ACCEPTED 10 @ 100, shows 3, rests"]
    assert m.depth() == ["sell 3 @ 100 in 1"]
    assert m.does("ann ask i1") == ["i1 ORDER_STATE 10 @ 100, shows 3"]
    assert m.events[0].flags & EventFlag.ICEBERG


def test_a_refreshed_slice_goes_to_the_back() -> None:
    """3 of the iceberg, 4 of bob's, then the next slice."""
    m = Market()
    m.after("ann i1 sell 10 @ 100 show=3", "bob b1 sell 4 @ 100")
    assert m.does("cat c1 buy 3 @ 100")[1:] == ["TRADE 3 @ 100 of c1 with i1"]
    trade = m.events[1]
    assert (trade.maker_flags & MakerFlag.MAKER_ICEBERG, trade.maker_shown_before, trade.maker_shown) == (8, 3, 3)
    assert m.queue("sell") == ["b1", "i1"]
    assert m.does("cat c2 buy 6 @ 100")[1:] == ["TRADE 4 @ 100 of c2 with b1", "TRADE 2 @ 100 of c2 with i1"]
    assert m.depth() == ["sell 1 @ 100 in 1"]


def test_a_part_of_a_slice_keeps_its_place() -> None:
    """Two of three lots taken: the third is still first."""
    m = Market()
    m.after("ann i1 sell 10 @ 100 show=3", "bob b1 sell 4 @ 100", "cat c1 buy 2 @ 100")
    assert m.queue("sell") == ["i1", "b1"]
    assert m.depth() == ["sell 5 @ 100 in 2"]


@pytest.mark.parametrize(("lots", "shown"), [(2, 1), (3, 3), (4, 2), (5, 1), (6, 3), (8, 1), (9, 1)])
def test_alone_at_its_price_it_trades_in_one_piece(lots: int, shown: int) -> None:
    """10 lots in slices of 3: after so many lots the running slice shows what is left of it."""
    m = Market()
    m.does("ann i1 sell 10 @ 100 show=3")
    assert m.does(f"cat c1 buy {lots} @ 100")[1:] == [f"TRADE {lots} @ 100 of c1 with i1"]
    assert m.events[1].maker_shown == shown
    assert m.depth() == [f"sell {shown} @ 100 in 1"]


def test_two_icebergs_take_turns() -> None:
    """Slice by slice."""
    m = Market()
    m.after("ann i1 sell 5 @ 100 show=2", "bob i2 sell 4 @ 100 show=3")
    assert m.does("cat c1 buy 9 @ 100")[1:] == [
        "TRADE 2 @ 100 of c1 with i1",
        "TRADE 3 @ 100 of c1 with i2",
        "TRADE 2 @ 100 of c1 with i1",
        "TRADE 1 @ 100 of c1 with i2",
        "TRADE 1 @ 100 of c1 with i1",
    ]


def test_as_a_taker_it_trades_with_its_whole_size() -> None:
    """And what is left of it shows a slice."""
    m = Market()
    m.does("bob b1 sell 6 @ 100")
    assert m.does("ann i1 buy 10 @ 100 show=3")[1:] == [
        "TRADE 6 @ 100 of i1 with b1",
        "i1 RESTED 4 @ 100, shows 3, rests",
    ]


def test_fill_or_kill_counts_what_is_hidden() -> None:
    """All 14 lots can be reached."""
    m = Market()
    m.after("ann i1 sell 10 @ 100 show=3", "bob b1 sell 4 @ 100")
    assert m.does("cat c1 buy 15 @ 100 FOK")[1:] == ["c1 EXPIRED 15 -> 0 @ 100: FOK_NOT_FILLABLE"]
    assert sum("TRADE" in line for line in m.does("cat c2 buy 14 @ 100 FOK")) == 3


def test_less_of_an_iceberg() -> None:
    """What is hidden goes first; then the slice shrinks; its place stays."""
    m = Market()
    m.after("ann i1 sell 10 @ 100 show=3", "bob b1 sell 4 @ 100")
    assert m.does("ann amend i1 quantity=5") == ["i1 AMENDED 10 -> 5 @ 100, shows 3, rests"]
    assert m.does("ann amend i1 quantity=2") == ["i1 AMENDED 5 -> 2 @ 100, shows 2, rests"]
    assert m.queue("sell") == ["i1", "b1"]


@pytest.mark.parametrize(
    "terms",
    ["5 @ 100 show=6", "5 @ 100 show=-1", "500 @ 100 show=4", "5 @ 100 IOC show=2", "5 @ 100 FOK show=2", "5 show=2"],
)
def test_slices_that_make_no_sense(terms: str) -> None:
    """Larger than the order, negative, more than 100 of them, or of an order that cannot rest."""
    assert Market().does(f"ann i1 buy {terms}")[0].endswith("INVALID_DISPLAY")


def test_as_many_slices_as_there_may_be() -> None:
    """100, but then an amend may not ask for more."""
    m = Market()
    assert m.does("ann i1 buy 400 @ 100 show=4") == ["i1 ACCEPTED 400 @ 100, shows 4, rests"]
    assert m.does("ann amend i1 quantity=401") == ["i1 REJECTED 400 @ 100, shows 4: INVALID_DISPLAY"]


# ---- close-position -----------------------------------------------------------------------------------
def long_ann(lots: int) -> Market:
    """ann holds so many lots; bids to sell to at 90."""
    m = Market()
    m.after("prices mark=100", f"hal h1 sell {lots} @ 100", f"ann a0 buy {lots} @ 100", "mo m1 buy 100 @ 90")
    return m


def test_the_whole_position_at_trigger_time() -> None:
    """Not that of when it was placed: 5 then, 8 now."""
    m = long_ann(5)
    assert m.does("ann c1 sell 0 STOP_MARKET close-position trigger=95") == ["c1 ACCEPTED 0, waits for 95"]
    m.after("hal h2 sell 3 @ 100", "ann a1 buy 3 @ 100")
    assert m.does("prices mark=95")[1:] == ["c1 TRIGGERED 8", "TRADE 8 @ 90 of c1 with m1"]
    assert m.position("ann") == 0


def test_nothing_left_to_close() -> None:
    """Flat by then."""
    m = long_ann(5)
    m.after("ann c1 sell 0 STOP_MARKET close-position trigger=95", "ann a1 sell 5")
    assert m.does("prices mark=95")[1:] == ["c1 TRIGGERED 0", "c1 EXPIRED 0: REDUCE_ONLY"]


@pytest.mark.parametrize("terms", ["5 STOP_MARKET trigger=95", "0 STOP @ 94 trigger=95", "0 @ 100", "0"])
def test_close_position_goes_with_market_forms_and_without_a_quantity(terms: str) -> None:
    """STOP_MARKET, TAKE_PROFIT_MARKET, TRAILING_STOP; the quantity is the position's."""
    assert long_ann(5).does(f"ann c1 sell {terms} close-position")[0].endswith("INVALID_COMBINATION")


def test_the_quantity_of_a_close_position_cannot_be_amended() -> None:
    """Its trigger can."""
    m = long_ann(5)
    m.does("ann c1 sell 0 STOP_MARKET close-position trigger=95")
    assert m.does("ann amend c1 quantity=3")[0].endswith("NOT_AMENDABLE")
    assert m.does("ann amend c1 trigger=94") == ["c1 AMENDED 0, waits for 94"]

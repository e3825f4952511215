"""ORD-1: order types and times in force. (What triggers do is ORD-9, market forms with a band LIM-1.)"""

import pytest

from tests.oracle.records import INT64_MAX, Rules
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


# ---- GTD, GTX_SLIDE -------------------------------------------------------------------------------------
def test_good_till_date_expires_in_sequenced_time() -> None:
    """At its time, and not a millisecond before; what is filled by then stays filled."""
    m = Market()
    assert m.does("ann a1 buy 5 @ 100 GTD expires=1000") == ["a1 ACCEPTED 5 @ 100, rests"]
    m.does("bob b1 sell 2 @ 100")
    assert m.wait(999) == []
    assert m.wait(1) == ["a1 EXPIRED 3 -> 0 @ 100, rests: EXPIRY"]
    assert m.position("ann") == 2


def test_expiries_in_order_of_time_then_age() -> None:
    """Whatever the accounts and sides."""
    m = Market()
    m.after("bob late buy 1 @ 100 GTD expires=900", "ann old buy 1 @ 99 GTD expires=500")
    m.does("bob young sell 1 @ 110 GTD expires=500")
    assert [line.split()[0] for line in m.wait(1_000)] == ["old", "young", "late"]


def test_a_waiting_trigger_expires_too() -> None:
    """GTD of a market form says how long it waits."""
    m = Market()
    m.after("prices mark=100", "ann s1 buy 5 STOP_MARKET GTD trigger=105 expires=1000")
    assert m.wait(1_000) == ["s1 EXPIRED 5 -> 0: EXPIRY"]


@pytest.mark.parametrize(
    ("line", "rests_at"),
    [("buy 5 @ 100 GTX_SLIDE", 99), ("buy 5 @ 105 GTX_SLIDE", 99), ("buy 5 @ 98 GTX_SLIDE", 98)],
)
def test_a_post_only_order_slides_to_one_tick_short_of_the_touch(line: str, rests_at: int) -> None:
    """The best ask is 100; the price as sent is told when it slid."""
    m = Market()
    m.does("bob b1 sell 5 @ 100")
    assert m.does(f"ann a1 {line}") == [f"a1 ACCEPTED 5 @ {rests_at}, rests"]
    sent = int(line.split()[3])
    assert m.events[0].previous_price == (sent if sent != rests_at else 0)


def test_nowhere_to_slide_to() -> None:
    """One tick short of the lowest price there is."""
    m = Market()
    m.does("bob b1 sell 5 @ 1")
    assert m.does("ann a1 buy 5 @ 1 GTX_SLIDE") == ["a1 REJECTED 0 @ 1: POST_ONLY_WOULD_CROSS"]


SLIDES_OUT_OF = {
    "NOTIONAL_OVERFLOW": (Rules(tick_lot_value=INT64_MAX // 500), "buy 1 @ 400", "sell 1 @ 450", "sell 10 @ 50"),
    "NOTIONAL_TOO_SMALL": (Rules(notional_min=500, tick_lot_value=1), "sell 9 @ 90", "buy 6 @ 89", "buy 5 @ 101"),
    "PRICE_BAND": (Rules(band_up_bps=500, band_down_bps=500), "sell 5 @ 90", "buy 5 @ 89", "buy 5 @ 101"),
}


@pytest.mark.parametrize("reason", SLIDES_OUT_OF)
def test_it_slides_only_to_where_it_could_have_been_sent(reason: str) -> None:
    """On arrival, and by an amend; what rests stays as it is."""
    rules, touch, rests, crosses = SLIDES_OUT_OF[reason]
    _, lots, _, price = crosses.split()
    m = Market(rules=rules)
    m.after("prices mark=90", f"bob b1 {touch}", f"ann a1 {rests} GTX_SLIDE", "prices mark=100")
    before = m.depth()
    assert m.does(f"ann a2 {crosses} GTX_SLIDE")[0].endswith(f": {reason}")
    assert m.does(f"ann amend a1 price={price} quantity={lots}")[0].endswith(f": {reason}")
    assert m.depth() == before


def test_an_amend_slides_too() -> None:
    """It never takes."""
    m = Market()
    m.after("bob b1 sell 5 @ 100", "ann a1 buy 5 @ 98 GTX_SLIDE")
    assert m.does("ann amend a1 price=101") == ["a1 AMENDED 5 -> 5 @ 99, rests"]

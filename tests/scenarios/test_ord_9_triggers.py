"""ORD-9: orders that wait for a price, off the book."""

from __future__ import annotations

import pytest

from tests.scenarios.market import Market

pytestmark = pytest.mark.rule("ORD-9", "ORD-1")


def marked(mark: int = 100) -> Market:
    """OPEN, with a mark and an index price, and sells to trade with from 108 on."""
    m = Market()
    m.after(f"prices mark={mark} index={mark}", "mo m1 sell 100 @ 108", "mo m2 buy 100 @ 92")
    return m


@pytest.mark.parametrize(
    ("line", "quiet", "fires"),
    [
        ("buy 5 STOP_MARKET trigger=105", 104, 105),
        ("buy 5 STOP_MARKET trigger=105", 104, 109),
        ("sell 5 STOP_MARKET trigger=95", 96, 95),
        ("buy 5 TAKE_PROFIT_MARKET trigger=95", 96, 94),
        ("sell 5 TAKE_PROFIT_MARKET trigger=105", 104, 106),
        ("buy 5 STOP @ 106 trigger=105", 104, 105),
        ("sell 5 TAKE_PROFIT @ 103 trigger=105", 104, 105),
    ],
)
@pytest.mark.parametrize("reference", ["mark", "index"])
def test_it_fires_at_its_price_or_beyond(line: str, quiet: int, fires: int, reference: str) -> None:
    """One tick before nothing happens; the other reference moves nothing."""
    m = marked()
    (accepted,) = m.does(f"ann s1 {line} by={reference.upper()}")
    assert accepted.startswith("s1 ACCEPTED 5")
    assert ", waits for" in accepted
    other = "index" if reference == "mark" else "mark"
    assert len(m.does(f"prices {reference}={quiet}")) == 1
    assert len(m.does(f"prices {other}={fires}")) == 1
    assert m.does(f"prices {reference}={fires}")[1].startswith("s1 TRIGGERED 5")


def test_what_a_market_form_sends() -> None:
    """An IOC that takes what there is."""
    m = marked()
    m.does("ann s1 buy 120 STOP_MARKET trigger=105")
    assert m.does("prices mark=105") == [
        "PRICES_SET 105 / 100",
        "s1 TRIGGERED 120",
        "TRADE 100 @ 108 of s1 with m1",
        "s1 EXPIRED 20 -> 0: MARKET_REMAINDER",
    ]


def test_what_a_limit_form_sends() -> None:
    """A limit order: it trades as far as its price, and rests."""
    m = marked()
    m.does("ann s1 buy 120 STOP @ 109 trigger=105")
    assert m.does("prices mark=105")[1:] == [
        "s1 TRIGGERED 120 @ 109",
        "TRADE 100 @ 108 of s1 with m1",
        "s1 RESTED 20 @ 109, rests",
    ]


@pytest.mark.parametrize(
    ("terms", "ends"),
    [
        ("buy 120 STOP @ 109 IOC trigger=105", "s1 EXPIRED 20 -> 0 @ 109: IOC_REMAINDER"),
        ("buy 120 STOP @ 109 FOK trigger=105", "s1 EXPIRED 120 -> 0 @ 109: FOK_NOT_FILLABLE"),
        ("buy 120 STOP @ 109 GTX trigger=105", "s1 EXPIRED 120 -> 0 @ 109: POST_ONLY_WOULD_CROSS"),
        ("buy 120 STOP @ 107 GTX trigger=105", "s1 RESTED 120 @ 107, rests"),
    ],
)
def test_the_time_in_force_of_the_order_that_is_sent(terms: str, ends: str) -> None:
    """It counts from the trigger on."""
    m = marked()
    m.does(f"ann s1 {terms}")
    assert m.does("prices mark=105")[-1] == ends


def test_the_last_trade_as_the_reference() -> None:
    """The trade that moves the price, and then, in the next tick, what it sets off."""
    m = marked()
    m.after("ann s1 buy 5 STOP_MARKET trigger=105 by=LAST", "bob b1 sell 1 @ 105")
    assert m.does("cat c1 buy 1 @ 105") == [
        "c1 ACCEPTED 1 @ 105",
        "TRADE 1 @ 105 of c1 with b1",
        "s1 TRIGGERED 5",
        "TRADE 5 @ 108 of s1 with m1",
    ]


def test_a_sweep_counts_with_its_first_and_its_last_price() -> None:
    """101, 103, 108: the first trade fires the sell at 101, the last one the buy at 108."""
    m = marked()
    m.after("bob b1 sell 1 @ 101", "bob b2 sell 1 @ 103")
    m.after("ann up buy 1 STOP_MARKET trigger=108 by=LAST", "ann to sell 1 TAKE_PROFIT_MARKET trigger=101 by=LAST")
    fired = [line for line in m.does("cat c1 buy 3 @ 108") if "TRIGGERED" in line]
    assert fired == ["to TRIGGERED 1", "up TRIGGERED 1"]


@pytest.mark.parametrize(
    "line",
    [
        *("buy 5 STOP_MARKET trigger=100", "buy 5 STOP_MARKET trigger=99", "sell 5 STOP_MARKET trigger=100"),
        *("sell 5 TAKE_PROFIT_MARKET trigger=100", "buy 5 TAKE_PROFIT_MARKET trigger=101"),
        "buy 5 STOP @ 99 trigger=100",
    ],
)
def test_a_trigger_that_is_satisfied_already_is_refused(line: str) -> None:
    """At 100 now."""
    m = marked()
    assert m.does(f"ann s1 {line}")[0].endswith("IMMEDIATE_TRIGGER")


def test_without_a_price_nothing_is_satisfied() -> None:
    """Before the first price the order waits."""
    m = Market()
    assert m.does("ann s1 buy 5 STOP_MARKET trigger=100") == ["s1 ACCEPTED 5, waits for 100"]


def test_the_order_in_which_one_move_fires() -> None:
    """What the price has passed first comes first, then age; rising before falling."""
    m = marked()
    m.after("ann far buy 1 STOP_MARKET trigger=107", "ann near buy 1 STOP_MARKET trigger=103")
    m.after("bob old sell 1 TAKE_PROFIT_MARKET trigger=105", "ann young buy 1 STOP_MARKET trigger=105")
    fired = [line.split()[0] for line in m.does("prices mark=110") if "TRIGGERED" in line]
    assert fired == ["near", "old", "young", "far"]


def test_falling_ones_highest_first() -> None:
    """From 100 down to 90."""
    m = marked()
    m.after("ann far sell 1 STOP_MARKET trigger=93", "ann near sell 1 STOP_MARKET trigger=97")
    m.does("ann mid buy 1 TAKE_PROFIT_MARKET trigger=95")
    fired = [line.split()[0] for line in m.does("prices mark=90") if "TRIGGERED" in line]
    assert fired == ["near", "mid", "far"]


def test_a_chain_of_stops() -> None:
    """Each one's trade moves the last price to the next one's trigger."""
    m = Market()
    m.after("mo m1 sell 1 @ 101", "mo m2 sell 1 @ 102", "mo m3 sell 1 @ 103", "mo m4 sell 1 @ 104")
    m.after("ann s1 buy 1 STOP_MARKET trigger=101 by=LAST", "ann s2 buy 1 STOP_MARKET trigger=102 by=LAST")
    m.does("ann s3 buy 1 STOP_MARKET trigger=103 by=LAST")
    told = m.does("bob b1 buy 1 @ 101")
    assert [line for line in told if line.startswith("TRADE")] == [
        "TRADE 1 @ 101 of b1 with m1",
        "TRADE 1 @ 102 of s1 with m2",
        "TRADE 1 @ 103 of s2 with m3",
        "TRADE 1 @ 104 of s3 with m4",
    ]


# ---- trailing stops -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("line", "mark", "trigger"),
    [
        ("sell 5 TRAILING_STOP callback=500", 100, 95),
        ("buy 5 TRAILING_STOP callback=500", 100, 105),
        ("sell 5 TRAILING_STOP callback=100", 101, 99),  # 99.99, down
        ("buy 5 TRAILING_STOP callback=100", 101, 103),  # 102.01, up
        ("sell 5 TRAILING_STOP callback=5000", 101, 50),
    ],
)
def test_the_distance_of_a_trailing_stop(line: str, mark: int, trigger: int) -> None:
    """In 1e-4 of the extreme price, rounded away from it."""
    assert marked(mark).does(f"ann t1 {line}") == [f"t1 ACCEPTED 5, waits for {trigger}"]


def test_a_trailing_stop_follows_the_best_price_only() -> None:
    """Up to 120, and not back; at 114 it sells."""
    m = marked()
    m.does("ann t1 sell 5 TRAILING_STOP callback=500")
    for mark, trigger in ((110, 104), (120, 114), (116, 114), (118, 114), (115, 114)):
        assert len(m.does(f"prices mark={mark}")) == 1
        assert m.does("ann ask t1") == [f"t1 ORDER_STATE 5, waits for {trigger}"]
    assert m.does("prices mark=114")[1:] == ["t1 TRIGGERED 5", "TRADE 5 @ 92 of t1 with m2"]


def test_a_trailing_stop_with_an_activation_price() -> None:
    """It begins to follow at 120, and not before."""
    m = marked()
    assert m.does("ann t1 sell 5 TRAILING_STOP callback=500 activation=120") == [
        "t1 ACCEPTED 5, waits to activate at 120"
    ]
    assert len(m.does("prices mark=80")) == 1
    assert m.does("prices mark=121")[1:] == ["t1 TRAILING_ACTIVATED 5, waits for 114"]
    assert len(m.does("prices mark=115")) == 1
    assert m.does("prices mark=114")[1] == "t1 TRIGGERED 5"


@pytest.mark.parametrize(("activation", "activates"), [(95, 95), (95, 94), (105, 105), (105, 106)])
def test_activation_from_either_side(activation: int, activates: int) -> None:
    """Above the price of now it is reached by rising, below by falling."""
    m = marked()
    m.does(f"ann t1 buy 5 TRAILING_STOP callback=100 activation={activation}")
    assert "TRAILING_ACTIVATED" in m.does(f"prices mark={activates}")[1]


def test_a_trailing_stop_needs_a_price_to_follow() -> None:
    """And has no IMMEDIATE_TRIGGER."""
    m = Market()
    assert m.does("ann t1 sell 5 TRAILING_STOP callback=500") == ["t1 REJECTED 0: NO_REFERENCE_PRICE"]
    m.does("prices index=100")
    assert m.does("ann t2 sell 5 TRAILING_STOP callback=500") == ["t2 REJECTED 0: NO_REFERENCE_PRICE"]
    assert m.does("ann t3 sell 5 TRAILING_STOP callback=500 by=INDEX activation=100") == ["t3 ACCEPTED 5, waits for 95"]


# ---- asleep -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("phase", ["HALT", "CANCEL_ONLY", "POST_ONLY", "AUCTION"])
def test_asleep_until_a_fresh_price_after_reopening(phase: str) -> None:
    """A price that comes in the meantime is kept and fires nothing, nor does the reopening itself."""
    m = marked()
    m.after("ann s1 buy 5 STOP_MARKET trigger=105", f"phase {phase}")
    assert m.does("prices mark=107") == ["PRICES_SET 107 / 100"]
    assert m.does("phase OPEN") == ["PHASE_CHANGED OPEN"]
    assert m.does("prices mark=107")[1] == "s1 TRIGGERED 5"


def test_due_orders_wait_again_when_the_market_closes() -> None:
    """Reached, not yet triggered, halted: it takes the price once more."""
    m = marked()
    m.does("ann s1 buy 5 STOP_MARKET trigger=105")
    m.ticks = False
    m.after("prices mark=105", "phase HALT")
    m.ticks = True
    assert m.does("phase OPEN") == ["PHASE_CHANGED OPEN"]
    assert len(m.does("prices mark=104")) == 1
    assert m.does("prices mark=105")[1] == "s1 TRIGGERED 5"


def test_a_trigger_in_a_phase_that_forbids_its_order() -> None:
    """REDUCE_ONLY: what would add ends, what reduces goes on."""
    m = marked()
    m.after("hal h1 sell 5 @ 100", "ann a0 buy 5 @ 100", "phase REDUCE_ONLY")
    m.after("ann s2 sell 5 STOP_MARKET trigger=95 reduce-only", "phase OPEN", "ann s1 sell 5 STOP_MARKET trigger=95")
    assert m.after("phase REDUCE_ONLY", "prices mark=95")[1:] == [
        "s2 TRIGGERED 5",
        "TRADE 5 @ 92 of s2 with m2",
        "s1 TRIGGERED 5",
        "s1 EXPIRED 5 -> 0: PHASE_ENDED",
    ]


# ---- what may be done with it while it waits ----------------------------------------------------------
def test_canceled_and_amended_while_it_waits() -> None:
    """A trigger order is an open order."""
    m = marked()
    m.after("ann s1 buy 5 STOP_MARKET trigger=105", "ann s2 buy 5 STOP_MARKET trigger=105")
    assert m.does("ann amend s1 trigger=107") == ["s1 AMENDED 5 -> 5, waits for 107"]
    assert m.does("ann amend s1 quantity=3") == ["s1 AMENDED 5 -> 3, waits for 107"]
    assert m.does("ann amend s1 trigger=100") == ["s1 REJECTED 3, waits for 107: IMMEDIATE_TRIGGER"]
    assert m.does("ann cancel s2") == ["s2 CANCELED 5 -> 0: USER_REQUEST"]
    assert m.does("prices mark=107")[1] == "s1 TRIGGERED 3"


def test_a_new_trigger_price_takes_a_due_order_out_of_the_queue() -> None:
    """It had been reached at 105, and now waits for 110."""
    m = marked()
    m.does("ann s1 buy 5 STOP_MARKET trigger=105")
    m.ticks = False
    m.after("prices mark=105", "ann amend s1 trigger=110")
    m.ticks = True
    assert m.wait(1) == []
    assert m.does("prices mark=110")[1] == "s1 TRIGGERED 5"


def test_a_trailing_stop_cannot_be_given_a_trigger() -> None:
    """Its trigger follows the price."""
    m = marked()
    m.does("ann t1 sell 5 TRAILING_STOP callback=500")
    assert m.does("ann amend t1 trigger=97") == ["t1 REJECTED 5, waits for 95: NOT_AMENDABLE"]


def test_it_waits_over_a_restart() -> None:
    """Triggers, queue and extremes are part of the state."""
    m = marked()
    m.after("ann s1 buy 5 STOP_MARKET trigger=105", "ann t1 sell 5 TRAILING_STOP callback=500", "prices mark=104")
    m.reload()
    assert m.does("ann ask t1") == ["t1 ORDER_STATE 5, waits for 98"]
    assert m.does("prices mark=105")[1] == "s1 TRIGGERED 5"

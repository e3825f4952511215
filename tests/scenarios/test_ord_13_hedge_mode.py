"""ORD-13: LONG and SHORT legs, or one position."""

from __future__ import annotations

import pytest

from tests.oracle.records import EventFlag, EventType
from tests.scenarios.market import Market

pytestmark = pytest.mark.rule("ORD-13")
LEGS = EventFlag.LONG_LEG | EventFlag.SHORT_LEG


def hedged() -> Market:
    """ann in hedge mode, with bids at 99 and asks at 101 to trade with."""
    m = Market()
    m.after("ann mode HEDGE", "mo m1 buy 100 @ 99", "mo m2 sell 100 @ 101")
    return m


def test_both_legs_at_once() -> None:
    """Long 5 and short 3, from the same account."""
    m = hedged()
    m.after("ann a1 buy 5 long", "ann a2 sell 3 short")
    assert (m.position("ann"), m.position("ann", "SHORT")) == (5, -3)


def test_a_leg_must_be_named() -> None:
    """One, and not both; and none in one-way mode."""
    m = hedged()
    for number, words in enumerate(("", "long short")):
        assert m.does(f"ann a{number} buy 5 @ 90 {words}")[0].endswith("INVALID_POSITION_SIDE")
    assert m.does("bob b1 buy 5 @ 90 long")[0].endswith("INVALID_POSITION_SIDE")


@pytest.mark.parametrize(("opens", "closes"), [("buy 5 long", "sell 9 long"), ("sell 5 short", "buy 9 short")])
def test_what_closes_a_leg_is_reduce_only(opens: str, closes: str) -> None:
    """Refused without a position, clamped to it with one."""
    m = hedged()
    assert m.does(f"ann a1 {closes}")[0].endswith("REDUCE_ONLY_REJECTED")
    m.does(f"ann a2 {opens}")
    m.does(f"ann a3 {closes}")
    assert (m.position("ann"), m.position("ann", "SHORT")) == (0, 0)


@pytest.mark.parametrize("opens", ["buy {} long", "sell {} short"])
def test_what_opens_a_leg_cannot_reduce_it(opens: str) -> None:
    """Such an order could wait for its trigger, and never do anything: refused at once."""
    m = hedged()
    m.after("prices mark=100", "ann a1 buy 5 long", "ann a2 sell 5 short")
    trigger = "trigger=105" if opens.startswith("buy") else "trigger=95"
    for number, words in enumerate(("5", "5 @ 100", f"5 STOP_MARKET {trigger}", f"5 STOP @ 100 {trigger}")):
        line = f"ann r{number} {opens.format(words)} reduce-only"
        assert m.does(line)[0].endswith(": INVALID_COMBINATION"), line
    assert m.does(f"ann c1 {opens.format('0')} STOP_MARKET close-position {trigger}")[0].endswith(
        ": INVALID_COMBINATION"
    )


def test_the_hook_looks_at_one_leg_only() -> None:
    """Closing the long leg lowers orders that close the long leg, and not those of the short one."""
    m = hedged()
    m.after("ann a1 buy 5 long", "ann a2 sell 5 short")
    m.after("ann a3 sell 5 @ 110 long", "ann a4 buy 5 @ 90 short")
    told = m.does("ann a5 sell 3 long")
    assert told[1:] == ["TRADE 3 @ 99 of a5 with m1", "a3 REDUCED 5 -> 2 @ 110, rests: REDUCE_ONLY"]


def test_one_leg_against_the_other() -> None:
    """With self-trades allowed, both legs grow by one trade."""
    m = Market()
    m.after("ann mode HEDGE", "ann a1 sell 5 @ 100 short")
    m.does("ann a2 buy 5 @ 100 long stp=NONE")
    assert (m.position("ann"), m.position("ann", "SHORT")) == (5, -5)


@pytest.mark.parametrize("back", ["HEDGE", "ONE_WAY"])
def test_switching_needs_flat_positions_and_no_orders(back: str) -> None:
    """Naming the mode that it is in is always all right."""
    m = hedged()
    m.does("ann a1 buy 5 long")
    expected = "POSITION_MODE_SET HEDGE" if back == "HEDGE" else "REJECTED: POSITION_NOT_FLAT"
    assert m.does(f"ann mode {back}") == [expected]
    m.after("ann a2 sell 5 long", "ann a3 buy 5 @ 90 long")
    expected = "POSITION_MODE_SET HEDGE" if back == "HEDGE" else "REJECTED: ORDERS_OPEN"
    assert m.does(f"ann mode {back}") == [expected]
    m.does("ann cancel a3")
    assert m.does(f"ann mode {back}") == [f"POSITION_MODE_SET {back}"]


def test_a_trigger_order_keeps_the_mode() -> None:
    """It is an open order."""
    m = Market()
    m.after("prices mark=100", "ann s1 buy 5 STOP_MARKET trigger=105")
    assert m.does("ann mode HEDGE") == ["REJECTED: ORDERS_OPEN"]


def test_close_position_of_a_leg() -> None:
    """The short one, by a buy."""
    m = hedged()
    m.after("prices mark=100", "ann a1 sell 7 short", "ann a2 buy 4 long")
    m.does("ann c1 buy 0 STOP_MARKET close-position short trigger=105")
    assert m.does("prices mark=105")[1:] == ["c1 TRIGGERED 7", "TRADE 7 @ 101 of c1 with m2"]
    assert (m.position("ann"), m.position("ann", "SHORT")) == (4, 0)


def legs(m: Market) -> list[tuple[str, str]]:
    """The legs that each event of the last command names: of its order, and of the maker."""
    names = {0: "", EventFlag.LONG_LEG: "LONG", EventFlag.SHORT_LEG: "SHORT"}
    return [(names[event.flags & LEGS], names[event.maker_flags & LEGS]) for event in m.events]


@pytest.mark.parametrize(
    ("leg", "order"),
    [("LONG", "a1 buy 5 @ 100 long"), ("SHORT", "a1 sell 5 @ 100 short"), ("LONG", "a1 buy 5 @ 100 long show=2")],
)
def test_every_event_names_the_leg(leg: str, order: str) -> None:
    """Of ann's order while it is open, when it has ended, and when it is asked for; never of bob's, in one-way mode."""
    m = hedged()
    for line in (order, "amend a1 quantity=4", "ask a1"):
        m.does(f"ann {line}")
        assert legs(m) == [(leg, "")], line
    other = "sell" if leg == "LONG" else "buy"
    m.does(f"bob b1 {other} 1 @ 100")
    assert legs(m) == [("", ""), ("", leg)]
    for line in ("cancel a1", "ask a1", "cancel a1"):
        m.does(f"ann {line}")
        assert legs(m) == [(leg, "")], line
    m.does(f"ann a2 {order[3:]} stp=NONE".replace("@ 100", "@ 101" if leg == "LONG" else "@ 99"))
    assert legs(m) == [(leg, ""), (leg, "")]


def test_a_trade_of_both_legs_names_both() -> None:
    """One account is taker and maker."""
    m = hedged()
    m.after("ann a1 sell 5 @ 100 short", "ann a2 buy 3 @ 100 long stp=NONE")
    assert legs(m) == [("LONG", ""), ("LONG", "SHORT")]


@pytest.mark.parametrize("hedge", [False, True])
def test_a_refused_order_names_the_leg_as_sent(hedge: bool) -> None:
    """In either mode; both, when both were named."""
    m = Market()
    m.after("mo m1 sell 5 @ 101", *(["ann mode HEDGE"] if hedge else []))
    sent = {"": 0, "long": EventFlag.LONG_LEG, "short": EventFlag.SHORT_LEG, "long short": LEGS}
    for number, (words, flags) in enumerate(sent.items()):
        m.does(f"ann a{number} buy 0 @ 90 {words}")
        assert (m.events[0].type, m.events[0].flags & LEGS) == (EventType.REJECTED, flags)
        m.does(f"ann ask a{number}")
        assert (m.events[0].type, m.events[0].flags & LEGS) == (EventType.ORDER_STATE, flags)

"""INS-3: a change of the instrument is a logged command that takes effect at its sequence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.oracle.records import (
    INT64_MAX,
    INT64_MIN,
    OPEN_ORDERS_PER_ACCOUNT_MAX,
    PRICE_MAX,
    QUANTITY_MAX,
    EventType,
    Phase,
    Reason,
    Rules,
)
from tests.scenarios.market import Market

pytestmark = pytest.mark.rule("INS-3")


def test_new_rules_bind_new_orders_only() -> None:
    """Open orders stay as they are, also where the new rules would not take them."""
    m = Market()
    m.does("ann a1 sell 5 @ 100")
    m.send(Rules(price_min=200))
    assert m.does("ann a2 sell 5 @ 100") == ["a2 REJECTED 0 @ 100: PRICE_OUT_OF_RANGE"]
    assert m.does("bob b1 buy 5 @ 200")[1:] == ["TRADE 5 @ 100 of b1 with a1"]


@pytest.mark.parametrize(
    "change",
    [
        *({"price_min": p} for p in (0, -1, INT64_MIN, INT64_MAX)),
        *({"price_max": p} for p in (0, PRICE_MAX + 1, INT64_MIN, INT64_MAX)),
        {"price_min": 11, "price_max": 10},
        *({"quantity_min": q} for q in (0, -1, INT64_MIN, INT64_MAX)),
        *({"quantity_max": q} for q in (0, QUANTITY_MAX + 1, INT64_MAX)),
        {"quantity_min": 11, "quantity_max": 10},
        *({"market_quantity_max": q} for q in (0, -1, QUANTITY_MAX + 1)),
        *({"notional_min": n} for n in (-1, INT64_MIN)),
        *({"tick_lot_value": v} for v in (0, -1, INT64_MIN)),
        *({"open_orders_max": n} for n in (0, OPEN_ORDERS_PER_ACCOUNT_MAX + 1, 2**32 - 1)),
        *({"trigger_orders_max": n} for n in (1_001, 2**32 - 1)),
        *({"position_max": n} for n in (-1, 2**50 + 1, INT64_MAX)),
        *({"band_up_bps": n} for n in (1_000_001, 2**32 - 1)),
        *({"band_down_bps": n} for n in (10_000, 2**32 - 1)),
        *({name: e} for name in ("tick_exponent", "lot_exponent") for e in (-19, 19)),
        {"reserved": 1},
    ],
    ids=str,
)
def test_rules_that_contradict_themselves(change: dict[str, int]) -> None:
    """Refused; the old rules stay in force."""
    m = Market(rules=Rules(price_min=5))
    (event,) = m.send(replace(Rules(), **change))  # type: ignore[arg-type]
    assert (event.type, event.reason) == (EventType.REJECTED, Reason.INVALID_INSTRUMENT)
    assert m.does("ann a1 sell 5 @ 4") == ["a1 REJECTED 0 @ 4: PRICE_OUT_OF_RANGE"]


def test_rules_at_their_bounds() -> None:
    """Every bound itself is allowed."""
    m = Market(opened=False)
    for rules in (
        Rules(price_min=PRICE_MAX, price_max=PRICE_MAX, quantity_min=QUANTITY_MAX, open_orders_max=1),
        Rules(1, 1, 1, 1, 1, INT64_MAX, INT64_MAX, OPEN_ORDERS_PER_ACCOUNT_MAX),
    ):
        assert [event.type for event in m.send(rules)] == [EventType.INSTRUMENT_DEFINED]


def test_fewer_open_orders_allowed() -> None:
    """An account above the new limit keeps its orders and cannot add one; it still may amend."""
    m = Market()
    m.after("ann a1 sell 5 @ 100", "ann a2 sell 5 @ 101", "ann a3 sell 5 @ 102")
    m.send(Rules(open_orders_max=2))
    assert m.does("ann a4 sell 5 @ 103") == ["a4 REJECTED 0 @ 103: TOO_MANY_OPEN_ORDERS"]
    assert m.does("ann amend a1 price=99") == ["a1 AMENDED 5 -> 5 @ 99, rests"]
    m.after("ann cancel a2", "ann cancel a3")
    assert m.does("ann a5 sell 5 @ 103") == ["a5 ACCEPTED 5 @ 103, rests"]


# ---- another tick, another lot --------------------------------------------------------------------------
def sized(tick: int = 1, lot: int = 1, **fields: int) -> Rules:
    """Ticks and lots of so many hundredths."""
    return Rules(tick_mantissa=tick, tick_exponent=-2, lot_mantissa=lot, lot_exponent=-2, **fields)


def holding(lots: int, **fields: int) -> Market:
    """ann holds so many lots of 0.05, and the mark is 1000 ticks of 0.05; only cancels are taken."""
    m = Market(rules=sized(5, 5, **fields))
    m.after("prices mark=1000 index=1001", f"hal h1 sell {lots} @ 1003", f"ann a1 buy {lots} @ 1003")
    m.does("phase CANCEL_ONLY")
    return m


def test_a_smaller_tick_and_lot_count_more_of_them() -> None:
    """A fifth of each: positions and prices times five, to the last one."""
    m = holding(7)
    m.send(sized(1, 1))
    assert (m.position("ann"), m.position("hal")) == (35, -35)
    m.does("depth")
    end = m.events[-1]
    assert (end.price, end.filled, end.maker_filled) == (5_000, 5_005, 5_015)


def test_a_larger_tick_rounds_prices_down() -> None:
    """1001 of 0.05 is 500 of 0.10."""
    m = holding(6)
    m.send(sized(10, 10))
    assert m.position("ann") == 3
    m.does("depth")
    assert (m.events[-1].price, m.events[-1].filled, m.events[-1].maker_filled) == (500, 500, 501)


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (sized(5, 10), Reason.INVALID_INSTRUMENT),  # 7 lots of 0.05 are 3.5 of 0.10
        (sized(3, 5), Reason.INVALID_INSTRUMENT),  # five thirds
        (Rules(5, tick_mantissa=5, tick_exponent=8, lot_mantissa=5, lot_exponent=-2), Reason.INVALID_INSTRUMENT),
    ],
)
def test_changes_that_lose_something(rules: Rules, reason: Reason) -> None:
    """Refused, and nothing has changed."""
    m = holding(7)
    (event,) = m.send(rules)
    assert (event.type, event.reason) == (EventType.REJECTED, reason)
    assert m.position("ann") == 7


def test_not_with_open_orders() -> None:
    """Their prices and quantities would mean something else. Other rules may change all the time."""
    m = holding(6)
    m.after("phase OPEN", "ann a2 buy 1 @ 900", "phase CANCEL_ONLY")
    (event,) = m.send(sized(1, 1))
    assert (event.type, event.reason) == (EventType.REJECTED, Reason.ORDERS_OPEN)
    (event,) = m.send(sized(5, 5, price_min=7))
    assert event.type == EventType.INSTRUMENT_DEFINED
    assert event.rules().price_min == 7


@pytest.mark.parametrize("phase", Phase)
def test_only_while_nobody_can_place_orders(phase: Phase) -> None:
    """An order on its way must not come in as another price or quantity."""
    if phase == Phase.NONE:
        return
    m = holding(6)
    m.does(f"phase {phase.name}")
    allowed = phase in (Phase.HALT, Phase.CANCEL_ONLY, Phase.SETTLEMENT)
    (event,) = m.send(sized(1, 1))
    expected = (EventType.INSTRUMENT_DEFINED, Reason.NONE) if allowed else (EventType.REJECTED, Reason.PHASE_FORBIDS)
    assert (event.type, event.reason) == expected
    (event,) = m.send(sized(10, 10) if allowed else sized(5, 5, price_min=7))
    assert event.type == EventType.INSTRUMENT_DEFINED


def test_protection_limits_in_lots_go_with_the_lot() -> None:
    """4 lots of 0.05 are 20 of 0.01."""
    m = holding(6)
    m.after("mm protect 1 window=1000 lots=4")
    m.send(sized(5, 1))
    m.after("phase OPEN", "mm m1 buy 50 @ 900 group=1")
    assert "PROTECTION" not in " ".join(m.does("bob b1 sell 19 @ 900"))
    assert "PROTECTION 1: MARKET_MAKER_PROTECTION" in m.does("bob b2 sell 1 @ 900")


def test_the_definitions_sequence_is_its_version() -> None:
    """And the event holds the rules in force from the next command on."""
    m = Market()
    (event,) = m.send(sized(5, 5, price_min=3, band_up_bps=100))
    assert (event.type, event.sequence) == (EventType.INSTRUMENT_DEFINED, m.oracle.definition_sequence)
    assert event.rules() == sized(5, 5, price_min=3, band_up_bps=100)

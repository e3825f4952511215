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

"""Another tick or lot while the venue runs (INS-3): what is kept is told in the new units, exactly or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.oracle.records import Command, CommandType, EventType, Phase, Reason, Rules
from tests.unit.engine.core_kit import buy, cancel, do, open_shard, sell, state_hash
from tidegate.engine.core import Shard

RULES = Rules(tick_mantissa=5, tick_exponent=-1, lot_mantissa=1, lot_exponent=-3)


def phase(to: Phase) -> Command:
    return Command.of(CommandType.SET_PHASE, phase=to)


def with_positions() -> Shard:
    """Accounts 1 and 2 hold +60 and -60 lots; mark 1,001, index 999, last 1,000 ticks of 0.5; CANCEL_ONLY."""
    shard = open_shard(RULES)
    prices = Command.of(CommandType.SET_PRICES, price=1001, quantity=999)
    do(shard, prices, sell(2, 1000, 60), buy(1, 1000, 60), phase(Phase.CANCEL_ONLY))
    return shard


def units(shard: Shard) -> tuple[int, int, int, int]:
    return shard.position(1), shard.mark_price, shard.index_price, shard.last_price


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"tick_mantissa": 1, "tick_exponent": -1}, (60, 5005, 4995, 5000)),  # a fifth
        ({"tick_mantissa": 1, "tick_exponent": 0}, (60, 500, 499, 500)),  # twice: rounded down
        ({"tick_mantissa": 50, "tick_exponent": -2}, (60, 1001, 999, 1000)),  # the same in other words
        ({"tick_mantissa": 5, "tick_exponent": 3}, (60, 1, 1, 1)),  # at least 1
        ({"lot_mantissa": 1, "lot_exponent": -5}, (6000, 1001, 999, 1000)),
        ({"lot_mantissa": 1, "lot_exponent": -12}, (60 * 10**9, 1001, 999, 1000)),  # the most
        ({"lot_mantissa": 2, "lot_exponent": -2}, (3, 1001, 999, 1000)),
        ({"tick_mantissa": 0}, (60, 1001, 999, 1000)),  # not known: nothing to compare with
    ],
)
def test_units_change_with_the_definition(changes: dict[str, int], expected: tuple[int, int, int, int]) -> None:
    """Positions exactly, prices rounded down."""
    shard = with_positions()
    (event,) = do(shard, replace(RULES, **changes))  # type: ignore[arg-type]
    assert event.type == EventType.INSTRUMENT_DEFINED
    assert units(shard) == expected
    assert shard.position(2) == -expected[0]
    assert shard.definition_sequence == shard.sequence


@pytest.mark.parametrize(
    "changes",
    [
        {"tick_mantissa": 3, "tick_exponent": -1},  # neither is a whole number of the other
        {"lot_mantissa": 7, "lot_exponent": -3},  # 60 lots are no whole number of those
        {"lot_mantissa": 1, "lot_exponent": -13},  # more than 10^9 times
        {"tick_mantissa": 5, "tick_exponent": 18},
    ],
)
def test_what_does_not_come_out_is_refused_whole(changes: dict[str, int]) -> None:
    """Position, prices and rules stay."""
    shard = with_positions()
    before = units(shard), shard.definition_sequence
    (event,) = do(shard, replace(RULES, **changes))  # type: ignore[arg-type]
    assert (event.type, event.reason) == (EventType.REJECTED, Reason.INVALID_INSTRUMENT)
    assert (units(shard), shard.definition_sequence) == before


def test_not_while_orders_are_open() -> None:
    """Then once they are gone."""
    shard = with_positions()
    _, order, _ = do(shard, phase(Phase.OPEN), buy(1, 900, 1), phase(Phase.CANCEL_ONLY))
    finer = replace(RULES, tick_mantissa=1)
    (event,) = do(shard, finer)
    assert (event.type, event.reason) == (EventType.REJECTED, Reason.ORDERS_OPEN)
    (same_units,) = do(shard, replace(RULES, open_orders_max=9))
    assert same_units.type == EventType.INSTRUMENT_DEFINED
    do(shard, cancel(1, order.order_id))
    (event,) = do(shard, finer)
    assert event.type == EventType.INSTRUMENT_DEFINED


def test_a_protection_in_lots_goes_along() -> None:
    """Its limit and what was counted; seen in the state of a shard that had it so from the start."""
    limits = {"account": 2, "group": 1, "quantity": 5000, "quantity_limit": 100}
    shard = open_shard(RULES)
    protect = Command.of(CommandType.SET_PROTECTION, **limits)
    maker = sell(2, 1000, 60)
    maker.group = 1
    do(shard, protect, maker, buy(1, 1000, 60), phase(Phase.HALT), replace(RULES, lot_exponent=-4), phase(Phase.OPEN))
    assert shard.position(2) == -600
    again = sell(2, 1000, 399)
    again.group = 1
    events = do(shard, again, buy(1, 1000, 399))
    assert EventType.PROTECTION not in {each.type for each in events}
    last = sell(2, 1000, 1)
    last.group = 1
    (*_, event) = do(shard, last, buy(1, 1000, 1))
    assert (event.type, event.leaves, event.quantity) == (EventType.PROTECTION, 1000, 5000)
    copy = open_shard(RULES)
    copy.load(shard.dump())
    assert state_hash(copy) == state_hash(shard)

"""Trigger orders in the core: many at once, trailing stops, the queue of due ones, expiry (ORD-1, ORD-9)."""

from __future__ import annotations

import random

import pytest

from tests.oracle.records import (
    Command,
    CommandType,
    Event,
    EventType,
    OrderStatus,
    OrderType,
    Phase,
    Reason,
    Rules,
    Side,
    TimeInForce,
    TriggerBy,
)
from tests.unit.engine.core_kit import amend, buy, cancel, do, open_shard, order, sell, state_hash
from tidegate.engine.core import Shard

TICK = Command(CommandType.TICK)


def prices(mark: int = 0, index: int = 0) -> Command:
    """A SET_PRICES."""
    return Command(CommandType.SET_PRICES, price=mark, quantity=index)


def stop(account: int, side: Side, trigger_price: int, quantity: int, **more: int) -> Command:
    """A STOP_MARKET by mark, GTC."""
    fields = {"order_type": OrderType.STOP_MARKET, "trigger_by": TriggerBy.MARK, "trigger_price": trigger_price}
    return order(account, side, 0, quantity, **{**fields, **more})


def trailing(account: int, side: Side, callback_bps: int, activation: int = 0, **more: int) -> Command:
    """A TRAILING_STOP by mark of one lot."""
    return stop(account, side, activation, 1, order_type=OrderType.TRAILING_STOP, callback_bps=callback_bps, **more)


def tick_all(shard: Shard) -> list[list[Event]]:
    """The events of the TICKs that are due, one after the other."""
    ticks = []
    while shard.due(10):
        ticks.append(do(shard, TICK))
    return ticks


def test_ten_thousand_stops_fire_in_the_order_in_which_the_price_passed_them() -> None:
    """One price move, both directions; rising ones first, each by how far the price has gone past, then by age."""
    shard = open_shard(Rules(trigger_orders_max=1_000), orders_max=1 << 15)
    do(shard, prices(mark=50_000))
    rng = random.Random(1)
    placed = []
    for number in range(10_000):
        rising = rng.random() < 0.5
        trigger_price = 50_001 + rng.randrange(500) if rising else 49_999 - rng.randrange(500)
        side = Side.BUY if rising else Side.SELL
        (event,) = do(shard, stop(1 + number % 20, side, trigger_price, 1))
        assert (event.type, event.status) == (EventType.ACCEPTED, OrderStatus.UNTRIGGERED)
        placed.append((rising, trigger_price, event.order_id))
    for mark, wanted in ((60_000, True), (40_000, False)):
        assert [event.type for event in do(shard, prices(mark=mark))] == [EventType.PRICES_SET]
        ticks = tick_all(shard)
        fired = [event.order_id for events in ticks for event in events if event.type == EventType.TRIGGERED]
        expected = sorted((p if wanted else -p, order_id) for rising, p, order_id in placed if rising == wanted)
        assert fired == [order_id for _, order_id in expected]
        assert all(len(events) <= 520 for events in ticks), "a TICK leaves the rest to the next one"
        assert [events[-1].leaves for events in ticks] == [1] * (len(ticks) - 1) + [0]
    assert shard.open_orders == shard.waiting_orders == 0


def test_stops_that_trade_set_off_others_by_the_last_price() -> None:
    """A cascade: each stop trades one tick lower, which is the next one's trigger."""
    shard = open_shard(Rules(trigger_orders_max=1_000))
    do(shard, prices(mark=1_000), *(buy(1, 900 - step, 1) for step in range(100)))
    do(shard, sell(2, 901, 1), buy(3, 901, 1))
    for step in range(100):
        do(shard, stop(2, Side.SELL, 900 - step, 1, trigger_by=TriggerBy.LAST))
    do(shard, sell(4, 900, 1))
    events = [event for tick in tick_all(shard) for event in tick]
    assert [event.price for event in events if event.type == EventType.TRADE] == list(range(899, 800, -1))
    assert [event.reason for event in events if event.type == EventType.EXPIRED] == [Reason.MARKET_REMAINDER]
    assert shard.open_orders == 0


@pytest.mark.parametrize(("side", "moves", "expected"), [
    (Side.SELL, (1_000, 1_100, 1_090, 1_200, 1_081, 1_080), [900, 990, 990, 1_080, 1_080]),
    (Side.BUY, (1_000, 900, 910, 800, 879, 880), [1_100, 990, 990, 880, 880]),
])  # fmt: skip
def test_a_trailing_stop_follows_one_way_and_fires_on_the_way_back(
    side: Side, moves: tuple[int, ...], expected: list[int]
) -> None:
    """Ten per cent behind the best price since it was placed."""
    shard = open_shard()
    do(shard, prices(mark=moves[0]))
    (placed,) = do(shard, trailing(1, side, 1_000))
    seen = [placed.trigger_price]
    for mark in moves[1:]:
        do(shard, prices(mark=mark))
        if shard.due(10):
            break
        (state,) = do(shard, Command(CommandType.QUERY_ORDER, account=1, order_id=placed.order_id))
        seen.append(state.trigger_price)
    assert (seen, mark) == (expected, moves[-1])
    assert do(shard, TICK)[0].type == EventType.TRIGGERED


def test_a_trailing_stop_is_told_active_before_it_fires_even_when_both_wait_for_the_tick() -> None:
    """Activated and reached before any TICK: one turn for each, and a cancel takes both back."""
    shard = open_shard()
    do(shard, prices(mark=1_000))
    first, second = do(shard, trailing(1, Side.SELL, 100, 1_100), trailing(2, Side.SELL, 100, 1_100))
    do(shard, prices(mark=1_100), prices(mark=1_000))
    copy = Shard(3, orders_max=64, retained_max=64, accounts_max=64)
    copy.load(shard.dump())
    assert copy.dump() == shard.dump()
    do(shard, cancel(2, second.order_id))
    told = [(event.type, event.order_id) for event in do(shard, TICK)]
    assert told[:3] == [
        (EventType.TRAILING_ACTIVATED, first.order_id),
        (EventType.TRIGGERED, first.order_id),
        (EventType.EXPIRED, first.order_id),
    ]
    assert len(do(copy, TICK)) == 7, "the copy had both in its queue"


def test_what_is_due_waits_again_when_the_phase_ends() -> None:
    """Put back with the phase; asleep after reopening until a price comes in."""
    shard = open_shard()
    do(shard, prices(mark=1_000))
    (placed, follower) = do(shard, stop(1, Side.SELL, 900, 1), trailing(1, Side.SELL, 100, 990))
    do(shard, prices(mark=890))
    assert shard.due(10)
    do(shard, Command(CommandType.SET_PHASE, phase=Phase.POST_ONLY))
    assert not shard.due(10)
    do(shard, Command(CommandType.SET_PHASE, phase=Phase.OPEN))
    (activated, done) = do(shard, TICK)
    assert (activated.type, activated.order_id) == (EventType.TRAILING_ACTIVATED, follower.order_id)
    assert (done.type, done.quantity, done.leaves) == (EventType.TICK_DONE, 1, 0)
    do(shard, prices(mark=899))
    assert do(shard, TICK)[0].order_id == placed.order_id


def test_an_amended_trigger_takes_a_due_order_out_of_the_queue() -> None:
    """Then it waits for its new price; and takes its place by age among others at that price."""
    shard = open_shard()
    do(shard, prices(mark=1_000))
    old, young = do(shard, stop(1, Side.SELL, 900, 1), stop(1, Side.SELL, 800, 1))
    do(shard, prices(mark=900))
    amendment = amend(1, old.order_id)
    amendment.trigger_price = 800
    assert do(shard, amendment)[0].type == EventType.AMENDED
    assert not shard.due(10)
    do(shard, prices(mark=800))
    assert [e.order_id for e in do(shard, TICK) if e.type == EventType.TRIGGERED] == [old.order_id, young.order_id]


def test_orders_expire_by_time_then_age_whether_they_rest_or_wait() -> None:
    """GTD of a limit order and of a stop; nothing happens before the time."""
    shard = open_shard()
    do(shard, prices(mark=1_000))
    gtd = {"time_in_force": TimeInForce.GTD}
    late, resting, waiting = do(
        shard,
        buy(1, 90, 1, expiry_ns=30, **gtd),
        buy(1, 91, 1, expiry_ns=20, **gtd),
        stop(1, Side.SELL, 900, 1, expiry_ns=20, **gtd),
    )
    assert (shard.next_due_ns, shard.due(19), shard.due(20)) == (20, False, True)
    events = [Event.unpack(record) for record in split(shard.apply(TICK.pack(), 20, 1))]
    assert [(e.type, e.order_id, e.reason) for e in events[:-1]] == [
        (EventType.EXPIRED, resting.order_id, Reason.EXPIRY),
        (EventType.EXPIRED, waiting.order_id, Reason.EXPIRY),
    ]
    do(shard, cancel(1, late.order_id))
    assert not shard.due(10**18)


def split(events: bytes) -> list[bytes]:
    """Records of 192 bytes."""
    return [events[at : at + 192] for at in range(0, len(events), 192)]


def test_a_tick_with_nothing_due_changes_nothing_but_the_sequence() -> None:
    """In a log it is a command like any other."""
    shard = open_shard()
    (done,) = do(shard, TICK)
    assert (done.type, done.quantity, done.leaves, shard.sequence) == (EventType.TICK_DONE, 0, 0, done.sequence)
    assert len(state_hash(shard)) == 64

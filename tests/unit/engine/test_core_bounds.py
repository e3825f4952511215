"""What one command may do at most: cancels, ticks, fills; and what is left is told (docs/rules/venue.md, TICK)."""

from __future__ import annotations

from tests.oracle.records import (
    Command,
    CommandType,
    Event,
    EventType,
    Phase,
    Reason,
    Rules,
    TimeInForce,
    unpack_events,
)
from tests.unit.engine.core_kit import buy, do, open_shard, sell
from tidegate.engine.core import Shard

TICK = Command(CommandType.TICK)
MANY = 30_500


def shard_with_many(**terms: int) -> Shard:
    """30,500 bids of four accounts."""
    shard = open_shard(Rules(open_orders_max=10_000), orders_max=1 << 15)
    do(shard, *(buy(1 + at % 4, 1 + at % 50, 1, **terms) for at in range(MANY)))
    assert shard.open_orders == MANY
    return shard


def test_cancel_all_of_everyone_stops_at_its_bound_and_says_so() -> None:
    """By account, then age; the second one finds the rest."""
    shard = shard_with_many()
    cancel_all = Command(CommandType.CANCEL_ALL)
    cancel_all.scope = 5
    first = do(shard, cancel_all)
    assert (first[-1].type, first[-1].quantity, first[-1].leaves) == (EventType.CANCEL_ALL_DONE, 30_000, 1)
    assert [(e.account, e.order_id) for e in first[:-1]] == sorted((e.account, e.order_id) for e in first[:-1])
    assert {event.reason for event in first[:-1]} == {Reason.OPERATOR}
    second = do(shard, cancel_all)
    assert (second[-1].quantity, second[-1].leaves, shard.open_orders) == (MANY - 30_000, 0, 0)


def at(shard: Shard, time_ns: int) -> list[Event]:
    """The events of a TICK at a time."""
    return unpack_events(shard.apply(TICK.pack(), time_ns, 1))


def test_expiries_settlement_and_countdowns_stop_at_their_bounds() -> None:
    """`leaves` says that more is due; the next TICK goes on."""
    shard = shard_with_many(time_in_force=TimeInForce.GTD, expiry_ns=100)
    first, second = at(shard, 100), at(shard, 100)
    assert [(e[-1].quantity, e[-1].leaves) for e in (first, second)] == [(30_001, 1), (MANY - 30_001, 0)]

    shard = shard_with_many()
    do(shard, Command(CommandType.SET_PHASE, phase=Phase.SETTLEMENT))
    first, second = at(shard, 10), at(shard, 10)
    assert [(e[-1].quantity, e[-1].leaves) for e in (first, second)] == [(30_001, 1), (MANY - 30_001, 0)]
    assert {event.reason for event in first[:-1]} == {Reason.SETTLEMENT}

    shard = shard_with_many()
    do(shard, *(Command(CommandType.SET_COUNTDOWN, account=account, quantity=1) for account in (4, 3, 2, 1)))
    first, second = at(shard, 2_000_000), at(shard, 2_000_000)
    assert [(e[-1].quantity, e[-1].leaves, e[0].account) for e in (first, second)] == [(3, 1, 1), (1, 0, 4)]
    assert shard.open_orders == 0


def test_a_taker_expires_when_it_has_made_its_fills() -> None:
    """8,192 fills of one lot each, then FILL_LIMIT; a FOK of one more is not fillable at all."""
    shard = open_shard(Rules(open_orders_max=10_000), orders_max=1 << 14)
    do(shard, *(sell(1, 100, 1) for _ in range(9_000)))
    events = do(shard, buy(2, 100, 8_193, time_in_force=TimeInForce.FOK))
    assert events[1].reason == Reason.FOK_NOT_FILLABLE
    events = do(shard, buy(2, 100, 9_000))
    assert (len(events), events[-1].reason, events[-1].previous_leaves) == (8_194, Reason.FILL_LIMIT, 808)

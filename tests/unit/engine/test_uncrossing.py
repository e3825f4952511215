"""The auction's price over all ticks against a search of every tick, and an uncrossing in many commands (MAT-2)."""

from __future__ import annotations

import random

import pytest

from tests.oracle.records import (
    Command,
    CommandType,
    Event,
    EventFlag,
    EventType,
    Phase,
    Reason,
    Rules,
    Side,
    unpack_events,
)
from tests.unit.engine.core_kit import buy, do, open_shard, sell
from tidegate.engine.core import Shard

SECOND_NS = 1_000_000_000


def set_phase(phase: Phase) -> Command:
    return Command(CommandType.SET_PHASE, phase=phase)


def auction(*orders: Command, mark: int = 0, rules: Rules | None = None) -> Shard:
    """A shard in AUCTION with these orders on the book."""
    shard = open_shard(rules)
    prices = [Command.of(CommandType.SET_PRICES, price=mark)] if mark else []
    do(shard, *prices, set_phase(Phase.AUCTION), *orders)
    return shard


def indicative(shard: Shard) -> Event:
    """What the next TICK tells."""
    events = shard.apply(Command(CommandType.TICK).pack(), SECOND_NS, 1)
    return unpack_events(events)[0]


def every_tick(orders: list[Command], reference: int) -> tuple[int, int, int]:
    """Price, volume and surplus, by looking at each tick."""
    bids = [(each.price, each.quantity) for each in orders if each.side == Side.BUY]
    asks = [(each.price, each.quantity) for each in orders if each.side == Side.SELL]
    best_bid, best_ask = max(price for price, _ in bids), min(price for price, _ in asks)
    candidates = []
    for price in range(best_ask, best_bid + 1):
        demand = sum(quantity for at, quantity in bids if at >= price)
        supply = sum(quantity for at, quantity in asks if at <= price)
        distance = abs(price - reference) if reference else 0
        candidates.append((-min(demand, supply), abs(demand - supply), distance, price, demand - supply))
    volume, _, _, price, surplus = min(candidates, default=(0, 0, 0, 0, 0))
    return price, -volume, surplus


@pytest.mark.parametrize("mark", [0, 70, 100, 131, 400])
def test_the_price_is_the_best_of_all_ticks(mark: int) -> None:
    """Random books, wide and narrow."""
    chance = random.Random(mark)
    for _ in range(60):
        width = chance.choice((3, 30, 120))
        orders = [
            chance.choice((buy, sell))(1 + at % 7, 200 + chance.randrange(-width, width), chance.randrange(1, 9))
            for at in range(chance.randrange(2, 30))
        ]
        if {each.side for each in orders} != {Side.BUY, Side.SELL}:
            continue
        event = indicative(auction(*orders, mark=mark))
        assert event.type == EventType.AUCTION
        assert not event.flags & EventFlag.FINAL
        assert (event.price, event.quantity, event.leaves) == every_tick(orders, mark)


def test_empty_ticks_between_orders_count() -> None:
    """Between two prices of orders, the tick nearest to mark."""
    shard = auction(buy(1, 300, 5), sell(2, 100, 5), mark=217)
    assert indicative(shard).price == 217


def test_more_than_one_command_can_tell() -> None:
    """The first command tells as much as fits; TICKs go on in the same round, and the last one tells the phase."""
    count = 40_000
    rules = Rules(open_orders_max=10_000)
    shard = Shard(3, orders_max=1 << 17, retained_max=16, accounts_max=32)
    do_many(shard, [rules, set_phase(Phase.AUCTION)])
    makers = [sell(1 + at % 8, 100, 1) for at in range(count)]
    takers = [buy(11 + at % 8, 100, 1) for at in range(count)]
    do_many(shard, [*makers, *takers])
    refused = do_many(shard, [set_phase(Phase.OPEN)])
    assert [each.type for each in refused[:2]] == [EventType.AUCTION, EventType.TRADE]
    assert len(refused) < 32_768
    assert shard.phase == Phase.AUCTION
    assert shard.due(0)
    (again,) = do_many(shard, [set_phase(Phase.HALT)])
    assert (again.type, again.reason) == (EventType.REJECTED, Reason.PHASE_FORBIDS)
    last = do_many(shard, [Command(CommandType.TICK)])
    assert EventType.AUCTION not in {each.type for each in last}
    assert [each.type for each in last[-2:]] == [EventType.PHASE_CHANGED, EventType.TICK_DONE]
    trades = [each for each in refused + last if each.type == EventType.TRADE]
    assert [each.trade_id for each in trades] == list(range(1, count + 1))
    assert (shard.phase, shard.open_orders, shard.due(0)) == (Phase.OPEN, 0, False)


def do_many(shard: Shard, commands: list[Command | Rules]) -> list[Event]:
    return unpack_events(shard.apply(b"".join(each.pack() for each in commands), 10, 1))

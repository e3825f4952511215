"""core.triggers: 10,000 stops that one mark price fires, beside as many market orders that are sent.

The same book both times: makers with one lot each, one trade per stop or market order. The clock runs from
the SET_PRICES to the last of the TICKs that it takes.
"""

from __future__ import annotations

import time

from benchmarks.context import Context
from benchmarks.core_rules import TICK, open_shard, record, timed
from benchmarks.flow_commands import TradeCount
from benchmarks.results import Result, summary
from tidegate.engine.core import Shard

STOPS = 10_000
STOPS_EACH = 500  # of an account
MAKERS = 10  # accounts; each may have 10,000 open orders
MARK, MID = 40_000, 50_000
PLACE, SET_PRICES = 1, 11
BUY, SELL, LIMIT, MARKET, STOP_MARKET, GTC, IOC = 1, 2, 1, 2, 4, 1, 2
BY_MARK = 1


def run(context: Context) -> list[Result]:
    """Both ways by turns."""
    count = context.scaled(STOPS, 1_000)
    rates: dict[str, list[float]] = {"stops": [], "orders": []}
    ticks = 0
    for repetition in range(context.repetitions):
        context.say(f"core.triggers {repetition + 1}/{context.repetitions}")
        seconds, ticks = _fire(count)
        rates["stops"].append(count / seconds)
        rates["orders"].append(count / _send(count))
    sent = summary(rates["orders"])
    return [
        Result(
            "core.triggers",
            unit="stops/s",
            command="python -m benchmarks --only core.triggers",
            baseline=sent["value"],
            baseline_name="market orders/s",
            target="ratio ≥ 0.5",
            note=f"{count:,} stops fired by one mark price, in {ticks} ticks",
            **summary(rates["stops"]),
        )
    ]


def _with_makers(count: int) -> Shard:
    shard = open_shard()
    shard.apply(record(SET_PRICES, price=MARK), 1, 1)
    orders = [
        record(
            PLACE,
            account=1_000 + index % MAKERS,
            side=SELL,
            order_type=LIMIT,
            time_in_force=GTC,
            client_order_id=index + 1,
            price=MID + index // 10,
            quantity=1,
        )
        for index in range(count)
    ]
    shard.apply(b"".join(orders), 1, 1)
    return shard


def _taker(index: int, order_type: int, time_in_force: int, trigger_price: int = 0) -> bytes:
    return record(
        PLACE,
        account=1 + index // STOPS_EACH,
        side=BUY,
        order_type=order_type,
        time_in_force=time_in_force,
        client_order_id=1 + index,
        quantity=1,
        words=(trigger_price, 0, 0),
        detail=BY_MARK if trigger_price else 0,
    )


def _fire(count: int) -> tuple[float, int]:
    """CPU seconds from the mark price to the last tick, and how many ticks there were."""
    shard = _with_makers(count)
    shard.apply(b"".join(_taker(index, STOP_MARKET, GTC, MARK + 1 + index % 1_000) for index in range(count)), 1, 1)
    if shard.waiting_orders != count:
        raise RuntimeError(f"{shard.waiting_orders} of {count} stops wait")
    prices, tick = record(SET_PRICES, price=MARK + 1_000), record(TICK)
    events = []
    ticks = 0
    start = time.thread_time()
    events.append(shard.apply(prices, 1, 1))
    while shard.due(1):
        events.append(shard.apply(tick, 1, 1))
        ticks += 1
    seconds = time.thread_time() - start
    _check(b"".join(events), count)
    return seconds, ticks


def _send(count: int) -> float:
    shard = _with_makers(count)
    before = shard.trade_id
    seconds, _ = timed(shard, b"".join(_taker(index, MARKET, IOC) for index in range(count)))
    if shard.trade_id - before != count:
        raise RuntimeError(f"{shard.trade_id - before} trades of {count} market orders")
    return seconds


def _check(events: bytes, count: int) -> None:
    trades = TradeCount()
    trades.feed(events)
    if trades.count != count:
        raise RuntimeError(f"{trades.count} trades of {count} stops")

"""Client order ids, ended orders, queries, and the state's canonical form."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from tests.oracle.records import (
    Command,
    CommandType,
    EventFlag,
    EventType,
    OrderStatus,
    Reason,
    Rules,
    Side,
    TimeInForce,
)
from tests.unit.engine.core_kit import SYMBOL, amend, buy, cancel, do, market, open_shard, sell, state_hash
from tidegate.engine.core import Shard


def query(kind: CommandType, account: int = 0, **more: int) -> Command:
    """A question."""
    return Command(kind, account=account, **more)


def test_the_same_request_again_gets_the_original_result() -> None:
    """Open, filled, canceled or refused: the order as it is now, flagged as a repetition (ORD-3)."""
    shard = open_shard()
    requests = [buy(1, 90, 5), buy(1, 80, 5), market(1, Side.BUY, 3), buy(1, 0, 5)]
    placed = do(shard, *requests[:2]) + do(shard, requests[2])[:1] + do(shard, requests[3])
    do(shard, cancel(1, placed[1].order_id), sell(2, 90, 2))
    before = state_hash(shard), shard.sequence
    again = do(shard, *requests)
    assert all(e.type == EventType.ORDER_STATE and e.flags & EventFlag.DUPLICATE for e in again)
    assert [e.order_id for e in again] == [e.order_id for e in placed]
    assert [(e.status, e.reason, e.filled, e.leaves) for e in again] == [
        (OrderStatus.PARTIALLY_FILLED, 0, 2, 3),
        (OrderStatus.CANCELED, Reason.USER_REQUEST, 0, 0),
        (OrderStatus.EXPIRED, Reason.MARKET_REMAINDER, 0, 0),
        (OrderStatus.REJECTED, Reason.PRICE_OUT_OF_RANGE, 0, 0),
    ]
    assert shard.sequence == before[1] + 4


@pytest.mark.parametrize(
    "change",
    [
        {"price": 91},
        {"quantity": 6},
        {"side": Side.SELL},
        {"time_in_force": TimeInForce.GTX},
        {"flags": 1},
        {"stp_mode": 2},
        {"stp_group": 1},
    ],
    ids=str,
)
def test_another_body_is_refused(change: dict[str, int]) -> None:
    """Any field of the body makes it another request, even one that would mean the same."""
    shard = open_shard()
    request = buy(1, 90, 5)
    (placed,) = do(shard, request)
    do(shard, amend(1, placed.order_id, quantity=4))
    (refused,) = do(shard, replace(request, **change))
    assert (refused.type, refused.reason, refused.order_id) == (EventType.REJECTED, Reason.DUPLICATE_CLIENT_ORDER_ID, 0)
    (same,) = do(shard, request)
    assert (same.type, same.quantity) == (EventType.ORDER_STATE, 4)
    (stranger,) = do(shard, replace(request, account=2))
    assert stranger.type == EventType.ACCEPTED


def test_the_oldest_ended_order_is_forgotten_first() -> None:
    """Room for three: the fourth end forgets the first, by both ids, and its client order id is free again."""
    shard = open_shard(retained_max=3)
    requests = [buy(1, 90 + at, 1) for at in range(4)]
    placed = do(shard, *requests)
    for event in placed:
        do(shard, cancel(1, event.order_id))
    answers = do(shard, *(query(CommandType.QUERY_ORDER, 1, order_id=event.order_id) for event in placed))
    assert [event.type for event in answers] == [EventType.NOT_FOUND] + [EventType.ORDER_STATE] * 3
    assert [event.type for event in do(shard, requests[0], requests[1])] == [EventType.ACCEPTED, EventType.ORDER_STATE]


def remember(ended: list[tuple[int, int]], account: int, order_id: int, most: int) -> list[tuple[int, int]]:
    """What is known after one more end, when each of 64 accounts has a quota of max(1, most / 64)."""
    if most == 0:
        return []
    if len(ended) == most:
        accounts = [number for number, _ in ended]
        richest = min(set(accounts), key=lambda number: (-accounts.count(number), number))
        loser = account if accounts.count(account) >= max(1, most // 64) else richest
        at = accounts.index(loser)
        ended = ended[:at] + ended[at + 1 :]
    return [*ended, (account, order_id)]


@pytest.mark.parametrize("retained_max", [0, 1, 7, 64])
def test_ids_are_found_after_long_use(retained_max: int) -> None:
    """Thousands of orders through small tables: what is open or remembered is found, the rest is not."""
    shard = open_shard(orders_max=32, retained_max=retained_max)
    rng = random.Random(retained_max)
    open_orders: dict[int, Command] = {}
    ended: list[tuple[int, int]] = []  # account and order id, oldest end first
    for _ in range(4_000):
        if len(open_orders) < 32 and rng.random() < 0.5:
            request = buy(rng.randrange(1, 5), rng.randrange(1, 100_000), 1)
            open_orders[do(shard, request)[0].order_id] = request
        elif open_orders:
            order_id = rng.choice(list(open_orders))
            account = open_orders.pop(order_id).account
            assert do(shard, cancel(account, order_id))[0].type == EventType.CANCELED
            ended = remember(ended, account, order_id, retained_max)
    for order_id, request in open_orders.items():
        (answer,) = do(shard, query(CommandType.QUERY_ORDER, request.account, client_order_id=request.client_order_id))
        assert answer.order_id == order_id
    asked = [
        query(CommandType.QUERY_ORDER, account, order_id=order_id) for _, order_id in ended for account in range(1, 5)
    ]
    known = [event.order_id for event in do(shard, *asked) if event.type == EventType.ORDER_STATE]
    assert known == [order_id for _, order_id in ended]


def test_open_orders_in_pages() -> None:
    """Oldest first, a page at a time, and the end says where to go on."""
    shard = open_shard()
    ids = [event.order_id for event in do(shard, *(buy(1, 90 - at, 1) for at in range(5)), buy(2, 50, 1))][:5]
    first = do(shard, query(CommandType.QUERY_OPEN_ORDERS, 1, quantity=3))
    assert [event.order_id for event in first] == [*ids[:3], ids[2]]
    second = do(shard, query(CommandType.QUERY_OPEN_ORDERS, 1, quantity=3, order_id=first[-1].order_id))
    assert [event.order_id for event in second] == [*ids[3:], 0]
    assert second[-1].quantity == 2


def test_queries_change_nothing() -> None:
    """Not numbered, and the state is the same byte for byte."""
    shard = open_shard()
    do(shard, buy(1, 90, 5), sell(2, 95, 2), sell(2, 95, 3))
    before = shard.dump()
    depth = do(shard, query(CommandType.QUERY_DEPTH), query(CommandType.QUERY_OPEN_ORDERS, 9, quantity=5))
    assert [(e.type, e.side, e.price, e.leaves, e.quantity) for e in depth[:3]] == [
        (EventType.DEPTH_LEVEL, Side.BUY, 90, 5, 1),
        (EventType.DEPTH_LEVEL, Side.SELL, 95, 5, 2),
        (EventType.DEPTH_END, 0, 0, 0, 2),
    ]
    assert shard.dump() == before


def random_commands(rng: random.Random, count: int) -> list[Command]:
    """Places, cancels, amends and takers of a few accounts around one price."""
    commands: list[Command] = []
    for _ in range(count):
        account, price = rng.randrange(1, 5), rng.randrange(90, 111)
        commands.append(
            rng.choice(
                [
                    buy(account, price, rng.randrange(1, 9), stp_mode=rng.randrange(6)),
                    sell(account, price, rng.randrange(1, 9), reduce_only=rng.randrange(2), stp_mode=rng.randrange(6)),
                    cancel(account, rng.randrange(3, 400)),
                    amend(account, rng.randrange(3, 400), price, rng.randrange(9)),
                ]
            )
        )
    return commands


@pytest.mark.parametrize("seed", range(5))
def test_a_loaded_state_has_the_same_future(seed: int) -> None:
    """dump, load, dump is the same; and so is everything that happens afterwards."""
    rng = random.Random(seed)
    shard = open_shard(retained_max=40)
    do(shard, *random_commands(rng, 400))
    copy = Shard(SYMBOL, orders_max=1 << 11, retained_max=40, accounts_max=1 << 7)
    copy.load(shard.dump())
    assert copy.dump() == shard.dump()
    future = random_commands(rng, 400)
    assert do(copy, *future) == do(shard, *future)
    assert state_hash(copy) == state_hash(shard)


def test_load_takes_nothing_but_a_state() -> None:
    """Cut at any place, of another symbol, too big, or changed in what must hold: refused, nothing changed."""
    shard = open_shard()
    do(shard, *random_commands(random.Random(1), 60))
    state, before = shard.dump(), state_hash(shard)
    for end in range(0, len(state), 7):
        with pytest.raises(ValueError):
            shard.load(state[:end])
    for damaged in (state + bytes(8), b"X" + state[1:], state[:8] + b"\x09" + state[9:]):
        with pytest.raises(ValueError):
            shard.load(damaged)
    with pytest.raises(ValueError):
        Shard(SYMBOL, orders_max=1, retained_max=1, accounts_max=1).load(state)
    assert state_hash(shard) == before


def test_load_survives_any_damage() -> None:
    """A changed byte anywhere is refused or gives a state that works; it never crashes."""
    shard = open_shard()
    do(shard, *random_commands(random.Random(2), 40))
    state = shard.dump()
    rng = random.Random(3)
    for _ in range(2_000):
        damaged = bytearray(state)
        damaged[rng.randrange(len(state))] ^= 1 << rng.randrange(8)
        other = Shard(SYMBOL, orders_max=64, retained_max=64, accounts_max=8)
        try:
            other.load(damaged)
        except ValueError:
            continue
        assert len(other.dump()) == len(state)


def test_the_indices_grow_and_lose_nothing() -> None:
    """Thousands of open orders, half of them canceled at random by either id, all still known by both."""
    bounds = {"orders_max": 1 << 14, "retained_max": 1 << 14}
    shard = open_shard(Rules(open_orders_max=10_000), **bounds)
    placed = [buy(1 + number % 7, 1 + number % 50, 1) for number in range(9_000)]
    events = do(shard, *placed)
    assert all(event.type == EventType.ACCEPTED for event in events)
    rng = random.Random(7)
    gone = rng.sample(range(len(placed)), len(placed) // 2)
    by_either = [
        cancel(placed[at].account, events[at].order_id)
        if rng.random() < 0.5
        else cancel(placed[at].account, client_order_id=placed[at].client_order_id)
        for at in gone
    ]
    canceled = do(shard, *by_either)
    assert [event.order_id for event in canceled] == [events[at].order_id for at in gone]
    questions = [query(CommandType.QUERY_ORDER, each.account, client_order_id=each.client_order_id) for each in placed]
    answers = do(shard, *questions)
    assert [event.order_id for event in answers] == [event.order_id for event in events]
    ended = set(gone)
    assert [event.status == OrderStatus.CANCELED for event in answers] == [at in ended for at in range(len(placed))]
    successor = Shard(SYMBOL, **bounds, accounts_max=1 << 6)
    successor.load(shard.dump())
    assert do(successor, *questions) == answers

"""The state's canonical form with everything in it: it loads, has the same future, and nothing else loads."""

from __future__ import annotations

import random
import struct

import pytest

from tests.oracle.records import (
    Command,
    CommandFlag,
    CommandType,
    EventType,
    OrderType,
    Phase,
    PositionMode,
    Side,
    TimeInForce,
    TriggerBy,
)
from tests.unit.engine.core_kit import SYMBOL, buy, do, open_shard, order, sell, state_hash
from tidegate.engine.core import Shard

HEAD, RULES, ACCOUNT, GROUP, ORDER, OPEN = 124, 128, 40, 72, 128, 168
TICK = Command(CommandType.TICK)


def full_shard() -> Shard:
    """Icebergs, quotes, groups, countdowns, legs, GTD, sessions; stops that wait, follow, are due, are to be told."""
    shard = open_shard()
    session = {"flags": CommandFlag.COMMAND_CANCEL_ON_DISCONNECT, "origin": 9}
    stop = {"order_type": OrderType.STOP, "trigger_by": TriggerBy.MARK, "time_in_force": TimeInForce.GTD}
    trailing = {"order_type": OrderType.TRAILING_STOP, "trigger_by": TriggerBy.MARK, "callback_bps": 100}
    protection = Command(CommandType.SET_PROTECTION, account=4, price=3, quantity=1_000, trigger_price=100)
    protection.group = 2
    quote = Command(
        CommandType.QUOTE, account=4, time_in_force=TimeInForce.GTC, client_order_id=7, price=95, quantity=3
    )
    quote.ask_price, quote.ask_quantity, quote.group = 106, 2, 2
    hedge = Command(CommandType.SET_POSITION_MODE, account=5)
    hedge.mode = PositionMode.HEDGE
    do(
        shard,
        Command(CommandType.SET_PRICES, price=100, quantity=101),
        protection,
        quote,
        hedge,
        Command(CommandType.SET_COUNTDOWN, account=3, quantity=5_000),
        sell(1, 110, 10, display=3),
        buy(2, 90, 4, time_in_force=TimeInForce.GTD, expiry_ns=10**18, **session),
        buy(5, 106, 2, flags=CommandFlag.COMMAND_LONG),
        order(1, Side.BUY, 130, 2, trigger_price=120, expiry_ns=10**18, **stop),
        order(1, Side.SELL, 50, 2, trigger_price=60, group=2, expiry_ns=10**18, **stop),
        order(2, Side.SELL, 0, 1, trigger_price=0, **trailing),
        order(2, Side.SELL, 0, 1, trigger_price=104, **trailing),
        order(3, Side.BUY, 0, 1, trigger_price=40, **trailing),
        Command(CommandType.SET_PRICES, price=121),
        order(2, Side.SELL, 0, 1, trigger_price=0, **trailing),
        Command(CommandType.SET_PRICES, price=50),
        buy(3, 0, 1),
    )  # fmt: skip
    return shard


def future(rng: random.Random) -> list[Command]:
    """Something of everything."""
    return [
        TICK,
        Command(CommandType.SET_PRICES, price=rng.randrange(30, 150)),
        TICK,
        sell(6, rng.randrange(90, 100), 5),
        Command(CommandType.SET_PHASE, phase=Phase.AUCTION),
        buy(6, 108, 9),
        Command(CommandType.SET_PHASE, phase=Phase.OPEN),
        TICK,
        Command(CommandType.CANCEL_ALL, account=2),
    ]


def fresh() -> Shard:
    return Shard(SYMBOL, orders_max=64, retained_max=64, accounts_max=8)


def test_a_full_state_has_the_same_future() -> None:
    """dump, load, dump is the same in every section; so is what happens next."""
    shard, copy = full_shard(), fresh()
    copy.load(shard.dump())
    assert copy.dump() == shard.dump()
    assert (copy.waiting_orders, copy.open_orders, copy.due(10)) == (shard.waiting_orders, shard.open_orders, True)
    commands = future(random.Random(1))
    assert do(copy, *commands) == do(shard, *commands)
    assert state_hash(copy) == state_hash(shard)


def test_a_state_within_an_auction_has_the_same_future() -> None:
    """A crossed book loads in the phases that may have one, and in no other."""
    shard, copy = full_shard(), fresh()
    do(shard, Command(CommandType.SET_PHASE, phase=Phase.AUCTION), buy(6, 112, 3), sell(6, 91, 2))
    state = shard.dump()
    copy.load(state)
    assert copy.dump() == state
    commands = future(random.Random(2))
    assert do(copy, *commands) == do(shard, *commands)
    for phase in (Phase.OPEN, Phase.POST_ONLY, Phase.REDUCE_ONLY):
        with pytest.raises(ValueError):
            copy.load(state[:36] + bytes([phase]) + state[37:])


def sections(state: bytes) -> dict[str, tuple[int, int]]:
    """Where each table begins, and how many rows it has."""
    at = HEAD + RULES
    found = {}
    for name, size in (
        ("accounts", ACCOUNT),
        ("groups", GROUP),
        ("open", OPEN),
        ("waiting", OPEN),
        ("due", 8),
        ("ended", ORDER),
    ):
        (count,) = struct.unpack_from("<Q", state, at)
        found[name] = (at + 8, count)
        at += 8 + count * size
    assert at == len(state)
    return found  # fmt: skip


@pytest.mark.parametrize("table", ["accounts", "groups", "open", "waiting", "due", "ended"])
def test_a_row_twice_or_in_another_place_is_refused(table: str) -> None:
    """Rows are unique and in one order."""
    state = full_shard().dump()
    size = {"accounts": ACCOUNT, "groups": GROUP, "due": 8, "ended": ORDER}.get(table, OPEN)
    at, count = sections(state)[table]
    assert count >= 1
    first, rest = state[at : at + size], state[at + size :]
    twice = state[: at - 8] + struct.pack("<Q", count + 1) + first + first + rest
    with pytest.raises(ValueError):
        fresh().load(twice)
    if count > 1 and table not in {"due", "ended"}:
        second, tail = rest[:size], rest[size:]
        with pytest.raises(ValueError):
            fresh().load(state[:at] + second + first + tail)


def test_every_byte_counts() -> None:
    """Whatever single bit is changed: refused, or a state that is dumped as it was given."""
    state = full_shard().dump()
    rng = random.Random(5)
    taken = 0
    for _ in range(1_000):
        damaged = bytearray(state)
        damaged[rng.randrange(len(state))] ^= 1 << rng.randrange(8)
        shard = fresh()
        try:
            shard.load(bytes(damaged))
        except ValueError:
            continue
        taken += 1
        assert shard.dump() == bytes(damaged)
        assert do(shard, TICK)[-1].type == EventType.TICK_DONE
    assert taken > 25


@pytest.mark.parametrize("table", ["open", "ended"])
@pytest.mark.parametrize("leg", [CommandFlag.COMMAND_LONG, CommandFlag.COMMAND_SHORT])
def test_a_leg_that_was_not_sent_is_refused(table: str, leg: CommandFlag) -> None:
    """What an order tells and what was sent are one leg, and hedge mode's orders have one."""
    shard = open_shard()
    hedge = Command(CommandType.SET_POSITION_MODE, account=5)
    hedge.mode = PositionMode.HEDGE
    side = Side.BUY if leg == CommandFlag.COMMAND_LONG else Side.SELL
    do(shard, hedge, order(5, side, 100, 2, flags=leg))
    if table == "ended":
        do(shard, Command(CommandType.CANCEL_ALL, account=5))
    state = shard.dump()
    at, count = sections(state)[table]
    assert count == 1
    sent, told = at + 52, at + 117  # flags_as_sent, flags
    assert (state[sent], state[told]) == (leg, leg << 1)
    fresh().load(state)
    both = CommandFlag.COMMAND_LONG | CommandFlag.COMMAND_SHORT
    changes = [{told: 0}, {told: both << 1}, {told: (both ^ leg) << 1}, {sent: 0}, {sent: both}]
    if table == "open":
        accounts, _ = sections(state)["accounts"]
        changes += [{sent: 0, told: 0}, {sent: both, told: both << 1}, {accounts + 4: PositionMode.ONE_WAY}]
    for change in changes:
        damaged = bytearray(state)
        for byte, value in change.items():
            damaged[byte] = value
        with pytest.raises(ValueError):
            fresh().load(bytes(damaged))

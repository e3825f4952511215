"""A shard that is open for trading, and short ways to write commands and read events in tests."""

from __future__ import annotations

import hashlib
from itertools import count

from tests.oracle.records import (
    Command,
    CommandFlag,
    CommandType,
    Event,
    EventFlag,
    OrderType,
    Phase,
    Rules,
    Side,
    TimeInForce,
    unpack_events,
)
from tidegate.engine.core import Shard

SYMBOL = 3
client_order_ids = count(1)


def open_shard(rules: Rules | None = None, **bounds: int) -> Shard:
    """A shard with an instrument, in phase OPEN; sequence 2."""
    shard = Shard(SYMBOL, **{"orders_max": 1 << 10, "retained_max": 1 << 10, "accounts_max": 1 << 6, **bounds})
    shard.apply((rules or Rules()).pack() + Command(CommandType.SET_PHASE, phase=Phase.OPEN).pack(), 1, 1)
    return shard


def do(shard: Shard, *commands: Command) -> list[Event]:
    """The events of these commands."""
    return unpack_events(shard.apply(b"".join(command.pack() for command in commands), 10, 1))


def order(account: int, side: Side, price: int, quantity: int, **more: int) -> Command:
    """A PLACE: LIMIT GTC unless told otherwise, with a client order id of its own."""
    command = Command(
        CommandType.PLACE, account, side, OrderType.LIMIT, TimeInForce.GTC, price=price, quantity=quantity
    )
    command.client_order_id = next(client_order_ids)
    if more.pop("reduce_only", 0):
        command.flags = CommandFlag.COMMAND_REDUCE_ONLY
    for name, value in more.items():
        setattr(command, name, value)
    return command


def buy(account: int, price: int, quantity: int, **more: int) -> Command:
    """A PLACE on the bid side."""
    return order(account, Side.BUY, price, quantity, **more)


def sell(account: int, price: int, quantity: int, **more: int) -> Command:
    """A PLACE on the ask side."""
    return order(account, Side.SELL, price, quantity, **more)


def market(account: int, side: Side, quantity: int, time_in_force: int = TimeInForce.IOC, **more: int) -> Command:
    """A MARKET order."""
    return order(account, side, 0, quantity, order_type=OrderType.MARKET, time_in_force=time_in_force, **more)


def cancel(account: int, order_id: int = 0, client_order_id: int = 0) -> Command:
    """A CANCEL by either id."""
    return Command(CommandType.CANCEL, account=account, order_id=order_id, client_order_id=client_order_id)


def amend(account: int, order_id: int, price: int = 0, quantity: int = 0) -> Command:
    """An AMEND; 0 keeps."""
    return Command(CommandType.AMEND, account=account, order_id=order_id, price=price, quantity=quantity)


def kinds(events: list[Event]) -> list[tuple[int, int, int]]:
    """(type, reason, account) of each event."""
    return [(event.type, event.reason, event.account) for event in events]


def on_book(event: Event) -> bool:
    """Whether the event says that the order rests, or did."""
    return bool(event.flags & EventFlag.ON_BOOK)


def state_hash(shard: Shard) -> str:
    """SHA-256 of the canonical form."""
    return hashlib.sha256(shard.dump()).hexdigest()

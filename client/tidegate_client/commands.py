"""Commands as a trader writes them, and how they become the contract's messages."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tidegate.v1 import order_service_pb2
from tidegate_client.enums import OrderType, SelfTradePrevention, Side, TimeInForce
from tidegate_client.instruments import Instrument, Price, Quantity

InstrumentOf = Callable[[str], Instrument]


@dataclass(frozen=True, slots=True)
class Place:
    """A new order. `client_order_id` 0: the client draws one. A market order has no price, and IOC or FOK."""

    symbol: str
    side: Side
    price: Price | None
    quantity: Quantity
    type: OrderType = OrderType.LIMIT
    time_in_force: TimeInForce = TimeInForce.GTC
    client_order_id: int = 0
    reduce_only: bool = False
    self_trade_prevention: SelfTradePrevention = SelfTradePrevention.UNSPECIFIED
    self_trade_group: int = 0

    def write(self, command: order_service_pb2.Command, instrument: Instrument) -> None:
        """Into the contract's message; ValueError when price or quantity do not fit the instrument's grid."""
        message = command.place
        message.symbol = self.symbol
        message.client_order_id = self.client_order_id
        message.side = self.side.value  # type: ignore[assignment]
        message.type = self.type.value  # type: ignore[assignment]
        message.time_in_force = self.time_in_force.value  # type: ignore[assignment]
        if self.price is not None:
            message.price_ticks = instrument.to_ticks(self.price)
        message.quantity_lots = instrument.to_lots(self.quantity)
        if self.reduce_only:
            message.reduce_only = True
        if self.self_trade_prevention:
            message.self_trade_prevention = self.self_trade_prevention.value  # type: ignore[assignment]
        if self.self_trade_group:
            message.self_trade_group = self.self_trade_group


def market(
    symbol: str, side: Side, quantity: Quantity, *, client_order_id: int = 0, reduce_only: bool = False
) -> Place:
    """A market order: trades what it can at once, the rest expires."""
    return Place(
        symbol,
        side,
        None,
        quantity,
        OrderType.MARKET,
        TimeInForce.IOC,
        client_order_id=client_order_id,
        reduce_only=reduce_only,
    )


@dataclass(frozen=True, slots=True)
class Amend:
    """A change of price, of total quantity (filled part included), or of both; None: unchanged (rule ORD-5)."""

    symbol: str
    client_order_id: int = 0
    price: Price | None = None
    quantity: Quantity | None = None
    order_id: int = 0

    def write(self, command: order_service_pb2.Command, instrument: Instrument) -> None:
        """Into the contract's message; ValueError when price or quantity do not fit the instrument's grid."""
        message = command.amend
        message.symbol = self.symbol
        message.client_order_id = self.client_order_id
        message.order_id = self.order_id
        if self.price is not None:
            message.price_ticks = instrument.to_ticks(self.price)
        if self.quantity is not None:
            message.quantity_lots = instrument.to_lots(self.quantity)


@dataclass(frozen=True, slots=True)
class Cancel:
    """A cancel by the client's or the venue's number."""

    symbol: str
    client_order_id: int = 0
    order_id: int = 0

    def write(self, command: order_service_pb2.Command, instrument: Instrument) -> None:
        """Into the contract's message."""
        del instrument
        message = command.cancel
        message.symbol = self.symbol
        message.client_order_id = self.client_order_id
        message.order_id = self.order_id


@dataclass(frozen=True, slots=True)
class CancelAll:
    """A cancel of every open order of the account in the symbol, or of one side."""

    symbol: str
    side: Side = Side.UNSPECIFIED

    def write(self, command: order_service_pb2.Command, instrument: Instrument) -> None:
        """Into the contract's message."""
        del instrument
        command.cancel_all.symbol = self.symbol
        command.cancel_all.side = self.side.value  # type: ignore[assignment]


AnyCommand = Place | Amend | Cancel | CancelAll


class ClientOrderIds:
    """Draws client order ids: Unix milliseconds of the start in the upper 42 bits, a counter below.

    Ids of a later start are larger, as long as fewer than four million orders a millisecond are placed.
    The counter starts at a random place, for clients of one account that start together.
    """

    def __init__(self, first: int | None = None) -> None:
        if first is None:
            first = (time.time_ns() // 1_000_000 << 22) + random.randrange(1, 1 << 21)
        self._counter = itertools.count(first)

    def __call__(self) -> int:
        """The next id."""
        return next(self._counter)


def write_commands(
    request: order_service_pb2.TradeRequest | order_service_pb2.SubmitBatchRequest,
    commands: Iterable[AnyCommand],
    instrument_of: InstrumentOf,
    next_id: ClientOrderIds,
) -> list[int]:
    """Append the commands to `request`; returns the client order id of each, 0 where a command has none."""
    ids = []
    for each in commands:
        command = request.commands.add()
        each.write(command, instrument_of(each.symbol))
        if isinstance(each, Place) and not each.client_order_id:
            command.place.client_order_id = next_id()
        ids.append(id_of(command))
    return ids


def id_of(command: order_service_pb2.Command) -> int:
    """The client order id in a command, 0 when it has none."""
    which = command.WhichOneof("command")
    if which == "place":
        return command.place.client_order_id
    if which == "cancel":
        return command.cancel.client_order_id
    return command.amend.client_order_id if which == "amend" else 0

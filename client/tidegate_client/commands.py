"""Commands as a trader writes them, and how they become the contract's messages."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tidegate.v1 import order_service_pb2
from tidegate_client.enums import CancelScope, Side
from tidegate_client.instruments import Instrument, Price, Quantity
from tidegate_client.placing import Place

InstrumentOf = Callable[[str], Instrument]


@dataclass(frozen=True, slots=True)
class Amend:
    """A change of price, of total quantity (filled part included) or of the trigger price; None: unchanged
    (rule ORD-5)."""

    symbol: str
    client_order_id: int = 0
    price: Price | None = None
    quantity: Quantity | None = None
    order_id: int = 0
    trigger_price: Price | None = None

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
        if self.trigger_price is not None:
            message.trigger_price_ticks = instrument.to_ticks(self.trigger_price)


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
    """A cancel of every open order of the account in the symbol, or of one side, group, or its quotes (rule ORD-12).

    An empty symbol means all of them; only in a call of its own.
    """

    symbol: str
    side: Side = Side.UNSPECIFIED
    scope: CancelScope = CancelScope.UNSPECIFIED
    protection_group: int = 0

    def write(self, command: order_service_pb2.Command, instrument: Instrument | None = None) -> None:
        """Into the contract's message."""
        del instrument
        message = command.cancel_all
        message.symbol = self.symbol
        message.side = self.side.value  # type: ignore[assignment]
        message.scope = self.scope.value  # type: ignore[assignment]
        message.protection_group = self.protection_group


@dataclass(frozen=True, slots=True)
class Replace:
    """Cancels one order and places another in one step; when the new one is refused, the old one stays
    (rule ORD-10)."""

    cancel_client_order_id: int
    place: Place
    cancel_order_id: int = 0
    place_if_cancel_fails: bool = False

    @property
    def symbol(self) -> str:
        """Of both."""
        return self.place.symbol

    def write(self, command: order_service_pb2.Command, instrument: Instrument) -> None:
        """Into the contract's message; ValueError when price or quantity do not fit the instrument's grid."""
        message = command.replace
        message.cancel_client_order_id = self.cancel_client_order_id
        message.cancel_order_id = self.cancel_order_id
        message.place_if_cancel_fails = self.place_if_cancel_fails
        self.place.write_order(message.place, instrument)


@dataclass(frozen=True, slots=True)
class SetCountdown:
    """Starts or renews the countdown to a cancel-all of the symbol, milliseconds; 0: off (rule ORD-12)."""

    symbol: str
    countdown_ms: int

    def write(self, command: order_service_pb2.Command, instrument: Instrument | None = None) -> None:
        """Into the contract's message."""
        del instrument
        command.set_countdown.symbol = self.symbol
        command.set_countdown.countdown_ms = self.countdown_ms


@dataclass(frozen=True, slots=True)
class ResetProtection:
    """Lets a market-maker protection group that has tripped quote again (rule ORD-11)."""

    symbol: str
    protection_group: int

    def write(self, command: order_service_pb2.Command, instrument: Instrument) -> None:
        """Into the contract's message."""
        del instrument
        command.reset_protection.symbol = self.symbol
        command.reset_protection.protection_group = self.protection_group


AnyCommand = Place | Amend | Cancel | CancelAll | Replace | SetCountdown | ResetProtection


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
        placed = new_order(command)
        if placed is not None and not placed.client_order_id:
            placed.client_order_id = next_id()
        ids.append(id_of(command))
    return ids


def new_order(command: order_service_pb2.Command) -> order_service_pb2.PlaceOrderRequest | None:
    """The order that a command places, if it does."""
    which = command.WhichOneof("command")
    return command.place if which == "place" else command.replace.place if which == "replace" else None


def id_of(command: order_service_pb2.Command) -> int:
    """The client order id that a command is known by (of a replace: the new order's), 0 when it has none."""
    which = command.WhichOneof("command")
    if which in ("place", "cancel", "amend"):
        return getattr(command, which).client_order_id  # type: ignore[no-any-return]
    return command.replace.place.client_order_id if which == "replace" else 0

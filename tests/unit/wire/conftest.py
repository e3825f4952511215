"""Rings in anonymous memory, and a router between fake engines."""

from __future__ import annotations

import mmap
from collections.abc import Callable

import pytest

from tidegate.v1 import order_service_pb2 as pb
from tidegate.wire import native
from tidegate.wire.records import Command, CommandType, Event, EventType, unpack_commands

LAST = 128
ON_BOOK = 2


@pytest.fixture
def command_ring() -> Callable[..., mmap.mmap]:
    """Makes a command ring: (capacity, high_water) -> memory."""

    def make(capacity: int = 64, high_water: int | None = None) -> mmap.mmap:
        memory = mmap.mmap(-1, native.command_ring_bytes(capacity))
        native.create_command_ring(memory, capacity, high_water or capacity, 7)
        return memory

    return make


@pytest.fixture
def event_ring() -> Callable[..., mmap.mmap]:
    """Makes an event ring: (capacity) -> memory."""

    def make(capacity: int = 64) -> mmap.mmap:
        memory = mmap.mmap(-1, native.event_ring_bytes(capacity))
        native.create_event_ring(memory, capacity, 9)
        return memory

    return make


class FakeShard:
    """The engine's ends of one symbol's rings; events are written by hand."""

    def __init__(self, symbol_id: int, commands: mmap.mmap, events: mmap.mmap) -> None:
        self.symbol_id = symbol_id
        self.commands = native.CommandConsumer(commands)
        self.writer = native.EventWriter(events)
        self.sequence = 0

    def take(self) -> list[Command]:
        """The commands that have come in; their room is given back."""
        taken = list(unpack_commands(self.commands.take(1 << 20)))
        self.commands.release(self.commands.position)
        return taken

    def event(self, command: Command | None, type_: EventType, **fields: int) -> Event:
        """An event of the command, at the current sequence."""
        if command is not None:
            fields = {
                "command_type": command.type,
                "account": command.account,
                "request_id": command.request_id,
                "origin": command.origin,
                "item": command.item,
                "client_order_id": command.client_order_id,
                **fields,
            }
        fields.setdefault("command_type", CommandType.PLACE)
        header = {"symbol": self.symbol_id, "sequence": self.sequence, "time_ns": 1000}
        return Event.of(type_, **header | fields)

    def publish(self, *events: Event, numbered: bool = True) -> None:
        """The events of one command, as one batch; sequence, index and the end mark are set here."""
        self.sequence += numbered
        for index, event in enumerate(events):
            event.sequence = self.sequence
            event.index = index
        events[-1].flags |= LAST
        self.writer.publish(b"".join(event.pack() for event in events))

    def accept(self, command: Command, **fields: int) -> None:
        """ACCEPTED on the book."""
        order = {"order_id": self.sequence + 1, "price": command.price, "quantity": command.quantity}
        order |= {"leaves": command.quantity, "side": command.side, "status": 2, "flags": ON_BOOK, **fields}
        self.publish(self.event(command, EventType.ACCEPTED, **order))


class FakeVenue:
    """A router with two symbols."""

    def __init__(self, rings: Callable[..., mmap.mmap], events: Callable[..., mmap.mmap], **options: int) -> None:
        capacity = options.pop("capacity", 64)
        high_water = options.pop("high_water", capacity)
        event_capacity = options.pop("event_capacity", 256)
        gateway_id = options.pop("gateway_id", 1)
        self.router = native.Router(gateway_id, **options)
        self.memory = {}
        self.shards = {}
        for symbol_id, symbol in ((3, "BTCUSDT"), (5, "ETHUSDT")):
            ends = rings(capacity, high_water), events(event_capacity)
            self.memory[symbol] = ends
            self.shards[symbol] = FakeShard(symbol_id, *ends)
            self.router.add_symbol(symbol_id, symbol, *ends, 2, -1)
        self.btc = self.shards["BTCUSDT"]
        self.eth = self.shards["ETHUSDT"]

    def output(self, session: int) -> pb.TradeResponse:
        """Everything that the session is handed now."""
        answer = pb.TradeResponse()
        while message := self.router.take(session, 99):
            answer.MergeFromString(message)
        return answer


@pytest.fixture
def make_venue(
    command_ring: Callable[..., mmap.mmap], event_ring: Callable[..., mmap.mmap]
) -> Callable[..., FakeVenue]:
    """Makes a FakeVenue; options are the router's, and capacity, high_water, event_capacity, gateway_id."""

    def make(**options: int) -> FakeVenue:
        return FakeVenue(command_ring, event_ring, **options)

    return make


@pytest.fixture
def venue(make_venue: Callable[..., FakeVenue]) -> FakeVenue:
    """A FakeVenue as it comes."""
    return make_venue()

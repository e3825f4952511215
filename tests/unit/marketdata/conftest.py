"""A symbol's rings as the supervisor makes them, and a scripted engine at the other end."""

import asyncio
import contextlib
import struct
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.venues.ports import free_port
from tidegate.marketdata.config import MarketdataLimits, MarketdataSettings
from tidegate.marketdata.main import serve
from tidegate.ops.config import RingsSection, load
from tidegate.ops.memory import VenueMemory
from tidegate.wire import native, records
from tidegate.wire.doorbell import Doorbell
from tidegate.wire.instruments import Instrument
from tidegate.wire.records import Event, EventType
from tidegate.wire.segment import Segment
from tidegate.wire.topology import MARKETDATA_READER, READER_SLOTS, Topology

ON_BOOK, LAST = 2, 128
BUY, SELL = 1, 2
SYMBOL = "BTCUSDT"


class ScriptedEngine:
    """Keeps a book of levels in the plainest way, publishes events for it and answers depth queries."""

    def __init__(self, topology: Topology, instrument: Instrument) -> None:
        self.symbol_id = instrument.instrument_id
        self.levels: dict[int, dict[int, int]] = {BUY: {}, SELL: {}}
        self.sequence = 0
        self.trade_id = 0
        self.time_ns = 1_000_000
        self.queries = 0
        self._out = Segment.attach(topology.event_segment(instrument.symbol))
        self._in = Segment.attach(topology.command_segment(instrument.symbol, "marketdata"))
        bells = [-1] * READER_SLOTS
        self._bell = Doorbell(topology.bell("marketdata"))
        bells[MARKETDATA_READER] = self._bell.fd
        self._writer = native.EventWriter(self._out.buf, bells)
        self._commands = native.CommandConsumer(self._in.buf)

    def close(self) -> None:
        self._writer.close()
        self._commands.close()
        self._bell.close()
        self._out.close()
        self._in.close()

    def event(self, kind: EventType, **fields: int) -> bytes:
        """The one event of the next command."""
        self.sequence += 1
        flags = fields.pop("flags", 0) | LAST
        self.time_ns = fields.pop("time_ns", self.time_ns + 1)
        common = {"symbol": self.symbol_id, "sequence": self.sequence, "time_ns": self.time_ns, "command_type": 1}
        return Event.of(kind, flags=flags, **common, **fields).pack()

    @staticmethod
    def now_ns() -> int:
        """The clock."""
        return time.time_ns()

    def define(self, rules: records.InstrumentRules) -> bytes:
        """An INSTRUMENT_DEFINED event with these rules."""
        event = bytearray(self.event(EventType.INSTRUMENT_DEFINED))
        event[56:144] = rules.pack()[40:128]
        return native.record_with_crc(event)

    def uncross(self, taker: int, price: int, lots: int) -> bytes:
        """A trade of an auction: the best order of each side falls."""
        self._lower(BUY, max(self.levels[BUY]), lots)
        self._lower(SELL, min(self.levels[SELL]), lots)
        self.trade_id += 1
        return self.event(EventType.TRADE, side=taker, price=price, quantity=lots, trade_id=self.trade_id)

    def rest(self, side: int, price: int, lots: int) -> bytes:
        """An order that rests."""
        self.levels[side][price] = self.levels[side].get(price, 0) + lots
        return self.event(EventType.ACCEPTED, side=side, price=price, leaves=lots, quantity=lots, flags=ON_BOOK)

    def cancel(self, side: int, price: int, lots: int) -> bytes:
        """A cancel of an order of `lots`."""
        self._lower(side, price, lots)
        return self.event(
            EventType.CANCELED, side=side, price=price, quantity=lots, previous_leaves=lots, flags=ON_BOOK
        )

    def trade(self, aggressor: int, price: int, lots: int, **fields: int) -> bytes:
        """A trade with what rests at `price` on the other side."""
        self._lower(BUY + SELL - aggressor, price, lots)
        self.trade_id += 1
        trade_id = self.trade_id
        return self.event(EventType.TRADE, side=aggressor, price=price, quantity=lots, trade_id=trade_id, **fields)

    def many_trades(self, aggressor: int, price: int, count: int) -> bytes:
        """So many trades of one lot, made quickly: one record, patched."""
        record = bytearray(self.trade(aggressor, price, 1))
        found = [bytes(record)]
        for _ in range(count - 1):
            self.sequence += 1
            self.trade_id += 1
            struct.pack_into("<Q", record, 8, self.sequence)
            struct.pack_into("<Q", record, 120, self.trade_id)
            found.append(bytes(record))
        self._lower(BUY + SELL - aggressor, price, count - 1)
        return b"".join(found)

    def reject(self) -> bytes:
        """A command that leaves the book as it is."""
        return self.event(EventType.REJECTED, reason=107)

    def publish(self, *events: bytes) -> None:
        """Shows events in the ring."""
        self._writer.publish(b"".join(events))

    def answer(self) -> int:
        """Answers the depth queries that have come; returns how many."""
        taken = self._commands.take(64)
        self._commands.release(self._commands.position)
        answered = 0
        for query in records.unpack_commands(taken):
            assert query.type == records.CommandType.QUERY_DEPTH
            self._writer.publish(self._depth_answer(query.origin))
            answered += 1
        self.queries += answered
        return answered

    def _depth_answer(self, origin: int) -> bytes:
        head = {
            "symbol": self.symbol_id,
            "sequence": self.sequence,
            "time_ns": self.time_ns,
            "command_type": records.CommandType.QUERY_DEPTH,
            "origin": origin,
        }
        rows = [(side, price) for side in (BUY, SELL) for price in sorted(self.levels[side], reverse=side == BUY)]
        events = [
            Event(
                type=EventType.DEPTH_LEVEL, side=side, price=price, leaves=self.levels[side][price], quantity=1, **head
            ).pack()
            for side, price in rows
        ]
        end = Event(type=EventType.DEPTH_END, quantity=len(rows), phase=records.Phase.OPEN, flags=LAST, **head)
        return b"".join([*events, end.pack()])

    def _lower(self, side: int, price: int, lots: int) -> None:
        left = self.levels[side][price] - lots
        assert left >= 0
        if left:
            self.levels[side][price] = left
        else:
            del self.levels[side][price]


@pytest.fixture
def topology(tmp_path: Path) -> Iterator[Topology]:
    """One symbol with small rings, gone after the test."""
    instrument = load().instruments[0]
    topology = Topology(tmp_path, 1, (instrument,))
    topology.run_dir.mkdir()
    # An event ring far smaller than a venue may have, so that it is soon full.
    rings = RingsSection.model_construct(command_records=256, command_high_water=200, event_records=1024)
    memory = VenueMemory(topology, rings)
    yield topology
    memory.close()


@pytest.fixture
def engine(topology: Topology) -> Iterator[ScriptedEngine]:
    """The other end of the symbol's rings."""
    engine = ScriptedEngine(topology, topology.instruments[0])
    yield engine
    engine.close()


@pytest.fixture
def limits() -> MarketdataLimits:
    """Small ones, so that they are soon reached."""
    return MarketdataLimits(
        trades_retained_max=50,
        news_retained_max=50,
        trades_backlog_max=2000,
        subscribers_max=3,
        answer_timeout_ms=50,
        first_message_ms=1000,
    )


@pytest.fixture
async def venue(
    topology: Topology, engine: ScriptedEngine, limits: MarketdataLimits
) -> AsyncIterator[grpc.aio.Channel]:
    """The process's own serve(), on a book with one level per side; the engine answers all the time."""
    settings = MarketdataSettings(
        data_dir=topology.data_dir, instruments=topology.instruments, port=free_port(), limits=limits
    )
    engine.publish(engine.rest(BUY, 100, 5), engine.rest(SELL, 105, 7))
    stop = asyncio.Event()

    async def answer() -> None:
        while True:
            engine.answer()
            await asyncio.sleep(0.005)

    serving = asyncio.ensure_future(serve(settings, stop))
    answering = asyncio.ensure_future(answer())
    async with grpc.aio.insecure_channel(f"127.0.0.1:{settings.port}") as channel:
        await until_ready(channel)
        channel.address = f"127.0.0.1:{settings.port}"  # type: ignore[attr-defined]
        yield channel
    stop.set()
    await serving
    answering.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await answering


async def until_ready(channel: grpc.aio.Channel) -> None:
    """Until the standard health check of the symbol says SERVING."""
    health = health_pb2_grpc.HealthStub(channel)
    request = health_pb2.HealthCheckRequest(service=f"tidegate.symbol.{SYMBOL}")
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(grpc.aio.AioRpcError):
                answer = await health.Check(request, wait_for_ready=True)
                if answer.status == health_pb2.HealthCheckResponse.SERVING:
                    return
            await asyncio.sleep(0.01)

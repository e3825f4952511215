"""A gateway in the test's own process, real rings and real gRPC, with the naive model as its engine.

The model decides exactly what the engine would, and a test can hold it back (`engine.paused`).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
from google.rpc import error_details_pb2, status_pb2

from tests.oracle.model import Model
from tests.oracle.records import Command, CommandType, Phase, Rules
from tests.unit.gateway.history import GivenHistory
from tidegate.gateway.attachments import Attachments
from tidegate.gateway.config import GatewayLimits, GatewaySettings
from tidegate.gateway.server import GatewayServer
from tidegate.risk.ledger import Ledger
from tidegate.v1 import (
    account_service_pb2_grpc,
    history_service_pb2_grpc,
    operations_service_pb2_grpc,
    order_service_pb2,
    order_service_pb2_grpc,
)
from tidegate.v1 import types_pb2 as types
from tidegate.wire.accounts import KeyKind, key_digest, key_id
from tidegate.wire.doorbell import Doorbell
from tidegate.wire.instruments import Instrument
from tidegate.wire.listing import ListedInstrument, write_listing
from tidegate.wire.native import (
    CommandConsumer,
    CommandProducer,
    EventWriter,
    command_ring_bytes,
    create_command_ring,
    create_event_ring,
    event_ring_bytes,
    stats_area,
)
from tidegate.wire.segment import Segment
from tidegate.wire.stats import EngineState, EngineStats, StatsWriter
from tidegate.wire.topology import Topology, engine_name, gateway_name

ALICE, BOB, OPERATOR = "key of alice 0001", "key of bob 000002", "key of operator 3"
COMMAND_RECORDS, HIGH_WATER, EVENT_RECORDS = 1024, 768, 65536


def instruments() -> tuple[Instrument, ...]:
    """Two symbols."""
    return tuple(
        Instrument(symbol=symbol, instrument_id=number, tick_size="0.1", lot_size="0.001")  # type: ignore[arg-type]
        for number, symbol in ((1, "BTCUSDT"), (2, "ETHUSDT"))
    )


class ModelEngine:
    """One symbol's engine: the naive model between the rings."""

    def __init__(
        self, commands: Segment, events: Segment, bells: tuple[Doorbell, Doorbell], instrument: Instrument
    ) -> None:
        self.paused = False
        self.model = Model(instrument.instrument_id)
        self._symbol = instrument.instrument_id
        self._consumer = CommandConsumer(commands.buf)
        self._gauge = CommandProducer(commands.buf)  # pushes nothing
        self._bell, gateway_bell = bells
        self._writer = EventWriter(events.buf, [gateway_bell.fd])
        self._area = stats_area(events.buf)
        self._stats = StatsWriter(self._area)
        self.apply(Rules(tick_lot_value=instrument.tick_lot_value).pack())
        self.apply(Command(CommandType.SET_PHASE, phase=Phase.OPEN).pack())
        asyncio.get_running_loop().add_reader(self._bell.fd, self._on_bell)
        self.show(EngineState.RUNNING)
        self.turn()

    def apply(self, commands: bytes) -> None:
        """Straight into the log, and out."""
        events = self.model.apply(commands, time.time_ns(), 1)
        with_symbol = bytearray(events)
        for at in range(0, len(with_symbol), 192):
            with_symbol[at + 32 : at + 34] = self._symbol.to_bytes(2, "little")
        self._writer.publish(bytes(with_symbol))

    def show(self, state: EngineState, **more: int) -> None:
        """The figures that a gateway reads."""
        model = self.model
        figures = {"phase": model.phase, "epoch": 1, "sequence": model.sequence, "updated_ns": time.time_ns(), **more}
        self._stats.write(EngineStats(state=state, **figures))

    def turn(self) -> None:
        """Takes what is there, unless paused, then sleeps on the doorbell."""
        if self.paused:
            return
        while not self._consumer.set_sleeping(True):
            commands = self._consumer.take(256)
            for at in range(0, len(commands), 128):
                self.apply(commands[at : at + 128])
            self._consumer.release(self._consumer.position)

    def depth(self) -> int:
        """Commands that wait."""
        return self._gauge.depth

    def resume(self) -> None:
        """Ends a pause."""
        self.paused = False
        self.turn()

    def close(self) -> None:
        """Before the segments."""
        asyncio.get_running_loop().remove_reader(self._bell.fd)
        self._consumer.close()
        self._gauge.close()
        self._writer.close()
        self._area.release()

    def _on_bell(self) -> None:
        self._bell.drain()
        self.turn()


class Venue:
    """What a test has in its hands."""

    def __init__(self, server: GatewayServer, engines: dict[str, ModelEngine], port: int, keys: dict[str, str]) -> None:
        self.server = server
        self.engines = engines
        self.port = port
        self.keys = keys
        """ "reader" of alice, "copier" of alice and bob, "revoked"."""
        self.history = GivenHistory()
        self.history_server = grpc.aio.server()
        self.topology: Topology
        self.make: Callable[[Instrument], ModelEngine]
        """Makes a symbol's memory and engine."""
        self.channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
        self.orders = order_service_pb2_grpc.OrderServiceStub(self.channel)  # type: ignore[no-untyped-call]
        self.accounts = account_service_pb2_grpc.AccountServiceStub(self.channel)  # type: ignore[no-untyped-call]
        self.operations = operations_service_pb2_grpc.OperationsServiceStub(self.channel)  # type: ignore[no-untyped-call]

    def list_symbols(self, *listed: Instrument, delisted: tuple[Instrument, ...] = ()) -> None:
        """Writes the listing, as the supervisor does."""
        entries = [ListedInstrument(instrument=each) for each in listed]
        entries += [ListedInstrument(instrument=each, state="delisted") for each in delisted]
        write_listing(self.topology.instruments_file, entries)

    async def stop_history(self) -> None:
        """Nobody answers for history any more."""
        await self.history_server.stop(None)


def key(api_key: str) -> tuple[tuple[str, str], ...]:
    """Metadata with an API key."""
    return (("x-api-key", api_key),)


def place(number: int, **more: Any) -> order_service_pb2.PlaceOrderRequest:
    """A GTC limit order: buys 5 lots at 100 in BTCUSDT, unless said otherwise (price, quantity in short)."""
    fields = {
        "symbol": "BTCUSDT",
        "side": types.SIDE_BUY,
        "type": types.ORDER_TYPE_LIMIT,
        "time_in_force": types.TIME_IN_FORCE_GTC,
        "price_ticks": more.pop("price", 100),
        "quantity_lots": more.pop("quantity", 5),
        **more,
    }
    return order_service_pb2.PlaceOrderRequest(client_order_id=number, **fields)


def refusal(error: grpc.aio.AioRpcError) -> tuple[grpc.StatusCode, str, dict[str, str], float | None]:
    """Code, reason, metadata, and the retry delay in seconds, of a refusal; checks what every refusal has."""
    [packed] = [value for name, value in error.trailing_metadata() or () if name == "grpc-status-details-bin"]
    status = status_pb2.Status.FromString(packed)
    assert status.code == error.code().value[0]
    assert status.message == error.details()
    info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    assert status.details[0].Unpack(info)
    assert info.domain == "tidegate"
    delay = None
    if len(status.details) > 1:
        assert status.details[1].Unpack(retry)
        delay = retry.retry_delay.ToTimedelta().total_seconds()
    return error.code(), info.reason, dict(info.metadata), delay


@contextlib.asynccontextmanager
async def running_venue(data_dir: Path, limits: GatewayLimits | None = None, *, tier: str = "") -> AsyncIterator[Venue]:
    """One gateway, two symbols, accounts alice (of the tier) and bob, an operator."""
    settings = GatewaySettings(
        data_dir=data_dir,
        instruments=instruments(),
        port=0,
        operator_key_sha256=(hashlib.sha256(OPERATOR.encode()).hexdigest(),),
        limits=limits or GatewayLimits(),
        drain_seconds=1.0,
    )
    topology = settings.topology
    topology.run_dir.mkdir(parents=True)
    keys = made_keys(topology, tier)
    async with contextlib.AsyncExitStack() as stack:
        engines = {each.symbol: made_engine(stack, topology, each) for each in settings.instruments}
        attachments = stack.enter_context(Attachments(settings))
        server = GatewayServer(settings, attachments)
        stack.push_async_callback(server.close)
        write_listing(topology.instruments_file, [ListedInstrument(instrument=each) for each in instruments()])
        venue = Venue(server, engines, await server.start(), keys)
        venue.make = lambda instrument: made_engine(stack, topology, instrument)
        venue.topology = topology
        stack.push_async_callback(venue.channel.close, None)
        history = venue.history_server
        history_service_pb2_grpc.add_HistoryServiceServicer_to_server(venue.history, history)  # type: ignore[no-untyped-call]
        history.add_insecure_port(f"unix:{topology.history_socket}")
        await history.start()
        stack.push_async_callback(history.stop, None)
        yield venue


def made_engine(stack: contextlib.AsyncExitStack, topology: Topology, instrument: Instrument) -> ModelEngine:
    """The memory of one symbol, and its engine."""
    symbol, rings = instrument.symbol, []
    for producer in topology.producers:
        rings.append(Segment.create(topology.command_segment(symbol, producer), command_ring_bytes(COMMAND_RECORDS)))
        stack.callback(rings[-1].close)
        create_command_ring(rings[-1].buf, COMMAND_RECORDS, HIGH_WATER, 7)
    events = Segment.create(topology.event_segment(symbol), event_ring_bytes(EVENT_RECORDS))
    stack.callback(events.close)
    create_event_ring(events.buf, EVENT_RECORDS, 7)
    bells = Doorbell(topology.bell(engine_name(symbol))), Doorbell(topology.bell(gateway_name(0)))
    for bell in bells:
        stack.callback(bell.close)
    engine = ModelEngine(rings[0], events, bells, instrument)
    stack.callback(engine.close)
    return engine


def made_keys(topology: Topology, tier: str) -> dict[str, str]:
    """Accounts alice (1) and bob (2), and a key of every kind."""
    ledger = Ledger(topology.ledger_dir, ["USDT"])
    ledger.ensure_accounts([("alice", ALICE), ("bob", BOB)])
    ledger.set_tier(1, tier)
    reader, _ = ledger.create_key([1], KeyKind.READ_ONLY)
    copier, _ = ledger.create_key([1, 2], KeyKind.DROP_COPY)
    revoked, _ = ledger.create_key([1], KeyKind.TRADING)
    ledger.revoke_key(key_id(key_digest(revoked)))
    ledger.close()
    return {"reader": reader, "copier": copier, "revoked": revoked}

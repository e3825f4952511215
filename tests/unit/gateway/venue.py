"""A gateway in the test's own process, real rings and real gRPC, with the naive model as its engine."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import grpc.aio

from tests.unit.gateway.history import GivenHistory
from tests.unit.gateway.model_engine import ModelEngine
from tests.venues.calls import ALICE, BOB, OPERATOR, instruments
from tidegate.gateway.attachments import Attachments
from tidegate.gateway.config import GatewayLimits, GatewaySettings
from tidegate.gateway.server import GatewayServer
from tidegate.ops.config import RingsSection
from tidegate.ops.memory import VenueMemory
from tidegate.risk.ledger import Ledger
from tidegate.v1 import (
    account_service_pb2_grpc,
    history_service_pb2_grpc,
    operations_service_pb2_grpc,
    order_service_pb2_grpc,
)
from tidegate.wire.accounts import KeyKind, key_digest, key_id
from tidegate.wire.instruments import Instrument
from tidegate.wire.listing import ListedInstrument, write_listing
from tidegate.wire.topology import Topology

RINGS = RingsSection(command_records=1024, command_high_water=768, event_records=65_536)


class ModelRings:
    """The shared memory of the venue, and a model engine per symbol."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.engines: dict[str, ModelEngine] = {}
        self._memory = VenueMemory(topology, RINGS)
        for each in topology.instruments:
            self.engines[each.symbol] = ModelEngine(topology, each)

    def add(self, instrument: Instrument) -> ModelEngine:
        """One symbol more."""
        self._memory.add(instrument)
        self.engines[instrument.symbol] = ModelEngine(self.topology, instrument)
        return self.engines[instrument.symbol]

    def close(self) -> None:
        """Gives everything back."""
        for each in self.engines.values():
            each.close()
        self._memory.close()


class Venue:
    """What a test has in its hands."""

    def __init__(self, server: GatewayServer, rings: ModelRings, port: int, keys: dict[str, str]) -> None:
        self.server = server
        self.topology = rings.topology
        self.engines = rings.engines
        self.list_engine = rings.add
        self.port = port
        self.keys = keys
        """ "reader" of alice, "copier" of alice and bob, "revoked"."""
        self.history = GivenHistory()
        self.history_server = grpc.aio.server()
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


@contextlib.asynccontextmanager
async def running_venue(data_dir: Path, limits: GatewayLimits | None = None, *, tier: str = "") -> AsyncIterator[Venue]:
    """One gateway, two symbols, accounts alice (of the tier, in self-trade group 7) and bob, an operator."""
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
        rings = stack.enter_context(contextlib.closing(ModelRings(topology)))
        attachments = stack.enter_context(Attachments(settings))
        server = GatewayServer(settings, attachments)
        stack.push_async_callback(server.close)
        write_listing(topology.instruments_file, [ListedInstrument(instrument=each) for each in instruments()])
        venue = Venue(server, rings, await server.start(), keys)
        stack.push_async_callback(venue.channel.close, None)
        history = venue.history_server
        history_service_pb2_grpc.add_HistoryServiceServicer_to_server(venue.history, history)  # type: ignore[no-untyped-call]
        history.add_insecure_port(f"unix:{topology.history_socket}")
        await history.start()
        stack.push_async_callback(history.stop, None)
        yield venue


def made_keys(topology: Topology, tier: str) -> dict[str, str]:
    """Accounts alice (1) and bob (2), and a key of every kind."""
    ledger = Ledger(topology.ledger_dir, ["USDT"])
    ledger.ensure_accounts([("alice", ALICE), ("bob", BOB)])
    ledger.set_tier(1, tier)
    ledger.set_self_trade_group(1, 7)
    reader, _ = ledger.create_key([1], KeyKind.READ_ONLY)
    copier, _ = ledger.create_key([1, 2], KeyKind.DROP_COPY)
    revoked, _ = ledger.create_key([1], KeyKind.TRADING)
    ledger.revoke_key(key_id(key_digest(revoked)))
    ledger.close()
    return {"reader": reader, "copier": copier, "revoked": revoked}

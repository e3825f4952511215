"""One gateway: its parts put together, served, and drained."""

from __future__ import annotations

import asyncio
from typing import NoReturn

import grpc.aio
import structlog

from tidegate.gateway import account_service, operations_service, order_service
from tidegate.gateway.account_service import AccountService
from tidegate.gateway.admission import Admission
from tidegate.gateway.attachments import Attachments
from tidegate.gateway.authentication import Authenticator
from tidegate.gateway.catch_up import JournalCatchUp
from tidegate.gateway.config import GatewaySettings
from tidegate.gateway.definitions import Definitions
from tidegate.gateway.history_client import HistoryClient
from tidegate.gateway.ledger_client import LedgerClient
from tidegate.gateway.limiters import Limiters
from tidegate.gateway.operations_service import OperationsService
from tidegate.gateway.order_service import OrderService
from tidegate.gateway.public_services import Health, reflection_handler
from tidegate.gateway.router_pump import RouterPump
from tidegate.gateway.shards import Shards
from tidegate.gateway.stream_registry import StreamRegistry
from tidegate.gateway.unary import UnaryCalls
from tidegate.gateway.venue_commands import VenueCommands
from tidegate.gateway.venue_listing import VenueListing
from tidegate.wire.accounts import AccountDirectory
from tidegate.wire.topology import gateway_name

HEALTH_SECONDS = 0.25
STREAMS_END_SECONDS = 1.0
STOP_GRACE_SECONDS = 0.5
RPCS_WITHOUT_SESSION_MAX = 1024
SERVICES = (order_service.SERVICE, account_service.SERVICE, operations_service.SERVICE)
SYMBOL_HEALTH_PREFIX = "tidegate.symbol."

log = structlog.get_logger(__name__)


class GatewayServer:
    """A gateway that is attached to its rings. Made and used inside a running event loop."""

    def __init__(self, settings: GatewaySettings, attachments: Attachments) -> None:
        self._settings = settings
        self._router = attachments.router
        limits, topology = settings.limits, settings.topology
        self._drained_mark = topology.run_dir / f"{gateway_name(settings.number)}.drained"

        # 1. whoever calls is known by key
        self._directory = AccountDirectory(topology.ledger_dir)
        authenticator = Authenticator(self._directory, settings.operator_key_sha256)
        admission = self.admission = Admission(authenticator, limits)
        # 2. commands go in and events come out through the Router, in turns of the pump
        self._catch_up = JournalCatchUp(topology)
        self.pump = RouterPump(attachments.router, attachments.bell, self._catch_up)
        # 3. calls and streams are sessions of the Router
        limiters = Limiters(attachments.router, limits)
        calls = UnaryCalls(self.pump, limiters, limits)
        self._shards = Shards(attachments.shards, limits.heartbeat_stale_ms)
        self._streams = StreamRegistry(
            self.pump,
            self._catch_up,
            shards=self._shards,
            authenticator=authenticator,
            limiters=limiters,
            limits=limits,
        )
        # 4. symbols come and go, and change
        self._listing = VenueListing(
            topology, attachments, self._shards, added=self._symbol_added, removed=self._symbol_removed
        )
        self._definitions = Definitions(self._shards, self._catch_up)
        # 5. accounts and balances are the ledger's, the past is history's
        self._ledger = LedgerClient(topology.ledger_socket)
        self._history = HistoryClient(topology.history_socket)
        # 6. the services
        self._health = Health()
        orders = OrderService(admission, calls, self._streams, self._history)
        accounts = AccountService(admission, calls, self._streams, history=self._history, ledger=self._ledger)
        operations = OperationsService(
            settings,
            admission,
            commands=VenueCommands(self.pump, self._shards, limits),
            listing=self._listing,
            ledger_client=self._ledger,
            shards=self._shards,
        )
        # Health checks and calls that are refused have no session, but are not without number either.
        rpcs_max = limits.sessions_max + RPCS_WITHOUT_SESSION_MAX
        self._server = grpc.aio.server(options=server_options(settings), maximum_concurrent_rpcs=rpcs_max)
        public = (self._health.handler(admission), reflection_handler(admission, SERVICES))
        self._server.add_generic_rpc_handlers((orders.handler(), accounts.handler(), operations.handler(), *public))
        self._background: list[asyncio.Task[NoReturn]] = []

    async def start(self) -> int:
        """Serves from now on; returns the port."""
        self._cancel_orphans()
        self.pump.start()
        self._listing.follow()
        port = self._server.add_insecure_port(f"{self._settings.host}:{self._settings.port}")
        await self._server.start()
        for service in ("", *SERVICES):
            await self._health.tell(service, serving=True)
        watches = (self._watch_symbols(), self._streams.sweep(), self._listing.watch(), self._definitions.watch())
        self._background = [asyncio.create_task(watch) for watch in watches]
        log.info("serving", port=port, gateway=self._settings.number)
        return port

    async def drain(self) -> None:
        """Nothing new; clients are told and have time to leave; what is under way is answered (rule API-5)."""
        log.info("draining")
        self._background[0].cancel()
        await self._health.drain()
        self._router.set_draining()
        await self._streams.announce_draining(self._settings.drain_seconds)
        await self._streams.end_all(STREAMS_END_SECONDS)
        await self._server.stop(STOP_GRACE_SECONDS)
        self._drained_mark.touch()

    async def close(self) -> None:
        """Stops serving at once, when drain() has not, and lets go of everything."""
        await self._server.stop(0)
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self.pump.stop()
        await self._ledger.close()
        await self._history.close()
        self._directory.close()
        log.info("stopped")

    def _cancel_orphans(self) -> None:
        """What belonged to streams of a gateway that was killed is canceled; one that drained has left nobody
        without a word (rule ORD-12)."""
        if self._drained_mark.exists():
            self._drained_mark.unlink()
        else:
            self._router.cancel_orphans()

    def _symbol_added(self, symbol: str) -> None:
        instrument = self._shards.instrument(symbol)
        assert instrument is not None, "the shard comes first"
        self._catch_up.add(instrument)
        self._streams.announce_symbol(symbol, added=True)
        self.pump.soon()

    def _symbol_removed(self, symbol: str) -> None:
        self._streams.announce_symbol(symbol, added=False)
        self.pump.forget(symbol)

    async def _watch_symbols(self) -> NoReturn:
        """Health per symbol, from the figures that its engine keeps showing."""
        symbols: set[str] = set()
        while True:
            serving = self._shards.serving()
            for symbol in symbols - serving.keys():
                await self._health.tell(SYMBOL_HEALTH_PREFIX + symbol, serving=False)
            symbols = set(serving)
            for symbol, serves in serving.items():
                await self._health.tell(SYMBOL_HEALTH_PREFIX + symbol, serving=serves)
            await asyncio.sleep(HEALTH_SECONDS)


def server_options(settings: GatewaySettings) -> list[tuple[str, int]]:
    """Channel options of the server."""
    return [
        ("grpc.so_reuseport", 1),  # all gateways of a venue listen on one port
        ("grpc.max_receive_message_length", settings.limits.message_bytes_max),
        ("grpc.max_send_message_length", -1),
        ("grpc.max_metadata_size", 16 << 10),
        # A peer that is gone without a word is noticed within 3 s: pinged after 1.5 s of silence, given up 1 s later.
        ("grpc.keepalive_time_ms", 1_500),
        ("grpc.keepalive_timeout_ms", 1_000),
        ("grpc.http2.ping_timeout_ms", 1_000),  # else a minute, whatever the line above says
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 1_000),
        ("grpc.http2.max_ping_strikes", 0),
    ]

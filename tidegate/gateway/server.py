"""One gateway: its parts put together, served, and drained."""

from __future__ import annotations

import asyncio
from typing import NoReturn

import grpc.aio
import structlog
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from tidegate.gateway import account_service, operations_service, order_service
from tidegate.gateway.account_service import AccountService
from tidegate.gateway.attachments import Attachments
from tidegate.gateway.authentication import Authenticator
from tidegate.gateway.catch_up import JournalCatchUp
from tidegate.gateway.config import GatewaySettings
from tidegate.gateway.ledger_client import LedgerClient
from tidegate.gateway.operations_service import OperationsService
from tidegate.gateway.order_service import OrderService
from tidegate.gateway.router_pump import RouterPump
from tidegate.gateway.shards import Shards
from tidegate.gateway.stream import StreamRegistry
from tidegate.gateway.unary import UnaryCalls
from tidegate.wire.accounts import AccountDirectory

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
        symbols = [(each.instrument_id, each.symbol) for each in settings.instruments]
        journals = {each.symbol: topology.journal_dir(each.symbol) for each in settings.instruments}

        # 1. whoever calls is known by key
        self._directory = AccountDirectory(topology.ledger_dir)
        authenticator = Authenticator(self._directory, settings.operator_key_sha256)
        # 2. commands go in and events come out through the Router, in turns of the pump
        catch_up = JournalCatchUp(journals, symbols)
        self.pump = RouterPump(attachments.router, attachments.bell, catch_up)
        # 3. calls and streams are sessions of the Router
        calls = UnaryCalls(self.pump, limits)
        self._shards = Shards(attachments.shards, limits.heartbeat_stale_ms)
        self._streams = StreamRegistry(
            self.pump, catch_up, shards=self._shards, authenticator=authenticator, limits=limits
        )
        # 4. accounts and balances are the ledger's
        self._ledger = LedgerClient(topology.ledger_socket)
        # 5. the services
        self._health = health.aio.HealthServicer()  # type: ignore[attr-defined]
        self._health_told: dict[str, bool] = {}
        orders = OrderService(calls, self._streams, authenticator, limits)
        accounts = AccountService(calls, self._streams, authenticator, self._ledger, limits=limits)
        operations = OperationsService(
            settings, calls=calls, authenticator=authenticator, ledger=self._ledger, shards=self._shards
        )
        # Health checks and calls that are refused have no session, but are not without number either.
        rpcs_max = limits.sessions_max + RPCS_WITHOUT_SESSION_MAX
        self._server = grpc.aio.server(options=server_options(settings), maximum_concurrent_rpcs=rpcs_max)
        self._server.add_generic_rpc_handlers((orders.handler(), accounts.handler(), operations.handler()))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable_server_reflection((*SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME), self._server)
        self._background: list[asyncio.Task[NoReturn]] = []

    async def start(self) -> int:
        """Serves from now on; returns the port."""
        self.pump.start()
        port = self._server.add_insecure_port(f"{self._settings.host}:{self._settings.port}")
        await self._server.start()
        for service in ("", *SERVICES):
            await self._tell_health(service, serving=True)
        self._background = [asyncio.create_task(self._watch_symbols()), asyncio.create_task(self._streams.sweep())]
        log.info("serving", port=port, gateway=self._settings.number)
        return port

    async def drain(self) -> None:
        """Nothing new; clients are told and have time to leave; what is under way is answered (rule API-5)."""
        log.info("draining")
        self._background[0].cancel()
        for service in list(self._health_told):
            await self._tell_health(service, serving=False)
        self._router.set_draining()
        await self._streams.announce_draining(self._settings.drain_seconds)
        await self._streams.end_all(STREAMS_END_SECONDS)
        await self._server.stop(STOP_GRACE_SECONDS)

    async def close(self) -> None:
        """Stops serving at once, when drain() has not, and lets go of everything."""
        await self._server.stop(0)
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self.pump.stop()
        await self._ledger.close()
        self._directory.close()
        log.info("stopped")

    async def _watch_symbols(self) -> NoReturn:
        """Health per symbol, from the figures that its engine keeps showing."""
        while True:
            for symbol, serving in self._shards.serving().items():
                await self._tell_health(SYMBOL_HEALTH_PREFIX + symbol, serving=serving)
            await asyncio.sleep(HEALTH_SECONDS)

    async def _tell_health(self, service: str, *, serving: bool) -> None:
        if self._health_told.get(service) is serving:
            return
        self._health_told[service] = serving
        status = health_pb2.HealthCheckResponse
        await self._health.set(service, status.SERVING if serving else status.NOT_SERVING)


def server_options(settings: GatewaySettings) -> list[tuple[str, int]]:
    """Channel options of the server."""
    return [
        ("grpc.so_reuseport", 1),  # all gateways of a venue listen on one port
        ("grpc.max_receive_message_length", settings.limits.message_bytes_max),
        ("grpc.max_send_message_length", -1),
        ("grpc.max_metadata_size", 16 << 10),
        # A peer that is gone without a word is noticed within 3 s of silence after a ping.
        ("grpc.keepalive_time_ms", 2_000),
        ("grpc.keepalive_timeout_ms", 1_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 1_000),
        ("grpc.http2.max_ping_strikes", 0),
    ]

"""Entry of the market data process: attach to the rings, follow them, serve."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from typing import Any

import grpc
import structlog
import uvloop
from grpc_health.v1 import health, health_pb2
from grpc_health.v1._async import HealthServicer
from grpc_reflection.v1alpha import reflection, reflection_pb2

from tidegate.marketdata.admission import Admission
from tidegate.marketdata.config import MarketdataSettings
from tidegate.marketdata.follow import follow
from tidegate.marketdata.market import PROCESS, Market
from tidegate.marketdata.service import SERVICE, MarketDataService
from tidegate.v1 import market_data_service_pb2 as pb
from tidegate.wire.damage_mark import DamageMark

log = structlog.get_logger(__name__)

SYMBOL_HEALTH_PREFIX = "tidegate.symbol."
SERVER_OPTIONS = (
    ("grpc.so_reuseport", 0),  # a second venue on this port must fail, not share it
    ("grpc.max_receive_message_length", 1 << 16),  # requests are small
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 3_000),
)


def main(settings: MarketdataSettings) -> None:
    """Runs until SIGTERM."""
    mark = DamageMark(settings.topology.damage_mark(PROCESS))
    mark.watch()
    os.nice(settings.limits.nice)  # readers are many, and must not slow down the engines
    uvloop.run(serve_until_terminated(settings))


async def serve_until_terminated(settings: MarketdataSettings) -> None:
    """The whole life of the process."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await serve(settings, stop)


async def serve(settings: MarketdataSettings, stop: asyncio.Event) -> None:
    """Attaches, follows and serves until `stop` is set."""
    mark = DamageMark(settings.topology.damage_mark(PROCESS))
    with contextlib.closing(Market(settings, mark)) as market:
        await serve_market(settings, market, stop)


async def serve_market(settings: MarketdataSettings, market: Market, stop: asyncio.Event) -> None:
    """Follows and serves until `stop` is set, or raises what has gone wrong with a feed."""
    server = grpc.aio.server(options=SERVER_OPTIONS)
    admission = Admission(settings.limits)
    health_service = HealthServicer()
    server.add_generic_rpc_handlers(
        (
            MarketDataService(market).handlers(admission),
            health_handler(health_service, admission),
            reflection_handler(admission),
        )
    )
    server.add_insecure_port(f"{settings.host}:{settings.port}")
    healths = Healths(market, health_service)
    await healths.tell()
    await server.start()
    log.info("serving", host=settings.host, port=settings.port, service=pb.DESCRIPTOR.package)
    following = asyncio.ensure_future(follow(settings, market, healths.tell))
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait((following, stopping), return_when=asyncio.FIRST_COMPLETED)
    await health_service.enter_graceful_shutdown()
    await server.stop(settings.limits.drain_grace_ms / 1000)
    stopping.cancel()
    if not following.done():
        following.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await following  # a fault of the feeds ends the process with its traceback; the supervisor starts it again


def health_handler(service: HealthServicer, admission: Admission) -> grpc.GenericRpcHandler[Any, Any]:
    """grpc.health.v1.Health."""
    request, response = health_pb2.HealthCheckRequest, health_pb2.HealthCheckResponse
    methods = {
        "Check": admission.other(service.Check, request, response, streams=False),
        "Watch": admission.other(service.Watch, request, response, streams=True),
    }
    return grpc.method_handlers_generic_handler(health.SERVICE_NAME, methods)


def reflection_handler(admission: Admission) -> grpc.GenericRpcHandler[Any, Any]:
    """grpc.reflection.v1alpha.ServerReflection of everything here."""
    servicer = reflection.aio.ReflectionServicer((SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME))  # type: ignore[attr-defined]
    request, response = reflection_pb2.ServerReflectionRequest, reflection_pb2.ServerReflectionResponse
    method = admission.conversation(servicer.ServerReflectionInfo, request, response)
    return grpc.method_handlers_generic_handler(reflection.SERVICE_NAME, {"ServerReflectionInfo": method})


class Healths:
    """SERVING per symbol when its book is known, and for the service (and "") when all are."""

    def __init__(self, market: Market, service: HealthServicer) -> None:
        self._market = market
        self._service = service
        self._known: dict[str, bool] = {}

    async def tell(self) -> None:
        """What is another than before."""
        now = dict.fromkeys(self._known, False)
        now |= {SYMBOL_HEALTH_PREFIX + symbol: feed.depth.ready for symbol, feed in self._market.feeds.items()}
        every = all(feed.depth.ready for feed in self._market.feeds.values())
        for name, serves in (now | {SERVICE: every, "": every}).items():
            if self._known.get(name) != serves:
                self._known[name] = serves
                status = health_pb2.HealthCheckResponse
                await self._service.set(name, status.SERVING if serves else status.NOT_SERVING)

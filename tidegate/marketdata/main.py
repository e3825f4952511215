"""Entry of the market data process: attach to the rings, follow them, serve."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Awaitable, Callable

import grpc
import structlog
import uvloop
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_health.v1._async import HealthServicer
from grpc_reflection.v1alpha import reflection

from tidegate.marketdata.book_feed import BookFeed
from tidegate.marketdata.config import MarketdataSettings
from tidegate.marketdata.fan_out import DepthHub, TradeHub
from tidegate.marketdata.journal import JournalEvents
from tidegate.marketdata.service import SERVICE, MarketDataService
from tidegate.v1 import market_data_service_pb2 as pb
from tidegate.wire import native
from tidegate.wire.doorbell import Doorbell
from tidegate.wire.instruments import Instrument
from tidegate.wire.segment import Segment
from tidegate.wire.topology import MARKETDATA_READER, engine_name

log = structlog.get_logger(__name__)

PROCESS = "marketdata"
SYMBOL_HEALTH_PREFIX = "tidegate.symbol."
IDLE_WAKE_S = 1.0  # how often an idle process looks whether a question has gone unanswered
SERVER_OPTIONS = (
    ("grpc.so_reuseport", 0),  # a second venue on this port must fail, not share it
    ("grpc.max_receive_message_length", 1 << 16),  # requests are small
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 3_000),
)


def main(settings: MarketdataSettings) -> None:
    """Runs until SIGTERM."""
    uvloop.run(serve_until_terminated(settings))


async def serve_until_terminated(settings: MarketdataSettings) -> None:
    """The whole life of the process."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await serve(settings, stop)


async def serve(settings: MarketdataSettings, stop: asyncio.Event) -> None:
    """Attaches, follows and serves until `stop` is set."""
    with contextlib.ExitStack() as resources:
        feeds = {each.symbol: open_feed(settings, each, resources) for each in settings.instruments}
        await serve_feeds(settings, feeds, stop)


async def serve_feeds(settings: MarketdataSettings, feeds: dict[str, BookFeed], stop: asyncio.Event) -> None:
    """Follows and serves until `stop` is set, or raises what has gone wrong with a feed."""
    server = grpc.aio.server(options=SERVER_OPTIONS)
    service = MarketDataService(settings.instruments, feeds, settings.limits.subscribers_max)
    server.add_generic_rpc_handlers((service.handlers(),))
    healths = HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(healths, server)
    reflection.enable_server_reflection((SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME), server)
    server.add_insecure_port(f"{settings.host}:{settings.port}")
    known: dict[str, bool] = {}
    await tell_health(feeds, healths, known)
    await server.start()
    log.info("serving", host=settings.host, port=settings.port, service=pb.DESCRIPTOR.package)
    following = asyncio.ensure_future(follow(settings, feeds, lambda: tell_health(feeds, healths, known)))
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait((following, stopping), return_when=asyncio.FIRST_COMPLETED)
    await healths.enter_graceful_shutdown()
    await server.stop(settings.limits.drain_grace_ms / 1000)
    stopping.cancel()
    if not following.done():
        following.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await following  # a fault of the feeds ends the process with its traceback; the supervisor starts it again


def open_feed(settings: MarketdataSettings, instrument: Instrument, resources: contextlib.ExitStack) -> BookFeed:
    """Attaches to one symbol's rings until `resources` closes."""
    topology = settings.topology
    symbol = instrument.symbol
    events = Segment.attach(topology.event_segment(symbol))
    commands = Segment.attach(topology.command_segment(symbol, PROCESS))
    bell = Doorbell(topology.bell(engine_name(symbol)))
    for each in (events, commands, bell):
        resources.callback(each.close)
    feed: BookFeed
    # The hub encodes a snapshot only when the feed is there to be asked.
    depth = DepthHub(
        lambda: feed.snapshot_message(),  # noqa: PLW0108 - the feed comes after its hub
        settings.limits.depth_backlog_max,
    )
    feed = BookFeed(
        symbol,
        instrument.instrument_id,
        lambda: native.EventReader(events.buf, MARKETDATA_READER),
        native.CommandProducer(commands.buf, bell.fd),
        JournalEvents(topology.journal_dir(symbol)),
        depth=depth,
        trades=TradeHub(settings.limits.trades_retained_max, settings.limits.trades_backlog_max),
        answer_timeout_ns=settings.limits.answer_timeout_ms * 1_000_000,
    )
    resources.callback(feed.close)
    return feed


async def follow(
    settings: MarketdataSettings, feeds: dict[str, BookFeed], on_change: Callable[[], Awaitable[None]]
) -> None:
    """Polls all feeds; sleeps on the bell when there is nothing."""
    bell = Doorbell(settings.topology.bell(PROCESS))
    rung = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_bell() -> None:
        bell.drain()  # at once: a pipe that stays readable would keep the loop spinning
        rung.set()

    loop.add_reader(bell.fd, on_bell)
    try:
        await follow_until_canceled(settings, feeds, on_change, rung)
    finally:
        loop.remove_reader(bell.fd)
        bell.close()


async def follow_until_canceled(
    settings: MarketdataSettings,
    feeds: dict[str, BookFeed],
    on_change: Callable[[], Awaitable[None]],
    rung: asyncio.Event,
) -> None:
    """The endless part of follow()."""
    while True:
        if await poll_and_tell(feeds, on_change):
            await asyncio.sleep(settings.limits.publish_interval_ms / 1000)
            continue
        rung.clear()
        for feed in feeds.values():
            feed.set_sleeping(True)
        if not await poll_and_tell(feeds, on_change):  # what came in between rings no bell
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(rung.wait(), IDLE_WAKE_S)
        for feed in feeds.values():
            feed.set_sleeping(False)


async def poll_and_tell(feeds: dict[str, BookFeed], on_change: Callable[[], Awaitable[None]]) -> bool:
    """Polls every feed; whoever had something may have begun, or ceased, to be ready."""
    something = poll_all(feeds)
    if something:
        await on_change()
    return something


def poll_all(feeds: dict[str, BookFeed]) -> bool:
    """Whether any feed had something."""
    now_ns = time.monotonic_ns()
    polled = [feed.poll(now_ns) for feed in feeds.values()]
    return any(polled)


async def tell_health(feeds: dict[str, BookFeed], healths: HealthServicer, known: dict[str, bool]) -> None:
    """SERVING per symbol when its book is known, and for the service (and "") when all are."""
    ready = {SYMBOL_HEALTH_PREFIX + symbol: feed.depth.ready for symbol, feed in feeds.items()}
    for service in (SERVICE, ""):
        ready[service] = all(feed.depth.ready for feed in feeds.values())
    for service, serves in ready.items():
        if known.get(service) != serves:
            known[service] = serves
            status = health_pb2.HealthCheckResponse.SERVING if serves else health_pb2.HealthCheckResponse.NOT_SERVING
            await healths.set(service, status)

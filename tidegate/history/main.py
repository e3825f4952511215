"""The history process: indexes the journals and serves the gateways of this venue."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal

import grpc.aio
import structlog

from tidegate.history.config import HistorySettings
from tidegate.history.follower import Follower
from tidegate.history.service import HistoryServicer
from tidegate.v1 import history_service_pb2_grpc
from tidegate.wire.damage_mark import DamageMark
from tidegate.wire.listing import ListingWatcher

STOP_GRACE_SECONDS = 1.0
WATCH_SECONDS = 0.5
PROCESS = "history"
NICE = 10  # those who trade come first

log = structlog.get_logger(__name__)


def main(settings: HistorySettings) -> None:
    """Runs until SIGTERM."""
    mark = DamageMark(settings.topology.damage_mark(PROCESS))
    mark.watch()
    os.nice(NICE)
    asyncio.run(serve(settings))


async def serve(settings: HistorySettings) -> None:
    """Follows and answers until a signal comes."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    topology = settings.topology
    follower = Follower(settings, DamageMark(topology.damage_mark(PROCESS)))
    following = asyncio.create_task(follower.follow())
    server = grpc.aio.server()
    try:
        topology.run_dir.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            topology.history_socket.unlink()  # a killed predecessor's
        # grpc-stubs and protoc's output have no types for this function.
        history_service_pb2_grpc.add_HistoryServiceServicer_to_server(HistoryServicer(follower), server)  # type: ignore[no-untyped-call]
        server.add_insecure_port(f"unix:{topology.history_socket}")
        await server.start()
        log.info("serving", socket=str(topology.history_socket))
        listing = ListingWatcher(topology.instruments_file)
        while not stop.is_set() and not follower.damaged.is_set():
            for entry in listing.changed() or ():
                follower.add(entry.instrument)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), WATCH_SECONDS)
        await server.stop(STOP_GRACE_SECONDS)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        follower.close()
    if follower.damaged.is_set():
        raise SystemExit(1)  # the supervisor starts the next one

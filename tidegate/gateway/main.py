"""The gateway process."""

from __future__ import annotations

import asyncio
import gc
import signal
from typing import Any

import uvloop

from tidegate.gateway.attachments import Attachments
from tidegate.gateway.config import GatewaySettings
from tidegate.gateway.server import GatewayServer

GC_THRESHOLD = 50_000


def main(settings: GatewaySettings) -> None:
    """Runs until SIGTERM, then drains. Raises FileNotFoundError when the venue's segments are not there."""
    # Start-up objects live as long as the process: the collector need not look at them again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 50, 50)
    uvloop.run(serve(settings))


async def serve(settings: GatewaySettings) -> None:
    """Attaches, serves, drains when told to. Raises RuntimeError when an event ring is damaged."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    with Attachments(settings) as attachments:
        server = GatewayServer(settings, attachments)
        stopping = asyncio.create_task(stop.wait())
        try:
            await server.start()
            ends: set[asyncio.Future[Any]] = {stopping, server.pump.failed}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if server.pump.failed.done():
                server.pump.failed.result()
            await server.drain()
        finally:
            stopping.cancel()
            await server.close()

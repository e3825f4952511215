"""Instruments that come, change and go while a session is open: the stream names them, the public side defines them."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from tidegate.v1 import types_pb2
from tidegate_client.connection import backoff_s
from tidegate_client.errors import NotFound, TidegateError
from tidegate_client.instruments import Instrument, delisted, scale_sequence

if TYPE_CHECKING:
    from tidegate_client.client import Client


class InstrumentWatch:
    """Asks the public side for what a stream has named, for `timeout_s` at most each time."""

    def __init__(self, client: Client, timeout_s: float) -> None:
        self._client = client
        self._timeout_s = timeout_s
        self._loop = asyncio.get_running_loop()
        self._asking: set[asyncio.Task[None]] = set()

    async def get(self, symbol: str) -> Instrument:
        """The instrument, asked for when it is new; NotFound when the public side never names it."""
        waits, give_up = backoff_s(), self._loop.time() + self._timeout_s
        while True:
            try:
                return self._client.instrument(symbol)
            except NotFound:
                if self._loop.time() > give_up:
                    raise
            with contextlib.suppress(TidegateError):
                if symbol not in await self._client.refresh_instruments():
                    await asyncio.sleep(next(waits))

    async def scale_of(self, report: types_pb2.Report) -> Instrument:
        """The definition that a report is in, waited for like the instrument itself."""
        known = await self.get(report.symbol)
        if scale_sequence(report) > known.definition_sequence:
            return known
        return await self._client.market.instrument_of(report)

    def expect(self, symbol: str, definition: int = 0) -> None:
        """Have the client know the symbol soon, as of the definition with this sequence (0: any)."""
        task = self._loop.create_task(self._ask(symbol, definition))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def stop(self) -> None:
        """Ask for nothing more."""
        asking = list(self._asking)
        for each in asking:
            each.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    async def _ask(self, symbol: str, definition: int) -> None:
        with contextlib.suppress(TidegateError):
            instrument = await self.get(symbol)
            waits, give_up = backoff_s(), self._loop.time() + self._timeout_s
            while instrument.definition_sequence < definition and self._loop.time() < give_up:
                await asyncio.sleep(next(waits))
                instrument = (await self._client.refresh_instruments()).get(symbol, instrument)


async def delisted_now(client: Client) -> set[str]:
    """Symbols that are no longer listed; none when that cannot be asked."""
    with contextlib.suppress(TidegateError):
        return delisted(await client.refresh_instruments())
    return set()

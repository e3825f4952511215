"""Reports for whoever iterates: kept as they came, decoded when they are looked at."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from tidegate.v1 import types_pb2
from tidegate_client.errors import TidegateError
from tidegate_client.instruments import Instrument
from tidegate_client.types import Report

_OVERFLOW = "events were not read for too long: more than {} wait"


class Events:
    """Every report since `events()` was called, each once, per symbol in the order of its log.

    Ends when the session is closed; raises what the session ended with. A reader that lets more than the
    bound pile up gets a TidegateError instead of a silent gap.
    """

    def __init__(self, instrument_of: Callable[[types_pb2.Report], Awaitable[Instrument]], waiting_max: int) -> None:
        self._instrument_of = instrument_of
        self._waiting: deque[types_pb2.Report] = deque()
        self._waiting_max = waiting_max
        self._wake = asyncio.Event()
        self._end: BaseException | None = None
        self._ended = False

    def put(self, report: types_pb2.Report) -> None:
        """Called by the session."""
        if self._ended:
            return
        if len(self._waiting) >= self._waiting_max:
            self.end(TidegateError(_OVERFLOW.format(self._waiting_max)))
            return
        self._waiting.append(report)
        self._wake.set()

    def end(self, error: BaseException | None = None) -> None:
        """Called by the session: nothing follows."""
        self._ended, self._end = True, error
        self._wake.set()

    def __aiter__(self) -> Events:
        return self

    async def __anext__(self) -> Report:
        report = await self.next_wire()
        if report is None:
            raise StopAsyncIteration
        return Report.from_wire(report, await self._instrument_of(report))

    async def next_wire(self) -> types_pb2.Report | None:
        """The next report as the contract's message, without decoding; None at the end."""
        while not self._waiting:
            if self._ended:
                if self._end is not None:
                    raise self._end
                return None
            self._wake.clear()
            await self._wake.wait()
        return self._waiting.popleft()

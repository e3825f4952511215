"""Mark and index prices of a replay: the recording's last trade, once per second of its time."""

from __future__ import annotations

import contextlib

import grpc.aio

from tidegate.ops.callers import Caller
from tidegate.v1 import operations_service_pb2

INTERVAL_NS = 1_000_000_000


class MarkPrices:
    """Tells the venue when a second of the recording has passed in which the last price has changed."""

    def __init__(self, operator: Caller, symbol: str) -> None:
        self.last = 0
        """Last recorded trade, ticks."""
        self.told = 0
        self._operator = operator
        self._symbol = symbol
        self._told_price = 0
        self._due_ns = 0

    async def at(self, recorded_ns: int) -> None:
        """The recording has come so far. A price that a gateway's death keeps back is followed by the next one."""
        if recorded_ns < self._due_ns or self.last == self._told_price:
            return
        self._due_ns, self._told_price = recorded_ns + INTERVAL_NS, self.last
        request = operations_service_pb2.SetPricesRequest(
            symbol=self._symbol, mark_price_ticks=self.last, index_price_ticks=self.last
        )
        with contextlib.suppress(grpc.aio.AioRpcError):
            await self._operator.call(self._operator.operations.SetPrices, request)
            self.told += 1

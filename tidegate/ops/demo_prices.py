"""The demonstration's price feed: mark and index of every symbol, set by the operator's key from the book's mid."""

from __future__ import annotations

import asyncio
import random
import time

from tidegate.ops.callers import Caller
from tidegate.v1 import market_data_service_pb2 as market_pb
from tidegate.v1 import operations_service_pb2 as pb

INTERVAL_S = 1.0
INDEX_NOISE = 3e-5  # of the index around the mark price, relative
FUNDING_RATE = 10_000  # 1e-8: 0.01 % per interval
FUNDING_INTERVAL_NS = 8 * 3600 * 1_000_000_000


class PriceFeed:
    """Follows the best prices of every symbol, and tells the venue once a second what has changed."""

    def __init__(self, operator: Caller, public: Caller, rng: random.Random) -> None:
        self._operator = operator
        self._public = public
        self._rng = rng
        self._mids: dict[str, int] = {}
        self._told: dict[str, int] = {}

    async def follow(self) -> None:
        """Keeps the mids. Until canceled."""
        async for top in self._public.market_data.StreamTopOfBook(market_pb.StreamTopOfBookRequest()):
            if top.bid_price_ticks and top.ask_price_ticks:
                self._mids[top.symbol] = (top.bid_price_ticks + top.ask_price_ticks) // 2

    async def tell(self) -> None:
        """Sets the prices. Until canceled."""
        while True:
            for symbol, mid in self._mids.items():
                if self._told.get(symbol) != mid:
                    self._told[symbol] = mid
                    await self._operator.call(self._operator.operations.SetPrices, self._prices(symbol, mid))
            await asyncio.sleep(INTERVAL_S)

    def _prices(self, symbol: str, mid: int) -> pb.SetPricesRequest:
        return pb.SetPricesRequest(
            symbol=symbol,
            mark_price_ticks=mid,
            index_price_ticks=max(1, round(mid * (1.0 + self._rng.gauss(0.0, INDEX_NOISE)))),
            funding_rate=FUNDING_RATE,
            next_funding_time_ns=next_funding_ns(time.time_ns()),
        )


def next_funding_ns(now_ns: int) -> int:
    """The next whole interval since the Unix epoch."""
    return (now_ns // FUNDING_INTERVAL_NS + 1) * FUNDING_INTERVAL_NS

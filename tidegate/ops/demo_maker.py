"""The demonstration's market maker: a ladder of two-sided quotes per symbol, moved by one mass quote each time,
under market-maker protection (rule ORD-11)."""

from __future__ import annotations

import asyncio

import structlog

from tidegate.ops.callers import Caller
from tidegate.ops.demo_market import Market
from tidegate.v1 import order_service_pb2 as pb
from tidegate.v1 import types_pb2

log = structlog.get_logger(__name__)

LEVELS = 10  # quotes, each two-sided
REQUOTE_S = 0.3
LEVEL_NOTIONAL = 25_000.0  # median size of a level, quote currency
GROUP = 1
PROTECTION_WINDOW_MS = 1_000
PROTECTION_FILLS = 12  # within the window: then every quote is pulled
COOL_DOWN_S = 1.0  # before the maker quotes again


class Maker:
    """Quotes one symbol."""

    def __init__(self, caller: Caller, market: Market) -> None:
        self._caller = caller
        self._market = market
        # A level keeps its size while it keeps its price: only what moves loses its place.
        self._sizes = [(market.lots(LEVEL_NOTIONAL), market.lots(LEVEL_NOTIONAL)) for _ in range(LEVELS)]

    async def run(self) -> None:
        """Until canceled."""
        await self._caller.cancel_all(self._market.symbol)  # what an earlier run has left
        await self._protect()
        while True:
            response = await self._caller.call(self._caller.orders.MassQuote, self._quotes())
            if any(each.reason == types_pb2.REASON_PROTECTION_FROZEN for each in response.reports):
                await self._start_again()
            await asyncio.sleep(REQUOTE_S * self._market.rng.uniform(0.8, 1.2))

    def _quotes(self) -> pb.MassQuoteRequest:
        """The whole ladder; where the price goes to, the outer quotes make room for the inner ones."""
        moved = self._market.walk()
        levels = range(LEVELS) if moved > 0 else reversed(range(LEVELS))
        request = pb.MassQuoteRequest(time_in_force=types_pb2.TIME_IN_FORCE_GTX, protection_group=GROUP)
        for level in levels:
            if self._market.rng.random() < 0.1:
                self._sizes[level] = (self._market.lots(LEVEL_NOTIONAL), self._market.lots(LEVEL_NOTIONAL))
            bid_lots, ask_lots = self._sizes[level]
            request.quotes.add(
                symbol=self._market.symbol,
                quote_id=level + 1,
                bid_price_ticks=self._market.bid(level),
                bid_quantity_lots=bid_lots,
                ask_price_ticks=self._market.ask(level),
                ask_quantity_lots=ask_lots,
            )
        return request

    async def _protect(self) -> None:
        request = pb.SetProtectionRequest(
            symbol=self._market.symbol,
            protection_group=GROUP,
            window_ms=PROTECTION_WINDOW_MS,
            fills_limit=PROTECTION_FILLS,
        )
        await self._caller.call(self._caller.orders.SetProtection, request)
        await self._reset()  # a group that an earlier run has left frozen

    async def _start_again(self) -> None:
        log.info("protection tripped", symbol=self._market.symbol)
        await asyncio.sleep(COOL_DOWN_S)
        await self._reset()

    async def _reset(self) -> None:
        request = pb.ResetProtectionRequest(symbol=self._market.symbol, protection_group=GROUP)
        await self._caller.call(self._caller.orders.ResetProtection, request)

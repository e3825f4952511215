"""Public streams. Each connects again by itself: state goes on with what is newest, history where it ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import grpc
import grpc.aio

from tidegate.v1 import market_data_service_pb2 as pb
from tidegate_client.book import LocalBook
from tidegate_client.connection import backoff_s
from tidegate_client.enums import CandleInterval, Reason
from tidegate_client.errors import Busy, CannotResume, ConnectionLost, NotFound, Refused, Unavailable
from tidegate_client.instruments import Instrument
from tidegate_client.market_types import Candle, PhaseNews, Trade
from tidegate_client.rpc import error_of

if TYPE_CHECKING:
    from tidegate_client.market import MarketData

_T = TypeVar("_T")
_PASSING = (ConnectionLost, Busy, Unavailable)


async def messages(market: MarketData, method: str, request: Callable[[], Any]) -> AsyncIterator[Any]:
    """Messages of one call after another, each with the request as it is by then.

    Waits between calls, longer while they bring nothing. Raises what connecting again can't help.
    """
    waits = backoff_s()
    while True:
        try:
            async for message in getattr(market.stub(), method)(request()):
                waits = backoff_s()
                yield message
        except grpc.RpcError as error:
            what = error_of(error)
            slow = isinstance(what, Refused) and what.reason is Reason.SLOW_READER
            if not slow and not isinstance(what, _PASSING):
                raise what from error
        await asyncio.sleep(next(waits))


class DepthStream:
    """Yields the same LocalBook after every change. A gap, a wrong checksum or a lost connection leads to a new
    snapshot."""

    def __init__(self, market: MarketData, symbol: str, *, interval_ms: int = 0, verify: bool = True) -> None:
        self._market = market
        self._request = pb.StreamDepthRequest(symbol=symbol, interval_ms=interval_ms)
        self._verify = verify

    async def __aiter__(self) -> AsyncIterator[LocalBook]:
        await self._market.instruments()
        book = LocalBook(self._market.instrument(self._request.symbol), verify=self._verify)
        waits = backoff_s()
        while True:
            try:
                async for message in self._market.stub().StreamDepth(self._request):
                    if not book.apply(message):
                        break
                    waits = backoff_s()
                    book.instrument = (await self._market.instruments()).get(self._request.symbol, book.instrument)
                    yield book
            except grpc.RpcError as error:
                what = error_of(error)
                if not isinstance(what, _PASSING):
                    raise what from error
            await asyncio.sleep(next(waits))


class TradeStream:
    """Yields every trade once, in order. Raises CannotResume when some are no longer kept after a lost connection."""

    def __init__(self, market: MarketData, symbol: str, after_trade_id: int, *, liquidations: bool = False) -> None:
        self._market = market
        self._symbol = symbol
        self._last = after_trade_id
        self._gap_free = not liquidations
        self._method = "StreamLiquidations" if liquidations else "StreamTrades"
        self._kind = pb.StreamLiquidationsRequest if liquidations else pb.StreamTradesRequest

    async def __aiter__(self) -> AsyncIterator[Trade]:
        await self._market.instruments()
        self._market.instrument(self._symbol)
        async for message in messages(self._market, self._method, self._request):
            for each in message.trades:
                if each.trade_id <= self._last:
                    continue
                if self._gap_free and self._last and each.trade_id != self._last + 1:
                    raise CannotResume(
                        f"trades {self._last + 1} to {each.trade_id - 1} are missing",
                        reason=Reason.SEQUENCE_NOT_RETAINED,
                    )
                self._last = each.trade_id
                yield Trade.from_wire(each, await self._market.instrument_at(self._symbol, each.sequence))

    def _request(self) -> Any:
        return self._kind(symbol=self._symbol, after_trade_id=self._last)


class CandleStream:
    """Yields the candle under way whenever it changes, and each once more when it has closed."""

    def __init__(self, market: MarketData, symbol: str, interval: CandleInterval) -> None:
        self._market = market
        self._request = pb.StreamCandlesRequest(symbol=symbol, interval=interval.value)  # type: ignore[arg-type]

    async def __aiter__(self) -> AsyncIterator[Candle]:
        await self._market.instruments()
        instrument = self._market.instrument(self._request.symbol)
        async for message in messages(self._market, "StreamCandles", lambda: self._request):
            instrument = (await self._market.instruments()).get(self._request.symbol, instrument)
            yield Candle.from_wire(message.candle, instrument)


class PhaseStream:
    """Yields every change of phase, every auction and definition once, in order; the first is the phase as it is.

    A definition becomes the client's own: conversions after it are in the new ticks and lots.
    """

    def __init__(self, market: MarketData, symbol: str, after_sequence: int) -> None:
        self._market = market
        self._symbol = symbol
        self._last = after_sequence

    async def __aiter__(self) -> AsyncIterator[PhaseNews]:
        await self._market.instruments()
        instrument = self._market.instrument(self._symbol)
        async for message in messages(self._market, "StreamPhases", self._request):
            news = PhaseNews.from_wire(message, instrument)
            if news.definition is not None:
                instrument = news.definition
                self._market.learn(instrument)
            self._last = max(self._last, news.sequence)
            yield news

    def _request(self) -> pb.StreamPhasesRequest:
        return pb.StreamPhasesRequest(symbol=self._symbol, after_sequence=self._last)


class StateStream(Generic[_T]):
    """Yields what is newest of each symbol; what was not taken in time is skipped."""

    def __init__(
        self,
        market: MarketData,
        method: str,
        request: Any,
        symbol_of: Callable[[Any], str],
        decode: Callable[[Any, Instrument], _T],
    ) -> None:
        self._market = market
        self._method = method
        self._request = request
        self._symbol_of = symbol_of
        self._decode = decode

    async def __aiter__(self) -> AsyncIterator[_T]:
        await self._market.instruments()
        for symbol in self._request.symbols:
            self._market.instrument(symbol)
        async for message in messages(self._market, self._method, lambda: self._request):
            symbol = self._symbol_of(message)
            if symbol not in await self._market.instruments():
                await self._market.refresh_instruments()
            try:
                yield self._decode(message, self._market.instrument(symbol))
            except NotFound:
                continue  # listed or delisted at this moment

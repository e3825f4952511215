"""The public side without async."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator

from tidegate_client.enums import CandleInterval
from tidegate_client.market import MarketData
from tidegate_client.market_types import Candle, Depth, PhaseNews, Prices, Ticker, TopOfBook, Trade
from tidegate_client.sync_loop import LoopThread, waited


class SyncMarket:
    """MarketData, call by call; streams are plain iterators."""

    def __init__(self, loop: LoopThread, market: MarketData) -> None:
        self._loop = loop
        self._inner = market

    refresh_instruments = waited(MarketData.refresh_instruments)
    instrument_versions = waited(MarketData.instrument_versions)
    candles = waited(MarketData.candles)
    tickers = waited(MarketData.tickers)

    def depth_stream(self, symbol: str, *, interval_ms: int = 0, levels: int = 100) -> Iterator[Depth]:
        """The best levels after every change, as frozen copies."""

        async def books() -> AsyncIterator[Depth]:
            async for book in self._inner.depth_stream(symbol, interval_ms=interval_ms):
                yield book.depth(levels)

        return self._loop.iterate(books())

    def trade_stream(self, symbol: str, after_trade_id: int = 0) -> Iterator[Trade]:
        """See MarketData.trade_stream."""
        return self._loop.iterate(aiter(self._inner.trade_stream(symbol, after_trade_id)))

    def liquidation_stream(self, symbol: str, after_trade_id: int = 0) -> Iterator[Trade]:
        """See MarketData.liquidation_stream."""
        return self._loop.iterate(aiter(self._inner.liquidation_stream(symbol, after_trade_id)))

    def candle_stream(self, symbol: str, interval: CandleInterval) -> Iterator[Candle]:
        """See MarketData.candle_stream."""
        return self._loop.iterate(aiter(self._inner.candle_stream(symbol, interval)))

    def phase_stream(self, symbol: str, after_sequence: int = 0) -> Iterator[PhaseNews]:
        """See MarketData.phase_stream."""
        return self._loop.iterate(aiter(self._inner.phase_stream(symbol, after_sequence)))

    def top_of_book_stream(self, symbols: Iterable[str] = ()) -> Iterator[TopOfBook]:
        """See MarketData.top_of_book_stream."""
        return self._loop.iterate(aiter(self._inner.top_of_book_stream(symbols)))

    def ticker_stream(self, symbols: Iterable[str] = ()) -> Iterator[Ticker]:
        """See MarketData.ticker_stream."""
        return self._loop.iterate(aiter(self._inner.ticker_stream(symbols)))

    def price_stream(self, symbols: Iterable[str] = ()) -> Iterator[Prices]:
        """See MarketData.price_stream."""
        return self._loop.iterate(aiter(self._inner.price_stream(symbols)))

"""The public side without async."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator

from tidegate_client.enums import CandleInterval
from tidegate_client.instruments import Instrument
from tidegate_client.market import MarketData
from tidegate_client.market_types import Candle, Depth, PhaseNews, Prices, Ticker, TopOfBook, Trade
from tidegate_client.sync_loop import LoopThread


class SyncMarket:
    """MarketData, call by call; streams are plain iterators."""

    def __init__(self, loop: LoopThread, market: MarketData) -> None:
        self._loop = loop
        self._market = market

    def refresh_instruments(self) -> dict[str, Instrument]:
        """See MarketData.refresh_instruments."""
        return self._loop.run(self._market.refresh_instruments())

    def instrument_versions(self, symbol: str) -> list[Instrument]:
        """See MarketData.instrument_versions."""
        return self._loop.run(self._market.instrument_versions(symbol))

    def candles(
        self, symbol: str, interval: CandleInterval, most: int = 500, *, start_time_ns: int = 0, end_time_ns: int = 0
    ) -> list[Candle]:
        """See MarketData.candles."""
        call = self._market.candles(symbol, interval, most, start_time_ns=start_time_ns, end_time_ns=end_time_ns)
        return self._loop.run(call)

    def tickers(self, symbols: Iterable[str] = ()) -> dict[str, Ticker]:
        """See MarketData.tickers."""
        return self._loop.run(self._market.tickers(symbols))

    def depth_stream(self, symbol: str, *, interval_ms: int = 0, levels: int = 100) -> Iterator[Depth]:
        """The best levels after every change, as frozen copies."""

        async def books() -> AsyncIterator[Depth]:
            async for book in self._market.depth_stream(symbol, interval_ms=interval_ms):
                yield book.depth(levels)

        return self._loop.iterate(books())

    def trade_stream(self, symbol: str, after_trade_id: int = 0) -> Iterator[Trade]:
        """See MarketData.trade_stream."""
        return self._loop.iterate(aiter(self._market.trade_stream(symbol, after_trade_id)))

    def liquidation_stream(self, symbol: str, after_trade_id: int = 0) -> Iterator[Trade]:
        """See MarketData.liquidation_stream."""
        return self._loop.iterate(aiter(self._market.liquidation_stream(symbol, after_trade_id)))

    def candle_stream(self, symbol: str, interval: CandleInterval) -> Iterator[Candle]:
        """See MarketData.candle_stream."""
        return self._loop.iterate(aiter(self._market.candle_stream(symbol, interval)))

    def phase_stream(self, symbol: str, after_sequence: int = 0) -> Iterator[PhaseNews]:
        """See MarketData.phase_stream."""
        return self._loop.iterate(aiter(self._market.phase_stream(symbol, after_sequence)))

    def top_of_book_stream(self, symbols: Iterable[str] = ()) -> Iterator[TopOfBook]:
        """See MarketData.top_of_book_stream."""
        return self._loop.iterate(aiter(self._market.top_of_book_stream(symbols)))

    def ticker_stream(self, symbols: Iterable[str] = ()) -> Iterator[Ticker]:
        """See MarketData.ticker_stream."""
        return self._loop.iterate(aiter(self._market.ticker_stream(symbols)))

    def price_stream(self, symbols: Iterable[str] = ()) -> Iterator[Prices]:
        """See MarketData.price_stream."""
        return self._loop.iterate(aiter(self._market.price_stream(symbols)))

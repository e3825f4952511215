"""One symbol's share in what readers follow as a state: best prices, mark and index, ticker, candles under way."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tidegate.marketdata.latest_hub import LatestHub
from tidegate.marketdata.news import encode_prices
from tidegate.marketdata.tape_feed import TapeFeed
from tidegate.marketdata.tickers import TickerWindow
from tidegate.v1 import market_data_service_pb2 as pb
from tidegate.v1 import types_pb2
from tidegate.wire.native import DepthBook

CANDLES_INTERVAL_NS = 100_000_000
"""Least time between two messages about the candle under way."""
CANDLE_LATE_NS = 1_000_000_000
"""A candle has ended so long after its end, or as soon as a later command is known: a trade that is still on its way
from the engine belongs to it."""
TICKER_INTERVAL_NS = 1_000_000_000


@dataclass
class StateHubs:
    """All symbols together, by symbol."""

    top_of_book: LatestHub[str] = field(default_factory=LatestHub)
    tickers: LatestHub[str] = field(default_factory=LatestHub)
    prices: LatestHub[str] = field(default_factory=LatestHub)


class StateFeed:
    """One symbol. `clock_ns`: Unix nanoseconds."""

    def __init__(
        self, symbol: str, hubs: StateHubs, tape: TapeFeed, clock_ns: Callable[[], int] = time.time_ns
    ) -> None:
        self._symbol = symbol
        self._hubs = hubs
        self._tape = tape
        self._window = TickerWindow(tape.candles)
        self._clock_ns = clock_ns
        self._prices = (0, 0, 0, 0, 0, 0)
        self._definition = 0
        self._traded = False
        self._candles_due_ns = 0
        self._ticker_due_ns = 0

    def publish(self, book: DepthBook, now_ns: int, *, traded: bool) -> None:
        """Tells what is another than before, as far as it is due; `now_ns` is monotonic. The book is known."""
        top = book.take_top_of_book()
        if top:
            self._hubs.top_of_book.publish(self._symbol, top, kept=True)
        if book.prices_known and book.prices != self._prices:
            self._prices = book.prices
            self._hubs.prices.publish(self._symbol, encode_prices(self._symbol, self._prices), kept=True)
        self._traded = self._traded or traded
        if not self._tape.follows:
            return
        if now_ns >= self._candles_due_ns:
            self._candles_due_ns = now_ns + CANDLES_INTERVAL_NS
            self.tell_candles()
        if now_ns >= self._ticker_due_ns and len(self._hubs.tickers):
            self._ticker_due_ns = now_ns + TICKER_INTERVAL_NS
            message = pb.StreamTickersResponse(ticker=self.ticker(book))
            self._hubs.tickers.publish(self._symbol, message.SerializeToString())

    def tell_candles(self) -> None:
        """Lets the candles go on with the time, and tells readers of the trades since the last time."""
        time_ns = max(self._tape.time_ns, self._clock_ns() - CANDLE_LATE_NS)
        self._tape.candles.tell(time_ns, changed=self._traded)
        self._traded = False

    def next_due_ns(self) -> int | None:
        """When readers of candles have to be told of trades; None: they know. (The rest is told once a second.)"""
        return self._candles_due_ns if self._traded else None

    def ticker(self, book: DepthBook) -> pb.Ticker:
        """The last 24 hours, by minutes, and what is now."""
        now_ns = max(self._clock_ns(), self._tape.time_ns)
        figures = self._window.figures(now_ns, self._tape.definitions.version)
        _, _, mark, index, funding_rate, next_funding_time_ns = book.prices
        return pb.Ticker(
            symbol=self._symbol,
            open_ticks=figures.open,
            high_ticks=figures.high,
            low_ticks=figures.low,
            last_ticks=self._tape.candles.last_price,
            volume_lots=figures.volume,
            notional=figures.notional,
            trades=figures.trades,
            mark_price_ticks=mark,
            index_price_ticks=index,
            funding_rate=funding_rate,
            next_funding_time_ns=next_funding_time_ns,
            phase=types_pb2.Phase.Name(book.phase),
            bid_price_ticks=book.best_bid,
            ask_price_ticks=book.best_ask,
            time_ns=now_ns,
        )

    def end(self) -> None:
        """The symbol is gone: nobody begins with it any more."""
        for hub in (self._hubs.top_of_book, self._hubs.tickers, self._hubs.prices):
            hub.forget(self._symbol)

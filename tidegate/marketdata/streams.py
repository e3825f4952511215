"""The streams of MarketDataService. Each reader has a task of its own that waits in its own write: nobody is waited
for by anybody else, and what comes meanwhile gathers behind its subscription."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

import grpc

from tidegate.marketdata.calls import Context, parse
from tidegate.marketdata.candles import INTERVALS_NS
from tidegate.marketdata.config import TRADES_PER_MESSAGE_MAX
from tidegate.marketdata.depth_paces import INTERVAL_MAX_MS
from tidegate.marketdata.encoding import frame
from tidegate.marketdata.errors import RefusedError, SlowReaderError, invalid_field
from tidegate.marketdata.history_hub import HistoryHub
from tidegate.marketdata.latest_hub import LatestHub
from tidegate.marketdata.market import Market
from tidegate.marketdata.news import encode_phase
from tidegate.v1 import market_data_service_pb2 as pb
from tidegate.v1 import types_pb2


class Subscription(Protocol):
    """What the hubs hand out."""

    async def next(self) -> bytes | None:
        """The next message; None: there will be no other."""
        ...


class Streams:
    """The methods of all streams."""

    def __init__(self, market: Market) -> None:
        self._market = market

    def methods(self) -> dict[str, Callable[[bytes, Context], Awaitable[None]]]:
        """By name."""
        return {
            "StreamDepth": self.depth,
            "StreamTopOfBook": self.top_of_book,
            "StreamTrades": self.trades,
            "StreamCandles": self.candles,
            "StreamTickers": self.tickers,
            "StreamPrices": self.prices,
            "StreamLiquidations": self.liquidations,
            "StreamPhases": self.phases,
        }

    async def depth(self, request: bytes, context: Context) -> None:
        """A snapshot, then every change at the reader's pace; a reader that is behind gets a new snapshot."""
        asked = parse(pb.StreamDepthRequest, request)
        if asked.interval_ms > INTERVAL_MAX_MS:
            raise invalid_field(f"interval_ms must be 0 to {INTERVAL_MAX_MS}")
        paces = self._market.feed(asked.symbol).depth
        hub, subscription = paces.subscribe(asked.interval_ms)
        try:
            await write_all(context, subscription)
        finally:
            paces.unsubscribe(hub, subscription)

    async def top_of_book(self, request: bytes, context: Context) -> None:
        """Best prices."""
        asked = parse(pb.StreamTopOfBookRequest, request)
        await self._states(context, self._market.hubs.top_of_book, asked.symbols)

    async def prices(self, request: bytes, context: Context) -> None:
        """Mark, index, funding."""
        asked = parse(pb.StreamPricesRequest, request)
        await self._states(context, self._market.hubs.prices, asked.symbols)

    async def tickers(self, request: bytes, context: Context) -> None:
        """24 hours, once a second; at once for a new reader."""
        asked = parse(pb.StreamTickersRequest, request)
        # A symbol that is named thousands of times is worked out once.
        keys = frozenset(asked.symbols) or None
        feeds = [self._market.complete(symbol) for symbol in keys or ()]
        hub = self._market.hubs.tickers
        subscription = hub.subscribe(keys)
        for feed in feeds or self._market.feeds.values():
            if feed.complete:
                ticker = pb.StreamTickersResponse(ticker=feed.state.ticker(feed.book))
                subscription.offer(feed.symbol, ticker.SerializeToString())
        try:
            await write_all(context, subscription)
        finally:
            hub.unsubscribe(subscription)

    async def candles(self, request: bytes, context: Context) -> None:
        """The candle under way as it changes, and each as it closes."""
        asked = parse(pb.StreamCandlesRequest, request)
        feed = self._market.complete(asked.symbol)
        candles = feed.tape.candles
        interval = candle_interval(asked.interval)
        feed.state.tell_candles()
        hub, subscription = candles.subscribe(interval)
        try:
            await write_all(context, subscription)
        finally:
            hub.unsubscribe(subscription)

    async def trades(self, request: bytes, context: Context) -> None:
        """Every trade. A reader that is too slow is closed, with the number to resume after."""
        asked = parse(pb.StreamTradesRequest, request)
        hub = self._market.complete(asked.symbol).tape.trades
        await self._history(context, hub, asked.after_trade_id, symbol=asked.symbol)

    async def liquidations(self, request: bytes, context: Context) -> None:
        """Every trade that is part of a liquidation."""
        asked = parse(pb.StreamLiquidationsRequest, request)
        hub = self._market.complete(asked.symbol).tape.liquidations
        await self._history(context, hub, asked.after_trade_id, symbol=asked.symbol)

    async def phases(self, request: bytes, context: Context) -> None:
        """Every phase, auction and definition; at first the phase as it is."""
        asked = parse(pb.StreamPhasesRequest, request)
        feed = self._market.complete(asked.symbol)
        first: bytes | None = None
        if not asked.after_sequence:
            first = encode_phase(asked.symbol, feed.tape.news.last, feed.tape.time_ns, feed.book.phase)
        await self._history(context, feed.tape.news, asked.after_sequence, first=first)

    async def _states(self, context: Context, hub: LatestHub[str], symbols: Iterable[str]) -> None:
        """What some symbols (none given: all) are now, and whenever that changes."""
        keys = frozenset(self._market.feed(symbol).symbol for symbol in symbols)
        subscription = hub.subscribe(keys or None)
        try:
            await write_all(context, subscription)
        finally:
            hub.unsubscribe(subscription)

    async def _history(
        self, context: Context, hub: HistoryHub, after: int, *, symbol: str = "", first: bytes | None = None
    ) -> None:
        """Everything after a key. `symbol`: keys are trade ids, and entries are put together below the symbol; else
        keys are sequences, and each entry is a message."""
        key = "trade_id" if symbol else "sequence"
        handler = asyncio.current_task()
        assert handler is not None
        # A reader that does not read keeps its handler in write(): only a cancellation gets it out.
        subscription = hub.subscribe(after, on_overflow=handler.cancel)
        if subscription is None:
            raise not_kept(hub, after, key)
        head = frame(pb.StreamTradesResponse.SYMBOL_FIELD_NUMBER, symbol.encode()) if symbol else b""
        most = TRADES_PER_MESSAGE_MAX if symbol else 1
        try:
            await context.send_initial_metadata(())
            if first is not None:
                await context.write(first)
            while (entries := await subscription.next(most)) is not None:
                await context.write(head + entries)
        except (asyncio.CancelledError, SlowReaderError):
            if not subscription.overflowed:
                raise
            raise too_slow(subscription.position, key) from None
        finally:
            hub.unsubscribe(subscription)


async def write_all(context: Context, subscription: Subscription) -> None:
    """Hands on what the subscription gives, until it ends or the reader goes."""
    await context.send_initial_metadata(())
    while (message := await subscription.next()) is not None:
        await context.write(message)


def candle_interval(asked: int) -> int:
    """The interval asked for; one minute when none was. Raises RefusedError."""
    interval = asked or pb.CANDLE_INTERVAL_1M
    if interval not in INTERVALS_NS:
        raise invalid_field(f"there is no candle interval {asked}")
    return interval


def not_kept(hub: HistoryHub, after: int, key: str) -> RefusedError:
    """Where a reader may start, when it asked for something else."""
    return RefusedError(
        grpc.StatusCode.OUT_OF_RANGE,
        types_pb2.REASON_SEQUENCE_NOT_RETAINED,
        f"{key} {after} is not kept: a stream may start after {hub.floor} to {hub.last}",
        **{f"oldest_{key}": str(hub.floor), f"last_{key}": str(hub.last)},
    )


def too_slow(position: int, key: str) -> RefusedError:
    """What a reader of history is told that did not keep up."""
    return RefusedError(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        types_pb2.REASON_SLOW_READER,
        str(SlowReaderError(position)),
        **{f"last_{key}": str(position)},
    )

"""The public side: instruments, books, trades. Streams connect again by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import grpc
import grpc.aio

from tidegate.v1 import market_data_service_pb2 as pb
from tidegate.v1 import market_data_service_pb2_grpc as pb_grpc
from tidegate_client.connection import backoff_s, open_channel
from tidegate_client.enums import Phase, Reason, Side
from tidegate_client.errors import Busy, CannotResume, ConnectionLost, NotFound, TidegateError, Unavailable
from tidegate_client.instruments import Instrument
from tidegate_client.rpc import error_of
from tidegate_client.types import Depth, DepthLevel, Trade

_PASSING = (ConnectionLost, Busy, Unavailable)


class MarketData:
    """What everybody may know; needs no API key."""

    def __init__(self, address: str, timeout_s: float = 10.0) -> None:
        self.address = address
        self._timeout_s = timeout_s
        self._channel: grpc.aio.Channel | None = None
        self._instruments: dict[str, Instrument] = {}

    async def close(self) -> None:
        """Close the connection."""
        if self._channel is not None:
            await self._channel.close(None)
            self._channel = None

    def stub(self) -> Any:
        """The generated stub, on this object's channel."""
        if self._channel is None:
            self._channel = open_channel(self.address)
        return pb_grpc.MarketDataServiceStub(self._channel)  # type: ignore[no-untyped-call]

    async def instruments(self) -> dict[str, Instrument]:
        """Symbol to instrument; asked for once, and again while there are none."""
        if not self._instruments:
            try:
                response = await self.stub().ListInstruments(
                    pb.ListInstrumentsRequest(), timeout=self._timeout_s, wait_for_ready=True
                )
            except grpc.RpcError as error:
                raise error_of(error) from error
            self._instruments = {each.symbol: Instrument.from_wire(each) for each in response.instruments}
        return self._instruments

    def instrument(self, symbol: str) -> Instrument:
        """An instrument that has been asked for before."""
        try:
            return self._instruments[symbol]
        except KeyError:
            raise NotFound(f"no instrument {symbol!r}", reason=Reason.UNKNOWN_SYMBOL) from None

    async def depth(self, symbol: str, levels: int = 100) -> Depth:
        """A book, best levels first; `levels` per side, 1 to 5000."""
        await self.instruments()
        instrument = self.instrument(symbol)
        try:
            response = await self.stub().GetDepth(
                pb.GetDepthRequest(symbol=symbol, levels=levels), timeout=self._timeout_s
            )
        except grpc.RpcError as error:
            raise error_of(error) from error
        depth = response.depth
        return Depth(
            instrument,
            depth.sequence,
            depth.engine_time_ns,
            Phase(depth.phase),
            _levels(instrument, depth.bids),
            _levels(instrument, depth.asks),
        )

    def depth_stream(self, symbol: str) -> DepthStream:
        """The book as it changes."""
        return DepthStream(self, symbol)

    def trade_stream(self, symbol: str, after_trade_id: int = 0) -> TradeStream:
        """Trades as they happen."""
        return TradeStream(self, symbol, after_trade_id)


class Book:
    """A symbol's book as the public stream shows it; ticks to lots per side, changed in place."""

    __slots__ = (
        "asks",
        "bids",
        "changed_asks",
        "changed_bids",
        "engine_time_ns",
        "first_sequence",
        "instrument",
        "phase",
        "sequence",
        "snapshots",
    )

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.bids: dict[int, int] = {}
        self.asks: dict[int, int] = {}
        self.changed_bids: list[int] = []  # prices in the last change; empty after a snapshot
        self.changed_asks: list[int] = []
        self.first_sequence = 0  # first command of the last change; 0 after a snapshot
        self.sequence = 0  # last command that is part of the book
        self.engine_time_ns = 0
        self.phase = Phase.UNSPECIFIED
        self.snapshots = 0  # how often the whole book was sent

    def apply(self, message: pb.StreamDepthResponse) -> bool:
        """Take one message; False when it does not follow on what is here."""
        if message.HasField("snapshot"):
            snapshot = message.snapshot
            self.bids = {each.price_ticks: each.quantity_lots for each in snapshot.bids}
            self.asks = {each.price_ticks: each.quantity_lots for each in snapshot.asks}
            self.changed_bids, self.changed_asks = [], []
            self.first_sequence, self.sequence = 0, snapshot.sequence
            self.engine_time_ns, self.phase = snapshot.engine_time_ns, Phase(snapshot.phase)
            self.snapshots += 1
            return True
        delta = message.delta
        if not self.snapshots or delta.previous_sequence != self.sequence:
            return False
        self.changed_bids = _change(self.bids, delta.bids)
        self.changed_asks = _change(self.asks, delta.asks)
        self.first_sequence, self.sequence = delta.first_sequence, delta.last_sequence
        self.engine_time_ns, self.phase = delta.engine_time_ns, Phase(delta.phase)
        return True

    def best_bid_ticks(self) -> int:
        """Highest bid, 0 for none."""
        return max(self.bids, default=0)

    def best_ask_ticks(self) -> int:
        """Lowest ask, 0 for none."""
        return min(self.asks, default=0)

    def depth(self, levels: int = 100) -> Depth:
        """A frozen copy, best levels first."""
        bids = sorted(self.bids.items(), reverse=True)[:levels]
        asks = sorted(self.asks.items())[:levels]
        return Depth(
            self.instrument,
            self.sequence,
            self.engine_time_ns,
            self.phase,
            tuple(_level(self.instrument, price, quantity) for price, quantity in bids),
            tuple(_level(self.instrument, price, quantity) for price, quantity in asks),
        )


class DepthStream:
    """Yields the same Book after every change. A gap or a lost connection leads to a new snapshot."""

    def __init__(self, market: MarketData, symbol: str) -> None:
        self._market = market
        self._symbol = symbol

    async def __aiter__(self) -> AsyncIterator[Book]:
        await self._market.instruments()
        book = Book(self._market.instrument(self._symbol))
        waits = backoff_s()
        while True:
            try:
                async for message in self._market.stub().StreamDepth(pb.StreamDepthRequest(symbol=self._symbol)):
                    if not book.apply(message):
                        break
                    waits = backoff_s()
                    yield book
            except grpc.RpcError as error:
                _raise_unless_passing(error_of(error))
            await asyncio.sleep(next(waits))


class TradeStream:
    """Yields every trade once, in order. Raises CannotResume when some are no longer kept after a lost connection."""

    def __init__(self, market: MarketData, symbol: str, after_trade_id: int) -> None:
        self._market = market
        self._symbol = symbol
        self._last = after_trade_id

    async def __aiter__(self) -> AsyncIterator[Trade]:
        await self._market.instruments()
        instrument = self._market.instrument(self._symbol)
        waits = backoff_s()
        while True:
            request = pb.StreamTradesRequest(symbol=self._symbol, after_trade_id=self._last)
            try:
                async for message in self._market.stub().StreamTrades(request):
                    waits = backoff_s()
                    for each in message.trades:
                        if each.trade_id <= self._last:
                            continue
                        if self._last and each.trade_id != self._last + 1:
                            raise CannotResume(
                                f"trades {self._last + 1} to {each.trade_id - 1} are missing",
                                reason=Reason.SEQUENCE_NOT_RETAINED,
                            )
                        self._last = each.trade_id
                        yield _trade(each, instrument)
            except grpc.RpcError as error:
                _raise_unless_passing(error_of(error))
            await asyncio.sleep(next(waits))


def _raise_unless_passing(error: TidegateError) -> None:
    if not isinstance(error, _PASSING):
        raise error


def _trade(message: pb.Trade, instrument: Instrument) -> Trade:
    return Trade(
        instrument,
        message.trade_id,
        message.price_ticks,
        message.quantity_lots,
        Side(message.aggressor_side),
        message.sequence,
        message.engine_time_ns,
    )


def _change(side: dict[int, int], levels: Iterable[pb.DepthLevel]) -> list[int]:
    changed = []
    for each in levels:
        price, quantity = each.price_ticks, each.quantity_lots
        changed.append(price)
        if quantity:
            side[price] = quantity
        else:
            side.pop(price, None)
    return changed


def _level(instrument: Instrument, price: int, quantity: int, orders: int = 0) -> DepthLevel:
    return DepthLevel(instrument.price(price), instrument.quantity(quantity), price, quantity, orders)


def _levels(instrument: Instrument, levels: Iterable[pb.DepthLevel]) -> tuple[DepthLevel, ...]:
    return tuple(_level(instrument, each.price_ticks, each.quantity_lots, each.orders) for each in levels)

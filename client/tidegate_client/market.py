"""The public side: instruments, books, trades. Streams connect again by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import grpc
import grpc.aio

from tidegate.v1 import market_data_service_pb2 as pb
from tidegate.v1 import market_data_service_pb2_grpc as pb_grpc
from tidegate_client.book import LocalBook, level
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

    def depth_stream(self, symbol: str, *, interval_ms: int = 0, verify: bool = True) -> DepthStream:
        """The book as it changes; `interval_ms` puts changes together, `verify` checks each against its checksum."""
        return DepthStream(self, symbol, interval_ms=interval_ms, verify=verify)

    def trade_stream(self, symbol: str, after_trade_id: int = 0) -> TradeStream:
        """Trades as they happen."""
        return TradeStream(self, symbol, after_trade_id)


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


def _levels(instrument: Instrument, levels: Iterable[pb.DepthLevel]) -> tuple[DepthLevel, ...]:
    return tuple(level(instrument, each.price_ticks, each.quantity_lots, each.orders) for each in levels)

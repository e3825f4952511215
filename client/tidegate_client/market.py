"""The public side: instruments, books, candles, figures; and its streams."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Collection, Iterable
from typing import Any, TypeVar

import grpc
import grpc.aio

from tidegate.v1 import market_data_service_pb2 as pb
from tidegate.v1 import market_data_service_pb2_grpc as pb_grpc
from tidegate.v1 import types_pb2
from tidegate_client.book import level
from tidegate_client.connection import open_channel
from tidegate_client.enums import CandleInterval, Phase, Reason
from tidegate_client.errors import NotFound, TidegateError
from tidegate_client.instruments import Instrument, scale_sequence
from tidegate_client.market_types import Candle, Depth, DepthLevel, Prices, Ticker, TopOfBook
from tidegate_client.rpc import error_of
from tidegate_client.streams import CandleStream, DepthStream, PhaseStream, StateStream, TradeStream

_T = TypeVar("_T")
CANDLES_PAGE = 1500
DEFINITIONS_MAX_AGE_S = 2.0  # what has been known for longer is asked for again before it is used
REFRESH_TIMEOUT_S = 1.0


class MarketData:
    """What everybody may know; needs no API key. Streams connect again by themselves."""

    def __init__(self, address: str, timeout_s: float = 10.0) -> None:
        self.address = address
        self._timeout_s = timeout_s
        self._channel: grpc.aio.Channel | None = None
        self._instruments: dict[str, Instrument] = {}
        self._versions: dict[str, list[Instrument]] = {}
        self._asked_s = 0.0  # when the instruments were asked for, loop time
        self._refreshing: asyncio.Task[dict[str, Instrument]] | None = None

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

    # Instruments

    async def instruments(self) -> dict[str, Instrument]:
        """Symbol to instrument, known for no longer than DEFINITIONS_MAX_AGE_S.

        A tick or lot only changes while no orders are taken (rule INS-3), so nothing is written in an old one when the
        symbol opens again. While market data does not answer, what was known goes on.
        """
        if not self._instruments:
            return await self.refresh_instruments()
        if asyncio.get_running_loop().time() - self._asked_s > DEFINITIONS_MAX_AGE_S:
            if self._refreshing is None or self._refreshing.done():
                self._refreshing = asyncio.create_task(self._refresh(REFRESH_TIMEOUT_S, wait_for_ready=False))
            with contextlib.suppress(TidegateError):
                await asyncio.shield(self._refreshing)
        return self._instruments

    async def ensure_instruments(self) -> None:
        """For what needs no prices: however old they are."""
        if not self._instruments:
            await self.refresh_instruments()

    async def refresh_instruments(self) -> dict[str, Instrument]:
        """Symbol to instrument, as they are defined now."""
        return await self._refresh(self._timeout_s, wait_for_ready=True)

    async def _refresh(self, timeout_s: float, *, wait_for_ready: bool) -> dict[str, Instrument]:
        asked_s = asyncio.get_running_loop().time()
        try:
            call = self.stub().ListInstruments(
                pb.ListInstrumentsRequest(), timeout=timeout_s, wait_for_ready=wait_for_ready
            )
            response = await self._call(call)
        finally:
            self._asked_s = asked_s
        told = {each.symbol: Instrument.from_wire(each) for each in response.instruments}
        for symbol, each in told.items():
            known = self._instruments.get(symbol)
            if known is not None and known.definition_sequence > each.definition_sequence:
                told[symbol] = known  # a stream has told it first
            elif known != each:
                self._versions.pop(symbol, None)
        self._instruments = told
        return told

    def instrument(self, symbol: str) -> Instrument:
        """An instrument that has been asked for before."""
        try:
            return self._instruments[symbol]
        except KeyError:
            raise NotFound(f"no instrument {symbol!r}", reason=Reason.UNKNOWN_SYMBOL) from None

    @property
    def known(self) -> Collection[str]:
        """Symbols that have been asked for."""
        return self._instruments.keys()

    def known_definition(self, symbol: str) -> int:
        """Sequence of the newest definition of a symbol that has been asked for; 0 for none."""
        known = self._instruments.get(symbol)
        return known.definition_sequence if known is not None else 0

    def learn(self, instrument: Instrument) -> None:
        """A definition that has just been told."""
        self._instruments = {**self._instruments, instrument.symbol: instrument}
        self._versions.pop(instrument.symbol, None)

    async def instrument_versions(self, symbol: str) -> list[Instrument]:
        """The definitions that an instrument has had, newest first (rule INS-3)."""
        request = pb.ListInstrumentVersionsRequest(symbol=symbol)
        response = await self._call(self.stub().ListInstrumentVersions(request, timeout=self._timeout_s))
        return [Instrument.from_wire(each) for each in response.instruments]

    async def instrument_of(self, message: types_pb2.Order | types_pb2.Report) -> Instrument:
        """The definition in whose ticks and lots an order or a report is."""
        return await self.instrument_at(message.symbol, scale_sequence(message))

    async def instrument_at(self, symbol: str, sequence: int) -> Instrument:
        """The definition in force for the command with this sequence; of a delisted symbol too."""
        now = (await self.instruments()).get(symbol)
        if now is not None and sequence > now.definition_sequence:
            return now
        if symbol not in self._versions:
            self._versions[symbol] = await self.instrument_versions(symbol)
        versions = self._versions[symbol]
        if not versions:
            return self.instrument(symbol)
        return next((each for each in versions if each.definition_sequence < sequence), versions[-1])

    # State, once

    async def depth(self, symbol: str, levels: int = 100) -> Depth:
        """A book, best levels first; `levels` per side, 1 to 5000."""
        await self.instruments()
        instrument = self.instrument(symbol)
        request = pb.GetDepthRequest(symbol=symbol, levels=levels)
        depth = (await self._call(self.stub().GetDepth(request, timeout=self._timeout_s))).depth
        return Depth(
            instrument,
            depth.sequence,
            depth.engine_time_ns,
            Phase(depth.phase),
            _levels(instrument, depth.bids),
            _levels(instrument, depth.asks),
        )

    async def candles(
        self, symbol: str, interval: CandleInterval, most: int = 500, *, start_time_ns: int = 0, end_time_ns: int = 0
    ) -> list[Candle]:
        """The newest candles that begin in a range of Unix nanoseconds (0: open), newest first."""
        await self.instruments()
        instrument = self.instrument(symbol)
        found: list[Candle] = []
        token = ""
        while len(found) < most:
            request = pb.ListCandlesRequest(
                symbol=symbol,
                interval=interval.value,  # type: ignore[arg-type]
                page_size=min(most - len(found), CANDLES_PAGE),
                page_token=token,
                start_time_ns=start_time_ns,
                end_time_ns=end_time_ns,
            )
            page = await self._call(self.stub().ListCandles(request, timeout=self._timeout_s))
            found += [Candle.from_wire(each, instrument) for each in page.candles]
            token = page.next_page_token
            if not token:
                break
        return found

    async def tickers(self, symbols: Iterable[str] = ()) -> dict[str, Ticker]:
        """Symbol to its figures of the last 24 hours; of all symbols when none is named."""
        instruments = await self.instruments()
        request = pb.GetTickersRequest(symbols=symbols)
        response = await self._call(self.stub().GetTickers(request, timeout=self._timeout_s))
        rows = [each for each in response.tickers if each.symbol in instruments]
        return {each.symbol: Ticker.from_wire(each, instruments[each.symbol]) for each in rows}

    # Streams

    def depth_stream(self, symbol: str, *, interval_ms: int = 0, verify: bool = True) -> DepthStream:
        """The book as it changes; `interval_ms` puts changes together, `verify` checks each against its checksum."""
        return DepthStream(self, symbol, interval_ms=interval_ms, verify=verify)

    def trade_stream(self, symbol: str, after_trade_id: int = 0) -> TradeStream:
        """Trades as they happen, without a gap, from now or from after a trade that is still kept."""
        return TradeStream(self, symbol, after_trade_id)

    def liquidation_stream(self, symbol: str, after_trade_id: int = 0) -> TradeStream:
        """Liquidation trades as they happen; their aggressor is the liquidation's side."""
        return TradeStream(self, symbol, after_trade_id, liquidations=True)

    def candle_stream(self, symbol: str, interval: CandleInterval) -> CandleStream:
        """The candle under way as it changes, and each as it closes."""
        return CandleStream(self, symbol, interval)

    def phase_stream(self, symbol: str, after_sequence: int = 0) -> PhaseStream:
        """Phases, indicative auctions and definitions, from the phase as it is or from after a sequence."""
        return PhaseStream(self, symbol, after_sequence)

    def top_of_book_stream(self, symbols: Iterable[str] = ()) -> StateStream[TopOfBook]:
        """Best prices of some symbols, or of all."""
        request = pb.StreamTopOfBookRequest(symbols=symbols)
        return StateStream(self, "StreamTopOfBook", request, lambda message: message.symbol, TopOfBook.from_wire)

    def ticker_stream(self, symbols: Iterable[str] = ()) -> StateStream[Ticker]:
        """24-hour figures of some symbols, or of all, at most once a second each."""
        return StateStream(
            self,
            "StreamTickers",
            pb.StreamTickersRequest(symbols=symbols),
            lambda message: message.ticker.symbol,
            lambda message, instrument: Ticker.from_wire(message.ticker, instrument),
        )

    def price_stream(self, symbols: Iterable[str] = ()) -> StateStream[Prices]:
        """Mark and index prices of some symbols, or of all."""
        request = pb.StreamPricesRequest(symbols=symbols)
        return StateStream(self, "StreamPrices", request, lambda message: message.symbol, Prices.from_wire)

    async def _call(self, call: Awaitable[_T]) -> _T:
        try:
            return await call
        except grpc.RpcError as error:
            raise error_of(error) from error


def _levels(instrument: Instrument, levels: Iterable[pb.DepthLevel]) -> tuple[DepthLevel, ...]:
    return tuple(level(instrument, each.price_ticks, each.quantity_lots, each.orders) for each in levels)

"""MarketDataService over grpc.aio, with raw bytes: requests are parsed here, answers are encoded elsewhere, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, NoReturn, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message

from tidegate.marketdata.book_feed import BookFeed, frame
from tidegate.marketdata.errors import RefusedError, SlowReaderError
from tidegate.v1 import market_data_service_pb2 as pb
from tidegate.v1 import types_pb2
from tidegate.wire.instruments import Instrument

SERVICE = "tidegate.v1.MarketDataService"
DEPTH_LEVELS_DEFAULT = 100
DEPTH_LEVELS_MAX = 5000
TRADES_PER_MESSAGE_MAX = 1000

Context = grpc.aio.ServicerContext[bytes, bytes]
Request = TypeVar("Request", bound=Message)


class MarketDataService:
    """The handlers. One per process; everything happens in the event loop's thread."""

    def __init__(
        self, instruments: tuple[Instrument, ...], feeds: Mapping[str, BookFeed], subscribers_max: int
    ) -> None:
        self._instruments = encode_instruments(instruments)
        self._feeds = feeds
        self._subscribers_max = subscribers_max
        self._subscribers = 0

    def handlers(self) -> grpc.GenericRpcHandler[bytes, bytes]:
        """For grpc.aio.Server.add_generic_rpc_handlers."""
        unary = grpc.unary_unary_rpc_method_handler
        stream = grpc.unary_stream_rpc_method_handler
        methods = {
            "ListInstruments": unary(refusing(self.list_instruments)),
            "GetDepth": unary(refusing(self.get_depth)),
            "StreamDepth": stream(self.stream_depth),
            "StreamTrades": stream(self.stream_trades),
        }
        return grpc.method_handlers_generic_handler(SERVICE, methods)

    async def list_instruments(self, request: bytes, _context: Context) -> bytes:
        """All instruments."""
        parse(pb.ListInstrumentsRequest, request)
        return self._instruments

    async def get_depth(self, request: bytes, _context: Context) -> bytes:
        """The book of one symbol."""
        asked = parse(pb.GetDepthRequest, request)
        feed = self._feed(asked.symbol)
        if not 0 <= asked.levels <= DEPTH_LEVELS_MAX:
            raise RefusedError(
                grpc.StatusCode.INVALID_ARGUMENT,
                types_pb2.REASON_MALFORMED_MESSAGE,
                f"levels must be 0 to {DEPTH_LEVELS_MAX}",
            )
        if not feed.depth.ready:
            raise RefusedError(
                grpc.StatusCode.UNAVAILABLE,
                types_pb2.REASON_SYMBOL_UNAVAILABLE,
                f"{asked.symbol}: the book is not known yet",
            )
        depth = feed.snapshot(asked.levels or DEPTH_LEVELS_DEFAULT)
        return frame(pb.GetDepthResponse.DEPTH_FIELD_NUMBER, depth)

    async def stream_depth(self, request: bytes, context: Context) -> AsyncIterator[bytes]:
        """A snapshot, then every change; a reader that is behind gets a new snapshot."""
        try:
            hub = self._feed(parse(pb.StreamDepthRequest, request).symbol).depth
            self._admit()
        except RefusedError as refused:
            await abort(context, refused)
        subscription = hub.subscribe()
        try:
            while True:
                yield await subscription.next()
        finally:
            hub.unsubscribe(subscription)
            self._subscribers -= 1

    async def stream_trades(self, request: bytes, context: Context) -> None:
        """Every trade. A reader that is too slow is closed, with the number to resume after."""
        try:
            asked = parse(pb.StreamTradesRequest, request)
            hub = self._feed(asked.symbol).trades
            self._admit()
        except RefusedError as refused:
            await abort(context, refused)
        handler = asyncio.current_task()
        assert handler is not None
        # A reader that does not read keeps its handler in write(): only a cancellation gets it out.
        subscription = hub.subscribe(asked.after_trade_id, on_overflow=handler.cancel)
        try:
            if subscription is None:
                oldest = hub.oldest_trade_id
                await abort(
                    context,
                    RefusedError(
                        grpc.StatusCode.OUT_OF_RANGE,
                        types_pb2.REASON_SEQUENCE_NOT_RETAINED,
                        f"trade {asked.after_trade_id} is not kept: {oldest} to {hub.last_trade_id} are",
                        oldest_trade_id=str(oldest),
                        last_trade_id=str(hub.last_trade_id),
                    ),
                )
            head = frame(pb.StreamTradesResponse.SYMBOL_FIELD_NUMBER, asked.symbol.encode())
            await context.send_initial_metadata(())
            while True:
                await context.write(head + await subscription.next(TRADES_PER_MESSAGE_MAX))
        except (asyncio.CancelledError, SlowReaderError):
            if subscription is None or not subscription.overflowed:
                raise
            await abort(context, too_slow(subscription.last_handed_out))
        finally:
            if subscription is not None:
                hub.unsubscribe(subscription)
            self._subscribers -= 1

    def _feed(self, symbol: str) -> BookFeed:
        feed = self._feeds.get(symbol)
        if feed is None:
            raise RefusedError(
                grpc.StatusCode.NOT_FOUND, types_pb2.REASON_UNKNOWN_SYMBOL, f"unknown symbol {symbol[:32]!r}"
            )
        return feed

    def _admit(self) -> None:
        if self._subscribers >= self._subscribers_max:
            raise RefusedError(
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                types_pb2.REASON_TOO_MANY_SESSIONS,
                f"{self._subscribers_max} streams are open, which is the limit",
            )
        self._subscribers += 1


def too_slow(trade_id: int) -> RefusedError:
    """What a reader of trades is told that did not keep up."""
    return RefusedError(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        types_pb2.REASON_SLOW_READER,
        str(SlowReaderError(trade_id)),
        last_trade_id=str(trade_id),
    )


def refusing(method: Callable[[bytes, Context], Awaitable[bytes]]) -> Callable[[bytes, Context], Awaitable[bytes]]:
    """A unary handler whose RefusedError becomes the call's status."""

    async def handler(request: bytes, context: Context) -> bytes:
        try:
            return await method(request, context)
        except RefusedError as refused:
            await abort(context, refused)

    return handler


async def abort(context: Context, refused: RefusedError) -> NoReturn:
    """Ends a call with a refusal."""
    status = refused.status()
    metadata: Any = status.trailing_metadata
    await context.abort(refused.code, str(refused), metadata)


def parse(kind: type[Request], message: bytes) -> Request:
    """The request. Raises RefusedError when the bytes are not one."""
    try:
        return kind.FromString(message)
    except DecodeError as error:
        raise RefusedError(
            grpc.StatusCode.INVALID_ARGUMENT, types_pb2.REASON_MALFORMED_MESSAGE, f"not a {kind.__name__}"
        ) from error


def encode_instruments(instruments: tuple[Instrument, ...]) -> bytes:
    """ListInstrumentsResponse, by instrument id."""
    listed = [
        types_pb2.Instrument(
            symbol=each.symbol,
            instrument_id=each.instrument_id,
            tick_size=format(each.tick_size, "f"),
            lot_size=format(each.lot_size, "f"),
            settlement_asset=each.settlement_asset,
            price_min_ticks=each.price_min_ticks,
            price_max_ticks=each.price_max_ticks,
            quantity_min_lots=each.quantity_min_lots,
            quantity_max_lots=each.quantity_max_lots,
            market_quantity_max_lots=each.market_quantity_max_lots,
            notional_min=each.notional_min,
            tick_lot_value=each.tick_lot_value,
            open_orders_max=each.open_orders_max,
        )
        for each in sorted(instruments, key=lambda each: each.instrument_id)
    ]
    return pb.ListInstrumentsResponse(instruments=listed).SerializeToString()

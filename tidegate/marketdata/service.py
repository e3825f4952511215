"""MarketDataService over grpc.aio, with raw bytes: requests are parsed here, answers are encoded elsewhere, once."""

from __future__ import annotations

from typing import Any

import grpc

from tidegate.marketdata.admission import Admission
from tidegate.marketdata.calls import parse
from tidegate.marketdata.encoding import frame
from tidegate.marketdata.errors import invalid_field, unavailable
from tidegate.marketdata.market import Market
from tidegate.marketdata.streams import Streams, candle_interval
from tidegate.v1 import market_data_service_pb2 as pb

SERVICE = "tidegate.v1.MarketDataService"
DEPTH_LEVELS_DEFAULT = 100
DEPTH_LEVELS_MAX = 5000
CANDLES_DEFAULT = 500
CANDLES_MAX = 1500
TIME_MAX_NS = 1 << 62


class MarketDataService:
    """The handlers. One per process; everything happens in the event loop's thread."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._streams = Streams(market)

    def handlers(self, admission: Admission) -> grpc.GenericRpcHandler[bytes, bytes]:
        """For grpc.aio.Server.add_generic_rpc_handlers."""
        unary = {
            "ListInstruments": self.list_instruments,
            "ListInstrumentVersions": self.list_instrument_versions,
            "GetDepth": self.get_depth,
            "ListCandles": self.list_candles,
            "GetTickers": self.get_tickers,
        }
        methods: dict[str, Any] = {name: admission.unary(method) for name, method in unary.items()}
        methods |= {name: admission.stream(method) for name, method in self._streams.methods().items()}
        return grpc.method_handlers_generic_handler(SERVICE, methods)

    def list_instruments(self, request: bytes) -> bytes:
        """Every symbol that is or was listed, as it is defined now."""
        parse(pb.ListInstrumentsRequest, request)
        listed = [
            history.definitions.message(delisted=symbol not in self._market.feeds)
            for symbol, history in self._market.histories.items()
        ]
        listed.sort(key=lambda each: each.instrument_id)
        return pb.ListInstrumentsResponse(instruments=listed).SerializeToString()

    def list_instrument_versions(self, request: bytes) -> bytes:
        """Every definition of one symbol."""
        asked = parse(pb.ListInstrumentVersionsRequest, request)
        definitions = self._market.history(asked.symbol).definitions
        versions = definitions.messages(delisted=asked.symbol not in self._market.feeds)
        return pb.ListInstrumentVersionsResponse(instruments=versions).SerializeToString()

    def get_depth(self, request: bytes) -> bytes:
        """The book of one symbol."""
        asked = parse(pb.GetDepthRequest, request)
        feed = self._market.feed(asked.symbol)
        if not 0 <= asked.levels <= DEPTH_LEVELS_MAX:
            raise invalid_field(f"levels must be 0 to {DEPTH_LEVELS_MAX}")
        if not feed.depth.ready:
            raise unavailable(asked.symbol)
        depth = feed.book.snapshot(asked.levels or DEPTH_LEVELS_DEFAULT)
        return frame(pb.GetDepthResponse.DEPTH_FIELD_NUMBER, depth)

    def list_candles(self, request: bytes) -> bytes:
        """One page of candles, newest first. Its token is where the page before began."""
        asked = parse(pb.ListCandlesRequest, request)
        candles = self._market.history(asked.symbol).candles
        if asked.symbol in self._market.feeds:
            self._market.complete(asked.symbol).state.tell_candles()
        interval = candle_interval(asked.interval)
        if not 0 <= asked.page_size <= CANDLES_MAX:
            raise invalid_field(f"page_size must be 0 to {CANDLES_MAX}")
        if not 0 <= asked.start_time_ns <= TIME_MAX_NS or not 0 <= asked.end_time_ns <= TIME_MAX_NS:
            raise invalid_field(f"times must be 0 to {TIME_MAX_NS}")
        end_ns = asked.end_time_ns or TIME_MAX_NS
        if asked.page_token:
            end_ns = min(end_ns, candle_token(asked.page_token))
        page, more = candles.page(interval, asked.start_time_ns, end_ns, asked.page_size or CANDLES_DEFAULT)
        token = str(page[-1].open_time_ns) if page and more else ""
        return pb.ListCandlesResponse(candles=page, next_page_token=token).SerializeToString()

    def get_tickers(self, request: bytes) -> bytes:
        """24-hour figures; of all symbols, those that are known up to now."""
        asked = parse(pb.GetTickersRequest, request)
        feeds = [self._market.complete(symbol) for symbol in dict.fromkeys(asked.symbols)]
        feeds = feeds or [feed for feed in self._market.feeds.values() if feed.complete]
        feeds.sort(key=lambda each: each.symbol_id)
        return pb.GetTickersResponse(tickers=[feed.state.ticker(feed.book) for feed in feeds]).SerializeToString()


def candle_token(token: str) -> int:
    """The time that a page token stands for. Raises RefusedError."""
    if not (token.isascii() and token.isdigit() and len(token) < 20):
        raise invalid_field("page_token is none that this service has given")
    return min(int(token), TIME_MAX_NS)

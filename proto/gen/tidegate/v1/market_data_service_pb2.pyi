from tidegate.v1 import types_pb2 as _types_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CandleInterval(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CANDLE_INTERVAL_UNSPECIFIED: _ClassVar[CandleInterval]
    CANDLE_INTERVAL_1M: _ClassVar[CandleInterval]
    CANDLE_INTERVAL_5M: _ClassVar[CandleInterval]
    CANDLE_INTERVAL_15M: _ClassVar[CandleInterval]
    CANDLE_INTERVAL_1H: _ClassVar[CandleInterval]
    CANDLE_INTERVAL_4H: _ClassVar[CandleInterval]
    CANDLE_INTERVAL_1D: _ClassVar[CandleInterval]
CANDLE_INTERVAL_UNSPECIFIED: CandleInterval
CANDLE_INTERVAL_1M: CandleInterval
CANDLE_INTERVAL_5M: CandleInterval
CANDLE_INTERVAL_15M: CandleInterval
CANDLE_INTERVAL_1H: CandleInterval
CANDLE_INTERVAL_4H: CandleInterval
CANDLE_INTERVAL_1D: CandleInterval

class ListInstrumentsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListInstrumentsResponse(_message.Message):
    __slots__ = ("instruments",)
    INSTRUMENTS_FIELD_NUMBER: _ClassVar[int]
    instruments: _containers.RepeatedCompositeFieldContainer[_types_pb2.Instrument]
    def __init__(self, instruments: _Optional[_Iterable[_Union[_types_pb2.Instrument, _Mapping]]] = ...) -> None: ...

class ListInstrumentVersionsRequest(_message.Message):
    __slots__ = ("symbol",)
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    def __init__(self, symbol: _Optional[str] = ...) -> None: ...

class ListInstrumentVersionsResponse(_message.Message):
    __slots__ = ("instruments",)
    INSTRUMENTS_FIELD_NUMBER: _ClassVar[int]
    instruments: _containers.RepeatedCompositeFieldContainer[_types_pb2.Instrument]
    def __init__(self, instruments: _Optional[_Iterable[_Union[_types_pb2.Instrument, _Mapping]]] = ...) -> None: ...

class DepthLevel(_message.Message):
    __slots__ = ("price_ticks", "quantity_lots", "orders")
    PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_LOTS_FIELD_NUMBER: _ClassVar[int]
    ORDERS_FIELD_NUMBER: _ClassVar[int]
    price_ticks: int
    quantity_lots: int
    orders: int
    def __init__(self, price_ticks: _Optional[int] = ..., quantity_lots: _Optional[int] = ..., orders: _Optional[int] = ...) -> None: ...

class GetDepthRequest(_message.Message):
    __slots__ = ("symbol", "levels")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    LEVELS_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    levels: int
    def __init__(self, symbol: _Optional[str] = ..., levels: _Optional[int] = ...) -> None: ...

class GetDepthResponse(_message.Message):
    __slots__ = ("depth",)
    DEPTH_FIELD_NUMBER: _ClassVar[int]
    depth: DepthSnapshot
    def __init__(self, depth: _Optional[_Union[DepthSnapshot, _Mapping]] = ...) -> None: ...

class DepthSnapshot(_message.Message):
    __slots__ = ("symbol", "sequence", "engine_time_ns", "bids", "asks", "phase", "checksum", "conflated")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ENGINE_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    BIDS_FIELD_NUMBER: _ClassVar[int]
    ASKS_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    CHECKSUM_FIELD_NUMBER: _ClassVar[int]
    CONFLATED_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    sequence: int
    engine_time_ns: int
    bids: _containers.RepeatedCompositeFieldContainer[DepthLevel]
    asks: _containers.RepeatedCompositeFieldContainer[DepthLevel]
    phase: _types_pb2.Phase
    checksum: int
    conflated: bool
    def __init__(self, symbol: _Optional[str] = ..., sequence: _Optional[int] = ..., engine_time_ns: _Optional[int] = ..., bids: _Optional[_Iterable[_Union[DepthLevel, _Mapping]]] = ..., asks: _Optional[_Iterable[_Union[DepthLevel, _Mapping]]] = ..., phase: _Optional[_Union[_types_pb2.Phase, str]] = ..., checksum: _Optional[int] = ..., conflated: _Optional[bool] = ...) -> None: ...

class DepthDelta(_message.Message):
    __slots__ = ("symbol", "first_sequence", "last_sequence", "previous_sequence", "engine_time_ns", "bids", "asks", "phase", "checksum")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ENGINE_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    BIDS_FIELD_NUMBER: _ClassVar[int]
    ASKS_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    CHECKSUM_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    first_sequence: int
    last_sequence: int
    previous_sequence: int
    engine_time_ns: int
    bids: _containers.RepeatedCompositeFieldContainer[DepthLevel]
    asks: _containers.RepeatedCompositeFieldContainer[DepthLevel]
    phase: _types_pb2.Phase
    checksum: int
    def __init__(self, symbol: _Optional[str] = ..., first_sequence: _Optional[int] = ..., last_sequence: _Optional[int] = ..., previous_sequence: _Optional[int] = ..., engine_time_ns: _Optional[int] = ..., bids: _Optional[_Iterable[_Union[DepthLevel, _Mapping]]] = ..., asks: _Optional[_Iterable[_Union[DepthLevel, _Mapping]]] = ..., phase: _Optional[_Union[_types_pb2.Phase, str]] = ..., checksum: _Optional[int] = ...) -> None: ...

class StreamDepthRequest(_message.Message):
    __slots__ = ("symbol", "interval_ms")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_MS_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    interval_ms: int
    def __init__(self, symbol: _Optional[str] = ..., interval_ms: _Optional[int] = ...) -> None: ...

class StreamDepthResponse(_message.Message):
    __slots__ = ("snapshot", "delta")
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    DELTA_FIELD_NUMBER: _ClassVar[int]
    snapshot: DepthSnapshot
    delta: DepthDelta
    def __init__(self, snapshot: _Optional[_Union[DepthSnapshot, _Mapping]] = ..., delta: _Optional[_Union[DepthDelta, _Mapping]] = ...) -> None: ...

class StreamTradesRequest(_message.Message):
    __slots__ = ("symbol", "after_trade_id")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    AFTER_TRADE_ID_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    after_trade_id: int
    def __init__(self, symbol: _Optional[str] = ..., after_trade_id: _Optional[int] = ...) -> None: ...

class Trade(_message.Message):
    __slots__ = ("trade_id", "price_ticks", "quantity_lots", "aggressor_side", "sequence", "engine_time_ns", "liquidation", "auction")
    TRADE_ID_FIELD_NUMBER: _ClassVar[int]
    PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_LOTS_FIELD_NUMBER: _ClassVar[int]
    AGGRESSOR_SIDE_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ENGINE_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    LIQUIDATION_FIELD_NUMBER: _ClassVar[int]
    AUCTION_FIELD_NUMBER: _ClassVar[int]
    trade_id: int
    price_ticks: int
    quantity_lots: int
    aggressor_side: _types_pb2.Side
    sequence: int
    engine_time_ns: int
    liquidation: bool
    auction: bool
    def __init__(self, trade_id: _Optional[int] = ..., price_ticks: _Optional[int] = ..., quantity_lots: _Optional[int] = ..., aggressor_side: _Optional[_Union[_types_pb2.Side, str]] = ..., sequence: _Optional[int] = ..., engine_time_ns: _Optional[int] = ..., liquidation: _Optional[bool] = ..., auction: _Optional[bool] = ...) -> None: ...

class StreamTradesResponse(_message.Message):
    __slots__ = ("symbol", "trades")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    TRADES_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    trades: _containers.RepeatedCompositeFieldContainer[Trade]
    def __init__(self, symbol: _Optional[str] = ..., trades: _Optional[_Iterable[_Union[Trade, _Mapping]]] = ...) -> None: ...

class StreamTopOfBookRequest(_message.Message):
    __slots__ = ("symbols",)
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    symbols: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, symbols: _Optional[_Iterable[str]] = ...) -> None: ...

class StreamTopOfBookResponse(_message.Message):
    __slots__ = ("symbol", "sequence", "engine_time_ns", "bid_price_ticks", "bid_quantity_lots", "ask_price_ticks", "ask_quantity_lots", "phase")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ENGINE_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    BID_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    BID_QUANTITY_LOTS_FIELD_NUMBER: _ClassVar[int]
    ASK_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    ASK_QUANTITY_LOTS_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    sequence: int
    engine_time_ns: int
    bid_price_ticks: int
    bid_quantity_lots: int
    ask_price_ticks: int
    ask_quantity_lots: int
    phase: _types_pb2.Phase
    def __init__(self, symbol: _Optional[str] = ..., sequence: _Optional[int] = ..., engine_time_ns: _Optional[int] = ..., bid_price_ticks: _Optional[int] = ..., bid_quantity_lots: _Optional[int] = ..., ask_price_ticks: _Optional[int] = ..., ask_quantity_lots: _Optional[int] = ..., phase: _Optional[_Union[_types_pb2.Phase, str]] = ...) -> None: ...

class Candle(_message.Message):
    __slots__ = ("open_time_ns", "open_ticks", "high_ticks", "low_ticks", "close_ticks", "volume_lots", "notional", "trades", "taker_buy_lots", "closed", "last_trade_id")
    OPEN_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    OPEN_TICKS_FIELD_NUMBER: _ClassVar[int]
    HIGH_TICKS_FIELD_NUMBER: _ClassVar[int]
    LOW_TICKS_FIELD_NUMBER: _ClassVar[int]
    CLOSE_TICKS_FIELD_NUMBER: _ClassVar[int]
    VOLUME_LOTS_FIELD_NUMBER: _ClassVar[int]
    NOTIONAL_FIELD_NUMBER: _ClassVar[int]
    TRADES_FIELD_NUMBER: _ClassVar[int]
    TAKER_BUY_LOTS_FIELD_NUMBER: _ClassVar[int]
    CLOSED_FIELD_NUMBER: _ClassVar[int]
    LAST_TRADE_ID_FIELD_NUMBER: _ClassVar[int]
    open_time_ns: int
    open_ticks: int
    high_ticks: int
    low_ticks: int
    close_ticks: int
    volume_lots: int
    notional: int
    trades: int
    taker_buy_lots: int
    closed: bool
    last_trade_id: int
    def __init__(self, open_time_ns: _Optional[int] = ..., open_ticks: _Optional[int] = ..., high_ticks: _Optional[int] = ..., low_ticks: _Optional[int] = ..., close_ticks: _Optional[int] = ..., volume_lots: _Optional[int] = ..., notional: _Optional[int] = ..., trades: _Optional[int] = ..., taker_buy_lots: _Optional[int] = ..., closed: _Optional[bool] = ..., last_trade_id: _Optional[int] = ...) -> None: ...

class ListCandlesRequest(_message.Message):
    __slots__ = ("symbol", "interval", "page_size", "page_token", "start_time_ns", "end_time_ns")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    START_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    END_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    interval: CandleInterval
    page_size: int
    page_token: str
    start_time_ns: int
    end_time_ns: int
    def __init__(self, symbol: _Optional[str] = ..., interval: _Optional[_Union[CandleInterval, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., start_time_ns: _Optional[int] = ..., end_time_ns: _Optional[int] = ...) -> None: ...

class ListCandlesResponse(_message.Message):
    __slots__ = ("candles", "next_page_token")
    CANDLES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    candles: _containers.RepeatedCompositeFieldContainer[Candle]
    next_page_token: str
    def __init__(self, candles: _Optional[_Iterable[_Union[Candle, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class StreamCandlesRequest(_message.Message):
    __slots__ = ("symbol", "interval")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    interval: CandleInterval
    def __init__(self, symbol: _Optional[str] = ..., interval: _Optional[_Union[CandleInterval, str]] = ...) -> None: ...

class StreamCandlesResponse(_message.Message):
    __slots__ = ("symbol", "candle")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    CANDLE_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    candle: Candle
    def __init__(self, symbol: _Optional[str] = ..., candle: _Optional[_Union[Candle, _Mapping]] = ...) -> None: ...

class GetTickersRequest(_message.Message):
    __slots__ = ("symbols",)
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    symbols: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, symbols: _Optional[_Iterable[str]] = ...) -> None: ...

class GetTickersResponse(_message.Message):
    __slots__ = ("tickers",)
    TICKERS_FIELD_NUMBER: _ClassVar[int]
    tickers: _containers.RepeatedCompositeFieldContainer[Ticker]
    def __init__(self, tickers: _Optional[_Iterable[_Union[Ticker, _Mapping]]] = ...) -> None: ...

class Ticker(_message.Message):
    __slots__ = ("symbol", "open_ticks", "high_ticks", "low_ticks", "last_ticks", "volume_lots", "notional", "trades", "mark_price_ticks", "index_price_ticks", "funding_rate", "next_funding_time_ns", "phase", "bid_price_ticks", "ask_price_ticks", "time_ns")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    OPEN_TICKS_FIELD_NUMBER: _ClassVar[int]
    HIGH_TICKS_FIELD_NUMBER: _ClassVar[int]
    LOW_TICKS_FIELD_NUMBER: _ClassVar[int]
    LAST_TICKS_FIELD_NUMBER: _ClassVar[int]
    VOLUME_LOTS_FIELD_NUMBER: _ClassVar[int]
    NOTIONAL_FIELD_NUMBER: _ClassVar[int]
    TRADES_FIELD_NUMBER: _ClassVar[int]
    MARK_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    INDEX_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    FUNDING_RATE_FIELD_NUMBER: _ClassVar[int]
    NEXT_FUNDING_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    BID_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    ASK_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    TIME_NS_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    open_ticks: int
    high_ticks: int
    low_ticks: int
    last_ticks: int
    volume_lots: int
    notional: int
    trades: int
    mark_price_ticks: int
    index_price_ticks: int
    funding_rate: int
    next_funding_time_ns: int
    phase: _types_pb2.Phase
    bid_price_ticks: int
    ask_price_ticks: int
    time_ns: int
    def __init__(self, symbol: _Optional[str] = ..., open_ticks: _Optional[int] = ..., high_ticks: _Optional[int] = ..., low_ticks: _Optional[int] = ..., last_ticks: _Optional[int] = ..., volume_lots: _Optional[int] = ..., notional: _Optional[int] = ..., trades: _Optional[int] = ..., mark_price_ticks: _Optional[int] = ..., index_price_ticks: _Optional[int] = ..., funding_rate: _Optional[int] = ..., next_funding_time_ns: _Optional[int] = ..., phase: _Optional[_Union[_types_pb2.Phase, str]] = ..., bid_price_ticks: _Optional[int] = ..., ask_price_ticks: _Optional[int] = ..., time_ns: _Optional[int] = ...) -> None: ...

class StreamTickersRequest(_message.Message):
    __slots__ = ("symbols",)
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    symbols: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, symbols: _Optional[_Iterable[str]] = ...) -> None: ...

class StreamTickersResponse(_message.Message):
    __slots__ = ("ticker",)
    TICKER_FIELD_NUMBER: _ClassVar[int]
    ticker: Ticker
    def __init__(self, ticker: _Optional[_Union[Ticker, _Mapping]] = ...) -> None: ...

class StreamPricesRequest(_message.Message):
    __slots__ = ("symbols",)
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    symbols: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, symbols: _Optional[_Iterable[str]] = ...) -> None: ...

class StreamPricesResponse(_message.Message):
    __slots__ = ("symbol", "sequence", "engine_time_ns", "mark_price_ticks", "index_price_ticks", "funding_rate", "next_funding_time_ns")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ENGINE_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    MARK_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    INDEX_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    FUNDING_RATE_FIELD_NUMBER: _ClassVar[int]
    NEXT_FUNDING_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    sequence: int
    engine_time_ns: int
    mark_price_ticks: int
    index_price_ticks: int
    funding_rate: int
    next_funding_time_ns: int
    def __init__(self, symbol: _Optional[str] = ..., sequence: _Optional[int] = ..., engine_time_ns: _Optional[int] = ..., mark_price_ticks: _Optional[int] = ..., index_price_ticks: _Optional[int] = ..., funding_rate: _Optional[int] = ..., next_funding_time_ns: _Optional[int] = ...) -> None: ...

class StreamLiquidationsRequest(_message.Message):
    __slots__ = ("symbol", "after_trade_id")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    AFTER_TRADE_ID_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    after_trade_id: int
    def __init__(self, symbol: _Optional[str] = ..., after_trade_id: _Optional[int] = ...) -> None: ...

class StreamLiquidationsResponse(_message.Message):
    __slots__ = ("symbol", "trades")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    TRADES_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    trades: _containers.RepeatedCompositeFieldContainer[Trade]
    def __init__(self, symbol: _Optional[str] = ..., trades: _Optional[_Iterable[_Union[Trade, _Mapping]]] = ...) -> None: ...

class StreamPhasesRequest(_message.Message):
    __slots__ = ("symbol", "after_sequence")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    AFTER_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    after_sequence: int
    def __init__(self, symbol: _Optional[str] = ..., after_sequence: _Optional[int] = ...) -> None: ...

class StreamPhasesResponse(_message.Message):
    __slots__ = ("symbol", "sequence", "engine_time_ns", "phase", "auction", "instrument", "reason")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ENGINE_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    AUCTION_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    sequence: int
    engine_time_ns: int
    phase: _types_pb2.Phase
    auction: Auction
    instrument: _types_pb2.Instrument
    reason: _types_pb2.Reason
    def __init__(self, symbol: _Optional[str] = ..., sequence: _Optional[int] = ..., engine_time_ns: _Optional[int] = ..., phase: _Optional[_Union[_types_pb2.Phase, str]] = ..., auction: _Optional[_Union[Auction, _Mapping]] = ..., instrument: _Optional[_Union[_types_pb2.Instrument, _Mapping]] = ..., reason: _Optional[_Union[_types_pb2.Reason, str]] = ...) -> None: ...

class Auction(_message.Message):
    __slots__ = ("price_ticks", "quantity_lots", "imbalance_lots", "final")
    PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_LOTS_FIELD_NUMBER: _ClassVar[int]
    IMBALANCE_LOTS_FIELD_NUMBER: _ClassVar[int]
    FINAL_FIELD_NUMBER: _ClassVar[int]
    price_ticks: int
    quantity_lots: int
    imbalance_lots: int
    final: bool
    def __init__(self, price_ticks: _Optional[int] = ..., quantity_lots: _Optional[int] = ..., imbalance_lots: _Optional[int] = ..., final: _Optional[bool] = ...) -> None: ...

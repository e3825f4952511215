from tidegate.v1 import types_pb2 as _types_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListInstrumentsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListInstrumentsResponse(_message.Message):
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
    __slots__ = ("symbol", "sequence", "engine_time_ns", "bids", "asks", "phase")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ENGINE_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    BIDS_FIELD_NUMBER: _ClassVar[int]
    ASKS_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    sequence: int
    engine_time_ns: int
    bids: _containers.RepeatedCompositeFieldContainer[DepthLevel]
    asks: _containers.RepeatedCompositeFieldContainer[DepthLevel]
    phase: _types_pb2.Phase
    def __init__(self, symbol: _Optional[str] = ..., sequence: _Optional[int] = ..., engine_time_ns: _Optional[int] = ..., bids: _Optional[_Iterable[_Union[DepthLevel, _Mapping]]] = ..., asks: _Optional[_Iterable[_Union[DepthLevel, _Mapping]]] = ..., phase: _Optional[_Union[_types_pb2.Phase, str]] = ...) -> None: ...

class DepthDelta(_message.Message):
    __slots__ = ("symbol", "first_sequence", "last_sequence", "previous_sequence", "engine_time_ns", "bids", "asks", "phase")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ENGINE_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    BIDS_FIELD_NUMBER: _ClassVar[int]
    ASKS_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    first_sequence: int
    last_sequence: int
    previous_sequence: int
    engine_time_ns: int
    bids: _containers.RepeatedCompositeFieldContainer[DepthLevel]
    asks: _containers.RepeatedCompositeFieldContainer[DepthLevel]
    phase: _types_pb2.Phase
    def __init__(self, symbol: _Optional[str] = ..., first_sequence: _Optional[int] = ..., last_sequence: _Optional[int] = ..., previous_sequence: _Optional[int] = ..., engine_time_ns: _Optional[int] = ..., bids: _Optional[_Iterable[_Union[DepthLevel, _Mapping]]] = ..., asks: _Optional[_Iterable[_Union[DepthLevel, _Mapping]]] = ..., phase: _Optional[_Union[_types_pb2.Phase, str]] = ...) -> None: ...

class StreamDepthRequest(_message.Message):
    __slots__ = ("symbol",)
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    def __init__(self, symbol: _Optional[str] = ...) -> None: ...

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
    __slots__ = ("trade_id", "price_ticks", "quantity_lots", "aggressor_side", "sequence", "engine_time_ns")
    TRADE_ID_FIELD_NUMBER: _ClassVar[int]
    PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_LOTS_FIELD_NUMBER: _ClassVar[int]
    AGGRESSOR_SIDE_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ENGINE_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    trade_id: int
    price_ticks: int
    quantity_lots: int
    aggressor_side: _types_pb2.Side
    sequence: int
    engine_time_ns: int
    def __init__(self, trade_id: _Optional[int] = ..., price_ticks: _Optional[int] = ..., quantity_lots: _Optional[int] = ..., aggressor_side: _Optional[_Union[_types_pb2.Side, str]] = ..., sequence: _Optional[int] = ..., engine_time_ns: _Optional[int] = ...) -> None: ...

class StreamTradesResponse(_message.Message):
    __slots__ = ("symbol", "trades")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    TRADES_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    trades: _containers.RepeatedCompositeFieldContainer[Trade]
    def __init__(self, symbol: _Optional[str] = ..., trades: _Optional[_Iterable[_Union[Trade, _Mapping]]] = ...) -> None: ...

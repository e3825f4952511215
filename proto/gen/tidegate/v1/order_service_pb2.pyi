from tidegate.v1 import types_pb2 as _types_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PlaceOrderRequest(_message.Message):
    __slots__ = ("symbol", "client_order_id", "side", "type", "time_in_force", "price_ticks", "quantity_lots", "reduce_only", "self_trade_prevention", "self_trade_group")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    TIME_IN_FORCE_FIELD_NUMBER: _ClassVar[int]
    PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_LOTS_FIELD_NUMBER: _ClassVar[int]
    REDUCE_ONLY_FIELD_NUMBER: _ClassVar[int]
    SELF_TRADE_PREVENTION_FIELD_NUMBER: _ClassVar[int]
    SELF_TRADE_GROUP_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    client_order_id: int
    side: _types_pb2.Side
    type: _types_pb2.OrderType
    time_in_force: _types_pb2.TimeInForce
    price_ticks: int
    quantity_lots: int
    reduce_only: bool
    self_trade_prevention: _types_pb2.SelfTradePrevention
    self_trade_group: int
    def __init__(self, symbol: _Optional[str] = ..., client_order_id: _Optional[int] = ..., side: _Optional[_Union[_types_pb2.Side, str]] = ..., type: _Optional[_Union[_types_pb2.OrderType, str]] = ..., time_in_force: _Optional[_Union[_types_pb2.TimeInForce, str]] = ..., price_ticks: _Optional[int] = ..., quantity_lots: _Optional[int] = ..., reduce_only: _Optional[bool] = ..., self_trade_prevention: _Optional[_Union[_types_pb2.SelfTradePrevention, str]] = ..., self_trade_group: _Optional[int] = ...) -> None: ...

class PlaceOrderResponse(_message.Message):
    __slots__ = ("reports",)
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedCompositeFieldContainer[_types_pb2.Report]
    def __init__(self, reports: _Optional[_Iterable[_Union[_types_pb2.Report, _Mapping]]] = ...) -> None: ...

class AmendOrderRequest(_message.Message):
    __slots__ = ("symbol", "order_id", "client_order_id", "price_ticks", "quantity_lots")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_LOTS_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    order_id: int
    client_order_id: int
    price_ticks: int
    quantity_lots: int
    def __init__(self, symbol: _Optional[str] = ..., order_id: _Optional[int] = ..., client_order_id: _Optional[int] = ..., price_ticks: _Optional[int] = ..., quantity_lots: _Optional[int] = ...) -> None: ...

class AmendOrderResponse(_message.Message):
    __slots__ = ("reports",)
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedCompositeFieldContainer[_types_pb2.Report]
    def __init__(self, reports: _Optional[_Iterable[_Union[_types_pb2.Report, _Mapping]]] = ...) -> None: ...

class CancelOrderRequest(_message.Message):
    __slots__ = ("symbol", "order_id", "client_order_id")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    order_id: int
    client_order_id: int
    def __init__(self, symbol: _Optional[str] = ..., order_id: _Optional[int] = ..., client_order_id: _Optional[int] = ...) -> None: ...

class CancelOrderResponse(_message.Message):
    __slots__ = ("reports",)
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedCompositeFieldContainer[_types_pb2.Report]
    def __init__(self, reports: _Optional[_Iterable[_Union[_types_pb2.Report, _Mapping]]] = ...) -> None: ...

class CancelAllRequest(_message.Message):
    __slots__ = ("symbol", "side")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    side: _types_pb2.Side
    def __init__(self, symbol: _Optional[str] = ..., side: _Optional[_Union[_types_pb2.Side, str]] = ...) -> None: ...

class CancelAllResponse(_message.Message):
    __slots__ = ("reports",)
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedCompositeFieldContainer[_types_pb2.Report]
    def __init__(self, reports: _Optional[_Iterable[_Union[_types_pb2.Report, _Mapping]]] = ...) -> None: ...

class Command(_message.Message):
    __slots__ = ("place", "amend", "cancel", "cancel_all")
    PLACE_FIELD_NUMBER: _ClassVar[int]
    AMEND_FIELD_NUMBER: _ClassVar[int]
    CANCEL_FIELD_NUMBER: _ClassVar[int]
    CANCEL_ALL_FIELD_NUMBER: _ClassVar[int]
    place: PlaceOrderRequest
    amend: AmendOrderRequest
    cancel: CancelOrderRequest
    cancel_all: CancelAllRequest
    def __init__(self, place: _Optional[_Union[PlaceOrderRequest, _Mapping]] = ..., amend: _Optional[_Union[AmendOrderRequest, _Mapping]] = ..., cancel: _Optional[_Union[CancelOrderRequest, _Mapping]] = ..., cancel_all: _Optional[_Union[CancelAllRequest, _Mapping]] = ...) -> None: ...

class SubmitBatchRequest(_message.Message):
    __slots__ = ("request_id", "commands")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    COMMANDS_FIELD_NUMBER: _ClassVar[int]
    request_id: int
    commands: _containers.RepeatedCompositeFieldContainer[Command]
    def __init__(self, request_id: _Optional[int] = ..., commands: _Optional[_Iterable[_Union[Command, _Mapping]]] = ...) -> None: ...

class SubmitBatchResponse(_message.Message):
    __slots__ = ("reports", "refusals")
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    REFUSALS_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedCompositeFieldContainer[_types_pb2.Report]
    refusals: _containers.RepeatedCompositeFieldContainer[_types_pb2.Refusal]
    def __init__(self, reports: _Optional[_Iterable[_Union[_types_pb2.Report, _Mapping]]] = ..., refusals: _Optional[_Iterable[_Union[_types_pb2.Refusal, _Mapping]]] = ...) -> None: ...

class GetOrderRequest(_message.Message):
    __slots__ = ("symbol", "order_id", "client_order_id")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    order_id: int
    client_order_id: int
    def __init__(self, symbol: _Optional[str] = ..., order_id: _Optional[int] = ..., client_order_id: _Optional[int] = ...) -> None: ...

class GetOrderResponse(_message.Message):
    __slots__ = ("order",)
    ORDER_FIELD_NUMBER: _ClassVar[int]
    order: _types_pb2.Order
    def __init__(self, order: _Optional[_Union[_types_pb2.Order, _Mapping]] = ...) -> None: ...

class StreamOpen(_message.Message):
    __slots__ = ("resume_after",)
    RESUME_AFTER_FIELD_NUMBER: _ClassVar[int]
    resume_after: _containers.RepeatedCompositeFieldContainer[_types_pb2.StreamPosition]
    def __init__(self, resume_after: _Optional[_Iterable[_Union[_types_pb2.StreamPosition, _Mapping]]] = ...) -> None: ...

class TradeRequest(_message.Message):
    __slots__ = ("request_id", "commands", "open")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    COMMANDS_FIELD_NUMBER: _ClassVar[int]
    OPEN_FIELD_NUMBER: _ClassVar[int]
    request_id: int
    commands: _containers.RepeatedCompositeFieldContainer[Command]
    open: StreamOpen
    def __init__(self, request_id: _Optional[int] = ..., commands: _Optional[_Iterable[_Union[Command, _Mapping]]] = ..., open: _Optional[_Union[StreamOpen, _Mapping]] = ...) -> None: ...

class TradeResponse(_message.Message):
    __slots__ = ("reports", "refusals", "notice", "sent_time_ns")
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    REFUSALS_FIELD_NUMBER: _ClassVar[int]
    NOTICE_FIELD_NUMBER: _ClassVar[int]
    SENT_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedCompositeFieldContainer[_types_pb2.Report]
    refusals: _containers.RepeatedCompositeFieldContainer[_types_pb2.Refusal]
    notice: _types_pb2.StreamNotice
    sent_time_ns: int
    def __init__(self, reports: _Optional[_Iterable[_Union[_types_pb2.Report, _Mapping]]] = ..., refusals: _Optional[_Iterable[_Union[_types_pb2.Refusal, _Mapping]]] = ..., notice: _Optional[_Union[_types_pb2.StreamNotice, _Mapping]] = ..., sent_time_ns: _Optional[int] = ...) -> None: ...

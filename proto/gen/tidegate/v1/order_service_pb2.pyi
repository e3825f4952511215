from tidegate.v1 import types_pb2 as _types_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CancelScope(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CANCEL_SCOPE_UNSPECIFIED: _ClassVar[CancelScope]
    CANCEL_SCOPE_GROUP: _ClassVar[CancelScope]
    CANCEL_SCOPE_QUOTES: _ClassVar[CancelScope]
CANCEL_SCOPE_UNSPECIFIED: CancelScope
CANCEL_SCOPE_GROUP: CancelScope
CANCEL_SCOPE_QUOTES: CancelScope

class PlaceOrderRequest(_message.Message):
    __slots__ = ("symbol", "client_order_id", "side", "type", "time_in_force", "price_ticks", "quantity_lots", "reduce_only", "self_trade_prevention", "self_trade_group", "trigger", "expire_time_ns", "display_lots", "position_side", "protection_group")
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
    TRIGGER_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_LOTS_FIELD_NUMBER: _ClassVar[int]
    POSITION_SIDE_FIELD_NUMBER: _ClassVar[int]
    PROTECTION_GROUP_FIELD_NUMBER: _ClassVar[int]
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
    trigger: _types_pb2.Trigger
    expire_time_ns: int
    display_lots: int
    position_side: _types_pb2.PositionSide
    protection_group: int
    def __init__(self, symbol: _Optional[str] = ..., client_order_id: _Optional[int] = ..., side: _Optional[_Union[_types_pb2.Side, str]] = ..., type: _Optional[_Union[_types_pb2.OrderType, str]] = ..., time_in_force: _Optional[_Union[_types_pb2.TimeInForce, str]] = ..., price_ticks: _Optional[int] = ..., quantity_lots: _Optional[int] = ..., reduce_only: _Optional[bool] = ..., self_trade_prevention: _Optional[_Union[_types_pb2.SelfTradePrevention, str]] = ..., self_trade_group: _Optional[int] = ..., trigger: _Optional[_Union[_types_pb2.Trigger, _Mapping]] = ..., expire_time_ns: _Optional[int] = ..., display_lots: _Optional[int] = ..., position_side: _Optional[_Union[_types_pb2.PositionSide, str]] = ..., protection_group: _Optional[int] = ...) -> None: ...

class PlaceOrderResponse(_message.Message):
    __slots__ = ("reports", "limits")
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedCompositeFieldContainer[_types_pb2.Report]
    limits: _types_pb2.LimitState
    def __init__(self, reports: _Optional[_Iterable[_Union[_types_pb2.Report, _Mapping]]] = ..., limits: _Optional[_Union[_types_pb2.LimitState, _Mapping]] = ...) -> None: ...

class AmendOrderRequest(_message.Message):
    __slots__ = ("symbol", "order_id", "client_order_id", "price_ticks", "quantity_lots", "trigger_price_ticks")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_LOTS_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    order_id: int
    client_order_id: int
    price_ticks: int
    quantity_lots: int
    trigger_price_ticks: int
    def __init__(self, symbol: _Optional[str] = ..., order_id: _Optional[int] = ..., client_order_id: _Optional[int] = ..., price_ticks: _Optional[int] = ..., quantity_lots: _Optional[int] = ..., trigger_price_ticks: _Optional[int] = ...) -> None: ...

class AmendOrderResponse(_message.Message):
    __slots__ = ("reports", "limits")
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedCompositeFieldContainer[_types_pb2.Report]
    limits: _types_pb2.LimitState
    def __init__(self, reports: _Optional[_Iterable[_Union[_types_pb2.Report, _Mapping]]] = ..., limits: _Optional[_Union[_types_pb2.LimitState, _Mapping]] = ...) -> None: ...

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
    __slots__ = ("reports", "limits")
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedCompositeFieldContainer[_types_pb2.Report]
    limits: _types_pb2.LimitState
    def __init__(self, reports: _Optional[_Iterable[_Union[_types_pb2.Report, _Mapping]]] = ..., limits: _Optional[_Union[_types_pb2.LimitState, _Mapping]] = ...) -> None: ...

class CancelAllRequest(_message.Message):
    __slots__ = ("symbol", "side", "scope", "protection_group")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    PROTECTION_GROUP_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    side: _types_pb2.Side
    scope: CancelScope
    protection_group: int
    def __init__(self, symbol: _Optional[str] = ..., side: _Optional[_Union[_types_pb2.Side, str]] = ..., scope: _Optional[_Union[CancelScope, str]] = ..., protection_group: _Optional[int] = ...) -> None: ...

class CancelAllResponse(_message.Message):
    __slots__ = ("reports", "refusals", "limits")
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    REFUSALS_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedCompositeFieldContainer[_types_pb2.Report]
    refusals: _containers.RepeatedCompositeFieldContainer[_types_pb2.Refusal]
    limits: _types_pb2.LimitState
    def __init__(self, reports: _Optional[_Iterable[_Union[_types_pb2.Report, _Mapping]]] = ..., refusals: _Optional[_Iterable[_Union[_types_pb2.Refusal, _Mapping]]] = ..., limits: _Optional[_Union[_types_pb2.LimitState, _Mapping]] = ...) -> None: ...

class Command(_message.Message):
    __slots__ = ("place", "amend", "cancel", "cancel_all", "replace", "set_countdown", "reset_protection")
    PLACE_FIELD_NUMBER: _ClassVar[int]
    AMEND_FIELD_NUMBER: _ClassVar[int]
    CANCEL_FIELD_NUMBER: _ClassVar[int]
    CANCEL_ALL_FIELD_NUMBER: _ClassVar[int]
    REPLACE_FIELD_NUMBER: _ClassVar[int]
    SET_COUNTDOWN_FIELD_NUMBER: _ClassVar[int]
    RESET_PROTECTION_FIELD_NUMBER: _ClassVar[int]
    place: PlaceOrderRequest
    amend: AmendOrderRequest
    cancel: CancelOrderRequest
    cancel_all: CancelAllRequest
    replace: ReplaceOrderRequest
    set_countdown: SetCountdownRequest
    reset_protection: ResetProtectionRequest
    def __init__(self, place: _Optional[_Union[PlaceOrderRequest, _Mapping]] = ..., amend: _Optional[_Union[AmendOrderRequest, _Mapping]] = ..., cancel: _Optional[_Union[CancelOrderRequest, _Mapping]] = ..., cancel_all: _Optional[_Union[CancelAllRequest, _Mapping]] = ..., replace: _Optional[_Union[ReplaceOrderRequest, _Mapping]] = ..., set_countdown: _Optional[_Union[SetCountdownRequest, _Mapping]] = ..., reset_protection: _Optional[_Union[ResetProtectionRequest, _Mapping]] = ...) -> None: ...

class SubmitBatchRequest(_message.Message):
    __slots__ = ("request_id", "commands")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    COMMANDS_FIELD_NUMBER: _ClassVar[int]
    request_id: int
    commands: _containers.RepeatedCompositeFieldContainer[Command]
    def __init__(self, request_id: _Optional[int] = ..., commands: _Optional[_Iterable[_Union[Command, _Mapping]]] = ...) -> None: ...

class SubmitBatchResponse(_message.Message):
    __slots__ = ("reports", "refusals", "limits")
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    REFUSALS_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedCompositeFieldContainer[_types_pb2.Report]
    refusals: _containers.RepeatedCompositeFieldContainer[_types_pb2.Refusal]
    limits: _types_pb2.LimitState
    def __init__(self, reports: _Optional[_Iterable[_Union[_types_pb2.Report, _Mapping]]] = ..., refusals: _Optional[_Iterable[_Union[_types_pb2.Refusal, _Mapping]]] = ..., limits: _Optional[_Union[_types_pb2.LimitState, _Mapping]] = ...) -> None: ...

class ReplaceOrderRequest(_message.Message):
    __slots__ = ("cancel_order_id", "cancel_client_order_id", "place", "place_if_cancel_fails")
    CANCEL_ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    CANCEL_CLIENT_ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    PLACE_IF_CANCEL_FAILS_FIELD_NUMBER: _ClassVar[int]
    cancel_order_id: int
    cancel_client_order_id: int
    place: PlaceOrderRequest
    place_if_cancel_fails: bool
    def __init__(self, cancel_order_id: _Optional[int] = ..., cancel_client_order_id: _Optional[int] = ..., place: _Optional[_Union[PlaceOrderRequest, _Mapping]] = ..., place_if_cancel_fails: _Optional[bool] = ...) -> None: ...

class ReplaceOrderResponse(_message.Message):
    __slots__ = ("reports", "limits")
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedCompositeFieldContainer[_types_pb2.Report]
    limits: _types_pb2.LimitState
    def __init__(self, reports: _Optional[_Iterable[_Union[_types_pb2.Report, _Mapping]]] = ..., limits: _Optional[_Union[_types_pb2.LimitState, _Mapping]] = ...) -> None: ...

class Quote(_message.Message):
    __slots__ = ("symbol", "quote_id", "bid_price_ticks", "bid_quantity_lots", "ask_price_ticks", "ask_quantity_lots")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    QUOTE_ID_FIELD_NUMBER: _ClassVar[int]
    BID_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    BID_QUANTITY_LOTS_FIELD_NUMBER: _ClassVar[int]
    ASK_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    ASK_QUANTITY_LOTS_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    quote_id: int
    bid_price_ticks: int
    bid_quantity_lots: int
    ask_price_ticks: int
    ask_quantity_lots: int
    def __init__(self, symbol: _Optional[str] = ..., quote_id: _Optional[int] = ..., bid_price_ticks: _Optional[int] = ..., bid_quantity_lots: _Optional[int] = ..., ask_price_ticks: _Optional[int] = ..., ask_quantity_lots: _Optional[int] = ...) -> None: ...

class MassQuoteRequest(_message.Message):
    __slots__ = ("request_id", "quotes", "time_in_force", "self_trade_prevention", "self_trade_group", "protection_group")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    QUOTES_FIELD_NUMBER: _ClassVar[int]
    TIME_IN_FORCE_FIELD_NUMBER: _ClassVar[int]
    SELF_TRADE_PREVENTION_FIELD_NUMBER: _ClassVar[int]
    SELF_TRADE_GROUP_FIELD_NUMBER: _ClassVar[int]
    PROTECTION_GROUP_FIELD_NUMBER: _ClassVar[int]
    request_id: int
    quotes: _containers.RepeatedCompositeFieldContainer[Quote]
    time_in_force: _types_pb2.TimeInForce
    self_trade_prevention: _types_pb2.SelfTradePrevention
    self_trade_group: int
    protection_group: int
    def __init__(self, request_id: _Optional[int] = ..., quotes: _Optional[_Iterable[_Union[Quote, _Mapping]]] = ..., time_in_force: _Optional[_Union[_types_pb2.TimeInForce, str]] = ..., self_trade_prevention: _Optional[_Union[_types_pb2.SelfTradePrevention, str]] = ..., self_trade_group: _Optional[int] = ..., protection_group: _Optional[int] = ...) -> None: ...

class MassQuoteResponse(_message.Message):
    __slots__ = ("reports", "refusals", "limits")
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    REFUSALS_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedCompositeFieldContainer[_types_pb2.Report]
    refusals: _containers.RepeatedCompositeFieldContainer[_types_pb2.Refusal]
    limits: _types_pb2.LimitState
    def __init__(self, reports: _Optional[_Iterable[_Union[_types_pb2.Report, _Mapping]]] = ..., refusals: _Optional[_Iterable[_Union[_types_pb2.Refusal, _Mapping]]] = ..., limits: _Optional[_Union[_types_pb2.LimitState, _Mapping]] = ...) -> None: ...

class SetProtectionRequest(_message.Message):
    __slots__ = ("symbol", "protection_group", "window_ms", "fills_limit", "quantity_limit_lots", "notional_limit")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    PROTECTION_GROUP_FIELD_NUMBER: _ClassVar[int]
    WINDOW_MS_FIELD_NUMBER: _ClassVar[int]
    FILLS_LIMIT_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_LIMIT_LOTS_FIELD_NUMBER: _ClassVar[int]
    NOTIONAL_LIMIT_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    protection_group: int
    window_ms: int
    fills_limit: int
    quantity_limit_lots: int
    notional_limit: int
    def __init__(self, symbol: _Optional[str] = ..., protection_group: _Optional[int] = ..., window_ms: _Optional[int] = ..., fills_limit: _Optional[int] = ..., quantity_limit_lots: _Optional[int] = ..., notional_limit: _Optional[int] = ...) -> None: ...

class SetProtectionResponse(_message.Message):
    __slots__ = ("reports", "limits")
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedCompositeFieldContainer[_types_pb2.Report]
    limits: _types_pb2.LimitState
    def __init__(self, reports: _Optional[_Iterable[_Union[_types_pb2.Report, _Mapping]]] = ..., limits: _Optional[_Union[_types_pb2.LimitState, _Mapping]] = ...) -> None: ...

class ResetProtectionRequest(_message.Message):
    __slots__ = ("symbol", "protection_group")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    PROTECTION_GROUP_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    protection_group: int
    def __init__(self, symbol: _Optional[str] = ..., protection_group: _Optional[int] = ...) -> None: ...

class ResetProtectionResponse(_message.Message):
    __slots__ = ("reports", "limits")
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedCompositeFieldContainer[_types_pb2.Report]
    limits: _types_pb2.LimitState
    def __init__(self, reports: _Optional[_Iterable[_Union[_types_pb2.Report, _Mapping]]] = ..., limits: _Optional[_Union[_types_pb2.LimitState, _Mapping]] = ...) -> None: ...

class SetCountdownRequest(_message.Message):
    __slots__ = ("symbol", "countdown_ms")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    COUNTDOWN_MS_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    countdown_ms: int
    def __init__(self, symbol: _Optional[str] = ..., countdown_ms: _Optional[int] = ...) -> None: ...

class SetCountdownResponse(_message.Message):
    __slots__ = ("reports", "refusals", "limits")
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    REFUSALS_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedCompositeFieldContainer[_types_pb2.Report]
    refusals: _containers.RepeatedCompositeFieldContainer[_types_pb2.Refusal]
    limits: _types_pb2.LimitState
    def __init__(self, reports: _Optional[_Iterable[_Union[_types_pb2.Report, _Mapping]]] = ..., refusals: _Optional[_Iterable[_Union[_types_pb2.Refusal, _Mapping]]] = ..., limits: _Optional[_Union[_types_pb2.LimitState, _Mapping]] = ...) -> None: ...

class SetPositionModeRequest(_message.Message):
    __slots__ = ("symbol", "mode")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    mode: _types_pb2.PositionMode
    def __init__(self, symbol: _Optional[str] = ..., mode: _Optional[_Union[_types_pb2.PositionMode, str]] = ...) -> None: ...

class SetPositionModeResponse(_message.Message):
    __slots__ = ("reports", "limits")
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedCompositeFieldContainer[_types_pb2.Report]
    limits: _types_pb2.LimitState
    def __init__(self, reports: _Optional[_Iterable[_Union[_types_pb2.Report, _Mapping]]] = ..., limits: _Optional[_Union[_types_pb2.LimitState, _Mapping]] = ...) -> None: ...

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
    __slots__ = ("resume_after", "cancel_on_disconnect")
    RESUME_AFTER_FIELD_NUMBER: _ClassVar[int]
    CANCEL_ON_DISCONNECT_FIELD_NUMBER: _ClassVar[int]
    resume_after: _containers.RepeatedCompositeFieldContainer[_types_pb2.StreamPosition]
    cancel_on_disconnect: bool
    def __init__(self, resume_after: _Optional[_Iterable[_Union[_types_pb2.StreamPosition, _Mapping]]] = ..., cancel_on_disconnect: _Optional[bool] = ...) -> None: ...

class TradeRequest(_message.Message):
    __slots__ = ("request_id", "commands", "open", "mass_quote")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    COMMANDS_FIELD_NUMBER: _ClassVar[int]
    OPEN_FIELD_NUMBER: _ClassVar[int]
    MASS_QUOTE_FIELD_NUMBER: _ClassVar[int]
    request_id: int
    commands: _containers.RepeatedCompositeFieldContainer[Command]
    open: StreamOpen
    mass_quote: MassQuoteRequest
    def __init__(self, request_id: _Optional[int] = ..., commands: _Optional[_Iterable[_Union[Command, _Mapping]]] = ..., open: _Optional[_Union[StreamOpen, _Mapping]] = ..., mass_quote: _Optional[_Union[MassQuoteRequest, _Mapping]] = ...) -> None: ...

class TradeResponse(_message.Message):
    __slots__ = ("reports", "refusals", "notice", "sent_time_ns", "limits")
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    REFUSALS_FIELD_NUMBER: _ClassVar[int]
    NOTICE_FIELD_NUMBER: _ClassVar[int]
    SENT_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedCompositeFieldContainer[_types_pb2.Report]
    refusals: _containers.RepeatedCompositeFieldContainer[_types_pb2.Refusal]
    notice: _types_pb2.StreamNotice
    sent_time_ns: int
    limits: _types_pb2.LimitState
    def __init__(self, reports: _Optional[_Iterable[_Union[_types_pb2.Report, _Mapping]]] = ..., refusals: _Optional[_Iterable[_Union[_types_pb2.Refusal, _Mapping]]] = ..., notice: _Optional[_Union[_types_pb2.StreamNotice, _Mapping]] = ..., sent_time_ns: _Optional[int] = ..., limits: _Optional[_Union[_types_pb2.LimitState, _Mapping]] = ...) -> None: ...

from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Side(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SIDE_UNSPECIFIED: _ClassVar[Side]
    SIDE_BUY: _ClassVar[Side]
    SIDE_SELL: _ClassVar[Side]

class OrderType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORDER_TYPE_UNSPECIFIED: _ClassVar[OrderType]
    ORDER_TYPE_LIMIT: _ClassVar[OrderType]
    ORDER_TYPE_MARKET: _ClassVar[OrderType]

class TimeInForce(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TIME_IN_FORCE_UNSPECIFIED: _ClassVar[TimeInForce]
    TIME_IN_FORCE_GTC: _ClassVar[TimeInForce]
    TIME_IN_FORCE_IOC: _ClassVar[TimeInForce]
    TIME_IN_FORCE_FOK: _ClassVar[TimeInForce]
    TIME_IN_FORCE_GTX: _ClassVar[TimeInForce]

class SelfTradePrevention(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SELF_TRADE_PREVENTION_UNSPECIFIED: _ClassVar[SelfTradePrevention]
    SELF_TRADE_PREVENTION_NONE: _ClassVar[SelfTradePrevention]
    SELF_TRADE_PREVENTION_EXPIRE_TAKER: _ClassVar[SelfTradePrevention]
    SELF_TRADE_PREVENTION_EXPIRE_MAKER: _ClassVar[SelfTradePrevention]
    SELF_TRADE_PREVENTION_EXPIRE_BOTH: _ClassVar[SelfTradePrevention]
    SELF_TRADE_PREVENTION_DECREMENT: _ClassVar[SelfTradePrevention]

class OrderStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORDER_STATUS_UNSPECIFIED: _ClassVar[OrderStatus]
    ORDER_STATUS_PENDING_NEW: _ClassVar[OrderStatus]
    ORDER_STATUS_NEW: _ClassVar[OrderStatus]
    ORDER_STATUS_PARTIALLY_FILLED: _ClassVar[OrderStatus]
    ORDER_STATUS_FILLED: _ClassVar[OrderStatus]
    ORDER_STATUS_CANCELED: _ClassVar[OrderStatus]
    ORDER_STATUS_EXPIRED: _ClassVar[OrderStatus]
    ORDER_STATUS_REJECTED: _ClassVar[OrderStatus]

class Phase(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PHASE_UNSPECIFIED: _ClassVar[Phase]
    PHASE_HALT: _ClassVar[Phase]
    PHASE_CANCEL_ONLY: _ClassVar[Phase]
    PHASE_POST_ONLY: _ClassVar[Phase]
    PHASE_OPEN: _ClassVar[Phase]

class ReportKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REPORT_KIND_UNSPECIFIED: _ClassVar[ReportKind]
    REPORT_KIND_ACCEPTED: _ClassVar[ReportKind]
    REPORT_KIND_REJECTED: _ClassVar[ReportKind]
    REPORT_KIND_TRADE: _ClassVar[ReportKind]
    REPORT_KIND_RESTED: _ClassVar[ReportKind]
    REPORT_KIND_CANCELED: _ClassVar[ReportKind]
    REPORT_KIND_EXPIRED: _ClassVar[ReportKind]
    REPORT_KIND_AMENDED: _ClassVar[ReportKind]
    REPORT_KIND_REDUCED: _ClassVar[ReportKind]
    REPORT_KIND_CANCEL_ALL_DONE: _ClassVar[ReportKind]
    REPORT_KIND_PHASE_CHANGED: _ClassVar[ReportKind]
    REPORT_KIND_INSTRUMENT_DEFINED: _ClassVar[ReportKind]
    REPORT_KIND_ORDER_STATE: _ClassVar[ReportKind]

class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTCOME_UNSPECIFIED: _ClassVar[Outcome]
    OUTCOME_NOT_APPLIED: _ClassVar[Outcome]
    OUTCOME_APPLIED: _ClassVar[Outcome]
    OUTCOME_UNKNOWN: _ClassVar[Outcome]

class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REASON_UNSPECIFIED: _ClassVar[Reason]
    REASON_MALFORMED_MESSAGE: _ClassVar[Reason]
    REASON_UNKNOWN_SYMBOL: _ClassVar[Reason]
    REASON_UNAUTHENTICATED: _ClassVar[Reason]
    REASON_PERMISSION_DENIED: _ClassVar[Reason]
    REASON_VENUE_BUSY: _ClassVar[Reason]
    REASON_TOO_MANY_ITEMS: _ClassVar[Reason]
    REASON_MISSING_FIELD: _ClassVar[Reason]
    REASON_DRAINING: _ClassVar[Reason]
    REASON_SYMBOL_UNAVAILABLE: _ClassVar[Reason]
    REASON_TOO_MANY_SESSIONS: _ClassVar[Reason]
    REASON_SLOW_READER: _ClassVar[Reason]
    REASON_SEQUENCE_NOT_RETAINED: _ClassVar[Reason]
    REASON_UNKNOWN_ACCOUNT: _ClassVar[Reason]
    REASON_INTERNAL: _ClassVar[Reason]
    REASON_SEQUENCE_AHEAD: _ClassVar[Reason]
    REASON_ACCOUNT_EXISTS: _ClassVar[Reason]
    REASON_UNKNOWN_ASSET: _ClassVar[Reason]
    REASON_INVALID_AMOUNT: _ClassVar[Reason]
    REASON_DUPLICATE_DEPOSIT_ID: _ClassVar[Reason]
    REASON_INVALID_FIELD: _ClassVar[Reason]
    REASON_LEDGER_UNAVAILABLE: _ClassVar[Reason]
    REASON_PHASE_FORBIDS: _ClassVar[Reason]
    REASON_ACCOUNT_TABLE_FULL: _ClassVar[Reason]
    REASON_INVALID_SIDE: _ClassVar[Reason]
    REASON_INVALID_ORDER_TYPE: _ClassVar[Reason]
    REASON_INVALID_TIME_IN_FORCE: _ClassVar[Reason]
    REASON_INVALID_COMBINATION: _ClassVar[Reason]
    REASON_INVALID_STP_MODE: _ClassVar[Reason]
    REASON_PRICE_OUT_OF_RANGE: _ClassVar[Reason]
    REASON_QUANTITY_OUT_OF_RANGE: _ClassVar[Reason]
    REASON_MARKET_QUANTITY_OUT_OF_RANGE: _ClassVar[Reason]
    REASON_NOTIONAL_TOO_SMALL: _ClassVar[Reason]
    REASON_TOO_MANY_OPEN_ORDERS: _ClassVar[Reason]
    REASON_REDUCE_ONLY_REJECTED: _ClassVar[Reason]
    REASON_POST_ONLY_WOULD_CROSS: _ClassVar[Reason]
    REASON_DUPLICATE_CLIENT_ORDER_ID: _ClassVar[Reason]
    REASON_BOOK_FULL: _ClassVar[Reason]
    REASON_UNKNOWN_ORDER: _ClassVar[Reason]
    REASON_ORDER_CLOSED: _ClassVar[Reason]
    REASON_NOTHING_TO_AMEND: _ClassVar[Reason]
    REASON_INVALID_CLIENT_ORDER_ID: _ClassVar[Reason]
    REASON_INVALID_PHASE: _ClassVar[Reason]
    REASON_INVALID_INSTRUMENT: _ClassVar[Reason]
    REASON_NOTIONAL_OVERFLOW: _ClassVar[Reason]
    REASON_POSITION_LIMIT: _ClassVar[Reason]
    REASON_USER_REQUEST: _ClassVar[Reason]
    REASON_IOC_REMAINDER: _ClassVar[Reason]
    REASON_FOK_NOT_FILLABLE: _ClassVar[Reason]
    REASON_SELF_TRADE: _ClassVar[Reason]
    REASON_REDUCE_ONLY: _ClassVar[Reason]
    REASON_AMEND_BELOW_FILLED: _ClassVar[Reason]
    REASON_MASS_CANCEL: _ClassVar[Reason]
    REASON_MARKET_REMAINDER: _ClassVar[Reason]
    REASON_FILL_LIMIT: _ClassVar[Reason]
    REASON_OPERATOR: _ClassVar[Reason]
    REASON_GENESIS: _ClassVar[Reason]
SIDE_UNSPECIFIED: Side
SIDE_BUY: Side
SIDE_SELL: Side
ORDER_TYPE_UNSPECIFIED: OrderType
ORDER_TYPE_LIMIT: OrderType
ORDER_TYPE_MARKET: OrderType
TIME_IN_FORCE_UNSPECIFIED: TimeInForce
TIME_IN_FORCE_GTC: TimeInForce
TIME_IN_FORCE_IOC: TimeInForce
TIME_IN_FORCE_FOK: TimeInForce
TIME_IN_FORCE_GTX: TimeInForce
SELF_TRADE_PREVENTION_UNSPECIFIED: SelfTradePrevention
SELF_TRADE_PREVENTION_NONE: SelfTradePrevention
SELF_TRADE_PREVENTION_EXPIRE_TAKER: SelfTradePrevention
SELF_TRADE_PREVENTION_EXPIRE_MAKER: SelfTradePrevention
SELF_TRADE_PREVENTION_EXPIRE_BOTH: SelfTradePrevention
SELF_TRADE_PREVENTION_DECREMENT: SelfTradePrevention
ORDER_STATUS_UNSPECIFIED: OrderStatus
ORDER_STATUS_PENDING_NEW: OrderStatus
ORDER_STATUS_NEW: OrderStatus
ORDER_STATUS_PARTIALLY_FILLED: OrderStatus
ORDER_STATUS_FILLED: OrderStatus
ORDER_STATUS_CANCELED: OrderStatus
ORDER_STATUS_EXPIRED: OrderStatus
ORDER_STATUS_REJECTED: OrderStatus
PHASE_UNSPECIFIED: Phase
PHASE_HALT: Phase
PHASE_CANCEL_ONLY: Phase
PHASE_POST_ONLY: Phase
PHASE_OPEN: Phase
REPORT_KIND_UNSPECIFIED: ReportKind
REPORT_KIND_ACCEPTED: ReportKind
REPORT_KIND_REJECTED: ReportKind
REPORT_KIND_TRADE: ReportKind
REPORT_KIND_RESTED: ReportKind
REPORT_KIND_CANCELED: ReportKind
REPORT_KIND_EXPIRED: ReportKind
REPORT_KIND_AMENDED: ReportKind
REPORT_KIND_REDUCED: ReportKind
REPORT_KIND_CANCEL_ALL_DONE: ReportKind
REPORT_KIND_PHASE_CHANGED: ReportKind
REPORT_KIND_INSTRUMENT_DEFINED: ReportKind
REPORT_KIND_ORDER_STATE: ReportKind
OUTCOME_UNSPECIFIED: Outcome
OUTCOME_NOT_APPLIED: Outcome
OUTCOME_APPLIED: Outcome
OUTCOME_UNKNOWN: Outcome
REASON_UNSPECIFIED: Reason
REASON_MALFORMED_MESSAGE: Reason
REASON_UNKNOWN_SYMBOL: Reason
REASON_UNAUTHENTICATED: Reason
REASON_PERMISSION_DENIED: Reason
REASON_VENUE_BUSY: Reason
REASON_TOO_MANY_ITEMS: Reason
REASON_MISSING_FIELD: Reason
REASON_DRAINING: Reason
REASON_SYMBOL_UNAVAILABLE: Reason
REASON_TOO_MANY_SESSIONS: Reason
REASON_SLOW_READER: Reason
REASON_SEQUENCE_NOT_RETAINED: Reason
REASON_UNKNOWN_ACCOUNT: Reason
REASON_INTERNAL: Reason
REASON_SEQUENCE_AHEAD: Reason
REASON_ACCOUNT_EXISTS: Reason
REASON_UNKNOWN_ASSET: Reason
REASON_INVALID_AMOUNT: Reason
REASON_DUPLICATE_DEPOSIT_ID: Reason
REASON_INVALID_FIELD: Reason
REASON_LEDGER_UNAVAILABLE: Reason
REASON_PHASE_FORBIDS: Reason
REASON_ACCOUNT_TABLE_FULL: Reason
REASON_INVALID_SIDE: Reason
REASON_INVALID_ORDER_TYPE: Reason
REASON_INVALID_TIME_IN_FORCE: Reason
REASON_INVALID_COMBINATION: Reason
REASON_INVALID_STP_MODE: Reason
REASON_PRICE_OUT_OF_RANGE: Reason
REASON_QUANTITY_OUT_OF_RANGE: Reason
REASON_MARKET_QUANTITY_OUT_OF_RANGE: Reason
REASON_NOTIONAL_TOO_SMALL: Reason
REASON_TOO_MANY_OPEN_ORDERS: Reason
REASON_REDUCE_ONLY_REJECTED: Reason
REASON_POST_ONLY_WOULD_CROSS: Reason
REASON_DUPLICATE_CLIENT_ORDER_ID: Reason
REASON_BOOK_FULL: Reason
REASON_UNKNOWN_ORDER: Reason
REASON_ORDER_CLOSED: Reason
REASON_NOTHING_TO_AMEND: Reason
REASON_INVALID_CLIENT_ORDER_ID: Reason
REASON_INVALID_PHASE: Reason
REASON_INVALID_INSTRUMENT: Reason
REASON_NOTIONAL_OVERFLOW: Reason
REASON_POSITION_LIMIT: Reason
REASON_USER_REQUEST: Reason
REASON_IOC_REMAINDER: Reason
REASON_FOK_NOT_FILLABLE: Reason
REASON_SELF_TRADE: Reason
REASON_REDUCE_ONLY: Reason
REASON_AMEND_BELOW_FILLED: Reason
REASON_MASS_CANCEL: Reason
REASON_MARKET_REMAINDER: Reason
REASON_FILL_LIMIT: Reason
REASON_OPERATOR: Reason
REASON_GENESIS: Reason

class Instrument(_message.Message):
    __slots__ = ("symbol", "instrument_id", "tick_size", "lot_size", "settlement_asset", "price_min_ticks", "price_max_ticks", "quantity_min_lots", "quantity_max_lots", "market_quantity_max_lots", "notional_min", "tick_lot_value", "open_orders_max")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_ID_FIELD_NUMBER: _ClassVar[int]
    TICK_SIZE_FIELD_NUMBER: _ClassVar[int]
    LOT_SIZE_FIELD_NUMBER: _ClassVar[int]
    SETTLEMENT_ASSET_FIELD_NUMBER: _ClassVar[int]
    PRICE_MIN_TICKS_FIELD_NUMBER: _ClassVar[int]
    PRICE_MAX_TICKS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_MIN_LOTS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_MAX_LOTS_FIELD_NUMBER: _ClassVar[int]
    MARKET_QUANTITY_MAX_LOTS_FIELD_NUMBER: _ClassVar[int]
    NOTIONAL_MIN_FIELD_NUMBER: _ClassVar[int]
    TICK_LOT_VALUE_FIELD_NUMBER: _ClassVar[int]
    OPEN_ORDERS_MAX_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    instrument_id: int
    tick_size: str
    lot_size: str
    settlement_asset: str
    price_min_ticks: int
    price_max_ticks: int
    quantity_min_lots: int
    quantity_max_lots: int
    market_quantity_max_lots: int
    notional_min: int
    tick_lot_value: int
    open_orders_max: int
    def __init__(self, symbol: _Optional[str] = ..., instrument_id: _Optional[int] = ..., tick_size: _Optional[str] = ..., lot_size: _Optional[str] = ..., settlement_asset: _Optional[str] = ..., price_min_ticks: _Optional[int] = ..., price_max_ticks: _Optional[int] = ..., quantity_min_lots: _Optional[int] = ..., quantity_max_lots: _Optional[int] = ..., market_quantity_max_lots: _Optional[int] = ..., notional_min: _Optional[int] = ..., tick_lot_value: _Optional[int] = ..., open_orders_max: _Optional[int] = ...) -> None: ...

class Order(_message.Message):
    __slots__ = ("symbol", "order_id", "client_order_id", "side", "type", "time_in_force", "status", "reason", "price_ticks", "quantity_lots", "filled_lots", "leaves_lots", "reduce_only", "sequence")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    TIME_IN_FORCE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_LOTS_FIELD_NUMBER: _ClassVar[int]
    FILLED_LOTS_FIELD_NUMBER: _ClassVar[int]
    LEAVES_LOTS_FIELD_NUMBER: _ClassVar[int]
    REDUCE_ONLY_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    order_id: int
    client_order_id: int
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    status: OrderStatus
    reason: Reason
    price_ticks: int
    quantity_lots: int
    filled_lots: int
    leaves_lots: int
    reduce_only: bool
    sequence: int
    def __init__(self, symbol: _Optional[str] = ..., order_id: _Optional[int] = ..., client_order_id: _Optional[int] = ..., side: _Optional[_Union[Side, str]] = ..., type: _Optional[_Union[OrderType, str]] = ..., time_in_force: _Optional[_Union[TimeInForce, str]] = ..., status: _Optional[_Union[OrderStatus, str]] = ..., reason: _Optional[_Union[Reason, str]] = ..., price_ticks: _Optional[int] = ..., quantity_lots: _Optional[int] = ..., filled_lots: _Optional[int] = ..., leaves_lots: _Optional[int] = ..., reduce_only: _Optional[bool] = ..., sequence: _Optional[int] = ...) -> None: ...

class Report(_message.Message):
    __slots__ = ("kind", "symbol", "sequence", "order_id", "client_order_id", "status", "reason", "price_ticks", "quantity_lots", "filled_lots", "leaves_lots", "request_id", "item", "side", "index", "last_price_ticks", "last_quantity_lots", "trade_id", "maker", "engine_time_ns", "gateway_delay_us", "epoch", "duplicate", "position_lots", "type", "time_in_force", "reduce_only", "phase", "account_id")
    KIND_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_LOTS_FIELD_NUMBER: _ClassVar[int]
    FILLED_LOTS_FIELD_NUMBER: _ClassVar[int]
    LEAVES_LOTS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    LAST_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    LAST_QUANTITY_LOTS_FIELD_NUMBER: _ClassVar[int]
    TRADE_ID_FIELD_NUMBER: _ClassVar[int]
    MAKER_FIELD_NUMBER: _ClassVar[int]
    ENGINE_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    GATEWAY_DELAY_US_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DUPLICATE_FIELD_NUMBER: _ClassVar[int]
    POSITION_LOTS_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    TIME_IN_FORCE_FIELD_NUMBER: _ClassVar[int]
    REDUCE_ONLY_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    kind: ReportKind
    symbol: str
    sequence: int
    order_id: int
    client_order_id: int
    status: OrderStatus
    reason: Reason
    price_ticks: int
    quantity_lots: int
    filled_lots: int
    leaves_lots: int
    request_id: int
    item: int
    side: Side
    index: int
    last_price_ticks: int
    last_quantity_lots: int
    trade_id: int
    maker: bool
    engine_time_ns: int
    gateway_delay_us: int
    epoch: int
    duplicate: bool
    position_lots: int
    type: OrderType
    time_in_force: TimeInForce
    reduce_only: bool
    phase: Phase
    account_id: int
    def __init__(self, kind: _Optional[_Union[ReportKind, str]] = ..., symbol: _Optional[str] = ..., sequence: _Optional[int] = ..., order_id: _Optional[int] = ..., client_order_id: _Optional[int] = ..., status: _Optional[_Union[OrderStatus, str]] = ..., reason: _Optional[_Union[Reason, str]] = ..., price_ticks: _Optional[int] = ..., quantity_lots: _Optional[int] = ..., filled_lots: _Optional[int] = ..., leaves_lots: _Optional[int] = ..., request_id: _Optional[int] = ..., item: _Optional[int] = ..., side: _Optional[_Union[Side, str]] = ..., index: _Optional[int] = ..., last_price_ticks: _Optional[int] = ..., last_quantity_lots: _Optional[int] = ..., trade_id: _Optional[int] = ..., maker: _Optional[bool] = ..., engine_time_ns: _Optional[int] = ..., gateway_delay_us: _Optional[int] = ..., epoch: _Optional[int] = ..., duplicate: _Optional[bool] = ..., position_lots: _Optional[int] = ..., type: _Optional[_Union[OrderType, str]] = ..., time_in_force: _Optional[_Union[TimeInForce, str]] = ..., reduce_only: _Optional[bool] = ..., phase: _Optional[_Union[Phase, str]] = ..., account_id: _Optional[int] = ...) -> None: ...

class Refusal(_message.Message):
    __slots__ = ("request_id", "item", "reason", "outcome", "retry_delay_ms", "client_order_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    RETRY_DELAY_MS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: int
    item: int
    reason: Reason
    outcome: Outcome
    retry_delay_ms: int
    client_order_id: int
    def __init__(self, request_id: _Optional[int] = ..., item: _Optional[int] = ..., reason: _Optional[_Union[Reason, str]] = ..., outcome: _Optional[_Union[Outcome, str]] = ..., retry_delay_ms: _Optional[int] = ..., client_order_id: _Optional[int] = ...) -> None: ...

class StreamPosition(_message.Message):
    __slots__ = ("symbol", "sequence")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    sequence: int
    def __init__(self, symbol: _Optional[str] = ..., sequence: _Optional[int] = ...) -> None: ...

class StreamNotice(_message.Message):
    __slots__ = ("kind", "positions")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[StreamNotice.Kind]
        KIND_OPENED: _ClassVar[StreamNotice.Kind]
        KIND_CAUGHT_UP: _ClassVar[StreamNotice.Kind]
        KIND_DRAINING: _ClassVar[StreamNotice.Kind]
        KIND_SLOW_READER: _ClassVar[StreamNotice.Kind]
    KIND_UNSPECIFIED: StreamNotice.Kind
    KIND_OPENED: StreamNotice.Kind
    KIND_CAUGHT_UP: StreamNotice.Kind
    KIND_DRAINING: StreamNotice.Kind
    KIND_SLOW_READER: StreamNotice.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    kind: StreamNotice.Kind
    positions: _containers.RepeatedCompositeFieldContainer[StreamPosition]
    def __init__(self, kind: _Optional[_Union[StreamNotice.Kind, str]] = ..., positions: _Optional[_Iterable[_Union[StreamPosition, _Mapping]]] = ...) -> None: ...

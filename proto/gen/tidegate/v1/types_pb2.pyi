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
    ORDER_TYPE_STOP: _ClassVar[OrderType]
    ORDER_TYPE_STOP_MARKET: _ClassVar[OrderType]
    ORDER_TYPE_TAKE_PROFIT: _ClassVar[OrderType]
    ORDER_TYPE_TAKE_PROFIT_MARKET: _ClassVar[OrderType]
    ORDER_TYPE_TRAILING_STOP: _ClassVar[OrderType]
    ORDER_TYPE_QUOTE: _ClassVar[OrderType]

class TimeInForce(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TIME_IN_FORCE_UNSPECIFIED: _ClassVar[TimeInForce]
    TIME_IN_FORCE_GTC: _ClassVar[TimeInForce]
    TIME_IN_FORCE_IOC: _ClassVar[TimeInForce]
    TIME_IN_FORCE_FOK: _ClassVar[TimeInForce]
    TIME_IN_FORCE_GTX: _ClassVar[TimeInForce]
    TIME_IN_FORCE_GTD: _ClassVar[TimeInForce]
    TIME_IN_FORCE_GTX_SLIDE: _ClassVar[TimeInForce]

class TriggerBy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRIGGER_BY_UNSPECIFIED: _ClassVar[TriggerBy]
    TRIGGER_BY_MARK: _ClassVar[TriggerBy]
    TRIGGER_BY_LAST: _ClassVar[TriggerBy]
    TRIGGER_BY_INDEX: _ClassVar[TriggerBy]

class PositionSide(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POSITION_SIDE_UNSPECIFIED: _ClassVar[PositionSide]
    POSITION_SIDE_LONG: _ClassVar[PositionSide]
    POSITION_SIDE_SHORT: _ClassVar[PositionSide]

class PositionMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POSITION_MODE_UNSPECIFIED: _ClassVar[PositionMode]
    POSITION_MODE_ONE_WAY: _ClassVar[PositionMode]
    POSITION_MODE_HEDGE: _ClassVar[PositionMode]

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
    ORDER_STATUS_UNTRIGGERED: _ClassVar[OrderStatus]
    ORDER_STATUS_TRIGGERED: _ClassVar[OrderStatus]

class Phase(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PHASE_UNSPECIFIED: _ClassVar[Phase]
    PHASE_HALT: _ClassVar[Phase]
    PHASE_CANCEL_ONLY: _ClassVar[Phase]
    PHASE_POST_ONLY: _ClassVar[Phase]
    PHASE_OPEN: _ClassVar[Phase]
    PHASE_AUCTION: _ClassVar[Phase]
    PHASE_REDUCE_ONLY: _ClassVar[Phase]
    PHASE_SETTLEMENT: _ClassVar[Phase]

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
    REPORT_KIND_QUOTED: _ClassVar[ReportKind]
    REPORT_KIND_TRIGGERED: _ClassVar[ReportKind]
    REPORT_KIND_TRAILING_ACTIVATED: _ClassVar[ReportKind]
    REPORT_KIND_PROTECTION: _ClassVar[ReportKind]
    REPORT_KIND_COUNTDOWN_SET: _ClassVar[ReportKind]
    REPORT_KIND_POSITION_MODE_SET: _ClassVar[ReportKind]
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
    REASON_RATE_LIMITED: _ClassVar[Reason]
    REASON_ORDER_TO_TRADE: _ClassVar[Reason]
    REASON_TOO_MANY_CONNECTIONS: _ClassVar[Reason]
    REASON_DELISTED: _ClassVar[Reason]
    REASON_HISTORY_UNAVAILABLE: _ClassVar[Reason]
    REASON_LISTING_REFUSED: _ClassVar[Reason]
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
    REASON_INVALID_TRIGGER: _ClassVar[Reason]
    REASON_IMMEDIATE_TRIGGER: _ClassVar[Reason]
    REASON_TOO_MANY_TRIGGER_ORDERS: _ClassVar[Reason]
    REASON_INVALID_EXPIRY: _ClassVar[Reason]
    REASON_INVALID_DISPLAY: _ClassVar[Reason]
    REASON_PRICE_BAND: _ClassVar[Reason]
    REASON_NO_REFERENCE_PRICE: _ClassVar[Reason]
    REASON_INVALID_POSITION_SIDE: _ClassVar[Reason]
    REASON_POSITION_NOT_FLAT: _ClassVar[Reason]
    REASON_ORDERS_OPEN: _ClassVar[Reason]
    REASON_INVALID_GROUP: _ClassVar[Reason]
    REASON_PROTECTION_FROZEN: _ClassVar[Reason]
    REASON_QUOTE_CROSSED: _ClassVar[Reason]
    REASON_CANCEL_FAILED: _ClassVar[Reason]
    REASON_NOT_AMENDABLE: _ClassVar[Reason]
    REASON_INVALID_SCOPE: _ClassVar[Reason]
    REASON_INVALID_COUNTDOWN: _ClassVar[Reason]
    REASON_INVALID_PRICE: _ClassVar[Reason]
    REASON_INVALID_POSITION_MODE: _ClassVar[Reason]
    REASON_TOO_MANY_REDUCE_ONLY: _ClassVar[Reason]
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
    REASON_REPLACED: _ClassVar[Reason]
    REASON_EXPIRY: _ClassVar[Reason]
    REASON_COUNTDOWN: _ClassVar[Reason]
    REASON_DISCONNECT: _ClassVar[Reason]
    REASON_MARKET_MAKER_PROTECTION: _ClassVar[Reason]
    REASON_PRICE_BAND_REACHED: _ClassVar[Reason]
    REASON_SETTLEMENT: _ClassVar[Reason]
    REASON_PHASE_ENDED: _ClassVar[Reason]
SIDE_UNSPECIFIED: Side
SIDE_BUY: Side
SIDE_SELL: Side
ORDER_TYPE_UNSPECIFIED: OrderType
ORDER_TYPE_LIMIT: OrderType
ORDER_TYPE_MARKET: OrderType
ORDER_TYPE_STOP: OrderType
ORDER_TYPE_STOP_MARKET: OrderType
ORDER_TYPE_TAKE_PROFIT: OrderType
ORDER_TYPE_TAKE_PROFIT_MARKET: OrderType
ORDER_TYPE_TRAILING_STOP: OrderType
ORDER_TYPE_QUOTE: OrderType
TIME_IN_FORCE_UNSPECIFIED: TimeInForce
TIME_IN_FORCE_GTC: TimeInForce
TIME_IN_FORCE_IOC: TimeInForce
TIME_IN_FORCE_FOK: TimeInForce
TIME_IN_FORCE_GTX: TimeInForce
TIME_IN_FORCE_GTD: TimeInForce
TIME_IN_FORCE_GTX_SLIDE: TimeInForce
TRIGGER_BY_UNSPECIFIED: TriggerBy
TRIGGER_BY_MARK: TriggerBy
TRIGGER_BY_LAST: TriggerBy
TRIGGER_BY_INDEX: TriggerBy
POSITION_SIDE_UNSPECIFIED: PositionSide
POSITION_SIDE_LONG: PositionSide
POSITION_SIDE_SHORT: PositionSide
POSITION_MODE_UNSPECIFIED: PositionMode
POSITION_MODE_ONE_WAY: PositionMode
POSITION_MODE_HEDGE: PositionMode
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
ORDER_STATUS_UNTRIGGERED: OrderStatus
ORDER_STATUS_TRIGGERED: OrderStatus
PHASE_UNSPECIFIED: Phase
PHASE_HALT: Phase
PHASE_CANCEL_ONLY: Phase
PHASE_POST_ONLY: Phase
PHASE_OPEN: Phase
PHASE_AUCTION: Phase
PHASE_REDUCE_ONLY: Phase
PHASE_SETTLEMENT: Phase
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
REPORT_KIND_QUOTED: ReportKind
REPORT_KIND_TRIGGERED: ReportKind
REPORT_KIND_TRAILING_ACTIVATED: ReportKind
REPORT_KIND_PROTECTION: ReportKind
REPORT_KIND_COUNTDOWN_SET: ReportKind
REPORT_KIND_POSITION_MODE_SET: ReportKind
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
REASON_RATE_LIMITED: Reason
REASON_ORDER_TO_TRADE: Reason
REASON_TOO_MANY_CONNECTIONS: Reason
REASON_DELISTED: Reason
REASON_HISTORY_UNAVAILABLE: Reason
REASON_LISTING_REFUSED: Reason
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
REASON_INVALID_TRIGGER: Reason
REASON_IMMEDIATE_TRIGGER: Reason
REASON_TOO_MANY_TRIGGER_ORDERS: Reason
REASON_INVALID_EXPIRY: Reason
REASON_INVALID_DISPLAY: Reason
REASON_PRICE_BAND: Reason
REASON_NO_REFERENCE_PRICE: Reason
REASON_INVALID_POSITION_SIDE: Reason
REASON_POSITION_NOT_FLAT: Reason
REASON_ORDERS_OPEN: Reason
REASON_INVALID_GROUP: Reason
REASON_PROTECTION_FROZEN: Reason
REASON_QUOTE_CROSSED: Reason
REASON_CANCEL_FAILED: Reason
REASON_NOT_AMENDABLE: Reason
REASON_INVALID_SCOPE: Reason
REASON_INVALID_COUNTDOWN: Reason
REASON_INVALID_PRICE: Reason
REASON_INVALID_POSITION_MODE: Reason
REASON_TOO_MANY_REDUCE_ONLY: Reason
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
REASON_REPLACED: Reason
REASON_EXPIRY: Reason
REASON_COUNTDOWN: Reason
REASON_DISCONNECT: Reason
REASON_MARKET_MAKER_PROTECTION: Reason
REASON_PRICE_BAND_REACHED: Reason
REASON_SETTLEMENT: Reason
REASON_PHASE_ENDED: Reason

class Instrument(_message.Message):
    __slots__ = ("symbol", "instrument_id", "tick_size", "lot_size", "settlement_asset", "price_min_ticks", "price_max_ticks", "quantity_min_lots", "quantity_max_lots", "market_quantity_max_lots", "notional_min", "tick_lot_value", "open_orders_max", "trigger_orders_max", "position_max_lots", "band_up_bps", "band_down_bps", "definition_sequence", "delisted")
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
    TRIGGER_ORDERS_MAX_FIELD_NUMBER: _ClassVar[int]
    POSITION_MAX_LOTS_FIELD_NUMBER: _ClassVar[int]
    BAND_UP_BPS_FIELD_NUMBER: _ClassVar[int]
    BAND_DOWN_BPS_FIELD_NUMBER: _ClassVar[int]
    DEFINITION_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    DELISTED_FIELD_NUMBER: _ClassVar[int]
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
    trigger_orders_max: int
    position_max_lots: int
    band_up_bps: int
    band_down_bps: int
    definition_sequence: int
    delisted: bool
    def __init__(self, symbol: _Optional[str] = ..., instrument_id: _Optional[int] = ..., tick_size: _Optional[str] = ..., lot_size: _Optional[str] = ..., settlement_asset: _Optional[str] = ..., price_min_ticks: _Optional[int] = ..., price_max_ticks: _Optional[int] = ..., quantity_min_lots: _Optional[int] = ..., quantity_max_lots: _Optional[int] = ..., market_quantity_max_lots: _Optional[int] = ..., notional_min: _Optional[int] = ..., tick_lot_value: _Optional[int] = ..., open_orders_max: _Optional[int] = ..., trigger_orders_max: _Optional[int] = ..., position_max_lots: _Optional[int] = ..., band_up_bps: _Optional[int] = ..., band_down_bps: _Optional[int] = ..., definition_sequence: _Optional[int] = ..., delisted: _Optional[bool] = ...) -> None: ...

class Order(_message.Message):
    __slots__ = ("symbol", "order_id", "client_order_id", "side", "type", "time_in_force", "status", "reason", "price_ticks", "quantity_lots", "filled_lots", "leaves_lots", "reduce_only", "sequence", "self_trade_prevention", "self_trade_group", "trigger", "expire_time_ns", "display_lots", "position_side", "protection_group", "created_time_ns", "updated_time_ns")
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
    SELF_TRADE_PREVENTION_FIELD_NUMBER: _ClassVar[int]
    SELF_TRADE_GROUP_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_LOTS_FIELD_NUMBER: _ClassVar[int]
    POSITION_SIDE_FIELD_NUMBER: _ClassVar[int]
    PROTECTION_GROUP_FIELD_NUMBER: _ClassVar[int]
    CREATED_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    UPDATED_TIME_NS_FIELD_NUMBER: _ClassVar[int]
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
    self_trade_prevention: SelfTradePrevention
    self_trade_group: int
    trigger: Trigger
    expire_time_ns: int
    display_lots: int
    position_side: PositionSide
    protection_group: int
    created_time_ns: int
    updated_time_ns: int
    def __init__(self, symbol: _Optional[str] = ..., order_id: _Optional[int] = ..., client_order_id: _Optional[int] = ..., side: _Optional[_Union[Side, str]] = ..., type: _Optional[_Union[OrderType, str]] = ..., time_in_force: _Optional[_Union[TimeInForce, str]] = ..., status: _Optional[_Union[OrderStatus, str]] = ..., reason: _Optional[_Union[Reason, str]] = ..., price_ticks: _Optional[int] = ..., quantity_lots: _Optional[int] = ..., filled_lots: _Optional[int] = ..., leaves_lots: _Optional[int] = ..., reduce_only: _Optional[bool] = ..., sequence: _Optional[int] = ..., self_trade_prevention: _Optional[_Union[SelfTradePrevention, str]] = ..., self_trade_group: _Optional[int] = ..., trigger: _Optional[_Union[Trigger, _Mapping]] = ..., expire_time_ns: _Optional[int] = ..., display_lots: _Optional[int] = ..., position_side: _Optional[_Union[PositionSide, str]] = ..., protection_group: _Optional[int] = ..., created_time_ns: _Optional[int] = ..., updated_time_ns: _Optional[int] = ...) -> None: ...

class Trigger(_message.Message):
    __slots__ = ("price_ticks", "by", "callback_bps", "activation_price_ticks", "close_position")
    PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    CALLBACK_BPS_FIELD_NUMBER: _ClassVar[int]
    ACTIVATION_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    CLOSE_POSITION_FIELD_NUMBER: _ClassVar[int]
    price_ticks: int
    by: TriggerBy
    callback_bps: int
    activation_price_ticks: int
    close_position: bool
    def __init__(self, price_ticks: _Optional[int] = ..., by: _Optional[_Union[TriggerBy, str]] = ..., callback_bps: _Optional[int] = ..., activation_price_ticks: _Optional[int] = ..., close_position: _Optional[bool] = ...) -> None: ...

class QuoteState(_message.Message):
    __slots__ = ("bid_order_id", "bid_price_ticks", "bid_leaves_lots", "ask_order_id", "ask_price_ticks", "ask_leaves_lots")
    BID_ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    BID_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    BID_LEAVES_LOTS_FIELD_NUMBER: _ClassVar[int]
    ASK_ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    ASK_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    ASK_LEAVES_LOTS_FIELD_NUMBER: _ClassVar[int]
    bid_order_id: int
    bid_price_ticks: int
    bid_leaves_lots: int
    ask_order_id: int
    ask_price_ticks: int
    ask_leaves_lots: int
    def __init__(self, bid_order_id: _Optional[int] = ..., bid_price_ticks: _Optional[int] = ..., bid_leaves_lots: _Optional[int] = ..., ask_order_id: _Optional[int] = ..., ask_price_ticks: _Optional[int] = ..., ask_leaves_lots: _Optional[int] = ...) -> None: ...

class Protection(_message.Message):
    __slots__ = ("window_ms", "fills_limit", "fills", "quantity_lots", "notional")
    WINDOW_MS_FIELD_NUMBER: _ClassVar[int]
    FILLS_LIMIT_FIELD_NUMBER: _ClassVar[int]
    FILLS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_LOTS_FIELD_NUMBER: _ClassVar[int]
    NOTIONAL_FIELD_NUMBER: _ClassVar[int]
    window_ms: int
    fills_limit: int
    fills: int
    quantity_lots: int
    notional: int
    def __init__(self, window_ms: _Optional[int] = ..., fills_limit: _Optional[int] = ..., fills: _Optional[int] = ..., quantity_lots: _Optional[int] = ..., notional: _Optional[int] = ...) -> None: ...

class LimitState(_message.Message):
    __slots__ = ("orders_second", "orders_second_max", "orders_ten_seconds", "orders_ten_seconds_max", "cancels_second", "cancels_second_max", "messages_second", "messages_second_max", "order_to_trade_percent", "order_to_trade_percent_max")
    ORDERS_SECOND_FIELD_NUMBER: _ClassVar[int]
    ORDERS_SECOND_MAX_FIELD_NUMBER: _ClassVar[int]
    ORDERS_TEN_SECONDS_FIELD_NUMBER: _ClassVar[int]
    ORDERS_TEN_SECONDS_MAX_FIELD_NUMBER: _ClassVar[int]
    CANCELS_SECOND_FIELD_NUMBER: _ClassVar[int]
    CANCELS_SECOND_MAX_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_SECOND_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_SECOND_MAX_FIELD_NUMBER: _ClassVar[int]
    ORDER_TO_TRADE_PERCENT_FIELD_NUMBER: _ClassVar[int]
    ORDER_TO_TRADE_PERCENT_MAX_FIELD_NUMBER: _ClassVar[int]
    orders_second: int
    orders_second_max: int
    orders_ten_seconds: int
    orders_ten_seconds_max: int
    cancels_second: int
    cancels_second_max: int
    messages_second: int
    messages_second_max: int
    order_to_trade_percent: int
    order_to_trade_percent_max: int
    def __init__(self, orders_second: _Optional[int] = ..., orders_second_max: _Optional[int] = ..., orders_ten_seconds: _Optional[int] = ..., orders_ten_seconds_max: _Optional[int] = ..., cancels_second: _Optional[int] = ..., cancels_second_max: _Optional[int] = ..., messages_second: _Optional[int] = ..., messages_second_max: _Optional[int] = ..., order_to_trade_percent: _Optional[int] = ..., order_to_trade_percent_max: _Optional[int] = ...) -> None: ...

class Report(_message.Message):
    __slots__ = ("kind", "symbol", "sequence", "order_id", "client_order_id", "status", "reason", "price_ticks", "quantity_lots", "filled_lots", "leaves_lots", "request_id", "item", "side", "index", "last_price_ticks", "last_quantity_lots", "trade_id", "maker", "engine_time_ns", "gateway_delay_us", "epoch", "duplicate", "position_lots", "type", "time_in_force", "reduce_only", "phase", "account_id", "trigger", "expire_time_ns", "display_lots", "position_side", "protection_group", "previous_price_ticks", "previous_leaves_lots", "quote", "protection", "position_mode", "countdown_ms", "self_trade_prevention", "self_trade_group", "liquidation", "more")
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
    TRIGGER_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_LOTS_FIELD_NUMBER: _ClassVar[int]
    POSITION_SIDE_FIELD_NUMBER: _ClassVar[int]
    PROTECTION_GROUP_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_LEAVES_LOTS_FIELD_NUMBER: _ClassVar[int]
    QUOTE_FIELD_NUMBER: _ClassVar[int]
    PROTECTION_FIELD_NUMBER: _ClassVar[int]
    POSITION_MODE_FIELD_NUMBER: _ClassVar[int]
    COUNTDOWN_MS_FIELD_NUMBER: _ClassVar[int]
    SELF_TRADE_PREVENTION_FIELD_NUMBER: _ClassVar[int]
    SELF_TRADE_GROUP_FIELD_NUMBER: _ClassVar[int]
    LIQUIDATION_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
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
    trigger: Trigger
    expire_time_ns: int
    display_lots: int
    position_side: PositionSide
    protection_group: int
    previous_price_ticks: int
    previous_leaves_lots: int
    quote: QuoteState
    protection: Protection
    position_mode: PositionMode
    countdown_ms: int
    self_trade_prevention: SelfTradePrevention
    self_trade_group: int
    liquidation: bool
    more: bool
    def __init__(self, kind: _Optional[_Union[ReportKind, str]] = ..., symbol: _Optional[str] = ..., sequence: _Optional[int] = ..., order_id: _Optional[int] = ..., client_order_id: _Optional[int] = ..., status: _Optional[_Union[OrderStatus, str]] = ..., reason: _Optional[_Union[Reason, str]] = ..., price_ticks: _Optional[int] = ..., quantity_lots: _Optional[int] = ..., filled_lots: _Optional[int] = ..., leaves_lots: _Optional[int] = ..., request_id: _Optional[int] = ..., item: _Optional[int] = ..., side: _Optional[_Union[Side, str]] = ..., index: _Optional[int] = ..., last_price_ticks: _Optional[int] = ..., last_quantity_lots: _Optional[int] = ..., trade_id: _Optional[int] = ..., maker: _Optional[bool] = ..., engine_time_ns: _Optional[int] = ..., gateway_delay_us: _Optional[int] = ..., epoch: _Optional[int] = ..., duplicate: _Optional[bool] = ..., position_lots: _Optional[int] = ..., type: _Optional[_Union[OrderType, str]] = ..., time_in_force: _Optional[_Union[TimeInForce, str]] = ..., reduce_only: _Optional[bool] = ..., phase: _Optional[_Union[Phase, str]] = ..., account_id: _Optional[int] = ..., trigger: _Optional[_Union[Trigger, _Mapping]] = ..., expire_time_ns: _Optional[int] = ..., display_lots: _Optional[int] = ..., position_side: _Optional[_Union[PositionSide, str]] = ..., protection_group: _Optional[int] = ..., previous_price_ticks: _Optional[int] = ..., previous_leaves_lots: _Optional[int] = ..., quote: _Optional[_Union[QuoteState, _Mapping]] = ..., protection: _Optional[_Union[Protection, _Mapping]] = ..., position_mode: _Optional[_Union[PositionMode, str]] = ..., countdown_ms: _Optional[int] = ..., self_trade_prevention: _Optional[_Union[SelfTradePrevention, str]] = ..., self_trade_group: _Optional[int] = ..., liquidation: _Optional[bool] = ..., more: _Optional[bool] = ...) -> None: ...

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
        KIND_SYMBOL_ADDED: _ClassVar[StreamNotice.Kind]
        KIND_SYMBOL_REMOVED: _ClassVar[StreamNotice.Kind]
    KIND_UNSPECIFIED: StreamNotice.Kind
    KIND_OPENED: StreamNotice.Kind
    KIND_CAUGHT_UP: StreamNotice.Kind
    KIND_DRAINING: StreamNotice.Kind
    KIND_SLOW_READER: StreamNotice.Kind
    KIND_SYMBOL_ADDED: StreamNotice.Kind
    KIND_SYMBOL_REMOVED: StreamNotice.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    kind: StreamNotice.Kind
    positions: _containers.RepeatedCompositeFieldContainer[StreamPosition]
    def __init__(self, kind: _Optional[_Union[StreamNotice.Kind, str]] = ..., positions: _Optional[_Iterable[_Union[StreamPosition, _Mapping]]] = ...) -> None: ...

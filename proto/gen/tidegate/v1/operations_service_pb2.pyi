from tidegate.v1 import account_service_pb2 as _account_service_pb2
from tidegate.v1 import types_pb2 as _types_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ApiKeyKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    API_KEY_KIND_UNSPECIFIED: _ClassVar[ApiKeyKind]
    API_KEY_KIND_TRADING: _ClassVar[ApiKeyKind]
    API_KEY_KIND_READ_ONLY: _ClassVar[ApiKeyKind]
    API_KEY_KIND_DROP_COPY: _ClassVar[ApiKeyKind]
API_KEY_KIND_UNSPECIFIED: ApiKeyKind
API_KEY_KIND_TRADING: ApiKeyKind
API_KEY_KIND_READ_ONLY: ApiKeyKind
API_KEY_KIND_DROP_COPY: ApiKeyKind

class ListInstrumentStatesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListInstrumentStatesResponse(_message.Message):
    __slots__ = ("instruments",)
    INSTRUMENTS_FIELD_NUMBER: _ClassVar[int]
    instruments: _containers.RepeatedCompositeFieldContainer[InstrumentState]
    def __init__(self, instruments: _Optional[_Iterable[_Union[InstrumentState, _Mapping]]] = ...) -> None: ...

class InstrumentState(_message.Message):
    __slots__ = ("instrument", "phase")
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    instrument: _types_pb2.Instrument
    phase: _types_pb2.Phase
    def __init__(self, instrument: _Optional[_Union[_types_pb2.Instrument, _Mapping]] = ..., phase: _Optional[_Union[_types_pb2.Phase, str]] = ...) -> None: ...

class CreateAccountRequest(_message.Message):
    __slots__ = ("name", "tier")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    name: str
    tier: str
    def __init__(self, name: _Optional[str] = ..., tier: _Optional[str] = ...) -> None: ...

class CreateAccountResponse(_message.Message):
    __slots__ = ("account_id", "api_key")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    api_key: str
    def __init__(self, account_id: _Optional[int] = ..., api_key: _Optional[str] = ...) -> None: ...

class CreateApiKeyRequest(_message.Message):
    __slots__ = ("account_ids", "kind")
    ACCOUNT_IDS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    account_ids: _containers.RepeatedScalarFieldContainer[int]
    kind: ApiKeyKind
    def __init__(self, account_ids: _Optional[_Iterable[int]] = ..., kind: _Optional[_Union[ApiKeyKind, str]] = ...) -> None: ...

class CreateApiKeyResponse(_message.Message):
    __slots__ = ("api_key", "key_id")
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    api_key: str
    key_id: str
    def __init__(self, api_key: _Optional[str] = ..., key_id: _Optional[str] = ...) -> None: ...

class RevokeApiKeyRequest(_message.Message):
    __slots__ = ("key_id",)
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    key_id: str
    def __init__(self, key_id: _Optional[str] = ...) -> None: ...

class RevokeApiKeyResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SetAccountTierRequest(_message.Message):
    __slots__ = ("account_id", "tier")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    tier: str
    def __init__(self, account_id: _Optional[int] = ..., tier: _Optional[str] = ...) -> None: ...

class SetAccountTierResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SetSelfTradeGroupRequest(_message.Message):
    __slots__ = ("account_id", "self_trade_group")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    SELF_TRADE_GROUP_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    self_trade_group: int
    def __init__(self, account_id: _Optional[int] = ..., self_trade_group: _Optional[int] = ...) -> None: ...

class SetSelfTradeGroupResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SetPricesRequest(_message.Message):
    __slots__ = ("symbol", "mark_price_ticks", "index_price_ticks", "funding_rate", "next_funding_time_ns")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    MARK_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    INDEX_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    FUNDING_RATE_FIELD_NUMBER: _ClassVar[int]
    NEXT_FUNDING_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    mark_price_ticks: int
    index_price_ticks: int
    funding_rate: int
    next_funding_time_ns: int
    def __init__(self, symbol: _Optional[str] = ..., mark_price_ticks: _Optional[int] = ..., index_price_ticks: _Optional[int] = ..., funding_rate: _Optional[int] = ..., next_funding_time_ns: _Optional[int] = ...) -> None: ...

class SetPricesResponse(_message.Message):
    __slots__ = ("sequence",)
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    def __init__(self, sequence: _Optional[int] = ...) -> None: ...

class ListInstrumentRequest(_message.Message):
    __slots__ = ("instrument", "initial_phase")
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    INITIAL_PHASE_FIELD_NUMBER: _ClassVar[int]
    instrument: _types_pb2.Instrument
    initial_phase: _types_pb2.Phase
    def __init__(self, instrument: _Optional[_Union[_types_pb2.Instrument, _Mapping]] = ..., initial_phase: _Optional[_Union[_types_pb2.Phase, str]] = ...) -> None: ...

class ListInstrumentResponse(_message.Message):
    __slots__ = ("instrument",)
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    instrument: _types_pb2.Instrument
    def __init__(self, instrument: _Optional[_Union[_types_pb2.Instrument, _Mapping]] = ...) -> None: ...

class ChangeInstrumentRequest(_message.Message):
    __slots__ = ("instrument",)
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    instrument: _types_pb2.Instrument
    def __init__(self, instrument: _Optional[_Union[_types_pb2.Instrument, _Mapping]] = ...) -> None: ...

class ChangeInstrumentResponse(_message.Message):
    __slots__ = ("instrument",)
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    instrument: _types_pb2.Instrument
    def __init__(self, instrument: _Optional[_Union[_types_pb2.Instrument, _Mapping]] = ...) -> None: ...

class DelistInstrumentRequest(_message.Message):
    __slots__ = ("symbol",)
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    def __init__(self, symbol: _Optional[str] = ...) -> None: ...

class DelistInstrumentResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CancelEverythingRequest(_message.Message):
    __slots__ = ("symbol",)
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    def __init__(self, symbol: _Optional[str] = ...) -> None: ...

class CancelEverythingResponse(_message.Message):
    __slots__ = ("canceled", "sequence")
    CANCELED_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    canceled: int
    sequence: int
    def __init__(self, canceled: _Optional[int] = ..., sequence: _Optional[int] = ...) -> None: ...

class ListAccountsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAccountsResponse(_message.Message):
    __slots__ = ("accounts", "next_page_token")
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    accounts: _containers.RepeatedCompositeFieldContainer[Account]
    next_page_token: str
    def __init__(self, accounts: _Optional[_Iterable[_Union[Account, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class Account(_message.Message):
    __slots__ = ("account_id", "name", "balances")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    BALANCES_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    name: str
    balances: _containers.RepeatedCompositeFieldContainer[_account_service_pb2.Balance]
    def __init__(self, account_id: _Optional[int] = ..., name: _Optional[str] = ..., balances: _Optional[_Iterable[_Union[_account_service_pb2.Balance, _Mapping]]] = ...) -> None: ...

class DepositRequest(_message.Message):
    __slots__ = ("account_id", "asset", "amount", "deposit_id")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ASSET_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    DEPOSIT_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    asset: str
    amount: int
    deposit_id: str
    def __init__(self, account_id: _Optional[int] = ..., asset: _Optional[str] = ..., amount: _Optional[int] = ..., deposit_id: _Optional[str] = ...) -> None: ...

class DepositResponse(_message.Message):
    __slots__ = ("entry_id", "balance", "duplicate")
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    DUPLICATE_FIELD_NUMBER: _ClassVar[int]
    entry_id: int
    balance: int
    duplicate: bool
    def __init__(self, entry_id: _Optional[int] = ..., balance: _Optional[int] = ..., duplicate: _Optional[bool] = ...) -> None: ...

class SetPhaseRequest(_message.Message):
    __slots__ = ("symbol", "phase")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    phase: _types_pb2.Phase
    def __init__(self, symbol: _Optional[str] = ..., phase: _Optional[_Union[_types_pb2.Phase, str]] = ...) -> None: ...

class SetPhaseResponse(_message.Message):
    __slots__ = ("sequence", "phase")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    phase: _types_pb2.Phase
    def __init__(self, sequence: _Optional[int] = ..., phase: _Optional[_Union[_types_pb2.Phase, str]] = ...) -> None: ...

class GetStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetStatusResponse(_message.Message):
    __slots__ = ("processes", "shards", "version")
    PROCESSES_FIELD_NUMBER: _ClassVar[int]
    SHARDS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    processes: _containers.RepeatedCompositeFieldContainer[ProcessStatus]
    shards: _containers.RepeatedCompositeFieldContainer[ShardStatus]
    version: str
    def __init__(self, processes: _Optional[_Iterable[_Union[ProcessStatus, _Mapping]]] = ..., shards: _Optional[_Iterable[_Union[ShardStatus, _Mapping]]] = ..., version: _Optional[str] = ...) -> None: ...

class ProcessStatus(_message.Message):
    __slots__ = ("name", "pid", "restarts", "uptime_seconds", "state")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PID_FIELD_NUMBER: _ClassVar[int]
    RESTARTS_FIELD_NUMBER: _ClassVar[int]
    UPTIME_SECONDS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    name: str
    pid: int
    restarts: int
    uptime_seconds: float
    state: str
    def __init__(self, name: _Optional[str] = ..., pid: _Optional[int] = ..., restarts: _Optional[int] = ..., uptime_seconds: _Optional[float] = ..., state: _Optional[str] = ...) -> None: ...

class ShardStatus(_message.Message):
    __slots__ = ("symbol", "phase", "epoch", "sequence", "queue_depth", "queue_capacity", "commands_per_second", "open_orders", "best_bid_ticks", "best_ask_ticks", "commit_p50_us", "commit_p99_us", "batch_p50_us", "batch_p99_us", "snapshot_sequence", "state", "mark_price_ticks", "index_price_ticks", "trigger_orders")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    QUEUE_DEPTH_FIELD_NUMBER: _ClassVar[int]
    QUEUE_CAPACITY_FIELD_NUMBER: _ClassVar[int]
    COMMANDS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    OPEN_ORDERS_FIELD_NUMBER: _ClassVar[int]
    BEST_BID_TICKS_FIELD_NUMBER: _ClassVar[int]
    BEST_ASK_TICKS_FIELD_NUMBER: _ClassVar[int]
    COMMIT_P50_US_FIELD_NUMBER: _ClassVar[int]
    COMMIT_P99_US_FIELD_NUMBER: _ClassVar[int]
    BATCH_P50_US_FIELD_NUMBER: _ClassVar[int]
    BATCH_P99_US_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    MARK_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    INDEX_PRICE_TICKS_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_ORDERS_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    phase: _types_pb2.Phase
    epoch: int
    sequence: int
    queue_depth: int
    queue_capacity: int
    commands_per_second: float
    open_orders: int
    best_bid_ticks: int
    best_ask_ticks: int
    commit_p50_us: int
    commit_p99_us: int
    batch_p50_us: int
    batch_p99_us: int
    snapshot_sequence: int
    state: str
    mark_price_ticks: int
    index_price_ticks: int
    trigger_orders: int
    def __init__(self, symbol: _Optional[str] = ..., phase: _Optional[_Union[_types_pb2.Phase, str]] = ..., epoch: _Optional[int] = ..., sequence: _Optional[int] = ..., queue_depth: _Optional[int] = ..., queue_capacity: _Optional[int] = ..., commands_per_second: _Optional[float] = ..., open_orders: _Optional[int] = ..., best_bid_ticks: _Optional[int] = ..., best_ask_ticks: _Optional[int] = ..., commit_p50_us: _Optional[int] = ..., commit_p99_us: _Optional[int] = ..., batch_p50_us: _Optional[int] = ..., batch_p99_us: _Optional[int] = ..., snapshot_sequence: _Optional[int] = ..., state: _Optional[str] = ..., mark_price_ticks: _Optional[int] = ..., index_price_ticks: _Optional[int] = ..., trigger_orders: _Optional[int] = ...) -> None: ...

from tidegate.v1 import account_service_pb2 as _account_service_pb2
from tidegate.v1 import operations_service_pb2 as _operations_service_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LedgerServiceCreateAccountRequest(_message.Message):
    __slots__ = ("request",)
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    request: _operations_service_pb2.CreateAccountRequest
    def __init__(self, request: _Optional[_Union[_operations_service_pb2.CreateAccountRequest, _Mapping]] = ...) -> None: ...

class LedgerServiceCreateAccountResponse(_message.Message):
    __slots__ = ("response",)
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    response: _operations_service_pb2.CreateAccountResponse
    def __init__(self, response: _Optional[_Union[_operations_service_pb2.CreateAccountResponse, _Mapping]] = ...) -> None: ...

class LedgerServiceListAccountsRequest(_message.Message):
    __slots__ = ("request",)
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    request: _operations_service_pb2.ListAccountsRequest
    def __init__(self, request: _Optional[_Union[_operations_service_pb2.ListAccountsRequest, _Mapping]] = ...) -> None: ...

class LedgerServiceListAccountsResponse(_message.Message):
    __slots__ = ("response",)
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    response: _operations_service_pb2.ListAccountsResponse
    def __init__(self, response: _Optional[_Union[_operations_service_pb2.ListAccountsResponse, _Mapping]] = ...) -> None: ...

class LedgerServiceDepositRequest(_message.Message):
    __slots__ = ("request",)
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    request: _operations_service_pb2.DepositRequest
    def __init__(self, request: _Optional[_Union[_operations_service_pb2.DepositRequest, _Mapping]] = ...) -> None: ...

class LedgerServiceDepositResponse(_message.Message):
    __slots__ = ("response",)
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    response: _operations_service_pb2.DepositResponse
    def __init__(self, response: _Optional[_Union[_operations_service_pb2.DepositResponse, _Mapping]] = ...) -> None: ...

class LedgerServiceGetBalancesRequest(_message.Message):
    __slots__ = ("account_id",)
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    def __init__(self, account_id: _Optional[int] = ...) -> None: ...

class LedgerServiceGetBalancesResponse(_message.Message):
    __slots__ = ("balances",)
    BALANCES_FIELD_NUMBER: _ClassVar[int]
    balances: _containers.RepeatedCompositeFieldContainer[_account_service_pb2.Balance]
    def __init__(self, balances: _Optional[_Iterable[_Union[_account_service_pb2.Balance, _Mapping]]] = ...) -> None: ...

class LedgerServiceCreateApiKeyRequest(_message.Message):
    __slots__ = ("request",)
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    request: _operations_service_pb2.CreateApiKeyRequest
    def __init__(self, request: _Optional[_Union[_operations_service_pb2.CreateApiKeyRequest, _Mapping]] = ...) -> None: ...

class LedgerServiceCreateApiKeyResponse(_message.Message):
    __slots__ = ("response",)
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    response: _operations_service_pb2.CreateApiKeyResponse
    def __init__(self, response: _Optional[_Union[_operations_service_pb2.CreateApiKeyResponse, _Mapping]] = ...) -> None: ...

class LedgerServiceRevokeApiKeyRequest(_message.Message):
    __slots__ = ("request",)
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    request: _operations_service_pb2.RevokeApiKeyRequest
    def __init__(self, request: _Optional[_Union[_operations_service_pb2.RevokeApiKeyRequest, _Mapping]] = ...) -> None: ...

class LedgerServiceRevokeApiKeyResponse(_message.Message):
    __slots__ = ("response",)
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    response: _operations_service_pb2.RevokeApiKeyResponse
    def __init__(self, response: _Optional[_Union[_operations_service_pb2.RevokeApiKeyResponse, _Mapping]] = ...) -> None: ...

class LedgerServiceSetAccountTierRequest(_message.Message):
    __slots__ = ("request",)
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    request: _operations_service_pb2.SetAccountTierRequest
    def __init__(self, request: _Optional[_Union[_operations_service_pb2.SetAccountTierRequest, _Mapping]] = ...) -> None: ...

class LedgerServiceSetAccountTierResponse(_message.Message):
    __slots__ = ("response",)
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    response: _operations_service_pb2.SetAccountTierResponse
    def __init__(self, response: _Optional[_Union[_operations_service_pb2.SetAccountTierResponse, _Mapping]] = ...) -> None: ...

class LedgerServiceSetSelfTradeGroupRequest(_message.Message):
    __slots__ = ("request",)
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    request: _operations_service_pb2.SetSelfTradeGroupRequest
    def __init__(self, request: _Optional[_Union[_operations_service_pb2.SetSelfTradeGroupRequest, _Mapping]] = ...) -> None: ...

class LedgerServiceSetSelfTradeGroupResponse(_message.Message):
    __slots__ = ("response",)
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    response: _operations_service_pb2.SetSelfTradeGroupResponse
    def __init__(self, response: _Optional[_Union[_operations_service_pb2.SetSelfTradeGroupResponse, _Mapping]] = ...) -> None: ...

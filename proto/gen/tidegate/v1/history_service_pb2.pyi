from tidegate.v1 import account_service_pb2 as _account_service_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class HistoryServiceListOrdersRequest(_message.Message):
    __slots__ = ("account_id", "request")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    request: _account_service_pb2.ListOrdersRequest
    def __init__(self, account_id: _Optional[int] = ..., request: _Optional[_Union[_account_service_pb2.ListOrdersRequest, _Mapping]] = ...) -> None: ...

class HistoryServiceListOrdersResponse(_message.Message):
    __slots__ = ("response",)
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    response: _account_service_pb2.ListOrdersResponse
    def __init__(self, response: _Optional[_Union[_account_service_pb2.ListOrdersResponse, _Mapping]] = ...) -> None: ...

class HistoryServiceListFillsRequest(_message.Message):
    __slots__ = ("account_id", "request")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    request: _account_service_pb2.ListFillsRequest
    def __init__(self, account_id: _Optional[int] = ..., request: _Optional[_Union[_account_service_pb2.ListFillsRequest, _Mapping]] = ...) -> None: ...

class HistoryServiceListFillsResponse(_message.Message):
    __slots__ = ("response",)
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    response: _account_service_pb2.ListFillsResponse
    def __init__(self, response: _Optional[_Union[_account_service_pb2.ListFillsResponse, _Mapping]] = ...) -> None: ...

class HistoryServiceGetOrderAtRequest(_message.Message):
    __slots__ = ("account_id", "request")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    account_id: int
    request: _account_service_pb2.GetOrderAtRequest
    def __init__(self, account_id: _Optional[int] = ..., request: _Optional[_Union[_account_service_pb2.GetOrderAtRequest, _Mapping]] = ...) -> None: ...

class HistoryServiceGetOrderAtResponse(_message.Message):
    __slots__ = ("response",)
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    response: _account_service_pb2.GetOrderAtResponse
    def __init__(self, response: _Optional[_Union[_account_service_pb2.GetOrderAtResponse, _Mapping]] = ...) -> None: ...

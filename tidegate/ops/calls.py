"""Calls to a running venue, for the command line: blocking, with errors that are one line."""

from __future__ import annotations

from types import TracebackType
from typing import Any, TypeVar

import grpc
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status

from tidegate.ops.errors import RequestError
from tidegate.v1 import (
    account_service_pb2_grpc,
    market_data_service_pb2_grpc,
    operations_service_pb2_grpc,
)

TIMEOUT_S = 5.0
Answer = TypeVar("Answer")


class Venue:
    """A connection with an API key."""

    def __init__(self, address: str, api_key: str) -> None:
        self.address = address
        options = (
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.initial_reconnect_backoff_ms", 50),
            ("grpc.max_reconnect_backoff_ms", 500),
        )
        self._channel = grpc.insecure_channel(address, options=options)
        self._metadata = (("x-api-key", api_key),)
        self.operations = operations_service_pb2_grpc.OperationsServiceStub(self._channel)  # type: ignore[no-untyped-call]
        self.accounts = account_service_pb2_grpc.AccountServiceStub(self._channel)  # type: ignore[no-untyped-call]
        self.market_data = market_data_service_pb2_grpc.MarketDataServiceStub(self._channel)  # type: ignore[no-untyped-call]
        self._health = health_pb2_grpc.HealthStub(self._channel)

    def __enter__(self) -> Venue:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._channel.close()

    def call(self, method: Any, request: Any, timeout_s: float = TIMEOUT_S) -> Any:
        """One call. Raises RequestError, whose message says the reason."""
        try:
            return method(request, timeout=timeout_s, metadata=self._metadata)
        except grpc.RpcError as error:
            raise RequestError(describe(self.address, error)) from None

    def serves(self, service: str, timeout_s: float = 1.0) -> bool:
        """Whether the standard health check of a service says SERVING."""
        try:
            answer = self._health.Check(health_pb2.HealthCheckRequest(service=service), timeout=timeout_s)
        except grpc.RpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def describe(address: str, error: grpc.RpcError) -> str:
    """A failed call in one line: reason and sentence of the venue, or that nobody answers."""
    assert isinstance(error, grpc.Call)
    details = error.details() or ""
    status = rpc_status.from_call(error)
    for detail in status.details if status is not None else ():
        info = ErrorInfo()
        if detail.Unpack(info):
            return f"{info.reason}: {details}"
    if error.code() is grpc.StatusCode.UNAVAILABLE:
        return f"no venue answers at {address}"
    return f"{error.code().name}: {details}"

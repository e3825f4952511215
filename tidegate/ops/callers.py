"""Asynchronous calls with one key, as of anybody who has only the proto files."""

from __future__ import annotations

from types import TracebackType
from typing import Any

import grpc.aio

from tidegate.v1 import market_data_service_pb2_grpc, operations_service_pb2_grpc, order_service_pb2_grpc
from tidegate.v1 import order_service_pb2 as orders_pb

TIMEOUT_S = 5.0


class Caller:
    """A connection with an API key. Calls raise grpc.aio.AioRpcError."""

    def __init__(self, address: str, api_key: str = "") -> None:
        self._channel = grpc.aio.insecure_channel(address, options=(("grpc.use_local_subchannel_pool", 1),))
        self._metadata = (("x-api-key", api_key),) if api_key else ()
        self.orders = order_service_pb2_grpc.OrderServiceStub(self._channel)  # type: ignore[no-untyped-call]
        self.operations = operations_service_pb2_grpc.OperationsServiceStub(self._channel)  # type: ignore[no-untyped-call]
        self.market_data = market_data_service_pb2_grpc.MarketDataServiceStub(self._channel)  # type: ignore[no-untyped-call]

    async def __aenter__(self) -> Caller:
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self._channel.close(None)

    async def call(self, method: Any, request: Any) -> Any:
        """One unary call."""
        return await method(request, timeout=TIMEOUT_S, metadata=self._metadata)

    async def cancel_all(self, symbol: str) -> None:
        """Every open order of the key's account in a symbol."""
        await self.call(self.orders.CancelAll, orders_pb.CancelAllRequest(symbol=symbol))

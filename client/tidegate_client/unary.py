"""Calls of one request and one answer: again and again until the venue has answered, within the timeout."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import grpc
import grpc.aio

from tidegate.v1 import account_service_pb2_grpc, order_service_pb2_grpc
from tidegate_client.connection import backoff_s, metadata, open_channel
from tidegate_client.enums import Outcome
from tidegate_client.errors import ConnectionLost, OutcomeUnknown, Unavailable
from tidegate_client.rpc import error_of

_T = TypeVar("_T")


class Unary:
    """The gateways' services over one channel, opened when it is needed."""

    def __init__(self, address: str, api_key: str, timeout_s: float) -> None:
        self.address = address
        self.timeout_s = timeout_s
        self.metadata = metadata(api_key)
        self._channel: grpc.aio.Channel | None = None

    async def close(self) -> None:
        """Close the connection."""
        if self._channel is not None:
            await self._channel.close(None)
            self._channel = None

    def channel(self) -> grpc.aio.Channel:
        """The channel."""
        if self._channel is None:
            self._channel = open_channel(self.address)
        return self._channel

    def orders(self) -> Any:
        """Stub of the OrderService."""
        return order_service_pb2_grpc.OrderServiceStub(self.channel())  # type: ignore[no-untyped-call]

    def account(self) -> Any:
        """Stub of the AccountService."""
        return account_service_pb2_grpc.AccountServiceStub(self.channel())  # type: ignore[no-untyped-call]

    async def once(self, method: Callable[..., Awaitable[_T]], request: object) -> _T:
        """One call; TidegateError when it fails."""
        return await self._call(method, request, self.timeout_s)

    async def read(self, service: Callable[[], Any], method: str, request: object) -> Any:
        """A call that changes nothing."""
        return await self._repeated(service, method, request, None, [])

    async def write(
        self, method: str, request: object, client_order_id: int = 0, doubts: list[bool] | None = None
    ) -> Any:
        """A call of the OrderService that may be made twice; `doubts` grows with each whose answer was lost.

        Raises OutcomeUnknown when the time is up and there are any.
        """
        return await self._repeated(self.orders, method, request, client_order_id, [] if doubts is None else doubts)

    async def _repeated(
        self,
        service: Callable[[], Any],
        method: str,
        request: object,
        client_order_id: int | None,
        doubts: list[bool],
    ) -> Any:
        deadline = time.monotonic() + self.timeout_s
        waits = backoff_s()
        while True:
            left_s = deadline - time.monotonic()
            try:
                return await self._call(getattr(service(), method), request, max(left_s, 0.001))
            except (ConnectionLost, Unavailable) as error:
                not_sent = isinstance(error, Unavailable) and error.outcome is Outcome.NOT_APPLIED
                if client_order_id is not None and not not_sent:
                    doubts.append(True)
                wait_s = max(next(waits), error.retry_delay_s if isinstance(error, Unavailable) else 0.0)
                if time.monotonic() + wait_s >= deadline:
                    if doubts:
                        raise OutcomeUnknown(str(error), [client_order_id] if client_order_id else []) from error
                    raise
                await asyncio.sleep(wait_s)

    async def _call(self, method: Callable[..., Awaitable[_T]], request: object, timeout_s: float) -> _T:
        try:
            return await method(request, metadata=self.metadata, timeout=timeout_s)
        except grpc.RpcError as error:
            raise error_of(error) from error

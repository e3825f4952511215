"""How a gateway asks the process that indexes the journals: HistoryService on a Unix socket (rule API-4).

When that process is away, or has not got as far as the engines, calls end with HISTORY_UNAVAILABLE; trading does
not need it.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

from tidegate.gateway.errors import RefusedError
from tidegate.gateway.private_call import private_call, private_channel
from tidegate.gateway.turns import Turns
from tidegate.v1 import account_service_pb2 as messages
from tidegate.v1 import history_service_pb2, history_service_pb2_grpc, types_pb2

CALL_SECONDS_MAX = 5.0
ACCOUNT_CALLS_MAX = 2
"""Questions about one account that are under way at one time. History answers one after the other: whoever asks
many waits for his own."""


class HistoryClient:
    """Asks for an account that the caller has checked. Every method raises RefusedError."""

    def __init__(self, socket: Path) -> None:
        self._channel = private_channel(socket)
        self._stub = history_service_pb2_grpc.HistoryServiceStub(self._channel)  # type: ignore[no-untyped-call]
        self._turns: Turns[int] = Turns(ACCOUNT_CALLS_MAX)

    @contextlib.asynccontextmanager
    async def _turn(self, account: int) -> AsyncIterator[None]:
        try:
            async with self._turns.of(account, CALL_SECONDS_MAX):
                yield
        except TimeoutError as error:
            raise _away() from error

    async def close(self) -> None:
        """Closes the channel."""
        await self._channel.close(grace=None)

    async def orders(self, account: int, request: messages.ListOrdersRequest) -> messages.ListOrdersResponse:
        """See AccountService.ListOrders."""
        wrapped = history_service_pb2.HistoryServiceListOrdersRequest(account_id=account, request=request)
        async with self._turn(account):
            answer = await private_call(self._stub.ListOrders, wrapped, seconds=CALL_SECONDS_MAX, away=_away())
        return cast("messages.ListOrdersResponse", answer.response)

    async def fills(self, account: int, request: messages.ListFillsRequest) -> messages.ListFillsResponse:
        """See AccountService.ListFills."""
        wrapped = history_service_pb2.HistoryServiceListFillsRequest(account_id=account, request=request)
        async with self._turn(account):
            answer = await private_call(self._stub.ListFills, wrapped, seconds=CALL_SECONDS_MAX, away=_away())
        return cast("messages.ListFillsResponse", answer.response)

    async def order_at(self, account: int, request: messages.GetOrderAtRequest) -> messages.GetOrderAtResponse:
        """See AccountService.GetOrderAt."""
        wrapped = history_service_pb2.HistoryServiceGetOrderAtRequest(account_id=account, request=request)
        async with self._turn(account):
            answer = await private_call(self._stub.GetOrderAt, wrapped, seconds=CALL_SECONDS_MAX, away=_away())
        return cast("messages.GetOrderAtResponse", answer.response)


def _away() -> RefusedError:
    return RefusedError(types_pb2.REASON_HISTORY_UNAVAILABLE, "the history cannot be reached at the moment")

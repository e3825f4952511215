"""How a gateway reaches the process that keeps accounts and balances: LedgerService on a Unix socket.

When that process is away, calls end with LEDGER_UNAVAILABLE; trading does not need it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import grpc
import grpc.aio

from tidegate.gateway import refusals
from tidegate.gateway.errors import RefusedError
from tidegate.v1 import ledger_service_pb2, ledger_service_pb2_grpc, types_pb2

CALL_SECONDS_MAX = 2.0
AWAY = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED}

Request = TypeVar("Request")
Response = TypeVar("Response")


class LedgerClient:
    """Calls LedgerService; a refusal of the ledger comes back as the RefusedError that the client will see."""

    def __init__(self, socket: Path) -> None:
        # The reconnect delay is short because the process is on this machine and is restarted at once.
        options = (("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 500))
        self._channel = grpc.aio.insecure_channel(f"unix:{socket}", options=options)
        self._stub = ledger_service_pb2_grpc.LedgerServiceStub(self._channel)  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        """Closes the channel."""
        await self._channel.close(grace=None)

    async def create_account(
        self, request: ledger_service_pb2.LedgerServiceCreateAccountRequest
    ) -> ledger_service_pb2.LedgerServiceCreateAccountResponse:
        """Raises RefusedError."""
        return await _call(self._stub.CreateAccount, request)

    async def list_accounts(
        self, request: ledger_service_pb2.LedgerServiceListAccountsRequest
    ) -> ledger_service_pb2.LedgerServiceListAccountsResponse:
        """Raises RefusedError."""
        return await _call(self._stub.ListAccounts, request)

    async def deposit(
        self, request: ledger_service_pb2.LedgerServiceDepositRequest
    ) -> ledger_service_pb2.LedgerServiceDepositResponse:
        """Raises RefusedError."""
        return await _call(self._stub.Deposit, request)

    async def balances(
        self, request: ledger_service_pb2.LedgerServiceGetBalancesRequest
    ) -> ledger_service_pb2.LedgerServiceGetBalancesResponse:
        """Raises RefusedError."""
        return await _call(self._stub.GetBalances, request)


async def _call(method: Callable[..., Awaitable[Response]], request: Request) -> Response:
    try:
        return await method(request, timeout=CALL_SECONDS_MAX)
    except grpc.aio.AioRpcError as error:
        if error.code() in AWAY:
            # Whether a request that was sent has been carried out is not known; repeating it is safe.
            message = "accounts and balances cannot be reached at the moment"
            outcome = types_pb2.OUTCOME_UNKNOWN
            raise RefusedError(types_pb2.REASON_LEDGER_UNAVAILABLE, message, outcome=outcome) from error
        trailing: dict[str, Any] = dict(error.trailing_metadata())  # type: ignore[arg-type]
        if "reason" in trailing:
            raise RefusedError(refusals.reason_of(trailing["reason"]), error.details() or "") from error
        raise RefusedError(types_pb2.REASON_INTERNAL, "the ledger failed", outcome=types_pb2.OUTCOME_UNKNOWN) from error

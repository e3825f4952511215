"""How a gateway reaches the process that keeps accounts and balances: LedgerService on a Unix socket.

When that process is away, calls end with LEDGER_UNAVAILABLE; trading does not need it.
"""

from __future__ import annotations

from pathlib import Path

from tidegate.gateway.errors import RefusedError
from tidegate.gateway.private_call import private_call, private_channel
from tidegate.v1 import ledger_service_pb2 as messages
from tidegate.v1 import ledger_service_pb2_grpc, types_pb2

CALL_SECONDS_MAX = 2.0


class LedgerClient:
    """Calls LedgerService. Every method raises RefusedError, the ledger's own refusals too."""

    def __init__(self, socket: Path) -> None:
        self._channel = private_channel(socket)
        self._stub = ledger_service_pb2_grpc.LedgerServiceStub(self._channel)  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        """Closes the channel."""
        await self._channel.close(grace=None)

    async def create_account(
        self, request: messages.LedgerServiceCreateAccountRequest
    ) -> messages.LedgerServiceCreateAccountResponse:
        """A new account."""
        return await private_call(self._stub.CreateAccount, request, seconds=CALL_SECONDS_MAX, away=_away())

    async def list_accounts(
        self, request: messages.LedgerServiceListAccountsRequest
    ) -> messages.LedgerServiceListAccountsResponse:
        """A page of accounts."""
        return await private_call(self._stub.ListAccounts, request, seconds=CALL_SECONDS_MAX, away=_away())

    async def deposit(self, request: messages.LedgerServiceDepositRequest) -> messages.LedgerServiceDepositResponse:
        """A deposit."""
        return await private_call(self._stub.Deposit, request, seconds=CALL_SECONDS_MAX, away=_away())

    async def create_api_key(
        self, request: messages.LedgerServiceCreateApiKeyRequest
    ) -> messages.LedgerServiceCreateApiKeyResponse:
        """A new API key."""
        return await private_call(self._stub.CreateApiKey, request, seconds=CALL_SECONDS_MAX, away=_away())

    async def revoke_api_key(
        self, request: messages.LedgerServiceRevokeApiKeyRequest
    ) -> messages.LedgerServiceRevokeApiKeyResponse:
        """An API key's end."""
        return await private_call(self._stub.RevokeApiKey, request, seconds=CALL_SECONDS_MAX, away=_away())

    async def set_account_tier(
        self, request: messages.LedgerServiceSetAccountTierRequest
    ) -> messages.LedgerServiceSetAccountTierResponse:
        """An account's tier."""
        return await private_call(self._stub.SetAccountTier, request, seconds=CALL_SECONDS_MAX, away=_away())

    async def set_self_trade_group(
        self, request: messages.LedgerServiceSetSelfTradeGroupRequest
    ) -> messages.LedgerServiceSetSelfTradeGroupResponse:
        """An account's self-trade group."""
        return await private_call(self._stub.SetSelfTradeGroup, request, seconds=CALL_SECONDS_MAX, away=_away())

    async def balances(
        self, request: messages.LedgerServiceGetBalancesRequest
    ) -> messages.LedgerServiceGetBalancesResponse:
        """An account's balances."""
        return await private_call(self._stub.GetBalances, request, seconds=CALL_SECONDS_MAX, away=_away())


def _away() -> RefusedError:
    # Whether a request that was sent has been carried out is not known; repeating it is safe.
    message = "accounts and balances cannot be reached at the moment"
    return RefusedError(types_pb2.REASON_LEDGER_UNAVAILABLE, message, outcome=types_pb2.OUTCOME_UNKNOWN)

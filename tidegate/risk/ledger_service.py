"""LedgerService: the ledger, for gateways, on a Unix socket.

A refusal ends with its gRPC code and trailing metadata "reason" (name of the Reason without its prefix);
the gateway makes of it what the client gets to see.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import grpc.aio

from tidegate.risk.errors import LedgerRefusedError
from tidegate.risk.ledger import Ledger
from tidegate.v1 import (
    account_service_pb2,
    ledger_service_pb2,
    ledger_service_pb2_grpc,
    operations_service_pb2,
    types_pb2,
)
from tidegate.wire.accounts import KeyKind

PAGE_DEFAULT = 100
PAGE_MAX = 1000

if TYPE_CHECKING:
    Context = grpc.aio.ServicerContext[Any, Any]

Request = TypeVar("Request")
Response = TypeVar("Response")
Handler = Callable[["LedgerServicer", Request, "Context"], Awaitable[Response]]

CODES: dict[int, grpc.StatusCode] = {
    types_pb2.REASON_MISSING_FIELD: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_INVALID_FIELD: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_INVALID_AMOUNT: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_UNKNOWN_ASSET: grpc.StatusCode.NOT_FOUND,
    types_pb2.REASON_UNKNOWN_ACCOUNT: grpc.StatusCode.NOT_FOUND,
    types_pb2.REASON_ACCOUNT_EXISTS: grpc.StatusCode.ALREADY_EXISTS,
    types_pb2.REASON_DUPLICATE_DEPOSIT_ID: grpc.StatusCode.ALREADY_EXISTS,
}


def refusing(handler: Handler[Request, Response]) -> Handler[Request, Response]:
    """Turns a LedgerRefusedError into a status."""

    async def wrapped(servicer: LedgerServicer, request: Request, context: Context) -> Response:
        try:
            return await handler(servicer, request, context)
        except LedgerRefusedError as refusal:
            reason = types_pb2.Reason.Name(refusal.reason).removeprefix("REASON_")
            return await context.abort(CODES[refusal.reason], str(refusal), (("reason", reason),))

    return wrapped


class LedgerServicer(ledger_service_pb2_grpc.LedgerServiceServicer):
    """Answers from the ledger. A commit takes a fraction of a millisecond, so it is done in place."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @refusing
    async def CreateAccount(  # noqa: N802
        self, request: ledger_service_pb2.LedgerServiceCreateAccountRequest, _: Context
    ) -> ledger_service_pb2.LedgerServiceCreateAccountResponse:
        """See OperationsService.CreateAccount."""
        account, api_key = self._ledger.create_account(request.request.name, request.request.tier)
        response = operations_service_pb2.CreateAccountResponse(account_id=account.account_id, api_key=api_key)
        return ledger_service_pb2.LedgerServiceCreateAccountResponse(response=response)

    @refusing
    async def ListAccounts(  # noqa: N802
        self, request: ledger_service_pb2.LedgerServiceListAccountsRequest, _: Context
    ) -> ledger_service_pb2.LedgerServiceListAccountsResponse:
        """See OperationsService.ListAccounts. A page token is the last account number of the page before."""
        size = _page_size(request.request.page_size)
        found = self._ledger.list_accounts(_page_start(request.request.page_token), size + 1)
        response = operations_service_pb2.ListAccountsResponse(
            accounts=(
                operations_service_pb2.Account(
                    account_id=account.account_id, name=account.name, balances=self._balances(account.account_id)
                )
                for account in found[:size]
            ),
            next_page_token=str(found[size - 1].account_id) if len(found) > size else "",
        )
        return ledger_service_pb2.LedgerServiceListAccountsResponse(response=response)

    @refusing
    async def Deposit(  # noqa: N802
        self, request: ledger_service_pb2.LedgerServiceDepositRequest, _: Context
    ) -> ledger_service_pb2.LedgerServiceDepositResponse:
        """See OperationsService.Deposit."""
        wanted = request.request
        booked = self._ledger.deposit(wanted.account_id, wanted.asset, wanted.amount, wanted.deposit_id)
        response = operations_service_pb2.DepositResponse(
            entry_id=booked.entry_id, balance=booked.balance, duplicate=booked.duplicate
        )
        return ledger_service_pb2.LedgerServiceDepositResponse(response=response)

    @refusing
    async def CreateApiKey(  # noqa: N802
        self, request: ledger_service_pb2.LedgerServiceCreateApiKeyRequest, _: Context
    ) -> ledger_service_pb2.LedgerServiceCreateApiKeyResponse:
        """See OperationsService.CreateApiKey."""
        wanted = request.request
        try:
            kind = KeyKind(wanted.kind or KeyKind.TRADING)
        except ValueError as error:
            raise LedgerRefusedError(types_pb2.REASON_INVALID_FIELD, "there is no such kind of key") from error
        api_key, key_id = self._ledger.create_key(wanted.account_ids, kind)
        response = operations_service_pb2.CreateApiKeyResponse(api_key=api_key, key_id=key_id)
        return ledger_service_pb2.LedgerServiceCreateApiKeyResponse(response=response)

    @refusing
    async def RevokeApiKey(  # noqa: N802
        self, request: ledger_service_pb2.LedgerServiceRevokeApiKeyRequest, _: Context
    ) -> ledger_service_pb2.LedgerServiceRevokeApiKeyResponse:
        """See OperationsService.RevokeApiKey."""
        self._ledger.revoke_key(request.request.key_id)
        response = operations_service_pb2.RevokeApiKeyResponse()
        return ledger_service_pb2.LedgerServiceRevokeApiKeyResponse(response=response)

    @refusing
    async def SetAccountTier(  # noqa: N802
        self, request: ledger_service_pb2.LedgerServiceSetAccountTierRequest, _: Context
    ) -> ledger_service_pb2.LedgerServiceSetAccountTierResponse:
        """See OperationsService.SetAccountTier."""
        self._ledger.set_tier(request.request.account_id, request.request.tier)
        response = operations_service_pb2.SetAccountTierResponse()
        return ledger_service_pb2.LedgerServiceSetAccountTierResponse(response=response)

    @refusing
    async def SetSelfTradeGroup(  # noqa: N802
        self, request: ledger_service_pb2.LedgerServiceSetSelfTradeGroupRequest, _: Context
    ) -> ledger_service_pb2.LedgerServiceSetSelfTradeGroupResponse:
        """See OperationsService.SetSelfTradeGroup."""
        self._ledger.set_self_trade_group(request.request.account_id, request.request.self_trade_group)
        response = operations_service_pb2.SetSelfTradeGroupResponse()
        return ledger_service_pb2.LedgerServiceSetSelfTradeGroupResponse(response=response)

    @refusing
    async def GetBalances(  # noqa: N802
        self, request: ledger_service_pb2.LedgerServiceGetBalancesRequest, _: Context
    ) -> ledger_service_pb2.LedgerServiceGetBalancesResponse:
        """Balances of one account."""
        return ledger_service_pb2.LedgerServiceGetBalancesResponse(balances=self._balances(request.account_id))

    def _balances(self, account_id: int) -> list[account_service_pb2.Balance]:
        return [
            account_service_pb2.Balance(asset=asset, amount=amount)
            for asset, amount in self._ledger.balances(account_id).items()
        ]


def _page_size(wanted: int) -> int:
    if not 0 <= wanted <= PAGE_MAX:
        raise LedgerRefusedError(types_pb2.REASON_INVALID_FIELD, f"page_size must be 0 to {PAGE_MAX}")
    return wanted or PAGE_DEFAULT


def _page_start(token: str) -> int:
    if not token:
        return 0
    if not token.isascii() or not token.isdigit() or len(token) > 10 or int(token) >= 2**32:
        raise LedgerRefusedError(types_pb2.REASON_INVALID_FIELD, "page_token is none that was given out")
    return int(token)

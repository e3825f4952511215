"""OperationsService: what operators do. Every call needs an operator's key, checked before anything is read."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message

from tidegate.gateway.admission import Admission, UnaryMethod
from tidegate.gateway.authentication import Principal, Role
from tidegate.gateway.config import GatewaySettings
from tidegate.gateway.errors import RefusedError
from tidegate.gateway.ledger_client import LedgerClient
from tidegate.gateway.shards import Shards
from tidegate.gateway.unary import parse
from tidegate.gateway.venue_commands import VenueCommands
from tidegate.gateway.venue_listing import VenueListing
from tidegate.v1 import ledger_service_pb2 as ledger
from tidegate.v1 import operations_service_pb2 as messages
from tidegate.v1 import types_pb2

if TYPE_CHECKING:
    GenericHandler = grpc.GenericRpcHandler[bytes, bytes]

SERVICE = "tidegate.v1.OperationsService"

Request = TypeVar("Request", bound=Message)


class OperationsService:
    """Handlers of proto/tidegate/v1/operations_service.proto."""

    def __init__(
        self,
        settings: GatewaySettings,
        admission: Admission,
        *,
        commands: VenueCommands,
        listing: VenueListing,
        ledger_client: LedgerClient,
        shards: Shards,
    ) -> None:
        self._limits = settings.limits
        self._version = settings.version
        self._process_table = settings.topology.process_table
        self._admission = admission
        self._commands = commands
        self._listing = listing
        self._ledger = ledger_client
        self._shards = shards

    def handler(self) -> GenericHandler:
        """All methods. Bytes in and out, so that a key is checked before a message is read."""
        methods: dict[str, UnaryMethod] = {
            "ListInstrumentStates": _method(messages.ListInstrumentStatesRequest, self.list_instrument_states),
            "CreateAccount": _method(messages.CreateAccountRequest, self.create_account),
            "ListAccounts": _method(messages.ListAccountsRequest, self.list_accounts),
            "Deposit": _method(messages.DepositRequest, self.deposit),
            "CreateApiKey": _method(messages.CreateApiKeyRequest, self.create_api_key),
            "RevokeApiKey": _method(messages.RevokeApiKeyRequest, self.revoke_api_key),
            "SetAccountTier": _method(messages.SetAccountTierRequest, self.set_account_tier),
            "SetSelfTradeGroup": _method(messages.SetSelfTradeGroupRequest, self.set_self_trade_group),
            "SetPrices": _method(messages.SetPricesRequest, self._commands.set_prices),
            "ListInstrument": _method(messages.ListInstrumentRequest, self._listing.list_instrument),
            "ChangeInstrument": _method(messages.ChangeInstrumentRequest, self._commands.change_instrument),
            "DelistInstrument": _method(messages.DelistInstrumentRequest, self._listing.delist_instrument),
            "CancelEverything": _method(messages.CancelEverythingRequest, self._commands.cancel_everything),
            "SetPhase": _method(messages.SetPhaseRequest, self._commands.set_phase),
            "GetStatus": _method(messages.GetStatusRequest, self.get_status),
        }
        handlers = {name: self._admission.unary(Role.OPERATE, method) for name, method in methods.items()}
        return grpc.method_handlers_generic_handler(SERVICE, handlers)

    async def list_instrument_states(
        self, _: messages.ListInstrumentStatesRequest
    ) -> messages.ListInstrumentStatesResponse:
        """Instruments with their phases."""
        return messages.ListInstrumentStatesResponse(instruments=self._shards.instrument_states())

    async def create_account(self, request: messages.CreateAccountRequest) -> messages.CreateAccountResponse:
        """A new account and its API key, from the ledger."""
        self._require_tier(request.tier)
        return (await self._ledger.create_account(ledger.LedgerServiceCreateAccountRequest(request=request))).response

    async def list_accounts(self, request: messages.ListAccountsRequest) -> messages.ListAccountsResponse:
        """A page of accounts, from the ledger."""
        return (await self._ledger.list_accounts(ledger.LedgerServiceListAccountsRequest(request=request))).response

    async def deposit(self, request: messages.DepositRequest) -> messages.DepositResponse:
        """A deposit, booked by the ledger."""
        return (await self._ledger.deposit(ledger.LedgerServiceDepositRequest(request=request))).response

    async def create_api_key(self, request: messages.CreateApiKeyRequest) -> messages.CreateApiKeyResponse:
        """A new API key, from the ledger."""
        return (await self._ledger.create_api_key(ledger.LedgerServiceCreateApiKeyRequest(request=request))).response

    async def revoke_api_key(self, request: messages.RevokeApiKeyRequest) -> messages.RevokeApiKeyResponse:
        """A key's end: no gateway takes it a few seconds later, and its streams end."""
        return (await self._ledger.revoke_api_key(ledger.LedgerServiceRevokeApiKeyRequest(request=request))).response

    async def set_account_tier(self, request: messages.SetAccountTierRequest) -> messages.SetAccountTierResponse:
        """Another tier: in force a few seconds later (rule LIM-3)."""
        self._require_tier(request.tier)
        wrapped = ledger.LedgerServiceSetAccountTierRequest(request=request)
        return (await self._ledger.set_account_tier(wrapped)).response

    async def set_self_trade_group(
        self, request: messages.SetSelfTradeGroupRequest
    ) -> messages.SetSelfTradeGroupResponse:
        """Another self-trade group: in force a few seconds later (rule ORD-6)."""
        wrapped = ledger.LedgerServiceSetSelfTradeGroupRequest(request=request)
        return (await self._ledger.set_self_trade_group(wrapped)).response

    async def get_status(self, _: messages.GetStatusRequest) -> messages.GetStatusResponse:
        """Processes as the supervisor sees them, shards as their engines show themselves."""
        return messages.GetStatusResponse(
            processes=read_processes(self._process_table), shards=self._shards.statuses(), version=self._version
        )

    def _require_tier(self, tier: str) -> None:
        if tier and tier not in self._limits.tiers:
            known = ", ".join(sorted(self._limits.tiers))
            raise RefusedError(types_pb2.REASON_INVALID_FIELD, f"no such tier; the venue has {known}")


def _method(kind: type[Request], method: Callable[[Request], Awaitable[Message]]) -> UnaryMethod:
    async def called(_: Principal, message: bytes) -> bytes:
        return (await method(parse(kind, message))).SerializeToString()

    return called


def read_processes(table: Path) -> list[messages.ProcessStatus]:
    """The supervisor's table, by name; empty when there is none (a gateway that runs alone)."""
    try:
        rows = json.loads(table.read_bytes())["processes"]
    except (OSError, ValueError, KeyError):
        return []
    return [
        messages.ProcessStatus(
            name=str(row.get("name", "")),
            pid=int(row.get("pid") or 0),
            restarts=int(row.get("restarts", 0)),
            uptime_seconds=float(row.get("uptime_seconds", 0)),
            state=str(row.get("state", "")),
        )
        for row in sorted(rows, key=lambda row: str(row.get("name", "")))
    ]

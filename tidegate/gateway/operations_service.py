"""OperationsService: what operators do. Every call needs an operator's key, checked before anything is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import grpc.aio

from tidegate.gateway.authentication import Authenticator
from tidegate.gateway.config import GatewaySettings
from tidegate.gateway.errors import RefusedError
from tidegate.gateway.ledger_client import LedgerClient
from tidegate.gateway.shards import Shards
from tidegate.gateway.unary import UnaryCalls, parse, refusing
from tidegate.v1 import ledger_service_pb2, operations_service_pb2, types_pb2

if TYPE_CHECKING:
    Context = grpc.aio.ServicerContext[bytes, bytes]
    GenericHandler = grpc.GenericRpcHandler[bytes, bytes]

SERVICE = "tidegate.v1.OperationsService"


class OperationsService:
    """Handlers of proto/tidegate/v1/operations_service.proto."""

    def __init__(
        self,
        settings: GatewaySettings,
        *,
        calls: UnaryCalls,
        authenticator: Authenticator,
        ledger: LedgerClient,
        shards: Shards,
    ) -> None:
        self.limits = settings.limits
        self._version = settings.version
        self._process_table = settings.topology.process_table
        self._calls = calls
        self._authenticator = authenticator
        self._ledger = ledger
        self._shards = shards

    def handler(self) -> GenericHandler:
        """All methods. Bytes in and out, so that a key is checked before a message is read."""
        methods = {
            "ListInstrumentStates": self.list_instrument_states,
            "CreateAccount": self.create_account,
            "ListAccounts": self.list_accounts,
            "Deposit": self.deposit,
            "SetPhase": self.set_phase,
            "GetStatus": self.get_status,
        }
        handlers = {name: grpc.unary_unary_rpc_method_handler(method) for name, method in methods.items()}
        return grpc.method_handlers_generic_handler(SERVICE, handlers)

    @refusing
    async def list_instrument_states(self, message: bytes, context: Context) -> bytes:
        """Instruments with their phases."""
        self._authenticator.require_operator(context)
        parse(operations_service_pb2.ListInstrumentStatesRequest, message)
        response = operations_service_pb2.ListInstrumentStatesResponse(instruments=self._shards.instrument_states())
        return response.SerializeToString()

    @refusing
    async def create_account(self, message: bytes, context: Context) -> bytes:
        """A new account and its API key, from the ledger."""
        self._authenticator.require_operator(context)
        request = parse(operations_service_pb2.CreateAccountRequest, message)
        wrapped = ledger_service_pb2.LedgerServiceCreateAccountRequest(request=request)
        return (await self._ledger.create_account(wrapped)).response.SerializeToString()

    @refusing
    async def list_accounts(self, message: bytes, context: Context) -> bytes:
        """A page of accounts, from the ledger."""
        self._authenticator.require_operator(context)
        request = parse(operations_service_pb2.ListAccountsRequest, message)
        wrapped = ledger_service_pb2.LedgerServiceListAccountsRequest(request=request)
        return (await self._ledger.list_accounts(wrapped)).response.SerializeToString()

    @refusing
    async def deposit(self, message: bytes, context: Context) -> bytes:
        """A deposit, booked by the ledger."""
        self._authenticator.require_operator(context)
        request = parse(operations_service_pb2.DepositRequest, message)
        wrapped = ledger_service_pb2.LedgerServiceDepositRequest(request=request)
        return (await self._ledger.deposit(wrapped)).response.SerializeToString()

    @refusing
    async def set_phase(self, message: bytes, context: Context) -> bytes:
        """A command to the symbol's engine (rule MKT-1)."""
        self._authenticator.require_operator(context)
        request = parse(operations_service_pb2.SetPhaseRequest, message)
        if not request.symbol or request.phase == types_pb2.PHASE_UNSPECIFIED:
            raise RefusedError(types_pb2.REASON_MISSING_FIELD, "symbol and phase are needed")
        if request.phase not in types_pb2.Phase.values():
            raise RefusedError(types_pb2.REASON_INVALID_PHASE)
        sequence = await self._calls.phase(request.symbol, request.phase)
        response = operations_service_pb2.SetPhaseResponse(sequence=sequence, phase=request.phase)
        return response.SerializeToString()

    @refusing
    async def get_status(self, message: bytes, context: Context) -> bytes:
        """Processes as the supervisor sees them, shards as their engines show themselves."""
        self._authenticator.require_operator(context)
        parse(operations_service_pb2.GetStatusRequest, message)
        response = operations_service_pb2.GetStatusResponse(
            processes=read_processes(self._process_table), shards=self._shards.statuses(), version=self._version
        )
        return response.SerializeToString()


def read_processes(table: Path) -> list[operations_service_pb2.ProcessStatus]:
    """The supervisor's table, by name; empty when there is none (a gateway that runs alone)."""
    try:
        rows = json.loads(table.read_bytes())["processes"]
    except (OSError, ValueError, KeyError):
        return []
    return [
        operations_service_pb2.ProcessStatus(
            name=str(row.get("name", "")),
            pid=int(row.get("pid") or 0),
            restarts=int(row.get("restarts", 0)),
            uptime_seconds=float(row.get("uptime_seconds", 0)),
            state=str(row.get("state", "")),
        )
        for row in sorted(rows, key=lambda row: str(row.get("name", "")))
    ]

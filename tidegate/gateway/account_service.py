"""AccountService: an account's open orders, its event streams, its history, its balances."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
import grpc.aio

from tidegate.gateway.admission import Admission
from tidegate.gateway.authentication import Principal, Role
from tidegate.gateway.history_client import HistoryClient
from tidegate.gateway.ledger_client import LedgerClient
from tidegate.gateway.stream_registry import StreamRegistry
from tidegate.gateway.unary import UnaryCalls, parse
from tidegate.v1 import account_service_pb2 as messages
from tidegate.v1 import ledger_service_pb2

if TYPE_CHECKING:
    GenericHandler = grpc.GenericRpcHandler[bytes, bytes]

SERVICE = "tidegate.v1.AccountService"


class AccountService:
    """Handlers of proto/tidegate/v1/account_service.proto."""

    def __init__(
        self,
        admission: Admission,
        calls: UnaryCalls,
        streams: StreamRegistry,
        *,
        history: HistoryClient,
        ledger: LedgerClient,
    ) -> None:
        self._admission = admission
        self._calls = calls
        self._streams = streams
        self._history = history
        self._ledger = ledger

    def handler(self) -> GenericHandler:
        """All methods, without (de)serialisers: requests and responses are bytes."""
        reads = {
            "ListOpenOrders": self._calls.open_orders,
            "ListOrders": self.list_orders,
            "ListFills": self.list_fills,
            "GetOrderAt": self.get_order_at,
            "GetBalances": self.get_balances,
        }
        methods = {name: self._admission.unary(Role.READ, method) for name, method in reads.items()}
        methods["StreamEvents"] = self._admission.stream(Role.READ, self._streams.events)
        methods["StreamDropCopy"] = self._admission.stream(Role.COPY, self._streams.drop_copy)
        return grpc.method_handlers_generic_handler(SERVICE, methods)

    async def list_orders(self, caller: Principal, message: bytes) -> bytes:
        """ListOrdersRequest to ListOrdersResponse, from history."""
        request = parse(messages.ListOrdersRequest, message)
        self._calls.count(caller)
        return (await self._history.orders(caller.account_id, request)).SerializeToString()

    async def list_fills(self, caller: Principal, message: bytes) -> bytes:
        """ListFillsRequest to ListFillsResponse, from history."""
        request = parse(messages.ListFillsRequest, message)
        self._calls.count(caller)
        return (await self._history.fills(caller.account_id, request)).SerializeToString()

    async def get_order_at(self, caller: Principal, message: bytes) -> bytes:
        """GetOrderAtRequest to GetOrderAtResponse, from history."""
        request = parse(messages.GetOrderAtRequest, message)
        self._calls.count(caller)
        return (await self._history.order_at(caller.account_id, request)).SerializeToString()

    async def get_balances(self, caller: Principal, message: bytes) -> bytes:
        """The caller's balances, as the ledger has them: GetBalancesRequest to GetBalancesResponse."""
        parse(messages.GetBalancesRequest, message)
        self._calls.count(caller)
        wanted = ledger_service_pb2.LedgerServiceGetBalancesRequest(account_id=caller.account_id)
        answer = await self._ledger.balances(wanted)
        return messages.GetBalancesResponse(balances=answer.balances).SerializeToString()

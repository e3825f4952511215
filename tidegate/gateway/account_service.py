"""AccountService: an account's open orders, its event stream, its balances."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
import grpc.aio

from tidegate.gateway.authentication import Authenticator
from tidegate.gateway.config import GatewayLimits
from tidegate.gateway.ledger_client import LedgerClient
from tidegate.gateway.stream import StreamRegistry
from tidegate.gateway.unary import UnaryCalls, parse, refusing
from tidegate.v1 import account_service_pb2, ledger_service_pb2

if TYPE_CHECKING:
    Context = grpc.aio.ServicerContext[bytes, bytes]
    GenericHandler = grpc.GenericRpcHandler[bytes, bytes]

SERVICE = "tidegate.v1.AccountService"


class AccountService:
    """Handlers of proto/tidegate/v1/account_service.proto."""

    def __init__(
        self,
        calls: UnaryCalls,
        streams: StreamRegistry,
        authenticator: Authenticator,
        ledger: LedgerClient,
        *,
        limits: GatewayLimits,
    ) -> None:
        self.limits = limits
        self._calls = calls
        self._streams = streams
        self._authenticator = authenticator
        self._ledger = ledger

    def handler(self) -> GenericHandler:
        """All methods, without (de)serialisers: requests and responses are bytes."""
        methods = {
            "ListOpenOrders": grpc.unary_unary_rpc_method_handler(self.list_open_orders),
            "StreamEvents": grpc.unary_stream_rpc_method_handler(self.stream_events),
            "GetBalances": grpc.unary_unary_rpc_method_handler(self.get_balances),
        }
        return grpc.method_handlers_generic_handler(SERVICE, methods)

    @refusing
    async def list_open_orders(self, request: bytes, context: Context) -> bytes:
        """ListOpenOrdersRequest to ListOpenOrdersResponse."""
        return await self._calls.open_orders(self._authenticator.account(context), request)

    async def stream_events(self, request: bytes, context: Context) -> None:
        """StreamEventsRequest, then StreamEventsResponses until either side ends it."""
        await self._streams.events(request, context)

    @refusing
    async def get_balances(self, request: bytes, context: Context) -> bytes:
        """The caller's balances, as the ledger has them: GetBalancesRequest to GetBalancesResponse."""
        account = self._authenticator.account(context)
        parse(account_service_pb2.GetBalancesRequest, request)
        wanted = ledger_service_pb2.LedgerServiceGetBalancesRequest(account_id=account)
        answer = await self._ledger.balances(wanted)
        return account_service_pb2.GetBalancesResponse(balances=answer.balances).SerializeToString()

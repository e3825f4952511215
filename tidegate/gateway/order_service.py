"""OrderService: the order path. Messages pass as raw bytes between gRPC and the native Router."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
import grpc.aio

from tidegate.gateway.authentication import Authenticator
from tidegate.gateway.config import GatewayLimits
from tidegate.gateway.stream import StreamRegistry
from tidegate.gateway.unary import CommandKind, UnaryCalls, refusing

if TYPE_CHECKING:
    Context = grpc.aio.ServicerContext[bytes, bytes]
    GenericHandler = grpc.GenericRpcHandler[bytes, bytes]

SERVICE = "tidegate.v1.OrderService"


class OrderService:
    """Handlers of proto/tidegate/v1/order_service.proto."""

    def __init__(
        self, calls: UnaryCalls, streams: StreamRegistry, authenticator: Authenticator, limits: GatewayLimits
    ) -> None:
        self.limits = limits
        self._calls = calls
        self._streams = streams
        self._authenticator = authenticator

    def handler(self) -> GenericHandler:
        """All methods, without (de)serialisers: requests and responses are bytes."""
        unary = grpc.unary_unary_rpc_method_handler
        methods = {
            "PlaceOrder": unary(self.place_order),
            "AmendOrder": unary(self.amend_order),
            "CancelOrder": unary(self.cancel_order),
            "CancelAll": unary(self.cancel_all),
            "SubmitBatch": unary(self.submit_batch),
            "GetOrder": unary(self.get_order),
            "Trade": grpc.stream_stream_rpc_method_handler(self.trade),
        }
        return grpc.method_handlers_generic_handler(SERVICE, methods)

    @refusing
    async def place_order(self, request: bytes, context: Context) -> bytes:
        """PlaceOrderRequest to PlaceOrderResponse."""
        return await self._calls.one(self._authenticator.account(context), CommandKind.PLACE, request)

    @refusing
    async def amend_order(self, request: bytes, context: Context) -> bytes:
        """AmendOrderRequest to AmendOrderResponse."""
        return await self._calls.one(self._authenticator.account(context), CommandKind.AMEND, request)

    @refusing
    async def cancel_order(self, request: bytes, context: Context) -> bytes:
        """CancelOrderRequest to CancelOrderResponse."""
        return await self._calls.one(self._authenticator.account(context), CommandKind.CANCEL, request)

    @refusing
    async def cancel_all(self, request: bytes, context: Context) -> bytes:
        """CancelAllRequest to CancelAllResponse."""
        return await self._calls.one(self._authenticator.account(context), CommandKind.CANCEL_ALL, request)

    @refusing
    async def submit_batch(self, request: bytes, context: Context) -> bytes:
        """SubmitBatchRequest to SubmitBatchResponse."""
        return await self._calls.batch(self._authenticator.account(context), request)

    @refusing
    async def get_order(self, request: bytes, context: Context) -> bytes:
        """GetOrderRequest to GetOrderResponse."""
        return await self._calls.one(self._authenticator.account(context), CommandKind.QUERY_ORDER, request)

    async def trade(self, _: object, context: Context) -> None:
        """TradeRequests in, TradeResponses out, until either side ends it."""
        await self._streams.trade(context)

"""OrderService: the order path. Messages pass as raw bytes between gRPC and the native Router."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
import grpc.aio

from tidegate.gateway.admission import Admission, UnaryMethod
from tidegate.gateway.authentication import Principal, Role
from tidegate.gateway.errors import RefusedError
from tidegate.gateway.history_client import HistoryClient
from tidegate.gateway.stream_registry import StreamRegistry
from tidegate.gateway.unary import UnaryCalls, parse
from tidegate.v1 import account_service_pb2, order_service_pb2, types_pb2
from tidegate.wire.enums import CommandType

if TYPE_CHECKING:
    GenericHandler = grpc.GenericRpcHandler[bytes, bytes]

SERVICE = "tidegate.v1.OrderService"

# Methods that are one command each.
COMMANDS = {
    "PlaceOrder": CommandType.PLACE,
    "AmendOrder": CommandType.AMEND,
    "CancelOrder": CommandType.CANCEL,
    "ReplaceOrder": CommandType.REPLACE,
    "SetProtection": CommandType.SET_PROTECTION,
    "ResetProtection": CommandType.RESET_PROTECTION,
    "SetPositionMode": CommandType.SET_POSITION_MODE,
}


class OrderService:
    """Handlers of proto/tidegate/v1/order_service.proto."""

    def __init__(
        self, admission: Admission, calls: UnaryCalls, streams: StreamRegistry, history: HistoryClient
    ) -> None:
        self._admission = admission
        self._calls = calls
        self._streams = streams
        self._history = history

    def handler(self) -> GenericHandler:
        """All methods, without (de)serialisers: requests and responses are bytes."""
        trading = {name: self._one(kind) for name, kind in COMMANDS.items()} | {
            "CancelAll": self.cancel_all,
            "SetCountdown": self.set_countdown,
            "SubmitBatch": self._calls.batch,
            "MassQuote": self._calls.mass_quote,
        }
        methods = {name: self._admission.unary(Role.TRADE, method) for name, method in trading.items()}
        methods["GetOrder"] = self._admission.unary(Role.READ, self.get_order)
        methods["Trade"] = self._admission.stream(Role.TRADE, self._streams.trade)
        return grpc.method_handlers_generic_handler(SERVICE, methods)

    def _one(self, kind: CommandType) -> UnaryMethod:
        async def method(caller: Principal, message: bytes) -> bytes:
            return await self._calls.one(caller, kind, message)

        return method

    async def cancel_all(self, caller: Principal, message: bytes) -> bytes:
        """CancelAllRequest to CancelAllResponse; without a symbol in every symbol (rule ORD-12)."""
        if parse(order_service_pb2.CancelAllRequest, message).symbol:
            return await self._calls.one(caller, CommandType.CANCEL_ALL, message)
        return await self._calls.every_symbol(caller, CommandType.CANCEL_ALL, message)

    async def set_countdown(self, caller: Principal, message: bytes) -> bytes:
        """SetCountdownRequest to SetCountdownResponse; without a symbol in every symbol (rule ORD-12)."""
        if parse(order_service_pb2.SetCountdownRequest, message).symbol:
            return await self._calls.one(caller, CommandType.SET_COUNTDOWN, message)
        return await self._calls.every_symbol(caller, CommandType.SET_COUNTDOWN, message)

    async def get_order(self, caller: Principal, message: bytes) -> bytes:
        """GetOrderRequest to GetOrderResponse: from the engine, or from history when it has forgotten the order."""
        try:
            return await self._calls.one(caller, CommandType.QUERY_ORDER, message)
        except RefusedError as unknown:
            if unknown.reason not in {types_pb2.REASON_UNKNOWN_ORDER, types_pb2.REASON_DELISTED}:
                raise
            wanted = parse(order_service_pb2.GetOrderRequest, message)
            as_of_now = account_service_pb2.GetOrderAtRequest(
                symbol=wanted.symbol, order_id=wanted.order_id, client_order_id=wanted.client_order_id
            )
            found = await self._history.order_at(caller.account_id, as_of_now)
            return order_service_pb2.GetOrderResponse(order=found.order).SerializeToString()

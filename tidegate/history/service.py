"""HistoryService: the index, for gateways, on a Unix socket.

A refusal ends with its gRPC code and trailing metadata "reason" (name of the Reason without its prefix);
the gateway makes of it what the client gets to see.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import grpc.aio

from tidegate.history.errors import HistoryBehindError, HistoryRefusedError
from tidegate.history.follower import Follower
from tidegate.history.queries import Queries
from tidegate.v1 import account_service_pb2, history_service_pb2, history_service_pb2_grpc, types_pb2

if TYPE_CHECKING:
    Context = grpc.aio.ServicerContext[Any, Any]

Answer = TypeVar("Answer")

CODES: dict[int, grpc.StatusCode] = {
    types_pb2.REASON_UNKNOWN_SYMBOL: grpc.StatusCode.NOT_FOUND,
    types_pb2.REASON_UNKNOWN_ORDER: grpc.StatusCode.NOT_FOUND,
    types_pb2.REASON_SEQUENCE_AHEAD: grpc.StatusCode.OUT_OF_RANGE,
}


class HistoryServicer(history_service_pb2_grpc.HistoryServiceServicer):
    """Answers from the index, as of everything that was durable when the question came."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower

    async def ListOrders(  # noqa: N802
        self, request: history_service_pb2.HistoryServiceListOrdersRequest, context: Context
    ) -> history_service_pb2.HistoryServiceListOrdersResponse:
        """See AccountService.ListOrders."""
        wanted: account_service_pb2.ListOrdersRequest = request.request
        answer = await self._ask(context, wanted.symbol, lambda q: q.list_orders(request.account_id, wanted))
        return history_service_pb2.HistoryServiceListOrdersResponse(response=answer)

    async def ListFills(  # noqa: N802
        self, request: history_service_pb2.HistoryServiceListFillsRequest, context: Context
    ) -> history_service_pb2.HistoryServiceListFillsResponse:
        """See AccountService.ListFills."""
        wanted: account_service_pb2.ListFillsRequest = request.request
        answer = await self._ask(context, wanted.symbol, lambda q: q.list_fills(request.account_id, wanted))
        return history_service_pb2.HistoryServiceListFillsResponse(response=answer)

    async def GetOrderAt(  # noqa: N802
        self, request: history_service_pb2.HistoryServiceGetOrderAtRequest, context: Context
    ) -> history_service_pb2.HistoryServiceGetOrderAtResponse:
        """See AccountService.GetOrderAt."""
        wanted: account_service_pb2.GetOrderAtRequest = request.request
        answer = await self._ask(context, wanted.symbol, lambda q: q.order_at(request.account_id, wanted))
        return history_service_pb2.HistoryServiceGetOrderAtResponse(response=answer)

    async def _ask(self, context: Context, symbol: str, question: Callable[[Queries], Answer]) -> Answer:
        try:
            return await self._follower.ask(symbol, question)
        except HistoryRefusedError as refusal:
            code = CODES.get(refusal.reason, grpc.StatusCode.INVALID_ARGUMENT)
            return await context.abort(code, str(refusal), _metadata(refusal.reason))
        except HistoryBehindError as error:
            metadata = _metadata(types_pb2.REASON_HISTORY_UNAVAILABLE)
            return await context.abort(grpc.StatusCode.UNAVAILABLE, str(error), metadata)


def _metadata(reason: int) -> tuple[tuple[str, str], ...]:
    return (("reason", types_pb2.Reason.Name(reason).removeprefix("REASON_")),)

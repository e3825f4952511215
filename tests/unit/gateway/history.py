"""HistoryService with answers that a test gives it; without one it knows no order."""

from __future__ import annotations

from typing import Any

import grpc
import grpc.aio

from tidegate.v1 import account_service_pb2 as messages
from tidegate.v1 import history_service_pb2 as history
from tidegate.v1 import history_service_pb2_grpc


class GivenHistory(history_service_pb2_grpc.HistoryServiceServicer):
    """`orders`: by account and order id. `asked`: every question, with its account."""

    def __init__(self) -> None:
        self.orders: dict[tuple[int, int], messages.GetOrderAtResponse] = {}
        self.asked: list[tuple[int, Any]] = []

    async def ListOrders(self, request: Any, _: Any) -> history.HistoryServiceListOrdersResponse:  # noqa: N802
        """All of the account's, in one page."""
        self.asked.append((request.account_id, request.request))
        mine = [answer.order for (account, _), answer in self.orders.items() if account == request.account_id]
        response = messages.ListOrdersResponse(orders=mine, next_page_token="more")
        return history.HistoryServiceListOrdersResponse(response=response)

    async def ListFills(self, request: Any, _: Any) -> history.HistoryServiceListFillsResponse:  # noqa: N802
        """None."""
        self.asked.append((request.account_id, request.request))
        return history.HistoryServiceListFillsResponse(response=messages.ListFillsResponse())

    async def GetOrderAt(self, request: Any, context: Any) -> history.HistoryServiceGetOrderAtResponse:  # noqa: N802
        """The one given, or a refusal."""
        self.asked.append((request.account_id, request.request))
        answer = self.orders.get((request.account_id, request.request.order_id))
        if answer is None:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such order", (("reason", "UNKNOWN_ORDER"),))
        return history.HistoryServiceGetOrderAtResponse(response=answer)

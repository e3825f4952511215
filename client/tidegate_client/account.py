"""Reads of the account: open orders, history, balances (rule API-4)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from tidegate.v1 import account_service_pb2 as pb
from tidegate.v1 import order_service_pb2
from tidegate_client.market import MarketData
from tidegate_client.types import Balance, Order, OrderAt, Report
from tidegate_client.unary import Unary

PAGE = 1000


class AccountReads:
    """What Client passes on; history is told in the ticks and lots that were in force at the time."""

    def __init__(self, unary: Unary, market: MarketData) -> None:
        self._unary = unary
        self._market = market

    async def order(self, symbol: str, client_order_id: int, order_id: int) -> Order:
        """See Client.order."""
        request = order_service_pb2.GetOrderRequest(symbol=symbol, client_order_id=client_order_id, order_id=order_id)
        response = await self._unary.read(self._unary.orders, "GetOrder", request)
        return Order.from_wire(response.order, await self._market.instrument_of(response.order))

    async def order_at(
        self, symbol: str, client_order_id: int, order_id: int, sequence: int | None, time_ns: int | None
    ) -> OrderAt:
        """See Client.order_at."""
        request = pb.GetOrderAtRequest(symbol=symbol, client_order_id=client_order_id, order_id=order_id)
        if sequence is not None:
            request.sequence = sequence
        if time_ns is not None:
            request.time_ns = time_ns
        response = await self._unary.read(self._unary.account, "GetOrderAt", request)
        return OrderAt(
            Order.from_wire(response.order, await self._market.instrument_of(response.order)),
            tuple([await self._report(each) for each in response.reports]),
            response.sequence,
        )

    async def open_orders(self, symbol: str) -> list[Order]:
        """See Client.open_orders."""
        await self._market.instruments()
        instrument = self._market.instrument(symbol)
        request = pb.ListOpenOrdersRequest(symbol=symbol)
        return [Order.from_wire(each, instrument) async for each in self._pages("ListOpenOrders", "orders", request, 0)]

    async def orders(self, symbol: str, most: int, start_time_ns: int, end_time_ns: int) -> list[Order]:
        """See Client.orders."""
        request = pb.ListOrdersRequest(symbol=symbol, start_time_ns=start_time_ns, end_time_ns=end_time_ns)
        return [
            Order.from_wire(each, await self._market.instrument_of(each))
            async for each in self._pages("ListOrders", "orders", request, most)
        ]

    async def fills(self, symbol: str, most: int, order_id: int, start_time_ns: int, end_time_ns: int) -> list[Report]:
        """See Client.fills."""
        request = pb.ListFillsRequest(
            symbol=symbol, order_id=order_id, start_time_ns=start_time_ns, end_time_ns=end_time_ns
        )
        return [await self._report(each) async for each in self._pages("ListFills", "fills", request, most)]

    async def balances(self) -> dict[str, Balance]:
        """See Client.balances."""
        response = await self._unary.read(self._unary.account, "GetBalances", pb.GetBalancesRequest())
        return {each.asset: Balance.from_wire(each) for each in response.balances}

    async def _report(self, message: Any) -> Report:
        return Report.from_wire(message, await self._market.instrument_of(message))

    async def _pages(self, method: str, rows: str, request: Any, most: int) -> AsyncIterator[Any]:
        """Rows of page after page; `most` 0: all."""
        left = most
        while True:
            request.page_size = min(left, PAGE) if most else PAGE
            page = await self._unary.read(self._unary.account, method, request)
            for each in getattr(page, rows):
                yield each
            left -= len(getattr(page, rows))
            request.page_token = page.next_page_token
            if not request.page_token or (most and left <= 0):
                return

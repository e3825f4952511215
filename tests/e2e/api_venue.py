"""The worked examples' venue behind the public API: unary calls, the private stream, public records only.

What a command caused is read back from the private streams of all accounts, resumed from just before
the command's sequence: so every example also shows that streams resume without a gap.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from typing import Any

import grpc

from tests.scenarios.worked_examples import Level, Outcome, Place
from tests.venues.calls import OPERATOR, key, refusal
from tidegate.v1 import account_service_pb2 as account
from tidegate.v1 import account_service_pb2_grpc, operations_service_pb2_grpc, order_service_pb2_grpc
from tidegate.v1 import operations_service_pb2 as operations
from tidegate.v1 import order_service_pb2 as orders
from tidegate.v1 import types_pb2 as types

STATUS = {
    types.ORDER_STATUS_NEW: "new",
    types.ORDER_STATUS_PARTIALLY_FILLED: "partially_filled",
    types.ORDER_STATUS_FILLED: "filled",
    types.ORDER_STATUS_CANCELED: "cancelled",
    types.ORDER_STATUS_EXPIRED: "cancelled",
}
run_numbers = itertools.count(1)


def shown(order: types.Order) -> int:
    """Lots of an open order that the public book shows; no example ends with a part of a slice."""
    return min(order.display_lots, order.leaves_lots) if order.display_lots else order.leaves_lots


class ApiVenue:
    """One symbol of a running venue, used by accounts of its own."""

    def __init__(self, channel: grpc.aio.Channel, symbol: str) -> None:
        self.symbol = symbol
        self.trading = order_service_pb2_grpc.OrderServiceStub(channel)  # type: ignore[no-untyped-call]
        self.reading = account_service_pb2_grpc.AccountServiceStub(channel)  # type: ignore[no-untyped-call]
        self.operating = operations_service_pb2_grpc.OperationsServiceStub(channel)  # type: ignore[no-untyped-call]
        self.run = next(run_numbers)
        self.keys: dict[str, str] = {}  # user -> API key
        self.numbers: dict[str, int] = {}  # order's name -> client order id
        self.positions: dict[str, int] = {}
        self.leaves: dict[int, int] = {}  # client order id -> open lots before the command at hand

    # ---- what an example asks for -----------------------------------------------------------------
    async def place(self, order: Place) -> Outcome:
        request = orders.PlaceOrderRequest(
            symbol=self.symbol,
            client_order_id=self.numbers.setdefault(order.name, len(self.numbers) + 1),
            side=types.Side.Value(f"SIDE_{order.side.upper()}"),
            type=types.ORDER_TYPE_MARKET if order.price is None else types.ORDER_TYPE_LIMIT,
            display_lots=order.display,
            time_in_force=types.TimeInForce.Value(f"TIME_IN_FORCE_{order.time_in_force}"),
            price_ticks=order.price or 0,
            quantity_lots=order.quantity,
            reduce_only=order.reduce_only,
            self_trade_prevention=types.SelfTradePrevention.Value(
                f"SELF_TRADE_PREVENTION_{order.stp.replace('DEFAULT', 'UNSPECIFIED')}"
            ),
            self_trade_group=order.group,
        )
        return await self._outcome(self.trading.PlaceOrder, request, order.user, order.name, order.stp)

    async def amend(self, user: str, name: str, price: int | None, quantity: int | None) -> Outcome:
        request = orders.AmendOrderRequest(
            symbol=self.symbol, client_order_id=self._number(name), price_ticks=price or 0, quantity_lots=quantity or 0
        )
        return await self._outcome(self.trading.AmendOrder, request, user, name)

    async def cancel(self, user: str, name: str) -> Outcome:
        request = orders.CancelOrderRequest(symbol=self.symbol, client_order_id=self._number(name))
        return await self._outcome(self.trading.CancelOrder, request, user, name)

    async def depth(self) -> tuple[list[Level], list[Level]]:
        """From the accounts' open orders; nobody else has any in this symbol."""
        levels: dict[tuple[int, int], tuple[int, int]] = {}
        for user in self.keys:
            request = account.ListOpenOrdersRequest(symbol=self.symbol, page_size=1000)
            for order in (await self.reading.ListOpenOrders(request, metadata=key(self.keys[user]))).orders:
                lots, count = levels.get((order.side, order.price_ticks), (0, 0))
                levels[order.side, order.price_ticks] = lots + shown(order), count + 1
        bids = [(price, *rest) for (side, price), rest in levels.items() if side == types.SIDE_BUY]
        asks = [(price, *rest) for (side, price), rest in levels.items() if side == types.SIDE_SELL]
        return sorted(bids, reverse=True), sorted(asks)

    async def position(self, user: str) -> int:
        return self.positions.get(user, 0)

    async def clear(self) -> None:
        """Cancels what the example has left on the book."""
        for secret in self.keys.values():
            await self.trading.CancelAll(orders.CancelAllRequest(symbol=self.symbol), metadata=key(secret))

    # ---- how it is found out ----------------------------------------------------------------------
    def _number(self, name: str) -> int:
        """Client order id of an order; one that nobody has for a name that was never placed."""
        return self.numbers.get(name, 1 << 60)

    def _name(self, number: int) -> str:
        return next(name for name, each in self.numbers.items() if each == number)

    async def _key(self, user: str) -> str:
        if user not in self.keys:
            request = operations.CreateAccountRequest(name=f"{user}-{self.run}")
            made = await self.operating.CreateAccount(request, metadata=key(OPERATOR))
            # The one group of the examples; before the key is used, and remembered.
            grouped = operations.SetSelfTradeGroupRequest(account_id=made.account_id, self_trade_group=1)
            await self.operating.SetSelfTradeGroup(grouped, metadata=key(OPERATOR))
            self.keys[user] = made.api_key
        return self.keys[user]

    async def _outcome(self, call: Any, request: Any, user: str, name: str, stp: str = "DEFAULT") -> Outcome:
        try:
            answer = await call(request, metadata=key(await self._key(user)))
        except grpc.aio.AioRpcError as error:
            _, reason, metadata, _ = refusal(error)
            assert metadata["outcome"] == "NOT_APPLIED"
            return Outcome("rejected", 0, reason)
        own = list(answer.reports)
        told = {each: [report async for report in self._caused(each, own[0].sequence)] for each in self.keys}
        assert [each.index for each in told[user] if not each.maker] == [each.index for each in own if not each.maker]
        outcome = self._in_words(own, told, user, name, stp)
        self.leaves |= {each.client_order_id: each.leaves_lots for reports in told.values() for each in reports}
        return outcome

    async def _caused(self, user: str, sequence: int) -> AsyncIterator[types.Report]:
        """What one command meant to one account, from its private stream."""
        position = types.StreamPosition(symbol=self.symbol, sequence=sequence - 1)
        request = account.StreamEventsRequest(open=orders.StreamOpen(resume_after=[position]))
        stream = self.reading.StreamEvents(request, metadata=key(self.keys[user]))
        async for message in stream:
            for report in message.reports:
                if report.sequence == sequence and report.symbol == self.symbol:
                    yield report
            if message.notice.kind == types.StreamNotice.KIND_CAUGHT_UP:
                break
        stream.cancel()

    def _in_words(self, own: list[Any], told: dict[str, list[Any]], user: str, name: str, stp: str) -> Outcome:
        about = [each for each in own if each.client_order_id == self._number(name) and not each.maker]
        last = about[-1]
        outcome = Outcome(STATUS[last.status], last.leaves_lots)
        if last.kind in {types.REPORT_KIND_EXPIRED, types.REPORT_KIND_CANCELED}:
            outcome.left = last.quantity_lots - last.filled_lots
        if last.reason == types.REASON_SELF_TRADE and last.kind == types.REPORT_KIND_EXPIRED:
            outcome.status = "expired_stp"
        others = [(each.index, who, each) for who, reports in told.items() for each in reports]
        for _, who, each in sorted(others, key=lambda row: row[:2]):
            if each.kind == types.REPORT_KIND_TRADE:
                self.positions[who] = each.position_lots
                if each.maker:
                    maker = self._name(each.client_order_id)
                    outcome.fills.append((maker, each.last_price_ticks, each.last_quantity_lots))
            elif each.client_order_id == last.client_order_id and who == user:
                continue
            elif stp == "DECREMENT" and each.reason == types.REASON_SELF_TRADE:
                self._prevented(each, last, outcome)
            elif each.kind == types.REPORT_KIND_EXPIRED:
                reason = types.Reason.Name(each.reason).removeprefix("REASON_")
                outcome.removed.append((self._name(each.client_order_id), reason))
        return outcome

    def _prevented(self, report: Any, last: Any, outcome: Outcome) -> None:
        """Lots that a decrement took from a resting order, and from what the taker did not trade."""
        lots = self.leaves[report.client_order_id] - report.leaves_lots
        outcome.prevented.append((self._name(report.client_order_id), lots))
        outcome.left -= lots if last.kind == types.REPORT_KIND_EXPIRED else 0

"""The async client: one object per API key."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

import grpc
import grpc.aio

from tidegate.v1 import account_service_pb2, account_service_pb2_grpc, order_service_pb2, order_service_pb2_grpc
from tidegate_client.commands import Amend, AnyCommand, Cancel, CancelAll, ClientOrderIds, Place, write_commands
from tidegate_client.connection import backoff_s, metadata, open_channel
from tidegate_client.enums import OrderType, Outcome, Reason, ReportKind, SelfTradePrevention, Side, TimeInForce
from tidegate_client.errors import ConnectionLost, OutcomeUnknown, Rejected, Unavailable
from tidegate_client.instruments import Instrument, Price, Quantity
from tidegate_client.market import DepthStream, MarketData, TradeStream
from tidegate_client.rpc import error_of
from tidegate_client.session import TRADE, SessionOptions, TradingSession
from tidegate_client.types import Balance, CommandResult, Depth, Order, Report

_T = TypeVar("_T")


class Client:
    """Orders, reads and streams of one account.

    `address` is the gateways', `market_data` the market data service's (default: the next port).
    Without an API key only public data can be read. Use it as ``async with Client(...) as client``.
    """

    def __init__(
        self,
        address: str,
        api_key: str = "",
        *,
        market_data: str | None = None,
        timeout_s: float = 10.0,
        first_client_order_id: int | None = None,
    ) -> None:
        self.address = address
        self.api_key = api_key
        self.market_data_address = market_data or _next_port(address)
        self.next_id = ClientOrderIds(first_client_order_id)
        self._timeout_s = timeout_s
        self._metadata = metadata(api_key)
        self._channel: grpc.aio.Channel | None = None
        self._market: MarketData | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections. Open orders stay open."""
        if self._channel is not None:
            await self._channel.close(None)
            self._channel = None
        if self._market is not None:
            await self._market.close()
            self._market = None

    # Public data

    @property
    def market(self) -> MarketData:
        """The public side."""
        if self._market is None:
            self._market = MarketData(self.market_data_address, self._timeout_s)
        return self._market

    async def instruments(self) -> dict[str, Instrument]:
        """Symbol to instrument; asked for once."""
        return await self.market.instruments()

    def instrument(self, symbol: str) -> Instrument:
        """An instrument that `instruments()` has returned before; NotFound otherwise."""
        return self.market.instrument(symbol)

    async def depth(self, symbol: str, levels: int = 100) -> Depth:
        """The book of a symbol, best levels first."""
        return await self.market.depth(symbol, levels)

    def depth_stream(self, symbol: str, *, interval_ms: int = 0, verify: bool = True) -> DepthStream:
        """The book of a symbol as it changes, a LocalBook; ``async for book in client.depth_stream(...)``."""
        return self.market.depth_stream(symbol, interval_ms=interval_ms, verify=verify)

    def trade_stream(self, symbol: str, after_trade_id: int = 0) -> TradeStream:
        """Trades of a symbol, without a gap, from now or from after a trade that is still kept."""
        return self.market.trade_stream(symbol, after_trade_id)

    # Orders, one call each

    async def place(
        self,
        symbol: str,
        side: Side,
        price: Price | None,
        quantity: Quantity,
        *,
        type: OrderType = OrderType.LIMIT,  # noqa: A002
        time_in_force: TimeInForce = TimeInForce.GTC,
        client_order_id: int = 0,
        reduce_only: bool = False,
        self_trade_prevention: SelfTradePrevention = SelfTradePrevention.UNSPECIFIED,
        self_trade_group: int = 0,
    ) -> CommandResult:
        """Place one order; returns when it is durable, raises Refused when it was not applied.

        When the connection fails before the answer, it is sent again under the same client order id, which
        the venue carries out once; so the result is never a guess.
        """
        order = Place(
            symbol,
            side,
            price,
            quantity,
            type,
            time_in_force,
            client_order_id or self.next_id(),
            reduce_only,
            self_trade_prevention,
            self_trade_group,
        )
        message = (await self._message(order)).place
        response = await self._repeated(
            lambda stub, timeout: stub.PlaceOrder(message, metadata=self._metadata, timeout=timeout),
            order.client_order_id,
        )
        return self._result(response.reports, order.client_order_id).raise_if_refused()

    async def amend(
        self,
        symbol: str,
        client_order_id: int = 0,
        *,
        price: Price | None = None,
        quantity: Quantity | None = None,
        order_id: int = 0,
    ) -> CommandResult:
        """Change price, total quantity or both of an open order; raises Refused when it was not applied."""
        message = (await self._message(Amend(symbol, client_order_id, price, quantity, order_id))).amend
        retried: list[bool] = []
        try:
            response = await self._repeated(
                lambda stub, timeout: stub.AmendOrder(message, metadata=self._metadata, timeout=timeout),
                client_order_id,
                retried,
            )
        except Rejected as error:
            if not retried or error.reason is not Reason.NOTHING_TO_AMEND:
                raise
            return self._found(await self.order(symbol, client_order_id, order_id=order_id))
        return self._result(response.reports, client_order_id).raise_if_refused()

    async def cancel(self, symbol: str, client_order_id: int = 0, *, order_id: int = 0) -> CommandResult:
        """Cancel one order; raises Refused when it was not applied (NotFound, or Rejected: ORDER_CLOSED)."""
        message = (await self._message(Cancel(symbol, client_order_id, order_id))).cancel
        retried: list[bool] = []
        try:
            response = await self._repeated(
                lambda stub, timeout: stub.CancelOrder(message, metadata=self._metadata, timeout=timeout),
                client_order_id,
                retried,
            )
        except Rejected as error:
            if not retried or error.reason is not Reason.ORDER_CLOSED:
                raise
            order = await self.order(symbol, client_order_id, order_id=order_id)
            if order.reason is not Reason.USER_REQUEST:
                raise
            return self._found(order)
        return self._result(response.reports, client_order_id).raise_if_refused()

    async def cancel_all(self, symbol: str, side: Side = Side.UNSPECIFIED) -> CommandResult:
        """Cancel every open order of the account in the symbol, or of one side."""
        message = (await self._message(CancelAll(symbol, side))).cancel_all
        response = await self._repeated(
            lambda stub, timeout: stub.CancelAll(message, metadata=self._metadata, timeout=timeout), 0
        )
        return self._result(response.reports, 0).raise_if_refused()

    async def submit(self, commands: Iterable[AnyCommand]) -> list[CommandResult]:
        """Carry out several commands in their order; one result each, none is raised.

        A connection that fails before the answer raises OutcomeUnknown; a trading session resolves that too.
        """
        await self.instruments()
        request = order_service_pb2.SubmitBatchRequest(request_id=1)
        ids = write_commands(request, commands, self.instrument, self.next_id)
        try:
            response = await self._orders().SubmitBatch(request, metadata=self._metadata, timeout=self._timeout_s)
        except grpc.RpcError as error:
            failure = error_of(error)
            if isinstance(failure, ConnectionLost):
                raise OutcomeUnknown(str(failure), [each for each in ids if each]) from error
            raise failure from error
        reports: list[list[Any]] = [[] for _ in ids]
        for report in response.reports:
            reports[report.item].append(report)
        results = [self._result(each, ids[item]) for item, each in enumerate(reports)]
        for refusal in response.refusals:
            results[refusal.item] = CommandResult(
                Outcome(refusal.outcome),
                Reason(refusal.reason),
                retry_delay_s=refusal.retry_delay_ms / 1000,
                client_order_id=ids[refusal.item],
            )
        return results

    async def order(self, symbol: str, client_order_id: int = 0, *, order_id: int = 0) -> Order:
        """One order by the client's or the venue's number, open or recent; NotFound otherwise."""
        await self.instruments()
        request = order_service_pb2.GetOrderRequest(symbol=symbol, client_order_id=client_order_id, order_id=order_id)
        response = await self._repeated(
            lambda stub, timeout: stub.GetOrder(request, metadata=self._metadata, timeout=timeout), None
        )
        return Order.from_wire(response.order, self.instrument(symbol))

    # The account

    async def open_orders(self, symbol: str) -> list[Order]:
        """Every open order in a symbol, oldest first."""
        await self.instruments()
        instrument = self.instrument(symbol)
        orders: list[Order] = []
        token = ""
        while True:
            request = account_service_pb2.ListOpenOrdersRequest(symbol=symbol, page_size=1000, page_token=token)
            page = await self._call(
                self._account().ListOpenOrders(request, metadata=self._metadata, timeout=self._timeout_s)
            )
            orders += [Order.from_wire(each, instrument) for each in page.orders]
            token = page.next_page_token
            if not token:
                return orders

    async def balances(self) -> dict[str, Balance]:
        """Asset to balance."""
        request = account_service_pb2.GetBalancesRequest()
        response = await self._call(
            self._account().GetBalances(request, metadata=self._metadata, timeout=self._timeout_s)
        )
        return {each.asset: Balance.from_wire(each) for each in response.balances}

    # Streams

    def trading(
        self, options: SessionOptions | None = None, *, resume_after: Mapping[str, int] | None = None
    ) -> TradingSession:
        """A trading session: ``async with client.trading() as session``. See TradingSession."""
        return TradingSession(self, options, resume_after)

    def raw_stream(self) -> grpc.aio.StreamStreamCall[bytes, bytes]:
        """The Trade stream itself, bytes in and bytes out, nothing tracked; for benchmarks and own session layers."""
        return self._open().stream_stream(TRADE, request_serializer=None, response_deserializer=None)(
            None, metadata=self._metadata
        )

    # Inside

    def _open(self) -> grpc.aio.Channel:
        if self._channel is None:
            self._channel = open_channel(self.address)
        return self._channel

    def _orders(self) -> Any:
        return order_service_pb2_grpc.OrderServiceStub(self._open())  # type: ignore[no-untyped-call]

    def _account(self) -> Any:
        return account_service_pb2_grpc.AccountServiceStub(self._open())  # type: ignore[no-untyped-call]

    async def _message(self, command: AnyCommand) -> order_service_pb2.Command:
        await self.instruments()
        message = order_service_pb2.Command()
        command.write(message, self.instrument(command.symbol))
        return message

    async def _call(self, call: Awaitable[_T]) -> _T:
        try:
            return await call
        except grpc.RpcError as error:
            raise error_of(error) from error

    async def _repeated(
        self,
        call: Callable[[Any, float], Awaitable[Any]],
        client_order_id: int | None,
        retried: list[bool] | None = None,
    ) -> Any:
        """Call until the venue has answered, within the timeout.

        The request must be one that may be sent twice. A client_order_id of None is a read: nothing in doubt.
        """
        deadline = time.monotonic() + self._timeout_s
        waits = backoff_s()
        in_doubt = False
        while True:
            left_s = deadline - time.monotonic()
            try:
                return await self._call(call(self._orders(), max(left_s, 0.001)))
            except (ConnectionLost, Unavailable) as error:
                not_sent = isinstance(error, Unavailable) and error.outcome is Outcome.NOT_APPLIED
                in_doubt = in_doubt or (client_order_id is not None and not not_sent)
                wait_s = max(next(waits), error.retry_delay_s if isinstance(error, Unavailable) else 0.0)
                if time.monotonic() + wait_s >= deadline:
                    if in_doubt:
                        raise OutcomeUnknown(str(error), [client_order_id] if client_order_id else []) from error
                    raise
                if retried is not None and in_doubt:
                    retried.append(True)
                await asyncio.sleep(wait_s)

    def _result(self, reports: Iterable[Any], client_order_id: int) -> CommandResult:
        decoded = tuple(Report.from_wire(each, self.instrument(each.symbol)) for each in reports)
        own = [each for each in decoded if not client_order_id or each.client_order_id == client_order_id]
        refused = next(
            (
                each
                for each in own
                if each.kind is ReportKind.REJECTED
                or (each.kind is ReportKind.ORDER_STATE and each.order.status.name == "REJECTED")
            ),
            None,
        )
        return CommandResult(
            outcome=Outcome.NOT_APPLIED if refused else Outcome.APPLIED,
            reason=refused.reason if refused else Reason.UNSPECIFIED,
            reports=decoded,
            sequence=decoded[-1].sequence if decoded else 0,
            client_order_id=client_order_id,
        )

    def _found(self, order: Order) -> CommandResult:
        """The answer to a request that had been carried out before it was sent again."""
        report = Report(ReportKind.ORDER_STATE, order, 0, 0, 0, 0, 0, 0, 0, duplicate=True)
        return CommandResult(
            Outcome.APPLIED, reports=(report,), sequence=order.sequence, client_order_id=order.client_order_id
        )


def _next_port(address: str) -> str:
    host, _, port = address.rpartition(":")
    if not port.isdigit():
        raise ValueError(f"{address!r} is not host:port")
    return f"{host}:{int(port) + 1}"

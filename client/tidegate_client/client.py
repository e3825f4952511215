"""The async client: one object per API key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, Unpack

import grpc.aio

from tidegate.v1 import order_service_pb2
from tidegate_client.account import AccountReads
from tidegate_client.commands import (
    Amend,
    AnyCommand,
    Cancel,
    CancelAll,
    ClientOrderIds,
    Replace,
    SetCountdown,
    id_of,
    new_order,
    write_commands,
)
from tidegate_client.drop_copy import DropCopy
from tidegate_client.enums import Outcome, PositionMode, Reason
from tidegate_client.errors import ConnectionLost, OutcomeUnknown, Refused, Rejected, Unavailable
from tidegate_client.instruments import Instrument, Quantity
from tidegate_client.market import MarketData
from tidegate_client.market_types import Depth
from tidegate_client.order_calls import OrderCalls
from tidegate_client.placing import Place
from tidegate_client.quoting import Quote, QuoteTerms, write_quotes
from tidegate_client.results import amends, found, refused, result_of, results_of
from tidegate_client.session import TRADE, TradingSession
from tidegate_client.session_options import SessionOptions
from tidegate_client.streams import DepthStream, TradeStream
from tidegate_client.types import Balance, CommandResult, Limits, Order, OrderAt, Report
from tidegate_client.unary import Unary

_METHODS = {  # of the OrderService, by the field of Command
    "place": "PlaceOrder",
    "amend": "AmendOrder",
    "cancel": "CancelOrder",
    "replace": "ReplaceOrder",
    "cancel_all": "CancelAll",
    "set_countdown": "SetCountdown",
    "reset_protection": "ResetProtection",
}


class Client(OrderCalls):
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
        self.market = MarketData(self.market_data_address, timeout_s)
        self.limits = Limits()  # as of the last call of one request and one answer that named them
        self._unary = Unary(address, api_key, timeout_s)
        self._account = AccountReads(self._unary, self.market)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections. Open orders stay open."""
        await self._unary.close()
        await self.market.close()

    # Public data; `market` has all of it

    async def instruments(self) -> dict[str, Instrument]:
        """Symbol to instrument, as they were defined a moment ago."""
        return await self.market.instruments()

    async def refresh_instruments(self) -> dict[str, Instrument]:
        """Symbol to instrument, as they are defined now."""
        return await self.market.refresh_instruments()

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

    async def one(self, command: AnyCommand) -> CommandResult:
        """Carry out one command of any kind; returns when it is durable, raises Refused when it was not applied.

        When the connection fails before the answer, it is sent again under the same client order id, which
        the venue carries out once; so the result is never a guess.
        """
        message = await self._message(command)
        placed = new_order(message)
        if placed is not None:
            placed.client_order_id = placed.client_order_id or self.next_id()
        which = message.WhichOneof("command")
        doubts: list[bool] = []
        try:
            return await self._write(_METHODS[which], getattr(message, which), id_of(message), doubts)
        except Rejected as error:
            try:
                order = await self._done_before(command, error) if doubts else None
            except (ConnectionLost, Unavailable) as away:
                raise OutcomeUnknown(str(away), [id_of(message)] if id_of(message) else []) from away
            if order is None:
                raise
            return found(order)

    async def place_order(self, order: Place) -> CommandResult:
        """Place an order that is written already, for example by order_types."""
        return await self.one(order)

    async def submit(self, commands: Iterable[AnyCommand]) -> list[CommandResult]:
        """Carry out several commands in their order; one result each, none is raised.

        A connection, or a symbol's engine, that fails before the answer raises OutcomeUnknown with the client order
        ids; a trading session resolves that too.
        """
        await self.instruments()
        request = order_service_pb2.SubmitBatchRequest(request_id=1)
        ids = write_commands(request, commands, self.instrument, self.next_id)
        try:
            response = await self._unary.once(self._unary.orders().SubmitBatch, request)
        except (ConnectionLost, Refused) as error:
            if isinstance(error, Refused) and error.outcome is Outcome.NOT_APPLIED:
                raise
            raise OutcomeUnknown(str(error), [each for each in ids if each]) from error
        self._note(response)
        return results_of(response.reports, response.refusals, ids, self.instrument)

    # Making markets

    async def mass_quote(self, quotes: Iterable[Quote], **terms: Unpack[QuoteTerms]) -> list[CommandResult]:
        """Set up to 100 quotes; one result each, none is raised (rule ORD-11)."""
        await self.instruments()
        request = order_service_pb2.MassQuoteRequest(request_id=1)
        ids = write_quotes(request, quotes, self.instrument, **terms)
        response = await self._unary.write("MassQuote", request)
        self._note(response)
        return results_of(response.reports, response.refusals, ids, self.instrument)

    async def set_protection(
        self,
        symbol: str,
        protection_group: int,
        *,
        window_ms: int,
        fills_limit: int = 0,
        quantity_limit: Quantity = 0,
        notional_limit_units: int = 0,
    ) -> CommandResult:
        """Set the limits of a market-maker protection group within a window (rule ORD-11); 0: no limit.

        `notional_limit_units` in 1e-8 of the settlement asset. A window of 0 without limits ends the protection.
        """
        await self.instruments()
        request = order_service_pb2.SetProtectionRequest(
            symbol=symbol,
            protection_group=protection_group,
            window_ms=window_ms,
            fills_limit=fills_limit,
            quantity_limit_lots=self.instrument(symbol).to_lots(quantity_limit),
            notional_limit=notional_limit_units,
        )
        return await self._write("SetProtection", request)

    # The account's settings in a symbol

    async def set_position_mode(self, symbol: str, mode: PositionMode) -> CommandResult:
        """One-way or hedge mode; another one needs a flat position and no open orders (rule ORD-13)."""
        await self.instruments()
        request = order_service_pb2.SetPositionModeRequest(symbol=symbol, mode=mode.value)  # type: ignore[arg-type]
        return await self._write("SetPositionMode", request)

    # The account

    async def order(self, symbol: str, client_order_id: int = 0, *, order_id: int = 0) -> Order:
        """One order by the client's or the venue's number, open or recent; NotFound otherwise."""
        return await self._account.order(symbol, client_order_id, order_id)

    async def order_at(
        self,
        symbol: str,
        client_order_id: int = 0,
        *,
        order_id: int = 0,
        sequence: int | None = None,
        time_ns: int | None = None,
    ) -> OrderAt:
        """One order as of a sequence or a time (Unix nanoseconds; neither: now), and what had happened to it."""
        return await self._account.order_at(symbol, client_order_id, order_id, sequence, time_ns)

    async def open_orders(self, symbol: str) -> list[Order]:
        """Every open order in a symbol, oldest first."""
        return await self._account.open_orders(symbol)

    async def orders(
        self, symbol: str, most: int = 100, *, start_time_ns: int = 0, end_time_ns: int = 0
    ) -> list[Order]:
        """The newest orders in a symbol, ended ones too, placed in a range of Unix nanoseconds (0: open), newest
        first; `most` 0: all of them."""
        return await self._account.orders(symbol, most, start_time_ns, end_time_ns)

    async def fills(
        self, symbol: str, most: int = 100, *, order_id: int = 0, start_time_ns: int = 0, end_time_ns: int = 0
    ) -> list[Report]:
        """The newest fills in a symbol, or of one order, newest first; otherwise as `orders`."""
        return await self._account.fills(symbol, most, order_id, start_time_ns, end_time_ns)

    async def balances(self) -> dict[str, Balance]:
        """Asset to balance."""
        return await self._account.balances()

    # Streams

    def trading(
        self, options: SessionOptions | None = None, *, resume_after: Mapping[str, int] | None = None
    ) -> TradingSession:
        """A trading session: ``async with client.trading() as session``. See TradingSession."""
        return TradingSession(self, options, resume_after)

    def drop_copy(self, account_ids: Sequence[int] = (), *, resume_after: Mapping[str, int] | None = None) -> DropCopy:
        """Everything that happens to the accounts of a drop-copy key: ``async for report in client.drop_copy()``."""
        return DropCopy(self, account_ids, resume_after)

    def raw_stream(self) -> grpc.aio.StreamStreamCall[bytes, bytes]:
        """The Trade stream itself, bytes in and bytes out, nothing tracked; for benchmarks and own session layers."""
        return self._unary.channel().stream_stream(TRADE, request_serializer=None, response_deserializer=None)(
            None, metadata=self._unary.metadata
        )

    # Inside

    async def _message(self, command: AnyCommand) -> order_service_pb2.Command:
        if isinstance(command, Place | Amend | Replace):
            await self.instruments()
        else:
            await self.market.ensure_instruments()
        message = order_service_pb2.Command()
        if isinstance(command, CancelAll | SetCountdown):
            command.write(message)
        else:
            command.write(message, self.instrument(command.symbol))
        return message

    async def _done_before(self, command: AnyCommand, error: Rejected) -> Order | None:
        """The order, where a refusal only says that the call whose answer was lost had been carried out."""
        if not isinstance(command, Amend | Cancel):
            return None
        closed, unchanged = error.reason is Reason.ORDER_CLOSED, error.reason is Reason.NOTHING_TO_AMEND
        if isinstance(command, Amend) and closed:
            # It may have traded, or been cut below what was filled, by just this amend.
            then = await self.order_at(
                command.symbol, command.client_order_id, order_id=command.order_id, sequence=error.sequence
            )
            request = (await self._message(command)).amend
            return then.order if any(amends(request, each) for each in then.reports) else None
        if not closed and not unchanged:
            return None
        order = await self.order(command.symbol, command.client_order_id, order_id=command.order_id)
        done = unchanged if isinstance(command, Amend) else order.reason is Reason.USER_REQUEST
        return order if done else None

    async def _write(
        self, method: str, message: object, client_order_id: int = 0, doubts: list[bool] | None = None
    ) -> CommandResult:
        response = await self._unary.write(method, message, client_order_id, doubts)
        self._note(response)
        for each in getattr(response, "refusals", ()):
            refused(each).raise_if_refused()
        return result_of(response.reports, client_order_id, self.instrument).raise_if_refused()

    def _note(self, response: Any) -> None:
        if response.HasField("limits"):
            self.limits = Limits.from_wire(response.limits)


def _next_port(address: str) -> str:
    host, _, port = address.rpartition(":")
    if not port.isdigit():
        raise ValueError(f"{address!r} is not host:port")
    return f"{host}:{int(port) + 1}"

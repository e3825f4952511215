"""A small venue in the test's own process: one symbol, no matching, faults on request."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import grpc.aio
import pytest

from tidegate.v1 import market_data_service_pb2, market_data_service_pb2_grpc, order_service_pb2_grpc, types_pb2
from tidegate.v1 import order_service_pb2 as orders
from tidegate_client import Client

SYMBOL = "BTCUSDT"
Status = types_pb2.OrderStatus
Notice = types_pb2.StreamNotice


def instrument() -> types_pb2.Instrument:
    """Tick 0.1, lot 0.001."""
    return types_pb2.Instrument(
        symbol=SYMBOL,
        instrument_id=1,
        tick_size="0.1",
        lot_size="0.001",
        settlement_asset="USDT",
        price_min_ticks=1,
        price_max_ticks=2**31 - 1,
        quantity_min_lots=1,
        quantity_max_lots=10**9,
        market_quantity_max_lots=10**8,
        tick_lot_value=10**4,
        open_orders_max=200,
    )


class FakeVenue(order_service_pb2_grpc.OrderServiceServicer):
    """Numbers commands, remembers orders by client order id, keeps every report for resuming.

    `fault` is asked before and after each message: "lose" ends the stream before the message reaches the
    engine, "swallow" after it was applied and before it is answered, "half" after half of its reports; after "late" it
    reaches the engine right before the next message, and a cancel-all behind it.
    """

    def __init__(self) -> None:
        self.sequence = 0
        self.log: list[types_pb2.Report] = []
        self.orders: dict[int, types_pb2.Report] = {}
        self.quoted: dict[tuple[int, int], tuple[int, int]] = {}
        self.streams = 0
        self.placed: list[int] = []
        self.requests: list[orders.TradeRequest] = []
        self.fault: Callable[[orders.TradeRequest], str] = lambda request: ""
        self.repeat_on_resume = 0
        self.refuse_reason = 0
        self.refuse_quotes: dict[int, int] = {}  # quote id -> reason of the engine
        self.half_closed = 0
        self.late: orders.TradeRequest | None = None
        self.opened: list[orders.TradeRequest] = []
        self._queues: set[asyncio.Queue[orders.TradeResponse | None]] = set()

    def say(self, kind: Notice.Kind, **positions: int) -> None:
        """A notice for every stream."""
        at = [types_pb2.StreamPosition(symbol=symbol, sequence=sequence) for symbol, sequence in positions.items()]
        for queue in self._queues:
            queue.put_nowait(orders.TradeResponse(notice=Notice(kind=kind, positions=at)))

    def happen(self, *reports: types_pb2.Report) -> None:
        """Something that the account did not ask for on this stream."""
        self.log += reports
        for queue in self._queues:
            queue.put_nowait(orders.TradeResponse(reports=reports))

    async def Trade(  # noqa: N802
        self, iterator: AsyncIterator[orders.TradeRequest], context: grpc.aio.ServicerContext
    ) -> AsyncIterator[object]:
        """The stream."""
        self.streams += 1
        queue: asyncio.Queue[orders.TradeResponse | None] = asyncio.Queue()
        first = await anext(iterator)
        self.opened.append(first)
        if any(each.symbol != SYMBOL for each in first.open.resume_after):
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such symbol")
        at = [types_pb2.StreamPosition(symbol=SYMBOL, sequence=self.sequence)]
        yield orders.TradeResponse(notice=Notice(kind=Notice.KIND_OPENED, positions=at))
        self._queues.add(queue)
        if first.open.resume_after:
            after = first.open.resume_after[0].sequence - self.repeat_on_resume
            missed = [each for each in self.log if each.sequence > after]
            for each in missed:
                copy = types_pb2.Report()
                copy.CopyFrom(each)
                copy.request_id = copy.item = 0
                yield orders.TradeResponse(reports=[copy])
            yield orders.TradeResponse(notice=Notice(kind=Notice.KIND_CAUGHT_UP, positions=at))
        reader = asyncio.create_task(self._read(iterator, queue))
        try:
            while (response := await queue.get()) is not None:
                yield response
        finally:
            reader.cancel()
            self._queues.discard(queue)
            with contextlib.suppress(asyncio.CancelledError):
                await reader

    async def _read(
        self, iterator: AsyncIterator[orders.TradeRequest], queue: asyncio.Queue[orders.TradeResponse | None]
    ) -> None:
        async for request in iterator:
            self.requests.append(request)
            if self.late is not None:
                commands = [*self.late.commands, orders.Command(cancel_all=orders.CancelAllRequest(symbol=SYMBOL))]
                self.late = None
                for command in commands:
                    reports = self.apply(command, 0, 0)
                    for each in reports:
                        each.request_id = each.item = 0
                    self.happen(*reports)
            what = self.fault(request)
            if what == "late":
                self.late = request
            if what in ("lose", "late"):
                return queue.put_nowait(None)
            response = orders.TradeResponse()
            for item, command in enumerate(request.commands):
                if self.refuse_reason:
                    response.refusals.add(
                        request_id=request.request_id,
                        item=item,
                        reason=self.refuse_reason,  # type: ignore[arg-type]
                        outcome=types_pb2.OUTCOME_NOT_APPLIED,
                        retry_delay_ms=7,
                    )
                    continue
                response.reports.extend(self.apply(command, request.request_id, item))
            for item, quote in enumerate(request.mass_quote.quotes, len(request.commands)):
                response.reports.extend(self.quote(quote, request.request_id, item))
            response.limits.orders_second = self.sequence
            self.log += response.reports
            if what == "half":
                del response.reports[len(response.reports) // 2 :]
            if what != "swallow":
                queue.put_nowait(response)
            if what:
                return queue.put_nowait(None)
        self.half_closed += 1
        return queue.put_nowait(None)

    def quote(self, quote: orders.Quote, request_id: int, item: int) -> list[types_pb2.Report]:
        """Both sides rest anew, whatever there was."""
        self.sequence += 1
        base = {
            "symbol": SYMBOL,
            "sequence": self.sequence,
            "request_id": request_id,
            "item": item,
            "client_order_id": quote.quote_id,
            "type": types_pb2.ORDER_TYPE_QUOTE,
        }
        reason = self.refuse_quotes.get(quote.quote_id, 0)
        if reason:
            kind, price, lots = types_pb2.REPORT_KIND_REJECTED, quote.bid_price_ticks, quote.bid_quantity_lots
            return [types_pb2.Report(kind=kind, reason=reason, price_ticks=price, quantity_lots=lots, **base)]
        reports = []
        for side, price, lots in (
            (1, quote.bid_price_ticks, quote.bid_quantity_lots),
            (2, quote.ask_price_ticks, quote.ask_quantity_lots),
        ):
            known = (quote.quote_id, side) in self.quoted
            self.quoted[quote.quote_id, side] = (price, lots)
            if not known and not lots:
                continue
            kind = types_pb2.REPORT_KIND_AMENDED if known else types_pb2.REPORT_KIND_ACCEPTED
            status = Status.ORDER_STATUS_NEW
            if not lots:
                kind, status = types_pb2.REPORT_KIND_CANCELED, Status.ORDER_STATUS_CANCELED
                del self.quoted[quote.quote_id, side]
            reports.append(
                types_pb2.Report(
                    kind=kind,
                    status=status,
                    side=side,
                    order_id=self.sequence,
                    price_ticks=price,
                    quantity_lots=lots,
                    leaves_lots=lots,
                    index=len(reports),
                    reason=0 if lots else types_pb2.REASON_USER_REQUEST,
                    **base,
                )
            )
        state = types_pb2.QuoteState(
            bid_price_ticks=quote.bid_price_ticks,
            bid_leaves_lots=quote.bid_quantity_lots,
            ask_price_ticks=quote.ask_price_ticks,
            ask_leaves_lots=quote.ask_quantity_lots,
        )
        done = types_pb2.Report(kind=types_pb2.REPORT_KIND_QUOTED, index=len(reports), quote=state, **base)
        return [*reports, done]

    def apply(self, command: orders.Command, request_id: int, item: int) -> list[types_pb2.Report]:  # noqa: PLR0911
        """One command: an IOC expires, anything else rests."""
        self.sequence += 1
        which = command.WhichOneof("command")
        base = {
            "symbol": SYMBOL,
            "sequence": self.sequence,
            "request_id": request_id,
            "item": item,
            "engine_time_ns": self.sequence,
        }
        if which == "set_countdown":
            told = command.set_countdown.countdown_ms
            return [types_pb2.Report(kind=types_pb2.REPORT_KIND_COUNTDOWN_SET, countdown_ms=told, **base)]
        if which == "reset_protection":
            group = command.reset_protection.protection_group
            what = {"protection_group": group, "reason": types_pb2.REASON_USER_REQUEST, **base}
            return [types_pb2.Report(kind=types_pb2.REPORT_KIND_PROTECTION, **what)]
        if which in ("place", "replace"):
            place = command.place if which == "place" else command.replace.place
            known = self.orders.get(place.client_order_id)
            if known is not None:
                state = types_pb2.Report()
                state.CopyFrom(known)
                state.MergeFrom(types_pb2.Report(kind=types_pb2.REPORT_KIND_ORDER_STATE, duplicate=True, **base))
                return [state]
            self.placed.append(place.client_order_id)
            order = types_pb2.Report(
                kind=types_pb2.REPORT_KIND_ACCEPTED,
                order_id=self.sequence,
                client_order_id=place.client_order_id,
                side=place.side,
                type=place.type,
                time_in_force=place.time_in_force,
                status=Status.ORDER_STATUS_NEW,
                price_ticks=place.price_ticks,
                quantity_lots=place.quantity_lots,
                leaves_lots=place.quantity_lots,
                **base,
            )
            self.orders[place.client_order_id] = order
            if place.time_in_force != types_pb2.TIME_IN_FORCE_IOC:
                return [order]
            ended = self._ended(order, types_pb2.REPORT_KIND_EXPIRED, Status.ORDER_STATUS_EXPIRED, base)
            ended.index = 1
            ended.reason = types_pb2.REASON_IOC_REMAINDER
            return [order, ended]
        if which == "cancel_all":
            gone = [each for each in self.orders.values() if each.leaves_lots]
            reports = []
            for index, each in enumerate(gone):
                report = self._ended(each, types_pb2.REPORT_KIND_CANCELED, Status.ORDER_STATUS_CANCELED, base)
                report.reason, report.index = types_pb2.REASON_MASS_CANCEL, index
                reports.append(report)
            done = types_pb2.Report(kind=types_pb2.REPORT_KIND_CANCEL_ALL_DONE, index=len(gone), **base)
            return [*reports, done]
        target = command.cancel if which == "cancel" else command.amend
        order = self.orders.get(target.client_order_id)
        if order is None or not order.leaves_lots:
            reason = types_pb2.REASON_UNKNOWN_ORDER if order is None else types_pb2.REASON_ORDER_CLOSED
            rejected = types_pb2.Report()
            if order is not None:
                rejected.CopyFrom(order)
            rejected.MergeFrom(
                types_pb2.Report(
                    kind=types_pb2.REPORT_KIND_REJECTED, reason=reason, client_order_id=target.client_order_id, **base
                )
            )
            return [rejected]
        if which == "cancel":
            report = self._ended(order, types_pb2.REPORT_KIND_CANCELED, Status.ORDER_STATUS_CANCELED, base)
            report.reason = types_pb2.REASON_USER_REQUEST
            return [report]
        amended = types_pb2.Report()
        amended.CopyFrom(order)
        if (order.price_ticks, order.quantity_lots) == (command.amend.price_ticks, command.amend.quantity_lots):
            amended.MergeFrom(
                types_pb2.Report(kind=types_pb2.REPORT_KIND_REJECTED, reason=types_pb2.REASON_NOTHING_TO_AMEND, **base)
            )
            return [amended]
        amended.MergeFrom(types_pb2.Report(kind=types_pb2.REPORT_KIND_AMENDED, **base))
        amended.price_ticks = command.amend.price_ticks or order.price_ticks
        amended.quantity_lots = amended.leaves_lots = command.amend.quantity_lots or order.quantity_lots
        self.orders[target.client_order_id] = amended
        return [amended]

    def _ended(
        self,
        order: types_pb2.Report,
        kind: types_pb2.ReportKind,
        status: types_pb2.OrderStatus,
        base: dict[str, object],
    ) -> types_pb2.Report:
        report = types_pb2.Report()
        report.CopyFrom(order)
        report.MergeFrom(types_pb2.Report(kind=kind, status=status, **base))  # type: ignore[arg-type]
        report.leaves_lots = 0
        self.orders[order.client_order_id] = report
        return report


class FakeMarketData(market_data_service_pb2_grpc.MarketDataServiceServicer):
    """Instruments, and depth messages as they are put into `depth`, one list per connection."""

    def __init__(self) -> None:
        self.depth: list[list[market_data_service_pb2.StreamDepthResponse]] = []
        self.trades: list[list[market_data_service_pb2.Trade]] = []
        self.trade_requests: list[int] = []
        self.listed = [SYMBOL]
        self.delisted: set[str] = set()

    async def ListInstruments(self, request: object, context: object) -> object:  # noqa: N802
        """Alike but for the name."""
        rows = [instrument() for _ in self.listed]
        for row, symbol in zip(rows, self.listed, strict=True):
            row.symbol, row.delisted = symbol, symbol in self.delisted
        return market_data_service_pb2.ListInstrumentsResponse(instruments=rows)

    async def StreamDepth(self, request: object, context: grpc.aio.ServicerContext) -> AsyncIterator[object]:  # noqa: N802
        """What was prepared for this connection, then the connection fails."""
        for message in self.depth.pop(0):
            yield message
        await context.abort(grpc.StatusCode.UNAVAILABLE, "gone")

    async def StreamTrades(  # noqa: N802
        self, request: market_data_service_pb2.StreamTradesRequest, context: grpc.aio.ServicerContext
    ) -> AsyncIterator[object]:
        """What was prepared for this connection, then the connection fails."""
        self.trade_requests.append(request.after_trade_id)
        yield market_data_service_pb2.StreamTradesResponse(symbol=SYMBOL, trades=self.trades.pop(0))
        await context.abort(grpc.StatusCode.UNAVAILABLE, "gone")


@pytest.fixture
def venue() -> FakeVenue:
    """The venue behind `client`."""
    return FakeVenue()


@pytest.fixture
def market_data() -> FakeMarketData:
    """The public side behind `client`."""
    return FakeMarketData()


@pytest.fixture
async def client(venue: FakeVenue, market_data: FakeMarketData) -> AsyncIterator[Client]:
    """A client of the small venue."""
    server = grpc.aio.server()
    order_service_pb2_grpc.add_OrderServiceServicer_to_server(venue, server)
    market_data_service_pb2_grpc.add_MarketDataServiceServicer_to_server(market_data, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    address = f"127.0.0.1:{port}"
    async with Client(address, "key", market_data=address) as client:
        yield client
    await server.stop(None)

"""A trading session: commands out, reports in, across disconnects."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import TracebackType
from typing import TYPE_CHECKING, Self

import grpc
import grpc.aio

from tidegate.v1 import order_service_pb2, types_pb2
from tidegate_client.commands import Amend, AnyCommand, Cancel, CancelAll, Place, id_of, write_commands
from tidegate_client.connection import backoff_s, metadata, open_channel
from tidegate_client.enums import OrderType, Reason, SelfTradePrevention, Side, TimeInForce
from tidegate_client.errors import (
    CannotResume,
    ConnectionLost,
    NotFound,
    PermissionDenied,
    Refused,
    SessionClosed,
    TidegateError,
    Unauthenticated,
)
from tidegate_client.events import Events
from tidegate_client.inflight import BatchHandle, InFlight
from tidegate_client.instruments import Price, Quantity
from tidegate_client.orders import OrderTable, TrackedOrder
from tidegate_client.position import StreamPlace
from tidegate_client.rpc import error_of
from tidegate_client.types import CommandResult

if TYPE_CHECKING:
    from tidegate_client.client import Client

TRADE = "/tidegate.v1.OrderService/Trade"
_FATAL = (Unauthenticated, PermissionDenied, CannotResume, NotFound)
_Call = grpc.aio.StreamStreamCall[bytes, order_service_pb2.TradeResponse]
_Kind = types_pb2.StreamNotice.Kind
_REQUEST_ID = b"\x08"


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """How patient a session is. Times in seconds."""

    open_timeout_s: float = 10.0  # until the first stream is open
    answer_timeout_s: float = 5.0  # a command without an answer for so long: connect again, and ask again
    ahead_timeout_s: float = 10.0  # how long a venue may be behind what this session has already received
    close_timeout_s: float = 5.0  # how long closing waits for answers
    events_max: int = 1_000_000  # reports that may wait for a reader of events()
    ended_orders_max: int = 10_000  # ended orders that stay in `orders`


class TradingSession:
    """One account's stream. Commands may be sent at any time; while the connection is away they wait.

    After a disconnect the session connects again by itself, resumes after the last sequence of every
    symbol (no gap, no duplicate), and gives every command its true outcome: reports that were missed
    answer it, or it is sent again under the same client order id, which the venue carries out once.
    """

    def __init__(
        self, client: Client, options: SessionOptions | None = None, resume_after: Mapping[str, int] | None = None
    ) -> None:
        self._client = client
        self._options = options or SessionOptions()
        self._loop = asyncio.get_running_loop()
        self._place = StreamPlace(resume_after or {})
        self._in_flight = InFlight()
        self._request_ids = itertools.count(1)
        self._events: list[Events] = []
        self._outgoing: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._live = False
        self._idle = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._error: TidegateError | None = None
        self.orders = OrderTable(self._options.ended_orders_max)
        self.connects = 0

    # Life

    async def __aenter__(self) -> Self:
        await self._client.instruments()
        self._task = self._loop.create_task(self._run())
        try:
            await asyncio.wait_for(asyncio.shield(self._opened), self._options.open_timeout_s)
        except BaseException as error:
            await self._stop()
            if isinstance(error, TimeoutError):
                raise ConnectionLost(f"{self._client.address} did not open a stream in time") from None
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Wait for the answers that are still due, then end the stream. Open orders stay open."""
        if self._error is None:
            with contextlib.suppress(TimeoutError, TidegateError):
                await asyncio.wait_for(self.settled(), self._options.close_timeout_s)
        await self._stop()

    async def _stop(self) -> None:
        if self._error is None:
            self._error = SessionClosed("the session is closed")
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._end(None)

    def _end(self, error: TidegateError | None) -> None:
        if error is not None:
            self._error = error
        self._live = False
        self._in_flight.fail_all("the session ended before the answer")
        self._idle.set()
        for each in self._events:
            each.end(error)
        self._events.clear()
        if not self._opened.done():
            self._opened.set_exception(error or SessionClosed("the session is closed"))
            self._opened.exception()

    # What callers do

    def send(self, commands: Iterable[AnyCommand]) -> BatchHandle:
        """Send commands as one message and return at once; await the handle for what became of each.

        They are carried out in this order within each symbol; each succeeds or fails alone.
        ValueError when a price or quantity is off the grid: then none is sent.
        """
        request_id = next(self._request_ids)
        request = order_service_pb2.TradeRequest(request_id=request_id)
        ids = write_commands(request, commands, self._client.instrument, self._client.next_id)
        self._check_open()
        for command in request.commands:
            if command.WhichOneof("command") == "place":
                self.orders.sent(command.place.symbol, command.place.client_order_id)
        return self._submit(request_id, request.SerializeToString(), ids)

    def send_message(self, request: order_service_pb2.TradeRequest) -> BatchHandle:
        """Send a message of the contract, written by the caller; its request_id is set here."""
        self._check_open()
        request.request_id = request_id = next(self._request_ids)
        return self._submit(request_id, request.SerializeToString(), [id_of(each) for each in request.commands])

    def send_encoded(self, commands: bytes, ids: Sequence[int]) -> BatchHandle:
        """Send commands that are encoded already (BatchTemplate.encoded()); `ids` as in the commands, 0 for none."""
        self._check_open()
        request_id = next(self._request_ids)
        return self._submit(request_id, _request_id(request_id) + commands, ids)

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
        """Place one order and wait for its answer; raises Refused when it was not applied."""
        order = Place(
            symbol,
            side,
            price,
            quantity,
            type,
            time_in_force,
            client_order_id,
            reduce_only,
            self_trade_prevention,
            self_trade_group,
        )
        return (await self.send([order]))[0].raise_if_refused()

    async def amend(
        self,
        symbol: str,
        client_order_id: int = 0,
        *,
        price: Price | None = None,
        quantity: Quantity | None = None,
        order_id: int = 0,
    ) -> CommandResult:
        """Amend one order and wait for the answer; raises Refused when it was not applied."""
        return (await self.send([Amend(symbol, client_order_id, price, quantity, order_id)]))[0].raise_if_refused()

    async def cancel(self, symbol: str, client_order_id: int = 0, *, order_id: int = 0) -> CommandResult:
        """Cancel one order and wait for the answer; raises Refused when it was not applied."""
        return (await self.send([Cancel(symbol, client_order_id, order_id)]))[0].raise_if_refused()

    async def cancel_all(self, symbol: str, side: Side = Side.UNSPECIFIED) -> CommandResult:
        """Cancel every open order of the account in the symbol, or of one side."""
        return (await self.send([CancelAll(symbol, side)]))[0].raise_if_refused()

    def events(self) -> Events:
        """Reports from this moment on; several readers each get all of them."""
        events = Events(self._client.instrument, self._options.events_max)
        if self._error is not None:
            events.end()
        else:
            self._events.append(events)
        return events

    def __aiter__(self) -> Events:
        return self.events()

    async def settled(self) -> None:
        """Wait until every command sent so far has its answer."""
        while self._in_flight.unanswered:
            self._idle.clear()
            await self._idle.wait()
        if self._error is not None and not isinstance(self._error, SessionClosed):
            raise self._error

    # What callers see

    @property
    def connected(self) -> bool:
        """Whether the stream is live at this moment."""
        return self._live

    @property
    def unanswered(self) -> int:
        """Commands sent and not answered yet."""
        return self._in_flight.unanswered

    @property
    def resume_token(self) -> dict[str, int]:
        """Symbol to sequence: a later session opened with it as `resume_after` goes on without a gap."""
        return self._place.resume_after()

    def order(self, symbol: str, client_order_id: int) -> TrackedOrder | None:
        """An order as this session knows it; None when no report has named it."""
        return self.orders.get(symbol, client_order_id)

    def position(self, symbol: str) -> Decimal:
        """Position in a symbol as of the last fill that this session has seen, signed; 0 before the first."""
        return self._client.instrument(symbol).quantity(self.orders.position_lots.get(symbol, 0))

    # Sending

    def _check_open(self) -> None:
        if self._error is not None:
            raise self._error

    def _submit(self, request_id: int, payload: bytes, ids: Sequence[int]) -> BatchHandle:
        if not ids:
            raise ValueError("a message without commands")
        handle = BatchHandle(request_id, payload, ids, self._client.instrument, self._loop)
        self._in_flight.add(handle)
        if self._live:
            self._outgoing.append(payload)
            self._wake.set()
        return handle

    async def _write(self, call: _Call) -> None:
        while True:
            while self._outgoing:
                await call.write(self._outgoing.popleft())
            self._wake.clear()
            await self._wake.wait()

    # Connecting

    async def _run(self) -> None:
        waits, failing_since_ns = backoff_s(), time.monotonic_ns()
        while True:
            connects = self.connects
            error = await self._connect_once()
            self._live = False
            if self.connects > connects:
                waits, failing_since_ns = backoff_s(), time.monotonic_ns()
            if error is not None and not self._passing(error, time.monotonic_ns() - failing_since_ns):
                self._end(error)
                return
            retry_delay_s = error.retry_delay_s if isinstance(error, Refused) else 0.0
            await asyncio.sleep(max(retry_delay_s, next(waits)))

    def _passing(self, error: TidegateError, failing_ns: int) -> bool:
        """Whether connecting again may help."""
        if isinstance(error, CannotResume) and error.reason is Reason.SEQUENCE_AHEAD:
            # A gateway that has just started, or another one, may not have seen the newest yet.
            return failing_ns < self._options.ahead_timeout_s * 1e9
        return isinstance(error, ConnectionLost | Refused) and not isinstance(error, _FATAL)

    async def _connect_once(self) -> TidegateError | None:
        """One stream, from open to end; returns why it ended."""
        channel = open_channel(self._client.address)
        tasks: list[asyncio.Task[None]] = []
        try:
            call: _Call = channel.stream_stream(
                TRADE, request_serializer=None, response_deserializer=order_service_pb2.TradeResponse.FromString
            )(None, metadata=metadata(self._client.api_key))
            self._outgoing.clear()
            resumes = bool(self._place)
            self._in_flight.begin_catch_up()
            await call.write(self._opening(resumes))
            work = (self._read(call, resumes), self._write(call), self._watch())
            tasks = [self._loop.create_task(each) for each in work]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for each in tasks:
                if each.done():
                    each.result()
        except grpc.RpcError as error:
            return error_of(error)
        except asyncio.InvalidStateError:
            return None  # written to a stream that had just ended
        except TidegateError as error:
            return error
        finally:
            self._live = False
            for each in tasks:
                each.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await channel.close(None)
        return None

    def _opening(self, resumes: bool) -> bytes:
        request = order_service_pb2.TradeRequest()
        if resumes:
            for symbol, sequence in self._place.resume_after().items():
                request.open.resume_after.add(symbol=symbol, sequence=sequence)
        return request.SerializeToString()

    def _go_live(self) -> None:
        for message in self._in_flight.end_catch_up(lambda: next(self._request_ids)):
            self._outgoing.append(message.SerializeToString())
        self._wake.set()
        self._live = True
        self.connects += 1
        if not self._in_flight.unanswered:
            self._idle.set()
        if not self._opened.done():
            self._opened.set_result(None)

    # Receiving

    async def _read(self, call: _Call, resumes: bool) -> None:
        while True:
            response = await call.read()
            if not isinstance(response, order_service_pb2.TradeResponse):  # grpc.aio.EOF
                return
            self._place.heard()
            self._take(response)
            if response.HasField("notice") and self._notice(response.notice, resumes):
                return

    def _notice(self, notice: types_pb2.StreamNotice, resumes: bool) -> bool:
        """News of the stream; True when it is to be left for another."""
        if notice.kind == _Kind.KIND_OPENED:
            if not resumes:
                self._place.advance(notice.positions)
                self._go_live()
        elif notice.kind == _Kind.KIND_CAUGHT_UP:
            self._place.advance(notice.positions)
            if not self._live:
                self._go_live()
        return notice.kind in (_Kind.KIND_DRAINING, _Kind.KIND_SLOW_READER)

    def _take(self, response: order_service_pb2.TradeResponse) -> None:
        is_new, apply, answer, events = self._place.is_new, self.orders.apply, self._in_flight.on_report, self._events
        for report in response.reports:
            if not is_new(report):
                continue
            apply(report)
            answer(report)
            for each in events:
                each.put(report)
        for refusal in response.refusals:
            refused = self._in_flight.on_refusal(refusal)
            if refused is not None:
                handle, item = refused
                command = handle.commands()[item]
                if command.WhichOneof("command") == "place":
                    self.orders.forget(command.place.symbol, command.place.client_order_id)
        self._in_flight.flush()
        if not self._in_flight.unanswered:
            self._idle.set()

    async def _watch(self) -> None:
        """Ends when the stream has become silent: it did not open, or owes an answer for too long."""
        opened_ns = time.monotonic_ns()
        while True:
            await asyncio.sleep(self._options.answer_timeout_s / 8)
            since_ns = self._in_flight.oldest_sent_ns() if self._live else self._place.heard_ns
            if since_ns is None:
                continue
            if time.monotonic_ns() - max(since_ns, opened_ns) > self._options.answer_timeout_s * 1e9:
                return


def _request_id(value: int) -> bytes:
    out = bytearray(_REQUEST_ID)
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)

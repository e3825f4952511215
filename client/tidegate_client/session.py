"""A trading session: commands out, reports in, across disconnects."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from types import TracebackType
from typing import TYPE_CHECKING, Self, Unpack

import grpc
import grpc.aio
from google.protobuf.message import DecodeError

from tidegate.v1 import order_service_pb2, types_pb2
from tidegate_client.commands import AnyCommand, id_of, new_order, write_commands
from tidegate_client.connection import backoff_s, metadata, open_channel
from tidegate_client.enums import PositionSide, Reason, ReportKind
from tidegate_client.errors import (
    CannotResume,
    ConnectionLost,
    Invalid,
    NotFound,
    PermissionDenied,
    Refused,
    SessionClosed,
    TidegateError,
    Unauthenticated,
)
from tidegate_client.events import Events
from tidegate_client.handle import BatchHandle, Item
from tidegate_client.inflight import InFlight
from tidegate_client.instrument_watch import InstrumentWatch, delisted_now
from tidegate_client.instruments import Instrument
from tidegate_client.order_calls import OrderCalls
from tidegate_client.orders import OrderTable, TrackedOrder
from tidegate_client.position import StreamPlace
from tidegate_client.quoting import Quote, QuoteTerms, write_quotes
from tidegate_client.rpc import error_of
from tidegate_client.session_options import SessionListener, SessionOptions
from tidegate_client.types import CommandResult, Limits
from tidegate_client.varint import varint

if TYPE_CHECKING:
    from tidegate_client.client import Client

TRADE = "/tidegate.v1.OrderService/Trade"
MESSAGE_BYTES_MAX = 512 << 10  # gRPC at the venue cuts off a larger one, and with it the stream, without a word
_NOT_YET = (Reason.SEQUENCE_AHEAD, Reason.UNKNOWN_SYMBOL)
_FATAL = (Unauthenticated, PermissionDenied, CannotResume, NotFound)
_Call = grpc.aio.StreamStreamCall[bytes, order_service_pb2.TradeResponse]
_Kind = types_pb2.StreamNotice.Kind
_REQUEST_ID = b"\x08"  # the tag of TradeRequest.request_id
_DEFINED = ReportKind.INSTRUMENT_DEFINED.value


class TradingSession(OrderCalls):
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
        self._closing = False
        self._listeners: list[SessionListener] = []
        self._instruments = InstrumentWatch(client, self._options.answer_timeout_s)
        self._idle = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._error: TidegateError | None = None
        self.orders = OrderTable(self._options.ended_orders_max)
        self.connects = 0
        self.limits = Limits()

    # Life

    async def __aenter__(self) -> Self:
        await self._client.refresh_instruments()  # changes from here on are told in the stream
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
        """Wait for the answers that are still due, then log out. Open orders stay open."""
        if self._error is None:
            with contextlib.suppress(TimeoutError, TidegateError):
                await asyncio.wait_for(self.settled(), self._options.close_timeout_s)
        if self._live and self._task is not None:
            self._closing = True
            self._wake.set()
            await asyncio.wait({self._task}, timeout=self._options.close_timeout_s)
        await self._stop()

    async def _stop(self) -> None:
        if self._error is None:
            self._error = SessionClosed("the session is closed")
        await self._instruments.stop()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
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
        for listener in self._listeners:
            listener.on_end(self._error)
        if not self._opened.done():
            self._opened.set_exception(error or SessionClosed("the session is closed"))
            self._opened.exception()

    # What callers do

    def send(self, commands: Iterable[AnyCommand]) -> BatchHandle:
        """Send commands as one message and return at once; await the handle for what became of each.

        They are carried out in this order within each symbol; each succeeds or fails alone.
        ValueError when a price or quantity is off the grid: then none is sent.
        """
        self._check_open()
        request_id = next(self._request_ids)
        request = order_service_pb2.TradeRequest(request_id=request_id)
        ids = write_commands(request, commands, self._client.instrument, self._client.next_id)
        handle = self._submit(request_id, request.SerializeToString(), ids)
        for command in request.commands:
            placed = new_order(command)
            if placed is not None:
                self.orders.sent(placed.symbol, placed.client_order_id)
        return handle

    def send_quotes(self, quotes: Iterable[Quote], **terms: Unpack[QuoteTerms]) -> BatchHandle:
        """Send up to 100 quotes as one message and return at once; await the handle for what became of each.

        ValueError when a price or quantity is off the grid: then none is sent.
        """
        self._check_open()
        request = order_service_pb2.TradeRequest()
        write_quotes(request.mass_quote, quotes, self._client.instrument, **terms)
        return self.send_message(request)

    async def one(self, command: AnyCommand) -> CommandResult:
        """Send one command and wait for the answer; raises Refused when it was not applied."""
        return (await self.send([command]))[0].raise_if_refused()

    async def mass_quote(self, quotes: Iterable[Quote], **terms: Unpack[QuoteTerms]) -> list[CommandResult]:
        """Send up to 100 quotes and wait; one result each, none is raised."""
        return await self.send_quotes(quotes, **terms)

    def send_message(self, request: order_service_pb2.TradeRequest, *, resend: bool = True) -> BatchHandle:
        """Send a message of the contract, written by the caller; its request_id is set here.

        With `resend` False it is not sent again after a disconnect: what has no answer by then is UNKNOWN.
        """
        self._check_open()
        request.request_id = request_id = next(self._request_ids)
        quotes = request.mass_quote.quotes
        ids = [id_of(each) for each in request.commands]
        ids += [each.quote_id for each in quotes]
        return self._submit(request_id, request.SerializeToString(), ids, len(quotes), resend)

    def send_encoded(self, commands: bytes, ids: Sequence[int]) -> BatchHandle:
        """Send commands that are encoded already (BatchTemplate.encoded()); `ids` as in the commands, 0 for none."""
        self._check_open()
        request_id = next(self._request_ids)
        return self._submit(request_id, _REQUEST_ID + varint(request_id) + commands, ids)

    def listen(self, listener: SessionListener) -> None:
        """Call the listener with what happens from now on, in its order, before anybody who awaits is woken."""
        self._listeners.append(listener)

    def events(self) -> Events:
        """Reports from this moment on; several readers each get all of them."""
        events = Events(self._instruments.scale_of, self._options.events_max)
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

    def instrument(self, symbol: str) -> Instrument:
        """An instrument that the client knows; NotFound otherwise."""
        return self._client.instrument(symbol)

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

    def position(self, symbol: str, leg: PositionSide = PositionSide.UNSPECIFIED) -> Decimal:
        """Position in a symbol as of the last fill that this session has seen, signed; 0 before the first.

        In hedge mode `leg` says which.
        """
        legs = self.orders.short_lots if leg is PositionSide.SHORT else self.orders.position_lots
        return self._client.instrument(symbol).quantity(legs.get(symbol, 0))

    # Sending

    def _check_open(self) -> None:
        if self._error is not None:
            raise self._error
        if self._task is None:
            raise SessionClosed("the session is not open yet: async with client.trading() as session")

    def _submit(
        self, request_id: int, payload: bytes, ids: Sequence[int], quotes: int = 0, resend: bool = True
    ) -> BatchHandle:
        if not ids:
            raise ValueError("a message without commands")
        if len(payload) > MESSAGE_BYTES_MAX:
            raise ValueError(f"a message of {len(payload)} bytes; the venue takes no more than {MESSAGE_BYTES_MAX}")
        handle = BatchHandle(
            request_id, payload, ids, self._client.instrument, self._loop, quotes=quotes, resend=resend
        )
        self._in_flight.add(handle, sent=self._live)
        if self._live:
            self._outgoing.append(payload)
            self._wake.set()
        return handle

    async def _write(self, call: _Call) -> None:
        while True:
            while self._outgoing:
                try:
                    await call.write(self._outgoing.popleft())
                except asyncio.InvalidStateError:
                    await self._loop.create_future()  # the stream has just ended: the reader knows why
            if self._closing:
                await call.done_writing()
                await self._loop.create_future()  # the reader sees the end
            self._wake.clear()
            await self._wake.wait()

    # Connecting

    async def _run(self) -> None:
        try:
            await self._keep_connected()
        except Exception as error:
            # Whoever waits must not wait for ever.
            failed = TidegateError(f"the session has failed: {error!r}")
            failed.__cause__ = error
            self._end(failed)

    async def _keep_connected(self) -> None:
        waits, failing_since_ns = backoff_s(), time.monotonic_ns()
        while True:
            connects = self.connects
            error = await self._connect_once()
            self._live = False
            for listener in self._listeners:
                listener.on_disconnect()
            if self._closing:
                return
            if isinstance(error, NotFound) and self._place.drop_any(await delisted_now(self._client)):
                error = None
            opened = self.connects > connects
            if opened:
                waits, failing_since_ns = backoff_s(), time.monotonic_ns()
            if opened and isinstance(error, Invalid) and self._refused(error):
                error = None
            if error is not None and not self._passing(error, opened, time.monotonic_ns() - failing_since_ns):
                self._end(error)
                return
            retry_delay_s = error.retry_delay_s if isinstance(error, Refused) else 0.0
            await asyncio.sleep(max(retry_delay_s, next(waits)))

    def _passing(self, error: TidegateError, opened: bool, failing_ns: int) -> bool:
        """Whether connecting again may help."""
        if isinstance(error, Refused) and error.reason in _NOT_YET:
            # A gateway that has just started, or another one, may not have seen the newest sequence or symbol yet.
            return failing_ns < self._options.ahead_timeout_s * 1e9
        if isinstance(error, Invalid):
            # A gateway that has not heard the first message in time; anything else will not get better.
            return error.reason is Reason.MALFORMED_MESSAGE and not opened
        return isinstance(error, ConnectionLost | Refused) and not isinstance(error, _FATAL)

    def _refused(self, error: Invalid) -> bool:
        """A message of ours has ended the stream: it is answered with the refusal, and the rest goes on. False when it
        is not known which one it was."""
        place = error.details.get("message", "")
        handle = self._in_flight.refuse(int(place), error.reason.value) if place.isdigit() else None
        with contextlib.suppress(DecodeError):  # send_encoded takes anything
            for command in handle.items() if handle is not None else ():
                self._forget(command)
        if not self._in_flight.unanswered:
            self._idle.set()
        return handle is not None

    def _forget(self, item: Item) -> None:
        """An order that has never come to the venue."""
        placed = new_order(item) if isinstance(item, order_service_pb2.Command) else None
        if placed is not None:
            self.orders.forget(placed.symbol, placed.client_order_id)

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
        if self._options.cancel_on_disconnect:
            request.open.cancel_on_disconnect = True
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
        for listener in self._listeners:
            listener.on_live()

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
        elif notice.kind == _Kind.KIND_SYMBOL_ADDED:
            self._place.advance(notice.positions)
            for each in notice.positions:
                self._instruments.expect(each.symbol)
        elif notice.kind == _Kind.KIND_SYMBOL_REMOVED:
            for each in notice.positions:
                self._place.drop(each.symbol)
        return notice.kind in (_Kind.KIND_DRAINING, _Kind.KIND_SLOW_READER)

    def _take(self, response: order_service_pb2.TradeResponse) -> None:
        is_new, apply, answer, events = self._place.is_new, self.orders.apply, self._in_flight.on_report, self._events
        listeners = self._listeners
        if response.HasField("limits"):
            self.limits = Limits.from_wire(response.limits)
        for report in response.reports:
            if not is_new(report):
                continue
            apply(report)
            answer(report)
            for each in events:
                each.put(report)
            for listener in listeners:
                listener.on_report(report)
            if report.kind == _DEFINED:
                self._instruments.expect(report.symbol, report.sequence)
        for refusal in response.refusals:
            refused = self._in_flight.on_refusal(refusal)
            if refused is not None:
                handle, item = refused
                self._forget(handle.items()[item])
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

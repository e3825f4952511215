"""Trade and StreamEvents: long sessions of the Router, one per stream (rule API-2).

A stream has a reader (commands in) and a writer (reports out), a task each. The writer sends what the
Router has for the session, everything at once, and sleeps when there is nothing. Nothing else ever waits
for a client: a client that does not take its reports fills its own buffer, and when that is full it is
told so and its stream ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NoReturn, TypeVar

import grpc.aio
import structlog

from tidegate.gateway import refusals, resume
from tidegate.gateway.authentication import Authenticator
from tidegate.gateway.catch_up import JournalCatchUp
from tidegate.gateway.config import GatewayLimits
from tidegate.gateway.errors import RefusedError
from tidegate.gateway.router_pump import Mailbox, RouterPump
from tidegate.gateway.shards import Shards
from tidegate.gateway.unary import FAULT, parse, submit_message
from tidegate.v1 import account_service_pb2, order_service_pb2, types_pb2

if TYPE_CHECKING:
    Context = grpc.aio.ServicerContext[bytes, bytes]
    Opening = TypeVar("Opening", order_service_pb2.TradeRequest, account_service_pb2.StreamEventsRequest)
    OpenStream = Callable[[], Awaitable["Stream | None"]]

EOF: object = grpc.aio.EOF  # type: ignore[attr-defined]
SWEEP_SECONDS = 0.1
ABORT_SECONDS_MAX = 0.5

Kind = types_pb2.StreamNotice

log = structlog.get_logger(__name__)


class StreamRegistry:
    """Every open stream: opens them, looks after those that are not read, ends them when the gateway drains."""

    def __init__(
        self,
        pump: RouterPump,
        catch_up: JournalCatchUp,
        *,
        shards: Shards,
        authenticator: Authenticator,
        limits: GatewayLimits,
    ) -> None:
        self._shards = shards
        self.pump = pump
        self.catch_up = catch_up
        self.limits = limits
        self._authenticator = authenticator
        self._draining = False
        self._streams: set[Stream] = set()
        self._empty = asyncio.Event()
        self._empty.set()

    async def trade(self, context: Context) -> None:
        """One Trade call, from its first message to its end."""

        async def opened() -> Stream | None:
            account = self._authenticator.account(context)
            first = await context.read()
            if first is EOF:
                return None
            request = self._parse_opening(order_service_pb2.TradeRequest, first)
            return await self._open(context, account, request.open, first)

        await self._run(context, opened)

    async def events(self, message: bytes, context: Context) -> None:
        """One StreamEvents call."""

        async def opened() -> Stream | None:
            account = self._authenticator.account(context)
            request = self._parse_opening(account_service_pb2.StreamEventsRequest, message)
            return await self._open(context, account, request.open, None)

        await self._run(context, opened)

    async def sweep(self) -> NoReturn:
        """Finds the streams whose output has passed its bound, for as long as the gateway lives."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            for stream in self._streams:
                if self.pump.router.overflowed(stream.session):
                    stream.overflow()

    async def announce_draining(self, seconds: float) -> None:
        """Tells every stream; returns when all have left, or after `seconds`. No stream opens any more."""
        self._draining = True
        for stream in self._streams:
            stream.announce_draining()
        await self._until_empty(seconds)

    async def end_all(self, seconds: float) -> None:
        """Ends what is still open once its commands are answered; returns then, or after `seconds`."""
        for stream in self._streams:
            stream.end(RefusedError(types_pb2.REASON_DRAINING))
        await self._until_empty(seconds)

    async def _until_empty(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._empty.wait(), seconds)

    def _parse_opening(self, kind: type[Opening], message: bytes) -> Opening:
        # Millions of empty positions fit into one message: as objects they would hold up everybody else.
        if len(message) <= self.limits.opening_bytes_max:
            request = parse(kind, message)
            if len(request.open.resume_after) <= self.limits.opening_positions_max:
                return request
        raise RefusedError(types_pb2.REASON_TOO_MANY_ITEMS, "the message that opens the stream is too large")

    async def _open(
        self, context: Context, account: int, wanted: order_service_pb2.StreamOpen, first: bytes | None
    ) -> Stream:
        """A session, and where it goes on; first: the message that opened a Trade stream."""
        if self._draining:
            raise RefusedError(types_pb2.REASON_DRAINING)
        starts = await resume.starting_points(self.pump, self._shards, wanted)
        if sum(stream.account == account for stream in self._streams) >= self.limits.account_streams_max:
            raise RefusedError(types_pb2.REASON_TOO_MANY_SESSIONS, "the account has as many streams as it may")
        session = self.pump.router.open_session(account, events=True, held=bool(starts))
        if session == 0:
            raise RefusedError(types_pb2.REASON_TOO_MANY_SESSIONS)
        return Stream(self, context, session, resume.Resume(self.pump.router.positions(), account, starts), first)

    async def _run(self, context: Context, opened: OpenStream) -> None:
        stream = None
        try:
            stream = await opened()
            if stream is not None:
                self._streams.add(stream)
                self._empty.clear()
                await stream.run()
        except RefusedError as refusal:
            await self._abort(context, refusal)
        except Exception:
            log.exception("stream failed")
            await self._abort(context, FAULT)
        finally:
            if stream is not None:
                self.pump.detach(stream.session)
                self._streams.discard(stream)
                if not self._streams:
                    self._empty.set()

    async def _abort(self, context: Context, refusal: RefusedError) -> None:
        # To a client that does not read, the status waits behind what it has not taken: the call ends here
        # all the same.
        with contextlib.suppress(TimeoutError):
            abort = refusals.abort(context, refusal, self.limits.retry_delay_ms)
            await asyncio.wait_for(abort, ABORT_SECONDS_MAX)


class Stream:
    """One open stream of one session."""

    def __init__(
        self, registry: StreamRegistry, context: Context, session: int, resumed: resume.Resume, first: bytes | None
    ) -> None:
        self.session = session
        self.account = resumed.account
        self._registry = registry
        self._pump = registry.pump
        self._router = registry.pump.router
        self._limits = registry.limits
        self._context = context
        self._resume = resumed
        # While the client catches up: where it stands in the symbols that it has named.
        self._catching_up = dict(resumed.starts)
        self._first = first
        self._mailbox = Mailbox()
        self._tasks: list[asyncio.Task[None]] = []
        self._loop = asyncio.get_running_loop()
        self._cut: asyncio.Future[None] = self._loop.create_future()
        self._room: asyncio.Future[None] | None = None  # the reader waits for it when too much is in flight
        self._refusal: RefusedError | None = None
        self._ending = False  # no commands come any more
        self._expired = False  # what is still unanswered will not be waited for
        self._slow = False
        self._draining = False
        self._pump.attach(session, self._mailbox)

    async def run(self) -> None:
        """Until the client or the venue ends it. Raises RefusedError."""
        writer = self._loop.create_task(self._write())
        self._tasks.append(writer)
        try:
            await asyncio.wait({writer, self._cut}, return_when=asyncio.FIRST_COMPLETED)
            if not writer.done():
                raise self._too_slow()
            await writer
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def end(self, refusal: RefusedError | None) -> None:
        """No more commands: what is due is sent, then the stream ends, with OK or with the refusal."""
        if not self._ending:
            self._ending = True
            self._refusal = refusal
            self._loop.call_later(self._limits.unary_timeout_ms / 1000, self._expire)
        self._mailbox.ring()

    def announce_draining(self) -> None:
        """The client is told to leave."""
        self._draining = True
        self._mailbox.ring()

    def overflow(self) -> None:
        """The client has not read: it gets a last notice if it takes it in time, and the stream ends either way."""
        if not self._slow:
            self._slow = True
            self._loop.call_later(self._limits.close_ms / 1000, self._cut_off)
            self._mailbox.ring()

    def _cut_off(self) -> None:
        if not self._cut.done():
            self._cut.set_result(None)

    def _expire(self) -> None:
        self._expired = True
        self._mailbox.ring()

    # ---- in ----

    async def _read(self) -> None:
        context, router, session = self._context, self._router, self.session
        in_flight_max = self._limits.in_flight_max
        try:
            while not self._ending:
                message = await context.read()
                if message is EOF:
                    return self.end(None)
                submit_message(self._pump, session, message)
                self._pump.soon()
                if router.outstanding(session) > in_flight_max:
                    # Not reading is what holds the client back: HTTP/2 flow control does the rest.
                    self._room = self._loop.create_future()
                    await self._room
        except RefusedError as refusal:
            self.end(refusal)
        except Exception:
            log.exception("stream not readable", session=session)
            self.end(FAULT)

    # ---- out ----

    async def _write(self) -> None:
        """Opens, catches up, then sends until the end. Raises RefusedError."""
        await self._open()
        context, router, session, mailbox = self._context, self._router, self.session, self._mailbox
        while True:
            message = router.take(session, time.time_ns())
            if self._draining:
                self._draining = False
                message += self._notice(Kind.KIND_DRAINING)
            if message:
                await context.write(message)
                self._make_room()
            elif self._slow:
                await context.write(self._notice(Kind.KIND_SLOW_READER))
                raise self._too_slow()
            elif self._ending and (self._expired or not router.outstanding(session)):
                return self._finish()
            else:
                await mailbox.wait()

    async def _open(self) -> None:
        await self._write_opening(resume.notice(Kind.KIND_OPENED, self._resume.opened_at))
        if self._resume.starts:
            async for symbol, sequence, message in resume.missed(self._registry.catch_up, self._resume):
                self._catching_up[symbol] = sequence
                await self._write_opening(message)
            await self._write_opening(resume.notice(Kind.KIND_CAUGHT_UP, self._resume.opened_at))
            self._catching_up.clear()
            self._router.release(self.session)
        if self._first is not None:
            submit_message(self._pump, self.session, self._first)
            self._first = None
            self._tasks.append(self._loop.create_task(self._read()))
        self._pump.soon()

    async def _write_opening(self, message: bytes) -> None:
        # Nothing of the Router's grows here that would tell a reader which does not read at all.
        try:
            async with asyncio.timeout(self._limits.catch_up_write_ms / 1000):
                await self._context.write(message)
        except TimeoutError as error:
            raise self._too_slow() from error

    def _make_room(self) -> None:
        if self._room is not None and self._router.outstanding(self.session) <= self._limits.in_flight_max // 2:
            if not self._room.done():
                self._room.set_result(None)
            self._room = None

    def _finish(self) -> None:
        if self._refusal is not None:
            raise self._refusal
        if self._router.outstanding(self.session):
            raise RefusedError(types_pb2.REASON_SYMBOL_UNAVAILABLE, outcome=types_pb2.OUTCOME_UNKNOWN)

    def _notice(self, kind: Kind.Kind) -> bytes:
        return resume.notice(kind, self._positions_sent())

    def _positions_sent(self) -> list[tuple[str, int]]:
        # The Router counts from where the session has opened: to a client that catches up it is still ahead.
        sent = self._router.positions_sent(self.session)
        return [(symbol, self._catching_up.get(symbol, sequence)) for symbol, sequence in sent]

    def _too_slow(self) -> RefusedError:
        positions = self._positions_sent()
        log.warning("slow reader", session=self.session, positions=positions)
        details = {f"sequence.{symbol}": str(sequence) for symbol, sequence in positions}
        return RefusedError(types_pb2.REASON_SLOW_READER, outcome=types_pb2.OUTCOME_UNKNOWN, details=details)

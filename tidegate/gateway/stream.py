"""One open stream: a session of the Router, read and written by a task each (rule API-2).

The writer sends what the Router has for the session, everything at once, and sleeps when there is nothing.
Nothing else ever waits for a client: a client that does not take its reports fills its own buffer, and when
that is full it is told so and its stream ends.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

import grpc.aio
import structlog

from tidegate.gateway import resume
from tidegate.gateway.catch_up import JournalCatchUp
from tidegate.gateway.config import GatewayLimits
from tidegate.gateway.errors import RefusedError, fault
from tidegate.gateway.router_pump import Mailbox, RouterPump
from tidegate.gateway.unary import refusal_reason
from tidegate.v1 import types_pb2

if TYPE_CHECKING:
    Context = grpc.aio.ServicerContext[Any, Any]

EOF: object = grpc.aio.EOF  # type: ignore[attr-defined]
# The end of a lost connection looks like a half-close until gRPC says, a moment later, that the call is canceled.
HALF_CLOSE_SECONDS = 0.1
PAUSE_SECONDS_LEAST = 0.001  # what is shorter is not worth a timer

Kind = types_pb2.StreamNotice

log = structlog.get_logger(__name__)


class Stream:
    """One open stream of one session."""

    def __init__(
        self,
        pump: RouterPump,
        catch_up: JournalCatchUp,
        limits: GatewayLimits,
        *,
        context: Context,
        session: int,
        resumed: resume.Resume,
        first: bytes | None = None,
        cancels_when_lost: bool = False,
        pause_s: Callable[[], float],
        catch_up_turn: Callable[[], AbstractAsyncContextManager[None]],
    ) -> None:
        """first: the message that opened a Trade stream; without one the stream takes no commands, and rests for
        `pause_s` after each message. catch_up_turn: held while the stream reads what its client has missed."""
        self.session = session
        self.accounts = resumed.accounts
        self._pump = pump
        self._router = pump.router
        self._catch_up = catch_up
        self._catch_up_turn = catch_up_turn
        self._limits = limits
        self._context = context
        self._resume = resumed
        # While the client catches up: where it stands in the symbols that it has named.
        self._catching_up = dict(resumed.starts)
        self._first = first
        self._messages = 0  # of the client that were handed on; the opening one is the first
        self._pause_s = pause_s if first is None else None
        self._mailbox = Mailbox()
        self._tasks: list[asyncio.Task[None]] = []
        self._loop = asyncio.get_running_loop()
        self._cut: asyncio.Future[None] = self._loop.create_future()
        self._room: asyncio.Future[None] | None = None  # the reader waits for it when too much is in flight
        self._refusal: RefusedError | None = None
        self._ending = False  # no commands come any more
        self._expired = False  # what is still unanswered will not be waited for
        self._slow = False
        self._cancels_when_lost = cancels_when_lost
        self._left = False  # the client has half-closed, or was told to leave
        self._notices: list[Callable[[], bytes]] = []
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
            if self._cancels_when_lost and not self._left:
                log.info("stream lost", session=self.session)
                self._router.disconnect(self.session)
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
        self._left = True
        self._tell(lambda: self._notice(Kind.KIND_DRAINING))

    def announce_symbol(self, symbol: str, sequence: int, *, added: bool) -> None:
        """A symbol has come, and the stream starts in it after `sequence`; or it has gone, and nothing follows it."""
        kind = Kind.KIND_SYMBOL_ADDED if added else Kind.KIND_SYMBOL_REMOVED
        self._tell(lambda: resume.notice(kind, [(symbol, sequence)]))

    def _tell(self, notice: Callable[[], bytes]) -> None:
        self._notices.append(notice)
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
                    return await self._half_closed()
                self._submit(message)
                if router.outstanding(session) > in_flight_max:
                    # Not reading is what holds the client back: HTTP/2 flow control does the rest.
                    self._room = self._loop.create_future()
                    await self._room
        except RefusedError as refusal:
            self.end(refusal)
        except Exception:
            log.exception("stream not readable", session=session)
            self.end(fault())

    async def _half_closed(self) -> None:
        if self._cancels_when_lost:
            await asyncio.sleep(HALF_CLOSE_SECONDS)
        self._left = True
        self.end(None)

    def _submit(self, message: bytes) -> None:
        """Commands and quotes into the rings. Raises RefusedError, which says which message of the stream it is about,
        when the message is refused as a whole."""
        number, self._messages = self._messages, self._messages + 1
        try:
            self._router.submit(self.session, message, time.time_ns())
        except ValueError as error:
            raise RefusedError(refusal_reason(error), details={"message": str(number)}) from error
        self._pump.soon()

    # ---- out ----

    async def _write(self) -> None:
        """Opens, catches up, then sends until the end. Raises RefusedError."""
        await self._open()
        context, router, session, mailbox = self._context, self._router, self.session, self._mailbox
        while True:
            message = router.take(session, time.time_ns())
            if self._notices:
                # The fields of a message that is merged of several: one notice each.
                await self._write_notices(message)
                continue
            if message:
                await context.write(message)
                self._make_room()
                if self._pause_s is not None and (pause_s := self._pause_s()) > PAUSE_SECONDS_LEAST:
                    await asyncio.sleep(pause_s)
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
            async with self._catch_up_turn():
                async for symbol, sequence, message in resume.missed(self._catch_up, self._resume):
                    self._catching_up[symbol] = sequence
                    await self._write_opening(message)
            await self._write_opening(resume.notice(Kind.KIND_CAUGHT_UP, self._resume.opened_at))
            self._catching_up.clear()
            self._router.release(self.session)
        if self._first is not None:
            self._submit(self._first)
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

    async def _write_notices(self, message: bytes) -> None:
        for notice in self._notices:
            await self._context.write(message + notice())
            message = b""
        self._notices.clear()
        self._make_room()

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

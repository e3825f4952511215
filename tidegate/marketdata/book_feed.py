"""Follows one symbol's event ring and keeps its book; tells the hubs what changed.

start ──▶ asking ──depth answer──▶ following ──lapped──▶ catching up from the journal ──▶ following
            ▲                                                 │ journal does not reach
            └─────────────────────────────────────────────────┘

Beside it a TapeFeed makes history of the same events.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator
from typing import Protocol

import structlog

from tidegate.marketdata.depth_paces import DepthPaces
from tidegate.marketdata.journal import Journal
from tidegate.marketdata.state_feed import StateFeed
from tidegate.marketdata.tape_feed import TapeFeed
from tidegate.wire import native
from tidegate.wire.records import Command, CommandType

log = structlog.get_logger(__name__)

READ_MOST = 40_000  # events in one read: more than one command can cause, so that a read never ends within one
READS_MAX = 4  # reads in one poll, so that no symbol starves another
# A gateway puts its own number into the upper bits of its origins; this one is nobody's.
ORIGIN_BASE = 0xFF000000
ORIGINS = 0x00FFFFFF


class Events(Protocol):
    """A cursor in an event ring (tidegate.wire.native.EventReader)."""

    @property
    def lapped(self) -> bool: ...
    def close(self) -> None: ...
    def read(self, most: int) -> bytes: ...
    def seek_after(self, sequence: int) -> bool: ...
    def set_sleeping(self, sleeps: bool) -> object: ...


class Commands(Protocol):
    """The way into the engine (tidegate.wire.native.CommandProducer)."""

    @property
    def depth(self) -> int: ...
    def close(self) -> None: ...
    def push(self, commands: bytes, reserved: bool = True) -> int: ...


class BookFeed:
    """One symbol: ring in, messages for the hubs out. All methods belong to the event loop's thread.

    `open_events` gives a new cursor at the end of the ring.
    """

    def __init__(
        self,
        symbol: str,
        symbol_id: int,
        open_events: Callable[[], Events],
        commands: Commands,
        journal: Journal,
        *,
        tape: TapeFeed,
        state: StateFeed,
        depth_backlog_max: int,
        answer_timeout_ns: int,
    ) -> None:
        self.symbol = symbol
        self.book = native.DepthBook(symbol)
        self.depth = DepthPaces(self.book, depth_backlog_max)
        self.tape = tape
        self.state = state
        self.symbol_id = symbol_id
        self._open_events = open_events
        self._events = open_events()
        self._commands = commands
        self._journal = journal
        self._answer_timeout_ns = answer_timeout_ns
        self._origins = itertools.count(1)
        self._asked_at_ns: int | None = None
        self._catching_up: Generator[bytes, None, None] | None = None

    def close(self) -> None:
        """Lets go of the rings and the journal."""
        self._release_journal()
        self.tape.release_journal()
        self._events.close()
        self._commands.close()

    @property
    def complete(self) -> bool:
        """Whether its history, too, is counted up to now: a tape that is behind would tell less than there was."""
        return self.depth.ready and self.tape.follows

    def end(self) -> None:
        """The symbol is gone: its readers get what is there and a clean end."""
        self.depth.end()
        self.tape.end()
        self.state.end()

    def set_sleeping(self, sleeps: bool) -> None:
        """Whether the engine has to ring the bell for its next event."""
        self._events.set_sleeping(sleeps)

    def poll(self, now_ns: int) -> bool:
        """Takes what is there and tells the hubs; `now_ns` is monotonic. False when there was nothing."""
        if self._catching_up is not None:
            self._catch_up()
            self._publish(now_ns)
            return True
        busy = self._read()
        if self._events.lapped:
            self._start_catching_up()
            busy = True
        if self._catching_up is None:
            self._ask_if_needed(now_ns)
        if self.book.ready and self._catching_up is None:
            busy = self.tape.step(self.book.sequence) or busy
        self._publish(now_ns)
        return busy

    def next_due_ns(self) -> int | None:
        """When something is owed to readers, whether or not anything happens until then; None: nothing is."""
        due = [each for each in (self.depth.next_due_ns(), self.state.next_due_ns()) if each is not None]
        return min(due, default=None)

    def _read(self) -> bool:
        for reads in range(READS_MAX):
            events = self._events.read(READ_MOST)
            if not events:
                return reads > 0
            self._feed(events)
        return True

    def _feed(self, events: bytes) -> None:
        """Into book and tape; a book that does not add up is never shown, but asked for anew."""
        self.tape.feed(events)
        try:
            self.book.feed(events)
        except ValueError as error:
            log.error("book does not add up", symbol=self.symbol, sequence=self.book.sequence, error=str(error))
            self._start_over()

    def _ask_if_needed(self, now_ns: int) -> None:
        """A depth answer tells the book at first, and prices after a definition."""
        if self.book.ready and self.book.prices_known:
            self._asked_at_ns = None
        else:
            self._ask(now_ns)

    def _ask(self, now_ns: int) -> None:
        """Sends a depth query, unless one is under way or still waits for a dead engine's successor."""
        if self._asked_at_ns is not None and now_ns - self._asked_at_ns < self._answer_timeout_ns:
            return
        if self._commands.depth:
            return
        origin = ORIGIN_BASE | (next(self._origins) & ORIGINS)
        self.book.expect_snapshot(origin)
        query = Command(type=CommandType.QUERY_DEPTH, symbol=self.symbol_id, origin=origin)
        if self._commands.push(query.pack()):
            self._asked_at_ns = now_ns

    def _start_catching_up(self) -> None:
        if self.book.ready:
            log.info("lapped", symbol=self.symbol, sequence=self.book.sequence)
            self._read_journal()
        else:
            self._start_over()

    def _read_journal(self) -> None:
        self.tape.release_journal()
        self._release_journal()
        self._catching_up = self._journal.events_after(self.book.sequence)

    def _catch_up(self) -> None:
        """One piece of the journal, or back to the ring when that reaches far enough."""
        assert self._catching_up is not None
        piece = next(self._catching_up, None)
        if piece is not None:
            self._feed(piece)
            return
        self._release_journal()
        if not self._events.seek_after(self.book.sequence):
            # Either the ring has moved on meanwhile, which another round cures, or the journal is behind it.
            before = self.book.sequence
            self._read_journal()
            piece = next(self._catching_up, None)
            if piece is None:
                log.warning("the journal does not reach the ring", symbol=self.symbol, sequence=before)
                self._start_over()
            else:
                self._feed(piece)

    def _release_journal(self) -> None:
        if self._catching_up is not None:
            self._catching_up.close()
            self._catching_up = None

    def _start_over(self) -> None:
        """Asks for the whole book again."""
        self._release_journal()
        self._asked_at_ns = None
        self.book = native.DepthBook(self.symbol)
        self._events.close()
        self._events = self._open_events()
        self.depth.lose()

    def _publish(self, now_ns: int) -> None:
        """Tells the hubs what has gathered since the last time."""
        traded = self.tape.publish()
        if not self.book.ready:
            return
        if not self.depth.ready:
            log.info("following", symbol=self.symbol, sequence=self.book.sequence)
            self.depth.begin(self.book)
        self.depth.publish(now_ns)
        self.state.publish(self.book, now_ns, traded=traded)

"""Between the event loop and the native Router: one turn takes what the event rings have and wakes sessions.

A turn never waits for a client. When the rings are empty the gateway sleeps on its doorbell; while they
are not, turns follow one another with everything else that the loop has to do in between.
"""

from __future__ import annotations

import asyncio

import structlog

from tidegate.gateway.catch_up import JournalCatchUp
from tidegate.wire.doorbell import Doorbell
from tidegate.wire.journal_reader import JournalDamagedError
from tidegate.wire.native import Router

EVENTS_PER_TURN = 4096
JOURNAL_POLL_SECONDS = 0.005
JOURNAL_RETRY_SECONDS = 1.0

log = structlog.get_logger(__name__)


class Mailbox:
    """Wakes the one coroutine that waits for a session's output."""

    __slots__ = ("_full", "_loop", "_waiter")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._full = False
        self._waiter: asyncio.Future[None] | None = None

    def ring(self) -> None:
        """There is something to look at."""
        self._full = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def wait(self) -> None:
        """Returns once ring() has been called since the last return."""
        if not self._full:
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        self._full = False


class RouterPump:
    """Owns the turns of one Router. Everything here runs in the event loop's thread."""

    def __init__(self, router: Router, bell: Doorbell, catch_up: JournalCatchUp) -> None:
        self.router = router
        self._bell = bell
        self._catch_up = catch_up
        self._mailboxes: dict[int, Mailbox] = {}
        self._catching_up: dict[str, asyncio.Task[None]] = {}
        self._scheduled = False
        self._loop = asyncio.get_running_loop()
        self.failed: asyncio.Future[None] = self._loop.create_future()
        """Gets the exception after which this gateway can no longer follow its rings."""

    def start(self) -> None:
        """From now on the doorbell is answered."""
        self._loop.add_reader(self._bell.fd, self._on_bell)
        self.soon()

    async def stop(self) -> None:
        """Leaves the doorbell alone and ends what catches up."""
        self._loop.remove_reader(self._bell.fd)
        self._scheduled = True
        for task in self._catching_up.values():
            task.cancel()
        await asyncio.gather(*self._catching_up.values(), return_exceptions=True)

    def attach(self, session: int, mailbox: Mailbox) -> None:
        """From now on the mailbox is rung when the session has output."""
        self._mailboxes[session] = mailbox

    def detach(self, session: int) -> None:
        """The session ends: whatever is still under way for it goes nowhere (its number is never used again)."""
        self._mailboxes.pop(session, None)
        self.router.close_session(session)

    def forget(self, symbol: str) -> None:
        """The symbol is about to be removed: nothing of it is caught up with any more."""
        task = self._catching_up.pop(symbol, None)
        if task is not None:
            task.cancel()

    def soon(self) -> None:
        """Has a turn done after what the loop has to do now; cheap to call after every submit."""
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._turn)

    def _on_bell(self) -> None:
        self._bell.drain()
        self._turn()

    def _turn(self) -> None:
        self._scheduled = False
        try:
            self._follow_rings(self.router)
        except RuntimeError as error:
            # A damaged ring: no turn follows this one, and main() ends the process.
            self._loop.remove_reader(self._bell.fd)
            self._scheduled = True
            self.failed.set_exception(error)

    def _follow_rings(self, router: Router) -> None:
        self._wake(router.poll(EVENTS_PER_TURN))
        for symbol, _ in router.lapped():
            if symbol not in self._catching_up:
                self._catching_up[symbol] = self._loop.create_task(self._follow_journal(symbol))
        if not router.idle():
            self.soon()

    def _wake(self, sessions: list[int]) -> None:
        mailboxes = self._mailboxes
        for session in sessions:
            mailbox = mailboxes.get(session)
            if mailbox is not None:
                mailbox.ring()

    async def _follow_journal(self, symbol: str) -> None:
        """The ring has gone on without us: take what is missing from the journal, then go back to it."""
        try:
            rejoined = False
            while not rejoined:
                rejoined = await self._rejoined(symbol)
                await asyncio.sleep(0 if rejoined else JOURNAL_RETRY_SECONDS)
        finally:
            self._catching_up.pop(symbol, None)
            self.soon()

    async def _rejoined(self, symbol: str) -> bool:
        """False: the journal cannot be read. The symbol stays behind meanwhile, and skips nothing."""
        sequence = dict(self.router.positions())[symbol]
        log.warning("lapped", symbol=symbol, sequence=sequence)
        try:
            reader = self._catch_up.reader(symbol, sequence)
            while not self.router.rejoin(symbol):
                events = await reader.read_events()
                if events:
                    self._wake(self.router.feed(symbol, events))
                else:
                    await asyncio.sleep(JOURNAL_POLL_SECONDS)
        except (ValueError, JournalDamagedError) as error:
            log.error("journal not readable", symbol=symbol, error=str(error))
            return False
        log.info("rejoined", symbol=symbol, sequence=reader.sequence)
        return True

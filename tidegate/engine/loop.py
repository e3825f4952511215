"""The duty cycle of a symbol: take a batch, make it durable, show it.

Python runs once per batch. Nothing is shown before the journal has it, and a batch of queries only does
not touch the journal.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

import structlog

from tidegate.engine.config import EngineSettings
from tidegate.engine.core import Shard
from tidegate.engine.errors import DiskFullError
from tidegate.engine.reporter import Reporter
from tidegate.wire.log import Batch, LogAppender
from tidegate.wire.stats import EngineState

# A batch of at least so many commands says that more are on their way.
BUSY_COMMANDS = 64
_ROOM_US = 50_000  # between two looks at a full disk

log = structlog.get_logger(__name__)


class Clock(Protocol):
    """Where sequenced time comes from, and what waiting means; a simulation brings its own."""

    def now_ns(self) -> int:
        """Unix nanoseconds."""

    def pause(self, duration_us: int) -> None:
        """Returns after so many microseconds."""


class SystemClock:
    """The machine's clock."""

    def now_ns(self) -> int:
        """Unix nanoseconds."""
        return time.time_ns()

    def pause(self, duration_us: int) -> None:
        """Sleeps."""
        time.sleep(duration_us / 1_000_000)


class Log(LogAppender, Protocol):
    """What the loop needs of the journal."""

    epoch: int
    sequence: int


class Loop:
    """One symbol's duty cycle."""

    def __init__(self, shard: Shard, journal: Log, reporter: Reporter, settings: EngineSettings, clock: Clock) -> None:
        self._shard = shard
        self._journal = journal
        self._reporter = reporter
        self._settings = settings
        self._clock = clock
        self._commands_max = settings.commands_max
        self._stopping: Callable[[], bool] = lambda: False

    def step(self) -> int:
        """Takes at most one batch; returns how many commands and queries it held, 0 = nothing to do.

        Raises JournalError when the batch could not be made durable: then it has not been shown, and this
        shard, which holds it, must not be used any more.
        """
        shard, journal = self._shard, self._journal
        started = time.perf_counter_ns()
        taken: int = shard.poll(self._commands_max, self._clock.now_ns(), journal.epoch)
        if taken == 0:
            return 0
        committed_ns = 0
        if shard.commands_staged:
            before = time.perf_counter_ns()
            batch = Batch(shard.first_sequence, shard.commands_staged, shard.payload())
            self._append(batch)
            committed_ns = time.perf_counter_ns() - before
        shard.publish()
        self._reporter.record(taken, committed_ns, time.perf_counter_ns() - started)
        return taken

    def _append(self, batch: Batch) -> None:
        """Durable when it returns. On a full disk the batch waits for room, nothing is acknowledged, and the symbol
        is shown as not serving meanwhile; what has been acknowledged stays. Any other failure goes up, and so does
        this one when the process is to stop."""
        journal, reporter = self._journal, self._reporter
        waited = False
        while True:
            try:
                journal.append(batch, journal.epoch, journal.sequence)
                break
            except DiskFullError as error:
                if self._stopping():
                    raise
                if not waited:
                    log.error("disk_full", sequence=batch.first_sequence, reason=str(error))
                waited, reporter.state = True, EngineState.RECOVERING
                reporter.report(str(error))
                self._clock.pause(_ROOM_US)
        if waited:
            log.info("disk_has_room", sequence=batch.first_sequence)
            reporter.state = EngineState.RUNNING
            reporter.report()

    def run(self, stopping: Callable[[], bool]) -> None:
        """Until `stopping`, then until the rings are empty or `drain_s` is over."""
        self._stopping = stopping
        settings, reporter = self._settings, self._reporter
        while not stopping():
            if taken := self.step():
                reporter.report_if_due()
                self._let_gather(taken)
            elif not self._shard.wait(settings.spin_us, self._idle_ms()):
                reporter.report_when_idle(settings.idle_ms)
        reporter.state = EngineState.DRAINING
        reporter.report()
        deadline = time.monotonic() + settings.drain_s
        while self.step() and time.monotonic() < deadline:
            reporter.report_if_due()

    def _idle_ms(self) -> int:
        """How long the loop may sleep when no command comes: until the next report is due, or the symbol itself has
        something to do by the clock (a GTD order expires, a countdown runs out, an auction tells its price)."""
        most_ms = self._reporter.report_when_idle(self._settings.idle_ms)
        due_ms = -(-(self._shard.next_due_ns - self._clock.now_ns()) // 1_000_000)
        return min(most_ms, max(due_ms, 1))

    def _let_gather(self, taken: int) -> None:
        """Under load, gives more commands the time to arrive: one commit, one wake-up and one message to
        each client then carry all of them. A single order never waits."""
        if self._settings.gather_us and taken >= BUSY_COMMANDS and self._shard.queue_depth() < self._commands_max // 2:
            self._clock.pause(self._settings.gather_us)

"""Entry of an engine process: one symbol, from its journal to a running loop.

    1  take over the journal: raise the epoch, cut a torn last batch        journal.py
    2  newest good snapshot, replay what follows                            recovery.py
    3  attach the rings where the last batch left them, publish the rest
    4  tell the symbol its rules, a new one its phase                       genesis.py
    5  poll, append, publish until SIGTERM; then drain                      loop.py

Whatever goes wrong with the journal or the state ends the process with an exit code of errors.py.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import time

import structlog
from typing_extensions import Buffer

from tidegate.engine.config import EngineSettings
from tidegate.engine.core import BrokenInvariantError, Shard
from tidegate.engine.errors import DamageError, EngineError
from tidegate.engine.genesis import OwnRing, opening_commands
from tidegate.engine.journal import Journal
from tidegate.engine.loop import Clock, Loop, SystemClock
from tidegate.engine.recovery import Recovered, recover
from tidegate.engine.reporter import Reporter
from tidegate.engine.scheduling import put_first
from tidegate.wire.doorbell import Doorbell
from tidegate.wire.native import EventReader, stats_area
from tidegate.wire.segment import Segment
from tidegate.wire.stats import EngineState, EngineStats, StatsWriter
from tidegate.wire.topology import READER_SLOTS, engine_name

log = structlog.get_logger(__name__)

# A fresh event ring is given about the last events, so that a reader can tell what it has missed.
_KEEP_EVENTS = 4096


def main(settings: EngineSettings, clock: Clock | None = None) -> None:
    """Runs one symbol until SIGTERM; ends the process by SystemExit with a code of errors.py when it fails."""
    engine = _Engine(settings, clock or SystemClock())
    code = engine.run()
    engine.close()
    if code:
        sys.exit(code)


class _Engine:
    """Everything of one engine process, held for as long as native code points into it."""

    def __init__(self, settings: EngineSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._symbol = settings.symbol
        self._topology = settings.topology
        self._asked_to_stop = False
        self._bell = Doorbell(self._topology.bell(engine_name(self._symbol)))
        # A signal also rings the bell, so that a sleeping loop looks at the flag at once.
        signal.signal(signal.SIGTERM, self._ask_to_stop)
        signal.set_wakeup_fd(self._bell.fd, warn_on_full_buffer=False)
        self._event_ring = Segment.attach(self._topology.event_segment(self._symbol))
        self._command_rings = [
            Segment.attach(self._topology.command_segment(self._symbol, who)) for who in self._topology.producers
        ]
        self._own_ring = OwnRing()
        self._writer = StatsWriter(stats_area(self._event_ring.buf))
        self._stats = EngineStats(state=EngineState.RECOVERING, pid=os.getpid(), started_ns=time.time_ns())
        self._writer.write(self._stats)

    def run(self) -> int:
        """Serves until it has drained or failed; the exit code."""
        try:
            self.serve()
        except (EngineError, BrokenInvariantError) as error:
            code: int = getattr(error, "exit_code", EngineError.exit_code)
            name, reason = type(error).__name__, str(error)
            log.critical("stopped", symbol=self._symbol, error=name, reason=reason, exit_code=code)
            self.show_failure(reason)
            return code
        return 0

    def close(self) -> None:
        """Lets go of the shared memory; the shard must be gone."""
        self._writer.close()
        for segment in (self._event_ring, *self._command_rings):
            segment.close()

    def serve(self) -> None:
        """Recovers, then runs the loop until it has drained."""
        settings = self._settings
        journal = self._open_journal()
        published = EventReader(self._event_ring.buf, 0).sequence
        recovered = self._recover(journal, published)
        shard = recovered.shard
        self._attach(shard, recovered.cursors)
        for _, payload in recovered.recent:
            shard.republish(payload, published)
        recovered.recent.clear()
        self._own_ring.push(opening_commands(shard, settings.instrument, settings.initial_phase))
        reporter = Reporter(self._writer, shard, journal, self._topology.snapshot_dir(self._symbol), self._stats)
        reporter.report()
        gc.collect()
        gc.freeze()
        gc.disable()
        # Only now: a recovery takes seconds of a processor, and nobody waits for its next step.
        log.info("serving", symbol=self._symbol, scheduling=put_first(settings.scheduling))
        Loop(shard, journal, reporter, settings, self._clock).run(lambda: self._asked_to_stop)
        reporter.state = EngineState.STOPPED
        reporter.report()
        journal.close()
        log.info("drained", symbol=self._symbol, sequence=journal.sequence)

    def show_failure(self, message: str) -> None:
        """The last thing that status views see of this process."""
        self._stats.state, self._stats.message, self._stats.updated_ns = EngineState.FAILED, message, time.time_ns()
        self._writer.write(self._stats)

    def _ask_to_stop(self, *_: object) -> None:
        self._asked_to_stop = True

    def _open_journal(self) -> Journal:
        journal = Journal(self._topology.journal_dir(self._symbol), self._settings.journal)
        self._stats.epoch, self._stats.torn_tail_cut = journal.epoch, int(journal.cut_sequence > 0)
        if journal.cut_sequence:
            log.error("torn_tail_cut", symbol=self._symbol, sequence=journal.cut_sequence)
        return journal

    def _recover(self, journal: Journal, published: int) -> Recovered:
        """The state at the journal's end, held against the journal's own view and what was shown to readers."""
        recovered = recover(
            journal.directory,
            self._topology.snapshot_dir(self._symbol),
            self._settings.instrument,
            self._settings.state,
            last_sequence=journal.sequence,
            published_sequence=published,
            keep_events=_KEEP_EVENTS,
            verify=self._settings.verify_replay,
        )
        if (recovered.sequence, recovered.chain_hash) != (journal.sequence, journal.hash):
            raise DamageError(self._symbol, recovered.sequence + 1, f"replay ended before {journal.sequence}")
        if published > journal.sequence:
            what = f"commands up to sequence {published} were acknowledged and are missing"
            raise DamageError(self._symbol, journal.sequence + 1, what)
        self._stats.recovered_records = recovered.commands + recovered.events
        self._stats.recovery_us = int(recovered.seconds * 1e6)
        log.info(
            "recovered",
            symbol=self._symbol,
            epoch=journal.epoch,
            sequence=journal.sequence,
            snapshot=recovered.snapshot_sequence,
            commands=recovered.commands,
            events=recovered.events,
            seconds=round(recovered.seconds, 3),
            state_hash=recovered.state_hash,
            republished=len(recovered.recent),
        )
        return recovered

    def _attach(self, shard: Shard, cursors: tuple[tuple[int, int], ...]) -> None:
        """The engine's own ring, then the others in the order of topology.producers: rules come before orders."""
        bells = [-1] * READER_SLOTS
        for slot, name in self._topology.readers().items():
            bells[slot] = Doorbell(self._topology.bell(name)).fd
        rings: list[Buffer] = [self._own_ring.memory, *(each.buf for each in self._command_rings)]
        shard.attach(rings, self._event_ring.buf, bells, self._bell.fd, cursors)

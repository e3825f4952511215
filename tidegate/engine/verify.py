"""Checks journals and snapshots on disk, and that state is a function of the log (`tidegate verify`).

Per symbol, in one pass over the journal: pages, framing, CRC, hash chain, sequence, epochs; every event
against replay from genesis; each snapshot's digest, its chain hash and state against the replay where it
was taken; and from each snapshot once more to the end, where all must hold the same state.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tidegate.engine.config import VenueSettings
from tidegate.engine.core import BrokenInvariantError, MismatchError, Shard
from tidegate.engine.errors import DamageError, SnapshotError
from tidegate.engine.offline import read_journal
from tidegate.engine.recovery import make_shard, state_hash
from tidegate.engine.snapshot import SnapshotMeta, list_snapshots, load_snapshot, snapshot_path
from tidegate.wire.instruments import Instrument
from tidegate.wire.journal_segment import list_segments
from tidegate.wire.log import GENESIS_HASH, StoredBatch

Progress = Callable[[str, int, int], None]
"""(symbol, bytes of journal checked, bytes in all)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong; nothing from `sequence` on may be believed."""

    sequence: int
    what: str


@dataclass(slots=True)
class SnapshotReport:
    """One snapshot."""

    sequence: int
    state_hash: str = ""
    fault: str = ""  # empty: as it should be


@dataclass(slots=True)
class SymbolReport:
    """One symbol's journal and snapshots."""

    symbol: str
    segments: int = 0
    batches: int = 0
    commands: int = 0
    events: int = 0
    bytes: int = 0  # of payload
    last_sequence: int = 0
    epoch: int = 0
    chain_hash: str = GENESIS_HASH.hex()
    state_hash: str = ""  # at last_sequence
    seconds: float = 0.0
    snapshots: list[SnapshotReport] = field(default_factory=list)  # oldest first
    fault: Fault | None = None

    @property
    def ok(self) -> bool:
        """No fault in the journal nor in any snapshot."""
        return self.fault is None and not any(each.fault for each in self.snapshots)


@dataclass(slots=True)
class VerifyReport:
    """A venue's data directory."""

    symbols: list[SymbolReport]

    @property
    def ok(self) -> bool:
        """Nothing wrong anywhere."""
        return all(each.ok for each in self.symbols)


def verify(settings: VenueSettings, symbol: str | None = None, on_progress: Progress | None = None) -> VerifyReport:
    """Checks the venue's data directory, or one symbol of it. Changes nothing; best with the venue stopped."""
    wanted = [each for each in settings.instruments if symbol in (None, each.symbol)]
    if not wanted:
        raise ValueError(f"{symbol} is not one of the venue's instruments")
    return VerifyReport([_SymbolCheck(settings, each, on_progress).run() for each in wanted])


class _SymbolCheck:
    """One symbol's pass."""

    def __init__(self, settings: VenueSettings, instrument: Instrument, on_progress: Progress | None) -> None:
        self._settings = settings
        self._instrument = instrument
        self._on_progress = on_progress
        self._journal = settings.topology.journal_dir(instrument.symbol)
        self._total_bytes = sum(path.stat().st_size for path in self._journal.glob("*/data.mdb"))
        self._report = SymbolReport(instrument.symbol, segments=len(list_segments(self._journal)))
        # Snapshots still ahead of the replay, the next one last; and those that replay on from where they are.
        self._waiting: list[tuple[SnapshotReport, SnapshotMeta, Shard]] = []
        self._running: list[tuple[SnapshotReport, Shard]] = []

    def run(self) -> SymbolReport:
        started = time.perf_counter()
        report = self._report
        self._load_snapshots()
        shard = make_shard(self._instrument, self._settings.state)
        try:
            for batch in read_journal(self._journal):
                self._step(shard, batch)
            report.state_hash = state_hash(shard)
            self._finish()
        except DamageError as error:
            report.fault = Fault(error.sequence, error.what)
        except SnapshotError as error:
            report.fault = Fault(1, str(error))
        report.seconds = time.perf_counter() - started
        return report

    def _load_snapshots(self) -> None:
        directory = self._settings.topology.snapshot_dir(self._instrument.symbol)
        for sequence in list_snapshots(directory):
            found = SnapshotReport(sequence)
            self._report.snapshots.insert(0, found)
            try:
                meta, state = load_snapshot(snapshot_path(directory, sequence))
                found.state_hash = meta.state_hash
                shard = make_shard(self._instrument, self._settings.state)
                shard.load(state)
                if meta.symbol != self._instrument.symbol or {meta.sequence, shard.sequence} != {sequence}:
                    raise SnapshotError(f"it is of {meta.symbol} at {meta.sequence}")
                if state_hash(shard) != meta.state_hash:
                    raise SnapshotError("a state that is loaded and dumped again has another hash")
                self._waiting.append((found, meta, shard))
            except (SnapshotError, ValueError) as error:
                found.fault = str(error)

    def _step(self, shard: Shard, batch: StoredBatch) -> None:
        report = self._report
        _replay(self._instrument.symbol, shard, batch)
        for found, other in self._running:
            if not found.fault:
                try:
                    _replay(self._instrument.symbol, other, batch)
                except DamageError as error:
                    found.fault = f"replay from here differs at sequence {error.sequence}"
        report.batches += 1
        report.commands += batch.last_sequence - batch.first_sequence + 1
        report.events += batch.events
        report.bytes += len(memoryview(batch.payload))
        report.last_sequence, report.epoch, report.chain_hash = batch.last_sequence, batch.epoch, batch.chain_hash.hex()
        while self._waiting and self._waiting[-1][1].sequence <= batch.last_sequence:
            self._meet(shard, batch)
        if self._on_progress is not None:
            self._on_progress(report.symbol, min(report.bytes, self._total_bytes), self._total_bytes)

    def _meet(self, shard: Shard, batch: StoredBatch) -> None:
        """The replay has come to where a snapshot was taken."""
        found, meta, other = self._waiting.pop()
        if meta.sequence != batch.last_sequence or meta.chain_hash != batch.chain_hash.hex():
            found.fault = "it is of another log: the chain hash at its sequence differs"
        elif state_hash(shard) != meta.state_hash:
            found.fault = "replay from genesis gives another state at its sequence"
        else:
            self._running.append((found, other))

    def _finish(self) -> None:
        for found, meta, _ in self._waiting:
            found.fault = f"the journal ends at {self._report.last_sequence}, before {meta.sequence}"
        for found, other in self._running:
            if not found.fault and state_hash(other) != self._report.state_hash:
                found.fault = "replay from here ends in another state"


def _replay(symbol: str, shard: Shard, batch: StoredBatch) -> None:
    """One batch, every event compared. Raises DamageError."""
    try:
        shard.replay(batch.payload, True)
    except MismatchError as error:
        raise DamageError(symbol, int(error.args[0]), f"replay differs from the journal: {error.args}") from error
    except (BrokenInvariantError, ValueError) as error:
        raise DamageError(symbol, batch.first_sequence, f"replay failed: {error}") from error

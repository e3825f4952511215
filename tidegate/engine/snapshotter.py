"""Entry of the snapshotter: follows every symbol's journal and writes its snapshots.

It runs a shard of its own per symbol from what is on disk, so that writing a snapshot never stops the book,
and compares every event that its replay gives with the journal's: a check, all the time, that state is a
function of the log. It is niced to the bottom and may lag; how far only decides how long a recovery takes.
"""

from __future__ import annotations

import gc
import hashlib
import os
import signal
import sys
import threading

import structlog

from tidegate.engine.config import SnapshotterSettings
from tidegate.engine.core import BrokenInvariantError, MismatchError, Shard
from tidegate.engine.errors import EXIT_BROKEN_INVARIANT, EngineError, ReplayError, SnapshotError
from tidegate.engine.recovery import make_shard, starts
from tidegate.engine.snapshot import make_meta, write_snapshot
from tidegate.wire.instruments import Instrument
from tidegate.wire.journal_reader import JournalDamagedError, JournalReader
from tidegate.wire.listing import ListedInstrument, ListingWatcher
from tidegate.wire.log import StoredBatch

log = structlog.get_logger(__name__)


def main(settings: SnapshotterSettings) -> None:
    """Runs until SIGTERM; ends with EXIT_BROKEN_INVARIANT once no symbol can be followed any more."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    os.nice(19)
    # None: it cannot be followed any more.
    followers: dict[str, Follower | None] = {each.symbol: Follower(settings, each) for each in settings.instruments}
    listing = ListingWatcher(settings.topology.instruments_file)
    gc.freeze()
    while any(followers.values()) and not stop.is_set():
        follow_listing(settings, followers, listing.changed() or ())
        busy = False
        for follower in [each for each in followers.values() if each is not None]:
            if stop.is_set():
                break
            try:
                busy |= follower.step()
            except (EngineError, BrokenInvariantError, JournalDamagedError) as error:
                log.critical("not_followed", symbol=follower.symbol, error=type(error).__name__, reason=str(error))
                follower.close()
                followers[follower.symbol] = None
        if not busy:
            stop.wait(settings.snapshots.poll_ms / 1000)
    for each in followers.values():
        if each is not None:
            each.close()
    if not stop.is_set():
        sys.exit(EXIT_BROKEN_INVARIANT)


def follow_listing(
    settings: SnapshotterSettings, followers: dict[str, Follower | None], listed: tuple[ListedInstrument, ...]
) -> None:
    """Begins with symbols that are new and lets go of those that are delisted (rule INS-3)."""
    for each in listed:
        if each.is_listed and each.symbol not in followers:
            followers[each.symbol] = Follower(settings, each.instrument)
        elif not each.is_listed and (known := followers.pop(each.symbol, None)) is not None:
            known.close()


class Follower:
    """One symbol: a shard that replays its journal, and the snapshots made of it."""

    def __init__(self, settings: SnapshotterSettings, instrument: Instrument) -> None:
        self.symbol = instrument.symbol
        self._settings = settings
        self._instrument = instrument
        self._directory = settings.topology.snapshot_dir(self.symbol)
        self._shard: Shard | None = None
        self._reader: JournalReader | None = None
        self._snapshot_sequence = 0
        self._batches = 0  # since then

    def step(self) -> bool:
        """Replays what is new, a bounded piece; writes a snapshot when one is due. False: nothing was new.

        Raises ReplayError when replay and journal differ, JournalDamagedError when the journal is damaged.
        """
        shard, reader = self._started()
        batches = reader.read(self._settings.read_bytes)
        for batch in batches:
            self._replay(shard, batch)
            self._batches += 1
            if self._is_due(batch.last_sequence):
                self._write(shard, batch)
        return bool(batches)

    def close(self) -> None:
        """Lets go of the journal."""
        if self._reader is not None:
            self._reader.close()

    def _started(self) -> tuple[Shard, JournalReader]:
        """At first: the newest good snapshot, and a reader from there."""
        if self._shard is None or self._reader is None:
            journal = self._settings.topology.journal_dir(self.symbol)
            for shard, sequence, anchor in starts(self._directory, self._instrument, self._settings.state):
                try:
                    self._reader = JournalReader(journal, sequence, anchor)
                except ValueError as error:
                    log.error("snapshot_refused", symbol=self.symbol, sequence=sequence, reason=str(error))
                    continue
                self._shard, self._snapshot_sequence = shard, sequence
                log.info("following", symbol=self.symbol, snapshot=sequence)
                return shard, self._reader
            raise SnapshotError(
                f"{self.symbol}: no snapshot can be used and the journal does not begin with sequence 1"
            )
        return self._shard, self._reader

    def _replay(self, shard: Shard, batch: StoredBatch) -> None:
        try:
            shard.replay(batch.payload, True)
        except MismatchError as error:
            raise ReplayError(f"{self.symbol}: replay differs from the journal at {error.args}") from error
        except ValueError as error:
            raise ReplayError(f"{self.symbol}: replay of sequence {batch.first_sequence} failed: {error}") from error

    def _is_due(self, sequence: int) -> bool:
        policy = self._settings.snapshots
        return sequence - self._snapshot_sequence >= policy.every_records or self._batches >= policy.every_batches

    def _write(self, shard: Shard, batch: StoredBatch) -> None:
        state = shard.dump()
        meta = make_meta(
            self.symbol,
            self._instrument.instrument_id,
            state,
            sequence=batch.last_sequence,
            epoch=batch.epoch,
            time_ns=shard.time_ns,
            chain_hash=batch.chain_hash,
        )
        self._batches = 0
        self._snapshot_sequence = batch.last_sequence  # also when it fails: the next one is due a period later
        try:
            write_snapshot(self._directory, meta, state, self._settings.snapshots.generations, self._check)
        except SnapshotError as error:
            log.error("snapshot_failed", symbol=self.symbol, sequence=meta.sequence, reason=str(error))
            return
        log.info("snapshot", symbol=self.symbol, sequence=meta.sequence, bytes=len(state), state_hash=meta.state_hash)

    def _check(self, state: bytes) -> str:
        """What a fresh shard holds after it has loaded the snapshot."""
        shard = make_shard(self._instrument, self._settings.state)
        shard.load(state)
        return hashlib.sha256(shard.dump()).hexdigest()

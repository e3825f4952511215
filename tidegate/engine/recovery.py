"""From disk back to a running symbol: newest good snapshot, then every batch after it.

What cannot be trusted is not used: a snapshot that does not verify makes way for the one before it, and in
the end for the first command; a journal that does not verify stops the symbol (errors.DamageError).
"""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from tidegate.engine.config import StateSettings
from tidegate.engine.core import BrokenInvariantError, MismatchError, Shard
from tidegate.engine.errors import DamageError, ReplayError, SnapshotError
from tidegate.engine.offline import read_journal
from tidegate.engine.snapshot import list_snapshots, load_snapshot, snapshot_path
from tidegate.wire.instruments import Instrument
from tidegate.wire.log import GENESIS_HASH, StoredBatch

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Recovered:
    """A symbol's state at the end of its journal."""

    shard: Shard
    sequence: int = 0
    chain_hash: bytes = GENESIS_HASH
    cursors: tuple[tuple[int, int], ...] = ()  # of the last batch
    snapshot_sequence: int = 0  # where replay began
    commands: int = 0  # replayed
    events: int = 0  # replayed
    seconds: float = 0.0
    recent: deque[tuple[int, bytes]] = field(default_factory=deque)  # (events, payload) of the last batches
    recent_events: int = 0  # in them

    @property
    def state_hash(self) -> str:
        """SHA-256 of the state's canonical form, hex."""
        return state_hash(self.shard)


def make_shard(instrument: Instrument, state: StateSettings) -> Shard:
    """An empty shard with the venue's bounds."""
    return Shard(
        instrument.instrument_id,
        orders_max=state.orders_max,
        retained_max=state.retained_max,
        accounts_max=state.accounts_max,
    )


def state_hash(shard: Shard) -> str:
    """SHA-256 of the state's canonical form, hex."""
    return hashlib.sha256(shard.dump()).hexdigest()


def recover(
    journal_dir: Path,
    snapshot_dir: Path,
    instrument: Instrument,
    state: StateSettings,
    *,
    last_sequence: int,
    published_sequence: int = 0,
    keep_events: int = 0,
    verify: bool = True,
) -> Recovered:
    """The state at the end of a journal whose last sequence is `last_sequence`.

    Keeps the payloads after `published_sequence`, for readers that have not seen them; when nothing has been
    published (0), those of about the last `keep_events` events. With `verify`, every event that replay gives
    is compared with the journal's. Raises DamageError, ReplayError.
    """
    started = time.perf_counter()
    _refuse_lost_end(snapshot_dir, instrument, last_sequence)
    # Strictly before, so that at least the last batch is replayed: it says where the rings go on.
    before = min(last_sequence, published_sequence or last_sequence)
    for shard, sequence, anchor in starts(snapshot_dir, instrument, state, before):
        found = Recovered(shard, sequence, anchor, snapshot_sequence=sequence)
        try:
            for batch in read_journal(journal_dir, sequence, anchor):
                _replay(found, batch, verify)
                _keep(found, batch, published_sequence, keep_events)
        except SnapshotError as error:
            log.error("snapshot_refused", symbol=instrument.symbol, sequence=sequence, reason=str(error))
            continue
        found.seconds = time.perf_counter() - started
        return found
    raise DamageError(instrument.symbol, 1, "no snapshot can be used and the journal does not begin with sequence 1")


def starts(
    directory: Path, instrument: Instrument, state: StateSettings, before: int | None = None
) -> Iterator[tuple[Shard, int, bytes]]:
    """Where replay may begin, best first: (shard, sequence, chain hash there) of each good snapshot, then of
    the empty state. `before`: only snapshots of an earlier sequence."""
    for sequence in list_snapshots(directory):
        if before is not None and sequence >= before:
            continue
        try:
            meta, dump = load_snapshot(snapshot_path(directory, sequence))
            if (meta.symbol, meta.instrument_id, meta.sequence) != (
                instrument.symbol,
                instrument.instrument_id,
                sequence,
            ):
                raise SnapshotError(f"the snapshot is of {meta.symbol} at {meta.sequence}")
            shard = make_shard(instrument, state)
            shard.load(dump)
            if shard.sequence != sequence:
                raise SnapshotError(f"the snapshot holds sequence {shard.sequence}")
        except (SnapshotError, ValueError) as error:
            log.error("snapshot_refused", symbol=instrument.symbol, sequence=sequence, reason=str(error))
            continue
        yield shard, sequence, bytes.fromhex(meta.chain_hash)
    yield make_shard(instrument, state), 0, GENESIS_HASH


def _refuse_lost_end(directory: Path, instrument: Instrument, last_sequence: int) -> None:
    """What a good snapshot holds was durable. Raises DamageError when the journal ends before one."""
    for sequence in list_snapshots(directory):
        if sequence <= last_sequence:
            return
        try:
            meta, _ = load_snapshot(snapshot_path(directory, sequence))
        except SnapshotError as error:
            log.error("snapshot_refused", symbol=instrument.symbol, sequence=sequence, reason=str(error))
            continue
        if (meta.symbol, meta.sequence) == (instrument.symbol, sequence):
            what = f"the journal ends here, and there is a snapshot of it at {sequence}"
            raise DamageError(instrument.symbol, last_sequence + 1, what)


def _replay(found: Recovered, batch: StoredBatch, verify: bool) -> None:
    try:
        found.commands += found.shard.replay(batch.payload, verify)
    except MismatchError as error:
        raise ReplayError(f"replay differs from the journal at {error.args}") from error
    except (BrokenInvariantError, ValueError) as error:
        raise ReplayError(f"replay of sequence {batch.first_sequence} failed: {error}") from error
    found.events += batch.events
    found.sequence, found.chain_hash, found.cursors = batch.last_sequence, batch.chain_hash, batch.cursors


def _keep(found: Recovered, batch: StoredBatch, published_sequence: int, keep_events: int) -> None:
    if batch.last_sequence <= published_sequence:
        return
    found.recent.append((batch.events, bytes(batch.payload)))
    found.recent_events += batch.events
    while published_sequence == 0 and len(found.recent) > 1 and found.recent_events > keep_events:
        found.recent_events -= found.recent.popleft()[0]

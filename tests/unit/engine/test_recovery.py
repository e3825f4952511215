"""Recovery gives the live state, from genesis and from any snapshot, and refuses what is not the log's."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest

from tests.unit.engine.kit import INSTRUMENT, STATE, SYMBOL, MemoryVenue, flow, genesis, settings, write_journal
from tidegate.engine.config import EngineSettings
from tidegate.engine.errors import DamageError, ReplayError
from tidegate.engine.journal import Journal
from tidegate.engine.recovery import Recovered, recover, state_hash
from tidegate.engine.snapshot import list_snapshots, snapshot_path
from tidegate.wire.journal_segment import list_segments, segment_path
from tidegate.wire.log import Batch
from tidegate.wire.native import crc32c


def run(config: EngineSettings, last_sequence: int, **options: int) -> Recovered:
    """Recovery of the only symbol."""
    topology = config.topology
    directories = topology.journal_dir(SYMBOL), topology.snapshot_dir(SYMBOL)
    return recover(*directories, INSTRUMENT, STATE, last_sequence=last_sequence, **options)


def test_recovery_gives_the_live_state(tmp_path: Path) -> None:
    """From every snapshot and from genesis: the same hash as the shard that wrote the journal."""
    config = settings(tmp_path)
    live = write_journal(config, count=2000, snapshots=(10, 20, 39, 40))
    for wanted in (1950, 1000, 0):  # the one at the very end is not used: the last batch says where rings go on
        found = run(config, 2000)
        assert found.snapshot_sequence == wanted
        assert found.commands == 2000 - wanted
        assert (found.sequence, found.state_hash) == (2000, state_hash(live.shard))
        assert len(found.cursors) == 1
        if wanted:
            shutil.rmtree(snapshot_path(config.topology.snapshot_dir(SYMBOL), wanted))


def test_what_readers_have_not_seen_is_kept(tmp_path: Path) -> None:
    """Everything after the published sequence; about the last events when nothing was published."""
    config = settings(tmp_path)
    write_journal(config, count=2000, batch=50, snapshots=(10, 20, 39))
    assert len(run(config, 2000, published_sequence=2000).recent) == 0
    assert len(run(config, 2000, published_sequence=1950).recent) == 1
    assert len(run(config, 2000, published_sequence=900).recent) == 22
    kept = run(config, 2000, keep_events=300).recent
    assert 1 <= len(kept) <= 4
    assert len(run(config, 2000, keep_events=0).recent) == 1


def test_a_snapshot_of_another_log_is_not_used(tmp_path: Path) -> None:
    """Its digest is right, its chain hash is not this log's: replay begins further back."""
    config, other = settings(tmp_path / "one"), settings(tmp_path / "two")
    live = write_journal(config, seed=1, count=1000, snapshots=(5,))
    write_journal(other, seed=2, count=1000, snapshots=(15,))
    source = snapshot_path(other.topology.snapshot_dir(SYMBOL), 750)
    shutil.copytree(source, snapshot_path(config.topology.snapshot_dir(SYMBOL), 750))
    assert list_snapshots(config.topology.snapshot_dir(SYMBOL)) == [750, 250]
    found = run(config, 1000)
    assert (found.snapshot_sequence, found.state_hash) == (250, state_hash(live.shard))


def test_without_the_beginning_and_without_a_snapshot_there_is_no_state(tmp_path: Path) -> None:
    """The first segment is gone: refused; with a snapshot after it, recovery goes on from there."""
    config = settings(tmp_path)
    live = write_journal(config, count=2000, snapshots=(38,))
    directory = config.topology.journal_dir(SYMBOL)
    assert len(list_segments(directory)) > 1
    shutil.rmtree(segment_path(directory, 1))
    assert run(config, 2000).state_hash == state_hash(live.shard)
    shutil.rmtree(config.topology.snapshot_dir(SYMBOL))
    with pytest.raises(DamageError):
        run(config, 2000)


def test_a_missing_segment_is_found(tmp_path: Path) -> None:
    """A hole in the middle stops the symbol at its first sequence."""
    config = settings(tmp_path)
    write_journal(config, count=4000)
    directory = config.topology.journal_dir(SYMBOL)
    segments = list_segments(directory)
    assert len(segments) > 2
    shutil.rmtree(segment_path(directory, segments[1]))
    with pytest.raises(DamageError, match=f"sequence {segments[1]}"):
        run(config, 4000)


def test_events_that_replay_does_not_give_are_found(tmp_path: Path) -> None:
    """A journal whose commands were applied by another rule: verify names the first sequence that differs."""
    config = settings(tmp_path)
    honest, other = MemoryVenue(), MemoryVenue()
    commands = flow(1, 200)
    first = next(honest.batches(genesis(), 2))
    list(other.batches(genesis() + flow(9, 50), 52))
    forged = next(other.batches(commands, 200))
    # The other shard's batch, made to follow on sequence 2: right in every way but what happened before it.
    assert forged.first_sequence == 53
    with contextlib.closing(Journal(config.topology.journal_dir(SYMBOL), config.journal)) as journal:
        journal.append(first, 1, 0)
        payload = bytearray(forged.payload)
        payload[24:32] = (3).to_bytes(8, "little")
        payload[-4:] = crc32c(payload[:-4]).to_bytes(4, "little")
        journal.append(Batch(3, forged.commands, payload), 1, 2)
    with pytest.raises(ReplayError, match="differs from the journal"):
        run(config, 202)


def test_a_journal_that_ends_before_a_snapshot_is_refused(tmp_path: Path) -> None:
    """What a snapshot holds was durable: a journal that has lost its end, or all of it, must not be gone on with."""
    config = settings(tmp_path)
    write_journal(config, count=4000, snapshots=(79,))
    directory = config.topology.journal_dir(SYMBOL)
    last = list_segments(directory)[-1]
    assert last < 3950
    shutil.rmtree(segment_path(directory, last))
    with pytest.raises(DamageError, match=rf"sequence {last}: the journal ends here.* snapshot .* 3950"):
        run(config, last - 1)
    shutil.rmtree(directory)
    with pytest.raises(DamageError, match="sequence 1: the journal ends here"):
        run(config, 0)
    # One that cannot be read proves nothing.
    (snapshot_path(config.topology.snapshot_dir(SYMBOL), 3950) / "data.mdb").write_bytes(b"")
    assert run(config, 0).sequence == 0

"""The offline check: says what is there, and names the first fault."""

from __future__ import annotations

from pathlib import Path

import lmdb
import pytest

from tests.unit.engine.kit import SYMBOL, settings, write_journal
from tidegate.engine.recovery import state_hash
from tidegate.engine.snapshot import list_snapshots, snapshot_path
from tidegate.engine.verify import verify
from tidegate.wire.journal_segment import batch_key, list_segments, segment_path


def test_a_good_venue_verifies(tmp_path: Path) -> None:
    """Counts, hashes, and every snapshot, as the live shard had them; progress ends at the end."""
    config = settings(tmp_path)
    live = write_journal(config, count=3000, snapshots=(10, 30, 60))
    progress: list[tuple[str, int, int]] = []
    report = verify(config, on_progress=lambda *each: progress.append(each))
    (found,) = report.symbols
    assert report.ok
    assert (found.batches, found.commands, found.last_sequence, found.epoch) == (60, 3000, 3000, 1)
    assert found.segments == len(list_segments(config.topology.journal_dir(SYMBOL)))
    assert found.events > 3000
    assert found.state_hash == state_hash(live.shard)
    assert [each.sequence for each in found.snapshots] == [500, 1500, 3000]
    assert len(progress) == 60
    assert progress[-1][1] == found.bytes


def test_a_venue_that_never_ran_verifies(tmp_path: Path) -> None:
    """Nothing there is nothing wrong; an unknown symbol is."""
    config = settings(tmp_path)
    assert verify(config).ok
    with pytest.raises(ValueError, match="not one of"):
        verify(config, "NOPE")


def test_the_first_fault_is_named(tmp_path: Path) -> None:
    """A changed byte in two batches: the earlier one's sequence."""
    config = settings(tmp_path)
    write_journal(config, count=3000, snapshots=(10,))
    directory = config.topology.journal_dir(SYMBOL)
    for first in (901, 401):
        segment = max(each for each in list_segments(directory) if each <= first)
        environment = lmdb.open(str(segment_path(directory, segment)))
        with environment.begin(write=True) as transaction:
            value = bytearray(transaction.get(batch_key(first)))
            value[777] ^= 16
            transaction.put(batch_key(first), bytes(value))
        environment.close()
    (found,) = verify(config).symbols
    assert found.fault is not None
    assert found.fault.sequence == 401
    assert found.last_sequence == 400
    assert not found.ok


def test_a_bad_snapshot_is_a_fault_of_its_own(tmp_path: Path) -> None:
    """The journal stays good; the snapshot says what is wrong with it."""
    config = settings(tmp_path)
    write_journal(config, count=2000, snapshots=(10, 20))
    directory = config.topology.snapshot_dir(SYMBOL)
    newest = snapshot_path(directory, list_snapshots(directory)[0]) / "data.mdb"
    content = bytearray(newest.read_bytes())
    content[len(content) // 2] ^= 1
    newest.write_bytes(content)
    (found,) = verify(config).symbols
    assert found.fault is None
    assert [bool(each.fault) for each in found.snapshots] == [False, True]
    assert not found.ok

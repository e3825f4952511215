"""Snapshots: written aside, verified, renamed, three kept; every damaged byte makes one unusable."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.unit.engine.kit import INSTRUMENT, STATE, SYMBOL, settings, write_journal
from tidegate.engine.errors import SnapshotError
from tidegate.engine.recovery import make_shard, state_hash
from tidegate.engine.snapshot import list_snapshots, load_snapshot, make_meta, snapshot_path, write_snapshot

META = {"sequence": 9, "epoch": 2, "time_ns": 3, "chain_hash": b"\1" * 32}


def sha_of(state: bytes) -> str:
    """What a shard would say after loading it; here the state stands for itself."""
    return make_meta("X", 1, state, **META).state_hash  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [0, 1, 5_000, (1 << 20) - 1, 1 << 20, (3 << 20) + 17])
def test_a_snapshot_comes_back_as_it_went(tmp_path: Path, size: int) -> None:
    """Meta and state, whatever the number of chunks; nothing is left beside it."""
    state = random.Random(1).randbytes(size)
    meta = make_meta("X", 1, state, **META)  # type: ignore[arg-type]
    path = write_snapshot(tmp_path / "X", meta, state, 3, sha_of)
    assert path == snapshot_path(tmp_path / "X", 9)
    assert load_snapshot(path) == (meta, state)
    assert [each.name for each in (tmp_path / "X").iterdir()] == [path.name]


def test_only_the_newest_generations_stay(tmp_path: Path) -> None:
    """Older ones are removed when a new one is in place; what a killed writer left goes too."""
    (tmp_path / "X" / "writing.5").mkdir(parents=True)
    for sequence in range(1, 7):
        meta = make_meta("X", 1, b"state", **{**META, "sequence": sequence})  # type: ignore[arg-type]
        write_snapshot(tmp_path / "X", meta, b"state", 3, sha_of)
    assert list_snapshots(tmp_path / "X") == [6, 5, 4]
    assert len(list((tmp_path / "X").iterdir())) == 3


def test_a_snapshot_that_does_not_load_is_never_in_place(tmp_path: Path) -> None:
    """The second shard holds something else after loading: refused, the older ones stay."""
    meta = make_meta("X", 1, b"state", **META)  # type: ignore[arg-type]
    with pytest.raises(SnapshotError, match="does not read as it was written"):
        write_snapshot(tmp_path / "X", meta, b"state", 3, lambda _: "0" * 64)
    assert list((tmp_path / "X").iterdir()) == []


def test_every_flipped_bit_is_found_or_harmless(tmp_path: Path) -> None:
    """One flipped bit anywhere in the file: refused, or the same meta and state as before."""
    state = random.Random(2).randbytes(9_000)
    meta = make_meta("X", 1, state, **META)  # type: ignore[arg-type]
    path = write_snapshot(tmp_path / "X", meta, state, 3, sha_of)
    content = (path / "data.mdb").read_bytes()
    refused = 0
    for seed in range(400):
        bit = random.Random(seed).randrange(len(content) * 8)
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        (path / "data.mdb").write_bytes(damaged)
        try:
            assert load_snapshot(path) == (meta, state)
        except SnapshotError:
            refused += 1
    assert refused > 100
    for size in (0, 5_000, len(content) - 4096):
        (path / "data.mdb").write_bytes(content[:size])
        with pytest.raises(SnapshotError):
            load_snapshot(path)


def test_a_real_state_goes_through(tmp_path: Path) -> None:
    """A book with orders, dumped, written, read and loaded, holds the same state."""
    config = settings(tmp_path)
    venue = write_journal(config, count=1000, snapshots=(20,))
    (sequence,) = list_snapshots(config.topology.snapshot_dir(SYMBOL))
    meta, state = load_snapshot(snapshot_path(config.topology.snapshot_dir(SYMBOL), sequence))
    shard = make_shard(INSTRUMENT, STATE)
    shard.load(state)
    assert (sequence, meta.sequence, shard.sequence) == (1000, 1000, 1000)
    assert shard.open_orders > 0
    assert state_hash(shard) == meta.state_hash == state_hash(venue.shard)

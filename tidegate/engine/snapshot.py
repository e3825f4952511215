"""A symbol's state at one sequence, on disk: written aside, read again, renamed into place.

A snapshot is a directory named after its sequence with one LMDB environment: key b"meta" holds 32 bytes of
SHA-256 and the JSON that they are of, the keys after it (u32, big endian) the state's canonical form in
chunks. Whatever is not exactly right when it is read makes the whole snapshot unusable.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import lmdb
from pydantic import TypeAdapter, ValidationError

from tidegate.engine.errors import SnapshotError
from tidegate.engine.pages import PageError, PageFile
from tidegate.wire.durable import sync_directory

FORMAT = 1
CHUNK_BYTES = 1 << 20
_META_KEY = b"\xff\xff\xff\xffmeta"  # after every chunk
_SCRATCH_PREFIX = "writing."
_DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class SnapshotMeta:
    """What a snapshot says of itself."""

    format: int
    symbol: str
    instrument_id: int
    sequence: int  # of the last command applied
    epoch: int  # of the batch that ended there
    time_ns: int  # sequenced time there
    chain_hash: str  # of the log up to there, hex
    state_hash: str  # SHA-256 of the state's canonical form, hex
    state_bytes: int
    chunks: int


_META = TypeAdapter(SnapshotMeta)


def snapshot_path(directory: Path, sequence: int) -> Path:
    """Where the snapshot at `sequence` is."""
    return directory / f"{sequence:020d}"


def list_snapshots(directory: Path) -> list[int]:
    """Sequences of a symbol's snapshots, newest first."""
    if not directory.is_dir():
        return []
    names = (each.name for each in directory.iterdir())
    return sorted((int(name) for name in names if len(name) == 20 and name.isdigit()), reverse=True)


def make_meta(
    symbol: str, instrument_id: int, state: bytes, *, sequence: int, epoch: int, time_ns: int, chain_hash: bytes
) -> SnapshotMeta:
    """Describes `state`."""
    chunks = -(-len(state) // CHUNK_BYTES)
    digest = hashlib.sha256(state).hexdigest()
    return SnapshotMeta(
        FORMAT, symbol, instrument_id, sequence, epoch, time_ns, chain_hash.hex(), digest, len(state), chunks
    )


def write_snapshot(
    directory: Path, meta: SnapshotMeta, state: bytes, generations: int, check: Callable[[bytes], str]
) -> Path:
    """Writes a snapshot, reads it back, and only then gives it its name; keeps the newest `generations`.

    `check` loads the state that was read back somewhere else and returns the hash of what it then holds.
    Raises SnapshotError when it does not come back as it went; nothing is in place then.
    """
    directory.mkdir(parents=True, exist_ok=True)
    remove_scratch(directory)
    scratch = directory / f"{_SCRATCH_PREFIX}{meta.sequence}"
    scratch.mkdir()
    try:
        _write(scratch, meta, state)
        found, loaded = load_snapshot(scratch)
        if found != meta or check(loaded) != meta.state_hash:
            raise SnapshotError(f"{meta.symbol}: the snapshot at {meta.sequence} does not read as it was written")
        target = snapshot_path(directory, meta.sequence)
        shutil.rmtree(target, ignore_errors=True)
        scratch.rename(target)
        sync_directory(directory)
    except (lmdb.Error, OSError) as error:
        raise SnapshotError(f"{meta.symbol}: cannot write the snapshot at {meta.sequence}: {error}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    for sequence in list_snapshots(directory)[generations:]:
        shutil.rmtree(snapshot_path(directory, sequence), ignore_errors=True)
    return target


def load_snapshot(path: Path) -> tuple[SnapshotMeta, bytes]:
    """Meta and state of the snapshot at `path`, all of it checked. Raises SnapshotError."""
    try:
        with PageFile(path / "data.mdb") as file:
            values = dict(file.read(file.metas()[0]))
            packed = bytes(values.pop(_META_KEY, b""))
            state = b"".join(values[key] for key in sorted(values))
        if hashlib.sha256(packed[_DIGEST_BYTES:]).digest() != packed[:_DIGEST_BYTES]:
            raise ValueError("meta is damaged")
        meta = _META.validate_json(packed[_DIGEST_BYTES:])
    except (PageError, OSError, ValueError, ValidationError) as error:
        raise SnapshotError(f"snapshot {path.parent.name}/{path.name}: {error}") from error
    if meta.format != FORMAT or len(values) != meta.chunks or len(state) != meta.state_bytes:
        raise SnapshotError(f"snapshot {path.parent.name}/{path.name}: not all there, or of another format")
    if hashlib.sha256(state).hexdigest() != meta.state_hash:
        raise SnapshotError(f"snapshot {path.parent.name}/{path.name}: the state has another digest")
    return meta, state


def remove_scratch(directory: Path) -> None:
    """Removes what a killed writer has left unfinished."""
    for path in directory.glob(f"{_SCRATCH_PREFIX}*"):
        shutil.rmtree(path, ignore_errors=True)


def _write(path: Path, meta: SnapshotMeta, state: bytes) -> None:
    packed = json.dumps(asdict(meta), sort_keys=True).encode()
    environment = lmdb.open(str(path), map_size=len(state) * 2 + (64 << 20), readahead=False)
    try:
        with environment.begin(write=True) as transaction:
            for number in range(meta.chunks):
                chunk = state[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES]
                transaction.put(number.to_bytes(4, "big"), chunk, append=True)
            transaction.put(_META_KEY, hashlib.sha256(packed).digest() + packed, append=True)
        environment.sync(True)
    finally:
        environment.close()
    (path / "lock.mdb").unlink()
    sync_directory(path)

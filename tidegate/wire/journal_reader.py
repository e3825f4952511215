"""Follows a symbol's journal on disk while its engine writes: for whoever was lapped, and for snapshots.

Every call is one short read transaction per segment, so that a reader never makes the file grow for long;
a reader that is killed leaves a slot that the engine clears.
"""

from __future__ import annotations

from pathlib import Path

import lmdb

from tidegate.wire.journal_segment import HEADER_KEY, SegmentHeader, batch_key, list_segments, segment_path
from tidegate.wire.log import HASH_BYTES, StoredBatch, chain_hash
from tidegate.wire.native import inspect

READERS_MAX = 126
# Readers map at least what the writer maps; only address space is taken.
MAP_BYTES = 4 << 30


class JournalDamagedError(Exception):
    """A batch, or the way to it, is not what was written; `sequence` is where the damage begins."""

    def __init__(self, path: Path, sequence: int, what: str) -> None:
        super().__init__(f"{path.parent.name}: journal damaged at sequence {sequence} (segment {path.name}): {what}")
        self.path = path
        self.sequence = sequence
        self.what = what


class JournalReader:
    """A cursor in one symbol's journal. Implements tidegate.wire.log.LogSource.

    Not for the process that writes it: LMDB forbids a second open.
    """

    def __init__(self, directory: Path, after_sequence: int = 0, anchor_hash: bytes = b"") -> None:
        """The first batch read is the one that holds `after_sequence` + 1, so it may begin earlier.

        `anchor_hash`: the chain hash that the log must have at `after_sequence`, when it is known.
        Raises ValueError when that is older than anything kept. A journal that does not exist yet is empty.
        """
        self.sequence = after_sequence  # everything up to here has been read
        self._directory = directory
        self._hash = anchor_hash  # unknown until the first batch has been read
        self._environment: lmdb.Environment | None = None
        self._first = 0  # of the open segment
        segments = list_segments(directory)
        if segments and segments[0] > after_sequence + 1:
            raise ValueError(f"{directory.name}: the journal is kept from sequence {segments[0]} on only")

    def read(self, bytes_max: int = 4 << 20) -> list[StoredBatch]:
        """The next batches, about `bytes_max` of payload at most, but at least one; empty: nothing new.

        Raises JournalDamagedError; then nothing after `sequence` can be used.
        """
        while True:
            if self._environment is None and not self._open():
                return []
            batches, following = self._read_segment(bytes_max)
            if batches or not following:
                return batches
            self._close_segment()

    def close(self) -> None:
        """Lets go of the open segment; the cursor stays, and another read would open it again."""
        self._close_segment()

    def newest(self) -> int:
        """Last sequence of the last batch in the segment that the cursor is in; the cursor's own when there is none.

        Only that batch is looked at. Raises JournalDamagedError."""
        if self._environment is None and not self._open():
            return self.sequence
        assert self._environment is not None
        path = segment_path(self._directory, self._first)
        try:
            with self._environment.begin() as transaction, transaction.cursor() as cursor:
                if not cursor.last() or cursor.key() == HEADER_KEY:
                    return self.sequence
                return inspect(cursor.value()[HASH_BYTES:]).last_sequence
        except (lmdb.Error, ValueError) as error:
            raise JournalDamagedError(path, self.sequence + 1, str(error)) from error

    def _open(self) -> bool:
        """Opens the segment with the next sequence. False when it is not there yet."""
        wanted = self.sequence + 1
        starts = [first for first in list_segments(self._directory) if first <= wanted]
        if not starts:
            return False
        path = segment_path(self._directory, starts[-1])
        try:
            self._environment = lmdb.open(
                str(path), readonly=True, create=False, map_size=MAP_BYTES, max_readers=READERS_MAX, readahead=False
            )
        except lmdb.Error as error:
            if not (path / "lock.mdb").exists():  # its writer has made the directory a moment ago
                return False
            raise JournalDamagedError(path, wanted, f"segment does not open: {error}") from error
        self._first = starts[-1]
        # LMDB reads through a mapping: a page behind the end of the file would kill the process, whoever it serves.
        pages = self._environment.info()["last_pgno"] + 1
        if (path / "data.mdb").stat().st_size < pages * self._environment.stat()["psize"]:
            self._close_segment()
            raise JournalDamagedError(path, wanted, "the file was cut short")
        return True

    def _close_segment(self) -> None:
        if self._environment is not None:
            self._environment.close()
            self._environment = None

    def _read_segment(self, bytes_max: int) -> tuple[list[StoredBatch], bool]:
        """Batches of the open segment from the cursor on, and whether the segment has ended there."""
        assert self._environment is not None
        path = segment_path(self._directory, self._first)
        batches: list[StoredBatch] = []
        size = 0
        try:
            with self._environment.begin() as transaction, transaction.cursor() as cursor:
                packed = transaction.get(HEADER_KEY)
                if packed is None:
                    return [], False
                header = SegmentHeader.unpack(packed)
                if not self._seek(cursor):
                    return [], 0 < header.next_sequence <= self.sequence + 1
                if not self._hash:
                    self._hash = self._hash_before(cursor, header)
                for key, value in cursor.iternext():
                    batch = self._check(path, key, value)
                    batches.append(batch)
                    size += len(value)
                    if size >= bytes_max:
                        break
        except JournalDamagedError:
            if not batches:  # else what is whole is handed out first
                raise
        except (lmdb.Error, ValueError) as error:
            raise JournalDamagedError(path, self.sequence + 1, str(error)) from error
        return batches, False

    def _seek(self, cursor: lmdb.Cursor) -> bool:
        """Puts the LMDB cursor on the batch with the next sequence. False: there is none."""
        wanted = self.sequence + 1
        if cursor.set_range(batch_key(wanted)):
            if int.from_bytes(cursor.key(), "big") == wanted or self._hash:
                return True
            # Only a first read can begin in the middle of a batch.
            if cursor.prev() and self._covers(cursor, wanted):
                return True
            raise ValueError("the batch is missing")
        return not self._hash and bool(cursor.last()) and self._covers(cursor, wanted)

    @staticmethod
    def _covers(cursor: lmdb.Cursor, sequence: int) -> bool:
        if cursor.key() == HEADER_KEY:
            return False
        return inspect(cursor.value()[HASH_BYTES:]).last_sequence >= sequence

    @staticmethod
    def _hash_before(cursor: lmdb.Cursor, header: SegmentHeader) -> bytes:
        """Chain hash of the batch before the one under the cursor."""
        key = cursor.key()
        cursor.prev()
        before = header.previous_hash if cursor.key() == HEADER_KEY else bytes(cursor.value()[:HASH_BYTES])
        cursor.set_key(key)
        return before

    def _check(self, path: Path, key: bytes, value: bytes) -> StoredBatch:
        """Checks one batch against the chain and moves the cursor past it."""
        batch = check_batch(path, self.sequence, self._hash, key, memoryview(value))
        self.sequence = batch.last_sequence
        self._hash = batch.chain_hash
        return batch


def newest_sequence(directory: Path) -> int:
    """Where a symbol's journal ends now, without reading it; 0: there is none. Raises JournalDamagedError."""
    segments = list_segments(directory)
    reader = JournalReader(directory, segments[-1] - 1 if segments else 0)
    try:
        return reader.newest()
    finally:
        reader.close()


def check_batch(path: Path, after_sequence: int, previous: bytes, key: bytes, value: memoryview) -> StoredBatch:
    """One journal value, checked: key, framing, CRC, place in the sequence, place in the hash chain.

    Raises JournalDamagedError with the sequence at which the batch should begin. The payload stays a view.
    """
    payload = value[HASH_BYTES:]
    try:
        info = inspect(payload)
    except ValueError as error:
        raise JournalDamagedError(path, after_sequence + 1, str(error)) from error
    if key != batch_key(info.first_sequence):
        raise JournalDamagedError(path, after_sequence + 1, "a batch lies under another batch's key")
    if info.commands < 1 or not info.first_sequence <= after_sequence + 1 <= info.last_sequence:
        what = f"found sequences {info.first_sequence} to {info.last_sequence}"
        raise JournalDamagedError(path, after_sequence + 1, what)
    digest = chain_hash(previous, payload)
    if digest != value[:HASH_BYTES]:
        raise JournalDamagedError(path, info.first_sequence, "the hash chain is broken")
    cursors = tuple(info.cursors)
    return StoredBatch(info.first_sequence, info.last_sequence, info.epoch, info.events, cursors, digest, payload)

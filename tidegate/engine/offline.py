"""Reads a journal that nobody writes, trusting nothing: for recovery and for `tidegate verify`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from tidegate.engine.errors import DamageError, SnapshotError
from tidegate.engine.pages import Entries, PageError, PageFile
from tidegate.engine.tail import read_header
from tidegate.wire.journal_reader import JournalDamagedError, check_batch
from tidegate.wire.journal_segment import SegmentHeader, list_segments, segment_path
from tidegate.wire.log import GENESIS_HASH, StoredBatch

_ATTEMPTS_MAX = 20


def read_journal(
    directory: Path,
    after_sequence: int = 0,
    anchor_hash: bytes = GENESIS_HASH,
    on_segment: Callable[[Path], None] | None = None,
) -> Iterator[StoredBatch]:
    """Every batch after `after_sequence`, which must be the end of a batch whose chain hash is `anchor_hash`.

    Each batch is checked: framing, CRC, hash chain, sequence, epoch. A payload is a view that is valid until
    the next batch. Raises DamageError at the first fault, SnapshotError when the anchor is not in this log.
    """
    walk = _Walk(directory, after_sequence, anchor_hash)
    segments = list_segments(directory)
    if not segments and after_sequence == 0:
        return
    wanted = [first for first in segments if first <= after_sequence + 1]
    if not wanted:
        raise SnapshotError(f"{directory.name}: the journal does not reach back to sequence {after_sequence + 1}")
    for first in segments[segments.index(wanted[-1]) :]:
        path = segment_path(directory, first)
        if on_segment is not None:
            on_segment(path)
        try:
            yield from walk.segment(path)
        except JournalDamagedError as error:
            raise DamageError(directory.name, error.sequence, error.what) from error
        except (PageError, OSError) as error:
            sequence = max(first, walk.sequence + 1)
            raise DamageError(directory.name, sequence, f"segment {path.name}: {error}") from error
    if walk.sequence < after_sequence:
        raise SnapshotError(f"{directory.name}: the journal ends at {walk.sequence}, before {after_sequence}")


class _Walk:
    """The chain across segments."""

    def __init__(self, directory: Path, after_sequence: int, anchor_hash: bytes) -> None:
        self.sequence = -1  # unknown before the first segment
        self._name = directory.name
        self._after = after_sequence
        self._anchor_hash = anchor_hash
        self._hash = b""
        self._epoch = 0
        self._ended_at = 0  # next sequence named by the segment before

    def segment(self, path: Path) -> Iterator[StoredBatch]:
        with PageFile(path / "data.mdb") as file:
            entries = _read_still(file)
            if not entries:  # made, but not begun
                return
            header = read_header(path, entries)
            self._enter(path, header)
            for key, value in entries[1:]:
                batch = check_batch(path, self.sequence, self._hash, key, value)
                self._follow(path, header, batch)
                if batch.last_sequence > self._after:
                    yield batch
            if header.next_sequence not in (0, self.sequence + 1):
                raise JournalDamagedError(path, self.sequence + 1, f"the segment should end at {header.next_sequence}")
            self._ended_at = header.next_sequence

    def _enter(self, path: Path, header: SegmentHeader) -> None:
        if self.sequence < 0:
            if header.first_sequence == 1 and header.previous_hash != GENESIS_HASH:
                raise JournalDamagedError(path, 1, "the first batch does not begin the hash chain")
            self.sequence, self._hash = header.first_sequence - 1, header.previous_hash
            self._check_anchor()
        elif header.first_sequence != self._ended_at:
            raise JournalDamagedError(path, self.sequence + 1, f"a segment is missing before {header.first_sequence}")
        elif header.previous_hash != self._hash or header.epoch < self._epoch:
            raise JournalDamagedError(path, header.first_sequence, "the segment does not follow on the one before")

    def _follow(self, path: Path, header: SegmentHeader, batch: StoredBatch) -> None:
        if batch.first_sequence != self.sequence + 1:
            raise JournalDamagedError(path, self.sequence + 1, f"the next batch begins with {batch.first_sequence}")
        if not self._epoch <= batch.epoch <= header.epoch:
            raise JournalDamagedError(path, batch.first_sequence, f"epoch {batch.epoch} after {self._epoch}")
        self.sequence, self._hash, self._epoch = batch.last_sequence, batch.chain_hash, batch.epoch
        self._check_anchor()

    def _check_anchor(self) -> None:
        if self.sequence == self._after and self._hash != self._anchor_hash:
            raise SnapshotError(f"{self._name}: sequence {self._after} of this log has another chain hash")
        if self.sequence > self._after and not self._epoch:
            raise SnapshotError(f"{self._name}: sequence {self._after} is not the end of a batch")


def _read_still(file: PageFile) -> Entries:
    """Records of the newest state. What a writer overwrites meanwhile is read again, and not called damage."""
    for attempt in range(_ATTEMPTS_MAX):
        try:
            newer, older = file.metas()
            entries = file.read(newer)
            file.check_older(older)
            if file.metas()[0] == newer or attempt == _ATTEMPTS_MAX - 1:
                return entries
        except PageError:
            if attempt == _ATTEMPTS_MAX - 1:
                raise
    raise AssertionError

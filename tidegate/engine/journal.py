"""Writes a symbol's log: one LMDB value per batch, one commit per batch, fenced by epoch.

Taking over: the new writer raises the epoch in the header of the last segment that still takes batches.
The old one reads that header in the same transaction in which it would append or end the segment, so from
that commit on it can do neither. A segment ends by naming its successor in the transaction of its last
batch; only then does the successor get its name, so nobody can go round the fence by rotating.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from pathlib import Path

import lmdb

from tidegate.engine.config import JournalSettings
from tidegate.engine.errors import DamageError, DiskFullError, FencedError, SequenceError, WriteError
from tidegate.engine.tail import Tail, check_roots, cut_tail, read_tail
from tidegate.wire.durable import sync_directory
from tidegate.wire.journal_reader import READERS_MAX
from tidegate.wire.journal_segment import (
    HEADER_KEY,
    SCRATCH_PREFIX,
    SegmentHeader,
    batch_key,
    list_segments,
    segment_path,
)
from tidegate.wire.log import GENESIS_HASH, Batch, chain_hash

_SPARE_BYTES = 1 << 30  # address space beyond a segment's bound, for its last batch; costs nothing

# Left free for LMDB's own pages, and for what other symbols' journals write at the same moment.
_ROOM_BYTES = 1 << 20

# LMDB's own doubts about a file.
_NOT_A_FILE_OF_OURS = (
    lmdb.InvalidError,
    lmdb.CorruptedError,
    lmdb.PageNotFoundError,
    lmdb.VersionMismatchError,
    lmdb.MapResizedError,
)


class Journal:
    """The one writer of a symbol's log. Implements tidegate.wire.log.LogAppender."""

    def __init__(self, directory: Path, settings: JournalSettings) -> None:
        """Cuts a torn last batch, raises the epoch and is ready to append after `sequence`.

        Raises DamageError when the tail is damaged otherwise, WriteError when the disk refuses.
        """
        self.directory = directory
        self.epoch = 0
        self.sequence = 0  # last in the log
        self.hash = GENESIS_HASH  # chain hash at `sequence`
        self.cut_sequence = 0  # first sequence of a torn batch that was cut off at open, 0 = none was
        self._settings = settings
        self._failed = False
        self._prepared: tuple[Path, lmdb.Environment] | None = None
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self._take_over()
            for path in directory.glob(f"{SCRATCH_PREFIX}*"):
                shutil.rmtree(path, ignore_errors=True)
        except (lmdb.Error, OSError) as error:
            raise WriteError(f"{directory.name}: cannot take over the journal: {error}") from error

    # ---- taking over ----
    def _take_over(self) -> None:
        done = False
        while not done:
            done = self._try_segments()
        self._remove_orphans()

    def _try_segments(self) -> bool:
        """One attempt, from the newest segment back to one that has been begun. False: look again."""
        for first in reversed(list_segments(self.directory)):
            done = self._try_segment(first)
            if done is not None:
                return done
        segments = list_segments(self.directory)
        if segments not in ([], [1]):
            raise DamageError(self.directory.name, segments[0], "no segment has been begun")
        return self._begin_segment(SegmentHeader(1, 1, 0, GENESIS_HASH))

    def _try_segment(self, first: int) -> bool | None:
        """Raises the epoch in this segment, or begins its successor. None: it has not been begun itself."""
        path = segment_path(self.directory, first)
        check_roots(path)
        environment: lmdb.Environment | None = None
        try:
            environment = self._open(path)
            tail = self._fence(environment, path)
            if tail is not None and not tail.torn and not tail.header.next_sequence:
                self._environment = environment
                self._start_counting((path / "data.mdb").stat().st_size)
                return True
        except BaseException as error:
            if environment is not None:
                environment.close()
            if isinstance(error, _NOT_A_FILE_OF_OURS):
                raise DamageError(self.directory.name, first, f"segment {path.name}: {error}") from error
            raise
        environment.close()
        if tail is None:
            return None
        if tail.torn:
            self.cut_sequence = tail.sequence + 1
            cut_tail(path)
            return False
        return self._begin_segment(SegmentHeader(tail.header.epoch + 1, tail.sequence + 1, 0, tail.chain_hash))

    def _fence(self, environment: lmdb.Environment, path: Path) -> Tail | None:
        """Looks at the segment while its writer is held off; raises the epoch if it is the last and whole."""
        with environment.begin(write=True) as transaction:
            tail = read_tail(path)
            if tail is not None and not tail.torn and not tail.header.next_sequence:
                old = tail.header
                self._header = SegmentHeader(old.epoch + 1, old.first_sequence, 0, old.previous_hash)
                self.epoch, self.sequence, self.hash = self._header.epoch, tail.sequence, tail.chain_hash
                transaction.put(HEADER_KEY, self._header.pack())
        return tail

    def _begin_segment(self, header: SegmentHeader) -> bool:
        """Begins the segment after one that has ended, or the first one. False when another writer did."""
        path = segment_path(self.directory, header.first_sequence)
        if path.is_dir():
            environment = self._open(path)
            sync_directory(self.directory)
        else:
            scratch, environment = self._make_segment(f"{SCRATCH_PREFIX}{header.epoch}.{os.getpid()}")
            try:
                scratch.rename(path)
            except OSError:
                environment.close()
                return False
            sync_directory(self.directory)
        with environment.begin(write=True) as transaction:
            begun = transaction.get(HEADER_KEY) is not None
            if not begun:
                transaction.put(HEADER_KEY, header.pack())
        if begun:
            environment.close()
            return False
        self._environment, self._header, self.epoch = environment, header, header.epoch
        self.sequence, self.hash = header.first_sequence - 1, header.previous_hash
        self._start_counting(0)
        return True

    def _remove_orphans(self) -> None:
        """Segments after the last one never got a batch: their predecessor's end was torn off."""
        for first in list_segments(self.directory):
            if first > self._header.first_sequence:
                shutil.rmtree(segment_path(self.directory, first))

    # ---- appending ----
    def append(self, batch: Batch, epoch: int, expected_sequence: int) -> None:
        """Durable when it returns. See LogAppender.

        Raises DiskFullError when there is no room: then nothing of the batch is in the log, and this journal
        takes it again later. After any other failure it takes nothing more.
        """
        if self._failed:
            raise WriteError(f"{self.directory.name}: the journal has failed before")
        if epoch != self.epoch:
            raise FencedError(epoch, self.epoch)
        if expected_sequence != self.sequence or batch.first_sequence != self.sequence + 1 or batch.commands < 1:
            raise SequenceError(
                f"{self.directory.name}: batch {batch.first_sequence} (+{batch.commands}) after {expected_sequence} "
                f"does not follow on {self.sequence}"
            )
        digest = chain_hash(self.hash, batch.payload)
        value = b"".join((digest, batch.payload))
        self._require_room(len(value))
        ends = (
            self._bytes + len(value) >= self._settings.segment_bytes
            or self._batches + 1 >= self._settings.segment_batches
        )
        try:
            self._commit(batch, value, ends)
        except (lmdb.Error, OSError) as error:
            raise self._failure(f"append of sequence {batch.first_sequence} failed", error) from error
        self.sequence = batch.last_sequence
        self.hash = digest
        self._bytes += len(value)
        self._batches += 1
        if ends:
            self._rotate()

    def _require_room(self, size: int) -> None:
        """Raises DiskFullError while there is not enough room for so many bytes and what goes with them. Asked before
        anything is written: LMDB calls a write that was cut short by a full disk an input/output error, which is
        never repeated."""
        disk = os.statvfs(self.directory)
        if disk.f_blocks and disk.f_bavail * disk.f_frsize < size + _ROOM_BYTES:
            raise DiskFullError(f"{self.directory.name}: {os.strerror(errno.ENOSPC)}: {size} bytes wait for room")

    def _failure(self, what: str, error: Exception) -> WriteError:
        """What an append raises. Want of room leaves the environment as it was before the transaction, whose
        pages are all written and synced again by the next; after any other failure, of an fsync above all,
        nobody knows what is on disk: never again from this process."""
        message = f"{self.directory.name}: {what}: {error}"
        if isinstance(error, lmdb.DiskError) or getattr(error, "errno", None) == errno.ENOSPC:
            return DiskFullError(message)
        self._failed = True
        return WriteError(message)

    def _commit(self, batch: Batch, value: bytes, ends: bool) -> None:
        with self._environment.begin(write=True) as transaction:
            stored = transaction.get(HEADER_KEY)
            header = self._header if stored is None else SegmentHeader.unpack(stored)
            if header.epoch != self.epoch or header.next_sequence:
                self._failed = True
                raise FencedError(self.epoch, header.epoch)
            following = batch.last_sequence + 1 if ends else 0
            if stored is None or ends:
                ended = SegmentHeader(self.epoch, header.first_sequence, following, header.previous_hash)
                transaction.put(HEADER_KEY, ended.pack())
            if not transaction.put(batch_key(batch.first_sequence), value, append=True):
                raise SequenceError(f"{self.directory.name}: sequence {batch.first_sequence} is in the journal already")

    # ---- segments ----
    @property
    def segment(self) -> int:
        """First sequence of the segment being written."""
        return self._header.first_sequence

    @property
    def segment_bytes(self) -> int:
        """About the size of the segment being written."""
        return self._bytes

    def prepare(self) -> None:
        """Makes the next segment ahead of time once this one is half full. For idle moments."""
        if self._prepared is not None or self._bytes * 2 < self._settings.segment_bytes:
            return
        with contextlib.suppress(OSError, lmdb.Error):  # rotation will try again, and say what is wrong
            self._prepared = self._make_segment(f"{SCRATCH_PREFIX}{self.epoch}.{self.sequence}")

    def clear_dead_readers(self) -> int:
        """Frees the slots of readers that were killed, so that their pages can be used again."""
        cleared: int = self._environment.reader_check()
        return cleared

    def close(self) -> None:
        """Lets go of the files."""
        self._environment.close()
        if self._prepared is not None:
            self._prepared[1].close()
            shutil.rmtree(self._prepared[0], ignore_errors=True)

    def _rotate(self) -> None:
        """Goes on in a new segment; its header is written with its first batch."""
        path = segment_path(self.directory, self.sequence + 1)
        try:
            made = self._prepared or self._make_segment(f"{SCRATCH_PREFIX}{self.epoch}.{self.sequence}")
            scratch, environment = made
            self._prepared = None
            scratch.rename(path)
            sync_directory(self.directory)
            self._environment.close()
        except (lmdb.Error, OSError) as error:
            self._failed = True
            raise WriteError(f"{self.directory.name}: cannot begin segment {path.name}: {error}") from error
        self._environment = environment
        self._header = SegmentHeader(self.epoch, self.sequence + 1, 0, self.hash)
        self._start_counting(0)

    def _make_segment(self, name: str) -> tuple[Path, lmdb.Environment]:
        """An empty segment under a name of its own, durable: what has its final name is never half made."""
        scratch = self.directory / name
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        environment = self._open(scratch)
        environment.sync(True)
        sync_directory(scratch)
        return scratch, environment

    def _start_counting(self, size: int) -> None:
        self._bytes = size
        self._batches = self._environment.stat()["entries"]

    def _open(self, path: Path) -> lmdb.Environment:
        return lmdb.open(
            str(path),
            map_size=self._settings.segment_bytes + _SPARE_BYTES,
            max_readers=READERS_MAX,
            sync=True,  # acknowledged means durable: there is no weaker mode
            metasync=True,
            writemap=False,
            readahead=False,
        )

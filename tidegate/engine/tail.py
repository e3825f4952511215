"""The end of a journal: is it whole, and if its last batch is torn, undo that one transaction.

A commit of LMDB is atomic, so a torn batch only shows when the disk has not kept what it had promised to
keep: the file is shorter than its root says, or the last value is not what was written. Only the last
transaction is ever undone, only when everything before it is whole, and by LMDB's own means: the root of
the transaction before, which is still in the file, takes the place of the newest.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tidegate.engine.errors import DamageError
from tidegate.engine.pages import Entries, MissingPageError, PageError, PageFile
from tidegate.wire.journal_reader import JournalDamagedError, check_batch
from tidegate.wire.journal_segment import HEADER_KEY, SegmentHeader
from tidegate.wire.log import HASH_BYTES

_META_AT = 16  # a meta page's content follows its page header
_META_BYTES = 136
_ATTEMPTS_MAX = 5


@dataclass(frozen=True, slots=True)
class Tail:
    """Where a segment ends."""

    header: SegmentHeader
    sequence: int  # last in the segment; the one before its first batch when it has none yet
    chain_hash: bytes  # at `sequence`
    torn: bool = False  # one more batch follows that is torn


def read_tail(path: Path) -> Tail | None:
    """End of the segment at `path`, whose writer must be held off; None: it has been made but not begun.

    Raises DamageError when more than the last batch is damaged.
    """
    try:
        with PageFile(path / "data.mdb") as file:
            newer, older = file.metas()
            if newer.main.entries == 0:
                return None
            one_less = newer.main.entries - 1
            try:
                tail = _check_end(path, file.read(newer))
                file.check_older(older)
                return tail
            except MissingPageError:
                if older.main.entries < one_less:
                    raise
            except JournalDamagedError:
                if older.main.entries != one_less:
                    raise
            tail = _check_end(path, file.read(older))
            return Tail(tail.header, tail.sequence, tail.chain_hash, torn=True)
    except JournalDamagedError as error:
        raise DamageError(path.parent.name, error.sequence, error.what) from error
    except (PageError, OSError) as error:
        raise DamageError(path.parent.name, int(path.name), f"segment {path.name}: {error}") from error


def check_roots(path: Path) -> None:
    """What LMDB looks at when it opens a file, which may be at work: everything else waits for its lock.

    Raises DamageError.
    """
    for attempt in range(_ATTEMPTS_MAX):
        try:
            with PageFile(path / "data.mdb") as file:
                file.metas()
        except (PageError, OSError) as error:
            if attempt == _ATTEMPTS_MAX - 1:
                raise DamageError(path.parent.name, int(path.name), f"segment {path.name}: {error}") from error
            continue  # a commit may have come in between the two
        return


def cut_tail(path: Path) -> None:
    """Undoes the last transaction of the segment at `path`, durably. Nobody may have it open."""
    with PageFile(path / "data.mdb") as file:
        newer, older = file.metas()
        page_bytes = file.page_bytes
    descriptor = os.open(path / "data.mdb", os.O_RDWR)
    try:
        content = os.pread(descriptor, _META_BYTES, (older.transaction % 2) * page_bytes + _META_AT)
        os.pwrite(descriptor, content, (newer.transaction % 2) * page_bytes + _META_AT)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_header(path: Path, entries: Entries) -> SegmentHeader:
    """The segment's header. Raises JournalDamagedError."""
    first = int(path.name)
    try:
        if not entries or entries[0][0] != HEADER_KEY:
            raise ValueError("the segment has no header")
        header = SegmentHeader.unpack(bytes(entries[0][1]))
        if header.first_sequence != first:
            raise ValueError(f"the segment begins with sequence {header.first_sequence}")
    except ValueError as error:
        raise JournalDamagedError(path, first, str(error)) from error
    return header


def _check_end(path: Path, entries: Entries) -> Tail:
    header = read_header(path, entries)
    if len(entries) == 1:
        return Tail(header, header.first_sequence - 1, header.previous_hash)
    key, value = entries[-1]
    before = header.previous_hash if len(entries) == 2 else bytes(entries[-2][1][:HASH_BYTES])
    batch = check_batch(path, int.from_bytes(key, "big") - 1, before, key, value)
    if header.next_sequence not in (0, batch.last_sequence + 1):
        raise JournalDamagedError(path, batch.last_sequence + 1, "the segment ends elsewhere than its header says")
    return Tail(header, batch.last_sequence, batch.chain_hash)

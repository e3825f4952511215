"""Reads an LMDB 0.9 file without LMDB, believing nothing in it.

LMDB trusts its file: a flipped bit in a page can send it outside of the mapping, and a file that was cut
short ends the process with SIGBUS. It also keeps no checksum, so a damaged meta page may make it go back
one transaction without a word. Recovery and verification therefore look first with this reader: it stays
within the file, checks every structural field against another one, and accounts for every page as either
in use once or free. What the values hold is checked by those who know (CRC, hash chain, digest).

Layout: LMDB 0.9.36, 64 bit, little endian, no sub-databases, no duplicates.
"""

from __future__ import annotations

import itertools
import mmap
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PAGE = struct.Struct("<QHHHH")  # number, pad, flags, lower and upper bound of the free space (overflow: u32 pages)
_META = struct.Struct("<IIQQ")  # magic, version, address, map size; two databases and two u64 follow
_DATABASE = struct.Struct("<IHHQQQQQ")  # page size, flags, depth, branch, leaf, overflow pages, entries, root
_END = struct.Struct("<QQ")  # last page, transaction
_NODE = struct.Struct("<HHHH")  # size or page, low and high; flags; key bytes
_U64 = struct.Struct("<Q")

_MAGIC = 0xBEEFC0DE
_BRANCH, _LEAF, _OVERFLOW, _META_PAGE = 1, 2, 4, 8
_BIG_DATA = 1
_INTEGER_KEYS = 8
_NO_ROOT = 2**64 - 1
_DEPTH_MAX = 32
_MAP_BYTES_MAX = 1 << 34


class PageError(ValueError):
    """The file is not a whole, consistent LMDB file."""


class MissingPageError(PageError):
    """A page that is in use lies beyond the end of the file: it was cut short."""


@dataclass(frozen=True, slots=True)
class Database:
    """Root of one tree, with the counts that it must have."""

    flags: int
    depth: int
    branch_pages: int
    leaf_pages: int
    overflow_pages: int
    entries: int
    root: int


@dataclass(frozen=True, slots=True)
class Meta:
    """One of the two roots of a file: the state after one transaction."""

    transaction: int
    last_page: int
    free: Database
    main: Database


Entries = list[tuple[bytes, memoryview]]


class PageFile:
    """One LMDB file, mapped read-only. Close it when no value is used any more."""

    def __init__(self, path: Path) -> None:
        """Raises PageError when there is nothing to read, OSError when it cannot be opened."""
        with path.open("rb") as file:
            self.size = os.fstat(file.fileno()).st_size
            self.page_bytes = 4096
            if self.size < 2 * self.page_bytes:
                raise PageError(f"file of {self.size} bytes has no meta pages")
            self._map = mmap.mmap(file.fileno(), self.size, access=mmap.ACCESS_READ)
        self._view = memoryview(self._map)
        self.page_bytes = self._read_page_bytes()

    def close(self) -> None:
        """Lets go of the file; values that are still held keep the mapping until they go."""
        self._view.release()
        try:
            self._map.close()
        except BufferError:
            return

    def __enter__(self) -> PageFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def metas(self) -> tuple[Meta, Meta]:
        """Both roots, the newer first. Raises PageError when they contradict each other."""
        even, odd = self._read_meta(0), self._read_meta(1)
        if even.transaction == odd.transaction:
            if even != odd:
                raise PageError("two meta pages of one transaction differ")
            return even, odd
        if even.transaction % 2 != 0 or odd.transaction % 2 != 1 or abs(even.transaction - odd.transaction) != 1:
            raise PageError(
                f"meta pages of transactions {even.transaction} and {odd.transaction} do not follow on each other"
            )
        newer, older = (even, odd) if even.transaction > odd.transaction else (odd, even)
        if newer.main.entries < older.main.entries:
            raise PageError("the newer meta page holds fewer records than the older one")
        return newer, older

    def read(self, meta: Meta) -> Entries:
        """Every record of that state in key order; large values are views of the file. Raises PageError."""
        walk = _Walk(self._view, self.page_bytes, meta)
        entries = walk.tree(meta.main, integer_keys=False)
        walk.account(walk.free_pages())
        return entries

    def check_older(self, older: Meta) -> None:
        """That the root taken for the older one really is: a flipped bit in a transaction number can swap them.

        Pages that a transaction frees are listed under its number, so no state lists a later one than its own.
        """
        _Walk(self._view, self.page_bytes, older).free_pages()

    def _read_page_bytes(self) -> int:
        found: int = _DATABASE.unpack_from(self._view, _PAGE.size + _META.size)[0]
        if found not in (4096, 8192, 16384, 32768) or self.size < 2 * found:
            raise PageError(f"impossible page size {found}")
        return found

    def _read_meta(self, number: int) -> Meta:
        at = number * self.page_bytes
        page, _, flags, _, _ = _PAGE.unpack_from(self._view, at)
        at += _PAGE.size
        magic, version, address, map_bytes = _META.unpack_from(self._view, at)
        if page != number or flags != _META_PAGE or magic != _MAGIC or version != 1:
            raise PageError(f"meta page {number} is damaged")
        if address != 0 or map_bytes > _MAP_BYTES_MAX:  # LMDB would map as much as it is told here
            raise PageError(f"meta page {number} is damaged")
        at += _META.size
        page_bytes, *free = _DATABASE.unpack_from(self._view, at)
        _, *main = _DATABASE.unpack_from(self._view, at + _DATABASE.size)
        last_page, transaction = _END.unpack_from(self._view, at + 2 * _DATABASE.size)
        meta = Meta(transaction, last_page, Database(*free), Database(*main))
        if last_page * self.page_bytes > _MAP_BYTES_MAX:
            raise PageError(f"meta page {number} is damaged")
        if page_bytes != self.page_bytes or meta.free.flags != _INTEGER_KEYS or meta.main.flags != 0:
            raise PageError(f"meta page {number} is damaged")
        return meta


class _Walk:
    """One pass over a state's trees; remembers the pages it has seen."""

    def __init__(self, view: memoryview, page_bytes: int, meta: Meta) -> None:
        self._view = view
        self._page_bytes = page_bytes
        self._meta = meta
        self._last_page = meta.last_page
        self._seen = bytearray(min(meta.last_page + 1, len(view) // page_bytes))
        self._taken = 0
        self._integer_keys = False
        self._counts = [0, 0, 0]  # branch, leaf, overflow pages of the tree being walked
        self._entries: Entries = []

    def tree(self, database: Database, *, integer_keys: bool) -> Entries:
        """Every record of a tree, checked against its counts."""
        self._counts, self._entries, self._integer_keys = [0, 0, 0], [], integer_keys
        if database.root != _NO_ROOT:
            if not 1 <= database.depth <= _DEPTH_MAX:
                raise PageError(f"tree of impossible depth {database.depth}")
            self._visit(database.root, database.depth, None, None)
        counted = [*self._counts, len(self._entries)]
        told = [database.branch_pages, database.leaf_pages, database.overflow_pages, database.entries]
        if counted != told or (database.root == _NO_ROOT and database.depth != 0):
            raise PageError(f"tree has pages and records {counted}, its root says {told}")
        return self._entries

    def free_pages(self) -> Entries:
        """Lists of free pages by the transaction that freed them."""
        free = self.tree(self._meta.free, integer_keys=True)
        if free and int.from_bytes(free[-1][0], "little") > self._meta.transaction:
            raise PageError(f"transaction {self._meta.transaction} knows of pages that were freed after it")
        return free

    def account(self, free: Entries) -> None:
        """Every page is in use exactly once or free exactly once: so LMDB will not write over one in use."""
        for _, value in free:
            numbers = [each for (each,) in _U64.iter_unpack(value)] if len(value) % 8 == 0 else []
            if not numbers or numbers[0] > len(numbers) - 1:
                raise PageError("list of free pages is damaged")
            for number in numbers[1 : numbers[0] + 1]:
                self._take(number, is_free=True)
        unknown = self._last_page - 1 - self._taken  # two are the meta pages
        if unknown:
            raise PageError(f"{unknown} pages are neither in use nor free")

    def _take(self, number: int, *, is_free: bool = False) -> None:
        if not 2 <= number <= self._last_page:
            raise PageError(f"page {number} is outside of the tree")
        self._taken += 1
        if number >= len(self._seen):
            if is_free:  # never written
                return
            raise MissingPageError(f"page {number} is missing: the file was cut short")
        if self._seen[number]:
            raise PageError(f"page {number} is in use twice")
        self._seen[number] = 1

    def _visit(self, number: int, depth: int, low: bytes | None, high: bytes | None) -> None:
        """Walks one page; its keys must lie in [low, high)."""
        self._take(number)
        at = number * self._page_bytes
        page, _, flags, lower, upper = _PAGE.unpack_from(self._view, at)
        if page != number or flags != (_LEAF if depth == 1 else _BRANCH):
            raise PageError(f"page {number} is damaged")
        if lower % 2 or not _PAGE.size <= lower <= upper <= self._page_bytes:
            raise PageError(f"page {number} has impossible bounds")
        self._counts[1 if depth == 1 else 0] += 1
        nodes = list(self._nodes(at, lower, upper))
        keys = [key for key, _, _, _ in nodes]
        inner = keys if depth == 1 else keys[1:]
        if not nodes or not self._ordered(inner, low, high):
            raise PageError(f"page {number} has keys out of order")
        if depth == 1:
            self._entries += [(key, self._value(size, is_big, start)) for key, size, is_big, start in nodes]
            return
        bounds = [low, *inner, high]
        for index, (_, child, flags_high, _) in enumerate(nodes):
            self._visit(child | flags_high << 32, depth - 1, bounds[index], bounds[index + 1])

    def _nodes(self, page: int, lower: int, upper: int) -> Iterator[tuple[bytes, int, int, int]]:
        """(key, size or page, flags, where the data starts) of each node, all within the page."""
        lowest = self._page_bytes
        for slot in range(page + _PAGE.size, page + lower, 2):
            offset = self._view[slot] | self._view[slot + 1] << 8
            if offset % 2 or not upper <= offset <= self._page_bytes - _NODE.size:
                raise PageError("a node lies outside of its page")
            lowest = min(lowest, offset)
            low, high, flags, key_bytes = _NODE.unpack_from(self._view, page + offset)
            start = offset + _NODE.size + key_bytes
            if start > self._page_bytes:
                raise PageError("a key ends outside of its page")
            yield bytes(self._view[page + start - key_bytes : page + start]), low | high << 16, flags, page + start
        if lowest != upper:
            raise PageError("a page has room that it does not know of")

    def _ordered(self, keys: list[bytes], low: bytes | None, high: bytes | None) -> bool:
        if self._integer_keys:
            if any(len(each) != 8 for each in keys):
                return False
            keys = [each[::-1] for each in keys]
            low, high = low and low[::-1], high and high[::-1]
        bounded = [*([low] if low is not None else []), *keys]
        if any(second <= first for first, second in itertools.pairwise(keys)):
            return False
        return (low is None or not keys or keys[0] >= low) and (high is None or not bounded or bounded[-1] < high)

    def _value(self, size: int, flags: int, start: int) -> memoryview:
        if flags == 0:
            # A copy: small values move about as their page is written anew.
            end = start + size
            if end > (start // self._page_bytes + 1) * self._page_bytes:
                raise PageError("a value ends outside of its page")
            return memoryview(bytes(self._view[start:end]))
        if flags != _BIG_DATA:
            raise PageError("a record has unknown flags")
        first: int = _U64.unpack_from(self._view, start)[0]
        pages = (_PAGE.size + size - 1) // self._page_bytes + 1
        self._counts[2] += pages
        if first + pages - 1 > self._last_page:
            raise PageError("a value is outside of the tree")
        for number in range(first, first + pages):
            self._take(number)
        at = first * self._page_bytes
        page, _, page_flags, pages_low, pages_high = _PAGE.unpack_from(self._view, at)
        if page != first or page_flags != _OVERFLOW or pages_low | pages_high << 16 != pages:
            raise PageError(f"page {first} is damaged")
        return self._view[at + _PAGE.size : at + _PAGE.size + size]

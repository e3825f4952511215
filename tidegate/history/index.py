"""The history index on disk: one LMDB environment for all symbols.

    changes  account u32, symbol u16, age u64, sequence u64, index u16  -> one event about an order, packed
    clients  account u32, symbol u16, client order id u64, age u64      -> nothing
    fills    account u32, symbol u16, sequence u64, index u16, maker u8 -> age u64
    times    symbol u16, time u64                                       -> sequence reached at that time
    progress symbol u16                                                 -> sequence u64, chain hash

Keys are big endian; `age` sorts orders as they came (order_age in records.hpp). All rows of a step of the
journal and the progress are one transaction, so each event is in the tables exactly once.
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

import lmdb
import structlog

from tidegate.wire.damage_mark import DamageMark

MAP_BYTES = 1 << 40  # address space only
TABLES = (b"changes", b"clients", b"fills", b"times", b"progress")
ASK_OF_QUOTE = 1 << 62
U64_MAX = (1 << 64) - 1

DAMAGE = (lmdb.CorruptedError, lmdb.PageNotFoundError, lmdb.InvalidError, lmdb.PanicError)
"""What LMDB says of pages that are not as they were written; it has no checksums."""

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_OPEN_MARK = b"open"  # boot id of the machine while the environment is open for writing

_ACCOUNT = struct.Struct(">IH")
_ORDER = struct.Struct(">IHQ")
_FILL = struct.Struct(">IHQ")
_TIME = struct.Struct(">HQ")
_U64 = struct.Struct(">Q")

Rows = Sequence[tuple[bytes, bytes]]

log = structlog.get_logger(__name__)


def order_age(order_id: int) -> int:
    """Place of an order among all of its symbol: 64 bits, as in native/records/records.hpp."""
    return (order_id & ~ASK_OF_QUOTE) << 1 & U64_MAX | bool(order_id & ASK_OF_QUOTE)


def order_id_of(age: int) -> int:
    """The order id that has this age."""
    return age >> 1 | (ASK_OF_QUOTE if age & 1 else 0)


class HistoryIndex:
    """The tables. One process, one thread."""

    def __init__(self, path: Path, mark: DamageMark) -> None:
        """Opens or makes it; one that is damaged, or may be after a crash of the machine, is made anew."""
        self._damage = mark
        if mark.is_set:  # even to look at it may end this process too
            log.error("history has met damage before")
            shutil.rmtree(path, ignore_errors=True)
            mark.clear()
        boot = _BOOT_ID.read_bytes().strip() if _BOOT_ID.exists() else b"unknown"
        try:
            self._open(path)
            spoilt = self._mark() not in (b"", boot)
        except lmdb.Error as error:
            log.error("history does not open", error=str(error))
            spoilt = True
        if spoilt:
            log.warning("history is made anew from the journals", path=str(path))
            shutil.rmtree(path, ignore_errors=True)
            self._open(path)
        with self._environment.begin(write=True) as transaction:
            transaction.put(_OPEN_MARK, boot, db=self._tables["progress"])
        self._environment.sync(True)

    def _open(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self._environment = lmdb.open(str(path), map_size=MAP_BYTES, max_dbs=len(TABLES), sync=False, mode=0o600)
        self._tables = {name.decode(): self._environment.open_db(name) for name in TABLES}

    def _mark(self) -> bytes:
        with self._environment.begin() as transaction:
            return bytes(transaction.get(_OPEN_MARK, b"", db=self._tables["progress"]))

    def give_up(self, error: Exception) -> None:
        """It is damaged: the next start makes it anew."""
        self._damage.set(str(error))

    def close(self) -> None:
        """Flushes and lets go."""
        self._environment.sync(True)
        with self._environment.begin(write=True) as transaction:
            transaction.delete(_OPEN_MARK, db=self._tables["progress"])
        self._environment.sync(True)
        self._environment.close()

    # ---- writing ----

    def progress(self, symbol: int) -> tuple[int, bytes]:
        """Sequence up to which a symbol is indexed, and the log's chain hash there; (0, b"") at the start."""
        with self._environment.begin() as transaction:
            value = transaction.get(symbol.to_bytes(2, "big"), db=self._tables["progress"])
        return (_U64.unpack_from(value)[0], bytes(value[8:])) if value else (0, b"")

    def add(
        self,
        symbol: int,
        rows: tuple[Rows, Rows, Rows],
        times: Sequence[tuple[int, int]],
        *,
        sequence: int,
        chain_hash: bytes,
    ) -> None:
        """One step: rows of changes, clients and fills; (time_ns, sequence) marks; the progress that it makes."""
        with self._environment.begin(write=True) as transaction:
            for name, part in zip(("changes", "clients", "fills"), rows, strict=True):
                if part:
                    with transaction.cursor(self._tables[name]) as cursor:
                        cursor.putmulti(part, dupdata=False)
            for time_ns, reached in times:
                transaction.put(_TIME.pack(symbol, time_ns), _U64.pack(reached), db=self._tables["times"])
            value = _U64.pack(sequence) + chain_hash
            transaction.put(symbol.to_bytes(2, "big"), value, db=self._tables["progress"])

    # ---- reading ----

    def time_mark(self, symbol: int, time_ns: int) -> int:
        """A sequence that was reached at or before this time, the latest that is marked; 0: none."""
        wanted = _TIME.pack(symbol, min(max(time_ns, 0), U64_MAX))
        with self._environment.begin() as transaction, transaction.cursor(self._tables["times"]) as cursor:
            found = cursor.set_range(wanted)
            if not (found and bytes(cursor.key()) == wanted) and not (cursor.prev() if found else cursor.last()):
                return 0
            marked, _ = _TIME.unpack(cursor.key())
            return _U64.unpack(cursor.value())[0] if marked == symbol else 0

    def ages_down(self, account: int, symbol: int, below: int) -> Iterator[int]:
        """Ages of an account's orders in a symbol, youngest first, below the given one."""
        prefix = _ACCOUNT.pack(account, symbol)
        with self._environment.begin() as transaction, transaction.cursor(self._tables["changes"]) as cursor:
            while True:
                wanted = _ORDER.pack(account, symbol, below)
                if not (cursor.prev() if cursor.set_range(wanted) else cursor.last()):
                    return
                key = bytes(cursor.key())
                if not key.startswith(prefix):
                    return
                below = _U64.unpack_from(key, len(prefix))[0]
                yield below

    def changes(self, account: int, symbol: int, age: int, most: int, last_sequence: int = U64_MAX) -> list[bytes]:
        """The packed events about one order up to a sequence, oldest first. Of more than `most` (at least 2): the first
        and the newest, because these say what the order is."""
        prefix = _ORDER.pack(account, symbol, age)
        above = prefix + _U64.pack(last_sequence) + b"\xff" * 3  # an index has two bytes
        found: list[bytes] = []
        with self._environment.begin() as transaction, transaction.cursor(self._tables["changes"]) as cursor:
            if not (cursor.prev() if cursor.set_range(above) else cursor.last()):
                return found
            for key, value in cursor.iterprev():
                if not key.startswith(prefix):
                    break
                if len(found) == most:
                    cursor.set_range(prefix)
                    found[-1] = bytes(cursor.value())
                    break
                found.append(bytes(value))
        found.reverse()
        return found

    def change(self, account: int, symbol: int, age: int, sequence: int, index: int) -> bytes | None:
        """The packed event about one order with this sequence and index."""
        key = _ORDER.pack(account, symbol, age) + _U64.pack(sequence) + index.to_bytes(2, "big")
        with self._environment.begin() as transaction:
            value = transaction.get(key, db=self._tables["changes"])
        return bytes(value) if value is not None else None

    def ages_of_client_id(self, account: int, symbol: int, client_order_id: int) -> list[int]:
        """Ages of the orders that the account has called so, oldest first."""
        prefix = _ORDER.pack(account, symbol, client_order_id)
        ages: list[int] = []
        with self._environment.begin() as transaction, transaction.cursor(self._tables["clients"]) as cursor:
            if cursor.set_range(prefix):
                for key in cursor.iternext(values=False):
                    if not key.startswith(prefix):
                        break
                    ages.append(_U64.unpack_from(key, len(prefix))[0])
        return ages

    def fills_down(
        self, account: int, symbol: int, below: tuple[int, int, int]
    ) -> Iterator[tuple[tuple[int, int, int], int]]:
        """((sequence, index, maker 0 or 1), age of the order) of an account's fills, newest first, below a key."""
        prefix = _ACCOUNT.pack(account, symbol)
        sequence, index, maker = below
        wanted = _FILL.pack(account, symbol, sequence) + index.to_bytes(2, "big") + bytes((maker,))
        with self._environment.begin() as transaction, transaction.cursor(self._tables["fills"]) as cursor:
            if not (cursor.prev() if cursor.set_range(wanted) else cursor.last()):
                return
            for key, value in cursor.iterprev():
                if not key.startswith(prefix):
                    return
                place = (_U64.unpack_from(key, 6)[0], int.from_bytes(key[14:16], "big"), key[16])
                yield place, _U64.unpack(value)[0]

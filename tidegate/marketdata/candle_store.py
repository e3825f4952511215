"""Candles and definitions of one symbol on disk, with the sequence up to which they are made of the journal.

All of it can be made again from the journal. Each commit puts the changed candles and that sequence down in one
transaction, so that after a restart the journal is counted from exactly there.

    b"S"                                  version, sequence
    b"C" + interval (1) + open time (8)   a candle with trades in it; big endian, so that keys sort by time
    b"D" + sequence (8)                   the INSTRUMENT_DEFINED record of that command

Each value is followed by the CRC32 of key and value: LMDB has none, and a flipped bit must not be told as a price.
"""

from __future__ import annotations

import shutil
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import lmdb
import structlog

from tidegate.marketdata.candles import INTERVALS_NS, Candle
from tidegate.marketdata.errors import CandlesDamagedError
from tidegate.wire.damage_mark import DamageMark

log = structlog.get_logger(__name__)

MAP_BYTES = 4 << 30  # address space
_STATE_KEY = b"S"
_STATE = struct.Struct("<IQ")
_VERSION = 2
_CRC = struct.Struct("<I")


class _WrongCrcError(ValueError):
    """A row is not as it was written."""


_DAMAGE = (lmdb.CorruptedError, lmdb.PageNotFoundError, lmdb.InvalidError, lmdb.PanicError, _WrongCrcError)


class CandleStore:
    """One LMDB environment, for one process and one thread. Rows that are put are seen at once, and durable after
    commit()."""

    def __init__(self, directory: Path, retained_max: int, mark: DamageMark) -> None:
        """`retained_max`: so many intervals back candles are kept. What cannot be read is thrown away, to be made
        again; damage that is met later sets the mark."""
        self._directory = directory
        self._retained_max = retained_max
        self._changed: dict[tuple[int, int], Candle] = {}
        self.damaged = False
        """Set by CandlesDamagedError."""
        self._mark = mark
        self._environment = self._open()
        try:
            self.sequence = self._read_sequence()
            self._read_everything()
        except (ValueError, lmdb.Error) as error:
            log.warning("market data's own files are made anew", directory=str(directory), error=str(error))
            self._environment.close()
            shutil.rmtree(directory)
            self._environment = self._open()
            self.sequence = 0

    def close(self) -> None:
        """Lets go; what was not committed is forgotten."""
        self._environment.close()

    def clear(self) -> None:
        """Forgets everything: the journal is another one."""
        with self._transaction(write=True) as transaction:
            transaction.drop(self._environment.open_db(txn=transaction), delete=False)
        self._changed.clear()
        self.sequence = 0

    def put(self, interval: int, candle: Candle) -> None:
        """A candle as it is now; the object may go on changing until the next commit."""
        self._changed[interval, candle.open_time_ns] = candle

    def commit(self, sequence: int) -> None:
        """Makes what was put durable: the journal up to `sequence` is counted."""
        if sequence == self.sequence and not self._changed:
            return
        with self._transaction(write=True) as transaction:
            self._write(transaction, sequence)
        self._changed.clear()
        self.sequence = sequence

    def define(self, sequence: int, record: bytes, price: Fraction, quantity: Fraction) -> None:
        """Keeps a definition, and everything in its ticks and lots; counts the journal up to `sequence`."""
        with self._transaction(write=True) as transaction:
            self._write(transaction, sequence)
            _put(transaction, _definition_key(sequence), record)
            if price != 1 or quantity != 1:
                for interval in INTERVALS_NS:
                    for candle in list(_stored(transaction, interval, 0, 1 << 63)):
                        changed = candle.rescaled(price, quantity)
                        _put(transaction, _candle_key(interval, candle.open_time_ns), changed.pack())
        self._changed.clear()
        self.sequence = sequence

    def definitions(self) -> list[bytes]:
        """Every INSTRUMENT_DEFINED record, oldest first."""
        with self._transaction() as transaction, transaction.cursor() as cursor:
            found = cursor.iternext() if cursor.set_range(_definition_key(0)) else iter(())
            return [_checked(key, value) for key, value in found if key[:1] == b"D"]

    def between(self, interval: int, start_ns: int, end_ns: int) -> list[Candle]:
        """Candles with trades that begin from `start_ns` up to and without `end_ns`, oldest first."""
        with self._transaction() as transaction:
            found = {each.open_time_ns: each for each in _stored(transaction, interval, start_ns, end_ns)}
        for (kind, time_ns), candle in self._changed.items():
            if kind == interval and start_ns <= time_ns < end_ns:
                found[time_ns] = candle
        return [found[time_ns] for time_ns in sorted(found)]

    def last_before(self, interval: int, end_ns: int) -> Candle | None:
        """The youngest candle with trades that begins before `end_ns`."""
        newest: Candle | None = None
        with self._transaction() as transaction, transaction.cursor() as cursor:
            found = cursor.set_range(_candle_key(interval, end_ns))
            if (cursor.prev() if found else cursor.last()) and cursor.key()[:2] == _prefix(interval):
                newest = Candle.unpack(_checked(cursor.key(), cursor.value()))
        for (kind, time_ns), candle in self._changed.items():
            if kind == interval and time_ns < end_ns and (newest is None or time_ns >= newest.open_time_ns):
                newest = candle
        return newest

    def _open(self) -> lmdb.Environment:
        self._directory.mkdir(parents=True, exist_ok=True)
        try:
            return lmdb.open(str(self._directory), map_size=MAP_BYTES, max_readers=8, readahead=False)
        except lmdb.Error as error:
            log.warning("market data's own files do not open", directory=str(self._directory), error=str(error))
            shutil.rmtree(self._directory)
            self._directory.mkdir(parents=True)
            return lmdb.open(str(self._directory), map_size=MAP_BYTES, max_readers=8, readahead=False)

    def _read_sequence(self) -> int:
        # LMDB reads through a mapping: a page behind the end of the file would kill the process.
        pages = self._environment.info()["last_pgno"] + 1
        size = (self._directory / "data.mdb").stat().st_size
        if size < pages * self._environment.stat()["psize"]:
            raise ValueError("the file was cut short")
        with self._environment.begin() as transaction:
            packed = transaction.get(_STATE_KEY)
        if packed is None:
            return 0
        state = _checked(_STATE_KEY, packed)
        if len(state) != _STATE.size:
            raise ValueError("not ours")
        version, sequence = _STATE.unpack(state)
        if version != _VERSION:
            raise ValueError(f"version {version}")
        return int(sequence)

    def _read_everything(self) -> None:
        """Every row once. Raises ValueError, lmdb.Error."""
        with self._environment.begin() as transaction, transaction.cursor() as cursor:
            found = sum(1 for key, value in cursor.iternext() if _checked(key, value))
            if found != transaction.stat()["entries"]:
                raise ValueError("rows are missing")

    @contextmanager
    def _transaction(self, *, write: bool = False) -> Iterator[lmdb.Transaction]:
        """Raises CandlesDamagedError, after which the process has to end: the next start makes candles anew."""
        try:
            with self._environment.begin(write=write) as transaction:
                yield transaction
        except _DAMAGE as error:
            log.error("market data's own files are damaged", directory=str(self._directory), error=str(error))
            self._mark.set(f"{self._directory.name}: {error}")
            self.damaged = True
            raise CandlesDamagedError(self._directory.name) from error

    def _write(self, transaction: lmdb.Transaction, sequence: int) -> None:
        for (interval, time_ns), candle in self._changed.items():
            _put(transaction, _candle_key(interval, time_ns), candle.pack())
        for interval, newest_ns in _newest(self._changed).items():
            oldest_ns = newest_ns - self._retained_max * INTERVALS_NS[interval]
            for candle in list(_stored(transaction, interval, 0, max(0, oldest_ns))):
                transaction.delete(_candle_key(interval, candle.open_time_ns))
        _put(transaction, _STATE_KEY, _STATE.pack(_VERSION, sequence))


def _newest(changed: dict[tuple[int, int], Candle]) -> dict[int, int]:
    newest: dict[int, int] = {}
    for interval, time_ns in changed:
        newest[interval] = max(newest.get(interval, 0), time_ns)
    return newest


def _stored(transaction: lmdb.Transaction, interval: int, start_ns: int, end_ns: int) -> Iterator[Candle]:
    with transaction.cursor() as cursor:
        if not cursor.set_range(_candle_key(interval, start_ns)):
            return
        for key, value in cursor.iternext():
            if key[:2] != _prefix(interval) or int.from_bytes(key[2:], "big") >= end_ns:
                return
            yield Candle.unpack(_checked(key, value))


def _put(transaction: lmdb.Transaction, key: bytes, value: bytes) -> None:
    transaction.put(key, value + _CRC.pack(zlib.crc32(value, zlib.crc32(key))))


def _checked(key: bytes | memoryview, stored: bytes | memoryview) -> bytes:
    """The value that _put() was given."""
    value, crc = bytes(stored[: -_CRC.size]), bytes(stored[-_CRC.size :])
    if crc != _CRC.pack(zlib.crc32(value, zlib.crc32(key))):
        raise _WrongCrcError(f"row {key.hex()} is not as it was written")
    return value


def _prefix(interval: int) -> bytes:
    return b"C" + bytes((interval,))


def _candle_key(interval: int, open_time_ns: int) -> bytes:
    return _prefix(interval) + max(0, open_time_ns).to_bytes(8, "big")


def _definition_key(sequence: int) -> bytes:
    return b"D" + sequence.to_bytes(8, "big")

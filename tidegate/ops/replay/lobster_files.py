"""LOBSTER's two files: messages, and the book after each of them.

Message: time in s, type, order id, size, price x 10,000, side of the resting order (1 buys, -1 sells).
Book: ask price, ask size, bid price, bid size, level by level; +-9999999999 where there is no level.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice, zip_longest
from pathlib import Path
from typing import TextIO

from tidegate.ops.replay.errors import BadRecordingError
from tidegate.ops.replay.levels import ASK, BID

NO_PRICE = 9_999_999_999
Levels = tuple[tuple[int, int], ...]  # (ticks, lots), best first


class Kind(IntEnum):
    """Type of a message."""

    NEW = 1
    PARTIAL_CANCEL = 2
    DELETE = 3
    EXECUTION = 4
    HIDDEN_EXECUTION = 5
    CROSS = 6
    HALT = 7


VISIBLE = frozenset({Kind.NEW, Kind.PARTIAL_CANCEL, Kind.DELETE, Kind.EXECUTION})


@dataclass(frozen=True, slots=True)
class Book:
    """The recorded levels; `whole_bids`, `whole_asks`: fewer levels than the file has room for, so that is all."""

    bids: Levels
    asks: Levels
    whole_bids: bool
    whole_asks: bool

    def side(self, side: int) -> tuple[Levels, bool]:
        """Levels of a side, and whether these are all of them."""
        return (self.bids, self.whole_bids) if side == BID else (self.asks, self.whole_asks)


@dataclass(frozen=True, slots=True)
class Message:
    """One row, with the book after it when there is a book file. `time` stays text: it is compared, not computed."""

    time: str
    kind: Kind
    order_id: int
    size: int
    price: int
    side: int
    book: Book | None


def read_messages(messages: Path, orderbook: Path | None, tick: int, limit: int = 0) -> Iterator[Message]:
    """Row by row; prices in ticks of `tick` / 10,000 dollar. Raises BadRecordingError."""
    with _open(messages) as file, _open(orderbook) as books:
        book_rows = csv.reader(books) if books is not None else None
        assert file is not None
        rows = (
            zip_longest(csv.reader(file), book_rows)
            if book_rows is not None
            else ((row, None) for row in csv.reader(file))
        )
        for number, (row, book_row) in enumerate(islice(rows, limit or None), 1):
            if row is None or (book_rows is not None and book_row is None):
                raise BadRecordingError(f"{messages.name} and its book differ in length: one ends at line {number - 1}")
            try:
                yield _message(row, book_row, tick)
            except (ValueError, IndexError) as error:
                raise BadRecordingError(f"{messages.name}, line {number}: {error}") from error


def _message(row: list[str], book_row: list[str] | None, tick: int) -> Message:
    kind = Kind(int(row[1]))
    visible = kind in VISIBLE
    price = _ticks(int(row[4]), tick) if visible else 0
    size = int(row[3])
    if visible and size <= 0:
        raise ValueError(f"size {size}")
    side = BID if int(row[5]) == 1 else ASK
    return Message(row[0], kind, int(row[2]), size, price, side, _book(book_row, tick) if book_row else None)


def _book(row: list[str], tick: int) -> Book:
    numbers = [int(each) for each in row]
    if not numbers or len(numbers) % 4:
        raise ValueError(f"{len(numbers)} numbers in a book row are not four per level")
    asks, bids = (
        tuple(
            (_ticks(numbers[at], tick), numbers[at + 1])
            for at in range(start, len(numbers), 4)
            if abs(numbers[at]) != NO_PRICE and numbers[at + 1] > 0
        )
        for start in (0, 2)
    )
    levels = len(numbers) // 4
    return Book(bids, asks, len(bids) < levels, len(asks) < levels)


def _ticks(price: int, tick: int) -> int:
    ticks, rest = divmod(price, tick)
    if rest or ticks <= 0:
        raise ValueError(f"price {price} is not on a tick of {tick} (1/10,000 dollar): say the file's tick with --tick")
    return ticks


class _Nothing:
    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


def _open(path: Path | None) -> TextIO | _Nothing:
    if path is None:
        return _Nothing()
    return gzip.open(path, "rt", newline="") if path.suffix == ".gz" else path.open(newline="")

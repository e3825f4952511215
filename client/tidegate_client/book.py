"""A symbol's book, kept from the public stream and checked against the venue's checksum (rule API-3)."""

from __future__ import annotations

import zlib
from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import zip_longest

from tidegate.v1 import market_data_service_pb2 as pb
from tidegate_client.enums import Phase
from tidegate_client.instruments import Instrument
from tidegate_client.market_types import Depth, DepthLevel

CHECKED_LEVELS = 25
Rows = Sequence[tuple[int, int]]  # (price in ticks, lots), best first


class BookSide:
    """One side: lots by price in ticks, and the prices in order, the best one first."""

    __slots__ = ("_keys", "_sign", "lots")

    def __init__(self, sign: int) -> None:
        self._sign = sign  # prices are kept ascending as sign * price: -1 for bids, 1 for asks
        self._keys: list[int] = []
        self.lots: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def replace(self, levels: Iterable[pb.DepthLevel]) -> None:
        """The whole side anew."""
        self.lots = {each.price_ticks: each.quantity_lots for each in levels}
        self._keys = sorted(self._sign * price for price in self.lots)

    def change(self, levels: Iterable[pb.DepthLevel]) -> list[int]:
        """Levels with their new quantity, 0 for gone; returns their prices."""
        lots, keys, sign = self.lots, self._keys, self._sign
        changed = []
        for each in levels:
            price, quantity = each.price_ticks, each.quantity_lots
            changed.append(price)
            if quantity:
                if price not in lots:
                    insort(keys, sign * price)
                lots[price] = quantity
            elif lots.pop(price, None) is not None:
                del keys[bisect_left(keys, sign * price)]
        return changed

    def best(self) -> int:
        """Best price, ticks; 0 for an empty side."""
        return self._sign * self._keys[0] if self._keys else 0

    def top(self, most: int) -> list[tuple[int, int]]:
        """(price in ticks, lots) of the best levels, the best one first."""
        return [(self._sign * key, self.lots[self._sign * key]) for key in self._keys[:most]]


class LocalBook:
    """The book as of `sequence`; ticks and lots, changed in place by each message of the stream.

    `checksums` counts the messages whose checksum was the book's, `mismatches` those where it was not,
    `snapshots` how often the whole book was sent, `conflated` how often because this reader was too slow.
    """

    def __init__(self, instrument: Instrument, *, verify: bool = True) -> None:
        self.instrument = instrument
        self.bid_side = BookSide(-1)
        self.ask_side = BookSide(1)
        self.changed_bids: list[int] = []  # prices in the last change; empty after a snapshot
        self.changed_asks: list[int] = []
        self.first_sequence = 0  # first command of the last change; 0 after a snapshot
        self.sequence = 0  # last command that is part of the book
        self.engine_time_ns = 0
        self.phase = Phase.UNSPECIFIED
        self.snapshots = self.conflated = 0
        self.checksums = self.mismatches = 0
        self._verify = verify

    @property
    def bids(self) -> dict[int, int]:
        """Lots by price in ticks, in no order."""
        return self.bid_side.lots

    @property
    def asks(self) -> dict[int, int]:
        """Lots by price in ticks, in no order."""
        return self.ask_side.lots

    def apply(self, message: pb.StreamDepthResponse) -> bool:
        """Take one message; False when it does not follow on what is here, or the checksum is another: then the
        book is worth nothing and needs a snapshot."""
        if message.HasField("snapshot"):
            return self._replace(message.snapshot)
        delta = message.delta
        if not self.snapshots or delta.previous_sequence != self.sequence:
            return False
        self.changed_bids = self.bid_side.change(delta.bids)
        self.changed_asks = self.ask_side.change(delta.asks)
        self.first_sequence, self.sequence = delta.first_sequence, delta.last_sequence
        self.engine_time_ns, self.phase = delta.engine_time_ns, Phase(delta.phase)
        return self._agrees(delta.checksum)

    def checksum(self) -> int:
        """CRC32 of the best 25 levels of each side as "price:quantity", bid and ask in turns, ":" between."""
        return book_checksum(self.bid_side.top(CHECKED_LEVELS), self.ask_side.top(CHECKED_LEVELS))

    def best_bid_ticks(self) -> int:
        """Highest bid, 0 for none."""
        return self.bid_side.best()

    def best_ask_ticks(self) -> int:
        """Lowest ask, 0 for none."""
        return self.ask_side.best()

    def mid(self) -> Decimal | None:
        """Half way between the best prices; None while a side is empty."""
        bid, ask = self.best_bid_ticks(), self.best_ask_ticks()
        return self.instrument.price(bid + ask) / 2 if bid and ask else None

    def depth(self, levels: int = 100) -> Depth:
        """A frozen copy, best levels first."""
        return Depth(
            self.instrument,
            self.sequence,
            self.engine_time_ns,
            self.phase,
            tuple(level(self.instrument, price, lots) for price, lots in self.bid_side.top(levels)),
            tuple(level(self.instrument, price, lots) for price, lots in self.ask_side.top(levels)),
        )

    def _replace(self, snapshot: pb.DepthSnapshot) -> bool:
        self.bid_side.replace(snapshot.bids)
        self.ask_side.replace(snapshot.asks)
        self.changed_bids, self.changed_asks = [], []
        self.first_sequence, self.sequence = 0, snapshot.sequence
        self.engine_time_ns, self.phase = snapshot.engine_time_ns, Phase(snapshot.phase)
        self.snapshots += 1
        self.conflated += snapshot.conflated
        return self._agrees(snapshot.checksum)

    def _agrees(self, checksum: int) -> bool:
        if not self._verify:
            return True
        if checksum == self.checksum():
            self.checksums += 1
            return True
        self.mismatches += 1
        return False


def book_checksum(bids: Rows, asks: Rows) -> int:
    """CRC32 of levels, best first, at most 25 of a side; a side that has ended is left out (rule API-3)."""
    rows = [row for pair in zip_longest(bids, asks) for row in pair if row is not None]
    return zlib.crc32(":".join([f"{price}:{lots}" for price, lots in rows]).encode())


def level(instrument: Instrument, price: int, lots: int, orders: int = 0) -> DepthLevel:
    """A level in both kinds of numbers."""
    return DepthLevel(instrument.price(price), instrument.quantity(lots), price, lots, orders)

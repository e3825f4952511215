"""A small simulated market that writes LOBSTER files: `levels` deep, out of a book that is deeper.

Faithful to the format: orders that were there before the file starts, one row per execution with the book
after it, hidden executions with order id 0, no row for what happens out of view, levels that come into
view when the window moves, the rest of an aggressive limit order as a new order at the same time.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

TICK = 100
BID, ASK = 1, -1


@dataclass
class Market:
    """Orders by side, price and age; prices in ticks."""

    seed: int
    levels: int = 5
    depth: int = 0  # levels that the book starts with; 0: three times what is in view
    book: dict[int, dict[int, list[list[int]]]] = field(default_factory=lambda: {BID: {}, ASK: {}})
    rows: list[str] = field(default_factory=list)
    books: list[str] = field(default_factory=list)
    aggressors: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.number = 1000
        self.time = 34_200.0
        for step in range(self.depth or 3 * self.levels):
            for side, touch in ((BID, 9_999), (ASK, 10_001)):
                for _ in range(self.random.randint(1, 3)):
                    self._add(side, touch - side * step, self.random.randint(1, 50))

    def run(self, steps: int) -> None:
        """So many things happen."""
        for _ in range(steps):
            self.time += self.random.random() / 100
            kind = self.random.choices(
                ("new", "cancel", "delete", "market", "limit", "hidden", "halt"), (40, 12, 25, 12, 5, 5, 1)
            )[0]
            getattr(self, f"_{kind}")()
            for side in (BID, ASK):
                if len(self.book[side]) < 2:
                    self._new(side)

    def write(self, directory: Path, prefix: str = "") -> tuple[Path, Path]:
        """The two files."""
        messages, books = directory / f"{prefix}messages.csv", directory / f"{prefix}orderbook.csv"
        messages.write_text("\n".join(self.rows) + "\n")
        books.write_text("\n".join(self.books) + "\n")
        return messages, books

    def _add(self, side: int, price: int, size: int) -> int:
        self.number += 1
        self.book[side].setdefault(price, []).append([self.number, size])
        return self.number

    def _prices(self, side: int) -> list[int]:
        return sorted(self.book[side], reverse=side == BID)

    def _touch(self, side: int) -> int:
        return self._prices(side)[0]

    def _in_view(self, side: int, price: int) -> bool:
        return price in self._prices(side)[: self.levels]

    def _row(self, kind: int, number: int, size: int, price: int, side: int) -> None:
        self.rows.append(f"{self.time:.9f},{kind},{number},{size},{price},{side}")
        cells = []
        asks, bids = self._prices(ASK), self._prices(BID)
        for level in range(self.levels):
            for prices, side_, none in ((asks, ASK, 9_999_999_999), (bids, BID, -9_999_999_999)):
                if level < len(prices):
                    price_ = prices[level]
                    cells += [price_ * TICK, sum(size for _, size in self.book[side_][price_])]
                else:
                    cells += [none, 0]
        self.books.append(",".join(map(str, cells)))

    def _new(self, side: int = 0) -> None:
        side = side or self.random.choice((BID, ASK))
        far = self.depth or 2 * self.levels
        other = self._touch(-side) if self.book[-side] else 10_000 + side
        price = other - side * self.random.randint(1, far)
        size = self.random.randint(1, 50)
        number = self._add(side, price, size)
        if self._in_view(side, price):
            self._row(1, number, size, price * TICK, side)

    def _any(self) -> tuple[int, int, list[int]]:
        side = self.random.choice((BID, ASK))
        price = self.random.choice(self._prices(side)[: 2 * self.levels])
        return side, price, self.random.choice(self.book[side][price])

    def _cancel(self) -> None:
        side, price, order = self._any()
        if order[1] < 2:
            return
        size = self.random.randint(1, order[1] - 1)
        order[1] -= size
        if self._in_view(side, price):
            self._row(2, order[0], size, price * TICK, side)

    def _delete(self) -> None:
        side, price, order = self._any()
        if len(self.book[side]) < 3:
            return
        seen = self._in_view(side, price)
        self._remove(side, price, order)
        if seen:
            self._row(3, order[0], order[1], price * TICK, side)

    def _remove(self, side: int, price: int, order: list[int]) -> None:
        self.book[side][price].remove(order)
        if not self.book[side][price]:
            del self.book[side][price]

    def _market(self) -> None:
        self._take(self.random.choice((BID, ASK)), self.random.randint(1, 120), None)

    def _limit(self) -> None:
        """An aggressive limit order; what is left of it rests."""
        side = self.random.choice((BID, ASK))
        price = self._touch(side)
        left = self._take(side, sum(size for _, size in self.book[side][price]) + 5, price)
        if left:
            number = self._add(-side, price, left)
            self._row(1, number, left, price * TICK, -side)

    def _take(self, side: int, size: int, limit: int | None) -> int:
        self.aggressors += 1
        while size and len(self.book[side]) > 2 and (limit is None or self._touch(side) == limit):
            price = self._touch(side)
            order = self.book[side][price][0]
            taken = min(size, order[1])
            size -= taken
            order[1] -= taken
            if not order[1]:
                self._remove(side, price, order)
            self._row(4, order[0], taken, price * TICK, side)
            if self.random.random() < 0.1:
                self._row(5, 0, self.random.randint(1, 9), price * TICK + TICK // 2, side)
        return size if limit is not None and self._touch(side) != limit else 0

    def _hidden(self) -> None:
        self._row(5, 0, self.random.randint(1, 20), 10_000 * TICK + 50, self.random.choice((BID, ASK)))

    def _halt(self) -> None:
        self.rows.append(f"{self.time:.9f},7,0,0,-1,-1")
        self.books.append(self.books[-1] if self.books else "")
        if not self.books[-1]:
            self.rows.pop()
            self.books.pop()

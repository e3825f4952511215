"""The venue's own public book against the recording.

The public stream tells, with each change, which commands are part of it. A recorded quote is expected
after a certain command; it can be compared when a public change ends with exactly that command. Changes
that run past it show a later book: those quotes count as not observable, not as equal or different.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
from collections import Counter, deque

from tidegate.ops.replay.levels import ASK, BID
from tidegate_client import Client

Levels = dict[int, int]
Rows = tuple[tuple[int, int], ...]  # (ticks, lots), best first
Expected = tuple[Rows, Rows]  # bids, asks; as many levels as are to be compared
EXAMPLES_MAX = 5


class Top:
    """Best price of one side of a public book, without a search per change."""

    def __init__(self, sign: int) -> None:
        self._sign = sign
        self._heap: list[int] = []

    def rebuild(self, levels: Levels) -> None:
        """A new book."""
        self._heap = [self._sign * price for price in levels]
        heapq.heapify(self._heap)

    def note(self, price: int) -> None:
        """A level that may be new."""
        heapq.heappush(self._heap, self._sign * price)

    def best(self, levels: Levels) -> int:
        """Best price that is still there, 0 for none."""
        while self._heap and self._sign * self._heap[0] not in levels:
            heapq.heappop(self._heap)
        return self._sign * self._heap[0] if self._heap else 0


class PublicBook:
    """Follows the public depth of one symbol in a task of its own."""

    def __init__(self, client: Client, symbol: str) -> None:
        self.sequence = 0
        self.bids: Levels = {}
        self.asks: Levels = {}
        self.updates = self.snapshots = self.crossed = 0
        self.equal = self.sampled = self.unobservable = 0
        self.different: Counter[str] = Counter()
        self.examples: list[str] = []
        self._client = client
        self._symbol = symbol
        self._tops = {BID: Top(-1), ASK: Top(1)}
        self._expected: deque[tuple[int, Expected, str]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._moved = asyncio.Event()

    async def __aenter__(self) -> PublicBook:
        self._task = asyncio.create_task(self._follow())
        await self.reach(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    def expect(self, sequence: int, expected: Expected, label: str) -> None:
        """After this command, the best quotes are these."""
        if self.updates and sequence <= self.sequence:
            self._compare(sequence, expected, label, ends_here=sequence == self.sequence)
        else:
            self._expected.append((sequence, expected, label))

    async def reach(self, sequence: int, timeout_s: float = 15.0) -> bool:
        """Wait until the public book has got so far; False when it does not in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self.sequence < sequence or not self.updates:
                    assert self._task is not None
                    if self._task.done():
                        self._task.result()
                    self._moved.clear()
                    await self._moved.wait()
        return self.sequence >= sequence and self.updates > 0

    def best(self) -> tuple[int, int]:
        """Best bid and ask, ticks; 0 for none."""
        return self._tops[BID].best(self.bids), self._tops[ASK].best(self.asks)

    def top(self, side: int, count: int) -> Rows:
        """The best levels of a side."""
        levels = self.bids if side == BID else self.asks
        if count == 1:
            best = self._tops[side].best(levels)
            return ((best, levels[best]),) if best else ()
        prices = heapq.nlargest(count, levels) if side == BID else heapq.nsmallest(count, levels)
        return tuple((price, levels[price]) for price in prices)

    async def _follow(self) -> None:
        seen = -1
        async for book in self._client.depth_stream(self._symbol):
            self.bids, self.asks = book.bids, book.asks
            if book.snapshots != seen:
                seen, self.snapshots = book.snapshots, self.snapshots + 1
                self._tops[BID].rebuild(book.bids)
                self._tops[ASK].rebuild(book.asks)
            else:
                for price in book.changed_bids:
                    self._tops[BID].note(price)
                for price in book.changed_asks:
                    self._tops[ASK].note(price)
            self.updates += 1
            self.sequence = book.sequence
            bid, ask = self.best()
            if bid and ask and bid >= ask:
                self.crossed += 1
            while self._expected and self._expected[0][0] <= self.sequence:
                sequence, expected, label = self._expected.popleft()
                self._compare(sequence, expected, label, ends_here=sequence == self.sequence)
            self._moved.set()

    def _compare(self, sequence: int, expected: Expected, label: str, *, ends_here: bool) -> None:
        if not ends_here:
            self.unobservable += 1
            return
        self.sampled += 1
        shown = self.top(BID, len(expected[0])), self.top(ASK, len(expected[1]))
        if shown == expected:
            self.equal += 1
            return
        self.different[f"{label}: {_difference(shown, expected)}"] += 1
        if len(self.examples) < EXAMPLES_MAX:
            self.examples.append(f"sequence {sequence}: recorded {expected}, public {shown}")


def _difference(shown: Expected, expected: Expected) -> str:
    """The first that differs: a price rather than a quantity."""
    for what in (0, 1):
        for name, mine, theirs in (("bid", shown[0], expected[0]), ("ask", shown[1], expected[1])):
            if [each[what] for each in mine] != [each[what] for each in theirs]:
                return f"{name} {('price', 'quantity')[what]}"
    return "order"

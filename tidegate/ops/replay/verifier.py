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

from tidegate_client import Client

from tidegate.ops.replay.levels import ASK, BID

QuoteRow = tuple[int, int, int, int]  # bid ticks, lots, ask ticks, lots; zeros for none
Levels = dict[int, int]
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
        self._expected: deque[tuple[int, QuoteRow, str]] = deque()
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

    def expect(self, sequence: int, quote: QuoteRow, label: str) -> None:
        """After this command, the best quotes are these."""
        if self.updates and sequence <= self.sequence:
            self._compare(sequence, quote, label, ends_here=sequence == self.sequence)
        else:
            self._expected.append((sequence, quote, label))

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

    def quote(self) -> QuoteRow:
        """Best bid and ask with their lots."""
        bid, ask = self._tops[BID].best(self.bids), self._tops[ASK].best(self.asks)
        return bid, self.bids.get(bid, 0), ask, self.asks.get(ask, 0)

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
            bid, _, ask, _ = self.quote()
            if bid and ask and bid >= ask:
                self.crossed += 1
            while self._expected and self._expected[0][0] <= self.sequence:
                sequence, quote, label = self._expected.popleft()
                self._compare(sequence, quote, label, ends_here=sequence == self.sequence)
            self._moved.set()

    def _compare(self, sequence: int, quote: QuoteRow, label: str, *, ends_here: bool) -> None:
        if not ends_here:
            self.unobservable += 1
            return
        self.sampled += 1
        shown = self.quote()
        if shown == quote:
            self.equal += 1
            return
        names = ("bid price", "bid quantity", "ask price", "ask quantity")
        where = [name for name, mine, theirs in zip(names, shown, quote, strict=True) if mine != theirs]
        kind = next((name for name in where if name.endswith("price")), where[0])
        self.different[f"{label}: {kind}"] += 1
        if len(self.examples) < EXAMPLES_MAX:
            self.examples.append(f"sequence {sequence}: recorded {quote}, public {shown}")

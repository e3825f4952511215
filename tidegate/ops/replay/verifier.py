"""The venue's own public book against the recording.

The book is kept here from the public deltas alone, and held against the venue's checksum at each of them.
The public stream tells, with each change, which commands are part of it. A recorded quote is expected
after a certain command; it can be compared when a public change ends with exactly that command. Changes
that run past it show a later book: those quotes count as not observable, not as equal or different.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, deque

import grpc.aio

from tidegate.ops.callers import Caller
from tidegate.ops.replay.levels import ASK, BID
from tidegate.v1.market_data_service_pb2 import StreamDepthRequest, StreamDepthResponse
from tidegate_client.book import CHECKED_LEVELS, BookSide, book_checksum

Levels = dict[int, int]
Rows = tuple[tuple[int, int], ...]  # (ticks, lots), best first
Expected = tuple[Rows, Rows]  # bids, asks; as many levels as are to be compared
EXAMPLES_MAX = 5
RECONNECT_S = 0.1


class PublicBook:
    """Follows the public depth of one symbol in a task of its own."""

    def __init__(self, address: str, symbol: str) -> None:
        """address: of market data."""
        self.sequence = 0
        self.updates = self.snapshots = self.crossed = 0
        self.checksums = self.checksums_equal = 0
        self.equal = self.sampled = self.unobservable = 0
        self.different: Counter[str] = Counter()
        self.examples: list[str] = []
        self._address = address
        self._symbol = symbol
        self._sides = {BID: BookSide(-1), ASK: BookSide(1)}
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

    @property
    def is_sound(self) -> bool:
        """Whether it never crossed and every checksum was the venue's."""
        return not self.crossed and self.checksums_equal == self.checksums

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

    @property
    def bids(self) -> Levels:
        """Lots by ticks."""
        return self._sides[BID].lots

    @property
    def asks(self) -> Levels:
        """Lots by ticks."""
        return self._sides[ASK].lots

    def best(self) -> tuple[int, int]:
        """Best bid and ask, ticks; 0 for none."""
        return self._sides[BID].best(), self._sides[ASK].best()

    def top(self, side: int, count: int) -> Rows:
        """The best levels of a side."""
        return tuple(self._sides[side].top(count))

    async def _follow(self) -> None:
        """From a new snapshot whenever the stream ends."""
        async with Caller(self._address) as public:
            while True:
                with contextlib.suppress(grpc.aio.AioRpcError):
                    async for message in public.market_data.StreamDepth(StreamDepthRequest(symbol=self._symbol)):
                        if not self._take(message):
                            break
                await asyncio.sleep(RECONNECT_S)

    def _take(self, message: StreamDepthResponse) -> bool:
        """One message of the stream. False: it does not follow on what is held."""
        if message.HasField("snapshot"):
            self.snapshots += 1
            self._sides[BID].replace(message.snapshot.bids)
            self._sides[ASK].replace(message.snapshot.asks)
            self.sequence, checksum = message.snapshot.sequence, message.snapshot.checksum
        else:
            delta = message.delta
            if delta.previous_sequence != self.sequence:
                return False
            self._sides[BID].change(delta.bids)
            self._sides[ASK].change(delta.asks)
            self.sequence, checksum = delta.last_sequence, delta.checksum
        self.updates += 1
        self.checksums += 1
        self.checksums_equal += checksum == book_checksum(self.top(BID, CHECKED_LEVELS), self.top(ASK, CHECKED_LEVELS))
        bid, ask = self.best()
        if bid and ask and bid >= ask:
            self.crossed += 1
        while self._expected and self._expected[0][0] <= self.sequence:
            sequence, expected, label = self._expected.popleft()
            self._compare(sequence, expected, label, ends_here=sequence == self.sequence)
        self._moved.set()
        return True

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

"""Readers of one symbol's history (trades, liquidations, news): nothing is ever left out.

A reader that falls too far behind is closed and told where to go on. What is recent is kept, so that a reader
may start after something it has seen.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tidegate.marketdata.errors import SlowReaderError


@dataclass(frozen=True, slots=True)
class Chunk:
    """Entries in a row, encoded. `first` and `last` are their keys: trade ids, or sequences."""

    first: int
    last: int
    count: int
    entries: bytes


Cut = Callable[[Chunk, int], Chunk]
"""The part of a chunk after a key that lies within it."""


class HistorySubscription:
    """One reader. `on_overflow` is called once, when it has fallen too far behind."""

    def __init__(self, backlog_max: int, position: int, on_overflow: Callable[[], object]) -> None:
        self.overflowed = False
        self.position = position
        """Key of the last entry handed out; what was asked to start after, before that."""
        self._backlog_max = backlog_max
        self._on_overflow = on_overflow
        self._wake = asyncio.Event()
        self._waiting: deque[Chunk] = deque()
        self._count = 0
        self._ended = False

    def offer(self, chunk: Chunk) -> None:
        """Hands over entries."""
        if self.overflowed or not chunk.count:
            return
        if self._waiting and self._count + chunk.count > self._backlog_max:
            self.close()
            return
        self._waiting.append(chunk)
        self._count += chunk.count
        self._wake.set()

    def close(self) -> None:
        """Ends the stream: it cannot go on without leaving something out."""
        self.overflowed = True
        self._waiting.clear()
        self._wake.set()
        self._on_overflow()

    def end(self) -> None:
        """There will be nothing after what waits."""
        self._ended = True
        self._wake.set()

    async def next(self, most: int) -> bytes | None:
        """Entries of about `most` at most, in order; None: the symbol is gone. Raises SlowReaderError when some had
        to be dropped."""
        while not self._waiting:
            if self.overflowed:
                raise SlowReaderError(self.position)
            if self._ended:
                return None
            self._wake.clear()
            await self._wake.wait()
        taken = [self._waiting.popleft()]
        count = taken[0].count
        while self._waiting and count + self._waiting[0].count <= most:
            taken.append(self._waiting.popleft())
            count += taken[-1].count
        self._count -= count
        self.position = taken[-1].last
        return b"".join(chunk.entries for chunk in taken)


class HistoryHub:
    """The readers of one kind of history, and the recent part of it."""

    def __init__(self, retained_max: int, backlog_max: int, cut: Cut) -> None:
        self.floor = 0
        """Everything after this key is kept."""
        self.last = 0
        """Everything up to this key is known."""
        self._retained_max = retained_max
        self._backlog_max = backlog_max
        self._cut = cut
        self._recent: deque[Chunk] = deque()
        self._count = 0
        self._subscriptions: set[HistorySubscription] = set()

    def reset(self, key: int) -> None:
        """History goes on after `key`, and what lies before is not known: nobody can go on."""
        self._recent.clear()
        self._count = 0
        self.floor = self.last = key
        for subscription in tuple(self._subscriptions):
            subscription.close()

    def publish(self, chunk: Chunk | None, known: int) -> None:
        """New entries for everybody, in their order; everything up to `known` is there now."""
        self.last = known
        if chunk is None:
            return
        self._recent.append(chunk)
        self._count += chunk.count
        while self._count > self._retained_max and len(self._recent) > 1:
            dropped = self._recent.popleft()
            self._count -= dropped.count
            self.floor = dropped.last
        for subscription in tuple(self._subscriptions):
            subscription.offer(chunk)

    def after(self, key: int) -> Iterator[Chunk] | None:
        """Every entry after this key; None when some of them are no longer kept, or it lies ahead."""
        if not self.floor <= key <= self.last:
            return None
        kept = (chunk for chunk in self._recent if chunk.last > key)
        return (self._cut(chunk, key) if chunk.first <= key else chunk for chunk in kept)

    def subscribe(self, after: int, on_overflow: Callable[[], object]) -> HistorySubscription | None:
        """A reader that starts after a key (0: with what comes next). None when that is not kept."""
        missed = self.after(after) if after else iter(())
        if missed is None:
            return None
        subscription = HistorySubscription(self._backlog_max, after or self.last, on_overflow)
        for chunk in missed:
            subscription.offer(chunk)
        self._subscriptions.add(subscription)
        return subscription

    def unsubscribe(self, subscription: HistorySubscription) -> None:
        """The reader has gone."""
        self._subscriptions.discard(subscription)

    def end(self) -> None:
        """The symbol is gone."""
        for subscription in self._subscriptions:
            subscription.end()

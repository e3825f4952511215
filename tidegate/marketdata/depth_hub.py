"""Readers of one symbol's depth at one pace: a change is encoded once, and no reader is ever waited for.

Depth is state: a reader that falls behind gets the newest book that its pace has been told, in place of the
deltas that it did not take, and is told so.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable


class DepthSubscription:
    """One reader: messages wait here until its stream takes them."""

    def __init__(self, hub: DepthHub) -> None:
        self._hub = hub
        self._wake = asyncio.Event()
        self._waiting: deque[bytes] = deque()
        self._behind = True  # it has nothing yet, so it starts with the whole book
        self._skipped = False  # deltas were dropped that it has not been told of
        self._ended = False
        self._wake.set()

    def offer(self, message: bytes) -> None:
        """Hands over a delta, or drops all of them when there are too many."""
        if self._behind:
            return
        if len(self._waiting) >= self._hub.backlog_max:
            self._skipped = True
            self.start_over()
            return
        self._waiting.append(message)
        self._wake.set()

    def start_over(self) -> None:
        """What waits is worthless: the next message is a snapshot."""
        self._waiting.clear()
        self._behind = True
        self._wake.set()

    def end(self) -> None:
        """There will be nothing after what waits."""
        self._ended = True
        self._wake.set()

    async def next(self) -> bytes | None:
        """The next message: a snapshot when the reader is new or behind, else a delta. None: the symbol is gone."""
        while True:
            if self._behind and (snapshot := self._hub.snapshot(conflated=self._skipped)) is not None:
                self._behind = self._skipped = False
                return snapshot
            if self._waiting:
                return self._waiting.popleft()
            if self._ended:
                return None
            self._wake.clear()
            await self._wake.wait()


class DepthHub:
    """The readers of one pace. `take_snapshot` encodes the book as of the last delta published; its argument says
    whether deltas were left out."""

    def __init__(self, take_snapshot: Callable[[bool], bytes], backlog_max: int) -> None:
        self.backlog_max = backlog_max
        self.ready = False
        self._take_snapshot = take_snapshot
        self._snapshots: dict[bool, bytes] = {}
        self._subscriptions: set[DepthSubscription] = set()

    def __len__(self) -> int:
        return len(self._subscriptions)

    def subscribe(self) -> DepthSubscription:
        """A new reader; its first message is a snapshot."""
        subscription = DepthSubscription(self)
        self._subscriptions.add(subscription)
        return subscription

    def unsubscribe(self, subscription: DepthSubscription) -> None:
        """The reader has gone."""
        self._subscriptions.discard(subscription)

    def publish(self, delta: bytes) -> None:
        """A change for everybody."""
        self._snapshots.clear()
        for subscription in self._subscriptions:
            subscription.offer(delta)

    def replace(self, *, ready: bool) -> None:
        """The book is another one (ready), or is not known for now: everybody starts over."""
        self.ready = ready
        self._snapshots.clear()
        for subscription in self._subscriptions:
            subscription.start_over()

    def end(self) -> None:
        """The symbol is gone."""
        self.ready = False
        for subscription in self._subscriptions:
            subscription.end()

    def snapshot(self, *, conflated: bool) -> bytes | None:
        """The whole book, encoded at most once per change; None while it is not known."""
        if not self.ready:
            return None
        if conflated not in self._snapshots:
            self._snapshots[conflated] = self._take_snapshot(conflated)
        return self._snapshots[conflated]

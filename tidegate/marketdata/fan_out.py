"""One writer, many readers: what changed is encoded once, and no reader is ever waited for.

Depth is state: a reader that falls behind gets the newest whole book in place of the deltas that it
did not take. Trades are history: they are never left out, so a reader that falls behind is closed and
told where to go on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tidegate.marketdata.errors import SlowReaderError


class DepthSubscription:
    """One reader of one symbol's depth: messages wait here until its stream takes them."""

    def __init__(self, hub: DepthHub) -> None:
        self._hub = hub
        self._wake = asyncio.Event()
        self._waiting: deque[bytes] = deque()
        self._behind = True  # it has nothing yet, so it starts with the whole book
        self._wake.set()

    def offer(self, message: bytes) -> None:
        """Hands over a delta, or drops all of them when there are too many."""
        if self._behind:
            return
        if len(self._waiting) >= self._hub.backlog_max:
            self.start_over()
            return
        self._waiting.append(message)
        self._wake.set()

    def start_over(self) -> None:
        """What waits is worthless: the next message is a snapshot."""
        self._waiting.clear()
        self._behind = True
        self._wake.set()

    async def next(self) -> bytes:
        """The next message: a snapshot when the reader is new or behind, else a delta."""
        while True:
            if self._behind and (snapshot := self._hub.snapshot()) is not None:
                self._behind = False
                return snapshot
            if self._waiting:
                return self._waiting.popleft()
            self._wake.clear()
            await self._wake.wait()


class DepthHub:
    """The readers of one symbol's depth. `take_snapshot` encodes the book as of the last delta published."""

    def __init__(self, take_snapshot: Callable[[], bytes], backlog_max: int) -> None:
        self.backlog_max = backlog_max
        self.ready = False
        self._take_snapshot = take_snapshot
        self._snapshot: bytes | None = None
        self._subscriptions: set[DepthSubscription] = set()

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
        self._snapshot = None
        for subscription in self._subscriptions:
            subscription.offer(delta)

    def replace(self, *, ready: bool) -> None:
        """The book is another one (ready), or is not known for now: everybody starts over."""
        self.ready = ready
        self._snapshot = None
        for subscription in self._subscriptions:
            subscription.start_over()

    def snapshot(self) -> bytes | None:
        """The whole book, encoded at most once per change; None while it is not known."""
        if not self.ready:
            return None
        if self._snapshot is None:
            self._snapshot = self._take_snapshot()
        return self._snapshot


@dataclass(frozen=True)
class EncodedTrade:
    """One trade: its number, and itself as an entry of StreamTradesResponse.trades."""

    trade_id: int
    entry: bytes


class TradeSubscription:
    """One reader of one symbol's trades. `on_overflow` is called once, when it has fallen too far behind."""

    def __init__(self, backlog_max: int, on_overflow: Callable[[], object]) -> None:
        self.overflowed = False
        self._backlog_max = backlog_max
        self._on_overflow = on_overflow
        self._wake = asyncio.Event()
        self._waiting: deque[EncodedTrade] = deque()
        self._last_handed_out = 0

    def offer(self, trades: Sequence[EncodedTrade]) -> None:
        """Hands over trades."""
        if self.overflowed:
            return
        if len(self._waiting) + len(trades) > self._backlog_max:
            self.close()
            return
        self._waiting.extend(trades)
        self._wake.set()

    def close(self) -> None:
        """Ends the stream: it cannot go on without leaving trades out."""
        self.overflowed = True
        self._waiting.clear()
        self._wake.set()
        self._on_overflow()

    @property
    def last_handed_out(self) -> int:
        """Number of the last trade that next() returned; 0 when there was none."""
        return self._last_handed_out

    async def next(self, most: int) -> bytes:
        """Entries of up to `most` trades, in order. Raises SlowReaderError when some had to be dropped."""
        while not self._waiting:
            if self.overflowed:
                raise SlowReaderError(self._last_handed_out)
            self._wake.clear()
            await self._wake.wait()
        taken = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        self._last_handed_out = taken[-1].trade_id
        return b"".join(trade.entry for trade in taken)


class TradeHub:
    """The readers of one symbol's trades, and the recent ones from which a reader may resume."""

    def __init__(self, retained_max: int, backlog_max: int) -> None:
        self._backlog_max = backlog_max
        self._recent: deque[EncodedTrade] = deque(maxlen=retained_max)
        self._subscriptions: set[TradeSubscription] = set()

    @property
    def last_trade_id(self) -> int:
        """Number of the newest trade known; 0 when there is none."""
        return self._recent[-1].trade_id if self._recent else 0

    @property
    def oldest_trade_id(self) -> int:
        """Number of the oldest trade kept; 0 when there is none."""
        return self._recent[0].trade_id if self._recent else 0

    def publish(self, trades: Sequence[EncodedTrade]) -> None:
        """New trades for everybody, in their order. After a gap nobody can go on, and nothing older is kept."""
        if self._recent and trades[0].trade_id != self.last_trade_id + 1:
            self._recent.clear()
            for subscription in tuple(self._subscriptions):
                subscription.close()
        self._recent.extend(trades)
        for subscription in tuple(self._subscriptions):
            subscription.offer(trades)

    def after(self, trade_id: int) -> list[EncodedTrade] | None:
        """Every trade after this one; None when some of them are no longer kept, or it lies ahead."""
        if trade_id > self.last_trade_id:
            return None
        if self._recent and trade_id < self._recent[0].trade_id - 1:
            return None
        missing = self.last_trade_id - trade_id
        return list(self._recent)[len(self._recent) - missing :]

    def subscribe(self, after_trade_id: int, on_overflow: Callable[[], object]) -> TradeSubscription | None:
        """A reader that starts after a trade (0: with the next one). None when that trade is not kept."""
        missed = self.after(after_trade_id) if after_trade_id else []
        if missed is None:
            return None
        subscription = TradeSubscription(self._backlog_max, on_overflow)
        subscription.offer(missed)
        self._subscriptions.add(subscription)
        return subscription

    def unsubscribe(self, subscription: TradeSubscription) -> None:
        """The reader has gone."""
        self._subscriptions.discard(subscription)

"""Readers of what something is now: by key (a symbol, a candle) the newest message waits, older ones are dropped.

A reader that is slow skips to the newest; it costs nobody else anything, and no more than one message per key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class LatestSubscription(Generic[Key]):
    """One reader of some keys (None: all)."""

    def __init__(self, keys: frozenset[Key] | None, keys_max: int) -> None:
        self._keys = keys
        self._keys_max = keys_max
        self._wake = asyncio.Event()
        self._waiting: dict[Key, bytes] = {}
        self._ended = False

    def offer(self, key: Key, message: bytes) -> None:
        """The newest of this key, in place of one that still waits."""
        if self._keys is not None and key not in self._keys:
            return
        if key not in self._waiting and len(self._waiting) >= self._keys_max:
            del self._waiting[next(iter(self._waiting))]
        self._waiting[key] = message
        self._wake.set()

    def end(self) -> None:
        """There will be nothing after what waits."""
        self._ended = True
        self._wake.set()

    def forget(self, key: Key) -> None:
        """This key has gone; a reader of nothing else comes to its end."""
        if self._keys is not None and key in self._keys:
            self._keys -= {key}
            if not self._keys:
                self.end()

    async def next(self) -> bytes | None:
        """The message that has waited longest; None: there will be no other."""
        while not self._waiting:
            if self._ended:
                return None
            self._wake.clear()
            await self._wake.wait()
        return self._waiting.pop(next(iter(self._waiting)))


class LatestHub(Generic[Key]):
    """The readers of one kind of state, and the newest messages with which a new reader begins.

    `keys_max`: so many keys may wait for one reader, the oldest are dropped beyond.
    """

    def __init__(self, keys_max: int = 1 << 16) -> None:
        self._keys_max = keys_max
        self._latest: dict[Key, bytes] = {}
        self._subscriptions: set[LatestSubscription[Key]] = set()

    def __len__(self) -> int:
        return len(self._subscriptions)

    def publish(self, key: Key, message: bytes, *, kept: bool = False) -> None:
        """Something is now like this. `kept`: a new reader begins with it."""
        if kept:
            self._latest[key] = message
        for subscription in self._subscriptions:
            subscription.offer(key, message)

    def forget(self, key: Key) -> None:
        """This key has gone."""
        self._latest.pop(key, None)
        for subscription in self._subscriptions:
            subscription.forget(key)

    def subscribe(self, keys: frozenset[Key] | None = None) -> LatestSubscription[Key]:
        """A reader of some keys (None: all); it begins with what they are now."""
        subscription: LatestSubscription[Key] = LatestSubscription(keys, self._keys_max)
        for key, message in self._latest.items():
            subscription.offer(key, message)
        self._subscriptions.add(subscription)
        return subscription

    def unsubscribe(self, subscription: LatestSubscription[Key]) -> None:
        """The reader has gone."""
        self._subscriptions.discard(subscription)

    def end(self) -> None:
        """The symbol is gone."""
        for subscription in self._subscriptions:
            subscription.end()

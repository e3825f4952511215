"""The process's loop around its feeds."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tidegate.marketdata import main
from tidegate.marketdata.book_feed import BookFeed


class LateFeed:
    """Has nothing at the first poll, and something at the one just before its reader would sleep."""

    def __init__(self) -> None:
        self.polls = 0

    def poll(self, now_ns: int) -> bool:
        self.polls += 1
        return self.polls == 2

    def set_sleeping(self, sleeps: bool) -> None:
        """The flag in the ring."""


async def test_what_comes_just_before_sleeping_is_told() -> None:
    """A book that becomes ready between the last look and sleep is told as serving at once, not with the next trade."""
    told = asyncio.Event()

    async def on_change() -> None:
        told.set()

    feeds = cast(dict[str, BookFeed], {"BTCUSDT": LateFeed()})
    settings: Any = SimpleNamespace(limits=SimpleNamespace(publish_interval_ms=1))
    loop = asyncio.ensure_future(main.follow_until_canceled(settings, feeds, on_change, asyncio.Event()))
    await asyncio.wait_for(told.wait(), 0.5)
    loop.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loop

"""The process's loop around its feeds."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from tidegate.marketdata.config import MarketdataLimits
from tidegate.marketdata.follow import Follower
from tidegate.marketdata.pace import Pace


class LateFeed:
    """Has nothing at the first poll, and something at the one just before its reader would sleep."""

    def __init__(self) -> None:
        self.polls = 0

    def poll(self, now_ns: int) -> bool:
        self.polls += 1
        return self.polls == 2

    def set_sleeping(self, sleeps: bool) -> None:
        """The flag in the ring."""

    def next_due_ns(self) -> int | None:
        """Nothing is owed."""
        return None


async def test_what_comes_just_before_sleeping_is_told() -> None:
    """A book that becomes ready between the last look and sleep is told as serving at once, not with the next trade."""
    told = asyncio.Event()

    async def on_change() -> None:
        told.set()

    market: Any = SimpleNamespace(
        feeds={"BTCUSDT": LateFeed()}, look=lambda: False, commit=lambda: None, prove=lambda: None
    )
    settings: Any = SimpleNamespace(limits=MarketdataLimits(publish_interval_ms=1))
    loop = asyncio.ensure_future(Follower(settings, market, on_change, asyncio.Event()).run())
    await asyncio.wait_for(told.wait(), 30)
    loop.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loop


def test_the_pace_follows_what_readers_cost() -> None:
    """Rounds that cost more than the share come less often, up to the bound; when they cost little, often again."""
    pace = Pace(0.005, 0.25, 0.5)
    for _ in range(100):
        pace.after_round(0.055, pace.interval_s + 0.001)
    assert 0.09 < pace.interval_s < 0.12  # 55 ms of work in 110 ms
    for _ in range(100):
        pace.after_round(1.0, 1.0)
    assert pace.interval_s == 0.25
    for _ in range(100):
        pace.after_round(0.0001, 0.1)
    assert pace.interval_s == 0.005

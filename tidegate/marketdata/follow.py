"""The loop around the feeds: polls them all, sleeps on the bell when there is nothing, and does what is done by the
clock."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

from tidegate.marketdata.config import MarketdataSettings
from tidegate.marketdata.market import PROCESS, Market
from tidegate.marketdata.pace import Pace
from tidegate.wire.doorbell import Doorbell

IDLE_WAKE_S = 1.0  # how often an idle process looks for changes of the listing and unanswered questions


async def follow(settings: MarketdataSettings, market: Market, on_change: Callable[[], Awaitable[None]]) -> None:
    """Polls all feeds until canceled; `on_change`: one of them may have begun, or ceased, to be ready."""
    bell = Doorbell(settings.topology.bell(PROCESS))
    rung = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_bell() -> None:
        bell.drain()  # at once: a pipe that stays readable would keep the loop spinning
        rung.set()

    loop.add_reader(bell.fd, on_bell)
    try:
        await Follower(settings, market, on_change, rung).run()
    finally:
        loop.remove_reader(bell.fd)
        bell.close()


class Follower:
    """The endless part of follow()."""

    def __init__(
        self,
        settings: MarketdataSettings,
        market: Market,
        on_change: Callable[[], Awaitable[None]],
        rung: asyncio.Event,
    ) -> None:
        limits = settings.limits
        self._market = market
        self._on_change = on_change
        self._rung = rung
        self._pace = Pace(
            limits.publish_interval_ms / 1000, limits.publish_interval_max_ms / 1000, limits.processor_share
        )
        self._commit_interval_s = limits.commit_interval_s
        self._commit_at_s = time.monotonic() + limits.commit_interval_s
        self._look_at_s = time.monotonic() + IDLE_WAKE_S

    async def run(self) -> None:
        """Until canceled."""
        spent_s, at_s = time.process_time(), time.monotonic()
        while True:
            if await self._poll():
                await asyncio.sleep(self._pace.interval_s)
            else:
                await self._sleep()
            now_spent_s, now_s = time.process_time(), time.monotonic()
            self._pace.after_round(now_spent_s - spent_s, now_s - at_s)
            spent_s, at_s = now_spent_s, now_s

    async def _sleep(self) -> None:
        """Until the bell rings or something is due."""
        self._rung.clear()
        self._set_sleeping(True)
        if not await self._poll():  # what came in between rings no bell
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._rung.wait(), self._wait_s())
        self._set_sleeping(False)

    def _set_sleeping(self, sleeps: bool) -> None:
        for feed in self._market.feeds.values():
            feed.set_sleeping(sleeps)

    def _wait_s(self) -> float:
        due = [feed.next_due_ns() for feed in self._market.feeds.values()]
        ns = min((each for each in due if each is not None), default=None)
        if ns is None:
            return IDLE_WAKE_S
        return min(max(ns / 1e9 - time.monotonic(), self._pace.interval_s), IDLE_WAKE_S)

    async def _poll(self) -> bool:
        """Whether any feed had something."""
        now_ns = time.monotonic_ns()
        other = self._by_the_clock(now_ns / 1e9)
        polled = [feed.poll(now_ns) for feed in self._market.feeds.values()]
        if other or any(polled):
            await self._on_change()
        return any(polled)

    def _by_the_clock(self, now_s: float) -> bool:
        """Whether other symbols are listed than before."""
        self._market.prove()
        if now_s >= self._commit_at_s:
            self._commit_at_s = now_s + self._commit_interval_s
            self._market.commit()
        if now_s < self._look_at_s:
            return False
        self._look_at_s = now_s + IDLE_WAKE_S
        return self._market.look()

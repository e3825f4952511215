"""Peers in turns: what one of them has worked out in the event loop must not keep the others from being told.

Each peer has its share of a processor. Who asks for more waits before its next answer, and is not refused; a burst
after a while of quiet costs no wait.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

CALL_S = 0.0003
"""What a call costs beside its answer."""
BURST_S = 0.5
"""So far ahead of its share a peer may be before it waits."""
PEERS_KEPT_MAX = 4096


class Account:
    """One peer's: when the work that it has had would be done at its share of a processor."""

    def __init__(self, share: float) -> None:
        self.turn = asyncio.Lock()
        self._share = share
        self._even_at_s = 0.0

    def wait_s(self, now_s: float) -> float:
        """How long its next answer has to wait."""
        return max(0.0, self._even_at_s - BURST_S - now_s)

    def charge(self, spent_s: float, now_s: float) -> None:
        """An answer took so long."""
        self._even_at_s = max(self._even_at_s, now_s) + spent_s / self._share

    def is_even(self, now_s: float) -> bool:
        """Whether nothing is owed: it may be forgotten."""
        return self._even_at_s <= now_s and not self.turn.locked()


class Turns:
    """All peers' accounts."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._accounts: dict[str, Account] = {}

    async def take(self, peer: str, work: Callable[[], Answer]) -> Answer:
        """The work's result, when it is this peer's turn; its calls are answered one after another."""
        account = self._accounts.setdefault(peer, Account(self._share))
        async with account.turn:
            if (wait_s := account.wait_s(time.monotonic())) > 0:
                await asyncio.sleep(wait_s)
            begin_s = time.monotonic()
            try:
                return work()
            finally:
                now_s = time.monotonic()
                account.charge(now_s - begin_s + CALL_S, now_s)
                self._forget(now_s)

    def _forget(self, now_s: float) -> None:
        if len(self._accounts) > PEERS_KEPT_MAX:
            for peer in [peer for peer, account in self._accounts.items() if account.is_even(now_s)]:
                del self._accounts[peer]

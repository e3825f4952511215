"""Who goes on now, of many who want the same: so many of each at one time, the others in the order in which they came.

What all clients share (history, the journals on disk) is used by one after the other. Whoever asks for much waits
for what he has asked for himself, and nobody else does.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Hashable
from typing import Generic, TypeVar

Who = TypeVar("Who", bound=Hashable)


class Turns(Generic[Who]):
    """Nothing is kept of those who are not here."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._gates: dict[Who, asyncio.Semaphore] = {}
        self._here: Counter[Who] = Counter()

    @contextlib.asynccontextmanager
    async def of(self, who: Who, seconds_max: float | None = None) -> AsyncIterator[None]:
        """Raises TimeoutError when no turn has come after so many seconds (None: however long it takes)."""
        gate = self._gates.setdefault(who, asyncio.Semaphore(self._most))
        self._here[who] += 1
        try:
            await asyncio.wait_for(gate.acquire(), seconds_max)
            try:
                yield
            finally:
                gate.release()
        finally:
            self._here[who] -= 1
            if not self._here[who]:
                del self._here[who], self._gates[who]

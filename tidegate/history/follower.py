"""Keeps the index up to date and answers from it: everything that touches LMDB in one thread."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import structlog

from tidegate.history.config import HistorySettings
from tidegate.history.errors import HistoryBehindError, HistoryRefusedError
from tidegate.history.index import DAMAGE, HistoryIndex
from tidegate.history.indexer import SymbolIndexer
from tidegate.history.queries import Queries
from tidegate.v1 import types_pb2
from tidegate.wire.damage_mark import DamageMark
from tidegate.wire.instruments import Instrument

COMPLAIN_SECONDS = 10.0
CATCH_UP_SECONDS_MAX = 1.0

Answer = TypeVar("Answer")

log = structlog.get_logger(__name__)


def rest_s(spent_s: float, share: float) -> float:
    """How long to rest after so much work, to take this share of a processor."""
    return spent_s * (1 / share - 1)


class Follower:
    """All symbols. Steps of indexing are short, so that questions come in between."""

    def __init__(self, settings: HistorySettings, mark: DamageMark) -> None:
        self._settings = settings
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="history")
        self._index = HistoryIndex(settings.topology.history_dir, mark)
        self._symbols: dict[str, Queries] = {}
        self._complained = 0.0
        self.damaged = asyncio.Event()
        """The index cannot be read any more: the process is to end, its successor makes it anew."""
        for instrument in settings.instruments:
            self.add(instrument)

    def add(self, instrument: Instrument) -> None:
        """Follows another symbol from now on."""
        if instrument.symbol in self._symbols:
            return
        journal = self._settings.topology.journal_dir(instrument.symbol)
        indexer = SymbolIndexer(
            self._index, instrument.instrument_id, instrument.symbol, journal, self._settings.step_bytes
        )
        self._symbols[instrument.symbol] = Queries(self._index, indexer, self._settings.orders_scanned_max)

    async def ask(self, symbol: str, question: Callable[[Queries], Answer]) -> Answer:
        """An answer that knows everything that is durable now. Raises HistoryError."""
        queries = self._symbols.get(symbol)
        if queries is None:
            raise HistoryRefusedError(types_pb2.REASON_UNKNOWN_SYMBOL, "no such symbol")

        def answer() -> Answer:
            queries.indexer.catch_up(CATCH_UP_SECONDS_MAX)
            return question(queries)

        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, answer)
        except DAMAGE as error:
            self._give_up(error)
            raise HistoryBehindError("the history is being made anew") from error

    async def follow(self) -> None:
        """Indexes for as long as the process lives."""
        loop = asyncio.get_running_loop()
        while True:
            behind, started = False, time.monotonic()
            for queries in list(self._symbols.values()):
                try:
                    taken = await loop.run_in_executor(self._thread, queries.indexer.step)
                    behind |= taken >= self._settings.step_bytes
                except HistoryBehindError as error:
                    self._complain(error)
                except DAMAGE as error:
                    self._give_up(error)
                    return
            # Who trades comes first: what has come meanwhile is worked off in larger pieces, and in turns.
            spent_s = time.monotonic() - started
            await asyncio.sleep(
                rest_s(spent_s, self._settings.processor_share) if behind else self._settings.idle_ms / 1000
            )

    def close(self) -> None:
        """Ends after the step that is under way."""
        self._thread.submit(self._index.close)
        self._thread.shutdown()

    def _give_up(self, error: Exception) -> None:
        if not self.damaged.is_set():
            log.error("history is damaged and will be made anew", error=str(error))
            self._index.give_up(error)
            self.damaged.set()

    def _complain(self, error: HistoryBehindError) -> None:
        if time.monotonic() - self._complained >= COMPLAIN_SECONDS:
            self._complained = time.monotonic()
            log.error("journal cannot be followed", error=str(error))

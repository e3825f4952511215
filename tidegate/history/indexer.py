"""From a symbol's journal into the index."""

from __future__ import annotations

import time
from pathlib import Path

import structlog

from tidegate.history.errors import HistoryBehindError
from tidegate.history.index import HistoryIndex
from tidegate.wire.journal_reader import JournalDamagedError, JournalReader
from tidegate.wire.native import history_rows, inspect, unpack_events

TIME_MARK_NS = 100_000_000

log = structlog.get_logger(__name__)


class SymbolIndexer:
    """Follows one symbol. Its journal is open only during a call: LMDB forbids a second open in a process."""

    def __init__(self, index: HistoryIndex, symbol: int, name: str, journal: Path, step_bytes: int) -> None:
        self.symbol = symbol
        self.name = name
        self._index = index
        self._journal = journal
        self._step_bytes = step_bytes
        self._marked_ns = 0
        self._reader: JournalReader | None = None

    @property
    def sequence(self) -> int:
        """Everything up to here is in the index."""
        return self._index.progress(self.symbol)[0]

    def step(self) -> int:
        """Takes in the next piece of the journal and returns its bytes; 0: nothing new. Raises HistoryBehindError."""
        sequence, chain_hash = self._index.progress(self.symbol)
        try:
            if self._reader is None:
                self._reader = JournalReader(self._journal, sequence, chain_hash)
            batches = self._reader.read(self._step_bytes)
            if not batches:
                return 0
            rows: tuple[list[tuple[bytes, bytes]], ...] = ([], [], [])
            times: list[tuple[int, int]] = []
            for batch in batches:
                for part, new in zip(rows, history_rows(unpack_events(batch.payload), sequence), strict=True):
                    part.extend(new)
                time_ns = inspect(batch.payload).time_ns
                if time_ns >= self._marked_ns + TIME_MARK_NS:
                    self._marked_ns = time_ns
                    times.append((time_ns, batch.last_sequence))
            last = batches[-1]
            parts = (rows[0], rows[1], rows[2])
            self._index.add(self.symbol, parts, times, sequence=last.last_sequence, chain_hash=last.chain_hash)
            return sum(len(memoryview(batch.payload)) for batch in batches)
        except (JournalDamagedError, ValueError) as error:
            self._reader = None
            raise HistoryBehindError(f"{self.name} after sequence {sequence}: {error}") from error
        finally:
            if self._reader is not None:
                self._reader.close()

    def catch_up(self, seconds_max: float) -> None:
        """Takes in everything that is durable now. Raises HistoryBehindError, also when it takes longer."""
        deadline = time.monotonic() + seconds_max
        while self.step():
            if time.monotonic() > deadline:
                raise HistoryBehindError(f"{self.name}: indexed up to sequence {self.sequence} so far")

    def sequence_at(self, time_ns: int) -> int:
        """The last command sequenced at or before this time; 0: none. Raises HistoryBehindError."""
        sequence = self._index.time_mark(self.symbol, time_ns)
        try:
            reader = JournalReader(self._journal, sequence)
            try:
                while batches := reader.read(self._step_bytes):
                    for batch in batches:
                        if inspect(batch.payload).time_ns > time_ns:
                            return sequence
                        sequence = max(sequence, batch.last_sequence)
            finally:
                reader.close()
        except (JournalDamagedError, ValueError) as error:
            raise HistoryBehindError(f"{self.name} after sequence {sequence}: {error}") from error
        return sequence

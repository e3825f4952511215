"""What an account, or this gateway, has missed: taken from the journals on disk (rule API-2).

Reading and encoding are done in a thread, a chunk at a time. An LMDB environment must not be opened twice
in a process, so that the readers of one symbol take turns, and none keeps a segment open between chunks.
"""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from tidegate.wire.instruments import Instrument
from tidegate.wire.journal_reader import JournalReader
from tidegate.wire.native import EVENT_BYTES, encode_reports, unpack_events
from tidegate.wire.topology import Topology

# Of journal payload. As events it is many times larger, and a client that is slow to read keeps them waiting.
READ_BYTES_MAX = 1 << 18
EVENTS_PER_MESSAGE = 8192

_SEQUENCE = struct.Struct("<Q")
_SEQUENCE_OFFSET = 8


class SymbolReader:
    """A cursor in one symbol's journal."""

    def __init__(self, lock: asyncio.Lock, directory: Path, after_sequence: int) -> None:
        """Raises ValueError when what follows after_sequence is no longer kept."""
        self.sequence = after_sequence
        self._lock = lock
        self._reader = JournalReader(directory, after_sequence)

    async def read_events(self) -> bytes:
        """The next events, whole commands, as records; empty: nothing new. Raises when the journal is damaged."""
        async with self._lock:
            events = await asyncio.to_thread(self._read)
        events = events[index_after(events, self.sequence) * EVENT_BYTES :]
        self.sequence = self._reader.sequence
        return events

    def _read(self) -> bytes:
        try:
            return b"".join(unpack_events(batch.payload) for batch in self._reader.read(READ_BYTES_MAX))
        finally:
            self._reader.close()


class JournalCatchUp:
    """The journals of all symbols, for reading."""

    def __init__(self, topology: Topology) -> None:
        self._topology = topology
        self._symbols: list[tuple[int, str]] = []
        self._locks: dict[str, asyncio.Lock] = {}
        for instrument in topology.instruments:
            self.add(instrument)

    def add(self, instrument: Instrument) -> None:
        """A symbol that may be asked for; one that is delisted later stays."""
        if instrument.symbol not in self._locks:
            self._locks[instrument.symbol] = asyncio.Lock()
            self._symbols.append((instrument.instrument_id, instrument.symbol))

    def reader(self, symbol: str, after_sequence: int) -> SymbolReader:
        """Raises ValueError when what follows after_sequence is no longer kept."""
        return SymbolReader(self._locks[symbol], self._topology.journal_dir(symbol), after_sequence)

    async def reports(
        self, reader: SymbolReader, accounts: Sequence[int], last_sequence: int
    ) -> AsyncIterator[tuple[int, bytes]]:
        """The accounts' reports up to last_sequence (which is durable): encoded TradeResponses, each with the last
        sequence that it takes the reader to.

        Whole commands only. Raises EOFError when the journal ends before last_sequence."""
        while reader.sequence < last_sequence:
            events = await reader.read_events()
            if not events:
                raise EOFError(f"the journal ends at {reader.sequence}, before {last_sequence}")
            end = index_after(events, last_sequence)
            start = 0
            while start < end:
                stop = whole_commands(events, start, min(start + EVENTS_PER_MESSAGE, end))
                chunk = memoryview(events)[start * EVENT_BYTES : stop * EVENT_BYTES]
                message = await asyncio.to_thread(encode_reports, chunk, accounts, self._symbols, time.time_ns())
                if message:
                    yield sequence_at(events, stop - 1), message
                start = stop


def sequence_at(events: bytes, index: int) -> int:
    """Sequence of the command that caused the event."""
    sequence: int = _SEQUENCE.unpack_from(events, index * EVENT_BYTES + _SEQUENCE_OFFSET)[0]
    return sequence


def index_after(events: bytes, sequence: int) -> int:
    """Number of events, from the start, that belong to commands up to `sequence`."""
    low, high = 0, len(events) // EVENT_BYTES
    while low < high:
        middle = (low + high) // 2
        if sequence_at(events, middle) <= sequence:
            low = middle + 1
        else:
            high = middle
    return low


def whole_commands(events: bytes, start: int, stop: int) -> int:
    """`stop`, moved so that no command is cut: back to its beginning, or on to its end when it is the only one."""
    if stop * EVENT_BYTES >= len(events):
        return len(events) // EVENT_BYTES
    sequence = sequence_at(events, stop - 1)
    if sequence_at(events, stop) != sequence:
        return stop
    begin = index_after(events, sequence - 1)
    return begin if begin > start else index_after(events, sequence)

"""What the event ring no longer holds, from the symbol's journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import structlog

from tidegate.wire.journal_reader import JournalDamagedError, JournalReader
from tidegate.wire.journal_segment import list_segments
from tidegate.wire.native import EVENT_BYTES, unpack_events
from tidegate.wire.records import EventType
from tidegate.wire.records import unpack_events as unpack_records

log = structlog.get_logger(__name__)

PIECE_BYTES_MAX = 1 << 20
HISTORY_COMMANDS_MAX = 100_000  # how far back trades are looked for when the process starts

_TYPE_OFFSET = 4  # of the type byte in a record (native/records/records.hpp)

TradeFields = tuple[int, int, int, int, int, int]
"""(trade_id, price, quantity, aggressor side, sequence, time_ns), as DepthBook.take_trades() gives them."""


class JournalEvents:
    """One symbol's journal, read from wherever it is needed. Only one iteration may be open at a time."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def events_after(self, sequence: int) -> Iterator[bytes]:
        """Events of the commands after `sequence`, oldest first, in pieces of whole commands; ends at the
        journal's end. Nothing when the journal begins later, or is damaged there."""
        try:
            reader = JournalReader(self._directory, sequence)
        except ValueError as error:
            log.warning("journal no longer reaches back", error=str(error))
            return
        try:
            while batches := reader.read(PIECE_BYTES_MAX):
                for batch in batches:
                    yield events_from(unpack_events(batch.payload), sequence + 1)
        except JournalDamagedError as error:
            log.error("journal damaged", error=str(error))
        finally:
            reader.close()

    def trades_up_to(self, sequence: int) -> list[TradeFields]:
        """Trades among the newest commands up to and including `sequence`, oldest first, without a gap."""
        segments = list_segments(self._directory)
        if not segments or sequence == 0:
            return []
        start = max(sequence - HISTORY_COMMANDS_MAX, segments[0] - 1, 0)
        found = (trade for events in self.events_after(start) for trade in trades_in(events))
        return [trade for trade in found if trade[4] <= sequence]


def events_from(events: bytes, sequence: int) -> bytes:
    """The records from the first one with at least this sequence on: a batch may begin earlier."""
    for index, event in enumerate(unpack_records(events)):
        if event.sequence >= sequence:
            return events[index * EVENT_BYTES :] if index else events
    return b""


def trades_in(events: bytes) -> Iterator[TradeFields]:
    """The TRADE records among events."""
    types = events[_TYPE_OFFSET::EVENT_BYTES]
    index = types.find(EventType.TRADE)
    while index >= 0:
        record = events[index * EVENT_BYTES : (index + 1) * EVENT_BYTES]
        for trade in unpack_records(record):
            yield trade.trade_id, trade.price, trade.quantity, trade.side, trade.sequence, trade.time_ns
        index = types.find(EventType.TRADE, index + 1)

"""What the event ring no longer holds, from the symbol's journal."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import structlog

from tidegate.wire.journal_reader import JournalDamagedError, JournalReader
from tidegate.wire.journal_segment import list_segments
from tidegate.wire.native import EVENT_BYTES, unpack_events

log = structlog.get_logger(__name__)

PIECE_BYTES_MAX = 1 << 20
HISTORY_COMMANDS_MAX = 100_000  # how far back trades are looked for when the process starts

# native/records/records.hpp, struct Event: where the fields of a trade are.
_TYPE_OFFSET = 4
_TYPE_TRADE = 3
_SEQUENCE_TIME = struct.Struct("<8xQq")
_SIDE_OFFSET = 36
_PRICE_QUANTITY = struct.Struct("<72xqq")
_TRADE_ID = struct.Struct("<120xQ")

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
    start = 0
    while start < len(events) and _SEQUENCE_TIME.unpack_from(events, start)[0] < sequence:
        start += EVENT_BYTES
    return events[start:] if start else events


def trades_in(events: bytes) -> Iterator[TradeFields]:
    """The TRADE records among events."""
    types = events[_TYPE_OFFSET::EVENT_BYTES]
    index = types.find(_TYPE_TRADE)
    while index >= 0:
        at = index * EVENT_BYTES
        sequence, time_ns = _SEQUENCE_TIME.unpack_from(events, at)
        price, quantity = _PRICE_QUANTITY.unpack_from(events, at)
        (trade_id,) = _TRADE_ID.unpack_from(events, at)
        yield trade_id, price, quantity, events[at + _SIDE_OFFSET], sequence, time_ns
        index = types.find(_TYPE_TRADE, index + 1)

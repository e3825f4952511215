"""What the event ring no longer holds, from the symbol's journal."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Protocol

import structlog

from tidegate.wire.journal_reader import JournalDamagedError, JournalReader
from tidegate.wire.native import EVENT_BYTES, unpack_events
from tidegate.wire.records import unpack_events as unpack_records

log = structlog.get_logger(__name__)

PIECE_BYTES_MAX = 1 << 18


class Journal(Protocol):
    """Events of the past."""

    def events_after(self, sequence: int) -> Generator[bytes, None, None]:
        """Events of the commands after `sequence`, oldest first, in pieces of whole commands."""
        ...


class JournalEvents:
    """One symbol's journal, read from wherever it is needed. Only one iteration may be open at a time."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def events_after(self, sequence: int) -> Generator[bytes, None, None]:
        """As Journal says; ends at the journal's end. Nothing when the journal begins later, or is damaged there."""
        try:
            reader = JournalReader(self._directory, sequence)
        except ValueError as error:
            log.warning("journal no longer reaches back", error=str(error))
            return
        try:
            while batches := reader.read(PIECE_BYTES_MAX):
                yield events_from(b"".join(unpack_events(batch.payload) for batch in batches), sequence + 1)
        except JournalDamagedError as error:
            log.error("journal damaged", error=str(error))
        finally:
            reader.close()


def events_from(events: bytes, sequence: int) -> bytes:
    """The records from the first one with at least this sequence on: a batch may begin earlier."""
    for index, event in enumerate(unpack_records(events)):
        if event.sequence >= sequence:
            return events[index * EVENT_BYTES :] if index else events
    return b""

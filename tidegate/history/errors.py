"""What can go wrong in the history process.

HistoryError
├── HistoryRefusedError      a request that cannot be answered as it was put; carries the Reason
└── HistoryBehindError       the journal of a symbol cannot be read up to where the answer has to be
"""

from __future__ import annotations


class HistoryError(Exception):
    """Anything that the history raises."""


class HistoryRefusedError(HistoryError):
    """A request is refused."""

    def __init__(self, reason: int, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class HistoryBehindError(HistoryError):
    """What is asked for is in a journal that cannot be read."""

"""What can go wrong in the ledger.

LedgerError
├── LedgerRefusedError     a request that changes nothing; carries the Reason that the client is told
└── LedgerInconsistentError  the books do not add up (rule LED-1)
"""

from __future__ import annotations


class LedgerError(Exception):
    """Anything that the ledger raises."""


class LedgerRefusedError(LedgerError):
    """A request is refused; nothing has changed."""

    def __init__(self, reason: int, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class LedgerInconsistentError(LedgerError):
    """Stored balances and the entries that they should follow from differ."""

"""What stops a symbol, and what its process says with its exit code.

    EngineError
    ├── JournalError            the log could not be written or is not what it should be
    │   ├── FencedError         a newer writer has taken over
    │   ├── SequenceError       a batch does not follow on the last one
    │   ├── WriteError          append failed; whether the batch is durable is unknown
    │   │   └── DiskFullError   append failed for want of room: nothing is durable, and it may be tried again
    │   └── DamageError         what is on disk is not what was written
    ├── SnapshotError           this snapshot cannot be used; an older one may
    └── ReplayError             replay gave another state or other events than the log

Exit codes: 0 drained. Every other one of this page means that starting the process again helps nothing
before a person has looked; any other code or a signal is a crash, after which it may be started again.
"""

from __future__ import annotations

EXIT_FENCED = 80
EXIT_WRITE_FAILED = 81
EXIT_DAMAGED = 82
EXIT_BROKEN_INVARIANT = 83
STOPPED_FOR_GOOD = frozenset({EXIT_FENCED, EXIT_WRITE_FAILED, EXIT_DAMAGED, EXIT_BROKEN_INVARIANT})


class EngineError(Exception):
    """A symbol cannot go on. `exit_code` is what its process ends with."""

    exit_code = EXIT_BROKEN_INVARIANT


class JournalError(EngineError):
    """The log could not be written or is not what it should be."""

    exit_code = EXIT_DAMAGED


class FencedError(JournalError):
    """A newer writer has raised the epoch: nothing was appended, and nothing ever will be by this one."""

    exit_code = EXIT_FENCED

    def __init__(self, own: int, stored: int) -> None:
        super().__init__(f"FENCED: this writer has epoch {own}, the journal has {stored}")
        self.own = own
        self.stored = stored


class SequenceError(JournalError):
    """A batch does not follow on the last one in the log: nothing was appended."""

    exit_code = EXIT_BROKEN_INVARIANT


class WriteError(JournalError):
    """The disk refused; whether the batch is durable is unknown, so it is neither acknowledged nor repeated."""

    exit_code = EXIT_WRITE_FAILED


class DiskFullError(WriteError):
    """No room on the disk: nothing of the batch is in the log, and the same append may be tried again."""


class DamageError(JournalError):
    """The journal is damaged from `sequence` on, and not only by a torn last batch."""

    def __init__(self, symbol: str, sequence: int, what: str) -> None:
        super().__init__(f"{symbol}: journal damaged at sequence {sequence}: {what}")
        self.symbol = symbol
        self.sequence = sequence
        self.what = what


class SnapshotError(EngineError):
    """This snapshot cannot be used; an older one may."""

    exit_code = EXIT_DAMAGED


class ReplayError(EngineError):
    """Replay gave another state or other events than the log holds: state is not f(log)."""

    exit_code = EXIT_BROKEN_INVARIANT

"""Logs that machines read: one JSON object a line, one file per process below the data directory."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TextIO, cast

import structlog

# Without the values of variables, among which keys and whole messages of clients would be.
_TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))
LOG_BYTES_MAX = 16 << 20  # a larger file is put aside when its process starts; one old one is kept


def open_log(path: Path) -> TextIO:
    """Opens a log to append to, putting aside one that has grown too large."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES_MAX:
        path.replace(path.with_suffix(".old.log"))
    return path.open("a", buffering=1)


def log_to(path: Path) -> None:
    """Sends everything that this process prints, tracebacks of native code included, to its log."""
    with open_log(path) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    configure(sys.stderr)


class PatientFile:
    """Writes each line straight to the file, and does without a log when the disk refuses.

    A process that says why it stops must still stop with its own exit code, and a full disk must not end
    those who have nothing to do with it. Nothing stays in a buffer that would fail once more later.
    """

    def __init__(self, file: TextIO) -> None:
        self._descriptor = file.fileno()

    def write(self, line: str) -> None:
        """One line."""
        with contextlib.suppress(OSError):
            os.write(self._descriptor, line.encode())

    def flush(self) -> None:
        """Nothing is kept back."""


def configure(file: TextIO) -> None:
    """structlog as JSON lines into `file`, which must stay open."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _TRACEBACKS,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", PatientFile(file))),
        cache_logger_on_first_use=True,
    )

"""Logs that machines read: one JSON object a line, one file per process below the data directory."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import structlog

LOG_BYTES_MAX = 16 << 20  # a larger file is put aside when its process starts; one old one is kept


def open_log(path: Path) -> int:
    """Opens a log to append to, putting aside one that has grown too large. Returns the descriptor."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES_MAX:
        path.replace(path.with_suffix(".old.log"))
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)


def log_to(path: Path) -> None:
    """Sends everything that this process prints, tracebacks of native code included, to its log."""
    descriptor = open_log(path)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    configure()


def configure() -> None:
    """structlog as JSON on standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )

"""Doorbells: named pipes that wake a process which sleeps on its rings.

A waiter sets its sleeping flag in shared memory, looks once more, then waits for its pipe to become
readable; whoever publishes afterwards sees the flag and writes one byte. A pipe survives the death of
either side and can be waited on by poll, by an event loop and by native code alike.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


class Doorbell:
    """One named pipe, open for reading and writing, never blocking."""

    def __init__(self, path: Path) -> None:
        """Opens the pipe, making it when it is not there."""
        with contextlib.suppress(FileExistsError):
            os.mkfifo(path, 0o600)
        # Open for both, so that neither side ever sees end-of-file or ENXIO while the other restarts.
        self.fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def ring(self) -> None:
        """Wakes the waiter; a pipe that is full already wakes it."""
        with contextlib.suppress(BlockingIOError):
            os.write(self.fd, b"!")

    def drain(self) -> None:
        """Takes every byte out, so that the pipe is silent until the next ring."""
        with contextlib.suppress(BlockingIOError):
            while len(os.read(self.fd, 4096)) == 4096:
                pass

    def close(self) -> None:
        """Closes this end; the pipe stays."""
        os.close(self.fd)

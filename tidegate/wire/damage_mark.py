"""Remembers, across the death of a process, that what it keeps on disk may not be readable.

LMDB has no checksums. Over a damaged page it raises, or ends the process: by an assertion (SIGABRT), by reading behind
the end of its file (SIGBUS) or of its mapping (SIGSEGV). What is made of the journals can be made anew, but only the
next process can do that, and somebody has to tell it. From within such a signal Python's faulthandler writes into the
mark; SIGKILL and SIGTERM leave none, so that a process that is merely killed goes on where it was.
"""

from __future__ import annotations

import faulthandler
import os
from pathlib import Path
from typing import IO


class DamageMark:
    """A file: set when there is something in it. One process at a time."""

    def __init__(self, path: Path) -> None:
        """Nothing is read or written yet."""
        self._path = path
        self._file: IO[bytes] | None = None

    def watch(self) -> None:
        """From now on a fatal signal sets the mark: before anything on disk is opened, once per process."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("ab")
        faulthandler.enable(self._file, all_threads=False)

    @property
    def is_set(self) -> bool:
        """Whether this process or the one before it has met damage, as far as it was not cleared since."""
        return self._path.exists() and self._path.stat().st_size > 0

    def set(self, why: str) -> None:
        """Damage was met by other means than a signal."""
        with self._path.open("ab") as file:
            file.write(why.encode() + b"\n")

    def clear(self) -> None:
        """Everything has been thrown away that may be damaged."""
        if self._path.exists():
            os.truncate(self._path, 0)

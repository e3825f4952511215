"""What a benchmark is handed: how often to repeat, where to put things, whom to tell how far it is."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "benchmarks"


@dataclass
class Context:
    """One run. `scale` shortens it: 1 is the whole, 0.1 a tenth of the work."""

    repetitions: int
    scale: float
    say: Callable[[str], None]  # what is being done; moves the progress bar by one step
    show: Callable[[list[str]], None]  # lines for whoever asked for a profile
    profile: bool = False

    def scaled(self, count: int, least: int = 1) -> int:
        """`count`, or less in a short run."""
        return max(least, int(count * self.scale))


@contextmanager
def data_directory() -> Iterator[Path]:
    """A directory on the disk that a venue would use (never tmpfs), removed afterwards."""
    parent = ROOT / "var"
    parent.mkdir(exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix="bench-", dir=parent))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)

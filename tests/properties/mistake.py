"""What a deliberate mistake is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """One thing wrong in one module of tests/oracle."""

    name: str
    module: str
    old: str
    new: str
    seed: int = 0  # where to begin to look for a sequence that shows it

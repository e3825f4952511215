"""The one place that imports the engine's compiled core. Documented in _engine.pyi."""

from tidegate.engine._engine import (
    EVENT_RING_CAPACITY_MIN,
    Book,
    BrokenInvariantError,
    MismatchError,
    Shard,
)

__all__ = ["EVENT_RING_CAPACITY_MIN", "Book", "BrokenInvariantError", "MismatchError", "Shard"]

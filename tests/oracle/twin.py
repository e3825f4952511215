"""The model behind the interface of the core's Shard, so that either can stand in for the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tests.oracle import canonical
from tests.oracle.model import Model


class ShardLike(Protocol):
    """What the scenarios and the differential ask of a symbol."""

    def apply(self, commands: bytes, time_ns: int, epoch: int, /) -> bytes: ...
    def dump(self) -> bytes: ...
    def load(self, state: bytes, /) -> None: ...


ShardFactory = Callable[[int, dict[str, int]], ShardLike]


class OracleShard(Model):
    """The model with the Shard's dump and load."""

    def dump(self) -> bytes:
        """The canonical form of the state."""
        return canonical.dump(self)

    def load(self, state: bytes) -> None:
        """Replaces the state by a dump's."""
        canonical.load(self, state)


def oracle_shard(symbol_id: int, bounds: dict[str, int]) -> ShardLike:
    """A fresh model."""
    return OracleShard(symbol_id, **bounds)


def native_shard(symbol_id: int, bounds: dict[str, int]) -> ShardLike:
    """A fresh shard of the core."""
    from tidegate.engine.core import Shard

    return Shard(symbol_id, **bounds)

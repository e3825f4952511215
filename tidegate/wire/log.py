"""The ordered log of one symbol, as an interface: who appends to it, who reads it.

On one machine it is a directory of LMDB segments (`tidegate/engine/journal.py` appends,
`tidegate/wire/journal_reader.py` reads); past one machine it is a stream of a broker that does the same
comparisons. Nothing above this page knows which.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol

from typing_extensions import Buffer

HASH_BYTES = 32
GENESIS_HASH = bytes(HASH_BYTES)  # what the first batch of a log is chained to


@dataclass(frozen=True, slots=True)
class Batch:
    """What one poll of an engine took: at least one command, with the events it gave."""

    first_sequence: int
    commands: int
    payload: Buffer  # native/wire/payload.hpp; only valid during the call it is handed to

    @property
    def last_sequence(self) -> int:
        """Sequence of the batch's last command."""
        return self.first_sequence + self.commands - 1


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """One batch as it lies in the log, checked: its hash continues the chain, its CRC is right."""

    first_sequence: int
    last_sequence: int
    epoch: int
    events: int
    cursors: tuple[tuple[int, int], ...]  # (generation, position): where each command ring goes on after it
    chain_hash: bytes  # of everything up to and including this batch
    payload: Buffer


class LogAppender(Protocol):
    """The writing side. At most one writer per log: a stale one is refused where the append happens."""

    def append(self, batch: Batch, epoch: int, expected_sequence: int) -> None:
        """Durable when it returns.

        `epoch`: the writer's own; FencedError when the log has a newer one. `expected_sequence`: the last
        sequence that the writer knows of, on which the batch must follow; SequenceError when it does not.
        Any other failure leaves it open whether the batch is in the log: the writer must stop for good.
        """


class LogSource(Protocol):
    """The reading side, one cursor each. Reading never holds the writer back."""

    def read(self, bytes_max: int) -> list[StoredBatch]:
        """The next batches, in order, about `bytes_max` at most (but at least one when there is one)."""


def chain_hash(previous: bytes, payload: Buffer) -> bytes:
    """SHA-256 over the hash of everything before, then this payload."""
    digest = hashlib.sha256(previous)
    digest.update(payload)
    return digest.digest()

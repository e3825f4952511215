"""What the venue itself tells a symbol at start: its rules, and the phase of a new journal.

Through the normal way, a command ring in ordinary memory that only this process knows: the commands are
sequenced, journaled and published like everybody's.
"""

from __future__ import annotations

import mmap
import secrets

from tidegate.engine.core import Shard
from tidegate.wire.instruments import Instrument
from tidegate.wire.native import COMMAND_BYTES, CommandProducer, command_ring_bytes, create_command_ring
from tidegate.wire.records import InstrumentRules, Phase, Reason, set_phase

_CAPACITY = 16


class OwnRing:
    """A command ring from the engine to itself."""

    def __init__(self) -> None:
        self.memory = mmap.mmap(-1, command_ring_bytes(_CAPACITY))  # page-aligned, zeroed
        create_command_ring(self.memory, _CAPACITY, _CAPACITY, secrets.randbits(63) | 1)
        self._producer = CommandProducer(self.memory)

    def push(self, commands: bytes) -> None:
        """Puts commands in, to be taken by the next polls."""
        assert self._producer.push(commands) == len(commands) // COMMAND_BYTES


def opening_commands(shard: Shard, instrument: Instrument, initial_phase: str) -> bytes:
    """Commands that tell a symbol what only the configuration knows; none once the log does.

    Rules while none are in force, the phase in a journal that is new: after that both are what the log says,
    and rules that were changed while the venue ran are not set back (INS-3).
    """
    commands = b""
    if not shard.defined:
        commands += InstrumentRules.of(instrument).pack()
    if shard.sequence == 0:
        commands += set_phase(instrument.instrument_id, Phase[initial_phase], Reason.GENESIS).pack()
    return commands

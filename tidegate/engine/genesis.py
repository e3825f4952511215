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
from tidegate.wire.records import REASON_GENESIS, InstrumentRules, Phase, set_phase

_CAPACITY = 16
_DEFINED_AT = 37  # in the canonical form of the state, docs/rules/orders.md
_RULES_AT = 44


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
    """Commands that bring the state in line with the configuration; none when it is.

    The rules whenever they differ from those in force; the phase only in a journal that is new: after that
    it is what the log says.
    """
    wanted = InstrumentRules.of(instrument)
    commands = b""
    state = shard.dump()
    in_force = InstrumentRules.unpack(state[_RULES_AT : _RULES_AT + COMMAND_BYTES])
    if not state[_DEFINED_AT] or not wanted.same_rules(in_force):
        commands += wanted.pack()
    if shard.sequence == 0:
        commands += set_phase(instrument.instrument_id, Phase[initial_phase], REASON_GENESIS).pack()
    return commands

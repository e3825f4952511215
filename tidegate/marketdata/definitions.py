"""What one symbol's instrument was and is: definitions with their sequences (rule INS-3)."""

from __future__ import annotations

from fractions import Fraction

from tidegate.v1 import types_pb2
from tidegate.wire.instruments import Instrument
from tidegate.wire.records import InstrumentRules


class Definitions:
    """Every definition known. `listed` gives what the rules do not say: name, number, asset."""

    def __init__(self, listed: Instrument, records: list[bytes]) -> None:
        """`records`: INSTRUMENT_DEFINED, oldest first."""
        self.listed = listed
        self._versions: dict[int, Instrument] = {}
        for record in records:
            self.add(record)

    def add(self, record: bytes) -> tuple[Fraction, Fraction]:
        """Takes in an INSTRUMENT_DEFINED record; returns by what prices in ticks and quantities in lots are multiplied
        with it."""
        rules = InstrumentRules.of_event(record)
        before = self.current
        now = self._versions[rules.sequence] = rules.instrument(before)
        return Fraction(before.tick_size) / Fraction(now.tick_size), Fraction(before.lot_size) / Fraction(now.lot_size)

    def clear(self) -> None:
        """Forgets all of them: the journal is another one."""
        self._versions.clear()

    @property
    def version(self) -> int:
        """Sequence of the definition in force now; 0: not known."""
        return max(self._versions, default=0)

    @property
    def current(self) -> Instrument:
        """In force now, as far as is known."""
        return self._versions.get(self.version, self.listed)

    def at(self, sequence: int) -> Instrument:
        """In force after `sequence`."""
        known = [each for each in self._versions if each <= sequence]
        return self._versions[max(known)] if known else self.listed

    def known(self, sequence: int) -> bool:
        """Whether the definition with this sequence is there."""
        return sequence in self._versions

    def message(self, sequence: int = 0, *, delisted: bool = False) -> types_pb2.Instrument:
        """The definition with this sequence; 0: the current one."""
        sequence = sequence or self.version
        instrument = self._versions.get(sequence, self.listed)
        return types_pb2.Instrument(**instrument.message_fields(), definition_sequence=sequence, delisted=delisted)

    def messages(self, *, delisted: bool = False) -> list[types_pb2.Instrument]:
        """Every definition, newest first."""
        return [self.message(each, delisted=delisted) for each in sorted(self._versions, reverse=True)]

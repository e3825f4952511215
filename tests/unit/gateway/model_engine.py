"""One symbol's engine in the test's own process: the naive model between real rings.

It decides exactly what the engine would, and a test can hold it back (`paused`).
"""

from __future__ import annotations

import asyncio
import time

from tests.oracle.model import Model
from tests.oracle.records import Command, CommandType, Phase, Rules
from tidegate.wire.doorbell import Doorbell
from tidegate.wire.instruments import Instrument
from tidegate.wire.native import CommandConsumer, CommandProducer, EventWriter, stats_area
from tidegate.wire.segment import Segment
from tidegate.wire.stats import EngineState, EngineStats, StatsWriter
from tidegate.wire.topology import Topology, engine_name, gateway_name


class ModelEngine:
    """At the other end of the rings of gateway 0 in one symbol."""

    def __init__(self, topology: Topology, instrument: Instrument) -> None:
        symbol = instrument.symbol
        self._commands = Segment.attach(topology.command_segment(symbol, gateway_name(0)))
        self._events = Segment.attach(topology.event_segment(symbol))
        self._bell, self._gateway_bell = (
            Doorbell(topology.bell(engine_name(symbol))),
            Doorbell(topology.bell(gateway_name(0))),
        )
        self.paused = False
        self.model = Model(instrument.instrument_id)
        self._symbol = instrument.instrument_id
        self._consumer = CommandConsumer(self._commands.buf)
        self._gauge = CommandProducer(self._commands.buf)  # pushes nothing
        self._writer = EventWriter(self._events.buf, [self._gateway_bell.fd])
        self._area = stats_area(self._events.buf)
        self._stats = StatsWriter(self._area)
        self.apply(Rules(tick_lot_value=instrument.tick_lot_value).pack())
        self.apply(Command(CommandType.SET_PHASE, phase=Phase.OPEN).pack())
        asyncio.get_running_loop().add_reader(self._bell.fd, self._on_bell)
        self.show(EngineState.RUNNING)
        self.turn()

    def apply(self, commands: bytes) -> None:
        """Straight into the log, and out."""
        events = self.model.apply(commands, time.time_ns(), 1)
        with_symbol = bytearray(events)
        for at in range(0, len(with_symbol), 192):
            with_symbol[at + 32 : at + 34] = self._symbol.to_bytes(2, "little")
        self._writer.publish(bytes(with_symbol))

    def show(self, state: EngineState, **more: int) -> None:
        """The figures that a gateway reads."""
        model = self.model
        figures = {"phase": model.phase, "epoch": 1, "sequence": model.sequence, "updated_ns": time.time_ns(), **more}
        self._stats.write(EngineStats(state=state, **figures))

    def turn(self) -> None:
        """Takes what is there, unless paused, then sleeps on the doorbell."""
        if self.paused:
            return
        while not self._consumer.set_sleeping(True):
            commands = self._consumer.take(256)
            for at in range(0, len(commands), 128):
                self.apply(commands[at : at + 128])
            self._consumer.release(self._consumer.position)

    def depth(self) -> int:
        """Commands that wait."""
        return self._gauge.depth

    def resume(self) -> None:
        """Ends a pause."""
        self.paused = False
        self.turn()

    def close(self) -> None:
        """Gives everything back."""
        asyncio.get_running_loop().remove_reader(self._bell.fd)
        self._consumer.close()
        self._gauge.close()
        self._writer.close()
        self._area.release()
        for each in (self._bell, self._gateway_bell, self._commands, self._events):
            each.close()

    def _on_bell(self) -> None:
        self._bell.drain()
        self.turn()

"""One engine as a process, and the test at the other end of its rings: what a supervisor and one gateway would do."""

from __future__ import annotations

import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.process import BaseProcess

from tests.venues.waiting import wait_until
from tidegate.engine import main as engine_main
from tidegate.engine.config import EngineSettings
from tidegate.ops.config import RingsSection
from tidegate.ops.memory import VenueMemory
from tidegate.wire.doorbell import Doorbell
from tidegate.wire.native import COMMAND_BYTES, CommandProducer, EventReader, create_event_ring, stats_area
from tidegate.wire.records import Event, unpack_events
from tidegate.wire.segment import Segment
from tidegate.wire.stats import EngineState, EngineStats, read_stats
from tidegate.wire.topology import engine_name

SPAWN = get_context("spawn")
DEADLINE_S = 20.0
RINGS = RingsSection(command_records=4096, command_high_water=4096, event_records=65_536)


class EngineVenue:
    """The rings of one symbol, without a process yet."""

    def __init__(self, config: EngineSettings) -> None:
        self.config = config
        topology = config.topology
        topology.run_dir.mkdir(parents=True)
        self._memory = VenueMemory(topology, RINGS)
        self._commands = Segment.attach(topology.command_segment(config.symbol, topology.producers[0]))
        self._events = Segment.attach(topology.event_segment(config.symbol))
        self._bell = Doorbell(topology.bell(engine_name(config.symbol)))
        self.producer: CommandProducer | None = CommandProducer(self._commands.buf, self._bell.fd)
        self.reader: EventReader | None = EventReader(self._events.buf, 0)
        self.process: BaseProcess | None = None

    def start(self, entry: Callable[[EngineSettings], None] = engine_main.main) -> BaseProcess:
        """The engine in a process of its own."""
        self.process = SPAWN.Process(target=entry, args=(self.config,))
        self.process.start()
        return self.process

    def stats(self) -> EngineStats:
        """The engine's figures."""
        area = stats_area(self._events.buf)
        try:
            return read_stats(area) or EngineStats()
        finally:
            area.release()

    def wait_running(self) -> EngineStats:
        """Until this engine process (not one before it) runs."""
        process = self.process
        assert process is not None

        def running() -> bool:
            assert process.is_alive(), f"engine ended with {process.exitcode}"
            found = self.stats()
            return found.pid == process.pid and found.state == EngineState.RUNNING

        wait_until(running, DEADLINE_S)
        return self.stats()

    def push(self, commands: bytes) -> None:
        """All of them, waiting for room."""
        assert self.producer is not None
        view = memoryview(commands)
        while view:
            view = view[self.producer.push(view) * COMMAND_BYTES :]
            if view:
                time.sleep(0.001)

    def read(self) -> list[Event]:
        """What has been shown since."""
        assert self.reader is not None
        events = list(unpack_events(self.reader.read(4096)))
        assert not self.reader.lapped
        return events

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.join()

    def drain(self) -> int | None:
        """SIGTERM; the exit code."""
        assert self.process is not None
        self.process.terminate()
        self.process.join(DEADLINE_S)
        return self.process.exitcode

    def renew_event_ring(self) -> None:
        """As a supervisor does that starts the venue again: another ring in the same place, read from its beginning."""
        self._events.buf[:] = bytes(len(self._events.buf))
        create_event_ring(self._events.buf, RINGS.event_records, 1234)
        self.reader = EventReader(self._events.buf, 0)

    def close(self) -> None:
        """Leaves nothing behind."""
        if self.process is not None and self.process.is_alive():
            self.kill()
        self.producer = self.reader = None
        for each in (self._bell, self._commands, self._events, self._memory):
            each.close()

"""One engine process with its rings and journal, and nothing else of a venue."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from benchmarks.context import ROOT
from tidegate.engine.config import EngineSettings, SnapshotSettings
from tidegate.ops.config import RingsSection
from tidegate.ops.memory import VenueMemory
from tidegate.wire.doorbell import Doorbell
from tidegate.wire.instruments import Instrument
from tidegate.wire.native import COMMAND_BYTES, CommandProducer, stats_area
from tidegate.wire.segment import Segment
from tidegate.wire.stats import EngineState, EngineStats, read_stats
from tidegate.wire.topology import engine_name

INSTRUMENT = Instrument(
    symbol="BENCHUSDT", instrument_id=1, tick_size=Decimal("0.01"), lot_size=Decimal("0.01"), open_orders_max=10_000
)
RINGS = RingsSection(command_records=1 << 16, command_high_water=1 << 16, event_records=1 << 17)
PUSH_RECORDS = 4_096
READY_S = 30.0


def settings(data_dir: Path) -> EngineSettings:
    """Of an engine as a venue would run it: fsync, default batch."""
    never = SnapshotSettings(every_records=1 << 60)
    return EngineSettings(data_dir=data_dir, instruments=(INSTRUMENT,), symbol=INSTRUMENT.symbol, snapshots=never)


@dataclass
class Shard:
    """A running engine, seen from a producer's side."""

    producer: CommandProducer
    events: Segment
    process: subprocess.Popen[bytes]

    def stats(self) -> EngineStats:
        """The engine's own figures; as they were at most about a second ago."""
        area = stats_area(self.events.buf)
        try:
            return read_stats(area) or EngineStats()
        finally:
            area.release()

    def push_all(self, commands: bytes) -> float:
        """Fills the ring in batches until all is in and durable; returns the seconds that took."""
        view = memoryview(commands)
        start = time.perf_counter()
        done = 0
        while done < len(view):
            taken = self.producer.push(view[done : done + PUSH_RECORDS * COMMAND_BYTES])
            done += taken * COMMAND_BYTES
            if taken < PUSH_RECORDS:
                time.sleep(0.0005)  # full: give the engine the processor
        while self.producer.depth:
            time.sleep(0.0002)
            if self.process.poll() is not None:
                raise RuntimeError(f"the engine ended with exit code {self.process.returncode}")
        return time.perf_counter() - start


@contextmanager
def running(data_dir: Path) -> Iterator[Shard]:
    """Starts an engine on `data_dir`, waits until it serves, drains it afterwards."""
    engine = settings(data_dir)
    topology = engine.topology
    topology.run_dir.mkdir(parents=True, exist_ok=True)
    written = data_dir / "engine.json"
    written.write_text(engine.model_dump_json())
    with ExitStack() as stack:  # undone from the last to the first
        stack.callback(VenueMemory(topology, RINGS).close)
        commands = Segment.attach(topology.command_segment(INSTRUMENT.symbol, topology.producers[0]))
        stack.callback(commands.close)
        events = Segment.attach(topology.event_segment(INSTRUMENT.symbol))
        stack.callback(events.close)
        bell = Doorbell(topology.bell(engine_name(INSTRUMENT.symbol)))
        stack.callback(bell.close)
        producer = CommandProducer(commands.buf, bell.fd)
        stack.callback(producer.close)
        log = stack.enter_context((data_dir / "engine.log").open("ab"))
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.engine_process", str(written)], cwd=ROOT, stdout=log, stderr=log
        )
        stack.callback(process.wait, timeout=30)
        stack.callback(process.terminate)
        shard = Shard(producer, events, process)
        _wait_until_ready(shard, data_dir)
        yield shard


def _wait_until_ready(shard: Shard, data_dir: Path) -> None:
    deadline = time.monotonic() + READY_S
    while shard.stats().state != EngineState.RUNNING or shard.stats().sequence < 2:
        if shard.process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the engine does not start: {(data_dir / 'engine.log').read_text()[-2000:]}")
        time.sleep(0.02)

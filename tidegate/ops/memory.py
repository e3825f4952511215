"""The venue's shared memory: made before any process starts, destroyed after the last has ended."""

from __future__ import annotations

import os
import secrets
import signal
from multiprocessing import resource_tracker
from pathlib import Path

from tidegate.ops.config import RingsSection
from tidegate.ops.errors import ConfigError
from tidegate.wire import native
from tidegate.wire.doorbell import Doorbell
from tidegate.wire.instruments import Instrument
from tidegate.wire.segment import Segment
from tidegate.wire.stats import EngineStats, read_stats
from tidegate.wire.topology import Topology, engine_name

SHARED_MEMORY_MOUNT = "/dev/shm"  # noqa: S108 - where Linux keeps POSIX shared memory


class VenueMemory:
    """Every ring and doorbell of one venue, owned by this process until close()."""

    def __init__(self, topology: Topology, rings: RingsSection) -> None:
        """Lays out all rings. Raises ConfigError when there is not enough shared memory."""
        self._topology = topology
        self._rings = rings
        self._segments: dict[str, list[Segment]] = {}  # by symbol; the event ring's comes first
        check_room(topology, rings)
        start_tracker()
        try:
            for each in topology.instruments:
                self._create_rings(each.symbol)
        except BaseException:
            self.close()
            raise
        for process in topology.readers().values():
            _make_bell(topology.bell(process))

    def add(self, instrument: Instrument) -> None:
        """Rings and doorbell of one more symbol. Raises ConfigError when there is not enough shared memory."""
        check_room(self._topology.listing((instrument,)), self._rings)
        try:
            self._create_rings(instrument.symbol)
        except BaseException:
            self.remove(instrument.symbol)
            raise

    def remove(self, symbol: str) -> None:
        """Destroys the rings of one symbol; whoever is still attached keeps what nobody else sees any more."""
        for segment in self._segments.pop(symbol, []):
            segment.close()
        self._topology.bell(engine_name(symbol)).unlink(missing_ok=True)

    def queued(self, symbol: str) -> int:
        """Commands that wait in a symbol's rings, all producers together."""
        depth = 0
        for segment in self._segments[symbol][1:]:
            producer = native.CommandProducer(segment.buf)
            depth += producer.depth
            producer.close()
        return depth

    def stats(self, symbol: str) -> EngineStats | None:
        """What the symbol's engine shows of itself; None when there is nothing yet."""
        area = native.stats_area(self._segments[symbol][0].buf)
        try:
            return read_stats(area)
        finally:
            area.release()

    def close(self) -> None:
        """Destroys every segment."""
        for segments in self._segments.values():
            for segment in segments:
                segment.close()
        self._segments.clear()

    def _create_rings(self, symbol: str) -> None:
        topology, rings = self._topology, self._rings
        events = self._create(symbol, topology.event_segment(symbol), native.event_ring_bytes(rings.event_records))
        native.create_event_ring(events.buf, rings.event_records, generation())
        for producer in topology.producers:
            name = topology.command_segment(symbol, producer)
            segment = self._create(symbol, name, native.command_ring_bytes(rings.command_records))
            native.create_command_ring(segment.buf, rings.command_records, rings.command_high_water, generation())
        _make_bell(topology.bell(engine_name(symbol)))

    def _create(self, symbol: str, name: str, size: int) -> Segment:
        segment = Segment.create(name, size)
        self._segments.setdefault(symbol, []).append(segment)
        return segment


def _make_bell(path: Path) -> None:
    bell = Doorbell(path)
    bell.drain()
    bell.close()


def start_tracker() -> None:
    """Starts the process that removes the segments of a killed supervisor, deaf to the end of the terminal.

    It ignores SIGINT and SIGTERM by itself; the mask in which SIGHUP is blocked it inherits.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    try:
        resource_tracker.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def generation() -> int:
    """A number that sets one creation of a ring apart from every other; never 0."""
    return secrets.randbits(63) + 1


def check_room(topology: Topology, rings: RingsSection) -> None:
    """Raises ConfigError when the rings do not fit; the kernel would kill whoever touches a page too many."""
    symbols = len(topology.instruments)
    commands = symbols * len(topology.producers) * native.command_ring_bytes(rings.command_records)
    needed = commands + symbols * native.event_ring_bytes(rings.event_records)
    mount = os.statvfs(SHARED_MEMORY_MOUNT)
    free = mount.f_bavail * mount.f_frsize
    if needed > free:
        raise ConfigError(
            f"rings: {needed >> 20} MiB of shared memory needed, {free >> 20} MiB free in {SHARED_MEMORY_MOUNT}; "
            "lower rings.command_records or make it larger (containers: --shm-size)"
        )

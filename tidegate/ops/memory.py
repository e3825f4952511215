"""The venue's shared memory: made before any process starts, destroyed after the last has ended."""

from __future__ import annotations

import os
import secrets
import signal
from multiprocessing import resource_tracker

from tidegate.ops.config import RingsSection
from tidegate.ops.errors import ConfigError
from tidegate.wire import native
from tidegate.wire.doorbell import Doorbell
from tidegate.wire.segment import Segment
from tidegate.wire.topology import Topology, engine_name

SHARED_MEMORY_MOUNT = "/dev/shm"  # noqa: S108 - where Linux keeps POSIX shared memory


class VenueMemory:
    """Every ring and doorbell of one venue, owned by this process until close()."""

    def __init__(self, topology: Topology, rings: RingsSection) -> None:
        """Lays out all rings. Raises ConfigError when there is not enough shared memory."""
        self._segments: list[Segment] = []
        self._command_segments: dict[str, list[Segment]] = {}
        check_room(topology, rings)
        start_tracker()
        try:
            for each in topology.instruments:
                self._create_rings(topology, rings, each.symbol)
        except BaseException:
            self.close()
            raise
        for process in (*(engine_name(each.symbol) for each in topology.instruments), *topology.readers().values()):
            bell = Doorbell(topology.bell(process))
            bell.drain()
            bell.close()

    def queued(self, symbol: str) -> int:
        """Commands that wait in a symbol's rings, all producers together."""
        depth = 0
        for segment in self._command_segments[symbol]:
            producer = native.CommandProducer(segment.buf)
            depth += producer.depth
            producer.close()
        return depth

    def close(self) -> None:
        """Destroys every segment."""
        for segment in self._segments:
            segment.close()
        self._segments.clear()

    def _create_rings(self, topology: Topology, rings: RingsSection, symbol: str) -> None:
        events = self._create(topology.event_segment(symbol), native.event_ring_bytes(rings.event_records))
        native.create_event_ring(events.buf, rings.event_records, generation())
        commands = []
        for producer in topology.producers:
            name = topology.command_segment(symbol, producer)
            segment = self._create(name, native.command_ring_bytes(rings.command_records))
            native.create_command_ring(segment.buf, rings.command_records, rings.command_high_water, generation())
            commands.append(segment)
        self._command_segments[symbol] = commands

    def _create(self, name: str, size: int) -> Segment:
        segment = Segment.create(name, size)
        self._segments.append(segment)
        return segment


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

"""An engine's figures, in 1,024 bytes of its event ring: written about once a second, read by status views.

The area begins with a counter that is odd while the writer is at work and ends what it holds with a CRC32:
a reader that meets a half-written area looks again and never takes one for whole, even when the writer was
killed in the middle.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import astuple, dataclass
from enum import IntEnum

AREA_BYTES = 1024

_TURN = struct.Struct("<Q")
_BODY = struct.Struct("<8sBBBxIIQqqqQQQQQQQQqqQQQQQQQQQQQQqqqQ496s")
_CRC = struct.Struct("<I")
_MAGIC = b"TGSTATS1"
_BODY_AT = _TURN.size
_CRC_AT = _BODY_AT + _BODY.size
_MESSAGE_BYTES_MAX = 496
_ATTEMPTS_MAX = 100
assert _CRC_AT + _CRC.size <= AREA_BYTES


class EngineState(IntEnum):
    """What an engine is doing."""

    STARTING = 0
    RECOVERING = 1
    RUNNING = 2
    DRAINING = 3
    STOPPED = 4  # drained, on request
    FAILED = 5  # for good; `message` says why


@dataclass(slots=True)
class EngineStats:
    """One engine's figures. Latencies in microseconds over the last second that had batches; times in Unix ns."""

    state: int = EngineState.STARTING
    phase: int = 0
    torn_tail_cut: int = 0  # 1: recovery cut a torn last batch off
    epoch: int = 0
    pid: int = 0
    sequence: int = 0  # last durable command
    sequenced_time_ns: int = 0
    started_ns: int = 0
    updated_ns: int = 0
    queue_depth: int = 0  # commands waiting in all rings
    queue_capacity: int = 0
    commands: int = 0  # taken since start, queries included
    batches: int = 0  # since start
    commands_per_second: int = 0  # over the last second
    open_orders: int = 0  # untriggered ones too
    trade_id: int = 0  # last
    snapshot_sequence: int = 0  # of the newest snapshot, 0 = none
    best_bid: int = 0  # ticks, 0 = none
    best_ask: int = 0
    commit_p50_us: int = 0  # hash, append and fsync of one batch
    commit_p99_us: int = 0
    commit_max_us: int = 0
    batch_p50_us: int = 0  # from the rings to the event ring
    batch_p99_us: int = 0
    batch_max_us: int = 0
    recovered_records: int = 0  # commands and events replayed at start
    recovery_us: int = 0
    journal_bytes: int = 0  # of the segment being written
    journal_segment: int = 0  # its first sequence
    dead_readers_cleared: int = 0  # since start
    trigger_orders: int = 0  # untriggered
    mark: int = 0  # ticks, 0 = none
    index: int = 0
    open_interest: int = 0  # lots of all long positions together
    definition_sequence: int = 0  # of the instrument's rules in force, 0 = none yet
    message: str = ""

    @property
    def state_text(self) -> str:
        """ "running", or in words why not."""
        return self.message or EngineState(self.state).name.lower()


class StatsWriter:
    """Writes the area. One writer at a time: the engine that owns the event ring."""

    def __init__(self, area: memoryview) -> None:
        """`area`: tidegate.wire.native.stats_area() of the event ring."""
        self._area = area
        # A writer that was killed may have left an odd turn.
        self._turn: int = _TURN.unpack_from(area)[0] & ~1

    def write(self, stats: EngineStats) -> None:
        """Shows new figures to readers, all at once."""
        *numbers, message = astuple(stats)
        text = message.encode()[:_MESSAGE_BYTES_MAX].decode(errors="ignore").encode()
        body = _BODY.pack(_MAGIC, *numbers, text)
        _TURN.pack_into(self._area, 0, self._turn + 1)
        self._area[_BODY_AT:_CRC_AT] = body
        _CRC.pack_into(self._area, _CRC_AT, zlib.crc32(body))
        self._turn += 2
        _TURN.pack_into(self._area, 0, self._turn)

    def close(self) -> None:
        """Lets go of the memory."""
        self._area.release()


def read_stats(area: memoryview) -> EngineStats | None:
    """The newest figures; None when there are none yet, or when the writer died while it wrote them."""
    for _ in range(_ATTEMPTS_MAX):
        before = bytes(area[: _TURN.size])
        body = bytes(area[_BODY_AT:_CRC_AT])
        crc: int = _CRC.unpack_from(area, _CRC_AT)[0]
        if before[0] % 2 == 0 and before == area[: _TURN.size] and zlib.crc32(body) == crc:
            magic, *values = _BODY.unpack(body)
            values[-1] = values[-1].rstrip(b"\0").decode()
            return EngineStats(*values) if magic == _MAGIC else None
    return None

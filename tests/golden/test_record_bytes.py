"""Golden bytes: what the core writes is what any reader with the documented layouts reads.

The hex files are the contract. They change only with the schema version.
"""

from __future__ import annotations

import struct
from itertools import pairwise
from pathlib import Path

from tests.oracle.records import COMMAND, EVENT, Command, CommandType, Phase, Rules, Side
from tests.unit.engine.test_core_live import Venue
from tidegate.engine.core import Shard
from tidegate.wire import native

HERE = Path(__file__).parent
HEAD = struct.Struct("<8sHHIIIQqQ")
TIME_NS = 1_700_000_000_123_456_789


def golden(name: str) -> bytes:
    """Bytes of a file of hex lines."""
    return bytes.fromhex((HERE / f"{name}.hex").read_text())


def payload() -> bytes:
    """One batch: an instrument, a phase, a bid, and a sell that trades and rests."""
    venue = Venue()
    shard = Shard(5, orders_max=8, retained_max=8, accounts_max=8)
    venue.attach(shard)
    order = Command(CommandType.PLACE, 7, Side.BUY, 1, 1, 0, 11, 12, 1, TIME_NS - 5_000_000, 1001, 0, 64_000, 10, 3, 2)
    taker = Command(CommandType.PLACE, 8, Side.SELL, 1, 1, 0, 21, 22, 2, TIME_NS - 1_000_000, 2001, 0, 63_999, 25, 0, 0)
    assert venue.producers[0].push(Rules().pack()) == 1
    venue.push(0, Command(CommandType.SET_PHASE, phase=Phase.OPEN), order)
    venue.push(1, taker)
    venue.step(shard, now_ns=TIME_NS, epoch=9)
    venue.close()
    return venue.journal[0]


def test_payload_bytes() -> None:
    """The whole payload, byte for byte."""
    assert payload() == golden("payload")


def test_payload_layout() -> None:
    """Head, cursors, masks and XORed words, read with struct alone, give the golden records."""
    data = golden("payload")
    magic, version, rings, epoch, commands, events, first, time_ns, reserved = HEAD.unpack_from(data)
    assert (magic, version, rings, epoch, first, time_ns, reserved) == (b"TGBATCH1", 1, 2, 9, 1, TIME_NS, 0)
    assert struct.unpack_from("<4Q", data, HEAD.size) == (100, 3, 101, 1)
    at = HEAD.size + 16 * rings
    unpacked = []
    for count, size, mask_format in ((commands, 128, "<I"), (events, 192, "<Q")):
        words = [0] * (size // 4)
        for _ in range(count):
            (mask,) = struct.unpack_from(mask_format, data, at)
            at += struct.calcsize(mask_format)
            for word in range(size // 4):
                if mask >> word & 1:
                    words[word] ^= struct.unpack_from("<I", data, at)[0]
                    at += 4
            unpacked.append(struct.pack(f"<{size // 4}I", *words))
    assert at == len(data) - 4
    assert struct.unpack_from("<I", data, at)[0] == native.crc32c(data[:at])
    assert b"".join(native.record_with_crc(record) for record in unpacked[:commands]) == golden("commands")
    assert b"".join(native.record_with_crc(record) for record in unpacked[commands:]) == golden("events")
    assert native.unpack_commands(data) == golden("commands")
    assert native.unpack_events(data) == golden("events")


def test_record_fields() -> None:
    """The fields of the golden records at their documented offsets."""
    commands, events = golden("commands"), golden("events")
    fields = [COMMAND.unpack_from(commands, at) for at in range(0, len(commands), COMMAND.size)]
    assert [f[5] for f in fields] == [1, 2, 3, 4]
    assert all(later >= earlier for earlier, later in pairwise(f[6] for f in fields))
    (trade,) = [f for f in (EVENT.unpack_from(events, at) for at in range(0, len(events), EVENT.size)) if f[1] == 3]
    # sequence, account, symbol, price, quantity, leaves, trade id, maker's order, positions
    assert (trade[5], trade[8], trade[9], trade[20], trade[21], trade[23]) == (4, 8, 5, 64_000, 10, 15)
    assert (trade[26], trade[27], trade[31], trade[38], trade[39]) == (1, 3, 7, -10, 10)

"""The journal payload as the engine writes it: what goes in comes out, and no damage goes unseen."""

from __future__ import annotations

import pytest

from tests.oracle.records import Command, CommandType, unpack_events
from tests.unit.engine.core_kit import buy, cancel, do, open_shard, sell, state_hash
from tests.unit.engine.test_core_live import Venue
from tidegate.wire import native


@pytest.fixture
def payload() -> bytes:
    """Of a small batch with a trade, a refusal and a query in between."""
    venue = Venue()
    shard = open_shard()
    venue.attach(shard)
    venue.push(0, buy(1, 90, 5), Command(CommandType.QUERY_DEPTH), sell(2, 90, 2), cancel(9, 9))
    venue.step(shard)
    venue.close()
    return venue.journal[0]


def test_events_and_commands_come_out_as_they_went_in(payload: bytes) -> None:
    """Commands with their sequences, events as apply gave them, crc made again."""
    twin = open_shard()
    commands = native.unpack_commands(payload)
    sequences = [int.from_bytes(commands[at + 8 : at + 16], "little") for at in range(0, len(commands), 128)]
    assert sequences == [3, 4, 5]
    events = native.unpack_events(payload)
    assert unpack_events(events) == unpack_events(twin.apply(commands, 20, 1))
    for at in range(0, len(events), 192):
        assert events[at : at + 4] == native.crc32c(events[at + 4 : at + 192]).to_bytes(4, "little")


def test_every_flipped_bit_is_noticed(payload: bytes) -> None:
    """By inspect, by both unpackers, and by replay before anything has changed."""
    shard = open_shard()
    before = state_hash(shard)
    for bit in range(len(payload) * 8):
        damaged = bytearray(payload)
        damaged[bit // 8] ^= 1 << bit % 8
        for read in (native.inspect, native.unpack_events, native.unpack_commands, shard.replay):
            with pytest.raises(ValueError):
                read(damaged)
    assert state_hash(shard) == before
    assert shard.replay(payload) == 3


def test_every_cut_is_noticed(payload: bytes) -> None:
    """A torn tail at any byte, and bytes too many."""
    shard = open_shard()
    for end in range(len(payload)):
        with pytest.raises(ValueError):
            shard.replay(payload[:end])
    with pytest.raises(ValueError):
        shard.replay(payload + bytes(4))


def test_heads_that_lie_are_refused(payload: bytes) -> None:
    """With the CRC made right again, so that the checks behind it have to hold."""
    for offset in range(0, 48, 2):
        for value in (0, 1, 0xFFFF):
            lie = bytearray(payload[:-4])
            lie[offset : offset + 2] = value.to_bytes(2, "little")
            lie += native.crc32c(lie).to_bytes(4, "little")
            try:
                native.unpack_events(lie)
            except ValueError:
                continue
            head = native.inspect(lie)
            assert head.events == 4


def test_a_command_of_an_unknown_type_is_in_the_log() -> None:
    """It is numbered and refused, whatever its number is, and replays like any other."""
    venue = Venue()
    shard, twin = open_shard(), open_shard()
    venue.attach(shard)
    venue.push(0, *(Command(kind) for kind in (0, 31, 35, 200, 255)))
    venue.step(shard)
    venue.close()
    assert native.inspect(venue.journal[0]).events == 5
    assert twin.replay(venue.journal[0]) == 5


def test_a_batch_is_small() -> None:
    """Packing is worth it: a thousand orders take less than a third of their records."""
    venue = Venue()
    shard = open_shard()
    venue.attach(shard)
    venue.push(0, *(buy(1 + at % 50, 1 + at % 90, 1 + at % 9, gateway_time_ns=10**18 + at) for at in range(1_000)))
    venue.step(shard)
    venue.close()
    assert len(venue.journal[0]) < 1_000 * (128 + 192) / 3
    twin = open_shard()
    assert twin.replay(venue.journal[0]) == 1_000
    assert do(twin, cancel(1, 3)) == do(shard, cancel(1, 3))

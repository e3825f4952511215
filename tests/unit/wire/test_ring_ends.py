"""Rings within one process: order, room, laps, wake-ups and damage."""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Callable, Iterator

import pytest

from tidegate.wire import native
from tidegate.wire.records import Command, Event, unpack_commands, unpack_events

Ring = Callable[..., mmap.mmap]
LAST = 128
EVENT_HEADER_BYTES = 1536
INTENT_AT = 128
COMMAND_HEADER_BYTES = 512


@pytest.fixture
def bell() -> Iterator[tuple[int, int]]:
    """A pipe: (end to read, end to write), neither blocking."""
    ends = os.pipe2(os.O_NONBLOCK)
    yield ends
    for end in ends:
        os.close(end)


def commands(first: int, count: int) -> bytes:
    """Commands that carry their number as client order id."""
    return b"".join(Command(type=1, client_order_id=number).pack() for number in range(first, first + count))


def ids(records: bytes) -> list[int]:
    """The numbers that commands() put in."""
    return [command.client_order_id for command in unpack_commands(records)]


def events(*sequences: int, last: bool = True) -> bytes:
    """One command of one event per sequence."""
    return b"".join(Event(type=1, command_type=1, flags=LAST * last, sequence=each).pack() for each in sequences)


def sequences(records: bytes) -> list[int]:
    """Of every event."""
    return [event.sequence for event in unpack_events(records)]


def test_ring_sizes_and_layout_are_checked() -> None:
    """create_… refuses capacities that are no power of two, high-water marks out of range, short memory."""
    memory = mmap.mmap(-1, native.command_ring_bytes(64))
    for capacity, high_water, generation in [
        (0, 1, 1),
        (48, 48, 1),
        (64, 0, 1),
        (64, 65, 1),
        (64, 64, 0),
        (128, 128, 1),
    ]:
        with pytest.raises(ValueError):
            native.create_command_ring(memory, capacity, high_water, generation)
    with pytest.raises(ValueError):
        native.create_event_ring(mmap.mmap(-1, 4096), 64, 1)
    with pytest.raises(ValueError):
        native.CommandProducer(memory)  # never laid out
    native.create_command_ring(memory, 64, 64, 1)
    with pytest.raises(ValueError):
        native.EventReader(memory, 0)  # the other kind
    with pytest.raises(BufferError):
        native.CommandProducer(bytes(len(memory)))  # read-only
    with pytest.raises(ValueError, match="aligned"):
        native.CommandProducer(memoryview(memory)[8:])


def test_ring_header_layout_is_as_published() -> None:
    """The offsets that readers in other languages use: 512 and 1536 bytes before the first record."""
    assert native.command_ring_bytes(4) == COMMAND_HEADER_BYTES + 4 * 128
    assert native.event_ring_bytes(4) == EVENT_HEADER_BYTES + 4 * 192
    assert (native.COMMAND_BYTES, native.EVENT_BYTES) == (128, 192)


def test_commands_come_out_in_order_across_the_wrap(command_ring: Ring) -> None:
    """First in, first out, over many turns of a small ring, with correct CRCs."""
    memory = command_ring(8)
    producer, consumer = native.CommandProducer(memory), native.CommandConsumer(memory)
    expected = 0
    for first in range(0, 100, 5):
        assert producer.push(commands(first, 5)) == 5
        taken = consumer.take(3) + consumer.take(99)
        consumer.release(consumer.position)
        assert ids(taken) == list(range(expected, expected + 5))
        assert all(native.record_with_crc(taken[at : at + 128]) == taken[at : at + 128] for at in range(0, 640, 128))
        expected += 5
    assert producer.depth == 0


def test_the_room_above_high_water_is_reserved(command_ring: Ring) -> None:
    """Ordinary commands stop at the high-water mark, reserved ones at the end of the ring."""
    memory = command_ring(8, 5)
    producer = native.CommandProducer(memory)
    assert producer.push(commands(0, 8), reserved=False) == 5
    assert producer.push(commands(0, 1), reserved=False) == 0
    assert producer.push(commands(5, 8), reserved=True) == 3
    consumer = native.CommandConsumer(memory)
    assert ids(consumer.take(99)) == list(range(8))
    assert producer.push(commands(8, 1)) == 0  # taken is not yet released
    consumer.release(4)
    assert producer.push(commands(8, 1), reserved=False) == 1


def test_a_new_consumer_sees_what_was_not_released(command_ring: Ring) -> None:
    """A consumer that dies before its release leaves the commands to its successor."""
    memory = command_ring(8)
    native.CommandProducer(memory).push(commands(0, 6))
    first = native.CommandConsumer(memory)
    first.take(4)
    first.release(2)
    assert ids(native.CommandConsumer(memory).take(99)) == [2, 3, 4, 5]


def test_a_damaged_command_is_not_taken(command_ring: Ring) -> None:
    """A flipped bit in a waiting command is found by its CRC."""
    memory = command_ring(8)
    native.CommandProducer(memory).push(commands(0, 2))
    memory[COMMAND_HEADER_BYTES + 128 + 70] ^= 1
    consumer = native.CommandConsumer(memory)
    assert ids(consumer.take(1)) == [0]
    with pytest.raises(ValueError, match="damaged"):
        consumer.take(1)


def test_a_sleeping_consumer_is_rung_once(command_ring: Ring, bell: tuple[int, int]) -> None:
    """publish rings when the flag is set, and only then; the flag is cleared by the ringing."""
    memory = command_ring(8)
    producer, consumer = native.CommandProducer(memory, bell[1]), native.CommandConsumer(memory)
    producer.push(commands(0, 1))
    with pytest.raises(BlockingIOError):
        os.read(bell[0], 9)
    assert not consumer.set_sleeping(True)  # something is waiting
    consumer.take(9)
    assert consumer.set_sleeping(True)
    producer.push(commands(1, 1))
    producer.push(commands(2, 1))
    assert os.read(bell[0], 9) == b"!"


def test_a_closed_end_is_not_used(command_ring: Ring) -> None:
    """close() lets go of the memory; later calls are errors and not crashes."""
    memory = command_ring(8)
    producer = native.CommandProducer(memory)
    producer.close()
    with pytest.raises(ValueError, match="closed"):
        producer.push(commands(0, 1))
    memory.close()  # nothing holds it any more


def test_every_reader_gets_every_event(event_ring: Ring) -> None:
    """Two cursors, each with its own pace; a reader starts at the tail."""
    memory = event_ring(16)
    writer = native.EventWriter(memory)
    writer.publish(events(1, 2))
    quick, slow = native.EventReader(memory, 0), native.EventReader(memory, 1)
    assert (quick.sequence, quick.read(9)) == (2, b"")
    for sequence in range(3, 11):
        writer.publish(events(sequence))
        assert sequences(quick.read(9)) == [sequence]
    assert sequences(slow.read(3)) == [3, 4, 5]
    assert sequences(slow.read(99)) == [6, 7, 8, 9, 10]
    assert writer.newest_sequence == slow.sequence == quick.sequence == 10


def test_a_read_ends_with_a_whole_command(event_ring: Ring) -> None:
    """What `most` cuts off is read again next time; a command larger than `most` comes in parts."""
    memory = event_ring(32)
    writer, reader = native.EventWriter(memory), native.EventReader(memory, 0)
    writer.publish(events(1) + events(2, 2, last=False) + events(2))
    assert sequences(reader.read(3)) == [1]
    assert reader.sequence == 1
    assert sequences(reader.read(2)) == [2, 2]
    assert reader.sequence == 1
    assert sequences(reader.read(2)) == [2]
    assert reader.sequence == 2


def test_a_lapped_reader_is_told_and_can_seek(event_ring: Ring) -> None:
    """No event is skipped in silence: lapped stays set until seek_after finds a place in the ring."""
    memory = event_ring(16)
    writer, reader = native.EventWriter(memory), native.EventReader(memory, 0)
    for sequence in range(1, 18):
        writer.publish(events(sequence))
    assert reader.read(99) == b""
    assert reader.lapped
    assert not reader.seek_after(5)
    assert reader.lapped
    assert reader.seek_after(12)
    assert not reader.lapped
    assert sequences(reader.read(99)) == [13, 14, 15, 16, 17]


def test_seeking_in_a_ring_younger_than_its_symbol(event_ring: Ring) -> None:
    """After a restart of the venue the ring begins somewhere; what was before it is not in it."""
    memory = event_ring(64)
    writer, reader = native.EventWriter(memory), native.EventReader(memory, 0)
    writer.publish(events(1001, 1002))
    assert not reader.seek_after(999)
    assert reader.seek_after(1000)
    assert sequences(reader.read(9)) == [1001, 1002]
    assert reader.seek_after(1001)
    assert sequences(reader.read(9)) == [1002]


def test_a_batch_of_more_than_half_a_ring_is_refused(event_ring: Ring) -> None:
    """The bound that makes seek_after safe is enforced."""
    writer = native.EventWriter(event_ring(16))
    writer.publish(events(*range(1, 9)))
    with pytest.raises(ValueError):
        writer.publish(events(*range(9, 18)))


def test_a_writer_killed_within_a_batch_fools_no_slow_reader(event_ring: Ring) -> None:
    """Slots that a dead writer has overwritten without showing them are not taken for what they were."""
    memory = event_ring(16)
    writer, reader = native.EventWriter(memory), native.EventReader(memory, 0)
    for sequence in range(1, 17):
        writer.publish(events(sequence))
    assert sequences(reader.read(1)) == [1]
    # As after a SIGKILL in publish(): six slots announced, three of them written, nothing shown.
    struct.pack_into("<Q", memory, INTENT_AT, 16 + 6)
    memory[EVENT_HEADER_BYTES : EVENT_HEADER_BYTES + 3 * 192] = events(17, 18, 19)
    successor = native.EventWriter(memory)
    successor.publish(events(17))
    assert reader.read(99) == b""
    assert reader.lapped
    assert reader.seek_after(10)
    assert sequences(reader.read(99)) == [11, 12, 13, 14, 15, 16, 17]


def test_a_damaged_event_is_an_error(event_ring: Ring) -> None:
    """A flipped bit in the ring is found by the record's CRC."""
    memory = event_ring(16)
    writer, reader = native.EventWriter(memory), native.EventReader(memory, 0)
    writer.publish(events(1))
    memory[EVENT_HEADER_BYTES + 100] ^= 4
    with pytest.raises(ValueError, match="damaged"):
        reader.read(9)


def test_each_sleeping_reader_is_rung(event_ring: Ring, bell: tuple[int, int]) -> None:
    """publish rings the bells of the readers that sleep, and of no others."""
    memory = event_ring(16)
    writer = native.EventWriter(memory, (-1, bell[1]))
    awake, asleep = native.EventReader(memory, 0), native.EventReader(memory, 1)
    writer.publish(events(1))
    with pytest.raises(BlockingIOError):
        os.read(bell[0], 9)
    assert not asleep.set_sleeping(True)
    asleep.read(9)
    assert asleep.set_sleeping(True)
    assert not awake.set_sleeping(False)
    writer.publish(events(2))
    writer.publish(events(3))
    assert os.read(bell[0], 9) == b"!"


def test_the_stats_area_is_shared(event_ring: Ring) -> None:
    """1024 writable bytes in the header, apart from the records."""
    memory = event_ring(16)
    area = native.stats_area(memory)
    assert (len(area), area.readonly) == (1024, False)
    area[:3] = b"abc"
    assert bytes(native.stats_area(memory)[:3]) == b"abc"
    native.EventWriter(memory).publish(events(1))
    assert bytes(area[:3]) == b"abc"


def test_crc32c_is_castagnoli() -> None:
    """The check value of CRC-32C, and record_with_crc over everything after the crc field."""
    assert native.crc32c(b"123456789") == 0xE3069283
    record = native.record_with_crc(b"\xff" * 4 + bytes(range(124)))
    assert record[:4] == native.crc32c(bytes(range(124))).to_bytes(4, "little")
    with pytest.raises(ValueError):
        native.record_with_crc(b"short")

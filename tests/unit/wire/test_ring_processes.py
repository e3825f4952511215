"""Rings between real processes: a million records each way, random pauses, slow readers, SIGKILL."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import struct
import time
from collections.abc import Iterator
from multiprocessing.process import BaseProcess

import pytest

from tidegate.wire import native
from tidegate.wire.segment import Segment

RECORDS = 1_000_000
SPAWN = multiprocessing.get_context("spawn")
COMMAND_NUMBER = struct.Struct("<8xQ112x")
EVENT_NUMBER = struct.Struct("<8xQ176x")
BLOCK = 2048
KILLS = 5


def numbered_commands(first: int, count: int) -> bytearray:
    """Commands whose sequence field counts."""
    block = bytearray(128 * count)
    for index in range(count):
        struct.pack_into("<Q", block, index * 128 + 8, first + index)
    return block


def numbered_events(first: int, count: int) -> bytearray:
    """One event per command; the sequence counts."""
    block = bytearray((bytes(6) + b"\x80" + bytes(185)) * count)
    for index in range(count):
        struct.pack_into("<Q", block, index * 192 + 8, first + index)
    return block


def pause(rng: random.Random) -> None:
    """Gives the other side the processor now and then."""
    if rng.random() < 0.02:
        time.sleep(rng.random() * 0.001)


def produce(segment_name: str, first: int, count: int, seed: int) -> None:
    """Child: pushes numbered commands, waiting for room as long as it takes."""
    segment = Segment.attach(segment_name)
    producer = native.CommandProducer(segment.buf)
    rng = random.Random(seed)
    while count:
        block = memoryview(numbered_commands(first, min(count, rng.randint(1, BLOCK))))
        first, count = first + len(block) // 128, count - len(block) // 128
        while block := block[producer.push(block) * 128 :]:
            time.sleep(0)
        pause(rng)
    producer.close()
    segment.close()


def write(segment_name: str, count: int, seed: int) -> None:
    """Child: publishes numbered events; the test's quick reader says in the stats area how far it is, so that
    it can be lapped only by its own fault."""
    segment = Segment.attach(segment_name)
    writer, stats = native.EventWriter(segment.buf), native.stats_area(segment.buf)
    rng = random.Random(seed)
    first = 1
    while first <= count:
        block = numbered_events(first, min(count - first + 1, rng.randint(1, BLOCK)))
        while first - struct.unpack_from("<Q", stats)[0] > 8 * BLOCK:
            time.sleep(0)
        writer.publish(block)
        first += len(block) // 192
        pause(rng)
    stats.release()
    writer.close()
    segment.close()


@pytest.fixture
def segment() -> Iterator[Segment]:
    """A segment large enough for the rings here; gone afterwards."""
    made = Segment.create(f"tidegate-test-{os.getpid()}-{time.monotonic_ns()}", native.event_ring_bytes(16 * BLOCK))
    yield made
    made.close()


@pytest.fixture
def children() -> Iterator[list[BaseProcess]]:
    """Processes that are ended whatever happens."""
    started: list[BaseProcess] = []
    yield started
    for child in started:
        child.kill()
        child.join()


def start(children: list[BaseProcess], target: object, *arguments: object) -> BaseProcess:
    """Starts a child with spawn."""
    child = SPAWN.Process(target=target, args=arguments)  # type: ignore[arg-type]
    child.start()
    children.append(child)
    return child


def take_numbers(consumer: native.CommandConsumer, most: int) -> list[int]:
    """Takes and releases; CRCs are checked by take()."""
    taken = consumer.take(most)
    consumer.release(consumer.position)
    return [number for (number,) in COMMAND_NUMBER.iter_unpack(taken)]


def test_a_million_commands_between_processes(segment: Segment, children: list[BaseProcess]) -> None:
    """Nothing is lost, doubled, reordered or damaged while both sides pause at random."""
    native.create_command_ring(segment.buf, 2 * BLOCK, 2 * BLOCK, 1)
    consumer = native.CommandConsumer(segment.buf)
    child = start(children, produce, segment.name, 0, RECORDS, 1)
    rng = random.Random(2)
    expected = 0
    while expected < RECORDS:
        numbers = take_numbers(consumer, rng.randint(1, 4096))
        assert numbers == list(range(expected, expected + len(numbers)))
        expected += len(numbers)
        if not numbers:
            assert child.exitcode in (None, 0)
            time.sleep(0.0002)
        pause(rng)
    child.join(10)
    assert child.exitcode == 0
    consumer.close()


def test_a_million_events_between_processes(segment: Segment, children: list[BaseProcess]) -> None:
    """A reader that keeps up gets every event once; one that does not is told so and never gets a wrong one."""
    native.create_event_ring(segment.buf, 16 * BLOCK, 1)
    quick, slow = native.EventReader(segment.buf, 0), native.EventReader(segment.buf, 1)
    stats = native.stats_area(segment.buf)
    child = start(children, write, segment.name, RECORDS, 3)
    rng = random.Random(4)
    expected, slow_next, laps = 1, 1, 0
    while expected <= RECORDS:
        numbers = [number for (number,) in EVENT_NUMBER.iter_unpack(quick.read(rng.randint(1, 4096)))]
        assert numbers == list(range(expected, expected + len(numbers)))
        assert not quick.lapped
        expected += len(numbers)
        struct.pack_into("<Q", stats, 0, expected)
        if not numbers:
            time.sleep(0.0002)
        if rng.random() < 0.02:
            numbers = [number for (number,) in EVENT_NUMBER.iter_unpack(slow.read(500))]
            assert numbers == list(range(slow_next, slow_next + len(numbers)))
            slow_next += len(numbers)
            if slow.lapped:
                laps += 1
                assert not slow.seek_after(slow_next - 1)
                assert slow.seek_after(expected - 1)
                slow_next = expected
    assert laps > 0
    child.join(10)
    assert child.exitcode == 0
    stats.release()
    quick.close()
    slow.close()


def test_a_killed_producer_leaves_the_ring_usable(segment: Segment, children: list[BaseProcess]) -> None:
    """SIGKILL in the middle of pushing, five times: what was shown is whole, and a successor goes on after it."""
    native.create_command_ring(segment.buf, 2 * BLOCK, 2 * BLOCK, 1)
    consumer = native.CommandConsumer(segment.buf)
    expected = 0
    for kill in range(KILLS):
        child = start(children, produce, segment.name, expected, 1 << 40, kill)
        enough = expected + random.Random(kill).randint(20_000, 60_000)
        while expected < enough:
            numbers = take_numbers(consumer, 4096)
            assert numbers == list(range(expected, expected + len(numbers)))
            expected += len(numbers)
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        rest = take_numbers(consumer, 1 << 20)
        assert rest == list(range(expected, expected + len(rest)))
        expected += len(rest)
    producer = native.CommandProducer(segment.buf)
    assert producer.push(numbered_commands(expected, 7)) == 7
    assert take_numbers(consumer, 99) == list(range(expected, expected + 7))
    producer.close()
    consumer.close()

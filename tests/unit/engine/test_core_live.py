"""A shard at its rings: taking, journaling, publishing, replaying, and going on after a crash."""

from __future__ import annotations

import mmap
import os
import random
import threading
from collections.abc import Iterator

import pytest

from tests.oracle.records import Command, CommandType, Event, EventType, unpack_events
from tests.unit.engine.core_kit import SYMBOL, buy, cancel, do, open_shard, sell, state_hash
from tidegate.engine.core import EVENT_RING_CAPACITY_MIN, BrokenInvariantError, MismatchError, Shard
from tidegate.wire import native

BOUNDS = {"orders_max": 1 << 10, "retained_max": 1 << 10, "accounts_max": 1 << 6}


class Venue:
    """Two command rings, one event ring and a reader, in anonymous memory."""

    def __init__(self, capacity: int = 1 << 10) -> None:
        self.rings = [mmap.mmap(-1, native.command_ring_bytes(capacity)) for _ in range(2)]
        self.events = mmap.mmap(-1, native.event_ring_bytes(EVENT_RING_CAPACITY_MIN))
        for number, ring in enumerate(self.rings):
            native.create_command_ring(ring, capacity, capacity, 100 + number)
        native.create_event_ring(self.events, EVENT_RING_CAPACITY_MIN, 7)
        self.producers = [native.CommandProducer(ring) for ring in self.rings]
        self.reader = native.EventReader(self.events, 0)
        self.bell, self.reader_bell = os.pipe2(os.O_NONBLOCK), os.pipe2(os.O_NONBLOCK)
        self.journal: list[bytes] = []

    def attach(self, shard: Shard, cursors: list[tuple[int, int]] | None = None) -> None:
        """Gives the shard everything."""
        shard.attach(self.rings, self.events, [self.reader_bell[1]], self.bell[0], cursors or [])

    def push(self, ring: int, *commands: Command) -> None:
        """Into one ring, for symbol SYMBOL."""
        assert self.producers[ring].push(b"".join(command.pack() for command in commands)) == len(commands)

    def step(self, shard: Shard, most: int = 1_000, now_ns: int = 20, epoch: int = 1) -> int:
        """poll, journal, publish."""
        taken = shard.poll(most, now_ns, epoch)
        if shard.commands_staged:
            self.journal.append(bytes(shard.payload()))
        shard.publish()
        return taken

    def read(self) -> list[Event]:
        """What the reader has not read yet."""
        records = b""
        while part := self.reader.read(10_000):
            records += part
        return unpack_events(records)

    def close(self) -> None:
        """Lets go of pipes."""
        for fd in (*self.bell, *self.reader_bell):
            os.close(fd)


@pytest.fixture
def venue() -> Iterator[Venue]:
    """One per test."""
    venue = Venue()
    yield venue
    venue.close()


def test_a_batch_goes_through(venue: Venue) -> None:
    """Events are shown after publish and not before, equal to apply's; slots are given back then."""
    shard, twin = open_shard(), open_shard()
    venue.attach(shard)
    commands = [buy(1, 90, 5), sell(2, 90, 2), Command(CommandType.QUERY_DEPTH), buy(1, 91, 1)]
    venue.push(0, *commands)
    assert shard.poll(100, 10, 1) == 4
    assert (shard.commands_staged, shard.first_sequence, shard.queue_depth()) == (3, 3, 4)
    assert venue.read() == []
    with pytest.raises(RuntimeError):
        shard.poll(100, 10, 1)
    payload = bytes(shard.payload())
    shard.publish()
    assert venue.read() == do(twin, *commands)
    assert (shard.queue_depth(), shard.queue_capacity()) == (0, 2048)
    info = native.inspect(payload)
    assert (info.first_sequence, info.last_sequence, info.commands, info.events) == (3, 5, 3, 4)
    assert list(info.cursors) == [(100, 4), (101, 0)]
    assert shard.poll(100, 10, 1) == 0


def test_queries_alone_leave_no_trace(venue: Venue) -> None:
    """Nothing to journal; the answers come all the same."""
    shard = open_shard()
    venue.attach(shard)
    venue.push(0, Command(CommandType.QUERY_DEPTH))
    assert (shard.poll(10, 10, 1), shard.commands_staged, len(shard.payload())) == (1, 0, 0)
    shard.publish()
    assert [event.type for event in venue.read()] == [EventType.DEPTH_END]


def test_rings_take_turns(venue: Venue) -> None:
    """A full ring does not keep another waiting longer than a quantum."""
    shard = open_shard()
    venue.attach(shard)
    venue.push(0, *(cancel(1, 1) for _ in range(500)))
    venue.push(1, *(cancel(2, 1) for _ in range(500)))
    venue.step(shard, most=300)
    accounts = [event.account for event in venue.read()]
    assert abs(accounts.count(1) - accounts.count(2)) <= 64
    venue.step(shard)
    assert shard.queue_depth() == 0


def test_replay_gives_the_same_state(venue: Venue) -> None:
    """Every payload in order, each event compared; a payload out of order or changed is a mismatch."""
    shard, fresh = open_shard(), open_shard()
    venue.attach(shard)
    rng = random.Random(5)
    for _ in range(20):
        for _ in range(30):
            make = rng.choice([buy, sell])
            venue.push(rng.randrange(2), make(rng.randrange(1, 5), rng.randrange(90, 111), rng.randrange(1, 9)))
        venue.step(shard)
    with pytest.raises(MismatchError) as gap:
        fresh.replay(venue.journal[1])
    assert gap.value.args[0] == 33
    assert sum(fresh.replay(payload) for payload in venue.journal) == 600
    assert state_hash(fresh) == state_hash(shard)
    other = open_shard()
    do(other, buy(1, 1, 1))
    other_first = open_shard()
    venue_commands = native.unpack_commands(venue.journal[0])
    assert len(venue_commands) == 30 * 128
    other_first.apply(venue_commands[:128], 20, 2)  # not through replay: the next payload does not follow
    with pytest.raises(MismatchError):
        other_first.replay(venue.journal[0])


def test_replay_notices_another_outcome(venue: Venue) -> None:
    """A state that is not the one the journal was written from gives other events, and says where."""
    shard, different = open_shard(), open_shard()
    do(shard, sell(9, 100, 1))
    do(different, sell(9, 101, 1))
    venue.attach(shard)
    venue.push(0, buy(1, 90, 1), buy(1, 100, 1))
    venue.step(shard)
    with pytest.raises(MismatchError) as difference:
        different.replay(venue.journal[0])
    assert difference.value.args[:2] == (5, 0)
    assert isinstance(difference.value.args[2], str)


@pytest.mark.parametrize("journaled", [False, True])
def test_a_successor_goes_on(venue: Venue, journaled: bool) -> None:
    """Killed between poll and publish: each command is in the log once, each event is shown once."""
    genesis = open_shard().dump()
    first = open_shard()
    venue.attach(first)
    venue.push(0, buy(1, 90, 5), buy(1, 91, 5))
    venue.push(1, sell(2, 90, 1))
    venue.step(first)
    venue.push(0, buy(3, 80, 1))
    venue.push(1, sell(4, 95, 1), sell(4, 96, 1))
    first.poll(2, 30, 1)
    if journaled:
        venue.journal.append(bytes(first.payload()))
    del first

    second = Shard(SYMBOL, **BOUNDS)
    second.load(genesis)
    for payload in venue.journal:
        second.replay(payload)
    venue.attach(second, list(native.inspect(venue.journal[-1]).cursors))
    published = venue.read()
    for payload in venue.journal:
        second.republish(payload, max(event.sequence for event in published))
    while venue.step(second, epoch=2):
        pass
    events = published + venue.read()
    assert [event.sequence for event in events if event.type == EventType.ACCEPTED] == list(range(3, 9))
    assert second.sequence == 8
    assert second.queue_depth() == 0


def test_a_successor_goes_on_after_queries_alone(venue: Venue) -> None:
    """Queries give their room back without a journal entry: the rings are then ahead of the journal."""
    first = open_shard()
    venue.attach(first)
    venue.push(0, buy(1, 90, 5))
    venue.step(first)
    venue.push(0, Command(CommandType.QUERY_DEPTH, account=1))
    venue.push(1, Command(CommandType.QUERY_DEPTH, account=1))
    venue.step(first)
    state = first.dump()
    venue.push(0, sell(2, 95, 1))

    second = Shard(SYMBOL, **BOUNDS)
    second.load(state)
    venue.attach(second, list(native.inspect(venue.journal[-1]).cursors))
    assert venue.step(second) == 1
    assert second.sequence == first.sequence + 1


def test_damage_in_a_ring_stops_the_symbol(venue: Venue) -> None:
    """A record whose CRC is wrong is not applied."""
    shard = open_shard()
    venue.attach(shard)
    venue.push(0, buy(1, 90, 5))
    at = venue.rings[0].find((90).to_bytes(8, "little"))
    venue.rings[0][at] ^= 1
    before = state_hash(shard)
    with pytest.raises(BrokenInvariantError):
        shard.poll(10, 10, 1)
    assert state_hash(shard) == before


def test_a_small_event_ring_is_refused() -> None:
    """One command's events must fit into half of the ring, else they could not be shown whole."""
    venue = Venue()
    small = mmap.mmap(-1, native.event_ring_bytes(1 << 10))
    native.create_event_ring(small, 1 << 10, 1)
    with pytest.raises(ValueError, match="EVENT_RING_CAPACITY_MIN"):
        open_shard().attach(venue.rings, small, [], -1)
    venue.close()


def test_batches_beyond_half_the_ring_are_shown_in_parts(venue: Venue) -> None:
    """A mass cancel of many accounts: parts end with commands, and every event arrives once."""
    shard = open_shard(orders_max=1 << 17)
    for account in range(1, 41):
        do(shard, *(buy(account, 100, 1) for _ in range(200)))
    venue.attach(shard)
    queries = [Command(CommandType.QUERY_OPEN_ORDERS, account=account, quantity=200) for account in range(1, 41)]
    venue.push(0, *(queries * 5))
    seen = 0
    while venue.step(shard):
        while records := venue.reader.read(100_000):
            seen += len(records) // 192
        assert not venue.reader.lapped
    assert seen == 40 * 5 * 201


def test_waiting(venue: Venue) -> None:
    """Something there: at once. Nothing: false after the time. A push wakes a sleeper by its bell."""
    shard = open_shard()
    venue.attach(shard)
    assert not shard.wait(0, 1)
    woken: list[bool] = []
    producer = native.CommandProducer(venue.rings[0], venue.bell[1])
    sleeper = threading.Thread(target=lambda: woken.append(shard.wait(0, 30_000)))
    sleeper.start()
    producer.push(buy(1, 90, 1).pack())
    sleeper.join()
    assert woken == [True]
    assert shard.wait(0, 0)
    venue.reader.set_sleeping(True)
    venue.step(shard)
    assert os.read(venue.reader_bell[0], 8) == b"!"

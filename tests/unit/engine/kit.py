"""A symbol in ordinary memory with a real journal: what the tests of the engine's disk side build on."""

from __future__ import annotations

import contextlib
import mmap
import random
import struct
from collections.abc import Callable, Iterator
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path

from tidegate.engine.config import EngineSettings, JournalSettings, SnapshotSettings, StateSettings
from tidegate.engine.core import EVENT_RING_CAPACITY_MIN, Shard
from tidegate.engine.journal import Journal
from tidegate.engine.recovery import make_shard, state_hash
from tidegate.engine.snapshot import make_meta, write_snapshot
from tidegate.wire.instruments import Instrument
from tidegate.wire.log import Batch
from tidegate.wire.native import (
    COMMAND_BYTES,
    CommandProducer,
    EventReader,
    command_ring_bytes,
    crc32c,
    create_command_ring,
    create_event_ring,
    event_ring_bytes,
)
from tidegate.wire.records import (
    Command,
    CommandType,
    InstrumentRules,
    OrderType,
    Phase,
    Reason,
    Side,
    TimeInForce,
    set_phase,
)

SYMBOL = "BTCUSDT"
INSTRUMENT = Instrument(symbol=SYMBOL, instrument_id=1, tick_size=Decimal("0.1"), lot_size=Decimal("0.001"))
STATE = StateSettings(orders_max=1 << 12, retained_max=1 << 12, accounts_max=64)
RING_RECORDS = 1 << 14
_HEAD = struct.Struct("<QHHIIIQqQ2Q")  # native/wire/payload.hpp, with one ring


def settings(data_dir: Path, **changes: object) -> EngineSettings:
    """One symbol below `data_dir`, small."""
    values: dict[str, object] = {
        "data_dir": data_dir,
        "instruments": (INSTRUMENT,),
        "symbol": SYMBOL,
        "state": STATE,
        "snapshots": SnapshotSettings(every_records=500, poll_ms=20),
        "journal": JournalSettings(segment_bytes=1 << 16),
    }
    return EngineSettings.model_validate({**values, **changes})


def genesis() -> bytes:
    """The first two commands of a journal."""
    rules = InstrumentRules.of(INSTRUMENT)
    return rules.pack() + set_phase(INSTRUMENT.instrument_id, Phase.OPEN, Reason.GENESIS).pack()


def flow(seed: int, count: int, first_client_order_id: int = 1) -> bytes:
    """`count` commands around a price of 1,000 ticks: orders that rest and match, cancels, amends."""
    chance = random.Random(seed)
    client_order_id = first_client_order_id
    commands = []
    for request in range(first_client_order_id, first_client_order_id + count):
        account = chance.randrange(1, 9)
        common = {"account": account, "symbol": INSTRUMENT.instrument_id, "request_id": request, "origin": 7}
        kind = chance.random()
        if kind < 0.65:
            aggressive = chance.random() < 0.3
            commands.append(
                Command(
                    type=CommandType.PLACE,
                    side=chance.choice((Side.BUY, Side.SELL)),
                    order_type=OrderType.LIMIT,
                    time_in_force=TimeInForce.IOC if aggressive else TimeInForce.GTC,
                    client_order_id=client_order_id,
                    price=1000 + chance.randrange(-20, 21),
                    quantity=chance.randrange(1, 50),
                    **common,
                )
            )
            client_order_id += 1
        else:
            target = chance.randrange(max(1, client_order_id - 200), client_order_id + 1)
            kind_of = CommandType.CANCEL if kind < 0.92 else CommandType.AMEND
            quantity = chance.randrange(1, 50) if kind_of is CommandType.AMEND else 0
            commands.append(Command(type=kind_of, client_order_id=target, quantity=quantity, **common))
    return b"".join(each.pack() for each in commands)


class MemoryVenue:
    """A shard between rings in ordinary memory."""

    def __init__(self, shard: Shard | None = None) -> None:
        self.shard = shard or make_shard(INSTRUMENT, STATE)
        self._commands = mmap.mmap(-1, command_ring_bytes(RING_RECORDS))
        create_command_ring(self._commands, RING_RECORDS, RING_RECORDS, 11)
        self._events = mmap.mmap(-1, event_ring_bytes(EVENT_RING_CAPACITY_MIN))
        create_event_ring(self._events, EVENT_RING_CAPACITY_MIN, 12)
        self.producer = CommandProducer(self._commands)
        self.reader = EventReader(self._events, 0)
        self.shard.attach([self._commands], self._events, [-1] * 16, -1)
        self.now_ns = 1_000_000_000

    def push(self, commands: bytes) -> None:
        """Everything must fit."""
        assert self.producer.push(commands) == len(commands) // COMMAND_BYTES

    def batches(self, commands: bytes, size: int, epoch: int = 1) -> Iterator[Batch]:
        """Polls the commands in batches; each is published when the next one is asked for."""
        for at in range(0, len(commands), size * COMMAND_BYTES):
            self.push(commands[at : at + size * COMMAND_BYTES])
            self.now_ns += 1_000
            assert self.shard.poll(size, self.now_ns, epoch)
            yield Batch(self.shard.first_sequence, self.shard.commands_staged, bytes(self.shard.payload()))
            self.shard.publish()


def write_journal(
    config: EngineSettings, seed: int = 1, count: int = 2000, batch: int = 50, snapshots: tuple[int, ...] = ()
) -> MemoryVenue:
    """A journal of `count` commands (genesis included) and snapshots after the batches with these numbers."""
    venue = MemoryVenue()
    topology = config.topology
    with contextlib.closing(Journal(topology.journal_dir(SYMBOL), config.journal)) as journal:
        commands = genesis() + flow(seed, count - 2)
        for number, each in enumerate(venue.batches(commands, batch, journal.epoch), 1):
            journal.append(each, journal.epoch, journal.sequence)
            if number in snapshots:
                write_state(config, venue.shard, journal)
    return venue


def write_state(config: EngineSettings, shard: Shard, journal: Journal) -> None:
    """A snapshot of a shard that is at the journal's end."""
    state = shard.dump()
    meta = make_meta(
        SYMBOL,
        INSTRUMENT.instrument_id,
        state,
        sequence=journal.sequence,
        epoch=journal.epoch,
        time_ns=shard.time_ns,
        chain_hash=journal.hash,
    )

    def check(loaded: bytes) -> str:
        other = make_shard(INSTRUMENT, STATE)
        other.load(loaded)
        return state_hash(other)

    write_snapshot(config.topology.snapshot_dir(SYMBOL), meta, state, config.snapshots.generations, check)


def fake_batch(first_sequence: int, commands: int, epoch: int, body_bytes: int = 400) -> Batch:
    """A batch whose framing and CRC are right and whose content is noise: enough for the journal."""
    head = _HEAD.pack(0x3148435441424754, 1, 1, epoch, commands, 0, first_sequence, first_sequence * 10, 0, 77, 5)
    noise = random.Random(first_sequence).randbytes(max(body_bytes, 4 * commands) // 4 * 4)
    return Batch(first_sequence, commands, head + noise + crc32c(head + noise).to_bytes(4, "little"))


def fill(journal: Journal, batches: int, commands: int = 3, body_bytes: int = 400) -> None:
    """Appends made-up batches."""
    for _ in range(batches):
        batch = fake_batch(journal.sequence + 1, commands, journal.epoch, body_bytes)
        journal.append(batch, journal.epoch, journal.sequence)


def in_child(target: Callable[..., object], *arguments: object) -> int:
    """Runs a function of a test module in a process of its own (spawn); returns its exit code."""
    process = get_context("spawn").Process(target=target, args=arguments)
    process.start()
    process.join(30)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise TimeoutError(target)
    return process.exitcode

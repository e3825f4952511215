"""The book kept from events against what the symbol itself says of its book, over every kind of command: icebergs,
quotes, triggers, auctions and their uncrossings, changes of tick and lot."""

from __future__ import annotations

import zlib
from collections import Counter

import pytest

from tests.oracle.records import Command, CommandType, EventFlag, EventType, Phase, unpack_events
from tests.oracle.twin import ShardFactory, ShardLike, native_shard, oracle_shard
from tests.properties.generator import SYMBOL, Batch, Sequence, generate
from tidegate.v1 import market_data_service_pb2 as pb
from tidegate.wire import native

ORIGIN = 0xFF000001
SEQUENCES = 1_500
SEQUENCES_OF_THE_MODEL = 100
Levels = list[tuple[int, int]]


def depth_answer(shard: ShardLike, batch: Batch) -> bytes:
    """What the symbol says of its book."""
    query = Command.of(CommandType.QUERY_DEPTH, origin=ORIGIN)
    return shard.apply(query.pack(), batch.time_ns, batch.epoch)


def levels_in(answer: bytes) -> tuple[Levels, Levels]:
    """(bids, asks) of a depth answer, best first."""
    rows = [event for event in unpack_events(answer) if event.type == EventType.DEPTH_LEVEL]
    bids = [(row.price, row.leaves) for row in rows if row.side == 1]
    return bids, [(row.price, row.leaves) for row in rows if row.side == 2]


def checksum(bids: Levels, asks: Levels) -> int:
    """As the contract says it (DepthSnapshot.checksum)."""
    text = []
    for rank in range(25):
        text += [f"{price}:{lots}" for side in (bids, asks) for price, lots in side[rank : rank + 1]]
    return zlib.crc32(":".join(text).encode())


class Reader:
    """Applies what a depth stream says, in the plainest way."""

    def __init__(self) -> None:
        self.sides: dict[int, dict[int, int]] = {1: {}, 2: {}}
        self.sequence = 0

    def start(self, encoded: bytes) -> None:
        snapshot = pb.DepthSnapshot.FromString(encoded)
        self.sequence = snapshot.sequence
        for side, rows in ((1, snapshot.bids), (2, snapshot.asks)):
            self.sides[side] = {row.price_ticks: row.quantity_lots for row in rows}

    def apply(self, encoded: bytes) -> None:
        delta = pb.DepthDelta.FromString(encoded)
        assert (delta.previous_sequence, delta.first_sequence) == (self.sequence, self.sequence + 1)
        self.sequence = delta.last_sequence
        for side, rows in ((1, delta.bids), (2, delta.asks)):
            for row in rows:
                self.sides[side][row.price_ticks] = row.quantity_lots
            self.sides[side] = {price: lots for price, lots in self.sides[side].items() if lots}
        assert checksum(*self.levels()) == delta.checksum

    def levels(self) -> tuple[Levels, Levels]:
        return sorted(self.sides[1].items(), reverse=True), sorted(self.sides[2].items())


def follow(sequence: Sequence, factory: ShardFactory, seen: Counter[str]) -> None:
    """Plays the sequence; after each batch the book is what the symbol says, and so is what readers hold of it."""
    shard = factory(SYMBOL, sequence.bounds)
    if sequence.start:
        shard.load(sequence.start)
    book = native.DepthBook("BTCUSDT")
    book.expect_snapshot(ORIGIN)
    book.feed(depth_answer(shard, sequence.batches[0]))
    readers = {0: Reader(), 1: Reader()}
    for view, reader in readers.items():
        book.follow(view)
        reader.start(book.view_snapshot(view, 1 << 20, False))
    for number, batch in enumerate(sequence.batches):
        events = shard.apply(b"".join(batch.commands), batch.time_ns, batch.epoch)
        book.feed(events)
        count(events, seen)
        answer = depth_answer(shard, batch)
        expected = levels_in(answer)
        snapshot = pb.DepthSnapshot.FromString(book.snapshot(1 << 20))
        shown = tuple([(row.price_ticks, row.quantity_lots) for row in side] for side in (snapshot.bids, snapshot.asks))
        assert shown == expected, (sequence.seed, number)
        assert book.checksum == snapshot.checksum == checksum(*expected)
        if not book.prices_known:  # as the process does after a definition
            book.expect_snapshot(ORIGIN)
            book.feed(answer)
        end = next(event for event in unpack_events(answer) if event.type == EventType.DEPTH_END)
        assert (book.sequence, book.phase) == (end.sequence, end.phase)
        assert book.prices[2:] == (end.price, end.filled, end.previous_price, end.previous_leaves)
        for view, reader in readers.items():
            if (view == 0 or number % 5 == 0) and (delta := book.take_delta(view)):
                reader.apply(delta)
                assert reader.levels() == expected


def count(events: bytes, seen: Counter[str]) -> None:
    """What the sequences have shown."""
    phase = 0
    for event in unpack_events(events):
        if event.type == EventType.PHASE_CHANGED:
            phase = event.phase
        if event.type == EventType.TRADE and event.maker_flags & EventFlag.ICEBERG:
            seen["iceberg made"] += 1
        if event.type == EventType.AUCTION and event.flags & EventFlag.FINAL:
            seen["uncrossings"] += 1
        if event.type == EventType.TRADE and event.taker_shown_change and event.flags & EventFlag.ICEBERG:
            seen["icebergs uncrossed"] += 1
        if event.type == EventType.QUOTED:
            seen["quotes"] += 1
        if event.type == EventType.TRIGGERED:
            seen["triggered"] += 1
        if event.type == EventType.INSTRUMENT_DEFINED:
            seen["defined"] += 1
    seen["auctions"] += phase == Phase.AUCTION


@pytest.mark.rule("API-3", "ORD-2", "MAT-2")
def test_the_book_kept_from_the_core_is_the_symbols_own() -> None:
    """After every batch of commands; readers of deltas, at two paces, hold the same, by checksum too."""
    seen: Counter[str] = Counter()
    for seed in range(SEQUENCES):
        follow(generate(seed), native_shard, seen)
    for what in ("iceberg made", "uncrossings", "icebergs uncrossed", "quotes", "triggered", "defined", "auctions"):
        assert seen[what] > 10, seen


@pytest.mark.rule("API-3")
def test_the_book_kept_from_the_model_is_the_models_own() -> None:
    """The same of the naive model, so that core and book cannot be wrong together."""
    for seed in range(SEQUENCES, SEQUENCES + SEQUENCES_OF_THE_MODEL):
        follow(generate(seed), oracle_shard, Counter())

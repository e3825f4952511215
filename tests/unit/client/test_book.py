"""The local book: what it makes of the public stream, and when it says that it is worth nothing (rule API-3)."""

from __future__ import annotations

import random
import zlib
from decimal import Decimal

import pytest

from tests.unit.client.conftest import instrument
from tidegate.v1 import market_data_service_pb2 as pb
from tidegate_client import Instrument, LocalBook

BTC = Instrument.from_wire(instrument())
Levels = dict[int, int]


def naive_checksum(bids: Levels, asks: Levels) -> int:
    """As the contract says it, step by step."""
    best_bids, best_asks = sorted(bids, reverse=True)[:25], sorted(asks)[:25]
    words = []
    for rank in range(25):
        if rank < len(best_bids):
            words += [str(best_bids[rank]), str(bids[best_bids[rank]])]
        if rank < len(best_asks):
            words += [str(best_asks[rank]), str(asks[best_asks[rank]])]
    return zlib.crc32(":".join(words).encode("ascii"))


def rows(levels: Levels) -> list[pb.DepthLevel]:
    """In no order."""
    return [pb.DepthLevel(price_ticks=price, quantity_lots=lots) for price, lots in levels.items()]


def snapshot(sequence: int, bids: Levels, asks: Levels, **more: object) -> pb.StreamDepthResponse:
    """A whole book."""
    checksum = naive_checksum(bids, asks)
    whole = pb.DepthSnapshot(sequence=sequence, bids=rows(bids), asks=rows(asks), checksum=checksum, **more)
    return pb.StreamDepthResponse(snapshot=whole)


def delta(before: int, last: int, bids: Levels, asks: Levels, checksum: int) -> pb.StreamDepthResponse:
    """Changes, from the command after `before` to `last`."""
    changes = pb.DepthDelta(
        first_sequence=before + 1,
        last_sequence=last,
        previous_sequence=before,
        bids=rows(bids),
        asks=rows(asks),
        checksum=checksum,
    )
    return pb.StreamDepthResponse(delta=changes)


@pytest.mark.rule("API-3")
@pytest.mark.parametrize("seed", range(5))
def test_random_deltas_against_a_naive_book(seed: int) -> None:
    """Levels, best prices and checksum are those of two dicts, with one to many levels on each side."""
    draw = random.Random(seed)
    bids, asks = {}, {}
    book = LocalBook(BTC)
    assert book.apply(snapshot(1, bids, asks))
    for sequence in range(2, 600):
        changes: tuple[Levels, Levels] = ({}, {})
        for _ in range(draw.randrange(1, 6)):
            side = draw.randrange(2)
            price = draw.randrange(900, 1000) if side == 0 else draw.randrange(1000, 1100)
            changes[side][price] = draw.choice((0, draw.randrange(1, 10**6)))
        for levels, changed in zip((bids, asks), changes, strict=True):
            levels.update(changed)
            for price in [price for price, lots in levels.items() if not lots]:
                del levels[price]
        assert book.apply(delta(sequence - 1, sequence, *changes, naive_checksum(bids, asks)))
        assert (book.bids, book.asks) == (bids, asks)
        assert (book.best_bid_ticks(), book.best_ask_ticks()) == (max(bids, default=0), min(asks, default=0))
        assert set(book.changed_bids) == set(changes[0])
    assert (book.checksums, book.mismatches, book.sequence) == (599, 0, 599)
    depth = book.depth(3)
    assert [each.price_ticks for each in depth.bids] == sorted(bids, reverse=True)[:3]
    assert depth.asks[0].quantity == Decimal(depth.asks[0].quantity_lots) / 1000


def test_a_gap_needs_a_snapshot() -> None:
    """What does not follow is not applied; a snapshot starts over, and says when the reader was too slow."""
    book = LocalBook(BTC)
    assert not book.apply(delta(1, 2, {}, {}, 0)), "nothing before the first snapshot"
    assert book.apply(snapshot(5, {10: 1}, {}))
    assert not book.apply(delta(6, 7, {10: 0}, {}, 0))
    assert (book.bids, book.sequence) == ({10: 1}, 5)
    assert book.apply(snapshot(9, {11: 2}, {12: 3}, conflated=True))
    assert (book.bids, book.asks, book.snapshots, book.conflated) == ({11: 2}, {12: 3}, 2, 1)
    assert book.mid() == Decimal("1.15")


def test_a_wrong_checksum_is_noticed_unless_nobody_asks() -> None:
    """One lot too many."""
    book, careless = LocalBook(BTC), LocalBook(BTC, verify=False)
    for each, expected in ((book, False), (careless, True)):
        assert each.apply(snapshot(1, {10: 1}, {}))
        assert each.apply(delta(1, 2, {10: 2}, {}, naive_checksum({10: 1}, {}))) is expected
    assert (book.checksums, book.mismatches) == (1, 1)

"""The public book that a replay keeps from the deltas, held against the venue's checksums."""

import pytest

from tidegate.ops.replay.levels import ASK, BID
from tidegate.ops.replay.verifier import PublicBook
from tidegate.v1.market_data_service_pb2 import DepthDelta, DepthLevel, DepthSnapshot, StreamDepthResponse
from tidegate_client.book import book_checksum

Levels = dict[int, int]


def rows(levels: Levels) -> list[DepthLevel]:
    """As the contract has them."""
    return [DepthLevel(price_ticks=price, quantity_lots=lots) for price, lots in levels.items()]


def snapshot(sequence: int, bids: Levels, asks: Levels, checksum: int) -> StreamDepthResponse:
    """A whole book."""
    message = DepthSnapshot(sequence=sequence, bids=rows(bids), asks=rows(asks), checksum=checksum)
    return StreamDepthResponse(snapshot=message)


def delta(previous: int, last: int, bids: Levels, asks: Levels, checksum: int) -> StreamDepthResponse:
    """Changes."""
    message = DepthDelta(
        previous_sequence=previous, last_sequence=last, bids=rows(bids), asks=rows(asks), checksum=checksum
    )
    return StreamDepthResponse(delta=message)


@pytest.mark.rule("API-3")
def test_the_checksum_takes_bids_and_asks_by_turns() -> None:
    """As the contract says it; CRC32 of "10:1:11:2:9:3", an empty book's of nothing."""
    assert book_checksum(((10, 1), (9, 3)), ((11, 2),)) == 0x207FBF63
    assert book_checksum((), ()) == 0


@pytest.mark.rule("API-3")
def test_every_delta_is_held_against_its_checksum() -> None:
    """Levels come, change and go; one checksum that is not the book's counts as different, whatever comes after."""
    book = PublicBook("127.0.0.1:1", "BTCUSDT")
    assert book._take(snapshot(5, {10: 1, 9: 3}, {11: 2}, book_checksum(((10, 1), (9, 3)), ((11, 2),))))
    assert book._take(delta(5, 6, {10: 0, 8: 4}, {11: 5}, book_checksum(((9, 3), (8, 4)), ((11, 5),))))
    assert (book.best(), book.sequence) == ((9, 11), 6)
    assert (book.checksums, book.checksums_equal) == (2, 2)
    assert book.is_sound
    assert book._take(delta(6, 7, {9: 2}, {}, 1))
    assert not book.is_sound
    assert (book.top(BID, 5), book.top(ASK, 5)) == (((9, 2), (8, 4)), ((11, 5),))


def test_a_missed_delta_asks_for_the_book_again() -> None:
    """What does not follow on the book that is held is not applied to it."""
    book = PublicBook("127.0.0.1:1", "BTCUSDT")
    assert book._take(snapshot(5, {10: 1}, {}, book_checksum(((10, 1),), ())))
    assert not book._take(delta(6, 8, {10: 0}, {}, 0))
    assert (book.bids, book.sequence) == ({10: 1}, 5)


def test_a_crossed_book_is_seen() -> None:
    """Whatever its checksum says."""
    book = PublicBook("127.0.0.1:1", "BTCUSDT")
    assert book._take(snapshot(1, {12: 1}, {11: 1}, book_checksum(((12, 1),), ((11, 1),))))
    assert book.crossed == 1
    assert not book.is_sound

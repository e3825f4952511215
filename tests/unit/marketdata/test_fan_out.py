"""One writer, many readers: nobody waits, nothing is lost without a word."""

import asyncio

import pytest

from tidegate.marketdata.errors import SlowReaderError
from tidegate.marketdata.fan_out import DepthHub, EncodedTrade, TradeHub


class Book:
    """Stands for the book behind a hub."""

    def __init__(self) -> None:
        self.version = 0
        self.encoded = 0
        self.hub = DepthHub(self.encode, backlog_max=3)

    def encode(self) -> bytes:
        self.encoded += 1
        return b"book %d" % self.version

    def change(self) -> None:
        self.version += 1
        self.hub.publish(b"delta %d" % self.version)


def trades(first: int, last: int) -> list[EncodedTrade]:
    """Trades with these numbers."""
    return [EncodedTrade(number, b"%d," % number) for number in range(first, last + 1)]


async def test_depth_begins_with_the_book_and_goes_on_with_changes() -> None:
    """Snapshot first, then every delta after it."""
    book = Book()
    book.hub.replace(ready=True)
    book.change()
    reader = book.hub.subscribe()
    assert await reader.next() == b"book 1"
    book.change()
    book.change()
    assert [await reader.next(), await reader.next()] == [b"delta 2", b"delta 3"]


async def test_depth_waits_until_the_book_is_known() -> None:
    """A reader that comes early gets nothing that is not true."""
    book = Book()
    reader = book.hub.subscribe()
    waiting = asyncio.ensure_future(reader.next())
    await asyncio.sleep(0)
    assert not waiting.done()
    book.hub.replace(ready=True)
    assert await waiting == b"book 0"


async def test_a_depth_reader_that_is_behind_gets_one_new_book() -> None:
    """Deltas that were not taken in time are replaced; the one that keeps up sees none of it."""
    book = Book()
    book.hub.replace(ready=True)
    slow, quick = book.hub.subscribe(), book.hub.subscribe()
    assert await slow.next() == await quick.next() == b"book 0"
    for version in range(1, 5):
        book.change()
        assert await quick.next() == b"delta %d" % version
    assert await slow.next() == b"book 4"
    book.change()
    assert await slow.next() == await quick.next() == b"delta 5"


async def test_a_book_is_encoded_once_for_all_readers() -> None:
    """A thousand readers that come at once cost one encoding."""
    book = Book()
    book.hub.replace(ready=True)
    readers = [book.hub.subscribe() for _ in range(1000)]
    assert {await reader.next() for reader in readers} == {b"book 0"}
    assert book.encoded == 1


async def test_a_reader_that_has_gone_gets_nothing() -> None:
    """Unsubscribed is forgotten."""
    book = Book()
    book.hub.replace(ready=True)
    reader = book.hub.subscribe()
    await reader.next()
    book.hub.unsubscribe(reader)
    book.change()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.next(), 0.01)


async def test_trades_from_now_and_from_an_earlier_one() -> None:
    """Resuming after a trade that is kept gives the ones since, then the new ones, each once."""
    hub = TradeHub(retained_max=5, backlog_max=100)
    hub.publish(trades(1, 8))
    now = hub.subscribe(0, lambda: None)
    earlier = hub.subscribe(4, lambda: None)
    newest = hub.subscribe(8, lambda: None)
    assert now is not None
    assert earlier is not None
    assert newest is not None
    hub.publish(trades(9, 9))
    assert await earlier.next(100) == b"5,6,7,8,9,"
    assert await newest.next(100) == await now.next(100) == b"9,"


def test_a_trade_that_is_not_kept_is_refused() -> None:
    """Never a silent gap: older than kept, or not there yet."""
    hub = TradeHub(retained_max=5, backlog_max=100)
    assert hub.subscribe(1, lambda: None) is None
    hub.publish(trades(1, 8))
    assert hub.subscribe(3, lambda: None) is not None  # 4 to 8 are kept
    assert hub.subscribe(2, lambda: None) is None
    assert hub.subscribe(9, lambda: None) is None
    assert (hub.oldest_trade_id, hub.last_trade_id) == (4, 8)


async def test_a_reader_of_trades_that_is_too_slow_is_told_where_to_go_on() -> None:
    """It is closed, once, with the last trade that it was handed."""
    hub = TradeHub(retained_max=100, backlog_max=4)
    told: list[str] = []
    reader = hub.subscribe(0, lambda: told.append("slow"))
    assert reader is not None
    hub.publish(trades(1, 4))
    assert await reader.next(2) == b"1,2,"
    hub.publish(trades(5, 9))
    hub.publish(trades(10, 11))
    assert told == ["slow"]
    with pytest.raises(SlowReaderError, match="after trade 2") as caught:
        await reader.next(100)
    assert caught.value.trade_id == 2
    resumed = hub.subscribe(2, lambda: None)
    assert resumed is None or resumed.overflowed  # nine trades do not fit a backlog of four


def test_after_a_gap_nobody_goes_on_and_nothing_older_is_kept() -> None:
    """Trades that could not be had from the journal either must not look as if there had been none."""
    hub = TradeHub(retained_max=100, backlog_max=100)
    told: list[str] = []
    hub.publish(trades(1, 3))
    assert hub.subscribe(3, lambda: told.append("gap")) is not None
    hub.publish(trades(7, 8))
    assert told == ["gap"]
    assert hub.oldest_trade_id == 7

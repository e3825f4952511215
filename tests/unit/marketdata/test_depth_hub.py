"""Readers of depth: nobody waits, nothing is lost without a word."""

import asyncio

import pytest

from tidegate.marketdata.depth_hub import DepthHub


class Book:
    """Stands for the book behind a hub."""

    def __init__(self) -> None:
        self.version = 0
        self.encoded = 0
        self.hub = DepthHub(self.encode, backlog_max=3)

    def encode(self, conflated: bool) -> bytes:
        self.encoded += 1
        return b"book %d" % self.version + b" conflated" * conflated

    def change(self) -> None:
        self.version += 1
        self.hub.publish(b"delta %d" % self.version)


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
    assert await slow.next() == b"book 4 conflated"
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


async def test_the_end_comes_after_what_waits() -> None:
    """A reader of a symbol that goes gets what is there, then a clean end."""
    book = Book()
    book.hub.replace(ready=True)
    reader = book.hub.subscribe()
    await reader.next()
    book.change()
    book.hub.end()
    assert [await reader.next(), await reader.next()] == [b"delta 1", None]

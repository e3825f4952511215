"""Readers of history: nothing is left out without a word, and a stream can be resumed."""

import pytest

from tidegate.marketdata.errors import SlowReaderError
from tidegate.marketdata.history_hub import Chunk, HistoryHub, HistorySubscription


def chunk(first: int, last: int) -> Chunk:
    """Entries with these keys."""
    return Chunk(first, last, last - first + 1, b"".join(b"%d," % key for key in range(first, last + 1)))


def cut(whole: Chunk, after: int) -> Chunk:
    """The part after a key."""
    return chunk(after + 1, whole.last)


def hub_of(retained_max: int = 5, backlog_max: int = 100) -> HistoryHub:
    """A hub of single-keyed entries."""
    return HistoryHub(retained_max, backlog_max, cut)


def publish(hub: HistoryHub, first: int, last: int) -> None:
    """Entries one by one."""
    for key in range(first, last + 1):
        hub.publish(chunk(key, key), key)


def subscribe(hub: HistoryHub, after: int = 0) -> HistorySubscription:
    """A reader that is admitted."""
    subscription = hub.subscribe(after, lambda: None)
    assert subscription is not None
    return subscription


async def test_from_now_and_from_an_earlier_one() -> None:
    """Resuming after a key that is kept gives what came since, then the new, each once."""
    hub = hub_of()
    publish(hub, 1, 8)
    now, earlier, newest = subscribe(hub), subscribe(hub, 4), subscribe(hub, 8)
    publish(hub, 9, 9)
    assert await earlier.next(100) == b"5,6,7,8,9,"
    assert await newest.next(100) == await now.next(100) == b"9,"
    assert earlier.position == now.position == 9


async def test_resuming_within_a_chunk() -> None:
    """Entries that were published together are parted where the reader was."""
    hub = hub_of(retained_max=100)
    hub.publish(chunk(1, 10), 10)
    assert await subscribe(hub, 7).next(100) == b"8,9,10,"


def test_what_is_not_kept_is_refused() -> None:
    """Never a silent gap: older than kept, or not there yet."""
    hub = hub_of()
    assert hub.subscribe(1, lambda: None) is None
    publish(hub, 1, 8)
    assert hub.subscribe(3, lambda: None) is not None  # 4 to 8 are kept
    assert hub.subscribe(2, lambda: None) is None
    assert hub.subscribe(9, lambda: None) is None
    assert (hub.floor, hub.last) == (3, 8)


async def test_keys_without_entries_are_known_too() -> None:
    """Liquidations are few among trades: a reader may resume after any trade."""
    hub = hub_of()
    hub.publish(chunk(2, 2), 2)
    hub.publish(None, 7)
    reader = subscribe(hub, 5)
    hub.publish(chunk(9, 9), 9)
    assert await reader.next(1) == b"9,"
    assert await subscribe(hub, 1).next(1) == b"2,"


async def test_a_reader_that_is_too_slow_is_told_where_to_go_on() -> None:
    """It is closed, once, with the last key that it was handed."""
    hub = hub_of(retained_max=100, backlog_max=4)
    told: list[str] = []
    reader = hub.subscribe(0, lambda: told.append("slow"))
    assert reader is not None
    publish(hub, 1, 4)
    assert await reader.next(2) == b"1,2,"
    publish(hub, 5, 11)
    assert told == ["slow"]
    with pytest.raises(SlowReaderError, match="after 2") as caught:
        await reader.next(100)
    assert caught.value.position == 2


async def test_a_burst_is_not_slowness() -> None:
    """More at once than may wait does not close a reader that has taken everything before."""
    hub = hub_of(retained_max=100, backlog_max=4)
    reader = subscribe(hub)
    hub.publish(chunk(1, 9), 9)
    assert await reader.next(1) == b"1,2,3,4,5,6,7,8,9,"


def test_after_a_gap_nobody_goes_on_and_nothing_older_is_kept() -> None:
    """What could not be had from the journal either must not look as if there had been nothing."""
    hub = hub_of(retained_max=100)
    told: list[str] = []
    publish(hub, 1, 3)
    assert hub.subscribe(3, lambda: told.append("gap")) is not None
    hub.reset(6)
    publish(hub, 7, 8)
    assert told == ["gap"]
    assert hub.floor == 6
    assert hub.subscribe(3, lambda: None) is None


async def test_the_end_comes_after_what_waits() -> None:
    """A symbol that goes ends its readers cleanly."""
    hub = hub_of()
    reader = subscribe(hub)
    publish(hub, 1, 1)
    hub.end()
    assert [await reader.next(10), await reader.next(10)] == [b"1,", None]

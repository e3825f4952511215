"""Readers of state: the newest of each key, whatever the reader's speed."""

import asyncio

from tidegate.marketdata.latest_hub import LatestHub


async def test_a_reader_begins_with_what_is_kept_and_skips_to_the_newest() -> None:
    """Older messages of a key are dropped while they wait; another key's are not."""
    hub: LatestHub[str] = LatestHub()
    hub.publish("a", b"a1", kept=True)
    hub.publish("a", b"gone")
    reader = hub.subscribe()
    for message in (b"a2", b"a3"):
        hub.publish("a", message, kept=True)
    hub.publish("b", b"b1", kept=True)
    assert [await reader.next(), await reader.next()] == [b"a3", b"b1"]
    waiting = asyncio.ensure_future(reader.next())
    await asyncio.sleep(0)
    assert not waiting.done()
    hub.publish("b", b"b2")
    assert await waiting == b"b2"


async def test_keys_that_were_not_asked_for_are_not_told() -> None:
    """And a reader whose keys have all gone comes to its end, after what waits."""
    hub: LatestHub[str] = LatestHub()
    reader, everything = hub.subscribe(frozenset("ab")), hub.subscribe()
    for key in ("a", "b", "c"):
        hub.publish(key, key.encode(), kept=True)
    hub.forget("b")
    hub.forget("a")
    assert [await reader.next(), await reader.next(), await reader.next()] == [b"a", b"b", None]
    hub.publish("c", b"c2")
    assert [await everything.next() for _ in range(3)] == [b"a", b"b", b"c2"]
    assert await hub.subscribe().next() == b"c"  # b"c2" was not to be kept


async def test_so_many_keys_may_wait() -> None:
    """The oldest are dropped beyond."""
    hub: LatestHub[int] = LatestHub(keys_max=2)
    reader = hub.subscribe()
    for key in range(4):
        hub.publish(key, b"%d" % key)
    assert [await reader.next(), await reader.next()] == [b"2", b"3"]

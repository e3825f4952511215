"""Many streams without commands get fewer, larger messages, and everything that is in them (API-2)."""

import asyncio
from pathlib import Path

import pytest

from tests.unit.gateway.venue import Venue, running_venue
from tests.venues.calls import ALICE, key, place
from tidegate.gateway.config import GatewayLimits
from tidegate.v1 import account_service_pb2 as account
from tidegate.v1 import types_pb2 as types

READERS, ORDERS = 20, 40

pytestmark = pytest.mark.rule("API-2")


async def read(venue: Venue, opened: asyncio.Semaphore, sequences: list[int]) -> int:
    """One reader until it has every order; the number of messages that it took."""
    messages = 0
    async for message in venue.accounts.StreamEvents(account.StreamEventsRequest(), metadata=key(ALICE)):
        if message.notice.kind == types.StreamNotice.KIND_OPENED:
            opened.release()
            continue
        messages += 1
        sequences += [report.sequence for report in message.reports]
        if len(sequences) == ORDERS:
            return messages
    raise AssertionError("the stream ended")


async def followed(tmp_path: Path, limits: GatewayLimits) -> list[int]:
    """Messages that each reader needed for orders that come one by one."""
    async with running_venue(tmp_path, limits=limits) as venue:
        opened = asyncio.Semaphore(0)
        received: list[list[int]] = [[] for _ in range(READERS)]
        readers = [asyncio.create_task(read(venue, opened, sequences)) for sequences in received]
        for _ in readers:
            await opened.acquire()
        for number in range(1, ORDERS + 1):
            await venue.orders.PlaceOrder(place(number), metadata=key(ALICE))
        messages = await asyncio.gather(*readers)
        assert all(sequences == received[0] == sorted(sequences) for sequences in received)
        return messages


async def test_the_more_readers_there_are_the_fewer_messages_each_gets(tmp_path: Path) -> None:
    """20 readers that share 100 messages a second wait 0.2 s between two; with room for all, none waits."""
    paced = await followed(tmp_path / "paced", GatewayLimits(reader_messages_second_max=100))
    free = await followed(tmp_path / "free", GatewayLimits(reader_messages_second_max=1_000_000))
    assert max(paced) < ORDERS / 3
    assert min(free) > ORDERS / 2

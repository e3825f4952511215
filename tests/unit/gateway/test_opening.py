"""What one account may open and how much it may say in doing so, so that there is room and time for the others."""

from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from tests.unit.gateway.venue import Venue, running_venue
from tests.venues.calls import ALICE, BOB, key, place, refusal
from tidegate.gateway.config import GatewayLimits
from tidegate.v1 import account_service_pb2 as account
from tidegate.v1 import order_service_pb2 as orders
from tidegate.v1 import types_pb2 as types

LIMITS = GatewayLimits(account_streams_max=2, opening_positions_max=3, opening_bytes_max=4096)


def at_start(count: int) -> orders.StreamOpen:
    """Resumes from the beginning, said so many times."""
    return orders.StreamOpen(resume_after=[types.StreamPosition(symbol="BTCUSDT")] * count)


async def first_of_both(venue: Venue, wanted: orders.StreamOpen) -> list[Any]:
    """The first message, or the refusal, of both kinds of stream."""
    trade = venue.orders.Trade(metadata=key(ALICE))
    await trade.write(orders.TradeRequest(open=wanted))
    events = venue.accounts.StreamEvents(account.StreamEventsRequest(open=wanted), metadata=key(ALICE))
    found: list[Any] = []
    for stream in (trade, events):
        try:
            found.append(await stream.read())
        except grpc.aio.AioRpcError as error:
            found.append(refusal(error)[:2])
        stream.cancel()
    return found


async def test_opening_message_is_bounded(tmp_path: Path) -> None:
    """More positions than the limit, or more bytes than it takes to name them, are refused; fewer are read."""
    async with running_venue(tmp_path, LIMITS) as venue:
        refused = (grpc.StatusCode.INVALID_ARGUMENT, "TOO_MANY_ITEMS")
        assert await first_of_both(venue, at_start(LIMITS.opening_positions_max + 1)) == [refused] * 2
        long = orders.StreamOpen(resume_after=[types.StreamPosition(symbol="X" * LIMITS.opening_bytes_max)])
        assert await first_of_both(venue, long) == [refused] * 2
        for first in await first_of_both(venue, orders.StreamOpen()):
            assert first.notice.kind == types.StreamNotice.KIND_OPENED


@pytest.mark.rule("API-2")
async def test_a_symbol_is_resumed_once(tmp_path: Path) -> None:
    """Of two positions one would be ignored, and with it what lies between them."""
    async with running_venue(tmp_path, LIMITS) as venue:
        refused = (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
        assert await first_of_both(venue, at_start(2)) == [refused] * 2
        trade, events = await first_of_both(venue, orders.StreamOpen(cancel_on_disconnect=True))
        assert trade.notice.kind == types.StreamNotice.KIND_OPENED
        assert events == refused  # nothing is placed through it


async def test_messages_are_no_larger_than_commands_need(tmp_path: Path) -> None:
    """By default the largest batch fits ten times over, and a message half sent holds half a MiB at most."""
    most = {"symbol": "X" * 15, "self_trade_group": 2**32 - 1, "price": 2**63 - 1, "quantity": 2**63 - 1}
    limits = GatewayLimits()
    batch = orders.SubmitBatchRequest(commands=[orders.Command(place=place(2**64 - 1, **most))] * limits.items_max)
    assert 10 * batch.ByteSize() < limits.message_bytes_max <= 512 << 10
    async with running_venue(tmp_path) as venue:
        padded = orders.PlaceOrderRequest(symbol="X" * limits.message_bytes_max)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await venue.orders.PlaceOrder(padded, metadata=key(ALICE))
        assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert (await venue.orders.PlaceOrder(place(1), metadata=key(ALICE))).reports


async def test_one_account_cannot_take_all_streams(tmp_path: Path) -> None:
    """It is refused with a delay at its limit; others open theirs, its calls go on, and an end makes room again."""
    async with running_venue(tmp_path, LIMITS) as venue:

        async def opened(api_key: str) -> Any:
            stream = venue.accounts.StreamEvents(account.StreamEventsRequest(), metadata=key(api_key))
            assert (await stream.read()).notice.kind == types.StreamNotice.KIND_OPENED
            return stream

        mine = [await opened(ALICE) for _ in range(LIMITS.account_streams_max)]
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await opened(ALICE)
        code, reason, _, delay = refusal(caught.value)
        assert (code, reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_SESSIONS")
        assert delay is not None
        await opened(BOB)
        assert (await venue.orders.PlaceOrder(place(1), metadata=key(ALICE))).reports
        watched = venue.server._streams
        mine[0].cancel()
        while len(watched._streams) > LIMITS.account_streams_max:
            assert (await venue.orders.PlaceOrder(place(1), metadata=key(ALICE))).reports
        await opened(ALICE)

"""A client that does not take its reports: told its last sequences, closed in time, and nobody waits for it (API-2)."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from tests.unit.gateway.venue import Venue, running_venue
from tests.venues.calls import ALICE, BOB, key, place, refusal
from tidegate.gateway.config import GatewayLimits
from tidegate.v1 import order_service_pb2 as orders
from tidegate.v1 import order_service_pb2_grpc
from tidegate.v1 import types_pb2 as types

CLOSED_SECONDS_MAX = 30.0
# A client that offers little room: its buffers are full soon.
NARROW = [("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 1 << 16), ("grpc.use_local_subchannel_pool", 1)]


def limits(close_ms: int) -> GatewayLimits:
    """Little room for output, so that it is passed soon."""
    return GatewayLimits(output_bytes_max=1 << 17, close_ms=close_ms)


async def overflowing(venue: Venue, channel: grpc.aio.Channel) -> tuple[Any, float]:
    """A Trade stream of alice whose output has just passed its bound because it is not read; and when it did."""
    stub = order_service_pb2_grpc.OrderServiceStub(channel)  # type: ignore[no-untyped-call]
    stream = stub.Trade(metadata=key(ALICE))
    await stream.write(orders.TradeRequest())
    assert (await stream.read()).notice.kind == types.StreamNotice.KIND_OPENED
    [watched] = venue.server._streams._streams
    number, loop = 0, asyncio.get_running_loop()
    give_up = loop.time() + 60
    while not watched._slow:
        assert loop.time() < give_up, "the output never passed its bound"
        items = [orders.Command(place=place(number := number + 1)) for _ in range(100)]
        items += [orders.Command(cancel_all=orders.CancelAllRequest(symbol="BTCUSDT"))]
        await venue.orders.SubmitBatch(orders.SubmitBatchRequest(commands=items), metadata=key(ALICE))
    return stream, loop.time()


async def read_to_the_end(stream: Any, sequences: list[int], notices: list[Any]) -> None:
    """Sequences of all reports, and the notices, until the stream ends with an error."""
    while True:
        message = await stream.read()
        sequences += [report.sequence for report in message.reports]
        if message.HasField("notice"):
            notices.append(message.notice)


async def checked_end(venue: Venue, stream: Any) -> list[Any]:
    """Reads the rest: without a gap up to the last sequence told, then SLOW_READER. Returns the notices."""
    sequences: list[int] = []
    notices: list[Any] = []
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await read_to_the_end(stream, sequences, notices)
    code, reason, metadata, delay = refusal(caught.value)
    assert (code, reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "SLOW_READER")
    assert delay is not None
    assert int(metadata["sequence.BTCUSDT"]) == sequences[-1] < venue.engines["BTCUSDT"].model.sequence
    assert sequences == sorted(sequences)
    assert set(sequences) == set(range(sequences[0], sequences[-1] + 1))
    return notices


@pytest.mark.rule("API-2")
async def test_reader_that_never_reads_is_closed_in_time(tmp_path: Path) -> None:
    """Its session is ended, others are served meanwhile; later it finds all that it was sent."""
    async with running_venue(tmp_path, limits(close_ms=1000)) as venue, narrow_channel(venue) as channel:
        stream, since = await overflowing(venue, channel)
        loop = asyncio.get_running_loop()
        number = 0
        while venue.server._streams._streams:
            assert loop.time() - since < CLOSED_SECONDS_MAX
            order = place(number := number + 1, time_in_force=types.TIME_IN_FORCE_IOC)
            assert (await venue.orders.PlaceOrder(order, metadata=key(BOB))).reports
        assert number > 0
        await checked_end(venue, stream)


@pytest.mark.rule("API-2")
async def test_reader_that_wakes_in_time_gets_the_notice(tmp_path: Path) -> None:
    """It reads again before it is cut off: what was kept for it, then a notice with its positions, then the end."""
    async with running_venue(tmp_path, limits(close_ms=2000)) as venue, narrow_channel(venue) as channel:
        stream, _ = await overflowing(venue, channel)
        [notice] = await checked_end(venue, stream)
        assert notice.kind == types.StreamNotice.KIND_SLOW_READER
        assert {position.symbol for position in notice.positions} == {"BTCUSDT", "ETHUSDT"}


def narrow_channel(venue: Venue) -> grpc.aio.Channel:
    """A connection of its own with small buffers."""
    return grpc.aio.insecure_channel(f"127.0.0.1:{venue.port}", options=NARROW)

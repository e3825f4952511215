"""How calls come in: so many at a time, of one peer and of all, and each says soon what it wants."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.unit.marketdata.test_service import SYMBOL, info_of, stub
from tidegate.marketdata.admission import Share
from tidegate.marketdata.config import MarketdataLimits
from tidegate.v1 import market_data_service_pb2 as pb
from tidegate.v1 import types_pb2

pytestmark = pytest.mark.rule("API-3")

DEPTH = "/tidegate.v1.MarketDataService/StreamDepth"


async def refusal(call: Any) -> grpc.aio.AioRpcError:
    """How a stream ends that is refused."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async with asyncio.timeout(30):
            await call.read()
    return caught.value


async def test_streams_are_bounded(venue: grpc.aio.Channel) -> None:
    """The fourth of three is refused; one that ends makes room."""
    streams = [stub(venue).StreamDepth(pb.StreamDepthRequest(symbol=SYMBOL)) for _ in range(3)]
    for stream in streams:
        await stream.read()
    refused = stub(venue).StreamDepth(pb.StreamDepthRequest(symbol=SYMBOL))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await refused.read()
    assert info_of(caught.value).reason == "TOO_MANY_SESSIONS"
    streams[0].cancel()
    async with asyncio.timeout(30):
        while True:
            again = stub(venue).StreamDepth(pb.StreamDepthRequest(symbol=SYMBOL))
            try:
                await again.read()
                break
            except grpc.aio.AioRpcError:
                await asyncio.sleep(0.01)
    for stream in (*streams[1:], again):
        stream.cancel()


class TestOnePeer:
    """One address may have two streams and one other call."""

    @pytest.fixture
    def limits(self) -> MarketdataLimits:
        """Less for one than for all."""
        return MarketdataLimits(peer_subscribers_max=2, peer_calls_max=1, answer_timeout_ms=50, first_message_ms=1000)

    async def test_has_its_share_of_the_streams(self, venue: grpc.aio.Channel) -> None:
        """Whatever the symbol or kind, and over how many connections; it can still ask."""
        async with grpc.aio.insecure_channel(venue.address) as other:  # type: ignore[attr-defined]
            first = stub(venue).StreamDepth(pb.StreamDepthRequest(symbol=SYMBOL))
            second = stub(other).StreamTopOfBook(pb.StreamTopOfBookRequest())
            await first.read()
            await second.read()
            error = await refusal(stub(other).StreamTrades(pb.StreamTradesRequest(symbol=SYMBOL)))
            assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            info = info_of(error)
            assert (info.reason, dict(info.metadata)) == (
                "TOO_MANY_CONNECTIONS",
                {"outcome": "NOT_APPLIED", "limit": "2"},
            )
            assert (await stub(other).GetDepth(pb.GetDepthRequest(symbol=SYMBOL))).depth.bids
            second.cancel()
            first.cancel()

    async def test_has_its_share_of_the_other_calls(self, venue: grpc.aio.Channel) -> None:
        """A watched health counts as well."""
        health = health_pb2_grpc.HealthStub(venue)
        watch = health.Watch(health_pb2.HealthCheckRequest())
        await watch.read()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub(venue).ListInstruments(pb.ListInstrumentsRequest())
        assert info_of(caught.value).reason == "TOO_MANY_CONNECTIONS"
        watch.cancel()

    async def test_pays_for_calls_that_say_nothing(self, venue: grpc.aio.Channel) -> None:
        """They count from their headers on, and are ended soon."""

        async def nothing() -> AsyncIterator[bytes]:
            await asyncio.sleep(60)
            yield b""

        silent = [venue.stream_stream(DEPTH)(nothing()) for _ in range(2)]
        async with asyncio.timeout(30):
            reasons: set[str] = set()
            while "TOO_MANY_CONNECTIONS" not in reasons:
                asked = stub(venue).StreamDepth(pb.StreamDepthRequest(symbol=SYMBOL))
                try:
                    await asked.read()
                    asked.cancel()
                except grpc.aio.AioRpcError as error:
                    reasons.add(info_of(error).reason)
        for each in silent:
            ended = await refusal(each)
            assert ended.code() is grpc.StatusCode.INVALID_ARGUMENT
            assert info_of(ended).reason == "MALFORMED_MESSAGE"
        again = stub(venue).StreamDepth(pb.StreamDepthRequest(symbol=SYMBOL))
        assert (await again.read()).HasField("snapshot")
        again.cancel()


def test_no_peer_takes_what_is_left_to_others() -> None:
    """One at its share leaves the rest; all together stop at the whole; what ends makes room again."""
    share = Share(3, 2)
    assert [share.take("a"), share.take("a")] == [None, None]
    refused = share.take("a")
    assert refused is not None
    assert refused.reason == types_pb2.REASON_TOO_MANY_CONNECTIONS
    assert share.take("b") is None
    refused = share.take("c")
    assert refused is not None
    assert refused.reason == types_pb2.REASON_TOO_MANY_SESSIONS
    share.give_back("a")
    assert share.take("c") is None

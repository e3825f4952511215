"""A reader of depth that does not keep up, over real gRPC: a new snapshot, told as such, and the chain after it."""

import asyncio
from typing import Any

import grpc
import pytest

from tests.unit.marketdata.test_service import BUY, SELL, SYMBOL, Engine, stub
from tidegate.marketdata.config import MarketdataLimits
from tidegate.v1 import market_data_service_pb2 as pb

ROUNDS, LEVELS = 60, 300


class Book:
    """What a reader holds; complains when the chain is broken."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.sequence = -1
        self.snapshots: list[bool] = []
        self.bids: dict[int, int] = {}

    async def take(self) -> None:
        async with asyncio.timeout(10):
            message = await self._stream.read()
        if message.WhichOneof("message") == "snapshot":
            self.snapshots.append(message.snapshot.conflated)
            self.bids = {each.price_ticks: each.quantity_lots for each in message.snapshot.bids}
            self.sequence = message.snapshot.sequence
            return
        assert message.delta.previous_sequence == self.sequence
        self.bids |= {each.price_ticks: each.quantity_lots for each in message.delta.bids}
        self.sequence = message.delta.last_sequence

    async def take_up_to(self, sequence: int) -> None:
        while self.sequence < sequence:
            await self.take()


@pytest.fixture
def limits() -> MarketdataLimits:
    """Few deltas wait for a reader."""
    return MarketdataLimits(depth_backlog_max=5, answer_timeout_ms=50)


@pytest.mark.rule("API-3")
async def test_a_slow_reader_of_depth_is_told_that_deltas_are_left_out(venue: grpc.aio.Channel, engine: Engine) -> None:
    """It comes to the same book as one that has had every delta, and hears of the gap."""
    request = pb.StreamDepthRequest(symbol=SYMBOL)
    quick = Book(stub(venue).StreamDepth(request))
    await quick.take()
    options = (("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65_536))
    async with grpc.aio.insecure_channel(venue.address, options=options) as other:  # type: ignore[attr-defined]
        stream = stub(other).StreamDepth(request)
        slow = Book(stream)
        await slow.take()
        for _ in range(ROUNDS):
            engine.publish(*(engine.rest(BUY, price + 1, 1) for price in range(LEVELS)))
            engine.publish(engine.rest(SELL, 1000, 1))
            await quick.take_up_to(engine.sequence)
        await slow.take_up_to(engine.sequence)
        assert slow.snapshots[0] is False
        assert slow.snapshots[1:]
        assert all(slow.snapshots[1:])
        assert (quick.snapshots, quick.bids) == ([False], slow.bids)
        engine.publish(engine.rest(BUY, 7, 1))
        await slow.take()
        assert slow.sequence == engine.sequence
        stream.cancel()

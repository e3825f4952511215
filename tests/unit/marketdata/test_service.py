"""MarketDataService over real gRPC and real rings, with a scripted engine behind it."""

import asyncio
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_status import rpc_status

from tidegate.marketdata.tape_feed import TapeFeed
from tidegate.v1 import market_data_service_pb2 as pb
from tidegate.v1 import market_data_service_pb2_grpc as pb_grpc
from tidegate.v1 import types_pb2

BUY, SELL = 1, 2
SYMBOL = "BTCUSDT"
Engine = Any  # tests/unit/marketdata/conftest.py, ScriptedEngine


def stub(channel: grpc.aio.Channel) -> Any:
    """The generated stub."""
    return pb_grpc.MarketDataServiceStub(channel)  # type: ignore[no-untyped-call]


def info_of(error: grpc.aio.AioRpcError) -> ErrorInfo:
    """The machine-readable part of a refusal."""
    status = rpc_status.from_call(error)
    info = ErrorInfo()
    assert status is not None
    assert status.details[0].Unpack(info)
    assert info.domain == "tidegate"
    return info


async def test_instruments_carry_their_scales(venue: grpc.aio.Channel) -> None:
    """What a client needs to turn decimals into ticks and lots."""
    (instrument,) = (await stub(venue).ListInstruments(pb.ListInstrumentsRequest())).instruments
    assert (instrument.symbol, instrument.tick_size, instrument.lot_size) == (SYMBOL, "0.1", "0.001")
    assert instrument.tick_lot_value == 10_000


async def test_depth_is_what_was_sent(venue: grpc.aio.Channel, engine: Engine) -> None:
    """Every level, best first, as far as asked for; a change is there soon after."""
    engine.publish(engine.rest(BUY, 99, 1), engine.rest(SELL, 106, 2))
    stream = stub(venue).StreamDepth(pb.StreamDepthRequest(symbol=SYMBOL))
    async with asyncio.timeout(30):
        depth = pb.DepthSnapshot()
        while depth.sequence < engine.sequence:
            depth = (await stub(venue).GetDepth(pb.GetDepthRequest(symbol=SYMBOL))).depth
        best = (await stub(venue).GetDepth(pb.GetDepthRequest(symbol=SYMBOL, levels=1))).depth
        first = await stream.read()
    assert [(each.price_ticks, each.quantity_lots) for each in depth.bids] == [(100, 5), (99, 1)]
    assert [(each.price_ticks, each.quantity_lots) for each in depth.asks] == [(105, 7), (106, 2)]
    assert [each.price_ticks for each in (*best.bids, *best.asks)] == [100, 105]
    assert depth.phase == types_pb2.PHASE_OPEN
    assert first.HasField("snapshot")
    stream.cancel()


async def test_trades_arrive_in_order_and_can_be_resumed(venue: grpc.aio.Channel, engine: Engine) -> None:
    """From now, and from after an earlier trade; the numbers have no gap."""
    live = stub(venue).StreamTrades(pb.StreamTradesRequest(symbol=SYMBOL))
    await live.initial_metadata()
    engine.publish(engine.trade(BUY, 105, 1), engine.trade(BUY, 105, 2), engine.trade(SELL, 100, 1))
    assert await take_trades(live, 3) == [1, 2, 3]
    resumed = stub(venue).StreamTrades(pb.StreamTradesRequest(symbol=SYMBOL, after_trade_id=1))
    assert await take_trades(resumed, 2) == [2, 3]
    live.cancel()
    resumed.cancel()


async def take_trades(stream: Any, count: int) -> list[int]:
    """Numbers of the next trades."""
    found: list[int] = []
    async with asyncio.timeout(30):
        while len(found) < count:
            message = await stream.read()
            assert message.symbol == SYMBOL
            found += [each.trade_id for each in message.trades]
    return found


async def test_a_trade_that_is_not_kept_is_out_of_range(venue: grpc.aio.Channel) -> None:
    """With what is kept, for machines."""
    stream = stub(venue).StreamTrades(pb.StreamTradesRequest(symbol=SYMBOL, after_trade_id=9))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stream.read()
    assert caught.value.code() is grpc.StatusCode.OUT_OF_RANGE
    assert info_of(caught.value).reason == "SEQUENCE_NOT_RETAINED"


async def test_a_reader_of_trades_that_does_not_read_is_closed_and_told(
    venue: grpc.aio.Channel, engine: Engine
) -> None:
    """It learns after which trade to resume; one that reads sees nothing of it."""
    engine.publish(engine.rest(SELL, 105, 10**9))
    quick = stub(venue).StreamTrades(pb.StreamTradesRequest(symbol=SYMBOL))
    await quick.initial_metadata()
    # Little room in the transport, so that the venue's own bound is reached soon.
    options = (("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65_536))
    async with grpc.aio.insecure_channel(venue.address, options=options) as other:
        slow = stub(other).StreamTrades(pb.StreamTradesRequest(symbol=SYMBOL))
        await slow.initial_metadata()
        for _ in range(60):
            engine.publish(engine.many_trades(BUY, 105, 500))
            await take_trades(quick, 500)
        seen: list[int] = []

        async def read_on() -> None:
            while True:
                seen.extend(each.trade_id for each in (await slow.read()).trades)

        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await asyncio.wait_for(read_on(), 30)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    info = info_of(caught.value)
    assert info.reason == "SLOW_READER"
    assert 0 < len(seen) < 30_000
    assert seen == list(range(1, len(seen) + 1))
    assert int(info.metadata["last_trade_id"]) == len(seen)
    quick.cancel()


@pytest.mark.parametrize("method", ["GetDepth", "StreamDepth", "StreamTrades"])
async def test_an_unknown_symbol_is_refused(venue: grpc.aio.Channel, method: str) -> None:
    """NOT_FOUND with a reason, for unary calls and streams alike."""
    call = getattr(stub(venue), method)(getattr(pb, f"{method}Request")(symbol="NOPE"))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await (call if method == "GetDepth" else call.read())
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    assert info_of(caught.value).reason == "UNKNOWN_SYMBOL"


async def test_bytes_that_are_no_message_are_refused(venue: grpc.aio.Channel) -> None:
    """Raw handlers look at what they get."""
    call = venue.unary_unary("/tidegate.v1.MarketDataService/GetDepth")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(b"\xff\xff\xff")
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert info_of(caught.value).reason == "MALFORMED_MESSAGE"


@pytest.mark.rule("API-3")
async def test_a_history_that_is_still_counted_is_not_told(
    venue: grpc.aio.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that resumes after a restart is told to come again, not that its trade is not kept; the book serves."""
    behind = property(lambda _: False)
    monkeypatch.setattr(TapeFeed, "follows", behind)
    for method in ("StreamTrades", "StreamLiquidations", "StreamPhases", "StreamCandles", "ListCandles"):
        call = getattr(stub(venue), method)(getattr(pb, f"{method}Request")(symbol=SYMBOL))
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            async with asyncio.timeout(30):
                await (call.read() if method.startswith("Stream") else call)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert info_of(caught.value).reason == "SYMBOL_UNAVAILABLE"
    with pytest.raises(grpc.aio.AioRpcError, match="not known yet"):
        await stub(venue).GetTickers(pb.GetTickersRequest(symbols=[SYMBOL]))
    assert not (await stub(venue).GetTickers(pb.GetTickersRequest())).tickers
    assert (await stub(venue).GetDepth(pb.GetDepthRequest(symbol=SYMBOL))).depth.sequence

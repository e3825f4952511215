"""Best prices, tickers, mark prices, candles, liquidations and phases over real gRPC, with a scripted engine."""

import asyncio
from typing import Any

import grpc
import pytest

from tidegate.marketdata.state_feed import StateFeed
from tidegate.v1 import market_data_service_pb2 as pb
from tidegate.v1 import market_data_service_pb2_grpc as pb_grpc
from tidegate.v1 import types_pb2
from tidegate.wire.instruments import Instrument
from tidegate.wire.listing import ListedInstrument, write_listing
from tidegate.wire.records import Event, EventFlag, EventType, InstrumentRules, Phase, Reason
from tidegate.wire.topology import Topology

BUY, SELL = 1, 2
SYMBOL = "BTCUSDT"
VALUE = 10_000  # of a lot at a price of one tick
Engine = Any  # tests/unit/marketdata/conftest.py, ScriptedEngine


def stub(channel: grpc.aio.Channel) -> Any:
    """The generated stub."""
    return pb_grpc.MarketDataServiceStub(channel)  # type: ignore[no-untyped-call]


async def take(stream: Any) -> Any:
    """The next message, soon."""
    async with asyncio.timeout(30):
        message = await stream.read()
    assert message is not grpc.aio.EOF
    return message


@pytest.mark.rule("API-3")
async def test_best_prices_follow_the_book(venue: grpc.aio.Channel, engine: Engine) -> None:
    """As they are at first; then whenever best price, its quantity or the phase is another."""
    stream = stub(venue).StreamTopOfBook(pb.StreamTopOfBookRequest(symbols=[SYMBOL]))
    first = await take(stream)
    best = (first.bid_price_ticks, first.bid_quantity_lots, first.ask_price_ticks, first.ask_quantity_lots)
    assert (best, first.phase) == ((100, 5, 105, 7), types_pb2.PHASE_OPEN)
    engine.publish(engine.rest(BUY, 99, 1))  # behind the best
    engine.publish(engine.rest(BUY, 101, 3))
    second = await take(stream)
    assert (second.bid_price_ticks, second.bid_quantity_lots, second.sequence) == (101, 3, engine.sequence)
    stream.cancel()


@pytest.mark.rule("API-3")
async def test_prices_and_tickers_tell_what_was_set_and_traded(venue: grpc.aio.Channel, engine: Engine) -> None:
    """Mark, index and funding as they are set; 24 hours of trades, by their notional too."""
    prices = stub(venue).StreamPrices(pb.StreamPricesRequest())
    await take(prices)
    engine.publish(
        engine.event(EventType.PRICES_SET, price=103, quantity=104, previous_price=-5, previous_leaves=77),
        engine.trade(BUY, 105, 2, time_ns=engine.now_ns()),
        engine.trade(SELL, 100, 1, time_ns=engine.now_ns()),
    )
    message = await take(prices)
    assert (message.mark_price_ticks, message.index_price_ticks) == (103, 104)
    assert (message.funding_rate, message.next_funding_time_ns) == (-5, 77)
    tickers = stub(venue).StreamTickers(pb.StreamTickersRequest(symbols=[SYMBOL]))
    streamed = (await take(tickers)).ticker
    (ticker,) = (await stub(venue).GetTickers(pb.GetTickersRequest())).tickers
    for each in (streamed, ticker):
        assert (each.open_ticks, each.high_ticks, each.low_ticks, each.last_ticks) == (105, 105, 100, 100)
        assert (each.volume_lots, each.trades, each.notional) == (3, 2, (2 * 105 + 100) * VALUE)
        assert (each.mark_price_ticks, each.bid_price_ticks, each.ask_price_ticks) == (103, 100, 105)
    prices.cancel()
    tickers.cancel()


@pytest.mark.rule("API-3")
async def test_a_symbol_named_thousands_of_times_is_worked_out_once(
    venue: grpc.aio.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody needs a key to ask, and everybody else waits meanwhile."""
    worked_out = []
    ticker = StateFeed.ticker

    def counted(self: StateFeed, *arguments: Any) -> Any:
        worked_out.append(self)
        return ticker(self, *arguments)

    monkeypatch.setattr(StateFeed, "ticker", counted)
    tickers = stub(venue).StreamTickers(pb.StreamTickersRequest(symbols=[SYMBOL] * 7_000))
    await take(tickers)
    tickers.cancel()
    assert len(worked_out) < 10  # and those of the clock


@pytest.mark.rule("API-3")
async def test_candles_change_close_and_are_listed(venue: grpc.aio.Channel, engine: Engine) -> None:
    """The one under way changes with each trade; when another begins, it and the empty ones after it are closed."""
    minute = 60_000_000_000
    start = engine.now_ns() // minute * minute - 5 * minute
    engine.publish(engine.trade(BUY, 105, 1, time_ns=start))
    candles = stub(venue).ListCandles
    request = pb.ListCandlesRequest(symbol=SYMBOL, page_size=2)
    async with asyncio.timeout(30):
        page = await candles(request)
        while not page.candles:
            page = await candles(request)
    assert len(page.candles) == 2
    assert page.next_page_token
    engine.publish(engine.trade(BUY, 105, 3, time_ns=start + 1), engine.trade(SELL, 100, 2, time_ns=start + minute * 4))
    whole_day = pb.ListCandlesRequest(symbol=SYMBOL, interval=pb.CANDLE_INTERVAL_1D)
    async with asyncio.timeout(30):
        while sum(each.volume_lots for each in (await candles(whole_day)).candles) < 6:
            pass
    every: list[pb.Candle] = []
    token = ""
    while not every or token:
        page = await candles(pb.ListCandlesRequest(symbol=SYMBOL, page_size=2, page_token=token))
        every += page.candles
        token = page.next_page_token
    times = [each.open_time_ns for each in every]
    assert times == sorted(times, reverse=True)
    assert times == list(range(times[0], start - 1, -minute))
    first, fifth = every[-1], every[-5]
    assert (first.open_ticks, first.close_ticks, first.volume_lots, first.taker_buy_lots) == (105, 105, 4, 4)
    assert (first.notional, first.last_trade_id, first.closed) == (4 * 105 * VALUE, 2, True)
    assert (fifth.open_ticks, fifth.low_ticks, fifth.volume_lots, fifth.taker_buy_lots) == (100, 100, 2, 0)
    assert [(each.open_ticks, each.close_ticks, each.trades) for each in every[-4:-1]] == [(105, 105, 0)] * 3
    assert [each.closed for each in every] == [False] + [True] * (len(every) - 1)


@pytest.mark.rule("API-3")
async def test_a_stream_of_candles_tells_of_each_as_it_closes(venue: grpc.aio.Channel, engine: Engine) -> None:
    """A trade in a later minute closes the one before, once, and begins another."""
    minute = 60_000_000_000
    begin = engine.now_ns() // minute * minute + 10 * minute  # ahead of the clock, which so closes nothing
    engine.publish(engine.trade(BUY, 105, 1, time_ns=begin))
    stream = stub(venue).StreamCandles(pb.StreamCandlesRequest(symbol=SYMBOL, interval=pb.CANDLE_INTERVAL_1M))
    while (await take(stream)).candle.open_time_ns != begin:
        pass
    engine.publish(engine.trade(BUY, 105, 2, time_ns=begin + 5), engine.trade(SELL, 100, 1, time_ns=begin + minute))
    closed, seen = [], None
    while seen is None or seen.open_time_ns == begin:
        seen = (await take(stream)).candle
        closed += [seen] if seen.closed else []
    assert [(each.open_time_ns, each.volume_lots) for each in closed] == [(begin, 3)]
    assert (seen.open_time_ns, seen.volume_lots, seen.closed) == (begin + minute, 1, False)
    stream.cancel()


@pytest.mark.rule("API-3")
async def test_liquidations_are_told_by_their_own_side(venue: grpc.aio.Channel, engine: Engine) -> None:
    """Those trades only, whether the liquidation was taker or maker; resumable after any trade."""
    live = stub(venue).StreamLiquidations(pb.StreamLiquidationsRequest(symbol=SYMBOL))
    await live.initial_metadata()
    engine.publish(
        engine.trade(BUY, 105, 1),
        engine.trade(BUY, 105, 2, flags=EventFlag.LIQUIDATION),
        engine.trade(SELL, 100, 1, maker_flags=EventFlag.LIQUIDATION),
    )
    found: list[pb.Trade] = []
    while len(found) < 2:
        found += (await take(live)).trades
    assert [(each.trade_id, each.aggressor_side) for each in found] == [(2, BUY), (3, BUY)]
    assert all(each.liquidation for each in found)
    resumed = stub(venue).StreamLiquidations(pb.StreamLiquidationsRequest(symbol=SYMBOL, after_trade_id=1))
    assert [each.trade_id for each in (await take(resumed)).trades] == [2, 3]
    live.cancel()
    resumed.cancel()


@pytest.mark.rule("API-3", "MAT-2", "INS-3")
async def test_phases_auctions_and_definitions_are_told_and_resumed(
    venue: grpc.aio.Channel, engine: Engine, topology: Topology
) -> None:
    """At first the phase as it is; then everything in order. An uncrossing's trades say so. Definitions keep
    their sequence, and candles are in the ticks and lots in force."""
    live = stub(venue).StreamPhases(pb.StreamPhasesRequest(symbol=SYMBOL))
    assert (await take(live)).phase == types_pb2.PHASE_OPEN
    trades = stub(venue).StreamTrades(pb.StreamTradesRequest(symbol=SYMBOL))
    await trades.initial_metadata()
    start, engine.time_ns = engine.sequence, engine.now_ns()
    engine.publish(
        engine.event(EventType.PHASE_CHANGED, phase=Phase.AUCTION, reason=Reason.OPERATOR),
        engine.rest(BUY, 106, 4),
        engine.event(EventType.AUCTION, price=105, quantity=4, leaves=-3, flags=EventFlag.FINAL),
        engine.uncross(BUY, 105, 4),
        engine.event(EventType.PHASE_CHANGED, phase=Phase.OPEN, reason=Reason.OPERATOR),
    )
    news = [await take(live) for _ in range(3)]
    assert [each.WhichOneof("news") for each in news] == ["phase", "auction", "phase"]
    assert [each.sequence - start for each in news] == [1, 3, 5]
    auction = news[1].auction
    assert (auction.price_ticks, auction.quantity_lots, auction.imbalance_lots, auction.final) == (105, 4, -3, True)
    assert news[0].reason == types_pb2.REASON_OPERATOR
    assert (await take(trades)).trades[0].auction
    depth = (await stub(venue).GetDepth(pb.GetDepthRequest(symbol=SYMBOL))).depth
    assert [(each.price_ticks, each.quantity_lots) for each in depth.bids] == [(100, 5)]
    await define(venue, engine, topology, live)
    resumed = stub(venue).StreamPhases(pb.StreamPhasesRequest(symbol=SYMBOL, after_sequence=start + 3))
    assert [(await take(resumed)).sequence for _ in range(2)] == [start + 5, engine.sequence]
    for stream in (live, trades, resumed):
        stream.cancel()


async def define(venue: grpc.aio.Channel, engine: Engine, topology: Topology, live: Any) -> None:
    """A tick ten times as large takes effect."""
    known = topology.instruments[0]
    changed = Instrument(**{**known.model_dump(), "tick_size": known.tick_size * 10, "open_orders_max": 7})
    engine.publish(engine.cancel(BUY, 100, 5), engine.cancel(SELL, 105, 3))
    engine.publish(engine.define(InstrumentRules.of(changed)))
    told = (await take(live)).instrument
    assert (told.tick_size, told.open_orders_max, told.definition_sequence) == ("1", 7, engine.sequence)
    (listed,) = (await stub(venue).ListInstruments(pb.ListInstrumentsRequest())).instruments
    versions = (await stub(venue).ListInstrumentVersions(pb.ListInstrumentVersionsRequest(symbol=SYMBOL))).instruments
    assert list(versions) == [listed] == [told]
    candle = (await stub(venue).ListCandles(pb.ListCandlesRequest(symbol=SYMBOL))).candles[-1]
    assert (candle.open_ticks, candle.volume_lots, candle.notional) == (10, 4, 105 * 4 * VALUE)


@pytest.mark.rule("INS-3", "API-3")
async def test_a_delisted_symbol_ends_its_streams_cleanly(
    venue: grpc.aio.Channel, engine: Engine, topology: Topology
) -> None:
    """Readers get what is there and OK; afterwards it is known for its history only."""
    depth = stub(venue).StreamDepth(pb.StreamDepthRequest(symbol=SYMBOL))
    trades = stub(venue).StreamTrades(pb.StreamTradesRequest(symbol=SYMBOL))
    top = stub(venue).StreamTopOfBook(pb.StreamTopOfBookRequest(symbols=[SYMBOL]))
    await take(top)
    await take(depth)
    await trades.initial_metadata()
    entry = ListedInstrument(instrument=topology.instruments[0], state="delisted")
    write_listing(topology.instruments_file, [entry])
    async with asyncio.timeout(30):
        for stream in (depth, trades, top):
            while await stream.read() is not grpc.aio.EOF:
                pass
            assert await stream.code() is grpc.StatusCode.OK
    (listed,) = (await stub(venue).ListInstruments(pb.ListInstrumentsRequest())).instruments
    assert listed.delisted
    with pytest.raises(grpc.aio.AioRpcError, match="delisted"):
        await stub(venue).GetDepth(pb.GetDepthRequest(symbol=SYMBOL))
    write_listing(topology.instruments_file, [ListedInstrument(instrument=topology.instruments[0])])
    async with asyncio.timeout(30):
        while True:
            try:
                await stub(venue).GetDepth(pb.GetDepthRequest(symbol=SYMBOL))
                break
            except grpc.aio.AioRpcError:
                await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        ("GetDepth", {"levels": -1}),
        ("GetDepth", {"levels": 5001}),
        ("ListCandles", {"page_size": 1501}),
        ("ListCandles", {"page_size": -1}),
        ("ListCandles", {"interval": 7}),
        ("ListCandles", {"page_token": "soon"}),
        ("ListCandles", {"start_time_ns": -1}),
        ("StreamDepth", {"interval_ms": 10_001}),
        ("StreamCandles", {"interval": 9}),
    ],
)
@pytest.mark.rule("API-3")
async def test_absurd_fields_are_refused(venue: grpc.aio.Channel, method: str, fields: dict[str, Any]) -> None:
    """INVALID_FIELD, before anything is done."""
    call = getattr(stub(venue), method)(getattr(pb, f"{method}Request")(symbol=SYMBOL, **fields))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await (call.read() if method.startswith("Stream") else call)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    metadata = dict(caught.value.trailing_metadata() or ())
    assert b"INVALID_FIELD" in bytes(metadata["grpc-status-details-bin"])


def test_events_of_the_scripted_engine_are_records(engine: Engine) -> None:
    """What the tests above feed in is 192 bytes an event."""
    assert len(engine.reject()) == len(Event().pack())

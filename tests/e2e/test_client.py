"""The Python client against a whole venue: every kind of order, quotes, what survives a lost stream, history."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from decimal import Decimal

import grpc.aio
import pytest

from tests.e2e.proxy import proxy_to
from tests.venues.configuration import OPERATOR_KEY
from tests.venues.supervised import SupervisedVenue, default_venue
from tidegate.v1 import operations_service_pb2 as operations
from tidegate.v1 import operations_service_pb2_grpc
from tidegate_client import (
    BUY,
    SELL,
    CandleInterval,
    Client,
    Invalid,
    Limits,
    Lots,
    OrderStatus,
    Outcome,
    Phase,
    Place,
    PositionMode,
    PositionSide,
    Quote,
    QuoteManager,
    Reason,
    Rejected,
    SessionClosed,
    SessionOptions,
    Ticks,
    TimeInForce,
    Trigger,
    TriggerBy,
    good_till_date,
    iceberg,
    stop,
    trailing_stop,
)

WITHIN_S = 20
BTC, ETH, SOL = "BTCUSDT", "ETHUSDT", "SOLUSDT"
numbers = itertools.count(1)


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SupervisedVenue]:
    """One venue; each test has accounts of its own."""
    with default_venue(tmp_path_factory.mktemp("client")) as running:
        yield running


class Operator:
    """What a test asks of the operator."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = operations_service_pb2_grpc.OperationsServiceStub(channel)  # type: ignore[no-untyped-call]
        self._metadata = (("x-api-key", OPERATOR_KEY),)

    async def account(self) -> tuple[int, str]:
        """A new account: number and key."""
        request = operations.CreateAccountRequest(name=f"client-{next(numbers)}")
        response = await self._stub.CreateAccount(request, metadata=self._metadata)
        return response.account_id, response.api_key

    async def drop_copy_key(self, *accounts: int) -> str:
        """A key that sees what happens to them."""
        request = operations.CreateApiKeyRequest(account_ids=accounts, kind=operations.API_KEY_KIND_DROP_COPY)
        return (await self._stub.CreateApiKey(request, metadata=self._metadata)).api_key

    async def mark(self, symbol: str, ticks: int) -> None:
        """A mark price."""
        request = operations.SetPricesRequest(symbol=symbol, mark_price_ticks=ticks)
        await self._stub.SetPrices(request, metadata=self._metadata)

    async def phase(self, symbol: str, phase: Phase) -> None:
        """Another phase."""
        request = operations.SetPhaseRequest(symbol=symbol, phase=phase.value)
        await self._stub.SetPhase(request, metadata=self._metadata)


@pytest.fixture
async def operator(venue: SupervisedVenue) -> AsyncIterator[Operator]:
    """The operator."""
    async with grpc.aio.insecure_channel(venue.address) as channel:
        yield Operator(channel)


@contextlib.asynccontextmanager
async def trader(venue: SupervisedVenue, operator: Operator) -> AsyncIterator[Client]:
    """A client of a new account; its orders are canceled at the end."""
    _, key = await operator.account()
    async with Client(venue.address, key, market_data=venue.market_data) as client:
        await client.instruments()
        try:
            yield client
        finally:
            await client.cancel_all("")


async def until(condition: Callable[[], object]) -> None:
    """Give way until it holds."""
    async with asyncio.timeout(WITHIN_S):
        while not condition():  # noqa: ASYNC110 - across processes
            await asyncio.sleep(0.01)


@pytest.mark.rule("ORD-9")
async def test_a_stop_waits_and_becomes_a_limit_order(venue: SupervisedVenue, operator: Operator) -> None:
    """UNTRIGGERED, amended there, TRIGGERED by the mark price, then NEW on the book; a trailing stop follows."""
    await operator.mark(BTC, 600_000)
    async with trader(venue, operator) as client, client.trading() as session:
        placed = (await session.send([stop(BTC, BUY, "60400", "0.01", "60200")]))[0].raise_if_refused()
        order = session.order(BTC, placed.client_order_id)
        assert placed.order is not None
        assert (placed.order.status, placed.order.trigger_by) == (OrderStatus.UNTRIGGERED, TriggerBy.MARK)
        assert order.is_open
        assert order.trigger_price_ticks == 602_000
        await session.amend(BTC, placed.client_order_id, trigger_price="60100")
        assert order.trigger_price_ticks == 601_000
        events = session.events()
        trailing = await session.one(trailing_stop(BTC, SELL, "0.01", 100))
        await operator.mark(BTC, 602_000)
        await until(lambda: order.status == OrderStatus.NEW)
        kinds = [(await anext(events)).kind.name for _ in range(3)]
        assert kinds == ["ACCEPTED", "TRIGGERED", "RESTED"]
        follows = await client.order(BTC, trailing.client_order_id)
        assert follows.trigger_price == Decimal("59598")
        with pytest.raises(Rejected) as caught:
            await session.one(stop(BTC, BUY, "60400", "0.01", "60100"))
        assert caught.value.reason is Reason.IMMEDIATE_TRIGGER
        with pytest.raises(Invalid):
            await session.place(BTC, BUY, "60000", "0.01", trigger=Trigger("60100"))


@pytest.mark.rule("ORD-2")
async def test_an_iceberg_shows_a_slice(venue: SupervisedVenue, operator: Operator) -> None:
    """The public book has what is shown, the account's order the whole."""
    async with trader(venue, operator) as client:
        placed = await client.place_order(iceberg(ETH, BUY, "1000.37", "5", "0.5"))
        assert placed.order is not None
        assert (placed.order.leaves, placed.order.display) == (Decimal("5"), Decimal("0.5"))
        async for book in client.depth_stream(ETH):
            if book.bids.get(100_037):
                assert book.bids[100_037] == 500
                assert book.checksums
                break


@pytest.mark.rule("ORD-10")
async def test_replace_is_one_step(venue: SupervisedVenue, operator: Operator) -> None:
    """The old one is canceled and the new one is there; nothing to cancel: nothing is placed, unless it is to be."""
    async with trader(venue, operator) as client, client.trading() as session:
        first = (await session.place(ETH, BUY, "1000", "1")).client_order_id
        new = await session.replace(first, Place(ETH, BUY, "1001", "2"))
        assert session.order(ETH, first).reason == Reason.REPLACED
        assert session.order(ETH, new.client_order_id).status == OrderStatus.NEW
        third = await client.replace(new.client_order_id, Place(ETH, BUY, "1002", "1"))
        assert third.order is not None
        assert third.order.price == 1002
        with pytest.raises(Rejected) as caught:
            await session.replace(first, Place(ETH, BUY, "1003", "1"))
        assert caught.value.reason is Reason.CANCEL_FAILED
        kept = await session.replace(first, Place(ETH, BUY, "1003", "1"), place_if_cancel_fails=True)
        assert kept.applied


@pytest.mark.rule("ORD-12")
async def test_a_countdown_and_a_date_end_orders(venue: SupervisedVenue, operator: Operator) -> None:
    """The countdown takes all of a symbol; GTD the order alone."""
    async with trader(venue, operator) as client, client.trading() as session:
        placed = await session.place(ETH, BUY, "1000", "1")
        now_ns = placed.reports[0].engine_time_ns
        dated = await session.one(good_till_date(SOL, BUY, "10", "10", now_ns + 400_000_000))
        await session.set_countdown(ETH, 60_000)
        await session.set_countdown(ETH, 200)
        order = session.order(ETH, placed.client_order_id)
        await until(lambda: not order.is_open)
        assert (order.status, order.reason) == (OrderStatus.CANCELED, Reason.COUNTDOWN)
        await until(lambda: not session.order(SOL, dated.client_order_id).is_open)
        assert session.order(SOL, dated.client_order_id).reason == Reason.EXPIRY


@pytest.mark.rule("ORD-12")
async def test_a_lost_session_is_canceled_and_a_closed_one_is_not(venue: SupervisedVenue, operator: Operator) -> None:
    """The connection is cut: the venue cancels, the session comes back by itself and knows. close() cancels nothing."""
    _, key = await operator.account()
    options = SessionOptions(cancel_on_disconnect=True)
    async with (
        proxy_to(int(venue.address.rpartition(":")[2])) as proxy,
        Client(f"127.0.0.1:{proxy.port}", key, market_data=venue.market_data) as client,
    ):
        async with client.trading(options) as session:
            lost = session.order(ETH, (await session.place(ETH, BUY, "1000", "1")).client_order_id)
            proxy.cut()
            await until(lambda: session.connects == 2 and not lost.is_open)
            assert lost.reason == Reason.DISCONNECT
            kept = (await session.place(ETH, BUY, "1000", "1")).client_order_id
        assert (await client.order(ETH, kept)).is_open
        await client.cancel_all("")
        assert not (await client.order(ETH, kept)).is_open


@pytest.mark.rule("API-1")
async def test_a_message_that_is_refused_as_a_whole_does_not_hold_up_the_session(
    venue: SupervisedVenue, operator: Operator
) -> None:
    """The venue ends the stream and says which message it was: that one is answered, all others are carried out."""

    def buys(count: int) -> list[Place]:
        return [Place(SOL, BUY, Ticks(1000), Lots(1), client_order_id=client.next_id()) for _ in range(count)]

    async with trader(venue, operator) as client, client.trading() as session:
        handles = [session.send(buys(1)), session.send(buys(201)), session.send(buys(1))]
        handles += [session.send_encoded(b"\xff", [7]), session.send(buys(2))]
        async with asyncio.timeout(WITHIN_S):
            first, too_many, second, garbage, third = [await each for each in handles]
        assert all(each.applied for each in (*first, *second, *third))
        assert {(each.outcome, each.reason) for each in too_many} == {(Outcome.NOT_APPLIED, Reason.TOO_MANY_ITEMS)}
        assert [(each.outcome, each.reason) for each in garbage] == [(Outcome.NOT_APPLIED, Reason.MALFORMED_MESSAGE)]
        assert len(list(session.orders.open(SOL))) == len(await client.open_orders(SOL)) == 4
        with pytest.raises(ValueError, match="a message of"):
            session.send(buys(30_000))


@pytest.mark.rule("ORD-13")
async def test_legs_are_kept_apart(venue: SupervisedVenue, operator: Operator) -> None:
    """Hedge mode: a long and a short position in one symbol."""
    async with trader(venue, operator) as client, trader(venue, operator) as other, client.trading() as session:
        await client.set_position_mode(SOL, PositionMode.HEDGE)
        await other.place(SOL, SELL, "20", "5")
        await session.place(SOL, BUY, "20", "5", time_in_force=TimeInForce.IOC, position_side=PositionSide.LONG)
        await other.place(SOL, BUY, "19", "2")
        await session.place(SOL, SELL, "19", "2", time_in_force=TimeInForce.IOC, position_side=PositionSide.SHORT)
        assert session.position(SOL, PositionSide.LONG) == 5
        assert session.position(SOL, PositionSide.SHORT) == -2
        with pytest.raises(Invalid) as caught:
            await session.place(SOL, BUY, "15", "1")
        assert caught.value.reason is Reason.INVALID_POSITION_SIDE


@pytest.mark.rule("ORD-11")
async def test_the_manager_quotes_what_is_wanted(venue: SupervisedVenue, operator: Operator) -> None:
    """Quotes go out, shrink by fills, stop when the group trips, and come back after a reset."""
    tripped: list[str] = []
    async with trader(venue, operator) as client, trader(venue, operator) as taker, client.trading() as session:
        await client.set_protection(SOL, 1, window_ms=60_000, fills_limit=2)
        quotes = QuoteManager(session, protection_group=1, on_trip=tripped.append)
        for level in range(20):
            quotes.set(SOL, level + 1, Ticks(3000 - level), Lots(100), Ticks(3010 + level), Lots(100))
        await quotes.settled()
        assert all(quotes.on_book(SOL, each) == quotes.wanted(SOL, each) for each in range(1, 21))
        sent = quotes.sent_messages
        quotes.set(SOL, 1, Ticks(3000), Lots(100), Ticks(3010), Lots(100))
        await quotes.settled()
        assert quotes.sent_messages == sent, "nothing changed"
        await taker.place(SOL, SELL, Ticks(3000), Lots(30), time_in_force=TimeInForce.IOC)
        await until(lambda: quotes.on_book(SOL, 1) == (3000, 70, 3010, 100))
        assert quotes.wanted(SOL, 1) == (3000, 70, 3010, 100)
        await taker.place(SOL, SELL, Ticks(3000), Lots(30), time_in_force=TimeInForce.IOC)
        await until(lambda: tripped)
        await until(lambda: not list(session.orders.quotes(SOL)))
        quotes.set(SOL, 1, Ticks(2990), Lots(10))
        assert quotes.frozen == {SOL}
        await quotes.reset(SOL)
        await quotes.settled()
        assert quotes.on_book(SOL, 1) == (2990, 10, 0, 0)
        await quotes.pull_all()
        assert not list(session.orders.quotes())
        assert session.limits.orders_second_max


@pytest.mark.rule("ORD-11")
async def test_the_manager_takes_back_what_would_cross(venue: SupervisedVenue, operator: Operator) -> None:
    """A refused quote is told, and its old prices do not stay on the book."""
    refused: list[tuple[str, int, Reason]] = []
    async with trader(venue, operator) as client, trader(venue, operator) as other, client.trading() as session:
        quotes = QuoteManager(session, on_refused=lambda *what: refused.append(what))
        quotes.set(SOL, 1, Ticks(5000), Lots(10), Ticks(5020), Lots(10))
        await quotes.settled()
        await other.place(SOL, SELL, Ticks(5010), Lots(5))
        quotes.set(SOL, 1, Ticks(5010), Lots(10), Ticks(5020), Lots(10))
        await quotes.settled()
        assert refused == [(SOL, 1, Reason.POST_ONLY_WOULD_CROSS)]
        assert quotes.on_book(SOL, 1) == (0, 0, 5020, 10)
        await other.cancel_all(SOL)
        quotes.set(SOL, 1, Ticks(5009), Lots(10), Ticks(5020), Lots(10))
        await quotes.settled()
        assert quotes.on_book(SOL, 1) == (5009, 10, 5020, 10)


@pytest.mark.rule("ORD-12")
async def test_the_manager_quotes_again_after_a_disconnect(venue: SupervisedVenue, operator: Operator) -> None:
    """The venue pulls the quotes of a lost stream; what is wanted by then is quoted again."""
    _, key = await operator.account()
    options = SessionOptions(cancel_on_disconnect=True)
    async with proxy_to(int(venue.address.rpartition(":")[2])) as proxy:
        address = f"127.0.0.1:{proxy.port}"
        async with Client(address, key, market_data=venue.market_data) as client, client.trading(options) as session:
            quotes = QuoteManager(session)
            for number in range(1, 51):
                quotes.set(ETH, number, Ticks(90_000 - number), Lots(100), Ticks(400_000 + number), Lots(100))
            await quotes.settled()
            events = session.events()
            proxy.cut()
            quotes.set(ETH, 1, Ticks(80_000), Lots(7))
            gone = 0
            while gone < 100:
                gone += (await asyncio.wait_for(anext(events), WITHIN_S)).reason is Reason.DISCONNECT
            await until(lambda: all(quotes.on_book(ETH, each) == quotes.wanted(ETH, each) for each in range(1, 51)))
            assert quotes.on_book(ETH, 1) == (80_000, 7, 0, 0)
            await quotes.pull_all()


@pytest.mark.rule("ORD-11")
async def test_mass_quotes_one_at_a_time(venue: SupervisedVenue, operator: Operator) -> None:
    """Each quote has its own result, in a call and in a stream."""
    good = Quote(SOL, 1, "30", "1", "31", "1")
    crossed = Quote(SOL, 2, "31", "1", "30", "1")
    async with trader(venue, operator) as client, client.trading() as session:
        for results in (await client.mass_quote([good, crossed]), await session.mass_quote([good, crossed])):
            assert [each.reason for each in results] == [Reason.UNSPECIFIED, Reason.QUOTE_CROSSED]
            assert results[0].quote is not None
            assert results[0].quote.bid_leaves_lots == 100
        assert session.orders.quote(SOL, 1, BUY).leaves_lots == 100
        await client.set_protection(SOL, 3, window_ms=1000, quantity_limit="5")
        await client.reset_protection(SOL, 3)
        assert client.limits != Limits()


@pytest.mark.rule("API-2")
async def test_a_drop_copy_goes_on_across_a_killed_gateway(venue: SupervisedVenue, operator: Operator) -> None:
    """Every report of both accounts once, with a kill in between."""
    (one, one_key), (two, two_key) = await operator.account(), await operator.account()
    copy_key = await operator.drop_copy_key(one, two)
    async with (
        Client(venue.address, one_key, market_data=venue.market_data) as first,
        Client(venue.address, two_key, market_data=venue.market_data) as second,
        Client(venue.address, copy_key, market_data=venue.market_data) as watcher,
    ):
        copy = watcher.drop_copy()
        reports = aiter(copy)
        reading = asyncio.ensure_future(anext(reports))
        await until(lambda: copy.connects == 1)
        seen = []
        for step in range(10):
            if step == 5:
                venue.kill("gateway.0")
            await first.place(SOL, SELL, Ticks(7000), Lots(1))
            await second.place(SOL, BUY, Ticks(7000), Lots(1), time_in_force=TimeInForce.IOC)
            while len(seen) < 4 * (step + 1):
                seen.append(await asyncio.wait_for(reading, WITHIN_S))
                reading = asyncio.ensure_future(anext(reports))
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await reports.aclose()
        kinds = [each.kind.name for each in seen]
        assert kinds == ["ACCEPTED", "ACCEPTED", "TRADE", "TRADE"] * 10
        assert {each.account_id for each in seen} == {one, two}
        assert copy.connects == 2
        again = aiter(watcher.drop_copy([one], resume_after={SOL: seen[0].sequence}))
        assert (await asyncio.wait_for(anext(again), WITHIN_S)).is_fill
        await again.aclose()


@pytest.mark.rule("API-4")
async def test_history_tells_orders_fills_and_the_past(venue: SupervisedVenue, operator: Operator) -> None:
    """Newest first; one order as of the sequence before its fill."""
    async with trader(venue, operator) as client, trader(venue, operator) as other:
        placed = [await client.place(SOL, SELL, Ticks(8000 + step), Lots(2)) for step in range(3)]
        filled = await other.place(SOL, BUY, Ticks(8000), Lots(1), time_in_force=TimeInForce.IOC)
        await client.cancel(SOL, placed[2].client_order_id)

        async with asyncio.timeout(WITHIN_S):
            expected = ["CANCELED", "NEW", "PARTIALLY_FILLED"]
            while [each.status.name for each in await client.orders(SOL)] != expected:  # noqa: ASYNC110
                await asyncio.sleep(0.05)  # history follows the journal
        (fill,) = await client.fills(SOL, order_id=placed[0].order.order_id)
        assert (fill.price, fill.quantity, fill.maker) == (Decimal("80"), Decimal("0.01"), True)
        now = await client.order_at(SOL, placed[0].client_order_id)
        before = await client.order_at(SOL, placed[0].client_order_id, sequence=filled.sequence - 1)
        assert [each.kind.name for each in now.reports] == ["ACCEPTED", "TRADE"]
        assert (now.order.leaves_lots, before.order.leaves_lots) == (1, 2)
        assert len(await client.orders(SOL, most=2)) == 2


@pytest.mark.rule("API-3")
async def test_public_streams(venue: SupervisedVenue, operator: Operator) -> None:
    """Top of book, candles, tickers, prices, phases with an auction and its trades, definitions' versions."""
    async with trader(venue, operator) as client, trader(venue, operator) as other:
        market = client.market
        tops = aiter(market.top_of_book_stream([ETH]))
        await anext(tops)
        phases = aiter(market.phase_stream(ETH))
        assert (await anext(phases)).phase is Phase.OPEN
        trades = aiter(market.trade_stream(ETH))
        first = asyncio.ensure_future(anext(trades))
        await operator.mark(ETH, 200_000)
        prices = aiter(market.price_stream([ETH]))
        assert (await anext(prices)).mark_price == 2000
        await operator.phase(ETH, Phase.AUCTION)
        await client.place(ETH, SELL, "2000", "1")
        await other.place(ETH, BUY, "2001", "1")
        news = [await anext(phases)]
        while news[-1].auction is None or not news[-1].auction.price_ticks:
            news.append(await asyncio.wait_for(anext(phases), WITHIN_S))
        assert news[0].phase is Phase.AUCTION
        assert (news[-1].auction.price_ticks, news[-1].auction.quantity_lots) == (200_000, 1000)
        await operator.phase(ETH, Phase.OPEN)
        trade = await asyncio.wait_for(first, WITHIN_S)
        assert (trade.price, trade.auction, trade.liquidation) == (Decimal(2000), True, False)
        await client.place(ETH, SELL, "2010", "3")
        async with asyncio.timeout(WITHIN_S):
            async for top in market.top_of_book_stream([ETH]):
                if top.ask == 2010:
                    break
        (candle,) = await market.candles(ETH, CandleInterval.D1, 1)
        assert candle.close_ticks == 200_000
        assert (await anext(aiter(market.candle_stream(ETH, CandleInterval.M1)))).instrument.symbol == ETH
        assert (await market.tickers([ETH]))[ETH].last == 2000
        assert (await market.instrument_versions(ETH))[0] == client.instrument(ETH)
        assert client.instrument(ETH).band_up_bps == 500
        for stream in (tops, phases, trades, prices):
            await stream.aclose()


def test_the_same_without_async(venue: SupervisedVenue) -> None:
    """Every call has its twin."""
    with (
        venue.client() as client,
        client.trading() as session,
    ):
        placed = client.place_order(iceberg(SOL, BUY, "10", "10", "1"))
        replaced = client.replace(placed.client_order_id, Place(SOL, BUY, "11", "5"))
        assert client.order_at(SOL, replaced.client_order_id).order.price == 11
        assert session.mass_quote([Quote(SOL, 1, "10", "1", None, None)])[0].applied
        client.set_countdown(SOL, 0)
        assert next(client.market.top_of_book_stream([SOL])).instrument.symbol == SOL
        assert SOL in client.market.tickers()
        client.cancel_all("")
        assert not client.open_orders(SOL)


def test_what_is_not_open_says_so(venue: SupervisedVenue) -> None:
    """A session that nobody has entered, and what was closed, neither hang nor speak of something else."""
    with venue.client() as client, client.trading() as session:
        with pytest.raises(SessionClosed, match="not open yet"):
            client.trading().place(SOL, BUY, "10", "1")
        books = client.depth_stream(SOL)
        next(books)
    for use in (lambda: client.place(SOL, BUY, "10", "1"), lambda: session.place(SOL, BUY, "10", "1"), client.balances):
        with pytest.raises(SessionClosed):
            use()
    with pytest.raises(SessionClosed):
        next(books)
    client.close()


async def test_a_session_that_nobody_has_entered_sends_nothing(venue: SupervisedVenue) -> None:
    """It would wait for ever."""
    async with Client(venue.address) as client:
        await client.instruments()
        with pytest.raises(SessionClosed, match="not open yet"):
            client.trading().send([Place(SOL, BUY, "10", "1")])

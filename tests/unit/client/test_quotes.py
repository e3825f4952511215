"""The quote manager: what it sends, and above all what it does not send (rule ORD-11)."""

from __future__ import annotations

import asyncio

import pytest

from tests.unit.client.conftest import SYMBOL
from tests.unit.client.test_session import once, until
from tidegate.v1 import order_service_pb2 as orders
from tidegate.v1 import types_pb2
from tidegate_client import Client, Lots, Quote, QuoteManager, Reason, Ticks

pytestmark = pytest.mark.rule("ORD-11")


def want(quotes: QuoteManager, number: int, price: int, lots: int = 10) -> None:
    """A bid at `price`, an ask ten ticks above."""
    quotes.set(SYMBOL, number, Ticks(price), Lots(lots), Ticks(price + 10), Lots(lots))


def side_report(number: int, sequence: int, **changes: object) -> types_pb2.Report:
    """What happens to the bid of a quote without having been asked for."""
    base = {"symbol": SYMBOL, "client_order_id": number, "side": 1, "type": types_pb2.ORDER_TYPE_QUOTE, "order_id": 1}
    return types_pb2.Report(sequence=sequence, **{**base, **changes})


async def test_wishes_are_put_together(client: Client, venue) -> None:
    """250 quotes are three messages; of several wishes for one quote the newest alone goes out."""
    async with client.trading() as session:
        quotes = QuoteManager(session)
        for price in (100, 101, 102):
            for number in range(1, 251):
                want(quotes, number, price)
        await quotes.settled()
        assert [len(each.mass_quote.quotes) for each in venue.requests] == [100, 100, 50]
        assert {each.bid_price_ticks for request in venue.requests for each in request.mass_quote.quotes} == {102}
        want(quotes, 7, 102)
        want(quotes, 8, 103)
        await quotes.settled()
        assert [each.quote_id for each in venue.requests[3].mass_quote.quotes] == [8]
        assert len(venue.requests) == 4
        assert quotes.on_book(SYMBOL, 8) == (103, 10, 113, 10)


async def test_a_quote_in_flight_waits_for_its_answer(client: Client, venue) -> None:
    """The window holds back messages; wishes that pile up behind one become one."""
    async with client.trading() as session:
        quotes = QuoteManager(session, window=1)
        want(quotes, 1, 100)
        await until(lambda: quotes.sent_messages == 1)
        for price in range(101, 150):
            want(quotes, 1, price)
            await asyncio.sleep(0)
        await quotes.settled()
        assert venue.quoted[1, 1] == (149, 10)
        assert len(venue.requests) < 49


async def test_fills_shrink_the_wish(client: Client, venue) -> None:
    """Nothing is topped up, and nothing is sent for it; a side that is gone is not quoted again."""
    async with client.trading() as session:
        quotes = QuoteManager(session)
        want(quotes, 1, 100)
        await quotes.settled()
        kind, status = types_pb2.REPORT_KIND_TRADE, types_pb2.ORDER_STATUS_PARTIALLY_FILLED
        fill = {"kind": kind, "last_quantity_lots": 4, "price_ticks": 100, "maker": True, "filled_lots": 4}
        venue.happen(side_report(1, 2, status=status, leaves_lots=6, **fill))
        await until(lambda: quotes.wanted(SYMBOL, 1) == (100, 6, 110, 10))
        fill = {**fill, "last_quantity_lots": 6, "filled_lots": 10}
        venue.happen(side_report(1, 3, status=types_pb2.ORDER_STATUS_FILLED, **fill))
        await until(lambda: quotes.wanted(SYMBOL, 1) == (0, 0, 110, 10))
        await quotes.settled()
        assert len(venue.requests) == 1


@pytest.mark.parametrize(
    ("reason", "again"), [(Reason.DISCONNECT, True), (Reason.MASS_CANCEL, False), (Reason.COUNTDOWN, False)]
)
async def test_what_others_cancel(client: Client, venue, reason: Reason, again: bool) -> None:
    """What the venue has pulled for a lost stream is quoted again; what somebody wanted gone is not."""
    async with client.trading() as session:
        quotes = QuoteManager(session)
        want(quotes, 1, 100)
        await quotes.settled()
        venue.quoted.pop((1, 1))
        venue.sequence += 1
        ended = {"kind": types_pb2.REPORT_KIND_CANCELED, "status": types_pb2.ORDER_STATUS_CANCELED}
        venue.happen(side_report(1, venue.sequence, reason=reason.value, **ended))
        await until(lambda: session.orders.quote(SYMBOL, 1, 1) is None or len(venue.requests) > 1)
        await quotes.settled()
        assert ((1, 1) in venue.quoted) == again
        assert quotes.wanted(SYMBOL, 1)[:2] == ((100, 10) if again else (0, 0))


async def test_the_end_of_an_older_quote_is_not_the_end_of_the_wish(client: Client, venue) -> None:
    """Its cancel is told when the next manager has taken the id over, and has not sent anything yet."""
    async with client.trading() as session:
        await session.mass_quote([Quote(SYMBOL, 1, Ticks(90), Lots(1), None, None)])
        quotes = QuoteManager(session)
        want(quotes, 1, 100)
        del venue.quoted[1, 1]
        venue.sequence += 1
        ended = {"kind": types_pb2.REPORT_KIND_CANCELED, "status": types_pb2.ORDER_STATUS_CANCELED}
        session._take(
            orders.TradeResponse(reports=[side_report(1, venue.sequence, reason=Reason.MASS_CANCEL.value, **ended)])
        )
        await quotes.settled()
        assert quotes.on_book(SYMBOL, 1) == (100, 10, 110, 10)


async def test_a_refused_quote_does_not_leave_old_prices(client: Client, venue) -> None:
    """The side whose price is still wanted stays; the callback says why; the next wish is sent."""
    told: list[tuple[int, Reason]] = []
    async with client.trading() as session:
        quotes = QuoteManager(session, on_refused=lambda symbol, number, reason: told.append((number, reason)))
        want(quotes, 1, 100)
        await quotes.settled()
        real = venue.quote

        def picky(quote, request_id, item):
            venue.refuse_quotes = {1: Reason.POST_ONLY_WOULD_CROSS.value} if quote.bid_price_ticks == 105 else {}
            return real(quote, request_id, item)

        venue.quote = picky
        quotes.set(SYMBOL, 1, Ticks(105), Lots(10), Ticks(110), Lots(10))
        await quotes.settled()
        assert told == [(1, Reason.POST_ONLY_WOULD_CROSS)]
        assert quotes.on_book(SYMBOL, 1) == (0, 0, 110, 10)
        want(quotes, 1, 104)
        await quotes.settled()
        assert quotes.on_book(SYMBOL, 1) == (104, 10, 114, 10)


@pytest.mark.parametrize("pulls", [False, True])
async def test_what_cannot_be_taken_off_is_not_asked_for_again_and_again(client: Client, venue, pulls: bool) -> None:
    """In a halt nothing is accepted, a withdrawal neither; after it the wish is quoted."""
    async with client.trading() as session:
        quotes = QuoteManager(session)
        want(quotes, 1, 100)
        await quotes.settled()
        venue.refuse_quotes = {1: Reason.PHASE_FORBIDS.value}
        if pulls:
            quotes.pull(SYMBOL, 1)
        else:
            want(quotes, 1, 90)
        await quotes.settled()
        assert len(venue.requests) == (2 if pulls else 3)  # the wish, and what takes the old prices off
        assert quotes.on_book(SYMBOL, 1) == (100, 10, 110, 10)
        venue.refuse_quotes = {}
        venue.sequence += 1
        phase = {"kind": types_pb2.REPORT_KIND_PHASE_CHANGED, "phase": types_pb2.PHASE_OPEN}
        venue.happen(types_pb2.Report(symbol=SYMBOL, sequence=venue.sequence, **phase))
        await until(lambda: quotes.on_book(SYMBOL, 1) == ((0, 0, 0, 0) if pulls else (90, 10, 100, 10)))


async def test_a_tripped_group_is_left_alone(client: Client, venue) -> None:
    """Nothing is sent until reset; then what is wanted by then."""
    tripped: list[str] = []
    async with client.trading() as session:
        quotes = QuoteManager(session, protection_group=2, on_trip=tripped.append)
        want(quotes, 1, 100)
        await quotes.settled()
        venue.sequence += 1
        trip = {"kind": types_pb2.REPORT_KIND_PROTECTION, "reason": types_pb2.REASON_MARKET_MAKER_PROTECTION}
        venue.happen(types_pb2.Report(symbol=SYMBOL, sequence=venue.sequence, protection_group=2, **trip))
        await until(lambda: tripped)
        want(quotes, 1, 90)
        await quotes.settled()
        assert quotes.frozen == {SYMBOL}
        assert len(venue.requests) == 1
        await quotes.reset(SYMBOL)
        await quotes.settled()
        assert venue.quoted[1, 1] == (90, 10)


async def test_a_busy_gateway_is_asked_again(client: Client, venue) -> None:
    """After the delay that it names."""
    venue.refuse_quotes = {1: Reason.RATE_LIMITED.value}
    async with client.trading() as session:
        quotes = QuoteManager(session)
        want(quotes, 1, 100)
        await until(lambda: quotes.sent_messages == 1)
        venue.refuse_quotes = {}
        await quotes.settled()
        assert venue.quoted[1, 1] == (100, 10)


async def test_what_a_busy_gateway_has_left_out_is_waited_for(client: Client, venue) -> None:
    """Of several quotes in one message the last is past the rate: not settled before it is there too."""
    venue.refuse_quotes = {3: Reason.RATE_LIMITED.value}
    async with client.trading() as session:
        quotes = QuoteManager(session)
        for number in (1, 2, 3):
            want(quotes, number, 100)
        settled = asyncio.create_task(quotes.settled())
        await until(lambda: (2, 1) in venue.quoted and not session.unanswered)
        venue.refuse_quotes = {}
        await settled
        assert venue.quoted[3, 1] == (100, 10)


@pytest.mark.parametrize("fault", ["lose", "swallow", "half"])
async def test_after_a_disconnect_only_what_is_wanted_by_then_is_sent(client: Client, venue, fault: str) -> None:
    """A price of before the disconnect is never sent again."""
    venue.fault = once(fault)
    async with client.trading() as session:
        quotes = QuoteManager(session)
        want(quotes, 1, 100)
        await until(lambda: not session.connected)
        want(quotes, 1, 200)
        await quotes.settled()
        assert quotes.on_book(SYMBOL, 1) == (200, 10, 210, 10)
        sent = [each.mass_quote.quotes[0].bid_price_ticks for each in venue.requests]
        assert sent == [100, 200]


async def test_off_grid_wishes_change_nothing(client: Client, venue) -> None:
    """Refused before anything has changed."""
    async with client.trading() as session:
        quotes = QuoteManager(session)
        want(quotes, 1, 100)
        with pytest.raises(ValueError, match="not on a tick"):
            quotes.set(SYMBOL, 1, "10.05", "1")
        assert quotes.wanted(SYMBOL, 1) == (100, 10, 110, 10)
        await quotes.settled()

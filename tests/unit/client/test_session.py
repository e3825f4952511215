"""Trading sessions: answers, reconnects, resume, duplicates (invariant 2, rule API-2)."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from tidegate.v1 import order_service_pb2 as orders
from tidegate.v1 import types_pb2
from tidegate_client import (
    BUY,
    SELL,
    Amend,
    Busy,
    Cancel,
    CancelAll,
    Client,
    Lots,
    OrderStatus,
    Outcome,
    OutcomeUnknown,
    Place,
    Quote,
    Reason,
    Replace,
    Report,
    ResetProtection,
    SessionClosed,
    SessionOptions,
    SetCountdown,
    Ticks,
    TimeInForce,
)

SYMBOL = "BTCUSDT"


def quote(number: int, **changes: object) -> Place:
    """A buy with client order id `number`."""
    return Place(SYMBOL, BUY, Ticks(1000 + number), Lots(5), client_order_id=number, **changes)


def once(what: str):
    """A fault that happens to the first message only."""
    left = [what]
    return lambda request: left.pop() if left else ""


async def until(condition) -> None:
    """Give way until something that happens in this process has happened."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - the condition is an attribute, not an event
            await asyncio.sleep(0.001)


async def test_place_amend_cancel(client: Client, venue) -> None:
    """Each call returns the order after it; the session's own record agrees."""
    async with client.trading() as session:
        placed = await session.place(SYMBOL, BUY, Decimal("100.5"), "0.010")
        assert placed.order is not None
        number = placed.client_order_id
        assert (placed.order.price_ticks, placed.order.quantity_lots) == (1005, 10)
        assert session.order(SYMBOL, number).status == OrderStatus.NEW
        amended = await session.amend(SYMBOL, number, quantity=Decimal("0.004"))
        assert amended.order.quantity == Decimal("0.004")
        canceled = await session.cancel(SYMBOL, number)
        assert canceled.order.status is OrderStatus.CANCELED
        assert not list(session.orders.open())


async def test_batch_results_are_in_order(client: Client, venue) -> None:
    """A refused command says why, and the ones beside it are carried out."""
    async with client.trading() as session:
        handle = session.send(
            [quote(1), Cancel(SYMBOL, 99), quote(2, time_in_force=TimeInForce.IOC), CancelAll(SYMBOL)]
        )
        results = await handle
    assert [each.outcome for each in results] == [
        Outcome.APPLIED,
        Outcome.NOT_APPLIED,
        Outcome.APPLIED,
        Outcome.APPLIED,
    ]
    assert results[1].reason is Reason.UNKNOWN_ORDER
    assert results[2].order.status is OrderStatus.EXPIRED
    assert [each.kind.name for each in results[3].reports] == ["CANCELED", "CANCEL_ALL_DONE"]
    assert handle.last_sequence == 4


async def test_off_grid_is_refused_before_anything_is_sent(client: Client, venue) -> None:
    """A batch with one bad price sends nothing at all."""
    async with client.trading() as session:
        with pytest.raises(ValueError, match=r"not on a tick of 0\.1"):
            session.send([quote(1), Place(SYMBOL, BUY, Decimal("100.05"), Lots(1))])
        assert not session.unanswered
        assert not list(session.orders.open())
    assert not venue.placed


@pytest.mark.parametrize("fault", ["lose", "swallow", "half"])
async def test_every_command_resolves_after_a_disconnect(client: Client, venue, fault: str) -> None:
    """Lost before the engine, after it, or with half of the reports: each is carried out exactly once."""
    venue.fault = once(fault)
    async with client.trading() as session:
        events = session.events()
        first = session.send([quote(number) for number in range(1, 7)])
        second = session.send([quote(7), Amend(SYMBOL, 1, quantity=Lots(3)), Cancel(SYMBOL, 2)])
        results = [*await first, *await second]
        assert all(each.applied for each in results), results
        assert session.connects == 2
        assert session.order(SYMBOL, 1).quantity_lots == 3
        assert session.order(SYMBOL, 2).status == OrderStatus.CANCELED
    assert sorted(venue.placed) == list(range(1, 8)), "placed exactly once each"
    seen = [(each.sequence, each.index) async for each in events]
    assert seen == sorted(set(seen)), "every report once, in order"
    assert seen == [(each.sequence, each.index) for each in venue.log], "and none is missing"


async def test_commands_sent_while_disconnected_follow(client: Client, venue) -> None:
    """What is sent between two connections waits, in its order, behind what is sent again."""
    venue.fault = once("lose")
    async with client.trading() as session:
        first = session.send([quote(1)])
        await until(lambda: not session.connected)
        second = session.send([quote(2)])
        await first
        await second
    assert venue.placed == [1, 2]


async def test_a_cancel_sent_twice_is_applied(client: Client, venue) -> None:
    """The cancel was carried out, its report is lost even for the resume: sent again, it finds its work done."""
    async with client.trading() as session:
        await session.send([quote(1)])
        venue.fault = once("swallow")
        log, venue.log = venue.log, []
        handle = session.send([Cancel(SYMBOL, 1)])
        await until(lambda: not session.connected)
        venue.log = log  # the venue forgets it
        (result,) = await handle
        assert result.applied
        assert len(venue.requests) == 3


@pytest.mark.parametrize("what", [Amend(SYMBOL, 1, quantity=Lots(3)), Cancel(SYMBOL, 1)])
async def test_a_command_that_was_on_its_way_all_the_time_is_applied(client: Client, venue, what) -> None:
    """It reaches the engine after the stream was opened again and before it is sent again: the order has ended when
    the second one is judged."""
    async with client.trading() as session:
        await session.send([quote(1)])
        venue.fault = once("late")
        result = (await session.send([what]))[0]
        assert result.applied, result
        assert venue.orders[1].leaves_lots == 0
        again = (await session.send([what]))[0]
        assert (again.outcome, again.reason) == (Outcome.NOT_APPLIED, Reason.ORDER_CLOSED)


async def test_a_cancel_that_was_first_sent_after_a_disconnect_is_not_taken_for_a_second_one(
    client: Client, venue
) -> None:
    """The order was canceled by somebody else: the refusal stands."""
    async with client.trading() as session:
        await session.send([quote(1)])
        venue.say(types_pb2.StreamNotice.KIND_DRAINING)
        await until(lambda: not session.connected)
        cancel = session.send([Cancel(SYMBOL, 1)])
        venue.happen(*venue.apply(orders.Command(cancel_all=orders.CancelAllRequest(symbol=SYMBOL)), 0, 0))
        assert [(each.outcome, each.reason) for each in await cancel] == [(Outcome.NOT_APPLIED, Reason.ORDER_CLOSED)]


async def test_a_command_overtaken_by_an_answered_one_was_not_applied(client: Client, venue) -> None:
    """The engine keeps the order of a stream; so what stands before an answered command never reached it."""
    real = venue.apply

    def forget_the_first(command, request_id, item):
        return [] if command.place.client_order_id == 1 else real(command, request_id, item)

    venue.apply = forget_the_first
    venue.fault = lambda request: "swallow" if request.commands[0].place.client_order_id == 2 else ""
    async with client.trading() as session:
        lost, kept = session.send([quote(1)]), session.send([quote(2)])
        assert [each.outcome for each in await lost] == [Outcome.NOT_APPLIED]
        assert (await kept)[0].applied
    assert venue.placed == [2]


async def test_resume_skips_what_was_seen(client: Client, venue) -> None:
    """Reports that a resume sends again are dropped."""
    venue.repeat_on_resume = 100
    async with client.trading() as session:
        events = session.events()
        await session.send([quote(1), quote(2)])
        venue.fault = once("swallow")
        await session.send([quote(3)])
    assert [each.client_order_id async for each in events] == [1, 2, 3]


async def test_resume_token_carries_over_to_another_session(client: Client, venue) -> None:
    """A later session that is given the token starts with what happened in between."""
    async with client.trading() as session:
        await session.send([quote(1)])
        token = session.resume_token
    async with client.trading() as other:
        await other.send([quote(2)])
    async with client.trading(resume_after=token) as session:
        assert {order.client_order_id for order in session.orders.open()} >= {2}


async def test_draining_leads_to_another_stream(client: Client, venue) -> None:
    """A DRAINING notice is followed without waiting for the connection to break."""
    async with client.trading() as session:
        await session.send([quote(1)])
        venue.say(types_pb2.StreamNotice.KIND_DRAINING)
        await until(lambda: session.connects == 2)
        await session.send([quote(2)])
    assert venue.placed == [1, 2]
    assert venue.streams == 2


async def test_a_silent_venue_is_left(client: Client, venue) -> None:
    """A command without an answer for too long makes the session connect again and ask again."""
    real, venue.apply = venue.apply, lambda *arguments: []
    async with client.trading(SessionOptions(answer_timeout_s=0.2)) as session:
        handle = session.send([quote(1)])
        await until(lambda: session.connects >= 2)
        venue.apply = real
        assert (await handle)[0].applied
    assert venue.placed == [1]


async def test_busy_says_when_to_try_again(client: Client, venue) -> None:
    """A gateway's refusal is NOT_APPLIED, with the delay; the order is not kept as pending."""
    venue.refuse_reason = types_pb2.REASON_VENUE_BUSY
    async with client.trading() as session:
        with pytest.raises(Busy) as caught:
            await session.place(SYMBOL, SELL, Ticks(5), Lots(1))
        assert caught.value.retry_delay_s == pytest.approx(0.007)
        assert caught.value.outcome is Outcome.NOT_APPLIED
        assert not list(session.orders.open())


async def test_fills_move_the_position(client: Client, venue) -> None:
    """A fill by somebody else's order changes order and position."""
    async with client.trading() as session:
        events = session.events()
        await session.send([quote(1)])
        order = venue.orders[1]
        fill = types_pb2.Report()
        fill.CopyFrom(order)
        venue.sequence += 1
        fill.MergeFrom(
            types_pb2.Report(
                kind=types_pb2.REPORT_KIND_TRADE,
                sequence=venue.sequence,
                status=types_pb2.ORDER_STATUS_PARTIALLY_FILLED,
                filled_lots=2,
                leaves_lots=3,
                last_price_ticks=1001,
                last_quantity_lots=2,
                maker=True,
                trade_id=1,
                position_lots=2,
            )
        )
        fill.request_id = 0
        venue.happen(fill)
        await anext(events)
        report: Report = await anext(events)
        assert report.is_fill
        assert (report.price, report.quantity) == (Decimal("100.1"), Decimal("0.002"))
        assert session.position(SYMBOL) == Decimal("0.002")
        assert session.order(SYMBOL, 1).filled_lots == 2


async def test_closing_names_what_is_unknown(client: Client, venue) -> None:
    """Commands that are unanswered when the session is closed are named, and nothing can be sent afterwards."""
    venue.apply = lambda *arguments: []
    async with client.trading(SessionOptions(close_timeout_s=0.05)) as session:
        handle = session.send([quote(1)])
    with pytest.raises(OutcomeUnknown) as caught:
        await handle
    assert caught.value.client_order_ids == (1,)
    with pytest.raises(SessionClosed):
        session.send([quote(2)])


async def test_template_is_sent_as_it_stands(client: Client, venue) -> None:
    """A patched template and the ordinary way give the venue the same commands."""
    from tidegate_client import quote_template

    async with client.trading() as session:
        template = quote_template(SYMBOL, 2, client.instrument)
        for item in range(4):
            template.set(item, 10 + item, 61_000_0 + item, 7 + item)
        results = await session.send_encoded(template.encoded(), template.ids)
        assert [each.client_order_id for each in results] == [10, 11, 12, 13]
        assert [each.order.price_ticks for each in results] == [610_000, 610_001, 610_002, 610_003]
        assert [each.order.quantity_lots for each in results] == [7, 8, 9, 10]
        assert [each.order.side for each in results] == [BUY, BUY, SELL, SELL]


@pytest.mark.parametrize("fault", ["lose", "swallow", "half"])
async def test_quotes_replaces_and_countdowns_resolve_after_a_disconnect(client: Client, venue, fault: str) -> None:
    """A quote may be carried out twice, which is once; a replace is found by its new order."""
    venue.fault = once(fault)
    quotes = [Quote(SYMBOL, number, Ticks(100 + number), Lots(3), Ticks(200), Lots(3)) for number in range(1, 5)]
    async with client.trading() as session:
        first = session.send_quotes(quotes, protection_group=3)
        second = session.send([Replace(99, quote(1)), SetCountdown(SYMBOL, 500), ResetProtection(SYMBOL, 3)])
        results = [*await first, *await second]
        assert all(each.applied for each in results), results
        assert session.connects == 2
        assert session.orders.quote(SYMBOL, 2, BUY).price_ticks == 102
    assert venue.placed == [1]
    assert {each.mass_quote.protection_group for each in venue.requests if each.mass_quote.quotes} == {3}


async def test_one_refused_quote_among_others(client: Client, venue) -> None:
    """Items are told apart; what the engine refuses leaves the others alone."""
    venue.refuse_quotes = {2: Reason.PRICE_BAND.value}
    async with client.trading() as session:
        results = await session.mass_quote([Quote(SYMBOL, number, "10", "1", None, None) for number in (1, 2, 3)])
        assert [each.reason for each in results] == [Reason.UNSPECIFIED, Reason.PRICE_BAND, Reason.UNSPECIFIED]
        assert session.limits.orders_second == 3


@pytest.mark.rule("ORD-12")
async def test_closing_is_a_clean_logout(client: Client, venue) -> None:
    """The stream asks for cancel-on-disconnect when it is to, and is half-closed, not torn down."""
    async with client.trading(SessionOptions(cancel_on_disconnect=True)) as session:
        await session.send([quote(1)])
        token = session.resume_token
    async with client.trading(resume_after=token):
        pass
    assert venue.half_closed == 2
    assert [each.open.cancel_on_disconnect for each in venue.opened] == [True, False]


async def test_symbols_come_and_go(client: Client, venue, market_data) -> None:
    """A new one is known by the time its reports are read; one that is gone is not named when resuming."""
    async with client.trading() as session:
        events = session.events()
        market_data.listed = [SYMBOL, "NEWUSDT"]
        venue.say(types_pb2.StreamNotice.KIND_SYMBOL_ADDED, NEWUSDT=4)
        await until(lambda: "NEWUSDT" in client.market.known)
        place = {"client_order_id": 5, "order_id": 5, "sequence": 5, "side": 1, "price_ticks": 7}
        accepted = {"kind": types_pb2.REPORT_KIND_ACCEPTED, "status": types_pb2.ORDER_STATUS_NEW}
        venue.happen(types_pb2.Report(symbol="NEWUSDT", **place, **accepted))
        report = await anext(events)
        assert (report.symbol, report.order.price) == ("NEWUSDT", Decimal("0.7"))
        await until(lambda: "NEWUSDT" in session.resume_token)
        venue.say(types_pb2.StreamNotice.KIND_SYMBOL_REMOVED, NEWUSDT=5)
        await until(lambda: "NEWUSDT" not in session.resume_token)
        venue.say(types_pb2.StreamNotice.KIND_DRAINING)
        await until(lambda: session.connects == 2)
    assert [each.symbol for each in venue.opened[1].open.resume_after] == [SYMBOL]


async def test_a_symbol_that_was_delisted_meanwhile_does_not_keep_the_rest_from_resuming(
    client: Client, market_data
) -> None:
    """The venue does not resume it (UNKNOWN_SYMBOL), market data still names it, as delisted."""
    market_data.listed, market_data.delisted = [SYMBOL, "GONEUSDT"], {"GONEUSDT"}
    async with client.trading(resume_after={SYMBOL: 0, "GONEUSDT": 7}) as session:
        assert (await session.place(SYMBOL, BUY, Ticks(1000), Lots(5))).applied
        assert session.resume_token.keys() == {SYMBOL}

"""The calls of OrderService beyond place, amend and cancel, and the engine's memory joined with history."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from tests.unit.gateway.venue import Venue, running_venue
from tests.venues.calls import ALICE, BOB, OPERATOR, key, place, refusal
from tidegate.v1 import account_service_pb2 as account
from tidegate.v1 import operations_service_pb2 as operations
from tidegate.v1 import order_service_pb2 as orders
from tidegate.v1 import types_pb2 as types
from tidegate.wire.stats import EngineState

Code = grpc.StatusCode


@pytest.fixture
async def venue(tmp_path: Path) -> AsyncIterator[Venue]:
    async with running_venue(tmp_path) as running:
        yield running


def kinds(reports: Any) -> list[int]:
    """What the reports say."""
    return [report.kind for report in reports]


async def refused(call: Any) -> tuple[Code, str, dict[str, str], float | None]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return refusal(caught.value)


def quote(number: int, bid: int, ask: int, symbol: str = "BTCUSDT", quantity: int = 5) -> orders.Quote:
    """A two-sided quote."""
    return orders.Quote(
        symbol=symbol,
        quote_id=number,
        bid_price_ticks=bid,
        bid_quantity_lots=quantity,
        ask_price_ticks=ask,
        ask_quantity_lots=quantity,
    )


@pytest.mark.rule("ORD-10")
async def test_replace_is_one_step(venue: Venue) -> None:
    """The old order goes and the new one comes with one sequence; without an old one: refused, or placed if wanted."""
    mine = key(ALICE)
    await venue.orders.PlaceOrder(place(1), metadata=mine)
    request = orders.ReplaceOrderRequest(cancel_client_order_id=1, place=place(2, price=101))
    replaced = await venue.orders.ReplaceOrder(request, metadata=mine)
    assert kinds(replaced.reports) == [types.REPORT_KIND_CANCELED, types.REPORT_KIND_ACCEPTED]
    assert len({report.sequence for report in replaced.reports}) == 1
    assert replaced.limits.orders_second >= 1
    again = orders.ReplaceOrderRequest(cancel_client_order_id=1, place=place(3))
    assert (await refused(venue.orders.ReplaceOrder(again, metadata=mine)))[:2] == (
        Code.FAILED_PRECONDITION,
        "CANCEL_FAILED",
    )
    on = orders.ReplaceOrderRequest(cancel_client_order_id=1, place=place(4), place_if_cancel_fails=True)
    assert kinds((await venue.orders.ReplaceOrder(on, metadata=mine)).reports) == [types.REPORT_KIND_ACCEPTED]
    nothing = orders.ReplaceOrderRequest(place=place(5))
    assert (await refused(venue.orders.ReplaceOrder(nothing, metadata=mine)))[1] == "MISSING_FIELD"


@pytest.mark.rule("ORD-11")
async def test_mass_quote_answers_quote_by_quote(venue: Venue) -> None:
    """Over two symbols, one crossed and one for no symbol; by a call, and by a stream after its commands."""
    quotes = [quote(1, 90, 110), quote(1, 95, 105, "ETHUSDT"), quote(2, 110, 90), quote(3, 1, 2, "NOPE")]
    request = orders.MassQuoteRequest(request_id=7, quotes=quotes)
    answer = await venue.orders.MassQuote(request, metadata=key(ALICE))
    quoted = {(report.item, report.symbol) for report in answer.reports if report.kind == types.REPORT_KIND_QUOTED}
    assert quoted == {(0, "BTCUSDT"), (1, "ETHUSDT")}
    [rejected] = [report for report in answer.reports if report.kind == types.REPORT_KIND_REJECTED]
    assert (rejected.item, rejected.reason) == (2, types.REASON_QUOTE_CROSSED)
    assert [(each.item, each.reason) for each in answer.refusals] == [(3, types.REASON_UNKNOWN_SYMBOL)]
    assert answer.limits.orders_second_max > 0
    many = orders.MassQuoteRequest(quotes=[quote(number, 90, 110) for number in range(1, 102)])
    assert (await refused(venue.orders.MassQuote(many, metadata=key(ALICE))))[1] == "TOO_MANY_ITEMS"
    stream = venue.orders.Trade(metadata=key(ALICE))
    await stream.write(orders.TradeRequest())
    await stream.read()
    commands = [orders.Command(place=place(50, price=80))]
    mass_quote = orders.MassQuoteRequest(quotes=[quote(1, 91, 109)])
    await stream.write(orders.TradeRequest(request_id=8, commands=commands, mass_quote=mass_quote))
    found: list[Any] = []
    while not any(report.kind == types.REPORT_KIND_QUOTED for report in found):
        found += (await stream.read()).reports
    assert [(report.item, report.request_id) for report in found if report.kind == types.REPORT_KIND_QUOTED] == [(1, 8)]
    stream.cancel()


@pytest.mark.rule("ORD-11")
async def test_protection_is_set_trips_and_is_reset(venue: Venue) -> None:
    """One fill trips the group: its quotes are pulled and refused until it is reset."""
    mine = key(ALICE)
    limits = orders.SetProtectionRequest(symbol="BTCUSDT", protection_group=1, window_ms=60_000, fills_limit=1)
    assert kinds((await venue.orders.SetProtection(limits, metadata=mine)).reports) == [types.REPORT_KIND_PROTECTION]
    request = orders.MassQuoteRequest(quotes=[quote(1, 90, 110)], protection_group=1)
    await venue.orders.MassQuote(request, metadata=mine)
    sell = place(1, side=types.SIDE_SELL, price=90, quantity=1, time_in_force=types.TIME_IN_FORCE_IOC)
    await venue.orders.PlaceOrder(sell, metadata=key(BOB))
    frozen = await venue.orders.MassQuote(request, metadata=mine)
    assert [report.reason for report in frozen.reports] == [types.REASON_PROTECTION_FROZEN]
    reset = orders.ResetProtectionRequest(symbol="BTCUSDT", protection_group=1)
    await venue.orders.ResetProtection(reset, metadata=mine)
    again = await venue.orders.MassQuote(request, metadata=mine)
    assert types.REPORT_KIND_QUOTED in kinds(again.reports)
    none = orders.SetProtectionRequest(symbol="BTCUSDT", protection_group=17, window_ms=1)
    assert (await refused(venue.orders.SetProtection(none, metadata=mine)))[1] == "INVALID_GROUP"


@pytest.mark.rule("ORD-12")
async def test_cancel_all_and_countdown_in_every_symbol(venue: Venue) -> None:
    """Without a symbol: every symbol answers; one that is full or away is told of, and does not hide the others."""
    mine = key(ALICE)
    for symbol in ("BTCUSDT", "ETHUSDT"):
        await venue.orders.PlaceOrder(place(1, symbol=symbol), metadata=mine)
    done = await venue.orders.CancelAll(orders.CancelAllRequest(), metadata=mine)
    assert sorted(report.symbol for report in done.reports if report.kind == types.REPORT_KIND_CANCELED) == [
        "BTCUSDT",
        "ETHUSDT",
    ]
    assert kinds(done.reports).count(types.REPORT_KIND_CANCEL_ALL_DONE) == 2
    assert not done.refusals
    counting = await venue.orders.SetCountdown(orders.SetCountdownRequest(countdown_ms=5_000), metadata=mine)
    assert {(report.symbol, report.countdown_ms) for report in counting.reports} == {
        ("BTCUSDT", 5_000),
        ("ETHUSDT", 5_000),
    }
    one = await venue.orders.SetCountdown(orders.SetCountdownRequest(symbol="ETHUSDT"), metadata=mine)
    assert [(report.symbol, report.countdown_ms) for report in one.reports] == [("ETHUSDT", 0)]
    halt = operations.SetPhaseRequest(symbol="ETHUSDT", phase=types.PHASE_HALT)
    await venue.operations.SetPhase(halt, metadata=key(OPERATOR))
    partly = await venue.orders.CancelAll(orders.CancelAllRequest(), metadata=mine)
    assert {(report.symbol, report.kind) for report in partly.reports} == {
        ("BTCUSDT", types.REPORT_KIND_CANCEL_ALL_DONE),
        ("ETHUSDT", types.REPORT_KIND_REJECTED),
    }


@pytest.mark.rule("ORD-12")
async def test_cancel_all_by_group(venue: Venue) -> None:
    """Only the orders of the group go."""
    mine = key(ALICE)
    await venue.orders.PlaceOrder(place(1, protection_group=3), metadata=mine)
    await venue.orders.PlaceOrder(place(2), metadata=mine)
    request = orders.CancelAllRequest(symbol="BTCUSDT", scope=orders.CANCEL_SCOPE_GROUP, protection_group=3)
    done = await venue.orders.CancelAll(request, metadata=mine)
    assert [report.client_order_id for report in done.reports if report.kind == types.REPORT_KIND_CANCELED] == [1]


async def test_position_mode(venue: Venue) -> None:
    """Hedge mode is set, and not while orders are open."""
    mine = key(ALICE)
    hedge = orders.SetPositionModeRequest(symbol="BTCUSDT", mode=types.POSITION_MODE_HEDGE)
    done = await venue.orders.SetPositionMode(hedge, metadata=mine)
    assert [report.position_mode for report in done.reports] == [types.POSITION_MODE_HEDGE]
    await venue.orders.PlaceOrder(place(1, position_side=types.POSITION_SIDE_LONG), metadata=mine)
    back = orders.SetPositionModeRequest(symbol="BTCUSDT", mode=types.POSITION_MODE_ONE_WAY)
    assert (await refused(venue.orders.SetPositionMode(back, metadata=mine)))[1] == "ORDERS_OPEN"


@pytest.mark.rule("API-4")
async def test_history_is_asked_for_the_callers_account(venue: Venue) -> None:
    """Lists and states as of a sequence come from history; so does an order that the engine has forgotten."""
    order = types.Order(symbol="BTCUSDT", order_id=4, client_order_id=9)
    venue.history.orders[1, 4] = account.GetOrderAtResponse(order=order, sequence=17)
    at = account.GetOrderAtRequest(symbol="BTCUSDT", order_id=4, sequence=17)
    assert (await venue.accounts.GetOrderAt(at, metadata=key(ALICE))).sequence == 17
    listed = await venue.accounts.ListOrders(account.ListOrdersRequest(symbol="BTCUSDT"), metadata=key(ALICE))
    assert ([each.order_id for each in listed.orders], listed.next_page_token) == ([4], "more")
    assert not (await venue.accounts.ListFills(account.ListFillsRequest(symbol="BTCUSDT"), metadata=key(BOB))).fills
    assert [asked for asked, _ in venue.history.asked] == [1, 1, 2]
    forgotten = orders.GetOrderRequest(symbol="BTCUSDT", order_id=4)
    assert (await venue.orders.GetOrder(forgotten, metadata=key(ALICE))).order == order
    assert (await refused(venue.orders.GetOrder(forgotten, metadata=key(BOB))))[1] == "UNKNOWN_ORDER"


@pytest.mark.rule("API-4")
async def test_without_history_nobody_is_told_that_an_order_never_was(tmp_path: Path) -> None:
    """History away: UNAVAILABLE with a delay, also for an order that the engine does not know; the rest goes on."""
    async with running_venue(tmp_path) as venue:
        await venue.stop_history()
        for call in (
            venue.accounts.ListOrders(account.ListOrdersRequest(symbol="BTCUSDT"), metadata=key(ALICE)),
            venue.orders.GetOrder(orders.GetOrderRequest(symbol="BTCUSDT", order_id=4), metadata=key(ALICE)),
        ):
            code, reason, _, delay = await refused(call)
            assert (code, reason) == (Code.UNAVAILABLE, "HISTORY_UNAVAILABLE")
            assert delay is not None
        await venue.orders.PlaceOrder(place(1), metadata=key(ALICE))
        known = orders.GetOrderRequest(symbol="BTCUSDT", client_order_id=1)
        assert (await venue.orders.GetOrder(known, metadata=key(ALICE))).order.client_order_id == 1


async def test_what_the_venue_says_to_a_symbol(venue: Venue) -> None:
    """Prices, and a cancel of everything: with its sequence, or refused when it makes no sense."""
    operator = key(OPERATOR)
    engine = venue.engines["BTCUSDT"]
    priced = await venue.operations.SetPrices(
        operations.SetPricesRequest(symbol="BTCUSDT", mark_price_ticks=100, index_price_ticks=101), metadata=operator
    )
    assert priced.sequence == engine.model.sequence
    for wrong, reason in (
        (operations.SetPricesRequest(symbol="BTCUSDT"), "INVALID_PRICE"),
        (operations.SetPricesRequest(mark_price_ticks=1), "MISSING_FIELD"),
        (operations.SetPricesRequest(symbol="NOPE", mark_price_ticks=1), "UNKNOWN_SYMBOL"),
    ):
        assert (await refused(venue.operations.SetPrices(wrong, metadata=operator)))[1] == reason
    for api_key in (ALICE, BOB):
        await venue.orders.PlaceOrder(place(1), metadata=key(api_key))
    everything = operations.CancelEverythingRequest(symbol="BTCUSDT")
    canceled = await venue.operations.CancelEverything(everything, metadata=operator)
    assert (canceled.canceled, canceled.sequence) == (2, engine.model.sequence)
    nothing = operations.CancelEverythingRequest()
    assert (await refused(venue.operations.CancelEverything(nothing, metadata=operator)))[1] == "MISSING_FIELD"


@pytest.mark.rule("INS-3")
async def test_an_instrument_is_changed(venue: Venue) -> None:
    """The definition with its sequence; the engine's refusal, and what is refused before it gets there."""
    operator = key(OPERATOR)
    states = await venue.operations.ListInstrumentStates(operations.ListInstrumentStatesRequest(), metadata=operator)
    wanted = states.instruments[0].instrument
    wanted.quantity_max_lots = 50
    request = operations.ChangeInstrumentRequest(instrument=wanted)
    changed = (await venue.operations.ChangeInstrument(request, metadata=operator)).instrument
    assert (changed.quantity_max_lots, changed.definition_sequence) == (50, venue.engines["BTCUSDT"].model.sequence)
    too_much = venue.orders.PlaceOrder(place(1, quantity=51), metadata=key(ALICE))
    assert (await refused(too_much))[1] == "QUANTITY_OUT_OF_RANGE"
    states = await venue.operations.ListInstrumentStates(operations.ListInstrumentStatesRequest(), metadata=operator)
    assert states.instruments[0].instrument == changed
    await venue.orders.PlaceOrder(place(2), metadata=key(ALICE))
    table: list[tuple[dict[str, Any], str]] = [
        ({"tick_size": "0.2", "tick_lot_value": 0}, "PHASE_FORBIDS"),
        ({"tick_size": "x"}, "INVALID_INSTRUMENT"),
        ({"quantity_min_lots": 51}, "INVALID_INSTRUMENT"),
        ({"instrument_id": 9}, "INVALID_INSTRUMENT"),
        ({"settlement_asset": "USDC"}, "INVALID_INSTRUMENT"),
        ({"symbol": "NOPE"}, "UNKNOWN_SYMBOL"),
    ]
    for fields, reason in table:
        wrong = types.Instrument()
        wrong.CopyFrom(changed)
        for name, value in fields.items():
            setattr(wrong, name, value)
        call = venue.operations.ChangeInstrument(
            operations.ChangeInstrumentRequest(instrument=wrong), metadata=operator
        )
        assert (await refused(call))[1] == reason, fields


async def test_status_shows_prices_and_triggers(venue: Venue) -> None:
    """GetStatus has what the engine shows of itself."""
    venue.engines["BTCUSDT"].show(EngineState.RUNNING, mark=100, index=101, trigger_orders=3)
    status = await venue.operations.GetStatus(operations.GetStatusRequest(), metadata=key(OPERATOR))
    shard = next(shard for shard in status.shards if shard.symbol == "BTCUSDT")
    assert (shard.mark_price_ticks, shard.index_price_ticks, shard.trigger_orders) == (100, 101, 3)

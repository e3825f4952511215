"""Calls and streams against the model: what goes in, what comes back, in what order."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from tests.unit.gateway.venue import RINGS, Venue, running_venue
from tests.venues.calls import ALICE, BOB, OPERATOR, key, place, refusal
from tidegate.gateway.config import GatewayLimits
from tidegate.v1 import account_service_pb2 as account
from tidegate.v1 import operations_service_pb2 as operations
from tidegate.v1 import order_service_pb2 as orders
from tidegate.v1 import types_pb2 as types
from tidegate.wire.stats import EngineState

Notice = types.StreamNotice
LIMITS = GatewayLimits(unary_timeout_ms=1_500, in_flight_max=400)


@pytest.fixture
async def venue(tmp_path: Path) -> AsyncIterator[Venue]:
    async with running_venue(tmp_path, LIMITS) as running:
        yield running


def kinds(reports: Any) -> list[int]:
    """What the reports say."""
    return [report.kind for report in reports]


async def opened(venue: Venue, api_key: str) -> Any:
    """A Trade stream whose OPENED notice has been read."""
    stream = venue.orders.Trade(metadata=key(api_key))
    await stream.write(orders.TradeRequest())
    first = await stream.read()
    assert first.notice.kind == Notice.KIND_OPENED
    return stream


async def reports(stream: Any, count: int) -> list[Any]:
    """The next `count` reports of a stream, or more when they come together."""
    found: list[Any] = []
    while len(found) < count:
        message = await stream.read()
        assert message is not grpc.aio.EOF
        found += message.reports
    return found


async def test_an_orders_whole_life(venue: Venue) -> None:
    """Place, look up, list, amend, trade, cancel by unary calls; each answers with its own reports."""
    mine, theirs = key(ALICE), key(BOB)
    placed = await venue.orders.PlaceOrder(place(1), metadata=mine)
    assert kinds(placed.reports) == [types.REPORT_KIND_ACCEPTED]
    order_id = placed.reports[0].order_id
    wanted = orders.GetOrderRequest(symbol="BTCUSDT", client_order_id=1)
    assert (await venue.orders.GetOrder(wanted, metadata=mine)).order.order_id == order_id
    amended = await venue.orders.AmendOrder(
        orders.AmendOrderRequest(symbol="BTCUSDT", order_id=order_id, quantity_lots=4), metadata=mine
    )
    assert kinds(amended.reports) == [types.REPORT_KIND_AMENDED]
    sold = await venue.orders.PlaceOrder(place(1, side=types.SIDE_SELL, quantity=3), metadata=theirs)
    assert kinds(sold.reports) == [types.REPORT_KIND_ACCEPTED, types.REPORT_KIND_TRADE]
    assert (sold.reports[1].last_quantity_lots, sold.reports[1].maker) == (3, False)
    canceled = await venue.orders.CancelOrder(
        orders.CancelOrderRequest(symbol="BTCUSDT", client_order_id=1), metadata=mine
    )
    assert kinds(canceled.reports) == [types.REPORT_KIND_CANCELED]
    again = await venue.orders.PlaceOrder(place(1), metadata=mine)
    assert kinds(again.reports) == [types.REPORT_KIND_ORDER_STATE]
    assert again.reports[0].duplicate


@pytest.mark.rule("API-4")
async def test_open_orders_come_in_pages(venue: Venue) -> None:
    """Oldest first, the token goes on where the page ended, the last page has none; cancel-all ends them all."""
    for number in range(1, 6):
        await venue.orders.PlaceOrder(place(number), metadata=key(ALICE))
    found: list[int] = []
    token, pages = "", 0
    while pages == 0 or token:
        request = account.ListOpenOrdersRequest(symbol="BTCUSDT", page_size=2, page_token=token)
        page = await venue.accounts.ListOpenOrders(request, metadata=key(ALICE))
        found += [order.client_order_id for order in page.orders]
        token, pages = page.next_page_token, pages + 1
    assert found == [1, 2, 3, 4, 5]
    done = await venue.orders.CancelAll(orders.CancelAllRequest(symbol="BTCUSDT"), metadata=key(ALICE))
    assert kinds(done.reports) == [types.REPORT_KIND_CANCELED] * 5 + [types.REPORT_KIND_CANCEL_ALL_DONE]


@pytest.mark.rule("ORD-10")
async def test_batch_succeeds_and_fails_item_by_item(venue: Venue) -> None:
    """Items over two symbols, one refused by the gateway, one by an engine; each is told by its item."""
    items = [place(1), place(1, symbol="ETHUSDT"), place(2, symbol="NOPE"), place(3, price=-5)]
    request = orders.SubmitBatchRequest(request_id=77, commands=[orders.Command(place=item) for item in items])
    answer = await venue.orders.SubmitBatch(request, metadata=key(ALICE))
    assert {(report.item, report.kind) for report in answer.reports} == {
        (0, types.REPORT_KIND_ACCEPTED),
        (1, types.REPORT_KIND_ACCEPTED),
        (3, types.REPORT_KIND_REJECTED),
    }
    assert {report.request_id for report in answer.reports} == {77}
    [refused] = answer.refusals
    assert (refused.item, refused.reason, refused.client_order_id) == (2, types.REASON_UNKNOWN_SYMBOL, 2)


@pytest.mark.rule("API-2")
async def test_stream_carries_all_of_the_account(venue: Venue) -> None:
    """A stream gets its own commands' reports with their request id, and the account's others without."""
    stream = await opened(venue, ALICE)
    await stream.write(orders.TradeRequest(request_id=9, commands=[orders.Command(place=place(1))]))
    [own] = await reports(stream, 1)
    assert (own.kind, own.request_id) == (types.REPORT_KIND_ACCEPTED, 9)
    await venue.orders.PlaceOrder(place(2, symbol="ETHUSDT"), metadata=key(ALICE))
    [other] = await reports(stream, 1)
    assert (other.symbol, other.client_order_id, other.request_id) == ("ETHUSDT", 2, 0)
    await venue.orders.PlaceOrder(place(1, side=types.SIDE_SELL, quantity=5), metadata=key(BOB))
    [trade] = await reports(stream, 1)
    assert (trade.kind, trade.maker, trade.client_order_id) == (types.REPORT_KIND_TRADE, True, 1)
    await stream.done_writing()
    assert await stream.read() is grpc.aio.EOF
    assert await stream.code() == grpc.StatusCode.OK


async def test_logout_waits_for_answers(venue: Venue) -> None:
    """The client stops writing while its commands are under way: all answers come, then OK."""
    stream = await opened(venue, ALICE)
    engine = venue.engines["BTCUSDT"]
    engine.paused = True
    await stream.write(orders.TradeRequest(commands=[orders.Command(place=place(number)) for number in range(1, 51)]))
    await stream.done_writing()
    await asyncio.sleep(0.05)
    engine.resume()
    assert len(await reports(stream, 50)) == 50
    assert await stream.read() is grpc.aio.EOF
    assert await stream.code() == grpc.StatusCode.OK


async def test_malformed_message_ends_the_stream_after_what_is_due(venue: Venue) -> None:
    """Nothing of that message has gone in; the reports before it still come."""
    stream = venue.channel.stream_stream("/tidegate.v1.OrderService/Trade")(metadata=key(ALICE))
    await stream.write(b"")
    await stream.read()
    good = orders.TradeRequest(commands=[orders.Command(place=place(1))]).SerializeToString()
    bad = orders.TradeRequest(commands=[orders.Command(place=place(2))]).SerializeToString() + b"\x0a\xff"
    await stream.write(good)
    await stream.write(bad)
    answer = orders.TradeResponse.FromString(await stream.read())
    assert [report.client_order_id for report in answer.reports] == [1]
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stream.read()
    code, reason, metadata, _ = refusal(caught.value)
    assert (code, reason) == (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_MESSAGE")
    assert metadata["message"] == "2"  # the opening one is 0
    assert len(venue.engines["BTCUSDT"].model.resting()) == 1


@pytest.mark.rule("API-2")
async def test_a_stream_is_opened_by_its_first_message_only(venue: Venue) -> None:
    """Who asks for a cancel on disconnect too late is told, and does not go on believing that it holds."""
    stream = venue.channel.stream_stream("/tidegate.v1.OrderService/Trade")(metadata=key(ALICE))
    await stream.write(b"")
    await stream.read()
    late = orders.TradeRequest(commands=[orders.Command(place=place(1))])
    late.open.cancel_on_disconnect = True
    await stream.write(late.SerializeToString())
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stream.read()
    code, reason, metadata, _ = refusal(caught.value)
    assert (code, reason, metadata["message"]) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", "1")
    assert not venue.engines["BTCUSDT"].model.resting()


@pytest.mark.rule("API-1")
async def test_engine_that_does_not_answer(venue: Venue) -> None:
    """A command: UNKNOWN, resolved afterwards by its client order id. A query: NOT_APPLIED. Both retryable."""
    engine = venue.engines["BTCUSDT"]
    engine.paused = True
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await venue.orders.PlaceOrder(place(1), metadata=key(ALICE))
    code, reason, metadata, delay = refusal(caught.value)
    assert (code, reason, metadata["outcome"]) == (grpc.StatusCode.UNAVAILABLE, "SYMBOL_UNAVAILABLE", "UNKNOWN")
    assert delay is not None
    wanted = orders.GetOrderRequest(symbol="BTCUSDT", client_order_id=1)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await venue.orders.GetOrder(wanted, metadata=key(ALICE))
    assert refusal(caught.value)[2]["outcome"] == "NOT_APPLIED"
    assert (await venue.orders.PlaceOrder(place(1, symbol="ETHUSDT"), metadata=key(ALICE))).reports
    engine.resume()
    found = await venue.orders.GetOrder(wanted, metadata=key(ALICE))
    assert found.order.status == types.ORDER_STATUS_NEW


@pytest.mark.rule("API-1")
async def test_busy_symbol_refuses_orders_and_takes_cancels(venue: Venue) -> None:
    """Past the high-water mark: orders VENUE_BUSY with a delay, NOT_APPLIED; cancels still go in."""
    await venue.orders.PlaceOrder(place(9999), metadata=key(BOB))
    engine = venue.engines["BTCUSDT"]
    engine.paused = True
    streams = [await opened(venue, ALICE) for _ in range(4)]
    number = 0
    for stream in streams:
        batch = [orders.Command(place=place(number := number + 1)) for _ in range(RINGS.command_high_water // 4)]
        await stream.write(orders.TradeRequest(commands=batch[:192]))
    await until(lambda: engine_depth(venue) >= RINGS.command_high_water)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await venue.orders.PlaceOrder(place(5000), metadata=key(ALICE))
    code, reason, metadata, delay = refusal(caught.value)
    assert (code, reason, metadata["outcome"]) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "VENUE_BUSY", "NOT_APPLIED")
    assert delay is not None
    assert 0 < delay < 1
    await streams[0].write(orders.TradeRequest(request_id=5, commands=[orders.Command(place=place(5001))]))
    answer = await streams[0].read()
    assert (answer.refusals[0].reason, answer.refusals[0].outcome) == (
        types.REASON_VENUE_BUSY,
        types.OUTCOME_NOT_APPLIED,
    )
    assert answer.refusals[0].retry_delay_ms > 0
    cancel = venue.orders.CancelOrder(
        orders.CancelOrderRequest(symbol="BTCUSDT", client_order_id=9999), metadata=key(BOB)
    )
    waiting = asyncio.ensure_future(cancel)
    await until(lambda: engine_depth(venue) > RINGS.command_high_water)
    engine.resume()
    assert kinds((await waiting).reports) == [types.REPORT_KIND_CANCELED]


async def test_stream_with_too_much_in_flight_is_not_read(venue: Venue) -> None:
    """The gateway stops reading past the bound and goes on when answers have come; nothing is lost or refused."""
    engine = venue.engines["BTCUSDT"]
    stream = await opened(venue, ALICE)
    engine.paused = True
    for start in range(0, 600, 60):
        items = [orders.Command(place=place(number + 1)) for number in range(start, start + 60)]
        await stream.write(orders.TradeRequest(commands=items))
    await asyncio.sleep(0.1)
    assert LIMITS.in_flight_max < engine_depth(venue) <= LIMITS.in_flight_max + 60
    engine.resume()
    found = await reports(stream, 600)
    assert [report.client_order_id for report in found] == list(range(1, 601))


async def test_client_that_leaves_frees_its_session(venue: Venue) -> None:
    """Canceled calls and broken streams leave nothing behind, also while their commands are under way."""
    engine = venue.engines["BTCUSDT"]
    engine.paused = True
    calls = [venue.orders.PlaceOrder(place(number), metadata=key(ALICE)) for number in range(1, 20)]
    stream = await opened(venue, BOB)
    await stream.write(orders.TradeRequest(commands=[orders.Command(place=place(1))]))
    await until(lambda: engine_depth(venue) == 20)
    for call in [*calls, stream]:
        call.cancel()
    await until(lambda: not venue.server.pump._mailboxes)
    engine.resume()
    await until(lambda: engine.model.sequence >= 22)
    assert (await venue.orders.PlaceOrder(place(1), metadata=key(ALICE))).reports[0].duplicate


@pytest.mark.rule("API-5")
async def test_drain_is_announced_and_ends_streams(venue: Venue) -> None:
    """DRAINING comes in-stream at least a second before the end; new commands are refused; health says so."""
    staying, leaving = await opened(venue, ALICE), await opened(venue, BOB)
    health = health_pb2_grpc.HealthStub(venue.channel)
    loop = asyncio.get_running_loop()
    began = loop.time()
    draining = asyncio.ensure_future(venue.server.drain())
    assert (await staying.read()).notice.kind == Notice.KIND_DRAINING
    assert (await leaving.read()).notice.kind == Notice.KIND_DRAINING
    await leaving.done_writing()
    assert await leaving.read() is grpc.aio.EOF
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await venue.orders.PlaceOrder(place(1), metadata=key(ALICE))
    assert refusal(caught.value)[:2] == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
    late = venue.orders.Trade(metadata=key(ALICE))
    await late.write(orders.TradeRequest())
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await late.read()
    assert refusal(caught.value)[:2] == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
    assert (await health.Check(health_pb2.HealthCheckRequest())).status == health_pb2.HealthCheckResponse.NOT_SERVING
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await staying.read()
    assert refusal(caught.value)[:2] == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
    assert loop.time() - began >= 1.0
    await draining


async def test_operators_see_and_steer(venue: Venue) -> None:
    """A phase is changed by a command; status shows the shards; both are an operator's."""
    answer = await venue.operations.SetPhase(
        operations.SetPhaseRequest(symbol="BTCUSDT", phase=types.PHASE_CANCEL_ONLY), metadata=key(OPERATOR)
    )
    engine = venue.engines["BTCUSDT"]
    assert (answer.sequence, engine.model.phase) == (engine.model.sequence, types.PHASE_CANCEL_ONLY)
    engine.show(EngineState.RUNNING)
    listed = await venue.operations.ListInstrumentStates(
        operations.ListInstrumentStatesRequest(), metadata=key(OPERATOR)
    )
    assert [(each.instrument.symbol, each.phase) for each in listed.instruments] == [
        ("BTCUSDT", types.PHASE_CANCEL_ONLY),
        ("ETHUSDT", types.PHASE_OPEN),
    ]
    assert listed.instruments[0].instrument.tick_lot_value == 10_000
    status = await venue.operations.GetStatus(operations.GetStatusRequest(), metadata=key(OPERATOR))
    shard = status.shards[0]
    assert (shard.symbol, shard.sequence, shard.state) == ("BTCUSDT", engine.model.sequence, "running")


@pytest.mark.rule("API-5")
async def test_health_and_reflection(venue: Venue) -> None:
    """Health per service and per symbol follows the engine's state; reflection lists the services."""
    health = health_pb2_grpc.HealthStub(venue.channel)
    status = health_pb2.HealthCheckResponse
    for service in ("", "tidegate.v1.OrderService"):
        assert (await health.Check(health_pb2.HealthCheckRequest(service=service))).status == status.SERVING
    watched = health.Watch(health_pb2.HealthCheckRequest(service="tidegate.symbol.BTCUSDT"))
    while (await watched.read()).status != status.SERVING:
        pass
    venue.engines["BTCUSDT"].show(EngineState.FAILED)
    assert (await watched.read()).status == status.NOT_SERVING
    watched.cancel()
    stub = reflection_pb2_grpc.ServerReflectionStub(venue.channel)
    call = stub.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(list_services="")]))
    names = {service.name for service in (await call.read()).list_services_response.service}
    assert {"tidegate.v1.OrderService", "tidegate.v1.AccountService", "grpc.health.v1.Health"} <= names


def engine_depth(venue: Venue) -> int:
    """Commands that wait for the BTCUSDT engine."""
    return venue.engines["BTCUSDT"].depth()


async def until(condition: Any, seconds: float = 30.0) -> None:
    """Waits for something that will be true soon."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + seconds
    while not condition():
        assert loop.time() < give_up, "waited in vain"
        await asyncio.sleep(0.005)

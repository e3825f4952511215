"""Sessions that end in every way there is, against real processes: what is canceled, what stays, what is told."""

import asyncio
import contextlib
import itertools
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from tests.e2e.proxy import proxy_to
from tests.venues.calls import ALICE, BOB, OPERATOR, key, place, refusal, reports_until
from tests.venues.unsupervised import UnsupervisedVenue, unsupervised_venue
from tidegate.v1 import account_service_pb2 as account
from tidegate.v1 import account_service_pb2_grpc, operations_service_pb2_grpc, order_service_pb2_grpc
from tidegate.v1 import operations_service_pb2 as operations
from tidegate.v1 import order_service_pb2 as orders
from tidegate.v1 import types_pb2 as types

Notice = types.StreamNotice
numbers = itertools.count(1)


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UnsupervisedVenue]:
    """One gateway. Its state goes on from test to test, as a venue's does."""
    with unsupervised_venue(tmp_path_factory.mktemp("venue") / "data") as running:
        yield running


class Client:
    """A channel of its own, and the stubs over it."""

    def __init__(self, port: int) -> None:
        self.channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.use_local_subchannel_pool", 1)])
        self.orders = order_service_pb2_grpc.OrderServiceStub(self.channel)  # type: ignore[no-untyped-call]
        self.accounts = account_service_pb2_grpc.AccountServiceStub(self.channel)  # type: ignore[no-untyped-call]
        self.operations = operations_service_pb2_grpc.OperationsServiceStub(self.channel)  # type: ignore[no-untyped-call]

    async def cancelling_stream(self, *messages: orders.TradeRequest) -> Any:
        """A Trade stream that asks for cancel-on-disconnect, opened; then the messages."""
        stream = self.orders.Trade(metadata=key(ALICE))
        await stream.write(orders.TradeRequest(open=orders.StreamOpen(cancel_on_disconnect=True)))
        assert (await stream.read()).notice.kind == Notice.KIND_OPENED
        for message in messages:
            await stream.write(message)
        return stream

    async def status(self, number: int, symbol: str = "BTCUSDT") -> int:
        """Status of alice's order."""
        wanted = orders.GetOrderRequest(symbol=symbol, client_order_id=number)
        return int((await self.orders.GetOrder(wanted, metadata=key(ALICE))).order.status)


@contextlib.asynccontextmanager
async def client_on(port: int) -> AsyncIterator[Client]:
    client = Client(port)
    try:
        yield client
    finally:
        await client.channel.close(None)


def placing(*orders_wanted: Any) -> orders.TradeRequest:
    """A message that places them."""
    return orders.TradeRequest(commands=[orders.Command(place=each) for each in orders_wanted])


@pytest.mark.rule("ORD-12")
@pytest.mark.parametrize("how", ["cut", "silent", "canceled"])
async def test_a_lost_stream_takes_its_orders_with_it(venue: UnsupervisedVenue, how: str) -> None:
    """Reset, gone without a word, canceled: exactly what came through the stream is canceled, in every symbol."""
    mine, other_symbol, unary = (next(numbers) for _ in range(3))
    async with proxy_to(venue.port) as proxy, client_on(proxy.port) as client, client_on(venue.port) as observer:
        watching = observer.accounts.StreamEvents(account.StreamEventsRequest(), metadata=key(ALICE))
        await watching.read()
        await observer.orders.PlaceOrder(place(unary), metadata=key(ALICE))
        sent = placing(place(mine), place(other_symbol, symbol="ETHUSDT"))
        stream = await client.cancelling_stream(sent)
        await reports_until(stream, lambda _, found: len(found) >= 2)
        if how == "canceled":
            stream.cancel()
        elif how == "cut":
            proxy.cut()
        else:
            proxy.go_silent()
        canceled = await reports_until(
            watching,
            lambda _, found: sum(each.kind == types.REPORT_KIND_CANCELED for each in found) >= 2,
        )
        gone = [each for each in canceled if each.kind == types.REPORT_KIND_CANCELED]
        assert {(each.client_order_id, each.reason) for each in gone} == {
            (mine, types.REASON_DISCONNECT),
            (other_symbol, types.REASON_DISCONNECT),
        }
        assert await observer.status(unary) == types.ORDER_STATUS_NEW
        watching.cancel()


@pytest.mark.rule("ORD-12")
async def test_a_clean_logout_cancels_nothing(venue: UnsupervisedVenue) -> None:
    """The client half-closes and reads to the end: its orders stay."""
    mine = next(numbers)
    async with client_on(venue.port) as client:
        stream = await client.cancelling_stream(placing(place(mine)))
        await reports_until(stream, lambda _, found: bool(found))
        await stream.done_writing()
        assert await stream.read() is grpc.aio.EOF
        assert await stream.code() == grpc.StatusCode.OK
        await client.orders.PlaceOrder(place(next(numbers)), metadata=key(ALICE))
        assert await client.status(mine) == types.ORDER_STATUS_NEW


@pytest.mark.rule("ORD-12")
async def test_a_killed_gateway_leaves_no_orphans_and_a_drained_one_its_orders(venue: UnsupervisedVenue) -> None:
    """SIGTERM: what its streams have placed stays, after the next start too. SIGKILL: the next start cancels it."""
    kept, orphan, unary = (next(numbers) for _ in range(3))
    async with client_on(venue.port) as client:
        stream = await client.cancelling_stream(placing(place(kept)))
        await reports_until(stream, lambda _, found: bool(found))
        await asyncio.to_thread(venue.kill, "gateway.0", signal.SIGTERM)
        stream.cancel()
    starts = venue.log("gateway.0").count("serving")
    venue.start("gateway.0")
    await asyncio.to_thread(venue.wait_logged, "gateway.0", "serving", starts + 1)
    async with client_on(venue.port) as client:
        stream = await client.cancelling_stream(placing(place(orphan)))
        await reports_until(stream, lambda _, found: bool(found))
        assert await client.status(kept) == types.ORDER_STATUS_NEW
        await client.orders.PlaceOrder(place(unary), metadata=key(ALICE))
        await asyncio.to_thread(venue.kill, "gateway.0")
        stream.cancel()
    venue.start("gateway.0")
    await asyncio.to_thread(venue.wait_logged, "gateway.0", "serving", starts + 2)
    async with client_on(venue.port) as client:
        await client.orders.PlaceOrder(place(next(numbers)), metadata=key(ALICE))
        assert await client.status(orphan) == types.ORDER_STATUS_CANCELED
        assert await client.status(unary) == types.ORDER_STATUS_NEW


@pytest.mark.rule("API-2")
async def test_drop_copy_resumes_without_a_gap(venue: UnsupervisedVenue) -> None:
    """Over two accounts, from the start and from where it broke, across a killed gateway; and of no other account."""
    async with client_on(venue.port) as client:
        created = await client.operations.CreateAccount(
            operations.CreateAccountRequest(name="eve"), metadata=key(OPERATOR)
        )
        wanted = operations.CreateApiKeyRequest(account_ids=[1, 2], kind=operations.API_KEY_KIND_DROP_COPY)
        copier = await client.operations.CreateApiKey(wanted, metadata=key(OPERATOR))
        await client.orders.PlaceOrder(place(next(numbers)), metadata=key(created.api_key))
        foreign = account.StreamDropCopyRequest(account_ids=[1, created.account_id])
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await client.accounts.StreamDropCopy(foreign, metadata=key(copier.api_key)).read()
        assert refusal(caught.value)[:2] == (grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED")
        live = await copied(client, copier.api_key, {})
        history = await copied(client, copier.api_key, {"BTCUSDT": 0, "ETHUSDT": 0})
        before = await reports_until(history, lambda message, _: message.notice.kind == Notice.KIND_CAUGHT_UP)
        traded = next(numbers)
        await client.orders.PlaceOrder(place(traded, price=777), metadata=key(ALICE))
        await client.orders.PlaceOrder(place(traded, price=777, side=types.SIDE_SELL), metadata=key(BOB))
        ended = lambda _, found: {each.account_id for each in found if each.kind == types.REPORT_KIND_TRADE} == {1, 2}  # noqa: E731
        after = await reports_until(live, ended)
        last = {each.symbol: each.sequence for each in before}
    starts = venue.log("gateway.0").count("serving")
    venue.kill("gateway.0")
    venue.start("gateway.0")
    await asyncio.to_thread(venue.wait_logged, "gateway.0", "serving", starts + 1)
    async with client_on(venue.port) as client:
        resumed = await copied(client, copier.api_key, last)
        missed = await reports_until(resumed, lambda message, _: message.notice.kind == Notice.KIND_CAUGHT_UP)
    assert {each.account_id for each in before} | {each.account_id for each in missed} <= {0, 1, 2}
    ours = {(each.sequence, each.index, each.account_id, each.kind) for each in after if each.symbol == "BTCUSDT"}
    again = {(each.sequence, each.index, each.account_id, each.kind) for each in missed if each.symbol == "BTCUSDT"}
    assert ours <= again
    assert len(again) == sum(each.symbol == "BTCUSDT" for each in missed), "nothing comes twice"
    await asyncio.to_thread(venue.wait_serving)


async def copied(client: Client, api_key: str, positions: dict[str, int]) -> Any:
    """An open drop copy."""
    after = [types.StreamPosition(symbol=symbol, sequence=sequence) for symbol, sequence in positions.items()]
    request = account.StreamDropCopyRequest(open=orders.StreamOpen(resume_after=after))
    stream = client.accounts.StreamDropCopy(request, metadata=key(api_key))
    assert (await stream.read()).notice.kind == Notice.KIND_OPENED
    return stream


@pytest.mark.rule("API-2")
async def test_a_revoked_key_loses_its_stream(venue: UnsupervisedVenue) -> None:
    """Seconds after the revocation the open stream ends, and the key opens none."""
    async with client_on(venue.port) as client:
        wanted = operations.CreateApiKeyRequest(account_ids=[1], kind=operations.API_KEY_KIND_READ_ONLY)
        reader = await client.operations.CreateApiKey(wanted, metadata=key(OPERATOR))
        stream = client.accounts.StreamEvents(account.StreamEventsRequest(), metadata=key(reader.api_key))
        await stream.read()
        revoked = operations.RevokeApiKeyRequest(key_id=reader.key_id)
        await client.operations.RevokeApiKey(revoked, metadata=key(OPERATOR))
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await reports_until(stream, lambda _, found: False)
        assert refusal(caught.value)[1] == "UNAUTHENTICATED"
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await client.accounts.StreamEvents(account.StreamEventsRequest(), metadata=key(reader.api_key)).read()
        assert refusal(caught.value)[1] == "UNAUTHENTICATED"


@pytest.mark.rule("INS-3")
async def test_a_changed_instrument_is_known_after_a_restart(venue: UnsupervisedVenue) -> None:
    """ChangeInstrument at a sequence, refused when it is none; a gateway that starts later knows it too."""
    async with client_on(venue.port) as client:
        before = await instrument(client)
        wanted = types.Instrument()
        wanted.CopyFrom(before)
        wanted.quantity_max_lots = 77
        request = operations.ChangeInstrumentRequest(instrument=wanted)
        changed = (await client.operations.ChangeInstrument(request, metadata=key(OPERATOR))).instrument
        assert changed.quantity_max_lots == 77
        assert changed.definition_sequence > before.definition_sequence
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await client.orders.PlaceOrder(place(next(numbers), symbol="ETHUSDT", quantity=78), metadata=key(ALICE))
        assert refusal(caught.value)[1] == "QUANTITY_OUT_OF_RANGE"
        request.instrument.quantity_min_lots = 78
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await client.operations.ChangeInstrument(request, metadata=key(OPERATOR))
        assert refusal(caught.value)[1] == "INVALID_INSTRUMENT"
    starts = venue.log("gateway.0").count("serving")
    venue.kill("gateway.0")
    venue.start("gateway.0")
    await asyncio.to_thread(venue.wait_logged, "gateway.0", "serving", starts + 1)
    async with client_on(venue.port) as client, asyncio.timeout(30):
        known = await instrument(client)
        while known.definition_sequence != changed.definition_sequence:
            known = await instrument(client)
        assert known == changed


async def instrument(client: Client) -> types.Instrument:
    """ETHUSDT as the gateway knows it."""
    request = operations.ListInstrumentStatesRequest()
    states = (await client.operations.ListInstrumentStates(request, metadata=key(OPERATOR))).instruments
    return next(state.instrument for state in states if state.instrument.symbol == "ETHUSDT")


@pytest.mark.rule("API-2")
async def test_a_recovering_engines_last_batch_is_no_news(tmp_path: Path) -> None:
    """A gateway attaches before the engine of a restarted venue has published: a stream starts where the log ended."""
    with unsupervised_venue(tmp_path / "data") as venue:
        async with client_on(venue.port) as client:
            placed = await client.orders.PlaceOrder(place(next(numbers)), metadata=key(ALICE))
        venue.kill("gateway.0", signal.SIGTERM)
        for symbol in ("BTCUSDT", "ETHUSDT"):
            venue.kill(f"engine.{symbol}")
        venue.renew_rings()
        venue.start("gateway.0")
        await asyncio.to_thread(venue.wait_logged, "gateway.0", "serving", 2)
        async with client_on(venue.port) as client:
            stream = client.accounts.StreamEvents(account.StreamEventsRequest(), metadata=key(ALICE))
            opened = {each.symbol: each.sequence for each in (await stream.read()).notice.positions}
            assert opened["BTCUSDT"] == placed.reports[0].sequence
            for symbol in ("BTCUSDT", "ETHUSDT"):
                venue.start(f"engine.{symbol}")
            await asyncio.to_thread(venue.wait_serving)
            fresh = next(numbers)
            await client.orders.PlaceOrder(place(fresh), metadata=key(ALICE))
            mine = lambda _, found: any(each.client_order_id == fresh for each in found)  # noqa: E731
            found = await reports_until(stream, mine)
            assert all(each.sequence > opened[each.symbol] for each in found)
            stream.cancel()

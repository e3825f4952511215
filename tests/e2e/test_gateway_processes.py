"""Gateway, engine and risk as real processes: resume, back-pressure, lapping, drain, accounts."""

import asyncio
import itertools
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from tests.venues.calls import ALICE, BOB, OPERATOR, key, place, refusal, reports_until
from tests.venues.unsupervised import RINGS, UnsupervisedVenue, unsupervised_venue
from tidegate.gateway.config import GatewayLimits
from tidegate.risk.ledger import Ledger
from tidegate.v1 import account_service_pb2 as account
from tidegate.v1 import account_service_pb2_grpc, operations_service_pb2_grpc, order_service_pb2_grpc
from tidegate.v1 import operations_service_pb2 as operations
from tidegate.v1 import order_service_pb2 as orders
from tidegate.v1 import types_pb2 as types

Notice = types.StreamNotice
Code = grpc.StatusCode


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UnsupervisedVenue]:
    """Two gateways on one port. Its state goes on from test to test, as a venue's does."""
    with unsupervised_venue(tmp_path_factory.mktemp("venue") / "data", gateways=2) as running:
        yield running


@pytest.fixture
async def channel(venue: UnsupervisedVenue) -> AsyncIterator[grpc.aio.Channel]:
    opened = fresh_channel(venue)
    yield opened
    await opened.close(None)


numbers = itertools.count(1)


def fresh_channel(venue: UnsupervisedVenue) -> grpc.aio.Channel:
    """A connection of its own, to whichever gateway the kernel picks."""
    return grpc.aio.insecure_channel(venue.address, options=[("grpc.use_local_subchannel_pool", 1)])


def trading(channel: grpc.aio.Channel) -> order_service_pb2_grpc.OrderServiceStub:
    """OrderService over a channel."""
    return order_service_pb2_grpc.OrderServiceStub(channel)  # type: ignore[no-untyped-call]


def pair(symbol: str = "BTCUSDT") -> list[orders.Command]:
    """An order and its cancel: two commands that leave nothing behind."""
    number = next(numbers)
    cancel = orders.CancelOrderRequest(symbol=symbol, client_order_id=number)
    return [orders.Command(place=place(number, symbol=symbol)), orders.Command(cancel=cancel)]


async def trade(channel: grpc.aio.Channel, positions: dict[str, int] | None = None) -> tuple[Any, Any]:
    """An open Trade stream of alice, resumed after `positions`; and its OPENED notice."""
    stream = trading(channel).Trade(metadata=key(ALICE))
    after = [types.StreamPosition(symbol=symbol, sequence=sequence) for symbol, sequence in (positions or {}).items()]
    await stream.write(orders.TradeRequest(open=orders.StreamOpen(resume_after=after)))
    first = await stream.read()
    assert first.notice.kind == Notice.KIND_OPENED
    return stream, first.notice


def positions_of(notice: Any) -> dict[str, int]:
    """Positions of a notice."""
    return {position.symbol: position.sequence for position in notice.positions}


async def sent_batches(venue: UnsupervisedVenue, count: int, symbol: str = "BTCUSDT") -> None:
    """`count` batches of 200 commands of alice, by unary calls of a connection of its own."""
    async with fresh_channel(venue) as channel:
        for _ in range(count):
            commands = [command for _ in range(100) for command in pair(symbol)]
            await trading(channel).SubmitBatch(orders.SubmitBatchRequest(commands=commands), metadata=key(ALICE))


@pytest.mark.rule("API-2")
async def test_resume_has_no_gap_and_no_duplicates(venue: UnsupervisedVenue, channel: grpc.aio.Channel) -> None:
    """A stream breaks while the account trades on in two symbols; the next, on any gateway, goes on exactly there."""
    watching, notice = await trade(channel)
    expected: dict[str, list[int]] = {"BTCUSDT": [], "ETHUSDT": []}
    start = positions_of(notice)
    broken, _ = await trade(channel)
    seen = await asyncio.gather(
        reports_until(broken, lambda _, found: len(found) >= 100),
        sent_batches(venue, 3),
        sent_batches(venue, 3, "ETHUSDT"),
    )
    received = seen[0]
    broken.cancel()
    writer = asyncio.gather(sent_batches(venue, 20), sent_batches(venue, 20, "ETHUSDT"))
    for _ in range(4):
        last = {**start, **{report.symbol: report.sequence for report in received}}
        async with fresh_channel(venue) as other:
            stream, opened = await trade(other, last)
            reports = await reports_until(stream, lambda message, _: message.notice.kind == Notice.KIND_CAUGHT_UP)
            assert all(report.request_id == 0 for report in reports)
            assert positions_of(opened).keys() == start.keys()
            received += reports
            received += await reports_until(stream, lambda _, found: len(found) >= 200 or writer.done())
    await writer
    last = {**start, **{report.symbol: report.sequence for report in received}}
    stream, _ = await trade(channel, last)
    received += await reports_until(stream, lambda message, _: message.notice.kind == Notice.KIND_CAUGHT_UP)
    total = 2 * 23 * 200
    for report in await reports_until(watching, lambda _, found: len(found) >= total):
        expected[report.symbol].append(report.sequence)
    for symbol, sequences in expected.items():
        assert len(sequences) == total // 2
        assert [report.sequence for report in received if report.symbol == symbol] == sequences


@pytest.mark.rule("API-2")
async def test_slow_reader_of_what_it_missed_is_told_where_it_stands(tmp_path: Path) -> None:
    """A client resumes from the start and stops reading: its stream ends, and names what it got, not the newest."""
    narrow = [
        ("grpc.http2.bdp_probe", 0),
        ("grpc.http2.lookahead_bytes", 1 << 16),
        ("grpc.use_local_subchannel_pool", 1),
    ]
    with unsupervised_venue(tmp_path / "data", limits=GatewayLimits(catch_up_write_ms=200)) as venue:
        await sent_batches(venue, 150)
        async with grpc.aio.insecure_channel(venue.address, options=narrow) as channel:
            stream, notice = await trade(channel, {"BTCUSDT": 0})
            await asyncio.to_thread(venue.wait_logged, "gateway.0", "slow reader", 1)
            sequences: list[int] = []
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await reports_until(
                    stream, lambda message, _: sequences.extend(each.sequence for each in message.reports)
                )
        code, reason, details, _ = refusal(caught.value)
        assert (code, reason) == (Code.RESOURCE_EXHAUSTED, "SLOW_READER")
        assert int(details["sequence.BTCUSDT"]) == sequences[-1] < positions_of(notice)["BTCUSDT"]


@pytest.mark.rule("API-2")
async def test_resume_refusals(venue: UnsupervisedVenue, channel: grpc.aio.Channel) -> None:
    """Ahead of the newest sequence, or of a symbol that is none; on both kinds of stream."""
    events = account_service_pb2_grpc.AccountServiceStub(channel)  # type: ignore[no-untyped-call]
    table = [("BTCUSDT", 10**12, Code.OUT_OF_RANGE, "SEQUENCE_AHEAD"), ("NOPE", 1, Code.NOT_FOUND, "UNKNOWN_SYMBOL")]
    for symbol, sequence, code, reason in table:
        wanted = orders.StreamOpen(resume_after=[types.StreamPosition(symbol=symbol, sequence=sequence)])
        stream = trading(channel).Trade(metadata=key(ALICE))
        await stream.write(orders.TradeRequest(open=wanted, commands=pair()))
        for call in (stream, events.StreamEvents(account.StreamEventsRequest(open=wanted), metadata=key(ALICE))):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call.read()
            assert refusal(caught.value)[:2] == (code, reason)


@pytest.mark.rule("API-2")
async def test_event_stream_from_the_start(venue: UnsupervisedVenue, channel: grpc.aio.Channel) -> None:
    """StreamEvents resumed from sequence 0 gives the whole history of the account, and then what is new."""
    await sent_batches(venue, 1)
    events = account_service_pb2_grpc.AccountServiceStub(channel)  # type: ignore[no-untyped-call]
    wanted = orders.StreamOpen(resume_after=[types.StreamPosition(symbol="BTCUSDT", sequence=0)])
    stream = events.StreamEvents(account.StreamEventsRequest(open=wanted), metadata=key(ALICE))
    history = await reports_until(stream, lambda message, _: message.notice.kind == Notice.KIND_CAUGHT_UP)
    assert history[0].kind in {types.REPORT_KIND_INSTRUMENT_DEFINED, types.REPORT_KIND_PHASE_CHANGED}
    placed = [report.client_order_id for report in history if report.kind == types.REPORT_KIND_ACCEPTED]
    assert placed == sorted(set(placed))
    await sent_batches(venue, 1)
    live = await reports_until(stream, lambda _, found: len(found) >= 200)
    assert live[0].sequence == history[-1].sequence + 1
    stream.cancel()


async def test_stopped_engine_refuses_orders_at_once_and_takes_cancels(
    venue: UnsupervisedVenue, channel: grpc.aio.Channel
) -> None:
    """SIGSTOP of an engine: orders VENUE_BUSY at once, cancels go in, the other symbol goes on; then all is well."""
    stub, resting = trading(channel), next(numbers)
    await stub.PlaceOrder(place(resting), metadata=key(BOB))
    stream, _ = await trade(channel)
    venue.kill("engine.BTCUSDT", signal.SIGSTOP)
    try:
        busy: list[Any] = []
        sent = 0
        while not busy:
            batch = [
                orders.Command(place=place(next(numbers), time_in_force=types.TIME_IN_FORCE_IOC)) for _ in range(200)
            ]
            await stream.write(orders.TradeRequest(commands=batch))
            sent += 1
            assert sent < 2 * RINGS.command_high_water // 200, "the ring takes everything"
            if sent * 200 > RINGS.command_high_water:
                message = await asyncio.wait_for(stream.read(), 30)
                busy = list(message.refusals)
        assert {refused.reason for refused in busy} == {types.REASON_VENUE_BUSY}
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await same_gateway_order(channel)
        code, reason, metadata, delay = refusal(caught.value)
        assert (code, reason, metadata["outcome"]) == (Code.RESOURCE_EXHAUSTED, "VENUE_BUSY", "NOT_APPLIED")
        assert delay is not None
        request = orders.CancelOrderRequest(symbol="BTCUSDT", client_order_id=resting)
        cancel = asyncio.ensure_future(stub.CancelOrder(request, metadata=key(BOB)))
        other = place(next(numbers), symbol="ETHUSDT", time_in_force=types.TIME_IN_FORCE_IOC)
        assert (await stub.PlaceOrder(other, metadata=key(ALICE))).reports
        assert not cancel.done()
    finally:
        venue.kill("engine.BTCUSDT", signal.SIGCONT)
    assert (await cancel).reports[0].kind == types.REPORT_KIND_CANCELED
    stream.cancel()


async def same_gateway_order(channel: grpc.aio.Channel) -> Any:
    """A unary order on the stream's own connection, so that it meets the same full ring."""
    return await trading(channel).PlaceOrder(place(next(numbers)), metadata=key(ALICE))


@pytest.mark.rule("API-2")
async def test_lapped_gateway_catches_up_from_the_journal(venue: UnsupervisedVenue) -> None:
    """A gateway sleeps while the ring goes round: its stream then has every report, once, and goes on live."""
    sleeper, victim = await stream_at(venue, "gateway.0")
    awake, busy = await stream_at(venue, "gateway.1")
    busy.cancel()
    venue.kill("gateway.0", signal.SIGSTOP)
    try:
        sequences: list[int] = []
        while len(sequences) < RINGS.event_records + 4_000:  # what the rate limit refuses makes no event
            commands = [command for _ in range(100) for command in pair()]
            request = orders.SubmitBatchRequest(commands=commands)
            answer = await trading(awake).SubmitBatch(request, metadata=key(ALICE))
            sequences += [report.sequence for report in answer.reports]
    finally:
        venue.kill("gateway.0", signal.SIGCONT)
    last = sequences[-1]
    reports = await reports_until(victim, lambda _, found: found and found[-1].sequence >= last)
    received = [report.sequence for report in reports]
    assert received == sorted(set(received))
    assert set(sequences) <= set(received)
    await victim.write(orders.TradeRequest(commands=pair()))
    await reports_until(victim, lambda _, found: len(found) >= 2)
    for text in ("lapped", "rejoined"):
        assert text in venue.log("gateway.0")
    victim.cancel()
    for channel in (sleeper, awake):
        await channel.close(None)


async def stream_at(venue: UnsupervisedVenue, gateway: str) -> tuple[grpc.aio.Channel, Any]:
    """A Trade stream of a connection that the kernel has given to this gateway; others are tried and given up."""
    while True:
        before = venue.connections(gateway)
        channel = fresh_channel(venue)
        stream, _ = await trade(channel)
        if venue.connections(gateway) - before:
            return channel, stream
        await channel.close(None)


async def test_accounts_and_deposits_through_the_gateway(venue: UnsupervisedVenue, channel: grpc.aio.Channel) -> None:
    """Open an account, deposit twice, see the balance; kill risk: UNAVAILABLE, trading goes on; restart: all there."""
    operator = operations_service_pb2_grpc.OperationsServiceStub(channel)  # type: ignore[no-untyped-call]
    accounts = account_service_pb2_grpc.AccountServiceStub(channel)  # type: ignore[no-untyped-call]
    created = await operator.CreateAccount(operations.CreateAccountRequest(name="carol"), metadata=key(OPERATOR))
    deposit = operations.DepositRequest(account_id=created.account_id, asset="USDT", amount=7, deposit_id="first")
    first = await operator.Deposit(deposit, metadata=key(OPERATOR))
    again = await operator.Deposit(deposit, metadata=key(OPERATOR))
    assert (first.duplicate, again.duplicate, again.entry_id, again.balance) == (False, True, first.entry_id, 7)
    refusals = [
        (
            operator.Deposit,
            operations.DepositRequest(account_id=1, asset="USDT", amount=7, deposit_id="first"),
            "DUPLICATE_DEPOSIT_ID",
        ),
        (
            operator.Deposit,
            operations.DepositRequest(account_id=1, asset="DOGE", amount=7, deposit_id="x"),
            "UNKNOWN_ASSET",
        ),
        (operator.CreateAccount, operations.CreateAccountRequest(name="carol"), "ACCOUNT_EXISTS"),
        (operator.ListAccounts, operations.ListAccountsRequest(page_size=-1), "INVALID_FIELD"),
    ]
    for method, request, reason in refusals:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await method(request, metadata=key(OPERATOR))
        assert refusal(caught.value)[1] == reason
    balances = await accounts.GetBalances(account.GetBalancesRequest(), metadata=key(created.api_key))
    assert [(each.asset, each.amount) for each in balances.balances] == [("USDT", 7)]
    listed = await operator.ListAccounts(operations.ListAccountsRequest(), metadata=key(OPERATOR))
    assert [each.name for each in listed.accounts] == ["alice", "bob", "carol"]
    venue.kill("risk")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await accounts.GetBalances(account.GetBalancesRequest(), metadata=key(ALICE))
    assert refusal(caught.value)[:2] == (Code.UNAVAILABLE, "LEDGER_UNAVAILABLE")
    order = place(next(numbers), time_in_force=types.TIME_IN_FORCE_IOC)
    assert (await trading(channel).PlaceOrder(order, metadata=key(created.api_key))).reports
    ledger = Ledger(venue.topology.ledger_dir, ["USDT"])
    assert ledger.check() == {"USDT": 7}
    ledger.close()
    venue.start("risk")
    await asyncio.to_thread(venue.wait_logged, "risk", "serving", 2)
    assert await balance_of(accounts, created.api_key) == 7


async def balance_of(accounts: Any, api_key: str) -> int:
    """Balance in USDT, once the gateway has found the ledger again."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + 30
    while True:
        try:
            found = await accounts.GetBalances(account.GetBalancesRequest(), metadata=key(api_key))
        except grpc.aio.AioRpcError:
            if loop.time() > give_up:
                raise
            await asyncio.sleep(0.05)
        else:
            return int(found.balances[0].amount)


@pytest.mark.rule("API-5")
async def test_gateway_that_is_drained_or_killed_leaves_the_other_serving(venue: UnsupervisedVenue) -> None:
    """SIGTERM: DRAINING in-stream, exit code 0. SIGKILL: the stream resumes on the other gateway without a gap."""
    async with fresh_channel(venue) as channel:
        stream, notice = await trade(channel)
        venue.processes["gateway.0"].send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(venue.processes["gateway.0"].wait, 30) == 0
        await sent_batches(venue, 2)
        async with fresh_channel(venue) as other:
            resumed, _ = await trade(other, positions_of(notice))
            found = await reports_until(resumed, lambda _, found: len(found) >= 400)
            assert len({(report.sequence, report.index) for report in found}) == 400
        stream.cancel()
    venue.start("gateway.0")
    await asyncio.to_thread(venue.wait_logged, "gateway.0", "serving", 2)
    venue.kill("gateway.1")
    await sent_batches(venue, 1)
    venue.start("gateway.1")
    await asyncio.to_thread(venue.wait_logged, "gateway.1", "serving", 2)

"""What a key may send: counted, told in every answer, refused with a delay (rules LIM-2, LIM-3)."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from tests.unit.gateway.venue import running_venue
from tests.venues.calls import ALICE, BOB, key, place, refusal
from tidegate.gateway.config import GatewayLimits, Tier
from tidegate.v1 import account_service_pb2 as account
from tidegate.v1 import order_service_pb2 as orders
from tidegate.v1 import types_pb2 as types

TIER = Tier(orders_second=100, orders_ten_seconds=6, cancels_second=3, messages_second=1000, streams_max=2)
RATIO = Tier(order_to_trade_percent_max=300, order_to_trade_orders_min=3)
Code = grpc.StatusCode


def limits(tier: Tier) -> GatewayLimits:
    return GatewayLimits(tiers={"default": Tier(), "tried": tier})


async def refused(call: Any) -> tuple[Code, str, dict[str, str], float | None]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return refusal(caught.value)


@pytest.mark.rule("LIM-2")
async def test_orders_in_ten_seconds(tmp_path: Path) -> None:
    """Each answer says how far it has come; past the limit orders are refused with a delay, and cancels are not."""
    async with running_venue(tmp_path, limits(TIER), tier="tried") as venue:
        answers = [await venue.orders.PlaceOrder(place(number), metadata=key(ALICE)) for number in range(1, 4)]
        assert [answer.limits.orders_ten_seconds for answer in answers] == [1, 2, 3]
        assert {answer.limits.orders_ten_seconds_max for answer in answers} == {6}
        batch = [orders.Command(place=place(number)) for number in range(4, 20)]
        answer = await venue.orders.SubmitBatch(orders.SubmitBatchRequest(commands=batch), metadata=key(ALICE))
        assert {each.reason for each in answer.refusals} == {types.REASON_RATE_LIMITED}
        assert min(each.retry_delay_ms for each in answer.refusals) > 0
        assert [each.item for each in answer.refusals] == list(range(len(answer.reports), 16))
        code, reason, details, delay = await refused(venue.orders.PlaceOrder(place(99), metadata=key(ALICE)))
        assert (code, reason, details["outcome"]) == (Code.RESOURCE_EXHAUSTED, "RATE_LIMITED", "NOT_APPLIED")
        assert delay is not None
        assert delay > 1, "the window of ten seconds is full: there is no use in coming sooner"
        assert (details["limit.orders_ten_seconds_max"], details["limit.orders_second_max"]) == ("6", "100")
        cancel = orders.CancelOrderRequest(symbol="BTCUSDT", client_order_id=1)
        canceled = await venue.orders.CancelOrder(cancel, metadata=key(ALICE))
        assert canceled.limits.cancels_second_max == 3
        assert (await venue.orders.PlaceOrder(place(1), metadata=key(BOB))).limits.orders_second_max == 20_000


@pytest.mark.rule("LIM-2")
async def test_a_stream_is_told_too(tmp_path: Path) -> None:
    """On a stream refused items are Refusals with a delay, and what answers it says where the key stands."""
    async with running_venue(tmp_path, limits(TIER), tier="tried") as venue:
        stream = venue.orders.Trade(metadata=key(ALICE))
        await stream.write(orders.TradeRequest())
        await stream.read()
        commands = [orders.Command(place=place(number)) for number in range(1, 10)]
        await stream.write(orders.TradeRequest(request_id=5, commands=commands))
        found = order = refusals = 0
        while order + refusals < 9:
            message = await stream.read()
            found = max(found, message.limits.orders_second_max)
            order += len(message.reports)
            refusals += len(message.refusals)
            assert {each.reason for each in message.refusals} <= {types.REASON_RATE_LIMITED}
        assert refusals >= 3
        assert found == 100
        stream.cancel()


@pytest.mark.rule("LIM-3")
async def test_orders_for_trades(tmp_path: Path) -> None:
    """Too many orders without a trade: refused with a delay; what reduces risk or cancels still goes in."""
    async with running_venue(tmp_path, limits(RATIO), tier="tried") as venue:
        for number in range(1, 5):
            last = await asyncio.wait_for(venue.orders.PlaceOrder(place(number), metadata=key(ALICE)), 30)
            if last.limits.order_to_trade_percent > 300:
                break
        code, reason, details, delay = await refused(venue.orders.PlaceOrder(place(99), metadata=key(ALICE)))
        assert (code, reason) == (Code.RESOURCE_EXHAUSTED, "ORDER_TO_TRADE")
        assert delay is not None
        assert details["limit.order_to_trade_percent_max"] == "300"
        cancel = orders.CancelOrderRequest(symbol="BTCUSDT", client_order_id=1)
        assert (await venue.orders.CancelOrder(cancel, metadata=key(ALICE))).reports


@pytest.mark.rule("LIM-2")
async def test_streams_of_one_key(tmp_path: Path) -> None:
    """As many as its tier says; another key of the account has its own."""
    async with running_venue(tmp_path, limits(TIER), tier="tried") as venue:

        async def opened(api_key: str) -> Any:
            stream = venue.accounts.StreamEvents(account.StreamEventsRequest(), metadata=key(api_key))
            assert (await stream.read()).notice.kind == types.StreamNotice.KIND_OPENED
            return stream

        mine = [await opened(ALICE) for _ in range(2)]
        code, reason, details, delay = await refused(opened(ALICE))
        assert (code, reason) == (Code.RESOURCE_EXHAUSTED, "TOO_MANY_CONNECTIONS")
        assert details["limit"] == "2"
        assert delay is not None
        mine.append(await opened(venue.keys["reader"]))
        for stream in mine:
            stream.cancel()


@pytest.mark.rule("LIM-2")
async def test_questions_to_history_are_messages_too(tmp_path: Path) -> None:
    """They are answered by a process that all accounts share."""
    async with running_venue(tmp_path, limits(Tier(messages_second=1)), tier="tried") as venue:
        mine = key(ALICE)
        one_of_each = (
            lambda: venue.accounts.ListOrders(account.ListOrdersRequest(symbol="BTCUSDT"), metadata=mine),
            lambda: venue.accounts.ListFills(account.ListFillsRequest(symbol="BTCUSDT"), metadata=mine),
            lambda: venue.accounts.GetOrderAt(account.GetOrderAtRequest(symbol="BTCUSDT", order_id=1), metadata=mine),
            lambda: venue.accounts.GetBalances(account.GetBalancesRequest(), metadata=mine),
        )
        for call in one_of_each:
            # They may fall into two seconds, with one message each.
            found = await asyncio.gather(*(call() for _ in range(8)), return_exceptions=True)
            reasons = [refusal(each)[1] for each in found if isinstance(each, grpc.aio.AioRpcError)]
            assert reasons.count("RATE_LIMITED") >= 4


@pytest.mark.rule("LIM-2")
async def test_streams_that_wait_to_open_count_too(tmp_path: Path) -> None:
    """Of streams that lie ahead of the venue no more wait for it than a key may have."""
    async with running_venue(tmp_path, limits(TIER), tier="tried") as venue:
        ahead = orders.StreamOpen(resume_after=[types.StreamPosition(symbol="BTCUSDT", sequence=1_000)])
        streams = [
            venue.accounts.StreamEvents(account.StreamEventsRequest(open=ahead), metadata=key(ALICE)) for _ in range(7)
        ]
        found = await asyncio.gather(*(each.read() for each in streams), return_exceptions=True)
        reasons = sorted(refusal(each)[1] for each in found if isinstance(each, grpc.aio.AioRpcError))
        assert reasons == ["SEQUENCE_AHEAD"] * 2 + ["TOO_MANY_CONNECTIONS"] * 5

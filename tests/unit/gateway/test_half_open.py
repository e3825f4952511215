"""Calls that say nothing: refused, ended in time, and never in the way of others (rules LIM-2, API-5)."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.unit.gateway.venue import running_venue
from tests.venues.calls import ALICE, BOB, key, place, refusal
from tidegate.gateway.config import GatewayLimits, Tier
from tidegate.gateway.server import RPCS_WITHOUT_SESSION_MAX

OWN_CONNECTION = [("grpc.use_local_subchannel_pool", 1)]
# gRPC itself cuts some of a burst that comes over one connection.
CUT_BY_GRPC = (grpc.StatusCode.CANCELLED, "")
PLACE = "/tidegate.v1.OrderService/PlaceOrder"
CHECK = "/grpc.health.v1.Health/Check"
WATCH = "/grpc.health.v1.Health/Watch"
STREAMS = ("/tidegate.v1.OrderService/Trade", "/tidegate.v1.AccountService/StreamEvents")


def half_open(channel: grpc.aio.Channel, path: str, metadata: Any = ()) -> Any:
    """A call whose headers are sent, and nothing else."""
    return channel.stream_stream(path)(metadata=metadata)


async def ended(call: Any) -> tuple[grpc.StatusCode, str]:
    """Code and reason with which the venue ends a call."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call.read()
    if caught.value.code() == grpc.StatusCode.CANCELLED:
        return CUT_BY_GRPC
    return refusal(caught.value)[:2]


@pytest.mark.rule("LIM-2")
async def test_a_call_without_a_message_ends(tmp_path: Path) -> None:
    """Unary or stream, with a key or without one: refused when its time is over."""
    async with running_venue(tmp_path, GatewayLimits(first_message_ms=200)) as venue:
        calls = [half_open(venue.channel, path, key(ALICE)) for path in (PLACE, *STREAMS)]
        calls += [half_open(venue.channel, path) for path in (CHECK, WATCH)]
        async with asyncio.timeout(30):
            for call in calls:
                assert await ended(call) == (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_MESSAGE")


async def test_a_stranger_waits_for_nothing(tmp_path: Path) -> None:
    """Without a valid key the headers are enough to be refused, whatever never follows."""
    async with running_venue(tmp_path, GatewayLimits(first_message_ms=60_000)) as venue:
        for path in (PLACE, *STREAMS):
            for metadata in ((), key("no such key at all"), key(venue.keys["revoked"])):
                assert await ended(half_open(venue.channel, path, metadata)) == (
                    grpc.StatusCode.UNAUTHENTICATED,
                    "UNAUTHENTICATED",
                )


@pytest.mark.rule("LIM-2")
async def test_silent_calls_of_one_key_leave_room_for_all_others(tmp_path: Path) -> None:
    """More of them than a gateway takes calls: most are refused, another key trades at once, and later its own."""
    limits = GatewayLimits(first_message_ms=30_000, sessions_max=64, tiers={"default": Tier(calls_max=32)})
    async with running_venue(tmp_path, limits) as venue:
        each = (limits.sessions_max + RPCS_WITHOUT_SESSION_MAX) // 3
        async with contextlib.AsyncExitStack() as stack:
            silent = []
            for _ in range(4):
                channel = grpc.aio.insecure_channel(f"127.0.0.1:{venue.port}", options=OWN_CONNECTION)
                await stack.enter_async_context(channel)
                silent += [half_open(channel, PLACE, key(ALICE)) for _ in range(each)]
            ends = {asyncio.ensure_future(ended(call)) for call in silent}
            done: set[Any] = set()
            while len(done) < len(silent) - 32:
                done |= (await asyncio.wait(ends - done, return_when=asyncio.FIRST_COMPLETED))[0]
            refused = (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_CONNECTIONS")
            ended_how = {end.result() for end in done} - {CUT_BY_GRPC}
            assert ended_how == {refused}
            assert venue.server.admission.open_calls() == 32
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await venue.orders.PlaceOrder(place(1), metadata=key(ALICE))
            assert refusal(caught.value)[:2] == refused
            assert refusal(caught.value)[3] is not None
            assert (await venue.orders.PlaceOrder(place(1), metadata=key(BOB))).reports
            for call in silent:
                call.cancel()
            await asyncio.gather(*ends, return_exceptions=True)
        while venue.server.admission.open_calls():
            await venue.orders.PlaceOrder(place(1), metadata=key(BOB))
        assert (await venue.orders.PlaceOrder(place(1), metadata=key(ALICE))).reports


@pytest.mark.rule("API-5")
async def test_health_without_end_leaves_room_for_trading(tmp_path: Path) -> None:
    """Calls without a key are counted apart: past their number they are refused, and who has a key is not."""
    limits = GatewayLimits(anonymous_calls_max=8, anonymous_peer_calls_max=8)
    async with running_venue(tmp_path, limits) as venue:
        stub = health_pb2_grpc.HealthStub(venue.channel)  # type: ignore[no-untyped-call]
        watches = [stub.Watch(health_pb2.HealthCheckRequest()) for _ in range(8)]
        for watch in watches:
            assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVING
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Check(health_pb2.HealthCheckRequest())
        assert refusal(caught.value)[:2] == (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_CONNECTIONS")
        assert (await venue.orders.PlaceOrder(place(1), metadata=key(ALICE))).reports
        for watch in watches:
            watch.cancel()
        assert await health_again(stub) == health_pb2.HealthCheckResponse.SERVING


async def health_again(stub: Any) -> int:
    """Health, once the canceled calls are gone."""
    while True:
        try:
            return int((await stub.Check(health_pb2.HealthCheckRequest())).status)
        except grpc.aio.AioRpcError:
            await asyncio.sleep(0.01)

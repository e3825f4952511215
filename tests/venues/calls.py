"""What tests of the gateway agree on: two symbols, three keys, and how a call is made and its refusal read."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import grpc.aio
from google.rpc import error_details_pb2, status_pb2

from tidegate.v1 import order_service_pb2
from tidegate.v1 import types_pb2 as types
from tidegate.wire.instruments import Instrument

ALICE, BOB, OPERATOR = "key of alice 0001", "key of bob 000002", "key of operator 3"
REPORTS_S = 60.0


def instruments() -> tuple[Instrument, ...]:
    """Two symbols."""
    return tuple(
        Instrument(symbol=symbol, instrument_id=number, tick_size="0.1", lot_size="0.001")  # type: ignore[arg-type]
        for number, symbol in ((1, "BTCUSDT"), (2, "ETHUSDT"))
    )


def key(api_key: str) -> tuple[tuple[str, str], ...]:
    """Metadata with an API key."""
    return (("x-api-key", api_key),)


def place(number: int, **more: Any) -> order_service_pb2.PlaceOrderRequest:
    """A GTC limit order: buys 5 lots at 100 in BTCUSDT, unless said otherwise (price, quantity in short)."""
    fields = {
        "symbol": "BTCUSDT",
        "side": types.SIDE_BUY,
        "type": types.ORDER_TYPE_LIMIT,
        "time_in_force": types.TIME_IN_FORCE_GTC,
        "price_ticks": more.pop("price", 100),
        "quantity_lots": more.pop("quantity", 5),
        **more,
    }
    return order_service_pb2.PlaceOrderRequest(client_order_id=number, **fields)


def refusal(error: grpc.aio.AioRpcError) -> tuple[grpc.StatusCode, str, dict[str, str], float | None]:
    """Code, reason, metadata, and the retry delay in seconds, of a refusal; checks what every refusal has."""
    packed = [value for name, value in error.trailing_metadata() or () if name == "grpc-status-details-bin"]
    assert len(packed) == 1, f"no refusal of ours: {error}"
    status = status_pb2.Status.FromString(packed[0])
    assert status.code == error.code().value[0]
    assert status.message == error.details()
    info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    assert status.details[0].Unpack(info)
    assert info.domain == "tidegate"
    delay = None
    if len(status.details) > 1:
        assert status.details[1].Unpack(retry)
        delay = retry.retry_delay.ToTimedelta().total_seconds()
    return error.code(), info.reason, dict(info.metadata), delay


async def reports_until(stream: Any, done: Any) -> list[types.Report]:
    """Reports of a stream until `done(message, reports)`."""
    found: list[types.Report] = []
    async with asyncio.timeout(REPORTS_S):
        while True:
            message = await stream.read()
            assert message is not grpc.aio.EOF
            found += message.reports
            if done(message, found):
                return found

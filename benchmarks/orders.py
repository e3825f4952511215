"""Requests for the gRPC benchmarks: quotes that rest and are canceled by the next message.

Each message cancels what the message before placed and places as many new ones, far from each other's
side, so that the book stays bounded and every command is answered by exactly one report.
"""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.v1 import order_service_pb2, types_pb2
from tidegate_client.varint import varint

BID, ASK = 90_000, 110_000  # ticks


@dataclass(frozen=True)
class Requests:
    """Encoded TradeRequests, `commands` in each, request_id from 1."""

    commands: int
    messages: list[bytes]

    @property
    def count(self) -> int:
        """Commands in all of them."""
        return self.commands * len(self.messages)


def place(symbol: str, number: int) -> order_service_pb2.PlaceOrderRequest:
    """A limit order that rests; buys and sells in turn, on 500 levels a side."""
    buy = number % 2 == 0
    distance = number // 2 % 500
    return order_service_pb2.PlaceOrderRequest(
        symbol=symbol,
        client_order_id=number,
        side=types_pb2.SIDE_BUY if buy else types_pb2.SIDE_SELL,
        type=types_pb2.ORDER_TYPE_LIMIT,
        time_in_force=types_pb2.TIME_IN_FORCE_GTC,
        price_ticks=BID - distance if buy else ASK + distance,
        quantity_lots=1 + number % 97,
    )


def requests(symbol: str, commands: int, messages: int, first_client_order_id: int) -> Requests:
    """`messages` of `commands` each: half cancels, half places; the first one only places half as many."""
    half = commands // 2
    encoded = []
    number = first_client_order_id
    placed: list[int] = []
    for request_id in range(1, messages + 1):
        message = order_service_pb2.TradeRequest(request_id=request_id)
        for client_order_id in placed:
            cancel = order_service_pb2.CancelOrderRequest(symbol=symbol, client_order_id=client_order_id)
            message.commands.add(cancel=cancel)
        wanted = commands - len(placed) if placed else commands
        placed = list(range(number, number + wanted))[-half:]
        for client_order_id in range(number, number + wanted):
            message.commands.add(place=place(symbol, client_order_id))
        number += wanted
        encoded.append(message.SerializeToString())
    return Requests(commands, encoded)


def last_report_mark(request_id: int, commands: int) -> bytes:
    """Bytes in the report that answers the last command of a message: Report.request_id, Report.item."""
    return b"\x60" + varint(request_id) + b"\x68" + varint(commands - 1)


def check(sent: Requests, responses: list[bytes], symbol: str) -> int:
    """Decodes everything that came back: each command answered exactly once, as it should be, sequences without
    a gap. Returns the number of reports. Raises AssertionError otherwise."""
    answered = [bytearray(sent.commands) for _ in sent.messages]
    last = reports = 0
    for response in responses:
        decoded = order_service_pb2.TradeResponse.FromString(response)
        assert not decoded.refusals, decoded.refusals[0]
        for report in decoded.reports:
            assert report.symbol == symbol
            assert last in {0, report.sequence - 1}, f"sequence {report.sequence} after {last}"
            assert report.kind in {types_pb2.REPORT_KIND_ACCEPTED, types_pb2.REPORT_KIND_CANCELED}, report
            assert not answered[report.request_id - 1][report.item], "answered twice"
            answered[report.request_id - 1][report.item] = 1
            last = report.sequence
            reports += 1
    missing = sent.count - sum(map(sum, answered))
    assert missing == 0, f"{missing} commands without an answer"
    return reports

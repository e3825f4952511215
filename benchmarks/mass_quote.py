"""grpc.quote: two-sided quotes per second through OrderService.Trade, 100 to a message, journal on, one client.

Every message moves all 100 quotes of a market maker, so that each quote is two amended orders and three
reports. Beside it a bare grpc.aio echo gets the same messages and answers with as many bytes.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import uvloop

from benchmarks import cpu, echo, stream_client, venue
from benchmarks.context import Context, data_directory
from benchmarks.results import Result, summary
from tests.venues.supervised import SupervisedVenue
from tidegate.v1 import order_service_pb2, types_pb2

QUOTES = 100
MESSAGES, WINDOW = 2_500, 16
BID, ASK = 90_000, 110_000  # ticks
TRADE = "/tidegate.v1.OrderService/Trade"
ECHO = f"/{echo.SERVICE}/Stream"


def requests(messages: int) -> list[bytes]:
    """Encoded TradeRequests, request_id from 1: every quote by one tick to and fro."""
    encoded = []
    for request_id in range(1, messages + 1):
        message = order_service_pb2.TradeRequest(request_id=request_id)
        message.mass_quote.time_in_force = types_pb2.TIME_IN_FORCE_GTX
        for number in range(QUOTES):
            price = 2 * number + request_id % 2
            message.mass_quote.quotes.add(
                symbol=venue.SYMBOL,
                quote_id=number + 1,
                bid_price_ticks=BID - price,
                bid_quantity_lots=1 + number,
                ask_price_ticks=ASK + price,
                ask_quantity_lots=1 + number,
            )
        encoded.append(message.SerializeToString())
    return encoded


def check(messages: int, responses: list[bytes]) -> None:
    """Each quote was taken in, and both its sides moved. Raises RuntimeError."""
    kinds: dict[int, int] = {}
    for response in responses:
        decoded = order_service_pb2.TradeResponse.FromString(response)
        if decoded.refusals:
            raise RuntimeError(f"refused: {decoded.refusals[0]}")
        for report in decoded.reports:
            kinds[report.kind] = kinds.get(report.kind, 0) + 1
    quoted, amended = kinds.get(types_pb2.REPORT_KIND_QUOTED, 0), kinds.get(types_pb2.REPORT_KIND_AMENDED, 0)
    if quoted != messages * QUOTES or amended < 2 * (messages - 1) * QUOTES:
        raise RuntimeError(f"not every quote was carried out: {kinds}")


def run(context: Context) -> list[Result]:
    """Venue and echo in turns."""
    messages = context.scaled(MESSAGES, 100)
    sent = requests(messages)
    timed = (messages - 1) * QUOTES
    ours: list[float] = []
    bare: list[float] = []
    spent: list[cpu.Spent] = []
    with data_directory() as directory, ExitStack() as stack:
        context.say("starting a venue")
        running = stack.enter_context(venue.running(directory))
        address = _echo(stack, running, sent[: max(50, messages // 10)], directory)
        for repetition in range(context.repetitions):
            context.say(f"grpc.quote {repetition + 1}/{context.repetitions}")
            service = stream_client.Service(running.address, TRADE, venue.METADATA)
            answers = stream_client.Answers(messages, QUOTES)
            with cpu.spent(running.pids(), profile=context.profile) as used:
                done = uvloop.run(stream_client.run(service, sent, WINDOW, answers))
            check(messages, done.responses)
            ours.append(timed / done.seconds)
            spent.append(used)
            context.say(f"echo of grpc.quote {repetition + 1}/{context.repetitions}")
            bounced = uvloop.run(
                stream_client.run(stream_client.Service(address, ECHO), sent, WINDOW, stream_client.Echoes())
            )
            bare.append(timed / bounced.seconds)
        context.say("stopping the venue")
    if context.profile:
        context.show(["grpc.quote", *spent[-1].table(timed), ""])
    return [_result(ours, bare, spent)]


def _echo(stack: ExitStack, running: SupervisedVenue, sent: list[bytes], directory: Path) -> str:
    """Warms the venue up, and starts an echo that answers with what the venue has answered on average."""
    service = stream_client.Service(running.address, TRADE, venue.METADATA)
    done = uvloop.run(stream_client.run(service, sent, WINDOW, stream_client.Answers(len(sent), QUOTES)))
    everything = b"".join(done.responses)
    place = directory / "echo-quotes"
    place.mkdir()
    address, _ = stack.enter_context(echo.running(everything[: len(everything) // len(sent)], place))
    return address


def _result(ours: list[float], bare: list[float], spent: list[cpu.Spent]) -> Result:
    middle = sorted(range(len(ours)), key=ours.__getitem__)[len(ours) // 2]
    baseline = summary(bare)
    details: dict[str, Any] = {
        "processors": spent[middle].shares(),
        "in_flight_messages": WINDOW,
        "echo_minimum": round(baseline["minimum"]),
        "echo_maximum": round(baseline["maximum"]),
    }
    return Result(
        "grpc.quote",
        unit="quotes/s",
        command="python -m benchmarks --only grpc.quote",
        baseline=baseline["value"],
        baseline_name="echo",
        note=f"100 two-sided quotes a message, both sides moved; {spent[middle].note()}",
        details=details,
        **summary(ours),
    )

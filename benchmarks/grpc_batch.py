"""grpc.batch.N: orders per second through OrderService.Trade, N to a message, journal on, one client.

A whole venue (gateway, engine, snapshotter, market data, risk) runs as `tidegate up` starts it, on the
project's disk. Beside it a bare grpc.aio echo gets the same messages and answers with as many bytes as
the venue does per message, with as many messages in flight. They take turns.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import uvloop

from benchmarks import cpu, echo, orders, stream_client, venue
from benchmarks.context import Context, data_directory
from benchmarks.results import Result, summary
from tests.venues.supervised import SupervisedVenue

SIZES = {64: (5_000, 32), 200: (2_500, 16)}  # commands per message: messages per run, messages in flight
TRADE = "/tidegate.v1.OrderService/Trade"
ECHO = f"/{echo.SERVICE}/Stream"
TARGETS = {64: "ratio ≥ 0.7", 200: "≥ 500,000"}


class _Size:
    """One size of message: the venue's and the echo's runs."""

    def __init__(self, commands: int, messages: int, window: int) -> None:
        self.commands = commands
        self.messages = messages
        self.window = window
        self.next_client_order_id = commands << 40  # ids are never used twice in a venue
        self.ours: list[float] = []
        self.echo: list[float] = []
        self.spent: list[cpu.Spent] = []
        self.response_bytes = 0
        self.responses = 0.0
        self.sent: list[bytes] = []

    @property
    def timed(self) -> int:
        """Commands of a run that are timed: the first message opens the stream."""
        return self.commands * (len(self.sent) - 1)

    def trade(self, running: SupervisedVenue, messages: int, *, profile: bool = False) -> list[bytes]:
        """One run through the venue, checked; returns what came back."""
        sent = orders.requests(venue.SYMBOL, self.commands, messages, self.next_client_order_id)
        self.next_client_order_id += sent.count
        self.sent = sent.messages
        answers = stream_client.Answers(messages, self.commands)
        service = stream_client.Service(running.address, TRADE, venue.METADATA)
        with cpu.spent(running.pids(), profile=profile) as spent:
            run = uvloop.run(stream_client.run(service, sent.messages, self.window, answers))
        orders.check(sent, run.responses, venue.SYMBOL)
        self.ours.append(self.timed / run.seconds)
        self.spent.append(spent)
        self.responses = len(run.responses) / messages
        return run.responses

    def bounce(self, address: str) -> None:
        """The same messages through the echo."""
        service = stream_client.Service(address, ECHO)
        run = uvloop.run(stream_client.run(service, self.sent, self.window, stream_client.Echoes()))
        self.echo.append(self.timed / run.seconds)


def run(context: Context) -> list[Result]:
    """Both sizes, venue and echo in turns."""
    sizes = [_Size(commands, context.scaled(messages, 100), window) for commands, (messages, window) in SIZES.items()]
    with data_directory() as directory, ExitStack() as stack:
        context.say("starting a venue")
        running = stack.enter_context(venue.running(directory))
        addresses = {size.commands: _echo(stack, running, size, directory) for size in sizes}
        for repetition in range(context.repetitions):
            for size in sizes:
                turn = f"{size.commands} {repetition + 1}/{context.repetitions}"
                context.say(f"grpc.batch.{turn}")
                size.trade(running, size.messages, profile=context.profile)
                context.say(f"echo of grpc.batch.{turn}")
                size.bounce(addresses[size.commands])
        context.say("stopping the venue")
    if context.profile:
        for size in sizes:
            context.show([f"grpc.batch.{size.commands}", *size.spent[-1].table(size.timed), ""])
    return [_result(size) for size in sizes]


def _echo(stack: ExitStack, running: SupervisedVenue, size: _Size, directory: Path) -> str:
    """Warms the venue up, and starts an echo that answers with what the venue has answered on average."""
    responses = size.trade(running, max(50, size.messages // 10))
    size.ours.clear()
    size.spent.clear()
    everything = b"".join(responses)
    size.response_bytes = len(everything) // max(50, size.messages // 10)
    place = directory / f"echo-{size.commands}"
    place.mkdir()
    address, _ = stack.enter_context(echo.running(everything[: size.response_bytes], place))
    return address


def _result(size: _Size) -> Result:
    baseline = summary(size.echo)
    middle = sorted(range(len(size.ours)), key=size.ours.__getitem__)[len(size.ours) // 2]
    details: dict[str, Any] = {
        "processors": size.spent[middle].shares(),
        "in_flight_messages": size.window,
        "response_bytes_per_message": size.response_bytes,
        "responses_per_message": round(size.responses, 2),
        "echo_minimum": round(baseline["minimum"]),
        "echo_maximum": round(baseline["maximum"]),
    }
    return Result(
        f"grpc.batch.{size.commands}",
        unit="orders/s",
        command="python -m benchmarks --only grpc.batch",
        baseline=baseline["value"],
        baseline_name="echo",
        target=TARGETS[size.commands],
        note=f"half places, half cancels; {size.spent[middle].note()}",
        details=details,
        **summary(size.ours),
    )

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

from benchmarks import echo, orders, stream_client, venue
from benchmarks.context import Context, data_directory
from benchmarks.results import Result, summary

SIZES = {64: (8_000, 24), 200: (4_000, 16)}  # commands per message: messages per run, messages in flight
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
        self.cpu: list[dict[str, float]] = []
        self.response_bytes = 0
        self.responses = 0.0

    def trade(self, running: venue.RunningVenue, messages: int) -> list[bytes]:
        """One run through the venue, checked; returns what came back."""
        sent = orders.requests(venue.SYMBOL, self.commands, messages, self.next_client_order_id)
        self.next_client_order_id += sent.count
        before = running.cpu()
        answers = stream_client.Answers(messages, self.commands)
        service = stream_client.Service(running.address, TRADE, venue.METADATA)
        run = uvloop.run(stream_client.run(service, sent.messages, self.window, answers))
        after = running.cpu()
        orders.check(sent, run.responses, venue.SYMBOL)
        timed = self.commands * (messages - 1)
        self.ours.append(timed / run.seconds)
        spent = {name: after[name] - before.get(name, 0.0) for name in after} | {"client": run.client_cpu_s}
        self.cpu.append({name: round(seconds / run.seconds, 2) for name, seconds in sorted(spent.items())})
        self.responses = len(run.responses) / messages
        return run.responses

    def bounce(self, address: str) -> None:
        """One run through the echo."""
        sent = orders.requests(venue.SYMBOL, self.commands, self.messages, 1)
        service = stream_client.Service(address, ECHO)
        run = uvloop.run(stream_client.run(service, sent.messages, self.window, stream_client.Echoes()))
        self.echo.append(self.commands * (self.messages - 1) / run.seconds)


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
                size.trade(running, size.messages)
                context.say(f"echo of grpc.batch.{turn}")
                size.bounce(addresses[size.commands])
        context.say("stopping the venue")
    return [_result(size) for size in sizes]


def _echo(stack: ExitStack, running: venue.RunningVenue, size: _Size, directory: Path) -> str:
    """Warms the venue up, and starts an echo that answers with what the venue has answered on average."""
    responses = size.trade(running, max(50, size.messages // 10))
    size.ours.clear()
    size.cpu.clear()
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
        "cpu": size.cpu[middle],
        "in_flight_messages": size.window,
        "response_bytes_per_message": size.response_bytes,
        "responses_per_message": round(size.responses, 2),
        "echo_minimum": round(baseline["minimum"]),
        "echo_maximum": round(baseline["maximum"]),
    }
    shares = ", ".join(f"{name} {share:.0%}" for name, share in size.cpu[middle].items() if share >= 0.005)
    return Result(
        f"grpc.batch.{size.commands}",
        unit="orders/s",
        command="python -m benchmarks --only grpc.batch",
        baseline=baseline["value"],
        baseline_name="echo",
        target=TARGETS[size.commands],
        note=f"half places, half cancels; CPU: {shares}",
        details=details,
        **summary(size.ours),
    )

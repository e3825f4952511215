"""grpc.unary: PlaceOrder from a client on the same machine, one at a time, answered when it is durable.

Beside it the echo gets the same request and answers with the same bytes. They take turns, so that both
meet the same noise; the percentiles are over all calls of all turns.
"""

from __future__ import annotations

from collections.abc import Sequence

import uvloop

from benchmarks import echo, orders, venue
from benchmarks.context import Context, data_directory
from benchmarks.results import Result
from benchmarks.stream_client import Service, unary
from tidegate.v1 import order_service_pb2, types_pb2

CALLS = 1_000  # per turn
WARM = 200
PLACE = "/tidegate.v1.OrderService/PlaceOrder"
CANCEL_ALL = "/tidegate.v1.OrderService/CancelAll"
ECHO = f"/{echo.SERVICE}/Unary"
EVERYTHING = order_service_pb2.CancelAllRequest(symbol=venue.SYMBOL).SerializeToString()


class _Latencies:
    """Milliseconds per call."""

    def __init__(self) -> None:
        self.ours: list[float] = []
        self.echo: list[float] = []
        self.commit_us: list[int] = []  # the engine's own median per turn
        self.next_client_order_id = 1

    def requests(self, count: int) -> list[bytes]:
        """Orders that rest, with numbers of their own."""
        first = self.next_client_order_id
        self.next_client_order_id += count
        return [orders.place(venue.SYMBOL, number).SerializeToString() for number in range(first, first + count)]


def run(context: Context) -> list[Result]:
    """Both percentiles."""
    measured = _Latencies()
    calls = context.scaled(CALLS, 50)
    with data_directory() as directory:
        context.say("starting a venue")
        with venue.running(directory) as running:
            place = Service(running.address, PLACE, venue.METADATA)
            answer = uvloop.run(unary(place, measured.requests(WARM), []))
            _check(answer)
            with echo.running(answer, directory) as (address, _):
                bounce = Service(address, ECHO)
                uvloop.run(unary(bounce, measured.requests(WARM), []))
                for repetition in range(context.repetitions):
                    context.say(f"grpc.unary {repetition + 1}/{context.repetitions}")
                    _check(uvloop.run(unary(place, measured.requests(calls), measured.ours)))
                    measured.commit_us.append(venue.shard(running).commit_p50_us)
                    uvloop.run(unary(Service(running.address, CANCEL_ALL, venue.METADATA), [EVERYTHING], []))
                    context.say(f"echo of grpc.unary {repetition + 1}/{context.repetitions}")
                    uvloop.run(unary(bounce, measured.requests(calls), measured.echo))
    return [_result(measured, percent) for percent in (50, 99)]


def _check(answer: bytes) -> None:
    reports = order_service_pb2.PlaceOrderResponse.FromString(answer).reports
    kinds = [report.kind for report in reports]
    if kinds != [types_pb2.REPORT_KIND_ACCEPTED]:
        raise RuntimeError(f"the order was answered with {reports}")


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that `percent` of all are not above."""
    ranked = sorted(values)
    return ranked[max(0, -(-len(ranked) * int(percent) // 100) - 1)]


def _result(measured: _Latencies, percent: int) -> Result:
    ours, bare = percentile(measured.ours, percent), percentile(measured.echo, percent)
    commit_ms = percentile(measured.commit_us, 50) / 1000
    return Result(
        f"grpc.unary.p{percent}",
        value=ours,
        unit="ms",
        command="python -m benchmarks --only grpc.unary",
        baseline=bare,
        baseline_name="echo",
        minimum=min(measured.ours),
        maximum=max(measured.ours),
        repetitions=len(measured.ours),
        target="≤ echo + 0.5 ms" if percent == 50 else "",
        note=f"{ours - bare:+.3f} ms over the echo; the fsynced commit alone: p50 {commit_ms:.3f} ms",
    )

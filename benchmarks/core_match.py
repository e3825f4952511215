"""core.match: operations per second of the book alone, full event records written, beside other books.

Every book gets the very same operations (benchmarks/flow.py) after the same warming up, one run after the
other: ours, a peer, the next peer, ours again. Prices, quantities and order numbers are equal, and so are
the trades, which is checked by a hash over all of them before anything is timed.

Time is CPU time of the one thread that works, ours and theirs alike: a book waits for nothing, so on an
idle machine it is the time that passes, and on a busy one it leaves out the time of the others.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import flow_commands
from benchmarks.context import BUILD, Context
from benchmarks.flow import NARROW, SWING, Flow, FlowShape, shorter, stored
from benchmarks.peers.registry import PEERS, Peer, UnavailableError, measure
from benchmarks.results import Result, summary
from tidegate.engine.core import Book, Shard

BATCH = 256  # records per batch, as in a group of the engine under load
COMMAND = "python -m benchmarks --only core.match"
SLOW = {"matching-engine"}  # a second or two per run: measured once


@dataclass
class Measured:
    """One flow: seconds of each book's runs, and what each book did in the checked run."""

    flow: Flow
    path: Path
    seconds: dict[str, list[float]] = field(default_factory=dict)
    figures: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def timed(self) -> int:
        """Operations that are timed."""
        return self.flow.operations - self.flow.warm

    def rates(self, name: str) -> list[float]:
        """Operations per second of each run."""
        return [self.timed / seconds for seconds in self.seconds[name]]


def run_ours(commands: bytes, warm: int) -> tuple[float, int]:
    """CPU seconds and events of the timed part, on a new book that `warm` records have filled."""
    book = Book()
    split = warm * flow_commands.COMMAND_BYTES
    book.run(flow_commands.setup() + commands[:split], BATCH)
    start = time.thread_time()
    _, events = book.run(memoryview(commands)[split:], BATCH)
    return time.thread_time() - start, events


def check_ours(commands: bytes) -> dict[str, Any]:
    """Trades of the whole flow, counted and hashed."""
    book = Book()
    trades = flow_commands.TradeCount()
    book.apply(flow_commands.setup())
    step = 20_000 * flow_commands.COMMAND_BYTES
    for start in range(0, len(commands), step):
        trades.feed(book.apply(commands[start : start + step]))
    return trades.figures()


def run(context: Context) -> list[Result]:
    """Both flows, every book."""
    drivers, missing = _drivers(context)
    measured = {shape.name: _measure(context, shape, drivers) for shape in (NARROW, SWING)}
    return [*_results(measured["narrow"], measured["swing"], missing), _apply(context, measured["narrow"])]


def _drivers(context: Context) -> tuple[dict[Peer, list[str]], dict[str, str]]:
    drivers, missing = {}, {}
    for peer in PEERS:
        context.say(f"getting {peer.name} ready")
        try:
            drivers[peer] = peer.prepare()
        except UnavailableError as error:
            missing[peer.name] = str(error)
    return drivers, missing


def _measure(context: Context, shape: FlowShape, drivers: dict[Peer, list[str]]) -> Measured:
    context.say(f"generating the {shape.name} flow")
    shape = shorter(shape, context.scaled(shape.operations, 10_000))
    flow, path = stored(shape, BUILD)
    result = Measured(flow, path)
    commands = flow_commands.commands(flow)
    context.say(f"checking that every book trades the same ({shape.name})")
    result.figures["tidegate"] = check_ours(commands)
    for peer, command in drivers.items():
        if peer.name not in SLOW:
            result.figures[peer.name] = measure(command, path, flow.warm, verify=True)
            _compare(peer, result.figures["tidegate"], result.figures[peer.name])
    for repetition in range(context.repetitions):
        context.say(f"core.match {shape.name} {repetition + 1}/{context.repetitions}")
        result.seconds.setdefault("tidegate", []).append(run_ours(commands, flow.warm)[0])
        for peer, command in drivers.items():
            if peer.name in SLOW and repetition > 0:
                continue
            figures = measure(command, path, flow.warm)
            result.seconds.setdefault(peer.name, []).append(figures["seconds"])
            result.figures.setdefault(peer.name, figures)
    return result


def _compare(peer: Peer, ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """A comparison of speed means nothing unless both did the same."""
    if peer.same_trades and peer.reports_trades and ours["hash"] != theirs["hash"]:
        raise RuntimeError(f"{peer.name} trades otherwise: {ours} against {theirs}")
    if peer.reports_trades and abs(ours["volume"] / theirs["volume"] - 1) > 0.01:
        raise RuntimeError(f"{peer.name} trades another volume: {ours} against {theirs}")


def _peers(measured: Measured) -> dict[str, dict[str, Any]]:
    rows = {}
    for peer in PEERS:
        if peer.name in measured.seconds:
            figures = measured.figures[peer.name]
            rows[peer.name] = {
                **{key: round(value) for key, value in summary(measured.rates(peer.name)).items()},
                "driven": peer.driven,
                "same_trades": peer.same_trades,
                "reports_trades": peer.reports_trades,
                **{key: figures[key] for key in ("trades", "volume", "open_orders", "open_quantity")},
            }
    return rows


def _results(narrow: Measured, swing: Measured, missing: dict[str, str]) -> list[Result]:
    peers = _peers(narrow)
    ours = summary(narrow.rates("tidegate"))
    # A book that tells nobody what it did has done less: it is named in the note, and is not the baseline.
    told = {name: row["value"] for name, row in peers.items() if row["reports_trades"]}
    silent = {name: row["value"] for name, row in peers.items() if not row["reports_trades"]}
    fastest = max(told, key=told.__getitem__, default="")
    note = "; ".join(
        f"beside {name}, which reports nothing: {ours['value'] / value:.2f}" for name, value in silent.items()
    )
    details = {"peers": peers, "missing": missing, "batch": BATCH, **narrow.figures["tidegate"]}
    first = Result(
        "core.match",
        unit="operations/s",
        command=COMMAND,
        baseline=told.get(fastest),
        baseline_name=fastest,
        target="ratio ≥ 1.0",
        note=note,
        details=details,
        **ours,
    )
    second = Result(
        "core.match.swing",
        unit="operations/s",
        command=COMMAND,
        baseline=first.value,
        baseline_name="core.match",
        target="ratio ≥ 0.5",
        details={"peers": _peers(swing), "missing": missing, **swing.figures["tidegate"]},
        **summary(swing.rates("tidegate")),
    )
    return [first, second]


def _apply(context: Context, measured: Measured) -> Result:
    """The same flow through a shard: with client order ids, retention and everything that replay needs."""
    commands = memoryview(flow_commands.commands(measured.flow))
    step = BATCH * flow_commands.COMMAND_BYTES
    split = measured.flow.warm * flow_commands.COMMAND_BYTES
    rates = []
    for _ in range(max(2, context.repetitions // 2)):
        context.say("core.apply")
        shard = Shard(flow_commands.SYMBOL)
        shard.apply(flow_commands.setup() + bytes(commands[:split]), 1, 1)
        start = time.thread_time()
        for offset in range(split, len(commands), step):
            shard.apply(commands[offset : offset + step], 1, 1)
        rates.append(measured.timed / (time.thread_time() - start))
    book = statistics.median(measured.rates("tidegate"))
    return Result(
        "core.apply",
        unit="operations/s",
        command=COMMAND,
        baseline=book,
        baseline_name="core.match",
        note="client order ids, retention, events copied out to Python",
        **summary(rates),
    )

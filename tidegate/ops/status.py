"""A venue's status for people: tables on a terminal, plain lines elsewhere."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

from rich.console import Console, Group
from rich.table import Table

from tidegate.ops.errors import RequestError
from tidegate.v1 import operations_service_pb2 as pb
from tidegate.v1 import types_pb2
from tidegate.wire.instruments import Instrument

RUNNING = "running"
PHASES = {
    name.removeprefix("PHASE_"): cast(types_pb2.Phase, number) for name, number in types_pb2.Phase.items() if number
}
_COLOURS = {RUNNING: "green", "starting": "yellow", "stopped": "red", "failed": "bold red"}
_WORDS = ("symbol", "phase", "state")
# What a narrow terminal does without, first to last.
_DISPENSABLE = ("batch p50/p99 µs", "index", "triggers", "queue", "commit p50/p99 µs", "mark", "sequence")


def is_healthy(status: pb.GetStatusResponse) -> bool:
    """Whether everything runs."""
    processes = all(each.state == RUNNING for each in status.processes)
    return processes and all(each.state == RUNNING for each in status.shards)


def fetch_request() -> pb.GetStatusRequest:
    """The request for what this page shows."""
    return pb.GetStatusRequest()


def tables(status: pb.GetStatusResponse, instruments: dict[str, Instrument], width: int) -> Group:
    """For a terminal of so many characters."""
    return Group(_shard_table(status, instruments, width), _process_table(status))


def lines(status: pb.GetStatusResponse, instruments: dict[str, Instrument]) -> list[str]:
    """One plain line per symbol, and one for the processes."""
    found = [
        f"{each.symbol} {phase_name(each.phase)} {each.state} sequence={each.sequence} "
        f"rate={each.commands_per_second:.0f}/s queue={each.queue_depth}/{each.queue_capacity} "
        f"open={each.open_orders} triggers={each.trigger_orders} "
        f"bid={price(each.symbol, each.best_bid_ticks, instruments)} "
        f"ask={price(each.symbol, each.best_ask_ticks, instruments)} "
        f"mark={price(each.symbol, each.mark_price_ticks, instruments)} "
        f"index={price(each.symbol, each.index_price_ticks, instruments)} "
        f"commit_us={each.commit_p50_us}/{each.commit_p99_us} batch_us={each.batch_p50_us}/{each.batch_p99_us} "
        f"snapshot={each.snapshot_sequence}"
        for each in status.shards
    ]
    processes = " ".join(_process_word(each) for each in status.processes)
    return [*found, f"processes {processes}"]


def show(console: Console, status: pb.GetStatusResponse, instruments: dict[str, Instrument]) -> None:
    """Prints the status as fits the console."""
    if console.is_terminal:
        console.print(tables(status, instruments, console.width))
    else:
        for line in lines(status, instruments):
            print(line, flush=True)


def phase_name(phase: types_pb2.Phase) -> str:
    """For example "OPEN"."""
    return types_pb2.Phase.Name(phase).removeprefix("PHASE_")


def phase_number(name: str) -> types_pb2.Phase:
    """A phase from its name, in any case. Raises RequestError."""
    if name.upper() not in PHASES:
        raise RequestError(f"{name} is not a phase: {', '.join(PHASES)}")
    return PHASES[name.upper()]


def price(symbol: str, ticks: int, instruments: dict[str, Instrument]) -> str:
    """Ticks as a price where the instrument is known, "-" for none."""
    if ticks == 0:
        return "-"
    instrument = instruments.get(symbol)
    return f"{ticks}t" if instrument is None else format(Decimal(ticks) * instrument.tick_size, "f")


def _process_word(each: pb.ProcessStatus) -> str:
    restarts = f",{each.restarts} restarts" if each.restarts else ""
    return f"{each.name}={each.state}({each.pid}{restarts})"


def _shard_table(status: pb.GetStatusResponse, instruments: dict[str, Instrument], width: int) -> Table:
    """As many of the figures as fit into `width` characters; half a figure is none."""
    columns: dict[str, list[str]] = {}
    for each in status.shards:
        for name, value in _figures(each, instruments).items():
            columns.setdefault(name, []).append(value)
    widths = {name: max(len(name), *map(len, values)) + 3 for name, values in columns.items()}
    for name in _DISPENSABLE:
        if sum(widths.values()) + 1 > width:
            widths.pop(name, None)
    table = Table(title=f"Tidegate {status.version}", title_justify="left", header_style="bold", expand=False)
    for name in widths:
        table.add_column(name, justify="left" if name in _WORDS else "right")
    for row, each in enumerate(status.shards):
        state = f"[{_COLOURS.get(each.state, 'red')}]{each.state}[/]"
        table.add_row(*(state if name == "state" else columns[name][row] for name in widths))
    return table


def _figures(each: pb.ShardStatus, instruments: dict[str, Instrument]) -> dict[str, str]:
    """A symbol's figures by the names of their columns."""
    return {
        "symbol": each.symbol,
        "phase": phase_name(each.phase),
        "state": each.state,
        "sequence": f"{each.sequence:,}",
        "cmd/s": f"{each.commands_per_second:,.0f}",
        "queue": f"{each.queue_depth}/{each.queue_capacity}",
        "open": f"{each.open_orders:,}",
        "triggers": f"{each.trigger_orders:,}",
        "bid": price(each.symbol, each.best_bid_ticks, instruments),
        "ask": price(each.symbol, each.best_ask_ticks, instruments),
        "mark": price(each.symbol, each.mark_price_ticks, instruments),
        "index": price(each.symbol, each.index_price_ticks, instruments),
        "commit p50/p99 µs": f"{each.commit_p50_us}/{each.commit_p99_us}",
        "batch p50/p99 µs": f"{each.batch_p50_us}/{each.batch_p99_us}",
    }


def _process_table(status: pb.GetStatusResponse) -> Table:
    table = Table(header_style="bold", expand=False)
    for name in ("process", "state"):
        table.add_column(name)
    for name in ("pid", "restarts", "up"):
        table.add_column(name, justify="right")
    for each in status.processes:
        colour = _COLOURS.get(each.state, "red")
        seconds = int(each.uptime_seconds)
        uptime = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        table.add_row(each.name, f"[{colour}]{each.state}[/]", str(each.pid), str(each.restarts), uptime)
    return table

"""How a venue's status is shown."""

from rich.console import Console

from tidegate.ops import status as view
from tidegate.ops.config import load
from tidegate.v1 import operations_service_pb2 as pb
from tidegate.v1 import types_pb2

INSTRUMENTS = {each.symbol: each for each in load().instruments}


def example(state: str = "running") -> pb.GetStatusResponse:
    """One engine, one symbol."""
    return pb.GetStatusResponse(
        version="1.2.3",
        processes=[pb.ProcessStatus(name="engine.BTCUSDT", pid=42, restarts=2, uptime_seconds=3725.0, state=state)],
        shards=[
            pb.ShardStatus(
                symbol="BTCUSDT",
                phase=types_pb2.PHASE_OPEN,
                sequence=1234567,
                queue_capacity=16384,
                commands_per_second=99.6,
                best_bid_ticks=615001,
                mark_price_ticks=614999,
                trigger_orders=7,
                state="running",
            )
        ],
    )


def test_plain_lines_hold_the_figures() -> None:
    """Where there is no terminal: one line per symbol and one for the processes, prices as prices."""
    shard, processes = view.lines(example(), INSTRUMENTS)
    assert shard.startswith("BTCUSDT OPEN running sequence=1234567 rate=100/s queue=0/16384")
    assert "triggers=7 bid=61500.1 ask=- mark=61499.9 index=-" in shard
    assert processes == "processes engine.BTCUSDT=running(42,2 restarts)"


def test_tables_hold_the_figures() -> None:
    """On a terminal."""
    console = Console(width=200, record=True, force_terminal=True)
    with console.capture() as capture:
        view.show(console, example("failed"), INSTRUMENTS)
    text = capture.get()
    for figure in ("1,234,567", "61500.1", "61499.9", "1:02:05", "failed", "1.2.3"):
        assert figure in text


def test_a_narrow_terminal_gets_fewer_figures_and_each_whole() -> None:
    """Nothing is cut to half a symbol or half a price."""
    console = Console(width=80, record=True, force_terminal=True)
    with console.capture() as capture:
        view.show(console, example(), INSTRUMENTS)
    text = capture.get()
    for figure in ("BTCUSDT", "OPEN", "1,234,567", "61500.1"):
        assert figure in text
    assert "…" not in text
    assert "batch p50" not in text


def test_health_is_every_process_and_every_shard() -> None:
    """What `tidegate status` ends with."""
    assert view.is_healthy(example())
    assert not view.is_healthy(example("starting"))
    stopped = example()
    stopped.shards[0].state = "fsync failed"
    assert not view.is_healthy(stopped)


def test_a_price_without_its_instrument_is_in_ticks() -> None:
    """A venue with other instruments than the configuration at hand."""
    assert view.price("XYZ", 5, INSTRUMENTS) == "5t"

"""How a venue ends: killed, with its terminal, by Ctrl-C; nothing stays behind, and the next one knows everything."""

import json
import os
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

from tests.venues.configuration import MAKER_KEY, TAKER_KEY, write_config
from tests.venues.supervised import READY_S, STOP_S, command_line, default_venue, running, signals_as_typed
from tests.venues.waiting import wait_until
from tidegate.ops.config import load
from tidegate_client import Side, SyncClient

SYMBOL = "BTCUSDT"


def test_a_killed_supervisor_leaves_nothing_and_the_next_recovers_everything(tmp_path: Path) -> None:
    """kill -9 of the supervisor: its children end by themselves; what was acknowledged is there again."""
    with default_venue(tmp_path) as venue:
        with venue.client() as client:
            placed = [client.place(SYMBOL, Side.BUY, 40_000 + step, "0.01").order for step in range(20)]
        pids = [row["pid"] for row in venue.table().values()]
        venue.process.kill()
        venue.process.wait()
        wait_until(venue.nobody_alive, STOP_S)
        wait_until(lambda: all(is_gone(pid) for pid in pids), STOP_S)
        venue.restart()
        with venue.client() as client:
            assert {each.order_id for each in client.open_orders(SYMBOL)} == {each.order_id for each in placed if each}
        venue.stop()
        assert venue.segments() == []


def test_a_closed_terminal_drains_the_venue(tmp_path: Path) -> None:
    """SIGHUP reaches the whole group and nobody reads any more: an orderly drain, nothing left behind."""
    file = write_config(tmp_path)
    config = load(file)
    with signals_as_typed():
        process = subprocess.Popen(command_line("up", file), stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    try:
        while not (line := process.stdout.readline()).startswith(b"with demonstration keys"):
            assert line, "the venue has not come up"
        process.stdout.close()
        os.killpg(process.pid, signal.SIGHUP)
        assert process.wait(STOP_S) == 0
    finally:
        process.kill()
        process.wait()
    rows = json.loads(config.topology.process_table.read_bytes())["processes"]
    assert {(row["state"], row["exit_code"]) for row in rows} == {("stopped", 0)}
    assert [name for name in config.topology.segments() if Path("/dev/shm", name).exists()] == []


def test_the_demonstration_trades_and_ends_cleanly(tmp_path: Path) -> None:
    """What `make run` runs, without a terminal: traders, plain lines, an example that can be pasted, Ctrl-C."""
    file = write_config(tmp_path)
    config = load(file)
    output = tmp_path / "demo.out"
    with output.open("wb") as sink:
        demo = subprocess.Popen(
            command_line("demo", file), stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT
        )
    try:
        wait_until(lambda: "9/9 processes" in output.read_text() or demo.poll() is not None, READY_S)
        shown = output.read_text()
        assert config.address in shown
        assert "demo-operator-key" in shown
        example = [line.strip() for line in shown.splitlines() if line.startswith("  ") and "venue" in line]
        script = "\n".join(["from tidegate_client import Side, SyncClient", *example])
        with SyncClient(config.address, TAKER_KEY, market_data=config.marketdata_address) as client:
            wait_until(lambda: len(client.depth(SYMBOL).asks) >= 5, READY_S)
            placed = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
            assert "FILLED" in placed.stdout
            trade = next(iter(client.trade_stream(SYMBOL)))
            assert trade.quantity > 0
            assert client.balances()["USDT"].amount == Decimal(1_000_000)
        demo.send_signal(signal.SIGINT)
        assert demo.wait(STOP_S) == 0
        assert output.read_text().endswith("draining\nstopped\n")
        assert not any(Path("/dev/shm", name).exists() for name in config.topology.segments())
        with running(file) as venue, venue.client(MAKER_KEY) as client:
            left = [each.symbol for each in config.instruments if client.open_orders(each.symbol)]
            assert left == [], "quotes were left behind"
    finally:
        if demo.poll() is None:
            demo.kill()
            demo.wait()


def is_gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has waited for (state Z) has."""
    try:
        return Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True

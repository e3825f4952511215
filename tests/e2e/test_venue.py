"""The whole venue as `tidegate up` runs it: up, down, and with each of its parts killed.

Nothing here is simulated: real processes, real shared memory, real gRPC, signals from outside.
"""

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tidegate.ops.config import DEFAULT_FILE, VenueConfig, load
from tidegate.ops.main import app
from tidegate_client import Client, Side, SyncClient, TidegateError, TimeInForce

SYMBOL, OTHER = "BTCUSDT", "ETHUSDT"
READY_S = 60.0


class UpVenue:
    """`tidegate up` in a process of its own."""

    def __init__(self, config_file: Path) -> None:
        self.config: VenueConfig = load(config_file)
        self.output = config_file.with_suffix(".out")
        self._file = config_file
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        with self.output.open("wb") as output:
            return subprocess.Popen(command("up", self._file), stdout=output, stderr=subprocess.STDOUT)

    def wait_ready(self) -> None:
        """Until the venue says where it is."""
        wait_until(lambda: b"data  " in self.output.read_bytes() or self.process.poll() is not None, READY_S)
        assert self.process.poll() is None, self.output.read_text() + self.logs()

    def restart(self) -> None:
        """Another supervisor on the same data directory, after the first has ended."""
        assert self.process.poll() is not None
        self.process = self._start()
        self.wait_ready()

    def stop(self) -> None:
        """SIGTERM, and everything has to be gone."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(40) == 0, self.output.read_text() + self.logs()

    def kill(self) -> None:
        """For cleaning up after a test that has failed."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        wait_until(self.nobody_alive, 10)

    def table(self) -> dict[str, dict[str, Any]]:
        """The supervisor's process table."""
        rows = json.loads(self.config.topology.process_table.read_bytes())["processes"]
        return {row["name"]: row for row in rows}

    def nobody_alive(self) -> bool:
        """Whether no process of the venue is left: each holds this lock while it lives."""
        with (self.config.topology.run_dir / "alive.lock").open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        return True

    def segments(self) -> list[str]:
        """Segments of this venue that exist."""
        return [name for name in self.config.topology.segments() if Path("/dev/shm", name).exists()]

    def client(self, timeout_s: float = 20) -> SyncClient:
        """The demonstration account."""
        return SyncClient(
            self.config.address, "demo-trader-key-0", market_data=self.config.marketdata_address, timeout_s=timeout_s
        )

    def logs(self) -> str:
        """The end of every log."""
        logs = sorted((self.config.topology.data_dir / "log").glob("*.log"))
        return "".join(f"\n== {path.name}\n{path.read_text()[-1500:]}" for path in logs)


def command(name: str, config_file: Path, *more: str) -> list[str]:
    """A command line of tidegate."""
    return [sys.executable, "-m", "tidegate.ops.main", name, "--config", str(config_file), *more]


def write_config(directory: Path) -> Path:
    """The default venue with two symbols, ports that are free and a data directory of its own."""
    text = DEFAULT_FILE.read_text()
    text = text[: text.index('[[instruments]]\nsymbol = "SOLUSDT"')] + text[text.index("# Shared memory, in records") :]
    with contextlib.ExitStack() as stack:
        ports = []
        for _ in range(2):
            probe = stack.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            ports.append(probe.getsockname()[1])
    for old, new in (
        ("port = 7400", f"port = {ports[0]}"),
        ("marketdata_port = 7401", f"marketdata_port = {ports[1]}"),
        ('data_dir = "var/venue"', f'data_dir = "{directory / "venue"}"'),
        ("clients_leave_s = 2.0", "clients_leave_s = 1.0\nready_s = 40.0"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    path = directory / "venue.toml"
    path.write_text(text)
    return path


def wait_until(condition: Callable[[], bool], within_s: float) -> None:
    """Until the condition holds."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.02)


@contextlib.contextmanager
def running(directory: Path) -> Iterator[UpVenue]:
    """A venue that is up, and that is gone afterwards whatever happens."""
    venue = UpVenue(write_config(directory))
    try:
        venue.wait_ready()
        yield venue
    finally:
        venue.kill()


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UpVenue]:
    """One venue for the tests that leave it as they found it; its end is a test too."""
    with running(tmp_path_factory.mktemp("venue")) as venue:
        yield venue
        venue.stop()
        assert venue.segments() == []
        assert venue.nobody_alive()
        assert set(venue.table()) == {
            "gateway.0",
            f"engine.{SYMBOL}",
            f"engine.{OTHER}",
            "snapshotter",
            "marketdata",
            "history",
            "risk",
        }
        assert {row["state"] for row in venue.table().values()} == {"stopped"}


def eventually(action: Callable[[], Any], within_s: float = 20.0) -> Any:
    """The action's result, tried again while the venue is not whole."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            return action()
        except TidegateError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def test_depth_is_what_was_sent(venue: UpVenue) -> None:
    """Orders of a client are the public book's levels, and gone when canceled."""
    with venue.client() as client:
        for price, quantity in (("60000.1", "0.5"), ("60000.1", "0.25"), ("59999.9", "1")):
            client.place(SYMBOL, Side.BUY, price, quantity)
        last = client.place(SYMBOL, Side.SELL, "61000", "0.125")
        assert last.order is not None
        sequence = last.order.sequence
        wait_until(lambda: client.depth(SYMBOL).sequence >= sequence, 5)
        depth = client.depth(SYMBOL)
        assert [(each.price, each.quantity) for each in depth.bids] == [
            (Decimal("60000.1"), Decimal("0.75")),
            (Decimal("59999.9"), Decimal(1)),
        ]
        assert [(each.price, each.quantity) for each in depth.asks] == [(Decimal(61000), Decimal("0.125"))]
        client.cancel_all(SYMBOL)
        wait_until(lambda: not client.depth(SYMBOL).bids, 5)


async def test_the_delta_chain_leads_to_the_snapshot(venue: UpVenue) -> None:
    """A stream that is followed all the time and a book asked for at the end are the same."""
    config = venue.config
    async with (
        Client(config.address, "demo-maker-key-0", market_data=config.marketdata_address) as client,
        Client(config.address, "demo-taker-key-0", market_data=config.marketdata_address) as taker,
        client.trading() as session,
        taker.trading() as taking,
    ):
        stream = aiter(client.depth_stream(SYMBOL))
        book = await anext(stream)
        for step in range(100):
            price = 60_000 + step % 7
            await session.place(SYMBOL, Side.BUY, price, "0.01", time_in_force=TimeInForce.GTX)
            if step % 3 == 0:
                sold = await taking.place(SYMBOL, Side.SELL, price, "0.005", time_in_force=TimeInForce.IOC)
                assert sold.fills
        await session.place(SYMBOL, Side.BUY, 50_000, "0.01")
        while not (bids := book.depth().bids) or bids[-1].price != Decimal(50_000):
            book = await anext(stream)
        asked = await client.depth(SYMBOL)
        assert book.depth().bids == asked.bids
        assert book.depth().asks == asked.asks
        await session.cancel_all(SYMBOL)


@pytest.mark.parametrize("name", ["marketdata", "risk", "snapshotter", "history", f"engine.{SYMBOL}", "gateway.0"])
def test_a_killed_process_is_started_again_and_serves(venue: UpVenue, name: str) -> None:
    """kill -9 of each kind; what was acknowledged is still there, and the next order goes through."""
    with venue.client() as client:
        resting = client.place(SYMBOL, Side.BUY, "40000", "0.01")
        assert resting.order is not None
        before = venue.table()[name]
        os.kill(before["pid"], signal.SIGKILL)
        killed_at = time.monotonic()
        wait_until(lambda: venue.table()[name]["pid"] not in (0, before["pid"]), 5)
        eventually(lambda: client.place(SYMBOL, Side.BUY, "40001", "0.01"))
        orders = eventually(lambda: client.open_orders(SYMBOL))
        assert resting.order.order_id in {each.order_id for each in orders}
        eventually(client.balances)
        wait_until(lambda: len(eventually(lambda: client.depth(SYMBOL)).bids) == 2, 10)
        assert time.monotonic() - killed_at < 15
        assert venue.table()[name]["restarts"] == before["restarts"] + 1
        client.cancel_all(SYMBOL)


def test_status_shows_the_venue_to_people(venue: UpVenue) -> None:
    """`tidegate status`: plain lines where there is no terminal, exit code 0 when everything runs."""
    file = venue.config.venue.data_dir.parent / "venue.toml"
    wait_until(lambda: subprocess.run(command("status", file), capture_output=True, check=False).returncode == 0, 10)
    shown = subprocess.run(command("status", file), capture_output=True, check=True, text=True).stdout
    assert f"{SYMBOL} OPEN running" in shown
    assert "gateway.0=running" in shown


def test_the_operators_commands(venue: UpVenue) -> None:
    """Account, deposit (once per id) and phase; refusals are one line and exit code 1."""
    file = venue.config.venue.data_dir.parent / "venue.toml"

    def tidegate(*arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments, "--config", str(file)])

    made = tidegate("account", "create", "newcomer")
    assert made.exit_code == 0
    assert "key" in made.stdout
    for again in ("", " (booked before)"):
        booked = tidegate("deposit", "newcomer", "USDT", "12.5", "--id", "first")
        assert f"entry 1{again}, balance 12.50000000 USDT" in booked.stdout
    assert tidegate("phase", OTHER, "HALT").stdout.startswith(f"{OTHER} HALT from sequence")
    assert tidegate("phase", OTHER, "OPEN").exit_code == 0
    refused = tidegate("account", "create", "newcomer")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("tidegate: ACCOUNT_EXISTS")
    assert len(refused.stderr.splitlines()) == 1


def test_a_second_supervisor_refuses(venue: UpVenue) -> None:
    """On the same directory, and on the same port; the venue that is up does not notice."""
    file = venue.config.venue.data_dir.parent / "venue.toml"
    same = subprocess.run(command("up", file), capture_output=True, check=False, text=True)
    assert same.returncode == 1
    assert "another venue is running on this directory" in same.stderr
    elsewhere = str(venue.config.venue.data_dir.parent / "elsewhere")
    taken = subprocess.run(command("up", file, "--data", elsewhere), capture_output=True, check=False, text=True)
    assert taken.returncode == 1
    assert f"port {venue.config.venue.port} on 127.0.0.1 is taken" in taken.stderr
    assert len(taken.stderr.splitlines()) == 1
    with venue.client() as client:
        assert client.open_orders(SYMBOL) == []


def test_a_killed_supervisor_leaves_nothing_and_the_next_recovers_everything(tmp_path: Path) -> None:
    """kill -9 of the supervisor: its children are gone within 5 s; what was acknowledged is there again."""
    with running(tmp_path) as venue:
        with venue.client() as client:
            placed = [client.place(SYMBOL, Side.BUY, 40_000 + step, "0.01").order for step in range(20)]
        pids = [row["pid"] for row in venue.table().values()]
        venue.process.kill()
        venue.process.wait()
        wait_until(venue.nobody_alive, 5)
        wait_until(lambda: all(is_gone(pid) for pid in pids), 5)
        venue.restart()
        with venue.client() as client:
            assert {each.order_id for each in client.open_orders(SYMBOL)} == {each.order_id for each in placed if each}
        venue.stop()
        assert venue.segments() == []


def test_a_closed_terminal_drains_the_venue(tmp_path: Path) -> None:
    """SIGHUP reaches the whole group and nobody reads any more: an orderly drain, nothing left behind."""
    file = write_config(tmp_path)
    config = load(file)
    process = subprocess.Popen(command("up", file), stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    try:
        while not (line := process.stdout.readline()).startswith(b"with demonstration keys"):
            assert line, "the venue has not come up"
        process.stdout.close()
        os.killpg(process.pid, signal.SIGHUP)
        assert process.wait(40) == 0
    finally:
        process.kill()
        process.wait()
    rows = json.loads(config.topology.process_table.read_bytes())["processes"]
    assert {(row["state"], row["exit_code"]) for row in rows} == {("stopped", 0)}
    assert [name for name in config.topology.segments() if Path("/dev/shm", name).exists()] == []


def test_a_full_disk_is_waited_for(tmp_path: Path) -> None:
    """Acceptance row 6: no acknowledgement, no crash, the symbol is shown as not serving, the others are served;
    with room again it goes on by itself, and everything acknowledged is there, also after a restart."""
    disk = tmp_path / "venue"
    disk.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if mount.returncode:
        pytest.skip("this host lets us mount no small file system")
    try:
        with running(tmp_path) as venue:
            with venue.client() as client:
                placed = client.place(SYMBOL, Side.BUY, 40_000, "0.01").order
            ballast = disk / "ballast"
            with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                while file.write(bytes(4096)):
                    pass
            with venue.client(timeout_s=2) as client:
                for step in range(200):  # pages that the journal has already may take a few more
                    try:
                        placed = client.place(SYMBOL, Side.BUY, 40_001 + step, "0.01").order
                    except TidegateError:
                        break
                else:
                    pytest.fail("the disk is not full")
            assert placed is not None
            assert venue.process.poll() is None
            with venue.client() as client:
                assert client.open_orders(OTHER) == []
            status = subprocess.run(
                command("status", tmp_path / "venue.toml"), capture_output=True, check=False, text=True
            )
            assert status.returncode == 1
            assert "No space left on device" in status.stdout
            assert f"engine.{SYMBOL} has failed" not in venue.output.read_text()
            ballast.unlink()
            with venue.client() as client:
                later = client.place(SYMBOL, Side.BUY, 39_000, "0.01").order
                assert client.order(SYMBOL, placed.client_order_id).order_id == placed.order_id
            venue.stop()
            assert venue.segments() == []
            venue.restart()
            with venue.client() as client:
                for each in (placed, later):
                    assert client.order(SYMBOL, each.client_order_id).order_id == each.order_id
            venue.stop()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_damaged_symbol_stays_down_and_the_others_are_served(tmp_path: Path) -> None:
    """Its engine says that starting again would be wrong; `tidegate verify` names the fault."""
    with running(tmp_path) as venue:
        with venue.client() as client:
            for step in range(5):
                client.place(OTHER, Side.BUY, 2000 + step, "0.01")
        venue.stop()
        file = tmp_path / "venue.toml"
        sound = subprocess.run(command("verify", file), capture_output=True, check=False, text=True)
        assert (sound.returncode, sound.stderr) == (0, "")
        assert f"{OTHER} ok" in sound.stdout
        damage(next(venue.config.topology.journal_dir(OTHER).glob("0*/data.mdb")))
        faulty = subprocess.run(command("verify", file), capture_output=True, check=False, text=True)
        assert faulty.returncode == 1
        assert f"{OTHER} FAULT" in faulty.stdout
        assert "FAULT at sequence" in faulty.stdout
        venue.restart()
        assert f"engine.{OTHER} has failed (exit code 82) and is not started again" in venue.output.read_text()
        wait_until(lambda: venue.table()[f"engine.{OTHER}"]["state"] == "failed", 5)
        assert venue.table()[f"engine.{OTHER}"]["restarts"] == 0
        with venue.client() as client:
            assert client.place(SYMBOL, Side.BUY, 40_000, "0.01").applied
        assert subprocess.run(command("status", file), capture_output=True, check=False).returncode == 1
        venue.stop()


def test_the_demonstration_trades_and_ends_cleanly(tmp_path: Path) -> None:
    """What `make run` runs, without a terminal: traders, plain lines, an example that can be pasted, Ctrl-C."""
    file = write_config(tmp_path)
    config = load(file)
    output = tmp_path / "demo.out"
    with output.open("wb") as sink:
        demo = subprocess.Popen(command("demo", file), stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: "8/8 processes" in output.read_text() or demo.poll() is not None, READY_S)
        shown = output.read_text()
        assert config.address in shown
        assert "demo-operator-key" in shown
        example = [line.strip() for line in shown.splitlines() if line.startswith("  ") and "venue" in line]
        script = "\n".join(["from tidegate_client import Side, SyncClient", *example])
        with SyncClient(config.address, "demo-taker-key-0", market_data=config.marketdata_address) as client:
            wait_until(lambda: len(client.depth(SYMBOL).asks) >= 5, 20)
            placed = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
            assert "FILLED" in placed.stdout
            trade = next(iter(client.trade_stream(SYMBOL)))
            assert trade.quantity > 0
            assert client.balances()["USDT"].amount == Decimal(1_000_000)
        demo.send_signal(signal.SIGINT)
        assert demo.wait(40) == 0
        assert output.read_text().endswith("draining\nstopped\n")
        assert not any(Path("/dev/shm", name).exists() for name in config.topology.segments())
        venue = UpVenue(file)
        try:
            venue.wait_ready()
            with SyncClient(config.address, "demo-maker-key-0", market_data=config.marketdata_address) as client:
                assert all(not client.open_orders(each.symbol) for each in config.instruments), (
                    "quotes were left behind"
                )
            venue.stop()
        finally:
            venue.kill()
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


def damage(file: Path) -> None:
    """Flips one bit in the first batch, not in the last, which would be taken for a torn tail.

    LMDB fills a page from its end, so the oldest batch is the last one in it; and it copies pages before it
    changes them, so a batch may lie in the file more than once.
    """
    content = bytearray(file.read_bytes())
    batch = bytes(content[content.rindex(b"TGBATCH1") :][:64])
    for copy in range(content.count(batch)):
        at = content.index(batch)
        content[at + 40] ^= 1
        assert copy < 10
    file.write_bytes(content)

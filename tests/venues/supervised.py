"""`tidegate up` in a process of its own: the whole venue as an operator runs it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.venues.configuration import TRADER_KEY, write_config
from tests.venues.waiting import wait_until
from tidegate.ops.config import VenueConfig, load
from tidegate_client import SyncClient

READY_S, STOP_S = 60.0, 40.0


class SupervisedVenue:
    """A venue on a configuration file; it is starting when this has been made."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.config: VenueConfig = load(file)
        self.address = self.config.address
        self.market_data = self.config.marketdata_address
        self.output = file.with_suffix(".out")
        self.process = self._start()

    def wait_ready(self) -> None:
        """Until the venue says where it is, which it does when every symbol is served."""
        wait_until(lambda: b"\ndata  " in self.output.read_bytes() or self._has_ended(), READY_S, self.said)
        assert not self._has_ended(), self.said()

    def restart(self) -> None:
        """Another supervisor on the same data directory, after the first has ended."""
        assert self._has_ended()
        self.process = self._start()
        self.wait_ready()

    def stop(self) -> None:
        """SIGTERM, after which it has to end well."""
        if not self._has_ended():
            self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(STOP_S) == 0, self.said()

    def close(self) -> None:
        """Drains it, and leaves nothing behind even if that fails."""
        if not self._has_ended():
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_S)
        self.process.kill()
        self.process.wait()
        wait_until(self.nobody_alive, STOP_S)

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> int:
        """A signal to one of its processes, for example "engine.BTCUSDT", once it runs; its process id."""
        wait_until(lambda: self.pid(name), READY_S, self.said)
        pid = self.pid(name)
        os.kill(pid, number)
        return pid

    def kill_and_wait(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """The same; returns when the supervisor has started another."""
        pid = self.kill(name, number)
        wait_until(lambda: self.pid(name) not in (0, pid), READY_S, self.said)

    def pid(self, name: str) -> int:
        """Process id; 0 while it does not run."""
        return self.pids().get(name, 0)

    def pids(self) -> dict[str, int]:
        """Process ids of those that run, by name."""
        return {name: row["pid"] for name, row in self.table().items() if row["pid"]}

    def table(self) -> dict[str, dict[str, Any]]:
        """The supervisor's process table, by name."""
        rows = json.loads(self.config.topology.process_table.read_bytes())["processes"]
        return {row["name"]: row for row in rows}

    def nobody_alive(self) -> bool:
        """Whether no process of the venue is left: each holds this lock while it lives."""
        path = self.config.topology.run_dir / "alive.lock"
        if not path.exists():
            return True
        with path.open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        return True

    def segments(self) -> list[str]:
        """Segments of this venue that exist."""
        return [name for name in self.config.topology.segments() if Path("/dev/shm", name).exists()]

    def client(self, key: str = TRADER_KEY, timeout_s: float = 20) -> SyncClient:
        """A client of one of the demonstration accounts."""
        return SyncClient(self.address, key, market_data=self.market_data, timeout_s=timeout_s)

    def said(self) -> str:
        """What the supervisor has printed, and the end of every log."""
        logs = sorted((self.config.topology.data_dir / "log").glob("*.log"))
        parts = [f"\n== {path.name}\n{path.read_text()[-1500:]}" for path in logs]
        return self.output.read_text() + "".join(parts)

    def _start(self) -> subprocess.Popen[bytes]:
        with self.output.open("wb") as output:
            return subprocess.Popen(command_line("up", self.file), stdout=output, stderr=subprocess.STDOUT)

    def _has_ended(self) -> bool:
        return self.process.poll() is not None


def command_line(name: str, file: Path, *more: str) -> list[str]:
    """A command of tidegate, to be run as a process."""
    return [sys.executable, "-m", "tidegate.ops.main", name, "--config", str(file), *more]


def run_command(name: str, file: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """The same, run to its end."""
    return subprocess.run(command_line(name, file, *more), capture_output=True, check=False, text=True)


@contextlib.contextmanager
def signals_as_typed() -> Iterator[None]:
    """What is started in here can be interrupted and hung up, also when `nohup` or `&` has that ignored for the tests:
    a handler, unlike that, is not inherited."""
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def running(file: Path) -> Iterator[SupervisedVenue]:
    """The venue of a configuration file, up, and gone afterwards whatever happens."""
    venue = SupervisedVenue(file)
    try:
        venue.wait_ready()
        yield venue
    finally:
        venue.close()


@contextlib.contextmanager
def default_venue(directory: Path) -> Iterator[SupervisedVenue]:
    """The default venue with three symbols, in a directory of its own."""
    with running(write_config(directory)) as venue:
        yield venue

"""The whole venue for a test, as `tidegate up` starts it: default configuration, free ports, a directory of its own."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tidegate.ops.config import DEFAULT_FILE

READY_SECONDS_MAX = 80.0
STOP_SECONDS_MAX = 30.0
OPERATOR_KEY = "demo-operator-key"


class UpVenue:
    """A venue that runs."""

    def __init__(self, data_dir: Path, port: int, market_data_port: int) -> None:
        self.data_dir = data_dir
        self.address = f"127.0.0.1:{port}"
        self.market_data = f"127.0.0.1:{market_data_port}"

    def pid(self, process: str) -> int:
        """Process id of, for example, "engine.BTCUSDT"; 0 while it does not run."""
        table = json.loads((self.data_dir / "run" / "processes.json").read_text())
        rows = table["processes"] if isinstance(table, dict) and "processes" in table else table
        rows = rows.values() if isinstance(rows, dict) else rows
        return next(row["pid"] for row in rows if row["name"] == process) or 0

    def kill(self, process: str) -> None:
        """kill -9."""
        os.kill(self.pid(process), signal.SIGKILL)


@contextlib.contextmanager
def up(directory: Path) -> Iterator[UpVenue]:
    """Starts it, waits until it serves, drains it at the end."""
    port, market_data_port = free_pair()
    command = [sys.executable, "-m", "tidegate.ops.main", "up", "--config", str(DEFAULT_FILE)]
    command += ["--data", str(directory / "venue"), "--port", str(port), "--marketdata-port", str(market_data_port)]
    output = directory / "up.log"
    with output.open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + READY_SECONDS_MAX
        while "market data" not in output.read_text():
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the venue did not start:\n{output.read_text()}")
            time.sleep(0.05)
        yield UpVenue(directory / "venue", port, market_data_port)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_pair() -> tuple[int, int]:
    """Two neighbouring ports that nobody listens on now: a client looks for market data on the next one.

    Below the range from which the kernel gives ports to outgoing connections, so that none takes them meanwhile.
    """
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as first, socket.socket() as second:
            try:
                first.bind(("127.0.0.1", port))
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port, port + 1

"""A whole venue as `tidegate up` runs it, with one symbol, for benchmarks that go through gRPC."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from benchmarks.context import ROOT
from tidegate.ops.up import SYMBOL_HEALTH_PREFIX
from tidegate.v1 import operations_service_pb2, operations_service_pb2_grpc

SYMBOL = "BENCHUSDT"
API_KEY = "bench-account-key-0"
METADATA = (("x-api-key", API_KEY),)
OPERATOR_KEY = "bench-operator-key"
OPERATOR = (("x-api-key", OPERATOR_KEY),)
READY_S = 60.0

CONFIG = """\
[venue]
data_dir = "{data_dir}"
port = {port}
marketdata_port = {marketdata_port}
operator_key = "{operator_key}"

[[accounts]]
name = "bench"
api_key = "{api_key}"

[gateway.tiers.default]
orders_second = 1000000000
orders_ten_seconds = 1000000000
cancels_second = 1000000000
messages_second = 1000000000

[gateway.tiers.market-maker]
orders_second = 1000000000
orders_ten_seconds = 1000000000
cancels_second = 1000000000
messages_second = 1000000000

[[instruments]]
symbol = "{symbol}"
instrument_id = 1
tick_size = "{tick_size}"
lot_size = "{lot_size}"
open_orders_max = 10000
"""


@dataclass(frozen=True)
class RunningVenue:
    """A venue that serves."""

    address: str
    market_data: str
    data_dir: Path

    def pids(self) -> dict[str, int]:
        """Its processes by name."""
        rows = json.loads((self.data_dir / "run" / "processes.json").read_text())["processes"]
        return {row["name"]: row["pid"] for row in rows if row["pid"]}

    def shard(self) -> operations_service_pb2.ShardStatus:
        """The engine's own figures, of the last second in which it had work."""
        with grpc.insecure_channel(self.address) as channel:
            stub = operations_service_pb2_grpc.OperationsServiceStub(channel)  # type: ignore[no-untyped-call]
            request = operations_service_pb2.GetStatusRequest()
            status: operations_service_pb2.GetStatusResponse = stub.GetStatus(request, metadata=OPERATOR)
        return status.shards[0]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(
    directory: Path, *, symbol: str = SYMBOL, tick_size: str = "0.01", lot_size: str = "0.01"
) -> Iterator[RunningVenue]:
    """Starts a venue on `directory`, waits until its symbol is served, drains it afterwards."""
    data_dir = directory / "venue"
    port, marketdata_port = free_port(), free_port()
    config = directory / "venue.toml"
    config.write_text(
        CONFIG.format(
            data_dir=data_dir,
            port=port,
            marketdata_port=marketdata_port,
            api_key=API_KEY,
            operator_key=OPERATOR_KEY,
            symbol=symbol,
            tick_size=tick_size,
            lot_size=lot_size,
        )
    )
    log_path = directory / "venue.log"
    with log_path.open("ab") as log:
        command = [sys.executable, "-c", "from tidegate.ops.main import app; app()", "up", "--config", str(config)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        try:
            _wait_until_ready(f"127.0.0.1:{port}", symbol, process, log_path)
            yield RunningVenue(f"127.0.0.1:{port}", f"127.0.0.1:{marketdata_port}", data_dir)
        finally:
            process.terminate()
            try:
                process.wait(timeout=40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_ready(address: str, symbol: str, process: subprocess.Popen[bytes], log_path: Path) -> None:
    deadline = time.monotonic() + READY_S
    request = health_pb2.HealthCheckRequest(service=SYMBOL_HEALTH_PREFIX + symbol)
    with grpc.insecure_channel(address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        while True:
            try:
                if stub.Check(request, timeout=1).status == health_pb2.HealthCheckResponse.SERVING:
                    return
            except grpc.RpcError:
                pass
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the venue does not start: {log_path.read_text()[-3000:]}")
            time.sleep(0.05)

"""Real processes for a test: engines, gateways, the ledger; segments owned by the test."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from pydantic import BaseModel

from tests.unit.gateway.venue import ALICE, BOB, OPERATOR, instruments
from tidegate.engine.config import EngineSettings
from tidegate.gateway.config import GatewayLimits, GatewaySettings
from tidegate.risk.config import AccountSeed, RiskSettings
from tidegate.wire.native import command_ring_bytes, create_command_ring, create_event_ring, event_ring_bytes
from tidegate.wire.segment import Segment
from tidegate.wire.topology import Topology

COMMAND_RECORDS, HIGH_WATER, EVENT_RECORDS = 4096, 3072, 65536
START_SECONDS_MAX = 30.0
ENTRY = """
import sys
from {module}.main import main
from {module}.config import {kind}
main({kind}.model_validate_json(sys.argv[1]))
"""


class RealVenue:
    """Processes by name ("engine.BTCUSDT", "gateway.0", "risk"), each a subprocess of the test."""

    def __init__(self, data_dir: Path, gateways: int, limits: GatewayLimits) -> None:
        self.data_dir = data_dir
        self.gateways = gateways
        self.limits = limits
        self.topology = Topology(data_dir, gateways, instruments())
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._segments: list[Segment] = []

    def start(self, name: str) -> None:
        """Starts a process that does not run; its output goes to a file beside the data."""
        module, settings = self._entry(name)
        code = ENTRY.format(module=module, kind=type(settings).__name__)
        with (self.data_dir / f"{name}.log").open("ab") as log:
            command = [sys.executable, "-c", code, settings.model_dump_json()]
            self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log)

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Sends a signal; after SIGKILL and SIGTERM waits for the end."""
        process = self.processes[name]
        process.send_signal(number)
        if number in {signal.SIGKILL, signal.SIGTERM}:
            process.wait(30)

    def wait_serving(self, *services: str) -> None:
        """Until a gateway answers and says SERVING for each service (or "tidegate.symbol.X")."""
        give_up = time.monotonic() + START_SECONDS_MAX
        for service in services or ("", *(f"tidegate.symbol.{each.symbol}" for each in instruments())):
            while not self._is_serving(service):
                assert time.monotonic() < give_up, f"{service} does not serve:\n{self.logs()}"
                time.sleep(0.05)

    def wait_logged(self, name: str, text: str, times: int) -> None:
        """Until a process has printed something so many times."""
        give_up = time.monotonic() + START_SECONDS_MAX
        while self.log(name).count(text) < times:
            assert time.monotonic() < give_up, f"{name} did not say {text!r}:\n{self.logs()}"
            time.sleep(0.02)

    def log(self, name: str) -> str:
        """What one process, and its predecessors, printed."""
        return (self.data_dir / f"{name}.log").read_text()

    def logs(self) -> str:
        """What the processes printed."""
        return "\n".join(f"== {path.name}\n{path.read_text()[-3000:]}" for path in self.data_dir.glob("*.log"))

    def close(self) -> None:
        """Ends every process, stopped ones too."""
        for process in self.processes.values():
            if process.poll() is None:
                process.kill()
        for process in self.processes.values():
            process.wait(30)

    def make_rings(self) -> None:
        """Fresh shared memory for every symbol."""
        generation = secrets.randbits(63) | 1
        for each in instruments():
            events = Segment.create(self.topology.event_segment(each.symbol), event_ring_bytes(EVENT_RECORDS))
            self._segments.append(events)
            create_event_ring(events.buf, EVENT_RECORDS, generation)
            for producer in self.topology.producers:
                name = self.topology.command_segment(each.symbol, producer)
                commands = Segment.create(name, command_ring_bytes(COMMAND_RECORDS))
                self._segments.append(commands)
                create_command_ring(commands.buf, COMMAND_RECORDS, HIGH_WATER, generation)

    def renew_rings(self) -> None:
        """As a supervisor does that starts the venue again; engines and gateways must have ended."""
        self.drop_rings()
        self.make_rings()

    def drop_rings(self) -> None:
        """Destroys the shared memory."""
        while self._segments:
            self._segments.pop().close()

    def _is_serving(self, service: str) -> bool:
        with grpc.insecure_channel(self.address) as channel:
            try:
                request = health_pb2.HealthCheckRequest(service=service)
                answer = health_pb2_grpc.HealthStub(channel).Check(request, timeout=1)
            except grpc.RpcError:
                return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    def _entry(self, name: str) -> tuple[str, BaseModel]:
        venue: dict[str, Any] = {"data_dir": self.data_dir, "gateways": self.gateways, "instruments": instruments()}
        kind, _, rest = name.partition(".")
        if kind == "engine":
            return "tidegate.engine", EngineSettings(**venue, symbol=rest)
        if kind == "risk":
            seeds = (AccountSeed(name="alice", api_key=ALICE), AccountSeed(name="bob", api_key=BOB))
            return "tidegate.risk", RiskSettings(**venue, accounts=seeds)
        operators = (hashlib.sha256(OPERATOR.encode()).hexdigest(),)
        settings = GatewaySettings(
            **venue,
            number=int(rest),
            port=self.port,
            operator_key_sha256=operators,
            limits=self.limits,
            drain_seconds=1.0,
        )
        return "tidegate.gateway", settings


@contextlib.contextmanager
def real_venue(data_dir: Path, gateways: int = 1, limits: GatewayLimits | None = None) -> Iterator[RealVenue]:
    """Everything started and serving."""
    venue = RealVenue(data_dir, gateways, limits or GatewayLimits())
    topology = venue.topology
    topology.run_dir.mkdir(parents=True)
    with contextlib.ExitStack() as stack:
        stack.callback(venue.drop_rings)
        venue.make_rings()
        stack.callback(venue.close)
        venue.start("risk")
        for each in instruments():
            venue.start(f"engine.{each.symbol}")
        for number in range(gateways):
            venue.start(f"gateway.{number}")
        venue.wait_serving()
        yield venue


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

"""Engines, gateways and the ledger as processes without a supervisor: nothing is started again by itself.

The test owns their shared memory, and decides who runs.
"""

from __future__ import annotations

import contextlib
import hashlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from pydantic import BaseModel

from tests.venues.calls import ALICE, BOB, OPERATOR, instruments
from tests.venues.ports import free_port
from tests.venues.waiting import wait_until
from tidegate.engine.config import EngineSettings
from tidegate.gateway.config import GatewayLimits, GatewaySettings
from tidegate.ops.config import RingsSection
from tidegate.ops.memory import VenueMemory
from tidegate.ops.up import SYMBOL_HEALTH_PREFIX
from tidegate.risk.config import AccountSeed, RiskSettings
from tidegate.wire.topology import Topology

RINGS = RingsSection(command_records=4096, command_high_water=3072, event_records=65536)
START_S = 30.0
ESTABLISHED = "01"  # in the tables of /proc/net
ENTRY = """
import sys
from {module}.main import main
from {module}.config import {kind}
main({kind}.model_validate_json(sys.argv[1]))
"""


class UnsupervisedVenue:
    """Processes by name ("engine.BTCUSDT", "gateway.0", "risk"), each a subprocess of the test."""

    def __init__(self, data_dir: Path, gateways: int, limits: GatewayLimits) -> None:
        self.data_dir = data_dir
        self.gateways = gateways
        self.limits = limits
        self.topology = Topology(data_dir, gateways, instruments())
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.topology.run_dir.mkdir(parents=True)
        self.memory = VenueMemory(self.topology, RINGS)

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

    def wait_serving(self) -> None:
        """Until a gateway says SERVING, for itself and for each symbol, and the accounts are there."""
        self.wait_logged("risk", "serving", 1)
        for service in ("", *(f"{SYMBOL_HEALTH_PREFIX}{each.symbol}" for each in instruments())):
            wait_until(lambda service=service: self._is_serving(service), START_S, self.logs)  # type: ignore[misc]

    def wait_logged(self, name: str, text: str, times: int) -> None:
        """Until a process and its predecessors have printed something so many times."""
        wait_until(lambda: self.log(name).count(text) >= times, START_S, self.logs)

    def connections(self, name: str) -> set[str]:
        """The sockets of a gateway's open connections to clients, each by a number of its own."""
        listed = [Path("/proc/net", table).read_text().splitlines()[1:] for table in ("tcp", "tcp6")]
        rows = [line.split() for lines in listed for line in lines]
        open_here = {row[9] for row in rows if row[1].endswith(f":{self.port:04X}") and row[3] == ESTABLISHED}
        links: set[str] = set()
        for each in Path("/proc", str(self.processes[name].pid), "fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                links.add(str(each.readlink()))
        return open_here & {link.removeprefix("socket:[").removesuffix("]") for link in links}

    def log(self, name: str) -> str:
        """What one process, and its predecessors, printed."""
        return (self.data_dir / f"{name}.log").read_text()

    def logs(self) -> str:
        """What the processes printed."""
        return "\n".join(f"== {path.name}\n{path.read_text()[-3000:]}" for path in self.data_dir.glob("*.log"))

    def close(self) -> None:
        """Ends every process, stopped ones too, and gives the memory back."""
        for process in self.processes.values():
            process.kill()
        for process in self.processes.values():
            process.wait(30)
        self.memory.close()

    def renew_rings(self) -> None:
        """As a supervisor does that starts the venue again; engines and gateways must have ended."""
        self.memory.close()
        self.memory = VenueMemory(self.topology, RINGS)

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
def unsupervised_venue(
    data_dir: Path, gateways: int = 1, limits: GatewayLimits | None = None
) -> Iterator[UnsupervisedVenue]:
    """Everything started and serving."""
    with contextlib.closing(UnsupervisedVenue(data_dir, gateways, limits or GatewayLimits())) as venue:
        venue.start("risk")
        for each in instruments():
            venue.start(f"engine.{each.symbol}")
        for number in range(gateways):
            venue.start(f"gateway.{number}")
        venue.wait_serving()
        yield venue

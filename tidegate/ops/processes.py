"""Which processes a venue has, and what runs first in each of them."""

from __future__ import annotations

import fcntl
import importlib
import os
import signal
import sys
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType

from pydantic import BaseModel

from tidegate.engine.errors import STOPPED_FOR_GOOD
from tidegate.ops.config import VenueConfig
from tidegate.ops.logs import log_to
from tidegate.wire import lifetime
from tidegate.wire.enums import Phase
from tidegate.wire.instruments import Instrument
from tidegate.wire.topology import engine_name, gateway_name

SPAWN = get_context("spawn")

DRAIN_ALONE_S = 4.0  # how long a process may drain whose supervisor is gone

# Processes are started from the highest rank down and drained from the lowest up.
TRADERS_RANK = -1
GATEWAY_RANK = 0
ENGINE_RANK = 1
AROUND_RANK = 2
RISK_RANK = 3


@dataclass(frozen=True)
class ProcessSpec:
    """One process: its entry is `main(settings)` in `module`."""

    name: str
    module: str
    settings: BaseModel
    rank: int
    symbol: str = ""
    """Of an engine."""
    final_exit_codes: frozenset[int] = frozenset()
    """With one of these the process says that it must not be started again."""


def specs(config: VenueConfig, configured: Container[str]) -> list[ProcessSpec]:
    """All processes of a venue, in the order in which they are started.

    A symbol that is not `configured` was listed while the venue ran: if it has no journal yet, because the supervisor
    died in the middle of that, it begins in HALT; nobody has said that it may open.
    """
    gateways = [
        ProcessSpec(gateway_name(number), "tidegate.gateway.main", config.gateway_settings(number), GATEWAY_RANK)
        for number in range(config.venue.gateways)
    ]
    engines = [
        engine_spec(config, each, None if each.symbol in configured else Phase.HALT.name) for each in config.instruments
    ]
    around = [
        ProcessSpec("snapshotter", "tidegate.engine.snapshotter", config.snapshotter_settings(), AROUND_RANK),
        ProcessSpec("marketdata", "tidegate.marketdata.main", config.marketdata_settings(), AROUND_RANK),
        ProcessSpec("history", "tidegate.history.main", config.history_settings(), AROUND_RANK),
        ProcessSpec("risk", "tidegate.risk.main", config.risk_settings(), RISK_RANK),
    ]
    return sorted(around + engines + gateways, key=lambda spec: -spec.rank)


def engine_spec(config: VenueConfig, instrument: Instrument, initial_phase: str | None = None) -> ProcessSpec:
    """The engine of one symbol. `initial_phase`: of a journal that is new, instead of the configuration's."""
    settings = config.engine_settings(instrument, initial_phase)
    name = engine_name(instrument.symbol)
    return ProcessSpec(name, "tidegate.engine.main", settings, ENGINE_RANK, instrument.symbol, STOPPED_FOR_GOOD)


def start(spec: ProcessSpec, alive_lock: Path, log_path: Path) -> BaseProcess:
    """Starts a process with spawn; it holds `alive_lock` shared while it lives and prints into `log_path`."""
    process = SPAWN.Process(target=run, args=(spec, alive_lock, log_path, os.getpid()), name=spec.name)
    # What comes from the terminal before run() is none of the child's business; it inherits the mask.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        with _no_main_module():
            process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return process


def run(spec: ProcessSpec, alive_lock: Path, log_path: Path, supervisor_pid: int) -> None:
    """What runs in the child: set up what every process of a venue needs, then its own entry."""
    # Ctrl-C and the end of a terminal reach the whole group; here only the supervisor's SIGTERM counts.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    lifetime.end_with_parent(supervisor_pid, DRAIN_ALONE_S)
    log_to(log_path)
    # Held until the process is gone, however it ends: what runs after main() may take its time too.
    fcntl.flock(os.open(alive_lock, os.O_RDONLY | os.O_CLOEXEC), fcntl.LOCK_SH)
    importlib.import_module(spec.module).main(spec.settings)


@contextmanager
def _no_main_module() -> Iterator[None]:
    """Hides the main module from spawn, which would import it again in the child.

    A child needs nothing of it, and a main module without a guard would start another venue.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main

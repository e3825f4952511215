"""Brings a venue up, keeps it up, and takes it down: owns its memory, starts and restarts its processes.

    VenueDirectory   nobody else works here, nothing stale is left
    VenueMemory      every ring and doorbell
    processes        risk, marketdata, snapshotter, engines, gateways
    tick             restart what has ended, write the process table, list and delist (listing_desk.py)
    drain            gateways, engines with empty rings, the rest; then the memory

One thread only, and it has to live as long as the venue: children end when it does.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import structlog

from tidegate.ops import processes
from tidegate.ops.config import VenueConfig
from tidegate.ops.directory import VenueDirectory
from tidegate.ops.errors import ConfigError, StartError
from tidegate.ops.listing import VenueListing
from tidegate.ops.listing_desk import ListingDesk
from tidegate.ops.memory import VenueMemory
from tidegate.ops.ports import require_free_ports
from tidegate.ops.processes import ENGINE_RANK, ProcessSpec
from tidegate.ops.restart_policy import RestartPolicy
from tidegate.wire.instruments import Instrument

log = structlog.get_logger(__name__)

TABLE_INTERVAL_S = 1.0
RINGS_EMPTY_S = 2.0  # how long engines may take for what gateways have left in the rings


@dataclass
class Managed:
    """One process and what has happened to it."""

    spec: ProcessSpec
    policy: RestartPolicy
    process: BaseProcess | None = None
    state: str = "starting"  # "starting", "running", "stopped" or "failed"
    restarts: int = 0
    started_at: float = 0.0  # time.monotonic()
    start_at: float = 0.0  # when it is due, while state is "starting"
    exit_code: int | None = None
    leaving: bool = False  # told to end, and not to be started again

    def row(self, now: float) -> dict[str, object]:
        """Its line in the process table."""
        runs = self.process is not None
        return {
            "name": self.spec.name,
            "pid": self.process.pid if self.process is not None else 0,
            "restarts": self.restarts,
            "uptime_seconds": round(now - self.started_at, 3) if runs else 0.0,
            "state": self.state,
            "exit_code": self.exit_code,
        }


@dataclass
class Supervisor:
    """A venue from start() to stop(). `extra`: processes beside the venue's own, drained before them."""

    config: VenueConfig
    extra: Sequence[ProcessSpec] = ()
    hurry: Callable[[], bool] = lambda: False
    """Asked while draining: whether to stop waiting and kill."""
    tell: Callable[[str], None] = lambda _: None
    """Given one line whenever a process ends that should not."""
    managed: dict[str, Managed] = field(default_factory=dict, init=False)
    _configured: frozenset[str] = field(default=frozenset(), init=False)  # symbols of the configuration itself
    _directory: VenueDirectory = field(init=False)
    _memory: VenueMemory = field(init=False)
    _desk: ListingDesk = field(init=False)
    _table_written_at: float = field(default=0.0, init=False)
    _table_fault: int = field(default=0, init=False)  # errno of the last attempt, told once

    def start(self) -> None:
        """Starts every process. Raises VenueRunningError, PortTakenError or ConfigError, with nothing left behind."""
        directory = VenueDirectory(self.config.topology)
        try:
            require_free_ports(self.config)
            listing = VenueListing(self.config.topology.instruments_file, self.config.instruments)
            if not listing.listed:
                raise ConfigError(f"every instrument is delisted in {self.config.topology.data_dir}; add one")
            self._configured = frozenset(each.symbol for each in self.config.instruments)
            self.config = self.config.listing(listing.listed)
            self._memory = VenueMemory(self.config.topology, self.config.rings)
        except BaseException:
            directory.close()
            raise
        self._directory = directory
        self._desk = ListingDesk(self, self._memory, listing)
        for spec in (*processes.specs(self.config, self._configured), *self.extra):
            self.manage(spec)
        self.tick(0.0)

    def manage(self, spec: ProcessSpec) -> Managed:
        """One more process, started by the next tick."""
        policy = RestartPolicy(self.config.supervisor, spec.final_exit_codes)
        self.managed[spec.name] = Managed(spec, policy)
        return self.managed[spec.name]

    def dismiss(self, name: str) -> bool:
        """Drains one process, killed when it takes too long; to be called again until it says True: it is gone."""
        each = self.managed[name]
        now = time.monotonic()
        if each.process is not None and not each.leaving:
            each.process.terminate()
            each.start_at = now  # from here on its patience is counted
        each.leaving = True
        if each.process is not None and now > each.start_at + self.config.supervisor.stop_s:
            log.error("killed", process=name, after_s=self.config.supervisor.stop_s)
            each.process.kill()
        if each.process is not None:
            return False
        del self.managed[name]
        self._table_written_at = 0.0
        return True

    def relist(self, instruments: tuple[Instrument, ...]) -> None:
        """Other instruments from now on: whoever is started again is told so; those who run watch the listing."""
        self.config = self.config.listing(instruments)
        for spec in processes.specs(self.config, self._configured):
            if spec.name in self.managed:
                self.managed[spec.name].spec = spec

    def tick(self, wait_s: float = TABLE_INTERVAL_S, wake: int | None = None) -> None:
        """One round: waits until a process ends or is due, `wake` is readable or the time is over; then does it."""
        due = [each.start_at - time.monotonic() for each in self.managed.values() if each.state == "starting"]
        wait_s = max(0.0, min([wait_s, self._desk.interval_s, *due]))
        ended = [each.process.sentinel for each in self.managed.values() if each.process is not None]
        connection.wait([*ended, *([] if wake is None else [wake])], wait_s)
        now = time.monotonic()
        for each in self.managed.values():
            self._notice_end(each, now)
            if each.state == "starting" and not each.leaving and now >= each.start_at:
                self._start(each, now)
        self._desk.step(now)
        if now - self._table_written_at >= TABLE_INTERVAL_S:
            self.write_table(now)

    def failed_symbols(self) -> set[str]:
        """Symbols whose engine has failed for good.

        Raises StartError when the venue is no use to anybody: another process has failed, or every engine.
        """
        failed = [each for each in self.managed.values() if each.state == "failed"]
        symbols = {each.spec.symbol for each in failed if each.spec.symbol}
        if len(symbols) < len(failed) or len(symbols) == len(self.config.instruments):
            raise StartError("; ".join(self._failure(each) for each in failed))
        return symbols

    def _failure(self, each: Managed) -> str:
        path = self._directory.log_path(each.spec.name)
        return f"{each.spec.name} has failed (exit code {each.exit_code}) and is not started again; see {path}"

    def stop(self) -> None:
        """Drains in order, then gives memory and directory back. Leaves no process and no segment."""
        try:
            for rank in sorted({each.spec.rank for each in self.managed.values()}):
                if rank == ENGINE_RANK:
                    self._wait_for_empty_rings()
                self._stop_rank([each for each in self.managed.values() if each.spec.rank == rank])
        finally:
            self.write_table(time.monotonic())
            self._memory.close()
            self._directory.close()

    def write_table(self, now: float) -> None:
        """Replaces the process table: readers see the old one or the new one, never half of one.

        On a full disk the old one stays: the venue's other symbols are worth more than the table.
        """
        self._table_written_at = now
        rows = [each.row(now) for each in self.managed.values()]
        table = {"supervisor_pid": os.getpid(), "time_ns": time.time_ns(), "processes": rows}
        try:
            replace_file(self.config.topology.process_table, json.dumps(table))
        except OSError as error:
            if self._table_fault != error.errno:
                self.tell(f"{self.config.topology.process_table} is out of date: {error.strerror}")
            self._table_fault = error.errno or 0
        else:
            self._table_fault = 0

    def _start(self, each: Managed, now: float) -> None:
        log_path = self._directory.log_path(each.spec.name)
        each.process = processes.start(each.spec, self._directory.alive_lock, log_path)
        each.started_at = now
        each.state = "running"

    def _notice_end(self, each: Managed, now: float) -> None:
        if each.process is None or each.process.exitcode is None:
            return
        each.exit_code = each.process.exitcode
        each.process.close()
        each.process = None
        if each.leaving:
            each.state = "stopped"
            return
        uptime_s = now - each.started_at
        delay_s = each.policy.delay_after(each.exit_code, uptime_s)
        if delay_s is None:
            each.state = "failed"
            log.error("failed", process=each.spec.name, exit_code=each.exit_code, uptime_s=round(uptime_s, 3))
            self.tell(self._failure(each))
        else:
            each.state = "starting"
            each.start_at = now + delay_s
            each.restarts += 1
            log.warning("restarting", process=each.spec.name, exit_code=each.exit_code, delay_s=delay_s)
            self.tell(f"{each.spec.name} has ended (exit code {each.exit_code}) and is started again")
        self._table_written_at = 0.0  # tell at once

    def _wait_for_empty_rings(self) -> None:
        """What gateways have taken in is carried out, by the engines that are alive."""
        deadline = time.monotonic() + RINGS_EMPTY_S
        symbols = {
            each.spec.symbol
            for each in self.managed.values()
            if each.spec.symbol and each.process is not None and each.process.is_alive()
        }
        while any(self._memory.queued(symbol) for symbol in symbols):
            if time.monotonic() > deadline or self.hurry():
                return
            time.sleep(0.01)

    def _stop_rank(self, group: list[Managed]) -> None:
        """Tells a group to end and waits for it; kills what takes too long."""
        living = [(each, each.process) for each in group if each.process is not None]
        for _, process in living:
            process.terminate()
        deadline = time.monotonic() + self.config.supervisor.stop_s
        while any(process.exitcode is None for _, process in living):
            if time.monotonic() > deadline or self.hurry():
                break
            connection.wait([process.sentinel for _, process in living if process.exitcode is None], 0.1)
        for each, process in living:
            if process.exitcode is None:
                log.error("killed", process=each.spec.name, after_s=self.config.supervisor.stop_s)
                process.kill()
            process.join()
            each.exit_code = process.exitcode
            process.close()
            each.process = None
        for each in group:
            each.state = "stopped"


def replace_file(path: Path, content: str) -> None:
    """Writes a file whole, by renaming."""
    aside = path.with_suffix(".tmp")
    aside.write_text(content)
    aside.replace(path)

"""Where the processors' time goes while something is measured: per process, and to everybody else."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
ME = "client"
HOTTEST = 18  # functions per process in a profile


@dataclass
class Spent:
    """CPU seconds by process (user, system) over `seconds` of wall time; `others` is the rest of the machine."""

    seconds: float = 0.0
    processes: dict[str, tuple[float, float]] = field(default_factory=dict)
    others: float = 0.0
    hottest: dict[str, list[str]] = field(default_factory=dict)

    def shares(self) -> dict[str, float]:
        """Processors used by each, on average."""
        every = {name: user + system for name, (user, system) in self.processes.items()} | {"others": self.others}
        return {name: round(spent / self.seconds, 2) for name, spent in every.items()}

    def table(self, operations: int) -> list[str]:
        """Microseconds of CPU per operation, a line per process; then the hottest functions, when recorded."""
        lines = [f"{'process':<22}{'user us/op':>12}{'system us/op':>14}{'processors':>12}"]
        for name, (user, system) in sorted(self.processes.items(), key=lambda item: -sum(item[1])):
            share = (user + system) / self.seconds
            lines.append(f"{name:<22}{user / operations * 1e6:>12.3f}{system / operations * 1e6:>14.3f}{share:>12.2f}")
        lines.append(f"{'everything else':<22}{'':>26}{self.others / self.seconds:>12.2f}")
        for name, functions in self.hottest.items():
            lines += ["", f"{name}, hottest functions:", *functions]
        return lines

    def note(self) -> str:
        """Shares in one line."""
        shares = sorted(self.shares().items(), key=lambda item: -item[1])
        return "CPU: " + ", ".join(f"{name} {share:.0%}" for name, share in shares if share >= 0.01)


@contextmanager
def spent(pids: Mapping[str, int], *, profile: bool = False) -> Iterator[Spent]:
    """Measures the processes named, this one included, until the block ends. `profile`: also with perf."""
    result = Spent()
    every = {**pids, ME: os.getpid()}
    before = {name: _process(pid) for name, pid in every.items()}
    machine, start = _machine(), time.perf_counter()
    recording = _start_perf(every) if profile else {}
    try:
        yield result
    finally:
        result.seconds = time.perf_counter() - start
        after = {name: _process(pid) for name, pid in every.items()}
        for name, (user, system) in after.items():
            result.processes[name] = (max(0.0, user - before[name][0]), max(0.0, system - before[name][1]))
        result.others = max(0.0, _machine() - machine - sum(map(sum, result.processes.values())))
        result.hottest = _stop_perf(recording)


def _process(pid: int) -> tuple[float, float]:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except FileNotFoundError:
        return 0.0, 0.0
    return int(fields[11]) / TICKS, int(fields[12]) / TICKS


def _machine() -> float:
    """CPU seconds that were not idle, of all processors, since it started; stolen time included."""
    user, nice, system, _idle, _wait, irq, softirq, steal = map(
        int, Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
    )
    return (user + nice + system + irq + softirq + steal) / TICKS


def _start_perf(pids: Mapping[str, int]) -> dict[str, tuple[subprocess.Popen[bytes], Path]]:
    if shutil.which("perf") is None:
        return {}
    started = {}
    for name, pid in pids.items():
        path = Path(tempfile.mkdtemp(prefix="bench-perf-")) / "perf.data"
        command = ["perf", "record", "--quiet", "--no-inherit", "--output", str(path), "--pid", str(pid)]
        started[name] = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL), path
    time.sleep(0.3)  # it tells nobody when it has attached
    return started


def _stop_perf(recording: dict[str, tuple[subprocess.Popen[bytes], Path]]) -> dict[str, list[str]]:
    hottest = {}
    for name, (process, path) in recording.items():
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
        hottest[name] = [line for sort in ("dso", "dso,symbol") for line in _report(path, sort)]
        shutil.rmtree(path.parent, ignore_errors=True)
    return hottest


def _report(path: Path, sort: str) -> list[str]:
    """The first lines of a profile by library, or by function."""
    command = ["perf", "report", "--stdio", "--input", str(path), "--sort", sort]
    report = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    lines = [line.rstrip(" -") for line in report.splitlines() if line.strip() and not line.startswith("#")]
    return lines[: HOTTEST if "symbol" in sort else HOTTEST // 3]

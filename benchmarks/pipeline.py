"""shard.pipeline: command ring, match, fsynced journal, event ring; commands per second of one symbol.

A producer process (this one) fills the ring in batches of records that are encoded already; the engine
process runs its real loop. The clock stops when the last command has been journaled, published and
released. Beside it: the values of the very journal that this wrote, put into an empty LMDB environment
with one fsync each, and nothing else.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import lmdb

from benchmarks import flow_commands, shard_rig
from benchmarks.context import BUILD, Context, data_directory
from benchmarks.flow import NARROW, SETUP_COMMANDS, shorter, stored
from benchmarks.results import Result, summary
from tidegate.wire.journal_segment import HEADER_KEY, list_segments, segment_path

COMMAND = "python -m benchmarks --only shard.pipeline"


@dataclass
class Run:
    """One run of the pipeline."""

    seconds: float
    values: list[bytes]  # of the journal, in order
    commit_p50_us: int
    cpu_s: float


def run(context: Context) -> list[Result]:
    """Pipeline and bare LMDB, in turns."""
    shape = shorter(NARROW, context.scaled(NARROW.operations, 20_000))
    flow, _ = stored(shape, BUILD)
    commands = flow_commands.commands(flow, shard_rig.INSTRUMENT.instrument_id)
    count = flow.operations
    ours, bare, groups, mib, cpu, commits = [], [], [], [], [], []
    for repetition in range(context.repetitions):
        with data_directory() as directory:
            context.say(f"shard.pipeline {repetition + 1}/{context.repetitions}")
            measured = _pipeline(directory, commands, count)
            context.say(f"the same bytes into LMDB {repetition + 1}/{context.repetitions}")
            ours.append(count / measured.seconds)
            bare.append(count / _bare(directory / "bare", measured.values))
        groups.append(len(measured.values))
        mib.append(sum(map(len, measured.values)) / 2**20)
        cpu.append(measured.cpu_s / measured.seconds)
        commits.append(measured.commit_p50_us)
    context.say("shard.pipeline done")
    baseline = summary(bare)
    middle = len(groups) // 2
    details = {
        "baseline_minimum": round(baseline["minimum"]),
        "baseline_maximum": round(baseline["maximum"]),
        "groups": sorted(groups)[middle],
        "journal_mib": round(sorted(mib)[middle], 1),
        "engine_cpu_share": round(sorted(cpu)[middle], 2),
        "commit_p50_us": sorted(commits)[middle],
    }
    note = (
        f"{details['groups']} fsyncs, {details['journal_mib']} MiB, engine on the CPU {details['engine_cpu_share']:.0%}"
    )
    return [
        Result(
            "shard.pipeline",
            unit="commands/s",
            command=COMMAND,
            baseline=baseline["value"],
            baseline_name="same bytes into LMDB",
            target="≥ 1 M",
            note=note,
            details=details,
            **summary(ours),
        )
    ]


def _pipeline(directory: Path, commands: bytes, count: int) -> Run:
    with shard_rig.running(directory / "venue") as shard:
        before = cpu_seconds(shard.process.pid)
        seconds = shard.push_all(commands)
        cpu = cpu_seconds(shard.process.pid) - before
        deadline = time.monotonic() + 5
        while shard.stats().sequence < count + SETUP_COMMANDS and time.monotonic() < deadline:
            time.sleep(0.05)
        stats = shard.stats()
    if stats.sequence != count + SETUP_COMMANDS:
        raise RuntimeError(f"the engine is at sequence {stats.sequence} after {count} commands")
    journal = shard_rig.settings(directory / "venue").topology.journal_dir(shard_rig.INSTRUMENT.symbol)
    return Run(seconds, _values(journal), stats.commit_p50_us, cpu)


def _values(journal: Path) -> list[bytes]:
    """Every batch of a journal, as it lies in LMDB."""
    found = []
    for first in list_segments(journal):
        with (
            lmdb.open(str(segment_path(journal, first)), readonly=True, lock=False) as environment,
            environment.begin() as transaction,
        ):
            found += [bytes(value) for key, value in transaction.cursor() if key != HEADER_KEY]
    return found


def _bare(path: Path, values: list[bytes]) -> float:
    """Seconds for the same values with an fsync each."""
    path.mkdir(parents=True)
    size = sum(map(len, values))
    with lmdb.open(str(path), map_size=2 * size + (1 << 30), sync=True, metasync=True, readahead=False) as environment:
        start = time.perf_counter()
        for number, value in enumerate(values, 1):
            with environment.begin(write=True) as transaction:
                transaction.put(number.to_bytes(8, "big"), value, append=True)
        return time.perf_counter() - start


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100

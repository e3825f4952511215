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

from benchmarks import cpu, flow_commands, shard_rig
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
    spent: cpu.Spent
    size: int = 0  # bytes of the values
    groups: int = 0  # how many there were


def run(context: Context) -> list[Result]:
    """Pipeline and bare LMDB, in turns."""
    shape = shorter(NARROW, context.scaled(NARROW.operations, 20_000))
    flow, _ = stored(shape, BUILD)
    commands = flow_commands.commands(flow, shard_rig.INSTRUMENT.instrument_id)
    count = flow.operations
    ours, bare, runs = [], [], []
    for repetition in range(context.repetitions):
        with data_directory() as directory:
            context.say(f"shard.pipeline {repetition + 1}/{context.repetitions}")
            measured = _pipeline(directory, commands, count, profile=context.profile)
            context.say(f"the same bytes into LMDB {repetition + 1}/{context.repetitions}")
            ours.append(count / measured.seconds)
            bare.append(count / _bare(directory / "bare", measured.values))
        measured.size, measured.groups = sum(map(len, measured.values)), len(measured.values)
        measured.values.clear()
        runs.append(measured)
    context.say("shard.pipeline done")
    baseline = summary(bare)
    middle = runs[sorted(range(len(ours)), key=ours.__getitem__)[len(ours) // 2]]
    details = {
        "baseline_minimum": round(baseline["minimum"]),
        "baseline_maximum": round(baseline["maximum"]),
        "groups": middle.groups,
        "journal_mib": round(middle.size / 2**20, 1),
        "commit_p50_us": middle.commit_p50_us,
        "processors": middle.spent.shares(),
    }
    note = f"{middle.groups} fsyncs, {details['journal_mib']} MiB; {middle.spent.note()}"
    if context.profile:
        context.show(["shard.pipeline", *middle.spent.table(count)])
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


def _pipeline(directory: Path, commands: bytes, count: int, *, profile: bool) -> Run:
    with shard_rig.running(directory / "venue") as shard:
        with cpu.spent({"engine": shard.process.pid}, profile=profile) as spent:
            seconds = shard.push_all(commands)
        deadline = time.monotonic() + 5
        while shard.stats().sequence < count + SETUP_COMMANDS and time.monotonic() < deadline:
            time.sleep(0.05)
        stats = shard.stats()
    if stats.sequence != count + SETUP_COMMANDS:
        raise RuntimeError(f"the engine is at sequence {stats.sequence} after {count} commands")
    journal = shard_rig.settings(directory / "venue").topology.journal_dir(shard_rig.INSTRUMENT.symbol)
    return Run(seconds, _values(journal), stats.commit_p50_us, spent)


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

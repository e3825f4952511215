"""recovery: records (commands and events) per second replayed from a journal, and the load of a snapshot.

The journal is one that an engine has written; it is read and verified exactly as an engine does at start
(framing, CRC, hash chain, every event compared).
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

from benchmarks import flow_commands, shard_rig
from benchmarks.context import BUILD, Context, data_directory
from benchmarks.flow import NARROW, SETUP_COMMANDS, shorter, stored
from benchmarks.results import Result, summary
from tidegate.engine.config import EngineSettings
from tidegate.engine.recovery import Recovered, recover, starts
from tidegate.engine.snapshot import make_meta, write_snapshot

COMMAND = "python -m benchmarks --only recovery"


def run(context: Context) -> list[Result]:
    """Writes a journal once, replays it several times; then writes a snapshot and loads it several times."""
    shape = shorter(NARROW, context.scaled(NARROW.operations, 20_000))
    flow, _ = stored(shape, BUILD)
    last = flow.operations + SETUP_COMMANDS
    with data_directory() as directory:
        context.say("writing a journal")
        with shard_rig.running(directory) as shard:
            shard.push_all(flow_commands.commands(flow, shard_rig.INSTRUMENT.instrument_id))
        settings = shard_rig.settings(directory)
        rates = []
        for repetition in range(context.repetitions):
            context.say(f"recovery {repetition + 1}/{context.repetitions}")
            found = _replay(settings, last)
            rates.append((found.commands + found.events) / found.seconds)
        context.say("loading a snapshot")
        loads, size = _snapshots(settings, found, context.repetitions)
    note = f"{found.commands} commands and {found.events} events, every event compared"
    return [
        Result("recovery", unit="records/s", command=COMMAND, target="≥ 2 M", note=note, **summary(rates)),
        Result(
            "recovery.snapshot_load",
            unit="ms",
            command=COMMAND,
            note=f"{size / 2**20:.1f} MiB of state, digest checked",
            **summary([seconds * 1000 for seconds in loads]),
        ),
    ]


def _replay(settings: EngineSettings, last: int) -> Recovered:
    topology = settings.topology
    nothing = settings.data_dir / "no-snapshots"
    found = recover(
        topology.journal_dir(settings.symbol), nothing, settings.instrument, settings.state, last_sequence=last
    )
    if found.sequence != last:
        raise RuntimeError(f"replay ended at sequence {found.sequence} of {last}")
    return found


def _snapshots(settings: EngineSettings, found: Recovered, repetitions: int) -> tuple[list[float], int]:
    """Seconds per load, and the bytes of the state."""
    state = found.shard.dump()
    meta = make_meta(
        settings.symbol,
        settings.instrument.instrument_id,
        state,
        sequence=found.sequence,
        epoch=1,
        time_ns=found.shard.time_ns,
        chain_hash=found.chain_hash,
    )
    directory: Path = settings.topology.snapshot_dir(settings.symbol)
    write_snapshot(directory, meta, state, 1, lambda read: hashlib.sha256(read).hexdigest())
    loads = []
    for _ in range(repetitions):
        start = time.perf_counter()
        _, sequence, _ = next(iter(starts(directory, settings.instrument, settings.state)))
        loads.append(time.perf_counter() - start)
        if sequence != found.sequence:
            raise RuntimeError("the snapshot was refused")
    return loads, len(state)

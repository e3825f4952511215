"""Runs generated command sequences through the core and through the naive oracle, and compares.

Events must be equal byte for byte and the state's SHA-256 after every batch. The first difference is
reduced to a handful of commands that still show it, printed, and ends the run with status 1.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time

from tests.oracle.twin import native_shard, oracle_shard
from tests.properties.differential import Difference, compare, minimise, show
from tests.properties.generator import generate

CHUNK = 250


def run_chunk(first_seed: int, count: int) -> tuple[int, int, Difference | None]:
    """Sequences, commands, and the first difference of a run of seeds."""
    commands = 0
    for done in range(count):
        sequence = generate(first_seed + done)
        commands += sum(len(batch.commands) for batch in sequence.batches)
        difference = compare(sequence, oracle_shard, native_shard)
        if difference is not None:
            return done + 1, commands, minimise(difference, oracle_shard, native_shard)
    return count, commands, None


def star(chunk: tuple[int, int]) -> tuple[int, int, Difference | None]:
    """run_chunk for a pool."""
    return run_chunk(*chunk)


def main() -> int:
    """The campaign; 0 when nothing differed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sequences", type=int, default=100_000, metavar="N", help="how many (default 100000)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="seed of the first; the others follow")
    parser.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1), metavar="P")
    options = parser.parse_args()
    end = options.seed + options.sequences
    chunks = [(first, min(CHUNK, end - first)) for first in range(options.seed, end, CHUNK)]
    sequences = commands = 0
    started = told = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        for done, applied, difference in pool.imap(star, chunks):
            sequences += done
            commands += applied
            if difference is not None:
                print(f"DIFFERENCE after {sequences} sequences (left: oracle, right: core)\n{show(difference)}")
                return 1
            now = time.monotonic()
            if now - told > 5:
                told = now
                print(f"{sequences} of {options.sequences} sequences, {sequences / (now - started):.0f}/s", flush=True)
    took = time.monotonic() - started
    print(f"seeds {options.seed} to {end - 1}: {sequences} sequences, {commands} commands, 0 differences, {took:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())

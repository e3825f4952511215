"""Runs one generated sequence on two implementations and tells where they first differ."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.oracle.records import Command, CommandType, Event, Rules, unpack_events
from tests.oracle.twin import ShardFactory, ShardLike
from tests.properties.generator import SYMBOL, Batch, Sequence

LATER_NS = (0, 100_000_000, 3_000_000_000)


@dataclass(frozen=True)
class Difference:
    """The first batch after which the two were not the same."""

    sequence: Sequence
    batch: int
    what: str


def reloaded(shard: ShardLike, factory: ShardFactory, bounds: dict[str, int]) -> ShardLike:
    """Another one in the state of the first."""
    fresh = factory(SYMBOL, bounds)
    fresh.load(shard.dump())
    return fresh


def compare(sequence: Sequence, left: ShardFactory, right: ShardFactory) -> Difference | None:
    """Events byte for byte after each batch, state hash and what is due after each; None when all are the same."""
    a, b = left(SYMBOL, sequence.bounds), right(SYMBOL, sequence.bounds)
    if sequence.start:
        a.load(sequence.start)
        b.load(sequence.start)
    for number, batch in enumerate(sequence.batches):
        try:
            if batch.reload:
                a, b = reloaded(a, left, sequence.bounds), reloaded(b, right, sequence.bounds)
            commands = b"".join(batch.commands)
            events_a = a.apply(commands, batch.time_ns, batch.epoch)
            events_b = b.apply(commands, batch.time_ns, batch.epoch)
        except Exception as error:
            return Difference(sequence, number, f"{type(error).__name__}: {error}")
        if events_a != events_b:
            return Difference(sequence, number, describe_events(events_a, events_b))
        state_a, state_b = a.dump(), b.dump()
        if hashlib.sha256(state_a).digest() != hashlib.sha256(state_b).digest():
            return Difference(sequence, number, describe_states(state_a, state_b))
        for later in LATER_NS:
            due_a, due_b = a.due(batch.time_ns + later), b.due(batch.time_ns + later)
            if due_a != due_b:
                return Difference(sequence, number, f"due {later} ns later: left {due_a}, right {due_b}")
    return None


def describe_events(left: bytes, right: bytes) -> str:
    """The first event that differs, of both."""
    for at, (a, b) in enumerate(zip(unpack_events(left), unpack_events(right), strict=False)):
        if a != b:
            return f"event {at} differs in {', '.join(fields_that_differ(a, b))}\n  left:  {a}\n  right: {b}"
    if left[: len(right)] == right[: len(left)]:
        longer = left if len(left) > len(right) else right
        extra = unpack_events(longer)[min(len(left), len(right)) // 192]
        return f"{len(left) // 192} events and {len(right) // 192}; the first extra one: {extra}"
    return "events differ in bytes that no field covers"


def fields_that_differ(a: Event, b: Event) -> list[str]:
    return [name for name in Event.__slots__ if getattr(a, name) != getattr(b, name)]


def describe_states(left: bytes, right: bytes) -> str:
    """Where two dumps part."""
    at = next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
    around = slice(max(0, at - 8), at + 24)
    return (
        f"states of {len(left)} and {len(right)} bytes differ at byte {at}\n"
        f"  left:  {left[around].hex(' ')}\n  right: {right[around].hex(' ')}"
    )


def minimise(difference: Difference, left: ShardFactory, right: ShardFactory) -> Difference:
    """Takes commands away, one by one and in runs, for as long as the two still differ."""
    sequence = single_commands(difference.sequence, difference.batch)
    best = compare(sequence, left, right)
    if best is None:  # it takes batches as they were
        return difference
    run = max(1, len(best.sequence.batches) // 2)
    while run >= 1:
        progress = False
        for smaller in without_runs(best.sequence, run):
            found = compare(smaller, left, right)
            if found is not None:
                kept = replace(smaller, batches=smaller.batches[: found.batch + 1])
                best, progress = Difference(kept, found.batch, found.what), True
                break
        if not progress:
            run //= 2
    return best


def single_commands(sequence: Sequence, last_batch: int) -> Sequence:
    """Each command a batch of its own."""
    singles = [
        Batch((record,), batch.time_ns, batch.epoch, batch.reload and at == 0)
        for batch in sequence.batches[: last_batch + 1]
        for at, record in enumerate(batch.commands)
    ]
    return replace(sequence, batches=tuple(singles))


def without_runs(sequence: Sequence, run: int) -> Iterator[Sequence]:
    """The sequence without each run of so many batches; without its reloads; without its start."""
    if sequence.start:
        yield replace(sequence, start=b"")
    if any(batch.reload for batch in sequence.batches):
        yield replace(sequence, batches=tuple(replace(batch, reload=False) for batch in sequence.batches))
    for at in range(len(sequence.batches) - 1, -1, -1):
        if len(sequence.batches) > 1 and at + run <= len(sequence.batches):
            yield replace(sequence, batches=sequence.batches[:at] + sequence.batches[at + run :])


def show(difference: Difference) -> str:
    """A report to reproduce it from."""
    sequence = difference.sequence
    lines = [
        f"seed {sequence.seed}, bounds {sequence.bounds}, starts {'from positions' if sequence.start else 'empty'}"
    ]
    for number, batch in enumerate(sequence.batches[: difference.batch + 1]):
        lines.append(f"batch {number}: time {batch.time_ns} epoch {batch.epoch}{' after a reload' * batch.reload}")
        lines += (f"  {show_command(record)}" for record in batch.commands)
    return "\n".join([*lines, f"at batch {difference.batch}: {difference.what}"])


def show_command(record: bytes) -> str:
    """A command in words: what is not 0."""
    if record[4] == CommandType.DEFINE_INSTRUMENT:
        return str(Rules.unpack(record))
    command = Command.unpack(record)
    kind = CommandType(command.type).name if command.type in set(CommandType) else f"type {command.type}"
    names = (name for name in Command.__slots__ if name not in ("type", "request_id", "origin", "item"))
    return f"{kind} " + " ".join(f"{name}={getattr(command, name)}" for name in names if getattr(command, name))

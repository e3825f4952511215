"""The generator reaches everything: a rule that no sequence touches is not compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.oracle.records import Event, EventType, OrderStatus, OrderType, Phase, Reason, TimeInForce, unpack_events
from tests.oracle.twin import oracle_shard
from tests.properties.generator import SYMBOL, generate

SEEDS = 1_500
AT_LEAST = 3
# What takes thousands of orders, or a state that one command cannot bring about: shown in tests/scenarios.
SCENARIOS_ONLY = {Reason.FILL_LIMIT, Reason.TOO_MANY_REDUCE_ONLY}
NOT_THE_ENGINES = {Reason.NONE, Reason.GENESIS, Reason.OPERATOR}


def events_of(seed: int) -> Iterator[Event]:
    """Everything that the model tells in the sequence of a seed."""
    sequence = generate(seed)
    shard = oracle_shard(SYMBOL, sequence.bounds)
    if sequence.start:
        shard.load(sequence.start)
    for batch in sequence.batches:
        yield from unpack_events(shard.apply(b"".join(batch.commands), batch.time_ns, batch.epoch))


@pytest.fixture(scope="module")
def seen() -> Counter[tuple[str, int]]:
    """How often each kind of thing occurs."""
    counts: Counter[tuple[str, int]] = Counter()
    for seed in range(SEEDS):
        for event in events_of(seed):
            counts["event", event.type] += 1
            counts["reason", event.reason] += 1
            counts["status", event.status] += 1
            counts["order type", event.order_type] += event.type != EventType.REJECTED
            counts["time in force", event.time_in_force] += event.type != EventType.REJECTED
            if event.type == EventType.PHASE_CHANGED:
                counts["phase", event.phase] += 1
    return counts


def rare(seen: Counter[tuple[str, int]], what: str, numbers: set[int]) -> list[int]:
    """Which occur too seldom."""
    return sorted(number for number in numbers if seen[what, number] < AT_LEAST)


def test_every_event(seen: Counter[tuple[str, int]]) -> None:
    """Also the answers to queries."""
    assert rare(seen, "event", set(EventType)) == []


def test_every_reason(seen: Counter[tuple[str, int]]) -> None:
    """Every refusal of the engine and every reason for a change."""
    assert rare(seen, "reason", set(Reason) - SCENARIOS_ONLY - NOT_THE_ENGINES) == []


def test_every_status_type_time_in_force_and_phase(seen: Counter[tuple[str, int]]) -> None:
    """PENDING_NEW lives in clients."""
    assert rare(seen, "status", set(OrderStatus) - {OrderStatus.PENDING_NEW}) == []
    assert rare(seen, "order type", set(OrderType)) == []
    assert rare(seen, "time in force", set(TimeInForce)) == []
    assert rare(seen, "phase", set(Phase) - {Phase.NONE}) == []

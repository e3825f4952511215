"""What must hold after any command, on the core, whatever was sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from tests.oracle.records import (
    Command,
    CommandType,
    Event,
    EventType,
    Phase,
    PositionMode,
    Rules,
    unpack_events,
)
from tests.oracle.twin import OracleShard, ShardLike, native_shard
from tests.properties.generator import START_NS, SYMBOL, Batch, Sequence, generate
from tests.properties.observer import Observer

SEEDS = st.integers(0, 2**32)
BOUNDS = {"orders_max": 32, "retained_max": 32, "accounts_max": 8}


def started(sequence: Sequence) -> ShardLike:
    """A shard of the core where the sequence begins."""
    shard = native_shard(SYMBOL, sequence.bounds)
    if sequence.start:
        shard.load(sequence.start)
    return shard


def loaded(state: bytes, bounds: dict[str, int]) -> OracleShard:
    """A model that reads a dump."""
    model = OracleShard(SYMBOL, **bounds)
    model.load(state)
    return model


def observer_of(model: OracleShard) -> Observer:
    """An observer that begins with the positions of a state without orders."""
    return Observer(positions_in(model), {a for a, each in model.accounts.items() if each.mode == PositionMode.HEDGE})


def positions_in(model: OracleShard) -> dict[tuple[int, bool], int]:
    """Of every leg that is not flat."""
    legs = {(number, False): each.position for number, each in model.accounts.items()}
    legs |= {(number, True): each.short_position for number, each in model.accounts.items()}
    return {leg: lots for leg, lots in legs.items() if lots}


def watch(shard: ShardLike, batches: Iterable[Batch], observer: Observer, bounds: dict[str, int]) -> None:
    """Applies commands one by one under the observer's eyes."""
    for batch in batches:
        for record in batch.commands:
            events = unpack_events(shard.apply(record, batch.time_ns, batch.epoch))
            observer.command(events)
        model = loaded(shard.dump(), bounds)
        assert [order.order_id for order in model.resting()] == observer.resting(), "the events do not give the book"
        assert sorted(order.order_id for order in model.waiting) == sorted(observer.waiting())
        assert positions_in(model) == {leg: lots for leg, lots in observer.positions.items() if lots}


@examples(250)
@given(SEEDS)
def test_generated_sequences_keep_the_invariants(seed: int) -> None:
    """Uncrossed book, zero-sum positions, priority, bookkeeping, reduce-only, FOK, trade ids; events give the book."""
    sequence = generate(seed)
    shard = started(sequence)
    watch(shard, sequence.batches, observer_of(loaded(shard.dump(), sequence.bounds)), sequence.bounds)


def singles(records: list[bytes]) -> list[Batch]:
    """Each command a batch of its own, a nanosecond apart."""
    return [Batch((record,), START_NS + number, 1) for number, record in enumerate(records)]


@st.composite
def commands(draw: st.DrawFn) -> list[Command]:
    """Commands that hypothesis can make fewer and smaller."""
    made: list[Command] = []
    for number in range(1, draw(st.integers(2, 25)) + 1):
        kind = draw(st.sampled_from((CommandType.PLACE, CommandType.PLACE, CommandType.CANCEL, CommandType.AMEND)))
        fields: dict[str, Any] = {"account": draw(st.integers(1, 3)), "price": draw(st.integers(1, 4))}
        fields["quantity"] = draw(st.integers(1, 6))
        if kind == CommandType.PLACE:
            fields |= {"side": draw(st.integers(1, 2)), "order_type": 1, "client_order_id": number}
            fields |= {"time_in_force": draw(st.integers(1, 4)), "stp_mode": draw(st.integers(0, 5))}
            fields |= {"flags": draw(st.integers(0, 1)), "stp_group": draw(st.integers(0, 1))}
        else:
            fields["order_id"] = draw(st.integers(3, 2 + number))
        made.append(Command(kind, **fields))
    return made


@examples(250)
@given(commands())
def test_small_sequences_keep_the_invariants(made: list[Command]) -> None:
    """The same, over sequences that shrink to the smallest that fails."""
    shard = native_shard(SYMBOL, BOUNDS)
    opening = [Rules().pack(), Command(CommandType.SET_PHASE, phase=Phase.OPEN).pack()]
    watch(shard, singles(opening + [command.pack() for command in made]), Observer({}), BOUNDS)


@examples(250)
@given(SEEDS, st.integers(0, 60))
def test_a_loaded_state_has_the_same_future(seed: int, cut: int) -> None:
    """From any command on, a shard that loaded the dump gives the same events and states."""
    sequence = generate(seed)
    records = [record for batch in sequence.batches for record in batch.commands]
    shard = started(sequence)
    for record in records[:cut]:
        shard.apply(record, START_NS, 1)
    twin = native_shard(SYMBOL, sequence.bounds)
    twin.load(shard.dump())
    assert twin.dump() == shard.dump()
    for record in records[cut:]:
        assert twin.apply(record, START_NS + 1, 2) == shard.apply(record, START_NS + 1, 2)
        assert twin.dump() == shard.dump()


@examples(250)
@given(SEEDS, st.lists(st.integers(1, 9), min_size=60, max_size=60))
def test_batches_do_not_matter(seed: int, sizes: list[int]) -> None:
    """However the same commands are cut into batches, events and hash are the same."""
    sequence = generate(seed)
    records = [record for batch in sequence.batches for record in batch.commands]
    whole, cut = started(sequence), started(sequence)
    expected = whole.apply(b"".join(records), START_NS, 1)
    got, at = b"", 0
    for size in sizes:
        got += cut.apply(b"".join(records[at : at + size]), START_NS, 1)
        at += size
    got += cut.apply(b"".join(records[at:]), START_NS, 1)
    assert got == expected
    assert hashlib.sha256(cut.dump()).digest() == hashlib.sha256(whole.dump()).digest()


def test_queries_change_nothing() -> None:
    """Nor do they touch the clock, nor the sequence."""
    for seed in range(100):
        sequence = generate(seed)
        shard = started(sequence)
        for batch in sequence.batches:
            shard.apply(b"".join(batch.commands), batch.time_ns, batch.epoch)
            before = shard.dump()
            for kind in (CommandType.QUERY_ORDER, CommandType.QUERY_OPEN_ORDERS, CommandType.QUERY_DEPTH):
                shard.apply(Command(kind, account=1, order_id=3, quantity=9).pack(), 2**62, 99)
            assert shard.dump() == before, f"seed {seed}"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda event: setattr(event, "maker_order_id", 4),
        lambda event: setattr(event, "trade_id", 2),
        lambda event: setattr(event, "leaves", 3),
        lambda event: setattr(event, "position", 1),
        lambda event: setattr(event, "price", 101),
    ],
    ids=["priority", "gap", "bookkeeping", "position", "price"],
)
def test_the_observer_can_fail(spoil: Any) -> None:
    """A trade that says something wrong is noticed."""
    shard, observer = native_shard(SYMBOL, BOUNDS), Observer({})
    terms = {"order_type": 1, "time_in_force": 1, "price": 100, "quantity": 5}
    records = [
        Rules().pack(),
        Command(CommandType.SET_PHASE, phase=Phase.OPEN).pack(),
        Command(CommandType.PLACE, account=1, side=2, client_order_id=1, **terms).pack(),
        Command(CommandType.PLACE, account=2, side=2, client_order_id=1, **terms).pack(),
    ]
    watch(shard, singles(records), observer, BOUNDS)
    taker = Command(CommandType.PLACE, account=3, side=1, client_order_id=1, **terms)
    events: list[Event] = unpack_events(shard.apply(taker.pack(), START_NS, 1))
    assert [event.type for event in events] == [EventType.ACCEPTED, EventType.TRADE]
    spoil(events[1])
    with pytest.raises((AssertionError, KeyError)):
        observer.command(events)

"""The sequencer's own TICKs: in the log, in the order in which they were applied, in no ring's cursor."""

from __future__ import annotations

import pytest

from tests.unit.engine.kit import INSTRUMENT, STATE, MemoryVenue, genesis, settings
from tests.unit.engine.test_loop import Steps
from tidegate.engine.loop import Loop
from tidegate.engine.recovery import make_shard, state_hash
from tidegate.wire.native import inspect
from tidegate.wire.records import (
    Command,
    CommandType,
    Event,
    EventType,
    InstrumentRules,
    OrderType,
    Side,
    TimeInForce,
    TriggerBy,
    unpack_events,
)

NEVER = 2**63 - 1


def command(kind: CommandType, account: int = 0, **fields: int) -> bytes:
    return Command.of(kind, account=account, symbol=INSTRUMENT.instrument_id, **fields).pack()


def place(account: int, client_order_id: int, side: Side, **fields: int) -> bytes:
    common = {"order_type": OrderType.LIMIT, "time_in_force": TimeInForce.GTC, "quantity": 1}
    return command(CommandType.PLACE, account, client_order_id=client_order_id, side=side, **{**common, **fields})


def stop(account: int, client_order_id: int, trigger_price: int) -> bytes:
    return place(
        account,
        client_order_id,
        Side.BUY,
        order_type=OrderType.STOP_MARKET,
        trigger_price=trigger_price,
        trigger_by=TriggerBy.MARK,
    )


def set_mark(price: int) -> bytes:
    return command(CommandType.SET_PRICES, price=price)


class Batches:
    """Polls and keeps each batch's payload and events."""

    def __init__(self) -> None:
        self.venue = MemoryVenue()
        self.payloads: list[bytes] = []
        self.poll(genesis())

    def poll(self, commands: bytes, most: int = 1000, now_ns: int = 0) -> list[Event]:
        """What one batch gave."""
        venue = self.venue
        venue.push(commands)
        if venue.shard.poll(most, now_ns or venue.now_ns, 1):
            self.payloads.append(bytes(venue.shard.payload()))
            venue.shard.publish()
        return list(unpack_events(venue.reader.read(10_000)))


@pytest.fixture
def batches() -> Batches:
    """A symbol that is open."""
    return Batches()


def types(events: list[Event]) -> list[tuple[int, int]]:
    return [(each.sequence, each.type) for each in events]


def test_a_tick_follows_the_command_that_made_something_due(batches: Batches) -> None:
    """The stop fires after SET_PRICES and before the command behind it, in the same batch."""
    orders = place(1, 1, Side.SELL, price=1000) + set_mark(900) + stop(2, 1, 950) + set_mark(960)
    events = batches.poll(orders + place(3, 1, Side.BUY, price=1000, time_in_force=TimeInForce.IOC))
    assert types(events)[3:] == [
        (6, EventType.PRICES_SET),
        (7, EventType.TRIGGERED),
        (7, EventType.TRADE),
        (7, EventType.TICK_DONE),
        (8, EventType.ACCEPTED),
        (8, EventType.EXPIRED),
    ]
    assert events[4].command_type == CommandType.TICK


def test_the_log_replays_to_the_same_state(batches: Batches) -> None:
    """Ticks are commands of the log; queries are not; cursors count what came from the rings."""
    queries = command(CommandType.QUERY_DEPTH)
    batches.poll(place(1, 1, Side.SELL, price=1000) + set_mark(900) + stop(2, 1, 950))
    batches.poll(queries + set_mark(960) + queries + place(1, 2, Side.SELL, price=1001))
    replayed = make_shard(INSTRUMENT, STATE)
    for payload in batches.payloads:
        replayed.replay(payload, True)
    assert replayed.sequence == batches.venue.shard.sequence == 8
    assert state_hash(replayed) == state_hash(batches.venue.shard)
    ((_, position),) = inspect(batches.payloads[-1]).cursors
    assert position == 2 + 3 + 4


def test_a_tick_of_its_own_when_the_rings_are_empty(batches: Batches) -> None:
    """An order that expires by the clock makes a batch; before its time there is none."""
    expiry_ns = batches.venue.now_ns + 5_000_000
    batches.poll(place(1, 1, Side.BUY, price=1000, time_in_force=TimeInForce.GTD, expiry_ns=expiry_ns))
    shard = batches.venue.shard
    assert shard.next_due_ns == expiry_ns
    assert not shard.due(expiry_ns - 1)
    assert shard.due(expiry_ns)
    assert not batches.poll(b"", now_ns=expiry_ns - 1)
    events = batches.poll(b"", now_ns=expiry_ns)
    assert types(events) == [(4, EventType.EXPIRED), (4, EventType.TICK_DONE)]
    assert (shard.commands_staged, shard.first_sequence, shard.next_due_ns) == (1, 4, NEVER)
    assert not batches.poll(b"", now_ns=expiry_ns + 1)


def test_a_storm_is_worked_off_before_the_next_command(batches: Batches) -> None:
    """More stops than one TICK takes: several, and the command behind them comes last."""
    rules = InstrumentRules.of(INSTRUMENT.model_copy(update={"trigger_orders_max": 1000})).pack()
    batches.poll(rules + set_mark(900) + b"".join(stop(1, 1 + at, 950) for at in range(600)))
    events = batches.poll(set_mark(950) + place(2, 1, Side.BUY, price=10))
    ticks = [each for each in events if each.type == EventType.TICK_DONE]
    assert len(ticks) > 1
    assert [each.leaves for each in ticks] == [1] * (len(ticks) - 1) + [0]
    assert sum(each.quantity for each in ticks) == 600
    assert events[-1].type == EventType.ACCEPTED
    assert [each.sequence for each in ticks] == list(range(ticks[0].sequence, events[-1].sequence))


def test_one_command_at_a_time_takes_its_ticks_along(batches: Batches) -> None:
    """The bound of a batch is about what is taken from the rings."""
    batches.poll(place(1, 1, Side.SELL, price=1000) + set_mark(900) + stop(2, 1, 950))
    batches.venue.push(set_mark(960) + place(1, 2, Side.SELL, price=1001))
    assert batches.venue.shard.poll(1, batches.venue.now_ns, 1) == 2
    assert batches.venue.shard.commands_staged == 2
    batches.venue.shard.publish()
    assert batches.venue.shard.queue_depth() == 1


def test_the_loop_sleeps_no_longer_than_until_something_is_due(tmp_path: object) -> None:
    """With nothing due, until the next report."""
    steps = Steps(MemoryVenue())
    loop = Loop(steps.venue.shard, steps, steps, settings(tmp_path), steps)  # type: ignore[arg-type]
    steps.report_when_idle = lambda idle_ms: idle_ms  # type: ignore[method-assign]
    steps.venue.push(genesis())
    loop.step()
    assert loop._idle_ms() == 1000
    expiry_ns = steps.now + 2_500_001
    steps.venue.push(place(1, 1, Side.BUY, price=1000, time_in_force=TimeInForce.GTD, expiry_ns=expiry_ns))
    loop.step()
    assert loop._idle_ms() == 3
    steps.now = expiry_ns
    assert loop.step() == 1
    assert loop._idle_ms() == 1000

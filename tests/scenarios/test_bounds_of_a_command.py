"""The fill limit: what one command may set off is bounded, whatever the book looks like."""

from __future__ import annotations

import pytest

from tests.oracle.records import (
    FILLS_PER_COMMAND_MAX,
    MATCHING_EVENTS_MAX,
    REDUCE_ONLY_RESTING_MAX,
    CancelScope,
    Command,
    CommandType,
    Event,
    EventType,
    OrderType,
    Phase,
    Reason,
    Rules,
    Side,
    TimeInForce,
    TriggerBy,
    unpack_events,
)
from tests.oracle.twin import OracleShard, ShardLike, native_shard

EVENTS_PER_COMMAND_MAX = 32_768
pytestmark = pytest.mark.rule("MAT-1")
MANY_ORDERS = Rules(open_orders_max=10_000)


def limit(account: int, client: int, side: Side, quantity: int, price: int, **fields: int) -> Command:
    """A LIMIT order, GTC unless told otherwise."""
    terms = {"order_type": OrderType.LIMIT, "time_in_force": TimeInForce.GTC} | fields
    ids = {"account": account, "client_order_id": client}
    return Command(CommandType.PLACE, side=side, quantity=quantity, price=price, **ids, **terms)


def run(preparation: list[Command], last: Command) -> list[Event]:
    """The last command's events, the same from oracle and core, with equal states after it."""
    opening = [MANY_ORDERS.pack(), Command.of(CommandType.SET_PHASE, phase=Phase.OPEN).pack()]
    prepared = b"".join([*opening, *(command.pack() for command in preparation)])
    oracle, core = OracleShard(1), native_shard(1, {})
    core.apply(prepared, 1, 1)  # the oracle would take seconds to build these books
    oracle.load(core.dump())
    ours, theirs = oracle.apply(last.pack(), 2, 1), core.apply(last.pack(), 2, 1)
    assert ours == theirs
    assert oracle.dump() == core.dump()
    assert len(ours) // 192 <= EVENTS_PER_COMMAND_MAX
    return unpack_events(ours)


def one_lot_makers(count: int) -> list[Command]:
    """So many sells of one lot at one price."""
    return [limit(1 + i % 2, i + 1, Side.SELL, 1, 100) for i in range(count)]


def test_more_makers_than_one_order_may_take() -> None:
    """The rest of the taker expires after 8192 fills."""
    events = run(one_lot_makers(FILLS_PER_COMMAND_MAX + 3), limit(3, 1, Side.BUY, FILLS_PER_COMMAND_MAX + 2, 100))
    assert sum(event.type == EventType.TRADE for event in events) == FILLS_PER_COMMAND_MAX
    assert (events[-1].type, events[-1].reason) == (EventType.EXPIRED, Reason.FILL_LIMIT)
    assert events[-1].previous_leaves == 2


def test_exactly_as_many_as_it_may_take() -> None:
    """Filled by the last allowed fill; and one that does not cross any more rests."""
    exact = run(one_lot_makers(FILLS_PER_COMMAND_MAX + 1), limit(3, 1, Side.BUY, FILLS_PER_COMMAND_MAX, 100))
    assert (exact[-1].type, exact[-1].leaves) == (EventType.TRADE, 0)
    rests = run(one_lot_makers(FILLS_PER_COMMAND_MAX), limit(3, 1, Side.BUY, FILLS_PER_COMMAND_MAX + 5, 100))
    assert (rests[-1].type, rests[-1].leaves) == (EventType.RESTED, 5)


def test_fok_beyond_the_fill_limit_is_killed_untouched() -> None:
    """8193 makers of one lot could fill it, but not in one command."""
    fok = {"time_in_force": TimeInForce.FOK}
    killed = run(
        one_lot_makers(FILLS_PER_COMMAND_MAX + 1), limit(3, 1, Side.BUY, FILLS_PER_COMMAND_MAX + 1, 100, **fok)
    )
    assert [event.type for event in killed] == [EventType.ACCEPTED, EventType.EXPIRED]
    filled = run(one_lot_makers(FILLS_PER_COMMAND_MAX + 1), limit(3, 1, Side.BUY, FILLS_PER_COMMAND_MAX, 100, **fok))
    assert len(filled) == FILLS_PER_COMMAND_MAX + 1


def reduce_only_storm(fills: int, held: int) -> list[Command]:
    """An account that is long `held` lots, offers `fills` plain lots and 256 reduce-only orders behind them."""
    long = [limit(1, 1, Side.SELL, held, 50), limit(2, 2, Side.BUY, held, 50)]
    plain = [limit(2, 100 + i, Side.SELL, 1, 100) for i in range(fills)]
    waiting = [limit(2, 10_000 + i, Side.SELL, held, 200, flags=1) for i in range(REDUCE_ONLY_RESTING_MAX)]
    return long + plain + waiting


STORM_STEPS = (MATCHING_EVENTS_MAX - 1) // (2 + REDUCE_ONLY_RESTING_MAX)


def test_reduce_only_orders_count_against_the_bound() -> None:
    """Every fill lowers 256 orders: the taker expires before the command's events outgrow their bound."""
    events = run(reduce_only_storm(200, 10_000), limit(3, 1, Side.BUY, 200, 100))
    assert sum(event.type == EventType.TRADE for event in events) == STORM_STEPS
    assert sum(event.type == EventType.REDUCED for event in events) == STORM_STEPS * REDUCE_ONLY_RESTING_MAX
    assert events[-1].reason == Reason.FILL_LIMIT


def test_fok_counts_the_reduce_only_orders_too() -> None:
    """It is killed where its matching would be cut short, and fills where it would not."""
    fok = {"time_in_force": TimeInForce.FOK}
    filled = run(reduce_only_storm(200, 10_000), limit(3, 1, Side.BUY, STORM_STEPS, 100, **fok))
    assert filled[-1].type == EventType.REDUCED
    killed = run(reduce_only_storm(200, 10_000), limit(3, 1, Side.BUY, STORM_STEPS + 1, 100, **fok))
    assert [event.type for event in killed] == [EventType.ACCEPTED, EventType.EXPIRED]


def ticks(shards: tuple[ShardLike, ShardLike], time_ns: int) -> list[list[Event]]:
    """The TICKs until nothing is due, the same from both."""
    told = []
    while shards[0].due(time_ns):
        ours, theirs = (shard.apply(Command(CommandType.TICK).pack(), time_ns, 1) for shard in shards)
        assert ours == theirs
        assert shards[0].dump() == shards[1].dump()
        told.append(unpack_events(ours))
    assert not shards[1].due(time_ns)
    return told


def both(preparation: list[Command]) -> tuple[ShardLike, ShardLike]:
    """Oracle and core after these commands in an OPEN market."""
    opening = [MANY_ORDERS.pack(), Command.of(CommandType.SET_PHASE, phase=Phase.OPEN).pack()]
    oracle, core = OracleShard(1), native_shard(1, {})
    core.apply(b"".join([*opening, *(command.pack() for command in preparation)]), 1, 1)
    oracle.load(core.dump())
    return oracle, core


@pytest.mark.rule("ORD-9")
def test_a_move_that_sets_off_hundreds_of_stops() -> None:
    """600 stops: a tick ends with the one that passes 512 events, and the next ones go on in order."""
    stops = [
        Command.of(
            CommandType.PLACE,
            account=1 + number % 7,
            client_order_id=number + 1,
            side=Side.BUY,
            quantity=1,
            order_type=OrderType.STOP_MARKET,
            time_in_force=TimeInForce.GTC,
            trigger_by=TriggerBy.MARK,
            trigger_price=200 + number % 50,
        )
        for number in range(600)
    ]
    shards = both(stops)
    move = Command.of(CommandType.SET_PRICES, price=250).pack()
    assert shards[0].apply(move, 2, 1) == shards[1].apply(move, 2, 1)
    told = ticks(shards, 2)
    assert [len(events) for events in told] == [513, 513, 177]
    assert [events[-1].leaves for events in told] == [1, 1, 0]
    fired = [event for events in told for event in events if event.type == EventType.TRIGGERED]
    assert len(fired) == 600
    assert fired == sorted(fired, key=lambda event: (event.trigger_price, event.order_id))


@pytest.mark.rule("MAT-2")
def test_an_uncrossing_over_several_ticks() -> None:
    """200 trades with 256 reduce-only orders to lower at each: the phase changes with the last tick."""
    shards = both([*reduce_only_storm(0, 10_000), Command.of(CommandType.SET_PHASE, phase=Phase.AUCTION)])
    collect = [limit(2, 100 + i, Side.SELL, 1, 100) for i in range(200)] + [limit(3, 1, Side.BUY, 200, 100)]
    opening = [*collect, Command.of(CommandType.SET_PHASE, phase=Phase.OPEN)]
    records = b"".join(command.pack() for command in opening)
    ours, theirs = (shard.apply(records, 2, 1) for shard in shards)
    assert ours == theirs
    told = ticks(shards, 2)
    kinds = [[event.type for event in events] for events in [unpack_events(ours), *told]]
    assert [each.count(EventType.TRADE) for each in kinds] == [STORM_STEPS, 200 - STORM_STEPS]
    assert [each.count(EventType.AUCTION) for each in kinds] == [1, 0]
    assert [each.count(EventType.PHASE_CHANGED) for each in kinds] == [0, 1]


@pytest.mark.rule("ORD-12")
def test_a_cancel_all_of_more_than_one_command_can_tell() -> None:
    """30,000 of 30,005, and the word that there are more."""
    makers = [limit(1 + i % 4, i + 1, Side.SELL, 1, 100) for i in range(30_005)]
    shards = both(makers)
    everyone = Command.of(CommandType.CANCEL_ALL, scope=CancelScope.EVERYONE).pack()
    for canceled, more in ((30_000, 1), (5, 0)):
        ours, theirs = (shard.apply(everyone, 2, 1) for shard in shards)
        assert ours == theirs
        last = Event.unpack(ours[-192:])
        assert (last.type, last.quantity, last.leaves) == (EventType.CANCEL_ALL_DONE, canceled, more)

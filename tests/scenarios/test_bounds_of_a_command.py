"""The fill limit: what one command may set off is bounded, whatever the book looks like."""

from __future__ import annotations

from tests.oracle.records import (
    FILLS_PER_COMMAND_MAX,
    MATCHING_EVENTS_MAX,
    Command,
    CommandType,
    Event,
    EventType,
    OrderType,
    Reason,
    Rules,
    Side,
    TimeInForce,
    unpack_events,
)
from tests.oracle.twin import OracleShard, native_shard

EVENTS_PER_COMMAND_MAX = 32_768
MANY_ORDERS = Rules(open_orders_max=10_000)


def limit(account: int, client: int, side: Side, quantity: int, price: int, **fields: int) -> Command:
    """A LIMIT order, GTC unless told otherwise."""
    terms = {"order_type": OrderType.LIMIT, "time_in_force": TimeInForce.GTC} | fields
    ids = {"account": account, "client_order_id": client}
    return Command(CommandType.PLACE, side=side, quantity=quantity, price=price, **ids, **terms)


def run(preparation: list[Command], last: Command) -> list[Event]:
    """The last command's events, the same from oracle and core, with equal states after it."""
    opening = [MANY_ORDERS.pack(), Command(CommandType.SET_PHASE, phase=4).pack()]
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
    """An account that is long `held` lots, offers `fills` plain lots and 400 reduce-only orders behind them."""
    long = [limit(1, 1, Side.SELL, held, 50), limit(2, 2, Side.BUY, held, 50)]
    plain = [limit(2, 100 + i, Side.SELL, 1, 100) for i in range(fills)]
    waiting = [limit(2, 10_000 + i, Side.SELL, held, 200, flags=1) for i in range(400)]
    return long + plain + waiting


def test_reduce_only_orders_count_against_the_bound() -> None:
    """Every fill lowers 400 orders: the taker expires before the command's events outgrow their bound."""
    events = run(reduce_only_storm(200, 10_000), limit(3, 1, Side.BUY, 200, 100))
    steps = MATCHING_EVENTS_MAX // 402
    assert sum(event.type == EventType.TRADE for event in events) == steps
    assert sum(event.type == EventType.REDUCED for event in events) == steps * 400
    assert events[-1].reason == Reason.FILL_LIMIT


def test_fok_counts_the_reduce_only_orders_too() -> None:
    """It is killed where its matching would be cut short, and fills where it would not."""
    fok = {"time_in_force": TimeInForce.FOK}
    steps = MATCHING_EVENTS_MAX // 402
    filled = run(reduce_only_storm(200, 10_000), limit(3, 1, Side.BUY, steps, 100, **fok))
    assert filled[-1].type == EventType.REDUCED
    killed = run(reduce_only_storm(200, 10_000), limit(3, 1, Side.BUY, steps + 1, 100, **fok))
    assert [event.type for event in killed] == [EventType.ACCEPTED, EventType.EXPIRED]

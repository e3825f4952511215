"""Self-trade prevention, reduce-only, amends, mass cancel: the paths that touch more than one order."""

from __future__ import annotations

import pytest

from tests.oracle.records import (
    Command,
    CommandType,
    EventType,
    OrderStatus,
    Reason,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from tests.unit.engine.core_kit import amend, buy, cancel, do, kinds, on_book, open_shard, sell

TRADE, EXPIRED, REDUCED = EventType.TRADE, EventType.EXPIRED, EventType.REDUCED
SELF_TRADE = Reason.SELF_TRADE


@pytest.mark.parametrize(
    ("mode", "events"),
    [
        (SelfTradePrevention.DEFAULT, [(EXPIRED, SELF_TRADE, 1)]),
        (SelfTradePrevention.NONE, [(TRADE, 0, 1), (TRADE, 0, 1)]),
        (SelfTradePrevention.EXPIRE_TAKER, [(EXPIRED, SELF_TRADE, 1)]),
        (SelfTradePrevention.EXPIRE_MAKER, [(EXPIRED, SELF_TRADE, 1), (TRADE, 0, 1), (EventType.RESTED, 0, 1)]),
        (SelfTradePrevention.EXPIRE_BOTH, [(EXPIRED, SELF_TRADE, 1), (EXPIRED, SELF_TRADE, 1)]),
        (SelfTradePrevention.DECREMENT, [(EXPIRED, SELF_TRADE, 1), (REDUCED, SELF_TRADE, 1), (TRADE, 0, 1)]),
    ],
)
def test_self_trade_modes(mode: SelfTradePrevention, events: list[tuple[int, int, int]]) -> None:
    """Five lots meet an own order of three, then a stranger's of two (ORD-6)."""
    shard = open_shard()
    do(shard, sell(1, 100, 3), sell(2, 100, 2))
    assert kinds(do(shard, buy(1, 100, 5, stp_mode=mode)))[1:] == events


def test_self_trade_groups_and_decrement_of_the_maker() -> None:
    """A common group other than 0 makes two accounts one; the smaller taker goes, the maker keeps its place."""
    shard = open_shard()
    do(shard, sell(1, 100, 5, stp_group=9), sell(3, 100, 1))
    reduced, expired = do(shard, buy(2, 100, 2, stp_group=9, stp_mode=SelfTradePrevention.DECREMENT))[1:]
    assert (reduced.type, reduced.account, reduced.leaves, reduced.quantity, reduced.previous_leaves) == (
        REDUCED,
        1,
        3,
        3,
        5,
    )
    assert on_book(reduced)
    assert (expired.type, expired.account, expired.previous_leaves, expired.quantity) == (EXPIRED, 2, 2, 2)
    assert do(shard, buy(4, 100, 1))[1].maker_account == 1


@pytest.mark.parametrize(
    ("mode", "fillable"),
    [
        (SelfTradePrevention.NONE, 6),
        (SelfTradePrevention.EXPIRE_MAKER, 4),
        (SelfTradePrevention.EXPIRE_TAKER, 3),
        (SelfTradePrevention.EXPIRE_BOTH, 3),
        (SelfTradePrevention.DECREMENT, 3),
    ],
)
def test_fok_looks_past_self_trades(mode: SelfTradePrevention, fillable: int) -> None:
    """Three lots of a stranger, two own, one of a stranger: how much a FOK may ask for (ORD-7)."""
    for quantity in range(1, 8):
        shard = open_shard()
        do(shard, sell(2, 100, 3), sell(1, 100, 2), sell(2, 101, 1))
        events = do(shard, buy(1, 101, quantity, time_in_force=TimeInForce.FOK, stp_mode=mode))
        refused = events[1].reason == Reason.FOK_NOT_FILLABLE
        assert refused == (quantity > fillable)
        assert refused or events[-1].status == OrderStatus.FILLED


def test_reduce_only_is_clamped_and_follows_the_position() -> None:
    """Clamped on entry; lowered as the position shrinks; gone with it (ORD-8)."""
    shard = open_shard()
    do(shard, sell(2, 100, 10), buy(1, 100, 10))
    old, young = do(shard, sell(1, 200, 50, reduce_only=1), sell(1, 201, 4, reduce_only=1))
    assert (old.quantity, young.quantity) == (10, 4)
    do(shard, buy(3, 150, 7))
    assert kinds(do(shard, sell(1, 150, 3)))[2:] == [(REDUCED, Reason.REDUCE_ONLY, 1)]
    events = do(shard, sell(1, 150, 4))[2:]
    assert [(e.type, e.order_id, e.leaves, e.previous_leaves) for e in events] == [
        (REDUCED, old.order_id, 3, 7),
        (REDUCED, young.order_id, 3, 4),
    ]
    last = do(shard, buy(3, 200, 3))[1:]
    assert [(e.type, e.reason, e.order_id) for e in last if e.type != TRADE] == [
        (EXPIRED, Reason.REDUCE_ONLY, young.order_id)
    ]
    assert shard.position(1) == 0


def test_fok_counts_reducing_makers_once() -> None:
    """Two reduce-only makers of one position of 5 can give 5, not 10."""
    for quantity, fills in ((5, True), (6, False)):
        shard = open_shard()
        do(shard, sell(2, 100, 5), buy(1, 100, 5))
        do(shard, sell(1, 200, 5, reduce_only=1), sell(1, 200, 5, reduce_only=1))
        events = do(shard, buy(3, 200, quantity, time_in_force=TimeInForce.FOK))
        assert (events[1].type == TRADE) == fills


def test_amend_keeps_or_loses_priority() -> None:
    """Less at the same price keeps the place; more, or another price, goes to the back (ORD-5)."""
    shard = open_shard()
    first, second = do(shard, sell(1, 100, 5), sell(2, 100, 5))
    (less,) = do(shard, amend(1, first.order_id, quantity=4))
    assert (less.type, less.previous_leaves, less.leaves, less.previous_price) == (EventType.AMENDED, 5, 4, 100)
    assert do(shard, buy(3, 100, 1))[1].maker_account == 1
    do(shard, amend(1, first.order_id, quantity=6))
    assert do(shard, buy(3, 100, 1))[1].maker_account == 2
    do(shard, amend(2, second.order_id, price=101), amend(2, second.order_id, price=100))
    assert do(shard, buy(3, 100, 1))[1].maker_account == 1


def test_amend_across_the_touch_trades() -> None:
    """An amend that crosses leaves the book, trades as a taker, and rests again."""
    shard = open_shard()
    do(shard, sell(2, 100, 2))
    (bid,) = do(shard, buy(1, 90, 5))
    amended, trade, rested = do(shard, amend(1, bid.order_id, price=100))
    assert (amended.type, on_book(amended), amended.previous_price) == (EventType.AMENDED, False, 90)
    assert (trade.order_id, trade.filled, trade.leaves) == (bid.order_id, 2, 3)
    assert (rested.type, rested.price, rested.leaves) == (EventType.RESTED, 100, 3)
    assert shard.best_bid == 100


@pytest.mark.parametrize(
    ("price", "quantity", "kind", "reason"),
    [
        (0, 0, EventType.REJECTED, Reason.NOTHING_TO_AMEND),
        (90, 5, EventType.REJECTED, Reason.NOTHING_TO_AMEND),
        (-1, 0, EventType.REJECTED, Reason.PRICE_OUT_OF_RANGE),
        (0, -1, EventType.REJECTED, Reason.QUANTITY_OUT_OF_RANGE),
        (0, 2, EventType.CANCELED, Reason.AMEND_BELOW_FILLED),
        (2**31 - 1, 2**40, EventType.REJECTED, Reason.NOTIONAL_OVERFLOW),
    ],
)
def test_amend_refusals(price: int, quantity: int, kind: EventType, reason: Reason) -> None:
    """An order of five with two filled; a refused amend changes nothing."""
    shard = open_shard()
    (bid,) = do(shard, buy(1, 90, 5))
    do(shard, sell(2, 90, 2))
    (event,) = do(shard, amend(1, bid.order_id, price, quantity))
    assert (event.type, Reason(event.reason), event.order_id) == (kind, reason, bid.order_id)
    assert shard.open_orders == (1 if kind == EventType.REJECTED else 0)


def test_cancel_by_either_id_and_never_anothers() -> None:
    """Unknown and foreign look alike; ended ones say so."""
    shard = open_shard()
    bid, other = do(shard, buy(1, 90, 5, client_order_id=501), buy(2, 91, 1))
    foreign, unknown = do(shard, cancel(1, other.order_id), cancel(1, 10**12))
    assert [foreign.reason, unknown.reason] == [Reason.UNKNOWN_ORDER] * 2
    assert (foreign.price, foreign.status, foreign.order_id) == (0, 0, other.order_id)
    (canceled,) = do(shard, cancel(1, client_order_id=501))
    assert (canceled.type, canceled.order_id, canceled.previous_leaves, canceled.leaves) == (
        EventType.CANCELED,
        bid.order_id,
        5,
        0,
    )
    (again,) = do(shard, cancel(1, bid.order_id))
    assert (again.reason, again.status, again.quantity) == (Reason.ORDER_CLOSED, OrderStatus.CANCELED, 5)


def test_cancel_all_oldest_first_and_by_side() -> None:
    """One CANCELED each, in the order of ids, then the count (ORD-12)."""
    shard = open_shard()
    orders = do(shard, buy(1, 90, 1), sell(1, 110, 1), buy(1, 95, 1), buy(2, 80, 1))
    sells = do(shard, Command(CommandType.CANCEL_ALL, account=1, side=Side.SELL))
    assert [event.order_id for event in sells[:-1]] == [orders[1].order_id]
    rest = do(shard, Command(CommandType.CANCEL_ALL, account=1))
    assert [event.order_id for event in rest[:-1]] == [orders[0].order_id, orders[2].order_id]
    assert (rest[-1].type, rest[-1].quantity, shard.open_orders) == (EventType.CANCEL_ALL_DONE, 2, 1)


def test_fill_limit_ends_a_sweep() -> None:
    """A command stops after 8,192 makers, and one of exactly that many still fills."""
    for makers, last in ((8_192, EventType.TRADE), (8_193, EventType.EXPIRED)):
        shard = open_shard(orders_max=1 << 14)
        do(shard, *(sell(1 + at // 200, 100 + at % 3, 1) for at in range(makers)))
        events = do(shard, buy(60, 200, makers))
        assert (events[-1].type, len(events)) == (last, 8_193 + (makers > 8_192))
        assert events[-1].reason == (Reason.FILL_LIMIT if makers > 8_192 else 0)

"""PLACE: what rests, what trades, what is refused, and in which order (docs/rules/orders.md)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.oracle.records import (
    Command,
    CommandFlag,
    CommandType,
    EventFlag,
    EventType,
    OrderStatus,
    OrderType,
    Phase,
    Reason,
    Rules,
    Side,
    TimeInForce,
)
from tests.unit.engine.core_kit import buy, cancel, do, kinds, market, on_book, open_shard, order, sell
from tidegate.engine.core import Shard

RULES = Rules(
    price_min=10, price_max=1000, quantity_max=100, market_quantity_max=50, notional_min=40, open_orders_max=3
)


def test_limit_gtc_rests_with_its_fields() -> None:
    """One ACCEPTED with kOnBook, all order fields, and the echoes of its command."""
    shard = open_shard()
    command = buy(7, 100, 5, request_id=9, origin=8, item=2, gateway_time_ns=1, client_order_id=77, stp_group=4)
    (event,) = do(shard, command)
    assert (event.type, event.flags) == (EventType.ACCEPTED, EventFlag.ON_BOOK | EventFlag.LAST_OF_COMMAND)
    assert (event.sequence, event.order_id, event.client_order_id, event.account, event.symbol) == (3, 3, 77, 7, 3)
    assert (event.price, event.quantity, event.filled, event.leaves) == (100, 5, 0, 5)
    assert (event.status, event.stp_group, event.stp_mode) == (OrderStatus.NEW, 4, 2)
    assert (event.request_id, event.origin, event.item, event.gateway_delay_us) == (9, 8, 2, 0)
    assert (shard.best_bid, shard.best_ask, shard.open_orders) == (100, 0, 1)


def test_price_then_time() -> None:
    """A taker meets the best price first, and the oldest order of a price first; trades are at the maker's price."""
    shard = open_shard()
    do(shard, sell(1, 102, 5), sell(2, 101, 5), sell(3, 101, 5))
    events = do(shard, buy(9, 102, 12))
    trades = [(e.maker_account, e.price, e.quantity, e.maker_leaves, e.leaves, e.trade_id) for e in events[1:]]
    assert trades == [(2, 101, 5, 0, 7, 1), (3, 101, 5, 0, 2, 2), (1, 102, 2, 3, 0, 3)]
    assert events[-1].status == OrderStatus.FILLED
    assert [shard.position(account) for account in (1, 2, 3, 9)] == [-2, -5, -5, 12]


def test_gtc_rests_what_is_left() -> None:
    """What a GTC cannot trade rests at its price, behind a RESTED event."""
    shard = open_shard()
    do(shard, sell(1, 100, 3))
    accepted, trade, rested = do(shard, buy(2, 100, 5))
    assert not on_book(accepted)
    assert (trade.type, rested.type, rested.leaves, rested.filled) == (EventType.TRADE, EventType.RESTED, 2, 3)
    assert on_book(rested)
    assert (shard.best_bid, shard.best_ask) == (100, 0)


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (buy(2, 100, 5, time_in_force=TimeInForce.IOC), Reason.IOC_REMAINDER),
        (market(2, Side.BUY, 5), Reason.MARKET_REMAINDER),
    ],
    ids=["ioc", "market"],
)
def test_immediate_orders_expire_what_is_left(command: Command, reason: Reason) -> None:
    """IOC and MARKET never rest."""
    shard = open_shard()
    do(shard, sell(1, 100, 3))
    assert kinds(do(shard, command))[1:] == [(EventType.TRADE, 0, 2), (EventType.EXPIRED, reason, 2)]
    assert shard.open_orders == 0


def test_fok_is_all_or_nothing() -> None:
    """One lot too much: nothing is touched; exactly what is there: everything trades."""
    shard = open_shard()
    do(shard, sell(1, 100, 3), sell(1, 101, 2))
    too_much = do(shard, buy(2, 101, 6, time_in_force=TimeInForce.FOK))
    assert kinds(too_much)[1:] == [(EventType.EXPIRED, Reason.FOK_NOT_FILLABLE, 2)]
    assert shard.position(2) == 0
    just_right = do(shard, buy(2, 101, 5, time_in_force=TimeInForce.FOK))
    assert [event.type for event in just_right] == [EventType.ACCEPTED, EventType.TRADE, EventType.TRADE]
    assert shard.position(2) == 5


def test_gtx_is_refused_when_it_would_cross() -> None:
    """Post-only rests one tick away and is refused at the touch, whoever owns it."""
    shard = open_shard()
    do(shard, sell(1, 100, 3))
    crossing, resting = do(
        shard, buy(1, 100, 1, time_in_force=TimeInForce.GTX), buy(2, 99, 1, time_in_force=TimeInForce.GTX)
    )
    assert (crossing.reason, crossing.status) == (Reason.POST_ONLY_WOULD_CROSS, OrderStatus.REJECTED)
    assert on_book(resting)


# One field after the other is put right; the reason moves on to the next check (INS-2).
PRECEDENCE: list[tuple[dict[str, Any], Reason]] = [
    ({}, Reason.INVALID_SIDE),
    ({"side": Side.BUY}, Reason.INVALID_ORDER_TYPE),
    ({"order_type": OrderType.MARKET}, Reason.INVALID_TIME_IN_FORCE),
    ({"time_in_force": TimeInForce.GTC}, Reason.INVALID_STP_MODE),
    ({"stp_mode": 1}, Reason.INVALID_GROUP),
    ({"group": 0}, Reason.INVALID_POSITION_SIDE),
    ({"flags": 0}, Reason.INVALID_COMBINATION),
    ({"order_type": OrderType.LIMIT}, Reason.INVALID_TRIGGER),
    ({"trigger_price": 0}, Reason.INVALID_EXPIRY),
    ({"expiry_ns": 0}, Reason.PRICE_OUT_OF_RANGE),
    ({"price": 10}, Reason.QUANTITY_OUT_OF_RANGE),
    ({"quantity": 1}, Reason.INVALID_DISPLAY),
    ({"display": 0}, Reason.NOTIONAL_TOO_SMALL),
    ({"quantity": 5}, Reason.TOO_MANY_OPEN_ORDERS),
]


def test_refusals_in_their_order() -> None:
    """Every check fails only once those before it pass."""
    shard = open_shard(RULES)
    do(shard, *(buy(7, 20, 5) for _ in range(3)))
    fields: dict[str, Any] = {
        "side": 9,
        "order_type": 9,
        "time_in_force": 9,
        "stp_mode": 9,
        "price": 9,
        "quantity": 101,
        "group": 17,
        "flags": CommandFlag.COMMAND_LONG,
        "trigger_price": 9,
        "expiry_ns": 9,
        "display": 102,
    }
    for change, reason in PRECEDENCE:
        fields |= change
        (event,) = do(shard, order(7, **fields))
        assert (event.type, Reason(event.reason), event.status) == (EventType.REJECTED, reason, OrderStatus.REJECTED)
        assert event.order_id == event.sequence


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (buy(1, 100, 5, client_order_id=0), Reason.INVALID_CLIENT_ORDER_ID),
        (buy(1, 1001, 5), Reason.PRICE_OUT_OF_RANGE),
        (buy(1, -(2**63), 5), Reason.PRICE_OUT_OF_RANGE),
        (buy(1, 100, -5), Reason.QUANTITY_OUT_OF_RANGE),
        (buy(1, 100, 2**63 - 1), Reason.QUANTITY_OUT_OF_RANGE),
        (market(1, Side.BUY, 51), Reason.MARKET_QUANTITY_OUT_OF_RANGE),
        (market(1, Side.BUY, 5, TimeInForce.GTC), Reason.INVALID_COMBINATION),
        (
            order(1, Side.BUY, 5, 5, order_type=OrderType.MARKET, time_in_force=TimeInForce.IOC),
            Reason.INVALID_COMBINATION,
        ),
        (buy(1, 100, 5, reduce_only=1), Reason.REDUCE_ONLY_REJECTED),
    ],
    ids=lambda value: value.name if isinstance(value, Reason) else "",
)
def test_single_refusals(command: Command, reason: Reason) -> None:
    """One wrong thing each; nothing comes to the book."""
    shard = open_shard(RULES)
    (event,) = do(shard, command)
    assert (event.type, Reason(event.reason)) == (EventType.REJECTED, reason)
    assert shard.open_orders == 0


def test_notional_and_position_do_not_overflow() -> None:
    """Products beyond 64 and beyond 128 bits are refused; so is a position past its bound."""
    for tick_lot_value in (1 << 20, 2**63 - 1):
        shard = open_shard(Rules(tick_lot_value=tick_lot_value))
        assert do(shard, buy(1, 2**31 - 1, 1 << 40))[0].reason == Reason.NOTIONAL_OVERFLOW
    shard = open_shard(orders_max=4)
    most = 1 << 40
    for _ in range(1024):
        do(shard, sell(1, 1, most), buy(2, 1, most))
    assert shard.position(2) == most * 1024
    assert do(shard, buy(2, 1, 1))[0].reason == Reason.POSITION_LIMIT
    assert do(shard, sell(1, 1, 1))[0].reason == Reason.POSITION_LIMIT


def test_full_is_an_answer() -> None:
    """No room for another order or another account is a refusal; an order that cannot rest still goes in."""
    shard = open_shard(orders_max=2, accounts_max=2)
    do(shard, sell(1, 100, 1), sell(1, 101, 1))
    (full,) = do(shard, sell(2, 102, 1))
    taker, _ = do(shard, buy(2, 99, 1, time_in_force=TimeInForce.IOC))
    (third_account,) = do(shard, buy(3, 99, 1))
    assert full.reason == Reason.BOOK_FULL
    assert taker.type == EventType.ACCEPTED
    assert (third_account.reason, third_account.order_id) == (Reason.ACCOUNT_TABLE_FULL, 0)


@pytest.mark.parametrize(
    ("phase", "place", "post_only", "cancels"),
    [(Phase.HALT, 0, 0, 0), (Phase.CANCEL_ONLY, 0, 0, 1), (Phase.POST_ONLY, 0, 1, 1), (Phase.OPEN, 1, 1, 1)],
)
def test_phases(phase: Phase, place: int, post_only: int, cancels: int) -> None:
    """What each phase lets through (MKT-1)."""
    shard = open_shard()
    (resting,) = do(shard, buy(1, 90, 1))
    do(shard, Command(CommandType.SET_PHASE, phase=phase))
    placed, posted = do(shard, buy(1, 91, 1), buy(1, 92, 1, time_in_force=TimeInForce.GTX))
    assert (placed.reason == 0, posted.reason == 0) == (bool(place), bool(post_only))
    (canceled,) = do(shard, cancel(1, resting.order_id))
    assert (canceled.type == EventType.CANCELED) == bool(cancels)


def test_before_the_instrument_everything_is_refused() -> None:
    """A fresh shard is in HALT and cannot leave it without an instrument."""
    shard = Shard(1, orders_max=8, retained_max=8, accounts_max=8)
    place, phase, unknown = do(
        shard,
        buy(1, 1, 1),
        Command(CommandType.SET_PHASE, phase=Phase.OPEN),
        Command(29),
    )
    assert [place.reason, phase.reason, unknown.reason] == [
        Reason.PHASE_FORBIDS,
        Reason.INVALID_INSTRUMENT,
        Reason.MALFORMED_MESSAGE,
    ]
    assert (shard.phase, shard.sequence) == (Phase.HALT, 3)

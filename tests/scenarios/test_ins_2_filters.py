"""INS-2: every refusal of a PLACE, in the order in which they are checked, as one table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.oracle.records import (
    INT64_MAX,
    INT64_MIN,
    POSITION_MAX,
    PRICE_MAX,
    QUANTITY_MAX,
    Command,
    CommandType,
    EventType,
    OrderType,
    Phase,
    Reason,
    Rules,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from tests.scenarios.market import Market

pytestmark = pytest.mark.rule("INS-2")

RULES = Rules(
    price_min=10,
    price_max=1_000,
    quantity_min=2,
    quantity_max=100,
    market_quantity_max=50,
    notional_min=100,
    tick_lot_value=1,
    open_orders_max=3,
)
GOOD = Command(
    CommandType.PLACE,
    account=1,
    side=Side.BUY,
    order_type=OrderType.LIMIT,
    time_in_force=TimeInForce.GTC,
    client_order_id=77,
    price=50,
    quantity=10,
)
# Each row spoils one more thing, from the last check to the first: whatever is wrong besides, the
# reason is that of the row. `market` rows start from a MARKET order.
SPOILED: tuple[tuple[Reason, dict[str, int]], ...] = (
    (Reason.REDUCE_ONLY_REJECTED, {"flags": 1}),
    (Reason.TOO_MANY_OPEN_ORDERS, {}),
    (Reason.QUANTITY_OUT_OF_RANGE, {"quantity": 101}),
    (Reason.PRICE_OUT_OF_RANGE, {"price": 1_001}),
    (Reason.INVALID_STP_MODE, {"stp_mode": 6}),
    (Reason.INVALID_TIME_IN_FORCE, {"time_in_force": 5}),
    (Reason.INVALID_ORDER_TYPE, {"order_type": 3}),
    (Reason.INVALID_SIDE, {"side": 3}),
    (Reason.PHASE_FORBIDS, {}),
    (Reason.INVALID_CLIENT_ORDER_ID, {"client_order_id": 0}),
)


def reason_of(market: Market, command: Command) -> Reason:
    """Why it was refused; NONE when it was not."""
    event = market.send(command)[0]
    assert (event.type == EventType.REJECTED) == (event.reason != 0)
    return Reason(event.reason)


def test_the_first_that_fails_is_the_reason() -> None:
    """With everything of the table up to a row wrong at once, the row's own reason is given."""
    spoiled = GOOD
    for number, (reason, change) in enumerate(SPOILED):
        spoiled = replace(spoiled, **change)
        m = Market(rules=RULES)
        if number >= 1:  # no more open orders than three
            m.after("ann a1 buy 10 @ 50", "ann a2 buy 10 @ 50", "ann a3 buy 10 @ 50")
        if number >= 8:
            m.does("phase HALT")
        assert reason_of(m, spoiled) == reason


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        *((Reason.INVALID_SIDE, {"side": side}) for side in (0, 3, 255)),
        *((Reason.INVALID_ORDER_TYPE, {"order_type": kind}) for kind in (0, 3, 255)),
        *((Reason.INVALID_TIME_IN_FORCE, {"time_in_force": tif}) for tif in (0, 5, 255)),
        *((Reason.INVALID_STP_MODE, {"stp_mode": mode}) for mode in (6, 255)),
        *((Reason.PRICE_OUT_OF_RANGE, {"price": p}) for p in (9, 1_001, 0, -50, INT64_MIN, INT64_MAX, 2**32 + 50)),
        *((Reason.QUANTITY_OUT_OF_RANGE, {"quantity": q}) for q in (1, 101, 0, -10, INT64_MIN, INT64_MAX, 2**32 + 10)),
        (Reason.NOTIONAL_TOO_SMALL, {"price": 33, "quantity": 3}),
        (Reason.NONE, {"price": 50, "quantity": 2}),
        (Reason.NONE, {"price": 10, "quantity": 100}),
        (Reason.NONE, {"price": 1_000, "quantity": 2}),
        (Reason.NONE, {"stp_mode": SelfTradePrevention.DECREMENT, "stp_group": 2**32 - 1}),
        (Reason.NONE, {"client_order_id": 2**64 - 1, "account": 2**32 - 1}),
        (Reason.NONE, {"account": 0}),
    ],
)
def test_limit_orders(reason: Reason, change: dict[str, int]) -> None:
    """The bounds themselves are allowed; one beyond them, and absurd numbers, are not."""
    assert reason_of(Market(rules=RULES), replace(GOOD, **change)) == reason


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        (Reason.INVALID_COMBINATION, {"time_in_force": TimeInForce.GTC}),
        (Reason.INVALID_COMBINATION, {"time_in_force": TimeInForce.GTX}),
        (Reason.INVALID_COMBINATION, {"price": 50}),
        (Reason.INVALID_COMBINATION, {"price": INT64_MIN}),
        (Reason.QUANTITY_OUT_OF_RANGE, {"quantity": 101}),
        (Reason.MARKET_QUANTITY_OUT_OF_RANGE, {"quantity": 51}),
        (Reason.NONE, {"quantity": 50}),
        (Reason.NONE, {"quantity": 2}),
    ],
)
def test_market_orders(reason: Reason, change: dict[str, int]) -> None:
    """They have no price, a maximum of their own, and no smallest notional."""
    market_order = replace(GOOD, order_type=OrderType.MARKET, time_in_force=TimeInForce.IOC, price=0)
    assert reason_of(Market(rules=RULES), replace(market_order, **change)) == reason


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (INT64_MAX // 500, Reason.NONE),
        (INT64_MAX // 500 + 1, Reason.NOTIONAL_OVERFLOW),
        (INT64_MAX, Reason.NOTIONAL_OVERFLOW),
    ],
)
def test_notional_must_fit(value: int, reason: Reason) -> None:
    """price x quantity x tick_lot_value in 64 bits, not one more; reduce-only is not exempt."""
    m = Market(rules=Rules(tick_lot_value=value))
    assert reason_of(m, GOOD) == reason
    assert reason_of(m, replace(GOOD, client_order_id=2, flags=1)) in (reason, Reason.REDUCE_ONLY_REJECTED)


def test_the_largest_order_there_is() -> None:
    """Price and quantity at their bounds with a tick-lot of 1 overflow; a smaller price does not."""
    m = Market()
    assert reason_of(m, replace(GOOD, price=PRICE_MAX, quantity=QUANTITY_MAX)) == Reason.NOTIONAL_OVERFLOW
    assert reason_of(m, replace(GOOD, client_order_id=2, price=PRICE_MAX, quantity=2**32)) == Reason.NONE
    assert reason_of(m, replace(GOOD, client_order_id=3, price=2**22, quantity=QUANTITY_MAX)) == Reason.NONE


@pytest.mark.parametrize("lots", [1, 2])
def test_position_limit(lots: int) -> None:
    """The position and the order together may reach 2^50 lots, on either side."""
    m = Market()
    m.oracle.positions = {1: POSITION_MAX - 1, 2: 1 - POSITION_MAX}
    m.core.load(m.oracle.dump())
    expected = Reason.NONE if lots == 1 else Reason.POSITION_LIMIT
    assert reason_of(m, replace(GOOD, quantity=lots)) == expected
    assert reason_of(m, replace(GOOD, account=2, side=Side.SELL, price=60, quantity=lots)) == expected
    assert reason_of(m, replace(GOOD, account=2, side=Side.BUY, client_order_id=5, quantity=lots)) == expected


def test_accounts_table() -> None:
    """An account more than there is room for is refused and not remembered; the others go on."""
    m = Market(rules=RULES, accounts_max=2)
    m.after("ann a1 buy 10 @ 50", "bob b1 buy 10 @ 50")
    for _ in range(2):
        assert m.does("cat c1 buy 10 @ 50") == ["c1 REJECTED 0 @ 50: ACCOUNT_TABLE_FULL"]
        assert m.events[0].order_id == 0
    assert m.does("bob b2 buy 10 @ 50") == ["b2 ACCEPTED 10 @ 50, rests"]


def test_a_refusal_admits_its_account() -> None:
    """Whatever gets past the phase takes a place in the table."""
    m = Market(rules=RULES, accounts_max=1)
    assert m.does("ann a1 buy 1 @ 50") == ["a1 REJECTED 0 @ 50: QUANTITY_OUT_OF_RANGE"]
    assert m.does("bob b1 buy 10 @ 50") == ["b1 REJECTED 0 @ 50: ACCOUNT_TABLE_FULL"]


def test_book_full_and_room_again() -> None:
    """Only what could rest is refused; a taker makes room."""
    m = Market(rules=RULES, orders_max=2)
    m.after("ann a1 sell 10 @ 50", "ann a2 sell 10 @ 51")
    assert m.does("bob b1 buy 10 @ 40") == ["b1 REJECTED 0 @ 40: BOOK_FULL"]
    assert m.does("bob b2 buy 10 @ 50 GTC") == ["b2 REJECTED 0 @ 50: BOOK_FULL"]
    assert m.does("bob b3 buy 10 @ 50 IOC")[1:] == ["TRADE 10 @ 50 of b3 with a1"]
    assert m.does("bob b4 buy 12 @ 51 GTC")[1:] == ["TRADE 10 @ 51 of b4 with a2", "b4 RESTED 2 @ 51, rests"]


def test_unknown_commands_are_refused() -> None:
    """A type that nobody knows is numbered and refused, and changes nothing else."""
    m = Market()
    for number, kind in enumerate((0, 7, 31, 35, 255)):
        (event,) = m.send(Command(kind, account=4))
        assert (event.type, event.reason, event.account) == (EventType.REJECTED, Reason.MALFORMED_MESSAGE, 4)
        assert event.sequence == 3 + number
    assert m.oracle.phase == Phase.OPEN

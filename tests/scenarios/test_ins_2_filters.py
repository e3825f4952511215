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
    CommandFlag,
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
from tests.scenarios.market import TIME_NS, Market

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
# reason is that of the row.
SPOILED: tuple[tuple[Reason, dict[str, int]], ...] = (
    (Reason.POST_ONLY_WOULD_CROSS, {"time_in_force": TimeInForce.GTX, "price": 60}),
    (Reason.PROTECTION_FROZEN, {"group": 1}),
    (Reason.BOOK_FULL, {}),
    (Reason.REDUCE_ONLY_REJECTED, {"flags": 1}),
    (Reason.POSITION_LIMIT, {"quantity": 21, "flags": 0}),  # a reduce-only order cannot pass it
    (Reason.TOO_MANY_OPEN_ORDERS, {}),
    (Reason.PRICE_BAND, {"price": 500}),
    (Reason.NOTIONAL_OVERFLOW, {}),
    (Reason.INVALID_DISPLAY, {"display": -1}),
    (Reason.QUANTITY_OUT_OF_RANGE, {"quantity": 101}),
    (Reason.PRICE_OUT_OF_RANGE, {"price": 1_001}),
    (Reason.INVALID_EXPIRY, {"expiry_ns": 1}),
    (Reason.INVALID_TRIGGER, {"trigger_price": 50}),
    (Reason.INVALID_COMBINATION, {"order_type": OrderType.MARKET}),
    (Reason.INVALID_POSITION_SIDE, {"flags": CommandFlag.COMMAND_LONG}),
    (Reason.INVALID_GROUP, {"group": 17}),
    (Reason.INVALID_STP_MODE, {"stp_mode": 6}),
    (Reason.INVALID_TIME_IN_FORCE, {"time_in_force": 7}),
    (Reason.INVALID_ORDER_TYPE, {"order_type": 8}),
    (Reason.INVALID_SIDE, {"side": 3}),
    (Reason.ACCOUNT_TABLE_FULL, {"account": 9}),
    (Reason.PHASE_FORBIDS, {}),
    (Reason.DUPLICATE_CLIENT_ORDER_ID, {"account": 1, "client_order_id": 1}),
    (Reason.INVALID_CLIENT_ORDER_ID, {"client_order_id": 0}),
)


def reason_of(market: Market, command: Command) -> Reason:
    """Why it was refused; NONE when it was not."""
    event = market.send(command)[0]
    assert (event.type == EventType.REJECTED) == (event.reason != 0)
    return Reason(event.reason)


def prepared(wrong: list[Reason]) -> Market:
    """A market in which what the earlier rows are about is wrong: it is full, frozen, banded ..."""
    full = Reason.BOOK_FULL in wrong
    rules = replace(
        RULES,
        position_max=20 if Reason.POSITION_LIMIT in wrong else 0,
        open_orders_max=2 if Reason.TOO_MANY_OPEN_ORDERS in wrong else 3,
        band_up_bps=500 if Reason.PRICE_BAND in wrong else 0,
        tick_lot_value=INT64_MAX if Reason.NOTIONAL_OVERFLOW in wrong else 1,
    )
    m = Market(rules=RULES, orders_max=3 if full else 64, accounts_max=2)
    m.after("ann protect 1 window=1000 fills=1", "ann a1 buy 2 @ 50 group=1", "bob b1 sell 2 @ 50")  # freezes group 1
    m.after("ann a2 sell 2 @ 52 reduce-only", "bob b2 buy 2 @ 52")  # flat again
    m.after("ann a3 buy 2 @ 50", "ann a4 buy 2 @ 50", "bob b3 sell 2 @ 60", "prices mark=60")
    m.send(rules)
    if Reason.PHASE_FORBIDS in wrong:
        m.does("phase HALT")
    return m


@pytest.mark.parametrize("number", range(len(SPOILED)), ids=lambda number: SPOILED[number][0].name)
def test_the_first_that_fails_is_the_reason(number: int) -> None:
    """With everything of the table up to a row wrong at once, the row's own reason is given."""
    spoiled = Command.unpack(GOOD.pack())
    for _, change in SPOILED[: number + 1]:
        for name, value in change.items():
            setattr(spoiled, name, value | (spoiled.flags if name == "flags" and value else 0))
    m = prepared([reason for reason, _ in SPOILED[: number + 1]])
    assert reason_of(m, spoiled) == SPOILED[number][0]


TRIGGER = {"order_type": OrderType.STOP_MARKET, "price": 0, "trigger_by": 1, "trigger_price": 70}
TRAILING = {"order_type": OrderType.TRAILING_STOP, "price": 0, "trigger_by": 1, "callback_bps": 100}


@pytest.mark.parametrize(
    ("reason", "fields"),
    [
        *((Reason.INVALID_TRIGGER, {**TRIGGER, "trigger_by": by}) for by in (0, 4, 255)),
        *((Reason.INVALID_TRIGGER, {**TRIGGER, "trigger_price": price}) for price in (0, 9, 1_001, -70)),
        (Reason.INVALID_TRIGGER, {**TRIGGER, "callback_bps": 1}),
        *((Reason.INVALID_TRIGGER, {**TRAILING, "callback_bps": bps}) for bps in (0, 5_001)),
        *((Reason.INVALID_TRIGGER, {**TRAILING, "trigger_price": price}) for price in (9, 1_001)),
        *((Reason.INVALID_TRIGGER, {name: 1}) for name in ("trigger_price", "trigger_by", "callback_bps")),
        (Reason.MARKET_QUANTITY_OUT_OF_RANGE, {**TRIGGER, "quantity": 51}),
        (Reason.INVALID_COMBINATION, {**TRIGGER, "time_in_force": TimeInForce.FOK}),
        (Reason.INVALID_COMBINATION, {**TRIGGER, "price": 70}),
        (Reason.INVALID_COMBINATION, {**TRIGGER, "order_type": OrderType.STOP, "time_in_force": TimeInForce.GTX_SLIDE}),
        (Reason.PRICE_OUT_OF_RANGE, {**TRIGGER, "order_type": OrderType.STOP}),
        (Reason.NOTIONAL_TOO_SMALL, {**TRIGGER, "order_type": OrderType.STOP, "price": 33, "quantity": 3}),
        (Reason.INVALID_EXPIRY, {"time_in_force": TimeInForce.GTD}),
        (Reason.INVALID_EXPIRY, {"time_in_force": TimeInForce.GTD, "expiry_ns": TIME_NS}),
        (Reason.NONE, {"time_in_force": TimeInForce.GTD, "expiry_ns": TIME_NS + 1}),
        (Reason.NONE, {**TRIGGER, "trigger_price": 1_000}),
        (Reason.NONE, TRAILING),
    ],
)
def test_trigger_orders_and_expiry(reason: Reason, fields: dict[str, int]) -> None:
    """Triggers in the range of prices, callbacks of 1 to 5000, an expiry that is ahead."""
    m = Market(rules=RULES)
    m.does("prices mark=60")
    command = Command.unpack(GOOD.pack())
    for name, value in fields.items():
        setattr(command, name, value)
    assert reason_of(m, command) == reason


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        *((Reason.INVALID_SIDE, {"side": side}) for side in (0, 3, 255)),
        *((Reason.INVALID_ORDER_TYPE, {"order_type": kind}) for kind in (0, 8, 255)),
        *((Reason.INVALID_TIME_IN_FORCE, {"time_in_force": tif}) for tif in (0, 7, 255)),
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
    for number, kind in enumerate((0, 15, 31, 35, 255)):
        (event,) = m.send(Command(kind, account=4))
        assert (event.type, event.reason, event.account) == (EventType.REJECTED, Reason.MALFORMED_MESSAGE, 4)
        assert event.sequence == 3 + number
    assert m.oracle.phase == Phase.OPEN

"""ORD-5: amends and what they do to priority."""

import pytest

from tests.oracle.records import Rules
from tests.scenarios.market import Market

pytestmark = pytest.mark.rule("ORD-5")


def queue_of_three() -> Market:
    """a1, b1, c1 sell 5 each at 100."""
    m = Market()
    m.after("ann a1 sell 5 @ 100", "bob b1 sell 5 @ 100", "cat c1 sell 5 @ 100")
    return m


@pytest.mark.parametrize(
    ("change", "queue"),
    [
        ("quantity=4", ["a1", "b1", "c1"]),
        ("quantity=6", ["b1", "c1", "a1"]),
        ("price=101", ["b1", "c1", "a1"]),
        ("price=99", ["a1", "b1", "c1"]),
        ("price=101 quantity=2", ["b1", "c1", "a1"]),
        ("price=100 quantity=4", ["a1", "b1", "c1"]),
    ],
)
def test_only_less_at_the_same_price_keeps_its_place(change: str, queue: list[str]) -> None:
    """Anything else goes to the back of its level."""
    m = queue_of_three()
    m.does(f"ann amend a1 {change}")
    assert m.queue("sell") == queue


def test_there_and_back_is_the_back() -> None:
    """A price that returns has lost its time."""
    m = queue_of_three()
    m.after("ann amend a1 price=101", "ann amend a1 price=100")
    assert m.queue("sell") == ["b1", "c1", "a1"]


def test_back_of_the_level_survives_a_reload() -> None:
    """Time priority is admission, not order id, also in a dump."""
    m = queue_of_three()
    m.does("ann amend a1 quantity=7")
    m.reload()
    assert m.does("dan d1 buy 11 @ 100")[1:] == [
        "TRADE 5 @ 100 of d1 with b1",
        "TRADE 5 @ 100 of d1 with c1",
        "TRADE 1 @ 100 of d1 with a1",
    ]


def test_crossing_amend_trades_as_a_taker() -> None:
    """AMENDED, its trades at the makers' prices, and what is left rests at the new price."""
    m = Market()
    told = m.after("ann a1 sell 2 @ 100", "bob b1 buy 5 @ 90", "bob amend b1 price=100")
    assert told == ["b1 AMENDED 5 -> 5 @ 100", "TRADE 2 @ 100 of b1 with a1", "b1 RESTED 3 @ 100, rests"]


def test_the_total_counts_what_was_filled() -> None:
    """The new quantity is the order's total; less than what was filled, or as much, cancels the rest."""
    m = Market()
    m.after("ann a1 sell 10 @ 100", "bob b1 buy 4 @ 100")
    assert m.does("ann amend a1 quantity=7") == ["a1 AMENDED 6 -> 3 @ 100, rests"]
    assert m.does("ann amend a1 quantity=4") == ["a1 CANCELED 3 -> 0 @ 100, rests: AMEND_BELOW_FILLED"]
    assert m.does("ann amend a1 quantity=9") == ["a1 REJECTED 0 @ 100: ORDER_CLOSED"]


def test_what_was_filled_may_be_less_than_an_order_may_have() -> None:
    """The rest can be canceled by an amend also when the total is then below the smallest quantity."""
    m = Market(rules=Rules(quantity_min=5))
    m.after("ann a1 sell 6 @ 100", "ann a2 sell 10 @ 101", "bob b1 buy 8 @ 101")
    assert m.does("ann amend a2 quantity=-1") == ["a2 REJECTED 8 @ 101: QUANTITY_OUT_OF_RANGE"]
    assert m.does("ann amend a2 quantity=3") == ["a2 REJECTED 8 @ 101: QUANTITY_OUT_OF_RANGE"]
    assert m.does("ann amend a2 quantity=2") == ["a2 CANCELED 8 -> 0 @ 101, rests: AMEND_BELOW_FILLED"]


def test_the_largest_market_order_is_not_amended_away() -> None:
    """A stop that will be a market order has the maximum of one; a stop that will be a limit order has not."""
    m = Market(rules=Rules(market_quantity_max=50))
    m.after("prices mark=100", "ann s1 buy 50 STOP_MARKET trigger=105", "ann s2 buy 50 STOP @ 110 trigger=105")
    assert m.does("ann amend s1 quantity=51") == ["s1 REJECTED 50, waits for 105: MARKET_QUANTITY_OUT_OF_RANGE"]
    assert m.does("ann amend s2 quantity=51") == ["s2 AMENDED 50 -> 51 @ 110, waits for 105"]


@pytest.mark.parametrize("change", ["", "price=100", "quantity=5", "price=100 quantity=5"])
def test_nothing_to_amend(change: str) -> None:
    """An amend to what the order is already is refused."""
    m = queue_of_three()
    assert m.does(f"ann amend a1 {change}") == ["a1 REJECTED 5 @ 100: NOTHING_TO_AMEND"]


def test_gtx_never_becomes_a_taker() -> None:
    """An amend that would cross is refused for a post-only order; the order stays as it was."""
    m = Market()
    m.after("ann a1 sell 2 @ 100", "bob b1 buy 5 @ 90 GTX")
    assert m.does("bob amend b1 price=100") == ["b1 REJECTED 5 @ 90: POST_ONLY_WOULD_CROSS"]
    assert m.does("bob amend b1 price=99") == ["b1 AMENDED 5 -> 5 @ 99, rests"]


def test_foreign_and_unknown_orders_look_the_same() -> None:
    """Nobody learns whether another's order exists."""
    m = queue_of_three()
    assert m.does("bob amend a1 quantity=1") == ["a1 REJECTED: UNKNOWN_ORDER"]
    assert m.does("bob amend nowhere quantity=1") == ["nowhere REJECTED: UNKNOWN_ORDER"]
    assert m.does("bob cancel a1") == ["a1 REJECTED: UNKNOWN_ORDER"]
    assert m.queue("sell") == ["a1", "b1", "c1"]


def test_what_is_not_changed_is_not_checked_again() -> None:
    """After stricter rules an old order may still be made smaller at its old price."""
    m = Market()
    m.does("ann a1 sell 5 @ 100")
    m.send(Rules(price_min=200, quantity_min=2, quantity_max=4))
    assert m.does("ann amend a1 quantity=1") == ["a1 REJECTED 5 @ 100: QUANTITY_OUT_OF_RANGE"]
    assert m.does("ann amend a1 price=101") == ["a1 REJECTED 5 @ 100: PRICE_OUT_OF_RANGE"]
    assert m.does("ann amend a1 price=201") == ["a1 AMENDED 5 -> 5 @ 201, rests"]
    m.send(Rules(price_min=300))
    assert m.does("ann amend a1 quantity=3") == ["a1 AMENDED 5 -> 3 @ 201, rests"]


def test_crossing_amend_meets_an_own_order() -> None:
    """The amended order's own self-trade mode decides (ORD-6)."""
    m = Market()
    m.after("ann a1 sell 2 @ 100", "ann a2 buy 5 @ 90")
    assert m.does("ann amend a2 price=100") == ["a2 AMENDED 5 -> 5 @ 100", "a2 EXPIRED 5 -> 0 @ 100: SELF_TRADE"]

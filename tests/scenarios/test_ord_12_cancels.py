"""ORD-12 and CANCEL: by either id, all of an account, all of a side."""

import pytest

from tests.oracle.records import Command, CommandType, EventFlag, EventType, OrderStatus
from tests.scenarios.market import Market

pytestmark = pytest.mark.rule("ORD-12")


def test_cancel_all_oldest_first() -> None:
    """Oldest by order id, whatever its place in the book, and then the count."""
    m = Market()
    m.after("ann a1 sell 5 @ 110", "bob b1 sell 5 @ 100", "ann a2 buy 5 @ 90", "ann a3 sell 1 @ 105")
    m.does("ann amend a1 price=111")
    assert m.does("ann cancel-all") == [
        "a1 CANCELED 5 -> 0 @ 111, rests: MASS_CANCEL",
        "a2 CANCELED 5 -> 0 @ 90, rests: MASS_CANCEL",
        "a3 CANCELED 1 -> 0 @ 105, rests: MASS_CANCEL",
        "CANCEL_ALL_DONE 3",
    ]
    assert m.depth() == ["sell 5 @ 100 in 1"]


def test_cancel_all_of_a_side() -> None:
    """The other side stays."""
    m = Market()
    m.after("ann a1 sell 5 @ 110", "ann a2 buy 5 @ 90")
    assert m.does("ann cancel-all sell") == ["a1 CANCELED 5 -> 0 @ 110, rests: MASS_CANCEL", "CANCEL_ALL_DONE 1"]
    assert m.depth() == ["buy 5 @ 90 in 1"]


def test_cancel_all_of_nothing() -> None:
    """Still an event, the last of its command."""
    m = Market()
    assert m.does("ann cancel-all") == ["CANCEL_ALL_DONE 0"]
    assert m.events[0].flags & EventFlag.LAST_OF_COMMAND


def test_cancel_by_order_id_before_client_order_id() -> None:
    """When both are given the order id counts; nobody else's order is found by it."""
    m = Market()
    m.after("ann a1 sell 5 @ 110", "ann a2 sell 5 @ 111")
    both = Command(CommandType.CANCEL, account=1, order_id=m.orders["a2"], client_order_id=m.names.clients["a1"])
    assert m.told(m.send(both)) == ["a2 CANCELED 5 -> 0 @ 111, rests: USER_REQUEST"]
    foreign = m.send(Command(CommandType.CANCEL, account=9, order_id=m.orders["a1"]))[0]
    assert (foreign.type, foreign.order_id, foreign.status) == (EventType.REJECTED, m.orders["a1"], OrderStatus.NONE)


def test_cancel_of_what_has_ended() -> None:
    """Refused with the order as it ended."""
    m = Market()
    m.after("ann a1 sell 5 @ 110", "bob b1 buy 5 @ 110")
    assert m.does("ann cancel a1") == ["a1 REJECTED 0 @ 110: ORDER_CLOSED"]
    assert (m.events[0].status, m.events[0].filled) == (OrderStatus.FILLED, 5)

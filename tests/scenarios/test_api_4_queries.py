"""API-4 at the level of records: answers at a place in the stream, without a number of their own."""

from __future__ import annotations

import pytest

from tests.oracle.records import INT64_MIN, Command, CommandType, EventFlag, EventType
from tests.scenarios.market import TIME_NS, Market

pytestmark = pytest.mark.rule("API-4")


def test_queries_are_not_numbered() -> None:
    """Sequence and time are those of the last command; neither moves."""
    m = Market()
    m.does("ann a1 sell 5 @ 100")
    m.time_ns += 1_000
    for kind in (CommandType.QUERY_ORDER, CommandType.QUERY_OPEN_ORDERS, CommandType.QUERY_DEPTH):
        events = m.send(Command(kind, account=1, client_order_id=1, quantity=10, request_id=8, origin=9, item=3))
        assert {(e.sequence, e.time_ns) for e in events} == {(3, TIME_NS)}
        assert [e.index for e in events] == list(range(len(events)))
        assert {(e.request_id, e.origin, e.item, e.command_type) for e in events} == {(8, 9, 3, kind)}
        assert [bool(e.flags & EventFlag.LAST_OF_COMMAND) for e in events] == [False] * (len(events) - 1) + [True]
    m.does("ann a2 sell 5 @ 100")
    assert (m.events[0].sequence, m.events[0].time_ns) == (4, TIME_NS + 1_000)


def test_an_order_in_each_state() -> None:
    """Open, ended and refused orders are found; the reason is the one it ended for."""
    m = Market()
    m.after("ann a1 sell 5 @ 100", "ann a2 sell 1 @ 99 IOC", "ann a3 sell 1 @ 99 reduce-only")
    assert m.does("ann ask a1") == ["a1 ORDER_STATE 5 @ 100"]
    assert m.does("ann ask a2") == ["a2 ORDER_STATE 0 @ 99: IOC_REMAINDER"]
    assert m.does("ann ask a3") == ["a3 ORDER_STATE 0 @ 99: REDUCE_ONLY_REJECTED"]


def test_what_is_not_the_accounts_own_is_not_found() -> None:
    """By neither id."""
    m = Market()
    m.does("ann a1 sell 5 @ 100")
    assert m.does("bob ask a1") == ["NOT_FOUND"]
    (event,) = m.send(Command(CommandType.QUERY_ORDER, account=2, order_id=m.orders["a1"], client_order_id=6))
    assert (event.type, event.order_id, event.client_order_id) == (EventType.NOT_FOUND, m.orders["a1"], 6)


def test_open_orders_in_pages() -> None:
    """Oldest first; the end says where to go on."""
    m = Market()
    m.after("ann a1 sell 5 @ 102", "bob b1 sell 5 @ 101", "ann a2 sell 5 @ 101", "ann a3 sell 5 @ 100")
    assert m.does("ann list most=2")[:2] == ["a1 ORDER_STATE 5 @ 102", "a2 ORDER_STATE 5 @ 101"]
    assert m.events[-1].order_id == m.orders["a2"]
    assert m.does("ann list most=2 after=a2") == ["a3 ORDER_STATE 5 @ 100", "OPEN_ORDERS_END 1"]
    assert m.events[-1].order_id == 0
    assert m.does("cat list") == ["OPEN_ORDERS_END 0"]


def test_no_rows_wanted() -> None:
    """0 or less: none are sent; the end says that there are some."""
    m = Market()
    m.after("ann a1 sell 5 @ 102", "ann a2 sell 5 @ 102")
    after = m.orders["a1"]
    for rows in (0, -1, INT64_MIN):
        (end,) = m.send(Command(CommandType.QUERY_OPEN_ORDERS, account=1, order_id=after, quantity=rows))
        assert (end.type, end.quantity, end.order_id) == (EventType.OPEN_ORDERS_END, 0, after)


def test_depth_is_the_whole_book() -> None:
    """Bids best first, then asks best first; lots and orders per level."""
    m = Market()
    m.after(
        "ann a1 sell 5 @ 102", "ann a2 sell 5 @ 101", "bob b1 sell 1 @ 102", "bob b2 buy 3 @ 90", "bob b3 buy 4 @ 91"
    )
    assert m.does("depth") == [
        "buy 4 @ 91 in 1",
        "buy 3 @ 90 in 1",
        "sell 5 @ 101 in 1",
        "sell 6 @ 102 in 2",
        "DEPTH_END OPEN",
    ]
    assert m.events[-1].quantity == 4


def test_gateway_delay() -> None:
    """Microseconds from the gateway's time to the sequenced one, within 32 bits, 0 when there is none."""
    m = Market()
    for gateway_time, delay in (
        *((0, 0), (TIME_NS, 0), (TIME_NS + 1, 0), (TIME_NS - 999, 0), (TIME_NS - 1_000, 1), (TIME_NS - 5_999, 5)),
        *((TIME_NS - 2**32 * 1_000, 2**32 - 1), (INT64_MIN, 2**32 - 1), (2**63 - 1, 0)),
    ):
        (event,) = m.send(Command(CommandType.CANCEL_ALL, gateway_time_ns=gateway_time))
        assert event.gateway_delay_us == delay, gateway_time


def test_time_never_goes_back() -> None:
    """A clock that jumps back gives the last time again."""
    m = Market()
    for now, sequenced in ((TIME_NS + 5, TIME_NS + 5), (TIME_NS - 5, TIME_NS + 5), (-1, TIME_NS + 5)):
        m.time_ns = now
        m.does("ann cancel-all")
        assert m.events[0].time_ns == sequenced

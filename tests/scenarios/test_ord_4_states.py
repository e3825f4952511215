"""ORD-4: the transitions of an order are one table, in docs/rules/orders.md and in tests/properties/order_states.py."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.oracle.records import EventType, OrderStatus, Reason
from tests.properties.order_states import BY_REQUEST, LEGAL, NOWHERE, OF_A_TAKER, REFUSALS, check_transition
from tests.scenarios.market import Market

pytestmark = pytest.mark.rule("ORD-4")
PAGE = Path(__file__).parents[2] / "docs/rules/orders.md"


def written() -> set[tuple[str, str, str, str]]:
    """(from, event, to, reason) of the table in the page; NONE where there is no reason."""
    section = PAGE.read_text().split("## States (ORD-4)")[1].split("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| ")
    ]
    found = set()
    for before, events, after, reasons in rows[1:]:
        for start in before.split(", "):
            for event in events.split(", "):
                ends = [start] if after == "as before" else re.findall(r"[A-Z_]+", after)
                found |= {(start, event, end, why) for end in ends for why in reasons_of(reasons)}
    return found


def reasons_of(cell: str) -> set[str]:
    """A cell's reasons, with its references to other words of the page resolved."""
    named = set(re.findall(r"[A-Z_]{3,}", cell)) - {"UNTRIGGERED", "PLACE"}
    named |= {reason.name for reason in REFUSALS} if "a refusal" in cell else set()
    named |= {reason.name for reason in BY_REQUEST} if "as UNTRIGGERED" in cell else set()
    named |= {reason.name for reason in OF_A_TAKER - {Reason.FOK_NOT_FILLABLE}} if "those of a taker" in cell else set()
    return named or {"NONE"}


def test_the_page_and_the_table_say_the_same() -> None:
    """Every transition with every reason."""
    table = {
        ("(none)" if before == NOWHERE else before.name, event.name, after.name, reason.name)
        for (before, event), ends in LEGAL.items()
        for after, reasons in ends.items()
        for reason in reasons
    }
    assert written() == table


def test_final_states_have_no_way_out() -> None:
    """FILLED, CANCELED, EXPIRED, REJECTED."""
    final = {OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.EXPIRED, OrderStatus.REJECTED}
    assert not {before for before, _ in LEGAL} & final


def test_another_transition_is_noticed() -> None:
    """The check can fail: a wrong way, and a wrong reason."""
    with pytest.raises(AssertionError):
        check_transition(OrderStatus.UNTRIGGERED, EventType.TRADE, OrderStatus.FILLED, Reason.NONE)
    with pytest.raises(AssertionError):
        check_transition(OrderStatus.NEW, EventType.CANCELED, OrderStatus.CANCELED, Reason.EXPIRY)


def states(market: Market, lines: list[str], order: str) -> list[str]:
    """The states of an order as the events of these lines tell them, repetitions left out."""
    seen: list[str] = []
    for line in lines:
        market.does(line)
        for event in market.events:
            if market.names.of(event.client_order_id) == order and event.type != EventType.ORDER_STATE:
                seen.append(OrderStatus(event.status).name)
    return [state for at, state in enumerate(seen) if at == 0 or state != seen[at - 1]]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["bob b1 sell 5 @ 100", "ann a1 buy 5 @ 100"], ["NEW", "FILLED"]),
        (["bob b1 sell 2 @ 100", "ann a1 buy 5 @ 100", "ann cancel a1"], ["NEW", "PARTIALLY_FILLED", "CANCELED"]),
        (["ann a1 buy 5 @ 100 IOC"], ["NEW", "EXPIRED"]),
        (["ann a1 buy 5 @ 0"], ["REJECTED"]),
        (
            ["prices mark=100", "bob b1 sell 9 @ 107", "ann a1 buy 5 STOP_MARKET trigger=105", "prices mark=105"],
            ["UNTRIGGERED", "TRIGGERED", "FILLED"],
        ),
        (
            ["prices mark=100", "ann a1 buy 5 STOP @ 106 trigger=105", "prices mark=105", "ann cancel a1"],
            ["UNTRIGGERED", "TRIGGERED", "NEW", "CANCELED"],
        ),
        (["prices mark=100", "ann a1 buy 5 STOP_MARKET trigger=105", "ann cancel a1"], ["UNTRIGGERED", "CANCELED"]),
    ],
)
def test_lives_of_orders(lines: list[str], expected: list[str]) -> None:
    """From the first event to the last."""
    assert states(Market(), lines, "a1") == expected


def test_every_event_has_its_sequence_and_time() -> None:
    """Of the command that caused it: a triggered order's are those of the tick."""
    m = Market()
    m.after("prices mark=100", "ann a1 buy 5 STOP_MARKET trigger=105")
    placed = m.events[0].sequence
    m.does("prices mark=105")
    triggered = next(event for event in m.events if event.type == EventType.TRIGGERED)
    assert (triggered.sequence, triggered.order_id) == (placed + 2, placed)

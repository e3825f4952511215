"""ORD-12: cancel-all by scope, and the orders of a session that is gone."""

from __future__ import annotations

import pytest

from tests.oracle.records import Command, CommandType
from tests.scenarios.market import Market

pytestmark = pytest.mark.rule("ORD-12")

GATEWAY_3 = 3 << 24


def many() -> Market:
    """ann: a plain order, one of group 1, a trigger, a quote in group 2; bob: one order."""
    m = Market()
    m.after("prices mark=100", "ann a1 buy 1 @ 90", "ann a2 sell 1 @ 110 group=1", "bob b1 buy 1 @ 89")
    m.after("ann s1 buy 1 STOP_MARKET trigger=120", "ann quote q1 2 @ 91 / 2 @ 109 group=2")
    return m


def gone(told: list[str]) -> list[str]:
    """Names of what was canceled, in order."""
    return [line.split()[0] for line in told if " CANCELED " in line]


@pytest.mark.parametrize(
    ("words", "canceled"),
    [
        ("", ["a1", "a2", "s1", "q1", "q1"]),
        ("buy", ["a1", "s1", "q1"]),
        ("sell", ["a2", "q1"]),
        ("scope=GROUP group=1", ["a2"]),
        ("scope=GROUP group=2", ["q1", "q1"]),
        ("scope=GROUP group=3", []),
        ("scope=QUOTES", ["q1", "q1"]),
        ("scope=QUOTES group=2", ["q1", "q1"]),
        ("scope=QUOTES group=1", []),
        ("sell scope=QUOTES", ["q1"]),
    ],
)
def test_scopes_of_an_account(words: str, canceled: list[str]) -> None:
    """Oldest first, triggers and quotes too; then the count."""
    told = many().does(f"ann cancel-all {words}")
    assert gone(told) == canceled
    assert told[-1] == f"CANCEL_ALL_DONE {len(canceled)}"
    assert all(line.endswith("MASS_CANCEL") for line in told[:-1])


def test_everyone() -> None:
    """The operator's: by account number, then age."""
    told = many().does("ops cancel-all scope=EVERYONE")
    assert gone(told) == ["a1", "a2", "s1", "q1", "q1", "b1"]
    assert all(line.endswith("OPERATOR") for line in told[:-1])


def test_a_session_that_is_gone() -> None:
    """What asked to go with it, and nothing else."""
    m = Market()
    m.after("ann a1 buy 1 @ 90 session=7", "ann a2 buy 1 @ 90", "ann a3 buy 1 @ 90 session=8")
    m.after("bob b1 buy 1 @ 90 session=7", "ann quote q1 1 @ 89 / 1 @ 110 session=7")
    told = m.does("ann cancel-all scope=SESSION session=7")
    assert gone(told) == ["a1", "q1", "q1"]
    assert all(line.endswith("DISCONNECT") for line in told[:-1])


def test_a_gateway_that_is_gone() -> None:
    """All of its sessions, of everybody."""
    m = Market()
    m.after(f"bob b1 buy 1 @ 90 session={GATEWAY_3 | 1}", f"ann a1 buy 1 @ 90 session={GATEWAY_3 | 2}")
    m.after("ann a2 buy 1 @ 90 session=1", "ann a3 buy 1 @ 90")
    told = m.does("ann cancel-all scope=GATEWAY gateway=3")
    assert gone(told) == ["b1", "a1"]
    assert m.queue("buy") == ["a2", "a3"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"scope": 6}, "INVALID_SCOPE"),
        ({"scope": 1, "group": 0}, "INVALID_GROUP"),
        ({"scope": 1, "group": 17}, "INVALID_GROUP"),
        ({"scope": 2, "group": 17}, "INVALID_GROUP"),
        ({"group": 1}, "INVALID_GROUP"),
        ({"side": 3}, "INVALID_SIDE"),
        ({"side": 255, "scope": 6, "group": 17}, "INVALID_SIDE"),
    ],
)
def test_scopes_that_are_none(fields: dict[str, int], reason: str) -> None:
    """Nothing is canceled: neither for a side that is none, nor for a group that the scope would not look at."""
    m = many()
    command = Command.of(CommandType.CANCEL_ALL, account=1, **fields)
    assert m.told(m.send(command)) == [f"REJECTED: {reason}"]

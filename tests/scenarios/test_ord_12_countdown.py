"""ORD-12: the dead man's switch."""

from __future__ import annotations

import pytest

from tests.scenarios.market import MS, Market

pytestmark = pytest.mark.rule("ORD-12")


def counting(ms: int = 5_000) -> Market:
    """ann has an order, a quote and a trigger, and a countdown; bob has an order."""
    m = Market()
    m.after("prices mark=100", "ann a1 buy 1 @ 90", "ann quote q1 1 @ 91 / 1 @ 109", "bob b1 buy 1 @ 89")
    m.after("ann s1 buy 1 STOP_MARKET trigger=120", f"ann countdown {ms}")
    return m


def test_everything_of_the_account_goes_at_the_deadline() -> None:
    """Not a millisecond before; then it is off."""
    m = counting()
    assert m.wait(4_999) == []
    assert m.wait(1) == [
        "a1 CANCELED 1 -> 0 @ 90, rests: COUNTDOWN",
        "q1 CANCELED 1 -> 0 @ 91, rests: COUNTDOWN",
        "q1 CANCELED 1 -> 0 @ 109, rests: COUNTDOWN",
        "s1 CANCELED 1 -> 0: COUNTDOWN",
        "COUNTDOWN_SET 0: COUNTDOWN",
    ]
    m.does("ann a2 buy 1 @ 90")
    assert m.wait(100_000) == []


def test_renewed_by_a_heartbeat() -> None:
    """Each one starts it anew."""
    m = counting()
    for _ in range(3):
        assert m.wait(4_000) == []
        assert m.does("ann countdown 5000") == ["COUNTDOWN_SET 5000"]
        assert m.events[0].deadline_ns == m.time_ns + 5_000 * MS
    assert len(m.wait(5_000)) == 5


def test_switched_off() -> None:
    """With 0."""
    m = counting()
    assert m.does("ann countdown 0") == ["COUNTDOWN_SET 0"]
    assert m.wait(100_000) == []


@pytest.mark.parametrize("ms", [-1, 86_400_001])
def test_at_most_a_day(ms: int) -> None:
    """And not backwards."""
    assert Market().does(f"ann countdown {ms}") == ["REJECTED: INVALID_COUNTDOWN"]


def test_not_in_a_halt_and_then_at_once() -> None:
    """A halt takes nothing off the book; the first tick after it does."""
    m = counting()
    m.does("phase HALT")
    assert m.wait(10_000) == []
    assert sum("COUNTDOWN" in line for line in m.does("phase CANCEL_ONLY")) == 5


def test_two_accounts_by_deadline() -> None:
    """The earlier deadline first, whatever the account's number."""
    m = Market()
    m.after("ann a1 buy 1 @ 90", "bob b1 buy 1 @ 90", "ann countdown 2000", "bob countdown 1000")
    assert [line.split()[0] for line in m.wait(3_000) if "CANCELED" in line] == ["b1", "a1"]


def test_an_idle_account_may_have_one() -> None:
    """It just ends."""
    m = Market()
    m.does("ann countdown 1000")
    assert m.wait(1_000) == ["COUNTDOWN_SET 0: COUNTDOWN"]


def test_it_counts_over_a_restart() -> None:
    """The deadline is part of the state."""
    m = counting()
    m.reload()
    assert len(m.wait(5_000)) == 5

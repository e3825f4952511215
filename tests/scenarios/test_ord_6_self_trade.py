"""ORD-6: self-trade prevention, by the taker's mode, within an account or a group."""

import pytest

from tests.scenarios.market import Market

pytestmark = pytest.mark.rule("ORD-6")


def crossing(mode: str, lots: int = 5, group: str = "") -> tuple[Market, list[str]]:
    """bob sells 3, then 4 of ann's own, then bob 9 more, all at 100; ann buys at 100."""
    m = Market()
    m.after("bob b1 sell 3 @ 100", f"ann a1 sell 4 @ 100 {group}", "bob b2 sell 9 @ 100")
    return m, m.does(f"ann a2 buy {lots} @ 100 stp={mode} {group}")[1:]


@pytest.mark.parametrize("mode", ["DEFAULT", "EXPIRE_TAKER"])
def test_expire_taker(mode: str) -> None:
    """The taker trades up to its own order, then expires; so does one that says nothing."""
    m, told = crossing(mode)
    assert told == ["TRADE 3 @ 100 of a2 with b1", "a2 EXPIRED 2 -> 0 @ 100: SELF_TRADE"]
    assert m.queue("sell") == ["a1", "b2"]


def test_expire_maker() -> None:
    """The own order in the way expires and the taker goes on behind it."""
    m, told = crossing("EXPIRE_MAKER")
    assert told == [
        "TRADE 3 @ 100 of a2 with b1",
        "a1 EXPIRED 4 -> 0 @ 100, rests: SELF_TRADE",
        "TRADE 2 @ 100 of a2 with b2",
    ]
    assert m.queue("sell") == ["b2"]


def test_expire_both() -> None:
    """Maker first, then taker."""
    m, told = crossing("EXPIRE_BOTH")
    assert told == [
        "TRADE 3 @ 100 of a2 with b1",
        "a1 EXPIRED 4 -> 0 @ 100, rests: SELF_TRADE",
        "a2 EXPIRED 2 -> 0 @ 100: SELF_TRADE",
    ]
    assert m.queue("sell") == ["b2"]


@pytest.mark.parametrize(
    ("lots", "then"),
    [
        (5, ["a1 REDUCED 4 -> 2 @ 100, rests: SELF_TRADE", "a2 EXPIRED 2 -> 0 @ 100: SELF_TRADE"]),
        (7, ["a1 EXPIRED 4 -> 0 @ 100, rests: SELF_TRADE", "a2 EXPIRED 4 -> 0 @ 100: SELF_TRADE"]),
        (
            8,
            [
                "a1 EXPIRED 4 -> 0 @ 100, rests: SELF_TRADE",
                "a2 REDUCED 5 -> 1 @ 100: SELF_TRADE",
                "TRADE 1 @ 100 of a2 with b2",
            ],
        ),
    ],
)
def test_decrement(lots: int, then: list[str]) -> None:
    """Both lose the smaller quantity; who has nothing left expires; nobody trades with himself."""
    m, told = crossing("DECREMENT", lots)
    assert told == ["TRADE 3 @ 100 of a2 with b1", *then]
    assert m.position("ann") + m.position("bob") == 0


def test_a_decremented_maker_keeps_its_place() -> None:
    """Its total is lowered too, so that a fill of the rest completes it."""
    m, _ = crossing("DECREMENT", 5)
    assert m.queue("sell") == ["a1", "b2"]
    assert m.does("cat c1 buy 2 @ 100")[1:] == ["TRADE 2 @ 100 of c1 with a1"]
    assert m.does("ann ask a1") == ["a1 ORDER_STATE 0 @ 100"]


def test_none_trades_and_moves_no_position() -> None:
    """Mode NONE lets an account trade with itself: a trade event, no change of position."""
    m, told = crossing("NONE")
    assert told == ["TRADE 3 @ 100 of a2 with b1", "TRADE 2 @ 100 of a2 with a1"]
    assert (m.position("ann"), m.position("bob")) == (3, -3)
    assert (m.events[-1].position, m.events[-1].maker_position) == (3, 3)


def test_the_takers_mode_decides() -> None:
    """The maker's mode is of no account."""
    m = Market()
    m.does("ann a1 sell 4 @ 100 stp=NONE")
    assert m.does("ann a2 buy 4 @ 100")[1:] == ["a2 EXPIRED 4 -> 0 @ 100: SELF_TRADE"]
    m = Market()
    m.does("ann a1 sell 4 @ 100 stp=EXPIRE_BOTH")
    assert m.does("ann a2 buy 4 @ 100 stp=NONE")[1:] == ["TRADE 4 @ 100 of a2 with a1"]


@pytest.mark.parametrize(("ours", "theirs", "prevented"), [(1, 1, True), (1, 2, False), (0, 0, False), (1, 0, False)])
def test_groups(ours: int, theirs: int, prevented: bool) -> None:
    """Two accounts are one group when both name the same group and it is not 0."""
    m = Market()
    m.does(f"bob b1 sell 4 @ 100 stp-group={theirs}")
    told = m.does(f"ann a1 buy 4 @ 100 stp-group={ours}")[1:]
    assert told == (["a1 EXPIRED 4 -> 0 @ 100: SELF_TRADE"] if prevented else ["TRADE 4 @ 100 of a1 with b1"])


def test_an_account_is_a_group_whatever_groups_it_names() -> None:
    """Different group numbers do not part an account's own orders."""
    m = Market()
    m.does("ann a1 sell 4 @ 100 stp-group=1")
    assert m.does("ann a2 buy 4 @ 100 stp-group=2")[1:] == ["a2 EXPIRED 4 -> 0 @ 100: SELF_TRADE"]

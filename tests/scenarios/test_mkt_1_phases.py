"""MKT-1: what each phase allows, cell by cell of the table in docs/rules/venue.md."""

from __future__ import annotations

import pytest

from tests.oracle.records import Command, CommandType, EventType, Phase, Reason, Rules
from tests.scenarios.market import Market

pytestmark = pytest.mark.rule("MKT-1")

PHASES = ("HALT", "CANCEL_ONLY", "POST_ONLY", "AUCTION", "OPEN", "REDUCE_ONLY", "SETTLEMENT")
ALL = set(PHASES)
NOT_IN_HALT = ALL - {"HALT"}
TABLE: dict[str, set[str]] = {  # a command: the phases that carry it out
    "bob n buy 1 @ 90": {"AUCTION", "OPEN"},
    "bob n buy 1 @ 90 GTD expires=1000": {"AUCTION", "OPEN"},
    "bob n buy 1 @ 90 GTX": {"POST_ONLY", "OPEN"},
    "bob n buy 1 @ 90 GTX_SLIDE": {"POST_ONLY", "OPEN"},
    "bob n buy 1 @ 90 IOC": {"OPEN"},
    "bob n buy 1 @ 90 FOK": {"OPEN"},
    "ann n sell 1 @ 111 reduce-only": {"AUCTION", "OPEN", "REDUCE_ONLY"},
    "ann n sell 1 @ 90 IOC reduce-only": {"OPEN", "REDUCE_ONLY"},
    "ann n sell 1 @ 111 GTX reduce-only": {"POST_ONLY", "OPEN", "REDUCE_ONLY"},
    "bob n buy 1": {"OPEN"},
    "ann n sell 1 reduce-only": {"OPEN", "REDUCE_ONLY"},
    "bob n buy 1 STOP_MARKET trigger=105": {"POST_ONLY", "AUCTION", "OPEN"},
    "bob n buy 1 STOP @ 106 trigger=105": {"POST_ONLY", "AUCTION", "OPEN"},
    "bob n buy 1 TRAILING_STOP callback=100": {"POST_ONLY", "AUCTION", "OPEN"},
    "ann n sell 1 STOP_MARKET trigger=95 reduce-only": {"POST_ONLY", "AUCTION", "OPEN", "REDUCE_ONLY"},
    "ann n sell 0 STOP_MARKET trigger=95 close-position": {"POST_ONLY", "AUCTION", "OPEN", "REDUCE_ONLY"},
    "bob replace b1 with n buy 1 @ 89": {"AUCTION", "OPEN"},
    "bob replace b1 with n buy 1 @ 89 GTX": {"POST_ONLY", "OPEN"},
    "ann replace r1 with n sell 1 @ 112 reduce-only": {"AUCTION", "OPEN", "REDUCE_ONLY"},
    "mm quote q1 5 @ 88 / 5 @ 112": {"AUCTION", "OPEN"},
    "mm quote q1 5 @ 88 / 5 @ 112 GTX": {"POST_ONLY", "OPEN"},
    "mm quote q9 0 @ 0 / 0 @ 0": NOT_IN_HALT,
    "bob amend b1 price=91": {"POST_ONLY", "AUCTION", "OPEN"},
    "bob amend b1 price=100": {"AUCTION", "OPEN"},
    "bob amend b1 quantity=4": {"POST_ONLY", "AUCTION", "OPEN"},
    "ann amend r1 price=109": {"POST_ONLY", "AUCTION", "OPEN", "REDUCE_ONLY"},
    "bob cancel b1": NOT_IN_HALT,
    "ann cancel-all": NOT_IN_HALT,
    "ops cancel-all scope=EVERYONE": NOT_IN_HALT,
    "bob countdown 1000": NOT_IN_HALT,
    "mm protect 1 window=1000 fills=3": NOT_IN_HALT,
    "mm reset 2": NOT_IN_HALT,
    "zed mode HEDGE": NOT_IN_HALT,
    "phase HALT": ALL,
    "prices mark=101": ALL,
    "tick": ALL,
    "ann ask r1": ALL,
    "ann list": ALL,
    "depth": ALL,
}


def prepared(phase: str) -> Market:
    """ann is long 5 with r1 to reduce it, bob bids b1 at 90, hal asks 45 at 100; no ticks."""
    m = Market()
    m.after("prices mark=100 index=100", "hal h1 sell 50 @ 100", "ann a0 buy 5 @ 100", "bob b1 buy 5 @ 90")
    m.after("ann r1 sell 5 @ 110 reduce-only", "mm protect 2 window=1000 fills=9")
    m.ticks = False
    m.does(f"phase {phase}")
    return m


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("line", TABLE)
def test_allowed_commands_are_one_table(line: str, phase: str) -> None:
    """Each command in each phase: carried out, or refused with the phase as the reason."""
    m = prepared(phase)
    told = m.does(line)
    refused = any("REJECTED" in words for words in told)
    assert refused == (phase not in TABLE[line]), told
    if refused:
        crossing = phase == "POST_ONLY" and line == "bob amend b1 price=100"
        assert m.events[0].reason == (Reason.POST_ONLY_WOULD_CROSS if crossing else Reason.PHASE_FORBIDS)


@pytest.mark.parametrize("phase", PHASES)
def test_definitions_are_taken_in_every_phase(phase: str) -> None:
    """Also before the first."""
    assert [event.type for event in prepared(phase).send(Rules())] == [EventType.INSTRUMENT_DEFINED]


@pytest.mark.parametrize("phase", PHASES)
def test_matching(phase: str) -> None:
    """Only OPEN and REDUCE_ONLY trade."""
    m = prepared(phase)
    lines = ("ann m1 sell 1 @ 90 reduce-only", "bob amend b1 price=100")
    traded = any("TRADE" in words for line in lines for words in m.does(line))
    assert traded == (phase in ("OPEN", "REDUCE_ONLY"))


@pytest.mark.parametrize("phase", PHASES)
def test_triggers(phase: str) -> None:
    """Only OPEN and REDUCE_ONLY fire."""
    m = Market()
    m.after("prices mark=100", "hal h1 sell 50 @ 100", "ann a0 buy 5 @ 100", "bob b1 buy 9 @ 90")
    m.after("ann s1 sell 5 STOP_MARKET trigger=95 reduce-only", f"phase {phase}")
    fired = any("TRIGGERED" in words for words in m.does("prices mark=95"))
    assert fired == (phase in ("OPEN", "REDUCE_ONLY"))


@pytest.mark.parametrize("phase", PHASES)
def test_expiry(phase: str) -> None:
    """In every phase but HALT; in SETTLEMENT everything is gone before."""
    m = Market()
    m.after("bob b1 buy 5 @ 90 GTD expires=1000", f"phase {phase}")
    expired = "b1 EXPIRED 5 -> 0 @ 90, rests: EXPIRY" in m.wait(1_000)
    assert expired == (phase not in ("HALT", "SETTLEMENT"))


def test_settlement_takes_everything_off() -> None:
    """By account, then age; triggers too."""
    m = Market()
    m.after("prices mark=100", "bob b1 buy 5 @ 90", "ann a1 buy 5 @ 91", "bob s1 buy 1 STOP_MARKET trigger=105")
    assert m.does("phase SETTLEMENT") == [
        "PHASE_CHANGED SETTLEMENT",
        "b1 CANCELED 5 -> 0 @ 90, rests: SETTLEMENT",
        "s1 CANCELED 1 -> 0: SETTLEMENT",
        "a1 CANCELED 5 -> 0 @ 91, rests: SETTLEMENT",
    ]


def test_a_symbol_begins_in_halt() -> None:
    """Before its instrument is defined it cannot leave HALT; afterwards it still has to be opened."""
    m = Market(opened=False)
    assert m.does("phase OPEN") == ["REJECTED: INVALID_INSTRUMENT"]
    assert m.does("ann a1 buy 1 @ 100") == ["a1 REJECTED 0 @ 100: PHASE_FORBIDS"]


@pytest.mark.parametrize("phase", [0, 8, 255])
def test_unknown_phases(phase: int) -> None:
    """Refused; the phase stays."""
    m = Market()
    (event,) = m.send(Command.of(CommandType.SET_PHASE, phase=phase))
    assert (event.type, event.reason) == (EventType.REJECTED, Reason.INVALID_PHASE)
    assert m.oracle.phase == Phase.OPEN


def test_the_same_phase_again_is_an_event() -> None:
    """With the reason that the operator gave."""
    m = Market()
    (event,) = m.send(Command.of(CommandType.SET_PHASE, phase=Phase.OPEN, reason=Reason.OPERATOR))
    assert (event.type, event.phase, event.reason) == (EventType.PHASE_CHANGED, Phase.OPEN, Reason.OPERATOR)


def test_orders_outlive_phases() -> None:
    """A halt takes nothing off the book."""
    m = Market()
    m.after("ann a1 sell 5 @ 100", "phase HALT", "phase CANCEL_ONLY", "phase POST_ONLY", "phase OPEN")
    assert m.depth() == ["sell 5 @ 100 in 1"]

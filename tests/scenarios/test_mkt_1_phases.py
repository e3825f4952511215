"""MKT-1: what each phase allows."""

import pytest

from tests.oracle.records import Command, CommandType, EventType, Phase, Reason
from tests.scenarios.market import Market

pytestmark = pytest.mark.rule("MKT-1")

ALLOWED = {  # phase: GTC order, GTX order, amend that does not cross, amend that crosses, cancel, cancel-all
    "HALT": (False, False, False, False, False, False),
    "CANCEL_ONLY": (False, False, False, False, True, True),
    "POST_ONLY": (False, True, True, False, True, True),
    "OPEN": (True, True, True, True, True, True),
}
TRIED = (
    "bob b2 buy 1 @ 90",
    "bob b3 buy 1 @ 90 GTX",
    "bob amend b1 price=91",
    "bob amend b1 price=100",
    "bob cancel b1",
    "ann cancel-all",
)


@pytest.mark.parametrize("phase", ALLOWED)
@pytest.mark.parametrize("number", range(len(TRIED)), ids=lambda number: TRIED[number])
def test_allowed_commands_are_one_table(phase: str, number: int) -> None:
    """Each command in each phase: carried out, or refused with the phase as the reason."""
    m = Market()
    m.after("ann a1 sell 5 @ 100", "bob b1 buy 5 @ 90", f"phase {phase}")
    refused = "REJECTED" in m.does(TRIED[number])[0]
    assert refused != ALLOWED[phase][number]
    if refused:
        crossing = phase == "POST_ONLY" and number == 3
        expected = Reason.POST_ONLY_WOULD_CROSS if crossing else Reason.PHASE_FORBIDS
        assert m.events[0].reason == expected


@pytest.mark.parametrize("phase", ALLOWED)
def test_queries_are_always_answered(phase: str) -> None:
    """Reading needs no phase."""
    m = Market()
    m.after("ann a1 sell 5 @ 100", f"phase {phase}")
    assert m.does("ann ask a1") == ["a1 ORDER_STATE 5 @ 100"]
    assert m.does("ann list") == ["a1 ORDER_STATE 5 @ 100", "OPEN_ORDERS_END 1"]
    assert m.does("depth") == ["sell 5 @ 100 in 1", f"DEPTH_END {phase}"]


def test_a_symbol_begins_in_halt() -> None:
    """Before its instrument is defined it cannot leave HALT; afterwards it still has to be opened."""
    m = Market(opened=False)
    assert m.does("phase OPEN") == ["REJECTED: INVALID_INSTRUMENT"]
    assert m.does("ann a1 buy 1 @ 100") == ["a1 REJECTED 0 @ 100: PHASE_FORBIDS"]


@pytest.mark.parametrize("phase", [0, 5, 255])
def test_unknown_phases(phase: int) -> None:
    """Refused; the phase stays."""
    m = Market()
    (event,) = m.send(Command(CommandType.SET_PHASE, phase=phase))
    assert (event.type, event.reason) == (EventType.REJECTED, Reason.INVALID_PHASE)
    assert m.oracle.phase == Phase.OPEN


def test_the_same_phase_again_is_an_event() -> None:
    """With the reason that the operator gave."""
    m = Market()
    (event,) = m.send(Command(CommandType.SET_PHASE, phase=Phase.OPEN, reason=Reason.OPERATOR))
    assert (event.type, event.phase, event.reason) == (EventType.PHASE_CHANGED, Phase.OPEN, Reason.OPERATOR)


def test_orders_outlive_phases() -> None:
    """A halt takes nothing off the book."""
    m = Market()
    m.after("ann a1 sell 5 @ 100", "phase HALT", "phase CANCEL_ONLY", "phase POST_ONLY", "phase OPEN")
    assert m.depth() == ["sell 5 @ 100 in 1"]

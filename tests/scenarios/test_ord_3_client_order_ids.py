"""ORD-3: client order ids are unique per account among open and remembered orders."""

import pytest

from tests.oracle.records import Command, CommandType, EventType, Reason
from tests.scenarios.market import Market

pytestmark = pytest.mark.rule("ORD-3")


def test_the_same_request_again_returns_the_order_as_it_is() -> None:
    """Nothing happens twice; the answer shows what has become of the order."""
    m = Market()
    place = "ann a1 buy 5 @ 100"
    m.does(place)
    assert m.does(place) == ["a1 ORDER_STATE 5 @ 100, again"]
    m.does("bob b1 sell 2 @ 100")
    assert m.does(place) == ["a1 ORDER_STATE 3 @ 100, again"]
    m.does("ann cancel a1")
    assert m.does(place) == ["a1 ORDER_STATE 0 @ 100, again: USER_REQUEST"]
    assert m.depth() == []


def test_a_refusal_is_the_original_result_too() -> None:
    """A refused order is remembered with its reason, even when the request would be fine by now."""
    m = Market()
    m.does("phase CANCEL_ONLY")
    assert m.does("ann a1 buy 5 @ 100") == ["a1 REJECTED 0 @ 100: PHASE_FORBIDS"]
    m.does("phase OPEN")
    assert m.does("ann a1 buy 5 @ 100") == ["a1 ORDER_STATE 0 @ 100, again: PHASE_FORBIDS"]


@pytest.mark.parametrize(
    "other",
    [
        *("sell 5 @ 100", "buy 6 @ 100", "buy 5 @ 101", "buy 5 @ 100 IOC", "buy 5 @ 100 reduce-only", "buy 5"),
        *("buy 5 @ 100 stp=NONE", "buy 5 @ 100 stp=EXPIRE_TAKER", "buy 5 @ 100 stp-group=1"),
    ],
)
def test_another_body_is_refused(other: str) -> None:
    """Every field of the body counts as it was sent: EXPIRE_TAKER is not the same as the default that means it."""
    m = Market()
    m.does("ann a1 buy 5 @ 100")
    told = m.does(f"ann a1 {other}")
    assert len(told) == 1
    assert told[0].endswith("DUPLICATE_CLIENT_ORDER_ID")
    assert m.events[0].order_id == 0
    assert m.depth() == ["buy 5 @ 100 in 1"]


def test_the_body_is_what_was_sent_not_what_became_of_it() -> None:
    """An amend does not change what a repeated request is compared with."""
    m = Market()
    m.after("ann a1 buy 5 @ 100", "ann amend a1 price=99 quantity=4")
    assert m.does("ann a1 buy 5 @ 100") == ["a1 ORDER_STATE 4 @ 99, again"]
    assert m.does("ann a1 buy 4 @ 99") == ["a1 REJECTED 0 @ 99: DUPLICATE_CLIENT_ORDER_ID"]


def test_accounts_have_their_own_ids() -> None:
    """The same number from another account is another order."""
    m = Market()
    m.does("ann x buy 5 @ 100")
    assert m.does("bob x buy 5 @ 100") == ["x ACCEPTED 5 @ 100, rests"]


def test_zero_is_no_id() -> None:
    """Refused before anything else, and not remembered."""
    m = Market(opened=False)
    for _ in range(2):
        (event,) = m.send(Command(CommandType.PLACE, account=1))
        assert (event.type, event.reason, event.order_id) == (EventType.REJECTED, Reason.INVALID_CLIENT_ORDER_ID, 0)


def test_what_is_forgotten_may_be_used_again() -> None:
    """With room for two ended orders, the third to end makes the first a new id again."""
    m = Market(retained_max=2)
    m.after("ann a1 buy 5 @ 100", "ann a2 buy 5 @ 99", "ann cancel a2", "ann cancel a1")
    assert m.does("ann a1 buy 5 @ 100") == ["a1 ORDER_STATE 0 @ 100, again: USER_REQUEST"]
    m.after("ann a3 buy 5 @ 98", "ann cancel a3")
    assert m.does("ann a1 buy 5 @ 100") == ["a1 ORDER_STATE 0 @ 100, again: USER_REQUEST"]
    assert m.does("ann a2 buy 5 @ 99") == ["a2 ACCEPTED 5 @ 99, rests"]


def test_remembered_over_a_reload() -> None:
    """Ids survive in the state."""
    m = Market()
    m.after("ann a1 buy 5 @ 100", "ann a2 buy 1 @ 100 IOC")
    m.reload()
    assert m.does("ann a1 buy 5 @ 100") == ["a1 ORDER_STATE 5 @ 100, again"]
    assert m.does("ann a2 buy 1 @ 100 IOC") == ["a2 ORDER_STATE 0 @ 100, again: IOC_REMAINDER"]

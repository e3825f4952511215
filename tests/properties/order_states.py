"""The table of docs/rules/orders.md, States (ORD-4), and a check of an event against it."""

from __future__ import annotations

from tests.oracle.records import EventType, OrderStatus, Reason

E, S, R = EventType, OrderStatus, Reason
NOWHERE = S.NONE  # an order that is not there yet
NO_REASON = frozenset({R.NONE})
BY_REQUEST = frozenset(
    {
        *(R.USER_REQUEST, R.REPLACED, R.MASS_CANCEL, R.DISCONNECT, R.OPERATOR, R.COUNTDOWN),
        *(R.MARKET_MAKER_PROTECTION, R.SETTLEMENT),
    }
)
OF_A_TAKER = frozenset(
    {R.IOC_REMAINDER, R.MARKET_REMAINDER, R.PRICE_BAND_REACHED, R.FILL_LIMIT, R.SELF_TRADE, R.FOK_NOT_FILLABLE}
)
AT_TRIGGER = frozenset({R.REDUCE_ONLY, R.PHASE_ENDED, R.MARKET_MAKER_PROTECTION, R.POST_ONLY_WOULD_CROSS})
LOWERED = frozenset({R.SELF_TRADE, R.REDUCE_ONLY})
REFUSALS = frozenset(reason for reason in R if 100 <= reason < 200)
IN_THE_MARKET = (S.NEW, S.PARTIALLY_FILLED)

# (status before, event) -> status after -> reasons
LEGAL: dict[tuple[OrderStatus, EventType], dict[OrderStatus, frozenset[Reason]]] = {
    (NOWHERE, E.REJECTED): {S.REJECTED: REFUSALS},
    (NOWHERE, E.ACCEPTED): {S.NEW: NO_REASON, S.UNTRIGGERED: NO_REASON},
    (S.UNTRIGGERED, E.AMENDED): {S.UNTRIGGERED: NO_REASON},
    (S.UNTRIGGERED, E.TRAILING_ACTIVATED): {S.UNTRIGGERED: NO_REASON},
    (S.UNTRIGGERED, E.TRIGGERED): {S.TRIGGERED: NO_REASON},
    (S.UNTRIGGERED, E.CANCELED): {S.CANCELED: BY_REQUEST},
    (S.UNTRIGGERED, E.EXPIRED): {S.EXPIRED: frozenset({R.EXPIRY})},
    (S.TRIGGERED, E.EXPIRED): {S.EXPIRED: OF_A_TAKER | AT_TRIGGER},
    (S.TRIGGERED, E.REDUCED): {S.TRIGGERED: frozenset({R.SELF_TRADE})},
    (S.TRIGGERED, E.RESTED): {S.NEW: NO_REASON},
    (S.PARTIALLY_FILLED, E.CANCELED): {S.CANCELED: BY_REQUEST | {R.AMEND_BELOW_FILLED}},
    (S.NEW, E.CANCELED): {S.CANCELED: BY_REQUEST},
    (S.NEW, E.EXPIRED): {S.EXPIRED: OF_A_TAKER | {R.REDUCE_ONLY, R.EXPIRY}},
    (S.PARTIALLY_FILLED, E.EXPIRED): {S.EXPIRED: OF_A_TAKER - {R.FOK_NOT_FILLABLE} | {R.REDUCE_ONLY, R.EXPIRY}},
    **{
        (status, E.TRADE): {S.PARTIALLY_FILLED: NO_REASON, S.FILLED: NO_REASON}
        for status in (S.TRIGGERED, *IN_THE_MARKET)
    },
    **{(status, kind): {status: NO_REASON} for status in IN_THE_MARKET for kind in (E.AMENDED, E.RESTED)},
    **{(status, E.REDUCED): {status: LOWERED} for status in IN_THE_MARKET},
}


def check_transition(before: int, kind: int, after: int, reason: int) -> None:
    """Raises AssertionError when the table does not know it."""
    step = f"{S(before).name} to {S(after).name} by {E(kind).name}"
    reasons = LEGAL.get((S(before), E(kind)), {}).get(S(after))
    assert reasons is not None, f"no such transition: {step}"
    assert reason in reasons, f"{step} for {R(reason).name}"

"""What can go wrong, as one tree::

    TidegateError
    ├── Refused                     the venue said no; has reason, outcome and retry_delay_s
    │   ├── Busy                    queue, sessions or connections past a limit: try again after retry_delay_s
    │   │   └── RateLimited         a rate or the order-to-trade policy of the API key
    │   ├── Unavailable             the symbol's engine is away, or the gateway is about to close
    │   ├── Unauthenticated         no API key, or one that is not valid
    │   ├── PermissionDenied        the key may not do this
    │   ├── NotFound                no such order, symbol or account (of yours)
    │   ├── AlreadyExists           the name or the client order id is taken by something else
    │   ├── Invalid                 the request can't be right: message, field, price, quantity, combination
    │   ├── Rejected                a rule of the market: phase, post-only, reduce-only, limits, closed order
    │   └── CannotResume            the sequence asked for is no longer, or not yet, there
    ├── OutcomeUnknown              no answer came, in time or before the session's end; `order()` of its ids tells
    ├── ConnectionLost              the venue can't be reached, and nothing was in doubt
    ├── ProtocolError               the venue sent what the contract forbids
    └── SessionClosed               the session was closed before this call

A price that is not on a tick, or a quantity that is not on a lot, is a ``ValueError`` before anything is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tidegate_client.enums import Outcome, Reason


class TidegateError(Exception):
    """Root of the tree."""


class Refused(TidegateError):  # noqa: N818 - the field's own word
    """The venue refused a request. `outcome` says whether anything changed; NOT_APPLIED unless stated. `details` is
    what else the venue says, by the names in docs/api.md: the state of the limits, for example."""

    def __init__(
        self,
        message: str = "",
        *,
        reason: Reason = Reason.UNSPECIFIED,
        outcome: Outcome = Outcome.NOT_APPLIED,
        retry_delay_s: float = 0.0,
        sequence: int = 0,
        details: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message or reason.name)
        self.reason = reason
        self.outcome = outcome
        self.retry_delay_s = retry_delay_s
        self.sequence = sequence
        self.details = dict(details or {})


class Busy(Refused):
    """Past a limit now; `retry_delay_s` says when to try again."""


class RateLimited(Busy):
    """Past a rate of the API key (rule LIM-2), or its orders per trade (rule LIM-3)."""


class Unavailable(Refused):
    """The symbol's engine, or this gateway, is away for the moment."""


class Unauthenticated(Refused):
    """No API key, or one that is not valid."""


class PermissionDenied(Refused):
    """The API key may not do this."""


class NotFound(Refused):
    """No such order, symbol or account (of yours)."""


class AlreadyExists(Refused):
    """Known already, with another body."""


class Invalid(Refused):
    """The request can't be right, whenever it is sent."""


class Rejected(Refused):
    """A rule of the market refuses it as things are."""


class CannotResume(Refused):
    """The sequence to resume from, or to be told as of, is no longer kept, or lies ahead of the newest."""


class OutcomeUnknown(TidegateError):  # noqa: N818
    """These commands were not answered in time, or before the session ended; `order()` by client order id tells."""

    def __init__(self, message: str, client_order_ids: Sequence[int] = ()) -> None:
        super().__init__(message)
        self.client_order_ids = tuple(client_order_ids)


class ConnectionLost(TidegateError):  # noqa: N818
    """The venue can't be reached."""


class ProtocolError(TidegateError):
    """The venue sent what the contract forbids."""


class SessionClosed(TidegateError):  # noqa: N818
    """The session was closed before this call."""


_BY_REASON: dict[Reason, type[Refused]] = {
    Reason.VENUE_BUSY: Busy,
    Reason.TOO_MANY_SESSIONS: Busy,
    Reason.TOO_MANY_CONNECTIONS: Busy,
    Reason.RATE_LIMITED: RateLimited,
    Reason.ORDER_TO_TRADE: RateLimited,
    Reason.LEDGER_UNAVAILABLE: Unavailable,
    Reason.HISTORY_UNAVAILABLE: Unavailable,
    Reason.DELISTED: NotFound,
    Reason.INVALID_FIELD: Invalid,
    Reason.SYMBOL_UNAVAILABLE: Unavailable,
    Reason.DRAINING: Unavailable,
    Reason.UNAUTHENTICATED: Unauthenticated,
    Reason.PERMISSION_DENIED: PermissionDenied,
    Reason.UNKNOWN_SYMBOL: NotFound,
    Reason.UNKNOWN_ACCOUNT: NotFound,
    Reason.UNKNOWN_ORDER: NotFound,
    Reason.DUPLICATE_CLIENT_ORDER_ID: AlreadyExists,
    Reason.SEQUENCE_NOT_RETAINED: CannotResume,
    Reason.SEQUENCE_AHEAD: CannotResume,
    Reason.MALFORMED_MESSAGE: Invalid,
    Reason.MISSING_FIELD: Invalid,
    Reason.TOO_MANY_ITEMS: Invalid,
}

_INVALID = frozenset(
    {
        Reason.INVALID_SIDE,
        Reason.INVALID_ORDER_TYPE,
        Reason.INVALID_TIME_IN_FORCE,
        Reason.INVALID_COMBINATION,
        Reason.INVALID_STP_MODE,
        Reason.PRICE_OUT_OF_RANGE,
        Reason.QUANTITY_OUT_OF_RANGE,
        Reason.MARKET_QUANTITY_OUT_OF_RANGE,
        Reason.NOTIONAL_TOO_SMALL,
        Reason.NOTIONAL_OVERFLOW,
        Reason.INVALID_CLIENT_ORDER_ID,
        Reason.INVALID_PHASE,
        Reason.INVALID_INSTRUMENT,
        Reason.INVALID_TRIGGER,
        Reason.INVALID_EXPIRY,
        Reason.INVALID_DISPLAY,
        Reason.INVALID_POSITION_SIDE,
        Reason.INVALID_GROUP,
        Reason.INVALID_SCOPE,
        Reason.INVALID_COUNTDOWN,
        Reason.INVALID_PRICE,
        Reason.INVALID_POSITION_MODE,
        Reason.QUOTE_CROSSED,
        Reason.NOT_AMENDABLE,
    }
)


def class_of(reason: Reason) -> type[Refused]:
    """The class of the tree that a refusal with this reason is raised as."""
    known = _BY_REASON.get(reason)
    if known is not None:
        return known
    if reason in _INVALID:
        return Invalid
    return Rejected if 100 <= reason < 200 else Refused

"""The words of the contract, with its numbers. A number that is newer than this client keeps its value."""

from __future__ import annotations

from enum import IntEnum
from typing import Self


class _Word(IntEnum):
    """An enum that takes numbers which it does not know yet, so that an old client can follow a new venue."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, int):
            return None
        word = int.__new__(cls, value)
        word._name_ = f"UNKNOWN_{value}"
        word._value_ = value
        return word


class Side(_Word):
    """Side of an order, or of the aggressor in a trade."""

    UNSPECIFIED = 0
    BUY = 1
    SELL = 2

    @property
    def opposite(self) -> Side:
        """The other side."""
        return Side.SELL if self is Side.BUY else Side.BUY

    @property
    def sign(self) -> int:
        """+1 for BUY, -1 for SELL."""
        return 1 if self is Side.BUY else -1


class OrderType(_Word):
    """Type of an order (rule ORD-1)."""

    UNSPECIFIED = 0
    LIMIT = 1
    MARKET = 2


class TimeInForce(_Word):
    """How long an order lives (rule ORD-1)."""

    UNSPECIFIED = 0
    GTC = 1
    IOC = 2
    FOK = 3
    GTX = 4


class SelfTradePrevention(_Word):
    """What happens when an order would trade with its own account or group (rule ORD-6)."""

    UNSPECIFIED = 0
    NONE = 1
    EXPIRE_TAKER = 2
    EXPIRE_MAKER = 3
    EXPIRE_BOTH = 4
    DECREMENT = 5


class OrderStatus(_Word):
    """State of an order (rule ORD-4)."""

    UNSPECIFIED = 0
    PENDING_NEW = 1
    NEW = 2
    PARTIALLY_FILLED = 3
    FILLED = 4
    CANCELED = 5
    EXPIRED = 6
    REJECTED = 7

    @property
    def is_open(self) -> bool:
        """Whether the order can still trade."""
        return self in (OrderStatus.PENDING_NEW, OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED)


class Phase(_Word):
    """Phase of a symbol (rule MKT-1)."""

    UNSPECIFIED = 0
    HALT = 1
    CANCEL_ONLY = 2
    POST_ONLY = 3
    OPEN = 4


class ReportKind(_Word):
    """What a report says."""

    UNSPECIFIED = 0
    ACCEPTED = 1
    REJECTED = 2
    TRADE = 3
    RESTED = 4
    CANCELED = 5
    EXPIRED = 6
    AMENDED = 7
    REDUCED = 8
    CANCEL_ALL_DONE = 9
    PHASE_CHANGED = 10
    INSTRUMENT_DEFINED = 11
    ORDER_STATE = 32


class Outcome(_Word):
    """What became of a request (rule API-1)."""

    UNSPECIFIED = 0
    NOT_APPLIED = 1
    APPLIED = 2
    UNKNOWN = 3


class Reason(_Word):
    """Why a request was refused (1-199) or an order changed (200 and up)."""

    UNSPECIFIED = 0
    MALFORMED_MESSAGE = 1
    UNKNOWN_SYMBOL = 2
    UNAUTHENTICATED = 3
    PERMISSION_DENIED = 4
    VENUE_BUSY = 5
    TOO_MANY_ITEMS = 6
    MISSING_FIELD = 7
    DRAINING = 8
    SYMBOL_UNAVAILABLE = 9
    TOO_MANY_SESSIONS = 10
    SLOW_READER = 11
    SEQUENCE_NOT_RETAINED = 12
    UNKNOWN_ACCOUNT = 13
    INTERNAL = 14
    SEQUENCE_AHEAD = 15
    ACCOUNT_EXISTS = 16
    UNKNOWN_ASSET = 17
    INVALID_AMOUNT = 18
    DUPLICATE_DEPOSIT_ID = 19
    INVALID_FIELD = 20
    LEDGER_UNAVAILABLE = 21
    PHASE_FORBIDS = 100
    ACCOUNT_TABLE_FULL = 101
    INVALID_SIDE = 102
    INVALID_ORDER_TYPE = 103
    INVALID_TIME_IN_FORCE = 104
    INVALID_COMBINATION = 105
    INVALID_STP_MODE = 106
    PRICE_OUT_OF_RANGE = 107
    QUANTITY_OUT_OF_RANGE = 108
    MARKET_QUANTITY_OUT_OF_RANGE = 109
    NOTIONAL_TOO_SMALL = 110
    TOO_MANY_OPEN_ORDERS = 111
    REDUCE_ONLY_REJECTED = 112
    POST_ONLY_WOULD_CROSS = 113
    DUPLICATE_CLIENT_ORDER_ID = 114
    BOOK_FULL = 115
    UNKNOWN_ORDER = 116
    ORDER_CLOSED = 117
    NOTHING_TO_AMEND = 118
    INVALID_CLIENT_ORDER_ID = 119
    INVALID_PHASE = 120
    INVALID_INSTRUMENT = 121
    NOTIONAL_OVERFLOW = 122
    POSITION_LIMIT = 123
    USER_REQUEST = 200
    IOC_REMAINDER = 201
    FOK_NOT_FILLABLE = 202
    SELF_TRADE = 203
    REDUCE_ONLY = 204
    AMEND_BELOW_FILLED = 205
    MASS_CANCEL = 206
    MARKET_REMAINDER = 207
    FILL_LIMIT = 208
    OPERATOR = 209
    GENESIS = 210

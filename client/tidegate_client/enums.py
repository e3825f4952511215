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
    STOP = 3
    STOP_MARKET = 4
    TAKE_PROFIT = 5
    TAKE_PROFIT_MARKET = 6
    TRAILING_STOP = 7
    QUOTE = 8


class TimeInForce(_Word):
    """How long an order lives (rule ORD-1)."""

    UNSPECIFIED = 0
    GTC = 1
    IOC = 2
    FOK = 3
    GTX = 4
    GTD = 5
    GTX_SLIDE = 6


class TriggerBy(_Word):
    """Which price a trigger watches (rule ORD-9)."""

    UNSPECIFIED = 0
    MARK = 1
    LAST = 2
    INDEX = 3


class PositionSide(_Word):
    """Leg of a position in hedge mode (rule ORD-13)."""

    UNSPECIFIED = 0
    LONG = 1
    SHORT = 2


class PositionMode(_Word):
    """How an account holds positions in a symbol (rule ORD-13)."""

    UNSPECIFIED = 0
    ONE_WAY = 1
    HEDGE = 2


class CancelScope(_Word):
    """Which of the account's orders a cancel-all is about (rule ORD-12)."""

    UNSPECIFIED = 0
    GROUP = 1
    QUOTES = 2


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
    UNTRIGGERED = 8
    TRIGGERED = 9

    @property
    def is_open(self) -> bool:
        """Whether the order can still trade."""
        return self in (
            OrderStatus.PENDING_NEW,
            OrderStatus.NEW,
            OrderStatus.PARTIALLY_FILLED,
            OrderStatus.UNTRIGGERED,
            OrderStatus.TRIGGERED,
        )


class Phase(_Word):
    """Phase of a symbol (rule MKT-1)."""

    UNSPECIFIED = 0
    HALT = 1
    CANCEL_ONLY = 2
    POST_ONLY = 3
    OPEN = 4
    AUCTION = 5
    REDUCE_ONLY = 6
    SETTLEMENT = 7


class CandleInterval(_Word):
    """Length of a candle (rule API-3)."""

    UNSPECIFIED = 0
    M1 = 1
    M5 = 2
    M15 = 3
    H1 = 4
    H4 = 5
    D1 = 6


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
    QUOTED = 12
    TRIGGERED = 13
    TRAILING_ACTIVATED = 14
    PROTECTION = 17
    COUNTDOWN_SET = 18
    POSITION_MODE_SET = 19
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
    RATE_LIMITED = 22
    ORDER_TO_TRADE = 23
    TOO_MANY_CONNECTIONS = 24
    DELISTED = 25
    HISTORY_UNAVAILABLE = 26
    LISTING_REFUSED = 27
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
    INVALID_TRIGGER = 124
    IMMEDIATE_TRIGGER = 125
    TOO_MANY_TRIGGER_ORDERS = 126
    INVALID_EXPIRY = 127
    INVALID_DISPLAY = 128
    PRICE_BAND = 129
    NO_REFERENCE_PRICE = 130
    INVALID_POSITION_SIDE = 131
    POSITION_NOT_FLAT = 132
    ORDERS_OPEN = 133
    INVALID_GROUP = 134
    PROTECTION_FROZEN = 135
    QUOTE_CROSSED = 136
    CANCEL_FAILED = 137
    NOT_AMENDABLE = 138
    INVALID_SCOPE = 139
    INVALID_COUNTDOWN = 140
    INVALID_PRICE = 141
    INVALID_POSITION_MODE = 142
    TOO_MANY_REDUCE_ONLY = 143
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
    REPLACED = 211
    EXPIRY = 212
    COUNTDOWN = 213
    DISCONNECT = 214
    MARKET_MAKER_PROTECTION = 215
    PRICE_BAND_REACHED = 216
    SETTLEMENT = 217
    PHASE_ENDED = 218

"""The vocabulary of records, restated from native/records/enums.hpp by hand: nothing here comes from the core.

tests/unit/wire/test_enums.py holds that the numbers agree. Of Reason the oracle knows those that the engine gives.
"""

from __future__ import annotations

from enum import IntEnum


class CommandType(IntEnum):
    PLACE = 1
    CANCEL = 2
    AMEND = 3
    CANCEL_ALL = 4
    SET_PHASE = 5
    DEFINE_INSTRUMENT = 6
    REPLACE = 7
    QUOTE = 8
    SET_PROTECTION = 9
    RESET_PROTECTION = 10
    SET_PRICES = 11
    SET_COUNTDOWN = 12
    SET_POSITION_MODE = 13
    TICK = 14
    QUERY_ORDER = 32
    QUERY_OPEN_ORDERS = 33
    QUERY_DEPTH = 34


class EventType(IntEnum):
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
    PRICES_SET = 15
    AUCTION = 16
    PROTECTION = 17
    COUNTDOWN_SET = 18
    POSITION_MODE_SET = 19
    TICK_DONE = 20
    ORDER_STATE = 32
    OPEN_ORDERS_END = 33
    DEPTH_LEVEL = 34
    DEPTH_END = 35
    NOT_FOUND = 36


class CommandFlag(IntEnum):
    COMMAND_REDUCE_ONLY = 1
    COMMAND_CLOSE_POSITION = 2
    COMMAND_CANCEL_ON_DISCONNECT = 4
    COMMAND_LONG = 8
    COMMAND_SHORT = 16
    COMMAND_GO_ON = 32
    COMMAND_TARGET_BY_CLIENT = 64
    COMMAND_LIQUIDATION = 128


class EventFlag(IntEnum):
    EVENT_REDUCE_ONLY = 1
    ON_BOOK = 2
    DUPLICATE = 4
    ICEBERG = 8
    FINAL = 16  # of an AUCTION
    LONG_LEG = 16  # of an event about an order
    SHORT_LEG = 32
    LIQUIDATION = 64
    LAST_OF_COMMAND = 128


class Side(IntEnum):
    NONE = 0
    BUY = 1
    SELL = 2


class MakerFlag(IntEnum):
    MAKER_REDUCE_ONLY = 1
    MAKER_ICEBERG = 8
    MAKER_LONG_LEG = 16
    MAKER_SHORT_LEG = 32
    MAKER_LIQUIDATION = 64


class OrderType(IntEnum):
    NONE = 0
    LIMIT = 1
    MARKET = 2
    STOP = 3
    STOP_MARKET = 4
    TAKE_PROFIT = 5
    TAKE_PROFIT_MARKET = 6
    TRAILING_STOP = 7
    QUOTE = 8


class TimeInForce(IntEnum):
    NONE = 0
    GTC = 1
    IOC = 2
    FOK = 3
    GTX = 4
    GTD = 5
    GTX_SLIDE = 6


class TriggerBy(IntEnum):
    NONE = 0
    MARK = 1
    LAST = 2
    INDEX = 3


class PositionSide(IntEnum):
    NONE = 0
    LONG = 1
    SHORT = 2


class PositionMode(IntEnum):
    NONE = 0
    ONE_WAY = 1
    HEDGE = 2


class CancelScope(IntEnum):
    ACCOUNT = 0
    GROUP = 1
    QUOTES = 2
    SESSION = 3
    GATEWAY = 4
    EVERYONE = 5


class SelfTradePrevention(IntEnum):
    DEFAULT = 0
    NONE = 1
    EXPIRE_TAKER = 2
    EXPIRE_MAKER = 3
    EXPIRE_BOTH = 4
    DECREMENT = 5


class OrderStatus(IntEnum):
    NONE = 0
    PENDING_NEW = 1
    NEW = 2
    PARTIALLY_FILLED = 3
    FILLED = 4
    CANCELED = 5
    EXPIRED = 6
    REJECTED = 7
    UNTRIGGERED = 8
    TRIGGERED = 9


class Phase(IntEnum):
    NONE = 0
    HALT = 1
    CANCEL_ONLY = 2
    POST_ONLY = 3
    OPEN = 4
    AUCTION = 5
    REDUCE_ONLY = 6
    SETTLEMENT = 7


class Reason(IntEnum):
    NONE = 0
    MALFORMED_MESSAGE = 1
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

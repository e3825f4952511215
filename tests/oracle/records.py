"""The two records, written and read with `struct` alone: nothing here comes from the core.

Layouts and numbers restate native/records/{records,enums}.hpp; tests/unit/wire/test_enums.py holds that
the numbers agree with the header and with the proto enums.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum


class CommandType(IntEnum):
    PLACE = 1
    CANCEL = 2
    AMEND = 3
    CANCEL_ALL = 4
    SET_PHASE = 5
    DEFINE_INSTRUMENT = 6
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
    ORDER_STATE = 32
    OPEN_ORDERS_END = 33
    DEPTH_LEVEL = 34
    DEPTH_END = 35
    NOT_FOUND = 36


class CommandFlag(IntEnum):
    COMMAND_REDUCE_ONLY = 1


class EventFlag(IntEnum):
    EVENT_REDUCE_ONLY = 1
    ON_BOOK = 2
    DUPLICATE = 4
    LAST_OF_COMMAND = 128


class Side(IntEnum):
    NONE = 0
    BUY = 1
    SELL = 2


class OrderType(IntEnum):
    NONE = 0
    LIMIT = 1
    MARKET = 2


class TimeInForce(IntEnum):
    NONE = 0
    GTC = 1
    IOC = 2
    FOK = 3
    GTX = 4


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


class Phase(IntEnum):
    NONE = 0
    HALT = 1
    CANCEL_ONLY = 2
    POST_ONLY = 3
    OPEN = 4


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


PRICE_MAX = 2**31 - 1
QUANTITY_MAX = 2**40
POSITION_MAX = QUANTITY_MAX * 1024
OPEN_ORDERS_PER_ACCOUNT_MAX = 10_000
FILLS_PER_COMMAND_MAX = 8_192
MATCHING_EVENTS_MAX = 32_000
INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1

SCHEMA_VERSION = 1
HEADER = struct.Struct("<IBBBBQqIIHHBBBB")
COMMAND = struct.Struct(HEADER.format + "QIHHqQQqqqqqIBBH")
RULES = struct.Struct(HEADER.format + "qqqqqqqI28s")
EVENT = struct.Struct(HEADER.format + "QIIQQqqqqqqQQQqqIHHIBBHqq")
assert (HEADER.size, COMMAND.size, RULES.size, EVENT.size) == (40, 128, 128, 192)


@dataclass(slots=True)
class Command:
    """One command; the fields of DEFINE_INSTRUMENT are in Rules. Price in ticks, quantity in lots."""

    type: int
    account: int = 0
    side: int = 0
    order_type: int = 0
    time_in_force: int = 0
    flags: int = 0
    request_id: int = 0
    origin: int = 0
    item: int = 0
    gateway_time_ns: int = 0
    client_order_id: int = 0
    order_id: int = 0
    price: int = 0
    quantity: int = 0
    stp_group: int = 0
    stp_mode: int = 0
    phase: int = 0
    reason: int = 0
    symbol: int = 1

    def pack(self) -> bytes:
        """The 128-byte record; crc 0."""
        return COMMAND.pack(
            *(0, self.type, SCHEMA_VERSION, self.flags, 0, 0, 0, 0, self.account, self.symbol, 0),
            *(self.side, self.order_type, self.time_in_force, 0),
            *(self.request_id, self.origin, self.item, 0, self.gateway_time_ns),
            *(self.client_order_id, self.order_id, self.price, self.quantity, 0, 0, 0),
            *(self.stp_group, self.stp_mode, self.phase, self.reason),
        )

    @classmethod
    def unpack(cls, record: bytes) -> Command:
        """Reads any 128-byte record but a DEFINE_INSTRUMENT."""
        f = COMMAND.unpack(record)
        return cls(
            *(f[1], f[8], f[11], f[12], f[13], f[3], f[15], f[16], f[17], f[19], f[20], f[21], f[22], f[23]),
            *(f[27], f[28], f[29], f[30], f[9]),
        )


@dataclass(slots=True)
class Rules:
    """DEFINE_INSTRUMENT, and the rules in force (INS-2)."""

    price_min: int = 1
    price_max: int = PRICE_MAX
    quantity_min: int = 1
    quantity_max: int = QUANTITY_MAX
    market_quantity_max: int = QUANTITY_MAX
    notional_min: int = 0
    tick_lot_value: int = 1
    open_orders_max: int = 200
    reserved: bytes = bytes(28)
    account: int = 0

    def pack(self) -> bytes:
        """The 128-byte record; crc 0."""
        header = (0, CommandType.DEFINE_INSTRUMENT, SCHEMA_VERSION, 0, 0, 0, 0, 0, self.account, 1, 0, 0, 0, 0, 0)
        return RULES.pack(*header, *self.body())

    def body(self) -> tuple[int | bytes, ...]:
        """The fields after the header."""
        return (
            *(self.price_min, self.price_max, self.quantity_min, self.quantity_max, self.market_quantity_max),
            *(self.notional_min, self.tick_lot_value, self.open_orders_max, self.reserved),
        )

    @classmethod
    def unpack(cls, record: bytes) -> Rules:
        """Reads a DEFINE_INSTRUMENT record."""
        f = RULES.unpack(record)
        return cls(f[15], f[16], f[17], f[18], f[19], f[20], f[21], f[22], f[23], f[8])


@dataclass(slots=True)
class Event:
    """One event. A trade's header fields are the taker's."""

    type: int = 0
    flags: int = 0
    command_type: int = 0
    sequence: int = 0
    time_ns: int = 0
    epoch: int = 0
    account: int = 0
    symbol: int = 0
    index: int = 0
    side: int = 0
    order_type: int = 0
    time_in_force: int = 0
    status: int = 0
    request_id: int = 0
    origin: int = 0
    gateway_delay_us: int = 0
    client_order_id: int = 0
    order_id: int = 0
    price: int = 0
    quantity: int = 0
    filled: int = 0
    leaves: int = 0
    previous_price: int = 0
    previous_leaves: int = 0
    trade_id: int = 0
    maker_order_id: int = 0
    maker_client_order_id: int = 0
    maker_filled: int = 0
    maker_leaves: int = 0
    maker_account: int = 0
    item: int = 0
    reason: int = 0
    stp_group: int = 0
    stp_mode: int = 0
    phase: int = 0
    position: int = 0
    maker_position: int = 0

    def pack(self) -> bytes:
        """The 192-byte record; crc 0."""
        return EVENT.pack(
            *(0, self.type, SCHEMA_VERSION, self.flags, self.command_type, self.sequence, self.time_ns, self.epoch),
            *(self.account, self.symbol, self.index & 0xFFFF, self.side, self.order_type, self.time_in_force),
            *(self.status, self.request_id, self.origin, self.gateway_delay_us, self.client_order_id, self.order_id),
            *(self.price, self.quantity, self.filled, self.leaves, self.previous_price, self.previous_leaves),
            *(self.trade_id, self.maker_order_id, self.maker_client_order_id, self.maker_filled, self.maker_leaves),
            *(self.maker_account, self.item, self.reason, self.stp_group, self.stp_mode, self.phase, 0),
            *(self.position, self.maker_position),
        )

    @classmethod
    def unpack(cls, record: bytes) -> Event:
        """Reads a 192-byte record; its crc is not looked at."""
        f = EVENT.unpack(record)
        return cls(f[1], *f[3:37], *f[38:])

    def __str__(self) -> str:
        """The fields that are not 0, for messages of failed tests."""
        names = (name for name in self.__slots__ if name != "type" and getattr(self, name))
        kind = EventType(self.type).name if self.type in set(EventType) else str(self.type)
        return f"{kind} " + " ".join(f"{name}={getattr(self, name)}" for name in names)


def unpack_events(records: bytes) -> list[Event]:
    """Every event of a run of 192-byte records."""
    return [Event.unpack(records[at : at + 192]) for at in range(0, len(records), 192)]


def split_commands(records: bytes) -> list[bytes]:
    """The 128-byte records of a run of them."""
    return [records[at : at + 128] for at in range(0, len(records), 128)]

"""The two records, written and read with `struct` alone: nothing here comes from the core.

Layouts and numbers restate native/records/{records,enums}.hpp; tests/unit/wire/test_enums.py holds that
the numbers agree with the header and with the proto enums. A word of a union is stored under one of its
names and has the others as properties: `event.trigger_price` is `event.trade_id`'s word, read as signed.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from tests.oracle.enums import (
    CancelScope,
    CommandFlag,
    CommandType,
    EventFlag,
    EventType,
    MakerFlag,
    OrderStatus,
    OrderType,
    Phase,
    PositionMode,
    PositionSide,
    Reason,
    SelfTradePrevention,
    Side,
    TimeInForce,
    TriggerBy,
)

__all__ = [
    "CancelScope",
    "Command",
    "CommandFlag",
    "CommandType",
    "Event",
    "EventFlag",
    "EventType",
    "MakerFlag",
    "OrderStatus",
    "OrderType",
    "Phase",
    "PositionMode",
    "PositionSide",
    "Reason",
    "Rules",
    "SelfTradePrevention",
    "Side",
    "TimeInForce",
    "TriggerBy",
    "order_age",
    "split_commands",
    "unpack_events",
]

PRICE_MAX = 2**31 - 1
QUANTITY_MAX = 2**40
POSITION_MAX = QUANTITY_MAX * 1024
ORDERS_MAX = 1 << 22
OPEN_ORDERS_PER_ACCOUNT_MAX = 10_000
FILLS_PER_COMMAND_MAX = 8_192
EVENTS_PER_COMMAND_MAX = 32_768
MATCHING_EVENTS_MAX = 32_000
TRIGGER_ORDERS_PER_ACCOUNT_MAX = 1_000
REDUCE_ONLY_RESTING_MAX = 256
ICEBERG_SLICES_MAX = 100
GROUPS_MAX = 16
CALLBACK_MAX_BPS = 5_000
COUNTDOWN_MAX_MS = 86_400_000
ASK_OF_QUOTE = 1 << 62
INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1

SCHEMA_VERSION = 1
HEADER = struct.Struct("<IBBBBQqIIHHBBBB")
COMMAND = struct.Struct(HEADER.format + "QIHHqQQqqqqqIBBH")
RULES = struct.Struct(HEADER.format + "qqqqqqqIIqIIHHbbH")
EVENT = struct.Struct(HEADER.format + "QIIQQqqqqqqQQQqqIHHIBBBBqq")
RULE_WORDS = struct.Struct("<QQqqqqqqQQQ")  # InstrumentDefined: the rules lie over these words of an event
assert (HEADER.size, COMMAND.size, RULES.size, EVENT.size, RULE_WORDS.size) == (40, 128, 128, 192, 88)


def order_age(order_id: int) -> int:
    """Orders by this are in the order in which they came; a quote's ask right after its bid."""
    return unsigned((order_id & ~ASK_OF_QUOTE) << 1 | (order_id & ASK_OF_QUOTE != 0))


def signed(word: int) -> int:
    """64 bits read as a signed number."""
    return (word + 2**63) % 2**64 - 2**63


def unsigned(word: int) -> int:
    """64 bits read as an unsigned number."""
    return word % 2**64


def alias(name: str, *, as_signed: bool = False) -> Any:
    """Another name of a union's word."""

    def read(record: Any) -> int:
        value: int = getattr(record, name)
        return signed(value) if as_signed else value

    def write(record: Any, value: int) -> None:
        setattr(record, name, unsigned(value) if as_signed else value)

    return property(read, write)


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
    callback_bps: int = 0
    trigger_price: int = 0
    expiry_ns: int = 0
    display: int = 0

    ask_price = alias("trigger_price")
    quantity_limit = alias("trigger_price")
    funding_rate = alias("trigger_price")
    ask_quantity = alias("expiry_ns")
    notional_limit = alias("expiry_ns")
    next_funding_time_ns = alias("expiry_ns")
    source_time_ns = alias("display")
    trigger_by = alias("phase")
    scope = alias("phase")
    mode = alias("phase")
    group = alias("reason")

    @classmethod
    def of(cls, kind: int, **fields: int) -> Command:
        """A command with fields by any of their names: `Command.of(CommandType.QUOTE, ask_price=101)`."""
        command = cls(kind)
        for name, value in fields.items():
            setattr(command, name, value)
        return command

    def pack(self) -> bytes:
        """The 128-byte record; crc 0."""
        return COMMAND.pack(
            *(0, self.type, SCHEMA_VERSION, self.flags, 0, 0, 0, 0, self.account, self.symbol, 0),
            *(self.side, self.order_type, self.time_in_force, 0),
            *(self.request_id, self.origin, self.item, self.callback_bps, self.gateway_time_ns),
            *(self.client_order_id, self.order_id, self.price, self.quantity),
            *(self.trigger_price, self.expiry_ns, self.display),
            *(self.stp_group, self.stp_mode, self.phase, self.reason),
        )

    @classmethod
    def unpack(cls, record: bytes) -> Command:
        """Reads any 128-byte record but a DEFINE_INSTRUMENT."""
        f = COMMAND.unpack(record)
        return cls(
            *(f[1], f[8], f[11], f[12], f[13], f[3], f[15], f[16], f[17], f[19], f[20], f[21], f[22], f[23]),
            *(f[27], f[28], f[29], f[30], f[9], f[18], f[24], f[25], f[26]),
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
    trigger_orders_max: int = 100
    position_max: int = 0
    band_up_bps: int = 0
    band_down_bps: int = 0
    tick_mantissa: int = 0
    lot_mantissa: int = 0
    tick_exponent: int = 0
    lot_exponent: int = 0
    reserved: int = 0
    account: int = 0

    def pack(self) -> bytes:
        """The 128-byte record; crc 0."""
        header = (0, CommandType.DEFINE_INSTRUMENT, SCHEMA_VERSION, 0, 0, 0, 0, 0, self.account, 1, 0, 0, 0, 0, 0)
        return RULES.pack(*header, *self.body())

    def body(self) -> tuple[int, ...]:
        """The fields after the header."""
        return (
            *(self.price_min, self.price_max, self.quantity_min, self.quantity_max, self.market_quantity_max),
            *(self.notional_min, self.tick_lot_value, self.open_orders_max, self.trigger_orders_max),
            *(self.position_max, self.band_up_bps, self.band_down_bps, self.tick_mantissa, self.lot_mantissa),
            *(self.tick_exponent, self.lot_exponent, self.reserved),
        )

    @classmethod
    def unpack(cls, record: bytes) -> Rules:
        """Reads a DEFINE_INSTRUMENT record."""
        f = RULES.unpack(record)
        return cls(*f[15:32], account=f[8])


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
    maker_order_type: int = 0
    group: int = 0
    position: int = 0
    maker_position: int = 0

    maker_shown_before = alias("previous_price")
    taker_shown_change = alias("previous_price")
    funding_rate = alias("previous_price")
    maker_shown = alias("previous_leaves")
    maker_shown_change = alias("previous_leaves")
    next_funding_time_ns = alias("previous_leaves")
    deadline_ns = alias("previous_leaves")
    trigger_price = alias("trade_id", as_signed=True)
    source_time_ns = alias("trade_id", as_signed=True)
    display = alias("maker_order_id", as_signed=True)
    expiry_ns = alias("maker_client_order_id", as_signed=True)
    shown = alias("maker_filled")
    activation_price = alias("maker_leaves")
    terms = alias("maker_account")  # callback_bps | trigger_by << 16 | close_position << 24
    maker_flags = alias("phase")
    mode = alias("phase")
    shown_before = alias("maker_position")

    @property
    def callback_bps(self) -> int:
        """Of the terms."""
        return self.maker_account & 0xFFFF

    @property
    def trigger_by(self) -> int:
        """Of the terms."""
        return self.maker_account >> 16 & 0xFF

    @property
    def close_position(self) -> bool:
        """Of the terms."""
        return self.maker_account >> 24 != 0

    def set_rules(self, rules: Rules) -> None:
        """Makes it an InstrumentDefined."""
        words = RULE_WORDS.unpack(rules.pack()[HEADER.size :])
        self.client_order_id, self.order_id, self.price, self.quantity, self.filled, self.leaves = words[:6]
        self.previous_price, self.previous_leaves, self.trade_id = words[6:9]
        self.maker_order_id, self.maker_client_order_id = words[9:]

    def rules(self) -> Rules:
        """Of an INSTRUMENT_DEFINED."""
        return Rules.unpack(bytes(HEADER.size) + self.pack()[HEADER.size + 16 : HEADER.size + 16 + RULE_WORDS.size])

    def pack(self) -> bytes:
        """The 192-byte record; crc 0."""
        return EVENT.pack(
            *(0, self.type, SCHEMA_VERSION, self.flags, self.command_type, self.sequence, self.time_ns, self.epoch),
            *(self.account, self.symbol, self.index & 0xFFFF, self.side, self.order_type, self.time_in_force),
            *(self.status, self.request_id, self.origin, self.gateway_delay_us, self.client_order_id, self.order_id),
            *(self.price, self.quantity, self.filled, self.leaves, self.previous_price, self.previous_leaves),
            *(self.trade_id, self.maker_order_id, self.maker_client_order_id, self.maker_filled, self.maker_leaves),
            *(self.maker_account, self.item, self.reason, self.stp_group, self.stp_mode, self.phase),
            *(self.maker_order_type, self.group, self.position, self.maker_position),
        )

    @classmethod
    def unpack(cls, record: bytes) -> Event:
        """Reads a 192-byte record; its crc is not looked at."""
        f = EVENT.unpack(record)
        return cls(f[1], *f[3:])

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

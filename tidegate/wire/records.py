"""Commands and events as Python values: for tests, tools and the venue's own rare commands.

Never on the way of an order: one record costs some microseconds here. Fields and units are those of
native/records/records.hpp, flattened; what is not given is 0.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from enum import IntEnum
from typing import TypeVar

from typing_extensions import Buffer

from tidegate.wire.instruments import Instrument
from tidegate.wire.native import COMMAND_BYTES, EVENT_BYTES, record_with_crc

SCHEMA_VERSION = 1

# crc, type, schema, flags, command_type, sequence, time_ns, epoch, account, symbol, index, side, type, tif, status
_HEADER = "<IBBBBQqIIHHBBBB"
_COMMAND = struct.Struct(_HEADER + "QIHHqQQqq3qIBBH")
_RULES = struct.Struct(_HEADER + "qqqqqqqI28x")
_EVENT = struct.Struct(_HEADER + "QIIQQqqqqqqQQQqqIHHIBBHqq")
assert (_COMMAND.size, _RULES.size, _EVENT.size) == (COMMAND_BYTES, COMMAND_BYTES, EVENT_BYTES)


class CommandType(IntEnum):
    """What is asked for."""

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
    """What happened."""

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


class Side(IntEnum):
    """Of an order; of a trade: the aggressor's."""

    NONE = 0
    BUY = 1
    SELL = 2


class OrderType(IntEnum):
    """Rule ORD-1."""

    NONE = 0
    LIMIT = 1
    MARKET = 2


class TimeInForce(IntEnum):
    """Rule ORD-1."""

    NONE = 0
    GTC = 1
    IOC = 2
    FOK = 3
    GTX = 4


class Phase(IntEnum):
    """Rule MKT-1."""

    NONE = 0
    HALT = 1
    CANCEL_ONLY = 2
    POST_ONLY = 3
    OPEN = 4


COMMAND_REDUCE_ONLY = 1  # a command's flags
EVENT_LAST_OF_COMMAND = 128  # an event's flags
REASON_OPERATOR = 209
REASON_GENESIS = 210


@dataclass(slots=True)
class _Header:
    """What both records begin with."""

    crc: int = 0
    type: int = 0
    schema: int = SCHEMA_VERSION
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


@dataclass(slots=True)
class Command(_Header):
    """On its way into a symbol; 128 bytes."""

    request_id: int = 0
    origin: int = 0
    item: int = 0
    reserved: int = 0
    gateway_time_ns: int = 0
    client_order_id: int = 0
    order_id: int = 0
    price: int = 0
    quantity: int = 0
    argument_0: int = 0
    argument_1: int = 0
    argument_2: int = 0
    stp_group: int = 0
    stp_mode: int = 0
    phase: int = 0
    reason: int = 0

    def pack(self) -> bytes:
        """The record, with its CRC."""
        return record_with_crc(_COMMAND.pack(*astuple(self)))


@dataclass(slots=True)
class InstrumentRules(_Header):
    """A DEFINE_INSTRUMENT command; the same 128 bytes."""

    price_min: int = 1
    price_max: int = 0
    quantity_min: int = 1
    quantity_max: int = 0
    market_quantity_max: int = 0
    notional_min: int = 0
    tick_lot_value: int = 1
    open_orders_max: int = 0

    @classmethod
    def of(cls, instrument: Instrument) -> InstrumentRules:
        """What the engine has to know of an instrument (rule INS-2)."""
        return cls(
            type=CommandType.DEFINE_INSTRUMENT,
            symbol=instrument.instrument_id,
            price_min=instrument.price_min_ticks,
            price_max=instrument.price_max_ticks,
            quantity_min=instrument.quantity_min_lots,
            quantity_max=instrument.quantity_max_lots,
            market_quantity_max=instrument.market_quantity_max_lots,
            notional_min=instrument.notional_min,
            tick_lot_value=instrument.tick_lot_value,
            open_orders_max=instrument.open_orders_max,
        )

    def pack(self) -> bytes:
        """The record, with its CRC."""
        return record_with_crc(_RULES.pack(*astuple(self)))

    @classmethod
    def unpack(cls, record: Buffer) -> InstrumentRules:
        """Reads a record; its CRC is not checked."""
        return cls(*_RULES.unpack(record))

    def same_rules(self, other: InstrumentRules) -> bool:
        """Equal but for the header."""
        skipped = {each.name for each in fields(_Header)}
        mine = [getattr(self, each.name) for each in fields(self) if each.name not in skipped]
        return mine == [getattr(other, each.name) for each in fields(self) if each.name not in skipped]


@dataclass(slots=True)
class Event(_Header):
    """On its way out of a symbol; 192 bytes."""

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
    reserved: int = 0
    position: int = 0
    maker_position: int = 0

    def pack(self) -> bytes:
        """The record, with its CRC."""
        return record_with_crc(_EVENT.pack(*astuple(self)))


Record = TypeVar("Record", Command, Event)


def _unpack_all(kind: type[Record], layout: struct.Struct, records: Buffer) -> Iterator[Record]:
    for values in layout.iter_unpack(records):
        yield kind(*values)


def unpack_commands(records: Buffer) -> Iterator[Command]:
    """Every command in a buffer of records; CRCs are not checked."""
    return _unpack_all(Command, _COMMAND, records)


def unpack_events(records: Buffer) -> Iterator[Event]:
    """Every event in a buffer of records; CRCs are not checked."""
    return _unpack_all(Event, _EVENT, records)


def set_phase(symbol: int, phase: Phase, reason: int) -> Command:
    """A change of phase by the venue."""
    return Command(type=CommandType.SET_PHASE, symbol=symbol, phase=phase, reason=reason)

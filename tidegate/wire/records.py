"""Commands and events as Python values: for tests, tools and the venue's own rare commands.

Never on the way of an order: one record costs some microseconds here. Fields and units are those of
native/records/records.hpp, flattened; what is not given is 0. A word of a union is stored under one of its
names and has the others as properties.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from decimal import Decimal
from typing import Any, Self, TypeVar

from typing_extensions import Buffer

from tidegate.wire.enums import (
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
from tidegate.wire.instruments import Instrument, decimal_of, scale_of
from tidegate.wire.native import COMMAND_BYTES, EVENT_BYTES, record_with_crc

SCHEMA_VERSION = 1

__all__ = [
    "CancelScope",
    "Command",
    "CommandFlag",
    "CommandType",
    "Event",
    "EventFlag",
    "EventType",
    "InstrumentRules",
    "MakerFlag",
    "OrderStatus",
    "OrderType",
    "Phase",
    "PositionMode",
    "PositionSide",
    "Reason",
    "SelfTradePrevention",
    "Side",
    "TimeInForce",
    "TriggerBy",
    "cancel_everything",
    "set_phase",
    "set_prices",
    "unpack_commands",
    "unpack_events",
]

# crc, type, schema, flags, command_type, sequence, time_ns, epoch, account, symbol, index, side, type, tif, status
_HEADER = "<IBBBBQqIIHHBBBB"
_COMMAND = struct.Struct(_HEADER + "QIHHqQQqq3qIBBH")
_RULES = struct.Struct(_HEADER + "qqqqqqqIIqIIHHbbH")
_EVENT = struct.Struct(_HEADER + "QIIQQqqqqqqQQQqqIHHIBBBBqq")
_HEADER_BYTES = 40
_RULES_AT = 56  # of the rules in an INSTRUMENT_DEFINED event
_RULES_BYTES = 88
assert (_COMMAND.size, _RULES.size, _EVENT.size) == (COMMAND_BYTES, COMMAND_BYTES, EVENT_BYTES)


Filled = TypeVar("Filled", bound="_Header")


def _signed(word: int) -> int:
    return (word + 2**63) % 2**64 - 2**63


def _alias(name: str, *, as_signed: bool = False) -> Any:
    """Another name of a union's word."""

    def read(record: Any) -> int:
        value: int = getattr(record, name)
        return _signed(value) if as_signed else value

    def write(record: Any, value: int) -> None:
        setattr(record, name, value % 2**64 if as_signed else value)

    return property(read, write)


def _filled(record: Filled, values: dict[str, int]) -> Filled:
    for name, value in values.items():
        setattr(record, name, value)
    return record


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
    """On its way into a symbol; 128 bytes. With fields under any of their names: of()."""

    request_id: int = 0
    origin: int = 0
    item: int = 0
    callback_bps: int = 0
    gateway_time_ns: int = 0
    client_order_id: int = 0
    order_id: int = 0
    price: int = 0
    quantity: int = 0
    trigger_price: int = 0
    expiry_ns: int = 0
    display: int = 0
    stp_group: int = 0
    stp_mode: int = 0
    phase: int = 0
    reason: int = 0

    ask_price = _alias("trigger_price")
    quantity_limit = _alias("trigger_price")
    funding_rate = _alias("trigger_price")
    ask_quantity = _alias("expiry_ns")
    notional_limit = _alias("expiry_ns")
    next_funding_time_ns = _alias("expiry_ns")
    source_time_ns = _alias("display")
    trigger_by = _alias("phase")
    scope = _alias("phase")
    mode = _alias("phase")
    group = _alias("reason")

    @classmethod
    def of(cls, kind: CommandType, **values: int) -> Self:
        """A command with fields by any of their names: `Command.of(CommandType.QUOTE, ask_price=101)`."""
        return _filled(cls(type=kind), values)

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
    trigger_orders_max: int = 0
    position_max: int = 0
    band_up_bps: int = 0
    band_down_bps: int = 0
    tick_mantissa: int = 0
    lot_mantissa: int = 0
    tick_exponent: int = 0
    lot_exponent: int = 0
    reserved: int = 0

    @classmethod
    def of(cls, instrument: Instrument) -> InstrumentRules:
        """What the engine has to know of an instrument (rule INS-2)."""
        tick_mantissa, tick_exponent = scale_of(instrument.tick_size)
        lot_mantissa, lot_exponent = scale_of(instrument.lot_size)
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
            trigger_orders_max=instrument.trigger_orders_max,
            position_max=instrument.position_max_lots,
            band_up_bps=instrument.band_up_bps,
            band_down_bps=instrument.band_down_bps,
            tick_mantissa=tick_mantissa,
            lot_mantissa=lot_mantissa,
            tick_exponent=tick_exponent,
            lot_exponent=lot_exponent,
        )

    @classmethod
    def of_event(cls, record: Buffer) -> InstrumentRules:
        """The rules that an INSTRUMENT_DEFINED record (192 bytes) tells; `sequence` is their version."""
        event = bytes(record)
        if len(event) != EVENT_BYTES or event[4] != EventType.INSTRUMENT_DEFINED:
            raise ValueError("not an INSTRUMENT_DEFINED record")
        return cls(*_RULES.unpack(event[:_HEADER_BYTES] + event[_RULES_AT : _RULES_AT + _RULES_BYTES]))

    def instrument(self, known: Instrument) -> Instrument:
        """`known` with these rules: name, number and asset are its own; tick and lot too when the rules are silent."""
        scales: dict[str, Decimal] = {}
        if self.tick_mantissa:
            scales["tick_size"] = decimal_of(self.tick_mantissa, self.tick_exponent)
        if self.lot_mantissa:
            scales["lot_size"] = decimal_of(self.lot_mantissa, self.lot_exponent)
        return Instrument(
            symbol=known.symbol,
            instrument_id=known.instrument_id,
            settlement_asset=known.settlement_asset,
            price_min_ticks=self.price_min,
            price_max_ticks=self.price_max,
            quantity_min_lots=self.quantity_min,
            quantity_max_lots=self.quantity_max,
            market_quantity_max_lots=self.market_quantity_max,
            notional_min=self.notional_min,
            open_orders_max=self.open_orders_max,
            trigger_orders_max=self.trigger_orders_max,
            position_max_lots=self.position_max,
            band_up_bps=self.band_up_bps,
            band_down_bps=self.band_down_bps,
            **{"tick_size": known.tick_size, "lot_size": known.lot_size, **scales},
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
    maker_order_type: int = 0
    group: int = 0
    position: int = 0
    maker_position: int = 0

    maker_shown_before = _alias("previous_price")
    funding_rate = _alias("previous_price")
    maker_shown = _alias("previous_leaves")
    next_funding_time_ns = _alias("previous_leaves")
    deadline_ns = _alias("previous_leaves")
    trigger_price = _alias("trade_id", as_signed=True)
    source_time_ns = _alias("trade_id", as_signed=True)
    display = _alias("maker_order_id", as_signed=True)
    expiry_ns = _alias("maker_client_order_id", as_signed=True)
    shown = _alias("maker_filled")
    activation_price = _alias("maker_leaves")
    terms = _alias("maker_account")  # callback_bps | trigger_by << 16 | close_position << 24
    maker_flags = _alias("phase")
    mode = _alias("phase")
    shown_before = _alias("maker_position")

    @classmethod
    def of(cls, kind: EventType, **values: int) -> Self:
        """An event with fields by any of their names."""
        return _filled(cls(type=kind), values)

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


def set_prices(
    symbol: int,
    *,
    mark: int = 0,
    index: int = 0,
    funding_rate: int = 0,
    next_funding_time_ns: int = 0,
    source_time_ns: int = 0,
) -> Command:
    """Mark and index price, ticks, 0 = unchanged; the predicted funding rate, 1e-8."""
    return Command.of(
        CommandType.SET_PRICES,
        symbol=symbol,
        price=mark,
        quantity=index,
        funding_rate=funding_rate,
        next_funding_time_ns=next_funding_time_ns,
        source_time_ns=source_time_ns,
    )


def cancel_everything(symbol: int) -> Command:
    """Every open order of everybody, by the operator (rule ORD-12)."""
    return Command.of(CommandType.CANCEL_ALL, symbol=symbol, scope=CancelScope.EVERYONE)

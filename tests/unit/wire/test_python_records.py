"""Records as Python values: the same bytes as the core's."""

from __future__ import annotations

import struct
from decimal import Decimal

import pytest

from tidegate.engine.core import Shard
from tidegate.v1 import types_pb2
from tidegate.wire.instruments import Instrument, decimal_of, scale_of
from tidegate.wire.native import record_with_crc
from tidegate.wire.records import (
    Command,
    CommandType,
    Event,
    EventType,
    InstrumentRules,
    OrderType,
    Phase,
    Reason,
    Side,
    TimeInForce,
    set_phase,
    set_prices,
    unpack_commands,
    unpack_events,
)

INSTRUMENT = Instrument(
    symbol="X",
    instrument_id=7,
    tick_size=Decimal("0.50"),
    lot_size=Decimal("0.01"),
    notional_min=500,
    open_orders_max=9,
    trigger_orders_max=3,
    position_max_lots=1000,
    band_up_bps=300,
    band_down_bps=200,
)


def test_every_field_has_its_place() -> None:
    """Packed and unpacked again; no two fields share bytes."""
    for kind, unpack in ((Command, unpack_commands), (Event, unpack_events)):
        names = [each for each in kind.__dataclass_fields__ if each != "crc"]
        record = kind(**{name: number % 250 + 1 for number, name in enumerate(names)})
        (found,) = unpack(record.pack())
        assert found.crc != 0
        found.crc = 0
        assert found == record
        assert record_with_crc(record.pack()) == record.pack()


def test_the_core_reads_them_and_is_read() -> None:
    """Rules, phase and an order through apply: the events say what the commands said."""
    shard = Shard(7)
    order = Command(
        type=CommandType.PLACE,
        symbol=7,
        account=3,
        side=Side.SELL,
        order_type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        client_order_id=11,
        request_id=12,
        origin=13,
        item=14,
        price=2_000,
        quantity=50,
    )
    rules = InstrumentRules.of(INSTRUMENT)
    commands = rules.pack() + set_phase(7, Phase.OPEN, Reason.OPERATOR).pack() + order.pack()
    events = list(unpack_events(shard.apply(commands, 1_000, 5)))
    assert [each.type for each in events] == [
        EventType.INSTRUMENT_DEFINED,
        EventType.PHASE_CHANGED,
        EventType.ACCEPTED,
    ]
    assert (events[1].phase, events[1].reason) == (Phase.OPEN, Reason.OPERATOR)
    placed = events[2]
    assert (placed.request_id, placed.origin, placed.item, placed.sequence, placed.epoch) == (12, 13, 14, 3, 5)
    assert (placed.account, placed.side, placed.price, placed.leaves) == (3, Side.SELL, 2_000, 50)
    assert shard.best_ask == 2_000
    assert rules.tick_lot_value == 500_000


def test_a_scale_is_a_short_mantissa_and_an_exponent() -> None:
    """Tick and lot survive the way through the records; what does not fit is refused, not rounded."""
    for text, scale in {
        "0.1": (1, -1),
        "0.50": (5, -1),
        "1000": (1, 3),
        "65535e-18": (65535, -18),
        "25e2": (25, 2),
    }.items():
        assert scale_of(Decimal(text)) == scale
        assert decimal_of(*scale) == Decimal(text)
    for text in ("0", "-1", "65536", "65537e-3", "1e-19", "1e19", "0.123456", "NaN", "Infinity"):
        with pytest.raises(ValueError):
            scale_of(Decimal(text))


def test_rules_are_read_back_from_what_the_engine_tells() -> None:
    """INSTRUMENT_DEFINED holds the rules from price_min on; names come from what is known."""
    rules = InstrumentRules.of(INSTRUMENT)
    told = Event(type=EventType.INSTRUMENT_DEFINED, symbol=7, sequence=41).pack()
    record = record_with_crc(told[:56] + rules.pack()[40:] + bytes(48))
    found = InstrumentRules.of_event(record)
    assert found.same_rules(rules)
    assert found.sequence == 41
    other = INSTRUMENT.model_copy(update={"tick_size": Decimal(7), "band_up_bps": 0, "notional_min": 1})
    assert found.instrument(other) == INSTRUMENT
    silent = InstrumentRules.of(INSTRUMENT)
    silent.tick_mantissa = silent.lot_mantissa = 0
    assert silent.instrument(INSTRUMENT) == INSTRUMENT
    with pytest.raises(ValueError, match="INSTRUMENT_DEFINED"):
        InstrumentRules.of_event(Event(type=EventType.ACCEPTED).pack())


def test_an_instrument_is_its_message() -> None:
    """To the contract's message and back; every field of it that an instrument has is filled in."""
    message = types_pb2.Instrument(**INSTRUMENT.message_fields())
    assert (message.tick_size, message.lot_size, message.tick_lot_value) == ("0.5", "0.01", 500_000)
    left_out = {each.name for each in message.DESCRIPTOR.fields} - {each.name for each, _ in message.ListFields()}
    assert left_out == {"definition_sequence", "delisted"}
    assert Instrument.of_message(message) == INSTRUMENT
    message.instrument_id, message.tick_lot_value = 0, 0
    assert Instrument.of_message(message, instrument_id=7) == INSTRUMENT
    for name, value in {
        "tick_size": "x",
        "lot_size": "",
        "symbol": "a b",
        "tick_lot_value": 1,
        "band_down_bps": 10_000,
    }.items():
        bad = types_pb2.Instrument(**INSTRUMENT.message_fields() | {name: value})
        with pytest.raises(ValueError):
            Instrument.of_message(bad)


def test_a_word_has_every_name_of_its_union() -> None:
    """Set by one name, read by another; in an event a signed name of an unsigned word keeps its sign."""
    quote = Command.of(CommandType.QUOTE, ask_price=-3, ask_quantity=5, group=9)
    assert (quote.trigger_price, quote.expiry_ns, quote.reason) == (-3, 5, 9)
    event = Event.of(EventType.ACCEPTED, trigger_price=-4, display=7, expiry_ns=-1, activation_price=8)
    assert (event.trade_id, event.maker_order_id, event.maker_client_order_id) == (2**64 - 4, 7, 2**64 - 1)
    assert struct.unpack_from("<qqqqq", event.pack(), 120) == (-4, 7, -1, 0, 8)
    assert set_prices(7, mark=5, index=6, funding_rate=-7).pack()[96:104] == (-7).to_bytes(8, "little", signed=True)

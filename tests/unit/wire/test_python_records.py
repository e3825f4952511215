"""Records as Python values: the same bytes as the core's."""

from __future__ import annotations

from decimal import Decimal

from tidegate.engine.core import Shard
from tidegate.wire.instruments import Instrument
from tidegate.wire.native import record_with_crc
from tidegate.wire.records import (
    REASON_OPERATOR,
    Command,
    CommandType,
    Event,
    EventType,
    InstrumentRules,
    OrderType,
    Phase,
    Side,
    TimeInForce,
    set_phase,
    unpack_commands,
    unpack_events,
)

INSTRUMENT = Instrument(
    symbol="X", instrument_id=7, tick_size=Decimal("0.5"), lot_size=Decimal("0.01"), notional_min=500, open_orders_max=9
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
    commands = rules.pack() + set_phase(7, Phase.OPEN, REASON_OPERATOR).pack() + order.pack()
    events = list(unpack_events(shard.apply(commands, 1_000, 5)))
    assert [each.type for each in events] == [
        EventType.INSTRUMENT_DEFINED,
        EventType.PHASE_CHANGED,
        EventType.ACCEPTED,
    ]
    assert (events[1].phase, events[1].reason) == (Phase.OPEN, REASON_OPERATOR)
    placed = events[2]
    assert (placed.request_id, placed.origin, placed.item, placed.sequence, placed.epoch) == (12, 13, 14, 3, 5)
    assert (placed.account, placed.side, placed.price, placed.leaves) == (3, Side.SELL, 2_000, 50)
    assert shard.best_ask == 2_000
    assert InstrumentRules.unpack(shard.dump()[44:172]).same_rules(rules)
    assert rules.tick_lot_value == 500_000

"""Golden bytes: what the core writes is what any reader with the documented layouts reads.

The hex files are the contract. They change only with the schema version; a word that was 0 may get a meaning.
`first_*` is a batch of plain orders, `service_*` one of every other kind of order and of the venue's commands.
"""

from __future__ import annotations

import struct
from itertools import pairwise
from pathlib import Path

import pytest

from tests.oracle.model import Model
from tests.oracle.records import COMMAND, EVENT, Command, CommandFlag, CommandType, EventType, Phase, Rules, Side
from tests.unit.engine.test_core_live import Venue
from tidegate.engine.core import Shard
from tidegate.wire import native

HERE = Path(__file__).parent
HEAD = struct.Struct("<8sHHIIIQqQ")
TIME_NS = 1_700_000_000_123_456_789
NAMES = ("first", "service")


def golden(name: str) -> bytes:
    """Bytes of a file of hex lines."""
    return bytes.fromhex((HERE / f"{name}.hex").read_text())


def first() -> tuple[list[Command | Rules], list[Command]]:
    """An instrument, a phase, a bid, and a sell that trades and rests: what each ring is given."""
    order = Command(CommandType.PLACE, 7, Side.BUY, 1, 1, 0, 11, 12, 1, TIME_NS - 5_000_000, 1001, 0, 64_000, 10, 3, 2)
    taker = Command(CommandType.PLACE, 8, Side.SELL, 1, 1, 0, 21, 22, 2, TIME_NS - 1_000_000, 2001, 0, 63_999, 25, 0, 0)
    return [Rules(trigger_orders_max=0), Command(CommandType.SET_PHASE, phase=Phase.OPEN), order], [taker]


def service() -> tuple[list[Command | Rules], list[Command]]:
    """Rules with every word, prices, a mode, a countdown, protection, an iceberg, a quote, a stop that fires, GTD."""
    rules = Rules(position_max=5_000, band_up_bps=1_000, band_down_bps=900, tick_mantissa=1, lot_mantissa=5)
    rules.tick_exponent, rules.lot_exponent = -1, -3
    kind, of = CommandType, Command.of
    price = {"order_type": 1, "time_in_force": 1}
    commands = [
        rules,
        Command(kind.SET_PHASE, phase=Phase.OPEN),
        of(
            kind.SET_PRICES,
            price=64_000,
            quantity=64_100,
            funding_rate=-1_250,
            next_funding_time_ns=TIME_NS + 3_600 * 10**9,
            source_time_ns=TIME_NS - 7,
        ),
        of(kind.SET_POSITION_MODE, account=9, mode=2),
        of(kind.SET_COUNTDOWN, account=7, quantity=60_000),
        of(kind.SET_PROTECTION, account=7, group=3, price=9, quantity=500, quantity_limit=90, notional_limit=2**40),
        of(kind.PLACE, account=8, side=2, client_order_id=1, price=64_010, quantity=50, display=20, **price),
        of(
            kind.QUOTE,
            account=7,
            client_order_id=5,
            time_in_force=1,
            group=3,
            price=63_990,
            quantity=30,
            ask_price=64_020,
            ask_quantity=40,
        ),
        of(
            kind.PLACE,
            account=9,
            side=1,
            order_type=5,
            time_in_force=5,
            flags=CommandFlag.COMMAND_LONG,
            client_order_id=2,
            price=64_012,
            quantity=25,
            trigger_price=63_500,
            trigger_by=1,
            expiry_ns=TIME_NS + 10**9,
        ),
        of(
            kind.PLACE,
            account=8,
            side=1,
            order_type=7,
            time_in_force=1,
            flags=CommandFlag.COMMAND_CLOSE_POSITION,
            client_order_id=3,
            callback_bps=150,
            trigger_by=3,
            trigger_price=64_500,
        ),
        of(kind.SET_PRICES, price=63_500),
    ]
    others = [
        of(kind.AMEND, account=8, client_order_id=1, quantity=48),
        of(kind.REPLACE, account=8, side=2, client_order_id=4, order_id=7, price=64_015, quantity=5, **price),
        of(kind.CANCEL_ALL, account=7, scope=1, group=3),
        Command(kind.SET_PHASE, phase=Phase.AUCTION, reason=209),
    ]
    return commands, others


def payload(name: str) -> bytes:
    """The batch as the core journals it."""
    rings = {"first": first, "service": service}[name]()
    venue = Venue()
    shard = Shard(5, orders_max=8, retained_max=8, accounts_max=8)
    venue.attach(shard)
    for number, commands in enumerate(rings):
        assert venue.producers[number].push(b"".join(command.pack() for command in commands)) == len(commands)
    venue.step(shard, now_ns=TIME_NS, epoch=9)
    venue.close()
    return venue.journal[0]


@pytest.mark.parametrize("name", NAMES)
def test_payload_bytes(name: str) -> None:
    """The whole payload, byte for byte."""
    assert payload(name) == golden(f"{name}_payload")


@pytest.mark.parametrize("name", NAMES)
def test_payload_layout(name: str) -> None:
    """Head, cursors, masks and XORed words, read with struct alone, give the golden records."""
    data = golden(f"{name}_payload")
    magic, version, rings, epoch, commands, events, first_sequence, time_ns, reserved = HEAD.unpack_from(data)
    assert (magic, version, rings, epoch, reserved) == (b"TGBATCH1", 1, 2, 9, 0)
    assert (first_sequence, time_ns) == (1, TIME_NS)
    taken = {"first": (3, 1), "service": (11, 4)}[name]
    assert struct.unpack_from("<4Q", data, HEAD.size) == (100, taken[0], 101, taken[1])
    at = HEAD.size + 16 * rings
    unpacked = []
    for count, size, mask_format in ((commands, 128, "<I"), (events, 192, "<Q")):
        words = [0] * (size // 4)
        for _ in range(count):
            (mask,) = struct.unpack_from(mask_format, data, at)
            at += struct.calcsize(mask_format)
            for word in range(size // 4):
                if mask >> word & 1:
                    words[word] ^= struct.unpack_from("<I", data, at)[0]
                    at += 4
            unpacked.append(struct.pack(f"<{size // 4}I", *words))
    assert at == len(data) - 4
    assert struct.unpack_from("<I", data, at)[0] == native.crc32c(data[:at])
    records = [native.record_with_crc(record) for record in unpacked]
    assert b"".join(records[:commands]) == golden(f"{name}_commands") == native.unpack_commands(data)
    assert b"".join(records[commands:]) == golden(f"{name}_events") == native.unpack_events(data)


@pytest.mark.parametrize("name", NAMES)
def test_the_model_gives_the_golden_events(name: str) -> None:
    """From the golden commands, the ticks that the engine added among them."""
    events = Model(5, orders_max=8, retained_max=8, accounts_max=8).apply(golden(f"{name}_commands"), TIME_NS, 9)
    with_crc = [native.record_with_crc(events[at : at + 192]) for at in range(0, len(events), 192)]
    assert b"".join(with_crc) == golden(f"{name}_events")


def test_record_fields() -> None:
    """The fields of the first golden records at their documented offsets."""
    commands, events = golden("first_commands"), golden("first_events")
    fields = [COMMAND.unpack_from(commands, at) for at in range(0, len(commands), COMMAND.size)]
    assert [f[5] for f in fields] == [1, 2, 3, 4]
    assert all(later >= earlier for earlier, later in pairwise(f[6] for f in fields))
    (trade,) = [f for f in (EVENT.unpack_from(events, at) for at in range(0, len(events), EVENT.size)) if f[1] == 3]
    # sequence, account, symbol, price, quantity, leaves, trade id, maker's order, positions
    assert (trade[5], trade[8], trade[9], trade[20], trade[21], trade[23]) == (4, 8, 5, 64_000, 10, 15)
    assert (trade[26], trade[27], trade[31], trade[-2], trade[-1]) == (1, 3, 7, -10, 10)


def words(records: bytes, size: int, kind: int, layout: str, offset: int) -> list[tuple[int, ...]]:
    """What lies at an offset of each record of a type."""
    rows = [records[at : at + size] for at in range(0, len(records), size)]
    return [struct.unpack_from(layout, row, offset) for row in rows if row[4] == kind]


def test_words_with_more_than_one_name() -> None:
    """The words of the unions at their documented offsets."""
    commands, events = golden("service_commands"), golden("service_events")
    assert words(commands, 128, CommandType.QUOTE, "<4q", 80) == [(63_990, 30, 64_020, 40)]
    assert words(commands, 128, CommandType.SET_PRICES, "<5q", 80)[0] == (
        *(64_000, 64_100, -1_250, TIME_NS + 3_600 * 10**9),
        TIME_NS - 7,
    )
    assert words(commands, 128, CommandType.SET_PROTECTION, "<4q", 80) == [(9, 500, 90, 2**40)]
    assert words(commands, 128, CommandType.DEFINE_INSTRUMENT, "<IIqIIHHbbH", 96) == [
        (200, 100, 5_000, 1_000, 900, 1, 5, -1, -3, 0)
    ]
    defined, rules = (
        words(events, 192, EventType.INSTRUMENT_DEFINED, "<88s", 56),
        words(commands, 128, CommandType.DEFINE_INSTRUMENT, "<88s", 40),
    )
    assert defined == rules
    # Of orders: trigger price, display, expiry, shown, activation price, terms.
    accepted = words(events, 192, EventType.ACCEPTED, "<qqqqqHBB", 120)
    assert accepted == [
        (0, 20, 0, 20, 0, 0, 0, 0),
        (0, 0, 0, 0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0, 0, 0, 0),
        (63_500, 0, TIME_NS + 10**9, 0, 0, 0, 1, 0),
        (0, 0, 0, 0, 64_500, 150, 3, 1),
        (0, 0, 0, 0, 0, 0, 0, 0),
    ]
    # Of the trades with the iceberg, alone in its level: shown before, shown, trade id, maker's flags and type.
    assert words(events, 192, EventType.TRADE, "<qqQ", 104) == [(20, 15, 1)]
    assert words(events, 192, EventType.TRADE, "<BB", 173) == [(8, 1)]

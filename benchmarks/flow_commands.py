"""A flow as Tidegate's commands, and Tidegate's events as the figures that peer drivers print."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from benchmarks.flow import CANCEL, LIMIT, MARKET, OPERATION, REDUCE, Flow

COMMAND_BYTES = 128
EVENT_BYTES = 192
# header: crc, type, schema, flags, command_type, sequence, time, epoch, account, symbol, index, side, type, tif, status
COMMAND = struct.Struct("<IBBBBQqIIHHBBBB" + "QIHHqQQqqqqqIBBH")
DEFINE = struct.Struct("<IBBBBQqIIHHBBBB" + "qqqqqqqI28x")
TRADE_FIELDS = struct.Struct("<4xB59xQqq40xQ56x")  # type, order_id (taker), price, quantity, maker_order_id
PLACE, CANCEL_TYPE, AMEND, SET_PHASE, DEFINE_INSTRUMENT = 1, 2, 3, 5, 6
TYPE_TRADE = 3
GTC, IOC = 1, 2
ORDER_LIMIT, ORDER_MARKET = 1, 2
STP_NONE = 1
PHASE_OPEN = 4
SYMBOL = 1

assert COMMAND.size == DEFINE.size == COMMAND_BYTES
assert TRADE_FIELDS.size == EVENT_BYTES


def setup(symbol: int = SYMBOL) -> bytes:
    """DEFINE_INSTRUMENT with wide bounds, then SET_PHASE OPEN."""
    bounds = (1, 2**31 - 1, 1, 2**40, 2**40, 0, 1, 10_000)
    define = DEFINE.pack(0, DEFINE_INSTRUMENT, 1, 0, 0, 0, 0, 0, 0, symbol, 0, 0, 0, 0, 0, *bounds)
    header = (0, SET_PHASE, 1, 0, 0, 0, 0, 0, 0, symbol, 0, 0, 0, 0, 0)
    return define + COMMAND.pack(*header, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, PHASE_OPEN, 0)


def commands(flow: Flow, symbol: int = SYMBOL) -> bytes:
    """The operations as records, to come right after setup(): an order's number is its place in that whole.

    Self-trade prevention is off, because the peers have none. client_order_id = the command's place.
    """
    out = bytearray(flow.operations * COMMAND_BYTES)
    pack = COMMAND.pack_into
    for index, operation in enumerate(OPERATION.iter_unpack(flow.records)):
        kind, side, _, quantity, price, order_id, account, total = operation
        client_id = target = 0
        order_type = tif = 0
        if kind in (LIMIT, MARKET):
            command, client_id = PLACE, order_id
            order_type, tif = (ORDER_LIMIT, GTC) if kind == LIMIT else (ORDER_MARKET, IOC)
        elif kind == CANCEL:
            command, target, side, price, quantity = CANCEL_TYPE, order_id, 0, 0, 0
        else:
            command, target, side = AMEND, order_id, 0
            price, quantity = (0, total) if kind == REDUCE else (price, 0)
        header = (0, command, 1, 0, 0, 0, 0, 0, account, symbol, 0, side, order_type, tif, 0)
        body = (0, 0, 0, 0, 0, client_id, target, price, quantity, 0, 0, 0, 0, STP_NONE, 0, 0)
        pack(out, index * COMMAND_BYTES, *header, *body)
    return bytes(out)


@dataclass
class TradeCount:
    """Counts and hashes trades as benchmarks/peers/driver.hpp does."""

    count: int = 0
    volume: int = 0
    hash: int = 0xCBF29CE484222325

    def feed(self, events: bytes) -> None:
        """Takes the trades out of event records."""
        for kind, taker, price, quantity, maker in TRADE_FIELDS.iter_unpack(events):
            if kind == TYPE_TRADE:
                self.count += 1
                self.volume += quantity
                for word in (taker, maker, price, quantity):
                    self.hash = (self.hash ^ word) * 0x100000001B3 & (2**64 - 1)

    def figures(self) -> dict[str, Any]:
        """Under the drivers' names."""
        return {"trades": self.count, "volume": self.volume, "hash": f"{self.hash:016x}"}

"""Stands in for an engine before the market data process: publishes a book's changes at a steady rate."""

from __future__ import annotations

import random
import time
from pathlib import Path

from tidegate.ops.config import RingsSection
from tidegate.ops.memory import VenueMemory
from tidegate.wire import native
from tidegate.wire.doorbell import Doorbell
from tidegate.wire.instruments import Instrument
from tidegate.wire.records import CommandType, Event, EventFlag, EventType, Phase, unpack_commands
from tidegate.wire.segment import Segment
from tidegate.wire.topology import MARKETDATA_READER, READER_SLOTS, Topology

SYMBOL = "BENCHUSDT"
INSTRUMENT = Instrument.model_validate({"symbol": SYMBOL, "instrument_id": 1, "tick_size": "0.01", "lot_size": "0.01"})
LEVELS = 400
MIDDLE = 5_000_000
ORDERS_MAX = 2_000
LAST = EventFlag.LAST_OF_COMMAND


class Feed:
    """The rings of one symbol, and a book of single orders that changes when it is told to."""

    def __init__(self, data_dir: Path) -> None:
        self.topology = Topology(data_dir, 1, (INSTRUMENT,))
        self.topology.run_dir.mkdir(parents=True)
        self._memory = VenueMemory(self.topology, RingsSection())
        self._out = Segment.attach(self.topology.event_segment(SYMBOL))
        self._in = Segment.attach(self.topology.command_segment(SYMBOL, "marketdata"))
        self._bell = Doorbell(self.topology.bell("marketdata"))
        bells = [-1] * READER_SLOTS
        bells[MARKETDATA_READER] = self._bell.fd
        self._writer = native.EventWriter(self._out.buf, bells)
        self._queries = native.CommandConsumer(self._in.buf)
        self._random = random.Random(1)
        self._orders: list[tuple[int, int, int]] = []
        self._sequence = 0

    def close(self) -> None:
        """Everything is given back."""
        self._writer.close()
        self._queries.close()
        for each in (self._bell, self._out, self._in, self._memory):
            each.close()

    def run(self, seconds: float, commands_per_second: int, batch: int = 10) -> None:
        """Publishes for so long, and answers depth queries."""
        end = time.monotonic() + seconds
        due = time.monotonic()
        while (now := time.monotonic()) < end:
            self._answer()
            if now < due:
                time.sleep(due - now)
                continue
            due += batch / commands_per_second
            self._writer.publish(b"".join(self._change() for _ in range(batch)))

    def _change(self) -> bytes:
        """A new order, or the end of one."""
        self._sequence += 1
        common = {"sequence": self._sequence, "time_ns": time.time_ns(), "command_type": CommandType.PLACE, "symbol": 1}
        flags = EventFlag.ON_BOOK | LAST
        if len(self._orders) >= ORDERS_MAX or (self._orders and self._random.random() < 0.4):
            at = self._random.randrange(len(self._orders))
            self._orders[at], self._orders[-1] = self._orders[-1], self._orders[at]
            side, price, lots = self._orders.pop()
            return Event.of(
                EventType.CANCELED, side=side, price=price, previous_leaves=lots, flags=flags, **common
            ).pack()
        side, lots = self._random.choice((1, 2)), self._random.randint(1, 500)
        away = int(self._random.expovariate(10 / LEVELS)) + 1
        price = MIDDLE - away if side == 1 else MIDDLE + away
        self._orders.append((side, price, lots))
        return Event.of(EventType.ACCEPTED, side=side, price=price, leaves=lots, flags=flags, **common).pack()

    def _answer(self) -> None:
        for query in unpack_commands(self._queries.take(64)):
            self._writer.publish(self._depth(query.origin))
        self._queries.release(self._queries.position)

    def _depth(self, origin: int) -> bytes:
        levels: dict[tuple[int, int], int] = {}
        for side, price, lots in self._orders:
            levels[side, price] = levels.get((side, price), 0) + lots
        common = {"sequence": self._sequence, "origin": origin, "command_type": CommandType.QUERY_DEPTH, "symbol": 1}
        rows = [
            Event.of(EventType.DEPTH_LEVEL, side=side, price=price, leaves=lots, quantity=1, **common)
            for (side, price), lots in levels.items()
        ]
        end = Event.of(EventType.DEPTH_END, quantity=len(rows), phase=Phase.OPEN, flags=LAST, **common)
        return b"".join(each.pack() for each in (*rows, end))

"""The naive model of one symbol: `apply` as docs/rules says it, obvious and slow.

It is the oracle of every scenario and of the differential campaign, not a fallback. The book is two
sorted lists, everything else plain dictionaries; nothing is cached that can be looked up. The classes
stand on one another, a page of the rules at a time: State (what is known between two commands),
Telling (events), Triggers, Protection, Matching, Filters and Placing, Changing, Quotes, Auction, Venue,
Ticking, Queries, and Model, which sequences. The canonical form of the state is in canonical.py.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.oracle.queries import Queries
from tests.oracle.records import Command, CommandType, Event, EventFlag, Phase, Reason, Rules, split_commands

QUERIES = (CommandType.QUERY_ORDER, CommandType.QUERY_OPEN_ORDERS, CommandType.QUERY_DEPTH)


class Model(Queries):
    """One symbol: state = f(commands)."""

    def apply(self, commands: bytes, time_ns: int, epoch: int) -> bytes:
        """Sequences and applies 128-byte commands; returns their 192-byte events, crc 0."""
        done: list[Event] = []
        for record in split_commands(commands):
            done += self.apply_one(record, time_ns, epoch)
        return b"".join(event.pack() for event in done)

    def apply_one(self, record: bytes, time_ns: int, epoch: int) -> list[Event]:
        self.events = []
        self.epoch = epoch
        self.command = Command.unpack(record)
        phase_before = self.phase
        if self.command.type == CommandType.DEFINE_INSTRUMENT:
            self.command = Command(self.command.type, account=self.command.account)
        if self.command.type not in QUERIES:
            self.sequence += 1
            self.time_ns = max(self.time_ns, time_ns)
        if self.command.type == CommandType.DEFINE_INSTRUMENT:
            self.define_instrument(Rules.unpack(record))
        elif self.command.type in HANDLERS:
            HANDLERS[self.command.type](self, self.command)
        else:
            self.reject(Reason.MALFORMED_MESSAGE)
        if phase_before == self.phase == Phase.AUCTION and self.command.type not in (*QUERIES, CommandType.TICK):
            self.indicative_pending = True
        self.events[-1].flags |= EventFlag.LAST_OF_COMMAND
        return self.events


HANDLERS: dict[int, Callable[[Model, Command], None]] = {
    CommandType.PLACE: Model.place,
    CommandType.CANCEL: Model.cancel,
    CommandType.AMEND: Model.amend,
    CommandType.CANCEL_ALL: Model.cancel_all,
    CommandType.SET_PHASE: Model.set_phase,
    CommandType.REPLACE: Model.replace,
    CommandType.QUOTE: Model.quote,
    CommandType.SET_PROTECTION: Model.set_protection,
    CommandType.RESET_PROTECTION: Model.reset_protection,
    CommandType.SET_PRICES: Model.set_prices,
    CommandType.SET_COUNTDOWN: Model.set_countdown,
    CommandType.SET_POSITION_MODE: Model.set_position_mode,
    CommandType.TICK: Model.tick,
    CommandType.QUERY_ORDER: Model.query_order,
    CommandType.QUERY_OPEN_ORDERS: Model.query_open_orders,
    CommandType.QUERY_DEPTH: Model.query_depth,
}

"""TICK: does what has become due, in one order, within the events of one command."""

from __future__ import annotations

from tests.oracle.lapsing import EVENTS_MAX
from tests.oracle.orders import Order
from tests.oracle.records import Command, EventType, Phase, Reason
from tests.oracle.triggers import TRIGGER_PHASES
from tests.oracle.venue import Venue

TRIGGER_EVENTS_MAX = 512


class Ticking(Venue):
    """The engine's own command."""

    def due(self, time_ns: int) -> bool:
        """Whether a TICK at that time would do something."""
        time_ns = max(self.time_ns, time_ns)
        return bool(
            self.expired(time_ns)
            or self.counted_down(time_ns)
            or self.to_settle()
            or self.uncrossing
            or (self.phase in TRIGGER_PHASES and self.due_queue)
            or self.indicative_is_due(time_ns)
        )

    def tick(self, _: Command) -> None:
        done = self.do_units()
        self.emit(EventType.TICK_DONE, quantity=done, leaves=int(self.due(self.time_ns)))

    def do_units(self) -> int:
        """How many things were done, until one did not fit."""
        done, complete = self.lapse()
        if not complete:
            return done
        for order in self.to_settle():
            if len(self.events) > EVENTS_MAX:
                return done
            self.cancel_order(order, Reason.SETTLEMENT)
            done += 1
        if self.uncrossing:
            self.go_on_uncrossing()
            done += 1
        while self.phase in TRIGGER_PHASES and self.due_queue:
            if len(self.events) >= TRIGGER_EVENTS_MAX:
                return done
            self.take_first_due()
            done += 1
        if self.indicative_is_due(self.time_ns):
            self.tell_indicative()
            done += 1
        return done

    # ---- what is due --------------------------------------------------------------------------------
    def to_settle(self) -> list[Order]:
        """By account, then age."""
        if self.phase != Phase.SETTLEMENT:
            return []
        return sorted(self.open_orders(), key=lambda o: (o.account, o.age))

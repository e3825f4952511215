"""TICK: does what has become due, in one order, within the events of one command."""

from __future__ import annotations

from tests.oracle.orders import Order
from tests.oracle.records import Command, EventType, Phase, Reason
from tests.oracle.triggers import TRIGGER_PHASES
from tests.oracle.venue import Venue

EVENTS_MAX = 30_000
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
        done = 0
        for order in self.expired(self.time_ns):
            if len(self.events) > EVENTS_MAX:
                return done
            self.expire(order, Reason.EXPIRY)
            done += 1
        for number in self.counted_down(self.time_ns):
            orders = self.open_orders_of(number)
            if done != 0 and len(self.events) + len(orders) + 1 > EVENTS_MAX:
                return done
            self.count_down(number, orders)
            done += 1
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

    def count_down(self, number: int, orders: list[Order]) -> None:
        for order in orders:
            self.cancel_order(order, Reason.COUNTDOWN)
        account = self.accounts[number]
        account.deadline_ns = account.countdown_ms = 0
        self.emit(EventType.COUNTDOWN_SET, account=number, reason=Reason.COUNTDOWN)

    # ---- what is due --------------------------------------------------------------------------------
    def expired(self, time_ns: int) -> list[Order]:
        """First to expire first."""
        if self.phase == Phase.HALT:
            return []
        orders = [order for order in self.open_orders() if 0 < order.expiry_ns <= time_ns]
        return sorted(orders, key=lambda o: (o.expiry_ns, o.age))

    def counted_down(self, time_ns: int) -> list[int]:
        """Accounts whose countdown has come to its end, first deadline first."""
        if self.phase == Phase.HALT:
            return []
        due = [(a.deadline_ns, number) for number, a in self.accounts.items() if 0 < a.deadline_ns <= time_ns]
        return [number for _, number in sorted(due)]

    def to_settle(self) -> list[Order]:
        """By account, then age."""
        if self.phase != Phase.SETTLEMENT:
            return []
        return sorted(self.open_orders(), key=lambda o: (o.account, o.age))

"""TICK: does what has become due, in one order, within the events of one command."""

from __future__ import annotations

from collections.abc import Callable

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
        done, fits = self.do_all(0, self.expire_one)
        if fits:
            done, fits = self.do_all(done, self.count_down_one)
        if fits:
            done, fits = self.do_all(done, self.settle_one)
        if fits and self.uncrossing:
            self.go_on_uncrossing()
            done += 1
        if fits:
            done, fits = self.do_all(done, self.fire_one)
        if fits and self.indicative_is_due(self.time_ns):
            self.tell_indicative()
            done += 1
        self.emit(EventType.TICK_DONE, quantity=done, leaves=int(self.due(self.time_ns)))

    def do_all(self, done: int, unit: Callable[[int], bool | None]) -> tuple[int, bool]:
        """Does the units of one kind: how many are done by then, and whether they all did fit."""
        while fits := unit(done):
            done += 1
        return done, fits is None

    # ---- units: None: nothing is due; False: it does not fit; True: it is done ----------------------
    def expire_one(self, _: int) -> bool | None:
        orders = self.expired(self.time_ns)
        if not orders:
            return None
        if len(self.events) > EVENTS_MAX:
            return False
        self.expire(orders[0], Reason.EXPIRY)
        return True

    def count_down_one(self, done: int) -> bool | None:
        accounts = self.counted_down(self.time_ns)
        if not accounts:
            return None
        orders = self.open_orders_of(accounts[0])
        if done != 0 and len(self.events) + len(orders) + 1 > EVENTS_MAX:
            return False
        for order in orders:
            self.cancel_order(order, Reason.COUNTDOWN)
        account = self.accounts[accounts[0]]
        account.deadline_ns = account.countdown_ms = 0
        self.emit(EventType.COUNTDOWN_SET, account=accounts[0], reason=Reason.COUNTDOWN)
        return True

    def settle_one(self, _: int) -> bool | None:
        orders = self.to_settle()
        if not orders:
            return None
        if len(self.events) > EVENTS_MAX:
            return False
        self.cancel_order(orders[0], Reason.SETTLEMENT)
        return True

    def fire_one(self, _: int) -> bool | None:
        if self.phase not in TRIGGER_PHASES or not self.due_queue:
            return None
        if len(self.events) >= TRIGGER_EVENTS_MAX:
            return False
        self.take_first_due()
        return True

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

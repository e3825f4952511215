"""What ends by the clock: orders good till a time (ORD-1), countdowns (ORD-12). Not in HALT, but for an uncrossing."""

from __future__ import annotations

from tests.oracle.orders import Order
from tests.oracle.quotes import Quotes
from tests.oracle.records import EventType, Phase, Reason

EVENTS_MAX = 30_000


class Lapsing(Quotes):
    """Expiries, then countdowns, within the events of one command."""

    def lapse(self) -> tuple[int, bool]:
        """How many things were done, and whether all."""
        done = 0
        for order in self.expired(self.time_ns):
            if len(self.events) > EVENTS_MAX:
                return done, False
            self.expire(order, Reason.EXPIRY)
            done += 1
        for number in self.counted_down(self.time_ns):
            orders = self.open_orders_of(number)
            if done != 0 and len(self.events) + len(orders) + 1 > EVENTS_MAX:
                return done, False
            self.count_down(number, orders)
            done += 1
        return done, True

    def count_down(self, number: int, orders: list[Order]) -> None:
        for order in orders:
            self.cancel_order(order, Reason.COUNTDOWN)
        account = self.accounts[number]
        account.deadline_ns = account.countdown_ms = 0
        self.emit(EventType.COUNTDOWN_SET, account=number, reason=Reason.COUNTDOWN)

    def expired(self, time_ns: int) -> list[Order]:
        """First to expire first."""
        if self.clock_stands():
            return []
        orders = [order for order in self.open_orders() if 0 < order.expiry_ns <= time_ns]
        return sorted(orders, key=lambda o: (o.expiry_ns, o.age))

    def counted_down(self, time_ns: int) -> list[int]:
        """Accounts whose countdown has come to its end, first deadline first."""
        if self.clock_stands():
            return []
        due = [(a.deadline_ns, number) for number, a in self.accounts.items() if 0 < a.deadline_ns <= time_ns]
        return [number for _, number in sorted(due)]

    def clock_stands(self) -> bool:
        """In HALT, unless the symbol is about to leave it."""
        return self.phase == Phase.HALT and self.uncrossing == 0

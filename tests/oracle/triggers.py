"""Triggers (ORD-1, ORD-9): what the observed prices do to the orders that wait for one."""

from __future__ import annotations

from tests.oracle.orders import DUE, FALLING, RISING, WAITING, Order
from tests.oracle.records import (
    REDUCE_ONLY_RESTING_MAX,
    EventType,
    OrderStatus,
    Phase,
    Reason,
    Side,
    TimeInForce,
)
from tests.oracle.telling import Telling

TRIGGER_PHASES = (Phase.OPEN, Phase.REDUCE_ONLY)


class Triggers(Telling):
    """Waiting orders, the queue of due ones."""

    def take(self, order: Order) -> None:
        """Matching's."""
        raise NotImplementedError

    def start_waiting(self, order: Order) -> None:
        """A trigger order that has been accepted."""
        reference = self.reference(order.trigger_by)
        order.direction = order.firing_direction()
        if order.is_trailing and order.activation_price in (0, reference):
            order.follow(reference)
        elif order.is_trailing:
            order.direction = RISING if order.activation_price > reference else FALLING
        self.wait(order)

    def is_immediate(self, order: Order, trigger_price: int) -> bool:
        """Whether the current price satisfies the trigger already."""
        reference = self.reference(order.trigger_by)
        if order.is_trailing or reference == 0:
            return False
        rising = order.firing_direction() == RISING
        return reference >= trigger_price if rising else reference <= trigger_price

    # ---- a price ------------------------------------------------------------------------------------
    def observe(self, trigger_by: int, price: int) -> None:
        """A new price of a reference: some orders become due, or active, or follow it."""
        if self.phase not in TRIGGER_PHASES:
            return
        watching = [o for o in self.waiting if o.trigger_by == trigger_by and o.waiting == WAITING]
        reached = [o for o in watching if o.satisfied_by(price)]
        rising = [o for o in reached if o.direction == RISING]
        falling = [o for o in reached if o.direction == FALLING]
        for order in (
            *sorted(rising, key=lambda o: (o.watched_price, o.age)),
            *sorted(falling, key=lambda o: (-o.watched_price, o.age)),
        ):
            if order.is_active:
                self.become_due(order)
            else:
                order.follow(price)
                order.untold = True
                self.due_queue.append((order, True))
        for order in watching:
            if order not in reached and order.is_trailing and order.is_active:
                better = price < order.extreme if order.side == Side.BUY else price > order.extreme
                if better:
                    order.follow(price)

    # ---- phases -------------------------------------------------------------------------------------
    def change_phase(self, phase: int) -> None:
        """Enters a phase; the queue lives only where triggers do."""
        before, self.phase = self.phase, phase
        if before in TRIGGER_PHASES and phase not in TRIGGER_PHASES:
            for order in self.waiting:
                order.waiting = WAITING
            self.due_queue = []
        elif before not in TRIGGER_PHASES and phase in TRIGGER_PHASES:
            self.due_queue = [(order, True) for order in self.waiting if order.untold]
        if phase != Phase.AUCTION:
            self.indicative_time_ns, self.indicative_pending = 0, False
        elif before != Phase.AUCTION:
            self.indicative_time_ns, self.indicative_pending = self.time_ns, False

    # ---- the queue ----------------------------------------------------------------------------------
    def take_first_due(self) -> None:
        """One unit of a TICK."""
        order, to_be_told = self.due_queue[0]
        if to_be_told:
            self.due_queue.pop(0)
            order.untold = False
            self.emit(EventType.TRAILING_ACTIVATED, order)
        else:
            assert order.waiting == DUE
            self.fire(order)

    def fire(self, order: Order) -> None:
        """A due order goes where its side, price and terms send it."""
        self.stop_waiting(order)
        order.direction = 0
        order.status = OrderStatus.TRIGGERED
        reason = self.check_fire(order)
        if reason == Reason.NONE:
            if order.close_position:
                order.quantity = order.leaves = self.reducible(order)
            elif order.reduce_only:
                order.quantity = order.leaves = min(order.leaves, self.reducible(order))
        self.emit(EventType.TRIGGERED, order)
        if reason != Reason.NONE:
            self.expire(order, reason)
        elif order.time_in_force == TimeInForce.GTX and self.crosses(order.side, order.price):
            self.expire(order, Reason.POST_ONLY_WOULD_CROSS)
        else:
            self.take(order)

    def check_fire(self, order: Order) -> Reason:
        """Why a triggered order comes to nothing; the first that holds."""
        if order.reduce_only and self.reducible(order) == 0:
            return Reason.REDUCE_ONLY
        if self.phase == Phase.REDUCE_ONLY and not order.reduce_only:
            return Reason.PHASE_ENDED
        resting = len(self.reduce_only_resting_of(order.account))
        if order.reduce_only and order.may_rest and resting >= REDUCE_ONLY_RESTING_MAX:
            return Reason.REDUCE_ONLY
        if self.is_frozen(order.account, order.group):
            return Reason.MARKET_MAKER_PROTECTION
        return Reason.NONE

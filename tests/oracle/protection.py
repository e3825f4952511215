"""Market-maker protection (ORD-11): limits of a group, what counts, and what happens when one is reached."""

from __future__ import annotations

from tests.oracle.orders import Order
from tests.oracle.records import (
    COUNTDOWN_MAX_MS,
    GROUPS_MAX,
    Command,
    EventType,
    Phase,
    Reason,
)
from tests.oracle.state import Group
from tests.oracle.triggers import Triggers


class Protection(Triggers):
    """SET_PROTECTION, RESET_PROTECTION, and the counting of fills."""

    def set_protection(self, command: Command) -> None:
        limits = (command.price, command.quantity_limit, command.notional_limit)
        removes = limits == (0, 0, 0) and command.quantity == 0
        if (reason := self.check_protection(command)) != Reason.NONE:
            self.reject(reason)
        elif not removes and (not 1 <= command.quantity <= COUNTDOWN_MAX_MS or min(limits) < 0):
            self.reject(Reason.INVALID_COUNTDOWN)
        else:
            key = (command.account, command.group)
            frozen = self.is_frozen(*key)
            self.groups.pop(key, None)
            if not removes:
                self.groups[key] = Group(frozen, command.quantity, *limits)
            self.tell_protection(key, self.groups.get(key, Group()), Reason.USER_REQUEST)

    def reset_protection(self, command: Command) -> None:
        key = (command.account, command.group)
        if (reason := self.check_protection(command)) != Reason.NONE:
            self.reject(reason)
        elif key not in self.groups:
            self.reject(Reason.INVALID_GROUP)
        else:
            old = self.groups[key]
            self.groups[key] = Group(False, old.window_ms, old.fills_limit, old.quantity_limit, old.notional_limit)
            self.tell_protection(key, self.groups[key], Reason.USER_REQUEST)

    def check_protection(self, command: Command) -> Reason:
        if self.phase == Phase.HALT:
            return Reason.PHASE_FORBIDS
        if not self.admit(command.account):
            return Reason.ACCOUNT_TABLE_FULL
        return Reason.NONE if 1 <= command.group <= GROUPS_MAX else Reason.INVALID_GROUP

    def tell_protection(self, key: tuple[int, int], group: Group, reason: Reason, **counted: int) -> None:
        account, number = key
        self.emit(
            EventType.PROTECTION,
            account=account,
            group=number,
            price=group.fills_limit,
            quantity=group.window_ms,
            reason=reason,
            **counted,
        )

    def count_fill(self, order: Order, price: int, quantity: int) -> None:
        """One fill of an order of a group."""
        key = (order.account, order.group)
        group = self.groups.get(key)
        if order.group == 0 or group is None or group.frozen:
            return
        assert self.rules is not None
        if group.count(self.time_ns, quantity, price * quantity * self.rules.tick_lot_value):
            self.trip(key, group)

    def trip(self, key: tuple[int, int], group: Group) -> None:
        """Freezes a group and pulls its orders, the one that is matching last."""
        group.frozen = True
        self.tell_protection(
            key,
            group,
            Reason.MARKET_MAKER_PROTECTION,
            filled=group.fills,
            leaves=group.quantity,
            previous_price=group.notional,
        )
        orders = self.open_orders() + [order for order in self.off_book if order.is_open]
        mine = sorted((o for o in orders if (o.account, o.group) == key), key=lambda o: o.age)
        for order in mine:
            self.cancel_order(order, Reason.MARKET_MAKER_PROTECTION)
        taker = self.matching
        if taker is not None and taker.is_open and (taker.account, taker.group) == key:
            self.cancel_order(taker, Reason.MARKET_MAKER_PROTECTION)

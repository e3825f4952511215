"""Queries (API-4): answered from the state, which they leave as it is."""

from __future__ import annotations

from tests.oracle.records import Command, EventType, Side, order_age
from tests.oracle.ticking import Ticking


class Queries(Ticking):
    """What can be asked of a symbol."""

    def query_order(self, command: Command) -> None:
        order = self.target(command)
        if order is None:
            self.emit(EventType.NOT_FOUND, order_id=command.order_id, client_order_id=command.client_order_id)
        else:
            self.emit(EventType.ORDER_STATE, order, reason=order.reason)

    def query_open_orders(self, command: Command) -> None:
        orders = [o for o in self.open_orders_of(command.account) if o.age > order_age(command.order_id)]
        rows = orders[: max(0, command.quantity)]
        for order in rows:
            self.emit(EventType.ORDER_STATE, order)
        last = rows[-1].order_id if rows else command.order_id
        self.emit(EventType.OPEN_ORDERS_END, quantity=len(rows), order_id=last if len(rows) < len(orders) else 0)

    def query_depth(self, _: Command) -> None:
        levels = 0
        for side in (Side.BUY, Side.SELL):
            for price in dict.fromkeys(order.price for order in self.book[side]):
                orders = self.level(side, price)
                total = sum(order.offers for order in orders)
                self.emit(EventType.DEPTH_LEVEL, side=side, price=price, leaves=total, quantity=len(orders))
                levels += 1
        self.emit(
            EventType.DEPTH_END,
            quantity=levels,
            phase=self.phase,
            price=self.mark,
            filled=self.index,
            previous_price=self.funding_rate,
            previous_leaves=self.next_funding_time_ns,
            trade_id=self.trade_id,
            maker_filled=self.last,
        )

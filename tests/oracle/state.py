"""What the model knows of one symbol: orders, the book, positions, and what is remembered."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass

from tests.oracle.records import (
    Command,
    CommandFlag,
    OrderStatus,
    OrderType,
    Phase,
    Reason,
    Rules,
    Side,
    TimeInForce,
)

OPEN_STATUSES = (OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED)
RESTING_TIMES_IN_FORCE = (TimeInForce.GTC, TimeInForce.GTX)
Body = tuple[int, int, int, int]


@dataclass(slots=True, eq=False)
class Order:
    """One order that was accepted or refused and is remembered."""

    order_id: int
    client_order_id: int
    account: int
    side: int
    order_type: int
    time_in_force: int
    stp_mode: int  # resolved
    stp_group: int
    reduce_only: bool
    price: int
    quantity: int
    body: Body  # as it was sent, to recognise a repeated request
    filled: int = 0
    leaves: int = 0
    status: int = OrderStatus.NEW
    reason: int = Reason.NONE
    admission: int = 0  # sequence at which it took its place in its level; 0 when it does not rest

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES

    @property
    def priority(self) -> tuple[int, int]:
        """Smaller trades first: better price, then older (MAT-1)."""
        return (-self.price if self.side == Side.BUY else self.price, self.admission)


def opposite(side: int) -> Side:
    return Side.SELL if side == Side.BUY else Side.BUY


def body_of(command: Command) -> Body:
    kinds = command.side | command.order_type << 8 | command.time_in_force << 16 | command.stp_mode << 24
    reduce_only = command.flags & CommandFlag.COMMAND_REDUCE_ONLY
    return (kinds | reduce_only << 32, command.price, command.quantity, command.stp_group)


class State:
    """One symbol between two commands. The same bounds as the core's Shard."""

    def __init__(
        self, symbol_id: int, *, orders_max: int = 1 << 17, retained_max: int = 1 << 18, accounts_max: int = 1 << 14
    ) -> None:
        self.symbol_id = symbol_id
        self.orders_max = orders_max
        self.retained_max = retained_max
        self.accounts_max = accounts_max
        self.sequence = 0
        self.time_ns = 0
        self.trade_id = 0
        self.phase: int = Phase.HALT
        self.rules: Rules | None = None
        self.positions: dict[int, int] = {}  # of every admitted account
        self.book: dict[int, list[Order]] = {Side.BUY: [], Side.SELL: []}  # best first, oldest first
        self.reduce_only_resting: list[Order] = []
        self.ended: dict[int, Order] = {}  # by order id, oldest end first
        self.by_id: dict[int, Order] = {}
        self.by_client: dict[tuple[int, int], Order] = {}

    def resting(self) -> list[Order]:
        """Every open order, bids best first, then asks best first."""
        return self.book[Side.BUY] + self.book[Side.SELL]

    def open_orders_of(self, account: int) -> list[Order]:
        """Oldest first, by order id."""
        return sorted((o for o in self.resting() if o.account == account), key=lambda o: o.order_id)

    def best(self, side: int) -> Order | None:
        """The order of a side that trades first."""
        return self.book[side][0] if self.book[side] else None

    def crosses(self, side: int, order_type: int, price: int) -> bool:
        """Whether an order would trade with the opposite touch."""
        touch = self.best(opposite(side))
        if touch is None:
            return False
        if order_type == OrderType.MARKET:
            return True
        return touch.price <= price if side == Side.BUY else touch.price >= price

    def put_on_book(self, order: Order) -> None:
        order.admission = self.sequence
        insort(self.book[order.side], order, key=lambda o: o.priority)
        if order.reduce_only:
            insort(self.reduce_only_resting, order, key=lambda o: o.order_id)

    def take_off_book(self, order: Order) -> None:
        self.book[order.side].remove(order)
        order.admission = 0
        if order.reduce_only:
            self.reduce_only_resting.remove(order)

    def end(self, order: Order, status: OrderStatus, reason: Reason) -> None:
        """An order ends: it leaves the book when it was there, and is remembered for a while."""
        if order.admission != 0:
            self.take_off_book(order)
        order.status, order.reason, order.leaves = status, reason, 0
        self.remember_ended(order)

    def remember_ended(self, order: Order) -> None:
        self.ended[order.order_id] = order
        if len(self.ended) > self.retained_max:
            oldest = next(iter(self.ended.values()))
            del self.ended[oldest.order_id]
            del self.by_id[oldest.order_id]
            del self.by_client[oldest.account, oldest.client_order_id]

    def reduces(self, account: int, side: int) -> int:
        """Lots by which an order of this side can reduce the account's position; 0 when it cannot (ORD-8)."""
        position = self.positions.get(account, 0)
        return max(0, -position if side == Side.BUY else position)

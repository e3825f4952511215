"""What the model knows of one symbol: orders, the book, positions, and what is remembered."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass

from tests.oracle.orders import DUE, WAITING, Order, opposite
from tests.oracle.records import (
    INT64_MAX,
    PRICE_MAX,
    OrderStatus,
    OrderType,
    Phase,
    PositionMode,
    Reason,
    Rules,
    Side,
    TriggerBy,
)

Leg = tuple[int, bool]  # account, whether it is hedge mode's SHORT leg


@dataclass(slots=True)
class Account:
    """An admitted account."""

    mode: int = PositionMode.ONE_WAY
    position: int = 0  # of the LONG leg, which is the leg of one-way mode
    short_position: int = 0
    deadline_ns: int = 0  # of its countdown; 0: off
    countdown_ms: int = 0


@dataclass(slots=True)
class Group:
    """A market-maker protection group."""

    frozen: bool = False
    window_ms: int = 0
    fills_limit: int = 0
    quantity_limit: int = 0
    notional_limit: int = 0
    window_start_ns: int = 0  # 0: none open
    fills: int = 0
    quantity: int = 0
    notional: int = 0

    def count(self, time_ns: int, quantity: int, notional: int) -> bool:
        """One fill; whether a limit is reached by it."""
        window_ns = self.window_ms * 1_000_000
        if self.window_start_ns == 0 or time_ns >= self.window_start_ns + window_ns:
            self.window_start_ns = time_ns
            self.fills = self.quantity = self.notional = 0
        self.fills += 1
        self.quantity = min(INT64_MAX, self.quantity + quantity)
        self.notional = min(INT64_MAX, self.notional + notional)
        return (
            0 < self.fills_limit <= self.fills
            or 0 < self.quantity_limit <= self.quantity
            or 0 < self.notional_limit <= self.notional
        )


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
        self.uncrossing = 0  # the phase to enter after it; 0: none under way
        self.uncrossing_price = 0  # of the round under way, whose AUCTION has been told; 0: none
        self.uncrossing_reason = 0
        self.mark = self.index = self.last = 0
        self.funding_rate = self.next_funding_time_ns = self.source_time_ns = 0
        self.rules: Rules | None = None
        self.definition_sequence = 0
        self.indicative_time_ns = 0  # of the last AUCTION told, or AUCTION entered
        self.indicative_pending = False  # a command was applied since
        self.accounts: dict[int, Account] = {}
        self.groups: dict[tuple[int, int], Group] = {}  # by account and number
        self.book: dict[int, list[Order]] = {Side.BUY: [], Side.SELL: []}  # best first, then first in the queue
        self.waiting: list[Order] = []  # untriggered, by age
        self.hooked: list[Order] = []  # on the book or waiting, and reduce-only or of a group; by age
        self.due_queue: list[tuple[Order, bool]] = []  # first come first; True: its activation is to be told
        self.ended: dict[int, Order] = {}  # by order id, oldest end first
        self.by_id: dict[int, Order] = {}
        self.by_client: dict[tuple[int, int], Order] = {}  # without quotes

    @property
    def positions(self) -> dict[int, int]:
        """Of the LONG legs."""
        return {number: account.position for number, account in self.accounts.items()}

    @positions.setter
    def positions(self, positions: dict[int, int]) -> None:
        self.accounts = {number: Account(position=position) for number, position in positions.items()}

    # ---- orders -------------------------------------------------------------------------------------
    def resting(self) -> list[Order]:
        """Every order on the book, bids best first, then asks best first."""
        return self.book[Side.BUY] + self.book[Side.SELL]

    def open_orders(self) -> list[Order]:
        """Every open order, oldest first."""
        return sorted(self.resting() + self.waiting, key=lambda o: o.age)

    def open_orders_of(self, account: int) -> list[Order]:
        """Oldest first."""
        return [o for o in self.open_orders() if o.account == account]

    def reduce_only_resting_of(self, account: int) -> list[Order]:
        """Oldest first, of both legs."""
        return [o for o in self.hooked if o.account == account and o.reduce_only and o.waiting == 0]

    def quote_side(self, account: int, quote_id: int, side: int) -> Order | None:
        """What is there of a quote."""
        for order in self.book[side]:
            if order.is_quote and (order.account, order.client_order_id) == (account, quote_id):
                return order
        return None

    # ---- the book -----------------------------------------------------------------------------------
    def best(self, side: int) -> Order | None:
        """The order of a side that trades first."""
        return self.book[side][0] if self.book[side] else None

    def is_crossed(self) -> bool:
        bid, ask = self.best(Side.BUY), self.best(Side.SELL)
        return bid is not None and ask is not None and bid.price >= ask.price

    def crosses(self, side: int, price: int, *, without: Order | None = None) -> bool:
        """Whether a limit of this side is at or past the opposite best price."""
        touch = next((order for order in self.book[opposite(side)] if order is not without), None)
        if touch is None:
            return False
        return touch.price <= price if side == Side.BUY else touch.price >= price

    def level(self, side: int, price: int) -> list[Order]:
        return [order for order in self.book[side] if order.price == price]

    def put_on_book(self, order: Order) -> None:
        """At the back of its level."""
        order.admission = self.sequence
        insort(self.book[order.side], order, key=lambda o: -o.price if o.side == Side.BUY else o.price)
        self.hook(order)

    def take_off_book(self, order: Order) -> None:
        self.book[order.side].remove(order)
        order.admission = 0
        self.unhook(order)

    def hook(self, order: Order) -> None:
        """A trade or a trip may have a word with this order."""
        if order.reduce_only or order.group != 0:
            insort(self.hooked, order, key=lambda o: o.age)

    def unhook(self, order: Order) -> None:
        if order in self.hooked:
            self.hooked.remove(order)

    # ---- waiting for a price ------------------------------------------------------------------------
    def wait(self, order: Order) -> None:
        order.waiting = WAITING
        insort(self.waiting, order, key=lambda o: o.age)
        self.hook(order)

    def stop_waiting(self, order: Order) -> None:
        self.waiting.remove(order)
        self.unhook(order)
        self.due_queue = [entry for entry in self.due_queue if entry[0] is not order]
        order.waiting = 0
        order.untold = False

    def become_due(self, order: Order) -> None:
        order.waiting = DUE
        self.due_queue.append((order, False))

    def wait_again(self, order: Order) -> None:
        """A due order goes back to where it waited."""
        self.due_queue = [entry for entry in self.due_queue if entry != (order, False)]
        order.waiting = WAITING

    def reference(self, trigger_by: int) -> int:
        """The price that a trigger watches; 0: none yet."""
        return {TriggerBy.MARK: self.mark, TriggerBy.LAST: self.last, TriggerBy.INDEX: self.index}[trigger_by]

    # ---- the end of an order ------------------------------------------------------------------------
    def remember(self, order: Order) -> None:
        """A new order, under its ids."""
        self.by_id[order.order_id] = order
        if not order.is_quote:
            self.by_client[order.account, order.client_order_id] = order

    def end(self, order: Order, status: OrderStatus, reason: Reason) -> None:
        """An order ends: it leaves the book when it was there."""
        if order.admission != 0:
            self.take_off_book(order)
        if order.waiting != 0:
            self.stop_waiting(order)
        order.status, order.reason, order.leaves, order.shown = status, reason, 0, 0

    def remember_ended(self, order: Order) -> None:
        """What has ended is remembered for a while (ORD-3), but not a quote."""
        if order.is_quote:
            del self.by_id[order.order_id]
            return
        order.trigger_price, order.extreme, order.direction, order.session = order.sent_trigger_price, 0, 0, 0
        if len(self.ended) >= self.retained_max:
            self.forget_one(order.account)
        self.ended[order.order_id] = order

    def forget_one(self, account: int) -> None:
        """Makes room for an order of this account."""
        remembered: dict[int, list[Order]] = {}
        for order in self.ended.values():
            remembered.setdefault(order.account, []).append(order)
        quota = max(1, self.retained_max // self.accounts_max)
        if len(remembered.get(account, [])) < quota:
            account = min(remembered, key=lambda a: (-len(remembered[a]), a))
        oldest = remembered[account][0]
        del self.ended[oldest.order_id]
        del self.by_id[oldest.order_id]
        del self.by_client[oldest.account, oldest.client_order_id]

    # ---- accounts -----------------------------------------------------------------------------------
    def admit(self, account: int) -> bool:
        """Whether the account is admitted, now at the latest."""
        if account not in self.accounts and len(self.accounts) < self.accounts_max:
            self.accounts[account] = Account()
        return account in self.accounts

    def is_hedge(self, account: int) -> bool:
        return account in self.accounts and self.accounts[account].mode == PositionMode.HEDGE

    def position(self, leg: Leg) -> int:
        account, short = leg
        if account not in self.accounts:
            return 0
        return self.accounts[account].short_position if short else self.accounts[account].position

    def move(self, leg: Leg, lots: int) -> None:
        account, short = leg
        if short:
            self.accounts[account].short_position += lots
        else:
            self.accounts[account].position += lots

    def reducible(self, order: Order) -> int:
        """Lots by which an order can reduce its leg; 0 when it cannot (ORD-8)."""
        position = self.position(leg_of(order))
        return max(0, -position if order.side == Side.BUY else position)

    def is_frozen(self, account: int, group: int) -> bool:
        return group != 0 and (account, group) in self.groups and self.groups[account, group].frozen

    # ---- the band (LIM-1) ---------------------------------------------------------------------------
    def highest(self) -> int | None:
        """The upper edge; None: there is none."""
        if self.rules is None or self.rules.band_up_bps == 0 or self.mark == 0:
            return None
        return drawn_in(self.mark * (10_000 + self.rules.band_up_bps) // 10_000)

    def lowest(self) -> int | None:
        """The lower edge; None: there is none."""
        if self.rules is None or self.rules.band_down_bps == 0 or self.mark == 0:
            return None
        return drawn_in(-(-self.mark * (10_000 - self.rules.band_down_bps) // 10_000))

    def within_band(self, price: int) -> bool:
        highest, lowest = self.highest(), self.lowest()
        return (highest is None or price <= highest) and (lowest is None or price >= lowest)

    def edge(self, side: int) -> int | None:
        """The edge that matching meets on its way."""
        return self.highest() if side == Side.BUY else self.lowest()

    def beyond_edge(self, order: Order) -> bool:
        """Whether a triggered STOP or TAKE_PROFIT asks for more than the band gives."""
        edge = self.edge(order.side)
        if edge is None or order.order_type not in (OrderType.STOP, OrderType.TAKE_PROFIT):
            return False
        return order.price > edge if order.side == Side.BUY else order.price < edge


def drawn_in(price: int) -> int:
    return max(1, min(PRICE_MAX, price))


def leg_of(order: Order) -> Leg:
    return (order.account, order.short_leg)

"""The book of a LOBSTER replay as it stands on the venue: every order, in its place.

Orders that were there before the file starts have numbers, but the file names one only when something
happens to it. Until then they are one anonymous order per level; a message about an unknown number is
about a part of it. They are the oldest of their level, so an execution finds them first, as it should.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tidegate.ops.replay.levels import AMEND, ASK, BID, CANCEL, PLACE, Change
from tidegate.ops.replay.lobster_files import Book, Kind, Message
from tidegate_client import ClientOrderIds

MAKER_LANE = 0
ANONYMOUS = 0  # as a recorded order number


class Resting:
    """An order on the venue; order_id is the recorded number, ANONYMOUS for what was there before."""

    __slots__ = ("client_order_id", "filled", "order_id", "price", "side", "total")

    def __init__(self, order_id: int, client_order_id: int, side: int, price: int, total: int) -> None:
        self.order_id = order_id
        self.client_order_id = client_order_id
        self.side = side
        self.price = price
        self.total = total
        self.filled = 0

    @property
    def leaves(self) -> int:
        """Open lots."""
        return self.total - self.filled


Fill = tuple[int, int, int]  # recorded order number, lots, price in ticks


def merged(fills: Iterable[Fill]) -> list[Fill]:
    """Fills with neighbours of the same order and price added up: one anonymous order stands for several."""
    result: list[Fill] = []
    for order_id, lots, price in fills:
        if result and result[-1][0] == order_id and result[-1][2] == price:
            result[-1] = order_id, result[-1][1] + lots, price
        else:
            result.append((order_id, lots, price))
    return result


@dataclass
class Adjustments:
    """Levels that the messages alone do not explain, by what the book file shows."""

    came_into_view: int = 0
    gone_out_of_view: int = 0
    within_view: int = 0
    proved_gone: int = 0  # orders in the way of what a message says has happened


@dataclass
class LobsterBook:
    """Turns messages into changes for the maker's session; matches locally as the venue will."""

    next_id: ClientOrderIds
    changes: list[Change] = field(default_factory=list)
    orders: dict[int, Resting] = field(default_factory=dict)
    levels: dict[int, dict[int, list[Resting]]] = field(default_factory=lambda: {BID: {}, ASK: {}})
    adjustments: Adjustments = field(default_factory=Adjustments)
    open_orders: int = 0
    numbers: dict[int, int] = field(default_factory=dict)  # client order id to recorded number
    last_mention: dict[int, int] = field(default_factory=dict)  # recorded number to the last row that names it
    row: int = 0
    _edge: dict[int, int] = field(default_factory=dict)

    def start(self, levels: Iterable[tuple[int, int, int]]) -> None:
        """The book before the first message: (side, ticks, lots)."""
        for side, price, lots in levels:
            self._place(ANONYMOUS, side, price, lots)

    def take_changes(self) -> list[Change]:
        """What must be sent, in order; then there is nothing. Nothing here crosses: removals come first."""
        changes, self.changes = self.changes, []
        return sorted(changes, key=lambda each: each[0] == PLACE)

    # Messages

    def apply(self, message: Message) -> None:
        """A new order, a partial cancel or a delete."""
        if message.kind is Kind.NEW:
            self._clear_crossed(message.side, message.price)
            self._place(message.order_id, message.side, message.price, message.size)
        else:
            self._reduce(message.order_id, message.side, message.price, message.size)

    def execute(self, side: int, lots: int, limit: int) -> list[Fill]:
        """What an aggressive order of so many lots, down to `limit`, takes from `side`: (number, lots, price)."""
        fills: list[Fill] = []
        sign = -1 if side == BID else 1
        while lots:
            price = self.best(side)
            if not price or sign * price > sign * limit:
                break
            order = self.levels[side][price][0]
            taken = min(lots, order.leaves)
            order.filled += taken
            lots -= taken
            fills.append((order.order_id, taken, price))
            if not order.leaves:
                self._drop(order)
        return fills

    def clear_way(self, side: int, recorded: list[Fill]) -> None:
        """Cancel what price-time priority proves to be gone: it would have been executed instead.

        Nothing is left at better prices, nor in front of an order that was executed, nor of an order itself
        when another one was executed after it.
        """
        sign = -1 if side == BID else 1
        worst = recorded[-1][2]
        wanted: dict[int, list[tuple[int, int]]] = {}
        for order_id, lots, price in recorded:
            wanted.setdefault(price, []).append((order_id, lots))
        for price in [each for each in self.levels[side] if sign * each < sign * worst and each not in wanted]:
            self._prove_gone(list(self.levels[side][price]))
        for price, fills in wanted.items():
            queue = list(self.levels[side].get(price, ()))
            for number, (order_id, lots) in enumerate(fills):
                at = next((at for at, each in enumerate(queue) if each.order_id == order_id), None)
                if at is None:
                    continue
                self._prove_gone(queue[:at])
                order = queue[at]
                if (number + 1 < len(fills) or price != worst) and order.leaves > lots:
                    self._lower(order, order.leaves - lots)
                    self.adjustments.proved_gone += 1
                queue = queue[at + 1 :]
            if price != worst:
                self._prove_gone(queue)

    def provide(self, side: int, wanted: Iterable[Fill]) -> int:
        """Make sure that what is about to be executed is there; lots that had to be added."""
        needed: dict[int, int] = {}
        for _, lots, price in wanted:
            needed[price] = needed.get(price, 0) + lots
        added = 0
        for price, lots in needed.items():
            missing = lots - sum(each.leaves for each in self.levels[side].get(price, ()))
            if missing > 0:
                self._place(ANONYMOUS, side, price, missing)
                added += missing
        return added

    # The book file

    def agree(self, book: Book) -> None:
        """Put right what the messages do not tell: levels that come into view, orders that went while out of it."""
        for side in (BID, ASK):
            rows, whole = book.side(side)
            levels, sign = self.levels[side], -1 if side == BID else 1
            shown = dict(rows)
            last = rows[-1][0] if rows else 0
            edge = self._edge.get(side, last)
            for price in [each for each in levels if each not in shown and (whole or sign * each <= sign * last)]:
                self._count(sign * price > sign * edge, came=False)
                self._shrink(side, price, sum(each.leaves for each in levels[price]))
            for price, lots in rows:
                have = sum(each.leaves for each in levels.get(price, ()))
                if have == lots:
                    continue
                self._count(sign * price > sign * edge, came=have < lots)
                if have < lots:
                    self._place(ANONYMOUS, side, price, lots - have)
                else:
                    self._shrink(side, price, have - lots)
            # What a whole side shows has no edge: whatever is new there was told by a message.
            self._edge[side] = sign * (1 << 62) if whole else last

    def trim(self, book: Book, orders_max: int) -> None:
        """Too many orders: cancel those out of view."""
        if self.open_orders <= orders_max:
            return
        for side in (BID, ASK):
            shown = {price for price, _ in book.side(side)[0]}
            for price in [each for each in self.levels[side] if each not in shown]:
                self._shrink(side, price, sum(each.leaves for each in self.levels[side][price]))

    def best(self, side: int) -> int:
        """Best price of a side, 0 for none."""
        prices = self.levels[side]
        return (max(prices) if side == BID else min(prices)) if prices else 0

    def top(self, side: int, count: int) -> tuple[tuple[int, int], ...]:
        """The best levels of a side: (ticks, lots)."""
        prices = sorted(self.levels[side], reverse=side == BID)[:count]
        return tuple((price, sum(each.leaves for each in self.levels[side][price])) for price in prices)

    # Inside

    def _count(self, beyond_edge: bool, *, came: bool) -> None:
        if not beyond_edge:
            self.adjustments.within_view += 1
        elif came:
            self.adjustments.came_into_view += 1
        else:
            self.adjustments.gone_out_of_view += 1

    def _place(self, order_id: int, side: int, price: int, lots: int) -> None:
        order = Resting(order_id, self.next_id(), side, price, lots)
        self.numbers[order.client_order_id] = order_id
        if order_id != ANONYMOUS:
            self.orders[order_id] = order
        self.levels[side].setdefault(price, []).append(order)
        self.open_orders += 1
        self.changes.append((PLACE, MAKER_LANE, order.client_order_id, side, price, lots))

    def _reduce(self, order_id: int, side: int, price: int, lots: int) -> None:
        order = self.orders.get(order_id)
        if order is not None:
            lots -= self._lower(order, lots)
        for each in [each for each in self.levels[side].get(price, ()) if each.order_id == ANONYMOUS]:
            if not lots:
                return
            lots -= self._lower(each, lots)

    def _clear_crossed(self, side: int, price: int) -> None:
        """A new order rests at `price`: whatever it would trade with is gone."""
        other, sign = ASK if side == BID else BID, 1 if side == BID else -1
        for each in [each for each in self.levels[other] if sign * each <= sign * price]:
            self._prove_gone(list(self.levels[other][each]))

    def _prove_gone(self, orders: list[Resting]) -> None:
        for each in orders:
            self.adjustments.proved_gone += 1
            self._lower(each, each.leaves)

    def _shrink(self, side: int, price: int, lots: int) -> None:
        """First orders that the file does not name again, then anonymous ones, then the youngest."""
        last, row, wanted = self.last_mention, self.row, lots

        def rank(order: Resting) -> tuple[int, bool, int]:
            silent = last.get(order.order_id, -1) <= row
            kind = 1 if order.order_id == ANONYMOUS else 0 if silent else 2
            return kind, order.leaves != wanted, -order.client_order_id

        for each in sorted(self.levels[side].get(price, []), key=rank):
            if not lots:
                return
            lots -= self._lower(each, lots)

    def _lower(self, order: Resting, lots: int) -> int:
        """Take up to so many lots off an order; returns how many."""
        lots = min(lots, order.leaves)
        if lots == order.leaves:
            self.changes.append((CANCEL, MAKER_LANE, order.client_order_id, order.side, order.price, 0))
            self._drop(order)
        elif lots:
            order.total -= lots
            self.changes.append((AMEND, MAKER_LANE, order.client_order_id, order.side, order.price, order.total))
        return lots

    def _drop(self, order: Resting) -> None:
        queue = self.levels[order.side][order.price]
        queue.remove(order)
        if not queue:
            del self.levels[order.side][order.price]
        self.orders.pop(order.order_id, None)
        self.open_orders -= 1


def before_first(message: Message) -> list[tuple[int, int, int]]:
    """The book of the first row with its message undone: (side, ticks, lots)."""
    assert message.book is not None
    levels = {(BID, price): lots for price, lots in message.book.bids}
    levels |= {(ASK, price): lots for price, lots in message.book.asks}
    key = message.side, message.price
    if message.kind is Kind.NEW:
        levels[key] = levels.get(key, 0) - message.size
    elif message.kind in (Kind.PARTIAL_CANCEL, Kind.DELETE, Kind.EXECUTION):
        levels[key] = levels.get(key, 0) + message.size
    return [(side, price, lots) for (side, price), lots in levels.items() if lots > 0]


def implied_start(messages: Iterable[Message]) -> list[tuple[int, int, int]]:
    """Without a book file: what must have been there, since messages are about it: (side, ticks, lots)."""
    known: set[int] = set()
    levels: dict[tuple[int, int], int] = {}
    best = {BID: 0, ASK: 1 << 62}
    for message in messages:
        if message.kind is Kind.NEW:
            known.add(message.order_id)
        elif message.kind in (Kind.PARTIAL_CANCEL, Kind.DELETE, Kind.EXECUTION) and message.order_id not in known:
            side, price = message.side, message.price
            # What would cross a level that was named earlier came later, from out of view.
            if price < best[ASK] if side == BID else price > best[BID]:
                levels[side, price] = levels.get((side, price), 0) + message.size
                best[side] = max(best[BID], price) if side == BID else min(best[ASK], price)
    return [(side, price, lots) for (side, price), lots in levels.items()]

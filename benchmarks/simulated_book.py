"""A plain price-time book that the flow generator keeps beside its operations, to know what is open."""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass

BUY, SELL = 1, 2


@dataclass(slots=True)
class Order:
    """An order that is or was in the book. `place` counts how often it took a place in a level's queue."""

    order_id: int
    side: int
    price: int
    quantity: int
    account: int
    leaves: int = 0
    place: int = 0

    def __post_init__(self) -> None:
        self.leaves = self.quantity


class SimulatedBook:
    """Levels are queues from which whatever has left is dropped when it comes to the front."""

    def __init__(self) -> None:
        self.all: dict[int, Order] = {}
        self._levels: dict[tuple[int, int], deque[tuple[Order, int]]] = {}
        self._prices: dict[int, list[int]] = {BUY: [], SELL: []}  # heaps; bids negated

    def best(self, side: int) -> int | None:
        """Best price of a side, ticks."""
        prices = self._prices[side]
        sign = -1 if side == BUY else 1
        while prices:
            price = sign * prices[0]
            queue = self._levels[side, price]
            while queue and (queue[0][1] != queue[0][0].place or not queue[0][0].leaves):
                queue.popleft()
            if queue:
                return price
            del self._levels[side, price]
            heapq.heappop(prices)
        return None

    def oldest(self, side: int) -> Order:
        """The order that trades next. The side must not be empty, and best() must have been asked."""
        sign = -1 if side == BUY else 1
        return self._levels[side, sign * self._prices[side][0]][0][0]

    def place(self, order: Order, *, market: bool) -> bool:
        """Matches, then rests what is left of a limit order; True when something rests."""
        opposite = SELL if order.side == BUY else BUY
        self.all[order.order_id] = order
        while order.leaves:
            best = self.best(opposite)
            if best is None or (not market and (order.price < best if order.side == BUY else order.price > best)):
                break
            maker = self.oldest(opposite)
            traded = min(order.leaves, maker.leaves)
            order.leaves -= traded
            maker.leaves -= traded
        if market:
            order.leaves = 0
        if order.leaves:
            self._append(order)
        return order.leaves > 0

    def remove(self, order: Order) -> None:
        """Takes an order out; one that has been filled already changes nothing."""
        order.leaves = 0

    def move(self, order: Order, price: int) -> None:
        """To the back of another level, which must not cross."""
        order.price = price
        self._append(order)

    def _append(self, order: Order) -> None:
        order.place += 1
        key = (order.side, order.price)
        queue = self._levels.get(key)
        if queue is None:
            queue = self._levels[key] = deque()
            heapq.heappush(self._prices[order.side], -order.price if order.side == BUY else order.price)
        queue.append((order, order.place))

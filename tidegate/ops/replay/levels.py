"""The maker's side of a replay: one order per price level, and the commands that give a level another quantity."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from tidegate_client import ClientOrderIds

BID, ASK = 1, 2  # numbers of Side


class Slot:
    """The order at one level: which lane placed it, total and filled lots."""

    __slots__ = ("client_order_id", "filled", "lane", "total")

    def __init__(self, lane: int, client_order_id: int, total: int, filled: int = 0) -> None:
        self.lane = lane
        self.client_order_id = client_order_id
        self.total = total
        self.filled = filled

    @property
    def leaves(self) -> int:
        """Open lots."""
        return self.total - self.filled


class SideLevels:
    """One side of the book as the maker has it on the venue; its best price is found without a search."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.slots: dict[int, Slot] = {}
        self.dirty: set[int] = set()  # prices that may differ from the recorded depth
        self._sign = -1 if side == BID else 1
        self._heap: list[int] = []

    def add(self, price: int, slot: Slot) -> None:
        """A new level."""
        self.slots[price] = slot
        heapq.heappush(self._heap, self._sign * price)

    def best(self) -> int:
        """Best price, 0 for none."""
        heap, slots, sign = self._heap, self.slots, self._sign
        while heap:
            price = sign * heap[0]
            if price in slots:
                return price
            heapq.heappop(heap)
        return 0

    def better_than(self, price: int) -> Iterator[int]:
        """Prices strictly better than `price`, best first; each must be removed before the next is asked for."""
        while (best := self.best()) and self._sign * best < self._sign * price:
            yield best

    def at_or_better(self, price: int) -> Iterator[int]:
        """Prices at or better than `price`, best first; each must be removed before the next is asked for."""
        while (best := self.best()) and self._sign * best <= self._sign * price:
            yield best


# A change that the maker wants: kind, lane, client order id, side, price, lots (total for an amend).
PLACE, AMEND, CANCEL = 1, 2, 3
Change = tuple[int, int, int, int, int, int]


class MakerBook:
    """Both sides; turns wanted levels into changes, and assumes that they will be applied."""

    def __init__(self, next_id: ClientOrderIds, orders_max: int, lanes: int) -> None:
        self.sides = {BID: SideLevels(BID), ASK: SideLevels(ASK)}
        self.counts = [0] * lanes
        self._orders_max = orders_max
        self._next_id = next_id
        self.removals: list[Change] = []
        self.additions: list[Change] = []

    def want(self, side: int, price: int, lots: int) -> None:
        """The level shall have so many lots; 0: none. Removals go before additions, so that nothing crosses."""
        levels = self.sides[side]
        slot = levels.slots.get(price)
        if slot is None:
            if lots:
                lane = self._lane()
                slot = Slot(lane, self._next_id(), lots)
                levels.add(price, slot)
                self.counts[lane] += 1
                self.additions.append((PLACE, lane, slot.client_order_id, side, price, lots))
            return
        leaves = slot.total - slot.filled
        if lots == leaves:
            return
        if not lots:
            del levels.slots[price]
            self.counts[slot.lane] -= 1
            self.removals.append((CANCEL, slot.lane, slot.client_order_id, side, price, 0))
            return
        slot.total = slot.filled + lots
        changes = self.removals if lots < leaves else self.additions
        changes.append((AMEND, slot.lane, slot.client_order_id, side, price, slot.total))

    def take_changes(self) -> list[Change]:
        """What must be sent, in order; then there is nothing."""
        if not self.additions:
            changes, self.removals = self.removals, []
            return changes
        changes = self.removals + self.additions
        self.removals, self.additions = [], []
        return changes

    def touch(self, side: int, price: int, lots: int) -> None:
        """`price` shall be the best of its side, with so many lots."""
        levels = self.sides[side]
        for better in levels.better_than(price):
            levels.dirty.add(better)
            self.want(side, better, 0)
        slot = levels.slots.get(price)
        if slot is None or slot.total - slot.filled != lots:
            levels.dirty.add(price)
            self.want(side, price, lots)

    def prepare_trade(self, side: int, price: int, lots: int) -> None:
        """A trade against `side` at `price` shall find at least so many lots there, and nothing better."""
        levels, other = self.sides[side], self.sides[BID if side == ASK else ASK]
        for better in levels.better_than(price):
            levels.dirty.add(better)
            self.want(side, better, 0)
        for crossed in other.at_or_better(price):
            other.dirty.add(crossed)
            self.want(other.side, crossed, 0)
        slot = levels.slots.get(price)
        if slot is None or slot.total - slot.filled < lots:
            levels.dirty.add(price)
            self.want(side, price, lots)

    def traded(self, side: int, price: int, lots: int) -> None:
        """The order at the level has been hit."""
        levels = self.sides[side]
        slot = levels.slots[price]
        slot.filled += lots
        levels.dirty.add(price)
        if slot.filled >= slot.total:
            del levels.slots[price]
            self.counts[slot.lane] -= 1

    def quote(self) -> tuple[int, int, int, int]:
        """Best bid and ask with their lots: (bid, lots, ask, lots); zeros for none."""
        bid, ask = self.sides[BID].best(), self.sides[ASK].best()
        bid_lots = self.sides[BID].slots[bid].leaves if bid else 0
        ask_lots = self.sides[ASK].slots[ask].leaves if ask else 0
        return bid, bid_lots, ask, ask_lots

    def _lane(self) -> int:
        for lane, count in enumerate(self.counts):
            if count < self._orders_max:
                return lane
        raise OverflowError("every maker account has as many open orders as it may")

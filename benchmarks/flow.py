"""Order flow for the books: the same operations for Tidegate's core and for every peer, from one seed.

The mix is 45 % new limits near the touch, 45 % cancels, 7 % aggressive orders (half market, half limits
through the touch), 3 % amends (half take quantity off and keep their place, half change the price and
lose it), on 1,000 to 5,000 resting orders. A simulated book follows along, so that cancels and amends
hit orders that are open: only a few percent of the cancels come too late, because the order was filled
in the meantime and its owner did not know yet.
"""

from __future__ import annotations

import hashlib
import random
import struct
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.simulated_book import BUY, SELL, Order, SimulatedBook

OPERATION = struct.Struct("<BBHIQQII")  # kind, side, open after an amend, quantity, price, order id, account, total
LIMIT, MARKET, CANCEL, REDUCE, REPRICE = 1, 2, 3, 4, 5
SETUP_COMMANDS = 2  # DEFINE_INSTRUMENT and SET_PHASE come before and take a sequence number each
FORMAT_VERSION = 2


@dataclass(frozen=True)
class FlowShape:
    """What a flow looks like. Prices and distances in ticks, quantities in lots."""

    name: str
    operations: int = 1_000_000  # timed ones; the orders of the warm book come on top
    warm_orders: int = 2_500
    seed: int = 20_241
    accounts: int = 64
    price_start: int = 100_000
    swing: int = 0  # how far the mid price travels up, and back, during the run; 0: it stays in a narrow band
    band: int = 150  # widest distance of the mid price from its path
    distance: float = 25.0  # mean distance of a new limit from the mid price
    quantity_max: int = 100
    aggressive_quantity_max: int = 30

    def digest(self) -> str:
        """Sets a stored flow apart from that of any other shape."""
        return hashlib.sha256(f"{FORMAT_VERSION} {self!r}".encode()).hexdigest()[:12]


NARROW = FlowShape("narrow")
SWING = FlowShape("swing", swing=100_000, distance=500.0)


@dataclass(frozen=True)
class Flow:
    """The operations, OPERATION records back to back; the first `warm` of them only fill the book."""

    shape: FlowShape
    warm: int
    records: bytes

    @property
    def operations(self) -> int:
        """How many there are, warming up included."""
        return len(self.records) // OPERATION.size


class _Generator:
    def __init__(self, shape: FlowShape) -> None:
        self.shape = shape
        self.random = random.Random(shape.seed)
        self.book = SimulatedBook()
        self.known: list[int] = []  # what owners believe to be open; a filled order stays until its cancel is sent
        self.place_of: dict[int, int] = {}
        self.mid = shape.price_start
        self.drift = 0
        self.out = bytearray()
        self.count = 0

    # ---- the market ----
    def move(self, progress: float) -> None:
        """Moves the mid price; `progress` goes from 0 to 1 over the run: up the swing and back."""
        if self.random.random() < 0.05:
            self.drift = max(-self.shape.band, min(self.shape.band, self.drift + self.random.choice((-1, 1))))
        path = 2 * progress if progress < 0.5 else 2 - 2 * progress
        self.mid = self.shape.price_start + int(self.shape.swing * path) + self.drift

    def passive_price(self, side: int) -> int:
        """A price near the touch that does not cross."""
        distance = 1 + int(self.random.expovariate(1 / self.shape.distance))
        if side == BUY:
            best = self.book.best(SELL)
            return self.mid - distance if best is None else min(self.mid - distance, best - 1)
        best = self.book.best(BUY)
        return self.mid + distance if best is None else max(self.mid + distance, best + 1)

    # ---- operations ----
    def emit(self, kind: int, order: Order, quantity: int, left: int = 0) -> None:
        """`quantity`: LIMIT, MARKET: all of it; REDUCE: what is taken off; REPRICE: what is open."""
        fields = (quantity, order.price, order.order_id, order.account, order.quantity)
        self.out += OPERATION.pack(kind, order.side, left, *fields)
        self.count += 1

    def next_id(self) -> int:
        """An order's number is the sequence of its command."""
        return SETUP_COMMANDS + self.count + 1

    def place(self, kind: int, side: int, quantity: int, price: int) -> None:
        order = Order(self.next_id(), side, price, quantity, 1 + self.random.randrange(self.shape.accounts))
        if self.book.place(order, market=kind == MARKET):
            self.place_of[order.order_id] = len(self.known)
            self.known.append(order.order_id)
        self.emit(kind, order, quantity)

    def new_limit(self) -> None:
        side = self.random.choice((BUY, SELL))
        self.place(LIMIT, side, 1 + self.random.randrange(self.shape.quantity_max), self.passive_price(side))

    def aggressive(self) -> None:
        side = self.random.choice((BUY, SELL))
        best = self.book.best(SELL if side == BUY else BUY)
        quantity = 1 + self.random.randrange(self.shape.aggressive_quantity_max)
        if best is None or self.random.random() < 0.5:
            self.place(MARKET, side, quantity, 0)
        else:
            self.place(LIMIT, side, quantity, best + 2 if side == BUY else best - 2)

    def forget(self, order_id: int) -> None:
        """Takes an order out of what its owner believes to be open."""
        index, last = self.place_of.pop(order_id), self.known.pop()
        if last != order_id:
            self.known[index] = last
            self.place_of[last] = index

    def endangered(self) -> int | None:
        """An order that the mid price has run over: its owner wants it gone first."""
        ask, bid = self.book.best(SELL), self.book.best(BUY)
        if ask is not None and ask <= self.mid:
            return self.book.oldest(SELL).order_id
        if bid is not None and bid >= self.mid:
            return self.book.oldest(BUY).order_id
        return None

    def cancel(self) -> None:
        order_id = self.endangered() if self.random.random() < 0.75 else None
        if order_id is None:
            order_id = self.known[self.random.randrange(len(self.known))]
        self.forget(order_id)
        order = self.book.all[order_id]
        self.book.remove(order)
        self.emit(CANCEL, order, 0)

    def new_or_cancel(self) -> None:
        """One as often as the other, within a tenth of the number of orders that the book started with."""
        surplus = len(self.known) / self.shape.warm_orders - 1
        if surplus < -0.1 or (surplus <= 0.1 and self.random.random() < 0.5):
            self.new_limit()
        else:
            self.cancel()

    def amend(self) -> None:
        order = self.book.all[self.known[self.random.randrange(len(self.known))]]
        if not order.leaves:  # filled meanwhile
            self.new_or_cancel()
        elif order.leaves > 1 and self.random.random() < 0.5:
            off = 1 + self.random.randrange(order.leaves - 1)
            order.quantity -= off
            order.leaves -= off
            self.emit(REDUCE, order, off, order.leaves)
        else:
            price = self.passive_price(order.side)
            if price == order.price:
                price += -1 if order.side == BUY else 1
            self.book.move(order, price)
            self.emit(REPRICE, order, order.leaves, order.leaves)

    def run(self) -> Flow:
        """Fills the book, then mixes."""
        for _ in range(self.shape.warm_orders):
            self.new_limit()
        for step in range(self.shape.operations):
            self.move(step / self.shape.operations)
            choice = self.random.random()
            if choice < 0.90:
                self.new_or_cancel()
            elif choice < 0.97:
                self.aggressive()
            else:
                self.amend()
        return Flow(self.shape, self.shape.warm_orders, bytes(self.out))


def generate(shape: FlowShape) -> Flow:
    """Makes the flow of this shape; the same shape gives the same bytes."""
    return _Generator(shape).run()


def stored(shape: FlowShape, directory: Path) -> tuple[Flow, Path]:
    """The flow and the file that peers read it from, made when it is not there yet."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"flow-{shape.name}-{shape.digest()}.bin"
    if not path.exists():
        partial = path.with_suffix(".partial")
        partial.write_bytes(generate(shape).records)
        partial.replace(path)
    return Flow(shape, shape.warm_orders, path.read_bytes()), path


def shorter(shape: FlowShape, operations: int) -> FlowShape:
    """The same shape with fewer operations, for smoke runs and tests."""
    return replace(shape, operations=operations, warm_orders=min(shape.warm_orders, operations))

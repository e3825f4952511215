"""The flow generator: deterministic, of the promised mix, and true to the simulated book."""

from collections import Counter, deque

import pytest

from benchmarks import flow_commands
from benchmarks.flow import (
    CANCEL,
    LIMIT,
    MARKET,
    NARROW,
    OPERATION,
    REDUCE,
    REPRICE,
    SETUP_COMMANDS,
    SWING,
    FlowShape,
    generate,
    shorter,
    stored,
)

SHORT = shorter(NARROW, 20_000)


def operations(shape: FlowShape) -> list[tuple[int, ...]]:
    """Decoded operations without the ones that warm the book up."""
    flow = generate(shape)
    return list(OPERATION.iter_unpack(flow.records))[flow.warm :]


def test_the_same_shape_gives_the_same_bytes() -> None:
    """Peers, processes and runs can be compared because the flow is a function of its shape."""
    assert generate(SHORT).records == generate(SHORT).records
    assert generate(SHORT).records != generate(FlowShape("other", operations=20_000, seed=1)).records


def test_a_stored_flow_is_the_generated_one(tmp_path) -> None:
    """What peers read from the file is what was generated, and another shape gets another file."""
    flow, path = stored(SHORT, tmp_path)
    again, same = stored(SHORT, tmp_path)
    assert (flow.records, path) == (again.records, same)
    assert path.read_bytes() == generate(SHORT).records
    assert stored(shorter(NARROW, 5_000), tmp_path)[1] != path


@pytest.mark.parametrize("shape", [SHORT, shorter(SWING, 20_000)])
def test_the_mix_is_as_promised(shape: FlowShape) -> None:
    """45 % new, 45 % cancels, 7 % aggressive, 3 % amends, within a percentage point or two."""
    counts = Counter(kind for kind, *_ in operations(shape))
    share = {kind: count / shape.operations for kind, count in counts.items()}
    assert share[CANCEL] == pytest.approx(0.45, abs=0.015)
    assert share[REDUCE] + share[REPRICE] == pytest.approx(0.03, abs=0.01)
    assert share[MARKET] == pytest.approx(0.035, abs=0.01)  # the other half of the aggressive ones are limits
    assert share[LIMIT] == pytest.approx(0.485, abs=0.015)


def test_order_ids_are_places_in_the_run() -> None:
    """An order's number is the sequence that the engine will give it."""
    flow = generate(SHORT)
    for place, (kind, _, _, _, _, order_id, _, _) in enumerate(OPERATION.iter_unpack(flow.records), 1):
        if kind in (LIMIT, MARKET):
            assert order_id == place + SETUP_COMMANDS


class ListBook:
    """An independent book: levels as deques in dicts, best price by min and max, everything obvious."""

    def __init__(self) -> None:
        self.levels: dict[int, dict[int, deque[int]]] = {1: {}, 2: {}}
        self.open: dict[int, int] = {}
        self.where: dict[int, tuple[int, int]] = {}
        self.trades = self.cancels = self.late = self.most = 0

    def rest(self, side: int, price: int, order_id: int, quantity: int) -> None:
        self.levels[side].setdefault(price, deque()).append(order_id)
        self.open[order_id], self.where[order_id] = quantity, (side, price)

    def leave(self, order_id: int) -> None:
        side, price = self.where[order_id]
        self.levels[side][price].remove(order_id)
        if not self.levels[side][price]:
            del self.levels[side][price]
        del self.open[order_id]

    def match(self, side: int, price: int | None, quantity: int) -> int:
        """Trades what crosses; returns what is left."""
        other = self.levels[3 - side]
        while quantity and other:
            best = min(other) if side == 1 else max(other)
            if price is not None and (best > price if side == 1 else best < price):
                break
            maker = other[best][0]
            traded = min(quantity, self.open[maker])
            quantity -= traded
            self.open[maker] -= traded
            self.trades += 1
            if not self.open[maker]:
                self.leave(maker)
        return quantity

    def apply(self, operation: tuple[int, ...]) -> None:
        kind, side, left, quantity, price, order_id, _account, _total = operation
        if kind == MARKET:
            self.match(side, None, quantity)
        elif kind == LIMIT:
            if remainder := self.match(side, price, quantity):
                self.rest(side, price, order_id, remainder)
        elif kind == CANCEL:
            self.cancels += 1
            self.late += order_id not in self.open
            if order_id in self.open:
                self.leave(order_id)
        elif kind == REDUCE:
            self.open[order_id] -= quantity
            assert self.open[order_id] == left > 0
        else:
            assert self.open[order_id] == left == quantity
            self.leave(order_id)
            self.rest(side, price, order_id, quantity)
        assert not self.levels[1] or not self.levels[2] or max(self.levels[1]) < min(self.levels[2])
        self.most = max(self.most, len(self.open))


@pytest.mark.parametrize("shape", [shorter(NARROW, 6_000), shorter(SWING, 6_000)])
def test_cancels_and_amends_hit_open_orders(shape: FlowShape) -> None:
    """An independent book agrees: amends always hit, few cancels come too late, the book never crosses."""
    book = ListBook()
    for operation in OPERATION.iter_unpack(generate(shape).records):
        book.apply(operation)
    assert book.trades > 300
    assert book.late / book.cancels < 0.08
    assert 1_000 <= book.most <= 5_000


def test_commands_say_what_the_operations_say() -> None:
    """Each operation becomes one 128-byte record with the same order, price and quantity."""
    flow = generate(shorter(NARROW, 500))
    records = flow_commands.commands(flow)
    assert len(records) == flow.operations * 128
    for operation, fields in zip(
        OPERATION.iter_unpack(flow.records), flow_commands.COMMAND.iter_unpack(records), strict=True
    ):
        kind, side, _, quantity, price, order_id, account, total = operation
        command_type, command_account, command_side = fields[1], fields[8], fields[11]
        client_id, target, ticks, lots = fields[20:24]
        assert command_account == account
        if kind in (LIMIT, MARKET):
            assert (command_type, command_side, client_id, ticks, lots) == (1, side, order_id, price, quantity)
        elif kind == CANCEL:
            assert (command_type, target) == (2, order_id)
        else:
            expected = (0, total) if kind == REDUCE else (price, 0)
            assert (command_type, target, ticks, lots) == (3, order_id, *expected)

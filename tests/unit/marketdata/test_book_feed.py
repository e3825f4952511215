"""One symbol's feed: from the event ring (or the journal, when it was lapped) to what readers are told."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from tidegate.marketdata.book_feed import BookFeed, varint
from tidegate.marketdata.fan_out import DepthHub, DepthSubscription, TradeHub
from tidegate.marketdata.journal import TradeFields, events_from, trades_in
from tidegate.v1 import market_data_service_pb2 as pb
from tidegate.wire import native
from tidegate.wire.segment import Segment
from tidegate.wire.topology import MARKETDATA_READER, Topology

BUY, SELL = 1, 2
SECOND_NS = 1_000_000_000
Engine = Any  # tests/unit/marketdata/conftest.py, ScriptedEngine


class MemoryJournal:
    """Everything that was ever published, as the journal would give it."""

    def __init__(self) -> None:
        self.events: list[bytes] = []

    def events_after(self, sequence: int) -> Iterator[bytes]:
        found = b"".join(self.events)
        if rest := events_from(found, sequence + 1):
            yield rest

    def trades_up_to(self, sequence: int) -> list[TradeFields]:
        return [trade for trade in trades_in(b"".join(self.events)) if trade[4] <= sequence]


class Reader:
    """Applies what a depth stream says, and complains when the chain is broken."""

    def __init__(self, subscription: DepthSubscription) -> None:
        self._subscription = subscription
        self.sequence = -1
        self.snapshots = 0
        self.deltas = 0
        self.levels: dict[int, dict[int, int]] = {BUY: {}, SELL: {}}

    async def take(self) -> None:
        message = pb.StreamDepthResponse.FromString(await self._subscription.next())
        if message.WhichOneof("message") == "snapshot":
            self.snapshots += 1
            self.sequence = message.snapshot.sequence
            self.levels = {
                BUY: {each.price_ticks: each.quantity_lots for each in message.snapshot.bids},
                SELL: {each.price_ticks: each.quantity_lots for each in message.snapshot.asks},
            }
            return
        self.deltas += 1
        delta = message.delta
        assert delta.previous_sequence == self.sequence
        assert delta.first_sequence == self.sequence + 1
        assert delta.last_sequence > self.sequence
        self.sequence = delta.last_sequence
        for side, changes in ((BUY, delta.bids), (SELL, delta.asks)):
            for change in changes:
                if change.quantity_lots:
                    self.levels[side][change.price_ticks] = change.quantity_lots
                else:
                    self.levels[side].pop(change.price_ticks, None)  # it may have come and gone between two deltas


class Setup:
    """A feed over real rings, with a scripted engine."""

    def __init__(self, topology: Topology, engine: Engine, *, backlog_max: int = 1000) -> None:
        self.engine = engine
        self.journal = MemoryJournal()
        self.now_ns = 0
        instrument = topology.instruments[0]
        self._events = Segment.attach(topology.event_segment(instrument.symbol))
        self._commands = Segment.attach(topology.command_segment(instrument.symbol, "marketdata"))
        self.depth = DepthHub(self.snapshot_message, backlog_max)
        self.trades = TradeHub(retained_max=100, backlog_max=1000)
        self.feed = BookFeed(
            instrument.symbol,
            instrument.instrument_id,
            self.open_events,
            native.CommandProducer(self._commands.buf),
            self.journal,
            depth=self.depth,
            trades=self.trades,
            answer_timeout_ns=SECOND_NS,
        )

    def snapshot_message(self) -> bytes:
        return self.feed.snapshot_message()

    def open_events(self) -> native.EventReader:
        return native.EventReader(self._events.buf, MARKETDATA_READER)

    def publish(self, *events: bytes) -> None:
        self.journal.events.extend(events)
        self.engine.publish(*events)

    def settle(self) -> None:
        """Polls until there is nothing more to do."""
        while self.feed.poll(self.now_ns) or self.engine.answer():
            pass

    def reader(self) -> Reader:
        return Reader(self.depth.subscribe())

    def close(self) -> None:
        self.feed.close()
        self._events.close()
        self._commands.close()


@pytest.fixture
def setup(topology: Topology, engine: Engine) -> Iterator[Setup]:
    """A feed that has just started, on a book that is not empty."""
    setup = Setup(topology, engine)
    setup.publish(engine.rest(BUY, 100, 5), engine.rest(SELL, 105, 7))
    yield setup
    setup.close()


async def test_it_asks_for_the_book_and_serves_it(setup: Setup) -> None:
    """A feed that starts late knows nothing before the engine's answer, and everything after it."""
    assert not setup.depth.ready
    setup.settle()
    assert setup.depth.ready
    reader = setup.reader()
    await reader.take()
    assert reader.levels == setup.engine.levels
    assert reader.sequence == 2
    assert setup.engine.queries == 1


async def test_it_asks_again_only_when_a_question_was_taken_and_not_answered(setup: Setup) -> None:
    """An engine that is away is not flooded; one that lost the question is asked again after the timeout."""
    for _ in range(5):
        setup.feed.poll(setup.now_ns)
        setup.now_ns += 2 * SECOND_NS
    setup.settle()
    assert setup.engine.queries == 1


async def test_deltas_chain_from_any_snapshot_to_the_same_book(setup: Setup) -> None:
    """Readers that come at any time see chains without a gap that lead to the engine's book."""
    setup.settle()
    rng = random.Random(7)
    readers: list[Reader] = []
    for round_ in range(300):
        if round_ % 20 == 0:
            readers.append(setup.reader())
            await readers[-1].take()
        setup.publish(*(random_event(setup.engine, rng) for _ in range(rng.randint(1, 5))))
        setup.feed.poll(setup.now_ns)
    for reader in readers:
        while reader._subscription._waiting:
            await reader.take()
        assert reader.levels == setup.engine.levels
        assert reader.snapshots == 1
    assert readers[0].deltas > 200


def random_event(engine: Engine, rng: random.Random) -> bytes:
    """Something that may happen to the engine's book as it is."""
    side = rng.choice((BUY, SELL))
    prices = sorted(engine.levels[side])
    kind = rng.choice(("rest", "cancel", "trade", "reject")) if prices else "rest"
    if kind == "rest":
        return bytes(
            engine.rest(side, rng.randint(90, 102) if side == BUY else rng.randint(103, 115), rng.randint(1, 9))
        )
    if kind == "reject":
        return bytes(engine.reject())
    price = rng.choice(prices)
    lots = rng.randint(1, engine.levels[side][price])
    return bytes(engine.cancel(side, price, lots) if kind == "cancel" else engine.trade(BUY + SELL - side, price, lots))


async def test_commands_that_leave_the_book_alone_do_not_break_the_chain(setup: Setup) -> None:
    """A reader that starts after them holds the same number as one that started before."""
    setup.settle()
    before = setup.reader()
    await before.take()
    setup.publish(setup.engine.reject(), setup.engine.reject())
    setup.feed.poll(setup.now_ns)
    after = setup.reader()
    await after.take()
    setup.publish(setup.engine.rest(BUY, 99, 1))
    setup.feed.poll(setup.now_ns)
    await before.take()
    await after.take()
    assert before.levels == after.levels == setup.engine.levels


async def test_the_first_delta_follows_on_the_first_snapshot(setup: Setup) -> None:
    """Also when commands came between the engine's answer and the moment at which it was read."""
    setup.feed.poll(setup.now_ns)
    setup.engine.answer()
    setup.publish(setup.engine.reject())
    setup.feed.poll(setup.now_ns)
    reader = setup.reader()
    await reader.take()
    setup.publish(setup.engine.rest(BUY, 98, 1))
    setup.feed.poll(setup.now_ns)
    await reader.take()
    assert reader.levels == setup.engine.levels


async def test_a_lapped_feed_catches_up_from_the_journal(setup: Setup) -> None:
    """No trade and no change is lost when the ring has gone round, and no reader has to start over."""
    setup.settle()
    reader = setup.reader()
    await reader.take()
    for _ in range(3):
        setup.publish(*(setup.engine.rest(BUY, 100, 1) for _ in range(500)))
    setup.publish(setup.engine.trade(SELL, 100, 3))
    setup.settle()
    while reader._subscription._waiting:
        await reader.take()
    assert (reader.levels, reader.snapshots) == (setup.engine.levels, 1)
    assert setup.trades.last_trade_id == 1
    assert setup.engine.queries == 1


async def test_a_lapped_feed_without_a_journal_asks_for_the_book_again(setup: Setup) -> None:
    """Readers then get the whole book, never a wrong one."""
    setup.settle()
    reader = setup.reader()
    await reader.take()
    for _ in range(3):
        setup.engine.publish(*(setup.engine.rest(BUY, 100, 1) for _ in range(500)))
    setup.settle()
    await reader.take()
    assert (reader.levels, reader.snapshots) == (setup.engine.levels, 2)
    assert setup.engine.queries == 2


async def test_events_that_do_not_add_up_are_never_shown(setup: Setup) -> None:
    """A book that would be wrong is asked for anew."""
    setup.settle()
    reader = setup.reader()
    await reader.take()
    setup.engine.sequence += 1  # one that nobody has seen
    setup.engine.publish(setup.engine.rest(BUY, 97, 1))
    setup.settle()
    await reader.take()
    assert (reader.levels, reader.snapshots) == (setup.engine.levels, 2)


async def test_trades_from_before_the_start_come_from_the_journal(setup: Setup) -> None:
    """A restarted process serves the recent trades, each once."""
    setup.publish(setup.engine.trade(BUY, 105, 1), setup.engine.trade(BUY, 105, 2))
    setup.settle()
    setup.publish(setup.engine.trade(SELL, 100, 1))
    setup.settle()
    kept = setup.trades.after(0)
    assert kept is not None
    trades = pb.StreamTradesResponse.FromString(b"".join(each.entry for each in kept)).trades
    assert [(each.trade_id, each.price_ticks, each.quantity_lots, each.aggressor_side) for each in trades] == [
        (1, 105, 1, BUY),
        (2, 105, 2, BUY),
        (3, 100, 1, SELL),
    ]
    assert [each.sequence for each in trades] == [3, 4, 5]


def test_journal_pieces_begin_where_they_are_wanted(engine: Engine) -> None:
    """A batch that begins earlier is cut at the record."""
    events = b"".join(engine.reject() for _ in range(5))
    assert events_from(events, 1) == events
    assert events_from(events, 3) == events[2 * native.EVENT_BYTES :]
    assert events_from(events, 6) == b""


@pytest.mark.parametrize("value", [0, 1, 127, 128, 300, 2**31, 2**63])
def test_varints_are_those_of_protobuf(value: int) -> None:
    """What is put around encoded messages by hand is what the library would write."""
    assert b"\x10" + varint(value) == (pb.DepthSnapshot(sequence=value).SerializeToString() or b"\x10\x00")

"""One symbol's feed: from the event ring (or the journal, when it was lapped) to what readers are told."""

import random
import zlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tidegate.marketdata import tape_feed
from tidegate.marketdata.book_feed import BookFeed
from tidegate.marketdata.candle_book import CandleBook
from tidegate.marketdata.candle_store import CandleStore
from tidegate.marketdata.config import MarketdataSettings
from tidegate.marketdata.definitions import Definitions
from tidegate.marketdata.depth_hub import DepthSubscription
from tidegate.marketdata.encoding import varint
from tidegate.marketdata.journal import events_from
from tidegate.marketdata.market import Market
from tidegate.marketdata.state_feed import StateFeed, StateHubs
from tidegate.marketdata.tape_feed import HistoryLimits, TapeFeed
from tidegate.v1 import market_data_service_pb2 as pb
from tidegate.wire import native
from tidegate.wire.damage_mark import DamageMark
from tidegate.wire.listing import ListedInstrument, write_listing
from tidegate.wire.records import InstrumentRules
from tidegate.wire.segment import Segment
from tidegate.wire.topology import MARKETDATA_READER, Topology

BUY, SELL = 1, 2
SECOND_NS = 1_000_000_000
Engine = Any  # tests/unit/marketdata/conftest.py, ScriptedEngine


class MemoryJournal:
    """Everything that was ever published, as the journal would give it."""

    def __init__(self) -> None:
        self.events: list[bytes] = []

    def events_after(self, sequence: int) -> Generator[bytes, None, None]:
        found = b"".join(self.events)
        if rest := events_from(found, sequence + 1):
            yield rest


class Reader:
    """Applies what a depth stream says, and complains when the chain is broken."""

    def __init__(self, subscription: DepthSubscription) -> None:
        self._subscription = subscription
        self.sequence = -1
        self.snapshots = 0
        self.deltas = 0
        self.conflated = 0
        self.levels: dict[int, dict[int, int]] = {BUY: {}, SELL: {}}

    async def take(self) -> None:
        encoded = await self._subscription.next()
        assert encoded is not None
        message = pb.StreamDepthResponse.FromString(encoded)
        self._apply(message)
        assert checksum(self.levels) == getattr(message, message.WhichOneof("message") or "").checksum

    def _apply(self, message: pb.StreamDepthResponse) -> None:
        if message.WhichOneof("message") == "snapshot":
            self.snapshots += 1
            self.conflated += message.snapshot.conflated
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
                    del self.levels[side][change.price_ticks]


def checksum(levels: dict[int, dict[int, int]]) -> int:
    """As the contract says it (DepthSnapshot.checksum)."""
    bids = sorted(levels[BUY].items(), reverse=True)[:25]
    asks = sorted(levels[SELL].items())[:25]
    text = []
    for rank in range(25):
        text += [f"{price}:{lots}" for side in (bids, asks) for price, lots in side[rank : rank + 1]]
    return zlib.crc32(":".join(text).encode())


class Setup:
    """A feed over real rings, with a scripted engine."""

    def __init__(self, topology: Topology, engine: Engine, *, backlog_max: int = 1000) -> None:
        self.engine = engine
        self.journal = MemoryJournal()
        self.now_ns = 0
        instrument = topology.instruments[0]
        self._events = Segment.attach(topology.event_segment(instrument.symbol))
        self._commands = Segment.attach(topology.command_segment(instrument.symbol, "marketdata"))
        self.store = CandleStore(topology.data_dir / "marketdata", 1500, DamageMark(topology.data_dir / "mark"))
        self.tape = TapeFeed(
            instrument.symbol,
            self.journal,
            CandleBook(instrument.symbol, self.store),
            Definitions(instrument, self.store.definitions()),
            HistoryLimits(trades_retained_max=100, news_retained_max=100, backlog_max=1000),
        )
        self.trades = self.tape.trades
        self.hubs = StateHubs()
        self.feed = BookFeed(
            instrument.symbol,
            instrument.instrument_id,
            self.open_events,
            native.CommandProducer(self._commands.buf),
            self.journal,
            tape=self.tape,
            state=StateFeed(instrument.symbol, self.hubs, self.tape, lambda: 0),
            depth_backlog_max=backlog_max,
            answer_timeout_ns=SECOND_NS,
        )
        self.depth = self.feed.depth

    def open_events(self) -> native.EventReader:
        return native.EventReader(self._events.buf, MARKETDATA_READER)

    def publish(self, *events: bytes) -> None:
        self.journal.events.extend(events)
        self.engine.publish(*events)

    def settle(self) -> None:
        """Polls until there is nothing more to do."""
        while self.feed.poll(self.now_ns) or self.engine.answer():
            pass

    def reader(self, interval_ms: int = 0) -> Reader:
        _, subscription = self.depth.subscribe(interval_ms)
        return Reader(subscription)

    def close(self) -> None:
        self.feed.close()
        self.store.close()
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
    assert setup.trades.last == 1
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
    trades = pb.StreamTradesResponse.FromString(b"".join(each.entries for each in kept)).trades
    assert [(each.trade_id, each.price_ticks, each.quantity_lots, each.aggressor_side) for each in trades] == [
        (1, 105, 1, BUY),
        (2, 105, 2, BUY),
        (3, 100, 1, SELL),
    ]
    assert [each.sequence for each in trades] == [3, 4, 5]


@pytest.mark.rule("API-3")
async def test_a_slower_pace_puts_changes_together(setup: Setup) -> None:
    """One delta per interval with what is different at its end; a reader that comes in between holds what the
    others were told last, and the chain goes on for both."""
    setup.settle()
    first, quick = setup.reader(80), setup.reader()
    await first.take()
    await quick.take()
    for lots in range(1, 6):
        setup.publish(setup.engine.rest(BUY, 90 + lots, lots))
        setup.feed.poll(setup.now_ns)
        setup.now_ns += 10_000_000
    late = setup.reader(100)  # the same pace
    await late.take()
    assert late.sequence == first.sequence + 1  # the first change was due at once
    setup.publish(setup.engine.rest(SELL, 120, 1), setup.engine.cancel(SELL, 120, 1))
    setup.now_ns += 100_000_000
    setup.feed.poll(setup.now_ns)
    for reader in (first, late, quick):
        while reader._subscription._waiting:
            await reader.take()
        assert reader.levels == setup.engine.levels
    assert (first.deltas, late.deltas, quick.deltas) == (2, 1, 5)
    assert first.snapshots == late.snapshots == 1


@pytest.mark.rule("API-3")
async def test_a_reader_that_is_behind_gets_the_book_and_is_told(topology: Topology, engine: Engine) -> None:
    """Deltas that it did not take are replaced by one snapshot, marked as conflated."""
    setup = Setup(topology, engine, backlog_max=3)
    setup.publish(engine.rest(BUY, 100, 5))
    setup.settle()
    reader = setup.reader()
    await reader.take()
    for price in range(80, 90):
        setup.publish(engine.rest(BUY, price, 1))
        setup.feed.poll(setup.now_ns)
    while reader._subscription._waiting or reader._subscription._behind:
        await reader.take()
    assert (reader.levels, reader.snapshots, reader.conflated) == (engine.levels, 2, 1)
    setup.close()


async def test_a_tape_that_misses_events_takes_them_from_the_journal(setup: Setup) -> None:
    """When the book starts over, readers of trades see nothing of it."""
    setup.settle()
    subscription = setup.trades.subscribe(0, lambda: None)
    assert subscription is not None
    setup.publish(setup.engine.trade(BUY, 105, 1))
    setup.settle()
    setup.journal.events.append(setup.engine.trade(BUY, 105, 2))  # the ring does not show this one
    setup.publish(setup.engine.trade(BUY, 105, 1))
    setup.settle()
    seen = []
    while subscription._waiting:
        found = await subscription.next(100)
        assert found is not None
        seen += [each.trade_id for each in pb.StreamTradesResponse.FromString(found).trades]
    assert seen == [1, 2, 3]
    assert not subscription.overflowed


@pytest.mark.rule("API-3")
def test_a_restart_counts_each_trade_once(topology: Topology, engine: Engine) -> None:
    """Candles go on from the sequence stored with them; readers may resume after trades from before all the same."""
    events: list[bytes] = []
    for trades in (2, 3, 1):
        setup = Setup(topology, engine)
        setup.journal.events = events
        setup.publish(engine.rest(SELL, 105, 9), *(engine.trade(BUY, 105, 1) for _ in range(trades)))
        setup.settle()
        if trades == 3:
            setup.tape.commit()  # the others are lost with the process
        page, _ = setup.tape.candles.page(pb.CANDLE_INTERVAL_1D, 0, 1 << 62, 10)
        assert (page[0].trades, page[0].last_trade_id) == (engine.trade_id, engine.trade_id)
        assert setup.trades.after(1) is not None
        setup.close()


def test_the_end_of_a_symbol_is_a_clean_end(setup: Setup, tmp_path: Path) -> None:
    """Nobody begins with it any more."""
    setup.settle()
    assert setup.hubs.top_of_book.subscribe()._waiting
    setup.feed.end()
    assert not setup.hubs.top_of_book.subscribe()._waiting


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


@pytest.mark.rule("API-3")
def test_readers_go_on_after_a_trade_that_lies_further_back_than_what_is_kept(
    topology: Topology, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a restart, with nothing but other commands since: the candles know which trade was the last."""
    monkeypatch.setattr(tape_feed, "HISTORY_COMMANDS_MAX", 3)
    before = Setup(topology, engine)
    before.publish(engine.rest(BUY, 100, 5), engine.rest(SELL, 105, 7), engine.trade(BUY, 105, 1))
    before.settle()
    before.publish(engine.trade(BUY, 105, 1))
    before.settle()
    before.tape.commit()
    before.close()
    after = Setup(topology, engine)
    after.journal.events = [*before.journal.events]
    after.publish(*(engine.rest(BUY, 99 - each, 1) for each in range(5)))
    after.settle()
    assert (after.trades.floor, after.trades.last) == (2, 2)
    subscription = after.trades.subscribe(2, lambda: None)
    assert subscription is not None
    assert after.tape.liquidations.subscribe(2, lambda: None) is not None
    after.publish(engine.trade(BUY, 105, 1))
    after.settle()
    assert not subscription.overflowed
    assert after.trades.last == 3
    after.close()


@pytest.mark.rule("API-3", "INS-3")
def test_what_happened_right_before_a_delisting_is_counted(topology: Topology, engine: Engine) -> None:
    """The listing may be read before the last events of the symbol are."""
    settings = MarketdataSettings(data_dir=topology.data_dir, instruments=topology.instruments)
    market = Market(settings, DamageMark(topology.data_dir / "mark"))
    (feed,) = market.feeds.values()
    engine.publish(engine.rest(SELL, 105, 7))
    while not feed.complete:
        feed.poll(0)
        engine.answer()
    engine.publish(engine.trade(BUY, 105, 3, time_ns=engine.now_ns()))
    write_listing(topology.instruments_file, [ListedInstrument(instrument=topology.instruments[0], state="delisted")])
    assert market.look()
    assert not market.feeds
    assert market.history(feed.symbol).candles.last_price == 105
    market.close()


@pytest.mark.rule("API-3", "INS-3")
def test_candles_of_a_journal_that_was_set_back_count_its_trades_once(topology: Topology, engine: Engine) -> None:
    """An older copy of the journal: what was counted of the newer one is forgotten, candles under way included."""
    journal = [engine.define(InstrumentRules.of(topology.instruments[0])), engine.rest(SELL, 105, 7)]
    journal.append(engine.trade(BUY, 105, 2, time_ns=engine.now_ns()))
    before = Setup(topology, engine)
    before.publish(*journal)
    before.settle()
    before.store.commit(100)  # the newer journal went further than this one
    before.close()
    after = Setup(topology, engine)
    after.journal.events = journal
    after.settle()
    for interval in (pb.CANDLE_INTERVAL_1M, pb.CANDLE_INTERVAL_1D):
        page, _ = after.tape.candles.page(interval, 0, 1 << 62, 1500)
        assert sum(each.volume_lots for each in page) == 2
    assert (after.trades.floor, after.trades.last) == (0, 1)
    assert len(after.store.definitions()) == 1
    after.close()

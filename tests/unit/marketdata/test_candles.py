"""Candles: parts of minutes add up at every interval, survive a restart with their sequence, and follow the ticks."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from tidegate.marketdata.candle_book import CandleBook
from tidegate.marketdata.candle_store import CandleStore
from tidegate.marketdata.candles import INTERVALS_NS, MINUTE_NS, Candle, MinutePart
from tidegate.marketdata.tickers import DAY_NS, TickerWindow
from tidegate.v1 import market_data_service_pb2 as pb
from tidegate.wire.damage_mark import DamageMark

ONE, DAY = pb.CANDLE_INTERVAL_1M, pb.CANDLE_INTERVAL_1D
START = 20_000 * DAY_NS
SYMBOL = "BTCUSDT"


def part(minute: int, price: int, lots: int, trade_id: int) -> MinutePart:
    """One trade, bought."""
    return (START + minute * MINUTE_NS, price, price, price, price, lots, price * lots, 1, lots, trade_id, trade_id)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CandleStore]:
    """An empty one."""
    store = opened(tmp_path)
    yield store
    store.close()


def opened(tmp_path: Path) -> CandleStore:
    """What is there, or an empty one."""
    return CandleStore(tmp_path / "candles", 1500, DamageMark(tmp_path / "mark"))


def rows(book: CandleBook, interval: int, most: int = 1500, **span: int) -> list[tuple[int, int, int, int, int]]:
    """(minute, open, close, lots, trades), newest first."""
    page, _ = book.page(interval, span.get("start", 0), span.get("end", 1 << 62), most)
    return [
        ((each.open_time_ns - START) // MINUTE_NS, each.open_ticks, each.close_ticks, each.volume_lots, each.trades)
        for each in page
    ]


def test_minutes_add_up_at_every_interval(store: CandleStore) -> None:
    """Open, close, sums; what was empty repeats the close before it, and nothing comes before the first trade."""
    book = CandleBook(SYMBOL, store)
    for minute, price, lots, trade_id in ((0, 100, 1, 1), (0, 103, 2, 2), (3, 90, 4, 3), (7, 110, 8, 4)):
        book.add(part(minute, price, lots, trade_id))
    assert rows(book, ONE) == [
        (7, 110, 110, 8, 1),
        *((minute, 90, 90, 0, 0) for minute in (6, 5, 4)),
        (3, 90, 90, 4, 1),
        *((minute, 103, 103, 0, 0) for minute in (2, 1)),
        (0, 100, 103, 3, 2),
    ]
    assert rows(book, pb.CANDLE_INTERVAL_5M) == [(5, 110, 110, 8, 1), (0, 100, 90, 7, 3)]
    for interval in INTERVALS_NS:
        assert sum(each[3] for each in rows(book, interval)) == 15
    ((_, opened, closed, _, _),) = rows(book, DAY)
    assert (opened, closed) == (100, 110)


def test_pages_and_spans(store: CandleStore) -> None:
    """Most recent first, cut by both times; the token's page goes on where the one before began."""
    book = CandleBook(SYMBOL, store)
    book.add(part(0, 100, 1, 1))
    book.add(part(9, 101, 1, 2))
    assert [each[0] for each in rows(book, ONE, 3)] == [9, 8, 7]
    assert book.page(ONE, 0, 1 << 62, 3)[1]
    assert [each[0] for each in rows(book, ONE, 3, end=START + 2 * MINUTE_NS)] == [1, 0]
    assert [each[0] for each in rows(book, ONE, start=START + MINUTE_NS + 1, end=START + 4 * MINUTE_NS)] == [3, 2]
    assert rows(book, ONE, end=1) == []
    assert CandleBook("OTHER", store).page(pb.CANDLE_INTERVAL_1H, 0, 0, 5)[0] == []


def test_a_restart_counts_from_the_sequence_that_was_stored(tmp_path: Path) -> None:
    """What was not committed is gone, and so is its sequence: together they are always right."""
    store = opened(tmp_path)
    book = CandleBook(SYMBOL, store)
    book.add(part(0, 100, 1, 1))
    store.commit(7)
    book.add(part(0, 105, 2, 2))  # the same candle: what is on disk must not change with it
    store.close()
    store = opened(tmp_path)
    assert store.sequence == 7
    book = CandleBook(SYMBOL, store)
    assert rows(book, ONE) == [(0, 100, 100, 1, 1)]
    book.add(part(0, 105, 2, 2))
    assert rows(book, ONE) == [(0, 100, 105, 3, 2)]
    store.close()


def test_old_candles_are_dropped(store: CandleStore) -> None:
    """As many intervals back as are kept, of each interval."""
    for minute in (0, 1, 1500, 1501):
        store.put(ONE, Candle.of(part(minute, 100, 1, minute), MINUTE_NS))
        store.put(DAY, Candle.of(part(minute, 100, 1, minute), DAY_NS))
        store.commit(minute + 1)
    assert [(each.open_time_ns - START) // MINUTE_NS for each in store.between(ONE, 0, 1 << 62)] == [1, 1500, 1501]
    assert len(store.between(DAY, 0, 1 << 62)) == 2


@pytest.mark.rule("INS-3")
def test_a_change_of_tick_and_lot_converts_what_is_kept(tmp_path: Path) -> None:
    """Prices and lots are those in force; the sequence is stored with them, so that nothing is converted twice."""
    store = opened(tmp_path)
    book = CandleBook(SYMBOL, store)
    book.add(part(0, 105, 30, 1))
    book.define(9, b"record", Fraction(1, 10), Fraction(10))
    store.close()
    store = opened(tmp_path)
    book = CandleBook(SYMBOL, store)
    assert rows(book, ONE) == [(0, 10, 10, 300, 1)]
    assert (store.sequence, store.definitions()) == (9, [b"record"])
    book.add(part(0, 11, 1, 2))
    assert rows(book, DAY) == [(0, 10, 11, 301, 2)]
    store.close()


def test_a_late_trade_is_counted_in_its_own_candle(store: CandleStore) -> None:
    """The clock may have closed the candle before the engine's last trade in it was known."""
    book = CandleBook(SYMBOL, store)
    book.add(part(0, 100, 1, 1))
    book.tell(START + 2 * MINUTE_NS, changed=False)
    assert [each[0] for each in rows(book, ONE)] == [2, 1, 0]
    book.add(part(0, 107, 2, 2))
    assert rows(book, ONE) == [(2, 107, 107, 0, 0), (1, 107, 107, 0, 0), (0, 100, 107, 3, 2)]


def test_a_ticker_is_of_the_minutes_of_a_day(store: CandleStore) -> None:
    """What began 24 hours ago falls out; the minute under way counts at once."""
    book = CandleBook(SYMBOL, store)
    window = TickerWindow(book)
    book.add(part(0, 500, 1, 1))
    book.add(part(1, 100, 2, 2))
    book.add(part(1439, 120, 4, 3))
    now = START + 1439 * MINUTE_NS
    figures = window.figures(now, 0)
    assert (figures.open, figures.high, figures.low, figures.volume, figures.trades) == (500, 500, 100, 7, 3)
    book.add(part(1439, 90, 8, 4))
    assert window.figures(now, 0).low == 90
    later = window.figures(now + MINUTE_NS, 0)
    assert (later.open, later.high, later.low, later.volume) == (100, 120, 90, 14)


def test_a_ticker_counts_trades_that_the_clock_has_overtaken(store: CandleStore) -> None:
    """Of the minute that is over by the clock alone, and of one that was told as closed."""
    book = CandleBook(SYMBOL, store)
    window = TickerWindow(book)
    book.add(part(0, 100, 1, 1))
    now = START + MINUTE_NS
    assert window.figures(now, 0).volume == 1
    book.add(part(0, 100, 2, 2))
    assert window.figures(now, 0).volume == 3
    book.tell(now, changed=False)
    assert window.figures(now, 0).volume == 3
    book.add(part(0, 100, 4, 3))
    assert window.figures(now, 0).volume == 7

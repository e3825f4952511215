"""One symbol's history: follows the events beside the book, and makes trades, candles and news of them.

            ┌────────────────── the book has got further ──────────────────┐
            ▼                                                              │
 catching up from the journal ──has reached the book──▶ following the same events as the book

Candles go on from the sequence that was stored with them. What is kept in memory for readers that resume begins
some commands before the newest one, whatever the candles have.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from dataclasses import dataclass

import structlog

from tidegate.marketdata.candle_book import CandleBook
from tidegate.marketdata.definitions import Definitions
from tidegate.marketdata.history_hub import Chunk, HistoryHub
from tidegate.marketdata.journal import Journal
from tidegate.marketdata.news import encode_news
from tidegate.v1 import market_data_service_pb2 as pb
from tidegate.wire.native import EVENT_BYTES, PublicTape
from tidegate.wire.records import Event, EventType, unpack_events

log = structlog.get_logger(__name__)

HISTORY_COMMANDS_MAX = 100_000  # how far back history for readers begins when the process starts
PIECES_MAX = 4  # of the journal in one step, so that no symbol starves another


@dataclass(frozen=True)
class HistoryLimits:
    """How much is kept for readers that resume, and how much may wait for one reader."""

    trades_retained_max: int
    news_retained_max: int
    backlog_max: int


class TapeFeed:
    """One symbol. All methods belong to the event loop's thread."""

    def __init__(
        self,
        symbol: str,
        journal: Journal,
        candles: CandleBook,
        definitions: Definitions,
        limits: HistoryLimits,
    ) -> None:
        self.symbol = symbol
        self.candles = candles
        self.definitions = definitions
        self.trades = HistoryHub(limits.trades_retained_max, limits.backlog_max, cut_trades)
        self.liquidations = HistoryHub(limits.trades_retained_max, limits.backlog_max, cut_trades)
        self.news = HistoryHub(limits.news_retained_max, limits.backlog_max, cut_news)
        self._journal = journal
        self._tape: PublicTape | None = None
        self._pieces: Generator[bytes, None, None] | None = None
        self._follows = False
        self.ended = False

    @property
    def follows(self) -> bool:
        """Whether it has everything that the book has."""
        return self._follows

    @property
    def sequence(self) -> int:
        """Last command that is part of it."""
        return self._tape.sequence if self._tape is not None else 0

    @property
    def time_ns(self) -> int:
        """When that command was sequenced; 0: not known."""
        return self._tape.time_ns if self._tape is not None else 0

    def feed(self, events: bytes) -> None:
        """The events that the book is fed; passed over while catching up."""
        if self._tape is None or not self._follows:
            return
        with contextlib.suppress(ValueError):  # step() sees what is missing, and finds it in the journal
            self._tape.feed(events)

    def step(self, book_sequence: int) -> bool:
        """Comes nearer to the book. False when there is nothing to do."""
        if self._tape is None:
            self._tape = self._begin(book_sequence)
        if self._follows and self._tape.sequence >= book_sequence:
            return False
        self._follows = False
        for _ in range(PIECES_MAX):
            if self._tape.sequence >= book_sequence:
                self._follows = True
                self.release_journal()
                return True
            self._take_piece(self._tape, book_sequence)
        return True

    def release_journal(self) -> None:
        """Lets somebody else of the process read the journal: an LMDB environment is never open twice."""
        if self._pieces is not None:
            self._pieces.close()
            self._pieces = None

    def publish(self) -> bool:
        """Tells readers what has gathered; whether there were trades."""
        if self._tape is None:
            return False
        self._publish_trades(self._tape)
        parts = self._tape.take_minutes()
        news = self._tape.take_news()
        at = 0
        for record in (news[start : start + EVENT_BYTES] for start in range(0, len(news), EVENT_BYTES)):
            (event,) = unpack_events(record)
            while at < len(parts) and parts[at][10] <= event.sequence:
                self.candles.add(parts[at])
                at += 1
            self._take_news(event, record)
        for part in parts[at:]:
            self.candles.add(part)
        self.news.publish(None, self._tape.sequence)
        return bool(parts)

    def commit(self) -> None:
        """Makes the candles durable."""
        if self._tape is not None and self._tape.sequence > self.candles.store.sequence:
            self.candles.store.commit(self._tape.sequence)

    def end(self) -> None:
        """The symbol is gone."""
        self.ended = True
        for hub in (self.trades, self.liquidations, self.news):
            hub.end()
        self.candles.end()

    def _begin(self, book_sequence: int) -> PublicTape:
        store = self.candles.store
        if store.sequence > book_sequence:
            log.error("candles are ahead of the journal", symbol=self.symbol, sequence=store.sequence)
            self.candles.clear()
            self.definitions.clear()
        # Where no trade comes after this, readers go on after the one that candles know of.
        self.trades.reset(self.candles.last_trade_id)
        self.liquidations.reset(self.candles.last_trade_id)
        begin = min(store.sequence, max(0, book_sequence - HISTORY_COMMANDS_MAX))
        return self._new_tape(begin, store.sequence)

    def _new_tape(self, begin: int, bars_after: int) -> PublicTape:
        self.news.reset(begin)
        self.release_journal()
        return PublicTape(begin, bars_after, self.definitions.at(begin).tick_lot_value, 0)

    def _take_piece(self, tape: PublicTape, book_sequence: int) -> None:
        """One piece of the journal; when there is none, what lies before the book is out of reach."""
        fresh = self._pieces is None
        if self._pieces is None:
            self._pieces = self._journal.events_after(tape.sequence)
        piece = next(self._pieces, None)
        if piece is not None:
            try:
                tape.feed(piece)
                return
            except ValueError as error:
                log.error("the journal does not add up", symbol=self.symbol, sequence=tape.sequence, error=str(error))
        self.release_journal()
        if piece is not None or fresh:
            log.warning("the journal does not reach the book", symbol=self.symbol, sequence=tape.sequence)
            self._tape = self._new_tape(book_sequence, book_sequence)

    def _publish_trades(self, tape: PublicTape) -> None:
        for trades in (Chunk(*row) for row in tape.take_trades()):
            if trades.first != self.trades.last + 1:
                self.trades.reset(trades.first - 1)
                self.liquidations.reset(trades.first - 1)
            self.trades.publish(trades, trades.last)
        for liquidations in (Chunk(*row) for row in tape.take_liquidations()):
            self.liquidations.publish(liquidations, liquidations.last)
        self.liquidations.publish(None, self.trades.last)

    def _take_news(self, event: Event, record: bytes) -> None:
        if event.type == EventType.INSTRUMENT_DEFINED and not self.definitions.known(event.sequence):
            price, quantity = self.definitions.add(record)
            self.candles.define(event.sequence, record, price, quantity)
        message = encode_news(self.symbol, event, self.definitions)
        self.news.publish(Chunk(event.sequence, event.sequence, 1, message), event.sequence)


def cut_trades(chunk: Chunk, after: int) -> Chunk:
    """The trades after this one."""
    entries = pb.StreamTradesResponse.FromString(chunk.entries)
    kept = [each for each in entries.trades if each.trade_id > after]
    encoded = pb.StreamTradesResponse(trades=kept).SerializeToString()
    return Chunk(kept[0].trade_id, chunk.last, len(kept), encoded)


def cut_news(chunk: Chunk, after: int) -> Chunk:
    """One command's news are never parted."""
    raise AssertionError(f"news of one command only: {chunk.first} to {chunk.last}, after {after}")

"""Every symbol that this process tells of: attached to its rings while it is listed, known for its history after."""

from __future__ import annotations

import contextlib
import shutil
import time

import structlog

from tidegate.marketdata.book_feed import BookFeed
from tidegate.marketdata.candle_book import CandleBook
from tidegate.marketdata.candle_store import CandleStore
from tidegate.marketdata.config import MarketdataSettings
from tidegate.marketdata.definitions import Definitions
from tidegate.marketdata.errors import CandlesDamagedError, delisted, unavailable, unknown_symbol
from tidegate.marketdata.journal import JournalEvents
from tidegate.marketdata.state_feed import StateFeed, StateHubs
from tidegate.marketdata.tape_feed import HistoryLimits, TapeFeed
from tidegate.wire import native
from tidegate.wire.damage_mark import DamageMark
from tidegate.wire.doorbell import Doorbell
from tidegate.wire.instruments import Instrument
from tidegate.wire.listing import ListedInstrument, ListingError, ListingWatcher
from tidegate.wire.segment import Segment
from tidegate.wire.topology import MARKETDATA_READER, engine_name

log = structlog.get_logger(__name__)

PROCESS = "marketdata"
LAST_POLLS_MAX = 1000
DIRECTORY = "marketdata"  # below the venue's data directory: candles and definitions


class Market:
    """All symbols. One thread."""

    def __init__(self, settings: MarketdataSettings, mark: DamageMark) -> None:
        """Attaches to what is listed; without a listing on disk, to what the settings say."""
        self.hubs = StateHubs()
        self.feeds: dict[str, BookFeed] = {}
        self.histories: dict[str, TapeFeed] = {}
        """Of every symbol that was ever listed."""
        self._settings = settings
        self._mark = mark
        if mark.is_set:  # even to look at them may end this process too
            log.warning("candles of all symbols are made anew: they may be damaged")
            shutil.rmtree(settings.topology.data_dir / DIRECTORY, ignore_errors=True)
            mark.clear()
        self._watcher = ListingWatcher(settings.topology.instruments_file)
        self._resources: dict[str, contextlib.ExitStack] = {}
        self._stores: dict[str, CandleStore] = {}
        if not self.look():
            self._follow(tuple(ListedInstrument(instrument=each) for each in settings.instruments))

    def look(self) -> bool:
        """Attaches to what was listed and lets go of what was delisted since the last look; whether there was any."""
        try:
            entries = self._watcher.changed()
        except ListingError as error:
            log.error("the listing cannot be read", error=str(error))
            return False
        if entries is None:
            return False
        self._follow(entries)
        return True

    def feed(self, symbol: str) -> BookFeed:
        """Of a listed symbol. Raises RefusedError."""
        feed = self.feeds.get(symbol)
        if feed is None:
            raise delisted(symbol) if symbol in self.histories else unknown_symbol(symbol)
        return feed

    def complete(self, symbol: str) -> BookFeed:
        """Of a listed symbol whose history is counted up to now. Raises RefusedError."""
        feed = self.feed(symbol)
        if not feed.complete:
            raise unavailable(symbol, "history")
        return feed

    def history(self, symbol: str) -> TapeFeed:
        """Of a symbol that is or was listed. Raises RefusedError."""
        history = self.histories.get(symbol)
        if history is None:
            raise unknown_symbol(symbol)
        return history

    def prove(self) -> None:
        """Raises CandlesDamagedError when somebody has met damage since the start."""
        for symbol, store in self._stores.items():
            if store.damaged:
                raise CandlesDamagedError(symbol)

    def commit(self) -> None:
        """Makes candles durable."""
        for feed in self.feeds.values():
            feed.tape.commit()

    def close(self) -> None:
        """Lets go of everything; candles stay as they are committed now."""
        self.commit()
        for symbol in list(self.feeds):
            self._detach(symbol)
        for store in self._stores.values():
            store.close()

    def _follow(self, entries: tuple[ListedInstrument, ...]) -> None:
        listed = {entry.symbol for entry in entries if entry.is_listed}
        for symbol in set(self.feeds) - listed:
            log.info("delisted", symbol=symbol)
            feed = self.feeds[symbol]
            for _ in range(LAST_POLLS_MAX):  # what its engine has told before it was delisted
                if not feed.poll(time.monotonic_ns()):
                    break
            feed.tape.commit()
            feed.end()
            self._detach(symbol)
        for entry in entries:
            if entry.symbol not in self.histories:
                self.histories[entry.symbol] = self._open_history(entry.instrument)
            if entry.is_listed and entry.symbol not in self.feeds:
                self._attach(entry.instrument)

    def _open_history(self, instrument: Instrument) -> TapeFeed:
        """Candles and definitions as they are on disk."""
        symbol, limits, topology = instrument.symbol, self._settings.limits, self._settings.topology
        store = CandleStore(topology.data_dir / DIRECTORY / symbol, limits.candles_retained_max, self._mark)
        self._stores[symbol] = store
        return TapeFeed(
            symbol,
            JournalEvents(topology.journal_dir(symbol)),
            CandleBook(symbol, store),
            Definitions(instrument, store.definitions()),
            HistoryLimits(limits.trades_retained_max, limits.news_retained_max, limits.trades_backlog_max),
        )

    def _attach(self, instrument: Instrument) -> None:
        """To the rings of a symbol. One that was listed again goes on where its candles ended."""
        symbol, limits, topology = instrument.symbol, self._settings.limits, self._settings.topology
        history = self.histories[symbol]
        if history.ended:
            self._stores[symbol].close()
            history = self.histories[symbol] = self._open_history(instrument)
        with contextlib.ExitStack() as stack:
            events = Segment.attach(topology.event_segment(symbol))
            commands = Segment.attach(topology.command_segment(symbol, PROCESS))
            bell = Doorbell(topology.bell(engine_name(symbol)))
            for each in (events, commands, bell):
                stack.callback(each.close)
            feed = BookFeed(
                symbol,
                instrument.instrument_id,
                lambda: native.EventReader(events.buf, MARKETDATA_READER),
                native.CommandProducer(commands.buf, bell.fd),
                JournalEvents(topology.journal_dir(symbol)),
                tape=history,
                state=StateFeed(symbol, self.hubs, history),
                depth_backlog_max=limits.depth_backlog_max,
                answer_timeout_ns=limits.answer_timeout_ms * 1_000_000,
            )
            stack.callback(feed.close)
            self.feeds[symbol] = feed
            self._resources[symbol] = stack.pop_all()

    def _detach(self, symbol: str) -> None:
        del self.feeds[symbol]
        self._resources.pop(symbol).close()

"""The last 24 hours of one symbol, by minutes: what has closed is summed once a minute, the rest when asked."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.marketdata.candle_book import CandleBook
from tidegate.marketdata.candles import AMOUNT_MAX, MINUTE_NS, Candle

DAY_NS = 1440 * MINUTE_NS


@dataclass(slots=True)
class Figures:
    """Prices in ticks, quantities in lots, notional in 1e-8 of the settlement asset; 0: no trade."""

    open: int = 0
    high: int = 0
    low: int = 0
    volume: int = 0
    notional: int = 0
    trades: int = 0

    def with_minute(self, minute: Candle) -> Figures:
        """These and a later minute."""
        return Figures(
            self.open or minute.open,
            max(self.high, minute.high),
            min(self.low or minute.low, minute.low),
            min(self.volume + minute.volume, AMOUNT_MAX),
            min(self.notional + minute.notional, AMOUNT_MAX),
            self.trades + minute.trades,
        )


class TickerWindow:
    """The minutes that begin within the 24 hours before now, the one under way among them."""

    def __init__(self, candles: CandleBook) -> None:
        self._candles = candles
        self._closed = Figures()
        self._summed_for = (-1, -1, -1, -1)

    def figures(self, now_ns: int, version: int) -> Figures:
        """As of now; `version` is another one when the minutes are in other ticks or lots."""
        minute_ns = now_ns - now_ns % MINUTE_NS
        start_ns = minute_ns - DAY_NS + MINUTE_NS
        # By the clock the minute may be over for which trades are still on their way.
        closed_ns = min(minute_ns, self._candles.minute_ns)
        summed_for = (start_ns, closed_ns, self._candles.late, version)
        if self._summed_for != summed_for:
            self._summed_for = summed_for
            self._closed = Figures()
            for minute in self._candles.minutes_since(start_ns):
                if minute.open_time_ns < closed_ns:
                    self._closed = self._closed.with_minute(minute)
        result = self._closed
        for minute in self._candles.minutes_since(max(start_ns, closed_ns)):
            result = result.with_minute(minute)
        return result

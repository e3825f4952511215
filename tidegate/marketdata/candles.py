"""Candles of one symbol at every interval, made of the parts of minutes that the native tape gives."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from tidegate.v1 import market_data_service_pb2 as pb

MINUTE_NS = 60_000_000_000
INTERVALS_NS: dict[int, int] = {
    pb.CANDLE_INTERVAL_1M: MINUTE_NS,
    pb.CANDLE_INTERVAL_5M: 5 * MINUTE_NS,
    pb.CANDLE_INTERVAL_15M: 15 * MINUTE_NS,
    pb.CANDLE_INTERVAL_1H: 60 * MINUTE_NS,
    pb.CANDLE_INTERVAL_4H: 240 * MINUTE_NS,
    pb.CANDLE_INTERVAL_1D: 1440 * MINUTE_NS,
}
AMOUNT_MAX = 2**63 - 1

MinutePart = tuple[int, int, int, int, int, int, int, int, int, int, int]
"""A row of PublicTape.take_minutes()."""

_PACKED = struct.Struct("<qqqqqqqQqQ")


@dataclass(slots=True)
class Candle:
    """Prices in ticks, quantities in lots, notional in 1e-8 of the settlement asset (it stops at 2^63 - 1)."""

    open_time_ns: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    notional: int
    trades: int
    taker_buy: int
    last_trade_id: int

    @classmethod
    def of(cls, part: MinutePart, interval_ns: int) -> Candle:
        """What the part of a minute makes of a candle that begins with it."""
        return cls(part[0] - part[0] % interval_ns, *part[1:10])

    @classmethod
    def unpack(cls, data: bytes) -> Candle:
        """As pack() wrote it."""
        return cls(*_PACKED.unpack(data))

    def pack(self) -> bytes:
        """80 bytes."""
        return _PACKED.pack(
            self.open_time_ns,
            self.open,
            self.high,
            self.low,
            self.close,
            self.volume,
            self.notional,
            self.trades,
            self.taker_buy,
            self.last_trade_id,
        )

    def add(self, part: MinutePart) -> None:
        """Takes in a later part of itself."""
        _, _, high, low, close, volume, notional, trades, taker_buy, last_trade_id, _ = part
        self.high, self.low, self.close = max(self.high, high), min(self.low, low), close
        self.volume = min(self.volume + volume, AMOUNT_MAX)
        self.notional = min(self.notional + notional, AMOUNT_MAX)
        self.trades += trades
        self.taker_buy = min(self.taker_buy + taker_buy, AMOUNT_MAX)
        self.last_trade_id = last_trade_id

    def empty_after(self, open_time_ns: int) -> Candle:
        """A later candle without trades: it repeats the close."""
        return Candle(open_time_ns, self.close, self.close, self.close, self.close, 0, 0, 0, 0, 0)

    def rescaled(self, price: Fraction, quantity: Fraction) -> Candle:
        """The same in other ticks and lots; rounded down, prices to at least 1 (rule INS-3)."""

        def ticks(value: int) -> int:
            return max(1, int(value * price))

        def lots(value: int) -> int:
            return min(int(value * quantity), AMOUNT_MAX)

        return replace(
            self,
            open=ticks(self.open),
            high=ticks(self.high),
            low=ticks(self.low),
            close=ticks(self.close),
            volume=lots(self.volume),
            taker_buy=lots(self.taker_buy),
        )

    def message(self, *, closed: bool) -> pb.Candle:
        """As it is told."""
        return pb.Candle(
            open_time_ns=self.open_time_ns,
            open_ticks=self.open,
            high_ticks=self.high,
            low_ticks=self.low,
            close_ticks=self.close,
            volume_lots=self.volume,
            notional=self.notional,
            trades=self.trades,
            taker_buy_lots=self.taker_buy,
            closed=closed,
            last_trade_id=self.last_trade_id,
        )


def without_gaps(found: list[Candle], before: Candle | None, times_ns: range) -> Iterator[Candle]:
    """A candle for each of the times, oldest first: the found one, or an empty one that repeats the last close.

    `found` ascends; `before`: the last one earlier than the times. Nothing comes before the first trade ever.
    """
    by_time = {each.open_time_ns: each for each in found}
    last = before
    for time_ns in times_ns:
        candle = by_time.get(time_ns) or (last.empty_after(time_ns) if last is not None else None)
        if candle is not None:
            last = candle
            yield candle

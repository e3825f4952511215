"""One symbol's candles: takes in parts of minutes, answers pages, tells readers of the one under way."""

from __future__ import annotations

from fractions import Fraction

from tidegate.marketdata.candle_store import CandleStore
from tidegate.marketdata.candles import INTERVALS_NS, Candle, MinutePart, without_gaps
from tidegate.marketdata.latest_hub import LatestHub, LatestSubscription
from tidegate.v1 import market_data_service_pb2 as pb

EMPTY_TOLD_MAX = 1500  # empty candles that a reader is told of when trading begins again after a long time


class CandleBook:
    """All intervals of one symbol. Times are Unix nanoseconds."""

    def __init__(self, symbol: str, store: CandleStore) -> None:
        self.store = store
        self._symbol = symbol
        self._hubs: dict[int, LatestHub[int]] = {interval: LatestHub() for interval in INTERVALS_NS}
        self.late = 0
        """Trades, by parts of minutes, that came when the clock had gone on to another candle."""
        self._live: dict[int, Candle] = {}  # the newest candle known; an empty one once time has gone on
        self._read_live()

    def add(self, part: MinutePart) -> None:
        """Trades of one minute; they come in the order of their time."""
        for interval, length_ns in INTERVALS_NS.items():
            time_ns = part[0] - part[0] % length_ns
            live = self._live.get(interval)
            if live is not None and time_ns > live.open_time_ns:
                live = self._go_on(interval, live, time_ns)
            if live is not None and time_ns < live.open_time_ns:
                self._add_late(interval, live, part, time_ns)
                continue
            if live is None or not live.trades:
                live = self._live[interval] = Candle.of(part, length_ns)
            else:
                live.add(part)
            self.store.put(interval, live)

    def define(self, sequence: int, record: bytes, price: Fraction, quantity: Fraction) -> None:
        """A definition takes effect: everything is put into its ticks and lots."""
        self.store.define(sequence, record, price, quantity)
        self._read_live()

    def clear(self) -> None:
        """Forgets everything: the journal is another one."""
        self.store.clear()
        self._read_live()

    def tell(self, now_ns: int, *, changed: bool) -> None:
        """Tells readers: `changed`, trades have come; or time has gone on to another candle."""
        for interval, length_ns in INTERVALS_NS.items():
            live = self._live.get(interval)
            if live is None:
                continue
            goes_on = now_ns >= live.open_time_ns + length_ns
            if goes_on:
                live = self._live[interval] = self._go_on(interval, live, now_ns - now_ns % length_ns)
            if changed or goes_on:
                self._publish(interval, live, closed=False)

    def subscribe(self, interval: int) -> tuple[LatestHub[int], LatestSubscription[int]]:
        """A reader of one interval; it begins with the candle under way."""
        hub = self._hubs[interval]
        subscription = hub.subscribe()
        live = self._live.get(interval)
        if live is not None:
            subscription.offer(live.open_time_ns, self._message(live, closed=False))
        return hub, subscription

    def page(self, interval: int, start_ns: int, end_ns: int, most: int) -> tuple[list[pb.Candle], bool]:
        """The newest `most` candles that begin from `start_ns` up to and without `end_ns`, newest first, and whether
        there are older ones."""
        live = self._live.get(interval)
        if live is None:
            return [], False
        length_ns = INTERVALS_NS[interval]
        newest_ns = min(live.open_time_ns, (max(end_ns, 1) - 1) // length_ns * length_ns)
        first_ns = -(-max(start_ns, 0) // length_ns) * length_ns
        oldest_ns = max(first_ns, newest_ns - (most - 1) * length_ns)
        before = self.store.last_before(interval, oldest_ns)
        times_ns = range(oldest_ns, newest_ns + 1, length_ns)
        found = list(without_gaps(self.store.between(interval, oldest_ns, newest_ns + 1), before, times_ns))
        more = before is not None and oldest_ns > first_ns
        return [each.message(closed=each.open_time_ns < live.open_time_ns) for each in reversed(found)], more

    def minutes_since(self, start_ns: int) -> list[Candle]:
        """Minutes with trades that begin at or after `start_ns`, oldest first."""
        return self.store.between(pb.CANDLE_INTERVAL_1M, start_ns, 1 << 62)

    @property
    def minute_ns(self) -> int:
        """When the minute under way has begun; 0: there was no trade yet."""
        live = self._live.get(pb.CANDLE_INTERVAL_1M)
        return live.open_time_ns if live is not None else 0

    @property
    def last_price(self) -> int:
        """Of the newest trade, ticks; 0: none is known."""
        live = self._live.get(pb.CANDLE_INTERVAL_1M)
        return live.close if live is not None else 0

    @property
    def last_trade_id(self) -> int:
        """Of the newest trade; 0: none is known."""
        newest = self.store.last_before(pb.CANDLE_INTERVAL_1M, 1 << 62)
        return newest.last_trade_id if newest is not None else 0

    def end(self) -> None:
        """The symbol is gone."""
        for hub in self._hubs.values():
            hub.end()

    def _read_live(self) -> None:
        self._live.clear()
        for interval in INTERVALS_NS:
            newest = self.store.last_before(interval, 1 << 62)
            if newest is not None:
                self._live[interval] = newest

    def _add_late(self, interval: int, live: Candle, part: MinutePart, time_ns: int) -> None:
        """A trade that the clock has overtaken: its candle was told as closed, and is told again."""
        self.late += 1
        length_ns = INTERVALS_NS[interval]
        found = self.store.between(interval, time_ns, time_ns + 1)
        candle = found[0] if found else Candle.of(part, length_ns)
        if found:
            candle.add(part)
        self.store.put(interval, candle)
        self._publish(interval, candle, closed=True)
        if not live.trades:
            self._live[interval] = candle.empty_after(live.open_time_ns)

    def _go_on(self, interval: int, live: Candle, time_ns: int) -> Candle:
        """Closes the candle and the empty ones that follow on it up to `time_ns`; returns an empty one for then."""
        length_ns = INTERVALS_NS[interval]
        if len(self._hubs[interval]):
            self._publish(interval, live, closed=True)
            empty_ns = max(live.open_time_ns + length_ns, time_ns - EMPTY_TOLD_MAX * length_ns)
            for each_ns in range(empty_ns, time_ns, length_ns):
                self._publish(interval, live.empty_after(each_ns), closed=True)
        return live.empty_after(time_ns)

    def _publish(self, interval: int, candle: Candle, *, closed: bool) -> None:
        hub = self._hubs[interval]
        if len(hub):
            hub.publish(candle.open_time_ns, self._message(candle, closed=closed))

    def _message(self, candle: Candle, *, closed: bool) -> bytes:
        message = pb.StreamCandlesResponse(symbol=self._symbol, candle=candle.message(closed=closed))
        return message.SerializeToString()

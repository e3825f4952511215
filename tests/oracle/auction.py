"""The call auction (MAT-2): its price, its rounds of trades, and what it tells while it lasts."""

from __future__ import annotations

from tests.oracle.lapsing import Lapsing
from tests.oracle.orders import Order
from tests.oracle.records import MATCHING_EVENTS_MAX, EventFlag, EventType, Phase, Side, TriggerBy

INDICATIVE_NS = 100_000_000


class Auction(Lapsing):
    """Uncrossing, and the indicative price."""

    def auction_at(self, price: int) -> tuple[int, int]:
        """(volume, bids less asks) at a price, of whole leaves."""
        bids = sum(order.leaves for order in self.book[Side.BUY] if order.price >= price)
        asks = sum(order.leaves for order in self.book[Side.SELL] if order.price <= price)
        return min(bids, asks), bids - asks

    def auction_price(self) -> int:
        """Largest volume, smallest imbalance, nearest to the reference, lowest; 0 when the book is not crossed."""
        if not self.is_crossed():
            return 0
        bid, ask = self.best(Side.BUY), self.best(Side.SELL)
        assert bid is not None
        assert ask is not None
        reference = self.mark or self.last
        # Between two neighbours of these prices nothing changes but the distance to the reference.
        prices = {price + step for price in (order.price for order in self.resting()) for step in (-1, 0, 1)}
        candidates = [price for price in {*prices, reference} if ask.price <= price <= bid.price]

        def worse(price: int) -> tuple[int, int, int, int]:
            volume, surplus = self.auction_at(price)
            return (-volume, abs(surplus), abs(price - reference) if reference else 0, price)

        return min(candidates, key=worse)

    def tell_auction(self, price: int, *, final: bool) -> None:
        volume, surplus = self.auction_at(price) if price else (0, 0)
        event = self.emit(EventType.AUCTION, price=price, quantity=volume, leaves=surplus, phase=self.phase)
        event.flags |= EventFlag.FINAL if final else 0

    # ---- uncrossing ---------------------------------------------------------------------------------
    def go_on_uncrossing(self) -> None:
        """Trades as far as the events of one command allow; enters the phase when the book is crossed no more."""
        while self.uncrossing_price or self.is_crossed():
            if self.uncrossing_price == 0:
                self.uncrossing_price = self.auction_price()
                self.tell_auction(self.uncrossing_price, final=True)
            while (pair := self.next_pair()) is not None:
                if len(self.events) + self.step_events(*pair) > MATCHING_EVENTS_MAX:
                    return
                self.trade_in_auction(*pair)
            self.uncrossing_price = 0
        phase, reason = self.uncrossing, self.uncrossing_reason
        self.uncrossing = self.uncrossing_reason = 0
        self.change_phase(phase)
        self.emit(EventType.PHASE_CHANGED, phase=phase, reason=reason)
        self.observe(TriggerBy.LAST, self.last)

    def next_pair(self) -> tuple[Order, Order] | None:
        """Best bid and best ask of the round, the younger in its level first; None at its end."""
        bid, ask = self.best(Side.BUY), self.best(Side.SELL)
        if bid is None or ask is None or not ask.price <= self.uncrossing_price <= bid.price:
            return None
        return (ask, bid) if ask.admission > bid.admission else (bid, ask)

    def trade_in_auction(self, taker: Order, maker: Order) -> None:
        quantity = min(taker.leaves, maker.leaves)
        before = {order.order_id: order.shown for order in (taker, maker)}
        for order in (taker, maker):
            self.fill(order, quantity)
            order.shown = min(order.shown, order.leaves)
        self.end_filled(maker, taker)
        shown = {
            "taker_shown_change": taker.shown - before[taker.order_id],
            "maker_shown_change": maker.shown - before[maker.order_id],
        }
        self.tell_trade(taker, maker, self.uncrossing_price, quantity, shown)
        self.after_trade(taker, maker, self.uncrossing_price, quantity)

    # ---- indicative ---------------------------------------------------------------------------------
    def indicative_is_due(self, time_ns: int) -> bool:
        waited = time_ns - self.indicative_time_ns >= INDICATIVE_NS
        return self.phase == Phase.AUCTION and self.uncrossing == 0 and self.indicative_pending and waited

    def tell_indicative(self) -> None:
        self.tell_auction(self.auction_price(), final=False)
        self.indicative_time_ns, self.indicative_pending = self.time_ns, False

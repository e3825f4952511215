"""Matching (MAT-1): the steps of a taker, self-trade prevention, icebergs, reduce-only, fill or kill."""

from __future__ import annotations

from copy import deepcopy

from tests.oracle.orders import Order, opposite
from tests.oracle.protection import Protection
from tests.oracle.records import (
    FILLS_PER_COMMAND_MAX,
    MATCHING_EVENTS_MAX,
    PRICE_MAX,
    EventType,
    OrderStatus,
    OrderType,
    Reason,
    SelfTradePrevention,
    Side,
    TimeInForce,
    TriggerBy,
)
from tests.oracle.state import Leg, leg_of


class Matching(Protection):
    """What an order does that does not simply rest."""

    def take(self, order: Order) -> None:
        """Matches, lets what is left rest or expire, and lets triggers see the trades."""
        trades_before = len(self.events)
        if order.time_in_force == TimeInForce.FOK and self.reachable(order) < order.leaves:
            self.expire(order, Reason.FOK_NOT_FILLABLE)
            return
        self.matching = order
        self.match(order)
        self.matching = None
        self.settle_remainder(order)
        prices = [event.price for event in self.events[trades_before:] if event.type == EventType.TRADE]
        if prices:
            self.observe(TriggerBy.LAST, prices[0])
            if prices[-1] != prices[0]:
                self.observe(TriggerBy.LAST, prices[-1])

    def limit(self, taker: Order) -> int:
        """The worst price at which it trades."""
        price = taker.price if taker.has_price or taker.is_quote else PRICE_MAX if taker.side == Side.BUY else 1
        edge = self.edge(taker.side) if taker.order_type not in (OrderType.LIMIT, OrderType.QUOTE) else None
        if edge is None:
            return price
        return min(price, edge) if taker.side == Side.BUY else max(price, edge)

    def settle_remainder(self, order: Order) -> None:
        """What matching has left of an order rests or expires."""
        if not order.is_open:
            return
        if self.beyond_edge(order):
            self.expire(order, Reason.PRICE_BAND_REACHED)
        elif order.may_rest:
            if order.status == OrderStatus.TRIGGERED:
                order.status = OrderStatus.NEW
            self.rest(order)
            self.emit(EventType.RESTED, order, on_book=True, shown_before=0)
        elif order.has_price:
            self.expire(order, Reason.IOC_REMAINDER)
        elif self.book[opposite(order.side)]:
            self.expire(order, Reason.PRICE_BAND_REACHED)
        else:
            self.expire(order, Reason.MARKET_REMAINDER)

    # ---- steps --------------------------------------------------------------------------------------
    def match(self, taker: Order) -> None:
        steps = 0
        limit = self.limit(taker)
        while taker.is_open and self.crosses(taker.side, limit):
            maker = self.best(opposite(taker.side))
            assert maker is not None
            too_many_events = len(self.events) + self.step_events(taker, maker) > MATCHING_EVENTS_MAX
            if steps == FILLS_PER_COMMAND_MAX or too_many_events:
                self.expire(taker, Reason.FILL_LIMIT)
                return
            steps += 1
            if self.prevented(taker, maker):
                self.prevent(taker, maker)
            else:
                offered = maker.leaves if self.is_alone(maker) else maker.offers
                self.trade(taker, maker, min(taker.leaves, offered))

    def is_alone(self, best: Order) -> bool:
        """Whether the best order of a side has its level to itself."""
        queue = self.book[best.side]
        return len(queue) == 1 or queue[1].price != best.price

    def prevented(self, taker: Order, maker: Order) -> bool:
        """Whether these two must not trade with one another."""
        same_group = taker.account == maker.account or (taker.stp_group == maker.stp_group and taker.stp_group != 0)
        return same_group and taker.stp_mode != SelfTradePrevention.NONE

    def prevent(self, taker: Order, maker: Order) -> None:
        """Self-trade prevention by the taker's mode (ORD-6)."""
        mode = taker.stp_mode
        if mode == SelfTradePrevention.DECREMENT:
            both = min(taker.leaves, maker.leaves)
            for order in (maker, taker):
                if both < order.leaves:
                    self.reduce(order, order.leaves - both, Reason.SELF_TRADE)
                else:
                    self.expire(order, Reason.SELF_TRADE)
            return
        if mode in (SelfTradePrevention.EXPIRE_MAKER, SelfTradePrevention.EXPIRE_BOTH):
            self.expire(maker, Reason.SELF_TRADE)
        if mode in (SelfTradePrevention.EXPIRE_TAKER, SelfTradePrevention.EXPIRE_BOTH):
            self.expire(taker, Reason.SELF_TRADE)

    def trade(self, taker: Order, maker: Order, quantity: int) -> None:
        shown_before = maker.shown
        self.fill(taker, quantity)
        self.fill(maker, quantity)
        if maker.is_iceberg and maker.leaves > 0:
            self.show_after_trade(maker, shown_before, quantity)
        self.end_filled(maker, taker)
        shown = {"maker_shown_before": shown_before, "maker_shown": maker.shown} if maker.is_iceberg else {}
        self.tell_trade(taker, maker, maker.price, quantity, shown)
        self.after_trade(taker, maker, maker.price, quantity)

    def show_after_trade(self, maker: Order, shown: int, quantity: int) -> None:
        """What is left of the slice, or the next one at the back of its level (ORD-2)."""
        if quantity < shown:
            maker.shown = shown - quantity
            return
        of_next_slice = (quantity - shown) % maker.display
        maker.shown = min(maker.display - of_next_slice, maker.leaves)
        self.take_off_book(maker)
        self.put_on_book(maker)

    def fill(self, order: Order, quantity: int) -> None:
        order.filled += quantity
        order.leaves -= quantity
        order.status = OrderStatus.PARTIALLY_FILLED

    def end_filled(self, *orders: Order) -> None:
        """The maker ends before the taker."""
        for order in orders:
            if order.leaves == 0:
                self.end(order, OrderStatus.FILLED, Reason.NONE)
                self.remember_ended(order)

    def tell_trade(self, taker: Order, maker: Order, price: int, quantity: int, shown: dict[str, int]) -> None:
        """Positions move, and the TRADE is told."""
        self.trade_id += 1
        self.last = price
        if leg_of(taker) != leg_of(maker):
            signed = quantity if taker.side == Side.BUY else -quantity
            self.move(leg_of(taker), signed)
            self.move(leg_of(maker), -signed)
        self.emit(
            EventType.TRADE,
            taker,
            price=price,
            quantity=quantity,
            trade_id=self.trade_id,
            maker_order_id=maker.order_id,
            maker_client_order_id=maker.client_order_id,
            maker_filled=maker.filled,
            maker_leaves=maker.leaves,
            maker_account=maker.account,
            maker_flags=maker.flags,
            maker_order_type=maker.order_type,
            position=self.position(leg_of(taker)),
            maker_position=self.position(leg_of(maker)),
            **shown,
        )

    def after_trade(self, taker: Order, maker: Order, price: int, quantity: int) -> None:
        """The hooks: reduce-only, then protection; the maker's, then the taker's."""
        if leg_of(taker) != leg_of(maker):
            self.reduce_only_hook(leg_of(maker))
            self.reduce_only_hook(leg_of(taker))
        self.count_fill(maker, price, quantity)
        self.count_fill(taker, price, quantity)

    def reduce_only_hook(self, leg: Leg) -> None:
        """Lowers or ends what could open or flip the position (ORD-8)."""
        orders = [o for o in self.reduce_only_resting_of(leg[0]) if leg_of(o) == leg]
        taker = self.matching
        if taker is not None and taker.is_open and taker.reduce_only and leg_of(taker) == leg:
            orders.insert(0, taker)
        for order in orders:
            allowed = self.reducible(order)
            if order.leaves <= allowed:
                continue
            if allowed == 0:
                self.expire(order, Reason.REDUCE_ONLY)
            else:
                self.reduce(order, allowed, Reason.REDUCE_ONLY)

    # ---- fill or kill (ORD-7) -----------------------------------------------------------------------
    def reachable(self, taker: Order) -> int:
        """Lots that match() would trade, found without touching anything."""
        found, steps, events = 0, 0, len(self.events)
        moved: dict[Leg, int] = {}
        groups = deepcopy(self.groups)  # as they would be by then
        taker_group = groups.get((taker.account, taker.group))
        for maker, offered, slices in self.parts(taker):
            prevented = self.prevented(taker, maker)
            if found >= taker.leaves or (prevented and taker.stp_mode != SelfTradePrevention.EXPIRE_MAKER):
                break
            maker_group = groups.get((maker.account, maker.group))
            if not prevented and maker_group is not None and maker_group.frozen:
                continue  # pulled by then
            counted = 0 if prevented else min(offered, taker.leaves - found)
            if maker.reduce_only:
                position = self.position(leg_of(maker)) + moved.get(leg_of(maker), 0)
                counted = min(counted, max(0, position if maker.side == Side.SELL else -position))
            if counted == 0 and not (prevented and offered > 0):
                continue  # gone by then
            if not prevented and maker.display and (maker_group is not None or taker_group is not None):
                break  # in how many trades it is met depends on its neighbours
            steps += slices
            events += slices * self.step_events(taker, maker)
            if steps > FILLS_PER_COMMAND_MAX or events > MATCHING_EVENTS_MAX:
                break
            signed = counted if taker.side == Side.BUY else -counted
            moved[leg_of(taker)] = moved.get(leg_of(taker), 0) + signed
            moved[leg_of(maker)] = moved.get(leg_of(maker), 0) - signed
            found += counted
            if not prevented:
                assert self.rules is not None
                notional = maker.price * counted * self.rules.tick_lot_value
                for group in (maker_group, taker_group):
                    if group is not None and not group.frozen:
                        group.frozen = group.count(self.time_ns, counted, notional)
                if taker_group is not None and taker_group.frozen:
                    break
        return found

    def parts(self, taker: Order) -> list[tuple[Order, int, int]]:
        """What the makers within the limit offer, and in how many steps; a prevented one's hidden part is nothing."""
        limit = self.limit(taker)
        makers = self.book[opposite(taker.side)]
        parts = []
        for price in dict.fromkeys(maker.price for maker in makers):
            if price > limit if taker.side == Side.BUY else price < limit:
                break
            level = [maker for maker in makers if maker.price == price]
            parts += [(maker, maker.offers, 1) for maker in level]
            for maker in level:
                hidden = maker.leaves - maker.offers
                if hidden > 0 and not self.prevented(taker, maker):
                    parts.append((maker, hidden, -(-hidden // maker.display)))
        return parts

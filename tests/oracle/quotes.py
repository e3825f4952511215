"""QUOTE (ORD-11): both sides of a quote in one step."""

from __future__ import annotations

from dataclasses import dataclass

from tests.oracle.changing import Changing
from tests.oracle.orders import Order, session_of
from tests.oracle.records import (
    ASK_OF_QUOTE,
    GROUPS_MAX,
    Command,
    CommandFlag,
    EventType,
    OrderType,
    Phase,
    Reason,
    SelfTradePrevention,
    Side,
    TimeInForce,
)


@dataclass(slots=True)
class Wish:
    """One side as the command wants it, and what is there."""

    side: Side
    price: int
    quantity: int  # 0: to be withdrawn
    there: Order | None

    @property
    def is_new(self) -> bool:
        return self.there is None and self.quantity != 0

    @property
    def is_same(self) -> bool:
        return self.there is not None and (self.there.price, self.there.leaves) == (self.price, self.quantity)

    @property
    def keeps_place(self) -> bool:
        """The same price, and not more."""
        there = self.there
        return there is not None and there.price == self.price and 0 < self.quantity <= there.leaves


class Quotes(Changing):
    """Two-sided quotes."""

    def quote(self, command: Command) -> None:
        account, quote_id = command.account, command.client_order_id
        bid = Wish(Side.BUY, command.price, command.quantity, self.quote_side(account, quote_id, Side.BUY))
        ask = Wish(Side.SELL, command.ask_price, command.ask_quantity, self.quote_side(account, quote_id, Side.SELL))
        if (reason := self.check_quote(command, bid, ask)) != Reason.NONE:
            self.emit(
                EventType.REJECTED,
                reason=reason,
                client_order_id=quote_id,
                order_type=OrderType.QUOTE,
                price=command.price,
                quantity=command.quantity,
            )
            return
        for wish in (bid, ask):
            if wish.there is not None and wish.quantity != 0:
                self.unhook(wish.there)
                self.set_terms(wish.there, command)
                self.hook(wish.there)
            if wish.there is not None and not wish.keeps_place:
                self.take_off_book(wish.there)
                self.off_book.append(wish.there)
        self.put_side(command, bid)
        frozen = bid.quantity != 0 and self.is_frozen(account, command.group)
        if frozen and ask.there is not None and ask.there.is_open:
            self.cancel_order(ask.there, Reason.MARKET_MAKER_PROTECTION)
        if not frozen:
            self.put_side(command, ask)
        self.off_book = []
        self.tell_quoted(command)

    def put_side(self, command: Command, wish: Wish) -> None:
        """The bid's or the ask's turn."""
        order = wish.there
        if order is None:
            if wish.quantity != 0:
                self.place_side(command, wish)
        elif wish.quantity == 0:
            self.cancel_order(order, Reason.USER_REQUEST)
        elif order.is_open and not wish.is_same:
            if order in self.off_book:
                self.off_book.remove(order)
            before = {"previous_price": order.price, "previous_leaves": order.leaves}
            keeps_place = wish.keeps_place
            order.price = wish.price
            order.quantity, order.leaves = order.filled + wish.quantity, wish.quantity
            if keeps_place:
                self.emit(EventType.AMENDED, order, on_book=True, **before)
            else:
                self.enter_again(order, before)

    def place_side(self, command: Command, wish: Wish) -> None:
        order = Order(
            order_id=self.sequence | (ASK_OF_QUOTE if wish.side == Side.SELL else 0),
            client_order_id=command.client_order_id,
            account=command.account,
            side=wish.side,
            order_type=OrderType.QUOTE,
            time_in_force=0,
            stp_mode=0,
            stp_group=0,
            flags=0,
            price=wish.price,
            quantity=wish.quantity,
            body=(wish.side | OrderType.QUOTE << 8, 0, 0, 0, 0, 0, 0),
            leaves=wish.quantity,
        )
        self.set_terms(order, command)
        self.remember(order)
        crosses = self.phase != Phase.AUCTION and self.crosses(order.side, order.price)
        if not crosses:
            self.rest(order)
        self.emit(EventType.ACCEPTED, order, on_book=not crosses)
        if crosses:
            self.take(order)

    def set_terms(self, order: Order, command: Command) -> None:
        order.time_in_force = command.time_in_force
        order.stp_mode = command.stp_mode or SelfTradePrevention.EXPIRE_TAKER
        order.stp_group, order.group = command.stp_group, command.group
        order.session = session_of(command)

    def tell_quoted(self, command: Command) -> None:
        bid, ask = (self.quote_side(command.account, command.client_order_id, side) for side in (Side.BUY, Side.SELL))
        told = self.emit(
            EventType.QUOTED,
            client_order_id=command.client_order_id,
            order_type=OrderType.QUOTE,
            group=command.group,
        )
        if bid is not None:
            told.order_id, told.price, told.leaves = bid.order_id, bid.price, bid.leaves
        if ask is not None:
            told.maker_order_id, told.previous_price, told.maker_leaves = ask.order_id, ask.price, ask.leaves

    # ---- checks -------------------------------------------------------------------------------------
    def check_quote(self, command: Command, bid: Wish, ask: Wish) -> Reason:
        if command.client_order_id == 0:
            return Reason.INVALID_CLIENT_ORDER_ID
        if not self.phase_allows_quote(command):
            return Reason.PHASE_FORBIDS
        if not self.admit(command.account):
            return Reason.ACCOUNT_TABLE_FULL
        return (
            self.check_terms(command)
            or self.check_side(bid)
            or self.check_side(ask)
            or self.check_both(command, bid, ask)
            or self.check_touch(command, bid, ask)
        )

    def phase_allows_quote(self, command: Command) -> bool:
        if command.quantity == 0 and command.ask_quantity == 0:
            return self.phase != Phase.HALT
        allowed = {Phase.POST_ONLY: TimeInForce.GTX, Phase.AUCTION: TimeInForce.GTC}
        return self.phase == Phase.OPEN or allowed.get(Phase(self.phase)) == command.time_in_force

    def check_terms(self, command: Command) -> Reason:
        legs = CommandFlag.COMMAND_LONG | CommandFlag.COMMAND_SHORT
        if command.time_in_force not in (TimeInForce.GTC, TimeInForce.GTX):
            return Reason.INVALID_TIME_IN_FORCE
        if command.stp_mode > SelfTradePrevention.DECREMENT:
            return Reason.INVALID_STP_MODE
        if command.group > GROUPS_MAX:
            return Reason.INVALID_GROUP
        if self.is_hedge(command.account) or command.flags & legs:
            return Reason.INVALID_POSITION_SIDE
        return Reason.NONE

    def check_side(self, wish: Wish) -> Reason:
        if wish.quantity == 0:
            return Reason.NONE
        if not self.in_price_range(wish.price):
            return Reason.PRICE_OUT_OF_RANGE
        if not self.in_quantity_range(wish.quantity):
            return Reason.QUANTITY_OUT_OF_RANGE
        if reason := self.check_notional(wish.price, wish.quantity, False):
            return reason
        return Reason.NONE if self.within_band(wish.price) else Reason.PRICE_BAND

    def check_both(self, command: Command, bid: Wish, ask: Wish) -> Reason:
        assert self.rules is not None
        if bid.quantity != 0 and ask.quantity != 0 and bid.price >= ask.price:
            return Reason.QUOTE_CROSSED
        new = bid.is_new + ask.is_new
        open_orders = [o for o in self.open_orders_of(command.account) if o.waiting == 0]
        if new != 0 and len(open_orders) + new > self.rules.open_orders_max:
            return Reason.TOO_MANY_OPEN_ORDERS
        if any(self.passes_limit(command.account, wish) for wish in (bid, ask)):
            return Reason.POSITION_LIMIT
        if new != 0 and len(self.open_orders()) + new > self.orders_max:
            return Reason.BOOK_FULL
        withdraws = bid.quantity == 0 and ask.quantity == 0
        if self.is_frozen(command.account, command.group) and not withdraws:
            return Reason.PROTECTION_FROZEN
        return Reason.NONE

    def passes_limit(self, account: int, wish: Wish) -> bool:
        return wish.quantity != 0 and self.position_passes((account, False), wish.side, wish.quantity)

    def check_touch(self, command: Command, bid: Wish, ask: Wish) -> Reason:
        """GTX: neither side crosses the best of the others' orders."""
        if command.time_in_force != TimeInForce.GTX or self.phase == Phase.AUCTION:
            return Reason.NONE
        for wish, other in ((bid, ask), (ask, bid)):
            if wish.quantity != 0 and self.crosses(wish.side, wish.price, without=other.there):
                return Reason.POST_ONLY_WOULD_CROSS
        return Reason.NONE

"""The naive model of one symbol: `apply` as docs/rules/orders.md says it, obvious and slow.

It is the oracle of every scenario and of the differential campaign, not a fallback. The book is two
sorted lists, everything else plain dictionaries; nothing is cached that can be looked up. What is known
between two commands is in tests/oracle/state.py, its canonical form in tests/oracle/canonical.py.
"""

from __future__ import annotations

from collections.abc import Callable, Container

from tests.oracle.records import (
    FILLS_PER_COMMAND_MAX,
    INT64_MAX,
    MATCHING_EVENTS_MAX,
    OPEN_ORDERS_PER_ACCOUNT_MAX,
    POSITION_MAX,
    PRICE_MAX,
    QUANTITY_MAX,
    Command,
    CommandFlag,
    CommandType,
    Event,
    EventFlag,
    EventType,
    OrderStatus,
    OrderType,
    Phase,
    Reason,
    Rules,
    SelfTradePrevention,
    Side,
    TimeInForce,
    split_commands,
)
from tests.oracle.state import RESTING_TIMES_IN_FORCE, Order, State, body_of, opposite

QUERIES = (CommandType.QUERY_ORDER, CommandType.QUERY_OPEN_ORDERS, CommandType.QUERY_DEPTH)


class Model(State):
    """One symbol: state = f(commands)."""

    def __init__(
        self, symbol_id: int, *, orders_max: int = 1 << 17, retained_max: int = 1 << 18, accounts_max: int = 1 << 14
    ) -> None:
        super().__init__(symbol_id, orders_max=orders_max, retained_max=retained_max, accounts_max=accounts_max)
        self.command = Command(0)
        self.command_time_ns = 0
        self.epoch = 0
        self.events: list[Event] = []

    # ---- one command --------------------------------------------------------------------------------
    def apply(self, commands: bytes, time_ns: int, epoch: int) -> bytes:
        """Sequences and applies 128-byte commands; returns their 192-byte events, crc 0."""
        done: list[Event] = []
        for record in split_commands(commands):
            done += self.apply_one(record, time_ns, epoch)
        return b"".join(event.pack() for event in done)

    def apply_one(self, record: bytes, time_ns: int, epoch: int) -> list[Event]:
        self.events = []
        self.epoch = epoch
        self.command = Command.unpack(record)
        if self.command.type == CommandType.DEFINE_INSTRUMENT:
            self.command = Command(self.command.type, account=self.command.account)
        if self.command.type not in QUERIES:
            self.sequence += 1
            self.time_ns = max(self.time_ns, time_ns)
        if self.command.type == CommandType.DEFINE_INSTRUMENT:
            self.define_instrument(Rules.unpack(record))
        elif self.command.type in HANDLERS:
            HANDLERS[self.command.type](self, self.command)
        else:
            self.reject(Reason.MALFORMED_MESSAGE)
        self.events[-1].flags |= EventFlag.LAST_OF_COMMAND
        return self.events

    def emit(self, kind: EventType, order: Order | None = None, *, on_book: bool = False, **fields: int) -> Event:
        """Appends an event about `order`, or about none: then its account is the command's."""
        command = self.command
        delay = 0
        if command.gateway_time_ns != 0:
            delay = max(0, min(2**32 - 1, (self.time_ns - command.gateway_time_ns) // 1000))
        event = Event(
            kind,
            command_type=command.type,
            sequence=self.sequence,
            time_ns=self.time_ns,
            epoch=self.epoch,
            account=command.account,
            symbol=self.symbol_id,
            index=len(self.events),
            request_id=command.request_id,
            origin=command.origin,
            item=command.item,
            gateway_delay_us=delay,
        )
        if order is not None:
            event.account = order.account
            event.side, event.order_type, event.time_in_force = order.side, order.order_type, order.time_in_force
            event.status = order.status
            event.client_order_id, event.order_id = order.client_order_id, order.order_id
            event.price, event.quantity = order.price, order.quantity
            event.filled, event.leaves = order.filled, order.leaves
            event.stp_group, event.stp_mode = order.stp_group, order.stp_mode
            event.flags |= EventFlag.EVENT_REDUCE_ONLY if order.reduce_only else 0
        event.flags |= EventFlag.ON_BOOK if on_book else 0
        for name, value in fields.items():
            setattr(event, name, value)
        self.events.append(event)
        return event

    def reject(self, reason: Reason, order: Order | None = None) -> None:
        self.emit(EventType.REJECTED, order, reason=reason)

    # ---- what happens to an order ---------------------------------------------------------------------
    def end_with_event(self, order: Order, kind: EventType, reason: Reason) -> None:
        """CANCELED or EXPIRED."""
        was_resting, previous_leaves = order.admission != 0, order.leaves
        self.end(order, OrderStatus.CANCELED if kind == EventType.CANCELED else OrderStatus.EXPIRED, reason)
        self.emit(kind, order, on_book=was_resting, reason=reason, previous_leaves=previous_leaves)

    def expire(self, order: Order, reason: Reason) -> None:
        self.end_with_event(order, EventType.EXPIRED, reason)

    def reduce(self, order: Order, leaves: int, reason: Reason) -> None:
        """Lowers what is open without a trade; the order keeps its place."""
        previous_leaves = order.leaves
        order.quantity -= previous_leaves - leaves
        order.leaves = leaves
        resting = order.admission != 0
        self.emit(EventType.REDUCED, order, on_book=resting, reason=reason, previous_leaves=previous_leaves)

    # ---- PLACE --------------------------------------------------------------------------------------
    def place(self, command: Command) -> None:
        order = Order(
            order_id=self.sequence,
            client_order_id=command.client_order_id,
            account=command.account,
            side=command.side,
            order_type=command.order_type,
            time_in_force=command.time_in_force,
            stp_mode=command.stp_mode or SelfTradePrevention.EXPIRE_TAKER,
            stp_group=command.stp_group,
            reduce_only=bool(command.flags & CommandFlag.COMMAND_REDUCE_ONLY),
            price=command.price,
            quantity=command.quantity,
            body=body_of(command),
        )
        known = self.by_client.get((command.account, command.client_order_id))
        if command.client_order_id == 0:
            self.refuse(order, Reason.INVALID_CLIENT_ORDER_ID, remember=False)
        elif known is not None and known.body == order.body:
            self.emit(EventType.ORDER_STATE, known, reason=known.reason).flags |= EventFlag.DUPLICATE
        elif known is not None:
            self.refuse(order, Reason.DUPLICATE_CLIENT_ORDER_ID, remember=False)
        elif (reason := self.check_place(order)) != Reason.NONE:
            self.refuse(order, reason, remember=reason != Reason.ACCOUNT_TABLE_FULL)
        else:
            self.accept(order)

    def refuse(self, order: Order, reason: Reason, *, remember: bool) -> None:
        order.status, order.reason = OrderStatus.REJECTED, reason
        if remember:
            self.by_id[order.order_id] = self.by_client[order.account, order.client_order_id] = order
            self.remember_ended(order)
        else:
            order.order_id = 0
        self.reject(reason, order)

    def check_place(self, order: Order) -> Reason:
        """The first check that fails, in the order of INS-2."""
        if self.phase < Phase.POST_ONLY or (self.phase == Phase.POST_ONLY and order.time_in_force != TimeInForce.GTX):
            return Reason.PHASE_FORBIDS
        if order.account not in self.positions and len(self.positions) >= self.accounts_max:
            return Reason.ACCOUNT_TABLE_FULL
        self.positions.setdefault(order.account, 0)
        return self.check_kinds(order) or self.check_numbers(order) or self.check_room(order)

    def check_kinds(self, order: Order) -> Reason:
        if order.side not in (Side.BUY, Side.SELL):
            return Reason.INVALID_SIDE
        if order.order_type not in (OrderType.LIMIT, OrderType.MARKET):
            return Reason.INVALID_ORDER_TYPE
        if not TimeInForce.GTC <= order.time_in_force <= TimeInForce.GTX:
            return Reason.INVALID_TIME_IN_FORCE
        if order.order_type == OrderType.MARKET and (
            order.time_in_force not in (TimeInForce.IOC, TimeInForce.FOK) or order.price != 0
        ):
            return Reason.INVALID_COMBINATION
        if order.stp_mode > SelfTradePrevention.DECREMENT:
            return Reason.INVALID_STP_MODE
        return Reason.NONE

    def check_numbers(self, order: Order) -> Reason:
        assert self.rules is not None
        limit = order.order_type == OrderType.LIMIT
        if limit and not self.rules.price_min <= order.price <= self.rules.price_max:
            return Reason.PRICE_OUT_OF_RANGE
        if not self.rules.quantity_min <= order.quantity <= self.rules.quantity_max:
            return Reason.QUANTITY_OUT_OF_RANGE
        if not limit and order.quantity > self.rules.market_quantity_max:
            return Reason.MARKET_QUANTITY_OUT_OF_RANGE
        return self.check_notional(order.price, order.quantity, order.reduce_only) if limit else Reason.NONE

    def check_notional(self, price: int, quantity: int, reduce_only: bool) -> Reason:
        assert self.rules is not None
        notional = price * quantity * self.rules.tick_lot_value
        if notional > INT64_MAX:
            return Reason.NOTIONAL_OVERFLOW
        if notional < self.rules.notional_min and not reduce_only:
            return Reason.NOTIONAL_TOO_SMALL
        return Reason.NONE

    def check_room(self, order: Order) -> Reason:
        assert self.rules is not None
        may_rest = order.time_in_force in RESTING_TIMES_IN_FORCE
        if may_rest and len(self.open_orders_of(order.account)) >= self.rules.open_orders_max:
            return Reason.TOO_MANY_OPEN_ORDERS
        if abs(self.positions[order.account]) + order.quantity > POSITION_MAX:
            return Reason.POSITION_LIMIT
        if order.reduce_only and self.reduces(order.account, order.side) == 0:
            return Reason.REDUCE_ONLY_REJECTED
        if may_rest and len(self.resting()) >= self.orders_max:
            return Reason.BOOK_FULL
        if order.time_in_force == TimeInForce.GTX and self.crosses(order.side, order.order_type, order.price):
            return Reason.POST_ONLY_WOULD_CROSS
        return Reason.NONE

    def accept(self, order: Order) -> None:
        if order.reduce_only:
            order.quantity = min(order.quantity, self.reduces(order.account, order.side))
        order.leaves = order.quantity
        self.by_id[order.order_id] = self.by_client[order.account, order.client_order_id] = order
        rests = order.time_in_force in RESTING_TIMES_IN_FORCE and not self.crosses(
            order.side, order.order_type, order.price
        )
        self.emit(EventType.ACCEPTED, order, on_book=rests)
        if rests:
            self.put_on_book(order)
        elif order.time_in_force == TimeInForce.FOK and self.reachable(order) < order.quantity:
            self.expire(order, Reason.FOK_NOT_FILLABLE)
        else:
            self.match(order)
            self.settle_remainder(order)

    def settle_remainder(self, order: Order) -> None:
        """What matching has left of an order rests or expires."""
        if not order.is_open:
            return
        if order.order_type == OrderType.MARKET:
            self.expire(order, Reason.MARKET_REMAINDER)
        elif order.time_in_force == TimeInForce.GTC:
            self.put_on_book(order)
            self.emit(EventType.RESTED, order, on_book=True)
        else:
            assert order.time_in_force == TimeInForce.IOC, "a FOK order cannot have a remainder, a GTX never matches"
            self.expire(order, Reason.IOC_REMAINDER)

    # ---- matching (MAT-1) ---------------------------------------------------------------------------
    def match(self, taker: Order) -> None:
        steps = step_events = 0
        while taker.is_open and self.crosses(taker.side, taker.order_type, taker.price):
            maker = self.best(opposite(taker.side))
            assert maker is not None
            step_events += self.step_events(taker, maker)
            if steps == FILLS_PER_COMMAND_MAX or step_events > MATCHING_EVENTS_MAX:
                self.expire(taker, Reason.FILL_LIMIT)
                return
            steps += 1
            if self.same_group(taker, maker) and taker.stp_mode != SelfTradePrevention.NONE:
                self.prevent(taker, maker)
            else:
                self.trade(taker, maker)

    def step_events(self, taker: Order, maker: Order) -> int:
        """The most events that a step between these two can give, for the fill limit."""
        accounts = {maker.account, taker.account}
        return 2 + sum(order.account in accounts for order in self.reduce_only_resting)

    def same_group(self, taker: Order, maker: Order) -> bool:
        return taker.account == maker.account or (taker.stp_group == maker.stp_group and taker.stp_group != 0)

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

    def trade(self, taker: Order, maker: Order) -> None:
        quantity = min(taker.leaves, maker.leaves)
        self.trade_id += 1
        signed = quantity if taker.side == Side.BUY else -quantity
        self.positions[taker.account] += signed
        self.positions[maker.account] -= signed
        for order in (maker, taker):
            order.filled += quantity
            order.leaves -= quantity
            order.status = OrderStatus.PARTIALLY_FILLED
            if order.leaves == 0:
                self.end(order, OrderStatus.FILLED, Reason.NONE)
        self.emit(
            EventType.TRADE,
            taker,
            price=maker.price,
            quantity=quantity,
            trade_id=self.trade_id,
            maker_order_id=maker.order_id,
            maker_client_order_id=maker.client_order_id,
            maker_filled=maker.filled,
            maker_leaves=maker.leaves,
            maker_account=maker.account,
            position=self.positions[taker.account],
            maker_position=self.positions[maker.account],
        )
        self.reduce_only_hook(maker.account, taker)
        if taker.account != maker.account:
            self.reduce_only_hook(taker.account, taker)

    def reduce_only_hook(self, account: int, taker: Order) -> None:
        """Lowers or ends what could open or flip the account's position (ORD-8)."""
        orders = [order for order in self.reduce_only_resting if order.account == account]
        if taker.account == account and taker.is_open and taker.reduce_only:
            orders.insert(0, taker)
        for order in orders:
            allowed = self.reduces(account, order.side)
            if order.leaves <= allowed:
                continue
            if allowed == 0:
                self.expire(order, Reason.REDUCE_ONLY)
            else:
                self.reduce(order, allowed, Reason.REDUCE_ONLY)

    def reachable(self, taker: Order) -> int:
        """Lots that match() would trade, found without touching anything (ORD-7)."""
        found = steps = step_events = 0
        positions = dict(self.positions)
        for maker in self.book[opposite(taker.side)]:
            if not self.reaches(taker, maker.price) or found >= taker.quantity or steps == FILLS_PER_COMMAND_MAX:
                break
            prevented = self.same_group(taker, maker) and taker.stp_mode != SelfTradePrevention.NONE
            if prevented and taker.stp_mode != SelfTradePrevention.EXPIRE_MAKER:
                break
            counted = 0 if prevented else min(maker.leaves, taker.quantity - found)
            if maker.reduce_only:
                position = positions[maker.account]
                counted = min(counted, max(0, position if maker.side == Side.SELL else -position))
            if counted == 0 and not prevented:
                continue  # gone by then
            steps += 1
            step_events += self.step_events(taker, maker)
            if step_events > MATCHING_EVENTS_MAX:
                break
            signed = counted if taker.side == Side.BUY else -counted
            positions[taker.account] += signed
            positions[maker.account] -= signed
            found += counted
        return found

    def reaches(self, taker: Order, price: int) -> bool:
        if taker.order_type == OrderType.MARKET:
            return True
        return price <= taker.price if taker.side == Side.BUY else price >= taker.price

    # ---- CANCEL, AMEND, CANCEL_ALL ------------------------------------------------------------------
    def target(self, command: Command) -> Order | None:
        """The account's own order that a command names; never another's."""
        if command.order_id != 0:
            order = self.by_id.get(command.order_id)
            return order if order is not None and order.account == command.account else None
        return self.by_client.get((command.account, command.client_order_id))

    def open_target(self, command: Command, phases: Container[int]) -> Order | None:
        """The open order that a CANCEL or AMEND names; refused otherwise."""
        order = self.target(command)
        if self.phase not in phases or order is None:
            reason = Reason.PHASE_FORBIDS if self.phase not in phases else Reason.UNKNOWN_ORDER
            self.emit(
                EventType.REJECTED, reason=reason, order_id=command.order_id, client_order_id=command.client_order_id
            )
            return None
        if not order.is_open:
            self.reject(Reason.ORDER_CLOSED, order)
            return None
        return order

    def cancel(self, command: Command) -> None:
        order = self.open_target(command, (Phase.CANCEL_ONLY, Phase.POST_ONLY, Phase.OPEN))
        if order is not None:
            self.end_with_event(order, EventType.CANCELED, Reason.USER_REQUEST)

    def amend(self, command: Command) -> None:
        order = self.open_target(command, (Phase.POST_ONLY, Phase.OPEN))
        if order is None:
            return
        price, quantity = command.price or order.price, command.quantity or order.quantity
        reason = self.check_amend(order, price, quantity)
        if reason == Reason.AMEND_BELOW_FILLED:
            self.end_with_event(order, EventType.CANCELED, reason)
            return
        if reason != Reason.NONE:
            self.reject(reason, order)
            return
        if order.reduce_only:
            quantity = min(quantity, order.filled + self.reduces(order.account, order.side))
        keeps_place = price == order.price and quantity <= order.quantity
        crosses = self.crosses(order.side, order.order_type, price)
        previous_price, previous_leaves = order.price, order.leaves
        if not keeps_place:
            self.take_off_book(order)
        order.price, order.quantity, order.leaves = price, quantity, quantity - order.filled
        self.emit(
            EventType.AMENDED,
            order,
            on_book=not crosses,
            previous_price=previous_price,
            previous_leaves=previous_leaves,
        )
        if keeps_place:
            return
        if crosses:
            self.match(order)
            self.settle_remainder(order)
        else:
            self.put_on_book(order)

    def check_amend(self, order: Order, price: int, quantity: int) -> Reason:
        """Why an amend is refused. AMEND_BELOW_FILLED: it is not, but cancels what is left."""
        assert self.rules is not None
        if price == order.price and quantity == order.quantity:
            return Reason.NOTHING_TO_AMEND
        if price != order.price and not self.rules.price_min <= price <= self.rules.price_max:
            return Reason.PRICE_OUT_OF_RANGE
        if quantity != order.quantity and not self.rules.quantity_min <= quantity <= self.rules.quantity_max:
            return Reason.QUANTITY_OUT_OF_RANGE
        if quantity <= order.filled:
            return Reason.AMEND_BELOW_FILLED
        return self.check_notional(price, quantity, order.reduce_only) or self.check_effect(order, price, quantity)

    def check_effect(self, order: Order, price: int, quantity: int) -> Reason:
        """What an amend would do to the position and to the other side of the book."""
        if abs(self.positions[order.account]) + quantity - order.filled > POSITION_MAX:
            return Reason.POSITION_LIMIT
        passive = self.phase == Phase.POST_ONLY or order.time_in_force == TimeInForce.GTX
        if passive and self.crosses(order.side, order.order_type, price):
            return Reason.POST_ONLY_WOULD_CROSS
        return Reason.NONE

    def cancel_all(self, command: Command) -> None:
        if self.phase == Phase.HALT:
            self.reject(Reason.PHASE_FORBIDS)
            return
        orders = [o for o in self.open_orders_of(command.account) if command.side in (Side.NONE, o.side)]
        for order in orders:
            self.end_with_event(order, EventType.CANCELED, Reason.MASS_CANCEL)
        self.emit(EventType.CANCEL_ALL_DONE, quantity=len(orders))

    # ---- the venue's commands -----------------------------------------------------------------------
    def set_phase(self, command: Command) -> None:
        if not Phase.HALT <= command.phase <= Phase.OPEN:
            self.reject(Reason.INVALID_PHASE)
        elif self.rules is None:
            self.reject(Reason.INVALID_INSTRUMENT)
        else:
            self.phase = command.phase
            self.emit(EventType.PHASE_CHANGED, phase=command.phase, reason=command.reason)

    def define_instrument(self, rules: Rules) -> None:
        consistent = (
            1 <= rules.price_min <= rules.price_max <= PRICE_MAX
            and 1 <= rules.quantity_min <= rules.quantity_max <= QUANTITY_MAX
            and 1 <= rules.market_quantity_max <= QUANTITY_MAX
            and rules.notional_min >= 0
            and rules.tick_lot_value >= 1
            and 1 <= rules.open_orders_max <= OPEN_ORDERS_PER_ACCOUNT_MAX
        )
        if not consistent:
            self.reject(Reason.INVALID_INSTRUMENT)
            return
        self.rules = rules
        self.emit(EventType.INSTRUMENT_DEFINED)

    # ---- queries ------------------------------------------------------------------------------------
    def query_order(self, command: Command) -> None:
        order = self.target(command)
        if order is None:
            self.emit(EventType.NOT_FOUND, order_id=command.order_id, client_order_id=command.client_order_id)
        else:
            self.emit(EventType.ORDER_STATE, order, reason=order.reason)

    def query_open_orders(self, command: Command) -> None:
        orders = [o for o in self.open_orders_of(command.account) if o.order_id > command.order_id]
        rows = orders[: max(0, command.quantity)]
        for order in rows:
            self.emit(EventType.ORDER_STATE, order)
        last = rows[-1].order_id if rows else command.order_id
        self.emit(EventType.OPEN_ORDERS_END, quantity=len(rows), order_id=last if len(rows) < len(orders) else 0)

    def query_depth(self, _: Command) -> None:
        levels = 0
        for side in (Side.BUY, Side.SELL):
            for price in dict.fromkeys(order.price for order in self.book[side]):
                orders = [order for order in self.book[side] if order.price == price]
                total = sum(order.leaves for order in orders)
                self.emit(EventType.DEPTH_LEVEL, side=side, price=price, leaves=total, quantity=len(orders))
                levels += 1
        self.emit(EventType.DEPTH_END, quantity=levels, phase=self.phase)


HANDLERS: dict[int, Callable[[Model, Command], None]] = {
    CommandType.PLACE: Model.place,
    CommandType.CANCEL: Model.cancel,
    CommandType.AMEND: Model.amend,
    CommandType.CANCEL_ALL: Model.cancel_all,
    CommandType.SET_PHASE: Model.set_phase,
    CommandType.QUERY_ORDER: Model.query_order,
    CommandType.QUERY_OPEN_ORDERS: Model.query_open_orders,
    CommandType.QUERY_DEPTH: Model.query_depth,
}

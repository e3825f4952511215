"""One order as the model keeps it, and what a command says of an order."""

from __future__ import annotations

from dataclasses import dataclass

from tests.oracle.records import (
    Command,
    CommandFlag,
    EventFlag,
    OrderStatus,
    OrderType,
    Reason,
    SelfTradePrevention,
    Side,
    TimeInForce,
    TriggerBy,
    order_age,
)

OPEN_STATUSES = (OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED, OrderStatus.UNTRIGGERED, OrderStatus.TRIGGERED)
RESTING_TIMES_IN_FORCE = (TimeInForce.GTC, TimeInForce.GTD, TimeInForce.GTX, TimeInForce.GTX_SLIDE)
PRICED_TYPES = (OrderType.LIMIT, OrderType.STOP, OrderType.TAKE_PROFIT)
MARKET_FORMS = (OrderType.STOP_MARKET, OrderType.TAKE_PROFIT_MARKET, OrderType.TRAILING_STOP)
TRIGGER_TYPES = (OrderType.STOP, OrderType.TAKE_PROFIT, *MARKET_FORMS)
BODY_FLAGS = (
    CommandFlag.COMMAND_REDUCE_ONLY
    | CommandFlag.COMMAND_CLOSE_POSITION
    | CommandFlag.COMMAND_LONG
    | CommandFlag.COMMAND_SHORT
    | CommandFlag.COMMAND_LIQUIDATION
)
KNOWN_TRIGGERS = (TriggerBy.MARK, TriggerBy.LAST, TriggerBy.INDEX)
RISING, FALLING = 1, 2  # the way in which a price satisfies a trigger
WAITING, DUE = 1, 2
Body = tuple[int, int, int, int, int, int, int]


@dataclass(slots=True, eq=False)
class Order:
    """One order that was accepted or refused and is remembered; one side of a quote."""

    order_id: int
    client_order_id: int
    account: int
    side: int
    order_type: int
    time_in_force: int
    stp_mode: int  # resolved
    stp_group: int
    flags: int  # reduce-only, iceberg, long leg, short leg, liquidation: of EventFlag
    price: int
    quantity: int
    body: Body  # as it was sent, to recognise a repeated request
    group: int = 0
    session: int = 0
    filled: int = 0
    leaves: int = 0
    status: int = OrderStatus.NEW
    reason: int = Reason.NONE
    admission: int = 0  # sequence at which it took its place in its level; 0 when it does not rest
    shown: int = 0  # an iceberg's, when it rests
    trigger_price: int = 0  # as it is now
    extreme: int = 0  # an active trailing stop's
    waiting: int = 0
    direction: int = 0
    untold: bool = False  # a trailing stop whose activation is still to be told

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES

    @property
    def is_quote(self) -> bool:
        """One side of a QUOTE; not a PLACE that was refused for naming this type."""
        return self.order_type == OrderType.QUOTE and self.status != OrderStatus.REJECTED

    @property
    def age(self) -> int:
        return order_age(self.order_id)

    @property
    def has_price(self) -> bool:
        return self.order_type in PRICED_TYPES

    @property
    def is_trigger(self) -> bool:
        return self.order_type in TRIGGER_TYPES

    @property
    def is_trailing(self) -> bool:
        return self.order_type == OrderType.TRAILING_STOP

    @property
    def may_rest(self) -> bool:
        return (self.has_price or self.is_quote) and self.time_in_force in RESTING_TIMES_IN_FORCE

    @property
    def reduce_only(self) -> bool:
        return bool(self.flags & EventFlag.EVENT_REDUCE_ONLY)

    @property
    def short_leg(self) -> bool:
        return bool(self.flags & EventFlag.SHORT_LEG)

    # ---- what only the body knows -------------------------------------------------------------------
    @property
    def close_position(self) -> bool:
        return bool(self.body[0] >> 32 & CommandFlag.COMMAND_CLOSE_POSITION)

    @property
    def trigger_by(self) -> int:
        return self.body[0] >> 40 & 0xFF

    @property
    def callback_bps(self) -> int:
        return self.body[0] >> 48

    @property
    def sent_trigger_price(self) -> int:
        """0 of a trailing stop: what it sends is its activation price."""
        return 0 if self.is_trailing else self.body[4]

    @property
    def activation_price(self) -> int:
        return self.body[4] if self.is_trailing else 0

    @property
    def expiry_ns(self) -> int:
        return self.body[5] if self.time_in_force == TimeInForce.GTD else 0

    @property
    def display(self) -> int:
        return self.body[6]

    @property
    def terms(self) -> int:
        """TriggerTerms."""
        if not self.is_trigger:
            return 0
        return self.callback_bps | self.trigger_by << 16 | self.close_position << 24

    # ---- what the book shows ------------------------------------------------------------------------
    @property
    def is_iceberg(self) -> bool:
        return self.display != 0

    @property
    def offers(self) -> int:
        """What the book shows of it while it rests."""
        return self.shown if self.is_iceberg else self.leaves

    def show_slice(self) -> None:
        """What it shows when it takes its place."""
        self.shown = min(self.display, self.leaves) if self.is_iceberg else 0

    # ---- triggers -----------------------------------------------------------------------------------
    @property
    def is_active(self) -> bool:
        """Whether it waits under its trigger price (and not under an activation price)."""
        return not self.is_trailing or self.extreme != 0

    @property
    def watched_price(self) -> int:
        """The price that it waits for."""
        return self.trigger_price if self.is_active else self.activation_price

    def satisfied_by(self, price: int) -> bool:
        return price >= self.watched_price if self.direction == RISING else price <= self.watched_price

    def firing_direction(self) -> int:
        """Rising: fires at or above its trigger price."""
        stops = self.order_type in (OrderType.STOP, OrderType.STOP_MARKET, OrderType.TRAILING_STOP)
        return RISING if stops == (self.side == Side.BUY) else FALLING

    def follow(self, extreme: int) -> None:
        """A trailing stop is active, and this is the best price it has seen."""
        self.extreme = extreme
        self.direction = self.firing_direction()
        if self.side == Side.SELL:
            self.trigger_price = extreme * (10_000 - self.callback_bps) // 10_000
        else:
            self.trigger_price = -(-extreme * (10_000 + self.callback_bps) // 10_000)


def opposite(side: int) -> Side:
    return Side.SELL if side == Side.BUY else Side.BUY


def body_of(command: Command) -> Body:
    """What a PLACE or REPLACE says of its order."""
    kinds = command.side | command.order_type << 8 | command.time_in_force << 16 | command.stp_mode << 24
    kinds |= (command.flags & BODY_FLAGS) << 32 | command.trigger_by << 40 | command.callback_bps << 48
    groups = command.stp_group | command.group << 32
    return (
        *(kinds, command.price, command.quantity, groups),
        *(command.trigger_price, command.expiry_ns, command.display),
    )


def asks_reduce_only(command: Command, hedge: bool) -> bool:
    """Sent so, close-position, or it closes its leg in hedge mode (ORD-8)."""
    closes_long = command.flags & CommandFlag.COMMAND_LONG and command.side == Side.SELL
    closes_short = command.flags & CommandFlag.COMMAND_SHORT and command.side == Side.BUY
    sent = command.flags & (CommandFlag.COMMAND_REDUCE_ONLY | CommandFlag.COMMAND_CLOSE_POSITION)
    return bool(sent or (hedge and (closes_long or closes_short)))


def order_of(command: Command, order_id: int, hedge: bool) -> Order:
    """The order that a PLACE or REPLACE asks for."""
    flags = EventFlag.EVENT_REDUCE_ONLY if asks_reduce_only(command, hedge) else 0
    flags |= EventFlag.ICEBERG if command.display != 0 else 0
    flags |= EventFlag.LONG_LEG if command.flags & CommandFlag.COMMAND_LONG else 0
    flags |= EventFlag.SHORT_LEG if command.flags & CommandFlag.COMMAND_SHORT else 0
    flags |= EventFlag.LIQUIDATION if command.flags & CommandFlag.COMMAND_LIQUIDATION else 0
    order = Order(
        order_id=order_id,
        client_order_id=command.client_order_id,
        account=command.account,
        side=command.side,
        order_type=command.order_type,
        time_in_force=command.time_in_force,
        stp_mode=command.stp_mode or SelfTradePrevention.EXPIRE_TAKER,
        stp_group=command.stp_group,
        flags=flags,
        price=command.price,
        quantity=command.quantity,
        body=body_of(command),
        group=command.group & 0xFF,
        session=session_of(command),
    )
    order.trigger_price = order.sent_trigger_price
    return order


def session_of(command: Command) -> int:
    """The session that an order belongs to; 0: none."""
    return command.origin if command.flags & CommandFlag.COMMAND_CANCEL_ON_DISCONNECT else 0

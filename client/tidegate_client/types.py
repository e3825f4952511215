"""What the client hands out: frozen dataclasses with Decimal prices and quantities, ticks and lots beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate.v1 import types_pb2
from tidegate_client.enums import (
    OrderStatus,
    OrderType,
    Outcome,
    Phase,
    PositionMode,
    PositionSide,
    Reason,
    ReportKind,
    SelfTradePrevention,
    Side,
    TimeInForce,
    TriggerBy,
)
from tidegate_client.errors import class_of
from tidegate_client.instruments import AMOUNT_UNIT, Instrument

if TYPE_CHECKING:
    from tidegate.v1 import account_service_pb2


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it was at `sequence`."""

    instrument: Instrument
    order_id: int
    client_order_id: int
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    status: OrderStatus
    reason: Reason
    price_ticks: int
    quantity_lots: int
    filled_lots: int
    leaves_lots: int
    reduce_only: bool
    sequence: int
    self_trade_prevention: SelfTradePrevention = SelfTradePrevention.UNSPECIFIED
    self_trade_group: int = 0
    trigger_price_ticks: int = 0  # of a trailing stop as it is now, 0 before its activation
    trigger_by: TriggerBy = TriggerBy.UNSPECIFIED
    callback_bps: int = 0
    activation_price_ticks: int = 0
    close_position: bool = False
    expire_time_ns: int = 0
    display_lots: int = 0  # iceberg: shown at a time
    position_side: PositionSide = PositionSide.UNSPECIFIED
    protection_group: int = 0
    created_time_ns: int = 0  # from history only
    updated_time_ns: int = 0  # from history only

    @property
    def symbol(self) -> str:
        """Symbol."""
        return self.instrument.symbol

    @property
    def price(self) -> Decimal:
        """Limit price; 0 for a market order."""
        return self.instrument.price(self.price_ticks)

    @property
    def quantity(self) -> Decimal:
        """Total quantity."""
        return self.instrument.quantity(self.quantity_lots)

    @property
    def filled(self) -> Decimal:
        """Filled so far."""
        return self.instrument.quantity(self.filled_lots)

    @property
    def leaves(self) -> Decimal:
        """Still open."""
        return self.instrument.quantity(self.leaves_lots)

    @property
    def trigger_price(self) -> Decimal:
        """Price that it waits for, 0 for none."""
        return self.instrument.price(self.trigger_price_ticks)

    @property
    def display(self) -> Decimal:
        """Quantity that an iceberg shows at a time, 0 for none."""
        return self.instrument.quantity(self.display_lots)

    @property
    def is_open(self) -> bool:
        """Whether it can still trade."""
        return self.status.is_open

    def __str__(self) -> str:
        """For people, in the instrument's own units."""
        price = f"at {self.price}" if self.price_ticks else "at market"
        done = f"{self.filled} filled, {self.leaves} open"
        what = f"{self.symbol} {self.side.name} {self.quantity} {price}"
        return f"{what}: {self.status.name}, {done} (order {self.order_id})"

    @classmethod
    def from_wire(cls, message: types_pb2.Order | types_pb2.Report, instrument: Instrument) -> Order:
        """From an Order, or from a Report: the order as it was after it."""
        trigger = message.trigger
        created_ns, updated_ns = (
            (message.created_time_ns, message.updated_time_ns) if isinstance(message, types_pb2.Order) else (0, 0)
        )
        return cls(
            instrument=instrument,
            order_id=message.order_id,
            client_order_id=message.client_order_id,
            side=Side(message.side),
            type=OrderType(message.type),
            time_in_force=TimeInForce(message.time_in_force),
            status=OrderStatus(message.status),
            reason=Reason(message.reason),
            price_ticks=message.price_ticks,
            quantity_lots=message.quantity_lots,
            filled_lots=message.filled_lots,
            leaves_lots=message.leaves_lots,
            reduce_only=message.reduce_only,
            sequence=message.sequence,
            self_trade_prevention=SelfTradePrevention(message.self_trade_prevention),
            self_trade_group=message.self_trade_group,
            trigger_price_ticks=trigger.price_ticks,
            trigger_by=TriggerBy(trigger.by),
            callback_bps=trigger.callback_bps,
            activation_price_ticks=trigger.activation_price_ticks,
            close_position=trigger.close_position,
            expire_time_ns=message.expire_time_ns,
            display_lots=message.display_lots,
            position_side=PositionSide(message.position_side),
            protection_group=message.protection_group,
            created_time_ns=created_ns,
            updated_time_ns=updated_ns,
        )


@dataclass(frozen=True, slots=True)
class QuoteState:
    """Both sides of a quote as they are: order (0: none), price in ticks, open lots."""

    bid_order_id: int
    bid_price_ticks: int
    bid_leaves_lots: int
    ask_order_id: int
    ask_price_ticks: int
    ask_leaves_lots: int


@dataclass(frozen=True, slots=True)
class Protection:
    """Limits of a market-maker protection group, and what had been counted when it tripped (rule ORD-11)."""

    window_ms: int
    fills_limit: int
    fills: int
    quantity_lots: int
    notional_units: int  # 1e-8 of the settlement asset


@dataclass(frozen=True, slots=True)
class Limits:
    """Where the API key stands at its gateway: used and allowed (rules LIM-2, LIM-3)."""

    orders_second: int = 0
    orders_second_max: int = 0
    orders_ten_seconds: int = 0
    orders_ten_seconds_max: int = 0
    cancels_second: int = 0
    cancels_second_max: int = 0
    messages_second: int = 0
    messages_second_max: int = 0
    order_to_trade: Decimal = Decimal(0)  # orders, amends and quotes per trade; 0 while there is too little to judge
    order_to_trade_max: Decimal = Decimal(0)  # 0: no policy

    @classmethod
    def from_wire(cls, message: types_pb2.LimitState) -> Limits:
        """From the contract's message."""
        return cls(
            message.orders_second,
            message.orders_second_max,
            message.orders_ten_seconds,
            message.orders_ten_seconds_max,
            message.cancels_second,
            message.cancels_second_max,
            message.messages_second,
            message.messages_second_max,
            Decimal(message.order_to_trade_percent).scaleb(-2),
            Decimal(message.order_to_trade_percent_max).scaleb(-2),
        )


@dataclass(frozen=True, slots=True)
class Report:
    """One thing that happened to an order or a request of the account, in the order of the symbol's log."""

    kind: ReportKind
    order: Order
    request_id: int
    item: int
    index: int
    engine_time_ns: int
    gateway_delay_us: int
    epoch: int
    account_id: int
    duplicate: bool = False
    trade_id: int = 0
    last_price_ticks: int = 0
    last_quantity_lots: int = 0
    maker: bool = False
    position_lots: int = 0
    phase: Phase = Phase.UNSPECIFIED
    previous_price_ticks: int = 0
    previous_leaves_lots: int = 0
    quote: QuoteState | None = None
    protection: Protection | None = None
    position_mode: PositionMode = PositionMode.UNSPECIFIED
    countdown_ms: int = 0
    liquidation: bool = False
    more: bool = False

    @property
    def symbol(self) -> str:
        """Symbol."""
        return self.order.instrument.symbol

    @property
    def sequence(self) -> int:
        """Place of the command in the symbol's log."""
        return self.order.sequence

    @property
    def client_order_id(self) -> int:
        """The client's number of the order, 0 for none."""
        return self.order.client_order_id

    @property
    def reason(self) -> Reason:
        """Why."""
        return self.order.reason

    @property
    def is_fill(self) -> bool:
        """Whether this is a trade."""
        return self.kind is ReportKind.TRADE

    @property
    def price(self) -> Decimal:
        """Price traded at; 0 unless it is a fill."""
        return self.order.instrument.price(self.last_price_ticks)

    @property
    def quantity(self) -> Decimal:
        """Quantity traded; 0 unless it is a fill."""
        return self.order.instrument.quantity(self.last_quantity_lots)

    @property
    def position(self) -> Decimal:
        """Position of the account in the symbol after a fill, signed; in hedge mode that of the order's leg."""
        return self.order.instrument.quantity(self.position_lots)

    @classmethod
    def from_wire(cls, message: types_pb2.Report, instrument: Instrument) -> Report:
        """From the contract's message."""
        return cls(
            kind=ReportKind(message.kind),
            order=Order.from_wire(message, instrument),
            request_id=message.request_id,
            item=message.item,
            index=message.index,
            engine_time_ns=message.engine_time_ns,
            gateway_delay_us=message.gateway_delay_us,
            epoch=message.epoch,
            account_id=message.account_id,
            duplicate=message.duplicate,
            trade_id=message.trade_id,
            last_price_ticks=message.last_price_ticks,
            last_quantity_lots=message.last_quantity_lots,
            maker=message.maker,
            position_lots=message.position_lots,
            phase=Phase(message.phase),
            previous_price_ticks=message.previous_price_ticks,
            previous_leaves_lots=message.previous_leaves_lots,
            quote=_quote(message.quote) if message.HasField("quote") else None,
            protection=_protection(message.protection) if message.HasField("protection") else None,
            position_mode=PositionMode(message.position_mode),
            countdown_ms=message.countdown_ms,
            liquidation=message.liquidation,
            more=message.more,
        )


_WITHOUT_ORDER = frozenset(
    {
        ReportKind.CANCEL_ALL_DONE,
        ReportKind.QUOTED,
        ReportKind.PROTECTION,
        ReportKind.COUNTDOWN_SET,
        ReportKind.POSITION_MODE_SET,
    }
)


def _quote(message: types_pb2.QuoteState) -> QuoteState:
    return QuoteState(
        message.bid_order_id,
        message.bid_price_ticks,
        message.bid_leaves_lots,
        message.ask_order_id,
        message.ask_price_ticks,
        message.ask_leaves_lots,
    )


def _protection(message: types_pb2.Protection) -> Protection:
    return Protection(message.window_ms, message.fills_limit, message.fills, message.quantity_lots, message.notional)


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What became of one command: APPLIED with its reports, or NOT_APPLIED with a reason.

    `reports` are those that had arrived with the answer, the account's own, in order; of an order that
    rests, later fills come as events only.
    """

    outcome: Outcome
    reason: Reason = Reason.UNSPECIFIED
    reports: tuple[Report, ...] = ()
    retry_delay_s: float = 0.0
    sequence: int = 0
    client_order_id: int = 0

    @property
    def applied(self) -> bool:
        """Whether it was carried out."""
        return self.outcome is Outcome.APPLIED

    @property
    def order(self) -> Order | None:
        """The order that the command was about, after it; None when no report names it."""
        named = [
            report.order
            for report in reversed(self.reports)
            if report.kind not in _WITHOUT_ORDER
            and (not self.client_order_id or report.client_order_id == self.client_order_id)
        ]
        if not named:
            return None
        # A trade's report tells the trade's price, not the order's.
        alike = (each.price_ticks for each in named if each.order_id == named[0].order_id)
        return replace(named[0], price_ticks=next(filter(None, alike), 0))

    @property
    def quote(self) -> QuoteState | None:
        """Both sides of the quote that the command was about, after it."""
        return next((report.quote for report in reversed(self.reports) if report.quote is not None), None)

    @property
    def fills(self) -> tuple[Report, ...]:
        """The trades among the reports."""
        return tuple(report for report in self.reports if report.is_fill)

    @property
    def average_price(self) -> Decimal | None:
        """At which the command's order has traded in these reports; None when it has not."""
        order = self.order
        fills = [each for each in self.fills if order is not None and each.order.order_id == order.order_id]
        lots = sum(each.last_quantity_lots for each in fills)
        if order is None or not lots:
            return None
        ticks = sum(each.last_price_ticks * each.last_quantity_lots for each in fills)
        return order.instrument.price(ticks) / lots

    @property
    def duplicate(self) -> bool:
        """Whether this repeats an earlier answer to the same request."""
        return any(report.duplicate for report in self.reports)

    def raise_if_refused(self) -> CommandResult:
        """Itself, or the class of errors.py that fits the reason."""
        if self.applied:
            return self
        raise class_of(self.reason)(
            reason=self.reason, outcome=self.outcome, retry_delay_s=self.retry_delay_s, sequence=self.sequence
        )


@dataclass(frozen=True, slots=True)
class Balance:
    """What the account has of an asset."""

    asset: str
    amount: Decimal
    amount_units: int

    @classmethod
    def from_wire(cls, message: account_service_pb2.Balance) -> Balance:
        """From the contract's message."""
        return cls(asset=message.asset, amount=message.amount * AMOUNT_UNIT, amount_units=message.amount)


@dataclass(frozen=True, slots=True)
class OrderAt:
    """An order as it was after the command `sequence`, and what had happened to it until then, oldest first."""

    order: Order
    reports: tuple[Report, ...]
    sequence: int

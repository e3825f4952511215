"""What the client hands out: frozen dataclasses with Decimal prices and quantities, ticks and lots beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate.v1 import types_pb2
from tidegate_client.enums import (
    OrderStatus,
    OrderType,
    Outcome,
    Phase,
    Reason,
    ReportKind,
    Side,
    TimeInForce,
)
from tidegate_client.errors import class_of
from tidegate_client.instruments import Instrument

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
        """Position of the account in the symbol after a fill, signed."""
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
        )


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
        for report in reversed(self.reports):
            if report.kind is not ReportKind.CANCEL_ALL_DONE and (
                not self.client_order_id or report.client_order_id == self.client_order_id
            ):
                return report.order
        return None

    @property
    def fills(self) -> tuple[Report, ...]:
        """The trades among the reports."""
        return tuple(report for report in self.reports if report.is_fill)

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
        return cls(asset=message.asset, amount=Decimal(message.amount).scaleb(-8), amount_units=message.amount)


@dataclass(frozen=True, slots=True)
class DepthLevel:
    """One price level. `orders` is 0 where it is not told."""

    price: Decimal
    quantity: Decimal
    price_ticks: int
    quantity_lots: int
    orders: int = 0


@dataclass(frozen=True, slots=True)
class Depth:
    """A book at one sequence, best levels first."""

    instrument: Instrument
    sequence: int
    engine_time_ns: int
    phase: Phase
    bids: tuple[DepthLevel, ...]
    asks: tuple[DepthLevel, ...]

    def __iter__(self) -> Iterator[tuple[DepthLevel, ...]]:
        return iter((self.bids, self.asks))


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade that everybody sees."""

    instrument: Instrument
    trade_id: int
    price_ticks: int
    quantity_lots: int
    aggressor: Side
    sequence: int
    engine_time_ns: int

    @property
    def price(self) -> Decimal:
        """Price."""
        return self.instrument.price(self.price_ticks)

    @property
    def quantity(self) -> Decimal:
        """Quantity."""
        return self.instrument.quantity(self.quantity_lots)

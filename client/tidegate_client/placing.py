"""A new order and its terms (rules ORD-1, ORD-2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from tidegate.v1 import order_service_pb2, types_pb2
from tidegate_client.enums import OrderType, PositionSide, SelfTradePrevention, Side, TimeInForce, TriggerBy
from tidegate_client.instruments import Instrument, Price, Quantity


@dataclass(frozen=True, slots=True)
class Trigger:
    """What a trigger order waits for (rule ORD-9).

    `price` is the trigger price; a trailing stop has `callback_bps` (distance, 1e-4 of the price, 1 to 5000)
    and may have an `activation_price` instead. `close_position`: takes the whole position, carries no quantity.
    """

    price: Price | None = None
    by: TriggerBy = TriggerBy.MARK
    callback_bps: int = 0
    close_position: bool = False
    activation_price: Price | None = None

    def write(self, message: types_pb2.Trigger, instrument: Instrument) -> None:
        """Into the contract's message; ValueError when a price is not on a tick."""
        message.by = self.by.value  # type: ignore[assignment]
        message.callback_bps = self.callback_bps
        message.close_position = self.close_position
        if self.price is not None:
            message.price_ticks = instrument.to_ticks(self.price)
        if self.activation_price is not None:
            message.activation_price_ticks = instrument.to_ticks(self.activation_price)


class OrderTerms(TypedDict, total=False):
    """Everything that a new order may say besides symbol, side, price and quantity; see Place."""

    type: OrderType
    time_in_force: TimeInForce
    client_order_id: int
    reduce_only: bool
    self_trade_prevention: SelfTradePrevention
    self_trade_group: int
    trigger: Trigger | None
    expire_time_ns: int
    display: Quantity | None
    position_side: PositionSide
    protection_group: int


@dataclass(frozen=True, slots=True)
class Place:
    """A new order. `client_order_id` 0: the client draws one.

    A market order has no price, and IOC or FOK; one that closes the position has no quantity. `expire_time_ns`
    belongs to GTD. `display` shows so much at a time (iceberg). `position_side` names the leg in hedge mode.
    `self_trade_group` is the one that the venue has put the account into; any other is PermissionDenied.
    """

    symbol: str
    side: Side
    price: Price | None
    quantity: Quantity | None
    type: OrderType = OrderType.LIMIT
    time_in_force: TimeInForce = TimeInForce.GTC
    client_order_id: int = 0
    reduce_only: bool = False
    self_trade_prevention: SelfTradePrevention = SelfTradePrevention.UNSPECIFIED
    self_trade_group: int = 0
    trigger: Trigger | None = None
    expire_time_ns: int = 0
    display: Quantity | None = None
    position_side: PositionSide = PositionSide.UNSPECIFIED
    protection_group: int = 0

    def write(self, command: order_service_pb2.Command, instrument: Instrument) -> None:
        """Into the contract's message; ValueError when price or quantity do not fit the instrument's grid."""
        self.write_order(command.place, instrument)

    def write_order(self, message: order_service_pb2.PlaceOrderRequest, instrument: Instrument) -> None:
        """The order itself."""
        message.symbol = self.symbol
        message.client_order_id = self.client_order_id
        message.side = self.side.value  # type: ignore[assignment]
        message.type = self.type.value  # type: ignore[assignment]
        message.time_in_force = self.time_in_force.value  # type: ignore[assignment]
        if self.price is not None:
            message.price_ticks = instrument.to_ticks(self.price)
        if self.quantity is not None:
            message.quantity_lots = instrument.to_lots(self.quantity)
        message.reduce_only = self.reduce_only
        message.self_trade_prevention = self.self_trade_prevention.value  # type: ignore[assignment]
        message.self_trade_group = self.self_trade_group
        if self.trigger is not None:
            self.trigger.write(message.trigger, instrument)
        message.expire_time_ns = self.expire_time_ns
        if self.display is not None:
            message.display_lots = instrument.to_lots(self.display)
        message.position_side = self.position_side.value  # type: ignore[assignment]
        message.protection_group = self.protection_group

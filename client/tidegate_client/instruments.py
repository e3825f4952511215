"""Instruments: what a tick and a lot are worth, and exact conversion from and to Decimal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from tidegate.v1 import types_pb2

ASK_OF_QUOTE = 1 << 62  # set in the number of a quote's ask, which is otherwise its bid's


class Ticks(int):
    """A price given as a count of ticks; skips conversion."""

    __slots__ = ()


class Lots(int):
    """A quantity given as a count of lots; skips conversion."""

    __slots__ = ()


Number = Decimal | int | str
Price = Number | Ticks
Quantity = Number | Lots

AMOUNT_UNIT = Decimal("1e-8")


@dataclass(frozen=True, slots=True)
class Instrument:
    """A linear perpetual contract (rules INS-1, INS-2). Bounds are in ticks and lots, amounts in 1e-8 of the asset."""

    symbol: str
    instrument_id: int
    tick_size: Decimal
    lot_size: Decimal
    settlement_asset: str
    price_min_ticks: int
    price_max_ticks: int
    quantity_min_lots: int
    quantity_max_lots: int
    market_quantity_max_lots: int
    notional_min: int
    tick_lot_value: int
    open_orders_max: int
    trigger_orders_max: int = 0
    position_max_lots: int = 0  # 0: the engine's own bound
    band_up_bps: int = 0  # how far above the mark price an order may be, 1e-4 of it; 0: no band
    band_down_bps: int = 0
    definition_sequence: int = 0  # these rules hold after this command (rule INS-3); 0: not known
    delisted: bool = False
    _tick_parts: tuple[int, int] = field(init=False, repr=False, compare=False)
    _lot_parts: tuple[int, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_tick_parts", self.tick_size.as_integer_ratio())
        object.__setattr__(self, "_lot_parts", self.lot_size.as_integer_ratio())

    def to_ticks(self, price: Price) -> int:
        """Price in quote currency to ticks; ValueError when it lies between two ticks."""
        if isinstance(price, Ticks):
            return int(price)
        return _exact(price, self._tick_parts, f"{self.symbol}: price {price} is not on a tick of {self.tick_size}")

    def to_lots(self, quantity: Quantity) -> int:
        """Quantity in base currency to lots; ValueError when it is not a whole number of them."""
        if isinstance(quantity, Lots):
            return int(quantity)
        return _exact(
            quantity,
            self._lot_parts,
            f"{self.symbol}: quantity {quantity} is not a whole number of lots of {self.lot_size}",
        )

    def price(self, ticks: int) -> Decimal:
        """Ticks to quote currency."""
        return self.tick_size * ticks

    def quantity(self, lots: int) -> Decimal:
        """Lots to base currency."""
        return self.lot_size * lots

    @classmethod
    def from_wire(cls, message: types_pb2.Instrument) -> Instrument:
        """From the contract's message."""
        return cls(
            symbol=message.symbol,
            instrument_id=message.instrument_id,
            tick_size=Decimal(message.tick_size),
            lot_size=Decimal(message.lot_size),
            settlement_asset=message.settlement_asset,
            price_min_ticks=message.price_min_ticks,
            price_max_ticks=message.price_max_ticks,
            quantity_min_lots=message.quantity_min_lots,
            quantity_max_lots=message.quantity_max_lots,
            market_quantity_max_lots=message.market_quantity_max_lots,
            notional_min=message.notional_min,
            tick_lot_value=message.tick_lot_value,
            open_orders_max=message.open_orders_max,
            trigger_orders_max=message.trigger_orders_max,
            position_max_lots=message.position_max_lots,
            band_up_bps=message.band_up_bps,
            band_down_bps=message.band_down_bps,
            definition_sequence=message.definition_sequence,
            delisted=message.delisted,
        )


def scale_sequence(message: types_pb2.Order | types_pb2.Report) -> int:
    """The sequence whose definition an order or a report is in: an order keeps the ticks and lots that it was placed
    in, also when it is told of later (rule INS-3)."""
    return message.order_id & ~ASK_OF_QUOTE or message.sequence


def delisted(instruments: Mapping[str, Instrument]) -> set[str]:
    """The symbols of those that are gone. One that is not named at all may be new, and be named in a moment."""
    return {symbol for symbol, each in instruments.items() if each.delisted}


def _exact(number: Number, unit: tuple[int, int], complaint: str) -> int:
    """`number` / unit, which must be whole. Integer arithmetic: no precision of a Decimal context is in it."""
    if isinstance(number, float):
        raise TypeError(f"{number!r} is a float; give a Decimal, a str or an int, or ticks and lots as such")
    try:
        top, bottom = Decimal(number).as_integer_ratio()
    except (ArithmeticError, OverflowError, ValueError):
        raise ValueError(f"{complaint} (not a number)") from None
    units, rest = divmod(top * unit[1], bottom * unit[0])
    if rest:
        raise ValueError(complaint)
    return units

"""What an instrument is, for those who show it to people and those who tell the engine (rules INS-1, INS-2)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field, model_validator

AMOUNT_UNIT = Decimal("1e-8")
PRICE_MAX_TICKS = 2**31 - 1
QUANTITY_MAX_LOTS = 2**40
OPEN_ORDERS_MAX = 10_000
TRIGGER_ORDERS_MAX = 1_000
POSITION_MAX_LOTS = QUANTITY_MAX_LOTS * 1024
BAND_UP_MAX_BPS = 1_000_000
BAND_DOWN_MAX_BPS = 9_999
EXPONENT_MAX = 18


def scale_of(value: Decimal) -> tuple[int, int]:
    """(mantissa, exponent) of a tick or lot as the records hold it: mantissa x 10^exponent, mantissa 1 to 65535.

    Raises ValueError when it does not fit.
    """
    sign, digits, exponent = value.normalize().as_tuple()
    mantissa = int("".join(map(str, digits)))
    if sign or not isinstance(exponent, int) or not 1 <= mantissa <= 65535 or abs(exponent) > EXPONENT_MAX:
        raise ValueError(f"{value} is not 1 to 65535 times a power of ten from 1e-{EXPONENT_MAX} to 1e{EXPONENT_MAX}")
    return mantissa, exponent


def decimal_of(mantissa: int, exponent: int) -> Decimal:
    """The tick or lot that the records hold as mantissa x 10^exponent."""
    return Decimal(mantissa).scaleb(exponent)


class InstrumentMessage(Protocol):
    """tidegate.v1.Instrument, as far as it says what an instrument shall be."""

    symbol: str
    instrument_id: int
    tick_size: str
    lot_size: str
    settlement_asset: str
    price_min_ticks: int
    price_max_ticks: int
    quantity_min_lots: int
    quantity_max_lots: int
    market_quantity_max_lots: int
    notional_min: int
    tick_lot_value: int
    open_orders_max: int
    trigger_orders_max: int
    position_max_lots: int
    band_up_bps: int
    band_down_bps: int


class Instrument(BaseModel):
    """One linear perpetual contract. Prices in ticks, quantities in lots, amounts in 1e-8 of the asset."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    symbol: str = Field(pattern=r"^[A-Z0-9-]{1,15}$")
    instrument_id: int = Field(ge=1, le=65535)
    tick_size: Decimal = Field(gt=0)
    lot_size: Decimal = Field(gt=0)
    settlement_asset: str = Field(default="USDT", pattern=r"^(USDT|USDC)$")
    price_min_ticks: int = Field(default=1, ge=1)
    price_max_ticks: int = Field(default=PRICE_MAX_TICKS, le=PRICE_MAX_TICKS)
    quantity_min_lots: int = Field(default=1, ge=1)
    quantity_max_lots: int = Field(default=1_000_000_000, le=QUANTITY_MAX_LOTS)
    market_quantity_max_lots: int = Field(default=100_000_000, ge=1, le=QUANTITY_MAX_LOTS)
    notional_min: int = Field(default=0, ge=0)
    open_orders_max: int = Field(default=200, ge=1, le=OPEN_ORDERS_MAX)
    trigger_orders_max: int = Field(default=10, ge=0, le=TRIGGER_ORDERS_MAX)
    position_max_lots: int = Field(default=0, ge=0, le=POSITION_MAX_LOTS, description="0: the engine's own bound")
    band_up_bps: int = Field(default=0, ge=0, le=BAND_UP_MAX_BPS, description="0: no band (rule LIM-1)")
    band_down_bps: int = Field(default=0, ge=0, le=BAND_DOWN_MAX_BPS)

    @property
    def tick_lot_value(self) -> int:
        """What one lot is worth at a price of one tick, 1e-8 of the settlement asset; exact."""
        return int(self.tick_size * self.lot_size / AMOUNT_UNIT)

    @classmethod
    def of_message(cls, message: InstrumentMessage, *, instrument_id: int = 0) -> Instrument:
        """What a tidegate.v1.Instrument says; `instrument_id` stands in for one that it leaves out.

        Raises ValueError when it is no instrument. Its tick_lot_value may be left out, but not contradict the
        rest; definition_sequence and delisted are the venue's to say, and not read.
        """
        said = {name: getattr(message, name) for name in cls.model_fields}
        instrument = cls(**{**said, "instrument_id": message.instrument_id or instrument_id})
        if message.tick_lot_value not in (0, instrument.tick_lot_value):
            raise ValueError(
                f"{instrument.symbol}: tick_lot_value is {instrument.tick_lot_value} with this tick and lot"
            )
        return instrument

    def message_fields(self) -> dict[str, Any]:
        """The fields of a tidegate.v1.Instrument; decimals without an exponent."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        sizes = {"tick_size": f"{self.tick_size.normalize():f}", "lot_size": f"{self.lot_size.normalize():f}"}
        return {**values, **sizes, "tick_lot_value": self.tick_lot_value}

    @model_validator(mode="after")
    def _consistent(self) -> Instrument:
        if self.price_min_ticks > self.price_max_ticks:
            raise ValueError(f"{self.symbol}: price_min_ticks is above price_max_ticks")
        if self.quantity_min_lots > self.quantity_max_lots:
            raise ValueError(f"{self.symbol}: quantity_min_lots is above quantity_max_lots")
        value = self.tick_size * self.lot_size / AMOUNT_UNIT
        if value != value.to_integral_value() or not 1 <= value < 1 << 63:
            raise ValueError(f"{self.symbol}: tick_size x lot_size must be a whole number of 1e-8 that fits in 64 bits")
        for size in (self.tick_size, self.lot_size):
            scale_of(size)
        return self

"""What an instrument is, for those who show it to people and those who tell the engine (rules INS-1, INS-2)."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field, model_validator

AMOUNT_UNIT = Decimal("1e-8")
PRICE_MAX_TICKS = 2**31 - 1
QUANTITY_MAX_LOTS = 2**40
OPEN_ORDERS_MAX = 10_000


class Instrument(BaseModel):
    """One linear perpetual contract. Prices in ticks, quantities in lots, amounts in 1e-8 of the asset."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    symbol: str = Field(pattern=r"^[A-Z0-9-]{1,15}$")
    instrument_id: int = Field(ge=1, le=65535)
    tick_size: Decimal = Field(gt=0)
    lot_size: Decimal = Field(gt=0)
    settlement_asset: str = Field(default="USDT", pattern=r"^[A-Z0-9]{1,8}$")
    price_min_ticks: int = Field(default=1, ge=1)
    price_max_ticks: int = Field(default=PRICE_MAX_TICKS, le=PRICE_MAX_TICKS)
    quantity_min_lots: int = Field(default=1, ge=1)
    quantity_max_lots: int = Field(default=1_000_000_000, le=QUANTITY_MAX_LOTS)
    market_quantity_max_lots: int = Field(default=100_000_000, ge=1, le=QUANTITY_MAX_LOTS)
    notional_min: int = Field(default=0, ge=0)
    open_orders_max: int = Field(default=200, ge=1, le=OPEN_ORDERS_MAX)

    @property
    def tick_lot_value(self) -> int:
        """What one lot is worth at a price of one tick, 1e-8 of the settlement asset; exact."""
        return int(self.tick_size * self.lot_size / AMOUNT_UNIT)

    @model_validator(mode="after")
    def _consistent(self) -> Instrument:
        if self.price_min_ticks > self.price_max_ticks:
            raise ValueError(f"{self.symbol}: price_min_ticks is above price_max_ticks")
        if self.quantity_min_lots > self.quantity_max_lots:
            raise ValueError(f"{self.symbol}: quantity_min_lots is above quantity_max_lots")
        value = self.tick_size * self.lot_size / AMOUNT_UNIT
        if value != value.to_integral_value() or not 1 <= value < 1 << 63:
            raise ValueError(f"{self.symbol}: tick_size x lot_size must be a whole number of 1e-8 that fits in 64 bits")
        return self

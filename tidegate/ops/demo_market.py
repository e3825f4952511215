"""One simulated symbol: a fair price that walks at random, and sizes. Floats here; ticks and lots to the venue."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from decimal import Decimal

from tidegate.wire.instruments import Instrument

VOLATILITY = 6e-5  # of one step of the walk, relative
HALF_SPREAD = 4e-5
LEVEL_STEP = 6e-5  # between levels
PULL = 0.002  # how strongly the walk returns to where it began

STARTING_PRICES = {"BTC": Decimal(61_500), "ETH": Decimal(2_650), "SOL": Decimal(155)}
STARTING_PRICE = Decimal(100)  # of anything else


@dataclass
class Market:
    """One symbol as the simulation sees it. Prices in ticks."""

    instrument: Instrument
    rng: random.Random
    start: float = field(init=False)
    fair: float = field(init=False)

    def __post_init__(self) -> None:
        name = self.symbol
        price = next((price for base, price in STARTING_PRICES.items() if name.startswith(base)), STARTING_PRICE)
        self.start = self.fair = float(price / self.instrument.tick_size)

    @property
    def symbol(self) -> str:
        """Its symbol."""
        return self.instrument.symbol

    def walk(self) -> float:
        """One step of the fair price; returns how far it went."""
        before = self.fair
        pull = PULL * (self.start - self.fair) / self.start
        self.fair *= 1.0 + self.rng.gauss(pull, VOLATILITY)
        return self.fair - before

    def bid(self, level: int) -> int:
        """Price of a level, rounded away from the fair price."""
        return max(1, int(self.fair - self._distance(level)))

    def ask(self, level: int) -> int:
        """Price of a level, rounded away from the fair price."""
        return int(self.fair + self._distance(level)) + 1

    def at(self, distance: float) -> int:
        """Price so far from the fair one; distance relative."""
        return max(1, round(self.fair * (1.0 + distance)))

    def lots(self, median_notional: float) -> int:
        """A size: many small ones, a few large ones."""
        price = self.fair * float(self.instrument.tick_size)
        quantity = median_notional * self.rng.lognormvariate(0.0, 0.8) / price
        return max(self.instrument.quantity_min_lots, int(quantity / float(self.instrument.lot_size)))

    def notional(self, lots: float) -> float:
        """Quote currency of so many lots at the fair price."""
        return lots * float(self.instrument.lot_size) * self.fair * float(self.instrument.tick_size)

    def _distance(self, level: int) -> float:
        return self.fair * (HALF_SPREAD + LEVEL_STEP * level) * self.rng.uniform(0.9, 1.1)

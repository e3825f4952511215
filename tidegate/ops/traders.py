"""Simulated makers and takers for the demonstration: clients like any other, in a process of their own.

Per symbol a fair price walks at random. The maker keeps several levels on either side of it and moves
them a few times a second, each time in one batch; the taker sends IOC and market orders now and then.
Prices are simulated with floats and rounded to ticks before they go anywhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
from dataclasses import dataclass, field
from decimal import Decimal

import structlog
import uvloop
from pydantic import BaseModel, ConfigDict

import tidegate_client
from tidegate.wire.instruments import Instrument
from tidegate_client import Amend, Client, Lots, Place, Side, Ticks, TimeInForce, TradingSession, market

log = structlog.get_logger(__name__)

LEVELS = 10  # per side
REQUOTE_S = 0.3
TAKE_S = 0.5  # mean time between a taker's orders, per symbol
VOLATILITY = 6e-5  # of one step of the walk, relative
HALF_SPREAD = 4e-5
STEP = 6e-5  # between levels
PULL = 0.002  # how strongly the walk returns to where it began
POSITION_NOTIONAL = 2_000_000.0  # quote currency; past it the taker only goes the other way
LEVEL_NOTIONAL = 25_000.0  # median size of a level, quote currency
TAKE_NOTIONAL = 8_000.0  # median size of a taker's order, quote currency
LEAVE_S = 2.0
RETRY_S = 0.5

STARTING_PRICES = {"BTC": Decimal(61_500), "ETH": Decimal(2_650), "SOL": Decimal(155)}
STARTING_PRICE = Decimal(100)  # of anything else


class TradersSettings(BaseModel):
    """Where they trade, and as whom."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str
    marketdata_address: str
    maker_key: str
    taker_key: str
    instruments: tuple[Instrument, ...]
    seed: int | None = None


@dataclass
class Market:
    """One symbol as the simulation sees it. Prices in ticks."""

    instrument: Instrument
    rng: random.Random
    start: float = field(init=False)
    fair: float = field(init=False)

    def __post_init__(self) -> None:
        name = self.instrument.symbol
        price = next((price for base, price in STARTING_PRICES.items() if name.startswith(base)), STARTING_PRICE)
        self.start = self.fair = float(price / self.instrument.tick_size)

    def walk(self) -> float:
        """One step of the fair price; returns how far it went."""
        before = self.fair
        pull = PULL * (self.start - self.fair) / self.start
        self.fair *= 1.0 + self.rng.gauss(pull, VOLATILITY)
        return self.fair - before

    def quote(self, side: Side, level: int) -> Ticks:
        """Price of a level, rounded away from the fair price."""
        distance = self.fair * (HALF_SPREAD + STEP * level) * self.rng.uniform(0.9, 1.1)
        if side is Side.BUY:
            return Ticks(max(1, int(self.fair - distance)))
        return Ticks(int(self.fair + distance) + 1)

    def lots(self, median_notional: float) -> Lots:
        """A size: many small ones, a few large ones."""
        price = self.fair * float(self.instrument.tick_size)
        quantity = median_notional * self.rng.lognormvariate(0.0, 0.8) / price
        return Lots(max(self.instrument.quantity_min_lots, int(quantity / float(self.instrument.lot_size))))


class Maker:
    """Quotes one symbol."""

    def __init__(self, session: TradingSession, venue: Market) -> None:
        self._session = session
        self._market = venue
        self._quotes: dict[tuple[Side, int], int] = {}  # level -> client order id
        self._next_id = tidegate_client.ClientOrderIds()

    async def run(self) -> None:
        """Until canceled."""
        symbol = self._market.instrument.symbol
        await self._session.cancel_all(symbol)  # what an earlier run has left
        while True:
            await self._session.send(self._requotes(self._market.walk()))
            await asyncio.sleep(REQUOTE_S * self._market.rng.uniform(0.8, 1.2))

    def _requotes(self, move: float) -> list[Place | Amend]:
        """Every level moved or, when it is gone, placed anew; the side that the price moves to goes first."""
        sides = (Side.SELL, Side.BUY) if move > 0 else (Side.BUY, Side.SELL)
        return [self._requote(side, level) for side in sides for level in reversed(range(LEVELS))]

    def _requote(self, side: Side, level: int) -> Place | Amend:
        symbol = self._market.instrument.symbol
        price = self._market.quote(side, level)
        known = self._quotes.get((side, level), 0)
        order = self._session.order(symbol, known) if known else None
        if order is not None and order.is_open:
            return Amend(symbol, known, price=price)
        client_order_id = self._quotes[side, level] = self._next_id()
        return Place(
            symbol,
            side,
            price,
            self._market.lots(LEVEL_NOTIONAL),
            time_in_force=TimeInForce.GTX,
            client_order_id=client_order_id,
        )


class Taker:
    """Takes from one symbol's book."""

    def __init__(self, session: TradingSession, venue: Market) -> None:
        self._session = session
        self._market = venue

    async def run(self) -> None:
        """Until canceled."""
        rng = self._market.rng
        while True:
            await asyncio.sleep(rng.expovariate(1 / TAKE_S))
            await self._session.send([self._order(self._side(rng), rng)])

    def _side(self, rng: random.Random) -> Side:
        """Either, unless the position has become large."""
        symbol = self._market.instrument.symbol
        notional = float(self._session.position(symbol)) * self._market.fair * float(self._market.instrument.tick_size)
        bias = max(-0.5, min(0.5, notional / POSITION_NOTIONAL / 2))
        return Side.BUY if rng.random() > 0.5 + bias else Side.SELL

    def _order(self, side: Side, rng: random.Random) -> Place:
        symbol = self._market.instrument.symbol
        lots = self._market.lots(TAKE_NOTIONAL)
        if rng.random() < 0.3:
            return market(symbol, side, lots)
        reach = self._market.fair * HALF_SPREAD * rng.uniform(0.5, 6.0)
        price = self._market.fair + (reach if side is Side.BUY else -reach)
        return Place(symbol, side, Ticks(max(1, int(price))), lots, time_in_force=TimeInForce.IOC)


def main(settings: TradersSettings) -> None:
    """Trades until SIGTERM."""
    uvloop.run(trade(settings))


async def trade(settings: TradersSettings) -> None:
    """The whole life of the process."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    trading = asyncio.ensure_future(keep_trading(settings))
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait((trading, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not trading.done():
        trading.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await trading


async def keep_trading(settings: TradersSettings) -> None:
    """Starts over when the venue does."""
    while True:
        try:
            await trade_once(settings)
        except* tidegate_client.TidegateError as group:
            log.warning("trading interrupted", errors=[str(each) for each in group.exceptions])
        await asyncio.sleep(RETRY_S)


async def trade_once(settings: TradersSettings) -> None:
    """Sessions for maker and taker, and a task per symbol and role."""
    rng = random.Random(settings.seed)
    markets = [Market(each, random.Random(rng.random())) for each in settings.instruments]
    async with (
        Client(settings.address, settings.maker_key, market_data=settings.marketdata_address) as maker,
        Client(settings.address, settings.taker_key, market_data=settings.marketdata_address) as taker,
        maker.trading() as quoting,
        taker.trading() as taking,
    ):
        try:
            async with asyncio.TaskGroup() as tasks:
                for venue in markets:
                    tasks.create_task(Maker(quoting, venue).run())
                    tasks.create_task(Taker(taking, venue).run())
        finally:
            await leave(maker, settings.instruments)


async def leave(maker: Client, instruments: tuple[Instrument, ...]) -> None:
    """Takes the quotes off the books, if the venue still answers: whoever comes next finds them empty."""
    with contextlib.suppress(tidegate_client.TidegateError, TimeoutError):
        async with asyncio.timeout(LEAVE_S):
            for each in instruments:
                await maker.cancel_all(each.symbol)

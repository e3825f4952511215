"""Simulated traders for the demonstration: clients like any other, in a process of their own.

Maker      a ladder of quotes per symbol, by mass quote, under market-maker protection
Taker      IOC and market orders, icebergs, stops and trailing stops
PriceFeed  mark and index prices, with the operator's key
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal

import grpc.aio
import structlog
import uvloop
from pydantic import BaseModel, ConfigDict, Field

import tidegate_client
from tidegate.ops.callers import Caller
from tidegate.ops.demo_maker import Maker
from tidegate.ops.demo_market import Market
from tidegate.ops.demo_prices import PriceFeed
from tidegate.ops.demo_taker import Taker
from tidegate.wire.instruments import Instrument
from tidegate_client import Client

log = structlog.get_logger(__name__)

LEAVE_S = 2.0
RETRY_S = 0.5


class TradersSettings(BaseModel):
    """Where they trade, and as whom."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str
    marketdata_address: str
    maker_key: str = Field(repr=False)
    taker_key: str = Field(repr=False)
    operator_key: str = Field(repr=False)
    instruments: tuple[Instrument, ...]
    seed: int | None = None


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
        except* (tidegate_client.TidegateError, grpc.aio.AioRpcError) as group:
            log.warning("trading interrupted", errors=[str(each) for each in group.exceptions])
        await asyncio.sleep(RETRY_S)


async def trade_once(settings: TradersSettings) -> None:
    """Connections for each of them, and a task per symbol and role."""
    rng = random.Random(settings.seed)
    async with (
        Caller(settings.address, settings.maker_key) as quoting,
        Caller(settings.address, settings.taker_key) as leaving,
        Caller(settings.address, settings.operator_key) as operating,
        Caller(settings.marketdata_address) as public,
        Client(settings.address, settings.taker_key, market_data=settings.marketdata_address) as taker,
        taker.trading() as taking,
    ):
        listed = await taker.instruments()
        markets = [Market(each, random.Random(rng.random())) for each in settings.instruments if each.symbol in listed]
        prices = PriceFeed(operating, public, rng)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(prices.follow())
                tasks.create_task(prices.tell())
                for market in markets:
                    tasks.create_task(Maker(quoting, market).run())
                    tasks.create_task(Taker(taking, market).run())
        finally:
            await leave((quoting, leaving), markets)


async def leave(callers: tuple[Caller, ...], markets: list[Market]) -> None:
    """Takes all orders off the books, if the venue still answers: whoever comes next finds them empty."""
    with contextlib.suppress(grpc.aio.AioRpcError, TimeoutError):
        async with asyncio.timeout(LEAVE_S):
            for market in markets:
                for each in callers:
                    await each.cancel_all(market.symbol)

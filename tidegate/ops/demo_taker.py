"""The demonstration's takers: they take from the book, hide large orders, and protect positions with stops."""

from __future__ import annotations

import asyncio
import time

import tidegate_client
from tidegate.ops.demo_market import HALF_SPREAD, Market
from tidegate.v1 import order_service_pb2 as pb
from tidegate.v1 import types_pb2
from tidegate_client import TradingSession

TAKE_S = 0.5  # mean time between a taker's orders, per symbol
TAKE_NOTIONAL = 8_000.0  # median size of a taker's order, quote currency
ICEBERG_NOTIONAL = 60_000.0
ICEBERG_SLICES = 8
POSITION_NOTIONAL = 2_000_000.0  # quote currency; past it the taker only goes the other way
LIFE_S = 30.0  # of an iceberg
CALLBACK_BPS = 20
STOP_DISTANCE = 0.0015

BUY, SELL = types_pb2.SIDE_BUY, types_pb2.SIDE_SELL


class Taker:
    """Trades one symbol."""

    def __init__(self, session: TradingSession, market: Market) -> None:
        self._session = session
        self._market = market
        self._next_id = tidegate_client.ClientOrderIds()

    async def run(self) -> None:
        """Until canceled. What the venue refuses (a stop too many, for example) is not tried again."""
        rng = self._market.rng
        while True:
            await asyncio.sleep(rng.expovariate(1 / TAKE_S))
            request = pb.TradeRequest()
            self._fill(request.commands.add().place)
            await self._session.send_message(request).wait()

    def _fill(self, order: pb.PlaceOrderRequest) -> None:
        """Mostly IOC and market orders; now and then an iceberg, a stop or a trailing stop."""
        order.symbol, order.client_order_id = self._market.symbol, self._next_id()
        kind = self._market.rng.random()
        if kind < 0.05:
            self._iceberg(order)
        elif kind < 0.10 and self._position():
            self._stop(order, trailing=kind < 0.075)
        else:
            self._take(order)

    def _take(self, order: pb.PlaceOrderRequest) -> None:
        rng = self._market.rng
        bias = max(-0.5, min(0.5, self._market.notional(self._position()) / POSITION_NOTIONAL / 2))
        order.side = BUY if rng.random() > 0.5 + bias else SELL
        order.quantity_lots = self._market.lots(TAKE_NOTIONAL)
        order.time_in_force = types_pb2.TIME_IN_FORCE_IOC
        if rng.random() < 0.3:
            order.type = types_pb2.ORDER_TYPE_MARKET
            return
        reach = HALF_SPREAD * rng.uniform(0.5, 6.0)
        order.type = types_pb2.ORDER_TYPE_LIMIT
        order.price_ticks = self._market.at(reach if order.side == BUY else -reach)

    def _iceberg(self, order: pb.PlaceOrderRequest) -> None:
        """Rests near the touch for a while and shows a part of itself."""
        order.side = self._market.rng.choice((BUY, SELL))
        order.type, order.time_in_force = types_pb2.ORDER_TYPE_LIMIT, types_pb2.TIME_IN_FORCE_GTD
        order.expire_time_ns = time.time_ns() + int(LIFE_S * 1e9)
        order.display_lots = max(self._market.instrument.quantity_min_lots, self._shown())
        order.quantity_lots = order.display_lots * ICEBERG_SLICES
        order.price_ticks = self._market.at(-2 * HALF_SPREAD if order.side == BUY else 2 * HALF_SPREAD)

    def _shown(self) -> int:
        return self._market.lots(ICEBERG_NOTIONAL) // ICEBERG_SLICES

    def _stop(self, order: pb.PlaceOrderRequest, *, trailing: bool) -> None:
        """Reduces the position when the mark price goes against it."""
        long = self._position() > 0
        order.side = SELL if long else BUY
        order.reduce_only = True
        order.quantity_lots = min(self._market.lots(TAKE_NOTIONAL), abs(self._position()))
        order.time_in_force = types_pb2.TIME_IN_FORCE_IOC
        order.trigger.by = types_pb2.TRIGGER_BY_MARK
        if trailing:
            order.type = types_pb2.ORDER_TYPE_TRAILING_STOP
            order.trigger.callback_bps = CALLBACK_BPS
            return
        order.type = types_pb2.ORDER_TYPE_STOP_MARKET
        order.trigger.price_ticks = self._market.at(-STOP_DISTANCE if long else STOP_DISTANCE)

    def _position(self) -> int:
        """Lots, signed."""
        return int(self._session.position(self._market.symbol) / self._market.instrument.lot_size)

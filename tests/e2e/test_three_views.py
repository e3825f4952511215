"""Every kind of command at random, in every phase: what the session has kept of its orders from reports, what the
engine says of them, and what the history says, are the same (rules ORD-4, API-4)."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterable
from pathlib import Path

import grpc.aio
import pytest

from tests.venues.configuration import OPERATOR_KEY
from tests.venues.supervised import default_venue
from tidegate.v1 import operations_service_pb2 as operations
from tidegate.v1 import operations_service_pb2_grpc
from tidegate_client import (
    BUY,
    SELL,
    Amend,
    Cancel,
    CancelAll,
    Client,
    Lots,
    OrderType,
    Phase,
    Place,
    PositionMode,
    PositionSide,
    Quote,
    Replace,
    ResetProtection,
    SelfTradePrevention,
    Ticks,
    TimeInForce,
    TradingSession,
    Trigger,
    TriggerBy,
)

SYMBOL = "SOLUSDT"
KEYS = ("demo-maker-key-0", "demo-taker-key-0", "demo-trader-key-0")  # the last one in hedge mode
ROUNDS, WITHIN_S, SEED = 120, 40.0, 7
PRICES = range(9_850, 10_150)
Row = tuple[int, ...]


class Trader:
    """One account that sends whatever comes to its mind."""

    def __init__(self, client: Client, session: TradingSession, hedge: bool, drawn: random.Random) -> None:
        self.client, self.session, self.hedge, self.drawn = client, session, hedge, drawn
        self.ids: list[int] = []

    def price(self) -> Ticks:
        return Ticks(self.drawn.choice(PRICES))

    def order(self) -> Place:
        drawn = self.drawn
        kind = drawn.choice([OrderType.LIMIT] * 6 + [each for each in OrderType if 2 <= each.value <= 7])
        priced = kind in (OrderType.LIMIT, OrderType.STOP, OrderType.TAKE_PROFIT)
        times = list(TimeInForce)[1:] if kind is OrderType.LIMIT else [TimeInForce.GTC, TimeInForce.IOC]
        time_in_force = TimeInForce.IOC if kind is OrderType.MARKET else drawn.choice(times)
        trailing = kind is OrderType.TRAILING_STOP
        trigger = Trigger(
            price=None if trailing else self.price(),
            by=drawn.choice((TriggerBy.MARK, TriggerBy.LAST, TriggerBy.INDEX)),
            callback_bps=drawn.randint(1, 100) if trailing else 0,
        )
        lots, self_id = drawn.randint(1, 30), self.client.next_id()
        self.ids.append(self_id)
        return Place(
            SYMBOL,
            drawn.choice((BUY, SELL)),
            self.price() if priced else None,
            Lots(lots),
            type=kind,
            time_in_force=time_in_force,
            client_order_id=self_id,
            reduce_only=not self.hedge and drawn.random() < 0.2,
            self_trade_prevention=drawn.choice(list(SelfTradePrevention)),
            trigger=None if kind in (OrderType.LIMIT, OrderType.MARKET) else trigger,
            expire_time_ns=time.time_ns() + 200_000_000 if time_in_force is TimeInForce.GTD else 0,
            display=Lots(max(1, lots // 3)) if time_in_force is TimeInForce.GTC and priced else None,
            position_side=drawn.choice(list(PositionSide)[1:]) if self.hedge else PositionSide.UNSPECIFIED,
            protection_group=drawn.choice((0, 0, 1)),
        )

    def command(self) -> Place | Amend | Cancel | CancelAll | Replace | ResetProtection:
        drawn, known = self.drawn, self.drawn.choice([*self.ids[-30:], 1])
        changes = {"price": self.price(), "quantity": Lots(drawn.randint(1, 40)), "trigger_price": self.price()}
        some = {name: value for name, value in changes.items() if drawn.random() < 0.5}
        return drawn.choice(
            (
                *[self.order] * 5,
                lambda: Amend(SYMBOL, known, **some),
                lambda: Amend(SYMBOL, known, **some),
                lambda: Cancel(SYMBOL, known),
                lambda: Replace(known, self.order(), place_if_cancel_fails=drawn.random() < 0.5),
                lambda: ResetProtection(SYMBOL, 1),
            )
        )()

    async def act(self) -> None:
        await self.session.send([self.command() for _ in range(self.drawn.randint(1, 12))])
        if not self.hedge and self.drawn.random() < 0.3:
            sides = (self.price(), Lots(self.drawn.randint(0, 9)), self.price(), Lots(self.drawn.randint(0, 9)))
            await self.session.mass_quote([Quote(SYMBOL, self.drawn.randint(1, 4), *sides)], protection_group=1)
        if self.drawn.random() < 0.03:
            await self.session.cancel_all(SYMBOL, self.drawn.choice((BUY, SELL)))

    def kept(self) -> dict[int, Row]:
        """As the session has them, by order id; refused ones too."""
        known = (self.session.order(SYMBOL, each) for each in self.ids)
        return {each.order_id: row(each) for each in known if each is not None and each.order_id}

    async def of_engine(self) -> dict[int, Row]:
        asked = [await self.client.order(SYMBOL, order_id=each) for each in self.kept()]
        return {each.order_id: row(each) for each in asked}

    async def of_history(self) -> dict[int, Row]:
        told = await self.client.orders(SYMBOL, most=100_000)
        return {each.order_id: row(each) for each in told if each.type is not OrderType.QUOTE}


def row(order: object) -> Row:
    """What all three know of an order."""
    names = ("status", "price_ticks", "quantity_lots", "filled_lots", "leaves_lots")
    return tuple(int(getattr(each, "value", each)) for each in (getattr(order, name) for name in names))


async def settled(traders: Iterable[Trader]) -> None:
    """Until no report is on its way, and history has caught up."""
    deadline = time.monotonic() + WITHIN_S
    while True:
        views = [(each.kept(), await each.of_engine(), await each.of_history()) for each in traders]
        if all(kept == engine == history for kept, engine, history in views):
            return
        if time.monotonic() > deadline:
            for kept, engine, history in views:
                assert kept == engine
                assert kept == history
        await asyncio.sleep(0.2)


@pytest.mark.rule("ORD-4")
@pytest.mark.rule("API-4")
async def test_session_engine_and_history_tell_the_same(tmp_path: Path) -> None:
    """Of every order, whatever has happened to it; and positions of all accounts sum up to nothing."""
    drawn = random.Random(SEED)
    with default_venue(tmp_path) as venue:
        async with grpc.aio.insecure_channel(venue.address) as channel:
            operator = operations_service_pb2_grpc.OperationsServiceStub(channel)  # type: ignore[no-untyped-call]
            metadata = (("x-api-key", OPERATOR_KEY),)
            traders = []
            for key in KEYS:
                client = await Client(venue.address, key, market_data=venue.market_data).__aenter__()
                traders.append(Trader(client, await client.trading().__aenter__(), key == KEYS[-1], drawn))
                await client.set_protection(SYMBOL, 1, window_ms=200, fills_limit=6)
            await traders[-1].client.set_position_mode(SYMBOL, PositionMode.HEDGE)
            for number in range(ROUNDS):
                await drawn.choice(traders).act()
                mark, index = drawn.choice(PRICES), drawn.choice(PRICES)
                prices = operations.SetPricesRequest(symbol=SYMBOL, mark_price_ticks=mark, index_price_ticks=index)
                await operator.SetPrices(prices, metadata=metadata)
                if number % 10 in (0, 5):
                    phases = (Phase.AUCTION, Phase.POST_ONLY, Phase.REDUCE_ONLY, Phase.CANCEL_ONLY)
                    phase = Phase.OPEN if number % 10 else drawn.choice(phases)
                    await operator.SetPhase(
                        operations.SetPhaseRequest(symbol=SYMBOL, phase=phase.value), metadata=metadata
                    )
            await settled(traders)
            ended = [each for trader in traders for each in trader.kept().values()]
            assert len({status for status, *_ in ended}) >= 6, "too little has happened"
            legs = [each.session.position(SYMBOL) for each in traders[:2]]
            legs += [traders[-1].session.position(SYMBOL, leg) for leg in (PositionSide.LONG, PositionSide.SHORT)]
            assert sum(legs) == 0
            for trader in traders:
                await trader.session.close()
                await trader.client.close()

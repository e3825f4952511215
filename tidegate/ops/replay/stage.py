"""What a replay needs before it starts, and puts away at its end: accounts, sessions, an empty book."""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import grpc.aio

from tidegate.ops.callers import Caller
from tidegate.ops.calls import Venue
from tidegate.ops.replay.audit import Audit, audit
from tidegate.ops.replay.config import ReplaySettings
from tidegate.ops.replay.errors import NotReadyError
from tidegate.v1 import operations_service_pb2, types_pb2
from tidegate_client import Client, Instrument, Phase, SessionOptions, TradingSession

ENDED_KEPT = 4096
ORDERS_MAX = 10_000  # open ones of one account
TIER = "market-maker"  # of limits, where the venue has it


@dataclass
class Stage:
    """Accounts with their sessions; the last one is the taker's."""

    instrument: Instrument
    operator: Caller
    clients: list[Client]
    sessions: list[TradingSession]

    @property
    def taker(self) -> int:
        """Number of the taker's lane."""
        return len(self.sessions) - 1

    async def audit(self) -> Audit:
        """Every account's own record against the venue's."""
        total = Audit()
        for client, session in zip(self.clients, self.sessions, strict=True):
            total.add(await audit(client, session, self.instrument.symbol))
        return total


@asynccontextmanager
async def stage(settings: ReplaySettings, makers_for: Callable[[Instrument], int]) -> AsyncIterator[Stage]:
    """Open the accounts and sessions. Raises NotReadyError; at the end cancels what is left, unless it is to stay."""
    async with AsyncExitStack() as stack:
        public = await stack.enter_async_context(_client(settings, ""))
        instruments = await public.instruments()
        if settings.symbol not in instruments:
            raise NotReadyError(f"no instrument {settings.symbol}: the venue has {', '.join(sorted(instruments))}")
        operator = await stack.enter_async_context(Caller(settings.address, settings.operator_key))
        depth = await public.depth(settings.symbol, 1)
        if depth.bids or depth.asks:
            raise NotReadyError(
                f"the book of {settings.symbol} holds orders of others (the simulated traders of `make run`?): "
                "replay into another --symbol, or into a venue without them (tidegate up)"
            )
        if depth.phase is not Phase.OPEN:
            raise NotReadyError(f"{settings.symbol} is in {depth.phase.name}: tidegate phase {settings.symbol} OPEN")
        await stack.enter_async_context(wide_rules(operator, settings))
        instrument = dataclasses.replace(instruments[settings.symbol], open_orders_max=ORDERS_MAX)
        keys = await asyncio.to_thread(_open_accounts, settings, makers_for(instrument) + 1)
        result = Stage(instrument, operator, [], [])
        options = SessionOptions(ended_orders_max=ENDED_KEPT, open_timeout_s=15.0)
        for key in keys:
            client = await stack.enter_async_context(_client(settings, key))
            result.clients.append(client)
            result.sessions.append(await stack.enter_async_context(client.trading(options)))
        try:
            yield result
        finally:
            if not settings.keep:
                for client in result.clients:
                    await client.cancel_all(settings.symbol)


@asynccontextmanager
async def wide_rules(operator: Caller, settings: ReplaySettings) -> AsyncIterator[None]:
    """Room for a recorded book: a few accounts hold all of it, and its outer levels lie beyond any band.

    The rules that were in force are back afterwards, unless the orders stay.
    """
    request = operations_service_pb2.ListInstrumentStatesRequest()
    try:
        states = await operator.call(operator.operations.ListInstrumentStates, request)
        before = next(each.instrument for each in states.instruments if each.instrument.symbol == settings.symbol)
        wide = types_pb2.Instrument()
        wide.CopyFrom(before)
        wide.open_orders_max, wide.position_max_lots, wide.band_up_bps, wide.band_down_bps = ORDERS_MAX, 0, 0, 0
        await change_rules(operator, wide)
    except grpc.aio.AioRpcError as error:
        raise NotReadyError(f"{settings.symbol} cannot be given the rules of a replay: {error.details()}") from error
    try:
        yield
    finally:
        if not settings.keep:
            await change_rules(operator, before)


async def change_rules(operator: Caller, instrument: types_pb2.Instrument) -> None:
    """A definition, in force from the next sequence on (rule INS-3)."""
    request = operations_service_pb2.ChangeInstrumentRequest(instrument=instrument)
    await operator.call(operator.operations.ChangeInstrument, request)


def _client(settings: ReplaySettings, key: str) -> Client:
    return Client(settings.address, key, market_data=settings.market_data)


def _open_accounts(settings: ReplaySettings, count: int) -> list[str]:
    """API keys of new accounts, named apart from every earlier run."""
    run = secrets.token_hex(4)
    with Venue(settings.address, settings.operator_key) as venue:
        names = [f"replay-{run}-{number}" for number in range(count)]
        requests = [operations_service_pb2.CreateAccountRequest(name=name, tier=TIER) for name in names]
        return [venue.call(venue.operations.CreateAccount, request).api_key for request in requests]

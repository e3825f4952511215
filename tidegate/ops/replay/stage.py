"""What a replay needs before it starts, and puts away at its end: accounts, sessions, an empty book."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from tidegate.ops.calls import Venue
from tidegate.ops.replay.audit import Audit, audit
from tidegate.ops.replay.config import ReplaySettings
from tidegate.ops.replay.errors import NotReadyError
from tidegate.v1 import operations_service_pb2
from tidegate_client import Client, Instrument, Phase, SessionOptions, TradingSession

ENDED_KEPT = 4096


@dataclass
class Stage:
    """Accounts with their sessions; the last one is the taker's."""

    instrument: Instrument
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
        instrument = instruments[settings.symbol]
        depth = await public.depth(settings.symbol, 1)
        if depth.bids or depth.asks:
            raise NotReadyError(
                f"the book of {settings.symbol} holds orders of others (the simulated traders of `make run`?): "
                "replay into another --symbol, or into a venue without them (tidegate up)"
            )
        if depth.phase is not Phase.OPEN:
            raise NotReadyError(f"{settings.symbol} is in {depth.phase.name}: tidegate phase {settings.symbol} OPEN")
        keys = await asyncio.to_thread(_open_accounts, settings, makers_for(instrument) + 1)
        result = Stage(instrument, [], [])
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


def _client(settings: ReplaySettings, key: str) -> Client:
    return Client(settings.address, key, market_data=settings.market_data)


def _open_accounts(settings: ReplaySettings, count: int) -> list[str]:
    """API keys of new accounts, named apart from every earlier run."""
    run = secrets.token_hex(4)
    with Venue(settings.address, settings.operator_key) as venue:
        names = [f"replay-{run}-{number}" for number in range(count)]
        requests = [operations_service_pb2.CreateAccountRequest(name=name) for name in names]
        return [venue.call(venue.operations.CreateAccount, request).api_key for request in requests]

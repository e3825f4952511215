"""A trading session without async."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from types import TracebackType
from typing import Self, Unpack

from tidegate_client.client import Client
from tidegate_client.commands import AnyCommand
from tidegate_client.enums import PositionSide
from tidegate_client.errors import SessionClosed
from tidegate_client.events import Events
from tidegate_client.handle import BatchHandle
from tidegate_client.orders import OrderTable, TrackedOrder
from tidegate_client.quoting import Quote, QuoteTerms
from tidegate_client.session import TradingSession
from tidegate_client.session_options import SessionOptions
from tidegate_client.sync_loop import LoopThread, waited
from tidegate_client.types import CommandResult, Limits, Report


class SyncSession:
    """TradingSession, call by call."""

    def __init__(
        self, loop: LoopThread, client: Client, options: SessionOptions | None, resume_after: Mapping[str, int] | None
    ) -> None:
        self._loop = loop
        self._client = client
        self._arguments = (options, resume_after)
        self._session: TradingSession | None = None

    @property
    def _inner(self) -> TradingSession:
        if self._session is None:
            raise SessionClosed("the session is not open yet: with client.trading() as session")
        return self._session

    def __enter__(self) -> Self:
        async def start() -> TradingSession:
            options, resume_after = self._arguments
            return await self._client.trading(options, resume_after=resume_after).__aenter__()

        self._session = self._loop.run(start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.run(self._inner.close())

    @property
    def orders(self) -> OrderTable:
        """The session's record of its orders; read it between calls."""
        return self._inner.orders

    @property
    def limits(self) -> Limits:
        """See TradingSession.limits."""
        return self._inner.limits

    @property
    def resume_token(self) -> dict[str, int]:
        """See TradingSession.resume_token."""
        return self._inner.resume_token

    def order(self, symbol: str, client_order_id: int) -> TrackedOrder | None:
        """See TradingSession.order."""
        return self._inner.order(symbol, client_order_id)

    def send(self, commands: Iterable[AnyCommand]) -> SyncHandle:
        """Send and return at once; `handle.results()` waits for what became of each command."""

        async def send() -> BatchHandle:
            return self._inner.send(commands)

        return SyncHandle(self._loop, self._loop.run(send()))

    def send_quotes(self, quotes: Iterable[Quote], **terms: Unpack[QuoteTerms]) -> SyncHandle:
        """Send up to 100 quotes and return at once; `handle.results()` waits for what became of each."""

        async def send() -> BatchHandle:
            return self._inner.send_quotes(quotes, **terms)

        return SyncHandle(self._loop, self._loop.run(send()))

    one = waited(TradingSession.one)
    place = waited(TradingSession.place)
    amend = waited(TradingSession.amend)
    cancel = waited(TradingSession.cancel)
    cancel_all = waited(TradingSession.cancel_all)
    replace = waited(TradingSession.replace)
    set_countdown = waited(TradingSession.set_countdown)
    reset_protection = waited(TradingSession.reset_protection)
    mass_quote = waited(TradingSession.mass_quote)

    def submit(self, commands: Iterable[AnyCommand]) -> list[CommandResult]:
        """Send and wait: one result per command."""
        return self.send(commands).results()

    def position(self, symbol: str, leg: PositionSide = PositionSide.UNSPECIFIED) -> Decimal:
        """See TradingSession.position."""
        return self._inner.position(symbol, leg)

    def events(self) -> Iterator[Report]:
        """Reports from this call on, until the session is closed."""

        async def subscribe() -> Events:
            return self._inner.events()

        return self._loop.iterate(self._loop.run(subscribe()))


class SyncHandle:
    """The commands of one `send`."""

    def __init__(self, loop: LoopThread, handle: BatchHandle) -> None:
        self._loop = loop
        self._handle = handle

    @property
    def done(self) -> bool:
        """Whether every command has its answer."""
        return self._handle.done

    def results(self) -> list[CommandResult]:
        """Wait; one result per command."""

        async def wait() -> list[CommandResult]:
            return await self._handle

        return self._loop.run(wait())

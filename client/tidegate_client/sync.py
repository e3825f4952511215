"""The same client without async, for scripts and notebooks: an event loop runs in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

from tidegate_client.client import Client
from tidegate_client.commands import AnyCommand
from tidegate_client.enums import OrderType, SelfTradePrevention, Side, TimeInForce
from tidegate_client.events import Events
from tidegate_client.inflight import BatchHandle
from tidegate_client.instruments import Instrument, Price, Quantity
from tidegate_client.orders import OrderTable, TrackedOrder
from tidegate_client.session import SessionOptions, TradingSession
from tidegate_client.types import Balance, CommandResult, Depth, Order, Report, Trade

_T = TypeVar("_T")
SETTLE_S = 1.0  # for what grpc.aio does after the end of a call


class _Loop:
    """An event loop in a daemon thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tidegate-client", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run to the end and return the result; Ctrl-C cancels it."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise

    def iterate(self, source: AsyncIterator[_T]) -> Iterator[_T]:
        """An async iterator as an iterator; closing it closes the source."""

        async def step() -> _T:
            return await anext(source)

        async def close() -> None:
            end = getattr(source, "aclose", None)
            if end is not None:
                await end()

        try:
            while True:
                try:
                    item = self.run(step())
                except StopAsyncIteration:
                    return
                yield item
        finally:
            self.run(close())

    def close(self) -> None:
        """Stop the loop and the thread, once what grpc.aio still has to do for calls that have ended is done."""

        async def settle() -> None:
            rest = asyncio.all_tasks() - {asyncio.current_task()}
            _, pending = await asyncio.wait(rest, timeout=SETTLE_S) if rest else (rest, rest)
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
            await self._loop.shutdown_asyncgens()

        self.run(settle())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class SyncClient:
    """Client, call by call. Use it as ``with SyncClient(...) as client``."""

    def __init__(
        self, address: str, api_key: str = "", *, market_data: str | None = None, timeout_s: float = 10.0
    ) -> None:
        self._loop = _Loop()
        self._client = Client(address, api_key, market_data=market_data, timeout_s=timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections and the thread. Open orders stay open."""
        self._loop.run(self._client.close())
        self._loop.close()

    def instruments(self) -> dict[str, Instrument]:
        """See Client.instruments."""
        return self._loop.run(self._client.instruments())

    def depth(self, symbol: str, levels: int = 100) -> Depth:
        """See Client.depth."""
        return self._loop.run(self._client.depth(symbol, levels))

    def depth_stream(self, symbol: str) -> Iterator[Depth]:
        """The 100 best levels after every change, as frozen copies."""

        async def books() -> AsyncIterator[Depth]:
            async for book in self._client.depth_stream(symbol):
                yield book.depth()

        return self._loop.iterate(books())

    def trade_stream(self, symbol: str, after_trade_id: int = 0) -> Iterator[Trade]:
        """See Client.trade_stream."""
        return self._loop.iterate(aiter(self._client.trade_stream(symbol, after_trade_id)))

    def place(
        self,
        symbol: str,
        side: Side,
        price: Price | None,
        quantity: Quantity,
        *,
        type: OrderType = OrderType.LIMIT,  # noqa: A002
        time_in_force: TimeInForce = TimeInForce.GTC,
        client_order_id: int = 0,
        reduce_only: bool = False,
        self_trade_prevention: SelfTradePrevention = SelfTradePrevention.UNSPECIFIED,
        self_trade_group: int = 0,
    ) -> CommandResult:
        """See Client.place."""
        return self._loop.run(
            self._client.place(
                symbol,
                side,
                price,
                quantity,
                type=type,
                time_in_force=time_in_force,
                client_order_id=client_order_id,
                reduce_only=reduce_only,
                self_trade_prevention=self_trade_prevention,
                self_trade_group=self_trade_group,
            )
        )

    def amend(
        self,
        symbol: str,
        client_order_id: int = 0,
        *,
        price: Price | None = None,
        quantity: Quantity | None = None,
        order_id: int = 0,
    ) -> CommandResult:
        """See Client.amend."""
        return self._loop.run(
            self._client.amend(symbol, client_order_id, price=price, quantity=quantity, order_id=order_id)
        )

    def cancel(self, symbol: str, client_order_id: int = 0, *, order_id: int = 0) -> CommandResult:
        """See Client.cancel."""
        return self._loop.run(self._client.cancel(symbol, client_order_id, order_id=order_id))

    def cancel_all(self, symbol: str, side: Side = Side.UNSPECIFIED) -> CommandResult:
        """See Client.cancel_all."""
        return self._loop.run(self._client.cancel_all(symbol, side))

    def submit(self, commands: Iterable[AnyCommand]) -> list[CommandResult]:
        """See Client.submit."""
        return self._loop.run(self._client.submit(commands))

    def order(self, symbol: str, client_order_id: int = 0, *, order_id: int = 0) -> Order:
        """See Client.order."""
        return self._loop.run(self._client.order(symbol, client_order_id, order_id=order_id))

    def open_orders(self, symbol: str) -> list[Order]:
        """See Client.open_orders."""
        return self._loop.run(self._client.open_orders(symbol))

    def balances(self) -> dict[str, Balance]:
        """See Client.balances."""
        return self._loop.run(self._client.balances())

    def trading(
        self, options: SessionOptions | None = None, *, resume_after: Mapping[str, int] | None = None
    ) -> SyncSession:
        """A trading session: ``with client.trading() as session``."""
        return SyncSession(self._loop, self._client, options, resume_after)


class SyncSession:
    """TradingSession, call by call."""

    def __init__(
        self, loop: _Loop, client: Client, options: SessionOptions | None, resume_after: Mapping[str, int] | None
    ) -> None:
        self._loop = loop
        self._client = client
        self._arguments = (options, resume_after)
        self._session: TradingSession

    def __enter__(self) -> Self:
        async def start() -> TradingSession:
            options, resume_after = self._arguments
            return await self._client.trading(options, resume_after=resume_after).__aenter__()

        self._session = self._loop.run(start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.run(self._session.close())

    @property
    def orders(self) -> OrderTable:
        """The session's record of its orders; read it between calls."""
        return self._session.orders

    @property
    def resume_token(self) -> dict[str, int]:
        """See TradingSession.resume_token."""
        return self._session.resume_token

    def order(self, symbol: str, client_order_id: int) -> TrackedOrder | None:
        """See TradingSession.order."""
        return self._session.order(symbol, client_order_id)

    def send(self, commands: Iterable[AnyCommand]) -> SyncHandle:
        """Send and return at once; `handle.results()` waits for what became of each command."""

        async def send() -> BatchHandle:
            return self._session.send(commands)

        return SyncHandle(self._loop, self._loop.run(send()))

    def submit(self, commands: Iterable[AnyCommand]) -> list[CommandResult]:
        """Send and wait: one result per command."""
        return self.send(commands).results()

    def events(self) -> Iterator[Report]:
        """Reports from this call on, until the session is closed."""

        async def subscribe() -> Events:
            return self._session.events()

        return self._loop.iterate(self._loop.run(subscribe()))


class SyncHandle:
    """The commands of one `send`."""

    def __init__(self, loop: _Loop, handle: BatchHandle) -> None:
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

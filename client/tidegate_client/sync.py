"""The same client without async, for scripts and notebooks: an event loop runs in a thread of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Self, Unpack

from tidegate_client.client import Client
from tidegate_client.commands import AnyCommand
from tidegate_client.enums import CancelScope, PositionMode, Side
from tidegate_client.instruments import Instrument, Price, Quantity
from tidegate_client.market_types import Depth, Trade
from tidegate_client.placing import OrderTerms, Place
from tidegate_client.quoting import Quote, QuoteTerms
from tidegate_client.session_options import SessionOptions
from tidegate_client.sync_loop import LoopThread
from tidegate_client.sync_market import SyncMarket
from tidegate_client.sync_session import SyncSession
from tidegate_client.types import Balance, CommandResult, Limits, Order, OrderAt, Report


class SyncClient:
    """Client, call by call. Use it as ``with SyncClient(...) as client``."""

    def __init__(
        self, address: str, api_key: str = "", *, market_data: str | None = None, timeout_s: float = 10.0
    ) -> None:
        self._loop = LoopThread()
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

    @property
    def market(self) -> SyncMarket:
        """All of the public side."""
        return SyncMarket(self._loop, self._client.market)

    @property
    def limits(self) -> Limits:
        """See Client.limits."""
        return self._client.limits

    def instruments(self) -> dict[str, Instrument]:
        """See Client.instruments."""
        return self._loop.run(self._client.instruments())

    def depth(self, symbol: str, levels: int = 100) -> Depth:
        """See Client.depth."""
        return self._loop.run(self._client.depth(symbol, levels))

    def depth_stream(self, symbol: str) -> Iterator[Depth]:
        """The 100 best levels after every change, as frozen copies."""
        return self.market.depth_stream(symbol)

    def trade_stream(self, symbol: str, after_trade_id: int = 0) -> Iterator[Trade]:
        """See Client.trade_stream."""
        return self.market.trade_stream(symbol, after_trade_id)

    def place(
        self, symbol: str, side: Side, price: Price | None, quantity: Quantity | None, **terms: Unpack[OrderTerms]
    ) -> CommandResult:
        """See Client.place."""
        return self._loop.run(self._client.place(symbol, side, price, quantity, **terms))

    def place_order(self, order: Place) -> CommandResult:
        """See Client.place_order."""
        return self._loop.run(self._client.place_order(order))

    def amend(
        self,
        symbol: str,
        client_order_id: int = 0,
        *,
        price: Price | None = None,
        quantity: Quantity | None = None,
        order_id: int = 0,
        trigger_price: Price | None = None,
    ) -> CommandResult:
        """See Client.amend."""
        call = self._client.amend(
            symbol, client_order_id, price=price, quantity=quantity, order_id=order_id, trigger_price=trigger_price
        )
        return self._loop.run(call)

    def cancel(self, symbol: str, client_order_id: int = 0, *, order_id: int = 0) -> CommandResult:
        """See Client.cancel."""
        return self._loop.run(self._client.cancel(symbol, client_order_id, order_id=order_id))

    def replace(
        self, cancel_client_order_id: int, place: Place, *, order_id: int = 0, place_if_cancel_fails: bool = False
    ) -> CommandResult:
        """See Client.replace."""
        call = self._client.replace(
            cancel_client_order_id, place, order_id=order_id, place_if_cancel_fails=place_if_cancel_fails
        )
        return self._loop.run(call)

    def cancel_all(
        self,
        symbol: str,
        side: Side = Side.UNSPECIFIED,
        scope: CancelScope = CancelScope.UNSPECIFIED,
        protection_group: int = 0,
    ) -> CommandResult:
        """See Client.cancel_all."""
        return self._loop.run(self._client.cancel_all(symbol, side, scope, protection_group))

    def submit(self, commands: Iterable[AnyCommand]) -> list[CommandResult]:
        """See Client.submit."""
        return self._loop.run(self._client.submit(commands))

    def mass_quote(self, quotes: Iterable[Quote], **terms: Unpack[QuoteTerms]) -> list[CommandResult]:
        """See Client.mass_quote."""
        return self._loop.run(self._client.mass_quote(quotes, **terms))

    def set_protection(
        self,
        symbol: str,
        protection_group: int,
        *,
        window_ms: int,
        fills_limit: int = 0,
        quantity_limit: Quantity = 0,
        notional_limit_units: int = 0,
    ) -> CommandResult:
        """See Client.set_protection."""
        call = self._client.set_protection(
            symbol,
            protection_group,
            window_ms=window_ms,
            fills_limit=fills_limit,
            quantity_limit=quantity_limit,
            notional_limit_units=notional_limit_units,
        )
        return self._loop.run(call)

    def reset_protection(self, symbol: str, protection_group: int) -> CommandResult:
        """See Client.reset_protection."""
        return self._loop.run(self._client.reset_protection(symbol, protection_group))

    def set_countdown(self, symbol: str, countdown_ms: int) -> CommandResult:
        """See Client.set_countdown."""
        return self._loop.run(self._client.set_countdown(symbol, countdown_ms))

    def set_position_mode(self, symbol: str, mode: PositionMode) -> CommandResult:
        """See Client.set_position_mode."""
        return self._loop.run(self._client.set_position_mode(symbol, mode))

    def order(self, symbol: str, client_order_id: int = 0, *, order_id: int = 0) -> Order:
        """See Client.order."""
        return self._loop.run(self._client.order(symbol, client_order_id, order_id=order_id))

    def order_at(
        self,
        symbol: str,
        client_order_id: int = 0,
        *,
        order_id: int = 0,
        sequence: int | None = None,
        time_ns: int | None = None,
    ) -> OrderAt:
        """See Client.order_at."""
        call = self._client.order_at(symbol, client_order_id, order_id=order_id, sequence=sequence, time_ns=time_ns)
        return self._loop.run(call)

    def open_orders(self, symbol: str) -> list[Order]:
        """See Client.open_orders."""
        return self._loop.run(self._client.open_orders(symbol))

    def orders(self, symbol: str, most: int = 100, *, start_time_ns: int = 0, end_time_ns: int = 0) -> list[Order]:
        """See Client.orders."""
        call = self._client.orders(symbol, most, start_time_ns=start_time_ns, end_time_ns=end_time_ns)
        return self._loop.run(call)

    def fills(
        self, symbol: str, most: int = 100, *, order_id: int = 0, start_time_ns: int = 0, end_time_ns: int = 0
    ) -> list[Report]:
        """See Client.fills."""
        call = self._client.fills(symbol, most, order_id=order_id, start_time_ns=start_time_ns, end_time_ns=end_time_ns)
        return self._loop.run(call)

    def balances(self) -> dict[str, Balance]:
        """See Client.balances."""
        return self._loop.run(self._client.balances())

    def trading(
        self, options: SessionOptions | None = None, *, resume_after: Mapping[str, int] | None = None
    ) -> SyncSession:
        """A trading session: ``with client.trading() as session``."""
        return SyncSession(self._loop, self._client, options, resume_after)

    def drop_copy(
        self, account_ids: Sequence[int] = (), *, resume_after: Mapping[str, int] | None = None
    ) -> Iterator[Report]:
        """See Client.drop_copy."""
        return self._loop.iterate(aiter(self._client.drop_copy(account_ids, resume_after=resume_after)))

"""The same client without async, for scripts and notebooks: an event loop runs in a thread of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Self

from tidegate_client.client import Client
from tidegate_client.market_types import Depth, Trade
from tidegate_client.session_options import SessionOptions
from tidegate_client.sync_loop import LoopThread, waited
from tidegate_client.sync_market import SyncMarket
from tidegate_client.sync_session import SyncSession
from tidegate_client.types import Limits, Report


class SyncClient:
    """Client, call by call. Use it as ``with SyncClient(...) as client``."""

    def __init__(
        self, address: str, api_key: str = "", *, market_data: str | None = None, timeout_s: float = 10.0
    ) -> None:
        self._loop = LoopThread()
        self._inner = Client(address, api_key, market_data=market_data, timeout_s=timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections and the thread; again does nothing. Open orders stay open."""
        if self._loop.closed:
            return
        self._loop.run(self._inner.close())
        self._loop.close()

    @property
    def market(self) -> SyncMarket:
        """All of the public side."""
        return SyncMarket(self._loop, self._inner.market)

    @property
    def limits(self) -> Limits:
        """See Client.limits."""
        return self._inner.limits

    instruments = waited(Client.instruments)
    depth = waited(Client.depth)

    def depth_stream(self, symbol: str) -> Iterator[Depth]:
        """The 100 best levels after every change, as frozen copies."""
        return self.market.depth_stream(symbol)

    def trade_stream(self, symbol: str, after_trade_id: int = 0) -> Iterator[Trade]:
        """See Client.trade_stream."""
        return self.market.trade_stream(symbol, after_trade_id)

    one = waited(Client.one)
    place = waited(Client.place)
    place_order = waited(Client.place_order)
    amend = waited(Client.amend)
    cancel = waited(Client.cancel)
    replace = waited(Client.replace)
    cancel_all = waited(Client.cancel_all)
    submit = waited(Client.submit)
    mass_quote = waited(Client.mass_quote)
    set_protection = waited(Client.set_protection)
    reset_protection = waited(Client.reset_protection)
    set_countdown = waited(Client.set_countdown)
    set_position_mode = waited(Client.set_position_mode)
    order = waited(Client.order)
    order_at = waited(Client.order_at)
    open_orders = waited(Client.open_orders)
    orders = waited(Client.orders)
    fills = waited(Client.fills)
    balances = waited(Client.balances)

    def trading(
        self, options: SessionOptions | None = None, *, resume_after: Mapping[str, int] | None = None
    ) -> SyncSession:
        """A trading session: ``with client.trading() as session``."""
        return SyncSession(self._loop, self._inner, options, resume_after)

    def drop_copy(
        self, account_ids: Sequence[int] = (), *, resume_after: Mapping[str, int] | None = None
    ) -> Iterator[Report]:
        """See Client.drop_copy."""
        return self._loop.iterate(aiter(self._inner.drop_copy(account_ids, resume_after=resume_after)))

"""`tidegate orders`, `fills`, `order-at`: an account's history, through the public API (rule API-4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from tidegate.ops.calls import Venue
from tidegate.ops.command_line import (
    AddressOption,
    ConfigOption,
    MarketDataAddressOption,
    SymbolArgument,
    one_line_errors,
)
from tidegate.ops.config import VenueConfig, load
from tidegate.ops.errors import RequestError
from tidegate.ops.up import say
from tidegate.v1 import account_service_pb2 as pb
from tidegate.v1 import market_data_service_pb2, types_pb2

PAGE_MAX = 1000
ASK_OF_QUOTE = 1 << 62  # set in the number of a quote's ask, which is otherwise its bid's
AccountOption = Annotated[
    str | None, typer.Option("--account", help="An account of the configuration, whose key is used.")
]
AccountKeyOption = Annotated[
    str | None, typer.Option("--key", envvar="TIDEGATE_ACCOUNT_KEY", help="The account's API key.")
]
LimitOption = Annotated[int, typer.Option("--limit", min=1, help="Most lines.")]


@dataclass(frozen=True)
class Scale:
    """The tick and lot of one definition."""

    tick: Decimal
    lot: Decimal

    def price(self, ticks: int) -> str:
        """Ticks as a price, "-" for none."""
        return format(Decimal(ticks) * self.tick, "f") if ticks else "-"

    def quantity(self, lots: int) -> str:
        """Lots as a quantity."""
        return format(Decimal(lots) * self.lot, "f")


@dataclass(frozen=True)
class Reader:
    """An account's view of one symbol. `definitions`: all that it has had, newest first."""

    venue: Venue
    definitions: Sequence[types_pb2.Instrument]

    def scale(self, order_id: int) -> Scale:
        """What an order is in: the definition under which it was placed, for as long as it lives (rule INS-3)."""
        placed = order_id & ~ASK_OF_QUOTE
        found = next((each for each in self.definitions if each.definition_sequence < placed), self.definitions[-1])
        return Scale(Decimal(found.tick_size), Decimal(found.lot_size))


@contextmanager
def reading(  # noqa: PLR0917 - one parameter per option
    symbol: str,
    config: Path | None,
    address: str | None,
    market_data: str | None,
    account: str | None,
    key: str | None,
) -> Iterator[Reader]:
    """The account and symbol that the options name, with errors of one line."""
    with one_line_errors():
        settings = load(config)
        with Venue(market_data or settings.marketdata_address, "") as public:
            request = market_data_service_pb2.ListInstrumentVersionsRequest(symbol=symbol)
            definitions = public.call(public.market_data.ListInstrumentVersions, request).instruments
        if not definitions:
            raise RequestError(f"there is no {symbol}")
        with Venue(address or settings.address, account_key(settings, account, key)) as venue:
            yield Reader(venue, definitions)


def rows(reader: Reader, call: Any, request: Any, field: str, limit: int) -> Iterator[Any]:
    """What a list holds in `field`, page by page, until there is no more or `limit` rows have been there."""
    left = limit
    while left > 0:
        request.page_size = min(left, PAGE_MAX)
        page = reader.venue.call(call, request)
        found = getattr(page, field)
        yield from found
        left -= len(found)
        request.page_token = page.next_page_token
        if not request.page_token:
            return


def orders(  # noqa: PLR0917 - one parameter per option
    symbol: SymbolArgument,
    limit: LimitOption = 50,
    open_only: Annotated[bool, typer.Option("--open", help="Open orders only, oldest first.")] = False,
    config: ConfigOption = None,
    address: AddressOption = None,
    market_data: MarketDataAddressOption = None,
    account: AccountOption = None,
    key: AccountKeyOption = None,
) -> None:
    """List an account's orders in a symbol, newest first, ended ones too."""
    with reading(symbol, config, address, market_data, account, key) as reader:
        accounts = reader.venue.accounts
        if open_only:
            found = rows(reader, accounts.ListOpenOrders, pb.ListOpenOrdersRequest(symbol=symbol), "orders", limit)
        else:
            found = rows(reader, accounts.ListOrders, pb.ListOrdersRequest(symbol=symbol), "orders", limit)
        for order in found:
            say(order_line(reader, order))


def fills(  # noqa: PLR0917 - one parameter per option
    symbol: SymbolArgument,
    limit: LimitOption = 50,
    order: Annotated[int, typer.Option("--order", min=0, help="Only of this order id.")] = 0,
    config: ConfigOption = None,
    address: AddressOption = None,
    market_data: MarketDataAddressOption = None,
    account: AccountOption = None,
    key: AccountKeyOption = None,
) -> None:
    """List an account's fills in a symbol, newest first."""
    with reading(symbol, config, address, market_data, account, key) as reader:
        request = pb.ListFillsRequest(symbol=symbol, order_id=order)
        for fill in rows(reader, reader.venue.accounts.ListFills, request, "fills", limit):
            say(fill_line(reader, fill))


def order_at(  # noqa: PLR0917 - one parameter per option
    symbol: SymbolArgument,
    order_id: Annotated[int, typer.Argument(help="The venue's number of the order.")],
    sequence: Annotated[int, typer.Option("--sequence", min=0, help="As of this sequence.")] = 0,
    at: Annotated[str, typer.Option("--time", help="As of this time, for example 2026-01-31T12:00:00Z.")] = "",
    config: ConfigOption = None,
    address: AddressOption = None,
    market_data: MarketDataAddressOption = None,
    account: AccountOption = None,
    key: AccountKeyOption = None,
) -> None:
    """Show an order as it was after a sequence or at a time (now, without either), and what had happened to it."""
    with reading(symbol, config, address, market_data, account, key) as reader:
        if sequence and at:
            raise RequestError("--sequence or --time, not both")
        request = pb.GetOrderAtRequest(symbol=symbol, order_id=order_id)
        if sequence:
            request.sequence = sequence
        elif at:
            request.time_ns = to_ns(at)
        answer = reader.venue.call(reader.venue.accounts.GetOrderAt, request)
        say(f"as of sequence {answer.sequence}")
        say(order_line(reader, answer.order))
        for report in answer.reports:
            say(report_line(reader, report))


def account_key(settings: VenueConfig, account: str | None, key: str | None) -> str:
    """The API key that the options name. Raises RequestError."""
    if account is not None:
        for each in settings.accounts:
            if each.name == account:
                return each.api_key
        raise RequestError(f"the configuration has no account {account}; --key takes an API key")
    if key is None:
        raise RequestError("an account's API key is needed: --key, TIDEGATE_ACCOUNT_KEY, or --account NAME")
    return key


def order_line(reader: Reader, order: types_pb2.Order) -> str:
    """One order."""
    scale = reader.scale(order.order_id)
    quantities = f"{scale.quantity(order.filled_lots)}/{scale.quantity(order.quantity_lots)}"
    reason = f" ({types_pb2.Reason.Name(order.reason).removeprefix('REASON_')})" if order.reason else ""
    trigger = f" trigger {scale.price(order.trigger.price_ticks)}" if order.trigger.price_ticks else ""
    return (
        f"{order.order_id:>10}  {shown_time(order.created_time_ns)}  "
        f"{types_pb2.Side.Name(order.side).removeprefix('SIDE_'):<4} "
        f"{types_pb2.OrderType.Name(order.type).removeprefix('ORDER_TYPE_')} "
        f"{types_pb2.TimeInForce.Name(order.time_in_force).removeprefix('TIME_IN_FORCE_')} "
        f"{quantities} at {scale.price(order.price_ticks)}{trigger}  "
        f"{types_pb2.OrderStatus.Name(order.status).removeprefix('ORDER_STATUS_')}{reason}  "
        f"client {order.client_order_id}"
    )


def fill_line(reader: Reader, fill: types_pb2.Report) -> str:
    """One fill."""
    scale = reader.scale(fill.order_id)
    return (
        f"{fill.trade_id:>10}  {shown_time(fill.engine_time_ns)}  "
        f"{types_pb2.Side.Name(fill.side).removeprefix('SIDE_'):<4} "
        f"{scale.quantity(fill.last_quantity_lots)} at {scale.price(fill.last_price_ticks)} "
        f"{'maker' if fill.maker else 'taker'}  order {fill.order_id}  sequence {fill.sequence}"
    )


def report_line(reader: Reader, report: types_pb2.Report) -> str:
    """One thing that had happened to an order."""
    scale = reader.scale(report.order_id)
    kind = types_pb2.ReportKind.Name(report.kind).removeprefix("REPORT_KIND_")
    status = types_pb2.OrderStatus.Name(report.status).removeprefix("ORDER_STATUS_")
    reason = f" ({types_pb2.Reason.Name(report.reason).removeprefix('REASON_')})" if report.reason else ""
    traded = (
        f" {scale.quantity(report.last_quantity_lots)} at {scale.price(report.last_price_ticks)}"
        if report.last_quantity_lots
        else ""
    )
    return f"  {report.sequence:>10}  {shown_time(report.engine_time_ns)}  {kind}{traded}  {status}{reason}"


def shown_time(time_ns: int) -> str:
    """UTC to the microsecond; "-" for none."""
    if not time_ns:
        return "-"
    seconds, rest_ns = divmod(time_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest_ns // 1000:06}Z"


def to_ns(text: str) -> int:
    """A time of ISO 8601, UTC unless it says another zone, as Unix nanoseconds. Raises RequestError."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise RequestError(f"{text} is not a time such as 2026-01-31T12:00:00Z") from error
    since = (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1_000

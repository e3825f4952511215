"""What every command of the command line shares: its options, its connection, its errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, DecimalException
from pathlib import Path
from typing import Annotated

import typer

from tidegate.ops.calls import Venue
from tidegate.ops.config import VenueConfig, load
from tidegate.ops.errors import OpsError, RequestError
from tidegate.v1 import operations_service_pb2 as pb
from tidegate.wire.instruments import AMOUNT_UNIT, Instrument

SymbolArgument = Annotated[str, typer.Argument(help="For example BTCUSDT.")]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="TOML file; without one, the demonstration's (tidegate/ops/default.toml)."),
]
DataOption = Annotated[Path | None, typer.Option("--data", help="Data directory, instead of venue.data_dir.")]
PortOption = Annotated[int | None, typer.Option("--port", help="Port of the gateways, instead of venue.port.")]
MarketdataPortOption = Annotated[
    int | None, typer.Option("--marketdata-port", help="Port of market data, instead of venue.marketdata_port.")
]
AddressOption = Annotated[
    str | None, typer.Option("--address", help="host:port of a gateway; without one, the configuration's.")
]
MarketDataAddressOption = Annotated[
    str | None, typer.Option("--market-data", help="host:port of market data; without one, the configuration's.")
]
KeyOption = Annotated[
    str | None,
    typer.Option("--key", envvar="TIDEGATE_KEY", help="The operator's key; without one, the configuration's."),
]


@contextmanager
def one_line_errors() -> Iterator[None]:
    """What the operator can put right is one line on standard error, and exit code 1."""
    try:
        yield
    except OpsError as error:
        typer.echo(f"tidegate: {error}", err=True)
        raise typer.Exit(1) from None
    except OSError as error:  # a disk that is full or read-only, permissions
        where = f"{error.filename}: " if error.filename else ""
        typer.echo(f"tidegate: {where}{error.strerror or error}", err=True)
        raise typer.Exit(1) from None


def connect(settings: VenueConfig, address: str | None, key: str | None) -> Venue:
    """The venue that the options name."""
    return Venue(address or settings.address, key or settings.venue.operator_key)


@contextmanager
def operating(config: Path | None, address: str | None, key: str | None) -> Iterator[Venue]:
    """The venue for one command of an operator's, with errors of one line."""
    with one_line_errors(), connect(load(config), address, key) as venue:
        yield venue


def instrument_states(venue: Venue) -> dict[str, pb.InstrumentState]:
    """Every instrument with its phase, by symbol, as the venue lists them now."""
    answer = venue.call(venue.operations.ListInstrumentStates, pb.ListInstrumentStatesRequest())
    return {each.instrument.symbol: each for each in answer.instruments}


def instrument_state(venue: Venue, symbol: str) -> pb.InstrumentState:
    """One of them. Raises RequestError."""
    states = instrument_states(venue)
    if symbol not in states:
        raise RequestError(f"{symbol} is not listed: the venue has {', '.join(sorted(states)) or 'nothing'}")
    return states[symbol]


def definitions(venue: Venue) -> dict[str, Instrument]:
    """The definition in force of every instrument, by symbol."""
    return {symbol: Instrument.of_message(each.instrument) for symbol, each in instrument_states(venue).items()}


def to_units(amount: str) -> int:
    """A decimal amount in 1e-8 of its asset, exact. Raises RequestError."""
    units = whole(amount, AMOUNT_UNIT)
    if units is None:
        raise RequestError(f"{amount} is not an amount with at most 8 decimals, or too large")
    return units


def to_ticks(price: str, instrument: Instrument) -> int:
    """A decimal price in ticks. Raises RequestError."""
    ticks = whole(price, instrument.tick_size)
    if ticks is None or ticks <= 0:
        raise RequestError(f"{price} is not a price of {instrument.symbol}, whose tick is {instrument.tick_size:f}")
    return ticks


def whole(number: str, unit: Decimal) -> int | None:
    """How many units a decimal number is; None when not a whole number of them, or beyond 64 bits."""
    try:
        units = Decimal(number) / unit
        exact = units.is_finite() and units == units.to_integral_value() and abs(units) < 1 << 63
    except DecimalException:
        return None
    return int(units) if exact else None

"""The command line: `tidegate`."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal, DecimalException
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live

from tidegate.ops import demo as demonstration
from tidegate.ops import status as view
from tidegate.ops import up as foreground
from tidegate.ops import verify_command
from tidegate.ops.calls import Venue
from tidegate.ops.config import VenueConfig, load
from tidegate.ops.errors import OpsError, RequestError
from tidegate.ops.replay.main import app as replay_app
from tidegate.ops.up import say
from tidegate.v1 import operations_service_pb2 as pb
from tidegate.v1 import types_pb2
from tidegate.wire.instruments import AMOUNT_UNIT

app = typer.Typer(
    help="A perpetual-futures exchange engine: start it, look at it, check it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
account_app = typer.Typer(help="Accounts and their API keys.", no_args_is_help=True)
app.add_typer(account_app, name="account")
app.add_typer(replay_app, name="replay")

PHASES = {
    "HALT": types_pb2.PHASE_HALT,
    "CANCEL_ONLY": types_pb2.PHASE_CANCEL_ONLY,
    "POST_ONLY": types_pb2.PHASE_POST_ONLY,
    "OPEN": types_pb2.PHASE_OPEN,
}

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


@app.command()
def up(
    config: ConfigOption = None,
    data: DataOption = None,
    port: PortOption = None,
    marketdata_port: MarketdataPortOption = None,
) -> None:
    """Start the venue and keep it up until Ctrl-C or SIGTERM.

    Orders in the rings are carried out before it ends; a second Ctrl-C does not wait.
    """
    with one_line_errors():
        venue = load(config, data_dir=data, port=port, marketdata_port=marketdata_port)
        foreground.run(venue, say, on_ready=lambda: say_ready(venue))


def say_ready(venue: VenueConfig) -> None:
    """Where the venue can be reached."""
    say(f"orders, accounts, operations  {venue.address}")
    say(f"market data                   {venue.marketdata_address}")
    say(f"data                          {venue.venue.data_dir}")
    if venue.demonstration_keys:
        say("with demonstration keys: for this machine only")


@app.command()
def demo(
    config: ConfigOption = None,
    data: DataOption = None,
    port: PortOption = None,
    marketdata_port: MarketdataPortOption = None,
) -> None:
    """Start the venue with simulated makers and takers, and show its status (what `make run` does)."""
    with one_line_errors():
        demonstration.run(load(config, data_dir=data, port=port, marketdata_port=marketdata_port))


@app.command()
def status(
    config: ConfigOption = None,
    address: AddressOption = None,
    key: KeyOption = None,
    watch: Annotated[bool, typer.Option("--watch", help="Show it again every second until Ctrl-C.")] = False,
) -> None:
    """Show processes, phases, sequences, queues, rates and latencies. Exit code 1 when something does not run."""
    console = Console()
    with one_line_errors():
        settings = load(config)
        instruments = {each.symbol: each for each in settings.instruments}
        with connect(settings, address, key) as venue:
            state = venue.call(venue.operations.GetStatus, view.fetch_request())
            if watch:
                watch_status(console, venue, settings)
            else:
                view.show(console, state, instruments)
            raise typer.Exit(0 if view.is_healthy(state) else 1)


def watch_status(console: Console, venue: Venue, settings: VenueConfig) -> None:
    """Until Ctrl-C."""
    instruments = {each.symbol: each for each in settings.instruments}
    try:
        if not console.is_terminal:
            while True:
                view.show(console, venue.call(venue.operations.GetStatus, view.fetch_request()), instruments)
                time.sleep(1)
        with Live(console=console, auto_refresh=False) as live:
            while True:
                state = venue.call(venue.operations.GetStatus, view.fetch_request())
                live.update(view.tables(state, instruments), refresh=True)
                time.sleep(1)
    except KeyboardInterrupt:
        pass


@app.command()
def verify(config: ConfigOption = None, data: DataOption = None) -> None:
    """Check journals, snapshots and ledger of a venue that is down, and replay them to the same hash.

    Exit code 1 when something is not what was written; the first fault is named with its sequence.
    """
    with one_line_errors():
        raise typer.Exit(0 if verify_command.run(load(config, data_dir=data), say) else 1)


@app.command()
def phase(
    symbol: Annotated[str, typer.Argument(help="For example BTCUSDT.")],
    to: Annotated[str, typer.Argument(metavar="PHASE", help="HALT, CANCEL_ONLY, POST_ONLY or OPEN.")],
    config: ConfigOption = None,
    address: AddressOption = None,
    key: KeyOption = None,
) -> None:
    """Put a symbol into another phase."""
    with one_line_errors():
        if to.upper() not in PHASES:
            raise RequestError(f"{to} is not a phase: {', '.join(PHASES)}")
        with connect(load(config), address, key) as venue:
            request = pb.SetPhaseRequest(symbol=symbol, phase=PHASES[to.upper()])
            answer = venue.call(venue.operations.SetPhase, request)
        say(f"{symbol} {view.phase_name(answer.phase)} from sequence {answer.sequence}")


@account_app.command("create")
def create_account(
    name: Annotated[str, typer.Argument(help="1 to 64 characters, unique.")],
    config: ConfigOption = None,
    address: AddressOption = None,
    key: KeyOption = None,
) -> None:
    """Open an account; prints its number and its API key, which is shown only here."""
    with one_line_errors(), connect(load(config), address, key) as venue:
        answer = venue.call(venue.operations.CreateAccount, pb.CreateAccountRequest(name=name))
        say(f"account {answer.account_id}\nkey     {answer.api_key}")


@account_app.command("list")
def list_accounts(config: ConfigOption = None, address: AddressOption = None, key: KeyOption = None) -> None:
    """List accounts with their balances."""
    with one_line_errors(), connect(load(config), address, key) as venue:
        for account in accounts(venue):
            held = ", ".join(f"{each.amount * AMOUNT_UNIT:f} {each.asset}" for each in account.balances)
            say(f"{account.account_id:>6}  {account.name:<24}  {held or '-'}")


def accounts(venue: Venue) -> Iterator[pb.Account]:
    """All accounts, page by page."""
    token = ""
    while True:
        page = venue.call(venue.operations.ListAccounts, pb.ListAccountsRequest(page_size=1000, page_token=token))
        yield from page.accounts
        token = page.next_page_token
        if not token:
            return


@app.command()
def deposit(  # noqa: PLR0917 - one parameter per option
    account: Annotated[str, typer.Argument(help="Number or name of the account.")],
    asset: Annotated[str, typer.Argument(help="For example USDT.")],
    amount: Annotated[str, typer.Argument(help="For example 1000.5; at most 8 decimals.")],
    number: Annotated[
        str | None, typer.Option("--id", help="Your number of this deposit: the same again is booked only once.")
    ] = None,
    config: ConfigOption = None,
    address: AddressOption = None,
    key: KeyOption = None,
) -> None:
    """Book a deposit, exactly once per --id."""
    with one_line_errors(), connect(load(config), address, key) as venue:
        request = pb.DepositRequest(
            account_id=account_number(venue, account),
            asset=asset,
            amount=to_units(amount),
            deposit_id=number or f"cli-{secrets.token_hex(8)}",
        )
        answer = venue.call(venue.operations.Deposit, request)
        again = " (booked before)" if answer.duplicate else ""
        say(
            f"entry {answer.entry_id}{again}, balance {answer.balance * AMOUNT_UNIT:f} {asset}, id {request.deposit_id}"
        )


def account_number(venue: Venue, account: str) -> int:
    """An account's number from its number or its name. Raises RequestError."""
    if account.isdecimal():
        number = int(account)
        if number >= 1 << 32:
            raise RequestError(f"{account} is not the number of an account")
        return number
    for each in accounts(venue):
        if each.name == account:
            return each.account_id
    raise RequestError(f"no account is called {account}")


def to_units(amount: str) -> int:
    """A decimal amount in 1e-8 of its asset, exact. Raises RequestError."""
    try:
        units = Decimal(amount) / AMOUNT_UNIT
        exact = units.is_finite() and units == units.to_integral_value() and abs(units) < 1 << 63
    except DecimalException:
        exact = False
    if not exact:
        raise RequestError(f"{amount} is not an amount with at most 8 decimals, or too large")
    return int(units)


def connect(settings: VenueConfig, address: str | None, key: str | None) -> Venue:
    """The venue that the options name."""
    return Venue(address or settings.address, key or settings.venue.operator_key)


if __name__ == "__main__":
    sys.exit(app())

"""The command line: `tidegate`."""

from __future__ import annotations

import sys
import time
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live

from tidegate.ops import account_commands, instrument_commands, market_commands, order_commands, verify_command
from tidegate.ops import demo as demonstration
from tidegate.ops import status as view
from tidegate.ops import up as foreground
from tidegate.ops.calls import Venue
from tidegate.ops.command_line import (
    AddressOption,
    ConfigOption,
    DataOption,
    KeyOption,
    MarketdataPortOption,
    PortOption,
    connect,
    definitions,
    one_line_errors,
)
from tidegate.ops.config import VenueConfig, load
from tidegate.ops.replay.main import app as replay_app
from tidegate.ops.up import say

app = typer.Typer(
    help="A perpetual-futures exchange engine: start it, look at it, check it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.add_typer(account_commands.account_app, name="account")
app.add_typer(account_commands.key_app, name="key")
app.command()(account_commands.deposit)
app.add_typer(instrument_commands.instrument_app, name="instrument")
app.add_typer(market_commands.prices_app, name="prices")
app.command()(market_commands.phase)
app.command()(market_commands.halt)
app.command()(market_commands.reopen)
app.command()(market_commands.cancel_everything)
app.command()(order_commands.orders)
app.command()(order_commands.fills)
app.command()(order_commands.order_at)
app.add_typer(replay_app, name="replay")


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
    with one_line_errors(), connect(load(config), address, key) as venue:
        state = venue.call(venue.operations.GetStatus, view.fetch_request())
        if watch:
            watch_status(console, venue)
        else:
            view.show(console, state, definitions(venue))
        raise typer.Exit(0 if view.is_healthy(state) else 1)


def watch_status(console: Console, venue: Venue) -> None:
    """Until Ctrl-C."""
    try:
        if not console.is_terminal:
            while True:
                view.show(console, venue.call(venue.operations.GetStatus, view.fetch_request()), definitions(venue))
                time.sleep(1)
        with Live(console=console, auto_refresh=False) as live:
            while True:
                state = venue.call(venue.operations.GetStatus, view.fetch_request())
                live.update(view.tables(state, definitions(venue), console.width), refresh=True)
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


if __name__ == "__main__":
    sys.exit(app())

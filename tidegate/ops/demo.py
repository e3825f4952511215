"""`tidegate demo`: the venue with simulated traders and a live view of its status; what `make run` does."""

from __future__ import annotations

import threading

from rich.console import Console
from rich.live import Live

from tidegate.ops import status as view
from tidegate.ops import up
from tidegate.ops.calls import Venue
from tidegate.ops.config import VenueConfig
from tidegate.ops.errors import ConfigError, RequestError
from tidegate.ops.processes import TRADERS_RANK, ProcessSpec
from tidegate.ops.traders import TradersSettings
from tidegate.v1 import operations_service_pb2 as pb
from tidegate.wire.instruments import Instrument

MAKER = "maker"
TAKER = "taker"
DEPOSIT = 1_000_000_00000000  # 1e-8 of the asset
TERMINAL_INTERVAL_S = 1.0
LINES_INTERVAL_S = 5.0


def run(config: VenueConfig) -> None:
    """Until Ctrl-C or SIGTERM. Raises OpsError when the venue cannot start."""
    console = Console(highlight=False, soft_wrap=True)
    show = StatusView(config, console)
    traders = ProcessSpec("traders", "tidegate.ops.traders", traders_settings(config), TRADERS_RANK)

    def on_ready() -> None:
        deposit(config)
        up.say(welcome(config))
        show.start()

    up.say(f"starting {len(config.instruments)} symbols in {config.venue.data_dir}")
    up.run(config, up.say, extra=[traders], on_ready=on_ready, on_stop=show.stop)


def traders_settings(config: VenueConfig) -> TradersSettings:
    """For the simulated traders. Raises ConfigError when their accounts are not in the file."""
    return TradersSettings(
        address=config.address,
        marketdata_address=config.marketdata_address,
        maker_key=account_key(config, MAKER),
        taker_key=account_key(config, TAKER),
        operator_key=config.venue.operator_key,
        instruments=config.instruments,
    )


def account_key(config: VenueConfig, name: str) -> str:
    """API key of an account of the file."""
    for each in config.accounts:
        if each.name == name:
            return each.api_key
    raise ConfigError(f"accounts: the demonstration needs an account that is called {name}")


def deposit(config: VenueConfig) -> None:
    """Gives every account of the file something to trade with, once in the life of the data directory."""
    names = {each.name for each in config.accounts}
    assets = sorted({each.settlement_asset for each in config.instruments})
    with Venue(config.address, config.venue.operator_key) as venue:
        page = venue.call(venue.operations.ListAccounts, pb.ListAccountsRequest(page_size=1000))
        for account in page.accounts:
            for asset in assets if account.name in names else ():
                number = f"demonstration-{account.account_id}-{asset}"
                request = pb.DepositRequest(
                    account_id=account.account_id, asset=asset, amount=DEPOSIT, deposit_id=number
                )
                venue.call(venue.operations.Deposit, request)


def welcome(config: VenueConfig) -> str:
    """Addresses, keys, and three lines to try."""
    keys = "\n".join(f"  {each.name:<9} {each.api_key}" for each in config.accounts)
    symbol = config.instruments[0].symbol
    visitor = config.accounts[-1].api_key
    return f"""
Tidegate is up.
  orders, accounts, operations  {config.address}
  market data                   {config.marketdata_address}

Keys (demonstration, this machine only):
{keys}
  operator  {config.venue.operator_key}

Try, with .venv/bin/python:
  from tidegate_client import Side, SyncClient
  venue = SyncClient("{config.address}", "{visitor}", market_data="{config.marketdata_address}")
  print(venue.place("{symbol}", Side.BUY, venue.depth("{symbol}").asks[0].price, "0.01").order)

Ctrl-C drains and ends it.
"""


class StatusView:
    """Shows the status in a thread of its own, so that a slow answer keeps nobody from watching processes."""

    def __init__(self, config: VenueConfig, console: Console) -> None:
        self._config = config
        self._console = console
        self._instruments = {each.symbol: each for each in config.instruments}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="status view", daemon=True)

    def start(self) -> None:
        """Begins to show."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the view; the terminal is as it was."""
        self._end.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        with Venue(self._config.address, self._config.venue.operator_key) as venue:
            if self._console.is_terminal:
                with Live(console=self._console, auto_refresh=False) as live:
                    self._until_end(venue, live)
            else:
                self._until_end(venue, None)

    def _until_end(self, venue: Venue, live: Live | None) -> None:
        interval_s = LINES_INTERVAL_S if live is None else TERMINAL_INTERVAL_S
        while True:
            try:
                state = venue.call(venue.operations.GetStatus, view.fetch_request(), timeout_s=1.0)
            except RequestError as error:
                line = f"no status: {error}"
                if live is None:
                    self._console.print(line)
                else:
                    live.update(line, refresh=True)
            else:
                if live is None:
                    self._console.print(one_line(state, self._instruments))
                else:
                    live.update(view.tables(state, self._instruments, self._console.width), refresh=True)
            if self._end.wait(interval_s):
                return


def one_line(state: pb.GetStatusResponse, instruments: dict[str, Instrument]) -> str:
    """All symbols in one plain line."""
    shards = [
        f"{each.symbol} {view.price(each.symbol, each.best_bid_ticks, instruments)}/"
        f"{view.price(each.symbol, each.best_ask_ticks, instruments)} "
        f"seq {each.sequence} {each.commands_per_second:.0f}/s commit {each.commit_p50_us} us"
        for each in state.shards
    ]
    running = sum(each.state == view.RUNNING for each in state.processes)
    return f"{running}/{len(state.processes)} processes | " + " | ".join(shards)

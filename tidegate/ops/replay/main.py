"""`tidegate replay`: recorded markets, driven through the running venue."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from tidegate.ops.errors import OpsError
from tidegate.ops.replay import binance as binance_replay
from tidegate.ops.replay import lobster as lobster_replay
from tidegate.ops.replay.config import LobsterSettings, ReplaySettings
from tidegate.ops.replay.errors import ReplayError
from tidegate_client import TidegateError

app = typer.Typer(help="Drive the running venue with a recorded market.", no_args_is_help=True)

AddressOption = Annotated[str, typer.Option("--address", help="host:port of the gateways.")]
MarketDataOption = Annotated[str, typer.Option("--market-data", help="host:port of market data.")]
KeyOption = Annotated[str, typer.Option("--operator-key", envvar="TIDEGATE_KEY", help="To open the replay's accounts.")]
LinesOption = Annotated[int, typer.Option("--limit-lines", min=0, help="Read only so many lines; 0: all.")]
SpeedOption = Annotated[
    str, typer.Option("--speed", help='Times as fast as it was recorded, or "max": as the venue takes it.')
]
VerifyOption = Annotated[
    int, typer.Option("--verify-every", min=1, help="Wait for the public book at every so-many-th recorded state.")
]
WindowOption = Annotated[int, typer.Option("--window", min=1, help="Most commands without an answer.")]
KeepOption = Annotated[bool, typer.Option("--keep", help="Leave the orders on the book at the end.")]


@app.command()
def binance(  # noqa: PLR0917 - one parameter per option
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Arrival ns and JSON per line; may be .gz.")
    ],
    address: AddressOption = "127.0.0.1:7400",
    market_data: MarketDataOption = "127.0.0.1:7401",
    operator_key: KeyOption = "demo-operator-key",
    symbol: Annotated[str, typer.Option("--symbol", help="Symbol to replay into; its book must be empty.")] = "BTCUSDT",
    limit_lines: LinesOption = 0,
    speed: SpeedOption = "max",
    verify_every: VerifyOption = 10,
    window: WindowOption = 2000,
    keep: KeepOption = False,
) -> None:
    """Replay a recorded Binance futures feed: makers shape the book to the recorded depth, trades become IOC orders.

    Exit code 1 when the book crossed, a checksum differs, an order is missing or doubled, or under 99 % of the best
    quotes are equal. The whole file is replayed unless --limit-lines says otherwise.
    """
    settings = ReplaySettings(
        file=file,
        address=address,
        market_data=market_data,
        operator_key=operator_key,
        symbol=symbol,
        limit_lines=limit_lines,
        speed=_speed(speed),
        verify_every=verify_every,
        window=window,
        keep=keep,
    )
    _run(binance_replay.replay(settings))


@app.command()
def lobster(  # noqa: PLR0917 - one parameter per option
    messages: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Message CSV; may be .gz.")],
    orderbook: Annotated[
        Path | None, typer.Option("--orderbook", exists=True, dir_okay=False, help="Its book CSV.")
    ] = None,
    address: AddressOption = "127.0.0.1:7400",
    market_data: MarketDataOption = "127.0.0.1:7401",
    operator_key: KeyOption = "demo-operator-key",
    symbol: Annotated[str, typer.Option("--symbol", help="Symbol to replay into; its book must be empty.")] = "ETHUSDT",
    tick: Annotated[int, typer.Option("--tick", min=1, help="A tick of the instrument in 1/10,000 dollar.")] = 100,
    limit_lines: LinesOption = 0,
    speed: SpeedOption = "max",
    verify_every: VerifyOption = 20,
    window: WindowOption = 2000,
    keep: KeepOption = False,
) -> None:
    """Replay LOBSTER files: resting orders as recorded, executions as one IOC order per run of a time and side.

    Exit code 1 when the book crossed, a checksum differs, or an order is missing or doubled.
    """
    settings = LobsterSettings(
        file=messages,
        orderbook=orderbook,
        tick=tick,
        address=address,
        market_data=market_data,
        operator_key=operator_key,
        symbol=symbol,
        limit_lines=limit_lines,
        speed=_speed(speed),
        verify_every=verify_every,
        window=window,
        keep=keep,
    )
    _run(lobster_replay.replay(settings))


def _speed(text: str) -> float:
    if text == "max":
        return 0.0
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if value <= 0:
        raise typer.BadParameter(f'{text!r} is neither "max" nor a positive number', param_hint="--speed")
    return value


def _run(replay: Coroutine[Any, Any, bool]) -> None:
    try:
        passed = asyncio.run(replay)
    except (ReplayError, OpsError, TidegateError) as error:
        typer.echo(f"tidegate: {error}", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    raise typer.Exit(0 if passed else 1)

"""A symbol in an operator's hands: phases, halting and reopening, prices, taking everything off the book."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated

import typer

from tidegate.ops import status as view
from tidegate.ops.calls import Venue
from tidegate.ops.command_line import (
    AddressOption,
    ConfigOption,
    KeyOption,
    MarketDataAddressOption,
    SymbolArgument,
    connect,
    instrument_state,
    one_line_errors,
    operating,
    to_ticks,
    whole,
)
from tidegate.ops.config import load
from tidegate.ops.errors import RequestError
from tidegate.ops.phase_watch import PhaseWatch
from tidegate.ops.up import say
from tidegate.v1 import operations_service_pb2 as pb
from tidegate.v1 import types_pb2
from tidegate.wire.instruments import AMOUNT_UNIT, Instrument

prices_app = typer.Typer(help="Mark and index prices, until a price service sets them.", no_args_is_help=True)

CANCEL_ALL_TIMEOUT_S = 60.0


def phase(
    symbol: SymbolArgument,
    to: Annotated[str, typer.Argument(metavar="PHASE", help=f"One of {', '.join(view.PHASES)}.")],
    config: ConfigOption = None,
    address: AddressOption = None,
    key: KeyOption = None,
) -> None:
    """Put a symbol into another phase (rule MKT-1)."""
    with operating(config, address, key) as venue:
        enter(venue, symbol, view.phase_number(to))


def halt(
    symbol: SymbolArgument, config: ConfigOption = None, address: AddressOption = None, key: KeyOption = None
) -> None:
    """Stop a symbol at once: nothing is accepted, nothing trades, nothing is triggered. Reopen it with `reopen`."""
    with operating(config, address, key) as venue:
        enter(venue, symbol, types_pb2.PHASE_HALT)


def reopen(  # noqa: PLR0917 - one parameter per option
    symbol: SymbolArgument,
    cancel_s: Annotated[float, typer.Option("--cancel-s", min=0, help="Seconds in CANCEL_ONLY.")] = 5.0,
    auction_s: Annotated[float, typer.Option("--auction-s", min=0, help="Seconds in AUCTION.")] = 30.0,
    config: ConfigOption = None,
    address: AddressOption = None,
    market_data: MarketDataAddressOption = None,
    key: KeyOption = None,
) -> None:
    """Reopen a symbol: HALT, CANCEL_ONLY (everybody may leave), AUCTION (orders collect), OPEN (one price for all).

    Shows the indicative price as it changes. Ctrl-C stops where it is; the same command goes on from there.
    """
    with one_line_errors():
        settings = load(config)
        with (
            connect(settings, address, key) as venue,
            Venue(market_data or settings.marketdata_address, "") as public,
        ):
            state = instrument_state(venue, symbol)
            watch = PhaseWatch(public, Instrument.of_message(state.instrument))
            waits = {types_pb2.PHASE_CANCEL_ONLY: cancel_s, types_pb2.PHASE_AUCTION: auction_s}
            try:
                steps = steps_to_open(symbol, state.phase)
                watch.until_following()
                for step in steps:
                    sequence = enter(venue, symbol, step) if step != state.phase else 0
                    if step == types_pb2.PHASE_OPEN:
                        watch.until_open(sequence, say)
                    else:
                        watch_for(watch, waits[step], say)
            except KeyboardInterrupt:
                phase_now = view.phase_name(instrument_state(venue, symbol).phase)
                say(f"{symbol} stays in {phase_now}; `tidegate reopen {symbol}` goes on from there")
                raise typer.Exit(130) from None
            finally:
                watch.close()


@prices_app.command("set")
def set_prices(  # noqa: PLR0917 - one parameter per option
    symbol: SymbolArgument,
    mark: Annotated[str, typer.Option("--mark", help="Mark price; without one, unchanged.")] = "",
    index: Annotated[str, typer.Option("--index", help="Index price; without one, unchanged.")] = "",
    funding: Annotated[
        str, typer.Option("--funding", help="Predicted funding rate, for example 0.0001; 0 unless it is given.")
    ] = "0",
    config: ConfigOption = None,
    address: AddressOption = None,
    key: KeyOption = None,
) -> None:
    """Set mark and index price of a symbol. Orders that wait for such a price are triggered by it."""
    with operating(config, address, key) as venue:
        if not mark and not index:
            raise RequestError("nothing to set: --mark PRICE, --index PRICE or both")
        instrument = Instrument.of_message(instrument_state(venue, symbol).instrument)
        rate = whole(funding, AMOUNT_UNIT)
        if rate is None:
            raise RequestError(f"{funding} is not a rate with at most 8 decimals")
        request = pb.SetPricesRequest(
            symbol=symbol,
            mark_price_ticks=to_ticks(mark, instrument) if mark else 0,
            index_price_ticks=to_ticks(index, instrument) if index else 0,
            funding_rate=rate,
        )
        answer = venue.call(venue.operations.SetPrices, request)
        say(f"{symbol} mark {mark or 'unchanged'}, index {index or 'unchanged'} from sequence {answer.sequence}")


def cancel_everything(
    symbol: SymbolArgument, config: ConfigOption = None, address: AddressOption = None, key: KeyOption = None
) -> None:
    """Cancel every open order of a symbol, whoever has it."""
    with operating(config, address, key) as venue:
        request = pb.CancelEverythingRequest(symbol=symbol)
        answer = venue.call(venue.operations.CancelEverything, request, CANCEL_ALL_TIMEOUT_S)
        say(f"{symbol}: {answer.canceled} orders canceled, up to sequence {answer.sequence}")


def enter(venue: Venue, symbol: str, phase: types_pb2.Phase) -> int:
    """One change of phase; its sequence."""
    answer = venue.call(venue.operations.SetPhase, pb.SetPhaseRequest(symbol=symbol, phase=phase))
    say(f"{symbol} {view.phase_name(answer.phase)} from sequence {answer.sequence}")
    return int(answer.sequence)


def steps_to_open(symbol: str, phase: types_pb2.Phase) -> list[types_pb2.Phase]:
    """Phases on the way from `phase` to OPEN, with the one that it is in when it is one of them.

    Raises RequestError when it is open, or being settled.
    """
    if phase in (types_pb2.PHASE_OPEN, types_pb2.PHASE_REDUCE_ONLY, types_pb2.PHASE_SETTLEMENT):
        name = view.phase_name(phase)
        raise RequestError(f"{symbol} is in {name}, not halted; `tidegate phase {symbol} PHASE` puts it into any other")
    steps = [types_pb2.PHASE_CANCEL_ONLY, types_pb2.PHASE_AUCTION, types_pb2.PHASE_OPEN]
    return steps[1:] if phase in (types_pb2.PHASE_POST_ONLY, types_pb2.PHASE_AUCTION) else steps


def watch_for(watch: PhaseWatch, seconds: float, say: Callable[[str], None]) -> None:
    """Shows what the phase stream tells for so long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for line in watch.lines():
            say(line)
        time.sleep(max(0.0, min(0.2, deadline - time.monotonic())))
    for line in watch.lines():
        say(line)

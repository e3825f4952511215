"""`tidegate instrument`: what the venue lists, while it runs (rule INS-3)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from tidegate.ops import status as view
from tidegate.ops.command_line import (
    AddressOption,
    ConfigOption,
    KeyOption,
    SymbolArgument,
    instrument_state,
    instrument_states,
    operating,
)
from tidegate.ops.errors import RequestError
from tidegate.ops.up import say
from tidegate.v1 import operations_service_pb2 as pb
from tidegate.v1 import types_pb2
from tidegate.wire.instruments import POSITION_MAX_LOTS, PRICE_MAX_TICKS, QUANTITY_MAX_LOTS, Instrument

instrument_app = typer.Typer(help="List, change and delist instruments while the venue runs.", no_args_is_help=True)

BOUNDS = {  # limits in ticks or lots, with the least and the most that each may be
    "price_min_ticks": (1, PRICE_MAX_TICKS),
    "price_max_ticks": (1, PRICE_MAX_TICKS),
    "quantity_min_lots": (1, QUANTITY_MAX_LOTS),
    "quantity_max_lots": (1, QUANTITY_MAX_LOTS),
    "market_quantity_max_lots": (1, QUANTITY_MAX_LOTS),
    "position_max_lots": (1, POSITION_MAX_LOTS),
}
LISTING_TIMEOUT_S = 90.0  # an engine has to start, or to drain
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="A key of [[instruments]], for example open_orders_max=500."),
]


@instrument_app.command("list")
def list_instruments(config: ConfigOption = None, address: AddressOption = None, key: KeyOption = None) -> None:
    """List the instruments with their phases and the definitions in force."""
    with operating(config, address, key) as venue:
        for state in instrument_states(venue).values():
            say(describe(state))


@instrument_app.command("show")
def show(
    symbol: SymbolArgument, config: ConfigOption = None, address: AddressOption = None, key: KeyOption = None
) -> None:
    """Show every rule of an instrument as it is in force, by the names that `change --set` takes."""
    with operating(config, address, key) as venue:
        state = instrument_state(venue, symbol)
        for name in Instrument.model_fields:
            say(f"{name} = {getattr(state.instrument, name)}")
        say(f"phase {view.phase_name(state.phase)}, defined by sequence {state.instrument.definition_sequence}")


@instrument_app.command("add")
def add(  # noqa: PLR0917 - one parameter per option
    symbol: SymbolArgument,
    tick: Annotated[str, typer.Option("--tick", help="Value of a tick in the quote currency.")],
    lot: Annotated[str, typer.Option("--lot", help="Size of a lot in the base currency.")],
    changes: SetOption = None,
    phase: Annotated[str, typer.Option("--phase", help="Phase to begin in.")] = "HALT",
    config: ConfigOption = None,
    address: AddressOption = None,
    key: KeyOption = None,
) -> None:
    """List an instrument: an engine of its own starts; the others notice nothing. It begins in HALT.

    A symbol that was listed before comes back with its journal, its rules and its phase.
    """
    with operating(config, address, key) as venue:
        fields = {"symbol": symbol, "instrument_id": 1, "tick_size": tick, "lot_size": lot, **parse_changes(changes)}
        message = types_pb2.Instrument(**checked(fields).message_fields())
        if "instrument_id" not in parse_changes(changes):
            message.instrument_id = 0  # the next free one
        request = pb.ListInstrumentRequest(instrument=message, initial_phase=view.phase_number(phase))
        answer = venue.call(venue.operations.ListInstrument, request, LISTING_TIMEOUT_S)
        say(f"{symbol} is listed with instrument_id {answer.instrument.instrument_id}")


@instrument_app.command("change")
def change(
    symbol: SymbolArgument,
    changes: SetOption = None,
    config: ConfigOption = None,
    address: AddressOption = None,
    key: KeyOption = None,
) -> None:
    """Change rules of an instrument, from one sequence on.

    Another tick or lot needs HALT or CANCEL_ONLY and a book without orders; limits in ticks and lots that are not set
    with it then become what they were in price and quantity.
    """
    with operating(config, address, key) as venue:
        wanted = parse_changes(changes)
        if not wanted:
            raise RequestError("nothing to change: --set KEY=VALUE")
        before = Instrument.of_message(instrument_state(venue, symbol).instrument)
        after = checked({**before.model_dump(), **wanted})
        kept = rescaled(before, after, wanted)
        message = types_pb2.Instrument(**checked({**after.model_dump(), **kept}).message_fields())
        request = pb.ChangeInstrumentRequest(instrument=message)
        answer = venue.call(venue.operations.ChangeInstrument, request)
        say(f"{symbol} is defined anew from sequence {answer.instrument.definition_sequence}")
        for name, value in kept.items():
            say(f"  {name} {getattr(before, name)} is now {value}: as much as before")


@instrument_app.command("delist")
def delist(
    symbol: SymbolArgument,
    config: ConfigOption = None,
    address: AddressOption = None,
    key: KeyOption = None,
) -> None:
    """Take an instrument off the venue. It must be in SETTLEMENT, without orders and positions; its journal stays."""
    with operating(config, address, key) as venue:
        request = pb.DelistInstrumentRequest(symbol=symbol)
        venue.call(venue.operations.DelistInstrument, request, LISTING_TIMEOUT_S)
        say(f"{symbol} is delisted")


def describe(state: pb.InstrumentState) -> str:
    """One instrument in one line."""
    each = state.instrument
    band = f"+{each.band_up_bps}/-{each.band_down_bps} bps" if each.band_up_bps or each.band_down_bps else "none"
    return (
        f"{each.symbol:<15} {each.instrument_id:>5}  {view.phase_name(state.phase):<11} tick {each.tick_size} "
        f"lot {each.lot_size} {each.settlement_asset}  band {band}  orders {each.open_orders_max}, "
        f"triggers {each.trigger_orders_max}, position {each.position_max_lots or 'any'}  "
        f"since sequence {each.definition_sequence}"
    )


def rescaled(before: Instrument, after: Instrument, wanted: Iterable[str]) -> dict[str, int]:
    """Limits in ticks and lots, by key, that another tick or lot changes and nobody has asked for: the same price or
    quantity in the new one, rounded to the stricter side. 0, the least and the most there can be stay what they are.
    """
    ticks, lots = before.tick_size / after.tick_size, before.lot_size / after.lot_size
    kept = {}
    for name, (least, most) in BOUNDS.items():
        ratio = ticks if name.endswith("_ticks") else lots
        value = getattr(before, name)
        if ratio == 1 or name in wanted or value in (0, least, most):
            continue
        rounding = ROUND_CEILING if "_min_" in name else ROUND_FLOOR
        kept[name] = max(least, min(most, int((value * ratio).to_integral_value(rounding))))
    return kept


def parse_changes(changes: list[str] | None) -> dict[str, str]:
    """KEY=VALUE as the keys of an instrument. Raises RequestError."""
    wanted = {}
    for each in changes or ():
        name, equals, value = each.partition("=")
        if not equals or name not in Instrument.model_fields or name == "symbol":
            keys = ", ".join(sorted(set(Instrument.model_fields) - {"symbol"}))
            raise RequestError(f"--set {each}: KEY=VALUE is needed, with one of {keys}")
        wanted[name] = value
    return wanted


def checked(fields: dict[str, Any]) -> Instrument:
    """The instrument. Raises RequestError that names the key at fault."""
    try:
        return Instrument.model_validate(fields)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, each['loc'])) or 'instrument'}: {each['msg']}" for each in error.errors()]
        raise RequestError("; ".join(faults)) from None

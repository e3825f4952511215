"""What the instruments of a data directory have been so far: what is on disk is counted in their ticks and lots.

A journal holds integers. Starting it with another tick or lot would give every resting order and every
position another meaning, so the identity of each symbol that has ever been listed is kept beside it.
"""

from __future__ import annotations

import json
import os
from decimal import Decimal, InvalidOperation
from pathlib import Path

from tidegate.ops.errors import ConfigError
from tidegate.wire.instruments import Instrument

# What may never change while the symbol has a journal. Limits may: they are logged commands.
IDENTITY = ("instrument_id", "tick_size", "lot_size", "settlement_asset")


def check_listing(data_dir: Path, instruments: tuple[Instrument, ...]) -> None:
    """Compares with what was listed before and adds what is new. Raises ConfigError, with nothing changed."""
    path = data_dir / "instruments.json"
    listed: dict[str, dict[str, str]] = json.loads(path.read_text()) if path.exists() else {}
    taken = {identity["instrument_id"]: symbol for symbol, identity in listed.items()}
    for each in instruments:
        identity = {name: str(getattr(each, name)) for name in IDENTITY}
        for name, before in listed.get(each.symbol, identity).items():
            if identity[name] != before and not _same_number(identity[name], before):
                raise ConfigError(
                    f"{each.symbol}: {name} was {before} and cannot become {identity[name]}: "
                    f"the orders and positions in {data_dir} are counted in it"
                )
        owner = taken.setdefault(identity["instrument_id"], each.symbol)
        if owner != each.symbol:
            raise ConfigError(f"{each.symbol}: instrument_id {each.instrument_id} is {owner}'s in {data_dir}")
        listed.setdefault(each.symbol, identity)
    _replace(path, json.dumps(listed, indent=1))


def _same_number(left: str, right: str) -> bool:
    """Whether both are the same number, written as "0.10" and as "0.1"."""
    try:
        return Decimal(left) == Decimal(right)
    except InvalidOperation:
        return False


def _replace(path: Path, text: str) -> None:
    scratch = path.with_suffix(".new")
    with scratch.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)

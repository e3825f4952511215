"""What the venue lists (rule INS-3): kept beside the journals, decided here, written by the supervisor alone.

A journal holds integers. Starting it with another number, tick, lot or asset would give every resting order
and every position another meaning, so each symbol that was ever listed keeps the identity that it began with.
The configuration lists symbols; what they are afterwards, and whether they are still listed, is decided by
commands.
"""

from __future__ import annotations

from pathlib import Path

from tidegate.ops.errors import ConfigError, ListingRefusedError
from tidegate.wire.instruments import Instrument
from tidegate.wire.listing import ListedInstrument, ListingError, read_listing, write_listing

# What may never change while the symbol has a journal; tick and lot only by a logged command.
IDENTITY = ("instrument_id", "tick_size", "lot_size", "settlement_asset")

INSTRUMENT_ID_MAX = 65535


class VenueListing:
    """Every symbol that was ever listed on one data directory."""

    def __init__(self, path: Path, configured: tuple[Instrument, ...] = ()) -> None:
        """Adds what the configuration has that is new. Raises ConfigError, with nothing changed."""
        self._path = path
        try:
            entries = read_listing(path)
        except ListingError as error:
            raise ConfigError(str(error)) from error
        self._entries = {each.symbol: each for each in entries}
        for each in configured:
            try:
                instrument = self.fit(each)
            except ListingRefusedError as error:
                raise ConfigError(f"{error} (in {path.parent})") from error
            self._entries.setdefault(each.symbol, ListedInstrument(instrument=instrument))
        if configured:
            self._write()

    @property
    def listed(self) -> tuple[Instrument, ...]:
        """What is listed now, as first listed; by number."""
        return tuple(each.instrument for each in self.entries if each.is_listed)

    @property
    def entries(self) -> tuple[ListedInstrument, ...]:
        """Every symbol ever listed, by number."""
        return tuple(sorted(self._entries.values(), key=lambda each: each.instrument.instrument_id))

    def is_listed(self, symbol: str) -> bool:
        """Whether the symbol is listed now."""
        return symbol in self._entries and self._entries[symbol].is_listed

    def fit(self, instrument: Instrument, *, choose_number: bool = False) -> Instrument:
        """What listing `instrument` would list: the same, or what it was when it was first listed.

        choose_number: its number means nothing. Raises ListingRefusedError when symbol or number is another's.
        """
        known = self._entries.get(instrument.symbol)
        if known is not None:
            if choose_number:
                instrument = instrument.model_copy(update={"instrument_id": known.instrument.instrument_id})
            _require_same(known.instrument, instrument)
            return known.instrument
        taken = {each.instrument.instrument_id: each.symbol for each in self._entries.values()}
        if choose_number:
            number = max(taken, default=0) + 1
            if number > INSTRUMENT_ID_MAX:
                raise ListingRefusedError(f"{instrument.symbol}: no instrument_id is free above {number - 1}")
            return instrument.model_copy(update={"instrument_id": number})
        owner = taken.get(instrument.instrument_id)
        if owner is not None:
            raise ListingRefusedError(f"{instrument.symbol}: instrument_id {instrument.instrument_id} is {owner}'s")
        return instrument

    def put(self, instrument: Instrument, *, listed: bool) -> None:
        """Lists or delists, for every process to see. Raises OSError, with nothing changed."""
        before = self._entries.get(instrument.symbol)
        state = "listed" if listed else "delisted"
        self._entries[instrument.symbol] = ListedInstrument.model_validate({"instrument": instrument, "state": state})
        try:
            self._write()
        except OSError:
            if before is None:
                del self._entries[instrument.symbol]
            else:
                self._entries[instrument.symbol] = before
            raise

    def _write(self) -> None:
        write_listing(self._path, self._entries.values())


def _require_same(before: Instrument, instrument: Instrument) -> None:
    for name in IDENTITY:
        was, wanted = getattr(before, name), getattr(instrument, name)
        if was != wanted:
            raise ListingRefusedError(
                f"{instrument.symbol}: {name} was {was} and cannot become {wanted}: "
                "its orders and positions are counted in it"
            )

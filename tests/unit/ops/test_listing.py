"""A symbol stays what it was when its journal began; it comes and goes while the venue runs."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from tidegate.ops.errors import ConfigError, ListingRefusedError
from tidegate.ops.listing import VenueListing
from tidegate.ops.listing_desk import why_not_settled
from tidegate.wire.enums import Phase
from tidegate.wire.instruments import Instrument
from tidegate.wire.listing import read_listing
from tidegate.wire.stats import EngineState, EngineStats


def instrument(**changes: object) -> Instrument:
    """BTCUSDT, changed."""
    usual = {"symbol": "BTCUSDT", "instrument_id": 1, "tick_size": Decimal("0.1"), "lot_size": Decimal("0.001")}
    return Instrument.model_validate(usual | changes)


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., VenueListing]:
    """Starts a venue with these instruments in its configuration."""
    return lambda *configured: VenueListing(tmp_path / "instruments.json", configured)


OTHER = instrument(symbol="ETHUSDT", instrument_id=2)


@pytest.mark.parametrize(
    "changes", [{"tick_size": "0.01"}, {"lot_size": "0.01"}, {"instrument_id": 2}, {"settlement_asset": "USDC"}]
)
def test_another_identity_is_refused(
    start: Callable[..., VenueListing], tmp_path: Path, changes: dict[str, object]
) -> None:
    """Tick, lot, number and asset give what is on disk its meaning; the message names what was changed."""
    start(instrument())
    before = (tmp_path / "instruments.json").read_text()
    with pytest.raises(ConfigError, match=f"BTCUSDT: {next(iter(changes))} was"):
        start(instrument(**changes))
    assert (tmp_path / "instruments.json").read_text() == before


def test_new_symbols_may_come(start: Callable[..., VenueListing]) -> None:
    """0.10 is 0.1; what a symbol was first listed as stays; a removed symbol is still the owner of its number."""
    start(instrument())
    listing = start(instrument(tick_size="0.10", open_orders_max=5), OTHER)
    assert listing.listed == (instrument(), OTHER)
    assert start(OTHER).listed == (instrument(), OTHER)
    with pytest.raises(ConfigError, match="instrument_id 1 is BTCUSDT's"):
        start(instrument(symbol="SOLUSDT"))


@pytest.mark.rule("INS-3")
def test_what_was_listed_at_run_time_outlives_the_venue(start: Callable[..., VenueListing], tmp_path: Path) -> None:
    """The next start runs configured and listed symbols, without the delisted ones; readers see every step."""
    listing = start(instrument())
    listing.put(OTHER, listed=True)
    listing.put(instrument(), listed=False)
    again = start(instrument())
    assert again.listed == (OTHER,)
    assert not again.is_listed("BTCUSDT")
    entries = read_listing(tmp_path / "instruments.json")
    assert [(each.symbol, each.state) for each in entries] == [("BTCUSDT", "delisted"), ("ETHUSDT", "listed")]


@pytest.mark.rule("INS-3")
def test_numbers_are_chosen_and_never_used_twice(start: Callable[..., VenueListing]) -> None:
    """The next free one for a new symbol, its own for one that was there; a delisted symbol keeps its number."""
    listing = start(instrument(), OTHER)
    listing.put(OTHER, listed=False)
    new = instrument(symbol="SOLUSDT", instrument_id=1)
    assert listing.fit(new, choose_number=True).instrument_id == 3
    assert listing.fit(OTHER.model_copy(update={"instrument_id": 9}), choose_number=True) == OTHER
    with pytest.raises(ListingRefusedError, match="instrument_id 2 is ETHUSDT's"):
        listing.fit(instrument(symbol="SOLUSDT", instrument_id=2))
    last = instrument(symbol="SOLUSDT", instrument_id=65535)
    listing.put(last, listed=True)
    with pytest.raises(ListingRefusedError, match="no instrument_id is free"):
        listing.fit(instrument(symbol="XRPUSDT"), choose_number=True)


def test_a_disk_that_is_full_changes_nothing(
    start: Callable[..., VenueListing], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What processes read and what the supervisor believes stay the same."""
    listing = start(instrument())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tidegate.ops.listing.write_listing", full)
    for which in (OTHER, instrument()):
        with pytest.raises(OSError, match="No space"):
            listing.put(which, listed=which is OTHER)
    assert listing.listed == (instrument(),)
    assert [each.symbol for each in read_listing(tmp_path / "instruments.json")] == ["BTCUSDT"]


@pytest.mark.rule("INS-3")
@pytest.mark.parametrize(
    ("changes", "queued", "why"),
    [
        ({}, 0, ""),
        ({"phase": Phase.REDUCE_ONLY}, 0, "its phase is REDUCE_ONLY; it must be SETTLEMENT"),
        ({"open_orders": 3, "trigger_orders": 1}, 0, "3 orders are open"),
        ({"open_interest": 7}, 0, "positions of 7 lots are open"),
        ({"state": EngineState.RECOVERING}, 0, "its engine does not run"),
        ({"updated_ns": 1}, 0, "its engine does not run"),
        ({}, 4, "4 commands wait"),
    ],
)
def test_what_keeps_a_symbol_on_the_venue(changes: dict[str, int], queued: int, why: str) -> None:
    """Every condition alone; figures that are old count for nothing."""
    now_ns = 10_000_000_000
    stats = EngineStats(state=EngineState.RUNNING, phase=Phase.SETTLEMENT, updated_ns=now_ns - 1_000_000_000)
    for name, value in changes.items():
        setattr(stats, name, value)
    assert why_not_settled(stats, queued, now_ns) == why
    assert why_not_settled(None, queued, now_ns) == "its engine does not run"

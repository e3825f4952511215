"""A symbol stays what it was when its journal began."""

from decimal import Decimal
from pathlib import Path

import pytest

from tidegate.ops.errors import ConfigError
from tidegate.ops.listing import check_listing
from tidegate.wire.instruments import Instrument


def instrument(**changes: object) -> Instrument:
    """BTCUSDT, changed."""
    usual = {"symbol": "BTCUSDT", "instrument_id": 1, "tick_size": Decimal("0.1"), "lot_size": Decimal("0.001")}
    return Instrument.model_validate(usual | changes)


@pytest.mark.parametrize(
    "changes", [{"tick_size": "0.01"}, {"lot_size": "0.01"}, {"instrument_id": 2}, {"settlement_asset": "USDC"}]
)
def test_another_identity_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    """Tick, lot, number and asset give what is on disk its meaning; the message names what was changed."""
    check_listing(tmp_path, (instrument(),))
    before = (tmp_path / "instruments.json").read_text()
    with pytest.raises(ConfigError, match=f"BTCUSDT: {next(iter(changes))} was"):
        check_listing(tmp_path, (instrument(**changes),))
    assert (tmp_path / "instruments.json").read_text() == before


def test_limits_and_new_symbols_may_come(tmp_path: Path) -> None:
    """0.10 is 0.1; limits are logged commands; a removed symbol comes back as what it was, or not at all."""
    check_listing(tmp_path, (instrument(),))
    other = instrument(symbol="ETHUSDT", instrument_id=2)
    check_listing(tmp_path, (instrument(tick_size="0.10", open_orders_max=5), other))
    check_listing(tmp_path, (other,))
    check_listing(tmp_path, (instrument(),))
    with pytest.raises(ConfigError, match="instrument_id 1 is BTCUSDT's"):
        check_listing(tmp_path, (instrument(symbol="SOLUSDT"),))

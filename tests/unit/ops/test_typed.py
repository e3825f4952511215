"""What the command line makes of what people type."""

from decimal import Decimal

import pytest

from tidegate.ops import status as view
from tidegate.ops.command_line import to_ticks, to_units
from tidegate.ops.config import load
from tidegate.ops.errors import RequestError
from tidegate.ops.instrument_commands import checked, parse_changes, rescaled
from tidegate.ops.market_commands import steps_to_open
from tidegate.ops.order_commands import account_key, shown_time, to_ns
from tidegate.v1 import types_pb2

BTC = load().instruments[0]


def test_amounts_are_exact() -> None:
    """In 1e-8 of the asset."""
    assert to_units("1000.5") == 1000_50000000
    assert to_units("-0.00000001") == -1
    assert to_units("92233720368.54775807") == (1 << 63) - 1


@pytest.mark.parametrize("amount", ["x", "", "nan", "inf", "0.000000001", "1e999999999", "92233720368.54775808"])
def test_what_is_no_amount_is_refused_in_one_line(amount: str) -> None:
    """Also what Decimal itself overflows on, and what has no room in a message."""
    with pytest.raises(RequestError, match="is not an amount"):
        to_units(amount)


def test_prices_are_on_a_tick() -> None:
    """Whatever way the number is written."""
    assert to_ticks("61500.10", BTC) == to_ticks("6.15001E4", BTC) == 615001
    for price in ("61500.15", "0", "-1", "x", "inf"):
        with pytest.raises(RequestError, match="is not a price of BTCUSDT"):
            to_ticks(price, BTC)


def test_phases_have_their_names() -> None:
    """In any case; another one is refused with those that there are."""
    assert view.phase_number("auction") == types_pb2.PHASE_AUCTION
    assert len(view.PHASES) == 7
    with pytest.raises(RequestError, match="LUNCH is not a phase: HALT, CANCEL_ONLY"):
        view.phase_number("LUNCH")


def test_a_reopening_goes_on_from_where_it_is() -> None:
    """Whoever was interrupted types the same again; what is open, or at its end, is no reopening."""
    whole = steps_to_open("A", types_pb2.PHASE_HALT)
    assert [view.phase_name(each) for each in whole] == ["CANCEL_ONLY", "AUCTION", "OPEN"]
    assert steps_to_open("A", types_pb2.PHASE_CANCEL_ONLY) == whole
    assert steps_to_open("A", types_pb2.PHASE_AUCTION) == whole[1:]
    for phase in (types_pb2.PHASE_OPEN, types_pb2.PHASE_SETTLEMENT):
        with pytest.raises(RequestError, match="not halted"):
            steps_to_open("A", phase)


def test_changes_of_an_instrument_name_the_key_at_fault() -> None:
    """Keys are those of the configuration."""
    assert parse_changes(["open_orders_max=5", "tick_size=0.5"]) == {"open_orders_max": "5", "tick_size": "0.5"}
    changed = checked({**BTC.model_dump(), "tick_size": "0.5"})
    assert changed.tick_size == Decimal("0.5")
    for wrong in ("colour=red", "open_orders_max", "symbol=X"):
        with pytest.raises(RequestError, match="KEY=VALUE is needed"):
            parse_changes([wrong])
    with pytest.raises(RequestError, match="open_orders_max"):
        checked({**BTC.model_dump(), "open_orders_max": "many"})


def test_limits_keep_their_meaning_in_another_tick_and_lot() -> None:
    """A position of 1,000 BTC stays one; what is set with the tick is taken as it is, and no bound is made of none."""
    before = checked({**BTC.model_dump(), "price_min_ticks": 15, "quantity_min_lots": 1, "price_max_ticks": 2_000_005})
    wanted = {"tick_size": "1", "lot_size": "0.0001", "quantity_max_lots": "7"}
    assert rescaled(before, checked({**before.model_dump(), **wanted}), wanted) == {
        "price_min_ticks": 2,
        "price_max_ticks": 200_000,
        "market_quantity_max_lots": 10 * before.market_quantity_max_lots,
        "position_max_lots": 10 * before.position_max_lots,
    }
    assert rescaled(before, checked({**before.model_dump(), "open_orders_max": 3}), ()) == {}
    coarse = checked({**before.model_dump(), "lot_size": "10000"})
    assert rescaled(before, coarse, ())["position_max_lots"] == 1


@pytest.mark.parametrize("asset", ["DOGE", "USDT ", "usdt", ""])
def test_contracts_are_settled_in_a_dollar_token(asset: str) -> None:
    """A typing error in it could never be put right: the asset of a symbol never changes (rule INS-1)."""
    with pytest.raises(RequestError, match="settlement_asset"):
        checked({**BTC.model_dump(), "settlement_asset": asset})


def test_times_are_exact() -> None:
    """UTC unless another zone is said; to the microsecond."""
    assert to_ns("2026-01-31T12:00:00.000001Z") == to_ns("2026-01-31T13:00:00.000001+01:00") == 1769860800000001000
    assert to_ns("2026-01-31T12:00:00") == 1769860800000000000
    assert shown_time(1769860800000001999) == "2026-01-31T12:00:00.000001Z"
    assert shown_time(0) == "-"
    with pytest.raises(RequestError, match="is not a time"):
        to_ns("noon")


def test_an_account_needs_a_key() -> None:
    """A name stands for the key in the configuration; nobody else's is guessed."""
    config = load()
    assert account_key(config, "maker", None) == "demo-maker-key-0"
    assert account_key(config, None, "secret") == "secret"
    with pytest.raises(RequestError, match="no account nobody"):
        account_key(config, "nobody", None)
    with pytest.raises(RequestError, match="an account's API key is needed"):
        account_key(config, None, None)

"""Values that are refused, or are unusual at least."""

from __future__ import annotations

from random import Random

from tests.oracle.records import (
    INT64_MAX,
    INT64_MIN,
    PRICE_MAX,
    QUANTITY_MAX,
    Command,
    OrderType,
    Rules,
    TimeInForce,
)

EXTREMES = (
    *(INT64_MIN, INT64_MIN + 1, -(2**40), -1, 0, 1, PRICE_MAX, PRICE_MAX + 1, QUANTITY_MAX, QUANTITY_MAX + 1),
    *(2**50, 2**62, INT64_MAX - 1, INT64_MAX),
)
ODD = (
    *(("side", v) for v in (0, 3, 255)),
    *(("order_type", v) for v in (0, 8, 255, *OrderType)),
    *(("time_in_force", v) for v in (0, 7, 255, *TimeInForce)),
    *(("stp_mode", v) for v in (6, 255)),
    *(("price", v) for v in EXTREMES),
    *(("quantity", v) for v in EXTREMES),
    *(("trigger_price", v) for v in EXTREMES),
    *(("expiry_ns", v) for v in (INT64_MIN, -1, 1, INT64_MAX)),
    *(("display", v) for v in (INT64_MIN, -1, 1, INT64_MAX)),
    *(("trigger_by", v) for v in (0, 1, 2, 3, 4, 255)),
    *(("callback_bps", v) for v in (1, 5_000, 5_001, 65_535)),
    *(("group", v) for v in (1, 16, 17, 65_535)),
    *(("flags", v) for v in (1, 2, 8, 16, 24, 128, 254, 255)),
    *(("client_order_id", v) for v in (0, 2**64 - 1)),
    *(("account", v) for v in (0, 2**32 - 1)),
    ("stp_group", 2**32 - 1),
)
NUMBERS = (
    *("price_min", "price_max", "quantity_min", "quantity_max", "market_quantity_max", "notional_min"),
    *("tick_lot_value", "position_max"),
)
ODD_RULES = (
    *((name, v) for name in NUMBERS for v in EXTREMES),
    *(("open_orders_max", v) for v in (0, 1, 10_000, 10_001, 2**32 - 1)),
    *(("trigger_orders_max", v) for v in (0, 1, 1_000, 1_001, 2**32 - 1)),
    *(("band_up_bps", v) for v in (1_000_000, 1_000_001, 2**32 - 1)),
    *(("band_down_bps", v) for v in (9_999, 10_000, 2**32 - 1)),
    *(("tick_mantissa", v) for v in (0, 3, 65_535)),
    *(("lot_mantissa", v) for v in (0, 3, 65_535)),
    *(("tick_exponent", v) for v in (-128, -19, -18, 18, 19, 127)),
    *(("lot_exponent", v) for v in (-128, -19, -18, 18, 19, 127)),
    ("reserved", 1),
)


def spoil(command: Command, random: Random) -> None:
    """Gives one field of an order or a quote an odd value."""
    setattr(command, *random.choice(ODD))


def spoil_rules(rules: Rules, random: Random) -> None:
    """Gives one field of a definition an odd value."""
    setattr(rules, *random.choice(ODD_RULES))

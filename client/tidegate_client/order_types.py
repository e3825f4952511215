"""Orders by their names in the field; each is a Place with the terms that make it one (rules ORD-1, ORD-2).

What such an order is by definition can't be given again among the terms: that is a TypeError.
"""

from __future__ import annotations

from typing import Unpack

from tidegate_client.enums import OrderType, Side, TimeInForce, TriggerBy
from tidegate_client.instruments import Price, Quantity
from tidegate_client.placing import OrderTerms, Place, Trigger

_BY = TriggerBy.MARK


def market(symbol: str, side: Side, quantity: Quantity, **terms: Unpack[OrderTerms]) -> Place:
    """A market order: trades what it can at once, the rest expires."""
    terms.setdefault("time_in_force", TimeInForce.IOC)
    return Place(symbol, side, None, quantity, **_with(terms, type=OrderType.MARKET))


def stop(
    symbol: str,
    side: Side,
    price: Price,
    quantity: Quantity,
    trigger_price: Price,
    *,
    by: TriggerBy = _BY,
    **terms: Unpack[OrderTerms],
) -> Place:
    """Becomes a limit order at `price` when the market moves against the side to the trigger price (buy: rises)."""
    made = _with(terms, type=OrderType.STOP, trigger=Trigger(trigger_price, by))
    return Place(symbol, side, price, quantity, **made)


def take_profit(
    symbol: str,
    side: Side,
    price: Price,
    quantity: Quantity,
    trigger_price: Price,
    *,
    by: TriggerBy = _BY,
    **terms: Unpack[OrderTerms],
) -> Place:
    """Becomes a limit order at `price` when the market moves in favour to the trigger price (buy: falls)."""
    made = _with(terms, type=OrderType.TAKE_PROFIT, trigger=Trigger(trigger_price, by))
    return Place(symbol, side, price, quantity, **made)


def stop_market(
    symbol: str,
    side: Side,
    quantity: Quantity | None,
    trigger_price: Price,
    *,
    by: TriggerBy = _BY,
    **terms: Unpack[OrderTerms],
) -> Place:
    """As a stop, but trades at the market. Without a quantity it closes the whole position."""
    made = _with(terms, type=OrderType.STOP_MARKET, trigger=Trigger(trigger_price, by, 0, quantity is None))
    return Place(symbol, side, None, quantity, **made)


def take_profit_market(
    symbol: str,
    side: Side,
    quantity: Quantity | None,
    trigger_price: Price,
    *,
    by: TriggerBy = _BY,
    **terms: Unpack[OrderTerms],
) -> Place:
    """As a take-profit, but trades at the market. Without a quantity it closes the whole position."""
    made = _with(terms, type=OrderType.TAKE_PROFIT_MARKET, trigger=Trigger(trigger_price, by, 0, quantity is None))
    return Place(symbol, side, None, quantity, **made)


def trailing_stop(
    symbol: str,
    side: Side,
    quantity: Quantity | None,
    callback_bps: int,
    *,
    by: TriggerBy = _BY,
    activation_price: Price | None = None,
    **terms: Unpack[OrderTerms],
) -> Place:
    """Follows the best price at `callback_bps` (1e-4 of it) and trades at the market when the price comes back by it.

    Starts at the activation price, or at once without one. Without a quantity it closes the whole position.
    """
    trigger = Trigger(None, by, callback_bps, quantity is None, activation_price)
    made = _with(terms, type=OrderType.TRAILING_STOP, trigger=trigger)
    return Place(symbol, side, None, quantity, **made)


def iceberg(
    symbol: str, side: Side, price: Price, quantity: Quantity, shown: Quantity, **terms: Unpack[OrderTerms]
) -> Place:
    """A limit order that shows `shown` at a time; each slice goes to the back of its level."""
    return Place(symbol, side, price, quantity, **_with(terms, display=shown))


def good_till_date(
    symbol: str, side: Side, price: Price, quantity: Quantity, expires_ns: int, **terms: Unpack[OrderTerms]
) -> Place:
    """A limit order that expires at a time, Unix nanoseconds of the venue's sequenced time."""
    made = _with(terms, time_in_force=TimeInForce.GTD, expire_time_ns=expires_ns)
    return Place(symbol, side, price, quantity, **made)


def _with(terms: OrderTerms, **own: Unpack[OrderTerms]) -> OrderTerms:
    twice = terms.keys() & own.keys()
    if twice:
        raise TypeError(f"{min(twice)} is part of what this order is")
    return {**terms, **own}

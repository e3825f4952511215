"""Messages of a client as the router takes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tidegate.v1 import order_service_pb2 as pb

ALICE, BOB, CAROL = 11, 12, 13
MALFORMED, UNKNOWN_SYMBOL, BUSY, TOO_MANY_ITEMS, MISSING_FIELD, DRAINING = 1, 2, 5, 6, 7, 8  # reasons
MakeVenue = Callable[..., Any]


def place(number: int, symbol: str = "BTCUSDT", **fields: Any) -> pb.Command:
    """A limit order as a batch item."""
    fields = {"side": 1, "type": 1, "time_in_force": 1, "price_ticks": 100, "quantity_lots": 5, **fields}
    return pb.Command(place=pb.PlaceOrderRequest(symbol=symbol, client_order_id=number, **fields))


def cancel(number: int, symbol: str = "BTCUSDT") -> pb.Command:
    """A cancel as a batch item."""
    return pb.Command(cancel=pb.CancelOrderRequest(symbol=symbol, client_order_id=number))


def batch(request_id: int, *items: pb.Command) -> bytes:
    """A TradeRequest."""
    return pb.TradeRequest(request_id=request_id, commands=items).SerializeToString()

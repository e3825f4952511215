"""From wanted changes to commands of the makers' sessions."""

from __future__ import annotations

from collections.abc import Iterable

from tidegate.ops.replay.lanes import Lanes, fill_place
from tidegate.ops.replay.levels import AMEND, PLACE, Change
from tidegate_client import TimeInForce

# Post-only: a maker's order that would trade is a fault of the replay, and is refused instead of done.
_GTX = TimeInForce.GTX.value


async def send_changes(lanes: Lanes, symbol: str, changes: Iterable[Change]) -> None:
    """Write the changes, in order, each for its lane."""
    for kind, lane, client_order_id, side, price, lots in changes:
        command = await lanes.command(lane)
        if kind == PLACE:
            fill_place(command, symbol, (client_order_id, side, _GTX, price, lots))
        elif kind == AMEND:
            amend = command.amend
            amend.symbol, amend.client_order_id, amend.quantity_lots = symbol, client_order_id, lots
        else:
            cancel = command.cancel
            cancel.symbol, cancel.client_order_id = symbol, client_order_id

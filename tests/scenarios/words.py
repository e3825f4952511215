"""What a scenario's author wants to see of an event, in words.

a1 ACCEPTED 5 @ 100, rests                 about an order: lots open, price, whether it is on the book
a1 REDUCED 5 -> 2 @ 110, rests: SELF_TRADE    lots open before and after, and the reason
i1 ACCEPTED 10 @ 100, shows 2, rests       an iceberg
s1 ACCEPTED 5, waits for 105               untriggered (a trailing stop: `waits to activate at 110`)
TRADE 2 @ 100 of b1 with a1                taker, then maker
q1 QUOTED 5 @ 99 / 6 @ 101                 both sides as they are now
AUCTION 9 @ 100, surplus -2                `AUCTION RESULT ...` when it is about to trade
PRICES_SET 100 / 101                       mark / index
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.enums import EventFlag, EventType, OrderStatus, OrderType, Phase, PositionMode, Reason, Side

if TYPE_CHECKING:
    from tests.oracle.records import Event
    from tests.scenarios.language import Names

ABOUT_ORDERS = {
    *(EventType.ACCEPTED, EventType.REJECTED, EventType.RESTED, EventType.CANCELED, EventType.EXPIRED),
    *(EventType.AMENDED, EventType.REDUCED, EventType.ORDER_STATE, EventType.TRIGGERED, EventType.TRAILING_ACTIVATED),
}
COUNTED = (EventType.CANCEL_ALL_DONE, EventType.OPEN_ORDERS_END, EventType.COUNTDOWN_SET)


def in_words(event: Event, names: Names) -> str:
    """One line."""
    kind = EventType(event.type)
    reason = f": {Reason(event.reason).name}" if event.reason else ""
    if kind == EventType.TRADE:
        taker, maker = names.of(event.client_order_id), names.of(event.maker_client_order_id)
        return f"TRADE {event.quantity} @ {event.price} of {taker} with {maker}"
    if kind == EventType.QUOTED:
        bid, ask = f"{event.leaves} @ {event.price}", f"{event.maker_leaves} @ {event.previous_price}"
        return f"{names.of(event.client_order_id)} QUOTED {bid} / {ask}"
    if kind in ABOUT_ORDERS and event.client_order_id:
        return about_order(event, kind, names) + reason
    return about_venue(event, kind) + reason


def about_order(event: Event, kind: EventType, names: Names) -> str:
    """An event about one order, without its reason."""
    was = event.previous_leaves
    lots = f" {was} -> {event.leaves}" if was else f" {event.leaves}" if event.status else ""
    price = f" @ {event.price}" if event.price else ""
    shows = f", shows {event.shown}" if event.shown else ""
    waits = ""
    if event.status == OrderStatus.UNTRIGGERED:
        asleep = event.order_type == OrderType.TRAILING_STOP and not event.trigger_price
        waits = f", waits to activate at {event.activation_price}" if asleep else f", waits for {event.trigger_price}"
    rests = ", rests" if event.flags & EventFlag.ON_BOOK else ""
    again = ", again" if event.flags & EventFlag.DUPLICATE else ""
    return f"{names.of(event.client_order_id)} {kind.name}{lots}{price}{shows}{waits}{rests}{again}"


def about_venue(event: Event, kind: EventType) -> str:
    """Any other event, without its reason."""
    if kind == EventType.DEPTH_LEVEL:
        return f"{Side(event.side).name.lower()} {event.leaves} @ {event.price} in {event.quantity}"
    if kind == EventType.AUCTION:
        result = " RESULT" if event.flags & EventFlag.FINAL else ""
        return f"AUCTION{result} {event.quantity} @ {event.price}, surplus {event.leaves}"
    if kind == EventType.PRICES_SET:
        return f"PRICES_SET {event.price} / {event.quantity}"
    if kind == EventType.PROTECTION:
        return f"PROTECTION {event.group}"
    if kind == EventType.POSITION_MODE_SET:
        return f"POSITION_MODE_SET {PositionMode(event.mode).name}"
    phase = f" {Phase(event.phase).name}" if kind in (EventType.PHASE_CHANGED, EventType.DEPTH_END) else ""
    return f"{kind.name}{phase}{f' {event.quantity}' if kind in COUNTED else ''}"

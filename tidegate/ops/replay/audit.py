"""Nothing acknowledged is missing, nothing is doubled: the client's own record against the venue's."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tidegate_client import Cancel, Client, NotFound, TradingSession

ENDED_CHECKED = 200


@dataclass
class Audit:
    """How many orders were compared, and those that differ, by client order id."""

    open_orders: int = 0
    ended_orders: int = 0
    missing: list[int] = field(default_factory=list)
    doubled: list[int] = field(default_factory=list)
    unexpected: list[int] = field(default_factory=list)
    different: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether everything agrees."""
        return not (self.missing or self.doubled or self.unexpected or self.different)

    def add(self, other: Audit) -> None:
        """Count another account's with it."""
        self.open_orders += other.open_orders
        self.ended_orders += other.ended_orders
        self.missing += other.missing
        self.doubled += other.doubled
        self.unexpected += other.unexpected
        self.different += other.different


async def fence(client: Client, session: TradingSession, symbol: str) -> None:
    """Wait until the session has seen everything up to now, fills by others included.

    Reports come in the order of the log: the refusal of a cancel of no order is behind all of them.
    """
    await session.send([Cancel(symbol, client.next_id())])


async def audit(client: Client, session: TradingSession, symbol: str) -> Audit:
    """Compare open orders, all of them, and the newest ended ones; the session must be settled."""
    result = Audit()
    await fence(client, session, symbol)
    own = {each.client_order_id: each for each in session.orders.open(symbol)}
    listed = await client.open_orders(symbol)
    result.open_orders = len(own)
    times = Counter(each.client_order_id for each in listed)
    result.doubled = [each for each, count in times.items() if count > 1]
    result.missing = sorted(own.keys() - times.keys())
    result.unexpected = sorted(times.keys() - own.keys())
    for venue in listed:
        mine = own.get(venue.client_order_id)
        if mine is None:
            continue
        ours = (mine.order_id, mine.status, mine.price_ticks, mine.quantity_lots, mine.filled_lots, mine.leaves_lots)
        theirs = (
            venue.order_id,
            int(venue.status),
            venue.price_ticks,
            venue.quantity_lots,
            venue.filled_lots,
            venue.leaves_lots,
        )
        if ours != theirs:
            result.different.append(f"{venue.client_order_id}: own record {ours}, venue {theirs}")
    for mine in session.orders.newest_ended(ENDED_CHECKED):
        try:
            order = await client.order(symbol, mine.client_order_id)
        except NotFound:
            result.missing.append(mine.client_order_id)
            continue
        result.ended_orders += 1
        if (order.status, order.filled_lots) != (mine.status, mine.filled_lots):
            result.different.append(f"{mine.client_order_id}: own record {mine!r}, venue {order.status.name}")
    return result

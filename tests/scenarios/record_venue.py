"""The worked examples' venue at the level of records: the oracle and the core side by side."""

from __future__ import annotations

from tests.oracle.records import (
    Command,
    CommandFlag,
    CommandType,
    Event,
    EventType,
    OrderStatus,
    OrderType,
    Reason,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from tests.scenarios.market import Market
from tests.scenarios.worked_examples import Level, Outcome, Place

STATUS = {
    OrderStatus.NEW: "new",
    OrderStatus.PARTIALLY_FILLED: "partially_filled",
    OrderStatus.FILLED: "filled",
    OrderStatus.CANCELED: "cancelled",
    OrderStatus.EXPIRED: "cancelled",
    OrderStatus.REJECTED: "rejected",
}


class RecordVenue:
    """A Market behind the Venue of the worked examples."""

    def __init__(self) -> None:
        self.market = Market()

    async def place(self, order: Place) -> Outcome:
        market = order.price is None
        command = Command(
            CommandType.PLACE,
            account=self.market.names.account(order.user),
            side=Side[order.side.upper()],
            order_type=OrderType.MARKET if market else OrderType.LIMIT,
            time_in_force=TimeInForce[order.time_in_force],
            flags=CommandFlag.COMMAND_REDUCE_ONLY if order.reduce_only else 0,
            client_order_id=self.market.names.client(order.name),
            price=order.price or 0,
            quantity=order.quantity,
            stp_group=order.group,
            stp_mode=SelfTradePrevention[order.stp],
        )
        return self.outcome(self.market.send(command), order.stp)

    async def amend(self, user: str, name: str, price: int | None, quantity: int | None) -> Outcome:
        ids = {"account": self.market.names.account(user), "client_order_id": self.market.names.client(name)}
        return self.outcome(
            self.market.send(Command(CommandType.AMEND, price=price or 0, quantity=quantity or 0, **ids))
        )

    async def cancel(self, user: str, name: str) -> Outcome:
        ids = {"account": self.market.names.account(user), "client_order_id": self.market.names.client(name)}
        return self.outcome(self.market.send(Command(CommandType.CANCEL, **ids)))

    async def depth(self) -> tuple[list[Level], list[Level]]:
        levels = self.market.send(Command(CommandType.QUERY_DEPTH))[:-1]
        bids = [(e.price, e.leaves, e.quantity) for e in levels if e.side == Side.BUY]
        asks = [(e.price, e.leaves, e.quantity) for e in levels if e.side == Side.SELL]
        return bids, asks

    async def position(self, user: str) -> int:
        return self.market.position(user)

    def outcome(self, events: list[Event], stp: str = "DEFAULT") -> Outcome:
        """What the events of one command say of its order, which the first of them is about."""
        subject = events[0].client_order_id, events[0].account
        own = [event for event in events if (event.client_order_id, event.account) == subject]
        last = own[-1]
        outcome = Outcome(STATUS.get(OrderStatus(last.status), "rejected"), last.leaves or last.previous_leaves)
        if last.type == EventType.REJECTED:
            outcome.status, outcome.reason = "rejected", Reason(last.reason).name
        if last.type == EventType.EXPIRED and last.reason == Reason.SELF_TRADE:
            outcome.status = "expired_stp"
        for event in events:
            name = self.market.names.of(event.client_order_id)
            if event.type == EventType.TRADE:
                maker = self.market.names.of(event.maker_client_order_id)
                outcome.fills.append((maker, event.price, event.quantity))
            elif event not in own and stp == "DECREMENT" and event.reason == Reason.SELF_TRADE:
                lots = event.previous_leaves - event.leaves
                outcome.prevented.append((name, lots))
                outcome.left -= lots if last.type == EventType.EXPIRED else 0
            elif event not in own and event.type == EventType.EXPIRED:
                outcome.removed.append((name, Reason(event.reason).name))
        return outcome

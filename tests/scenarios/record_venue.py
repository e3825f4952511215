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
    TriggerBy,
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
        command = Command.of(
            CommandType.PLACE,
            account=self.market.names.account(order.user),
            side=Side[order.side.upper()],
            order_type=OrderType.MARKET if market else OrderType.STOP if order.trigger else OrderType.LIMIT,
            time_in_force=TimeInForce[order.time_in_force],
            flags=CommandFlag.COMMAND_REDUCE_ONLY if order.reduce_only else 0,
            client_order_id=self.market.names.client(order.name),
            price=order.price or 0,
            quantity=order.quantity,
            stp_group=order.group,
            stp_mode=SelfTradePrevention[order.stp],
            display=order.display,
            trigger_price=order.trigger,
            trigger_by=TriggerBy.LAST if order.trigger else TriggerBy.NONE,
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
        ticked = [event for event in events if event.command_type == CommandType.TICK]
        events = [event for event in events if event.command_type != CommandType.TICK]
        subject = events[0].client_order_id, events[0].account
        own = [event for event in events if (event.client_order_id, event.account) == subject]
        last = own[-1]
        left = last.leaves if last.type == EventType.TRADE else last.leaves or last.previous_leaves
        outcome = Outcome(STATUS.get(OrderStatus(last.status), "rejected"), left)
        if last.type == EventType.REJECTED:
            outcome.status, outcome.reason = "rejected", Reason(last.reason).name
        if last.type == EventType.EXPIRED and last.reason == Reason.SELF_TRADE:
            outcome.status = "expired_stp"
        outcome.fills = self.fills(events)
        outcome.triggered = self.triggered(ticked)
        for event in events:
            name = self.market.names.of(event.client_order_id)
            if event in own or event.type == EventType.TRADE:
                continue
            if stp == "DECREMENT" and event.reason == Reason.SELF_TRADE:
                lots = event.previous_leaves - event.leaves
                outcome.prevented.append((name, lots))
                outcome.left -= lots if last.type == EventType.EXPIRED else 0
            elif event.type == EventType.EXPIRED:
                outcome.removed.append((name, Reason(event.reason).name))
        return outcome

    def fills(self, events: list[Event]) -> list[tuple[str, int, int]]:
        """Maker, price and lots of each trade."""
        trades = [event for event in events if event.type == EventType.TRADE]
        return [(self.market.names.of(e.maker_client_order_id), e.price, e.quantity) for e in trades]

    def triggered(self, events: list[Event]) -> list[tuple[str, str, list[tuple[str, int, int]]]]:
        """What became of the orders that the command has set off."""
        found = []
        for start in (event for event in events if event.type == EventType.TRIGGERED):
            own = [event for event in events if event.order_id == start.order_id]
            status = STATUS[OrderStatus(own[-1].status)]
            found.append((self.market.names.of(start.client_order_id), status, self.fills(own)))
        return found

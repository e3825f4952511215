"""The session's own record of its orders and positions, kept from reports (rule ORD-4)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice

from tidegate.v1 import types_pb2
from tidegate_client.enums import OrderStatus, OrderType, PositionSide, ReportKind
from tidegate_client.errors import ProtocolError

_PENDING, _NEW, _PARTIAL = OrderStatus.PENDING_NEW, OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED
_UNTRIGGERED, _TRIGGERED = OrderStatus.UNTRIGGERED, OrderStatus.TRIGGERED
_FILLED, _CANCELED = OrderStatus.FILLED, OrderStatus.CANCELED
_EXPIRED, _REJECTED = OrderStatus.EXPIRED, OrderStatus.REJECTED
_ENDS = frozenset({_FILLED, _CANCELED, _EXPIRED})

# Rule ORD-4: which status may follow which.
TRANSITIONS: dict[int, frozenset[int]] = {
    _PENDING: frozenset({_NEW, _UNTRIGGERED, _REJECTED}),
    _UNTRIGGERED: frozenset({_UNTRIGGERED, _TRIGGERED, _CANCELED, _EXPIRED}),
    _TRIGGERED: frozenset({_TRIGGERED, _NEW, _PARTIAL, _FILLED, _EXPIRED}),
    _NEW: frozenset({_NEW, _PARTIAL, *_ENDS}),
    _PARTIAL: frozenset({_PARTIAL, *_ENDS}),
    _FILLED: frozenset(),
    _CANCELED: frozenset(),
    _EXPIRED: frozenset(),
    _REJECTED: frozenset(),
}

OPEN = frozenset({_PENDING.value, _NEW.value, _PARTIAL.value, _UNTRIGGERED.value, _TRIGGERED.value})
_ENDED = frozenset({_FILLED.value, _CANCELED.value, _EXPIRED.value, _REJECTED.value})
_TRADE, _REJECTED_KIND, _STATE = ReportKind.TRADE.value, ReportKind.REJECTED.value, ReportKind.ORDER_STATE.value
_PLACE_REFUSED = OrderStatus.REJECTED.value
_QUOTE = OrderType.QUOTE.value
_SHORT = PositionSide.SHORT.value
# Reports whose client order id, if any, does not name an order that they are about.
_NOT_ORDERS = frozenset({ReportKind.QUOTED.value, ReportKind.PROTECTION.value, ReportKind.COUNTDOWN_SET.value})


class TrackedOrder:
    """One order as the session knows it; ticks and lots, plain attributes, changed in place by reports. Where a
    trailing stop has moved to, no report tells: ask for the order."""

    __slots__ = (
        "client_order_id",
        "filled_lots",
        "leaves_lots",
        "order_id",
        "price_ticks",
        "quantity_lots",
        "reason",
        "sequence",
        "side",
        "status",
        "symbol",
        "trigger_price_ticks",
        "type",
    )

    def __init__(self, symbol: str, client_order_id: int, status: int = _PENDING.value) -> None:
        self.symbol = symbol
        self.client_order_id = client_order_id
        self.status = status
        self.order_id = self.side = self.price_ticks = self.quantity_lots = 0
        self.filled_lots = self.leaves_lots = self.reason = self.sequence = 0
        self.type = self.trigger_price_ticks = 0

    @property
    def is_open(self) -> bool:
        """Whether it can still trade, or is waiting for its answer."""
        return self.status in OPEN

    def __repr__(self) -> str:
        return (
            f"TrackedOrder({self.symbol} {self.client_order_id} {OrderStatus(self.status).name} "
            f"{self.leaves_lots}/{self.quantity_lots} @ {self.price_ticks})"
        )

    def take(self, report: types_pb2.Report) -> None:
        """As it is after the report."""
        self.status = report.status
        self.order_id, self.side, self.type = report.order_id, report.side, report.type
        self.quantity_lots = report.quantity_lots
        self.filled_lots, self.leaves_lots = report.filled_lots, report.leaves_lots
        self.reason, self.sequence = report.reason, report.sequence
        if report.kind != _TRADE or not self.price_ticks:  # a trade does not repeat the terms
            self.price_ticks = report.price_ticks
        if report.kind != _TRADE:
            self.trigger_price_ticks = report.trigger.price_ticks


def _may_become(before: int, after: int) -> bool:
    """Words that are newer than this client are taken as they come."""
    return after in TRANSITIONS.get(before, (after,)) or after not in TRANSITIONS


class OrderTable:
    """Every open order of the account in the symbols of the session, the newest ended ones, and positions.

    Keys are (symbol, client order id); the sides of quotes are kept apart, by (symbol, quote id, side), while they
    are open. `position_lots` has the position per symbol, in hedge mode that of the LONG leg; `short_lots` that of
    the SHORT leg. Reports must come once each and in order; a transition that rule ORD-4 does not know is a
    ProtocolError.
    """

    def __init__(self, ended_max: int = 10_000) -> None:
        self._orders: dict[tuple[str, int], TrackedOrder] = {}
        self._ended: deque[tuple[str, int]] = deque()
        self._ended_max = ended_max
        self._quotes: dict[tuple[str, int, int], TrackedOrder] = {}
        self.position_lots: dict[str, int] = {}
        self.short_lots: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._orders)

    def get(self, symbol: str, client_order_id: int) -> TrackedOrder | None:
        """The order, if it is known."""
        return self._orders.get((symbol, client_order_id))

    def quote(self, symbol: str, quote_id: int, side: int) -> TrackedOrder | None:
        """One side of a quote, while it is open."""
        return self._quotes.get((symbol, quote_id, side))

    def quotes(self, symbol: str | None = None) -> Iterator[TrackedOrder]:
        """The open sides of quotes."""
        return (each for each in self._quotes.values() if symbol in (None, each.symbol))

    def open(self, symbol: str | None = None) -> Iterator[TrackedOrder]:
        """Orders that can still trade."""
        return (each for each in self._orders.values() if each.status in OPEN and symbol in (None, each.symbol))

    def newest_ended(self, most: int) -> list[TrackedOrder]:
        """The orders that ended last, the newest first."""
        keys = islice(reversed(self._ended), most)
        return [self._orders[key] for key in keys if key in self._orders]

    def sent(self, symbol: str, client_order_id: int) -> None:
        """Note a new order that is on its way."""
        key = (symbol, client_order_id)
        if key not in self._orders:
            self._orders[key] = TrackedOrder(symbol, client_order_id)

    def forget(self, symbol: str, client_order_id: int) -> None:
        """Drop an order that the gateway refused: the engine never saw it."""
        order = self._orders.get((symbol, client_order_id))
        if order is not None and order.status == _PENDING.value:
            del self._orders[symbol, client_order_id]

    def apply(self, report: types_pb2.Report) -> None:
        """Take one report."""
        kind, client_order_id, status = report.kind, report.client_order_id, report.status
        if kind == _TRADE:
            legs = self.short_lots if report.position_side == _SHORT else self.position_lots
            legs[report.symbol] = report.position_lots
        if not client_order_id or not status or kind in _NOT_ORDERS:
            return
        if report.type == _QUOTE:
            self._apply_quote(report)
            return
        if kind == _REJECTED_KIND and (status != _PLACE_REFUSED or not report.order_id or not report.side):
            self._refused(report.symbol, client_order_id)
            return
        key = (report.symbol, client_order_id)
        order = self._orders.get(key)
        if order is None:
            order = self._orders[key] = TrackedOrder(report.symbol, client_order_id, status)
        elif kind == _REJECTED_KIND:
            if order.status != _PENDING.value:
                return  # a refused amend or cancel of an order that was itself refused long ago
        elif kind != _STATE and not _may_become(order.status, status):
            raise ProtocolError(f"{order!r} can't become {OrderStatus(status).name} (sequence {report.sequence})")
        order.take(report)
        if status in _ENDED:
            self._end(key)

    def _apply_quote(self, report: types_pb2.Report) -> None:
        if report.kind == _REJECTED_KIND or not report.side:
            return  # of a cancel or an amend, or of the whole quote: nothing changed
        key = (report.symbol, report.client_order_id, report.side)
        if report.status in _ENDED:
            self._quotes.pop(key, None)
            return
        side = self._quotes.get(key)
        if side is None:
            side = self._quotes[key] = TrackedOrder(report.symbol, report.client_order_id, report.status)
        side.take(report)

    def _refused(self, symbol: str, client_order_id: int) -> None:
        # The id is known with another body, or 0: what was sent under it just now never became an order.
        order = self._orders.get((symbol, client_order_id))
        if order is not None and order.status == _PENDING.value and not order.order_id:
            del self._orders[symbol, client_order_id]

    def _end(self, key: tuple[str, int]) -> None:
        self._ended.append(key)
        if len(self._ended) > self._ended_max:
            self._orders.pop(self._ended.popleft(), None)

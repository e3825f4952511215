"""Which report answers which command: on a live stream, and among reports that were missed."""

from __future__ import annotations

from tidegate.v1 import order_service_pb2, types_pb2
from tidegate_client.commands import id_of
from tidegate_client.enums import OrderStatus, OrderType, Reason, ReportKind, TimeInForce
from tidegate_client.handle import Item
from tidegate_client.orders import OPEN

_ACCEPTED, _REJECTED = ReportKind.ACCEPTED.value, ReportKind.REJECTED.value
_CANCELED, _AMENDED = ReportKind.CANCELED.value, ReportKind.AMENDED.value
_DONE, _STATE = ReportKind.CANCEL_ALL_DONE.value, ReportKind.ORDER_STATE.value
_QUOTED, _PROTECTION = ReportKind.QUOTED.value, ReportKind.PROTECTION.value
_COUNTDOWN_SET = ReportKind.COUNTDOWN_SET.value
_MASS_CANCEL, _BELOW_FILLED = Reason.MASS_CANCEL.value, Reason.AMEND_BELOW_FILLED.value
_USER_REQUEST, _COUNTDOWN = Reason.USER_REQUEST.value, Reason.COUNTDOWN.value
_TRIPPED = Reason.MARKET_MAKER_PROTECTION.value
_NOTHING_TO_AMEND, _ORDER_CLOSED = Reason.NOTHING_TO_AMEND.value, Reason.ORDER_CLOSED.value
_IMMEDIATE = frozenset({TimeInForce.IOC.value, TimeInForce.FOK.value})
_UNTRIGGERED, _REFUSED = OrderStatus.UNTRIGGERED.value, OrderStatus.REJECTED.value
_ORDER_CANCELED = OrderStatus.CANCELED.value
_QUOTE = OrderType.QUOTE.value

# What an item of a message is found by: symbol, what kind of thing, and its number.
Key = tuple[str, str, int]


def is_answer(client_order_id: int, report: types_pb2.Report) -> bool:  # noqa: PLR0911 - a table
    """Whether this report decides its command, and is not only a consequence of it."""
    kind = report.kind
    if kind == _ACCEPTED:
        return report.time_in_force not in _IMMEDIATE or report.status == _UNTRIGGERED
    if kind == _DONE:
        return not report.more
    if kind == _PROTECTION:
        return report.reason != _TRIPPED  # else the command has tripped it
    if kind in (_REJECTED, _AMENDED, _STATE, _COUNTDOWN_SET):
        return True
    if report.maker or (client_order_id and (report.client_order_id != client_order_id or report.type == _QUOTE)):
        return False
    if kind == _CANCELED:
        return report.reason != _MASS_CANCEL
    return report.status not in OPEN


def is_quote_answer(report: types_pb2.Report) -> bool:
    """Whether this report decides a quote."""
    return report.kind in (_QUOTED, _REJECTED)


def is_refusal(report: types_pb2.Report) -> bool:
    """Whether an answer says no."""
    return report.kind == _REJECTED or (report.kind == _STATE and report.status == _REFUSED)


def was_done_before(item: Item, report: types_pb2.Report) -> bool:
    """Whether the refusal of something that was sent twice says that the first has done its work."""
    which = item.WhichOneof("command") if isinstance(item, order_service_pb2.Command) else None
    return (which == "amend" and report.reason == _NOTHING_TO_AMEND) or (
        which == "cancel" and report.reason == _ORDER_CLOSED and report.status == _ORDER_CANCELED
    )


def key_of(item: Item) -> Key:
    """What the item is found by; orders by the client's number, without one by the negated venue's."""
    if isinstance(item, order_service_pb2.Quote):
        return item.symbol, "quote", item.quote_id
    which = item.WhichOneof("command")
    if which == "cancel_all":
        return item.cancel_all.symbol, which, 0
    if which == "set_countdown":
        return item.set_countdown.symbol, which, 0
    if which == "reset_protection":
        return item.reset_protection.symbol, which, item.reset_protection.protection_group
    order_id = item.amend.order_id if which == "amend" else item.cancel.order_id
    return symbol_of(item), "order", id_of(item) or -order_id


def keys_of(report: types_pb2.Report) -> tuple[Key, ...]:
    """Keys of the items that a report may be about."""
    symbol, kind = report.symbol, report.kind
    if kind == _DONE:
        return ((symbol, "cancel_all", 0),)
    if kind == _COUNTDOWN_SET:
        return ((symbol, "set_countdown", 0),)
    if kind == _PROTECTION:
        return ((symbol, "reset_protection", report.protection_group),)
    if report.type == _QUOTE or kind == _QUOTED:
        return (symbol, "quote", report.client_order_id), (symbol, "order", -report.order_id)
    return (symbol, "order", report.client_order_id), (symbol, "order", -report.order_id)


def symbol_of(item: Item) -> str:
    """Symbol of an item."""
    if isinstance(item, order_service_pb2.Quote):
        return item.symbol
    which = item.WhichOneof("command")
    if which == "replace":
        return item.replace.place.symbol
    return getattr(item, which).symbol if which else ""


def causes(item: Item, report: types_pb2.Report) -> bool:  # noqa: PLR0911 - a table
    """Whether `report` is the first that such an item would cause."""
    kind = report.kind
    if isinstance(item, order_service_pb2.Quote):
        return _quote_causes(item, report)
    which = item.WhichOneof("command")
    about_place = report.status == _REFUSED and bool(report.side)
    if which in ("place", "replace"):
        return kind in (_ACCEPTED, _STATE) or (kind == _REJECTED and about_place)
    if which == "cancel":
        return (kind == _CANCELED and report.reason == _USER_REQUEST) or (kind == _REJECTED and not about_place)
    if which == "amend":
        return _amend_causes(item.amend, report, about_place)
    if which == "set_countdown":
        return report.reason != _COUNTDOWN and report.countdown_ms == item.set_countdown.countdown_ms
    if which == "reset_protection":
        return report.reason == _USER_REQUEST
    return kind == _DONE


def _amend_causes(amend: order_service_pb2.AmendOrderRequest, report: types_pb2.Report, about_place: bool) -> bool:
    if report.kind == _CANCELED:
        return report.reason == _BELOW_FILLED
    if report.kind == _AMENDED:
        return (
            amend.price_ticks in (0, report.price_ticks)
            and amend.trigger_price_ticks in (0, report.trigger.price_ticks)
            and (not amend.quantity_lots or report.quantity_lots <= amend.quantity_lots)
        )
    return report.kind == _REJECTED and not about_place


def _quote_causes(quote: order_service_pb2.Quote, report: types_pb2.Report) -> bool:
    """Its end is told last, so that is what it is known by; a quote of other prices is another one."""
    if report.kind == _REJECTED:
        return report.price_ticks == quote.bid_price_ticks and report.quantity_lots == quote.bid_quantity_lots
    if report.kind != _QUOTED:
        return False
    state = report.quote
    return _side_fits(
        state.bid_leaves_lots, state.bid_price_ticks, quote.bid_quantity_lots, quote.bid_price_ticks
    ) and (_side_fits(state.ask_leaves_lots, state.ask_price_ticks, quote.ask_quantity_lots, quote.ask_price_ticks))


def _side_fits(leaves: int, price: int, wanted: int, wanted_price: int) -> bool:
    return leaves <= wanted and (not leaves or price == wanted_price)

"""From the reports about an order to the order as it was after the last of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tidegate.v1 import order_service_pb2, types_pb2
from tidegate.wire.native import encode_reports, history_events

Report = types_pb2.Report
_ENDS = (types_pb2.REPORT_KIND_REJECTED, types_pb2.REPORT_KIND_CANCELED, types_pb2.REPORT_KIND_EXPIRED)


def reports_of(packed: Sequence[bytes], account: int, symbol: tuple[int, str], order_id: int) -> list[Report]:
    """What the account was told of one order, oldest first."""
    encoded = encode_reports(history_events(list(packed)), account, [symbol], 0)
    # Every response with reports has them in field 1.
    found = order_service_pb2.TradeResponse.FromString(encoded).reports
    return [report for report in found if report.order_id == order_id]


def order_after(reports: Iterable[Report]) -> types_pb2.Order:
    """The order as it was after these; nothing is known of what they do not say."""
    order = types_pb2.Order()
    for report in reports:
        if not order.order_id:
            _begin(order, report)
        order.status = report.status
        order.reason = report.reason if report.kind in _ENDS else types_pb2.REASON_UNSPECIFIED
        order.quantity_lots, order.filled_lots = report.quantity_lots, report.filled_lots
        order.leaves_lots = report.leaves_lots
        order.sequence, order.updated_time_ns = report.sequence, report.engine_time_ns
        if report.kind != types_pb2.REPORT_KIND_TRADE:  # a trade's reports tell the price traded at
            order.price_ticks = report.price_ticks
            if report.HasField("trigger"):
                order.trigger.CopyFrom(report.trigger)
    return order


def _begin(order: types_pb2.Order, report: Report) -> None:
    order.symbol, order.order_id, order.client_order_id = report.symbol, report.order_id, report.client_order_id
    order.side, order.type, order.time_in_force = report.side, report.type, report.time_in_force
    order.price_ticks, order.reduce_only = report.price_ticks, report.reduce_only
    order.self_trade_prevention, order.self_trade_group = report.self_trade_prevention, report.self_trade_group
    order.expire_time_ns, order.display_lots = report.expire_time_ns, report.display_lots
    order.position_side, order.protection_group = report.position_side, report.protection_group
    order.created_time_ns = report.engine_time_ns

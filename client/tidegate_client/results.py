"""From the reports of an answer to what became of each command."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from tidegate.v1 import order_service_pb2, types_pb2
from tidegate_client.answers import is_refusal
from tidegate_client.enums import Outcome, Reason, ReportKind
from tidegate_client.instruments import Instrument
from tidegate_client.types import CommandResult, Order, Report

InstrumentOf = Callable[[str], Instrument]


def result_of(reports: Iterable[types_pb2.Report], client_order_id: int, instrument_of: InstrumentOf) -> CommandResult:
    """Of one command; `client_order_id` 0: it has none."""
    rows = list(reports)
    own = [each for each in rows if not client_order_id or each.client_order_id == client_order_id]
    refused = next((each for each in own if is_refusal(each)), None)
    return CommandResult(
        outcome=Outcome.NOT_APPLIED if refused else Outcome.APPLIED,
        reason=Reason(refused.reason) if refused else Reason.UNSPECIFIED,
        reports=tuple(Report.from_wire(each, instrument_of(each.symbol)) for each in rows),
        sequence=rows[-1].sequence if rows else 0,
        client_order_id=client_order_id,
    )


def results_of(
    reports: Iterable[types_pb2.Report],
    refusals: Iterable[types_pb2.Refusal],
    ids: Sequence[int],
    instrument_of: InstrumentOf,
) -> list[CommandResult]:
    """Of the commands, or quotes, of one message, in their order."""
    rows: list[list[types_pb2.Report]] = [[] for _ in ids]
    for report in reports:
        rows[report.item].append(report)
    results = [result_of(each, ids[item], instrument_of) for item, each in enumerate(rows)]
    for refusal in refusals:
        results[refusal.item] = refused(refusal, ids[refusal.item])
    return results


def refused(refusal: types_pb2.Refusal, client_order_id: int = 0) -> CommandResult:
    """What the gateway has not let in."""
    return CommandResult(
        Outcome(refusal.outcome),
        Reason(refusal.reason),
        retry_delay_s=refusal.retry_delay_ms / 1000,
        client_order_id=client_order_id,
    )


def amends(request: order_service_pb2.AmendOrderRequest, report: Report) -> bool:
    """Whether the report is of such an amend."""
    order = report.order
    if report.kind is ReportKind.CANCELED:
        return order.reason is Reason.AMEND_BELOW_FILLED
    return (
        report.kind is ReportKind.AMENDED
        and request.price_ticks in (0, order.price_ticks)
        and request.trigger_price_ticks in (0, order.trigger_price_ticks)
        and (not request.quantity_lots or order.quantity_lots <= request.quantity_lots)
    )


def found(order: Order) -> CommandResult:
    """The answer to a request that had been carried out before it was sent again."""
    report = Report(ReportKind.ORDER_STATE, order, 0, 0, 0, 0, 0, 0, 0, duplicate=True)
    return CommandResult(
        Outcome.APPLIED, reports=(report,), sequence=order.sequence, client_order_id=order.client_order_id
    )

"""Conversion, the error tree, the order table, public streams, templates."""

from __future__ import annotations

from decimal import Decimal

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from tidegate.v1 import market_data_service_pb2 as pb
from tidegate.v1 import order_service_pb2, types_pb2
from tidegate_client import (
    BUY,
    Busy,
    ClientOrderIds,
    CommandResult,
    Instrument,
    Lots,
    OrderStatus,
    Outcome,
    Place,
    ProtocolError,
    Reason,
    Rejected,
    Report,
    Ticks,
)
from tidegate_client.orders import OrderTable
from tidegate_client.position import StreamPlace
from tidegate_client.rpc import error_of
from tidegate_client.template import BatchTemplate
from tidegate_client.varint import padded_varint

BTC = Instrument("BTCUSDT", 1, Decimal("0.1"), Decimal("0.001"), "USDT", 1, 2**31 - 1, 1, 10**9, 10**8, 0, 10**4, 200)


@pytest.mark.parametrize(
    ("price", "ticks"), [("61000.5", 610_005), (Decimal("0.1"), 1), (7, 70), (Ticks(7), 7), ("1E+3", 10_000)]
)
def test_prices_on_the_grid(price: object, ticks: int) -> None:
    """Decimal, text and whole numbers are the quote currency; Ticks are ticks."""
    assert BTC.to_ticks(price) == ticks
    assert BTC.price(ticks) * 10 == ticks


@pytest.mark.parametrize("price", ["0.05", Decimal("61000.01"), "NaN", "Infinity", "", "1e-30"])
def test_prices_off_the_grid(price: object) -> None:
    """Refused with the tick in the message; nothing is rounded."""
    with pytest.raises(ValueError, match="not on a tick"):
        BTC.to_ticks(price)


def test_floats_are_refused() -> None:
    """0.1 + 0.2 is not a price."""
    with pytest.raises(TypeError, match="float"):
        BTC.to_lots(0.1)
    assert BTC.to_lots(Lots(3)) == 3


def test_ids_of_a_later_start_are_larger() -> None:
    """Ids fit 64 bits and do not come twice."""
    ids = ClientOrderIds()
    first, second = ids(), ids()
    assert 0 < first < second < 2**64
    assert ClientOrderIds(5)() == 5


def test_template_equals_the_ordinary_encoding() -> None:
    """Any protobuf reader takes the padded numbers."""
    template = BatchTemplate([Place("BTCUSDT", BUY, Ticks(1), Lots(1))] * 3, lambda symbol: BTC)
    template.set(1, 2**64 - 1, price_ticks=2**31 - 1, quantity_lots=2**40)
    request = order_service_pb2.TradeRequest.FromString(template.encoded())
    expected = order_service_pb2.PlaceOrderRequest(
        symbol="BTCUSDT",
        client_order_id=2**64 - 1,
        side=types_pb2.SIDE_BUY,
        type=types_pb2.ORDER_TYPE_LIMIT,
        time_in_force=types_pb2.TIME_IN_FORCE_GTC,
        price_ticks=2**31 - 1,
        quantity_lots=2**40,
    )
    assert request.commands[1].place == expected
    assert template.ids == [0, 2**64 - 1, 0]
    with pytest.raises(ValueError, match="does not fit"):
        padded_varint(2**35, 5)


class Failure(grpc.RpcError):
    """A call that failed."""

    def __init__(self, code: grpc.StatusCode, *details: object) -> None:
        self._code = code
        self._status = status_pb2.Status(code=code.value[0], message="no")
        for each in details:
            self._status.details.add().Pack(each)

    def code(self) -> grpc.StatusCode:
        """As gRPC's."""
        return self._code

    def details(self) -> str:
        """As gRPC's."""
        return "no"

    def trailing_metadata(self) -> tuple[tuple[str, bytes], ...]:
        """As gRPC's."""
        if not self._status.details:
            return ()
        return (("grpc-status-details-bin", self._status.SerializeToString()),)


def test_errors_carry_what_the_venue_says() -> None:
    """google.rpc details are read: reason, outcome, sequence, delay."""
    info = error_details_pb2.ErrorInfo(
        reason="VENUE_BUSY", domain="tidegate", metadata={"outcome": "NOT_APPLIED", "sequence": "17"}
    )
    retry = error_details_pb2.RetryInfo()
    retry.retry_delay.FromMilliseconds(1250)
    error = error_of(Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, info, retry))
    assert type(error) is Busy
    assert (error.reason, error.outcome, error.retry_delay_s, error.sequence) == (
        Reason.VENUE_BUSY,
        Outcome.NOT_APPLIED,
        1.25,
        17,
    )


def test_errors_follow_reason_then_code() -> None:
    """A transport failure is ConnectionLost; a market rule is Rejected."""
    assert type(error_of(Failure(grpc.StatusCode.UNAVAILABLE))).__name__ == "ConnectionLost"
    info = error_details_pb2.ErrorInfo(reason="POST_ONLY_WOULD_CROSS", domain="tidegate")
    assert type(error_of(Failure(grpc.StatusCode.FAILED_PRECONDITION, info))) is Rejected


def test_an_unknown_word_keeps_its_number() -> None:
    """A newer venue's reason does not break an older client."""
    assert Reason(12_345) == 12_345
    assert Reason(12_345).name == "UNKNOWN_12345"


def report(**changes: object) -> types_pb2.Report:
    """A report about one buy."""
    base = {"symbol": "BTCUSDT", "client_order_id": 1, "order_id": 5, "side": 1, "sequence": 5, "leaves_lots": 3}
    return types_pb2.Report(**{**base, **changes})


def test_an_illegal_transition_is_loud() -> None:
    """Rule ORD-4 is a table: a canceled order does not trade."""
    table = OrderTable()
    table.apply(report(kind=types_pb2.REPORT_KIND_ACCEPTED, status=types_pb2.ORDER_STATUS_NEW))
    table.apply(report(kind=types_pb2.REPORT_KIND_CANCELED, status=types_pb2.ORDER_STATUS_CANCELED, sequence=6))
    assert not list(table.open())
    with pytest.raises(ProtocolError, match="can't become PARTIALLY_FILLED"):
        table.apply(report(kind=types_pb2.REPORT_KIND_TRADE, status=types_pb2.ORDER_STATUS_PARTIALLY_FILLED))


def test_ended_orders_are_bounded() -> None:
    """The newest stay."""
    table = OrderTable(ended_max=2)
    for number in range(1, 6):
        table.apply(
            report(kind=types_pb2.REPORT_KIND_EXPIRED, status=types_pb2.ORDER_STATUS_EXPIRED, client_order_id=number)
        )
    assert [each.client_order_id for each in table.newest_ended(9)] == [5, 4]
    assert len(table) == 2


def test_a_trade_with_oneself_is_two_reports() -> None:
    """Both sides have one sequence and index; a repetition of either is dropped."""
    place = StreamPlace({"BTCUSDT": 4})
    both = [report(maker=False), report(maker=True)]
    assert [place.is_new(each) for each in both + both] == [True, True, False, False]
    assert not place.is_new(report(sequence=4))
    assert place.resume_after() == {"BTCUSDT": 4}, "the newest command may have more"


async def test_depth_starts_over_after_a_gap(client, market_data) -> None:
    """A delta that does not follow leads to another connection and its snapshot."""
    level = pb.DepthLevel(price_ticks=10, quantity_lots=1)
    first = pb.StreamDepthResponse(snapshot=pb.DepthSnapshot(symbol="BTCUSDT", sequence=1, bids=[level]))
    gap = pb.StreamDepthResponse(delta=pb.DepthDelta(first_sequence=4, last_sequence=4, previous_sequence=3))
    gone = pb.DepthLevel(price_ticks=10, quantity_lots=0)
    delta = pb.StreamDepthResponse(
        delta=pb.DepthDelta(first_sequence=5, last_sequence=6, previous_sequence=5, bids=[gone])
    )
    again = pb.StreamDepthResponse(snapshot=pb.DepthSnapshot(symbol="BTCUSDT", sequence=5, bids=[level]))
    market_data.depth = [[first, gap], [again, delta]]
    seen = []
    async for book in client.depth_stream("BTCUSDT", verify=False):
        seen.append((book.sequence, dict(book.bids)))
        if book.sequence == 6:
            break
    assert seen == [(1, {10: 1}), (5, {10: 1}), (6, {})]


async def test_trades_come_once_across_a_lost_connection(client, market_data) -> None:
    """It resumes after the last trade."""
    trades = [pb.Trade(trade_id=number, price_ticks=1, quantity_lots=1, sequence=number) for number in range(1, 5)]
    market_data.trades = [trades[:2], trades[2:]]
    seen = []
    async for trade in client.trade_stream("BTCUSDT"):
        seen.append(trade.trade_id)
        if len(seen) == 4:
            break
    assert seen == [1, 2, 3, 4]
    assert market_data.trade_requests == [0, 2]


def test_a_filled_order_keeps_the_price_that_it_was_sent_with() -> None:
    """A trade's report tells the trade's price; the order's is in an earlier one."""
    accepted = report(kind=types_pb2.REPORT_KIND_ACCEPTED, status=types_pb2.ORDER_STATUS_NEW, price_ticks=1000)
    filled = report(kind=types_pb2.REPORT_KIND_TRADE, status=types_pb2.ORDER_STATUS_FILLED, last_price_ticks=999)
    reports = tuple(Report.from_wire(each, BTC) for each in (accepted, filled))
    order = CommandResult(Outcome.APPLIED, reports=reports, client_order_id=1).order
    assert order is not None
    assert (order.price_ticks, order.status) == (1000, OrderStatus.FILLED)


def test_the_average_price_is_that_of_the_commands_own_order() -> None:
    """Weighted by lots, over what it took; what it met of the same account is another order."""
    trade = {"kind": types_pb2.REPORT_KIND_TRADE, "status": types_pb2.ORDER_STATUS_FILLED}
    rows = [
        report(order_id=9, last_price_ticks=1000, last_quantity_lots=3, **trade),
        report(order_id=9, last_price_ticks=1004, last_quantity_lots=1, **trade),
        report(order_id=5, client_order_id=2, last_price_ticks=1004, last_quantity_lots=1, maker=True, **trade),
    ]
    result = CommandResult(
        Outcome.APPLIED, reports=tuple(Report.from_wire(each, BTC) for each in rows), client_order_id=1
    )
    assert result.average_price == BTC.price(1001)
    accepted = report(kind=types_pb2.REPORT_KIND_ACCEPTED, status=types_pb2.ORDER_STATUS_NEW, order_id=9)
    waits = CommandResult(Outcome.APPLIED, reports=(Report.from_wire(accepted, BTC),), client_order_id=1)
    assert waits.average_price is None

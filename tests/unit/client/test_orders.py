"""The session's own record: every transition of rule ORD-4, quotes apart from orders, legs apart from each other."""

from __future__ import annotations

import pytest

from tidegate.v1 import types_pb2
from tidegate_client import ProtocolError
from tidegate_client.orders import OrderTable

KINDS = {name.removeprefix("REPORT_KIND_"): number for name, number in types_pb2.ReportKind.items()}
STATUS = {name.removeprefix("ORDER_STATUS_"): number for name, number in types_pb2.OrderStatus.items()}
BTC = "BTCUSDT"


def report(kind: str, status: str, **changes: object) -> types_pb2.Report:
    """About one buy."""
    base = {"symbol": BTC, "client_order_id": 1, "order_id": 5, "side": 1, "sequence": 5, "type": 1}
    return types_pb2.Report(**{**base, "kind": KINDS[kind], "status": STATUS[status], **changes})


@pytest.mark.rule("ORD-4")
def test_a_stop_order_from_waiting_to_its_end() -> None:
    """Its trigger price is followed."""
    table = OrderTable()
    table.sent(BTC, 1)
    steps = [
        ("ACCEPTED", "UNTRIGGERED", 700),
        ("AMENDED", "UNTRIGGERED", 710),
        ("TRAILING_ACTIVATED", "UNTRIGGERED", 720),
        ("TRIGGERED", "TRIGGERED", 730),
        ("REDUCED", "TRIGGERED", 730),
        ("RESTED", "NEW", 730),
        ("TRADE", "PARTIALLY_FILLED", 730),
        ("EXPIRED", "EXPIRED", 730),
    ]
    order = table.get(BTC, 1)
    for kind, status, price in steps:
        told = types_pb2.Trigger(price_ticks=price if kind != "TRADE" else 0)
        table.apply(report(kind, status, trigger=told))
        assert (order.status, order.trigger_price_ticks) == (STATUS[status], price)
        assert order.is_open == (status != "EXPIRED")


@pytest.mark.rule("ORD-4")
@pytest.mark.parametrize(
    ("before", "kind", "after"),
    [
        (("ACCEPTED", "UNTRIGGERED"), "TRADE", "PARTIALLY_FILLED"),
        (("TRIGGERED", "TRIGGERED"), "CANCELED", "CANCELED"),
        (("ACCEPTED", "NEW"), "TRIGGERED", "TRIGGERED"),
        (("TRADE", "FILLED"), "AMENDED", "NEW"),
    ],
)
def test_what_the_table_does_not_know_is_loud(before: tuple[str, str], kind: str, after: str) -> None:
    """Each of these would be a mistake of the venue."""
    table = OrderTable()
    table.apply(report(*before))
    with pytest.raises(ProtocolError):
        table.apply(report(kind, after))


def test_a_status_from_the_future_is_taken() -> None:
    """And left again."""
    table = OrderTable()
    table.apply(report("ACCEPTED", "NEW"))
    table.apply(types_pb2.Report(symbol=BTC, client_order_id=1, order_id=5, side=1, kind=99, status=88))
    assert table.get(BTC, 1).status == 88
    table.apply(report("CANCELED", "CANCELED"))
    assert not table.get(BTC, 1).is_open


@pytest.mark.rule("ORD-11")
def test_quotes_are_kept_by_side_and_apart_from_orders() -> None:
    """The same number as an order's; an ended side is gone, and a new one may come under the key."""
    table = OrderTable()
    table.apply(report("ACCEPTED", "NEW", leaves_lots=1))
    for side in (1, 2):
        table.apply(report("ACCEPTED", "NEW", type=8, side=side, leaves_lots=10 * side, order_id=9))
    assert [table.quote(BTC, 1, side).leaves_lots for side in (1, 2)] == [10, 20]
    assert table.get(BTC, 1).leaves_lots == 1
    table.apply(types_pb2.Report(symbol=BTC, kind=KINDS["QUOTED"], type=8, client_order_id=1, order_id=9))
    table.apply(types_pb2.Report(symbol=BTC, kind=KINDS["REJECTED"], type=8, client_order_id=1))
    table.apply(report("TRADE", "FILLED", type=8, order_id=9, position_lots=10))
    assert table.quote(BTC, 1, 1) is None
    table.apply(report("ACCEPTED", "NEW", type=8, leaves_lots=3, order_id=12))
    assert [each.leaves_lots for each in table.quotes(BTC)] == [20, 3]
    assert len(list(table.open())) == 1
    assert table.position_lots == {BTC: 10}


@pytest.mark.rule("ORD-13")
def test_positions_by_leg() -> None:
    """The SHORT leg does not move the other."""
    table = OrderTable()
    table.apply(report("TRADE", "FILLED", position_side=1, position_lots=4))
    table.apply(report("TRADE", "FILLED", position_side=2, position_lots=-3, client_order_id=2))
    assert (table.position_lots, table.short_lots) == ({BTC: 4}, {BTC: -3})


def test_a_trade_leaves_the_orders_price_alone() -> None:
    """Its report tells the maker's, or none: an order keeps the price that it has on the book."""
    table = OrderTable()
    for kind, status, price in (("ACCEPTED", "NEW", 1000), ("TRADE", "PARTIALLY_FILLED", 0), ("TRADE", "FILLED", 0)):
        table.apply(report(kind, status, price_ticks=price))
        order = table.get("BTCUSDT", 1)
        assert order is not None
        assert order.price_ticks == 1000
    table.apply(report("TRADE", "PARTIALLY_FILLED", client_order_id=2, price_ticks=99, maker=True))
    order = table.get("BTCUSDT", 2)
    assert order is not None
    assert order.price_ticks == 99, "nothing else is known of it"

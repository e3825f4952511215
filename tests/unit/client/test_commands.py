"""Every field of every command as it goes to the venue, and the classes of what comes back."""

from __future__ import annotations

import pytest

from tests.unit.client.conftest import SYMBOL, instrument
from tidegate.v1 import order_service_pb2 as orders
from tidegate.v1 import types_pb2
from tidegate_client import (
    BUY,
    SELL,
    Amend,
    Busy,
    CancelAll,
    CancelScope,
    ClientOrderIds,
    Instrument,
    Invalid,
    Lots,
    NotFound,
    Order,
    OrderType,
    Place,
    PositionSide,
    Quote,
    RateLimited,
    Reason,
    Replace,
    Report,
    ReportKind,
    ResetProtection,
    SelfTradePrevention,
    SetCountdown,
    Ticks,
    TimeInForce,
    Trigger,
    TriggerBy,
    Unavailable,
    good_till_date,
    iceberg,
    market,
    stop,
    stop_market,
    take_profit,
    take_profit_market,
    trailing_stop,
)
from tidegate_client.commands import write_commands
from tidegate_client.errors import class_of
from tidegate_client.quoting import write_quotes

BTC = Instrument.from_wire(instrument())


def written(command: object) -> orders.Command:
    """The one command of a message."""
    request = orders.TradeRequest()
    write_commands(request, [command], lambda symbol: BTC, ClientOrderIds(77))
    return request.commands[0]


def test_every_field_of_a_new_order() -> None:
    """None is left out, none is mixed up: each has a value of its own."""
    order = Place(
        SYMBOL,
        SELL,
        "100.5",
        "0.070",
        OrderType.STOP,
        TimeInForce.GTD,
        client_order_id=9,
        reduce_only=True,
        self_trade_prevention=SelfTradePrevention.DECREMENT,
        self_trade_group=11,
        trigger=Trigger("99.9", TriggerBy.INDEX, 12, True, "98.7"),
        expire_time_ns=13,
        display="0.007",
        position_side=PositionSide.SHORT,
        protection_group=14,
    )
    expected = orders.PlaceOrderRequest(
        symbol=SYMBOL,
        side=2,
        type=3,
        time_in_force=5,
        price_ticks=1005,
        quantity_lots=70,
        client_order_id=9,
        reduce_only=True,
        self_trade_prevention=5,
        self_trade_group=11,
        trigger=types_pb2.Trigger(
            price_ticks=999, by=3, callback_bps=12, activation_price_ticks=987, close_position=True
        ),
        expire_time_ns=13,
        display_lots=7,
        position_side=2,
        protection_group=14,
    )
    assert {field.name for field, _ in expected.ListFields()} == set(orders.PlaceOrderRequest.DESCRIPTOR.fields_by_name)
    assert written(order).place == expected
    replaced = written(Replace(5, order, 6, True)).replace
    assert replaced == orders.ReplaceOrderRequest(
        cancel_client_order_id=5, cancel_order_id=6, place=expected, place_if_cancel_fails=True
    )


def test_the_other_commands() -> None:
    """Amends of the trigger price, scopes, countdown, reset; a new order's number is drawn, in a replace too."""
    assert written(Amend(SYMBOL, 1, trigger_price="5")).amend.trigger_price_ticks == 50
    everything = CancelAll(SYMBOL, BUY, CancelScope.GROUP, 3)
    assert written(everything).cancel_all == orders.CancelAllRequest(symbol=SYMBOL, side=1, scope=1, protection_group=3)
    assert written(SetCountdown(SYMBOL, 5)).set_countdown.countdown_ms == 5
    assert written(ResetProtection(SYMBOL, 2)).reset_protection.protection_group == 2
    assert written(Replace(1, Place(SYMBOL, BUY, 1, 1))).replace.place.client_order_id == 77


@pytest.mark.parametrize(
    ("order", "type_", "terms"),
    [
        (market(SYMBOL, BUY, 1), 2, {"time_in_force": 2}),
        (stop(SYMBOL, BUY, 2, 1, 3), 3, {"price_ticks": 20}),
        (stop_market(SYMBOL, BUY, 1, 3, by=TriggerBy.LAST), 4, {}),
        (take_profit(SYMBOL, BUY, 2, 1, 3), 5, {"price_ticks": 20}),
        (take_profit_market(SYMBOL, SELL, None, 3), 6, {"quantity_lots": 0}),
        (trailing_stop(SYMBOL, SELL, 1, 50, activation_price=4), 7, {"quantity_lots": 1000}),
        (iceberg(SYMBOL, BUY, 2, 1, "0.1"), 1, {"display_lots": 100}),
        (good_till_date(SYMBOL, BUY, 2, 1, 99), 1, {"time_in_force": 5, "expire_time_ns": 99}),
    ],
)
def test_orders_by_their_names(order: Place, type_: int, terms: dict[str, int]) -> None:
    """Each is the type that it says, with the trigger that goes with it."""
    message = written(order).place
    assert message.type == type_
    assert {name: getattr(message, name) for name in terms} == terms
    assert message.HasField("trigger") == (type_ in (3, 4, 5, 6, 7))
    assert message.trigger.close_position == (order.quantity is None)
    if type_ == 7:
        assert (message.trigger.callback_bps, message.trigger.activation_price_ticks) == (50, 40)
    with pytest.raises(TypeError, match="part of what this order is"):
        market(SYMBOL, BUY, 1, type=OrderType.LIMIT)


def test_quotes() -> None:
    """None withdraws a side."""
    message = orders.MassQuoteRequest()
    quotes = [Quote(SYMBOL, 8, Ticks(1), Lots(2), Ticks(3), Lots(4)), Quote(SYMBOL, 9, None, None, "1", "1")]
    ids = write_quotes(message, quotes, lambda symbol: BTC, time_in_force=TimeInForce.GTX, protection_group=5)
    assert ids == [8, 9]
    assert (message.time_in_force, message.protection_group) == (4, 5)
    first, second = message.quotes
    assert first == orders.Quote(
        symbol=SYMBOL, quote_id=8, bid_price_ticks=1, bid_quantity_lots=2, ask_price_ticks=3, ask_quantity_lots=4
    )
    assert second == orders.Quote(symbol=SYMBOL, quote_id=9, ask_price_ticks=10, ask_quantity_lots=1000)


def test_reports_with_words_from_the_future() -> None:
    """Numbers that this client does not know keep their value; nothing raises."""
    report = types_pb2.Report(kind=200, status=99, type=98, trigger=types_pb2.Trigger(by=97, price_ticks=5))
    decoded = Report.from_wire(report, BTC)
    assert (decoded.kind, decoded.order.status, decoded.order.type, decoded.order.trigger_by) == (200, 99, 98, 97)
    assert decoded.kind is not ReportKind.TRADE
    assert decoded.order.trigger_price_ticks == 5
    order = types_pb2.Order(display_lots=3, created_time_ns=4, protection_group=6, position_side=1, expire_time_ns=7)
    told = Order.from_wire(order, BTC)
    assert (told.display_lots, told.created_time_ns, told.protection_group) == (3, 4, 6)
    assert (told.position_side, told.expire_time_ns) == (PositionSide.LONG, 7)


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (Reason.RATE_LIMITED, RateLimited),
        (Reason.ORDER_TO_TRADE, RateLimited),
        (Reason.TOO_MANY_CONNECTIONS, Busy),
        (Reason.HISTORY_UNAVAILABLE, Unavailable),
        (Reason.DELISTED, NotFound),
        (Reason.INVALID_TRIGGER, Invalid),
        (Reason.QUOTE_CROSSED, Invalid),
    ],
)
def test_refusals_by_class(reason: Reason, kind: type) -> None:
    """A rate that was passed is Busy too: whoever waits and tries again needs no other case."""
    assert class_of(reason) is kind
    assert issubclass(RateLimited, Busy)

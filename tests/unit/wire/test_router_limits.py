"""Limits of a key and an account at the router (rules LIM-2, LIM-3)."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate.v1 import order_service_pb2 as pb
from tidegate.wire.native import LimitSpec
from tidegate.wire.records import Command, CommandType, EventType, Reason

ALICE, BOB = 11, 12
SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
KEY = 2**64 - 5


def open_limited(venue: Any, **limits: int) -> int:
    """A stream of ALICE with these limits."""
    venue.router.limiter(KEY, LimitSpec(**limits))
    session: int = venue.router.open_session(ALICE, events=True, limiter=KEY)
    return session


def orders(*numbers: int, **fields: Any) -> list[pb.Command]:
    """Orders as batch items."""
    return [
        pb.Command(place=pb.PlaceOrderRequest(symbol="BTCUSDT", client_order_id=each, **fields)) for each in numbers
    ]


def cancels(*numbers: int) -> list[pb.Command]:
    """Cancels as batch items."""
    return [pb.Command(cancel=pb.CancelOrderRequest(symbol="BTCUSDT", client_order_id=each)) for each in numbers]


def send(venue: Any, session: int, now_ns: int, *items: pb.Command) -> int:
    """How many of one message's commands went in."""
    accepted: int = venue.router.submit(session, pb.TradeRequest(commands=items).SerializeToString(), now_ns)
    venue.btc.take()
    return accepted


def refusals(venue: Any, session: int) -> list[tuple[int, int]]:
    """(reason, delay) of what was refused."""
    return [(each.reason, each.retry_delay_ms) for each in venue.output(session).refusals]


def test_orders_per_second_are_limited_item_by_item(venue: Any) -> None:
    """What is over is refused until the next second, with the delay until then; cancels have their own allowance."""
    session = open_limited(venue, orders_second=2, cancels_second=3)
    now = START + 300_000_000
    assert send(venue, session, now, *orders(1, 2, 3), *cancels(1, 2, 3, 4)) == 2 + 3
    assert refusals(venue, session) == [(Reason.RATE_LIMITED, 700), (Reason.RATE_LIMITED, 700)]
    assert send(venue, session, START + SECOND - 1, *orders(4)) == 0
    assert refusals(venue, session) == [(Reason.RATE_LIMITED, 1)]
    assert send(venue, session, START + SECOND, *orders(4, 5, 6)) == 2


def test_orders_in_ten_seconds_leave_one_by_one(venue: Any) -> None:
    """Ten buckets of a second: the delay is the time until enough of them have passed."""
    session = open_limited(venue, orders_ten_seconds=3)
    assert send(venue, session, START, *orders(1)) == 1
    assert send(venue, session, START + 4 * SECOND, *orders(2, 3, 4)) == 2
    assert refusals(venue, session) == [(Reason.RATE_LIMITED, 6000)]
    assert send(venue, session, START + 10 * SECOND, *orders(5, 6)) == 1
    assert refusals(venue, session) == [(Reason.RATE_LIMITED, 4000)]
    assert send(venue, session, START + 30 * SECOND, *orders(7, 8, 9)) == 3


def test_messages_are_limited_and_their_items_refused(venue: Any) -> None:
    """Calls and queries count too; a call is told its delay."""
    session = open_limited(venue, messages_second=2)
    assert send(venue, session, START, *orders(1)) == 1
    assert send(venue, session, START, *orders(2)) == 1
    assert send(venue, session, START, *orders(3, 4)) == 0
    assert refusals(venue, session) == [(Reason.RATE_LIMITED, 1000)] * 2
    caller = venue.router.open_session(ALICE, events=False, limiter=KEY)
    lookup = pb.GetOrderRequest(symbol="BTCUSDT", order_id=1).SerializeToString()
    late = START + SECOND // 2
    assert venue.router.submit_one(caller, CommandType.QUERY_ORDER, lookup, late) == Reason.RATE_LIMITED
    assert venue.router.retry_delay_ms(caller) == 500
    assert venue.router.submit_one(caller, CommandType.QUERY_ORDER, lookup, START + SECOND) == 0
    assert venue.router.retry_delay_ms(caller) == 0


@pytest.mark.rule("LIM-2")
def test_whoever_has_used_up_his_messages_may_still_get_out(venue: Any) -> None:
    """Cancels of every kind come in, as items and as calls, as far as their own allowance goes; the rest does not."""
    session = open_limited(venue, messages_second=1, cancels_second=5)
    assert send(venue, session, START, *orders(1)) == 1
    assert send(venue, session, START, *orders(2), *cancels(1, 2)) == 2
    assert refusals(venue, session) == [(Reason.RATE_LIMITED, 1000)]
    caller = venue.router.open_session(ALICE, events=False, limiter=KEY)
    cancel_all = pb.CancelAllRequest(symbol="BTCUSDT").SerializeToString()
    everywhere = pb.CancelAllRequest().SerializeToString()
    lookup = pb.GetOrderRequest(symbol="BTCUSDT", order_id=1).SerializeToString()
    assert venue.router.submit_one(caller, CommandType.QUERY_ORDER, lookup, START) == Reason.RATE_LIMITED
    for message in (cancel_all, everywhere, cancel_all):
        assert venue.router.submit_one(caller, CommandType.CANCEL_ALL, message, START) == Reason.NONE
    assert venue.router.submit_one(caller, CommandType.CANCEL_ALL, cancel_all, START) == Reason.RATE_LIMITED
    assert venue.router.retry_delay_ms(caller) == 1000


def test_quotes_that_only_withdraw_are_cancels(venue: Any) -> None:
    """Every other quote counts as an order."""
    session = open_limited(venue, orders_second=1, cancels_second=1)
    message = pb.TradeRequest()
    for number, lots in ((1, 5), (2, 5), (3, 0), (4, 0)):
        message.mass_quote.quotes.add(symbol="BTCUSDT", quote_id=number, ask_quantity_lots=lots)
    assert venue.router.submit(session, message.SerializeToString(), START) == 2
    assert [each.item for each in venue.output(session).refusals] == [1, 3]


def test_a_key_has_one_allowance_over_all_of_its_sessions(venue: Any) -> None:
    """Sessions of one key share it; changed limits apply at once and forget nothing; another key has its own."""
    first = open_limited(venue, orders_second=2)
    second = venue.router.open_session(ALICE, events=True, limiter=KEY)
    assert send(venue, first, START, *orders(1)) + send(venue, second, START, *orders(2, 3)) == 2
    venue.router.limiter(KEY, LimitSpec(orders_second=3))
    assert send(venue, first, START, *orders(4, 5)) == 1
    venue.router.limiter(1, LimitSpec(orders_second=1))
    other = venue.router.open_session(ALICE, events=True, limiter=1)
    assert send(venue, other, START, *orders(6)) == 1
    with pytest.raises(ValueError, match="no limits"):
        venue.router.open_session(ALICE, events=True, limiter=2)


def test_the_state_of_the_limits_is_in_every_answer(venue: Any) -> None:
    """Reports and refusals of the session's own; not what others have caused. Calls ask for it."""
    session = open_limited(venue, orders_second=5, orders_ten_seconds=9, cancels_second=6, messages_second=7)
    venue.router.submit(session, pb.TradeRequest(commands=orders(1, 2) + cancels(1)).SerializeToString(), START)
    for command in venue.btc.take():
        venue.btc.accept(command)
    venue.router.poll(100)
    message = pb.TradeResponse.FromString(venue.router.take(session, START + 1))
    assert (len(message.reports), message.sent_time_ns) == (3, START + 1)
    state = message.limits
    assert (state.orders_second, state.orders_second_max) == (2, 5)
    assert (state.orders_ten_seconds, state.orders_ten_seconds_max) == (2, 9)
    assert (state.cancels_second, state.cancels_second_max, state.messages_second, state.messages_second_max) == (
        1,
        6,
        1,
        7,
    )
    venue.btc.accept(Command(type=1, account=ALICE, client_order_id=9))
    venue.router.poll(100)
    assert not pb.TradeResponse.FromString(venue.router.take(session, START + 1)).HasField("limits")
    later = pb.TradeResponse.FromString(venue.router.limits(session, START + SECOND)).limits
    assert (later.orders_second, later.orders_ten_seconds, later.cancels_second) == (0, 2, 0)
    send(venue, session, START + SECOND, *orders(3, 4, 5, 6, 7, 8))
    assert pb.TradeResponse.FromString(venue.router.take(session, START + SECOND)).limits.orders_second == 5
    free = venue.router.open_session(ALICE, events=False)
    assert venue.router.limits(free, START) == b""


def test_orders_without_trades_are_refused(venue: Any) -> None:
    """LIM-3: judged from a minimum on; cancels and reduce-only orders are not refused, trades make room."""
    session = open_limited(venue, order_to_trade_percent=300, order_to_trade_minimum=4, order_to_trade_window_s=60)
    assert send(venue, session, START, *orders(1, 2, 3, 4)) == 4
    assert send(venue, session, START, *orders(5)) == 0
    assert refusals(venue, session) == [(Reason.ORDER_TO_TRADE, 60_000)]
    assert send(venue, session, START, *cancels(1), *orders(6, reduce_only=True)) == 2
    state = pb.TradeResponse.FromString(venue.router.limits(session, START)).limits
    assert (state.order_to_trade_percent, state.order_to_trade_percent_max) == (500, 300)
    command = Command(type=CommandType.PLACE, account=BOB)
    venue.btc.publish(venue.btc.event(command, EventType.TRADE, maker_account=ALICE, time_ns=START))
    venue.btc.publish(venue.btc.event(command, EventType.TRADE, maker_account=ALICE, time_ns=START))
    venue.router.poll(100)
    assert send(venue, session, START + 1, *orders(7)) == 1
    assert send(venue, session, START + 61 * SECOND, *orders(8, 9, 10)) == 3
    state = pb.TradeResponse.FromString(venue.router.limits(session, START + 61 * SECOND)).limits
    assert state.order_to_trade_percent == 0


def test_a_clock_that_goes_back_shuts_nobody_out(venue: Any) -> None:
    """A little: the second stands still. Far: counting starts anew."""
    session = open_limited(venue, orders_second=1, orders_ten_seconds=2)
    assert send(venue, session, START, *orders(1)) == 1
    assert send(venue, session, START - 2 * SECOND, *orders(2)) == 0
    assert send(venue, session, START - 1000 * SECOND, *orders(3)) == 1


def test_a_key_that_floods_leaves_the_reserved_room_to_others(make_venue: Any) -> None:
    """With 1,024 unanswered commands of its sessions a key's cancels take no reserved room; another key's do."""
    venue = make_venue(capacity=2048, high_water=1024)
    venue.router.limiter(KEY, LimitSpec())
    venue.router.limiter(KEY + 1, LimitSpec())
    sessions = [venue.router.open_session(ALICE, events=True, limiter=KEY) for _ in range(8)]
    message = pb.TradeRequest(commands=cancels(*range(1, 151))).SerializeToString()
    accepted = [venue.router.submit(session, message, START) for session in sessions]
    assert sum(accepted) == 1024
    victim = venue.router.open_session(BOB, events=True, limiter=KEY + 1)
    assert venue.router.submit(victim, message, START) == 150
    for session in sessions:  # what was unanswered goes with its session
        venue.router.close_session(session)
    again = venue.router.open_session(ALICE, events=True, limiter=KEY)
    assert venue.router.submit(again, message, START) == 150

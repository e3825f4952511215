"""What comes out of the router: who is told what, and how a slow or lost reader recovers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.wire.router_kit import ALICE, BOB, UNKNOWN_SYMBOL, MakeVenue, batch, place
from tidegate.v1 import account_service_pb2 as accounts
from tidegate.v1 import order_service_pb2 as pb
from tidegate.v1 import types_pb2 as types
from tidegate.wire.records import Command, CommandType, EventType, Phase

ON_BOOK, DUPLICATE = 2, 4


def trade(venue: Any, taker: Command, maker_account: int, **fields: int) -> Any:
    """A TRADE event of five lots at 100."""
    more = {"order_id": 50, "price": 100, "quantity": 5, "filled": 5, "side": 1, "trade_id": 1, "position": 5}
    more |= {"maker_account": maker_account, "maker_order_id": 40, "maker_client_order_id": 4, "maker_filled": 5}
    return venue.btc.event(taker, EventType.TRADE, **{**more, "maker_position": -5, "maker_leaves": 0, **fields})


def test_streams_get_all_of_their_account_and_callers_their_own(venue: Any) -> None:
    """Two streams and a caller of one account, a stream of another: each report goes where it belongs."""
    router = venue.router
    stream, other_stream = router.open_session(ALICE, events=True), router.open_session(ALICE, events=True)
    caller, stranger = router.open_session(ALICE, events=False), router.open_session(BOB, events=True)
    router.submit(stream, batch(7, place(1)), 1)
    assert router.submit_one(caller, CommandType.PLACE, place(2).place.SerializeToString(), 1) == 0
    for command in venue.btc.take():
        venue.btc.accept(command)
    assert sorted(router.poll(100)) == sorted([stream, other_stream, caller])
    reports = {each: venue.output(each).reports for each in (stream, other_stream, caller, stranger)}
    assert [(each.client_order_id, each.request_id) for each in reports[stream]] == [(1, 7), (2, 0)]
    assert [(each.client_order_id, each.request_id) for each in reports[other_stream]] == [(1, 0), (2, 0)]
    assert [each.client_order_id for each in reports[caller]] == [2]
    assert not reports[stranger]
    assert router.answer(caller) == (EventType.ACCEPTED, 0, 2, 2)
    assert (router.outstanding(stream), router.outstanding(caller)) == (0, 0)


def test_a_trade_is_told_to_both_sides_as_each_may_see_it(venue: Any) -> None:
    """The taker's stream gets the taker's view, the maker's the maker's; the caller who caused it only its own."""
    router = venue.router
    taker, maker = router.open_session(ALICE, events=True), router.open_session(BOB, events=True)
    caller = router.open_session(ALICE, events=False)
    router.submit_one(caller, CommandType.PLACE, place(2).place.SerializeToString(), 1)
    (command,) = venue.btc.take()
    accepted = venue.btc.event(command, EventType.ACCEPTED, order_id=50)
    reduced = venue.btc.event(command, EventType.REDUCED, account=BOB, client_order_id=4, flags=ON_BOOK)
    venue.btc.publish(accepted, trade(venue, command, BOB), reduced)
    router.poll(100)
    seen = {each: venue.output(each).reports for each in (taker, maker, caller)}
    assert [(each.kind, each.order_id, each.maker, each.side) for each in seen[taker]] == [
        (1, 50, False, 0),
        (3, 50, False, 1),
    ]
    assert [(each.kind, each.order_id, each.maker, each.side) for each in seen[maker]] == [
        (3, 40, True, 2),
        (8, 0, False, 0),
    ]
    assert [each.kind for each in seen[caller]] == [1, 3]
    assert router.answer(caller)[0] == EventType.ACCEPTED


def test_a_trade_with_oneself_is_told_twice(venue: Any) -> None:
    """Self-trade prevention NONE: both sides of the trade are the account's own."""
    stream = venue.router.open_session(ALICE, events=True)
    caller = venue.router.open_session(ALICE, events=False)
    venue.router.submit_one(caller, CommandType.PLACE, place(2).place.SerializeToString(), 1)
    (command,) = venue.btc.take()
    venue.btc.publish(trade(venue, command, ALICE))
    venue.router.poll(100)
    for session in (stream, caller):
        assert [each.maker for each in venue.output(session).reports] == [False, True]


def test_queries_are_answered_to_who_asked(venue: Any) -> None:
    """GetOrder and ListOpenOrders: Orders in field 1, the end of the page in answer(); streams see nothing."""
    router = venue.router
    stream, caller = router.open_session(ALICE, events=True), router.open_session(ALICE, events=False)
    lookup = pb.GetOrderRequest(symbol="BTCUSDT", order_id=5).SerializeToString()
    assert router.submit_one(caller, CommandType.QUERY_ORDER, lookup, 1) == 0
    (command,) = venue.btc.take()
    state = venue.btc.event(
        command, EventType.ORDER_STATE, order_id=5, status=2, price=100, quantity=7, filled=2, leaves=5
    )
    venue.btc.publish(state, numbered=False)
    assert router.poll(100) == [caller]
    order = pb.GetOrderResponse.FromString(router.take(caller, 99)).order
    assert (order.symbol, order.order_id, order.status, order.leaves_lots) == ("BTCUSDT", 5, types.ORDER_STATUS_NEW, 5)

    page = accounts.ListOpenOrdersRequest(symbol="BTCUSDT", page_size=2, page_token="8").SerializeToString()
    assert router.submit_one(caller, CommandType.QUERY_OPEN_ORDERS, page, 1) == 0
    (command,) = venue.btc.take()
    assert (command.quantity, command.order_id) == (2, 8)
    rows = [venue.btc.event(command, EventType.ORDER_STATE, order_id=each) for each in (9, 12)]
    venue.btc.publish(
        *rows, venue.btc.event(command, EventType.OPEN_ORDERS_END, quantity=2, order_id=12), numbered=False
    )
    assert router.poll(100) == [caller]
    orders = accounts.ListOpenOrdersResponse.FromString(router.take(caller, 99)).orders
    assert [each.order_id for each in orders] == [9, 12]
    assert router.answer(caller) == (EventType.OPEN_ORDERS_END, 0, 0, 12)
    assert venue.output(stream) == pb.TradeResponse()


def test_an_answer_without_output_is_told(venue: Any) -> None:
    """NOT_FOUND gives no bytes, but the waiting call is woken, once."""
    caller = venue.router.open_session(ALICE, events=False)
    lookup = pb.GetOrderRequest(symbol="BTCUSDT", order_id=5).SerializeToString()
    venue.router.submit_one(caller, CommandType.QUERY_ORDER, lookup, 1)
    (command,) = venue.btc.take()
    venue.btc.publish(venue.btc.event(command, EventType.NOT_FOUND), numbered=False)
    assert venue.router.poll(100) == [caller]
    assert venue.router.take(caller, 99) == b""
    assert venue.router.answer(caller)[0] == EventType.NOT_FOUND
    assert venue.router.poll(100) == []


def test_a_repeated_request_is_answered_as_a_report(venue: Any) -> None:
    """ORDER_STATE of a PLACE (a known client order id) goes the way of other events."""
    stream, caller = venue.router.open_session(ALICE, events=True), venue.router.open_session(ALICE, events=False)
    venue.router.submit_one(caller, CommandType.PLACE, place(2).place.SerializeToString(), 1)
    (command,) = venue.btc.take()
    venue.btc.publish(venue.btc.event(command, EventType.ORDER_STATE, flags=DUPLICATE, status=5))
    venue.router.poll(100)
    for session in (stream, caller):
        (report,) = venue.output(session).reports
        assert (report.kind, report.duplicate, report.status) == (types.REPORT_KIND_ORDER_STATE, True, 5)


def test_a_change_of_phase_is_the_venues(venue: Any) -> None:
    """The operator's command carries account 0; the operator and every stream are told."""
    operator, stream = venue.router.open_session(1, events=False), venue.router.open_session(BOB, events=True)
    assert venue.router.submit_phase(operator, "DOGE", Phase.HALT, 1) == UNKNOWN_SYMBOL
    assert venue.router.submit_phase(operator, "BTCUSDT", Phase.HALT, 1) == 0
    (command,) = venue.btc.take()
    assert (command.type, command.account, command.phase, command.reason) == (CommandType.SET_PHASE, 0, Phase.HALT, 209)
    venue.btc.publish(venue.btc.event(command, EventType.PHASE_CHANGED, phase=Phase.HALT, reason=209))
    assert sorted(venue.router.poll(100)) == sorted([operator, stream])
    for session in (operator, stream):
        (report,) = venue.output(session).reports
        assert (report.kind, report.symbol, report.phase) == (types.REPORT_KIND_PHASE_CHANGED, "BTCUSDT", Phase.HALT)
    assert venue.router.answer(operator) == (EventType.PHASE_CHANGED, 209, 1, 0)
    assert venue.router.submit_phase(operator, "BTCUSDT", -1, 1) == 0
    (command,) = venue.btc.take()
    assert command.phase == 255
    venue.btc.publish(venue.btc.event(command, EventType.REJECTED, reason=120))
    assert venue.router.poll(100) == [operator]


def test_answers_for_sessions_that_are_gone_are_nobodys(make_venue: MakeVenue) -> None:
    """A closed session's answer reaches neither its slot's next owner nor another gateway's session."""
    venue = make_venue(sessions_max=1)
    first = venue.router.open_session(ALICE, events=False)
    assert venue.router.open_session(ALICE, events=False) == 0
    venue.router.submit_one(first, CommandType.PLACE, place(1).place.SerializeToString(), 1)
    venue.router.close_session(first)
    second = venue.router.open_session(ALICE, events=False)
    assert second != first
    assert second >> 12 == first >> 12
    for command in venue.btc.take():
        venue.btc.accept(command)
    assert venue.router.poll(100) == []
    with pytest.raises(RuntimeError):
        venue.router.take(first, 1)
    other = make_venue(gateway_id=63).router.open_session(ALICE, events=False)
    assert (first >> 24, other >> 24) == (1, 63)


def test_an_answer_for_another_account_is_kept_back(venue: Any) -> None:
    """Should an origin come back with another account's event, the session learns nothing of it."""
    caller = venue.router.open_session(ALICE, events=False)
    stray = Command(type=1, account=BOB, origin=caller, client_order_id=6)
    venue.btc.accept(stray)
    query = Command(type=CommandType.QUERY_ORDER, account=BOB, origin=caller)
    venue.btc.publish(venue.btc.event(query, EventType.ORDER_STATE), numbered=False)
    venue.router.poll(100)
    assert venue.router.take(caller, 1) == b""


def test_a_commands_events_are_handed_out_together(venue: Any) -> None:
    """A command that lies in two batches of the ring waits for its end; positions move by whole commands."""
    stream = venue.router.open_session(ALICE, events=True)
    command = Command(type=1, account=ALICE, client_order_id=1)
    venue.btc.accept(command)
    parts = [venue.btc.event(command, EventType.ACCEPTED, order_id=2), trade(venue, command, BOB)]
    for index, part in enumerate(parts):
        part.sequence, part.index = 2, index
    parts[1].flags |= 128
    venue.btc.writer.publish(parts[0].pack())
    assert venue.router.poll(100) == [stream]
    assert [each.sequence for each in venue.output(stream).reports] == [1]
    assert venue.router.positions() == [("BTCUSDT", 1), ("ETHUSDT", 0)]
    venue.btc.writer.publish(parts[1].pack())
    venue.router.poll(100)
    assert [each.kind for each in venue.output(stream).reports] == [1, 3]
    assert venue.router.positions_sent(stream) == [("BTCUSDT", 2), ("ETHUSDT", 0)]


def test_take_splits_between_commands_only(make_venue: MakeVenue) -> None:
    """Small messages: each ends with a whole command, and positions_sent follows what was handed out."""
    venue = make_venue(event_capacity=1024)
    stream = venue.router.open_session(ALICE, events=True)
    for number in range(1, 101):
        command = Command(type=1, account=ALICE, client_order_id=number)
        venue.btc.publish(venue.btc.event(command, EventType.ACCEPTED), trade(venue, command, BOB))
    assert venue.router.poll(1000) == [stream]
    seen: list[int] = []
    messages = 0
    while raw := venue.router.take(stream, 5, 600):
        message = pb.TradeResponse.FromString(raw)
        assert message.sent_time_ns == 5
        assert len(message.reports) % 2 == 0
        seen += [each.sequence for each in message.reports]
        assert dict(venue.router.positions_sent(stream))["BTCUSDT"] == seen[-1]
        messages += 1
    assert seen == [each for number in range(1, 101) for each in (number, number)]
    assert messages > 3


def test_a_held_session_waits_for_its_release(venue: Any) -> None:
    """While a stream catches up from the journal its live output gathers, and begins where positions() said."""
    venue.btc.accept(Command(type=1, account=ALICE, client_order_id=1))
    venue.router.poll(100)
    stream = venue.router.open_session(ALICE, events=True, held=True)
    assert venue.router.positions() == [("BTCUSDT", 1), ("ETHUSDT", 0)]
    venue.btc.accept(Command(type=1, account=ALICE, client_order_id=2))
    assert venue.router.poll(100) == []
    assert venue.router.take(stream, 1) == b""
    venue.router.release(stream)
    assert not venue.router.idle()
    assert venue.router.poll(100) == [stream]
    assert [each.client_order_id for each in venue.output(stream).reports] == [2]


def test_a_slow_reader_overflows_alone(make_venue: MakeVenue) -> None:
    """Output past the bound is dropped from a whole command on; what went out before is a place to resume."""
    venue = make_venue(output_bytes_max=4096, event_capacity=1024)
    slow, quick = venue.router.open_session(ALICE, events=True), venue.router.open_session(ALICE, events=True)
    for number in range(1, 201):
        venue.btc.accept(Command(type=1, account=ALICE, client_order_id=number))
        venue.router.poll(100)
        assert [each.client_order_id for each in venue.output(quick).reports] == [number]
    assert (venue.router.overflowed(slow), venue.router.overflowed(quick)) == (True, False)
    kept = [each.sequence for each in venue.output(slow).reports]
    assert kept == list(range(1, len(kept) + 1))
    assert 0 < len(kept) < 100
    assert venue.router.positions_sent(slow) == [("BTCUSDT", len(kept)), ("ETHUSDT", 0)]
    venue.router.close_session(slow)


def test_a_session_that_got_nothing_resumes_where_it_started(venue: Any) -> None:
    """positions_sent before any output: the positions at opening, so that resuming misses nothing."""
    for number in (1, 2):
        venue.eth.accept(Command(type=1, account=BOB, client_order_id=number))
    venue.router.poll(100)
    stream = venue.router.open_session(ALICE, events=True)
    venue.eth.accept(Command(type=1, account=BOB, client_order_id=3))
    venue.router.poll(100)
    assert venue.router.positions_sent(stream) == [("BTCUSDT", 0), ("ETHUSDT", 2)]


def test_a_lapped_router_goes_on_from_the_journal(make_venue: MakeVenue) -> None:
    """Nothing is lost or doubled over a lap: feed() what the ring no longer holds, then rejoin()."""
    venue = make_venue(event_capacity=16)
    stream = venue.router.open_session(ALICE, events=True)
    journal = []

    def accept(number: int) -> None:
        command = Command(type=1, account=ALICE, client_order_id=number)
        venue.btc.accept(command)
        event = venue.btc.event(command, EventType.ACCEPTED, sequence=number, flags=128)
        journal.append(event.pack())

    accept(1)
    venue.router.poll(100)
    for number in range(2, 31):
        accept(number)
    venue.eth.accept(Command(type=1, account=ALICE, client_order_id=900))
    venue.router.poll(100)
    assert venue.router.lapped() == [("BTCUSDT", 1)]
    assert [each.client_order_id for each in venue.output(stream).reports] == [1, 900]
    assert not venue.router.rejoin("BTCUSDT")
    with pytest.raises(ValueError, match="gap"):
        venue.router.feed("BTCUSDT", b"".join(journal[5:10]))
    assert venue.router.feed("BTCUSDT", b"".join(journal[:27])) == [stream]
    assert venue.router.rejoin("BTCUSDT")
    assert venue.router.lapped() == []
    venue.router.poll(100)
    assert [each.client_order_id for each in venue.output(stream).reports] == list(range(2, 31))
    with pytest.raises(RuntimeError):
        venue.router.feed("BTCUSDT", journal[0])


def test_a_gap_in_the_ring_is_not_passed_over(venue: Any) -> None:
    """A ring that does not go on where it ended is treated as a lap, never skipped in silence."""
    stream = venue.router.open_session(ALICE, events=True)
    venue.btc.accept(Command(type=1, account=ALICE, client_order_id=1))
    venue.btc.sequence = 4
    venue.btc.accept(Command(type=1, account=ALICE, client_order_id=5))
    venue.router.poll(100)
    assert venue.router.lapped() == [("BTCUSDT", 1)]
    assert [each.sequence for each in venue.output(stream).reports] == [1]


def test_events_published_again_are_told_once(venue: Any) -> None:
    """A restarted engine may publish its last batch again: what was routed is passed over."""
    stream = venue.router.open_session(ALICE, events=True)
    for _ in range(2):
        venue.btc.sequence = 0
        venue.btc.accept(Command(type=1, account=ALICE, client_order_id=1))
    venue.router.poll(100)
    assert len(venue.output(stream).reports) == 1

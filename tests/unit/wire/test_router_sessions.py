"""The router's sessions: cancel on disconnect, drop copies, quotes, verdicts, commands for all symbols."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.wire.router_kit import ALICE, BOB, CAROL, MakeVenue, place
from tidegate.v1 import order_service_pb2 as pb
from tidegate.wire.records import CancelScope, Command, CommandFlag, CommandType, EventType, Phase, Reason

OWNED = CommandFlag.COMMAND_CANCEL_ON_DISCONNECT


def batch(*items: pb.Command, quotes: int = 0) -> bytes:
    """A TradeRequest with quotes in ETHUSDT."""
    message = pb.TradeRequest(request_id=8, commands=items)
    for number in range(1, quotes + 1):
        message.mass_quote.quotes.add(symbol="ETHUSDT", quote_id=number, bid_quantity_lots=1)
    return message.SerializeToString()


def done(shard: Any, command: Command, more: int = 0) -> None:
    """CANCEL_ALL_DONE, the only event."""
    shard.publish(shard.event(command, EventType.CANCEL_ALL_DONE, leaves=more))


def test_what_a_session_places_belongs_to_it(venue: Any) -> None:
    """Orders, replacements and quotes of a session with cancel-on-disconnect carry the flag; nobody else's do."""
    session = venue.router.open_session(ALICE, events=True, cancel_on_disconnect=True)
    replace = pb.Command(replace=pb.ReplaceOrderRequest(cancel_order_id=1, place=place(3).place))
    cancel = pb.Command(cancel=pb.CancelOrderRequest(symbol="BTCUSDT", order_id=1))
    assert venue.router.submit(session, batch(place(1), replace, cancel, quotes=2), 1) == 5
    assert [each.flags & OWNED for each in venue.btc.take()] == [OWNED, OWNED, 0]
    quotes = venue.eth.take()
    assert [(each.flags & OWNED, each.item, each.request_id) for each in quotes] == [(OWNED, 3, 8), (OWNED, 4, 8)]
    other = venue.router.open_session(ALICE, events=True)
    venue.router.submit(other, batch(place(4)), 1)
    assert [each.flags for each in venue.btc.take()] == [0]


def test_a_lost_session_cancels_where_it_has_placed(venue: Any) -> None:
    """CANCEL_ALL of the session's scope, behind its own commands, only in the symbols that it has used."""
    session = venue.router.open_session(ALICE, events=True, cancel_on_disconnect=True)
    venue.router.submit(session, batch(place(1)), 1)
    venue.router.disconnect(session)
    venue.router.close_session(session)
    order, cancel = venue.btc.take()
    assert (order.type, cancel.type, cancel.scope) == (CommandType.PLACE, CommandType.CANCEL_ALL, CancelScope.SESSION)
    assert (cancel.account, cancel.order_id, cancel.origin, cancel.symbol) == (ALICE, session, 0, 3)
    assert venue.eth.take() == []
    quiet = venue.router.open_session(ALICE, events=True)
    venue.router.submit(quiet, batch(place(2)), 1)
    venue.router.disconnect(quiet)
    assert [each.type for each in venue.btc.take()] == [CommandType.PLACE]


def test_a_cancel_by_the_gateway_goes_on(venue: Any) -> None:
    """More than fits into one command, a halt in between: it is sent again until it is done, and no more then."""
    venue.router.cancel_orphans()
    (first,), (other,) = venue.btc.take(), venue.eth.take()
    assert (first.scope, first.order_id, first.account, first.origin) == (CancelScope.GATEWAY, 1, 0, 0)
    session = venue.router.open_session(ALICE, events=True)
    assert session >> 24 == first.order_id
    assert (other.symbol, other.scope) == (5, CancelScope.GATEWAY)
    done(venue.btc, first, more=1)
    venue.router.poll(100)
    (again,) = venue.btc.take()
    assert (again.scope, again.order_id) == (CancelScope.GATEWAY, 1)
    venue.btc.publish(venue.btc.event(again, EventType.REJECTED, reason=Reason.PHASE_FORBIDS))
    phase = Command(type=CommandType.SET_PHASE)
    venue.btc.publish(venue.btc.event(phase, EventType.PHASE_CHANGED, phase=Phase.HALT))
    venue.router.poll(100)
    assert venue.btc.take() == []
    venue.btc.publish(venue.btc.event(phase, EventType.PHASE_CHANGED, phase=Phase.CANCEL_ONLY))
    venue.router.poll(100)
    (last,) = venue.btc.take()
    done(venue.btc, last)
    venue.btc.publish(venue.btc.event(phase, EventType.PHASE_CHANGED, phase=Phase.OPEN))
    done(venue.btc, last, more=1)
    venue.router.poll(100)
    assert (venue.btc.take(), venue.eth.take()) == ([], [])


def test_a_full_ring_delays_a_cancel_by_the_gateway(make_venue: MakeVenue) -> None:
    """What the gateway must send waits for room in the ring, and is not lost."""
    venue = make_venue(capacity=2)
    session = venue.router.open_session(ALICE, events=True, cancel_on_disconnect=True)
    assert venue.router.submit(session, batch(place(1), place(2)), 1) == 2
    venue.router.disconnect(session)
    venue.router.poll(100)
    assert [each.type for each in venue.btc.take()] == [CommandType.PLACE, CommandType.PLACE]
    venue.router.poll(100)
    assert [each.scope for each in venue.btc.take()] == [CancelScope.SESSION]


def test_a_drop_copy_sees_several_accounts_and_sends_nothing(venue: Any) -> None:
    """Both sides of a trade between two of them; nothing of a third; commands are refused."""
    copy = venue.router.open_drop_copy([ALICE, BOB, ALICE])
    command = Command(type=CommandType.PLACE, account=ALICE, client_order_id=1, origin=7, request_id=9)
    trade = venue.btc.event(command, EventType.TRADE, maker_account=BOB, maker_order_id=4, side=1)
    stranger = venue.btc.event(command, EventType.CANCELED, account=CAROL)
    venue.btc.publish(venue.btc.event(command, EventType.ACCEPTED), trade, stranger)
    assert venue.router.poll(100) == [copy]
    reports = venue.output(copy).reports
    assert [(each.account_id, each.maker, each.request_id) for each in reports] == [
        (ALICE, False, 0),
        (ALICE, False, 0),
        (BOB, True, 0),
    ]
    with pytest.raises(ValueError) as refused:
        venue.router.submit(copy, batch(place(1)), 1)
    assert refused.value.args == (Reason.PERMISSION_DENIED,)
    raw = place(1).place.SerializeToString()
    assert venue.router.submit_one(copy, CommandType.PLACE, raw, 1) == Reason.PERMISSION_DENIED
    venue.router.close_session(copy)
    venue.btc.accept(command)
    assert venue.router.poll(100) == []
    with pytest.raises(ValueError, match="at least one"):
        venue.router.open_drop_copy([])


def test_the_verdict_on_a_replacement_is_the_new_orders(venue: Any) -> None:
    """CANCELED of the old order comes first and is not the answer."""
    caller = venue.router.open_session(ALICE, events=False)
    raw = pb.ReplaceOrderRequest(cancel_order_id=4, place=place(2).place).SerializeToString()
    assert venue.router.submit_one(caller, CommandType.REPLACE, raw, 1) == 0
    (command,) = venue.btc.take()
    old = venue.btc.event(command, EventType.CANCELED, order_id=4, reason=Reason.REPLACED)
    venue.btc.publish(old, venue.btc.event(command, EventType.ACCEPTED, order_id=9))
    assert venue.router.poll(100) == [caller]
    assert venue.router.answer(caller) == (EventType.ACCEPTED, 0, 1, 9)
    assert [each.order_id for each in venue.output(caller).reports] == [4, 9]


def test_a_mass_quote_is_one_message_in_and_one_out(venue: Any) -> None:
    """Reports of every quote in its order, QUOTED last of each; refused ones by their item."""
    caller = venue.router.open_session(ALICE, events=False)
    message = pb.MassQuoteRequest(request_id=3, protection_group=2)
    for number, symbol in enumerate(("BTCUSDT", "DOGE", "BTCUSDT"), 1):
        message.quotes.add(symbol=symbol, quote_id=number, bid_price_ticks=9, bid_quantity_lots=1)
    assert venue.router.submit_quotes(caller, message.SerializeToString(), 1) == 2
    for command in venue.btc.take():
        assert (command.type, command.group, command.time_in_force) == (CommandType.QUOTE, 2, 1)
        bid = venue.btc.event(command, EventType.ACCEPTED, order_id=venue.btc.sequence + 1, order_type=8)
        venue.btc.publish(bid, venue.btc.event(command, EventType.QUOTED, order_id=bid.order_id, price=9, leaves=1))
    venue.router.poll(100)
    output = venue.output(caller)
    assert [(each.kind, each.item, each.request_id) for each in output.reports] == [
        (1, 0, 3),
        (12, 0, 3),
        (1, 2, 3),
        (12, 2, 3),
    ]
    assert [(each.item, each.reason, each.client_order_id) for each in output.refusals] == [
        (1, Reason.UNKNOWN_SYMBOL, 2)
    ]
    assert output.reports[1].quote.bid_order_id == 1
    assert venue.router.answer(caller)[0] == EventType.QUOTED


def test_a_batch_call_has_no_quotes(venue: Any) -> None:
    """Field 5 of a SubmitBatchRequest is unknown, as the protobuf library takes it."""
    caller = venue.router.open_session(ALICE, events=False)
    assert venue.router.submit(caller, batch(place(1), quotes=3), 1) == 1
    assert venue.eth.take() == []


def test_a_cancel_all_without_a_symbol_goes_everywhere(make_venue: MakeVenue) -> None:
    """CancelAll and SetCountdown, as calls: one command per symbol; where there is no room, a refusal says so."""
    venue = make_venue(capacity=2)
    caller = venue.router.open_session(ALICE, events=False)
    everywhere = pb.CancelAllRequest(scope=pb.CANCEL_SCOPE_QUOTES).SerializeToString()
    assert venue.router.submit_one(caller, CommandType.CANCEL_ALL, everywhere, 1) == 0
    countdown = pb.SetCountdownRequest(countdown_ms=5).SerializeToString()
    assert venue.router.submit_one(caller, CommandType.SET_COUNTDOWN, countdown, 1) == 0
    for shard in (venue.btc, venue.eth):
        cancel, count = shard.take()
        assert (cancel.type, cancel.scope, cancel.account) == (CommandType.CANCEL_ALL, CancelScope.QUOTES, ALICE)
        assert (count.type, count.quantity) == (CommandType.SET_COUNTDOWN, 5)
    assert venue.router.outstanding(caller) == 4
    for number in range(2):
        venue.router.submit_one(
            caller, CommandType.CANCEL_ALL, pb.CancelAllRequest(symbol="ETHUSDT").SerializeToString(), number
        )
    assert venue.router.submit_one(caller, CommandType.CANCEL_ALL, everywhere, 1) == 0
    (refusal,) = venue.output(caller).refusals
    assert (refusal.item, refusal.reason, refusal.retry_delay_ms) == (1, Reason.VENUE_BUSY, 50)
    message = pb.TradeRequest(commands=[pb.Command(cancel_all=pb.CancelAllRequest())]).SerializeToString()
    stream = venue.router.open_session(ALICE, events=True)
    assert venue.router.submit(stream, message, 1) == 0
    assert [each.reason for each in venue.output(stream).refusals] == [Reason.UNKNOWN_SYMBOL]

"""The router's way for the venue: prices, definitions, phases, cancels of everything, symbols that come and go."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tidegate.v1 import order_service_pb2 as pb
from tidegate.v1 import types_pb2 as types
from tidegate.wire import native
from tidegate.wire.instruments import Instrument
from tidegate.wire.records import (
    CancelScope,
    Command,
    CommandType,
    EventType,
    InstrumentRules,
    Phase,
    Reason,
    unpack_commands,
)

ALICE, BOB, OPERATOR = 11, 12, 1
RULES = InstrumentRules.of(
    Instrument(symbol="BTCUSDT", instrument_id=3, tick_size=Decimal("0.1"), lot_size=Decimal("0.001"))
)


def defined(venue: Any, rules: InstrumentRules) -> bytes:
    """INSTRUMENT_DEFINED of these rules, the next command of BTCUSDT."""
    venue.btc.sequence += 1
    event = venue.btc.event(None, EventType.INSTRUMENT_DEFINED, command_type=CommandType.DEFINE_INSTRUMENT, flags=128)
    return native.record_with_crc(event.pack()[:56] + rules.pack()[40:] + bytes(48))


def test_prices_are_the_venues(venue: Any) -> None:
    """SET_PRICES carries account 0; who asked gets the sequence, nobody a report."""
    operator, stream = venue.router.open_session(OPERATOR, events=False), venue.router.open_session(ALICE, events=True)
    prices = {"mark": 5, "index": 6, "funding_rate": -7, "next_funding_time_ns": 8}
    assert venue.router.submit_prices(operator, "DOGE", **prices, now_ns=9) == Reason.UNKNOWN_SYMBOL
    assert venue.router.submit_prices(operator, "BTCUSDT", **prices, now_ns=9) == 0
    (command,) = venue.btc.take()
    assert (command.type, command.account, command.price, command.quantity) == (CommandType.SET_PRICES, 0, 5, 6)
    assert (command.funding_rate, command.next_funding_time_ns, command.source_time_ns) == (-7, 8, 9)
    venue.btc.publish(venue.btc.event(command, EventType.PRICES_SET, price=5, quantity=6))
    assert venue.router.poll(100) == [operator]
    assert venue.router.answer(operator) == (EventType.PRICES_SET, 0, 1, 0)
    assert venue.output(operator) == venue.output(stream) == pb.TradeResponse()


def test_a_phase_is_answered_when_it_is_entered(venue: Any) -> None:
    """An uncrossing comes first, and may end in a tick: until PHASE_CHANGED the caller waits."""
    operator = venue.router.open_session(OPERATOR, events=False)
    venue.router.submit_phase(operator, "BTCUSDT", Phase.OPEN, 1)
    (command,) = venue.btc.take()
    trade = venue.btc.event(command, EventType.TRADE, account=ALICE, maker_account=BOB, order_id=5)
    venue.btc.publish(venue.btc.event(command, EventType.AUCTION, price=100), trade)
    assert venue.router.poll(100) == []
    assert (venue.router.outstanding(operator), venue.router.answer(operator)[0]) == (1, 0)
    tick = Command(type=CommandType.TICK)
    changed = venue.btc.event(tick, EventType.PHASE_CHANGED, phase=Phase.OPEN, reason=Reason.OPERATOR)
    venue.btc.publish(changed, venue.btc.event(tick, EventType.TICK_DONE))
    assert venue.router.poll(100) == [operator]
    assert venue.router.answer(operator) == (EventType.PHASE_CHANGED, Reason.OPERATOR, 2, 0)
    assert venue.router.outstanding(operator) == 0
    assert [each.phase for each in venue.output(operator).reports] == [Phase.OPEN]


def test_an_uncrossing_within_the_command_is_not_the_answer(venue: Any) -> None:
    """AUCTION and trades, then PHASE_CHANGED, in one command."""
    operator = venue.router.open_session(OPERATOR, events=False)
    venue.router.submit_phase(operator, "BTCUSDT", Phase.OPEN, 1)
    (command,) = venue.btc.take()
    venue.btc.publish(
        venue.btc.event(command, EventType.AUCTION),
        venue.btc.event(command, EventType.PHASE_CHANGED, phase=Phase.OPEN),
    )
    assert venue.router.poll(100) == [operator]
    assert venue.router.answer(operator)[0] == EventType.PHASE_CHANGED


def test_a_definition_is_answered_by_its_rules(venue: Any) -> None:
    """The record has no room for who asked: the event with the same rules is the answer, another one is not."""
    operator, stream = venue.router.open_session(OPERATOR, events=False), venue.router.open_session(ALICE, events=True)
    wanted = InstrumentRules.of(
        Instrument(symbol="X", instrument_id=9, tick_size=Decimal("0.1"), lot_size=Decimal("0.001"), band_up_bps=7)
    )
    assert venue.router.submit_definition(operator, "BTCUSDT", wanted.pack()) == 0
    assert venue.router.submit_definition(operator, "DOGE", wanted.pack()) == Reason.UNKNOWN_SYMBOL
    record = venue.btc.commands.take(9)
    found = InstrumentRules.unpack(record)
    assert (found.type, found.symbol, found.account) == (CommandType.DEFINE_INSTRUMENT, 3, 0)
    assert found.same_rules(wanted)
    assert native.record_with_crc(record) == record
    venue.btc.writer.publish(defined(venue, RULES))
    assert venue.router.poll(100) == [stream]
    assert venue.router.outstanding(operator) == 1
    venue.btc.writer.publish(defined(venue, wanted))
    assert operator in venue.router.poll(100)
    assert venue.router.answer(operator) == (EventType.INSTRUMENT_DEFINED, 0, 2, 0)
    (report,) = venue.output(operator).reports
    assert (report.kind, report.sequence, report.order_id) == (types.REPORT_KIND_INSTRUMENT_DEFINED, 2, 0)
    assert [each.sequence for each in venue.output(stream).reports] == [1, 2]


def test_a_refused_definition_is_told(venue: Any) -> None:
    """REJECTED of a DEFINE_INSTRUMENT goes to who waits for it."""
    operator = venue.router.open_session(OPERATOR, events=False)
    venue.router.submit_definition(operator, "BTCUSDT", RULES.pack())
    define = Command(type=CommandType.DEFINE_INSTRUMENT)
    venue.btc.publish(venue.btc.event(define, EventType.REJECTED, reason=Reason.ORDERS_OPEN))
    assert venue.router.poll(100) == [operator]
    assert venue.router.answer(operator) == (EventType.REJECTED, Reason.ORDERS_OPEN, 1, 0)
    assert venue.router.outstanding(operator) == 0


def test_cancel_everything_goes_on_until_nothing_is_left(venue: Any) -> None:
    """CANCEL_ALL_DONE that says more is sent again by the router; the caller gets every count, and one answer."""
    operator = venue.router.open_session(OPERATOR, events=False)
    assert venue.router.submit_cancel_everything(operator, "BTCUSDT", 1) == 0
    counts = [30_000, 30_000, 5]
    for number, count in enumerate(counts, 1):
        (command,) = venue.btc.take()
        assert (command.account, command.scope, command.origin) == (0, CancelScope.EVERYONE, operator)
        canceled = venue.btc.event(command, EventType.CANCELED, account=ALICE, order_id=number)
        more = int(number < len(counts))
        done = venue.btc.event(command, EventType.CANCEL_ALL_DONE, quantity=count, leaves=more)
        venue.btc.publish(canceled, done)
        venue.router.poll(100)
    assert venue.btc.take() == []
    assert venue.router.outstanding(operator) == 0
    assert [each.quantity_lots for each in venue.output(operator).reports] == counts
    assert venue.router.answer(operator) == (EventType.CANCEL_ALL_DONE, 0, 3, 0)


def test_symbols_are_added_while_sessions_are_open(
    venue: Any, command_ring: Callable[..., Any], event_ring: Callable[..., Any]
) -> None:
    """A new symbol starts for open sessions where the router found it; its name and number are new."""
    stream = venue.router.open_session(ALICE, events=True)
    commands, events = command_ring(), event_ring()
    writer = native.EventWriter(events)
    event = venue.btc.event(Command(type=1, account=ALICE), EventType.ACCEPTED, symbol=9, sequence=41, flags=128)
    writer.publish(event.pack())
    venue.router.add_symbol(9, "SOLUSDT", commands, events, 2, -1)
    assert venue.router.positions() == [("BTCUSDT", 0), ("ETHUSDT", 0), ("SOLUSDT", 41)]
    assert venue.router.positions_sent(stream) == [("BTCUSDT", 0), ("ETHUSDT", 0), ("SOLUSDT", 41)]
    event.sequence = 42
    writer.publish(event.pack())
    venue.router.poll(100)
    assert [each.symbol for each in venue.output(stream).reports] == ["SOLUSDT"]
    assert venue.router.positions_sent(stream)[2] == ("SOLUSDT", 42)
    for number, name in ((9, "OTHER"), (10, "SOLUSDT")):
        with pytest.raises(ValueError, match="twice"):
            venue.router.add_symbol(number, name, command_ring(), event_ring(), 2, -1)
    venue.router.remove_symbol("SOLUSDT")
    with pytest.raises(ValueError, match="twice"):
        venue.router.add_symbol(10, "SOLUSDT", command_ring(), event_ring(), 2, -1)
    venue.router.add_symbol(9, "SOLUSDT", commands, event_ring(), 2, -1)  # listed again
    assert venue.router.positions_sent(stream)[2] == ("SOLUSDT", 42)
    order = pb.PlaceOrderRequest(symbol="SOLUSDT", client_order_id=1).SerializeToString()
    caller = venue.router.open_session(ALICE, events=False)
    assert venue.router.submit_one(caller, CommandType.PLACE, order, 1) == 0
    (command,) = unpack_commands(native.CommandConsumer(commands).take(9))
    assert command.symbol == 9


def test_a_symbol_that_is_removed_is_delisted(venue: Any) -> None:
    """Requests for it are refused with DELISTED, its memory is let go, and the places of the others stay."""
    stream = venue.router.open_session(ALICE, events=True)
    operator = venue.router.open_session(OPERATOR, events=False)
    venue.eth.accept(Command(type=1, account=ALICE, client_order_id=1))
    venue.router.poll(100)
    venue.output(stream)
    venue.router.remove_symbol("BTCUSDT")
    assert venue.router.positions() == [("ETHUSDT", 1)]
    assert venue.router.positions_sent(stream) == [("ETHUSDT", 1)]
    order = pb.PlaceOrderRequest(symbol="BTCUSDT", client_order_id=1)
    caller = venue.router.open_session(ALICE, events=False)
    assert venue.router.submit_one(caller, CommandType.PLACE, order.SerializeToString(), 1) == Reason.DELISTED
    message = pb.TradeRequest(commands=[pb.Command(place=order)]).SerializeToString()
    assert venue.router.submit(stream, message, 1) == 0
    assert [each.reason for each in venue.output(stream).refusals] == [Reason.DELISTED]
    assert venue.router.submit_phase(operator, "BTCUSDT", Phase.OPEN, 1) == Reason.DELISTED
    with pytest.raises(RuntimeError):
        venue.router.remove_symbol("BTCUSDT")
    everywhere = pb.CancelAllRequest().SerializeToString()
    assert venue.router.submit_one(caller, CommandType.CANCEL_ALL, everywhere, 1) == 0
    assert [each.type for each in venue.eth.take()] == [CommandType.CANCEL_ALL]
    venue.btc.commands.close()
    venue.btc.writer.close()
    for ring in venue.memory["BTCUSDT"]:
        ring.close()
    venue.router.poll(100)
    assert venue.router.idle()

"""What goes into the router: where commands go, and which are refused."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.unit.wire.router_kit import (
    ALICE,
    BUSY,
    DRAINING,
    MALFORMED,
    MISSING_FIELD,
    TOO_MANY_ITEMS,
    UNKNOWN_SYMBOL,
    MakeVenue,
    batch,
    cancel,
    place,
)
from tidegate.v1 import order_service_pb2 as pb
from tidegate.wire import native
from tidegate.wire.records import CommandType


def test_commands_go_to_the_ring_of_their_symbol_in_order(venue: Any) -> None:
    """A message's commands keep their order per symbol and carry account, origin, request, item and time."""
    session = venue.router.open_session(ALICE, events=True)
    items = [place(1), place(2, "ETHUSDT"), cancel(1), place(3, "ETHUSDT"), place(4)]
    assert venue.router.submit(session, batch(77, *items), 1234) == 5
    btc, eth = venue.btc.take(), venue.eth.take()
    assert [(each.item, each.client_order_id, each.type) for each in btc] == [(0, 1, 1), (2, 1, 2), (4, 4, 1)]
    assert [(each.item, each.client_order_id) for each in eth] == [(1, 2), (3, 3)]
    for each in btc + eth:
        assert (each.account, each.origin, each.request_id, each.gateway_time_ns) == (ALICE, session, 77, 1234)
    assert ({each.symbol for each in btc}, {each.symbol for each in eth}) == ({3}, {5})
    assert venue.router.outstanding(session) == 5


def test_a_malformed_message_has_no_effect(venue: Any) -> None:
    """Damage anywhere in a message: nothing of it goes in, not even what came before the damage."""
    session = venue.router.open_session(ALICE, events=True)
    for raw, reason in [
        (batch(1, place(1), place(2)) + b"\x12\x7f", MALFORMED),
        (batch(1, *[place(each) for each in range(201)]), TOO_MANY_ITEMS),
    ]:
        with pytest.raises(ValueError) as refused:
            venue.router.submit(session, raw, 1)
        assert refused.value.args == (reason,)
    assert venue.btc.take() == []
    assert venue.router.outstanding(session) == 0
    assert venue.router.poll(100) == []


def test_items_are_refused_one_by_one(venue: Any) -> None:
    """An empty item, an unknown symbol, a target without a number; the others go in. All is told at once."""
    session = venue.router.open_session(ALICE, events=True)
    items = [pb.Command(), place(1), place(2, "DOGE"), cancel(0), place(3, "")]
    assert venue.router.submit(session, batch(9, *items), 1) == 1
    assert not venue.router.idle()
    assert venue.router.poll(100) == [session]
    output = venue.output(session)
    assert [(each.item, each.reason, each.client_order_id) for each in output.refusals] == [
        (0, MISSING_FIELD, 0),
        (2, UNKNOWN_SYMBOL, 2),
        (3, MISSING_FIELD, 0),
        (4, UNKNOWN_SYMBOL, 3),
    ]
    assert {(each.request_id, each.outcome, each.retry_delay_ms) for each in output.refusals} == {(9, 1, 0)}


def test_a_busy_symbol_takes_only_what_lowers_risk(make_venue: MakeVenue) -> None:
    """Past the high-water mark orders are refused with a delay; cancels and reduce-only orders use the rest."""
    venue = make_venue(capacity=8, high_water=3, retry_delay_ms=70)
    session = venue.router.open_session(ALICE, events=True)
    items = [place(each) for each in range(1, 6)]
    items += [cancel(1), place(6, reduce_only=True), pb.Command(cancel_all=pb.CancelAllRequest(symbol="BTCUSDT"))]
    items += [place(7, "ETHUSDT"), cancel(2), cancel(3), cancel(4)]
    assert venue.router.submit(session, batch(1, *items), 1) == 3 + 3 + 1 + 2
    output = venue.output(session)
    assert [each.item for each in output.refusals] == [3, 4, 11]
    assert {(each.reason, each.retry_delay_ms) for each in output.refusals} == {(BUSY, 70)}
    raw = place(9).place.SerializeToString()
    assert venue.router.submit_one(session, CommandType.PLACE, raw, 1) == BUSY
    venue.btc.take()
    assert venue.router.submit_one(session, CommandType.PLACE, raw, 1) == 0


def test_a_session_has_so_many_commands_in_flight(make_venue: MakeVenue) -> None:
    """in_flight_max bounds what one session may leave unanswered; answers make room again."""
    venue = make_venue(in_flight_max=2)
    session = venue.router.open_session(ALICE, events=True)
    assert venue.router.submit(session, batch(1, place(1), place(2), place(3), cancel(1)), 1) == 3
    assert [each.reason for each in venue.output(session).refusals] == [BUSY]
    first, second, _ = venue.btc.take()
    venue.btc.accept(first)
    venue.btc.accept(second)
    venue.router.poll(100)
    assert venue.router.outstanding(session) == 1
    assert venue.router.submit(session, batch(2, place(4), place(5)), 1) == 1


def test_draining_refuses_every_new_command(venue: Any) -> None:
    """Items become refusals, unary calls get the reason; answers on their way still come."""
    session = venue.router.open_session(ALICE, events=True)
    venue.router.submit(session, batch(1, place(1)), 1)
    venue.router.set_draining()
    assert venue.router.submit(session, batch(2, place(2), cancel(1)), 1) == 0
    assert venue.router.submit_one(session, CommandType.CANCEL, cancel(1).cancel.SerializeToString(), 1) == DRAINING
    for command in venue.btc.take():
        venue.btc.accept(command)
    venue.router.poll(100)
    output = venue.output(session)
    assert [(each.item, each.reason, each.retry_delay_ms) for each in output.refusals] == [
        (0, DRAINING, 50),
        (1, DRAINING, 50),
    ]
    assert [each.client_order_id for each in output.reports] == [1]


def test_idle_sleeps_only_when_nothing_is_left(command_ring: Any, event_ring: Any) -> None:
    """The flag is set before the last look; an event after it rings this reader's bell, a command the engine's."""
    reader_bell, engine_bell = os.pipe2(os.O_NONBLOCK), os.pipe2(os.O_NONBLOCK)
    commands, events = command_ring(), event_ring()
    writer = native.EventWriter(events, (-1, reader_bell[1]))
    consumer = native.CommandConsumer(commands)
    router = native.Router(0)
    router.add_symbol(3, "BTCUSDT", commands, events, 1, engine_bell[1])
    session = router.open_session(ALICE, events=True)
    assert consumer.set_sleeping(True)
    router.submit(session, batch(1, place(1), place(2)), 1)
    assert os.read(engine_bell[0], 9) == b"!"
    assert router.idle()
    writer.publish(bytes(4) + b"\x01\x01\x80\x01" + (1).to_bytes(8, "little") + bytes(176))
    assert os.read(reader_bell[0], 9) == b"!"
    assert not router.idle()
    router.poll(100)
    assert router.idle()
    for end in (*reader_bell, *engine_bell):
        os.close(end)
    router.close()
    with pytest.raises(ValueError, match="closed"):
        router.poll(1)


def test_limits_are_checked() -> None:
    """Numbers that the session id or the buffers cannot hold are refused at construction."""
    for options in (
        {"gateway_id": 64},
        {"sessions_max": 4097},
        {"sessions_max": 0},
        {"items_max": 0},
        {"output_bytes_max": 100},
    ):
        with pytest.raises(ValueError):
            native.Router(options.pop("gateway_id", 0), **options)

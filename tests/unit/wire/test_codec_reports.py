"""Reports: what clients read is what happened, to the byte as the protobuf library would write it."""

from __future__ import annotations

import itertools
import mmap
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from tidegate.v1 import order_service_pb2 as pb
from tidegate.v1 import types_pb2
from tidegate.wire import native
from tidegate.wire.records import CommandType, Event, EventFlag, EventType, MakerFlag, Reason

SYMBOLS = [(3, "BTCUSDT"), (5, "ETHUSDT")]
TAKER, MAKER, STRANGER = 11, 12, 13
ON_BOOK, DUPLICATE, REDUCE_ONLY = 2, 4, 1
LEGS = EventFlag.LONG_LEG | EventFlag.SHORT_LEG

u64 = st.integers(0, 2**64 - 1)
i64 = st.integers(-(2**63), 2**63 - 1)
u32 = st.integers(0, 2**32 - 1)
u16 = st.integers(0, 2**16 - 1)
u8 = st.integers(0, 255)
journaled = st.sampled_from([each for each in CommandType if each < CommandType.QUERY_ORDER])

events = st.builds(
    Event,
    type=st.sampled_from([each for each in EventType if each <= EventType.ORDER_STATE]) | st.integers(1, 40),
    flags=u8,
    command_type=journaled,
    sequence=u64,
    time_ns=i64,
    epoch=u32,
    account=st.sampled_from([TAKER, MAKER]),
    symbol=st.sampled_from([3, 5]),
    index=u16,
    side=u8,
    order_type=u8,
    time_in_force=u8,
    status=u8,
    request_id=u64,
    origin=u32,
    gateway_delay_us=u32,
    client_order_id=u64,
    order_id=u64,
    price=i64,
    quantity=i64,
    filled=st.integers(0, 2**62 - 1),
    leaves=st.integers(0, 2**62),
    previous_price=i64,
    previous_leaves=i64,
    trade_id=u64,
    maker_order_id=u64,
    maker_client_order_id=u64,
    maker_filled=st.integers(0, 2**62 - 1),
    maker_leaves=st.integers(0, 2**62),
    maker_account=st.sampled_from([TAKER, MAKER]) | u32,
    item=u16,
    reason=u16 | st.sampled_from([0, 209, 214, 215]),
    stp_group=u32,
    stp_mode=u8,
    phase=u8,
    maker_order_type=u8,
    group=u8,
    position=i64,
    maker_position=i64,
)


ORDER_EVENTS = {
    EventType.ACCEPTED,
    EventType.REJECTED,
    EventType.RESTED,
    EventType.CANCELED,
    EventType.EXPIRED,
    EventType.AMENDED,
    EventType.REDUCED,
    EventType.TRIGGERED,
    EventType.TRAILING_ACTIVATED,
    EventType.ORDER_STATE,
}
UNREPORTED = {EventType.PRICES_SET, EventType.AUCTION, EventType.TICK_DONE}
VENUE_COMMANDS = {CommandType.SET_PHASE, CommandType.SET_PRICES, CommandType.DEFINE_INSTRUMENT, CommandType.TICK}
NOBODYS_REASONS = {Reason.MARKET_MAKER_PROTECTION, Reason.DISCONNECT, Reason.OPERATOR}


def shows_delay(event: Event) -> bool:
    """Whether the gateway's delay is of the account's own command, as far as the record can tell."""
    met_on_book = event.type in (EventType.EXPIRED, EventType.REDUCED) and event.flags & ON_BOOK
    return not met_on_book and event.command_type not in VENUE_COMMANDS and event.reason not in NOBODYS_REASONS


def signed(word: int) -> int:
    """64 bits as a signed number."""
    return (word + 2**63) % 2**64 - 2**63


def trigger_of(event: Event) -> types_pb2.Trigger | None:
    """The trigger terms in an order's words; None when there are none."""
    found = types_pb2.Trigger(
        price_ticks=signed(event.trade_id),
        by=event.maker_account >> 16 & 0xFF,  # type: ignore[arg-type]
        callback_bps=event.maker_account & 0xFFFF,
        activation_price_ticks=event.maker_leaves,
        close_position=event.maker_account >> 24 != 0,
    )
    return found if found.ByteSize() else None


def leg_of(flags: int) -> int:
    """Of an order's or a maker's flags; nothing when both legs are in them."""
    return {EventFlag.LONG_LEG: 1, EventFlag.SHORT_LEG: 2}.get(flags & LEGS, 0)


def order_values(event: Event) -> dict[str, Any]:
    """What only an event about one order says."""
    return {
        "order_id": event.order_id,
        "client_order_id": event.client_order_id,
        "status": event.status,
        "reason": event.reason,
        "price_ticks": event.price,
        "quantity_lots": event.quantity,
        "filled_lots": event.filled,
        "leaves_lots": event.leaves,
        "type": event.order_type,
        "time_in_force": event.time_in_force,
        "reduce_only": bool(event.flags & REDUCE_ONLY),
        "trigger": trigger_of(event),
        "expire_time_ns": signed(event.maker_client_order_id),
        "display_lots": signed(event.maker_order_id),
        "position_side": leg_of(event.flags),
        "protection_group": event.group,
        "previous_price_ticks": event.previous_price,
        "previous_leaves_lots": event.previous_leaves,
        "self_trade_prevention": event.stp_mode,
        "self_trade_group": event.stp_group,
        "liquidation": bool(event.flags & EventFlag.LIQUIDATION),
    }


def taker_values(event: Event) -> dict[str, Any]:
    """What a trade says to the taker; the words of a trade are not those of an order."""
    order = order_values(event)
    absent = (
        "price_ticks",
        "trigger",
        "expire_time_ns",
        "display_lots",
        "previous_price_ticks",
        "previous_leaves_lots",
    )
    own = {name: value for name, value in order.items() if name not in absent}
    own["quantity_lots"] = event.filled + event.leaves
    own |= {"last_price_ticks": event.price, "last_quantity_lots": event.quantity, "trade_id": event.trade_id}
    return own | {"position_lots": event.position}


def other_values(event: Event) -> dict[str, Any]:
    """What the events say that are about no single order."""
    if event.type == EventType.INSTRUMENT_DEFINED:
        return {"type": event.order_type}
    values: dict[str, Any] = {"reason": event.reason, "type": event.order_type, "protection_group": event.group}
    if event.type == EventType.CANCEL_ALL_DONE:
        values |= {"quantity_lots": event.quantity, "more": event.leaves != 0}
    elif event.type == EventType.PHASE_CHANGED:
        values["phase"] = event.phase
    elif event.type == EventType.QUOTED:
        values["client_order_id"] = event.client_order_id
        bid = {"bid_order_id": event.order_id, "bid_price_ticks": event.price, "bid_leaves_lots": event.leaves}
        ask = {"ask_price_ticks": event.previous_price, "ask_leaves_lots": event.maker_leaves}
        values["quote"] = types_pb2.QuoteState(**bid, **ask, ask_order_id=event.maker_order_id)
    elif event.type == EventType.PROTECTION:
        counted = {"fills": event.filled, "quantity_lots": event.leaves, "notional": event.previous_price}
        limits = {"window_ms": event.quantity % 2**32, "fills_limit": event.price}
        values["protection"] = types_pb2.Protection(**limits, **counted)
    elif event.type == EventType.COUNTDOWN_SET:
        values |= {"countdown_ms": event.quantity % 2**32, "expire_time_ns": event.previous_leaves}
    elif event.type == EventType.POSITION_MODE_SET:
        values["position_mode"] = event.phase
    return values


def own_report(event: Event) -> types_pb2.Report:
    """What the account of the event is told."""
    values: dict[str, Any] = {
        "kind": event.type,
        "symbol": dict(SYMBOLS)[event.symbol],
        "sequence": event.sequence,
        "side": event.side,
        "index": event.index,
        "engine_time_ns": event.time_ns,
        "gateway_delay_us": event.gateway_delay_us if shows_delay(event) else 0,
        "epoch": event.epoch,
        "duplicate": bool(event.flags & DUPLICATE),
        "account_id": event.account,
    }
    if event.type == EventType.TRADE:
        return types_pb2.Report(**values, **taker_values(event))
    return types_pb2.Report(**values, **(order_values if event.type in ORDER_EVENTS else other_values)(event))


def maker_report(event: Event) -> types_pb2.Report:
    """What the maker of a trade is told."""
    uncrossing = event.command_type in (CommandType.SET_PHASE, CommandType.TICK)
    values: dict[str, Any] = {
        "kind": types_pb2.REPORT_KIND_TRADE,
        "symbol": dict(SYMBOLS)[event.symbol],
        "sequence": event.sequence,
        "order_id": event.maker_order_id,
        "client_order_id": event.maker_client_order_id,
        "status": types_pb2.ORDER_STATUS_PARTIALLY_FILLED if event.maker_leaves else types_pb2.ORDER_STATUS_FILLED,
        "price_ticks": 0 if uncrossing else event.price,
        "quantity_lots": event.maker_filled + event.maker_leaves,
        "filled_lots": event.maker_filled,
        "leaves_lots": event.maker_leaves,
        "side": {1: 2, 2: 1}.get(event.side, event.side),
        "index": event.index,
        "last_price_ticks": event.price,
        "last_quantity_lots": event.quantity,
        "trade_id": event.trade_id,
        "maker": True,
        "engine_time_ns": event.time_ns,
        "epoch": event.epoch,
        "position_lots": event.maker_position,
        "type": event.maker_order_type,
        "reduce_only": bool(event.maker_flags & MakerFlag.MAKER_REDUCE_ONLY),
        "position_side": leg_of(event.maker_flags),
        "liquidation": bool(event.maker_flags & MakerFlag.MAKER_LIQUIDATION),
        "account_id": event.maker_account,
    }
    return types_pb2.Report(**values)


def expected_reports(batch: list[Event], accounts: Sequence[int]) -> list[types_pb2.Report]:
    """Every report of the accounts, in order."""
    out = []
    for event in batch:
        if event.type in UNREPORTED:
            continue
        if event.account in accounts or event.type in (EventType.PHASE_CHANGED, EventType.INSTRUMENT_DEFINED):
            out.append(own_report(event))
        if event.type == EventType.TRADE and event.maker_account in accounts:
            out.append(maker_report(event))
    return out


@examples(400)
@given(batch=st.lists(events, max_size=6), sent=st.integers(1, 2**63 - 1))
def test_reports_are_what_the_library_would_write(batch: list[Event], sent: int) -> None:
    """Any events, seen by taker, maker, a stranger and a drop copy: fields and bytes equal the library's."""
    records = b"".join(event.pack() for event in batch)
    for accounts in ([TAKER], [MAKER], [STRANGER], [MAKER, STRANGER, TAKER]):
        reports = expected_reports(batch, accounts)
        expected = pb.TradeResponse(reports=reports, sent_time_ns=sent).SerializeToString() if reports else b""
        assert native.encode_reports(records, accounts, SYMBOLS, sent) == expected


def test_neither_side_of_a_trade_learns_the_other() -> None:
    """Account, ids, position, group and delay of the counterparty are in neither report."""
    trade = Event(type=EventType.TRADE, command_type=CommandType.PLACE, symbol=3, side=1, account=TAKER, sequence=1)
    trade.order_id, trade.client_order_id, trade.position, trade.gateway_delay_us = 70001, 70002, 70003, 70004
    trade.maker_account, trade.maker_order_id, trade.maker_client_order_id = MAKER, 80001, 80002
    trade.maker_position, trade.stp_group, trade.request_id, trade.origin = 80003, 70005, 70006, 70007
    trade.group, trade.stp_mode, trade.flags = 16, 3, EventFlag.LIQUIDATION | EventFlag.SHORT_LEG | REDUCE_ONLY
    for account, others in ((TAKER, ("8000", f"account_id: {MAKER}")), (MAKER, ("7000", f"account_id: {TAKER}"))):
        (report,) = pb.TradeResponse.FromString(native.encode_reports(trade.pack(), account, SYMBOLS, 5)).reports
        assert not any(secret in str(report) for secret in others)
    told = {each.name for each, _ in report.ListFields()}
    assert not told & {"protection_group", "self_trade_prevention", "liquidation", "position_side", "reduce_only"}


def test_a_report_names_its_own_leg() -> None:
    """LONG and SHORT of taker and maker; neither in one-way mode, nor of an order refused for naming both."""
    legs = {0: 0, EventFlag.LONG_LEG: 1, EventFlag.SHORT_LEG: 2, LEGS: 0}
    for mine, theirs in itertools.product(legs, legs):
        trade = Event(type=EventType.TRADE, command_type=CommandType.PLACE, symbol=3, side=1, account=TAKER)
        trade.flags, trade.maker_account, trade.maker_flags = mine, MAKER, theirs
        for account, leg in ((TAKER, legs[mine]), (MAKER, legs[theirs])):
            (report,) = pb.TradeResponse.FromString(native.encode_reports(trade.pack(), account, SYMBOLS, 5)).reports
            assert report.position_side == leg
    for kind, flags in itertools.product((EventType.ACCEPTED, EventType.REJECTED, EventType.CANCELED), legs):
        event = Event(type=kind, command_type=CommandType.PLACE, symbol=3, account=TAKER, flags=flags)
        (report,) = pb.TradeResponse.FromString(native.encode_reports(event.pack(), TAKER, SYMBOLS, 5)).reports
        assert report.position_side == legs[flags]


def test_protection_does_not_tell_how_long_the_taker_took() -> None:
    """A group that a stranger's order has tripped: the delay is that order's, and not shown."""
    for kind in (EventType.PROTECTION, EventType.CANCELED):
        event = Event(type=kind, command_type=CommandType.PLACE, symbol=3, account=MAKER, gateway_delay_us=77)
        event.reason = Reason.MARKET_MAKER_PROTECTION
        (report,) = pb.TradeResponse.FromString(native.encode_reports(event.pack(), MAKER, SYMBOLS, 5)).reports
        assert report.gateway_delay_us == 0


def test_market_data_is_no_report() -> None:
    """Prices, auctions and ticks go to nobody's private stream; phases and definitions go to everybody's."""
    for kind in EventType:
        raw = native.encode_reports(
            Event(type=kind, command_type=CommandType.TICK, symbol=3).pack(), STRANGER, SYMBOLS, 5
        )
        assert bool(raw) == (kind in (EventType.PHASE_CHANGED, EventType.INSTRUMENT_DEFINED))


@examples(200)
@given(event=events)
def test_orders_are_what_the_library_would_write(event: Event) -> None:
    """The answer of GetOrder and ListOpenOrders has every term of the order."""
    event.type, event.command_type, event.account = EventType.ORDER_STATE, CommandType.QUERY_ORDER, TAKER
    values = order_values(event)
    for name in ("previous_price_ticks", "previous_leaves_lots", "liquidation"):
        del values[name]
    order = types_pb2.Order(symbol=dict(SYMBOLS)[event.symbol], sequence=event.sequence, side=event.side, **values)
    assert asked(event) == pb.GetOrderResponse(order=order).SerializeToString()


def asked(event: Event) -> bytes:
    """What a caller of GetOrder gets when this answers it."""
    ring = mmap.mmap(-1, native.command_ring_bytes(16))
    native.create_command_ring(ring, 16, 16, 7)
    answers = mmap.mmap(-1, native.event_ring_bytes(16))
    native.create_event_ring(answers, 16, 9)
    router = native.Router(1, sessions_max=1)
    name = dict(SYMBOLS)[event.symbol]
    router.add_symbol(event.symbol, name, ring, answers, 2, -1)
    session = router.open_session(TAKER, events=False)
    router.submit_one(
        session, CommandType.QUERY_ORDER, pb.GetOrderRequest(symbol=name, order_id=1).SerializeToString(), 1
    )
    event.origin, event.flags = session, event.flags | EventFlag.LAST_OF_COMMAND
    writer = native.EventWriter(answers)
    writer.publish(event.pack())
    router.poll(10)
    body = router.take(session, 1)
    writer.close()
    router.close()
    return body


def test_answers_to_queries_are_not_part_of_a_stream() -> None:
    """Catching up from a ring's records shows commands' events only; repeated requests are among them."""
    state = Event(type=EventType.ORDER_STATE, command_type=CommandType.QUERY_ORDER, symbol=3, account=TAKER)
    assert native.encode_reports(state.pack(), TAKER, SYMBOLS, 5) == b""
    state.command_type, state.flags = CommandType.PLACE, DUPLICATE
    (report,) = pb.TradeResponse.FromString(native.encode_reports(state.pack(), TAKER, SYMBOLS, 5)).reports
    assert (report.kind, report.duplicate) == (types_pb2.REPORT_KIND_ORDER_STATE, True)


def test_a_time_of_zero_is_left_out() -> None:
    """sent_time_ns 0: the caller adds its own."""
    event = Event(type=EventType.ACCEPTED, command_type=CommandType.PLACE, symbol=3, account=TAKER)
    message = pb.TradeResponse.FromString(native.encode_reports(event.pack(), TAKER, SYMBOLS, 0))
    assert (len(message.reports), message.sent_time_ns) == (1, 0)

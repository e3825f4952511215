"""Reports: what clients read is what happened, to the byte as the protobuf library would write it."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.v1 import order_service_pb2 as pb
from tidegate.v1 import types_pb2
from tidegate.wire import native
from tidegate.wire.records import CommandType, Event, EventType

SYMBOLS = [(3, "BTCUSDT"), (5, "ETHUSDT")]
TAKER, MAKER, STRANGER = 11, 12, 13
ON_BOOK, DUPLICATE, REDUCE_ONLY = 2, 4, 1

u64 = st.integers(0, 2**64 - 1)
i64 = st.integers(-(2**63), 2**63 - 1)
u32 = st.integers(0, 2**32 - 1)
u16 = st.integers(0, 2**16 - 1)
u8 = st.integers(0, 255)
journaled = st.sampled_from([each for each in CommandType if each < CommandType.QUERY_ORDER])

events = st.builds(
    Event,
    type=st.integers(1, 32),
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
    filled=st.integers(0, 2**62),
    leaves=st.integers(0, 2**62),
    previous_price=i64,
    previous_leaves=i64,
    trade_id=u64,
    maker_order_id=u64,
    maker_client_order_id=u64,
    maker_filled=st.integers(0, 2**62),
    maker_leaves=st.integers(0, 2**62),
    maker_account=st.sampled_from([TAKER, MAKER]),
    item=u16,
    reason=u16,
    stp_group=u32,
    stp_mode=u8,
    phase=u8,
    position=i64,
    maker_position=i64,
)


def own_report(event: Event) -> types_pb2.Report:
    """What the account of the event is told."""
    trade = event.type == EventType.TRADE
    met_on_book = event.type in (EventType.EXPIRED, EventType.REDUCED) and event.flags & ON_BOOK
    values: dict[str, Any] = {
        "kind": event.type,
        "symbol": dict(SYMBOLS)[event.symbol],
        "sequence": event.sequence,
        "order_id": event.order_id,
        "client_order_id": event.client_order_id,
        "status": event.status,
        "reason": event.reason,
        "price_ticks": 0 if trade else event.price,
        "quantity_lots": event.filled + event.leaves if trade else event.quantity,
        "filled_lots": event.filled,
        "leaves_lots": event.leaves,
        "side": event.side,
        "index": event.index,
        "engine_time_ns": event.time_ns,
        "gateway_delay_us": 0 if met_on_book else event.gateway_delay_us,
        "epoch": event.epoch,
        "duplicate": bool(event.flags & DUPLICATE),
        "position_lots": event.position,
        "type": event.order_type,
        "time_in_force": event.time_in_force,
        "reduce_only": bool(event.flags & REDUCE_ONLY),
        "phase": event.phase,
        "account_id": event.account,
    }
    report = types_pb2.Report(**values)
    if trade:
        report.last_price_ticks, report.last_quantity_lots = event.price, event.quantity
        report.trade_id = event.trade_id
    return report


def maker_report(event: Event) -> types_pb2.Report:
    """What the maker of a trade is told."""
    values: dict[str, Any] = {
        "kind": types_pb2.REPORT_KIND_TRADE,
        "symbol": dict(SYMBOLS)[event.symbol],
        "sequence": event.sequence,
        "order_id": event.maker_order_id,
        "client_order_id": event.maker_client_order_id,
        "status": types_pb2.ORDER_STATUS_PARTIALLY_FILLED if event.maker_leaves else types_pb2.ORDER_STATUS_FILLED,
        "price_ticks": event.price,
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
        "type": types_pb2.ORDER_TYPE_LIMIT,
        "account_id": event.maker_account,
    }
    return types_pb2.Report(**values)


def expected_reports(batch: list[Event], account: int) -> list[types_pb2.Report]:
    """Every report of the account, in order."""
    out = []
    for event in batch:
        if event.account == account or event.type in (EventType.PHASE_CHANGED, EventType.INSTRUMENT_DEFINED):
            out.append(own_report(event))
        if event.type == EventType.TRADE and event.maker_account == account:
            out.append(maker_report(event))
    return out


@settings(max_examples=400, deadline=None)
@given(batch=st.lists(events, max_size=6), sent=st.integers(1, 2**63 - 1))
def test_reports_are_what_the_library_would_write(batch: list[Event], sent: int) -> None:
    """Any events, seen by taker, maker and a stranger: fields and bytes equal the library's."""
    records = b"".join(event.pack() for event in batch)
    for account in (TAKER, MAKER, STRANGER):
        reports = expected_reports(batch, account)
        expected = pb.TradeResponse(reports=reports, sent_time_ns=sent).SerializeToString() if reports else b""
        assert native.encode_reports(records, account, SYMBOLS, sent) == expected


def test_neither_side_of_a_trade_learns_the_other() -> None:
    """Account, ids, position, group and delay of the counterparty are in neither report."""
    trade = Event(type=EventType.TRADE, command_type=CommandType.PLACE, symbol=3, side=1, account=TAKER, sequence=1)
    trade.order_id, trade.client_order_id, trade.position, trade.gateway_delay_us = 70001, 70002, 70003, 70004
    trade.maker_account, trade.maker_order_id, trade.maker_client_order_id = MAKER, 80001, 80002
    trade.maker_position, trade.stp_group, trade.request_id, trade.origin = 80003, 70005, 70006, 70007
    for account, others in ((TAKER, ("8000", f"account_id: {MAKER}")), (MAKER, ("7000", f"account_id: {TAKER}"))):
        (report,) = pb.TradeResponse.FromString(native.encode_reports(trade.pack(), account, SYMBOLS, 5)).reports
        assert not any(secret in str(report) for secret in others)


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

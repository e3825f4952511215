"""Requests as the protobuf library writes them, and the records that they stand for."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.message import Message
from hypothesis import strategies as st

from tidegate.v1 import order_service_pb2 as pb
from tidegate.v1 import types_pb2 as types
from tidegate.wire import native
from tidegate.wire.records import Command, CommandFlag, CommandType, OrderType, TimeInForce, unpack_commands

SYMBOLS = [(3, "BTCUSDT"), (5, "ETHUSDT"), (9, "A"), (10, "ABCDEFGHIJKLMNO")]
IDS = {name: number for number, name in SYMBOLS}
MALFORMED, UNKNOWN_SYMBOL, TOO_MANY_ITEMS, MISSING_FIELD, INVALID_FIELD = 1, 2, 6, 7, 20
MEMBERS = {
    "place": CommandType.PLACE,
    "amend": CommandType.AMEND,
    "cancel": CommandType.CANCEL,
    "cancel_all": CommandType.CANCEL_ALL,
    "replace": CommandType.REPLACE,
    "set_countdown": CommandType.SET_COUNTDOWN,
    "reset_protection": CommandType.RESET_PROTECTION,
}
UNARY: dict[CommandType, Any] = {
    CommandType.PLACE: pb.PlaceOrderRequest,
    CommandType.AMEND: pb.AmendOrderRequest,
    CommandType.CANCEL: pb.CancelOrderRequest,
    CommandType.CANCEL_ALL: pb.CancelAllRequest,
    CommandType.QUERY_ORDER: pb.GetOrderRequest,
    CommandType.REPLACE: pb.ReplaceOrderRequest,
    CommandType.SET_PROTECTION: pb.SetProtectionRequest,
    CommandType.RESET_PROTECTION: pb.ResetProtectionRequest,
    CommandType.SET_COUNTDOWN: pb.SetCountdownRequest,
    CommandType.SET_POSITION_MODE: pb.SetPositionModeRequest,
}

symbols = st.sampled_from([name for _, name in SYMBOLS]) | st.sampled_from(
    ["", "DOGE", "BTCUSDT\0", "ABCDEFGHIJKLMNOPQ"]
)
enums = st.integers(0, 9) | st.sampled_from([-1, 127, 128, 254, 255, 256, 257, 258, 2**31 - 1, -(2**31)])
int64s = st.integers(-(2**63), 2**63 - 1) | st.integers(-2, 200)
uint64s = st.integers(0, 2**64 - 1) | st.integers(0, 200)
uint32s = st.integers(0, 2**32 - 1) | st.integers(0, 20) | st.sampled_from([5000, 5001, 65535, 65536, 65537])


def partly(kind: type[Message], **fields: st.SearchStrategy[object]) -> st.SearchStrategy[Message]:
    """Messages with any of the fields set."""
    return st.fixed_dictionaries({}, optional=fields).map(lambda given_fields: kind(**given_fields))


triggers = partly(
    types.Trigger,
    price_ticks=int64s,
    by=enums,
    callback_bps=uint32s,
    activation_price_ticks=int64s | st.just(0),
    close_position=st.booleans(),
)
places = partly(
    pb.PlaceOrderRequest,
    symbol=symbols,
    client_order_id=uint64s,
    side=enums,
    type=enums,
    time_in_force=enums,
    price_ticks=int64s,
    quantity_lots=int64s,
    reduce_only=st.booleans(),
    self_trade_prevention=enums,
    self_trade_group=uint32s,
    trigger=triggers,
    expire_time_ns=int64s,
    display_lots=int64s,
    position_side=enums,
    protection_group=uint32s,
)
replaces = partly(
    pb.ReplaceOrderRequest,
    cancel_order_id=uint64s | st.just(0),
    cancel_client_order_id=uint64s,
    place=places,
    place_if_cancel_fails=st.booleans(),
)
amends = partly(
    pb.AmendOrderRequest,
    symbol=symbols,
    order_id=uint64s,
    client_order_id=uint64s,
    price_ticks=int64s,
    quantity_lots=int64s,
    trigger_price_ticks=int64s,
)
cancels = partly(pb.CancelOrderRequest, symbol=symbols, order_id=uint64s, client_order_id=uint64s)
lookups = partly(pb.GetOrderRequest, symbol=symbols, order_id=uint64s, client_order_id=uint64s)
cancel_alls = partly(pb.CancelAllRequest, symbol=symbols, side=enums, scope=enums, protection_group=uint32s)
protections = partly(
    pb.SetProtectionRequest,
    symbol=symbols,
    protection_group=uint32s,
    window_ms=uint32s,
    fills_limit=int64s,
    quantity_limit_lots=int64s,
    notional_limit=int64s,
)
resets = partly(pb.ResetProtectionRequest, symbol=symbols, protection_group=uint32s)
countdowns = partly(pb.SetCountdownRequest, symbol=symbols, countdown_ms=uint32s)
modes = partly(pb.SetPositionModeRequest, symbol=symbols, mode=enums)
quotes = partly(
    pb.Quote,
    symbol=symbols,
    quote_id=uint64s,
    bid_price_ticks=int64s,
    bid_quantity_lots=int64s,
    ask_price_ticks=int64s,
    ask_quantity_lots=int64s,
)
mass_quotes = partly(
    pb.MassQuoteRequest,
    request_id=uint64s,
    quotes=st.lists(quotes, max_size=3),
    time_in_force=enums,
    self_trade_prevention=enums,
    self_trade_group=uint32s,
    protection_group=uint32s,
)
by_kind = {
    CommandType.PLACE: places,
    CommandType.AMEND: amends,
    CommandType.CANCEL: cancels,
    CommandType.CANCEL_ALL: cancel_alls,
    CommandType.QUERY_ORDER: lookups,
    CommandType.REPLACE: replaces,
    CommandType.SET_PROTECTION: protections,
    CommandType.RESET_PROTECTION: resets,
    CommandType.SET_COUNTDOWN: countdowns,
    CommandType.SET_POSITION_MODE: modes,
}
members = (
    st.builds(lambda body: pb.Command(place=body), places)
    | st.builds(lambda body: pb.Command(amend=body), amends)
    | st.builds(lambda body: pb.Command(cancel=body), cancels)
    | st.builds(lambda body: pb.Command(cancel_all=body), cancel_alls)
    | st.builds(lambda body: pb.Command(replace=body), replaces)
    | st.builds(lambda body: pb.Command(set_countdown=body), countdowns)
    | st.builds(lambda body: pb.Command(reset_protection=body), resets)
)


def serialized(message: Message) -> bytes:
    """As the library writes it."""
    return message.SerializeToString()


def varint(value: int) -> bytes:
    """As the wire format has it."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number: int, body: bytes) -> bytes:
    """A length-delimited field."""
    return varint(number << 3 | 2) + varint(len(body)) + body


# Fields that no message here has, of every wire type, groups within groups too.
unknown_fields = st.sampled_from(
    [
        varint(900 << 3) + varint(2**63),
        varint(901 << 3 | 1) + bytes(8),
        field(902, b"whatever"),
        varint(903 << 3 | 5) + bytes(4),
        varint(904 << 3 | 3) + field(1, b"in") + varint(1 << 3 | 3) + varint(1 << 3 | 4) + varint(904 << 3 | 4),
        varint(536870911 << 3) + b"\x01",
    ]
)
# One Command in pieces: members set twice are merged, another member replaces, whatever is unknown is skipped.
item_bytes = st.lists(members.map(serialized) | unknown_fields, max_size=3).map(b"".join)


def enum8(value: int) -> int:
    """How a record holds an enum."""
    return value if 0 <= value <= 255 else 255


def narrow(value: int) -> int:
    """How a record holds a number in 16 bits: what does not fit is refused by the engine, never another number."""
    return min(value, 65535)


def set_place(command: Command, body: Any) -> None:
    """The fields of a PlaceOrderRequest."""
    command.client_order_id = body.client_order_id
    command.price, command.quantity = body.price_ticks, body.quantity_lots
    command.side, command.order_type = enum8(body.side), enum8(body.type)
    command.time_in_force = enum8(body.time_in_force)
    command.stp_mode, command.stp_group = enum8(body.self_trade_prevention), body.self_trade_group
    command.expiry_ns, command.display, command.group = (
        body.expire_time_ns,
        body.display_lots,
        narrow(body.protection_group),
    )
    command.trigger_by, command.callback_bps = enum8(body.trigger.by), narrow(body.trigger.callback_bps)
    command.trigger_price = body.trigger.price_ticks + body.trigger.activation_price_ticks  # one of them is 0
    command.flags = int(body.reduce_only) * CommandFlag.COMMAND_REDUCE_ONLY
    command.flags |= int(body.trigger.close_position) * CommandFlag.COMMAND_CLOSE_POSITION
    both = CommandFlag.COMMAND_LONG | CommandFlag.COMMAND_SHORT
    legs = {0: 0, 1: CommandFlag.COMMAND_LONG, 2: CommandFlag.COMMAND_SHORT}
    command.flags |= legs.get(body.position_side, both)


def expected_fields(kind: CommandType, body: Any) -> Command:
    """The record that a request stands for."""
    command = Command(type=kind)
    if kind == CommandType.PLACE:
        set_place(command, body)
    elif kind == CommandType.REPLACE:
        set_place(command, body.place)
        command.order_id = body.cancel_order_id or body.cancel_client_order_id
        command.flags |= 0 if body.cancel_order_id else CommandFlag.COMMAND_TARGET_BY_CLIENT
        command.flags |= int(body.place_if_cancel_fails) * CommandFlag.COMMAND_GO_ON
    elif kind == CommandType.CANCEL_ALL:
        command.side, command.group = enum8(body.side), narrow(body.protection_group)
        command.scope = body.scope if 0 <= body.scope <= 2 else 255
    elif kind in (CommandType.SET_PROTECTION, CommandType.RESET_PROTECTION):
        command.group = narrow(body.protection_group)
        command.quantity, command.price = getattr(body, "window_ms", 0), getattr(body, "fills_limit", 0)
        command.quantity_limit = getattr(body, "quantity_limit_lots", 0)
        command.notional_limit = getattr(body, "notional_limit", 0)
    elif kind == CommandType.SET_COUNTDOWN:
        command.quantity = body.countdown_ms
    elif kind == CommandType.SET_POSITION_MODE:
        command.mode = enum8(body.mode)
    else:
        command.order_id, command.client_order_id = body.order_id, body.client_order_id
        command.price, command.quantity = getattr(body, "price_ticks", 0), getattr(body, "quantity_lots", 0)
        command.trigger_price = getattr(body, "trigger_price_ticks", 0)
    command.symbol = IDS[symbol_of(kind, body)]
    return command


def expected_quote(header: pb.MassQuoteRequest, quote: pb.Quote) -> Command:
    """The record that one quote of a message stands for."""
    command = Command.of(CommandType.QUOTE, symbol=IDS[quote.symbol], client_order_id=quote.quote_id)
    command.price, command.quantity = quote.bid_price_ticks, quote.bid_quantity_lots
    command.ask_price, command.ask_quantity = quote.ask_price_ticks, quote.ask_quantity_lots
    command.time_in_force = enum8(header.time_in_force) or TimeInForce.GTC
    command.stp_mode, command.stp_group = enum8(header.self_trade_prevention), header.self_trade_group
    command.group = narrow(header.protection_group)
    return command


def symbol_of(kind: CommandType, body: Any) -> str:
    """A replacement's symbol is that of the new order."""
    return str(body.place.symbol if kind == CommandType.REPLACE else body.symbol)


def expected_refusal(kind: CommandType | None, body: Any) -> int:
    """The gateway's reason, 0 for none."""
    if kind is None or body is None:
        return MISSING_FIELD
    if symbol_of(kind, body) not in IDS:
        return UNKNOWN_SYMBOL
    if kind in (CommandType.CANCEL, CommandType.AMEND, CommandType.QUERY_ORDER):
        return 0 if body.order_id or body.client_order_id else MISSING_FIELD
    if kind == CommandType.REPLACE and not (body.cancel_order_id or body.cancel_client_order_id):
        return MISSING_FIELD
    if kind in (CommandType.PLACE, CommandType.REPLACE):
        place = body.place if kind == CommandType.REPLACE else body
        trailing = place.type == OrderType.TRAILING_STOP
        unused = place.trigger.price_ticks if trailing else place.trigger.activation_price_ticks
        return INVALID_FIELD if unused else 0
    return 0


def check_batch(raw: bytes, message: pb.TradeRequest) -> None:
    """The codec reads in `raw` what the library has read in it."""
    expected = []
    for index, item in enumerate(message.commands):
        name = item.WhichOneof("command")
        kind, body = (MEMBERS[name], getattr(item, name)) if name else (None, None)
        if refusal := expected_refusal(kind, body):
            return check_refused(native.decode_commands, raw, refusal, index)
        assert kind is not None
        expected.append(expected_fields(kind, body))
    for index, quote in enumerate(message.mass_quote.quotes):
        if quote.symbol not in IDS:
            return check_refused(native.decode_commands, raw, UNKNOWN_SYMBOL, len(message.commands) + index)
        expected.append(expected_quote(message.mass_quote, quote))
    for index, command in enumerate(expected):
        command.request_id, command.item = message.request_id, index
    assert list(unpack_commands(native.decode_commands(raw, SYMBOLS))) == expected
    return None


def check_refused(decode: Any, raw: bytes, reason: int, item: int) -> None:
    """The item is refused for this reason."""
    with pytest.raises(ValueError) as refused:
        decode(raw, SYMBOLS)
    assert refused.value.args == (reason, item)

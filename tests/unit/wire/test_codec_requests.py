"""Requests: what the protobuf library reads in any bytes, the codec reads too, or refuses them."""

from __future__ import annotations

import random
from typing import Any

import pytest
from google.protobuf.message import DecodeError, Message
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.v1 import account_service_pb2 as accounts
from tidegate.v1 import order_service_pb2 as pb
from tidegate.wire import native
from tidegate.wire.records import Command, CommandType, unpack_commands

SYMBOLS = [(3, "BTCUSDT"), (5, "ETHUSDT"), (9, "A"), (10, "ABCDEFGHIJKLMNO")]
IDS = {name: number for number, name in SYMBOLS}
MALFORMED, UNKNOWN_SYMBOL, TOO_MANY_ITEMS, MISSING_FIELD, INVALID_FIELD = 1, 2, 6, 7, 20
MEMBERS = {
    "place": CommandType.PLACE,
    "amend": CommandType.AMEND,
    "cancel": CommandType.CANCEL,
    "cancel_all": CommandType.CANCEL_ALL,
}
UNARY: dict[CommandType, Any] = {
    CommandType.PLACE: pb.PlaceOrderRequest,
    CommandType.AMEND: pb.AmendOrderRequest,
    CommandType.CANCEL: pb.CancelOrderRequest,
    CommandType.CANCEL_ALL: pb.CancelAllRequest,
    CommandType.QUERY_ORDER: pb.GetOrderRequest,
}

symbols = st.sampled_from([name for _, name in SYMBOLS]) | st.sampled_from(
    ["", "DOGE", "BTCUSDT\0", "ABCDEFGHIJKLMNOPQ"]
)
enums = st.integers(0, 6) | st.sampled_from([-1, 127, 128, 254, 255, 256, 257, 258, 2**31 - 1, -(2**31)])
int64s = st.integers(-(2**63), 2**63 - 1) | st.integers(-2, 200)
uint64s = st.integers(0, 2**64 - 1) | st.integers(0, 200)
uint32s = st.integers(0, 2**32 - 1)


def partly(kind: type[Message], **fields: st.SearchStrategy[object]) -> st.SearchStrategy[Message]:
    """Messages with any of the fields set."""
    return st.fixed_dictionaries({}, optional=fields).map(lambda given_fields: kind(**given_fields))


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
)
amends = partly(
    pb.AmendOrderRequest,
    symbol=symbols,
    order_id=uint64s,
    client_order_id=uint64s,
    price_ticks=int64s,
    quantity_lots=int64s,
)
cancels = partly(pb.CancelOrderRequest, symbol=symbols, order_id=uint64s, client_order_id=uint64s)
lookups = partly(pb.GetOrderRequest, symbol=symbols, order_id=uint64s, client_order_id=uint64s)
cancel_alls = partly(pb.CancelAllRequest, symbol=symbols, side=enums)
by_kind = {
    CommandType.PLACE: places,
    CommandType.AMEND: amends,
    CommandType.CANCEL: cancels,
    CommandType.CANCEL_ALL: cancel_alls,
    CommandType.QUERY_ORDER: lookups,
}
members = (
    st.builds(lambda body: pb.Command(place=body), places)
    | st.builds(lambda body: pb.Command(amend=body), amends)
    | st.builds(lambda body: pb.Command(cancel=body), cancels)
    | st.builds(lambda body: pb.Command(cancel_all=body), cancel_alls)
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


def expected_fields(kind: CommandType, body: Any) -> Command:
    """The record that a request stands for."""
    command = Command(type=kind, symbol=IDS[body.symbol])
    for name in ("client_order_id", "order_id"):
        setattr(command, name, getattr(body, name, 0))
    command.price, command.quantity = getattr(body, "price_ticks", 0), getattr(body, "quantity_lots", 0)
    command.side = enum8(getattr(body, "side", 0))
    if kind == CommandType.PLACE:
        command.order_type, command.time_in_force = enum8(body.type), enum8(body.time_in_force)
        command.stp_mode, command.stp_group = enum8(body.self_trade_prevention), body.self_trade_group
        command.flags = int(body.reduce_only)
    return command


def expected_refusal(kind: CommandType | None, body: Any) -> int:
    """The gateway's reason, 0 for none."""
    if kind is None or body is None:
        return MISSING_FIELD
    if body.symbol not in IDS:
        return UNKNOWN_SYMBOL
    targeted = kind in (CommandType.CANCEL, CommandType.AMEND, CommandType.QUERY_ORDER)
    return MISSING_FIELD if targeted and not (body.order_id or body.client_order_id) else 0


def check_batch(raw: bytes, message: pb.TradeRequest) -> None:
    """The codec reads in `raw` what the library has read in it."""
    expected = []
    for index, item in enumerate(message.commands):
        name = item.WhichOneof("command")
        kind, body = (MEMBERS[name], getattr(item, name)) if name else (None, None)
        if refusal := expected_refusal(kind, body):
            with pytest.raises(ValueError) as refused:
                native.decode_commands(raw, SYMBOLS)
            assert refused.value.args == (refusal, index)
            return
        assert kind is not None
        assert body is not None
        command = expected_fields(kind, body)
        command.request_id, command.item = message.request_id, index
        expected.append(command)
    assert list(unpack_commands(native.decode_commands(raw, SYMBOLS))) == expected


@settings(max_examples=300, deadline=None)
@given(request_id=uint64s, items=st.lists(members, max_size=6))
def test_batches_that_the_library_writes(request_id: int, items: list[pb.Command]) -> None:
    """Every field of every command of a TradeRequest, at any value, comes out as the library has put it in."""
    message = pb.TradeRequest(request_id=request_id, commands=items)
    check_batch(message.SerializeToString(), message)


@settings(max_examples=300, deadline=None)
@given(
    parts=st.lists(
        st.builds(lambda number: varint(1 << 3) + varint(number), uint64s)
        | st.builds(lambda item: field(2, item), item_bytes)
        | unknown_fields
        | st.just(field(3, b"")),
        max_size=8,
    )
)
def test_fields_in_any_order_merged_repeated_unknown(parts: list[bytes]) -> None:
    """Pieces that a library would not write but reads: the last scalar wins, oneof members merge or replace."""
    raw = b"".join(parts)
    check_batch(raw, pb.TradeRequest.FromString(raw))


@settings(max_examples=300, deadline=None)
@given(data=st.data(), kind=st.sampled_from(sorted(by_kind)))
def test_unary_requests(data: st.DataObject, kind: CommandType) -> None:
    """PlaceOrder, AmendOrder, CancelOrder, CancelAll and GetOrder, in pieces that are merged."""
    raw = b"".join(data.draw(st.lists(by_kind[kind].map(serialized) | unknown_fields, max_size=3)))
    body = UNARY[kind].FromString(raw)
    if refusal := expected_refusal(kind, body):
        with pytest.raises(ValueError) as refused:
            native.decode_request(kind, raw, SYMBOLS)
        assert refused.value.args == (refusal, -1)
    else:
        assert list(unpack_commands(native.decode_request(kind, raw, SYMBOLS))) == [expected_fields(kind, body)]


def mutated(raw: bytes, rng: random.Random) -> bytes:
    """A few bytes changed, removed or cut."""
    out = bytearray(raw)
    for _ in range(rng.randint(1, 3)):
        if not out:
            break
        at = rng.randrange(len(out))
        action = rng.randrange(4)
        if action == 0:
            out[at] ^= 1 << rng.randrange(8)
        elif action == 1:
            out[at] = rng.choice((0, 0x7F, 0x80, 0xFF))
        elif action == 2:
            del out[at:]
        else:
            out[at:at] = bytes(rng.randrange(256) for _ in range(rng.randint(1, 4)))
    return bytes(out)


@settings(max_examples=400, deadline=None)
@given(items=st.lists(members, max_size=4), seed=st.integers(0, 2**32))
def test_damaged_messages_are_read_alike_or_refused(items: list[pb.Command], seed: int) -> None:
    """What the library takes for malformed is refused (but for names that are no UTF-8: unknown symbols); what
    it reads is read alike."""
    raw = mutated(pb.TradeRequest(request_id=1, commands=items).SerializeToString(), random.Random(seed))
    try:
        message = pb.TradeRequest.FromString(raw)
    except DecodeError:
        try:
            native.decode_commands(raw, SYMBOLS)
        except ValueError:
            return
        raise AssertionError("accepted what the library refuses") from None
    check_batch(raw, message)


@pytest.mark.parametrize(
    "raw",
    [
        b"\x08",  # a tag without a value
        b"\x08" + b"\x80" * 10 + b"\x01",  # a varint of eleven bytes
        b"\x12\x05ab",  # a length past the end
        b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",  # a length of 2^64 - 1
        b"\x00\x01",  # field number 0
        b"\x0c",  # the end of a group that never began
        b"\x0b",  # a group without an end
        b"\x0b\x14",  # a group with the end of another
        b"\x0e",  # wire type 6
        b"\x0b" * 5000 + b"\x0c" * 5000,  # groups far too deep
        field(2, field(1, field(1, b"BTCUSDT") + b"\x11\x01")),  # cut within a field of a field
        b"\x80\x80\x80\x80\x80\x00",  # a tag of six bytes
    ],
)
def test_malformed_messages_are_refused(raw: bytes) -> None:
    """Each kind of damage that the wire format can have."""
    with pytest.raises(ValueError) as refused:
        native.decode_commands(raw, SYMBOLS)
    assert refused.value.args == (MALFORMED, -1)


def test_long_varints_and_wrong_wire_types_are_read_as_protobuf_does() -> None:
    """Non-canonical varints count; a known field with another wire type is an unknown field."""
    place = field(1, b"BTCUSDT") + b"\x11" + (77).to_bytes(8, "little")
    place += b"\x18\x81\x80\x80\x80\x80\x80\x80\x80\x80\x00"  # side 1 in ten bytes
    place += b"\x20" + varint(2**32 + 2)  # type, truncated to 32 bits
    place += b"\x28" + varint(2**64 - 1)  # time in force -1
    place += b"\x31" + bytes(8)  # price as fixed64: skipped
    place += b"\x40" + varint(2**40)  # reduce-only: not 0
    place += b"\x50" + varint(2**32 + 9)  # group, truncated to 32 bits
    raw = field(2, field(1, place))
    check_batch(raw, pb.TradeRequest.FromString(raw))
    (command,) = unpack_commands(native.decode_commands(raw, SYMBOLS))
    assert (command.side, command.order_type, command.time_in_force, command.price) == (1, 2, 255, 0)
    assert (command.flags, command.stp_group) == (1, 9)


def test_pages_of_open_orders() -> None:
    """Page size 0 is 100, at most 1000; the token is the last order id in decimal."""

    def decode(**fields: Any) -> Command:
        raw = accounts.ListOpenOrdersRequest(symbol="A", **fields).SerializeToString()
        (command,) = unpack_commands(native.decode_request(CommandType.QUERY_OPEN_ORDERS, raw, SYMBOLS))
        return command

    assert (decode().quantity, decode().order_id) == (100, 0)
    assert decode(page_size=1000, page_token=str(2**64 - 1)) == Command(
        type=33, symbol=9, quantity=1000, order_id=2**64 - 1
    )
    for bad in (
        {"page_size": -1},
        {"page_size": 1001},
        {"page_token": "x"},
        {"page_token": str(2**64)},
        {"page_token": "0" * 21},
    ):
        with pytest.raises(ValueError) as refused:
            decode(**bad)
        assert refused.value.args == (INVALID_FIELD, -1)


def test_kinds_that_are_no_client_request_are_refused() -> None:
    """A client cannot define instruments or set phases through the order path."""
    for kind in (0, CommandType.SET_PHASE, CommandType.DEFINE_INSTRUMENT, CommandType.QUERY_DEPTH, 255):
        with pytest.raises(ValueError) as refused:
            native.decode_request(kind, b"", SYMBOLS)
        assert refused.value.args == (MALFORMED, -1)

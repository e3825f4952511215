"""Requests: what the protobuf library reads in any bytes, the codec reads too, or refuses them."""

from __future__ import annotations

import random
from typing import Any

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from tests.unit.wire.request_kit import (
    IDS,
    INVALID_FIELD,
    MALFORMED,
    SYMBOLS,
    TOO_MANY_ITEMS,
    UNARY,
    UNKNOWN_SYMBOL,
    by_kind,
    check_batch,
    check_refused,
    expected_fields,
    expected_quote,
    expected_refusal,
    field,
    item_bytes,
    mass_quotes,
    members,
    serialized,
    uint64s,
    unknown_fields,
    varint,
)
from tidegate.v1 import account_service_pb2 as accounts
from tidegate.v1 import order_service_pb2 as pb
from tidegate.wire import native
from tidegate.wire.records import Command, CommandFlag, CommandType, unpack_commands


@examples(300)
@given(request_id=uint64s, items=st.lists(members, max_size=6), quoted=st.none() | mass_quotes)
def test_batches_that_the_library_writes(
    request_id: int, items: list[pb.Command], quoted: pb.MassQuoteRequest | None
) -> None:
    """Every field of every command of a TradeRequest, at any value, comes out as the library has put it in."""
    message = pb.TradeRequest(request_id=request_id, commands=items, mass_quote=quoted)
    check_batch(message.SerializeToString(), message)


@examples(300)
@given(
    parts=st.lists(
        st.builds(lambda number: varint(1 << 3) + varint(number), uint64s)
        | st.builds(lambda item: field(2, item), item_bytes)
        | st.builds(lambda quoted: field(5, quoted.SerializeToString()), mass_quotes)
        | unknown_fields
        | st.just(field(3, b"")),
        max_size=8,
    )
)
def test_fields_in_any_order_merged_repeated_unknown(parts: list[bytes]) -> None:
    """Pieces that a library would not write but reads: the last scalar wins, oneof members merge or replace."""
    raw = b"".join(parts)
    check_batch(raw, pb.TradeRequest.FromString(raw))


@examples(300)
@given(data=st.data(), kind=st.sampled_from(sorted(by_kind)))
def test_unary_requests(data: st.DataObject, kind: CommandType) -> None:
    """Every unary request that is one command, in pieces that are merged."""
    raw = b"".join(data.draw(st.lists(by_kind[kind].map(serialized) | unknown_fields, max_size=3)))
    body = UNARY[kind].FromString(raw)
    if refusal := expected_refusal(kind, body):
        with pytest.raises(ValueError) as refused:
            native.decode_request(kind, raw, SYMBOLS)
        assert refused.value.args == (refusal, -1)
    else:
        assert list(unpack_commands(native.decode_request(kind, raw, SYMBOLS))) == [expected_fields(kind, body)]


@examples(300)
@given(parts=st.lists(mass_quotes.map(serialized) | unknown_fields, max_size=3))
def test_mass_quotes(parts: list[bytes]) -> None:
    """MassQuote: what is said once goes for every quote, wherever in the message it stands."""
    raw = b"".join(parts)
    message = pb.MassQuoteRequest.FromString(raw)
    expected = []
    for index, quote in enumerate(message.quotes):
        if quote.symbol not in IDS:
            return check_refused(native.decode_quotes, raw, UNKNOWN_SYMBOL, index)
        expected.append(expected_quote(message, quote))
        expected[-1].request_id, expected[-1].item = message.request_id, index
    assert list(unpack_commands(native.decode_quotes(raw, SYMBOLS))) == expected
    return None


def test_a_hundred_quotes_are_the_most() -> None:
    """One more, alone or in several pieces of a stream's message, refuses all of it."""
    hundred = pb.MassQuoteRequest(quotes=[pb.Quote(symbol="A", quote_id=each) for each in range(1, 101)])
    raw = hundred.SerializeToString()
    assert len(native.decode_quotes(raw, SYMBOLS)) == 100 * native.COMMAND_BYTES
    one = pb.MassQuoteRequest(quotes=[pb.Quote(symbol="A")]).SerializeToString()
    check_refused(native.decode_quotes, raw + one, TOO_MANY_ITEMS, -1)
    check_refused(native.decode_commands, field(5, raw) + field(5, one), TOO_MANY_ITEMS, -1)


def test_what_only_the_venue_may_say_cannot_be_said() -> None:
    """Whatever a client sends: no session, gateway or everyone's scope, no liquidation, no owner of an order."""
    for scope in range(3, 260):
        raw = pb.CancelAllRequest(symbol="A", scope=scope).SerializeToString()  # type: ignore[arg-type]
        (command,) = unpack_commands(native.decode_request(CommandType.CANCEL_ALL, raw, SYMBOLS))
        assert (command.scope, command.order_id) == (255, 0)
    forbidden = CommandFlag.COMMAND_LIQUIDATION | CommandFlag.COMMAND_CANCEL_ON_DISCONNECT
    for side in range(260):
        order = pb.PlaceOrderRequest(symbol="A", position_side=side, reduce_only=True)  # type: ignore[arg-type]
        order.trigger.close_position = True
        raw = pb.ReplaceOrderRequest(
            place=order, cancel_client_order_id=1, place_if_cancel_fails=True
        ).SerializeToString()
        (command,) = unpack_commands(native.decode_request(CommandType.REPLACE, raw, SYMBOLS))
        assert not command.flags & forbidden


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


@examples(400)
@given(items=st.lists(members, max_size=4), quoted=st.none() | mass_quotes, seed=st.integers(0, 2**32))
def test_damaged_messages_are_read_alike_or_refused(
    items: list[pb.Command], quoted: pb.MassQuoteRequest | None, seed: int
) -> None:
    """What the library takes for malformed is refused (but for names that are no UTF-8: unknown symbols); what
    it reads is read alike."""
    message = pb.TradeRequest(request_id=1, commands=items, mass_quote=quoted)
    raw = mutated(message.SerializeToString(), random.Random(seed))
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
        field(3, b"\x80\x00"),  # field number 0 in what opens the stream
        field(3, field(1, b"\x10")),  # a tag without a value in one of its positions
    ],
)
def test_malformed_messages_are_refused(raw: bytes) -> None:
    """Each kind of damage that the wire format can have."""
    with pytest.raises(ValueError) as refused:
        native.decode_commands(raw, SYMBOLS)
    assert refused.value.args == (MALFORMED, -1)


@pytest.mark.parametrize("inside", [b"\x00\x00", b"\x01" + bytes(8), b"\x02\x00", b"\x03\x04", b"\x05" + bytes(4)])
def test_field_number_0_within_an_unknown_group_is_skipped(inside: bytes) -> None:
    """As the library does: what it does not know it only finds the end of."""
    raw = b"\x0b" + inside + b"\x0c" + field(2, field(1, field(1, b"BTCUSDT")))
    check_batch(raw, pb.TradeRequest.FromString(raw))
    with pytest.raises(DecodeError):
        pb.TradeRequest.FromString(inside)
    check_refused(native.decode_commands, inside, MALFORMED, -1)


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
    own = (CommandType.SET_PHASE, CommandType.DEFINE_INSTRUMENT, CommandType.SET_PRICES, CommandType.TICK)
    for kind in (0, *own, CommandType.QUOTE, CommandType.QUERY_DEPTH, 255):
        with pytest.raises(ValueError) as refused:
            native.decode_request(kind, b"", SYMBOLS)
        assert refused.value.args == (MALFORMED, -1)

"""A batch that is encoded once and then patched in place, for those who send thousands of quotes a second.

Client order ids are fixed-width on the wire. Prices and quantities are varints; here they are padded with
continuation bytes to one width, which every protobuf reader takes, so that they too can be overwritten.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence

from tidegate.v1 import order_service_pb2
from tidegate_client.commands import Amend, AnyCommand, Cancel
from tidegate_client.enums import Side
from tidegate_client.instruments import Instrument
from tidegate_client.placing import Place
from tidegate_client.varint import padded_varint, varint

_PRICE_WIDTH = 5  # up to 2^35 ticks
_QUANTITY_WIDTH = 6  # up to 2^42 lots
_ID = struct.Struct("<Q")


class BatchTemplate:
    """Commands of one message, ready to send with `TradingSession.send_encoded(template.encoded(), template.ids)`.

    `set` overwrites id, price (ticks) and quantity (lots) of one command. `ids` are those of the commands as
    they stand. Place, Amend and Cancel can be part of a template.
    """

    __slots__ = ("_data", "_ids", "_places")

    def __init__(self, commands: Sequence[AnyCommand], instrument_of: Callable[[str], Instrument]) -> None:
        self._data = bytearray()
        self._places: list[tuple[int, int, int]] = []
        self._ids: list[int] = []
        for each in commands:
            if not isinstance(each, Place | Amend | Cancel):
                raise TypeError(f"a {type(each).__name__} can't be part of a template")
            self._append(each, instrument_of(each.symbol))

    def __len__(self) -> int:
        return len(self._places)

    @property
    def ids(self) -> list[int]:
        """Client order ids, one per command; a new list each time."""
        return list(self._ids)

    def set(self, item: int, client_order_id: int, price_ticks: int = -1, quantity_lots: int = -1) -> None:
        """Overwrite one command; -1 leaves price or quantity as it is."""
        id_at, price_at, quantity_at = self._places[item]
        _ID.pack_into(self._data, id_at, client_order_id)
        self._ids[item] = client_order_id
        if price_ticks >= 0 and price_at:
            self._data[price_at : price_at + _PRICE_WIDTH] = padded_varint(price_ticks, _PRICE_WIDTH)
        if quantity_lots >= 0 and quantity_at:
            self._data[quantity_at : quantity_at + _QUANTITY_WIDTH] = padded_varint(quantity_lots, _QUANTITY_WIDTH)

    def encoded(self) -> bytes:
        """The commands as the body of a TradeRequest or SubmitBatchRequest, without request_id."""
        return bytes(self._data)

    def _append(self, each: Place | Amend | Cancel, instrument: Instrument) -> None:
        command = order_service_pb2.Command()
        each.write(command, instrument)
        which = command.WhichOneof("command")
        assert which is not None
        message = getattr(command, which)
        price, quantity, client_order_id = (
            getattr(message, "price_ticks", 0),
            getattr(message, "quantity_lots", 0),
            message.client_order_id,
        )
        message.ClearField("client_order_id")
        if isinstance(each, Place | Amend):
            message.ClearField("price_ticks")
            message.ClearField("quantity_lots")
        # What stays the same, then the patchable fields; a reader takes fields in any order.
        inner = message.SerializeToString()
        number = {"place": 1, "amend": 2, "cancel": 3}[which]
        tail = bytes([_tag(_field(message, "client_order_id"), 1)]) + _ID.pack(client_order_id)
        patched = isinstance(each, Amend) or (isinstance(each, Place) and each.price is not None)
        price_at = quantity_at = 0
        if patched:
            price_at = len(inner) + len(tail) + 1
            tail += bytes([_tag(_field(message, "price_ticks"), 0)]) + padded_varint(price, _PRICE_WIDTH)
        if not isinstance(each, Place | Amend):
            body = inner + tail
        else:
            quantity_at = len(inner) + len(tail) + 1
            tail += bytes([_tag(_field(message, "quantity_lots"), 0)]) + padded_varint(quantity, _QUANTITY_WIDTH)
            body = inner + tail
        wrapped = bytes([_tag(number, 2)]) + varint(len(body)) + body
        head = b"\x12" + varint(len(wrapped))
        start = len(self._data) + len(head) + len(wrapped) - len(body)
        self._data += head + wrapped
        id_at = start + len(inner) + 1
        self._places.append((id_at, start + price_at if price_at else 0, start + quantity_at if quantity_at else 0))
        self._ids.append(client_order_id)


def quote_template(
    symbol: str, levels: int, instrument_of: Callable[[str], Instrument], **options: object
) -> BatchTemplate:
    """`levels` limit buys, then `levels` limit sells, all fields but the numbers in place."""
    buys = [Place(symbol, Side.BUY, 0, 0, **options) for _ in range(levels)]  # type: ignore[arg-type]
    sells = [Place(symbol, Side.SELL, 0, 0, **options) for _ in range(levels)]  # type: ignore[arg-type]
    return BatchTemplate(buys + sells, instrument_of)


def _tag(number: int, wire_type: int) -> int:
    return number << 3 | wire_type


def _field(message: object, name: str) -> int:
    return message.DESCRIPTOR.fields_by_name[name].number  # type: ignore[attr-defined, no-any-return]

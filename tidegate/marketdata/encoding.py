"""The few pieces of protobuf's wire format that are put together here, around what is encoded natively."""

from __future__ import annotations


def frame(field: int, message: bytes) -> bytes:
    """A message that holds `message` as its field with this number (below 16): protobuf's tag, length, bytes."""
    return bytes((field << 3 | 2,)) + varint(len(message)) + message


def varint(value: int) -> bytes:
    """protobuf's encoding of a number that is not negative."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)

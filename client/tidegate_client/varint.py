"""protobuf's base-128 numbers, for messages that are encoded once and patched."""

from __future__ import annotations


def varint(value: int) -> bytes:
    """A number that is not negative, in as few bytes as it takes."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def padded_varint(value: int, width: int) -> bytes:
    """`value` as a varint of exactly `width` bytes; ValueError when it does not fit."""
    if value < 0 or value >> (7 * width):
        raise ValueError(f"{value} does not fit into {width} bytes of a varint")
    value_bytes = [(value >> (7 * place) & 0x7F) | 0x80 for place in range(width)]
    value_bytes[-1] &= 0x7F
    return bytes(value_bytes)

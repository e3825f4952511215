"""From a gRPC failure to the error tree: reads google.rpc.Status out of the trailing metadata.

The three messages of google.rpc that the venue sends are small, so they are read here from the wire format,
and the client needs no more packages than grpcio and protobuf.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import grpc

from tidegate_client.enums import Outcome, Reason
from tidegate_client.errors import (
    AlreadyExists,
    Busy,
    ConnectionLost,
    Invalid,
    NotFound,
    PermissionDenied,
    Refused,
    Rejected,
    TidegateError,
    Unauthenticated,
    class_of,
)

DETAILS_KEY = "grpc-status-details-bin"

_BY_CODE: dict[grpc.StatusCode, type[Refused]] = {
    grpc.StatusCode.RESOURCE_EXHAUSTED: Busy,
    grpc.StatusCode.UNAUTHENTICATED: Unauthenticated,
    grpc.StatusCode.PERMISSION_DENIED: PermissionDenied,
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.ALREADY_EXISTS: AlreadyExists,
    grpc.StatusCode.INVALID_ARGUMENT: Invalid,
    grpc.StatusCode.OUT_OF_RANGE: Invalid,
    grpc.StatusCode.FAILED_PRECONDITION: Rejected,
    grpc.StatusCode.UNIMPLEMENTED: Invalid,
}

# What gRPC says of a message that it does not hand on; the same will not pass another time.
_TOO_LARGE = "message larger than max"

# Codes that gRPC itself gives when the connection, and not the venue, failed.
_TRANSPORT = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNKNOWN,
    }
)


def error_of(error: grpc.RpcError) -> TidegateError:
    """What a failed call means. Without details from the venue, a transport failure is ConnectionLost."""
    code, text = error.code(), error.details() or ""
    details = _details(error)
    if details is None:
        if code in _TRANSPORT:
            return ConnectionLost(f"{code.name}: {text}")
        if code is grpc.StatusCode.RESOURCE_EXHAUSTED and _TOO_LARGE in text:
            return Invalid(text, reason=Reason.TOO_MANY_ITEMS)
        return _BY_CODE.get(code, Refused)(text or code.name)
    reason, metadata, retry_delay_s = details
    outcome = Outcome.__members__.get(metadata.get("outcome", "").removeprefix("OUTCOME_"), Outcome.NOT_APPLIED)
    kind = class_of(reason)
    if kind in (Refused, Rejected):
        kind = _BY_CODE.get(code, kind)
    sequence = metadata.get("sequence", "0")
    return kind(
        text,
        reason=reason,
        outcome=outcome,
        retry_delay_s=retry_delay_s,
        sequence=int(sequence) if sequence.isdigit() else 0,
        details=metadata,
    )


def _details(error: grpc.RpcError) -> tuple[Reason, dict[str, str], float] | None:
    """(reason, metadata, retry delay in seconds) of the venue's own refusal; None when it has not sent one."""
    found: tuple[Reason, dict[str, str]] | None = None
    retry_delay_s = 0.0
    trailing: Iterable[tuple[str, object]] = error.trailing_metadata() or ()  # type: ignore[assignment]
    for key, value in trailing:
        if key != DETAILS_KEY or not isinstance(value, bytes):
            continue
        for number, detail in _fields(value):
            if number != 3 or not isinstance(detail, bytes):
                continue
            kind, body = _any(detail)
            if kind == "google.rpc.ErrorInfo":
                found = _error_info(body)
            elif kind == "google.rpc.RetryInfo":
                retry_delay_s = _retry_delay_s(body)
    return None if found is None else (*found, retry_delay_s)


def _any(data: bytes) -> tuple[str, bytes]:
    parts = dict(_fields(data))
    name, body = parts.get(1, b""), parts.get(2, b"")
    if not isinstance(name, bytes) or not isinstance(body, bytes):
        return "", b""
    return name.decode(errors="replace").rpartition("/")[2], body


def _error_info(data: bytes) -> tuple[Reason, dict[str, str]]:
    reason, metadata = Reason.UNSPECIFIED, {}
    for number, value in _fields(data):
        if not isinstance(value, bytes):
            continue
        if number == 1:
            reason = Reason.__members__.get(value.decode(errors="replace"), Reason.UNSPECIFIED)
        elif number == 3:
            entry = dict(_fields(value))
            name, content = entry.get(1, b""), entry.get(2, b"")
            if isinstance(name, bytes) and isinstance(content, bytes):
                metadata[name.decode(errors="replace")] = content.decode(errors="replace")
    return reason, metadata


def _retry_delay_s(data: bytes) -> float:
    duration = dict(_fields(data)).get(1, b"")
    if not isinstance(duration, bytes):
        return 0.0
    parts = dict(_fields(duration))
    seconds, nanos = parts.get(1, 0), parts.get(2, 0)
    return (seconds if isinstance(seconds, int) else 0) + (nanos if isinstance(nanos, int) else 0) / 1e9


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Field number and value of each varint and length-delimited field; stops at anything else."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        if tag & 7 == 0:
            value, at = _varint(data, at)
            yield tag >> 3, value
        elif tag & 7 == 2:
            size, at = _varint(data, at)
            yield tag >> 3, data[at : at + size]
            at += size
        else:
            return


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
    return value, at

"""A consumer of one account's events that may be killed at any moment: what it has received is in its file.

usage: python -m tests.e2e.consumer ADDRESS API_KEY FILE
One frame per message: length (u32), then the StreamEventsResponse. It resumes after the last whole frame.
"""

from __future__ import annotations

import os
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import grpc

from tidegate.v1 import account_service_pb2, account_service_pb2_grpc, types_pb2

_LENGTH = struct.Struct("<I")
RETRY_SECONDS = 0.05
Event = tuple[str, int, int, int, int, int, int, int]


def frames(path: Path) -> Iterator[account_service_pb2.StreamEventsResponse]:
    """The whole frames of a file; what a kill has left half-written at its end is cut off."""
    data = path.read_bytes() if path.exists() else b""
    at = 0
    while at + _LENGTH.size <= len(data):
        size = _LENGTH.unpack_from(data, at)[0]
        end = at + _LENGTH.size + size
        if end > len(data):
            break
        yield account_service_pb2.StreamEventsResponse.FromString(data[at + _LENGTH.size : end])
        at = end
    if at < len(data):
        os.truncate(path, at)


def reports(path: Path) -> list[types_pb2.Report]:
    """Everything in a file, in the order in which it came."""
    return [report for frame in frames(path) for report in frame.reports]


def event(report: types_pb2.Report) -> Event:
    """What one event is, apart from which session asked for it."""
    trade = report.trade_id if report.kind == types_pb2.REPORT_KIND_TRADE else 0
    own = (report.symbol, report.sequence, report.index, report.kind, report.order_id)
    return (*own, report.leaves_lots, report.filled_lots, trade)


def positions(path: Path) -> dict[str, int]:
    """Last sequence received per symbol: of reports, and of notices that name none earlier."""
    found: dict[str, int] = {}
    for frame in frames(path):
        for report in frame.reports:
            found[report.symbol] = report.sequence
        for position in frame.notice.positions:
            found.setdefault(position.symbol, position.sequence)
    return found


def follow(address: str, api_key: str, path: Path, start: dict[str, int]) -> None:
    """One stream, until it ends."""
    known = {**start, **positions(path)}
    opening = account_service_pb2.StreamEventsRequest()
    for symbol, sequence in known.items():
        opening.open.resume_after.add(symbol=symbol, sequence=sequence)
    with grpc.insecure_channel(address) as channel, path.open("ab", buffering=0) as out:
        stub = account_service_pb2_grpc.AccountServiceStub(channel)  # type: ignore[no-untyped-call]
        for message in stub.StreamEvents(opening, metadata=(("x-api-key", api_key),)):
            encoded = message.SerializeToString()
            out.write(_LENGTH.pack(len(encoded)) + encoded)


def main() -> None:
    """Follows for ever, from the beginning of every symbol."""
    address, api_key, path = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    start = dict.fromkeys(sys.argv[4:], 0)
    while True:
        try:
            follow(address, api_key, path, start)
        except grpc.RpcError:
            time.sleep(RETRY_SECONDS)


if __name__ == "__main__":
    main()

"""Where a stream starts, and what its client has missed since it last had one (rule API-2).

A session that resumes is opened held: from its opening positions on, live output is kept for it. What
lies between the client's positions and those is read from the journals; then the session is released.
So there is neither a gap nor a report twice. Reports from the journal have request_id 0.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from tidegate.gateway.catch_up import JournalCatchUp, SymbolReader
from tidegate.gateway.errors import RefusedError
from tidegate.gateway.router_pump import RouterPump
from tidegate.gateway.shards import Shards
from tidegate.v1 import order_service_pb2, types_pb2
from tidegate.wire.journal_reader import JournalDamagedError

# Another gateway may have been ahead of this one when the client lost it.
AHEAD_SECONDS_MAX = 1.0
AHEAD_POLL_SECONDS = 0.01


@dataclass(frozen=True)
class Resume:
    """How one stream starts."""

    opened_at: list[tuple[str, int]]
    """Position per symbol after which the session has everything."""
    accounts: tuple[int, ...]
    starts: dict[str, int]
    """Last sequence received, of the symbols that the client has named."""


async def starting_points(pump: RouterPump, shards: Shards, wanted: order_service_pb2.StreamOpen) -> dict[str, int]:
    """What the client has received, checked.

    Raises RefusedError: UNKNOWN_SYMBOL, SEQUENCE_AHEAD, SYMBOL_UNAVAILABLE (ahead of an engine that recovers)."""
    starts = {position.symbol: position.sequence for position in wanted.resume_after}
    if not starts:
        return starts
    loop = asyncio.get_running_loop()
    give_up = loop.time() + AHEAD_SECONDS_MAX
    while True:
        positions = dict(pump.router.positions())
        if unknown := starts.keys() - positions.keys():
            raise RefusedError(types_pb2.REASON_UNKNOWN_SYMBOL, f"no such symbol: {min(unknown)[:16]}")
        ahead = [symbol for symbol, sequence in starts.items() if sequence > positions[symbol]]
        if not ahead:
            return starts
        if loop.time() >= give_up:
            if not shards.serving().get(ahead[0], False):
                raise RefusedError(types_pb2.REASON_SYMBOL_UNAVAILABLE, f"{ahead[0]} is not serving")
            details = {"symbol": ahead[0], "sequence": str(positions[ahead[0]])}
            message = f"{ahead[0]}: the newest sequence is {positions[ahead[0]]}"
            raise RefusedError(types_pb2.REASON_SEQUENCE_AHEAD, message, details=details)
        await asyncio.sleep(AHEAD_POLL_SECONDS)


async def missed(catch_up: JournalCatchUp, resume: Resume) -> AsyncIterator[tuple[str, int, bytes]]:
    """The accounts' reports after the client's positions, up to the opening ones: symbol, sequence that the
    message takes the reader to, encoded TradeResponse.

    Raises RefusedError: SEQUENCE_NOT_RETAINED, INTERNAL when a journal is damaged."""
    opened_at = dict(resume.opened_at)
    # All readers first: a symbol that is no longer kept is known before anything is sent.
    readers = [
        (symbol, _reader(catch_up, symbol, sequence), opened_at[symbol])
        for symbol, sequence in resume.starts.items()
        if sequence < opened_at[symbol]
    ]
    for symbol, reader, last_sequence in readers:
        try:
            async for sequence, message in catch_up.reports(reader, resume.accounts, last_sequence):
                yield symbol, sequence, message
        except (JournalDamagedError, EOFError) as error:
            text = "the journal cannot be read; nothing is skipped, the stream ends"
            raise RefusedError(types_pb2.REASON_INTERNAL, text, outcome=types_pb2.OUTCOME_UNKNOWN) from error


def _reader(catch_up: JournalCatchUp, symbol: str, sequence: int) -> SymbolReader:
    try:
        return catch_up.reader(symbol, sequence)
    except ValueError as error:
        details = {"symbol": symbol}
        raise RefusedError(types_pb2.REASON_SEQUENCE_NOT_RETAINED, str(error), details=details) from error


def notice(kind: types_pb2.StreamNotice.Kind, positions: Iterable[tuple[str, int]]) -> bytes:
    """An encoded TradeResponse (StreamEventsResponse has the same numbers) that carries a notice alone."""
    at = [types_pb2.StreamPosition(symbol=symbol, sequence=sequence) for symbol, sequence in positions]
    response = order_service_pb2.TradeResponse(
        notice=types_pb2.StreamNotice(kind=kind, positions=at), sent_time_ns=time.time_ns()
    )
    return response.SerializeToString()

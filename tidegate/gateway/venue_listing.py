"""Listing and delisting: this gateway asks the supervisor, and follows what the venue lists (rule INS-3).

Rings of a new symbol are attached as soon as the listing names it and its engine's memory is there; those of a
delisted one are let go. Open streams are told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NoReturn

import structlog

from tidegate.gateway.attachments import Attachments
from tidegate.gateway.errors import RefusedError
from tidegate.gateway.shards import Shards, instrument_message, read_instrument
from tidegate.v1 import operations_service_pb2 as messages
from tidegate.v1 import types_pb2
from tidegate.wire.instruments import Instrument
from tidegate.wire.listing import (
    ListedInstrument,
    ListingAnswer,
    ListingError,
    ListingRequest,
    ListingWatcher,
    leave_request,
    new_request_id,
    take_answer,
)
from tidegate.wire.topology import Topology

WATCH_SECONDS = 0.5
ANSWER_SECONDS_MAX = 60.0
ANSWER_POLL_SECONDS = 0.05

log = structlog.get_logger(__name__)


class VenueListing:
    """Which symbols there are. `added`, `removed`: told of each symbol that comes or goes."""

    def __init__(
        self,
        topology: Topology,
        attachments: Attachments,
        shards: Shards,
        *,
        added: Callable[[str], None],
        removed: Callable[[str], None],
    ) -> None:
        self._directory = topology.listing_dir
        self._attachments = attachments
        self._shards = shards
        self._watcher = ListingWatcher(topology.instruments_file)
        self._entries: tuple[ListedInstrument, ...] = ()
        self._added = added
        self._removed = removed

    async def watch(self) -> NoReturn:
        """Follows the listing for as long as the gateway lives."""
        while True:
            self.follow()
            await asyncio.sleep(WATCH_SECONDS)

    def follow(self) -> None:
        """One look: whatever is listed by now is attached, whatever is not is let go."""
        try:
            self._entries = self._watcher.changed() or self._entries
        except (ListingError, OSError) as error:
            log.error("listing not readable", error=str(error))
        for entry in self._entries:
            known = self._shards.knows(entry.symbol)
            if entry.is_listed and not known:
                self._attach(entry.instrument)
            elif not entry.is_listed and known:
                self._detach(entry.symbol)

    async def list_instrument(self, request: messages.ListInstrumentRequest) -> messages.ListInstrumentResponse:
        """Has the supervisor list a symbol; answers when it serves here. Raises RefusedError: INVALID_INSTRUMENT,
        INVALID_PHASE, LISTING_REFUSED, SYMBOL_UNAVAILABLE."""
        instrument = read_instrument(request.instrument, 1)
        phase = request.initial_phase or types_pb2.PHASE_HALT
        if phase not in types_pb2.Phase.values():
            raise RefusedError(types_pb2.REASON_INVALID_PHASE)
        answer = await self._ask(
            ListingRequest(
                id=new_request_id(),
                action="list",
                symbol=instrument.symbol,
                instrument=instrument,
                choose_number=request.instrument.instrument_id == 0,
                initial_phase=types_pb2.Phase.Name(phase).removeprefix("PHASE_"),
            )
        )
        await self._until(instrument.symbol, lambda: self._shards.serving().get(instrument.symbol, False))
        return messages.ListInstrumentResponse(instrument=instrument_message(answer.instrument or instrument))

    async def delist_instrument(self, request: messages.DelistInstrumentRequest) -> messages.DelistInstrumentResponse:
        """Has the supervisor delist a symbol. Raises RefusedError: MISSING_FIELD, UNKNOWN_SYMBOL, LISTING_REFUSED."""
        if not request.symbol:
            raise RefusedError(types_pb2.REASON_MISSING_FIELD, "symbol is needed")
        if not self._shards.knows(request.symbol):
            raise RefusedError(types_pb2.REASON_UNKNOWN_SYMBOL)
        await self._ask(ListingRequest(id=new_request_id(), action="delist", symbol=request.symbol))
        await self._until(request.symbol, lambda: not self._shards.knows(request.symbol))
        return messages.DelistInstrumentResponse()

    async def _ask(self, request: ListingRequest) -> ListingAnswer:
        leave_request(self._directory, request)
        give_up = asyncio.get_running_loop().time() + ANSWER_SECONDS_MAX
        while (answer := take_answer(self._directory, request.id)) is None:
            if asyncio.get_running_loop().time() > give_up:
                message = "the supervisor does not answer"
                raise RefusedError(types_pb2.REASON_LISTING_REFUSED, message, outcome=types_pb2.OUTCOME_UNKNOWN)
            await asyncio.sleep(ANSWER_POLL_SECONDS)
        if not answer.ok:
            raise RefusedError(types_pb2.REASON_LISTING_REFUSED, answer.message)
        return answer

    async def _until(self, symbol: str, done: Callable[[], bool]) -> None:
        give_up = asyncio.get_running_loop().time() + ANSWER_SECONDS_MAX
        self.follow()
        while not done():
            if asyncio.get_running_loop().time() > give_up:
                message = f"{symbol}: done, but not seen here yet"
                raise RefusedError(types_pb2.REASON_SYMBOL_UNAVAILABLE, message, outcome=types_pb2.OUTCOME_APPLIED)
            await asyncio.sleep(ANSWER_POLL_SECONDS)
            self.follow()

    def _attach(self, instrument: Instrument) -> None:
        try:
            shard = self._attachments.attach(instrument)
        except (FileNotFoundError, ValueError):
            return  # its memory is still being made
        self._shards.add(shard)
        self._added(instrument.symbol)
        log.info("listed", symbol=instrument.symbol)

    def _detach(self, symbol: str) -> None:
        self._removed(symbol)
        self._shards.remove(symbol)
        self._attachments.detach(symbol)
        log.info("delisted", symbol=symbol)

"""Everything that happens to several accounts, for an API key of the drop-copy kind (rule API-2)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING

import grpc
import grpc.aio

from tidegate.v1 import account_service_pb2 as pb
from tidegate.v1 import account_service_pb2_grpc as pb_grpc
from tidegate.v1 import types_pb2
from tidegate_client.connection import backoff_s, metadata, open_channel
from tidegate_client.enums import Reason, ReportKind
from tidegate_client.errors import (
    Busy,
    CannotResume,
    ConnectionLost,
    NotFound,
    ProtocolError,
    Refused,
    TidegateError,
    Unavailable,
)
from tidegate_client.instrument_watch import delisted_now
from tidegate_client.instruments import Instrument
from tidegate_client.position import StreamPlace
from tidegate_client.rpc import error_of
from tidegate_client.types import Report

if TYPE_CHECKING:
    from tidegate_client.client import Client

_DEFINED = ReportKind.INSTRUMENT_DEFINED.value
_Kind = types_pb2.StreamNotice.Kind
_PASSING = (ConnectionLost, Busy, Unavailable)
AHEAD_S = 10.0  # how long a venue may be behind what has been received already


class DropCopy:
    """Yields every report of the accounts once, per symbol in the order of its log, across disconnects.

    `account_ids` empty: all of the key's. `resume_after` as another drop copy's `resume_token`. Raises
    CannotResume when what was missed is no longer kept.
    """

    def __init__(self, client: Client, account_ids: Sequence[int], resume_after: Mapping[str, int] | None) -> None:
        self._client = client
        self._account_ids = account_ids
        self._place = StreamPlace(resume_after or {})
        self.connects = 0
        self._defined: dict[str, int] = {}  # symbol -> sequence of the newest definition that was told

    @property
    def resume_token(self) -> dict[str, int]:
        """Symbol to sequence: a later drop copy goes on from it without a gap."""
        return self._place.resume_after()

    async def __aiter__(self) -> AsyncIterator[Report]:
        waits = backoff_s()
        loop = asyncio.get_running_loop()
        failing_since = loop.time()
        while True:
            connects = self.connects
            try:
                async for message in self._messages():
                    if self.connects > connects:
                        waits, connects, failing_since = backoff_s(), self.connects, loop.time()
                    for report in message.reports:
                        # Asked for before the report counts as seen: when that fails, it comes again.
                        instrument = await self._instrument(report)
                        if report.kind == _DEFINED:
                            self._defined[report.symbol] = max(report.sequence, self._defined.get(report.symbol, 0))
                        if self._place.is_new(report):
                            yield Report.from_wire(report, instrument)
            except TidegateError as error:
                if not await self._passing(error, loop.time() - failing_since):
                    raise
            await asyncio.sleep(next(waits))

    async def _messages(self) -> AsyncIterator[pb.StreamDropCopyResponse]:
        """One stream, from open to end; its notices are heeded here."""
        request = pb.StreamDropCopyRequest(account_ids=self._account_ids)
        for symbol, sequence in self._place.resume_after().items():
            request.open.resume_after.add(symbol=symbol, sequence=sequence)
        channel = open_channel(self._client.address)
        try:
            await self._client.refresh_instruments()  # changes from here on are told in the stream
            stub = pb_grpc.AccountServiceStub(channel)  # type: ignore[no-untyped-call]
            async for message in stub.StreamDropCopy(request, metadata=metadata(self._client.api_key)):
                yield message
                if message.HasField("notice") and self._notice(message.notice):
                    return
        except grpc.RpcError as error:
            raise error_of(error) from error
        finally:
            await channel.close(None)

    def _notice(self, notice: types_pb2.StreamNotice) -> bool:
        """News of the stream; True when it is to be left for another."""
        if notice.kind == _Kind.KIND_OPENED:
            self.connects += 1
        opened_anew = notice.kind == _Kind.KIND_OPENED and not self._place
        if opened_anew or notice.kind in (_Kind.KIND_CAUGHT_UP, _Kind.KIND_SYMBOL_ADDED):
            self._place.advance(notice.positions)
        elif notice.kind == _Kind.KIND_SYMBOL_REMOVED:
            for each in notice.positions:
                self._place.drop(each.symbol)
        return notice.kind in (_Kind.KIND_DRAINING, _Kind.KIND_SLOW_READER)

    async def _instrument(self, report: types_pb2.Report) -> Instrument:
        """The definition that the report is told in. Market data may learn of a new one a moment later."""
        loop, waits, market = asyncio.get_running_loop(), backoff_s(), self._client.market
        give_up = loop.time() + AHEAD_S
        while True:
            if self._is_behind(report):
                await market.refresh_instruments()
            with contextlib.suppress(NotFound):
                found = await market.instrument_of(report)
                if not self._is_behind(report):
                    return found
            if loop.time() > give_up:
                raise ProtocolError(f"market data does not know {report.symbol!r} as it is defined")
            await asyncio.sleep(next(waits))

    def _is_behind(self, report: types_pb2.Report) -> bool:
        """Whether the client has missed a definition that was told before this report."""
        told = self._defined.get(report.symbol, 0)
        known = self._client.market.known_definition(report.symbol)
        return told < report.sequence and known < told

    async def _passing(self, error: TidegateError, failing_s: float) -> bool:
        """Whether connecting again may help."""
        if isinstance(error, CannotResume):
            return error.reason is Reason.SEQUENCE_AHEAD and failing_s < AHEAD_S
        if isinstance(error, NotFound):
            return self._place.drop_any(await delisted_now(self._client)) or failing_s < AHEAD_S
        slow = isinstance(error, Refused) and error.reason is Reason.SLOW_READER
        return slow or isinstance(error, _PASSING)

"""A drop copy of the client: nothing is lost while the public side is behind or away (rule API-2)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from decimal import Decimal

import grpc.aio
import pytest

from tests.unit.client.conftest import FakeMarketData, instrument
from tidegate.v1 import account_service_pb2 as pb
from tidegate.v1 import account_service_pb2_grpc, market_data_service_pb2, market_data_service_pb2_grpc, types_pb2
from tidegate_client import Client, Report

OLD, NEW = "BTCUSDT", "NEWUSDT"
Notice = types_pb2.StreamNotice


class Copies(account_service_pb2_grpc.AccountServiceServicer):
    """Sequences 1 to 5 of two symbols, to whoever asks: the first gets another tick at 3, the second has just come."""

    def __init__(self) -> None:
        self.resumed: list[dict[str, int]] = []

    async def StreamDropCopy(  # noqa: N802
        self, request: pb.StreamDropCopyRequest, context: object
    ) -> AsyncIterator[pb.StreamDropCopyResponse]:
        """What follows the positions named; of a symbol that is not, nothing that has been."""
        after = {each.symbol: each.sequence for each in request.open.resume_after}
        self.resumed.append(after)
        first = not after
        at = {OLD: after.get(OLD, 0 if first else 5), NEW: after.get(NEW, 0 if first else 5)}
        yield self._notice(Notice.KIND_OPENED, {OLD: at[OLD]} if first else at)
        if first:
            yield self._notice(Notice.KIND_SYMBOL_ADDED, {NEW: 0})
        for symbol in (NEW, OLD):
            for sequence in range(at[symbol] + 1, 6):
                changes = (symbol, sequence) == (OLD, 3)
                kind = types_pb2.REPORT_KIND_INSTRUMENT_DEFINED if changes else types_pb2.REPORT_KIND_ACCEPTED
                report = types_pb2.Report(symbol=symbol, sequence=sequence, kind=kind, price_ticks=100)
                yield pb.StreamDropCopyResponse(reports=[report])
        await asyncio.Event().wait()

    def _notice(self, kind: Notice.Kind, positions: dict[str, int]) -> pb.StreamDropCopyResponse:
        at = [types_pb2.StreamPosition(symbol=symbol, sequence=sequence) for symbol, sequence in positions.items()]
        return pb.StreamDropCopyResponse(notice=Notice(kind=kind, positions=at))


class BehindMarketData(FakeMarketData):
    """Fails at first, then does not know the new symbol for a while."""

    def __init__(self, failures: int, behind: int) -> None:
        super().__init__()
        self._failures, self._behind, self._asked = failures, behind, 0

    async def ListInstruments(self, request: object, context: grpc.aio.ServicerContext) -> object:  # noqa: N802
        """As if it was started again meanwhile."""
        if self._failures:
            self._failures -= 1
            await context.abort(grpc.StatusCode.UNAVAILABLE, "starting")
        self._asked += 1
        rows = (await super().ListInstruments(request, context)).instruments
        if self._asked > 2:  # it has learned of the change
            rows[0].tick_size, rows[0].definition_sequence = "0.01", 3
        return market_data_service_pb2.ListInstrumentsResponse(instruments=rows)

    async def ListInstrumentVersions(  # noqa: N802
        self, request: market_data_service_pb2.ListInstrumentVersionsRequest, context: grpc.aio.ServicerContext
    ) -> object:
        """Newest first."""
        if request.symbol == NEW and self._behind:
            self._behind -= 1
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such symbol")
        self.listed = [OLD, NEW]
        rows = (await super().ListInstruments(request, context)).instruments
        rows[0].tick_size, rows[0].definition_sequence = "0.1", 0
        newer = instrument()
        newer.tick_size, newer.definition_sequence = "0.01", 3
        found = [newer, rows[0]] if request.symbol == OLD else rows[1:]
        return market_data_service_pb2.ListInstrumentVersionsResponse(instruments=found)


@pytest.mark.rule("API-2")
@pytest.mark.parametrize(("failures", "behind"), [(0, 0), (2, 0), (0, 2), (1, 3)])
async def test_nothing_is_lost_while_definitions_cannot_be_asked_for(failures: int, behind: int) -> None:
    """Every report comes once, and in the ticks of its time, also when nobody knew them as it arrived."""
    copies, market_data = Copies(), BehindMarketData(failures, behind)
    server = grpc.aio.server()
    account_service_pb2_grpc.add_AccountServiceServicer_to_server(copies, server)
    market_data_service_pb2_grpc.add_MarketDataServiceServicer_to_server(market_data, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    found: list[Report] = []
    try:
        async with (
            asyncio.timeout(20),
            Client(f"127.0.0.1:{port}", "key", market_data=f"127.0.0.1:{port}") as client,
            contextlib.aclosing(aiter(client.drop_copy())) as reports,  # type: ignore[type-var]
        ):
            while len(found) < 10:
                found.append(await anext(reports))
    finally:
        await server.stop(None)
    assert [(each.order.symbol, each.sequence) for each in found] == [(NEW, n) for n in range(1, 6)] + [
        (OLD, n) for n in range(1, 6)
    ]
    prices = [each.order.price for each in found if each.order.symbol == OLD]
    assert prices[:2] + prices[3:] == [Decimal("10.0")] * 2 + [Decimal("1.00")] * 2

"""Calls whose answer was lost, and what is told of them in the end (invariant 2, rule API-1)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NoReturn

import grpc.aio
import pytest
from google.rpc import error_details_pb2, status_pb2

from tests.unit.client.conftest import SYMBOL, FakeMarketData
from tidegate.v1 import account_service_pb2 as pb
from tidegate.v1 import (
    account_service_pb2_grpc,
    market_data_service_pb2_grpc,
    order_service_pb2_grpc,
    types_pb2,
)
from tidegate_client import BUY, Client, Lots, OutcomeUnknown, Place, Rejected, Ticks

Kind = types_pb2.ReportKind


async def refuse(context: grpc.aio.ServicerContext, code: grpc.StatusCode, reason: str, outcome: str) -> NoReturn:
    """As a gateway does."""
    status = status_pb2.Status(code=code.value[0], message=reason)
    info = error_details_pb2.ErrorInfo(
        reason=reason, domain="tidegate", metadata={"outcome": outcome, "sequence": "7", "message": "0"}
    )
    status.details.add().Pack(info)
    await context.abort(code, reason, (("grpc-status-details-bin", status.SerializeToString()),))
    raise AssertionError


class Stalled(order_service_pb2_grpc.OrderServiceServicer, account_service_pb2_grpc.AccountServiceServicer):
    """The first call gets no answer in time; by the second the order has ended, with `reports` behind it."""

    def __init__(self) -> None:
        self.calls = 0
        self.reports: list[types_pb2.Report] = []
        self.history = True

    async def AmendOrder(self, request: object, context: grpc.aio.ServicerContext) -> object:  # noqa: N802
        """Twice."""
        self.calls += 1
        if self.calls == 1:
            await refuse(context, grpc.StatusCode.UNAVAILABLE, "SYMBOL_UNAVAILABLE", "UNKNOWN")
        return await refuse(context, grpc.StatusCode.FAILED_PRECONDITION, "ORDER_CLOSED", "NOT_APPLIED")

    async def SubmitBatch(self, request: object, context: grpc.aio.ServicerContext) -> object:  # noqa: N802
        """The engine does not answer."""
        return await refuse(context, grpc.StatusCode.UNAVAILABLE, "SYMBOL_UNAVAILABLE", "UNKNOWN")

    async def GetOrderAt(  # noqa: N802
        self, request: pb.GetOrderAtRequest, context: grpc.aio.ServicerContext
    ) -> pb.GetOrderAtResponse:
        """As of the refusal."""
        assert request.sequence == 7
        if not self.history:
            await refuse(context, grpc.StatusCode.UNAVAILABLE, "HISTORY_UNAVAILABLE", "NOT_APPLIED")
        order = types_pb2.Order(symbol=SYMBOL, client_order_id=5, order_id=3, price_ticks=100)
        return pb.GetOrderAtResponse(order=order, reports=self.reports, sequence=7)


def report(kind: int, price: int = 100, lots: int = 9, reason: int = 0) -> types_pb2.Report:
    """One of the order's."""
    what = {"price_ticks": price, "quantity_lots": lots, "reason": reason}
    return types_pb2.Report(symbol=SYMBOL, kind=kind, client_order_id=5, order_id=3, sequence=6, **what)


@pytest.fixture
def stalled() -> Stalled:
    """The venue behind `client`."""
    return Stalled()


@pytest.fixture
async def client(stalled: Stalled) -> AsyncIterator[Client]:
    """A client that does not wait long."""
    server = grpc.aio.server()
    order_service_pb2_grpc.add_OrderServiceServicer_to_server(stalled, server)
    account_service_pb2_grpc.add_AccountServiceServicer_to_server(stalled, server)
    market_data_service_pb2_grpc.add_MarketDataServiceServicer_to_server(FakeMarketData(), server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    async with Client(address, "key", market_data=address, timeout_s=2) as client:
        yield client
    await server.stop(None)


@pytest.mark.parametrize(
    "last",
    [
        [report(Kind.REPORT_KIND_AMENDED, 101, 4), report(Kind.REPORT_KIND_TRADE, 99)],
        [report(Kind.REPORT_KIND_CANCELED, reason=types_pb2.REASON_AMEND_BELOW_FILLED)],
    ],
)
async def test_an_amend_that_ended_its_order_was_applied(client: Client, stalled: Stalled, last: list[object]) -> None:
    """It traded, or was cut below what was filled: the refusal of the second call is not its outcome."""
    stalled.reports = [report(Kind.REPORT_KIND_ACCEPTED), *last]
    result = await client.amend(SYMBOL, 5, price=Ticks(101), quantity=Lots(4))
    assert result.applied
    assert stalled.calls == 2


@pytest.mark.parametrize("last", [[], [report(Kind.REPORT_KIND_AMENDED, 102, 4)]])
async def test_an_amend_that_was_never_made_was_not_applied(
    client: Client, stalled: Stalled, last: list[object]
) -> None:
    """The order ended otherwise, whoever amended it."""
    stalled.reports = [report(Kind.REPORT_KIND_ACCEPTED), *last, report(Kind.REPORT_KIND_CANCELED)]
    with pytest.raises(Rejected):
        await client.amend(SYMBOL, 5, price=Ticks(101), quantity=Lots(4))


async def test_where_nobody_can_tell_nothing_is_claimed(client: Client, stalled: Stalled) -> None:
    """History is away."""
    stalled.history = False
    with pytest.raises(OutcomeUnknown) as caught:
        await client.amend(SYMBOL, 5, price=Ticks(101))
    assert caught.value.client_order_ids == (5,)


async def test_a_batch_without_an_answer_names_its_orders(client: Client) -> None:
    """The numbers are the client's own: without them nobody could ask what became of them."""
    with pytest.raises(OutcomeUnknown) as caught:
        await client.submit([Place(SYMBOL, BUY, Ticks(100), Lots(1)) for _ in range(2)])
    assert len(set(caught.value.client_order_ids)) == 2

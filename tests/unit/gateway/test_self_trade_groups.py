"""Who may name which self-trade group (rule ORD-6). In a stranger's group an order could take that stranger's orders
off the book without a trade, and learn that they are there."""

from __future__ import annotations

from pathlib import Path

import grpc
import grpc.aio
import pytest

from tests.unit.gateway.venue import running_venue
from tests.venues.calls import ALICE, BOB, key, place, refusal
from tidegate.v1 import order_service_pb2 as orders
from tidegate.v1 import types_pb2 as types

pytestmark = pytest.mark.rule("ORD-6")
GROUP = 7  # alice's; bob is in none


async def test_a_strangers_group_is_refused(tmp_path: Path) -> None:
    """Before anything has changed: alice's order stays, and is traded with like anybody's."""
    async with running_venue(tmp_path) as venue:
        await venue.orders.PlaceOrder(place(1, self_trade_group=GROUP), metadata=key(ALICE))
        taker = {"side": types.SIDE_SELL, "time_in_force": types.TIME_IN_FORCE_IOC}
        expiring = {**taker, "self_trade_prevention": types.SELF_TRADE_PREVENTION_EXPIRE_MAKER}
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await venue.orders.PlaceOrder(place(1, self_trade_group=GROUP, **expiring), metadata=key(BOB))
        code, reason, details, _ = refusal(caught.value)
        assert (code, reason) == (grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED")
        assert details["outcome"] == "NOT_APPLIED"
        answer = await venue.orders.PlaceOrder(place(1, **expiring), metadata=key(BOB))
        assert [each.kind for each in answer.reports][1:] == [types.REPORT_KIND_TRADE]


async def test_each_item_by_itself(tmp_path: Path) -> None:
    """Orders, replacements and quotes; the own group and none are all right."""
    async with running_venue(tmp_path) as venue:
        placed = [
            place(number, self_trade_group=group) for number, group in ((1, GROUP), (2, 8), (3, 0), (4, 2**32 - 1))
        ]
        commands = [orders.Command(place=each) for each in placed]
        replacement = place(5, self_trade_group=8)
        commands.append(orders.Command(replace=orders.ReplaceOrderRequest(cancel_client_order_id=1, place=replacement)))
        answer = await venue.orders.SubmitBatch(orders.SubmitBatchRequest(commands=commands), metadata=key(ALICE))
        assert [(each.kind, each.client_order_id) for each in answer.reports] == [
            (types.REPORT_KIND_ACCEPTED, 1),
            (types.REPORT_KIND_ACCEPTED, 3),
        ]
        refused = [(each.item, each.reason, each.outcome) for each in answer.refusals]
        denied = (types.REASON_PERMISSION_DENIED, types.OUTCOME_NOT_APPLIED)
        assert refused == [(1, *denied), (3, *denied), (4, *denied)]

        quotes = [orders.Quote(symbol="BTCUSDT", quote_id=9, bid_price_ticks=90, bid_quantity_lots=1)]
        for group, count in ((8, 1), (GROUP, 0)):
            request = orders.MassQuoteRequest(quotes=quotes, self_trade_group=group)
            quoted = await venue.orders.MassQuote(request, metadata=key(ALICE))
            assert [each.reason for each in quoted.refusals] == [types.REASON_PERMISSION_DENIED] * count

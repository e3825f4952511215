"""Every refusal of every unary call: code, ErrorInfo, RetryInfo, and that nothing else gets through (API-1)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from tests.unit.gateway.venue import Venue, running_venue
from tests.venues.calls import ALICE, BOB, OPERATOR, key, place, refusal
from tidegate.gateway import refusals
from tidegate.gateway.errors import RefusedError
from tidegate.v1 import account_service_pb2 as account
from tidegate.v1 import operations_service_pb2 as operations
from tidegate.v1 import order_service_pb2 as orders
from tidegate.v1 import types_pb2 as types

Code = grpc.StatusCode
MALFORMED = b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
TRADING = {
    "OrderService/PlaceOrder": place(1),
    "OrderService/AmendOrder": orders.AmendOrderRequest(symbol="BTCUSDT", order_id=3, price_ticks=1),
    "OrderService/CancelOrder": orders.CancelOrderRequest(symbol="BTCUSDT", order_id=3),
    "OrderService/CancelAll": orders.CancelAllRequest(symbol="BTCUSDT"),
    "OrderService/SubmitBatch": orders.SubmitBatchRequest(),
    "OrderService/ReplaceOrder": orders.ReplaceOrderRequest(cancel_order_id=3, place=place(1)),
    "OrderService/MassQuote": orders.MassQuoteRequest(quotes=[orders.Quote(symbol="BTCUSDT", quote_id=1)]),
    "OrderService/SetProtection": orders.SetProtectionRequest(symbol="BTCUSDT", protection_group=1, window_ms=1),
    "OrderService/ResetProtection": orders.ResetProtectionRequest(symbol="BTCUSDT", protection_group=1),
    "OrderService/SetCountdown": orders.SetCountdownRequest(symbol="BTCUSDT", countdown_ms=1),
    "OrderService/SetPositionMode": orders.SetPositionModeRequest(symbol="BTCUSDT", mode=types.POSITION_MODE_HEDGE),
    "OrderService/Trade": orders.TradeRequest(),
}
READING = {
    "OrderService/GetOrder": orders.GetOrderRequest(symbol="BTCUSDT", order_id=3),
    "AccountService/ListOpenOrders": account.ListOpenOrdersRequest(symbol="BTCUSDT"),
    "AccountService/ListOrders": account.ListOrdersRequest(symbol="BTCUSDT"),
    "AccountService/ListFills": account.ListFillsRequest(symbol="BTCUSDT"),
    "AccountService/GetOrderAt": account.GetOrderAtRequest(symbol="BTCUSDT", order_id=3),
    "AccountService/GetBalances": account.GetBalancesRequest(),
    "AccountService/StreamEvents": account.StreamEventsRequest(),
}
COPYING = {"AccountService/StreamDropCopy": account.StreamDropCopyRequest()}
INSTRUMENT = types.Instrument(symbol="NEWUSDT", tick_size="0.1", lot_size="0.1")
OPERATIONS = {
    "OperationsService/ListInstrumentStates": operations.ListInstrumentStatesRequest(),
    "OperationsService/CreateAccount": operations.CreateAccountRequest(name="carol"),
    "OperationsService/ListAccounts": operations.ListAccountsRequest(),
    "OperationsService/Deposit": operations.DepositRequest(account_id=1, asset="USDT", amount=1, deposit_id="d"),
    "OperationsService/CreateApiKey": operations.CreateApiKeyRequest(account_ids=[1]),
    "OperationsService/RevokeApiKey": operations.RevokeApiKeyRequest(key_id="0" * 16),
    "OperationsService/SetAccountTier": operations.SetAccountTierRequest(account_id=1),
    "OperationsService/SetSelfTradeGroup": operations.SetSelfTradeGroupRequest(account_id=1),
    "OperationsService/SetPrices": operations.SetPricesRequest(symbol="BTCUSDT", mark_price_ticks=1),
    "OperationsService/ListInstrument": operations.ListInstrumentRequest(instrument=INSTRUMENT),
    "OperationsService/ChangeInstrument": operations.ChangeInstrumentRequest(instrument=INSTRUMENT),
    "OperationsService/DelistInstrument": operations.DelistInstrumentRequest(symbol="BTCUSDT"),
    "OperationsService/CancelEverything": operations.CancelEverythingRequest(symbol="BTCUSDT"),
    "OperationsService/SetPhase": operations.SetPhaseRequest(symbol="BTCUSDT", phase=types.PHASE_HALT),
    "OperationsService/GetStatus": operations.GetStatusRequest(),
}
EVERY = {**TRADING, **READING, **COPYING, **OPERATIONS}
STREAMS = ("/Trade", "/StreamEvents", "/StreamDropCopy")


@pytest.fixture
async def venue(tmp_path: Path) -> AsyncIterator[Venue]:
    async with running_venue(tmp_path) as running:
        yield running


Found = tuple[Code, str, dict[str, str], float | None]


async def refused(venue: Venue, method: str, message: Any, api_key: str | None) -> Found:
    """Calls with raw bytes, whatever the method; returns the refusal."""
    raw = message if isinstance(message, bytes) else message.SerializeToString()
    call = ended_call(venue, f"/tidegate.v1.{method}", raw, () if api_key is None else key(api_key))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return refusal(caught.value)


async def ended_call(venue: Venue, path: str, raw: bytes, metadata: Any) -> None:
    """Reads the call to its end."""
    if path.endswith("/Trade"):
        call = venue.channel.stream_stream(path)(metadata=metadata)
        # The refusal may come before the message has been sent.
        with contextlib.suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
            await call.write(raw)
        while await call.read() is not grpc.aio.EOF:
            pass
    elif path.endswith(STREAMS):
        _ = [_ async for _ in venue.channel.unary_stream(path)(raw, metadata=metadata)]
    else:
        await venue.channel.unary_unary(path)(raw, metadata=metadata)


def test_every_method_of_the_contract_is_tried() -> None:
    """The tables of this file name each RPC of each service."""
    files = (orders.DESCRIPTOR, account.DESCRIPTOR, operations.DESCRIPTOR)
    services = [service for file in files for service in file.services_by_name.values()]
    assert set(EVERY) == {f"{service.name}/{method.name}" for service in services for method in service.methods}


async def test_nobody_comes_in_without_a_valid_key(venue: Venue) -> None:
    """Every RPC x {no key, unknown, revoked, empty, overlong}: UNAUTHENTICATED, and always the same text."""
    before = venue.engines["BTCUSDT"].model.sequence
    for method, message in EVERY.items():
        for api_key in (None, "no such key at all", venue.keys["revoked"], "", "x" * 300):
            code, reason, metadata, delay = await refused(venue, method, message, api_key)
            assert (code, reason) == (Code.UNAUTHENTICATED, "UNAUTHENTICATED"), method
            assert (metadata, delay) == ({"outcome": "NOT_APPLIED"}, None)
    assert venue.engines["BTCUSDT"].model.sequence == before


async def test_keys_may_do_what_their_kind_is_for(venue: Venue) -> None:
    """Every RPC x {trading, read-only, drop copy, operator}: PERMISSION_DENIED wherever it is not the key's."""
    before = venue.engines["BTCUSDT"].model.sequence
    forbidden = {
        ALICE: {**COPYING, **OPERATIONS},
        venue.keys["reader"]: {**TRADING, **COPYING, **OPERATIONS},
        venue.keys["copier"]: {**TRADING, **READING, **OPERATIONS},
        OPERATOR: {**TRADING, **READING, **COPYING},
    }
    for api_key, methods in forbidden.items():
        for method, message in methods.items():
            found = await refused(venue, method, message, api_key)
            assert found[:2] == (Code.PERMISSION_DENIED, "PERMISSION_DENIED"), method
    assert venue.engines["BTCUSDT"].model.sequence == before


async def test_a_read_only_key_reads(venue: Venue) -> None:
    """The account's orders, its stream and its history; and not another account's."""
    await venue.orders.PlaceOrder(place(1), metadata=key(ALICE))
    mine = key(venue.keys["reader"])
    wanted = orders.GetOrderRequest(symbol="BTCUSDT", client_order_id=1)
    assert (await venue.orders.GetOrder(wanted, metadata=mine)).order.client_order_id == 1
    assert (await venue.accounts.ListOpenOrders(page(), metadata=mine)).orders
    await venue.accounts.ListOrders(account.ListOrdersRequest(symbol="BTCUSDT"), metadata=mine)
    assert venue.history.asked[-1][0] == 1
    stream = venue.accounts.StreamEvents(account.StreamEventsRequest(), metadata=mine)
    assert (await stream.read()).notice.kind == types.StreamNotice.KIND_OPENED
    stream.cancel()


@pytest.mark.rule("API-1")
async def test_malformed_bytes_are_refused(venue: Venue) -> None:
    """Every RPC x bytes that are no message: INVALID_ARGUMENT, MALFORMED_MESSAGE, NOT_APPLIED."""
    before = venue.engines["BTCUSDT"].model.sequence
    tables = ((TRADING | READING, ALICE), (COPYING, venue.keys["copier"]), (OPERATIONS, OPERATOR))
    for methods, api_key in tables:
        for method in methods:
            code, reason, metadata, _ = await refused(venue, method, MALFORMED, api_key)
            assert (code, reason, metadata["outcome"]) == (Code.INVALID_ARGUMENT, "MALFORMED_MESSAGE", "NOT_APPLIED"), (
                method
            )
    assert venue.engines["BTCUSDT"].model.sequence == before


def page(**fields: Any) -> account.ListOpenOrdersRequest:
    """A ListOpenOrdersRequest for BTCUSDT, unless said otherwise."""
    return account.ListOpenOrdersRequest(**{"symbol": "BTCUSDT", **fields})


BIG = 2**63 - 1
TOO_MANY = orders.SubmitBatchRequest(commands=[orders.Command(place=place(number)) for number in range(201)])
GATEWAY_TABLE: list[tuple[str, Any, Code, str]] = [
    ("OrderService/PlaceOrder", place(1, symbol="NOPE"), Code.NOT_FOUND, "UNKNOWN_SYMBOL"),
    ("OrderService/PlaceOrder", place(1, symbol="X" * 1000), Code.NOT_FOUND, "UNKNOWN_SYMBOL"),
    ("OrderService/PlaceOrder", place(1, symbol=""), Code.NOT_FOUND, "UNKNOWN_SYMBOL"),
    ("OrderService/AmendOrder", orders.AmendOrderRequest(symbol="BTCUSDT"), Code.INVALID_ARGUMENT, "MISSING_FIELD"),
    ("OrderService/CancelOrder", orders.CancelOrderRequest(symbol="BTCUSDT"), Code.INVALID_ARGUMENT, "MISSING_FIELD"),
    ("OrderService/CancelAll", orders.CancelAllRequest(symbol="NOPE"), Code.NOT_FOUND, "UNKNOWN_SYMBOL"),
    ("OrderService/GetOrder", orders.GetOrderRequest(symbol="BTCUSDT"), Code.INVALID_ARGUMENT, "MISSING_FIELD"),
    ("OrderService/SubmitBatch", TOO_MANY, Code.INVALID_ARGUMENT, "TOO_MANY_ITEMS"),
    ("OrderService/Trade", TOO_MANY, Code.INVALID_ARGUMENT, "TOO_MANY_ITEMS"),
    ("AccountService/ListOpenOrders", page(symbol="NOPE"), Code.NOT_FOUND, "UNKNOWN_SYMBOL"),
    ("AccountService/ListOpenOrders", page(page_size=-1), Code.INVALID_ARGUMENT, "INVALID_FIELD"),
    ("AccountService/ListOpenOrders", page(page_size=1001), Code.INVALID_ARGUMENT, "INVALID_FIELD"),
    ("AccountService/ListOpenOrders", page(page_token="x"), Code.INVALID_ARGUMENT, "INVALID_FIELD"),
]
ENGINE_TABLE = [
    (place(0), Code.INVALID_ARGUMENT, "INVALID_CLIENT_ORDER_ID"),
    (place(1, side=9), Code.INVALID_ARGUMENT, "INVALID_SIDE"),
    (place(2, type=77), Code.INVALID_ARGUMENT, "INVALID_ORDER_TYPE"),
    (place(3, time_in_force=0), Code.INVALID_ARGUMENT, "INVALID_TIME_IN_FORCE"),
    (place(4, type=types.ORDER_TYPE_MARKET), Code.INVALID_ARGUMENT, "INVALID_COMBINATION"),
    (place(5, self_trade_prevention=99), Code.INVALID_ARGUMENT, "INVALID_STP_MODE"),
    (place(6, price=-1), Code.INVALID_ARGUMENT, "PRICE_OUT_OF_RANGE"),
    (place(7, price=BIG), Code.INVALID_ARGUMENT, "PRICE_OUT_OF_RANGE"),
    (place(8, quantity=-BIG - 1), Code.INVALID_ARGUMENT, "QUANTITY_OUT_OF_RANGE"),
    (place(9, quantity=BIG), Code.INVALID_ARGUMENT, "QUANTITY_OUT_OF_RANGE"),
    (place(10, reduce_only=True), Code.FAILED_PRECONDITION, "REDUCE_ONLY_REJECTED"),
]


@pytest.mark.rule("API-1")
async def test_gateway_refusals(venue: Venue) -> None:
    """What the gateway itself refuses reaches no engine."""
    before = venue.engines["BTCUSDT"].model.sequence
    for method, message, code, reason in GATEWAY_TABLE:
        found = await refused(venue, method, message, ALICE)
        assert found[:2] == (code, reason), (method, message)
        assert found[2]["outcome"] == "NOT_APPLIED"
    assert venue.engines["BTCUSDT"].model.sequence == before


@pytest.mark.rule("API-1")
async def test_engine_refusals_carry_their_sequence(venue: Venue) -> None:
    """Absurd numbers: the engine's reason, its sequence, and the same answer to the same request again."""
    for message, code, reason in ENGINE_TABLE:
        for _ in range(2):
            found = await refused(venue, "OrderService/PlaceOrder", message, ALICE)
            assert found[:2] == (code, reason)
            assert found[2]["outcome"] == "NOT_APPLIED"
            assert int(found[2]["sequence"]) > 0


async def test_existence_is_not_revealed(venue: Venue) -> None:
    """Another account's order, and one that never was, give the very same refusal; the order stays."""
    placed = await venue.orders.PlaceOrder(place(1), metadata=key(ALICE))
    order_id = placed.reports[0].order_id
    for number in (order_id, 999_999):
        for method, message in (
            ("OrderService/CancelOrder", orders.CancelOrderRequest(symbol="BTCUSDT", order_id=number)),
            ("OrderService/AmendOrder", orders.AmendOrderRequest(symbol="BTCUSDT", order_id=number, quantity_lots=1)),
            ("OrderService/GetOrder", orders.GetOrderRequest(symbol="BTCUSDT", order_id=number)),
        ):
            code, reason, _, _ = await refused(venue, method, message, BOB)
            assert (code, reason) == (Code.NOT_FOUND, "UNKNOWN_ORDER")
    assert not (
        await venue.accounts.ListOpenOrders(account.ListOpenOrdersRequest(symbol="BTCUSDT"), metadata=key(BOB))
    ).orders
    found = await venue.orders.GetOrder(
        orders.GetOrderRequest(symbol="BTCUSDT", order_id=order_id), metadata=key(ALICE)
    )
    assert found.order.status == types.ORDER_STATUS_NEW


async def test_operations_refusals(venue: Venue) -> None:
    """Phases that are none; and without the risk process accounts are UNAVAILABLE while the rest goes on."""
    table = [
        (operations.SetPhaseRequest(), Code.INVALID_ARGUMENT, "MISSING_FIELD"),
        (operations.SetPhaseRequest(symbol="BTCUSDT"), Code.INVALID_ARGUMENT, "MISSING_FIELD"),
        (operations.SetPhaseRequest(symbol="BTCUSDT", phase=99), Code.INVALID_ARGUMENT, "INVALID_PHASE"),
        (operations.SetPhaseRequest(symbol="NOPE", phase=types.PHASE_OPEN), Code.NOT_FOUND, "UNKNOWN_SYMBOL"),
    ]
    for message, code, reason in table:
        assert (await refused(venue, "OperationsService/SetPhase", message, OPERATOR))[:2] == (code, reason)
    keys = ("CreateApiKey", "RevokeApiKey", "SetAccountTier", "SetSelfTradeGroup")
    for method in ("CreateAccount", "ListAccounts", "Deposit", *keys):
        name = f"OperationsService/{method}"
        code, reason, _, delay = await refused(venue, name, OPERATIONS[name], OPERATOR)
        assert (code, reason) == (Code.UNAVAILABLE, "LEDGER_UNAVAILABLE")
        assert delay is not None
    code, reason, _, _ = await refused(venue, "AccountService/GetBalances", account.GetBalancesRequest(), ALICE)
    assert (code, reason) == (Code.UNAVAILABLE, "LEDGER_UNAVAILABLE")
    assert (await venue.orders.PlaceOrder(place(1), metadata=key(ALICE))).reports


@pytest.mark.rule("API-1")
def test_every_reason_for_a_refusal_has_a_code() -> None:
    """The table is whole: 1-199 each have a canonical code, and 200 and up are no refusals."""
    reasons = {value for value in types.Reason.values() if 0 < value < 200}
    assert reasons == set(refusals.CODES)


@pytest.mark.rule("API-1")
def test_retry_delays_are_spread() -> None:
    """Clients that were refused together are not told to come back together."""
    delays = set()
    for _ in range(50):
        status = refusals.build_status(RefusedError(types.REASON_VENUE_BUSY), 50)
        delays.add(status.details[1].value)
    assert len(delays) > 5

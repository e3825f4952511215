"""Refusals as statuses: one table from Reason to canonical code, and the google.rpc details (rule API-1).

Every refusal carries an ErrorInfo (reason = name of the Reason without its prefix, domain "tidegate",
metadata "outcome" and what else is known); those that trying again may help carry a RetryInfo whose
delay is spread, so that clients which were refused together do not come back together.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, NoReturn

import grpc
import grpc.aio
from google.rpc import code_pb2, error_details_pb2, status_pb2

from tidegate.gateway.errors import RefusedError
from tidegate.v1 import types_pb2

if TYPE_CHECKING:
    Context = grpc.aio.ServicerContext[Any, Any]

DOMAIN = "tidegate"
DETAILS_KEY = "grpc-status-details-bin"

CODES: dict[int, grpc.StatusCode] = {
    types_pb2.REASON_MALFORMED_MESSAGE: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_UNKNOWN_SYMBOL: grpc.StatusCode.NOT_FOUND,
    types_pb2.REASON_UNAUTHENTICATED: grpc.StatusCode.UNAUTHENTICATED,
    types_pb2.REASON_PERMISSION_DENIED: grpc.StatusCode.PERMISSION_DENIED,
    types_pb2.REASON_VENUE_BUSY: grpc.StatusCode.RESOURCE_EXHAUSTED,
    types_pb2.REASON_TOO_MANY_ITEMS: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_MISSING_FIELD: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_DRAINING: grpc.StatusCode.UNAVAILABLE,
    types_pb2.REASON_SYMBOL_UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    types_pb2.REASON_TOO_MANY_SESSIONS: grpc.StatusCode.RESOURCE_EXHAUSTED,
    types_pb2.REASON_SLOW_READER: grpc.StatusCode.RESOURCE_EXHAUSTED,
    types_pb2.REASON_SEQUENCE_NOT_RETAINED: grpc.StatusCode.OUT_OF_RANGE,
    types_pb2.REASON_UNKNOWN_ACCOUNT: grpc.StatusCode.NOT_FOUND,
    types_pb2.REASON_INTERNAL: grpc.StatusCode.INTERNAL,
    types_pb2.REASON_SEQUENCE_AHEAD: grpc.StatusCode.OUT_OF_RANGE,
    types_pb2.REASON_ACCOUNT_EXISTS: grpc.StatusCode.ALREADY_EXISTS,
    types_pb2.REASON_UNKNOWN_ASSET: grpc.StatusCode.NOT_FOUND,
    types_pb2.REASON_INVALID_AMOUNT: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_DUPLICATE_DEPOSIT_ID: grpc.StatusCode.ALREADY_EXISTS,
    types_pb2.REASON_INVALID_FIELD: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_LEDGER_UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    types_pb2.REASON_RATE_LIMITED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    types_pb2.REASON_ORDER_TO_TRADE: grpc.StatusCode.RESOURCE_EXHAUSTED,
    types_pb2.REASON_TOO_MANY_CONNECTIONS: grpc.StatusCode.RESOURCE_EXHAUSTED,
    types_pb2.REASON_DELISTED: grpc.StatusCode.NOT_FOUND,
    types_pb2.REASON_HISTORY_UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    types_pb2.REASON_LISTING_REFUSED: grpc.StatusCode.FAILED_PRECONDITION,
    types_pb2.REASON_PHASE_FORBIDS: grpc.StatusCode.FAILED_PRECONDITION,
    types_pb2.REASON_ACCOUNT_TABLE_FULL: grpc.StatusCode.RESOURCE_EXHAUSTED,
    types_pb2.REASON_INVALID_SIDE: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_INVALID_ORDER_TYPE: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_INVALID_TIME_IN_FORCE: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_INVALID_COMBINATION: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_INVALID_STP_MODE: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_PRICE_OUT_OF_RANGE: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_QUANTITY_OUT_OF_RANGE: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_MARKET_QUANTITY_OUT_OF_RANGE: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_NOTIONAL_TOO_SMALL: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_TOO_MANY_OPEN_ORDERS: grpc.StatusCode.RESOURCE_EXHAUSTED,
    types_pb2.REASON_REDUCE_ONLY_REJECTED: grpc.StatusCode.FAILED_PRECONDITION,
    types_pb2.REASON_POST_ONLY_WOULD_CROSS: grpc.StatusCode.FAILED_PRECONDITION,
    types_pb2.REASON_DUPLICATE_CLIENT_ORDER_ID: grpc.StatusCode.ALREADY_EXISTS,
    types_pb2.REASON_BOOK_FULL: grpc.StatusCode.RESOURCE_EXHAUSTED,
    types_pb2.REASON_UNKNOWN_ORDER: grpc.StatusCode.NOT_FOUND,
    types_pb2.REASON_ORDER_CLOSED: grpc.StatusCode.FAILED_PRECONDITION,
    types_pb2.REASON_NOTHING_TO_AMEND: grpc.StatusCode.FAILED_PRECONDITION,
    types_pb2.REASON_INVALID_CLIENT_ORDER_ID: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_INVALID_PHASE: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_INVALID_INSTRUMENT: grpc.StatusCode.FAILED_PRECONDITION,
    types_pb2.REASON_NOTIONAL_OVERFLOW: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_POSITION_LIMIT: grpc.StatusCode.FAILED_PRECONDITION,
    types_pb2.REASON_INVALID_TRIGGER: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_IMMEDIATE_TRIGGER: grpc.StatusCode.FAILED_PRECONDITION,
    types_pb2.REASON_TOO_MANY_TRIGGER_ORDERS: grpc.StatusCode.RESOURCE_EXHAUSTED,
    types_pb2.REASON_INVALID_EXPIRY: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_INVALID_DISPLAY: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_PRICE_BAND: grpc.StatusCode.FAILED_PRECONDITION,
    types_pb2.REASON_NO_REFERENCE_PRICE: grpc.StatusCode.FAILED_PRECONDITION,
    types_pb2.REASON_INVALID_POSITION_SIDE: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_POSITION_NOT_FLAT: grpc.StatusCode.FAILED_PRECONDITION,
    types_pb2.REASON_ORDERS_OPEN: grpc.StatusCode.FAILED_PRECONDITION,
    types_pb2.REASON_INVALID_GROUP: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_PROTECTION_FROZEN: grpc.StatusCode.FAILED_PRECONDITION,
    types_pb2.REASON_QUOTE_CROSSED: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_CANCEL_FAILED: grpc.StatusCode.FAILED_PRECONDITION,
    types_pb2.REASON_NOT_AMENDABLE: grpc.StatusCode.FAILED_PRECONDITION,
    types_pb2.REASON_INVALID_SCOPE: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_INVALID_COUNTDOWN: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_INVALID_PRICE: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_INVALID_POSITION_MODE: grpc.StatusCode.INVALID_ARGUMENT,
    types_pb2.REASON_TOO_MANY_REDUCE_ONLY: grpc.StatusCode.RESOURCE_EXHAUSTED,
}

# Trying again helps with these; the number times the configured delay is the mean of what is told.
RETRY_FACTORS: dict[int, int] = {
    types_pb2.REASON_VENUE_BUSY: 1,
    types_pb2.REASON_TOO_MANY_SESSIONS: 10,
    types_pb2.REASON_DRAINING: 4,
    types_pb2.REASON_SYMBOL_UNAVAILABLE: 10,
    types_pb2.REASON_LEDGER_UNAVAILABLE: 10,
    types_pb2.REASON_SLOW_READER: 4,
    types_pb2.REASON_RATE_LIMITED: 4,
    types_pb2.REASON_ORDER_TO_TRADE: 20,
    types_pb2.REASON_TOO_MANY_CONNECTIONS: 10,
    types_pb2.REASON_HISTORY_UNAVAILABLE: 10,
}

_TEXTS: dict[int, str] = {
    types_pb2.REASON_MALFORMED_MESSAGE: "the message is not the protobuf message that it should be",
    types_pb2.REASON_UNKNOWN_SYMBOL: "no such symbol",
    types_pb2.REASON_VENUE_BUSY: "the symbol's queue is past its high-water mark",
    types_pb2.REASON_TOO_MANY_ITEMS: "more items in one message than the limit",
    types_pb2.REASON_DRAINING: "the gateway is about to close; connect again",
    types_pb2.REASON_SYMBOL_UNAVAILABLE: "the symbol's engine did not answer in time",
    types_pb2.REASON_TOO_MANY_SESSIONS: "the gateway serves as many sessions as it can",
    types_pb2.REASON_UNKNOWN_ORDER: "no such order of this account",
    types_pb2.REASON_RATE_LIMITED: "the key has used up one of its allowances; the metadata say which",
    types_pb2.REASON_ORDER_TO_TRADE: "the account sends too many orders for its trades",
    types_pb2.REASON_TOO_MANY_CONNECTIONS: "the key has as many calls or streams open as it may",
    types_pb2.REASON_DELISTED: "the symbol is no longer listed",
    types_pb2.REASON_PHASE_FORBIDS: "the symbol's phase does not allow this",
}


def reason_name(reason: int) -> str:
    """Name of a Reason without its prefix, for example "VENUE_BUSY"."""
    return types_pb2.Reason.Name(reason).removeprefix("REASON_")


def reason_of(name: str) -> int:
    """The Reason of a name without its prefix; INTERNAL when there is none."""
    value = types_pb2.Reason.DESCRIPTOR.values_by_name.get(f"REASON_{name}")
    return types_pb2.REASON_INTERNAL if value is None else int(value.number)


def code_of(reason: int) -> grpc.StatusCode:
    """Canonical code; INTERNAL for what should never be a refusal."""
    return CODES.get(reason, grpc.StatusCode.INTERNAL)


def text_of(refusal: RefusedError) -> str:
    """What a person reads."""
    return str(refusal) or _TEXTS.get(refusal.reason) or reason_name(refusal.reason).lower().replace("_", " ")


def spread_delay_ms(refusal: RefusedError, retry_delay_ms: int) -> int:
    """When to try again: half to one and a half times the mean delay, or not before the moment that is known and
    up to half as much later; 0: trying again will not help."""
    factor = RETRY_FACTORS.get(refusal.reason, 0)
    if refusal.retry_delay_ms:
        return int(refusal.retry_delay_ms * random.uniform(1.0, 1.5)) or 1
    return max(1, int(retry_delay_ms * factor * random.uniform(0.5, 1.5))) if factor else 0


def build_status(refusal: RefusedError, retry_delay_ms: int) -> status_pb2.Status:
    """google.rpc.Status with ErrorInfo, and RetryInfo where trying again may help."""
    status = status_pb2.Status(code=code_of(refusal.reason).value[0], message=text_of(refusal))
    outcome = types_pb2.Outcome.Name(refusal.outcome).removeprefix("OUTCOME_")
    info = error_details_pb2.ErrorInfo(
        reason=reason_name(refusal.reason), domain=DOMAIN, metadata={"outcome": outcome, **refusal.details}
    )
    status.details.add().Pack(info)
    delay = spread_delay_ms(refusal, retry_delay_ms)
    if delay:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromMilliseconds(delay)
        status.details.add().Pack(retry)
    assert status.code != code_pb2.OK, "a refusal is no success"
    return status


async def abort(context: Context, refusal: RefusedError, retry_delay_ms: int) -> NoReturn:
    """Ends the call with the refusal."""
    status = build_status(refusal, retry_delay_ms)
    await context.abort(code_of(refusal.reason), status.message, ((DETAILS_KEY, status.SerializeToString()),))
    raise AssertionError("abort raises")

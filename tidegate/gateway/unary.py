"""One request, one answer: a unary call as a short session of the Router."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import grpc.aio
import structlog
from google.protobuf.message import DecodeError, Message

from tidegate.gateway import refusals
from tidegate.gateway.config import GatewayLimits
from tidegate.gateway.errors import RefusedError
from tidegate.gateway.router_pump import Mailbox, RouterPump
from tidegate.v1 import account_service_pb2, types_pb2

if TYPE_CHECKING:
    Context = grpc.aio.ServicerContext[Any, Any]

M = TypeVar("M", bound=Message)

log = structlog.get_logger(__name__)

FAULT = RefusedError(types_pb2.REASON_INTERNAL, "a fault of the venue", outcome=types_pb2.OUTCOME_UNKNOWN)

EVENT_REJECTED = 2
EVENT_ORDER_STATE = 32
EVENT_NOT_FOUND = 36
FIRST_ENGINE_REASON = 100
FIRST_CHANGE_REASON = 200


class CommandKind(IntEnum):
    """CommandType of the records (native/records/enums.hpp)."""

    PLACE = 1
    CANCEL = 2
    AMEND = 3
    CANCEL_ALL = 4
    SET_PHASE = 5
    QUERY_ORDER = 32
    QUERY_OPEN_ORDERS = 33


QUERIES = {CommandKind.QUERY_ORDER, CommandKind.QUERY_OPEN_ORDERS}


class Answer(NamedTuple):
    """The engine's verdict on a command. event: EventType of the records."""

    event: int
    reason: int
    sequence: int
    order_id: int


class UnaryCalls:
    """Sends one message's commands in and waits until all of them are answered."""

    def __init__(self, pump: RouterPump, limits: GatewayLimits) -> None:
        self._pump = pump
        self._timeout_seconds = limits.unary_timeout_ms / 1000

    async def one(self, account: int, kind: CommandKind, message: bytes) -> bytes:
        """One command or query; returns the encoded response. Raises RefusedError, the engine's included."""
        router = self._pump.router
        submit = functools.partial(router.submit_one, kind=kind, message=message)
        body, _ = await self._call(account, kind, lambda session: submit(session, now_ns=time.time_ns()))
        return body

    async def open_orders(self, account: int, message: bytes) -> bytes:
        """A ListOpenOrdersRequest; returns the encoded response with its page token. Raises RefusedError."""
        router, kind = self._pump.router, CommandKind.QUERY_OPEN_ORDERS
        submit = functools.partial(router.submit_one, kind=kind, message=message)
        body, answer = await self._call(account, kind, lambda session: submit(session, now_ns=time.time_ns()))
        if answer.order_id == 0:
            return body
        token = account_service_pb2.ListOpenOrdersResponse(next_page_token=str(answer.order_id))
        return body + token.SerializeToString()

    async def phase(self, symbol: str, phase: int) -> int:
        """An operator's change of phase; returns its sequence. Raises RefusedError."""
        router, kind = self._pump.router, CommandKind.SET_PHASE
        submit = functools.partial(router.submit_phase, symbol=symbol, phase=phase)
        _, answer = await self._call(0, kind, lambda session: submit(session, now_ns=time.time_ns()))
        return answer.sequence

    async def batch(self, account: int, message: bytes) -> bytes:
        """A SubmitBatchRequest; returns the encoded SubmitBatchResponse. Raises RefusedError for the whole."""
        session = self._open(account)
        try:
            submit_message(self._pump, session, message)
            return await self._answered(session, is_command=True)
        finally:
            self._pump.detach(session)

    async def _call(self, account: int, kind: CommandKind, submit: Callable[[int], int]) -> tuple[bytes, Answer]:
        session = self._open(account)
        try:
            if reason := submit(session):
                raise RefusedError(reason)
            body = await self._answered(session, is_command=kind not in QUERIES)
            answer = Answer(*self._pump.router.answer(session))
            raise_if_refused(kind, answer)
            return body, answer
        finally:
            # The commands may still be under way (the caller has gone, or the engine is late): their
            # answers find no session of this number any more.
            self._pump.detach(session)

    def _open(self, account: int) -> int:
        session = self._pump.router.open_session(account, events=False)
        if session == 0:
            raise RefusedError(types_pb2.REASON_TOO_MANY_SESSIONS)
        return session

    async def _answered(self, session: int, *, is_command: bool) -> bytes:
        """Everything that the session's commands caused. Raises RefusedError: SYMBOL_UNAVAILABLE."""
        router = self._pump.router
        mailbox = Mailbox()
        self._pump.attach(session, mailbox)
        body = b""
        try:
            async with asyncio.timeout(self._timeout_seconds):
                while router.outstanding(session):
                    await mailbox.wait()
                    # What is there must be taken: a session is told of more only after that. Concatenated
                    # messages are merged messages.
                    body += self._taken(session)
        except TimeoutError as error:
            outcome = types_pb2.OUTCOME_UNKNOWN if is_command else types_pb2.OUTCOME_NOT_APPLIED
            raise RefusedError(types_pb2.REASON_SYMBOL_UNAVAILABLE, outcome=outcome) from error
        if router.overflowed(session):
            message = "the answer is larger than a gateway holds; GetOrder and the event stream tell what became of it"
            raise RefusedError(types_pb2.REASON_SLOW_READER, message, outcome=types_pb2.OUTCOME_APPLIED)
        return body + self._taken(session)

    def _taken(self, session: int) -> bytes:
        router = self._pump.router
        body = router.take(session, time.time_ns())
        while more := router.take(session, time.time_ns()):
            body += more
        return body


def parse(kind: type[M], message: bytes) -> M:
    """The message, read by the protobuf library. Raises RefusedError: MALFORMED_MESSAGE."""
    try:
        return kind.FromString(message)
    except DecodeError as error:
        raise RefusedError(types_pb2.REASON_MALFORMED_MESSAGE) from error


def submit_message(pump: RouterPump, session: int, message: bytes) -> None:
    """A message of commands into the rings. Raises RefusedError when it is refused as a whole."""
    try:
        pump.router.submit(session, message, time.time_ns())
    except ValueError as error:
        raise RefusedError(refusal_reason(error)) from error


def refusal_reason(error: ValueError) -> int:
    """The Reason that the native core gave as the error's first argument."""
    reason = error.args[0] if error.args else types_pb2.REASON_INTERNAL
    return int(reason) if isinstance(reason, int) else int(types_pb2.REASON_INTERNAL)


def raise_if_refused(kind: CommandKind, answer: Answer) -> None:
    """Raises RefusedError when the engine says no; its sequence is part of what the client is told."""
    details = {"sequence": str(answer.sequence)}
    if answer.order_id:
        details["order_id"] = str(answer.order_id)
    if answer.event == EVENT_NOT_FOUND:
        raise RefusedError(types_pb2.REASON_UNKNOWN_ORDER, details=details)
    # A place that is repeated after a refusal gets the refused order as it is: the original result again.
    repeated = kind == CommandKind.PLACE and answer.event == EVENT_ORDER_STATE
    if answer.event == EVENT_REJECTED or (repeated and FIRST_ENGINE_REASON <= answer.reason < FIRST_CHANGE_REASON):
        raise RefusedError(answer.reason, details=details)


def refusing(
    handler: Callable[[Any, Any, Context], Awaitable[Any]],
) -> Callable[[Any, Any, Context], Awaitable[Any]]:
    """Ends the call of a service (which has `limits`) with the status of the RefusedError that it raises."""

    @functools.wraps(handler)
    async def wrapped(service: Any, request: Any, context: Context) -> Any:
        try:
            return await handler(service, request, context)
        except RefusedError as refused:
            refusal = refused
        except Exception:
            log.exception("call failed")
            refusal = FAULT
        return await refusals.abort(context, refusal, service.limits.retry_delay_ms)

    return wrapped

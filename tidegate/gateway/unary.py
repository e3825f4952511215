"""One request, one answer: a unary call as a short session of the Router."""

from __future__ import annotations

import asyncio
import time
from typing import NamedTuple, TypeVar

from google.protobuf.message import DecodeError, Message

from tidegate.gateway.authentication import Principal
from tidegate.gateway.config import GatewayLimits
from tidegate.gateway.errors import RefusedError
from tidegate.gateway.limiters import Limiters
from tidegate.gateway.router_pump import Mailbox, RouterPump
from tidegate.v1 import account_service_pb2, types_pb2
from tidegate.wire.enums import CommandType, EventType

M = TypeVar("M", bound=Message)

FIRST_ENGINE_REASON = 100
FIRST_CHANGE_REASON = 200
QUERIES = {CommandType.QUERY_ORDER, CommandType.QUERY_OPEN_ORDERS}
# A place that is repeated after a refusal gets the refused order as it is: the original result again.
REPEATABLE = {CommandType.PLACE, CommandType.REPLACE}


class Answer(NamedTuple):
    """The engine's verdict on a command. event: EventType of the records."""

    event: int
    reason: int
    sequence: int
    order_id: int


class UnaryCalls:
    """Sends one message's commands in and waits until all of them are answered."""

    def __init__(self, pump: RouterPump, limiters: Limiters, limits: GatewayLimits) -> None:
        self._pump = pump
        self._limiters = limiters
        self._timeout_seconds = limits.unary_timeout_ms / 1000

    async def one(self, caller: Principal, kind: CommandType, message: bytes) -> bytes:
        """One command or query, or one per symbol; returns the encoded response. Raises RefusedError, the engine's
        included when it was one command."""
        with UnarySession(self._pump, caller, self._limiters) as call:
            body = await self._sent(call, kind, message)
            call.require_done(kind)
            return body if kind in QUERIES else body + call.limits()

    async def open_orders(self, caller: Principal, message: bytes) -> bytes:
        """A ListOpenOrdersRequest; returns the encoded response with its page token. Raises RefusedError."""
        with UnarySession(self._pump, caller, self._limiters) as call:
            body = await self._sent(call, CommandType.QUERY_OPEN_ORDERS, message)
            last = call.answer().order_id
            if last == 0:
                return body
            return body + account_service_pb2.ListOpenOrdersResponse(next_page_token=str(last)).SerializeToString()

    async def every_symbol(self, caller: Principal, kind: CommandType, message: bytes) -> bytes:
        """A command without a symbol: each symbol's engine says in its reports what it did, or did not. Raises
        RefusedError."""
        with UnarySession(self._pump, caller, self._limiters) as call:
            return await self._sent(call, kind, message) + call.limits()

    def count(self, caller: Principal) -> None:
        """A message that another process answers counts like those for the engines (rule LIM-2). Raises
        RefusedError."""
        with UnarySession(self._pump, caller, self._limiters) as call:
            call.count()

    async def batch(self, caller: Principal, message: bytes) -> bytes:
        """A SubmitBatchRequest; returns the encoded SubmitBatchResponse. Raises RefusedError for the whole."""
        with UnarySession(self._pump, caller, self._limiters) as call:
            call.submit_batch(message)
            return await call.answered(self._timeout_seconds) + call.limits()

    async def mass_quote(self, caller: Principal, message: bytes) -> bytes:
        """A MassQuoteRequest; returns the encoded MassQuoteResponse. Raises RefusedError for the whole."""
        with UnarySession(self._pump, caller, self._limiters) as call:
            call.submit_quotes(message)
            return await call.answered(self._timeout_seconds) + call.limits()

    async def _sent(self, call: UnarySession, kind: CommandType, message: bytes) -> bytes:
        call.submit(kind, message)
        return await call.answered(self._timeout_seconds, is_command=kind not in QUERIES)


class UnarySession:
    """A session of the Router for as long as a call lasts."""

    def __init__(self, pump: RouterPump, caller: Principal, limiters: Limiters | None) -> None:
        """limiters: None for an operator, who has no limits. Raises RefusedError: TOO_MANY_SESSIONS."""
        self._pump = pump
        self._router = pump.router
        self._limiters = limiters
        limiter = None if limiters is None else limiters.of(caller)
        self.session = pump.router.open_session(caller.account_id, events=False, limiter=limiter)
        if self.session == 0:
            raise RefusedError(types_pb2.REASON_TOO_MANY_SESSIONS)

    def __enter__(self) -> UnarySession:
        return self

    def __exit__(self, *_: object) -> None:
        # The commands may still be under way (the caller has gone, or the engine is late): their answers find
        # no session of this number any more.
        self._pump.detach(self.session)

    def submit(self, kind: CommandType, message: bytes) -> None:
        """One request into the ring of its symbol. Raises RefusedError."""
        self.require_sent(self._router.submit_one(self.session, kind, message, time.time_ns()))

    def count(self) -> None:
        """Nothing but the message itself. Raises RefusedError."""
        self.require_sent(self._router.take_message(self.session, time.time_ns()))

    def submit_batch(self, message: bytes) -> None:
        """A SubmitBatchRequest into the rings. Raises RefusedError for the whole."""
        try:
            self._router.submit(self.session, message, time.time_ns())
        except ValueError as error:
            self.require_sent(refusal_reason(error))

    def submit_quotes(self, message: bytes) -> None:
        """A MassQuoteRequest into the rings. Raises RefusedError for the whole."""
        try:
            self._router.submit_quotes(self.session, message, time.time_ns())
        except ValueError as error:
            self.require_sent(refusal_reason(error))

    def require_sent(self, reason: int) -> None:
        """Raises RefusedError unless the reason is 0."""
        if reason:
            delay = self._router.retry_delay_ms(self.session)
            raise RefusedError(reason, details=self._limit_details(), retry_delay_ms=delay)

    def require_done(self, kind: CommandType) -> None:
        """Raises RefusedError when the engine says no; its sequence is part of what the client is told."""
        answer = self.answer()
        details = {"sequence": str(answer.sequence), **self._limit_details()}
        if answer.order_id:
            details["order_id"] = str(answer.order_id)
        if answer.event == EventType.NOT_FOUND:
            raise RefusedError(types_pb2.REASON_UNKNOWN_ORDER, details=details)
        repeated = kind in REPEATABLE and answer.event == EventType.ORDER_STATE
        refused_before = repeated and FIRST_ENGINE_REASON <= answer.reason < FIRST_CHANGE_REASON
        if answer.event == EventType.REJECTED or refused_before:
            raise RefusedError(answer.reason, details=details)

    def answer(self) -> Answer:
        """The verdict on the last command that was answered."""
        return Answer(*self._router.answer(self.session))

    def limits(self) -> bytes:
        """Field 5 of the response."""
        return self._router.limits(self.session, time.time_ns())

    async def answered(self, seconds: float, *, is_command: bool = True) -> bytes:
        """Everything that the session's commands caused. Raises RefusedError: SYMBOL_UNAVAILABLE."""
        router, session = self._router, self.session
        mailbox = Mailbox()
        self._pump.attach(session, mailbox)
        body = b""
        try:
            async with asyncio.timeout(seconds):
                while router.outstanding(session):
                    await mailbox.wait()
                    # What is there must be taken: a session is told of more only after that. Concatenated
                    # messages are merged messages.
                    body += self._taken()
        except TimeoutError as error:
            outcome = types_pb2.OUTCOME_UNKNOWN if is_command else types_pb2.OUTCOME_NOT_APPLIED
            raise RefusedError(types_pb2.REASON_SYMBOL_UNAVAILABLE, outcome=outcome) from error
        if router.overflowed(session):
            message = "the answer is larger than a gateway holds; GetOrder and the event stream tell what became of it"
            raise RefusedError(types_pb2.REASON_SLOW_READER, message, outcome=types_pb2.OUTCOME_APPLIED)
        return body + self._taken()

    def _taken(self) -> bytes:
        body = self._router.take(self.session, time.time_ns())
        while more := self._router.take(self.session, time.time_ns()):
            body += more
        return body

    def _limit_details(self) -> dict[str, str]:
        return {} if self._limiters is None else dict(self._limiters.details(self.session, time.time_ns()))


def parse(kind: type[M], message: bytes) -> M:
    """The message, read by the protobuf library. Raises RefusedError: MALFORMED_MESSAGE."""
    try:
        return kind.FromString(message)
    except DecodeError as error:
        raise RefusedError(types_pb2.REASON_MALFORMED_MESSAGE) from error


def refusal_reason(error: ValueError) -> int:
    """The Reason that the native core gave as the error's first argument."""
    reason = error.args[0] if error.args else types_pb2.REASON_INTERNAL
    return int(reason) if isinstance(reason, int) else int(types_pb2.REASON_INTERNAL)

"""What was sent in one message, and the answers to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator, Sequence
from typing import Any

from tidegate.v1 import order_service_pb2, types_pb2
from tidegate_client.enums import Outcome, Reason
from tidegate_client.errors import OutcomeUnknown
from tidegate_client.instruments import Instrument
from tidegate_client.types import CommandResult, Report

Item = order_service_pb2.Command | order_service_pb2.Quote


class Answer:
    """What is known of one command so far."""

    __slots__ = ("final", "outcome", "reason", "reports", "resent", "retry_delay_ms", "sequence")

    def __init__(self) -> None:
        self.reports: list[types_pb2.Report] = []
        self.outcome = 0
        self.reason = 0
        self.retry_delay_ms = 0
        self.sequence = 0
        self.final = False
        self.resent = False


class BatchHandle:
    """The commands, or quotes, of one `send`, and their answers. Await it for a list of CommandResult, in their
    order."""

    __slots__ = (
        "_future",
        "_instrument_of",
        "_loop",
        "_parsed",
        "answers",
        "commands_count",
        "done_ns",
        "ids",
        "open",
        "payload",
        "place",
        "request_id",
        "resend",
        "sent_ns",
    )

    def __init__(
        self,
        request_id: int,
        payload: bytes,
        ids: Sequence[int],
        instrument_of: Callable[[str], Instrument],
        loop: asyncio.AbstractEventLoop,
        *,
        quotes: int = 0,
        resend: bool = True,
    ) -> None:
        self.request_id = request_id
        self.payload = payload
        self.ids = ids
        self.open = len(ids)
        self.commands_count = len(ids) - quotes
        self.resend = resend
        self.place = 0  # which message of the stream it is, from 1; 0: not on its way
        self.answers: list[Answer | None] = [None] * len(ids)
        self.sent_ns = time.monotonic_ns()
        self.done_ns = 0
        self._parsed: Sequence[Item] | None = None
        self._instrument_of = instrument_of
        self._loop = loop
        self._future: asyncio.Future[None] | None = None

    @property
    def done(self) -> bool:
        """Whether every command has its answer."""
        return not self.open

    @property
    def last_sequence(self) -> int:
        """Largest sequence among the answers, 0 when no command was sequenced."""
        return max((answer.sequence for answer in self.answers if answer is not None), default=0)

    def items(self) -> Sequence[Item]:
        """The commands, then the quotes, decoded when they are asked for."""
        if self._parsed is None:
            request = self.request()
            self._parsed = [*request.commands, *request.mass_quote.quotes]
        return self._parsed

    def request(self) -> order_service_pb2.TradeRequest:
        """The message as it was sent."""
        return order_service_pb2.TradeRequest.FromString(self.payload)

    def results(self) -> list[CommandResult]:
        """One per command; those without an answer yet have the outcome UNKNOWN."""
        return [self._result(answer, each) for answer, each in zip(self.answers, self.ids, strict=True)]

    async def wait(self) -> None:
        """Until every command has its answer; decodes nothing. Raises OutcomeUnknown when the session ends first."""
        if self._future is None and self.open:
            self._future = self._loop.create_future()
        if self._future is not None:
            await asyncio.shield(self._future)

    def __await__(self) -> Generator[Any, None, list[CommandResult]]:
        yield from self.wait().__await__()
        return self.results()

    def finish(self) -> None:
        """Wake whoever waits; call once `open` is 0."""
        self.done_ns = time.monotonic_ns()
        if self._future is not None and not self._future.done():
            self._future.set_result(None)

    def fail(self, error: OutcomeUnknown) -> None:
        """The session has ended without the answers."""
        if self._future is None:
            self._future = self._loop.create_future()
        if not self._future.done():
            self._future.set_exception(error)
            self._future.exception()  # retrieved: whoever never awaits the handle is not warned about it

    def _result(self, answer: Answer | None, client_order_id: int) -> CommandResult:
        if answer is None or not answer.final:
            return CommandResult(Outcome.UNKNOWN, client_order_id=client_order_id)
        return CommandResult(
            outcome=Outcome(answer.outcome),
            reason=Reason(answer.reason),
            reports=tuple(Report.from_wire(each, self._instrument_of(each.symbol)) for each in answer.reports),
            retry_delay_s=answer.retry_delay_ms / 1000,
            sequence=answer.sequence,
            client_order_id=client_order_id,
        )

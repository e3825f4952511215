"""Commands that were sent and not answered yet, and how each finds its answer (invariant 2).

On a live stream, reports name the message and the place in it. After a reconnect the missed reports are
sent again without these numbers; then a command is found by its order and by what the report says.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import Any

from tidegate.v1 import order_service_pb2, types_pb2
from tidegate_client.commands import id_of
from tidegate_client.enums import Outcome, Reason, ReportKind, TimeInForce
from tidegate_client.errors import OutcomeUnknown
from tidegate_client.instruments import Instrument
from tidegate_client.orders import OPEN
from tidegate_client.types import CommandResult, Report

_ACCEPTED, _REJECTED = ReportKind.ACCEPTED.value, ReportKind.REJECTED.value
_CANCELED, _AMENDED = ReportKind.CANCELED.value, ReportKind.AMENDED.value
_DONE, _STATE = ReportKind.CANCEL_ALL_DONE.value, ReportKind.ORDER_STATE.value
_MASS_CANCEL, _BELOW_FILLED = Reason.MASS_CANCEL.value, Reason.AMEND_BELOW_FILLED.value
_USER_REQUEST = Reason.USER_REQUEST.value
_IMMEDIATE = frozenset({TimeInForce.IOC.value, TimeInForce.FOK.value})
_NOTHING_TO_AMEND, _ORDER_CLOSED = Reason.NOTHING_TO_AMEND.value, Reason.ORDER_CLOSED.value

Command = order_service_pb2.Command


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
    """The commands of one `send`, and their answers. Await it for a list of CommandResult, in their order."""

    __slots__ = (
        "_future",
        "_instrument_of",
        "_loop",
        "_parsed",
        "answers",
        "done_ns",
        "ids",
        "open",
        "payload",
        "request_id",
        "sent_ns",
    )

    def __init__(
        self,
        request_id: int,
        payload: bytes,
        ids: Sequence[int],
        instrument_of: Callable[[str], Instrument],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.request_id = request_id
        self.payload = payload
        self.ids = ids
        self.open = len(ids)
        self.answers: list[Answer | None] = [None] * len(ids)
        self.sent_ns = time.monotonic_ns()
        self.done_ns = 0
        self._parsed: Sequence[Command] | None = None
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

    def commands(self) -> Sequence[Command]:
        """The commands, decoded when they are asked for."""
        if self._parsed is None:
            self._parsed = list(order_service_pb2.TradeRequest.FromString(self.payload).commands)
        return self._parsed

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


class InFlight:
    """All handles of a session that are not done, in the order in which they were sent."""

    def __init__(self) -> None:
        self._handles: dict[int, BatchHandle] = {}
        # number of a message on the wire -> its handle, and which of the handle's commands are in it (None: all)
        self._wire: dict[int, tuple[BatchHandle, Sequence[int] | None]] = {}
        self._missed: dict[tuple[str, int], list[tuple[BatchHandle, int]]] | None = None
        self._finished: list[BatchHandle] = []
        # symbol -> (message, place in it) of the newest command that the engine has answered
        self._newest: dict[str, tuple[int, int]] = {}
        self.unanswered = 0

    def __len__(self) -> int:
        return len(self._handles)

    def add(self, handle: BatchHandle) -> None:
        """A new message is on its way."""
        self._handles[handle.request_id] = handle
        self._wire[handle.request_id] = (handle, None)
        self.unanswered += handle.open

    def oldest_sent_ns(self) -> int | None:
        """Monotonic time at which the oldest unanswered message was sent (last)."""
        for handle in self._handles.values():
            return handle.sent_ns
        return None

    def on_report(self, report: types_pb2.Report) -> None:
        """Give a report to the command that caused it, if that is one of ours."""
        request_id = report.request_id
        if request_id:
            entry = self._wire.get(request_id)
            if entry is not None:
                handle, items = entry
                item = report.item
                self._take(handle, item if items is None else items[item], report)
        elif self._missed is not None:
            self._match(report)

    def on_refusal(self, refusal: types_pb2.Refusal) -> tuple[BatchHandle, int] | None:
        """A command that the gateway refused: returns it when that is final, None when it must be sent again."""
        entry = self._wire.get(refusal.request_id)
        if entry is None:
            return None
        handle, items = entry
        item = refusal.item if items is None else items[refusal.item]
        answer = self._answer(handle, item)
        if answer.final or refusal.outcome == Outcome.UNKNOWN.value:
            return None
        answer.outcome, answer.reason = Outcome.NOT_APPLIED.value, refusal.reason
        answer.retry_delay_ms = refusal.retry_delay_ms
        self._close(handle, answer)
        return handle, item

    def flush(self) -> None:
        """Wake the handles that were completed since the last call; call it after each message."""
        for handle in self._finished:
            handle.finish()
        self._finished.clear()

    # After a reconnect

    def begin_catch_up(self) -> None:
        """The stream has been opened again: from now on missed reports are matched by what they say."""
        self._wire.clear()
        self._missed = {}
        for handle in self._handles.values():
            for item, command in enumerate(handle.commands()):
                answer = handle.answers[item]
                if answer is None or not answer.final:
                    self._missed.setdefault(_key(command), []).append((handle, item))

    def end_catch_up(self, next_request_id: Callable[[], int]) -> list[order_service_pb2.TradeRequest]:
        """Everything missed has been seen: returns the messages that must be sent (again), in their order.

        Commands of a symbol are carried out in the order in which they were sent. So a command without an
        answer that stands before an answered one never reached the engine: NOT_APPLIED, not sent again.
        """
        self._missed = None
        self._settle_overtaken()
        messages = []
        for handle in self._handles.values():
            items = [item for item, answer in enumerate(handle.answers) if answer is None or not answer.final]
            request_id = next_request_id()
            self._wire[request_id] = (handle, items)
            message = order_service_pb2.TradeRequest(request_id=request_id)
            for item in items:
                message.commands.add().CopyFrom(handle.commands()[item])
                self._answer(handle, item).resent = True
            handle.sent_ns = time.monotonic_ns()
            messages.append(message)
        return messages

    def fail_all(self, text: str) -> None:
        """The session ends: everything without an answer is unknown, and says so."""
        for handle in self._handles.values():
            ids = [
                each
                for each, answer in zip(handle.ids, handle.answers, strict=True)
                if answer is None or not answer.final
            ]
            handle.fail(OutcomeUnknown(text, ids))
        self._handles.clear()
        self._wire.clear()
        self.unanswered = 0

    def _settle_overtaken(self) -> None:
        for handle in list(self._handles.values()):
            for item, command in enumerate(handle.commands()):
                answer = handle.answers[item]
                if answer is not None and answer.final:
                    continue
                if (handle.request_id, item) < self._newest.get(_symbol(command), (0, 0)):
                    answer = self._answer(handle, item)
                    answer.outcome = Outcome.NOT_APPLIED.value
                    self._close(handle, answer)
        self.flush()

    def _match(self, report: types_pb2.Report) -> None:
        assert self._missed is not None
        kind = report.kind
        ids: Iterable[int] = (report.client_order_id, -report.order_id) if kind != _DONE else (0,)
        for each in ids:
            waiting = self._missed.get((report.symbol, each))
            if not waiting:
                continue
            for handle, item in waiting:
                answer = handle.answers[item]
                started = answer is not None and answer.sequence == report.sequence
                if started or ((answer is None or not answer.sequence) and _causes(handle.commands()[item], report)):
                    self._take(handle, item, report)
                    return

    # Both

    def _answer(self, handle: BatchHandle, item: int) -> Answer:
        answer = handle.answers[item]
        if answer is None:
            answer = handle.answers[item] = Answer()
        return answer

    def _take(self, handle: BatchHandle, item: int, report: types_pb2.Report) -> None:
        answer = handle.answers[item]
        if answer is None:
            answer = handle.answers[item] = Answer()
        answer.reports.append(report)
        answer.sequence = report.sequence
        place = (handle.request_id, item)
        if place > self._newest.get(report.symbol, (0, 0)):
            self._newest[report.symbol] = place
        if answer.final or not _is_answer(handle.ids[item], report):
            return
        kind = report.kind
        if kind == _REJECTED or (kind == _STATE and report.status == 7):
            self._refused(handle, item, answer, report)
        else:
            answer.outcome = Outcome.APPLIED.value
        self._close(handle, answer)

    def _refused(self, handle: BatchHandle, item: int, answer: Answer, report: types_pb2.Report) -> None:
        answer.outcome, answer.reason = Outcome.NOT_APPLIED.value, report.reason
        if not answer.resent:
            return
        # Sent twice because the first answer was lost: the second finds its own work done.
        which = handle.commands()[item].WhichOneof("command")
        done_before = (which == "amend" and report.reason == _NOTHING_TO_AMEND) or (
            which == "cancel" and report.reason == _ORDER_CLOSED and report.status == 5
        )
        if done_before:
            answer.outcome, answer.reason = Outcome.APPLIED.value, 0

    def _close(self, handle: BatchHandle, answer: Answer) -> None:
        answer.final = True
        handle.open -= 1
        self.unanswered -= 1
        if not handle.open:
            self._handles.pop(handle.request_id, None)
            self._finished.append(handle)
            if len(self._wire) > 4 * len(self._handles) + 1024:
                self._wire = {number: entry for number, entry in self._wire.items() if entry[0].open}


def _is_answer(client_order_id: int, report: types_pb2.Report) -> bool:
    """Whether this report decides its command, and is not only a consequence of it."""
    kind = report.kind
    if kind == _ACCEPTED:
        return report.time_in_force not in _IMMEDIATE
    if kind in (_REJECTED, _AMENDED, _STATE, _DONE):
        return True
    if report.maker or (client_order_id and report.client_order_id != client_order_id):
        return False
    if kind == _CANCELED:
        return report.reason != _MASS_CANCEL
    return report.status not in OPEN


def _key(command: Command) -> tuple[str, int]:
    """(symbol, client order id); without one, the negated order id; 0 for a cancel-all."""
    client_order_id = id_of(command)
    if client_order_id:
        return _symbol(command), client_order_id
    which = command.WhichOneof("command")
    order_id = command.amend.order_id if which == "amend" else command.cancel.order_id if which == "cancel" else 0
    return _symbol(command), -order_id


def _symbol(command: Command) -> str:
    which = command.WhichOneof("command")
    return getattr(command, which).symbol if which else ""


def _causes(command: Command, report: types_pb2.Report) -> bool:
    """Whether `report` is the first that such a command would cause."""
    which, kind = command.WhichOneof("command"), report.kind
    about_place = report.status == 7 and bool(report.side)
    if which == "place":
        return kind in (_ACCEPTED, _STATE) or (kind == _REJECTED and about_place)
    if which == "cancel":
        return (kind == _CANCELED and report.reason == _USER_REQUEST) or (kind == _REJECTED and not about_place)
    if which == "amend":
        if kind == _CANCELED:
            return report.reason == _BELOW_FILLED
        if kind == _AMENDED:
            amend = command.amend
            return amend.price_ticks in (0, report.price_ticks) and (
                not amend.quantity_lots or report.quantity_lots <= amend.quantity_lots
            )
        return kind == _REJECTED and not about_place
    return kind == _DONE

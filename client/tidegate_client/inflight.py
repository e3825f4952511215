"""Commands that were sent and not answered yet, and how each finds its answer (invariant 2).

On a live stream, reports name the message and the place in it. After a reconnect the missed reports are
sent again without these numbers; then a command is found by its order and by what the report says.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from google.protobuf.message import DecodeError

from tidegate.v1 import order_service_pb2, types_pb2
from tidegate_client.answers import (
    Key,
    causes,
    is_answer,
    is_quote_answer,
    is_refusal,
    key_of,
    keys_of,
    symbol_of,
    was_done_before,
)
from tidegate_client.enums import Outcome, Reason
from tidegate_client.errors import OutcomeUnknown
from tidegate_client.handle import Answer, BatchHandle


class InFlight:
    """All handles of a session that are not done, in the order in which they were sent."""

    def __init__(self) -> None:
        self._handles: dict[int, BatchHandle] = {}
        # number of a message on the wire -> its handle, and which of the handle's commands are in it (None: all)
        self._wire: dict[int, tuple[BatchHandle, Sequence[int] | None]] = {}
        self._missed: dict[Key, list[tuple[BatchHandle, int]]] = {}
        self._catching_up = False
        self._resent_open = 0  # commands that were sent again and have no answer yet
        self._finished: list[BatchHandle] = []
        # symbol -> (message, place in it) of the newest command that the engine has answered
        self._newest: dict[str, tuple[int, int]] = {}
        self._sent = 0  # messages on this stream, without the one that opened it
        self.unanswered = 0

    def __len__(self) -> int:
        return len(self._handles)

    def add(self, handle: BatchHandle, *, sent: bool) -> None:
        """A new message; `sent` when it goes out on this stream."""
        if sent:
            self._sent = handle.place = self._sent + 1
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
        elif self._catching_up or (self._resent_open and not is_refusal(report)):
            # A command that was sent again may have been on its way to the engine all the time: its first report
            # comes as somebody else's then. That it was carried out is so whatever is said to the second one.
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

    def refuse(self, place: int, reason: int) -> BatchHandle | None:
        """The gateway refused a message of this stream as a whole, and nothing of it was carried out."""
        handle = next((each for each in self._handles.values() if each.place == place), None)
        if handle is not None:
            self._refuse(handle, reason)
        return handle

    def _refuse(self, handle: BatchHandle, reason: int) -> None:
        for item in range(len(handle.ids)):
            answer = self._answer(handle, item)
            if not answer.final:
                answer.outcome, answer.reason = Outcome.NOT_APPLIED.value, reason
                self._close(handle, answer)
        self.flush()

    def flush(self) -> None:
        """Wake the handles that were completed since the last call; call it after each message."""
        for handle in self._finished:
            handle.finish()
        self._finished.clear()

    # After a reconnect

    def begin_catch_up(self) -> None:
        """The stream has been opened again: from now on missed reports are matched by what they say."""
        self._wire.clear()
        self._missed.clear()
        self._catching_up = True
        self._resent_open = 0
        self._sent = 0
        for handle in list(self._handles.values()):
            tried, handle.place = handle.place != 0, 0
            try:
                commands = handle.items()
            except DecodeError:  # send_encoded takes anything, the venue does not
                self._refuse(handle, Reason.MALFORMED_MESSAGE.value)
                continue
            for item, command in enumerate(commands):
                answer = handle.answers[item]
                if answer is None or not answer.final:
                    self._missed.setdefault(key_of(command), []).append((handle, item))
                    if tried:
                        self._answer(handle, item).resent = True

    def end_catch_up(self, next_request_id: Callable[[], int]) -> list[order_service_pb2.TradeRequest]:
        """Everything missed has been seen: returns the messages that must be sent (again), in their order.

        Commands of a symbol are carried out in the order in which they were sent. So a command without an
        answer that stands before an answered one never reached the engine: NOT_APPLIED, not sent again.
        """
        self._settle_overtaken()
        self._give_up()
        self._catching_up = False
        messages = []
        for handle in self._handles.values():
            items = [item for item, answer in enumerate(handle.answers) if answer is None or not answer.final]
            request_id = next_request_id()
            self._wire[request_id] = (handle, items)
            message = handle.request()
            message.request_id = request_id
            del message.commands[:]
            del message.mass_quote.quotes[:]
            for item in items:
                what = handle.items()[item]
                if isinstance(what, order_service_pb2.Quote):
                    message.mass_quote.quotes.append(what)
                else:
                    message.commands.append(what)
                self._resent_open += self._answer(handle, item).resent
            if not message.mass_quote.quotes:
                message.ClearField("mass_quote")
            handle.sent_ns = time.monotonic_ns()
            messages.append(message)
            self._sent = handle.place = self._sent + 1
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

    def _give_up(self) -> None:
        """What is not to be sent again stays unknown."""
        for handle in [each for each in self._handles.values() if not each.resend]:
            for item, answer in enumerate(handle.answers):
                if answer is None or not answer.final:
                    open_answer = self._answer(handle, item)
                    open_answer.outcome = Outcome.UNKNOWN.value
                    self._close(handle, open_answer)
        self.flush()

    def _settle_overtaken(self) -> None:
        for handle in list(self._handles.values()):
            for item, command in enumerate(handle.items()):
                answer = handle.answers[item]
                if answer is not None and answer.final:
                    continue
                if (handle.request_id, item) < self._newest.get(symbol_of(command), (0, 0)):
                    answer = self._answer(handle, item)
                    answer.outcome = Outcome.NOT_APPLIED.value
                    self._close(handle, answer)
        self.flush()

    def _match(self, report: types_pb2.Report) -> None:
        for each in keys_of(report):
            waiting = self._missed.get(each)
            if not waiting:
                continue
            for handle, item in waiting:
                answer = handle.answers[item]
                if not self._catching_up and not (answer is not None and answer.resent):
                    continue
                started = answer is not None and answer.sequence == report.sequence
                if started or ((answer is None or not answer.sequence) and causes(handle.items()[item], report)):
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
        if answer.final:
            return
        quote = item >= handle.commands_count
        if not (is_quote_answer(report) if quote else is_answer(handle.ids[item], report)):
            return
        if is_refusal(report):
            answer.outcome, answer.reason = Outcome.NOT_APPLIED.value, report.reason
            if answer.resent and was_done_before(handle.items()[item], report):
                answer.outcome, answer.reason = Outcome.APPLIED.value, 0
        else:
            answer.outcome = Outcome.APPLIED.value
        self._close(handle, answer)

    def _close(self, handle: BatchHandle, answer: Answer) -> None:
        answer.final = True
        handle.open -= 1
        if answer.resent and not self._catching_up:
            self._resent_open -= 1
            if not self._resent_open:
                self._missed.clear()
        self.unanswered -= 1
        if not handle.open:
            self._handles.pop(handle.request_id, None)
            self._finished.append(handle)
            if len(self._wire) > 4 * len(self._handles) + 1024:
                self._wire = {number: entry for number, entry in self._wire.items() if entry[0].open}

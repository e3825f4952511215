"""Sessions of a replay: several accounts whose commands must reach the venue in one order.

Commands of one session are carried out in the order in which they are sent; between sessions there is no
order. So a session sends only when no other one has commands without an answer. Within a session, up to
a window of commands is on its way at any time.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable

from hdrh.histogram import HdrHistogram

from tidegate.v1 import order_service_pb2, types_pb2
from tidegate_client import BatchHandle, Outcome, Reason, TradingSession

LATENCY_MAX_US = 60_000_000
WAIT_S_MIN = 0.001  # less is not worth a sleep
NOT_APPLIED = Outcome.NOT_APPLIED.value


class Lane:
    """One session, the message that is being written for it, and what is on its way."""

    def __init__(self, session: TradingSession) -> None:
        self.session = session
        self.message = order_service_pb2.TradeRequest()
        self.sent: deque[BatchHandle] = deque()


class Lanes:
    """All sessions. `on_done` sees each message when all of its commands are answered, lane by lane in order."""

    def __init__(
        self,
        sessions: list[TradingSession],
        window: int,
        message_commands_max: int,
        on_done: Callable[[int, BatchHandle], None] | None = None,
    ) -> None:
        self.lanes = [Lane(session) for session in sessions]
        self.latency_us = HdrHistogram(1, LATENCY_MAX_US, 3)
        self.refused: Counter[str] = Counter()
        self.commands = self.messages = 0
        self.last_sequence = 0
        self._window = window
        self._commands_max = message_commands_max
        self._on_done = on_done
        self._active = 0  # the only lane that may have commands on their way

    async def command(self, lane: int) -> order_service_pb2.Command:
        """An empty command at the end of what the lane sends; waits when another lane must be answered first."""
        if lane != self._active:
            await self.settle()
            self._active = lane
        message = self.lanes[lane].message
        if len(message.commands) >= self._commands_max:
            await self.flush()
            message = self.lanes[lane].message
        return message.commands.add()

    async def pace(self, due_s: float) -> None:
        """Nothing until then (monotonic seconds); what has been written goes out before."""
        wait_s = due_s - time.monotonic()
        if wait_s > WAIT_S_MIN:
            await self.flush()
            await asyncio.sleep(wait_s)

    async def flush(self) -> None:
        """Send what has been written; waits for answers when the window is full."""
        lane = self.lanes[self._active]
        if not lane.message.commands:
            return
        message, lane.message = lane.message, order_service_pb2.TradeRequest()
        self.commands += len(message.commands)
        self.messages += 1
        lane.sent.append(lane.session.send_message(message))
        self._collect()
        while lane.session.unanswered > self._window:
            await lane.sent[0].wait()
            self._collect()

    async def settle(self) -> None:
        """Send what has been written, and wait until everything has its answer."""
        await self.flush()
        lane = self.lanes[self._active]
        while lane.sent:
            await lane.sent[0].wait()
            self._collect()

    def _collect(self) -> None:
        sent = self.lanes[self._active].sent
        while sent and sent[0].done:
            handle = sent.popleft()
            self.latency_us.record_value(min((handle.done_ns - handle.sent_ns) // 1000, LATENCY_MAX_US))
            for answer in handle.answers:
                if answer is None:
                    continue
                self.last_sequence = max(self.last_sequence, answer.sequence)
                if answer.outcome == NOT_APPLIED:
                    self.refused[Reason(answer.reason).name] += 1
            if self._on_done is not None:
                self._on_done(self._active, handle)


def fill_place(command: order_service_pb2.Command, symbol: str, body: tuple[int, int, int, int, int]) -> None:
    """body: client order id, side, time in force, price in ticks, lots."""
    place = command.place
    place.symbol = symbol
    place.client_order_id, side, time_in_force, place.price_ticks, place.quantity_lots = body
    place.side = side  # type: ignore[assignment]
    place.type = types_pb2.ORDER_TYPE_LIMIT
    place.time_in_force = time_in_force  # type: ignore[assignment]

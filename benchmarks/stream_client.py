"""The client of the gRPC benchmarks: raw bytes both ways, a window of messages in flight, as cheap as is honest."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import grpc.aio

from benchmarks.orders import last_report_mark

if TYPE_CHECKING:
    Call = grpc.aio.StreamStreamCall[bytes, bytes]


@dataclass
class StreamRun:
    """One run over one stream."""

    seconds: float
    responses: list[bytes] = field(repr=False)


class Answers:
    """How many messages of a Trade stream have been answered in full, without decoding reports.

    The reports of a message come in the order of its commands, so it is answered when the report of its last
    command is there, which is found by its request_id and item. Everything is decoded and checked after the
    clock has stopped.
    """

    def __init__(self, messages: int, commands: int) -> None:
        self._marks = [last_report_mark(number, commands) for number in range(1, messages + 1)]
        self.answered = 0

    def count(self, response: bytes) -> int:
        """Messages that this response completes."""
        before, position = self.answered, 0
        while self.answered < len(self._marks):
            position = response.find(self._marks[self.answered], position)
            if position < 0:
                break
            self.answered += 1
        return self.answered - before


class Echoes:
    """With an echo, every response answers one message."""

    def count(self, _response: bytes) -> int:
        """One."""
        return 1


@dataclass(frozen=True)
class Service:
    """A method to call: where it is, and what goes with the call."""

    address: str
    method: str
    metadata: tuple[tuple[str, str], ...] = ()


async def run(service: Service, messages: Sequence[bytes], window: int, answers: Answers | Echoes) -> StreamRun:
    """Sends all messages, `window` of them unanswered at most, until the last one is answered."""
    options = (("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1))
    async with grpc.aio.insecure_channel(service.address, options=options) as channel:
        call: Call = channel.stream_stream(service.method)(metadata=service.metadata)  # type: ignore[call-arg]
        responses: list[bytes] = []
        await call.write(messages[0])  # opens the stream; not timed
        done = 0
        while not done:
            responses.append(await _read(call))
            done = answers.count(responses[-1])
        sent, total = 1, len(messages)
        start = time.perf_counter()
        for _ in range(min(window, total - sent)):
            await call.write(messages[sent])
            sent += 1
        while done < total:
            response = await _read(call)
            responses.append(response)
            completed = answers.count(response)
            done += completed
            for _ in range(min(completed, total - sent)):
                await call.write(messages[sent])
                sent += 1
        seconds = time.perf_counter() - start
        await call.done_writing()
        return StreamRun(seconds, responses)


async def _read(call: Call) -> bytes:
    """The next response. Raises RuntimeError when the stream ends."""
    response = await call.read()
    if isinstance(response, bytes):
        return response
    raise RuntimeError(f"the stream has ended: {await call.code()}: {await call.details()}")


async def unary(service: Service, requests: Sequence[bytes], milliseconds: list[float]) -> bytes:
    """One call after the other; appends how long each took and returns the last answer."""
    answer = b""
    async with grpc.aio.insecure_channel(service.address) as channel:
        call = channel.unary_unary(service.method)  # type: ignore[call-arg]
        for request in requests:
            start = time.perf_counter_ns()
            answer = await call(request, metadata=service.metadata)
            milliseconds.append((time.perf_counter_ns() - start) / 1e6)
    return answer

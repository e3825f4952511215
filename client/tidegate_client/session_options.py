"""How a session behaves, and what it tells those who listen."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.v1 import types_pb2
from tidegate_client.errors import TidegateError


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """How patient a session is, and whether the venue cancels what it has placed when it is lost (rule ORD-12).
    Times in seconds."""

    open_timeout_s: float = 10.0  # until the first stream is open
    answer_timeout_s: float = 5.0  # a command without an answer for so long: connect again, and ask again
    ahead_timeout_s: float = 10.0  # how long a venue may be behind what this session has already received
    close_timeout_s: float = 5.0  # how long closing waits for answers
    events_max: int = 1_000_000  # reports that may wait for a reader of events()
    ended_orders_max: int = 10_000  # ended orders that stay in `orders`
    cancel_on_disconnect: bool = False  # close() is a clean logout and cancels nothing


class SessionListener:
    """What a session tells its listeners, at once and in order. They must neither wait nor raise."""

    def on_report(self, report: types_pb2.Report) -> None:
        """A report, after `orders` has taken it."""

    def on_live(self) -> None:
        """The stream is live: everything missed has been told."""

    def on_disconnect(self) -> None:
        """The stream has ended; the session connects again."""

    def on_end(self, error: TidegateError | None) -> None:
        """The session has ended."""

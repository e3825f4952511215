"""One symbol's depth at the paces that readers may choose: one view of the native book, and one hub, for each.

Changes are put together natively, once per pace and symbol, whatever the number of readers. Only paces that
somebody reads cost anything; the first one (as it comes) is always kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tidegate.marketdata.depth_hub import DepthHub, DepthSubscription
from tidegate.marketdata.encoding import frame
from tidegate.v1 import market_data_service_pb2 as pb
from tidegate.wire.native import DepthBook

INTERVALS_MS = (0, 50, 100, 250, 500, 1000, 2000, 5000, 10_000)
"""What an interval_ms is rounded up to."""
INTERVAL_MAX_MS = INTERVALS_MS[-1]
WHOLE_BOOK = 1 << 20  # levels per side, more than a book can have orders


@dataclass
class _Pace:
    hub: DepthHub
    interval_ns: int
    due_ns: int = 0
    owes: bool = False  # the book has changed since the last delta


class DepthPaces:
    """All paces of one symbol."""

    def __init__(self, book: DepthBook, backlog_max: int) -> None:
        self._book = book
        self._backlog_max = backlog_max
        self._paces: dict[int, _Pace] = {}
        self._open(0)

    @property
    def ready(self) -> bool:
        """Whether the book is known."""
        return self._paces[0].hub.ready

    def subscribe(self, interval_ms: int) -> tuple[DepthHub, DepthSubscription]:
        """A reader at the next pace that is not faster than `interval_ms` (0 to 10000)."""
        view = next(view for view, each in enumerate(INTERVALS_MS) if each >= interval_ms)
        pace = self._paces.get(view) or self._open(view)
        return pace.hub, pace.hub.subscribe()

    def unsubscribe(self, hub: DepthHub, subscription: DepthSubscription) -> None:
        """The reader has gone; a pace that nobody reads any more is dropped."""
        hub.unsubscribe(subscription)
        for view, pace in list(self._paces.items()):
            if view and pace.hub is hub and not len(hub):
                del self._paces[view]
                self._book.unfollow(view)

    def begin(self, book: DepthBook) -> None:
        """The book is known; it may be another one than before."""
        self._book = book
        for view, pace in self._paces.items():
            book.follow(view)
            pace.owes = False
            pace.hub.replace(ready=True)

    def lose(self) -> None:
        """The book is not known for now."""
        for pace in self._paces.values():
            pace.hub.replace(ready=False)

    def end(self) -> None:
        """The symbol is gone."""
        for pace in self._paces.values():
            pace.hub.end()

    def publish(self, now_ns: int) -> None:
        """Tells readers what has changed, as far as their pace is due."""
        for view, pace in self._paces.items():
            if view == 0:
                if not self._tell(view, pace):
                    continue
                for each in self._paces.values():
                    each.owes = True
            elif pace.owes and now_ns >= pace.due_ns:
                pace.owes = False
                if self._tell(view, pace):
                    pace.due_ns = now_ns + pace.interval_ns

    def next_due_ns(self) -> int | None:
        """When the next pace that owes something is due; None: nothing is owed."""
        return min((pace.due_ns for view, pace in self._paces.items() if view and pace.owes), default=None)

    def _tell(self, view: int, pace: _Pace) -> bool:
        delta = self._book.take_delta(view)
        if delta:
            pace.hub.publish(frame(pb.StreamDepthResponse.DELTA_FIELD_NUMBER, delta))
        return bool(delta)

    def _open(self, view: int) -> _Pace:
        def snapshot(conflated: bool) -> bytes:
            book = self._book.view_snapshot(view, WHOLE_BOOK, conflated)
            return frame(pb.StreamDepthResponse.SNAPSHOT_FIELD_NUMBER, book)

        pace = self._paces[view] = _Pace(DepthHub(snapshot, self._backlog_max), INTERVALS_MS[view] * 1_000_000)
        # The views are walked in their order, so that the first one tells the others that there is something.
        self._paces = dict(sorted(self._paces.items()))
        if view and self.ready:
            self._book.follow(view)
            pace.hub.replace(ready=True)
        return pace

    def __iter__(self) -> Iterator[DepthHub]:
        return (pace.hub for pace in self._paces.values())

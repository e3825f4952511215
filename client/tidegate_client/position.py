"""How far a stream has been read, per symbol (rule API-2)."""

from __future__ import annotations

import time
from collections.abc import Container, Iterable, Mapping

from tidegate.v1 import types_pb2


class _Place:
    __slots__ = ("complete", "index", "sequence", "sides")

    def __init__(self, complete: int) -> None:
        self.complete = complete  # everything up to here has been received
        self.sequence = complete  # of the newest report; its command may have more
        self.index = -1
        self.sides = 0  # bit per side of a trade: an account that trades with itself gets both under one index


class StreamPlace:
    """Tells new reports from repeated ones, and where to resume: after the last command that is surely complete."""

    def __init__(self, resume_after: Mapping[str, int]) -> None:
        self._places = {symbol: _Place(sequence) for symbol, sequence in resume_after.items()}
        self.heard_ns = 0

    def __bool__(self) -> bool:
        return bool(self._places)

    def resume_after(self) -> dict[str, int]:
        """Symbol to the last sequence of which nothing is missing."""
        return {symbol: max(place.complete, place.sequence - 1) for symbol, place in self._places.items()}

    def advance(self, positions: Iterable[types_pb2.StreamPosition]) -> None:
        """The venue says that everything up to these has been sent."""
        for each in positions:
            place = self._places.get(each.symbol)
            if place is None:
                self._places[each.symbol] = _Place(each.sequence)
            else:
                place.complete = max(place.complete, each.sequence)

    def drop(self, symbol: str) -> None:
        """Nothing more comes from this symbol, and it can't be resumed."""
        self._places.pop(symbol, None)

    def drop_any(self, symbols: Container[str]) -> bool:
        """Drop these symbols; whether there were any of them."""
        gone = [symbol for symbol in self._places if symbol in symbols]
        for symbol in gone:
            del self._places[symbol]
        return bool(gone)

    def is_new(self, report: types_pb2.Report) -> bool:
        """Whether this report has not been seen; notes it."""
        sequence, index = report.sequence, report.index
        side = 2 if report.maker else 1
        place = self._places.get(report.symbol)
        if place is None:
            place = self._places[report.symbol] = _Place(max(sequence - 1, 0))
        elif sequence <= place.sequence and (sequence, index) <= (place.sequence, place.index):
            if (sequence, index) != (place.sequence, place.index) or place.sides & side:
                return False
            place.sides |= side
            return True
        elif place.index < 0 and sequence <= place.sequence:
            return False
        place.sequence, place.index, place.sides = sequence, index, side
        return True

    def heard(self) -> None:
        """Note that the stream is alive."""
        self.heard_ns = time.monotonic_ns()

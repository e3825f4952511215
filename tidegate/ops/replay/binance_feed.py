"""A recorded Binance futures feed, put into the order of the exchange.

Each line is a local arrival time in ns and a JSON message. Arrival order is not the exchange's: a
depthUpdate comes up to 100 ms after the quotes and trades whose effect it already contains. The update
ids do tell the order: a bookTicker is the state after update u, a depthUpdate brings the book from U to u.
So a depthUpdate is put behind the last bookTicker that it covers (u <= its u). Of the recording at hand
every depthUpdate then agrees with that quote on both sides.

Trades have no update id. They share a connection with the bookTickers and arrive before the quote that
shows their effect, so they keep their place between the bookTickers.

The REST snapshot is the start: what is older (u <= lastUpdateId) is dropped, and trades before it too.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from tidegate.ops.replay.errors import BadRecordingError
from tidegate_client import Instrument

Levels = list[tuple[int, int]]  # ticks, lots


@dataclass(frozen=True, slots=True)
class Quote:
    """Best bid and ask after update `update_id`; ticks and lots."""

    arrival_ns: int
    update_id: int
    bid: int
    bid_lots: int
    ask: int
    ask_lots: int


@dataclass(frozen=True, slots=True)
class DepthChange:
    """Levels after update `update_id`; 0 lots: the level is gone."""

    arrival_ns: int
    update_id: int
    bids: Levels
    asks: Levels


@dataclass(frozen=True, slots=True)
class Print:
    """A trade; `buys` tells whether the aggressor bought."""

    arrival_ns: int
    trade_id: int
    price: int
    lots: int
    buys: bool


@dataclass(slots=True)
class Recording:
    """The start of the book, and what follows in the exchange's order."""

    start: DepthChange
    events: list[Quote | DepthChange | Print]
    lines: int = 0
    dropped: dict[str, int] = field(default_factory=dict)


def read_recording(path: Path, instrument: Instrument, limit_lines: int = 0) -> Recording:
    """The whole file (or its first lines), ordered. Raises BadRecordingError."""
    start: DepthChange | None = None
    quotes_and_prints: list[Quote | Print] = []
    changes: list[DepthChange] = []
    number = 0
    parse = _Parser(instrument)
    for number, (arrival_ns, message) in enumerate(_lines(path, limit_lines), 1):
        data = message.get("data", message)
        try:
            kind = data.get("e")
            if kind == "bookTicker":
                quotes_and_prints.append(parse.quote(arrival_ns, data))
            elif kind == "trade":
                quotes_and_prints.append(parse.print(arrival_ns, data))
            elif kind == "depthUpdate":
                changes.append(DepthChange(arrival_ns, data["u"], parse.levels(data["b"]), parse.levels(data["a"])))
                _check_chain(changes, data["pu"])
            elif "lastUpdateId" in data:
                start = DepthChange(
                    arrival_ns, data["lastUpdateId"], parse.levels(data["bids"]), parse.levels(data["asks"])
                )
        except (KeyError, ValueError, TypeError) as error:
            raise BadRecordingError(f"{path.name}, line {number}: {error}") from error
    if start is None:
        raise BadRecordingError(f"{path.name}: no snapshot in {number} lines")
    recording = Recording(start, [], number)
    recording.events = list(_in_order(start, quotes_and_prints, changes, recording.dropped))
    return recording


class _Parser:
    """Decimal strings to ticks and lots, remembered: the same few thousand strings come again and again."""

    def __init__(self, instrument: Instrument) -> None:
        self._instrument = instrument
        self._prices: dict[str, int] = {}
        self._quantities: dict[str, int] = {}

    def price(self, text: str) -> int:
        ticks = self._prices.get(text)
        if ticks is None:
            ticks = self._prices[text] = self._instrument.to_ticks(text)
        return ticks

    def lots(self, text: str) -> int:
        lots = self._quantities.get(text)
        if lots is None:
            lots = self._quantities[text] = self._instrument.to_lots(text)
        return lots

    def levels(self, rows: list[list[str]]) -> Levels:
        return [(self.price(price), self.lots(quantity)) for price, quantity in rows]

    def quote(self, arrival_ns: int, data: dict[str, Any]) -> Quote:
        return Quote(
            arrival_ns,
            data["u"],
            self.price(data["b"]),
            self.lots(data["B"]),
            self.price(data["a"]),
            self.lots(data["A"]),
        )

    def print(self, arrival_ns: int, data: dict[str, Any]) -> Print:
        return Print(arrival_ns, data["t"], self.price(data["p"]), self.lots(data["q"]), not data["m"])


def _lines(path: Path, limit: int) -> Iterator[tuple[int, dict[str, Any]]]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        for number, line in enumerate(islice(file, limit or None), 1):
            arrival, _, text = line.partition(" ")
            try:
                yield int(arrival), json.loads(text)
            except ValueError as error:
                raise BadRecordingError(f"{path.name}, line {number}: {error}") from error


def _check_chain(changes: list[DepthChange], previous: int) -> None:
    if len(changes) > 1 and changes[-2].update_id != previous:
        raise ValueError(f"depth updates have a gap: {changes[-2].update_id} is followed by pu={previous}")


def _in_order(
    start: DepthChange, quotes_and_prints: list[Quote | Print], changes: list[DepthChange], dropped: dict[str, int]
) -> Iterator[Quote | DepthChange | Print]:
    waiting = iter(sorted(changes, key=lambda each: each.update_id))
    change = next(waiting, None)
    newest = 0
    for event in quotes_and_prints:
        if isinstance(event, Quote):
            while change is not None and change.update_id < event.update_id:
                yield from _unless_old(change, change.update_id, start, dropped)
                change = next(waiting, None)
            newest = max(newest, event.update_id)
            yield from _unless_old(event, event.update_id, start, dropped)
        else:
            yield from _unless_old(event, newest, start, dropped)
    while change is not None:
        yield from _unless_old(change, change.update_id, start, dropped)
        change = next(waiting, None)


def _unless_old(
    event: Quote | DepthChange | Print, update_id: int, start: DepthChange, dropped: dict[str, int]
) -> Iterator[Quote | DepthChange | Print]:
    if update_id > start.update_id:
        yield event
    else:
        name = type(event).__name__
        dropped[name] = dropped.get(name, 0) + 1

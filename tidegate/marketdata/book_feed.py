"""Follows one symbol's event ring and keeps its book and trades; tells the hubs what changed.

start ──▶ asking ──depth answer──▶ following ──lapped──▶ catching up from the journal ──▶ following
            ▲                                                 │ journal does not reach
            └─────────────────────────────────────────────────┘
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Protocol

import structlog

from tidegate.marketdata.fan_out import DepthHub, EncodedTrade, TradeHub
from tidegate.marketdata.journal import TradeFields
from tidegate.v1 import market_data_service_pb2 as pb
from tidegate.v1 import types_pb2
from tidegate.wire import native
from tidegate.wire.records import Command, CommandType

log = structlog.get_logger(__name__)

READ_MOST = 40_000  # events in one read: more than one command can cause, so that a read never ends within one
READS_MAX = 4  # reads in one poll, so that no symbol starves another
WHOLE_BOOK = 1 << 20  # levels per side, more than a book can have orders
# A gateway puts its own number into the upper bits of its origins; this one is nobody's.
ORIGIN_BASE = 0xFF000000
ORIGINS = 0x00FFFFFF
_SIDES = (types_pb2.SIDE_UNSPECIFIED, types_pb2.SIDE_BUY, types_pb2.SIDE_SELL)


class Events(Protocol):
    """A cursor in an event ring (tidegate.wire.native.EventReader)."""

    @property
    def lapped(self) -> bool: ...
    def close(self) -> None: ...
    def read(self, most: int) -> bytes: ...
    def seek_after(self, sequence: int) -> bool: ...
    def set_sleeping(self, sleeps: bool) -> object: ...


class Commands(Protocol):
    """The way into the engine (tidegate.wire.native.CommandProducer)."""

    @property
    def depth(self) -> int: ...
    def close(self) -> None: ...
    def push(self, commands: bytes, reserved: bool = True) -> int: ...


class Journal(Protocol):
    """What the ring no longer holds."""

    def events_after(self, sequence: int) -> Iterator[bytes]:
        """Events of the commands after `sequence`, oldest first, in pieces of whole commands."""
        ...

    def trades_up_to(self, sequence: int) -> list[TradeFields]:
        """Recent trades up to and including `sequence`, oldest first."""
        ...


class BookFeed:
    """One symbol: ring in, messages for the hubs out. All methods belong to the event loop's thread.

    `open_events` gives a new cursor at the end of the ring.
    """

    def __init__(
        self,
        symbol: str,
        symbol_id: int,
        open_events: Callable[[], Events],
        commands: Commands,
        journal: Journal,
        *,
        depth: DepthHub,
        trades: TradeHub,
        answer_timeout_ns: int,
    ) -> None:
        self.symbol = symbol
        self.depth = depth
        self.trades = trades
        self._symbol_id = symbol_id
        self._open_events = open_events
        self._events = open_events()
        self._commands = commands
        self._journal = journal
        self._book = native.DepthBook(symbol)
        self._answer_timeout_ns = answer_timeout_ns
        self._origins = itertools.count(1)
        self._asked_at_ns: int | None = None
        self._follows = False
        # Last sequence told to readers of deltas. Commands that leave the book as it is do not raise it, so that
        # a reader who starts with a snapshot holds the same number as those who follow.
        self._told = 0
        self._chain_begins = False
        self._catching_up: Iterator[bytes] | None = None

    def close(self) -> None:
        """Lets go of the rings."""
        self._events.close()
        self._commands.close()

    def set_sleeping(self, sleeps: bool) -> None:
        """Whether the engine has to ring the bell for its next event."""
        self._events.set_sleeping(sleeps)

    def poll(self, now_ns: int) -> bool:
        """Takes what is there and tells the hubs. False when there was nothing."""
        if self._catching_up is not None:
            self._catch_up()
            self._publish()
            return True
        busy = self._read()
        if self._events.lapped:
            self._start_catching_up()
            busy = True
        if not self._book.ready and self._catching_up is None:
            self._ask(now_ns)
        if busy:
            self._publish()
        return busy

    def snapshot(self, levels: int) -> bytes:
        """Encoded DepthSnapshot of the best `levels` per side."""
        return self._book.snapshot(levels)

    def snapshot_message(self) -> bytes:
        """The whole book as a StreamDepthResponse."""
        book = self.snapshot(WHOLE_BOOK) + varint_field(pb.DepthSnapshot.SEQUENCE_FIELD_NUMBER, self._told)
        return frame(pb.StreamDepthResponse.SNAPSHOT_FIELD_NUMBER, book)

    def _delta_message(self, delta: bytes) -> bytes:
        """An encoded DepthDelta as a StreamDepthResponse."""
        if self._chain_begins:
            # The native book counts from the depth answer, readers from their snapshot, which may be younger.
            self._chain_begins = False
            delta += varint_field(pb.DepthDelta.PREVIOUS_SEQUENCE_FIELD_NUMBER, self._told)
            delta += varint_field(pb.DepthDelta.FIRST_SEQUENCE_FIELD_NUMBER, self._told + 1)
        self._told = self._book.sequence
        return frame(pb.StreamDepthResponse.DELTA_FIELD_NUMBER, delta)

    def _read(self) -> bool:
        for reads in range(READS_MAX):
            events = self._events.read(READ_MOST)
            if not events:
                return reads > 0
            self._feed(events)
        return True

    def _feed(self, events: bytes) -> None:
        """Into the book; one that does not add up is never shown, but asked for anew."""
        try:
            self._book.feed(events)
        except ValueError as error:
            log.error("book does not add up", symbol=self.symbol, sequence=self._book.sequence, error=str(error))
            self._start_over()

    def _ask(self, now_ns: int) -> None:
        """Sends a depth query, unless one is under way or still waits for a dead engine's successor."""
        if self._asked_at_ns is not None and now_ns - self._asked_at_ns < self._answer_timeout_ns:
            return
        if self._commands.depth:
            return
        origin = ORIGIN_BASE | (next(self._origins) & ORIGINS)
        self._book.expect_snapshot(origin)
        query = Command(type=CommandType.QUERY_DEPTH, symbol=self._symbol_id, origin=origin)
        if self._commands.push(query.pack()):
            self._asked_at_ns = now_ns

    def _start_catching_up(self) -> None:
        if self._book.ready:
            log.info("lapped", symbol=self.symbol, sequence=self._book.sequence)
            self._catching_up = self._journal.events_after(self._book.sequence)
        else:
            self._start_over()

    def _catch_up(self) -> None:
        """One piece of the journal, or back to the ring when that reaches far enough."""
        assert self._catching_up is not None
        piece = next(self._catching_up, None)
        if piece is not None:
            self._feed(piece)
            return
        self._catching_up = None
        if not self._events.seek_after(self._book.sequence):
            # Either the ring has moved on meanwhile, which another round cures, or the journal is behind it.
            before = self._book.sequence
            self._catching_up = self._journal.events_after(before)
            piece = next(self._catching_up, None)
            if piece is None:
                log.warning("the journal does not reach the ring", symbol=self.symbol, sequence=before)
                self._start_over()
            else:
                self._feed(piece)

    def _start_over(self) -> None:
        """Asks for the whole book again."""
        self._catching_up = None
        self._asked_at_ns = None
        self._follows = False
        self._book = native.DepthBook(self.symbol)
        self._events.close()
        self._events = self._open_events()
        self.depth.replace(ready=False)

    def _publish(self) -> None:
        """Tells the hubs what the book has gathered since the last time."""
        trades = self._book.take_trades()
        delta = self._book.take_delta()
        if not self._book.ready:
            return
        if not self._follows:
            self._follows = self._chain_begins = True
            self._told = self._book.sequence
            log.info("following", symbol=self.symbol, sequence=self._book.sequence)
            self.depth.replace(ready=True)
            trades = self._journal.trades_up_to(self._book.sequence)
        elif delta:
            self.depth.publish(self._delta_message(delta))
        new = [encode_trade(trade) for trade in trades if trade[0] > self.trades.last_trade_id]
        if new:
            self.trades.publish(new)


def encode_trade(trade: TradeFields) -> EncodedTrade:
    """A trade as DepthBook.take_trades() gives it, as an entry of StreamTradesResponse.trades."""
    trade_id, price, quantity, aggressor_side, sequence, time_ns = trade
    message = pb.Trade(
        trade_id=trade_id,
        price_ticks=price,
        quantity_lots=quantity,
        aggressor_side=_SIDES[aggressor_side],
        sequence=sequence,
        engine_time_ns=time_ns,
    )
    return EncodedTrade(trade_id, frame(pb.StreamTradesResponse.TRADES_FIELD_NUMBER, message.SerializeToString()))


def frame(field: int, message: bytes) -> bytes:
    """A message that holds `message` as its field with this number (below 16): protobuf's tag, length, bytes."""
    return bytes((field << 3 | 2,)) + varint(len(message)) + message


def varint_field(field: int, value: int) -> bytes:
    """A number as a field (below 16). At the end of a message it replaces the field's earlier value."""
    return bytes((field << 3,)) + varint(value)


def varint(value: int) -> bytes:
    """protobuf's encoding of a number that is not negative."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)

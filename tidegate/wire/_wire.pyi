"""The wire's native core: rings, codec, and the routing that a gateway does once per record."""

from collections.abc import Sequence

from typing_extensions import Buffer

COMMAND_BYTES: int  # 128
EVENT_BYTES: int  # 192

# ---- rings (memory comes from tidegate.wire.segment) ----
def command_ring_bytes(capacity: int) -> int: ...
def create_command_ring(memory: Buffer, capacity: int, high_water: int, generation: int) -> None: ...
def event_ring_bytes(capacity: int) -> int: ...
def create_event_ring(memory: Buffer, capacity: int, generation: int) -> None: ...
def stats_area(memory: Buffer) -> memoryview:
    """The 1024 writable bytes of an event ring that hold the engine's figures (layout: tidegate/wire/stats.py)."""

# Every end holds the ring's memory until close(); ring memory must be writable and 64-byte aligned
# (Segment.buf, mmap), else ValueError. Using an end after close() raises ValueError.

class CommandProducer:
    """For venue processes and tests: pushes whole records. A gateway uses Router instead."""

    def __init__(self, ring: Buffer, bell: int = -1) -> None: ...
    def push(self, commands: Buffer, reserved: bool = True) -> int:
        """Records that fitted; crc is filled in; rings the bell when the consumer sleeps."""
    @property
    def depth(self) -> int:
        """Records pushed and not yet released by the consumer."""
    def close(self) -> None: ...

class CommandConsumer:
    """For tests and tools: the reading end of a command ring, which in a venue is the engine's."""

    def __init__(self, ring: Buffer) -> None: ...
    def take(self, most: int) -> bytes:
        """Up to `most` commands; they stay in the ring until release(). Raises ValueError on a damaged one."""
    @property
    def position(self) -> int:
        """Of the next command to take; counts from the ring's creation."""
    @property
    def generation(self) -> int: ...
    def release(self, position: int) -> None:
        """Gives the room of everything below `position` back."""
    def set_sleeping(self, sleeps: bool) -> bool:
        """True: nothing is waiting, so that after set_sleeping(True) it is safe to sleep until the bell."""
    def close(self) -> None: ...

class EventWriter:
    """For tests and tools: the writing end of an event ring, which in a venue is the engine's."""

    def __init__(self, ring: Buffer, reader_bells: Sequence[int] = ()) -> None:
        """reader_bells[i]: fd to write a byte to when reader i sleeps (-1: none)."""
    def publish(self, events: Buffer) -> None:
        """All of them at once; crc is filled in. Raises ValueError past half of the ring."""
    @property
    def newest_sequence(self) -> int: ...
    def close(self) -> None: ...

class EventReader:
    """A cursor in an event ring."""

    def __init__(self, ring: Buffer, reader: int) -> None:
        """Starts at the tail."""
    @property
    def sequence(self) -> int:
        """Last sequence wholly before the cursor; 0: the ring was empty."""
    @property
    def lapped(self) -> bool:
        """The writer has overwritten what was to be read next: take it from the journal, then seek_after()."""
    def read(self, most: int) -> bytes:
        """Up to `most` records; empty when there is nothing or when lapped is set. Ends with a whole command
        unless `most` records hold none. Raises ValueError on a damaged record."""
    def seek_after(self, sequence: int) -> bool:
        """False: no longer in the ring, take it from the journal."""
    def set_sleeping(self, sleeps: bool) -> bool:
        """True: nothing is waiting, so that after set_sleeping(True) it is safe to sleep until the bell."""
    def close(self) -> None: ...

def crc32c(data: Buffer) -> int: ...
def record_with_crc(record: Buffer) -> bytes: ...

# ---- journal payloads (native/wire/payload.hpp) ----
class PayloadInfo:
    """Head of a payload."""

    @property
    def epoch(self) -> int: ...
    @property
    def first_sequence(self) -> int: ...
    @property
    def last_sequence(self) -> int: ...
    @property
    def commands(self) -> int: ...
    @property
    def events(self) -> int: ...
    @property
    def time_ns(self) -> int:
        """Sequenced time of the batch."""
    @property
    def cursors(self) -> list[tuple[int, int]]:
        """(generation, position) per command ring: where to read on after this batch."""

def inspect(payload: Buffer) -> PayloadInfo:
    """Checks framing and CRC32C of a payload and returns its head. Raises ValueError when it is damaged."""

def unpack_events(payload: Buffer) -> bytes:
    """The payload's events as 192-byte records (crc set). Raises ValueError when it is damaged."""

def unpack_commands(payload: Buffer) -> bytes:
    """The payload's commands as 128-byte records (crc set). Raises ValueError when it is damaged."""

# ---- codec, for tests and for catch-up from the journal ----
def decode_commands(message: Buffer, symbols: Sequence[tuple[int, str]]) -> bytes:
    """A TradeRequest's or SubmitBatchRequest's commands as records. Raises ValueError(reason, item)."""

def encode_reports(events: Buffer, account: int, symbols: Sequence[tuple[int, str]], sent_time_ns: int) -> bytes:
    """The account's view of the events as a TradeResponse (maker's and taker's sides both when both are its own)."""

# ---- gateway ----
class Router:
    """Everything a gateway does per record: decode into rings, follow event rings, encode for sessions.
    One thread only (the event loop's)."""

    def __init__(
        self,
        gateway_id: int,
        *,
        sessions_max: int = 4096,
        items_max: int = 200,
        in_flight_max: int = 16384,
        output_bytes_max: int = 8 << 20,
        retry_delay_ms: int = 50,
    ) -> None: ...
    def add_symbol(
        self, symbol_id: int, symbol: str, command_ring: Buffer, event_ring: Buffer, reader: int, bell: int
    ) -> None:
        """reader: this gateway's reader slot in the event ring; bell: fd of the engine's doorbell."""
    # sessions
    def open_session(self, account: int, *, events: bool, held: bool = False) -> int:
        """events: all of the account's events (Trade, StreamEvents); else only what its own commands cause
        (unary calls, SubmitBatch). held: live output waits until release(). 0 when there is no room."""
    def positions(self) -> list[tuple[str, int]]:
        """Last sequence routed per symbol: where a session opened now starts."""
    def release(self, session: int) -> None: ...
    def close_session(self, session: int) -> None: ...
    # in
    def submit(self, session: int, message: Buffer, now_ns: int) -> int:
        """A TradeRequest or SubmitBatchRequest (same field numbers). Returns how many commands went in;
        refused items become Refusals in the session's output. Raises ValueError(reason) when the message
        as a whole is refused (malformed, too many items): then nothing went in."""
    def submit_one(self, session: int, kind: int, message: Buffer, now_ns: int) -> int:
        """One unary request; kind = CommandType (place, cancel, amend, cancel_all, query_order,
        query_open_orders). Returns 0, or the Reason for which the gateway refused it."""
    def submit_phase(self, session: int, symbol: str, phase: int, now_ns: int) -> int: ...
    # out
    def poll(self, events_max: int) -> list[int]:
        """Follows the event rings; returns the sessions that have output now (each once until taken)."""
    def idle(self) -> bool:
        """Sets the sleeping flags of all event rings; False (and flags cleared) when something has come meanwhile."""
    def lapped(self) -> list[tuple[str, int]]:
        """Symbols whose ring has lapped this reader, with the last sequence routed."""
    def feed(self, symbol: str, events: Buffer) -> list[int]:
        """Catch-up: events from the journal, in order, for a lapped symbol; returns sessions with output."""
    def rejoin(self, symbol: str) -> bool:
        """Back to the ring after feed; False: still not far enough."""
    def take(self, session: int, now_ns: int, most_bytes: int = 1 << 20) -> bytes:
        """Encoded TradeResponse / SubmitBatchResponse / unary response body (field 1 = reports); whole
        commands only; empty when there is none."""
    def outstanding(self, session: int) -> int:
        """Commands sent by this session and not yet wholly answered."""
    def answer(self, session: int) -> tuple[int, int, int, int]:
        """Of the last answered unary command: (event type, reason, sequence, order_id)."""
    def overflowed(self, session: int) -> bool:
        """Output passed output_bytes_max and was dropped: close the stream, telling positions_sent()."""
    def positions_sent(self, session: int) -> list[tuple[str, int]]:
        """Last sequence per symbol wholly handed out by take()."""
    def set_draining(self) -> None:
        """From now on every new command is refused with DRAINING."""

# ---- market data ----
class DepthBook:
    """One symbol's book by levels, kept from events."""

    def __init__(self, symbol: str) -> None: ...
    sequence: int
    ready: bool
    def feed(self, events: Buffer) -> None:
        """Events in ring order. Depth answers to a query (kDepthLevel ... kDepthEnd for `origin` given to
        expect_snapshot) replace the book; everything before the first one is skipped."""
    def expect_snapshot(self, origin: int) -> None: ...
    def snapshot(self, levels: int) -> bytes:
        """Encoded DepthSnapshot."""
    def take_delta(self) -> bytes:
        """Encoded DepthDelta since the last take_delta; empty when nothing changed."""
    def take_trades(self) -> list[tuple[int, int, int, int, int, int]]:
        """(trade_id, price, quantity, aggressor side, sequence, time_ns) since the last call."""
    best_bid: int
    best_ask: int

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
    """A TradeRequest's commands and quotes as records (no account, origin or time; crc unset). Raises
    ValueError(reason, item) for the first item that is refused, item -1 for the message as a whole."""

def decode_request(kind: int, message: Buffer, symbols: Sequence[tuple[int, str]]) -> bytes:
    """One unary request as a record; kind = CommandType as in Router.submit_one. Raises ValueError(reason, -1)."""

def decode_quotes(message: Buffer, symbols: Sequence[tuple[int, str]]) -> bytes:
    """The same of a MassQuoteRequest."""

def encode_reports(
    events: Buffer, accounts: int | Sequence[int], symbols: Sequence[tuple[int, str]], sent_time_ns: int
) -> bytes:
    """The view that the account (or a drop copy over several) has of the events as a TradeResponse (maker's and
    taker's sides both when both are its own), as its stream would have shown them, but for request_id and item.
    Empty when none concerns it; sent_time_ns 0: left out."""

# ---- gateway ----
class LimitSpec:
    """What an API key may send: limits of its own (rule LIM-2) and of its account (LIM-3), 0: none."""

    def __init__(
        self,
        *,
        orders_second: int = 0,
        orders_ten_seconds: int = 0,
        cancels_second: int = 0,
        messages_second: int = 0,
        order_to_trade_percent: int = 0,
        order_to_trade_minimum: int = 100,
        order_to_trade_window_s: int = 60,
        self_trade_group: int = 0,
    ) -> None:
        """orders_…: orders, amends, replaces and quotes. cancels_second: cancels, countdowns, settings and quotes
        that only withdraw. messages_second: messages and calls, queries too. order_to_trade_percent: most orders
        per trade of the account, 1e-2, over the window, judged from order_to_trade_minimum orders in it on.
        self_trade_group: the one that orders may name (rule ORD-6); 0: none."""

class Router:
    """Everything a gateway does per record: decode into rings, follow event rings, encode for sessions.
    One thread only (the event loop's). A session number that is not open raises RuntimeError."""

    def __init__(
        self,
        gateway_id: int,
        *,
        sessions_max: int = 4096,
        items_max: int = 200,
        in_flight_max: int = 16384,
        output_bytes_max: int = 8 << 20,
        retry_delay_ms: int = 50,
    ) -> None:
        """gateway_id: below 64. sessions_max: at most 4096. items_max: commands per message, at most 65000; a mass
        quote has 100 more. in_flight_max: unanswered commands per session; only cancels, reduce-only orders and
        what the venue decides pass it.
        output_bytes_max: encoded output that a session may leave untaken. retry_delay_ms: told with
        VENUE_BUSY and DRAINING."""
    def add_symbol(
        self, symbol_id: int, symbol: str, command_ring: Buffer, event_ring: Buffer, reader: int, bell: int
    ) -> None:
        """reader: this gateway's reader slot in the event ring; bell: fd of the engine's doorbell (-1: none).
        Follows the event ring from its tail, at any time: sessions that are open then start there. A name or
        number that is there raises ValueError; one that was removed comes back as it was."""
    def start_after(self, symbol: str, sequence: int) -> None:
        """For a symbol whose event ring was still empty: where its journal ended then. What its engine publishes of
        before is passed over. Otherwise nothing."""
    def remove_symbol(self, symbol: str) -> None:
        """Lets go of its rings. New commands for it are refused with DELISTED; nothing more comes from it."""
    def limiter(self, key: int, spec: LimitSpec) -> None:
        """Makes the limits of an API key, or changes them; what it has used stays. key: any 64 bits that name it."""
    # sessions
    def open_session(
        self,
        account: int,
        *,
        events: bool,
        held: bool = False,
        cancel_on_disconnect: bool = False,
        limiter: int | None = None,
    ) -> int:
        """events: all of the account's events (Trade, StreamEvents); else only what its own commands cause
        (unary calls, SubmitBatch). held: live output waits until release(). cancel_on_disconnect: what it places
        belongs to it, see disconnect(). limiter: key of limits made before. 0 when there is no room."""
    def open_drop_copy(self, accounts: Sequence[int], *, held: bool = False) -> int:
        """A session over the events of several accounts that can send nothing (rule API-2). 0: no room."""
    def disconnect(self, session: int) -> None:
        """The session was lost: cancels every order that belongs to it, in every symbol where it has placed some
        (rule ORD-12), also when that needs several commands, waits for a HALT to end, or the ring is full. Call it
        before close_session(), and not on a clean logout."""
    def cancel_orphans(self) -> None:
        """Cancels, in every symbol, what belongs to sessions of this gateway's number: for a gateway that starts
        after one that died, before it opens sessions."""
    def positions(self) -> list[tuple[str, int]]:
        """Last sequence routed per symbol: where a session opened now starts. 0: nothing seen yet."""
    def release(self, session: int) -> None:
        """Ends `held`; what has gathered is told of by the next poll()."""
    def close_session(self, session: int) -> None: ...
    # in
    def submit(self, session: int, message: Buffer, now_ns: int) -> int:
        """A TradeRequest, quotes included (sessions of the `events` kind), or a SubmitBatchRequest. Returns how many
        commands went in; refused items become Refusals in the session's output, told of by the next poll().
        Raises ValueError(reason) when the message as a whole is refused (malformed, too many items): then
        nothing went in."""
    def submit_quotes(self, session: int, message: Buffer, now_ns: int) -> int:
        """A MassQuoteRequest; as submit()."""
    def submit_one(self, session: int, kind: int, message: Buffer, now_ns: int) -> int:
        """One unary request; kind = CommandType (place, cancel, amend, cancel_all, replace, set_protection,
        reset_protection, set_countdown, set_position_mode, query_order, query_open_orders). Returns 0, or the
        Reason for which the gateway refused it; retry_delay_ms() says when to come again. A cancel_all or
        set_countdown without a symbol goes to all of them, item i to the i-th; where it is refused a Refusal is
        in the output, and the Reason is returned when it is refused everywhere. A page token is the decimal
        order id that answer() gave for the page before; a bad one, or a page size outside of 0 to 1000:
        INVALID_FIELD."""
    def take_message(self, session: int, now_ns: int) -> int:
        """Counts a message that another process than an engine answers; returns as submit_one does."""

    def retry_delay_ms(self, session: int) -> int:
        """Of the last submit_…() that returned a Reason: when to come again; 0: that will not help."""
    def submit_phase(self, session: int, symbol: str, phase: int, now_ns: int) -> int:
        """The venue's command (account 0, reason OPERATOR); returns as submit_one does. It is answered when the
        phase has been entered or refused; an uncrossing may take further commands of the engine until then."""
    def submit_prices(
        self,
        session: int,
        symbol: str,
        *,
        mark: int,
        index: int,
        funding_rate: int = 0,
        next_funding_time_ns: int = 0,
        source_time_ns: int = 0,
        now_ns: int,
    ) -> int:
        """SET_PRICES by the venue, ticks, 0: unchanged; source_time_ns 0: now_ns. answer() has the sequence."""
    def submit_definition(self, session: int, symbol: str, rules: Buffer) -> int:
        """DEFINE_INSTRUMENT by the venue: an InstrumentRules record (128 bytes; its symbol and CRC are filled in).
        answer(): INSTRUMENT_DEFINED or REJECTED. One operator at a time: a refusal goes to who has waited longest."""
    def submit_cancel_everything(self, session: int, symbol: str, now_ns: int) -> int:
        """CANCEL_ALL of everybody's orders by the operator, in as many commands as it takes: the output has a
        CANCEL_ALL_DONE report of each, quantity_lots = orders canceled."""
    # out
    def poll(self, events_max: int) -> list[int]:
        """Follows the event rings; returns the sessions that have output now (each once until taken: take
        until it gives nothing). A session that is not of the `events` kind is also returned when its last
        outstanding command has been answered without output, and any session when it overflows. Raises
        RuntimeError on a damaged record."""
    def idle(self) -> bool:
        """Sets the sleeping flags of all event rings; False (and flags cleared) when something has come meanwhile."""
    def lapped(self) -> list[tuple[str, int]]:
        """Symbols whose ring has lapped this reader or does not go on where it ended, with the last sequence
        routed. They are silent until feed() and rejoin()."""
    def feed(self, symbol: str, events: Buffer) -> list[int]:
        """Catch-up: whole commands' events from the journal, in order, for a lapped symbol; returns sessions
        with output. What was routed already is passed over; a gap raises ValueError."""
    def rejoin(self, symbol: str) -> bool:
        """Back to the ring after feed; False: still not far enough."""
    def take(self, session: int, now_ns: int, most_bytes: int = 1 << 20) -> bytes:
        """Encoded TradeResponse / SubmitBatchResponse / unary response body (field 1 = reports, or Orders when
        the command was a query; for sessions of the `events` kind, unless now_ns is 0: field 4 = now_ns, and
        field 5, LimitState, in what answers its own commands when it has a limiter); whole
        commands only, so that one command may pass most_bytes; empty when there is none, or while held."""
    def limits(self, session: int, now_ns: int) -> bytes:
        """Field 5 of a response: LimitState, to be put behind what take() gave; empty without a limiter."""
    def outstanding(self, session: int) -> int:
        """Commands sent by this session and not yet wholly answered."""
    def answer(self, session: int) -> tuple[int, int, int, int]:
        """Of the last answered command: (event type, reason, sequence, order_id) of its verdict: its first event;
        of queries, CANCEL_ALL and QUOTE the last; of REPLACE the new order's ACCEPTED, REJECTED or ORDER_STATE; of
        SET_PHASE PHASE_CHANGED or REJECTED."""
    def overflowed(self, session: int) -> bool:
        """Output passed output_bytes_max; everything from the first command that did not fit is dropped.
        Take what is there if you like, then close the stream, telling positions_sent()."""
    def positions_sent(self, session: int) -> list[tuple[str, int]]:
        """Last sequence per symbol wholly handed out by take(), at first positions() when the session was
        opened: resuming from them misses nothing."""
    def set_draining(self) -> None:
        """From now on every new command is refused with DRAINING."""
    def close(self) -> None:
        """Lets go of the rings' memory; nothing else may be called afterwards."""

# ---- market data ----
class DepthBook:
    """One symbol's book by levels, kept from events, with up to 16 views: what readers of one pace hold of it."""

    def __init__(self, symbol: str) -> None: ...
    @property
    def sequence(self) -> int:
        """Last command that is part of the book."""
    @property
    def time_ns(self) -> int:
        """When that command was sequenced."""
    @property
    def ready(self) -> bool:
        """A snapshot has been taken in, and nothing has contradicted it since."""
    @property
    def phase(self) -> int: ...
    @property
    def best_bid(self) -> int:
        """Ticks, 0: none."""
    @property
    def best_ask(self) -> int:
        """Ticks, 0: none."""
    @property
    def prices(self) -> tuple[int, int, int, int, int, int]:
        """(sequence, time_ns, mark, index, funding rate, next funding time) as last set; 0: none yet."""
    @property
    def prices_known(self) -> bool:
        """False after a definition, which may have put mark and index into other ticks: they are 0 until set anew, or
        until the next depth answer."""
    @property
    def checksum(self) -> int:
        """DepthSnapshot.checksum of the book as it is now."""
    def feed(self, events: Buffer) -> None:
        """Events in ring order, whole commands. Depth answers to a query (kDepthLevel ... kDepthEnd for `origin`
        given to expect_snapshot) replace the book; everything before the first one is skipped, and so is what
        is part of the book already. Raises ValueError when events are missing or contradict the book (a level
        would fall below zero, ...): then it is no longer ready and needs another snapshot."""
    def expect_snapshot(self, origin: int) -> None:
        """Origin of the depth query whose answer is to become the book; used once."""
    def snapshot(self, levels: int) -> bytes:
        """Encoded DepthSnapshot of the best `levels` per side, as the book is now."""
    def follow(self, view: int) -> None:
        """View 0 to 15 begins with the book as it is now."""
    def unfollow(self, view: int) -> None:
        """Nobody looks at the view any more."""
    def view_snapshot(self, view: int, levels: int, conflated: bool) -> bytes:
        """Encoded DepthSnapshot of the view: the book as of its last delta."""
    def take_delta(self, view: int) -> bytes:
        """Encoded DepthDelta from what the view holds to the book as it is now; then the view holds that. Empty
        when nothing is different. A level that is gone has quantity 0."""
    def top_of_book(self) -> bytes:
        """Encoded StreamTopOfBookResponse."""
    def take_top_of_book(self) -> bytes:
        """The same when it is another than at the last call; else empty."""

class PublicTape:
    """What happened in one symbol: trades, figures by the minute, news. Each command counts once."""

    def __init__(self, sequence: int, bars_after: int, tick_lot_value: int, phase: int) -> None:
        """Goes on after `sequence`; minutes are made of commands after `bars_after` only. `phase`: as it was
        there, 0 when unknown."""
    @property
    def sequence(self) -> int: ...
    @property
    def time_ns(self) -> int:
        """When that command was sequenced."""
    @property
    def phase(self) -> int: ...
    @property
    def last_trade_id(self) -> int: ...
    def feed(self, events: Buffer) -> None:
        """Whole commands, in order; what is known already is passed over. ValueError: some are missing, or cannot
        be."""
    def take_trades(self) -> list[tuple[int, int, int, bytes]]:
        """(first trade id, last trade id, count up to 1000, entries of StreamTradesResponse.trades) since the last
        call."""
    def take_liquidations(self) -> list[tuple[int, int, int, bytes]]:
        """The same of trades that are part of a liquidation, by the liquidation's side."""
    def take_minutes(self) -> list[tuple[int, int, int, int, int, int, int, int, int, int, int]]:
        """(open time, open, high, low, close, volume, notional, trades, taker buy, last trade id, last sequence) per
        minute with trades since the last call; parts of one minute add up. No part spans a definition."""
    def take_news(self) -> bytes:
        """PHASE_CHANGED, AUCTION and INSTRUMENT_DEFINED records since the last call."""

# ---- history ----
def history_rows(
    events: Buffer, after_sequence: int
) -> tuple[list[tuple[bytes, bytes]], list[tuple[bytes, bytes]], list[tuple[bytes, bytes]]]:
    """Rows that the events of later commands add to the history index: changes, clients, fills (history_rows.hpp)."""

def history_events(packed: list[bytes]) -> bytes:
    """The event records of rows of changes. Raises ValueError for what is none."""

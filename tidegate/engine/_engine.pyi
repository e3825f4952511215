"""The engine's native core: one symbol's book and everything that `apply` may touch.

Buffers: commands are 128-byte records, events 192-byte records, as in native/records/records.hpp.
All methods that work on batches release the GIL.
"""

from collections.abc import Sequence

from typing_extensions import Buffer

EVENT_RING_CAPACITY_MIN: int  # records; a ring must hold two commands' worst case, so that each is shown whole

class MismatchError(Exception):
    """Replay gave other events than the journal holds; args = (sequence, index, what)."""

class BrokenInvariantError(Exception):
    """An assertion of the core failed; the symbol must stop."""

class Shard:
    """One symbol: state = f(commands). No clock, I/O, randomness or floating point inside."""

    def __init__(
        self,
        symbol_id: int,
        *,
        orders_max: int = 1 << 17,
        retained_max: int = 1 << 18,
        accounts_max: int = 1 << 14,
    ) -> None:
        """orders_max: open orders; retained_max: ended orders kept for client-order-id lookups (ORD-3), shared
        fairly among accounts; accounts_max: accounts with an order or a position."""

    # ---- state ----
    sequence: int  # last command applied
    time_ns: int  # its sequenced time
    phase: int
    open_orders: int
    best_bid: int  # ticks, 0 = none
    best_ask: int
    trade_id: int  # last
    defined: bool  # a DEFINE_INSTRUMENT is in force
    definition_sequence: int  # of it, 0 = none
    mark_price: int  # ticks, 0 = none yet
    index_price: int
    last_price: int
    waiting_orders: int  # open ones that wait for their trigger
    open_interest: int  # lots of all long positions together
    next_due_ns: int  # first time at which due() holds if nothing else happens; 0 = now, 2**63 - 1 = never
    def due(self, time_ns: int) -> bool:
        """Whether a TICK at this time would do something (docs/rules/venue.md)."""
    def dump(self) -> bytes:
        """The whole state in its canonical form: independent of memory layout; sha256 of it is the state hash."""
    def load(self, state: Buffer) -> None:
        """Replaces the state by a dump's. Raises ValueError (nothing changed) when it is not one."""
    def position(self, account: int, short_leg: bool = False) -> int:
        """Signed lots; the LONG leg is the one of one-way mode."""
    def positions(self) -> list[tuple[int, int, int]]:
        """(account, LONG or one-way leg, SHORT leg) of every account that holds something, by account."""

    # ---- apply: tests, replay, the naive oracle's twin ----
    def apply(self, commands: Buffer, time_ns: int, epoch: int) -> bytes:
        """Sequences and applies the commands in order (queries are answered too); returns their events, crc 0.
        Only these: TICKs are the caller's to give when due() says so, as poll() does by itself."""

    # ---- live ----
    def attach(
        self,
        command_rings: Sequence[Buffer],
        event_ring: Buffer,
        reader_bells: Sequence[int],
        own_bell: int,
        cursors: Sequence[tuple[int, int]] = (),
    ) -> None:
        """Rings of this shard. reader_bells[i]: fd to write a byte to when reader i sleeps (-1: none).
        own_bell: fd that producers write to when this shard sleeps.
        cursors: (generation, position) from the last journal batch; a ring of that generation resumes there.
        Raises ValueError when the event ring holds fewer than EVENT_RING_CAPACITY_MIN records."""
    def detach(self) -> None:
        """Lets go of the rings' memory."""
    def poll(self, commands_max: int, now_ns: int, epoch: int) -> int:
        """Takes up to commands_max records, fairly from all rings, applies them and stages events and the
        journal payload. TICKs of its own go into the log before the first command and after each one while
        something is due, also when the rings are empty. Returns how many were applied (queries and TICKs
        included); 0 = idle. Sequenced time is max(now_ns, last). Records whose CRC is wrong raise
        BrokenInvariantError."""
    commands_staged: int  # journaled commands of the last poll; 0 when it held only queries
    first_sequence: int  # of the last poll
    def payload(self) -> memoryview:
        """The journal payload of the last poll (see native/wire/payload.hpp); valid until the next poll."""
    def publish(self) -> None:
        """After the payload is durable: shows the events to readers, rings bells, releases ring slots."""
    def wait(self, spin_us: int, timeout_ms: int) -> bool:
        """Until a ring has something, adaptive: spins, then sleeps on own_bell. False on timeout. What becomes due
        by the clock is the caller's to bound timeout_ms by: next_due_ns."""
    def queue_depth(self) -> int: ...
    def queue_capacity(self) -> int: ...

    # ---- recovery ----
    def replay(self, payload: Buffer, verify: bool = True) -> int:
        """Applies one journal payload; with verify, compares every event and raises MismatchError. Returns commands."""
    def republish(self, payload: Buffer, after_sequence: int) -> int:
        """Publishes the payload's events with a sequence above after_sequence to the event ring (no state change)."""

class Book:
    """The book alone: matching without client-order-id index, retention or journal. For benchmarks and embedding.

    It is open from the start and takes any price and quantity that the records allow. It numbers commands itself:
    the id of an order is its PLACE's place in the run, from 1 (queries do not count; the TICKs that it gives itself
    while something is due do). Client order ids are echoed only; an order that has ended is unknown. There is no
    clock: sequenced time is 0, so triggers fire, and nothing expires by time."""

    def __init__(self, *, orders_max: int = 1 << 17, accounts_max: int = 1 << 14) -> None: ...
    def apply(self, commands: Buffer) -> bytes: ...
    last_price: int  # ticks, 0 = none yet
    open_orders: int
    best_bid: int  # ticks, 0 = none
    best_ask: int
    def run(self, commands: Buffer, batch: int) -> tuple[float, int]:
        """Applies all the commands in batches, writing full event records into a reused buffer; returns
        (seconds, events). For core.match."""

"""What the benchmarks of single commands share: records of one kind, and a shard that takes them."""

from __future__ import annotations

import time

from benchmarks.flow_commands import COMMAND, COMMAND_BYTES, DEFINE, PHASE_OPEN, SET_PHASE, STP_NONE, SYMBOL
from tidegate.engine.core import Shard
from tidegate.wire.native import EVENT_BYTES

DEFINE_INSTRUMENT, TICK = 6, 14
BATCH = 256  # records per batch, as in a group of the engine under load


def record(
    kind: int,
    *,
    account: int = 0,
    side: int = 0,
    order_type: int = 0,
    time_in_force: int = 0,
    client_order_id: int = 0,
    order_id: int = 0,
    price: int = 0,
    quantity: int = 0,
    words: tuple[int, int, int] = (0, 0, 0),
    detail: int = 0,
) -> bytes:
    """One command; `words` are trigger_price, expiry_ns and display under any of their names, `detail` is the byte
    of phase and trigger_by. Self-trade prevention is off."""
    header = (0, kind, 1, 0, 0, 0, 0, 0, account, SYMBOL, 0, side, order_type, time_in_force, 0)
    return COMMAND.pack(
        *header, 0, 0, 0, 0, 0, client_order_id, order_id, price, quantity, *words, 0, STP_NONE, detail, 0
    )


def open_shard() -> Shard:
    """Open for trading, with the widest bounds that a rule may have."""
    bounds = (1, 2**31 - 1, 1, 2**40, 2**40, 0, 1, 10_000)
    define = bytearray(DEFINE.pack(0, DEFINE_INSTRUMENT, 1, 0, 0, 0, 0, 0, 0, SYMBOL, 0, 0, 0, 0, 0, *bounds))
    define[100:104] = (1_000).to_bytes(4, "little")  # trigger_orders_max
    shard = Shard(SYMBOL)
    shard.apply(bytes(define) + record(SET_PHASE, detail=PHASE_OPEN), 1, 1)
    return shard


def timed(shard: Shard, commands: bytes) -> tuple[float, int]:
    """CPU seconds of applying them in batches, and how many events they gave."""
    view, step = memoryview(commands), BATCH * COMMAND_BYTES
    events = 0
    start = time.thread_time()
    for at in range(0, len(commands), step):
        events += len(shard.apply(view[at : at + step], 1, 1))
    return time.thread_time() - start, events // EVENT_BYTES

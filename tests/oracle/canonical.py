"""The canonical form of a symbol's state (docs/rules/state.md): dump, load, hash."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import astuple

from tests.oracle.orders import Order
from tests.oracle.records import RULES, Phase, Rules, Side
from tests.oracle.state import Account, Group, State

MAGIC = b"TGSTATE2"
HEAD = struct.Struct("<8sIQqQBBBBIqqqqqqQqQq")
ACCOUNT = struct.Struct("<IB3xqqqq")
GROUP = struct.Struct("<IHBxqqqqqqqq")
ORDER = struct.Struct("<QQqqqqQqqQqqqIIBBBBBBHQ")
OPEN = struct.Struct(ORDER.format + "qqqIBBBBq")
COUNT = struct.Struct("<Q")
assert (HEAD.size, ACCOUNT.size, GROUP.size, ORDER.size, OPEN.size) == (124, 40, 72, 128, 168)


# ---- writing ----------------------------------------------------------------------------------------
def dump(model: State) -> bytes:
    """The whole state; its SHA-256 is the state hash."""
    rules = RULES.pack(*(0,) * 15, *model.rules.body()) if model.rules is not None else bytes(128)
    accounts = [
        ACCOUNT.pack(number, a.mode, a.position, a.short_position, a.deadline_ns, a.countdown_ms)
        for number, a in sorted(model.accounts.items())
    ]
    groups = [GROUP.pack(*key, *astuple(group)) for key, group in sorted(model.groups.items())]
    tables = (
        accounts,
        groups,
        [dump_open(order) for order in model.resting()],
        [dump_open(order) for order in model.waiting],
        [COUNT.pack(order.order_id) for order, _ in model.due_queue],
        [dump_order(order) for order in model.ended.values()],
    )
    return head(model) + rules + b"".join(COUNT.pack(len(rows)) + b"".join(rows) for rows in tables)


def head(model: State) -> bytes:
    """What there is one of."""
    defined, round_told = model.rules is not None, model.uncrossing_price != 0
    return HEAD.pack(
        *(MAGIC, model.symbol_id, model.sequence, model.time_ns, model.trade_id),
        *(model.phase, defined, model.uncrossing, round_told, model.uncrossing_reason),
        *(model.mark, model.index, model.last),
        *(model.funding_rate, model.next_funding_time_ns, model.source_time_ns),
        *(model.definition_sequence, model.indicative_time_ns, model.indicative_pending, model.uncrossing_price),
    )


def dump_order(order: Order) -> bytes:
    """OrderState, 128 bytes."""
    return ORDER.pack(
        *(order.order_id, order.client_order_id, order.price, order.quantity, order.filled, order.leaves),
        *order.body,
        *(order.account, order.stp_group, order.side, order.order_type, order.time_in_force, order.stp_mode),
        *(order.status, order.flags, order.reason, order.admission),
    )


def dump_open(order: Order) -> bytes:
    """OpenState, 168 bytes."""
    return (
        dump_order(order)
        + OPEN.pack(
            *(0,) * 23,
            *(order.shown, order.extreme, order.trigger_price, order.session),
            *(order.waiting, order.group, order.direction, order.untold, order.expiry_ns),
        )[ORDER.size :]
    )


def state_hash(model: State) -> str:
    """SHA-256 of the canonical form, hexadecimal."""
    return hashlib.sha256(dump(model)).hexdigest()


# ---- reading ----------------------------------------------------------------------------------------
class Reader:
    """Goes through a dump from front to back."""

    def __init__(self, state: bytes) -> None:
        self.state = state
        self.at = 0

    def take(self, size: int) -> bytes:
        record = self.state[self.at : self.at + size]
        if len(record) != size:
            raise ValueError("length does not fit")
        self.at += size
        return record

    def table(self, size: int) -> list[bytes]:
        (count,) = COUNT.unpack(self.take(COUNT.size))
        return [self.take(size) for _ in range(count)]


def load(model: State, state: bytes) -> None:
    """Replaces the model's state by a dump's. Raises ValueError when it is not one of this symbol."""
    if len(state) < HEAD.size:
        raise ValueError("length does not fit")
    reader = Reader(state)
    load_head(model, reader.take(HEAD.size))
    rules = reader.take(RULES.size)
    if model.rules is not None:
        model.rules = Rules.unpack(rules)
    accounts = [ACCOUNT.unpack(record) for record in reader.table(ACCOUNT.size)]
    groups = [GROUP.unpack(record) for record in reader.table(GROUP.size)]
    resting = [load_open(record) for record in reader.table(OPEN.size)]
    model.waiting = [load_open(record) for record in reader.table(OPEN.size)]
    due = [COUNT.unpack(record)[0] for record in reader.table(COUNT.size)]
    ended = [load_order(record) for record in reader.table(ORDER.size)]
    if reader.at != len(state):
        raise ValueError("length does not fit")
    model.accounts = {number: Account(*fields) for number, *fields in accounts}
    model.groups = {(account, number): Group(bool(frozen), *f) for account, number, frozen, *f in groups}
    model.book = {side: [order for order in resting if order.side == side] for side in (Side.BUY, Side.SELL)}
    model.ended = {order.order_id: order for order in ended}
    orders = resting + model.waiting + ended
    model.by_id = {order.order_id: order for order in orders}
    model.by_client = {(o.account, o.client_order_id): o for o in orders if not o.is_quote}
    model.hooked = []
    for order in resting + model.waiting:
        model.hook(order)
    model.due_queue = []
    for order_id in due:  # an order that is there twice is to be told before it is due
        order = model.by_id[order_id]
        model.due_queue.append((order, order.untold and (order, True) not in model.due_queue))


def load_head(model: State, record: bytes) -> None:
    f = HEAD.unpack(record)
    if f[0] != MAGIC or f[1] != model.symbol_id or f[5] not in set(Phase):
        raise ValueError("not a state of this symbol")
    model.sequence, model.time_ns, model.trade_id, model.phase = f[2:6]
    model.rules = Rules() if f[6] else None
    model.uncrossing, model.uncrossing_reason, model.uncrossing_price = f[7], f[9], f[19]
    model.mark, model.index, model.last = f[10:13]
    model.funding_rate, model.next_funding_time_ns, model.source_time_ns = f[13:16]
    model.definition_sequence, model.indicative_time_ns, model.indicative_pending = f[16], f[17], bool(f[18])


def load_order(record: bytes) -> Order:
    """Reads an OrderState."""
    f = ORDER.unpack(record)
    order = Order(
        order_id=f[0],
        client_order_id=f[1],
        price=f[2],
        quantity=f[3],
        filled=f[4],
        leaves=f[5],
        body=f[6:13],
        account=f[13],
        stp_group=f[14],
        side=f[15],
        order_type=f[16],
        time_in_force=f[17],
        stp_mode=f[18],
        status=f[19],
        flags=f[20],
        reason=f[21],
        admission=f[22],
        group=f[9] >> 32 & 0xFF,
    )
    order.trigger_price = order.sent_trigger_price
    return order


def load_open(record: bytes) -> Order:
    """Reads an OpenState."""
    order = load_order(record[: ORDER.size])
    f = OPEN.unpack(record)[23:]
    order.shown, order.extreme, order.trigger_price, order.session = f[:4]
    order.waiting, order.group, order.direction, order.untold = f[4], f[5], f[6], bool(f[7])
    return order

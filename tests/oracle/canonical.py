"""The canonical form of a symbol's state (docs/rules/orders.md, last section): dump, load, hash."""

from __future__ import annotations

import hashlib
import struct

from tests.oracle.records import RULES, Phase, Rules, Side
from tests.oracle.state import Order, State

MAGIC = b"TGSTATE1"
HEAD = struct.Struct("<8sIQqQBBHI")
ACCOUNT = struct.Struct("<IIq")
ORDER = struct.Struct("<QQqqqqQqqQIIBBBBBBHQ")
COUNT = struct.Struct("<Q")
assert (HEAD.size, ACCOUNT.size, ORDER.size) == (44, 16, 104)


def dump(model: State) -> bytes:
    """The whole state; its SHA-256 is the state hash."""
    defined = model.rules is not None
    rules = RULES.pack(*(0,) * 15, *model.rules.body()) if model.rules is not None else bytes(128)
    parts = [
        HEAD.pack(MAGIC, model.symbol_id, model.sequence, model.time_ns, model.trade_id, model.phase, defined, 0, 0),
        rules,
        COUNT.pack(len(model.positions)),
        *(ACCOUNT.pack(account, 0, model.positions[account]) for account in sorted(model.positions)),
    ]
    for orders in (model.resting(), list(model.ended.values())):
        parts.append(COUNT.pack(len(orders)))
        parts += map(dump_order, orders)
    return b"".join(parts)


def state_hash(model: State) -> str:
    """SHA-256 of the canonical form, hexadecimal."""
    return hashlib.sha256(dump(model)).hexdigest()


def dump_order(order: Order) -> bytes:
    """OrderState, 104 bytes."""
    return ORDER.pack(
        *(order.order_id, order.client_order_id, order.price, order.quantity, order.filled, order.leaves),
        *order.body,
        *(order.account, order.stp_group, order.side, order.order_type, order.time_in_force, order.stp_mode),
        *(order.status, order.reduce_only, order.reason, order.admission),
    )


def load_order(record: bytes) -> Order:
    """Reads an OrderState."""
    f = ORDER.unpack(record)
    return Order(
        order_id=f[0],
        client_order_id=f[1],
        price=f[2],
        quantity=f[3],
        filled=f[4],
        leaves=f[5],
        body=(f[6], f[7], f[8], f[9]),
        account=f[10],
        stp_group=f[11],
        side=f[12],
        order_type=f[13],
        time_in_force=f[14],
        stp_mode=f[15],
        status=f[16],
        reduce_only=bool(f[17] & 1),
        reason=f[18],
        admission=f[19],
    )


def load(model: State, state: bytes) -> None:
    """Replaces the model's state by a dump's. Raises ValueError when it is not one of this symbol."""
    magic, symbol, sequence, time_ns, trade_id, phase, defined, *_ = HEAD.unpack_from(state)
    if magic != MAGIC or symbol != model.symbol_id or phase not in set(Phase):
        raise ValueError("not a state of this symbol")
    model.sequence, model.time_ns, model.trade_id, model.phase = sequence, time_ns, trade_id, phase
    at = HEAD.size
    model.rules = Rules.unpack(state[at : at + 128]) if defined else None
    at += 128
    (count,) = COUNT.unpack_from(state, at)
    at += COUNT.size
    model.positions = {}
    for _ in range(count):
        account, _, model.positions[account] = ACCOUNT.unpack_from(state, at)
        at += ACCOUNT.size
    groups: list[list[Order]] = []
    for _ in range(2):
        (count,) = COUNT.unpack_from(state, at)
        at += COUNT.size
        groups.append([load_order(state[at + ORDER.size * i : at + ORDER.size * (i + 1)]) for i in range(count)])
        at += ORDER.size * count
    if at != len(state):
        raise ValueError("length does not fit")
    resting, ended = groups
    model.book = {side: [order for order in resting if order.side == side] for side in (Side.BUY, Side.SELL)}
    model.reduce_only_resting = sorted((o for o in resting if o.reduce_only), key=lambda o: o.order_id)
    model.ended = {order.order_id: order for order in ended}
    model.by_id = {order.order_id: order for order in resting + ended}
    model.by_client = {(order.account, order.client_order_id): order for order in resting + ended}

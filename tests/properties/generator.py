"""Seeded command sequences in which everything collides: few accounts, few prices, few ids, tiny tables.

A sequence is a pure function of its seed. It says which bounds the symbol has, which positions it starts
with, the batches of 128-byte commands, and before which batches the state is dumped and loaded anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from tests.oracle.canonical import dump
from tests.oracle.model import Model
from tests.oracle.records import (
    INT64_MAX,
    INT64_MIN,
    POSITION_MAX,
    PRICE_MAX,
    QUANTITY_MAX,
    Command,
    CommandType,
    OrderType,
    Phase,
    Rules,
    Side,
    TimeInForce,
)
from tests.oracle.state import RESTING_TIMES_IN_FORCE

START_NS = 1_700_000_000_000_000_000
SYMBOL = 7
EXTREMES = (
    *(INT64_MIN, INT64_MIN + 1, -(2**40), -1, 0, 1, PRICE_MAX, PRICE_MAX + 1, QUANTITY_MAX, QUANTITY_MAX + 1),
    *(2**50, 2**62, INT64_MAX - 1, INT64_MAX),
)


@dataclass(frozen=True)
class Batch:
    """Commands that are applied at one time."""

    commands: tuple[bytes, ...]
    time_ns: int
    epoch: int
    reload: bool = False  # dump and load before it


@dataclass(frozen=True)
class Sequence:
    """One generated life of a symbol."""

    seed: int
    bounds: dict[str, int]
    start: bytes  # a dump to begin with; empty for none
    batches: tuple[Batch, ...]


@dataclass
class Profile:
    """What a sequence is rich in. Shares are weights of the kinds of commands."""

    shares: dict[str, int]
    times_in_force: tuple[int, ...] = (1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 4, 4)
    reduce_only: float = 0.15
    market: float = 0.12
    stp_modes: tuple[int, ...] = (0, 0, 0, 1, 2, 3, 4, 5)
    group: float = 0.3
    accounts: int = 4
    prices: int = 6
    quantity_max: int = 9
    repeat: float = 0.06  # of a client order id used before
    positions: float = 0.3  # starts with positions
    extremes: float = 0.01
    tight: float = 0.15  # tiny tables
    apart: float = 0.0  # of the orders that keep to their own half of the prices
    phases: tuple[int, ...] = (1, 2, 3, 3, *(4,) * 12)


MIXED = {"place": 160, "cancel": 14, "amend": 24, "all": 3, "phase": 5, "define": 1, "query": 8, "strange": 1}
PROFILES = (
    Profile(MIXED),
    Profile({**MIXED, "amend": 120}, prices=4),
    Profile({**MIXED, "place": 240}, reduce_only=0.5, accounts=4, positions=1.0, quantity_max=12),
    Profile(
        {**MIXED, "place": 240}, group=0.8, stp_modes=(1, 2, 3, 3, 4, 5, 5, 5), times_in_force=(1, 1, 1, 2, 3, 3, 4)
    ),
    Profile(MIXED, tight=1.0, accounts=6, repeat=0.2),
    Profile({**MIXED, "define": 12, "phase": 16, "strange": 10}, extremes=0.15),
    Profile(MIXED, prices=40, quantity_max=60, accounts=3),
    Profile({**MIXED, "cancel": 60, "query": 40, "all": 14}, repeat=0.2),
)


@dataclass
class Generator:
    """Draws one sequence; keeps only what it needs to name orders that may exist."""

    random: Random
    profile: Profile
    sequence: int = 0
    next_client: int = 0
    placed: list[Command] = field(default_factory=list)
    placed_ids: list[int] = field(default_factory=list)
    base: int = 100

    def commands(self, count: int) -> list[bytes]:
        kinds = list(self.profile.shares)
        weights = list(self.profile.shares.values())
        made = []
        for kind in self.random.choices(kinds, weights, k=count):
            record = getattr(self, kind)()
            if record[4] < CommandType.QUERY_ORDER or record[4] > CommandType.QUERY_DEPTH:
                self.sequence += 1
            made.append(record)
        return made

    # ---- numbers ------------------------------------------------------------------------------------
    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def account(self) -> int:
        return self.random.randint(1, self.profile.accounts)

    def price(self) -> int:
        if self.chance(self.profile.extremes):
            return self.random.choice(EXTREMES)
        return self.base + self.random.randrange(self.profile.prices)

    def quantity(self) -> int:
        if self.chance(self.profile.extremes):
            return self.random.choice(EXTREMES)
        return self.random.randint(1, self.profile.quantity_max)

    def envelope(self) -> dict[str, int]:
        """Request id, origin, item and gateway time."""
        random = self.random
        gateway_time = random.choice((0, START_NS - 5_000, START_NS + 10**9, START_NS - 10**16, INT64_MIN, INT64_MAX))
        return {
            "request_id": random.randrange(2**64),
            "origin": random.randrange(2**32),
            "item": random.randrange(2**16),
            "gateway_time_ns": gateway_time,
        }

    def target(self) -> dict[str, int]:
        """An order that may exist: by either id, now and then another account's or nobody's."""
        if not self.placed or self.chance(0.05):
            return {"account": self.account(), "order_id": self.random.randrange(99)}
        recent = min(len(self.placed), 12)
        at = len(self.placed) - 1 - self.random.randrange(recent if self.chance(0.7) else len(self.placed))
        for _ in range(3):  # what can rest is the better target
            if self.placed[at].time_in_force in RESTING_TIMES_IN_FORCE:
                break
            at = self.random.randrange(len(self.placed))
        order = self.placed[at]
        account = self.account() if self.chance(0.08) else order.account
        how = self.random.randrange(3)
        return {
            "account": account,
            "order_id": 0 if how == 0 else self.placed_ids[at],
            "client_order_id": 0 if how == 1 else order.client_order_id,
        }

    # ---- commands -----------------------------------------------------------------------------------
    def place(self) -> bytes:
        if self.placed and self.chance(self.profile.repeat):
            return self.repeat()
        profile, random = self.profile, self.random
        market = self.chance(profile.market)
        tif = random.choice((2, 2, 3)) if market else random.choice(profile.times_in_force)
        self.next_client += 1
        command = Command(
            CommandType.PLACE,
            account=self.account(),
            side=random.randint(1, 2),
            order_type=OrderType.MARKET if market else OrderType.LIMIT,
            time_in_force=tif,
            flags=int(self.chance(profile.reduce_only)),
            client_order_id=self.next_client,
            price=0 if market else self.price(),
            quantity=self.quantity(),
            stp_group=random.randint(1, 2) if self.chance(profile.group) else 0,
            stp_mode=random.choice(profile.stp_modes),
            **self.envelope(),
        )
        if command.flags and self.chance(0.8):  # towards the positions that starting_state() gives
            command.account = random.randint(1, min(4, profile.accounts))
            command.side = Side.SELL if command.account % 2 else Side.BUY
        if not market and self.chance(profile.apart):
            half = profile.prices // 2
            command.price = self.base + random.randrange(half) + (half if command.side == Side.SELL else 0)
        if self.chance(0.02 + profile.extremes / 2):
            self.spoil(command)
        self.placed.append(command)
        self.placed_ids.append(self.sequence + 1)
        return command.pack()

    def spoil(self, command: Command) -> None:
        """Gives one field a value that is refused, or is unusual at least."""
        random = self.random
        name, value = random.choice(
            (
                *(("side", v) for v in (0, 3, 255)),
                *(("order_type", v) for v in (0, 3, 255)),
                *(("time_in_force", v) for v in (0, 5, 255)),
                *(("stp_mode", v) for v in (6, 255)),
                *(("price", v) for v in EXTREMES),
                *(("quantity", v) for v in EXTREMES),
                ("client_order_id", 0),
                ("client_order_id", 2**64 - 1),
                ("account", 2**32 - 1),
                ("account", 0),
                ("stp_group", 2**32 - 1),
                ("flags", 254),
                ("flags", 255),
                ("order_type", OrderType.MARKET),
                ("time_in_force", TimeInForce.GTX),
            )
        )
        setattr(command, name, value)

    def repeat(self) -> bytes:
        """A client order id again: the same request, another body, or another account."""
        command = Command.unpack(self.random.choice(self.placed).pack())
        change = self.random.randrange(6)
        if change == 0:
            command.price += 1 if command.price < PRICE_MAX else 0
        elif change == 1:
            command.account = self.account()
        elif change == 2:
            self.spoil(command)
        command.request_id = self.random.randrange(2**64)
        return command.pack()

    def cancel(self) -> bytes:
        return Command(CommandType.CANCEL, **self.target(), **self.envelope()).pack()

    def amend(self) -> bytes:
        what = self.random.randrange(8)
        price = self.price() if what in (0, 1, 2, 3, 4) else 0
        quantity = self.quantity() if what in (3, 4, 5, 6) else 0
        return Command(CommandType.AMEND, price=price, quantity=quantity, **self.target(), **self.envelope()).pack()

    def all(self) -> bytes:
        side = self.random.choice((0, 0, 1, 2, 9))
        return Command(CommandType.CANCEL_ALL, account=self.account(), side=side, **self.envelope()).pack()

    def phase(self) -> bytes:
        phase = self.random.choice(self.profile.phases) if self.chance(0.95) else self.random.choice((0, 5, 255))
        reason = self.random.choice((0, 209, 65535))
        account = self.random.randrange(3)
        return Command(CommandType.SET_PHASE, account=account, phase=phase, reason=reason, **self.envelope()).pack()

    def define(self) -> bytes:
        random = self.random
        rules = self.rules()
        if self.chance(0.3):
            names = ("price_min", "price_max", "quantity_min", "quantity_max", "market_quantity_max", "notional_min")
            setattr(rules, random.choice((*names, "tick_lot_value")), random.choice(EXTREMES))
        if self.chance(0.1):
            rules.open_orders_max = random.choice((0, 1, 10_000, 10_001, 2**32 - 1))
        return rules.pack()

    def rules(self) -> Rules:
        random = self.random
        return Rules(
            price_min=random.choice((1, 1, 1, self.base + 1)),
            price_max=random.choice((PRICE_MAX, PRICE_MAX, PRICE_MAX, self.base + 4)),
            quantity_min=random.choice((1, 1, 1, 1, 3)),
            quantity_max=random.choice((QUANTITY_MAX, QUANTITY_MAX, 8)),
            market_quantity_max=random.choice((QUANTITY_MAX, 5)),
            notional_min=random.choice((0, 0, 0, 300)),
            tick_lot_value=random.choice((1, 1, 1, 10, 2**50, INT64_MAX)) if self.chance(0.2) else 1,
            open_orders_max=random.choice((200, 200, 3, 1)),
            reserved=random.choice((bytes(28), random.randbytes(28))),
            account=random.choice((0, 3)),
        )

    def query(self) -> bytes:
        kind = self.random.choice((CommandType.QUERY_ORDER, CommandType.QUERY_OPEN_ORDERS, CommandType.QUERY_DEPTH))
        if kind == CommandType.QUERY_ORDER:
            return Command(kind, **self.target(), **self.envelope()).pack()
        after = self.random.choice((0, 0, self.random.randrange(self.sequence + 2)))
        most = self.random.choice((1, 2, 3, 200, 0, INT64_MIN, INT64_MAX))
        return Command(kind, account=self.account(), order_id=after, quantity=most, **self.envelope()).pack()

    def strange(self) -> bytes:
        """A type that nobody knows."""
        kind = self.random.choice((0, 7, 31, 35, 255))
        return Command(kind, account=self.account(), **self.envelope()).pack()


# Every so many seeds a long life: hundreds of open orders over many levels, tables that grow and shrink.
LONG_EVERY = 500
LONG_PROFILES = (
    Profile(
        {**MIXED, "phase": 1, "all": 1}, accounts=25, prices=400, quantity_max=50, market=0.03, tight=0.0, apart=0.85
    ),
    Profile(
        {**MIXED, "phase": 1, "all": 0}, accounts=9, prices=200_000, quantity_max=20, market=0.05, tight=0.0, apart=0.85
    ),
    Profile(
        {**MIXED, "phase": 1, "all": 1}, accounts=40, prices=15, quantity_max=9, reduce_only=0.4, tight=0.0, apart=0.9
    ),
)


def generate(seed: int) -> Sequence:
    """The sequence of a seed: 10 to 60 commands, or a long one of 1500."""
    random = Random(seed)
    long = seed % LONG_EVERY == LONG_EVERY - 1
    profile = random.choice(LONG_PROFILES if long else PROFILES)
    bases = (100, 65_000) if long else (100, 100, 1, PRICE_MAX - 3, 65_534)
    maker = Generator(random, profile, base=random.choice(bases))
    bounds = {"orders_max": 64, "retained_max": 64, "accounts_max": 16}
    if long:
        bounds = {"orders_max": 400, "retained_max": 300, "accounts_max": 32}
    elif random.random() < profile.tight:
        bounds = {
            "orders_max": random.randint(1, 6),
            "retained_max": random.randint(1, 6),
            "accounts_max": random.choice((1, 2, 3, 4, 5, 5, 6, 6)),
        }
    start = starting_state(random, profile, bounds) if random.random() < profile.positions else b""
    opening = []
    if long or random.random() < 0.97:
        first = Rules() if long or random.random() < 0.6 else maker.rules()
        opening = [first.pack(), Command(CommandType.SET_PHASE, phase=Phase.OPEN).pack()]
    if not long and random.random() < 0.05:
        opening = opening[1:]
    maker.sequence = len(opening)
    records = opening + maker.commands(1_500 if long else random.randint(10, 60))
    return Sequence(seed, bounds, start, cut(random, records))


def cut(random: Random, records: list[bytes]) -> tuple[Batch, ...]:
    """Batches of 1 to 12 commands at times that now and then stand still or go back."""
    batches, at, now = [], 0, START_NS
    while at < len(records):
        size = random.randint(1, 12)
        batches.append(Batch(tuple(records[at : at + size]), now, 1 + at // 20, random.random() < 0.08))
        at += size
        now += random.choice((0, 1_000, 999_999_937, -500_000))
    return tuple(batches)


def starting_state(random: Random, profile: Profile, bounds: dict[str, int]) -> bytes:
    """Positions without a history, zero in sum; small ones, or at the position limit."""
    model = Model(SYMBOL, **bounds)
    size = POSITION_MAX - random.randint(0, 12) if random.random() < 0.1 else random.randint(1, 40)
    if bounds["accounts_max"] >= 2:
        model.positions = {1: size, 2: -size}
    if bounds["accounts_max"] >= 4 and profile.accounts >= 4 and random.random() < 0.5:
        model.positions |= {3: 4, 4: -4}
    return dump(model)


__all__ = ["SYMBOL", "Batch", "Sequence", "generate"]

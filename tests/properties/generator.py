"""Seeded command sequences in which everything collides: few accounts, few prices, few ids, tiny tables.

A sequence is a pure function of its seed. It says which bounds the symbol has, which positions it starts
with, the batches of 128-byte commands, and before which batches the state is dumped and loaded anew. While
it is drawn, the model plays it, so that commands can aim at orders that are open, and TICKs come when
something is due, as from the engine; in some sequences they are withheld, or come when nothing is.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from tests.oracle.records import (
    POSITION_MAX,
    PRICE_MAX,
    Command,
    CommandType,
    Phase,
    PositionMode,
    Rules,
    unpack_events,
)
from tests.oracle.twin import OracleShard
from tests.properties.drawing import Drawing
from tests.properties.profiles import LONG_EVERY, LONG_PROFILES, PROFILES, Profile

START_NS = 1_700_000_000_000_000_000
SYMBOL = 7
MS = 1_000_000
STEPS_NS = (0, 0, 1_000, 999_999_937, -500_000, 50 * MS, 100 * MS, 99 * MS, 1_000 * MS, 5_000 * MS)
TICKS_MAX = 40  # around one command
LONG_COMMANDS = 1_500
# The state's canonical form (docs/rules/state.md): where the accounts are counted, and one of them.
ACCOUNTS_AT = 44 + 6 * 8 + 4 * 8 + 128
ACCOUNT = struct.Struct("<IB3xqqqq")


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


class Player(Drawing):
    """Draws commands and plays them at once."""

    def __init__(self, random: Random, profile: Profile, model: OracleShard, base: int) -> None:
        super().__init__(random, profile, base)
        self.model = model
        self.ticks = random.random() < profile.ticked
        self.batches: list[Batch] = []
        self.batch: list[bytes] = []
        self.now = START_NS
        self.drawn = 0

    @property
    def epoch(self) -> int:
        return 1 + self.drawn // 20

    def play(self, count: int) -> None:
        """Draws so many commands."""
        kinds, weights = list(self.profile.shares), list(self.profile.shares.values())
        for _ in range(count):
            kind = "leave_phase" if self.wants_to_leave() else self.random.choices(kinds, weights)[0]
            for command in getattr(self, kind)():
                self.give(command)

    def give(self, *commands: Command | Rules) -> None:
        """Commands with the ticks around them; a batch ends now and then."""
        for command in commands:
            self.tick_while_due()
            self.apply(command.pack())
            self.tick_while_due()
            self.drawn += 1
            if self.chance(1 / 6):
                self.end_batch()

    def tick_while_due(self) -> None:
        for _ in range(TICKS_MAX):
            if not self.ticks or not self.model.due(self.now):
                return
            self.apply(Command(CommandType.TICK).pack())

    def apply(self, record: bytes) -> None:
        self.batch.append(record)
        for event in unpack_events(self.model.apply(record, self.now, self.epoch)):
            self.see(event)

    def end_batch(self) -> None:
        """The next commands come at another time, which now and then stands still or goes back."""
        if self.batch:
            reload = self.random.random() < 0.08
            self.batches.append(Batch(tuple(self.batch), self.now, self.epoch, reload))
            self.batch = []
        self.now += self.random.choice(STEPS_NS)


@lru_cache(maxsize=6_000)
def generate(seed: int) -> Sequence:
    """The sequence of a seed: 10 to 60 commands, or a long one of 1500."""
    random = Random(seed)
    long = seed % LONG_EVERY == LONG_EVERY - 1
    profile = random.choice(LONG_PROFILES if long else PROFILES)
    base = random.choice((100, 65_000) if long else (100, 100, 100, 1, PRICE_MAX - 3, 65_534))
    bounds = draw_bounds(random, profile, long)
    model = OracleShard(SYMBOL, **bounds)
    start = b""
    if random.random() < profile.positions:
        start = starting_state(random, profile, bounds, model.dump())
        model.load(start)
    player = Player(random, profile, model, base)
    open_market(player, plain=long)
    player.play(LONG_COMMANDS if long else random.randint(10, 60))
    player.end_batch()
    return Sequence(seed, bounds, start, tuple(player.batches))


def draw_bounds(random: Random, profile: Profile, long: bool) -> dict[str, int]:
    """Sizes of the symbol's tables."""
    if long:
        return {"orders_max": 400, "retained_max": 300, "accounts_max": 64}
    if random.random() < profile.tight:
        accounts = random.choice((1, 2, 3, 4, 5, 5, 6, 6))
        return {"orders_max": random.randint(1, 6), "retained_max": random.randint(1, 6), "accounts_max": accounts}
    return {"orders_max": 64, "retained_max": 64, "accounts_max": 16}


def open_market(player: Player, *, plain: bool) -> None:
    """The instrument, OPEN, position modes and prices; now and then some of it is missing."""
    random, profile = player.random, player.profile
    opening: list[Command | Rules] = []
    if plain or random.random() > 0.05:
        opening.append(Rules() if plain or random.random() < profile.plain_rules else player.rules())
    if plain or random.random() > 0.03:
        opening.append(Command.of(CommandType.SET_PHASE, phase=Phase.OPEN))
    for account in range(1, profile.accounts + 1):
        if random.random() < profile.hedge:
            mode = PositionMode.HEDGE
            opening.append(Command.of(CommandType.SET_POSITION_MODE, account=account, mode=mode))
    if random.random() < profile.marked:
        middle = max(1, min(PRICE_MAX, player.base + profile.prices // 2))
        opening.append(Command.of(CommandType.SET_PRICES, price=middle, quantity=middle))
    player.give(*opening)
    if random.random() < profile.protected:
        player.give(*(command for _ in range(3) for command in player.protect()))


def starting_state(random: Random, profile: Profile, bounds: dict[str, int], empty: bytes) -> bytes:
    """Positions without a history, zero in sum; small ones, or at the position limit; now and then hedged."""
    size = POSITION_MAX - random.randint(0, 12) if random.random() < 0.1 else random.randint(1, 40)
    legs: dict[int, tuple[int, int]] = {}
    if bounds["accounts_max"] >= 2:
        legs = {1: (size, 0), 2: (-size, 0)}
    if bounds["accounts_max"] >= 4 and profile.accounts >= 4 and random.random() < 0.5:
        legs |= {3: (4, 0), 4: (-4, 0)}
    hedged = random.random() < profile.hedge
    if hedged:
        legs = {account: (max(0, long), min(0, long)) for account, (long, _) in legs.items()}
        if len(legs) > 2:
            legs |= {3: (4, -3), 4: (3, -4)}
    mode = PositionMode.HEDGE if hedged else PositionMode.ONE_WAY
    accounts = [ACCOUNT.pack(account, mode, long, short, 0, 0) for account, (long, short) in legs.items()]
    counted = len(accounts).to_bytes(8, "little") + b"".join(accounts)
    return empty[:ACCOUNTS_AT] + counted + empty[ACCOUNTS_AT + 8 :]


__all__ = ["SYMBOL", "Batch", "Sequence", "generate"]

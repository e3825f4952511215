"""Draws one command at a time, aimed at what the events so far say is there."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tests.oracle.records import (
    ASK_OF_QUOTE,
    INT64_MAX,
    INT64_MIN,
    PRICE_MAX,
    QUANTITY_MAX,
    CancelScope,
    Command,
    CommandFlag,
    CommandType,
    Event,
    EventType,
    OrderType,
    Phase,
    PositionMode,
    Rules,
    Side,
    TimeInForce,
    TriggerBy,
)
from tests.properties.profiles import Profile
from tests.properties.spoiling import EXTREMES, spoil, spoil_rules

OVER = (EventType.CANCELED, EventType.EXPIRED)
GAINS = (EventType.ACCEPTED, EventType.RESTED, EventType.AMENDED, EventType.TRIGGERED)
MARKET_FORMS = (OrderType.STOP_MARKET, OrderType.TAKE_PROFIT_MARKET, OrderType.TRAILING_STOP)
TRIGGER_TYPES = (OrderType.STOP, OrderType.TAKE_PROFIT, *MARKET_FORMS, *MARKET_FORMS)
LEGS = CommandFlag.COMMAND_LONG, CommandFlag.COMMAND_SHORT
MS = 1_000_000


@dataclass(slots=True)
class Live:
    """An open order as its events tell it."""

    order_id: int
    account: int
    client_order_id: int
    side: int
    order_type: int
    price: int
    leaves: int


class Drawing:
    """Everything is drawn from `random`; each kind of command is a method that gives a few of it."""

    now: int

    def __init__(self, random: Random, profile: Profile, base: int) -> None:
        self.random, self.profile, self.base = random, profile, base
        self.next_client = 0
        self.placed: list[tuple[int, Command]] = []  # sequence about, PLACE or REPLACE as sent
        self.open: dict[int, Live] = {}
        self.hedged: set[int] = set()
        self.legs: dict[tuple[int, bool], int] = {}  # (account, short leg) -> position
        self.phase_now = int(Phase.HALT)
        self.sequence = 0
        self.marks = {TriggerBy.MARK: 0, TriggerBy.INDEX: 0, TriggerBy.LAST: 0}

    # ---- what there is ------------------------------------------------------------------------------
    def see(self, event: Event) -> None:
        """Follows the events."""
        kind = event.type
        self.sequence = max(self.sequence, event.sequence)
        if kind in GAINS:
            terms = (event.account, event.client_order_id, event.side, event.order_type, event.price, event.leaves)
            self.open[event.order_id] = Live(event.order_id, *terms)
        elif kind in OVER:
            self.open.pop(event.order_id, None)
        elif kind == EventType.TRADE:
            self.marks[TriggerBy.LAST] = event.price
            self.legs[event.account, bool(event.flags & 32)] = event.position
            self.legs[event.maker_account, bool(event.maker_flags & 32)] = event.maker_position
            for order_id, leaves in ((event.order_id, event.leaves), (event.maker_order_id, event.maker_leaves)):
                if leaves == 0:
                    self.open.pop(order_id, None)
        elif kind == EventType.PHASE_CHANGED:
            self.phase_now = event.phase
        elif kind == EventType.PRICES_SET:
            self.marks |= {TriggerBy.MARK: event.price, TriggerBy.INDEX: event.quantity}
        elif kind == EventType.POSITION_MODE_SET:
            (self.hedged.add if event.mode == PositionMode.HEDGE else self.hedged.discard)(event.account)

    def wants_to_leave(self) -> bool:
        """Whether a phase that forbids most has lasted long enough."""
        return self.phase_now != Phase.OPEN and self.chance(self.profile.back)

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
        gateway_time = random.choice((0, self.now - 5_000, self.now + 10**9, self.now - 10**16, INT64_MIN, INT64_MAX))
        return {
            "request_id": random.randrange(2**64),
            "origin": random.choice((1, 2, 1 << 24 | 1, random.randrange(2**32))),
            "item": random.randrange(2**16),
            "gateway_time_ns": gateway_time,
        }

    def target(self) -> dict[str, int]:
        """An order that is open, was open, or never was; by either id; now and then under another account."""
        random = self.random
        if self.open and self.chance(0.8):
            order = random.choice(list(self.open.values()))
            account = self.account() if self.chance(0.06) else order.account
            by_client = order.order_type != OrderType.QUOTE and self.chance(0.4)
            ids = {"order_id": 0, "client_order_id": order.client_order_id}
            return {"account": account, **(ids if by_client else {"order_id": order.order_id})}
        if not self.placed or self.chance(0.2):
            return {"account": self.account(), "order_id": random.randrange(99)}
        sequence, command = random.choice(self.placed)
        by_client = self.chance(0.5)
        order_id = 0 if by_client else sequence | (ASK_OF_QUOTE if self.chance(0.1) else 0)
        return {"account": command.account, "order_id": order_id, "client_order_id": command.client_order_id}

    # ---- orders -------------------------------------------------------------------------------------
    def place(self) -> list[Command | Rules]:
        if self.placed and self.chance(self.profile.repeat):
            return [self.repeat()]
        command = self.order()
        if self.chance(0.02 + self.profile.extremes / 2):
            spoil(command, self.random)
        self.placed.append((self.sequence + 1, command))
        return [command]

    def order(self) -> Command:
        """A PLACE that is mostly one that the phase allows."""
        profile, random = self.profile, self.random
        self.next_client += 1
        group = random.randint(1, 2) if self.chance(profile.protected) else 0
        command = Command.of(
            CommandType.PLACE,
            account=self.account(),
            side=random.randint(1, 2),
            order_type=OrderType.LIMIT,
            time_in_force=random.choice(profile.times_in_force),
            flags=CommandFlag.COMMAND_REDUCE_ONLY if self.chance(profile.reduce_only) else 0,
            client_order_id=self.next_client,
            price=self.price(),
            quantity=self.quantity(),
            stp_group=random.randint(1, 2) if self.chance(profile.stp_group) else 0,
            stp_mode=random.choice(profile.stp_modes),
            group=group if self.chance(0.98) else random.choice((17, 65535)),
            **self.envelope(),
        )
        kind = random.random()
        if kind < profile.triggers:
            self.make_trigger(command)
        elif kind < profile.triggers + profile.market:
            command.order_type, command.price = OrderType.MARKET, 0
            command.time_in_force = random.choice((TimeInForce.IOC, TimeInForce.IOC, TimeInForce.FOK))
        else:
            self.shape_limit(command)
        self.finish(command)
        return command

    def shape_limit(self, command: Command) -> None:
        """A time in force that the phase allows, mostly; apart; an iceberg."""
        random, profile = self.random, self.profile
        if self.phase_now == Phase.AUCTION and self.chance(0.8):
            command.time_in_force = random.choice((TimeInForce.GTC, TimeInForce.GTC, TimeInForce.GTD))
        elif self.phase_now == Phase.POST_ONLY and self.chance(0.8):
            command.time_in_force = random.choice((TimeInForce.GTX, TimeInForce.GTX_SLIDE))
        if self.chance(profile.apart):
            half = max(1, profile.prices // 2)
            command.price = self.base + random.randrange(half) + (half if command.side == Side.SELL else 0)
        resting = command.time_in_force not in (TimeInForce.IOC, TimeInForce.FOK)
        if self.chance(profile.iceberg) and (resting or self.chance(0.05)) and command.quantity > 0:
            command.display = min(random.randint(1, 4), command.quantity) if self.chance(0.95) else self.quantity()

    def make_trigger(self, command: Command) -> None:
        """Turns it into one of the orders that wait."""
        random = self.random
        command.order_type = random.choice(TRIGGER_TYPES)
        command.trigger_by = random.choice(list(self.marks))
        reference = self.marks[TriggerBy(command.trigger_by)] or self.base + self.profile.prices // 2
        rising = (command.side == Side.BUY) == (command.order_type in (OrderType.STOP, OrderType.STOP_MARKET))
        away = random.randint(1, 3) if self.chance(0.9) else random.randint(-2, 0)
        trailing = command.order_type == OrderType.TRAILING_STOP
        command.trigger_price = max(1, reference + (away if rising else -away))
        command.time_in_force = random.choice((TimeInForce.GTC, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.GTD))
        if trailing:
            command.callback_bps = random.choice((1, 50, 100, 150, 200, 300, 1_000, 5_000, 5_001, 0))
            command.trigger_price = 0 if self.chance(0.5) else max(0, reference + random.randint(-3, 3))
        if command.order_type in MARKET_FORMS:
            command.price = 0
            if self.chance(0.3):
                command.flags |= CommandFlag.COMMAND_CLOSE_POSITION
                command.quantity = 0 if self.chance(0.97) else command.quantity
        elif self.chance(0.4):
            command.time_in_force = random.choice((TimeInForce.FOK, TimeInForce.GTX, TimeInForce.GTX, TimeInForce.IOC))
        elif self.chance(self.profile.iceberg) and command.time_in_force != TimeInForce.IOC:
            command.display = random.randint(1, 4)

    def finish(self, command: Command) -> None:
        """Legs, expiry, and towards positions for what is to reduce."""
        random = self.random
        reduces = command.flags & (CommandFlag.COMMAND_REDUCE_ONLY | CommandFlag.COMMAND_CLOSE_POSITION)
        if self.phase_now == Phase.REDUCE_ONLY and not reduces and self.chance(0.7):
            command.flags |= CommandFlag.COMMAND_REDUCE_ONLY
            reduces = 1
        held = [(account, short) for (account, short), lots in self.legs.items() if lots]
        short_leg = self.chance(0.5)
        if reduces and held and self.chance(0.8):
            command.account, short_leg = random.choice(held)
            command.side = Side.SELL if self.legs[command.account, short_leg] > 0 else Side.BUY
        elif reduces and self.chance(0.7):  # towards the positions that starting_state() gives
            command.account = random.randint(1, min(4, self.profile.accounts))
            command.side = Side.SELL if command.account % 2 else Side.BUY
            short_leg = command.account % 2 == 0
        if (command.account in self.hedged) != self.chance(0.03):
            command.flags |= LEGS[short_leg]
        if command.time_in_force == TimeInForce.GTD:
            command.expiry_ns = self.now + random.choice((1, 1, 100, 1_000, 3_000, 60_000)) * MS
            if self.chance(0.05):
                command.expiry_ns = self.now + random.choice((-1, 0, 1))
        command.flags |= CommandFlag.COMMAND_CANCEL_ON_DISCONNECT if self.chance(0.2) else 0
        command.flags |= CommandFlag.COMMAND_LIQUIDATION if self.chance(0.02) else 0

    def repeat(self) -> Command:
        """A client order id again: the same request, another body, or another account."""
        command = Command.unpack(self.random.choice(self.placed)[1].pack())
        change = self.random.randrange(6)
        if change == 0:
            command.price += 1 if command.price < PRICE_MAX else 0
        elif change == 1:
            command.account = self.account()
        elif change == 2:
            spoil(command, self.random)
        command.request_id = self.random.randrange(2**64)
        return command

    def replace(self) -> list[Command | Rules]:
        (command,) = self.place()
        assert isinstance(command, Command)
        command = Command.unpack(command.pack())
        command.type, aim = CommandType.REPLACE, self.target()
        if self.chance(0.9):
            command.account = aim["account"]
        command.order_id = aim.get("order_id", 0) or aim.get("client_order_id", 0)
        command.flags |= CommandFlag.COMMAND_TARGET_BY_CLIENT if not aim.get("order_id", 0) else 0
        command.flags |= CommandFlag.COMMAND_GO_ON if self.chance(0.4) else 0
        if self.placed[-1][1].client_order_id == command.client_order_id:
            self.placed[-1] = (self.placed[-1][0], command)
        return [command]

    def cancel(self) -> list[Command | Rules]:
        return [Command.of(CommandType.CANCEL, **self.target(), **self.envelope())]

    def amend(self) -> list[Command | Rules]:
        what, aim = self.random.randrange(8), self.target()
        fields = {
            "price": self.price() if what in (0, 1, 2, 3, 4) else 0,
            "quantity": self.quantity() if what in (3, 4, 5, 6) else 0,
            "trigger_price": self.price() if what == 7 or self.chance(0.05) else 0,
        }
        order = self.open.get(aim["order_id"])
        if order is not None and self.chance(0.3):  # a change of quantity alone, near to what it is
            fields = {"quantity": max(1, order.leaves + self.random.choice((-2, -1, 1, 2)))}
        return [Command.of(CommandType.AMEND, **fields, **aim, **self.envelope())]

    def quote(self) -> list[Command | Rules]:
        random = self.random
        bid = self.price()
        gap = random.choice((1, 1, 2, 3)) if self.chance(0.93) else random.choice((0, -1))
        post_only = self.phase_now == Phase.POST_ONLY or self.chance(0.3)
        sizes = [0 if self.chance(0.12) else self.quantity() for _ in range(2)]
        command = Command.of(
            CommandType.QUOTE,
            account=self.account(),
            client_order_id=random.choice((1, 1, 2, 2, 3)) if self.chance(0.99) else 0,
            time_in_force=TimeInForce.GTX if post_only else TimeInForce.GTC,
            price=bid,
            quantity=sizes[0],
            ask_price=max(INT64_MIN, min(INT64_MAX, bid + gap)),
            ask_quantity=sizes[1],
            flags=CommandFlag.COMMAND_CANCEL_ON_DISCONNECT if self.chance(0.3) else 0,
            stp_group=random.randint(1, 2) if self.chance(self.profile.stp_group) else 0,
            stp_mode=random.choice(self.profile.stp_modes),
            group=random.randint(1, 2) if self.chance(self.profile.protected) else 0,
            **self.envelope(),
        )
        if self.chance(0.2):  # towards a side that is there: the same price, near its quantity
            self.aim_quote(command)
        if self.chance(0.02 + self.profile.extremes / 2):
            spoil(command, random)
        return [command]

    def aim_quote(self, command: Command) -> None:
        quotes = [order for order in self.open.values() if order.order_type == OrderType.QUOTE]
        if not quotes:
            return
        order = self.random.choice(quotes)
        command.account, command.client_order_id = order.account, order.client_order_id
        lots = max(0, order.leaves + self.random.choice((0, 0, -1, 1)))
        if order.side == Side.BUY:
            command.price, command.quantity = order.price, lots
        else:
            command.ask_price, command.ask_quantity = order.price, lots

    def cancel_all(self) -> list[Command | Rules]:
        random = self.random
        scope = random.choice((0, 0, 1, 2, 3, 3, 4, 5)) if self.chance(0.95) else random.choice((6, 255))
        session = random.choice((1, 2, 1 << 24 | 1)) if scope == CancelScope.SESSION else random.choice((0, 1))
        grouped = scope in (CancelScope.GROUP, CancelScope.QUOTES)
        group = random.choice((0, 1, 1, 2, 17)) if grouped or self.chance(0.1) else 0
        fields = {"scope": scope, "order_id": session, "group": group}
        side = random.choice((0, 0, 0, 1, 2)) if self.chance(0.97) else 9
        return [Command.of(CommandType.CANCEL_ALL, account=self.account(), side=side, **fields, **self.envelope())]

    # ---- the account's settings ---------------------------------------------------------------------
    def countdown(self) -> list[Command | Rules]:
        ms = self.random.choice((0, 1, 50, 100, 1_000, 5_000, 86_400_000))
        ms = ms if self.chance(0.93) else self.random.choice((-1, 86_400_001, *EXTREMES))
        return [Command.of(CommandType.SET_COUNTDOWN, account=self.account(), quantity=ms, **self.envelope())]

    def protect(self) -> list[Command | Rules]:
        random = self.random
        fields = {
            "group": random.choice((1, 1, 2, 2, 2, 16)) if self.chance(0.95) else random.choice((0, 17)),
            "quantity": random.choice((1, 50, 100, 1_000, 10_000))
            if self.chance(0.9)
            else random.choice((0, -1, 2**62)),
            "price": random.choice((0, 0, 1, 2, 3, 4)),
            "quantity_limit": random.choice((0, 0, 1, 5, 10, 20)),
            "notional_limit": random.choice((0, 0, self.base * 5, self.base * 20, INT64_MAX)),
        }
        if self.chance(0.08):
            fields[random.choice(("price", "quantity_limit", "notional_limit"))] = random.choice(EXTREMES)
        if self.chance(0.12):
            fields |= {"quantity": 0, "price": 0, "quantity_limit": 0, "notional_limit": 0}
        return [Command.of(CommandType.SET_PROTECTION, account=self.account(), **fields, **self.envelope())]

    def reset(self) -> list[Command | Rules]:
        group = self.random.choice((1, 1, 2, 2)) if self.chance(0.95) else self.random.choice((0, 3, 17))
        return [Command.of(CommandType.RESET_PROTECTION, account=self.account(), group=group, **self.envelope())]

    def mode(self) -> list[Command | Rules]:
        mode = self.random.choice((1, 2, 2)) if self.chance(0.9) else self.random.choice((0, 3, 255))
        account = self.account()
        command = Command.of(CommandType.SET_POSITION_MODE, account=account, mode=mode, **self.envelope())
        if self.chance(0.5):
            return [Command.of(CommandType.CANCEL_ALL, account=account, **self.envelope()), command]
        return [command]

    # ---- the venue's --------------------------------------------------------------------------------
    def set_phase(self, phase: int) -> list[Command | Rules]:
        reason, account = self.random.choice((0, 209, 65535)), self.random.randrange(3)
        return [Command.of(CommandType.SET_PHASE, account=account, phase=phase, reason=reason, **self.envelope())]

    def phase(self) -> list[Command | Rules]:
        known = self.chance(0.95)
        return self.set_phase(self.random.choice(self.profile.phases) if known else self.random.choice((0, 8, 255)))

    def leave_phase(self) -> list[Command | Rules]:
        if self.phase_now == Phase.AUCTION and self.chance(0.3):
            return self.set_phase(Phase.HALT)  # a crossed book in which nothing happens, not even by the clock
        return self.set_phase(self.random.choice((Phase.OPEN, Phase.OPEN, Phase.OPEN, Phase.POST_ONLY)))

    def prices(self) -> list[Command | Rules]:
        random = self.random
        middle = self.base + self.profile.prices // 2
        near = [random.randint(middle - 4, middle + 4) for _ in range(2)]
        mark, index = (max(1, min(PRICE_MAX, p)) for p in near)
        which = random.randrange(5)
        fields = {
            "price": 0 if which == 0 else mark,
            "quantity": index if which in (0, 1, 2) else 0,
            "funding_rate": random.choice((0, 10_000, -10_000, INT64_MIN)),
            "next_funding_time_ns": random.choice((0, self.now + 10**12)),
            "source_time_ns": random.choice((0, self.now - 10**6)),
        }
        if self.chance(0.05):
            fields[random.choice(("price", "quantity"))] = random.choice(EXTREMES)
        return [Command.of(CommandType.SET_PRICES, **fields, **self.envelope())]

    def define(self) -> list[Command | Rules]:
        rules = self.rules()
        if self.chance(0.4):
            spoil_rules(rules, self.random)
        return [rules]

    def retick(self) -> list[Command | Rules]:
        """Another tick or lot, mostly after everything has been taken off the book, and where it may be done."""
        rules = self.rules()
        rules.tick_mantissa, rules.lot_mantissa = self.random.choice((1, 2, 3, 5)), self.random.choice((1, 2, 5))
        rules.tick_exponent, rules.lot_exponent = self.random.randint(-1, 1), self.random.randint(-1, 1)
        everyone = Command.of(CommandType.CANCEL_ALL, scope=CancelScope.EVERYONE, **self.envelope())
        phase = self.set_phase(self.random.choice((Phase.CANCEL_ONLY, Phase.HALT)))
        before = [each for each in (everyone, *phase) if self.chance(0.85)]
        return [*before, rules]

    def rules(self) -> Rules:
        random = self.random
        bands = (0, 0, 0, 1, 100, 200, 300, 500, 9_999)
        return Rules(
            price_min=random.choice((1, 1, 1, self.base + 1)),
            price_max=random.choice((PRICE_MAX, PRICE_MAX, PRICE_MAX, min(PRICE_MAX, self.base + 4))),
            quantity_min=random.choice((1, 1, 1, 1, 3)),
            quantity_max=random.choice((QUANTITY_MAX, QUANTITY_MAX, 8)),
            market_quantity_max=random.choice((QUANTITY_MAX, 5)),
            notional_min=random.choice((0, 0, 0, 300)),
            tick_lot_value=random.choice((1, 1, 1, 10, INT64_MAX // (self.base * 5), INT64_MAX))
            if self.chance(0.2)
            else 1,
            open_orders_max=random.choice((200, 200, 3, 1)),
            trigger_orders_max=random.choice((100, 100, 2, 1, 0)),
            position_max=random.choice((0, 0, 5, 20)),
            band_up_bps=random.choice((*bands, 1_000_000)),
            band_down_bps=random.choice(bands),
            tick_mantissa=random.choice((0, 1, 1, 1, 5)),
            lot_mantissa=random.choice((0, 1, 1, 1, 2)),
            tick_exponent=random.choice((-1, -1, -1, 0)),
            lot_exponent=random.choice((-1, -1, -1, 0)),
            account=random.choice((0, 3)),
        )

    def query(self) -> list[Command | Rules]:
        kind = self.random.choice((CommandType.QUERY_ORDER, CommandType.QUERY_OPEN_ORDERS, CommandType.QUERY_DEPTH))
        if kind == CommandType.QUERY_ORDER:
            return [Command.of(kind, **self.target(), **self.envelope())]
        after = self.random.choice((0, 0, self.random.randrange(self.sequence + 2), *list(self.open)[-2:]))
        most = self.random.choice((1, 2, 3, 200, 0, INT64_MIN, INT64_MAX))
        return [Command.of(kind, account=self.account(), order_id=after, quantity=most, **self.envelope())]

    def tick(self) -> list[Command | Rules]:
        """A needless one, mostly."""
        return [Command(CommandType.TICK)]

    def strange(self) -> list[Command | Rules]:
        """A type that nobody knows."""
        kind = self.random.choice((0, 15, 31, 35, 255))
        return [Command.of(kind, account=self.account(), **self.envelope())]

"""The language of the scenarios: one line, one command, on the oracle and on the core at once.

    m = Market()                          an OPEN symbol with wide limits
    m.does("ann a1 buy 5 @ 100")          -> ["a1 ACCEPTED 5 @ 100, rests"]
    m.does("bob b1 sell 2 @ 100 IOC")     -> ["b1 ACCEPTED 2 @ 100", "TRADE 2 @ 100 of b1 with a1"]

Commands (words in brackets may be left out; a place without `@ price` is a MARKET order):

    ACCOUNT ORDER buy|sell QTY [@ PRICE] [GTC|IOC|FOK|GTX] [reduce-only] [stp=MODE] [group=N]
    ACCOUNT cancel ORDER              ACCOUNT amend ORDER [price=P] [quantity=Q]
    ACCOUNT cancel-all [buy|sell]     phase PHASE
    ACCOUNT ask ORDER                 ACCOUNT list [after=ORDER] [most=N]          depth

Every command is applied to both; events and states must be equal, else the scenario fails there.
Accounts are numbered as they appear, orders get their client order id as they appear.
"""

from __future__ import annotations

from tests.oracle.records import (
    Command,
    CommandFlag,
    CommandType,
    Event,
    EventFlag,
    EventType,
    OrderType,
    Phase,
    Reason,
    Rules,
    SelfTradePrevention,
    Side,
    TimeInForce,
    unpack_events,
)
from tests.oracle.twin import OracleShard, native_shard

SYMBOL = 3
TIME_NS = 1_700_000_000_000_000_000
ABOUT_ORDERS = {
    *(EventType.ACCEPTED, EventType.REJECTED, EventType.RESTED, EventType.CANCELED, EventType.EXPIRED),
    *(EventType.AMENDED, EventType.REDUCED, EventType.ORDER_STATE),
}


class Market:
    """One symbol, twice."""

    def __init__(self, *, rules: Rules | None = None, opened: bool = True, **bounds: int) -> None:
        self.bounds = bounds
        self.oracle = OracleShard(SYMBOL, **bounds)
        self.core = native_shard(SYMBOL, bounds)
        self.accounts: dict[str, int] = {}
        self.clients: dict[str, int] = {}  # name of an order -> client order id
        self.orders: dict[str, int] = {}  # name of an order -> order id
        self.time_ns = TIME_NS
        self.epoch = 1
        self.events: list[Event] = []  # of the last command
        if opened:
            self.send(rules or Rules())
            self.does("phase OPEN")

    # ---- doing ----------------------------------------------------------------------------------
    def does(self, line: str) -> list[str]:
        """Applies a command; returns its events in words."""
        return [self.in_words(event) for event in self.send(self.parse(line))]

    def after(self, *lines: str) -> list[str]:
        """Applies commands; returns the events of the last in words."""
        told: list[str] = []
        for line in lines:
            told = self.does(line)
        return told

    def send(self, command: Command | Rules) -> list[Event]:
        """Applies a record; the two must agree on events and state."""
        record = command.pack()
        ours = self.oracle.apply(record, self.time_ns, self.epoch)
        theirs = self.core.apply(record, self.time_ns, self.epoch)
        self.events = unpack_events(ours)
        assert [str(e) for e in unpack_events(theirs)] == [str(e) for e in self.events], "core and oracle differ"
        assert theirs == ours
        assert self.core.dump() == self.oracle.dump(), f"states differ after {command}"
        return self.events

    def reload(self) -> None:
        """Goes on with shards that have loaded the present state."""
        state = self.oracle.dump()
        self.oracle = OracleShard(SYMBOL, **self.bounds)
        self.oracle.load(state)
        self.core = native_shard(SYMBOL, self.bounds)
        self.core.load(state)
        assert self.core.dump() == self.oracle.dump() == state

    # ---- looking --------------------------------------------------------------------------------
    def position(self, account: str) -> int:
        """Signed lots."""
        return self.oracle.positions.get(self.account(account), 0)

    def depth(self) -> list[str]:
        """Levels, bids best first, then asks best first: "buy 5 @ 100 in 2"."""
        return [line for line in self.does("depth") if not line.startswith("DEPTH_END")]

    def queue(self, side: str) -> list[str]:
        """Names of the resting orders of a side in the order in which they would trade."""
        return [self.name(order.account, order.client_order_id) for order in self.oracle.book[Side[side.upper()]]]

    # ---- names ----------------------------------------------------------------------------------
    def account(self, name: str) -> int:
        return self.accounts.setdefault(name, len(self.accounts) + 1)

    def client(self, name: str) -> int:
        return self.clients.setdefault(name, len(self.clients) + 1)

    def name(self, account: int, client_order_id: int) -> str:
        names = {number: name for name, number in self.clients.items()}
        return names.get(client_order_id, str(client_order_id))

    # ---- the language ---------------------------------------------------------------------------
    def parse(self, line: str) -> Command:
        words = line.split()
        options = dict(word.split("=") for word in words if "=" in word)
        if words[0] == "phase":
            return Command(CommandType.SET_PHASE, phase=Phase[words[1]])
        if words[0] == "depth":
            return Command(CommandType.QUERY_DEPTH)
        account = self.account(words[0])
        if words[1] in ("cancel", "amend", "ask"):
            kinds = {"cancel": CommandType.CANCEL, "amend": CommandType.AMEND, "ask": CommandType.QUERY_ORDER}
            numbers = {name: int(value) for name, value in options.items()}
            return Command(kinds[words[1]], account=account, client_order_id=self.client(words[2]), **numbers)
        if words[1] == "cancel-all":
            side = Side[words[2].upper()] if len(words) > 2 else Side.NONE
            return Command(CommandType.CANCEL_ALL, account=account, side=side)
        if words[1] == "list":
            after = self.orders[options["after"]] if "after" in options else 0
            most = int(options.get("most", "100"))
            return Command(CommandType.QUERY_OPEN_ORDERS, account=account, order_id=after, quantity=most)
        return self.parse_place(account, words, options)

    def parse_place(self, account: int, words: list[str], options: dict[str, str]) -> Command:
        limit = "@" in words
        times = [word for word in words if word in ("GTC", "IOC", "FOK", "GTX")]
        default = "GTC" if limit else "IOC"
        self.orders[words[1]] = self.oracle.sequence + 1
        return Command(
            CommandType.PLACE,
            account=account,
            side=Side[words[2].upper()],
            order_type=OrderType.LIMIT if limit else OrderType.MARKET,
            time_in_force=TimeInForce[times[0] if times else default],
            flags=CommandFlag.COMMAND_REDUCE_ONLY if "reduce-only" in words else 0,
            client_order_id=self.client(words[1]),
            price=int(words[words.index("@") + 1]) if limit else 0,
            quantity=int(words[3]),
            stp_group=int(options.get("group", "0")),
            stp_mode=SelfTradePrevention[options.get("stp", "DEFAULT")],
        )

    def in_words(self, event: Event) -> str:
        """What a scenario's author wants to see of an event."""
        kind = EventType(event.type)
        reason = f": {Reason(event.reason).name}" if event.reason else ""
        if kind == EventType.TRADE:
            taker = self.name(event.account, event.client_order_id)
            maker = self.name(event.maker_account, event.maker_client_order_id)
            return f"TRADE {event.quantity} @ {event.price} of {taker} with {maker}"
        if kind == EventType.DEPTH_LEVEL:
            return f"{Side(event.side).name.lower()} {event.leaves} @ {event.price} in {event.quantity}"
        if kind in ABOUT_ORDERS and event.client_order_id:
            rests = ", rests" if event.flags & EventFlag.ON_BOOK else ""
            again = ", again" if event.flags & EventFlag.DUPLICATE else ""
            was = event.previous_leaves
            lots = f" {was} -> {event.leaves}" if was else f" {event.leaves}" if event.status else ""
            price = f" @ {event.price}" if event.price else ""
            name = self.name(event.account, event.client_order_id)
            return f"{name} {kind.name}{lots}{price}{rests}{again}{reason}"
        phase = f" {Phase(event.phase).name}" if event.phase else ""
        count = f" {event.quantity}" if kind in (EventType.CANCEL_ALL_DONE, EventType.OPEN_ORDERS_END) else ""
        return f"{kind.name}{phase}{count}{reason}"

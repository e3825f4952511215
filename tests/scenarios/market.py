"""One symbol on the oracle and on the core at once, driven by lines of tests/scenarios/language.py.

    m = Market()                          an OPEN symbol with wide limits
    m.does("ann a1 buy 5 @ 100")          -> ["a1 ACCEPTED 5 @ 100, rests"]
    m.does("bob b1 sell 2 @ 100 IOC")     -> ["b1 ACCEPTED 2 @ 100", "TRADE 2 @ 100 of b1 with a1"]
    m.wait(500)                           half a second later -> what has become due by then

Every command is applied to both; events and states must be equal, else the scenario fails there. As the
engine does, the market puts a TICK before and after a command while something is due (`ticks`: switch it off).
What the ticks tell is among the events of the command; a TICK_DONE is not put into words.
"""

from __future__ import annotations

from tests.oracle.records import Command, CommandType, Event, EventType, Rules, Side, unpack_events
from tests.oracle.twin import OracleShard, native_shard
from tests.scenarios.language import Names, parse
from tests.scenarios.words import in_words

SYMBOL = 3
TIME_NS = 1_700_000_000_000_000_000
MS = 1_000_000
TICK_UNITS_MAX = 10_000  # of one command: more would be a loop


class Market:
    """One symbol, twice."""

    def __init__(self, *, rules: Rules | None = None, opened: bool = True, ticks: bool = True, **bounds: int) -> None:
        self.bounds = bounds
        self.oracle = OracleShard(SYMBOL, **bounds)
        self.core = native_shard(SYMBOL, bounds)
        self.names = Names()
        self.ticks = ticks
        self.time_ns = TIME_NS
        self.epoch = 1
        self.events: list[Event] = []  # of the last command, and of the ticks around it
        if opened:
            self.send(rules or Rules())
            self.does("phase OPEN")

    # ---- doing ----------------------------------------------------------------------------------
    def does(self, line: str) -> list[str]:
        """Applies a command; returns its events in words."""
        before = self.tick_while_due() if self.ticks else []  # ids of orders are sequences: these come first
        events = self.send(parse(line, self.names, self.oracle.sequence, self.time_ns))
        self.events = before + events
        return self.told(self.events)

    def after(self, *lines: str) -> list[str]:
        """Applies commands; returns the events of the last in words."""
        told: list[str] = []
        for line in lines:
            told = self.does(line)
        return told

    def wait(self, ms: int) -> list[str]:
        """Lets so many milliseconds go by; returns the events of what has become due, in words."""
        self.time_ns += ms * MS
        self.events = self.tick_while_due() if self.ticks else []
        return self.told(self.events)

    def tick(self) -> list[Event]:
        """One TICK, whether anything is due or not."""
        return self.apply(Command(CommandType.TICK))

    def send(self, command: Command | Rules) -> list[Event]:
        """Applies a record, with ticks around it; the two must agree on events and state."""
        query = isinstance(command, Command) and CommandType.QUERY_ORDER <= command.type <= CommandType.QUERY_DEPTH
        around = self.ticks and not query
        self.events = self.tick_while_due() if around else []
        self.events += self.apply(command)
        self.events += self.tick_while_due() if around else []
        return self.events

    def tick_while_due(self) -> list[Event]:
        """TICKs until nothing is due."""
        events: list[Event] = []
        for _ in range(TICK_UNITS_MAX):
            due = self.oracle.due(self.time_ns)
            assert self.core.due(self.time_ns) == due, "core and oracle differ in what is due"
            if not due:
                return events
            events += self.tick()
        raise AssertionError("something stays due for ever")

    def apply(self, command: Command | Rules) -> list[Event]:
        """One record to both."""
        record = command.pack()
        ours = self.oracle.apply(record, self.time_ns, self.epoch)
        theirs = self.core.apply(record, self.time_ns, self.epoch)
        events = unpack_events(ours)
        assert [str(e) for e in unpack_events(theirs)] == [str(e) for e in events], "core and oracle differ"
        assert theirs == ours
        assert self.core.dump() == self.oracle.dump(), f"states differ after {command}"
        return events

    def reload(self) -> None:
        """Goes on with shards that have loaded the present state."""
        state = self.oracle.dump()
        self.oracle = OracleShard(SYMBOL, **self.bounds)
        self.oracle.load(state)
        self.core = native_shard(SYMBOL, self.bounds)
        self.core.load(state)
        assert self.core.dump() == self.oracle.dump() == state

    # ---- looking --------------------------------------------------------------------------------
    def told(self, events: list[Event]) -> list[str]:
        """Events in words."""
        return [in_words(event, self.names) for event in events if event.type != EventType.TICK_DONE]

    def position(self, account: str, leg: str = "LONG") -> int:
        """Signed lots of a leg; LONG is also the leg of one-way mode."""
        state = self.oracle.accounts.get(self.names.account(account))
        if state is None:
            return 0
        return state.short_position if leg == "SHORT" else state.position

    def depth(self) -> list[str]:
        """Levels, bids best first, then asks best first: "buy 5 @ 100 in 2"."""
        return [line for line in self.does("depth") if not line.startswith("DEPTH_END")]

    def queue(self, side: str) -> list[str]:
        """Names of the resting orders of a side in the order in which they would trade."""
        return [self.names.of(order.client_order_id) for order in self.oracle.book[Side[side.upper()]]]

    # ---- names ----------------------------------------------------------------------------------
    @property
    def orders(self) -> dict[str, int]:
        """Order ids by name."""
        return self.names.orders

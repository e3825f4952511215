"""The language of the scenarios: one line, one command. Words in brackets may be left out.

    ACCOUNT ORDER buy|sell QTY [TYPE] [@ PRICE] [TIF] [word ...] [name=value ...]
        TYPE   LIMIT with a price and MARKET without, unless it says STOP, STOP_MARKET, TAKE_PROFIT,
               TAKE_PROFIT_MARKET or TRAILING_STOP
        TIF    GTC (the default of LIMIT and of triggers), IOC (of MARKET), FOK, GTX, GTX_SLIDE, GTD
        words  reduce-only, close-position, long, short, liquidation
        names  trigger=P by=MARK|LAST|INDEX callback=BPS activation=P show=LOTS expires=MS
               stp=MODE stp-group=N group=N session=N (canceled when that session disconnects)
    ACCOUNT replace ORDER with ORDER ... [go-on] [by-client]
    ACCOUNT quote ID QTY @ PRICE / QTY @ PRICE [GTX] [stp=] [stp-group=] [group=] [session=]
    ACCOUNT cancel ORDER              ACCOUNT amend ORDER [price=P] [quantity=Q] [trigger=P]
    ACCOUNT cancel-all [buy|sell] [scope=SCOPE] [group=N] [session=N] [gateway=N]
    ACCOUNT countdown MS              ACCOUNT mode HEDGE|ONE_WAY
    ACCOUNT protect GROUP window=MS [fills=N] [lots=N] [notional=N]        ACCOUNT reset GROUP
    ACCOUNT ask ORDER                 ACCOUNT list [after=ORDER] [most=N]
    phase PHASE       prices [mark=P] [index=P] [funding=RATE]       depth       tick

ORDER is a name; `q1/bid` and `q1/ask` name the two orders of quote q1. Accounts are numbered as they
appear, orders get their client order id as they appear.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.oracle.enums import (
    CancelScope,
    CommandFlag,
    CommandType,
    OrderType,
    Phase,
    PositionMode,
    SelfTradePrevention,
    Side,
    TimeInForce,
    TriggerBy,
)
from tests.oracle.records import ASK_OF_QUOTE, Command

TRIGGERS = ("STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP")
FLAGS = {
    "reduce-only": CommandFlag.COMMAND_REDUCE_ONLY,
    "close-position": CommandFlag.COMMAND_CLOSE_POSITION,
    "long": CommandFlag.COMMAND_LONG,
    "short": CommandFlag.COMMAND_SHORT,
    "liquidation": CommandFlag.COMMAND_LIQUIDATION,
    "go-on": CommandFlag.COMMAND_GO_ON,
    "by-client": CommandFlag.COMMAND_TARGET_BY_CLIENT,
}


@dataclass
class Names:
    """Numbers of what a scenario names."""

    accounts: dict[str, int] = field(default_factory=dict)
    clients: dict[str, int] = field(default_factory=dict)  # name of an order or quote -> client order id
    orders: dict[str, int] = field(default_factory=dict)  # name -> order id

    def account(self, name: str) -> int:
        return self.accounts.setdefault(name, len(self.accounts) + 1)

    def client(self, name: str) -> int:
        return self.clients.setdefault(name, len(self.clients) + 1)

    def of(self, client_order_id: int) -> str:
        """The name of an order."""
        names = {number: name for name, number in self.clients.items()}
        return names.get(client_order_id, str(client_order_id))


@dataclass
class Line:
    """A line in its parts."""

    words: list[str]
    options: dict[str, str]
    names: Names
    sequence: int  # of the last command
    time_ns: int

    def number(self, name: str) -> int:
        return int(self.options.get(name, "0"))

    def flags(self) -> int:
        """Of the command, from the words that are there."""
        session = CommandFlag.COMMAND_CANCEL_ON_DISCONNECT if "session" in self.options else 0
        return session | sum(flag for word, flag in FLAGS.items() if word in self.words)


def parse(text: str, names: Names, sequence: int, time_ns: int) -> Command:
    """The record of a line; `sequence` and `time_ns` are those of the last command and of now."""
    words = text.split()
    options = dict(word.split("=") for word in words if "=" in word)
    line = Line([word for word in words if "=" not in word], options, names, sequence, time_ns)
    if words[0] in VENUE:
        return VENUE[words[0]](line)
    make = ACCOUNT.get(words[1], place)
    command = make(line)
    command.account = names.account(words[0])
    return command


# ---- the venue's --------------------------------------------------------------------------------------
def phase(line: Line) -> Command:
    return Command.of(CommandType.SET_PHASE, phase=Phase[line.words[1]])


def prices(line: Line) -> Command:
    rate = line.number("funding")
    return Command.of(
        CommandType.SET_PRICES, price=line.number("mark"), quantity=line.number("index"), funding_rate=rate
    )


# ---- an account's -------------------------------------------------------------------------------------
def target(line: Line) -> dict[str, int]:
    """An order by its client order id, a quote's side by its order id."""
    name, _, side = line.words[2].partition("/")
    if not side:
        return {"client_order_id": line.names.client(name)}
    return {"order_id": line.names.orders[name] | (ASK_OF_QUOTE if side == "ask" else 0)}


def cancel(line: Line) -> Command:
    return Command.of(CommandType.CANCEL, **target(line))


def ask(line: Line) -> Command:
    return Command.of(CommandType.QUERY_ORDER, **target(line))


def amend(line: Line) -> Command:
    values = {"price": line.number("price"), "quantity": line.number("quantity")}
    return Command.of(CommandType.AMEND, trigger_price=line.number("trigger"), **values, **target(line))


def cancel_all(line: Line) -> Command:
    side = Side[line.words[2].upper()] if len(line.words) > 2 else Side.NONE
    return Command.of(
        CommandType.CANCEL_ALL,
        side=side,
        scope=CancelScope[line.options.get("scope", "ACCOUNT")],
        group=line.number("group"),
        order_id=line.number("session") or line.number("gateway"),
    )


def countdown(line: Line) -> Command:
    return Command.of(CommandType.SET_COUNTDOWN, quantity=int(line.words[2]))


def mode(line: Line) -> Command:
    return Command.of(CommandType.SET_POSITION_MODE, mode=PositionMode[line.words[2]])


def protect(line: Line) -> Command:
    return Command.of(
        CommandType.SET_PROTECTION,
        group=int(line.words[2]),
        quantity=line.number("window"),
        price=line.number("fills"),
        quantity_limit=line.number("lots"),
        notional_limit=line.number("notional"),
    )


def reset(line: Line) -> Command:
    return Command.of(CommandType.RESET_PROTECTION, group=int(line.words[2]))


def list_orders(line: Line) -> Command:
    after = line.names.orders[line.options["after"]] if "after" in line.options else 0
    return Command.of(CommandType.QUERY_OPEN_ORDERS, order_id=after, quantity=int(line.options.get("most", "100")))


def terms(line: Line) -> dict[str, int]:
    """What orders and quotes have in common."""
    return {
        "flags": line.flags(),
        "origin": line.number("session"),
        "stp_mode": SelfTradePrevention[line.options.get("stp", "DEFAULT")],
        "stp_group": line.number("stp-group"),
        "group": line.number("group"),
    }


def quote(line: Line) -> Command:
    words = line.words
    name, bid, bid_price, offer, ask_price = words[2], words[3], words[5], words[7], words[9]
    line.names.orders[name] = line.sequence + 1
    return Command.of(
        CommandType.QUOTE,
        client_order_id=line.names.client(name),
        time_in_force=TimeInForce.GTX if "GTX" in words else TimeInForce.GTC,
        price=int(bid_price),
        quantity=int(bid),
        ask_price=int(ask_price),
        ask_quantity=int(offer),
        **terms(line),
    )


def replace(line: Line) -> Command:
    old, new = line.words[2], line.words[4:]
    line.words = [line.words[0], *new]
    command = place(line)
    command.type = CommandType.REPLACE
    by_client = "by-client" in new
    command.order_id = line.names.client(old) if by_client else line.names.orders[old]
    return command


def place(line: Line) -> Command:
    words, options = line.words, line.options
    limit = "@" in words
    named = [word for word in words if word in TRIGGERS]
    order_type = OrderType[named[0]] if named else OrderType.LIMIT if limit else OrderType.MARKET
    times = [word for word in words[4:] if word in TimeInForce.__members__]
    line.names.orders[words[1]] = line.sequence + 1
    expires = line.time_ns + line.number("expires") * 1_000_000 if "expires" in options else 0
    return Command.of(
        CommandType.PLACE,
        side=Side[words[2].upper()],
        order_type=order_type,
        time_in_force=TimeInForce[times[0] if times else "IOC" if order_type == OrderType.MARKET else "GTC"],
        client_order_id=line.names.client(words[1]),
        price=int(words[words.index("@") + 1]) if limit else 0,
        quantity=int(words[3]),
        trigger_price=line.number("trigger") or line.number("activation"),
        trigger_by=TriggerBy[options.get("by", "MARK" if named else "NONE")],
        callback_bps=line.number("callback"),
        expiry_ns=expires,
        display=line.number("show"),
        **terms(line),
    )


VENUE = {
    "phase": phase,
    "prices": prices,
    "depth": lambda line: Command.of(CommandType.QUERY_DEPTH),
    "tick": lambda line: Command.of(CommandType.TICK),
}
ACCOUNT = {
    "cancel": cancel,
    "ask": ask,
    "amend": amend,
    "cancel-all": cancel_all,
    "countdown": countdown,
    "mode": mode,
    "protect": protect,
    "reset": reset,
    "list": list_orders,
    "quote": quote,
    "replace": replace,
}

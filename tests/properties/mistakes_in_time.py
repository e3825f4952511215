"""Mistakes in triggers, quotes, the venue's commands and the state (the other pages of docs/rules)."""

from __future__ import annotations

from tests.properties.mistake import Mistake

TRIGGERS = (
    Mistake(
        "rising triggers highest first",
        "triggers",
        "key=lambda o: (o.watched_price, o.age)",
        "key=lambda o: (-o.watched_price, o.age)",
    ),
    Mistake(
        "falling triggers lowest first",
        "triggers",
        "key=lambda o: (-o.watched_price, o.age)",
        "key=lambda o: (o.watched_price, o.age)",
        33,
    ),
    Mistake(
        "triggers by price, youngest first",
        "triggers",
        "*sorted(rising, key=lambda o: (o.watched_price, o.age)),",
        "*sorted(rising, key=lambda o: (o.watched_price, -o.age)),",
        80,
    ),
    Mistake(
        "falling ones before rising ones",
        "triggers",
        "            *sorted(rising, key=lambda o: (o.watched_price, o.age)),\n"
        "            *sorted(falling, key=lambda o: (-o.watched_price, o.age)),\n",
        "            *sorted(falling, key=lambda o: (-o.watched_price, o.age)),\n"
        "            *sorted(rising, key=lambda o: (o.watched_price, o.age)),\n",
        1061,
    ),
    Mistake("a trigger one tick late", "orders", "price >= self.watched_price if", "price > self.watched_price if"),
    Mistake(
        "trailing trigger rounded to nearest: sell",
        "orders",
        "self.trigger_price = extreme * (10_000 - self.callback_bps) // 10_000",
        "self.trigger_price = (extreme * (10_000 - self.callback_bps) + 5_000) // 10_000",
    ),
    Mistake(
        "trailing trigger rounded down: buy",
        "orders",
        "self.trigger_price = -(-extreme * (10_000 + self.callback_bps) // 10_000)",
        "self.trigger_price = extreme * (10_000 + self.callback_bps) // 10_000",
    ),
    Mistake(
        "a trailing stop follows the wrong way",
        "triggers",
        "better = price < order.extreme if order.side == Side.BUY",
        "better = price < order.extreme if order.side == Side.SELL",
    ),
    Mistake(
        "the activation price is the extreme",
        "triggers",
        "                order.follow(price)\n                order.untold",
        "                order.follow(order.activation_price)\n                order.untold",
    ),
    Mistake(
        "freshness ignored: prices are seen in every phase",
        "triggers",
        "if self.phase not in TRIGGER_PHASES:\n            return",
        "if False:\n            return",
        329,
    ),
    Mistake(
        "the queue outlives a halt",
        "triggers",
        "            for order in self.waiting:\n                order.waiting = WAITING\n"
        "            self.due_queue = []\n",
        "            pass\n",
        156,
    ),
    Mistake(
        "a satisfied trigger is taken",
        "triggers",
        "return reference >= trigger_price if rising",
        "return reference > trigger_price if rising",
    ),
    Mistake(
        "close-position at the quantity of nothing",
        "triggers",
        "            if order.close_position:\n",
        "            if False:\n",
    ),
    Mistake(
        "a triggered reduce-only order is not clamped",
        "triggers",
        "min(order.leaves, self.reducible(order))",
        "order.leaves",
        499,
    ),
    Mistake(
        "a trigger does not ask the phase",
        "triggers",
        "if self.phase == Phase.REDUCE_ONLY and not order.reduce_only:",
        "if False:",
        1244,
    ),
    Mistake(
        "a triggered GTX takes",
        "triggers",
        "elif order.time_in_force == TimeInForce.GTX and self.crosses(order.side, order.price):",
        "elif False:",
        33,
    ),
    Mistake("expiries by age", "lapsing", "key=lambda o: (o.expiry_ns, o.age)", "key=lambda o: o.age", 34),
    Mistake(
        "expiry one nanosecond late",
        "lapsing",
        "if 0 < order.expiry_ns <= time_ns]",
        "if 0 < order.expiry_ns < time_ns]",
    ),
    Mistake(
        "countdowns by account",
        "lapsing",
        "return [number for _, number in sorted(due)]",
        "return sorted(number for _, number in due)",
        120,
    ),
    Mistake(
        "countdown one nanosecond late",
        "lapsing",
        "if 0 < a.deadline_ns <= time_ns]",
        "if 0 < a.deadline_ns < time_ns]",
        42,
    ),
    Mistake("settlement by age", "ticking", "key=lambda o: (o.account, o.age))", "key=lambda o: o.age)"),
)
QUOTES = (
    Mistake(
        "an unchanged side loses its place",
        "quotes",
        "0 < self.quantity <= there.leaves",
        "0 < self.quantity < there.leaves",
    ),
    Mistake(
        "a larger quote keeps its place",
        "quotes",
        "there.price == self.price and 0 < self.quantity <= there.leaves",
        "there.price == self.price and 0 < self.quantity",
        69,
    ),
    Mistake(
        "a quote's quantity counts what was filled",
        "quotes",
        "order.quantity, order.leaves = order.filled + wish.quantity, wish.quantity",
        "order.quantity, order.leaves = wish.quantity, wish.quantity",
        159,
    ),
    Mistake(
        "ask before bid",
        "quotes",
        "        self.put_side(command, bid)\n        frozen",
        "        self.put_side(command, ask)\n        frozen",
    ),
    Mistake("a quote may lock itself", "quotes", "bid.price >= ask.price", "bid.price > ask.price"),
    Mistake(
        "a quote meets its own other side",
        "quotes",
        "self.crosses(wish.side, wish.price, without=other.there)",
        "self.crosses(wish.side, wish.price)",
        236,
    ),
    Mistake(
        "an unchanged side keeps its old terms", "quotes", "                self.set_terms(wish.there, command)\n", ""
    ),
    Mistake(
        "the window ends one nanosecond late",
        "state",
        "time_ns >= self.window_start_ns + window_ns",
        "time_ns > self.window_start_ns + window_ns",
        2446,
    ),
    Mistake(
        "the window slides with each fill",
        "state",
        "        self.fills += 1\n",
        "        self.fills += 1\n        self.window_start_ns = time_ns\n",
        1394,
    ),
    Mistake(
        "protection one fill late",
        "state",
        "0 < self.fills_limit <= self.fills",
        "0 < self.fills_limit < self.fills",
        189,
    ),
    Mistake(
        "protection counts contracts, not money",
        "protection",
        "price * quantity * self.rules.tick_lot_value",
        "price * quantity",
        1177,
    ),
    Mistake("takers do not count", "matching", "        self.count_fill(taker, price, quantity)\n", ""),
    Mistake("a tripped group is not frozen", "protection", "group.frozen = True", "pass", 148),
    Mistake(
        "new limits thaw a group",
        "protection",
        "Group(frozen, command.quantity, *limits)",
        "Group(False, command.quantity, *limits)",
        148,
    ),
    Mistake(
        "a reset keeps the counters",
        "protection",
        "self.groups[key] = Group(False, old.window_ms, old.fills_limit, old.quantity_limit, old.notional_limit)",
        "old.frozen = False",
        854,
    ),
)
VENUE = (
    Mistake(
        "the auction looks at bids only", "auction", "return min(bids, asks), bids - asks", "return bids, bids - asks"
    ),
    Mistake(
        "the auction takes the largest imbalance",
        "auction",
        "return (-volume, abs(surplus),",
        "return (-volume, -abs(surplus),",
        349,
    ),
    Mistake(
        "the auction's imbalance has a sign",
        "auction",
        "return (-volume, abs(surplus),",
        "return (-volume, surplus,",
        349,
    ),
    Mistake("the auction forgets the reference", "auction", "reference = self.mark or self.last", "reference = 0"),
    Mistake(
        "the last price before the mark",
        "auction",
        "reference = self.mark or self.last",
        "reference = self.last or self.mark",
    ),
    Mistake(
        "the highest price of equals", "auction", "if reference else 0, price)", "if reference else 0, -price)", 463
    ),
    Mistake(
        "the auction counts what is shown", "auction", "bids = sum(order.leaves for", "bids = sum(order.offers for", 132
    ),
    Mistake(
        "the older order takes in an auction",
        "auction",
        "return (ask, bid) if ask.admission > bid.admission else (bid, ask)",
        "return (bid, ask) if ask.admission > bid.admission else (ask, bid)",
    ),
    Mistake(
        "an indicative price every 99 ms", "auction", "INDICATIVE_NS = 100_000_000", "INDICATIVE_NS = 99_000_000", 274
    ),
    Mistake(
        "an indicative price without news",
        "auction",
        "self.uncrossing == 0 and self.indicative_pending and waited",
        "self.uncrossing == 0 and waited",
    ),
    Mistake(
        "POST_ONLY opens without uncrossing",
        "venue",
        "UNCROSSED_PHASES = (Phase.POST_ONLY, Phase.OPEN, Phase.REDUCE_ONLY)",
        "UNCROSSED_PHASES = (Phase.OPEN, Phase.REDUCE_ONLY)",
    ),
    Mistake(
        "the uncrossing is seen before the phase",
        "auction",
        "        self.observe(TriggerBy.LAST, self.last)\n",
        "",
        2816,
    ),
    Mistake(
        "index before mark",
        "venue",
        "        if mark:\n            self.observe(TriggerBy.MARK, mark)\n"
        "        if index:\n            self.observe(TriggerBy.INDEX, index)\n",
        "        if index:\n            self.observe(TriggerBy.INDEX, index)\n"
        "        if mark:\n            self.observe(TriggerBy.MARK, mark)\n",
        113,
    ),
    Mistake(
        "a price of 0 is taken",
        "venue",
        "self.mark, self.index = mark or self.mark, index or self.index",
        "self.mark, self.index = mark, index or self.index",
    ),
    Mistake("a new tick leaves prices as they were", "venue", "(converted(p, tick, PRICE_MAX) for", "(p for"),
    Mistake(
        "a new lot loses a part of a position",
        "venue",
        "if any(p.denominator != 1 or abs(p) > POSITION_MAX for p in positions):",
        "if False:",
        294,
    ),
    Mistake(
        "a new lot leaves protection as it was",
        "venue",
        "group.quantity_limit = converted(group.quantity_limit, lot, INT64_MAX)",
        "pass",
    ),
    Mistake(
        "another tick with open orders",
        "venue",
        "        if self.open_orders():\n            return Reason.ORDERS_OPEN\n",
        "",
        182,
    ),
    Mistake(
        "a new tick while orders may come in",
        "venue",
        "        if self.phase not in (Phase.HALT, Phase.CANCEL_ONLY, Phase.SETTLEMENT):\n"
        "            return Reason.PHASE_FORBIDS\n",
        "",
    ),
    Mistake(
        "what ran out in a halt trades",
        "venue",
        "if self.phase != Phase.HALT or self.lapse()[1]:\n                self.go_on_uncrossing()",
        "self.go_on_uncrossing()",
        559,
    ),
    Mistake(
        "a mode change with positions", "venue", "if (account.position, account.short_position) != (0, 0):", "if False:"
    ),
    Mistake(
        "a mode change with orders",
        "venue",
        "return Reason.ORDERS_OPEN if self.open_orders_of(command.account) else Reason.NONE",
        "return Reason.NONE",
        50,
    ),
)
STATE = (
    Mistake(
        "accounts in the order of a map",
        "canonical",
        "for number, a in sorted(model.accounts.items())",
        "for number, a in model.accounts.items()",
    ),
    Mistake(
        "ended orders by id",
        "canonical",
        "[dump_order(order) for order in model.ended.values()]",
        "[dump_order(o) for o in sorted(model.ended.values(), key=lambda o: o.order_id)]",
    ),
    Mistake(
        "due orders by age",
        "canonical",
        "for order, _ in model.due_queue",
        "for order, _ in sorted(model.due_queue, key=lambda entry: entry[0].age)",
        80,
    ),
)

IN_TIME = (*TRIGGERS, *QUOTES, *VENUE, *STATE)

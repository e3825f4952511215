"""Mistakes in matching, icebergs, placing and changing (docs/rules/orders.md)."""

from __future__ import annotations

from tests.properties.mistake import Mistake

MATCHING = (
    Mistake(
        "priority: youngest first",
        "state",
        "insort(self.book[order.side], order, key=lambda o: -o.price if o.side == Side.BUY else o.price)",
        "self.book[order.side].insert(0, order)\n"
        "        self.book[order.side].sort(key=lambda o: -o.price if o.side == Side.BUY else o.price)",
    ),
    Mistake("price one tick off: buy", "state", "touch.price <= price if", "touch.price < price if"),
    Mistake("price one tick off: sell", "state", "else touch.price >= price", "else touch.price > price"),
    Mistake(
        "trade at the taker's price",
        "matching",
        "self.tell_trade(taker, maker, maker.price,",
        "self.tell_trade(taker, maker, taker.price or maker.price,",
    ),
    Mistake("group 0 is a group", "matching", " and taker.stp_group != 0)", ")"),
    Mistake("groups ignored", "matching", " or (taker.stp_group == maker", " or (taker.stp_group == -maker", 42),
    Mistake(
        "EXPIRE_BOTH spares the maker",
        "matching",
        "mode in (SelfTradePrevention.EXPIRE_MAKER, SelfTradePrevention.EXPIRE_BOTH)",
        "mode == SelfTradePrevention.EXPIRE_MAKER",
        42,
    ),
    Mistake(
        "DECREMENT: taker first",
        "matching",
        "for order in (maker, taker):\n                if",
        "for order in (taker, maker):\n                if",
    ),
    Mistake("DECREMENT: nothing left, still open", "matching", "if both < order.leaves", "if both <= order.leaves"),
    Mistake("hook lost for the maker", "matching", "self.reduce_only_hook(leg_of(maker))", "pass"),
    Mistake("hook lost for the taker", "matching", "self.reduce_only_hook(leg_of(taker))", "pass", 72),
    Mistake(
        "hook: youngest first",
        "matching",
        "for order in orders:\n            allowed",
        "for order in orders[::-1]:\n            allowed",
        37,
    ),
    Mistake("hook one lot late", "matching", "if order.leaves <= allowed:", "if order.leaves <= allowed + 1:", 49),
    Mistake(
        "FOK needs one lot more",
        "matching",
        "self.reachable(order) < order.leaves",
        "self.reachable(order) <= order.leaves",
    ),
    Mistake(
        "FOK stops at own makers that would expire",
        "matching",
        "(prevented and taker.stp_mode != SelfTradePrevention.EXPIRE_MAKER):",
        "prevented:",
        63,
    ),
    Mistake("FOK counts own makers", "matching", "counted = 0 if prevented else min(", "counted = min(", 106),
    Mistake(
        "FOK counts reduce-only makers in full",
        "matching",
        "            if maker.reduce_only:",
        "            if False:",
        1518,
    ),
    Mistake("FOK does not see hidden parts", "matching", "hidden = maker.leaves - maker.offers", "hidden = 0", 38),
    Mistake(
        "taker ends before its maker", "matching", "self.end_filled(maker, taker)", "self.end_filled(taker, maker)"
    ),
    Mistake(
        "a trade of one account moves none of its legs",
        "matching",
        "if leg_of(taker) != leg_of(maker):\n            signed",
        "if taker.account != maker.account:\n            signed",
        617,
    ),
    Mistake(
        "trade ids with gaps", "matching", "self.trade_id += 1", "self.trade_id += 1 + (taker.account == maker.account)"
    ),
    Mistake(
        "market orders go through the band",
        "matching",
        "edge = self.edge(taker.side) if taker.order_type not in",
        "edge = None if taker.order_type not in",
        304,
    ),
    Mistake(
        "the band rounded outwards",
        "state",
        "drawn_in(-(-self.mark * (10_000 - self.rules.band_down_bps) // 10_000))",
        "drawn_in(self.mark * (10_000 - self.rules.band_down_bps) // 10_000)",
    ),
    Mistake("a stop beyond the band rests", "matching", "if self.beyond_edge(order):", "if False:", 592),
    Mistake("a last price only of the first trade", "matching", "if prices[-1] != prices[0]:", "if False:", 214),
)
ICEBERGS = (
    Mistake(
        "a refreshed slice stays in front",
        "matching",
        "        self.take_off_book(maker)\n        self.put_on_book(maker)",
        "        maker.admission = self.sequence",
    ),
    Mistake(
        "a slice is always whole",
        "matching",
        "maker.shown = min(maker.display - of_next_slice, maker.leaves)",
        "maker.shown = min(maker.display, maker.leaves)",
        38,
    ),
    Mistake(
        "an iceberg alone trades slice by slice",
        "matching",
        "offered = maker.leaves if self.is_alone(maker) else maker.offers",
        "offered = maker.offers",
        34,
    ),
    Mistake(
        "less of an iceberg keeps its slice", "changing", "order.shown = min(order.shown, order.leaves)", "pass", 153
    ),
    Mistake(
        "the whole iceberg is shown",
        "orders",
        "self.shown = min(self.display, self.leaves) if",
        "self.shown = self.leaves if",
    ),
)
PLACING = (
    Mistake(
        "reduce-only not clamped on arrival",
        "placing",
        "min(order.quantity, self.reducible(",
        "max(order.quantity, self.reducible(",
    ),
    Mistake("notional may have 64 bits", "filters", "notional > INT64_MAX", "notional > 2 * INT64_MAX"),
    Mistake("notional minimum also for reduce-only", "filters", " and not reduce_only:", ":", 48),
    Mistake("highest price refused", "filters", "<= price <= self.rules.price_max", "<= price < self.rules.price_max"),
    Mistake("position limit one lot early", "filters", "+ quantity > POSITION_MAX", "+ quantity >= POSITION_MAX"),
    Mistake(
        "position limit forbids to reduce",
        "filters",
        "abs(after) > max(limit, abs(position))",
        "abs(after) > limit",
        39,
    ),
    Mistake(
        "one account too many",
        "state",
        "len(self.accounts) < self.accounts_max",
        "len(self.accounts) <= self.accounts_max",
    ),
    Mistake("one open order too many", "filters", ">= self.rules.open_orders_max", "> self.rules.open_orders_max"),
    Mistake("one trigger too many", "filters", ">= self.rules.trigger_orders_max", "> self.rules.trigger_orders_max"),
    Mistake(
        "one order too many",
        "filters",
        "for o in self.open_orders()) >= self.orders_max",
        "for o in self.open_orders()) > self.orders_max",
    ),
    Mistake("a replaced order makes no room", "filters", "if o is not target]", "]", 39),
    Mistake(
        "one order too few remembered",
        "state",
        "len(self.ended) >= self.retained_max",
        "len(self.ended) >= self.retained_max - 1 > 0",
    ),
    Mistake(
        "the oldest of all is forgotten",
        "state",
        "oldest = remembered[account][0]",
        "oldest = next(iter(self.ended.values()))",
    ),
    Mistake(
        "the group is not part of the body",
        "orders",
        "groups = command.stp_group | command.group << 32",
        "groups = command.stp_group",
    ),
    Mistake("a slide of two ticks", "filters", "touch.price - 1 if", "touch.price - 2 if"),
    Mistake(
        "replace goes on by itself",
        "placing",
        "if target is None and not command.flags & CommandFlag.COMMAND_GO_ON:",
        "if False:",
    ),
    Mistake(
        "an expiry at this very time",
        "filters",
        "command.expiry_ns > self.time_ns",
        "command.expiry_ns >= self.time_ns",
    ),
    Mistake(
        "closing a leg is not reduce-only",
        "orders",
        "return bool(sent or (hedge and (closes_long or closes_short)))",
        "return bool(sent)",
    ),
    Mistake(
        "delay rounded another way",
        "telling",
        "self.time_ns - command.gateway_time_ns) // 1000",
        "self.time_ns - command.gateway_time_ns + 999) // 1000",
        38,
    ),
    Mistake("time goes back", "model", "max(self.time_ns, time_ns)", "time_ns"),
)
CHANGING = (
    Mistake(
        "reduce-only not clamped by an amend",
        "changing",
        "min(quantity, order.filled +",
        "max(quantity, order.filled +",
    ),
    Mistake("amend to less loses its place", "changing", "quantity <= order.quantity\n", "quantity == -1\n"),
    Mistake(
        "amend to more keeps its place",
        "changing",
        "keeps_place = price == order.price and quantity <= order.quantity\n",
        "keeps_place = price == order.price\n",
    ),
    Mistake(
        "amend to exactly what was filled",
        "changing",
        "if 0 < quantity <= order.filled:",
        "if 0 < quantity < order.filled:",
        189,
    ),
    Mistake(
        "amend crosses in POST_ONLY", "changing", "self.phase == Phase.POST_ONLY or order.time", "order.time", 2279
    ),
    Mistake(
        "another's order can be canceled",
        "changing",
        "order is not None and order.account == command.account",
        "order is not None",
    ),
    Mistake("cancel in HALT", "changing", "if phase not in (Phase.NONE, Phase.HALT)", "if True"),
    Mistake("an amended trigger stays due", "changing", "            self.wait_again(order)\n", "", 226),
    Mistake(
        "cancel-all of a gateway takes the sessionless",
        "changing",
        "return order.session != 0 and order.session >> 24",
        "return order.session >> 24",
        134,
    ),
    Mistake("cancel-all of everyone by age", "changing", "orders.sort(key=lambda o: (o.account, o.age))", "pass", 46),
    Mistake(
        "a countdown from the last one's end",
        "changing",
        "self.time_ns + command.quantity * 1_000_000",
        "max(self.time_ns, account.deadline_ns) + command.quantity * 1_000_000",
        73,
    ),
)

IN_ORDERS = (*MATCHING, *ICEBERGS, *PLACING, *CHANGING)

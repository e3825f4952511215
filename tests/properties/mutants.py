"""Deliberately broken shards: the model's own source with one thing changed.

They show that the differential can fail. A mutant names the module of tests/oracle that it changes, the
text that it replaces (which must occur exactly once) and what stands there instead.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import cast

from tests.oracle.twin import ShardFactory

ORACLE = Path(__file__).parent.parent / "oracle"
CHAIN = ("state", "canonical", "model", "twin")  # each imports only those before it


@dataclass(frozen=True)
class Mutant:
    """One mistake."""

    name: str
    module: str
    old: str
    new: str


MUTANTS = (
    Mutant("priority: youngest first", "state", "self.price, self.admission)", "self.price, -self.admission)"),
    Mutant("priority: by order id, so an amend keeps it", "state", "self.admission)", "self.order_id)"),
    Mutant("price one tick off: buy", "state", "touch.price <= price if", "touch.price < price if"),
    Mutant("price one tick off: sell", "state", "touch.price >= price", "touch.price > price"),
    Mutant("trade at the taker's price", "model", "price=maker.price", "price=taker.price or maker.price"),
    Mutant("group 0 is a group", "model", " and taker.stp_group != 0)", ")"),
    Mutant("groups ignored", "model", " or (taker.stp_group == maker", " or (taker.stp_group == -maker"),
    Mutant(
        "EXPIRE_BOTH spares the maker",
        "model",
        "mode in (SelfTradePrevention.EXPIRE_MAKER, SelfTradePrevention.EXPIRE_BOTH)",
        "mode == SelfTradePrevention.EXPIRE_MAKER",
    ),
    Mutant(
        "DECREMENT: taker first",
        "model",
        "for order in (maker, taker):\n                if",
        "for order in (taker, maker):\n                if",
    ),
    Mutant("DECREMENT: nothing left, still open", "model", "if both < order.leaves", "if both <= order.leaves"),
    Mutant("hook lost for the maker", "model", "self.reduce_only_hook(maker.account, taker)", "pass"),
    Mutant("hook lost for the taker", "model", "self.reduce_only_hook(taker.account, taker)", "pass"),
    Mutant(
        "hook: youngest first",
        "model",
        "for order in orders:\n            allowed",
        "for order in orders[::-1]:\n            allowed",
    ),
    Mutant("hook one lot late", "model", "if order.leaves <= allowed:", "if order.leaves <= allowed + 1:"),
    Mutant(
        "reduce-only not clamped on arrival",
        "model",
        "min(order.quantity, self.reduces(",
        "max(order.quantity, self.reduces(",
    ),
    Mutant(
        "reduce-only not clamped by an amend", "model", "min(quantity, order.filled +", "max(quantity, order.filled +"
    ),
    Mutant(
        "FOK needs one lot more",
        "model",
        "self.reachable(order) < order.quantity",
        "self.reachable(order) <= order.quantity",
    ),
    Mutant(
        "FOK stops at own makers that would expire",
        "model",
        "if prevented and taker.stp_mode != SelfTradePrevention.EXPIRE_MAKER:",
        "if prevented:",
    ),
    Mutant(
        "FOK counts own makers",
        "model",
        "counted = 0 if prevented else min(",
        "counted = min(",
    ),
    Mutant(
        "FOK counts reduce-only makers in full", "model", "            if maker.reduce_only:", "            if False:"
    ),
    Mutant("amend to less loses its place", "model", "quantity <= order.quantity\n", "quantity == -1\n"),
    Mutant("amend to more keeps its place", "model", " and quantity <= order.quantity\n", "\n"),
    Mutant("amend to exactly what was filled", "model", "if quantity <= order.filled:", "if quantity < order.filled:"),
    Mutant("amend crosses in POST_ONLY", "model", "self.phase == Phase.POST_ONLY or order.time", "order.time"),
    Mutant("notional may have 64 bits", "model", "notional > INT64_MAX", "notional > 2 * INT64_MAX"),
    Mutant("notional minimum also for reduce-only", "model", " and not reduce_only:", ":"),
    Mutant(
        "highest price refused",
        "model",
        "if limit and not self.rules.price_min <= order.price <= self",
        "if limit and not self.rules.price_min <= order.price < self",
    ),
    Mutant(
        "position limit one lot early", "model", "+ order.quantity > POSITION_MAX", "+ order.quantity >= POSITION_MAX"
    ),
    Mutant(
        "one account too many",
        "model",
        "len(self.positions) >= self.accounts_max",
        "len(self.positions) > self.accounts_max",
    ),
    Mutant("one open order too many", "model", ">= self.rules.open_orders_max", "> self.rules.open_orders_max"),
    Mutant(
        "one order too many", "model", "len(self.resting()) >= self.orders_max", "len(self.resting()) > self.orders_max"
    ),
    Mutant(
        "one order too few remembered",
        "state",
        "len(self.ended) > self.retained_max",
        "len(self.ended) >= self.retained_max",
    ),
    Mutant(
        "taker ends before its maker",
        "model",
        "for order in (maker, taker):\n            order.filled",
        "for order in (taker, maker):\n            order.filled",
    ),
    Mutant(
        "a trade of one account moves its position",
        "model",
        "self.positions[maker.account] -= signed",
        "self.positions[maker.account] -= signed if maker.account != taker.account else 0",
    ),
    Mutant(
        "trade ids with gaps", "model", "self.trade_id += 1", "self.trade_id += 1 + (taker.account == maker.account)"
    ),
    Mutant("time goes back", "model", "max(self.time_ns, time_ns)", "time_ns"),
    Mutant(
        "delay rounded another way",
        "model",
        "self.time_ns - command.gateway_time_ns) // 1000",
        "self.time_ns - command.gateway_time_ns + 999) // 1000",
    ),
    Mutant(
        "another's order can be canceled",
        "model",
        "order is not None and order.account == command.account",
        "order is not None",
    ),
    Mutant("cancel in HALT", "model", "(Phase.CANCEL_ONLY, Phase.POST_ONLY, Phase.OPEN)", "tuple(Phase)"),
    Mutant(
        "the group is not part of the body",
        "state",
        "command.price, command.quantity, command.stp_group)",
        "command.price, command.quantity, 0)",
    ),
    Mutant(
        "accounts in the order of a map",
        "canonical",
        "for account in sorted(model.positions)",
        "for account in model.positions",
    ),
    Mutant(
        "ended orders by id",
        "canonical",
        "list(model.ended.values())",
        "sorted(model.ended.values(), key=lambda o: o.order_id)",
    ),
    Mutant(
        "load forgets the last trade id",
        "canonical",
        "model.trade_id, model.phase = sequence, time_ns, trade_id, phase",
        "model.phase = sequence, time_ns, phase",
    ),
)


def build(mutant: Mutant) -> ShardFactory:
    """A factory of broken shards."""
    package = f"mutant_of_oracle_{MUTANTS.index(mutant)}"
    for name in CHAIN:
        source = (ORACLE / f"{name}.py").read_text()
        if name == mutant.module:
            assert source.count(mutant.old) == 1, f"{mutant.name}: {source.count(mutant.old)} places"
            source = source.replace(mutant.old, mutant.new)
        for other in CHAIN:
            source = source.replace(f"from tests.oracle.{other} import", f"from {package}_{other} import")
            source = source.replace("from tests.oracle import canonical", f"import {package}_canonical as canonical")
        module = ModuleType(f"{package}_{name}")
        sys.modules[module.__name__] = module
        exec(compile(source, f"{name}.py with: {mutant.name}", "exec"), module.__dict__)
    return cast(ShardFactory, sys.modules[f"{package}_twin"].oracle_shard)

"""The published worked examples on matching, translated into what Tidegate's clients can ask for.

`play(example, venue)` runs one against anything that can place, amend, cancel and show its book: the
record-level venue in tests/scenarios/record_venue.py, or a venue behind the public API. It raises
AssertionError where the outcome is not the published one.

How the sources' wishes are put:

    market with `slippage` n    LIMIT IOC at the touch, n ticks further
    market with money `budget`  LIMIT FOK at the worst price that the quantity needs on the shown book,
                                when it costs no more (a sell: brings no less) than the budget
    reduce `by`                 AMEND to less; CANCEL when nothing would be left
    amend `delta`, `leaves`     AMEND to the total that gives it
    amend with `new_id`         CANCEL, and a new order (a price of 0: the lowest that there is)
    `positions` to begin with   real trades with an account of the house
    nothing about self-trades   STP mode NONE, as in the sources that know no accounts
    `peak`                      display quantity; where the source sweeps an iceberg in one fill, and the venue
                                slice by slice, fills are added up per maker before they are compared
    `stop_px`                   STOP, triggered by the last trade
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

EXAMPLES_FILE = Path(__file__).parents[3] / "shared/examples/worked_examples.json"

# Left out, with the reason.
NOT_PLAYED = {
    "vg-13-ice-amend-up": "the source keeps the place of what grows; ORD-5 sends any larger order to the back",
}

Example = dict[str, Any]
Step = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """An order as a client would send it. `name` is the example's id for it."""

    name: str
    user: str
    side: str  # "buy", "sell"
    quantity: int  # lots
    price: int | None  # ticks; None: MARKET
    time_in_force: str = "GTC"
    reduce_only: bool = False
    stp: str = "DEFAULT"  # DEFAULT, NONE, EXPIRE_TAKER, EXPIRE_MAKER, EXPIRE_BOTH, DECREMENT
    group: int = 0
    display: int = 0  # lots that an iceberg shows; 0: all
    trigger: int = 0  # ticks: a STOP by the last trade; 0: none


@dataclass
class Outcome:
    """What became of the order that a request was about, in the examples' words."""

    status: str  # new, partially_filled, filled, cancelled, expired_stp, rejected
    left: int  # lots that were not executed, whether they rest or are gone
    reason: str = ""  # of a refusal, as Reason is called: UNKNOWN_ORDER, REDUCE_ONLY_REJECTED ...
    fills: list[tuple[str, int, int]] = field(default_factory=list)  # maker's name, price, lots
    removed: list[tuple[str, str]] = field(default_factory=list)  # other orders that expired: name, Reason
    prevented: list[tuple[str, int]] = field(default_factory=list)  # other orders lowered by STP: name, lots
    triggered: list[tuple[str, str, list[tuple[str, int, int]]]] = field(default_factory=list)  # name, status, fills


Level = tuple[int, int, int]  # price, lots, number of orders (0: not shown)


class Venue(Protocol):
    """What an example needs: one symbol, OPEN, with an empty book and nobody holding a position.

    Accounts are known by the users' names. Every call returns when the outcome is final.
    """

    async def place(self, order: Place) -> Outcome: ...
    async def amend(self, user: str, name: str, price: int | None, quantity: int | None) -> Outcome: ...
    async def cancel(self, user: str, name: str) -> Outcome: ...
    async def depth(self) -> tuple[list[Level], list[Level]]: ...
    async def position(self, user: str) -> int: ...


def matching_examples() -> list[Example]:
    """Every example on matching; empty when the file is not there."""
    if not EXAMPLES_FILE.exists():
        return []
    examples = json.loads(EXAMPLES_FILE.read_text())["examples"]
    return [example for example in examples if example["topic"] == "order matching"]


def played_examples() -> list[Example]:
    """Those that must give the published outcome."""
    return [example for example in matching_examples() if example["id"] not in NOT_PLAYED]


def triggers(example: Example) -> bool:
    """Whether an example's outcome is told by the tick after its last command."""
    return any("stop_px" in step for step in example["inputs"]["steps"])


async def play(example: Example, venue: Venue) -> None:
    """Runs an example and checks all that it expects."""
    player = Player(venue, example["inputs"].get("policy", {}))
    await player.take_positions(example["inputs"].get("positions", {}))
    expected = example["expected"]
    outcome = None
    for number, step in enumerate(example["inputs"]["steps"]):
        outcome = await player.step(step)
        if example["inputs"].get("policy", {}).get("iceberg") == "sweep":
            outcome.fills = added_up(outcome.fills)
        if str(number) in expected.get("steps", {}):
            check_outcome(f"step {number}", outcome, expected["steps"][str(number)])
    if "last" in expected:
        assert outcome is not None
        check_outcome("last step", outcome, expected["last"])
    bids, asks = await venue.depth()
    for name, levels in (("bids", bids), ("asks", asks)):
        if name in expected:
            check_levels(name, levels, [(price, lots, count) for price, lots, count in expected[name]])
    for user, lots in expected.get("positions", {}).items():
        assert await venue.position(user) == lots, f"position of {user}"


def check_outcome(what: str, outcome: Outcome, expected: dict[str, Any]) -> None:
    """Compares those of the fields that the example names."""
    known = {"status", "left", "fills", "rejected", "removed", "prevented", "by", "triggered"}
    assert not expected.keys() - known, f"{what}: nobody checks {expected.keys() - known}"
    assert outcome.status == expected.get("status", outcome.status), f"{what}: {outcome}"
    if "by" in expected:  # the source tells what was removed, and that nothing is left
        assert (expected["by"], 0) == (outcome.left, expected["left"]), f"{what}: {outcome}"
    elif "left" in expected:
        assert outcome.left == expected["left"], f"{what}: {outcome}"
    if "fills" in expected:
        assert outcome.fills == [(str(name), price, lots) for name, price, lots in expected["fills"]], what
    if "rejected" in expected:
        reasons = {"reduce_only": "REDUCE_ONLY_REJECTED", "unknown_order": "UNKNOWN_ORDER"}
        assert outcome.reason == reasons[expected["rejected"]], f"{what}: {outcome}"
    removed = {"reduce_only": "REDUCE_ONLY", "stp": "SELF_TRADE"}
    if "removed" in expected:
        assert outcome.removed == [(str(name), removed[why]) for name, why in expected["removed"]], what
    if "prevented" in expected:
        assert outcome.prevented == [(str(name), lots) for name, lots in expected["prevented"]], what
    if "triggered" in expected:
        wanted = [(name, status, [tuple(fill) for fill in fills]) for name, status, fills in expected["triggered"]]
        assert outcome.triggered == wanted, what


def added_up(fills: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """One fill per maker and price, in the order of the first of each."""
    total: dict[tuple[str, int], int] = {}
    for maker, price, lots in fills:
        total[maker, price] = total.get((maker, price), 0) + lots
    return [(maker, price, lots) for (maker, price), lots in total.items()]


def check_levels(what: str, levels: list[Level], expected: list[Level]) -> None:
    """Prices and lots, and numbers of orders where the venue shows them."""
    counted = [
        (price, lots, count or wanted[2]) for (price, lots, count), wanted in zip(levels, expected, strict=False)
    ]
    assert len(levels) == len(expected), f"{what}: {levels}"
    assert counted == expected, what


class Player:
    """Puts an example's steps to a venue."""

    def __init__(self, venue: Venue, policy: dict[str, str]) -> None:
        self.venue = venue
        self.stp = policy.get("stp", "none")
        self.placed: dict[str, Place] = {}
        self.filled: dict[str, int] = {}

    async def step(self, step: Step) -> Outcome:
        """Carries out one step."""
        outcome: Outcome = await getattr(self, step["op"])(step)
        for maker, _, lots in outcome.fills:
            for name in (str(step["id"]), maker):
                self.filled[name] = self.filled.get(name, 0) + lots
        return outcome

    async def take_positions(self, positions: dict[str, int]) -> None:
        """Gives accounts what they are to begin with, by trades with the house that leave no order behind."""
        for user, lots in positions.items():
            if lots == 0:
                continue
            side, other = ("buy", "sell") if lots > 0 else ("sell", "buy")
            await self.venue.place(Place(f"house-{user}", "house", other, abs(lots), 10))
            given = await self.venue.place(Place(f"start-{user}", user, side, abs(lots), 10, "IOC"))
            assert given.status == "filled"

    # ---- steps --------------------------------------------------------------------------------------
    async def place(self, step: Step) -> Outcome:
        price, time_in_force = await self.terms(step)
        order = Place(
            name=str(step["id"]),
            user=step["user"],
            side=step["side"],
            quantity=step["qty"],
            price=price,
            time_in_force=time_in_force,
            reduce_only=step.get("reduce_only", False),
            stp=step.get("stp", self.stp).upper(),
            group=step.get("group", 0),
            display=step.get("peak", 0),
            trigger=step.get("stop_px", 0),
        )
        return await self.send(order)

    async def send(self, order: Place) -> Outcome:
        self.placed[order.name] = order
        return await self.venue.place(order)

    async def terms(self, step: Step) -> tuple[int | None, str]:
        """Limit price and time in force."""
        if step.get("type", "limit") == "limit":
            return step["px"], step.get("tif", "GTC")
        bids, asks = await self.venue.depth()
        levels, away = (asks, 1) if step["side"] == "buy" else (bids, -1)
        if "slippage" in step:
            return levels[0][0] + away * step["slippage"], "IOC"
        if "budget" in step:
            worst, money = cost(levels, step["qty"])
            assert (money - step["budget"]) * away <= 0, "the book does not give it: a client would not send it"
            return worst, "FOK"
        return None, step.get("tif", "IOC")

    async def cancel(self, step: Step) -> Outcome:
        return await self.venue.cancel(step["user"], str(step["id"]))

    async def reduce(self, step: Step) -> Outcome:
        name = str(step["id"])
        total = self.placed[name].quantity - step["by"]
        if total <= self.filled.get(name, 0):
            return await self.venue.cancel(step["user"], name)
        return await self.venue.amend(step["user"], name, None, total)

    async def amend(self, step: Step) -> Outcome:
        name = str(step["id"])
        order = self.placed[name]
        if "new_id" in step:
            canceled = await self.venue.cancel(order.user, name)
            assert canceled.status == "cancelled"
            price, side = max(1, step["px"]), step.get("side", order.side)
            return await self.send(Place(str(step["new_id"]), order.user, side, step["leaves"], price, stp=order.stp))
        total = None
        if "delta" in step:
            total = order.quantity + step["delta"]
        elif "leaves" in step:
            total = self.filled.get(name, 0) + step["leaves"]
        return await self.venue.amend(order.user, name, step.get("px"), total)


def cost(levels: list[Level], quantity: int) -> tuple[int, int]:
    """The worst price that so many lots need, and the sum of price x lots."""
    money = 0
    for price, lots, _ in levels:
        taken = min(lots, quantity)
        money += taken * price
        quantity -= taken
        if quantity == 0:
            return price, money
    raise AssertionError("the book does not hold so many lots")

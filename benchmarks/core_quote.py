"""core.quote: two-sided quotes per second through a shard, beside the same moves as amends of single orders.

A thousand quotes of ten accounts move around; every QUOTE gives both its sides new prices, so each is two
orders off the book and two onto it. Beside it the same prices as two AMENDs per quote.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from benchmarks.context import Context
from benchmarks.core_rules import open_shard, record, timed
from benchmarks.results import Result, summary
from tidegate.engine.core import Shard

QUOTES = 200_000
ACCOUNTS, QUOTES_EACH = 10, 100
MID, WIDTH = 50_000, 400
PLACE, AMEND, QUOTE = 1, 3, 8
BUY, SELL, LIMIT, GTC = 1, 2, 1, 1
EVENTS_PER_QUOTE = 3  # AMENDED, AMENDED, QUOTED


def run(context: Context) -> list[Result]:
    """Both ways by turns."""
    count = context.scaled(QUOTES, 10_000)
    quotes = b"".join(_quote(*each) for each in _moves(count))
    amends = b"".join(_amends(*each) for each in _moves(count))
    rates: dict[str, list[float]] = {"quotes": [], "amends": []}
    for repetition in range(context.repetitions):
        context.say(f"core.quote {repetition + 1}/{context.repetitions}")
        seconds, events = timed(_quoted(), quotes)
        if events != EVENTS_PER_QUOTE * count:
            raise RuntimeError(f"{events} events of {count} quotes: some were refused or traded")
        rates["quotes"].append(count / seconds)
        seconds, events = timed(_placed(), amends)
        if events != 2 * count:
            raise RuntimeError(f"{events} events of {count} pairs of amends")
        rates["amends"].append(count / seconds)
    amended = summary(rates["amends"])
    return [
        Result(
            "core.quote",
            unit="two-sided quotes/s",
            command="python -m benchmarks --only core.quote",
            baseline=amended["value"],
            baseline_name="pairs of AMEND/s",
            target="ratio ≥ 1.0",
            note="both sides moved by each; events copied out to Python",
            **summary(rates["quotes"]),
        )
    ]


def _moves(count: int) -> Iterator[tuple[int, int, int, int]]:
    """(account, quote number of the account, bid, ask), never where it was."""
    chance = random.Random(7)
    for index in range(count):
        account, number = index % ACCOUNTS, index // ACCOUNTS % QUOTES_EACH
        odd = index // (ACCOUNTS * QUOTES_EACH) % 2
        yield account, number, MID - 2 * chance.randrange(1, WIDTH) - odd, MID + 2 * chance.randrange(1, WIDTH) + odd


def _quote(account: int, number: int, bid: int, ask: int) -> bytes:
    return record(
        QUOTE,
        account=account + 1,
        time_in_force=GTC,
        client_order_id=number + 1,
        price=bid,
        quantity=10,
        words=(ask, 10, 0),
    )


def _amends(account: int, number: int, bid: int, ask: int) -> bytes:
    """Of the orders that _placed() has placed; the first of them has sequence 3."""
    first = 3 + 2 * (account * QUOTES_EACH + number)
    return b"".join(
        record(AMEND, account=account + 1, order_id=first + at, price=price) for at, price in enumerate((bid, ask))
    )


def _quoted() -> Shard:
    shard = open_shard()
    places = [(account, number) for account in range(ACCOUNTS) for number in range(QUOTES_EACH)]
    shard.apply(b"".join(_quote(*each, MID - 2 * WIDTH - 2, MID + 2 * WIDTH + 2) for each in places), 1, 1)
    return shard


def _placed() -> Shard:
    shard = open_shard()
    for account in range(ACCOUNTS):
        for number in range(QUOTES_EACH):
            for at, (side, price) in enumerate(((BUY, MID - 2 * WIDTH - 2), (SELL, MID + 2 * WIDTH + 2))):
                order = record(
                    PLACE,
                    account=account + 1,
                    side=side,
                    order_type=LIMIT,
                    time_in_force=GTC,
                    client_order_id=2 * number + at + 1,
                    price=price,
                    quantity=10,
                )
                shard.apply(order, 1, 1)
    return shard

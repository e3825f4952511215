"""What is remembered of ended orders is shared among accounts (ORD-3): nobody makes another's newest forgotten."""

from __future__ import annotations

from tests.oracle.records import Command, CommandType, Event, EventFlag, EventType, Side, TimeInForce
from tests.unit.engine.core_kit import buy, do, open_shard, state_hash
from tidegate.engine.core import Shard

RETAINED, ACCOUNTS = 12, 4
QUOTA = RETAINED // ACCOUNTS


def shard_of_four() -> Shard:
    return open_shard(retained_max=RETAINED, accounts_max=ACCOUNTS)


def end(shard: Shard, account: int, first: int, count: int) -> None:
    """Orders that expire at once, with client order ids from `first` on."""
    for client_order_id in range(first, first + count):
        do(shard, buy(account, 100, 1, client_order_id=client_order_id, time_in_force=TimeInForce.IOC))


def known(shard: Shard, account: int, *client_order_ids: int) -> list[bool]:
    """Whether a repeated id still gets the original result; a fresh copy is asked."""
    answers = []
    for client_order_id in client_order_ids:
        copy = open_shard(retained_max=RETAINED, accounts_max=ACCOUNTS)
        copy.load(shard.dump())
        again = buy(account, 100, 1, client_order_id=client_order_id, time_in_force=TimeInForce.IOC)
        (first, *_) = do(copy, again)
        answers.append(is_original(first))
    return answers


def is_original(event: Event) -> bool:
    return event.type == EventType.ORDER_STATE and bool(event.flags & EventFlag.DUPLICATE)


def test_all_of_one_account_while_there_is_room() -> None:
    """One account may have everything that is free; then its own oldest makes way."""
    shard = shard_of_four()
    end(shard, 1, 1, RETAINED + 1)
    assert known(shard, 1, 1, 2, RETAINED + 1) == [False, True, True]


def test_the_richest_makes_way_for_one_below_its_quota() -> None:
    """A newcomer gets its quota from whoever has the most, oldest first; beyond it only its own goes."""
    shard = shard_of_four()
    end(shard, 1, 1, RETAINED)
    end(shard, 2, 1, QUOTA)
    assert known(shard, 1, QUOTA, QUOTA + 1) == [False, True]
    assert known(shard, 2, 1, QUOTA) == [True, True]
    end(shard, 2, 1 + QUOTA, 2)
    assert known(shard, 1, QUOTA + 1) == [True]
    assert known(shard, 2, 1, 2, 3, 4, 5) == [False, False, True, True, True]


def test_of_equals_the_lowest_number() -> None:
    """Two that have as many: the lower account number loses one."""
    shard = shard_of_four()
    end(shard, 7, 1, RETAINED // 2)
    end(shard, 3, 1, RETAINED // 2)
    end(shard, 5, 1, 1)
    assert known(shard, 3, 1, 2) == [False, True]
    assert known(shard, 7, 1) == [True]


def test_a_flood_of_one_leaves_the_others_their_newest() -> None:
    """Thousands of ended orders of one account: the others keep their quota."""
    shard = shard_of_four()
    for account in (1, 2, 3):
        end(shard, account, 1, QUOTA)
    end(shard, 4, 1, 500)
    for account in (1, 2, 3):
        assert known(shard, account, *range(1, 1 + QUOTA)) == [True] * QUOTA
    assert known(shard, 4, *range(501 - QUOTA, 501)) == [True] * QUOTA


def test_the_order_of_ends_survives_a_dump() -> None:
    """A loaded shard forgets the same ones next."""
    shard = shard_of_four()
    for client_order_id in range(1, 8):
        end(shard, 1, client_order_id, 1)
        end(shard, 2, client_order_id, 1)
    other = shard_of_four()
    other.load(shard.dump())
    assert state_hash(other) == state_hash(shard)
    for each in (shard, other):
        end(each, 3, 1, 5)
        end(each, 2, 100, 2)
    assert state_hash(other) == state_hash(shard)


def test_quotes_are_not_remembered() -> None:
    """An ended quote is gone at once, by its order id too."""
    shard = open_shard()
    quote = {"account": 1, "client_order_id": 9, "time_in_force": TimeInForce.GTC}
    (bid, ask, _) = do(
        shard, Command.of(CommandType.QUOTE, price=90, quantity=1, ask_price=110, ask_quantity=1, **quote)
    )
    assert (bid.side, ask.side) == (Side.BUY, Side.SELL)
    do(shard, Command.of(CommandType.QUOTE, **quote))
    (answer,) = do(shard, Command.of(CommandType.QUERY_ORDER, account=1, order_id=ask.order_id))
    assert answer.type == EventType.NOT_FOUND

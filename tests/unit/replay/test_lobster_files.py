"""LOBSTER's format, and the book that is kept from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.replay.lobster_market import Market
from tidegate.ops.replay.errors import BadRecordingError
from tidegate.ops.replay.levels import AMEND, ASK, BID, CANCEL, PLACE
from tidegate.ops.replay.lobster import runs
from tidegate.ops.replay.lobster_book import LobsterBook, before_first, implied_start, merged
from tidegate.ops.replay.lobster_files import Kind, Message, read_messages
from tidegate_client import ClientOrderIds


def replayed(market: Market, directory: Path) -> tuple[LobsterBook, int, int]:
    """The local book driven through the files: (book, aggressive orders, exact ones); each row's book must agree."""
    messages = list(read_messages(*market.write(directory), tick=100))
    book = LobsterBook(ClientOrderIds(1))
    book.start(before_first(messages[0]))
    total = exact = 0
    for run in runs(messages):
        executed = [each for each in run if each.kind is Kind.EXECUTION]
        if executed:
            recorded = merged(
                (each.order_id if each.order_id in book.orders else 0, each.size, each.price) for each in executed
            )
            side = executed[0].side
            book.clear_way(side, recorded)
            book.provide(side, recorded)
            fills = book.execute(side, sum(each.size for each in executed), executed[-1].price)
            total, exact = total + 1, exact + (merged(fills) == recorded)
        elif run[0].kind in (Kind.NEW, Kind.PARTIAL_CANCEL, Kind.DELETE):
            book.apply(run[0])
        last = run[-1].book
        assert last is not None
        book.agree(last)
        assert book.top(BID, len(last.bids)) == last.bids
        assert book.top(ASK, len(last.asks)) == last.asks
    return book, total, exact


@pytest.mark.parametrize("seed", range(5))
def test_everything_in_view_needs_no_help(tmp_path: Path, seed: int) -> None:
    """A view deeper than the market: messages alone explain every book and every fill."""
    market = Market(seed, levels=150, depth=12)
    market.run(600)
    book, total, exact = replayed(market, tmp_path)
    assert total == exact > 20
    assert vars(book.adjustments) == dict.fromkeys(vars(book.adjustments), 0)


@pytest.mark.parametrize("seed", range(5))
def test_window_edges(tmp_path: Path, seed: int) -> None:
    """A shallow view: what comes into view is placed, and nearly all fills are still exact."""
    market = Market(seed, levels=4)
    market.run(600)
    book, total, exact = replayed(market, tmp_path)
    assert book.adjustments.came_into_view > 0
    assert exact >= 0.95 * total > 0


def message(kind: int, order_id: int, size: int, price: int, side: int, time: str = "1") -> Message:  # noqa: PLR0917
    """A row without a book."""
    return Message(time, Kind(kind), order_id, size, price, side, None)


def test_a_run_is_one_time_and_one_side() -> None:
    """Hidden executions are within it; anything else ends it."""
    rows = [
        message(4, 1, 1, 10, BID),
        message(5, 0, 1, 0, BID),
        message(4, 2, 1, 10, BID),
        message(4, 3, 1, 11, ASK),
        message(1, 4, 1, 12, ASK),
        message(4, 4, 1, 12, ASK, "2"),
    ]
    assert [len(run) for run in runs(rows)] == [3, 1, 1, 1]


def test_unknown_orders_are_carved_out_of_what_was_there() -> None:
    """They are the oldest of their level: a part of the anonymous order goes, the known one stays."""
    book = LobsterBook(ClientOrderIds(1))
    book.start([(BID, 10, 7)])
    book.apply(message(1, 5, 3, 10, BID))
    book.take_changes()
    book.apply(message(2, 77, 2, 10, BID))
    book.apply(message(3, 78, 5, 10, BID))
    assert [(kind, lots) for kind, _, _, _, _, lots in book.take_changes()] == [(AMEND, 5), (CANCEL, 0)]
    assert book.execute(BID, 3, 10) == [(5, 3, 10)]


def test_priority_proves_what_is_gone() -> None:
    """Whoever stands before an executed order, or better, has been canceled out of view."""
    book = LobsterBook(ClientOrderIds(1))
    for order_id, price in ((1, 11), (2, 10), (3, 10)):
        book.apply(message(1, order_id, 4, price, BID))
    book.take_changes()
    book.clear_way(BID, [(3, 4, 10)])
    assert [kind for kind, *_ in book.take_changes()] == [CANCEL, CANCEL]
    assert book.adjustments.proved_gone == 2
    book.apply(message(1, 4, 1, 10, ASK))
    assert [kind for kind, *_ in book.take_changes()] == [CANCEL, PLACE], "a new ask rests, so the bid there is gone"


def test_without_a_book_the_start_is_what_messages_imply() -> None:
    """Sizes of unknown orders add up per level; what would cross came later."""
    rows = [message(3, 1, 4, 10, BID), message(4, 2, 5, 10, BID), message(1, 3, 9, 11, BID), message(3, 4, 1, 9, ASK)]
    assert implied_start(rows) == [(BID, 10, 9)]


def test_faults_are_named(tmp_path: Path) -> None:
    """Off-tick prices with the way out, and files that do not belong together."""
    messages, books = tmp_path / "m", tmp_path / "b"
    messages.write_text("1.0,1,5,10,1000050,1\n")
    with pytest.raises(BadRecordingError, match=r"line 1: price 1000050 is not on a tick of 100 .*--tick"):
        list(read_messages(messages, None, 100))
    assert next(read_messages(messages, None, 50)).price == 20_001
    books.write_text("1000100,1,1000000,1\n1000100,1,1000000,1\n")
    with pytest.raises(BadRecordingError, match="differ in length"):
        list(read_messages(messages, books, 50))

"""The recorded feed in the exchange's order, and the makers' book that follows it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tidegate.ops.replay.binance_feed import DepthChange, Print, Quote, read_recording
from tidegate.ops.replay.errors import BadRecordingError
from tidegate.ops.replay.levels import AMEND, ASK, BID, CANCEL, PLACE, MakerBook
from tidegate_client import ClientOrderIds, Instrument

BTC = Instrument("BTCUSDT", 1, Decimal("0.1"), Decimal("0.001"), "USDT", 1, 2**31 - 1, 1, 10**9, 10**8, 0, 10**4, 200)


def quote(update: int, bid: str = "1.0", ask: str = "1.1") -> dict[str, object]:
    """A bookTicker."""
    return {"data": {"e": "bookTicker", "u": update, "b": bid, "B": "0.001", "a": ask, "A": "0.002"}}


def depth(first: int, last: int, previous: int) -> dict[str, object]:
    """A depthUpdate."""
    return {"data": {"e": "depthUpdate", "U": first, "u": last, "pu": previous, "b": [["1.0", "0.005"]], "a": []}}


def trade(number: int) -> dict[str, object]:
    """A trade; the buyer is the maker, so the aggressor sells."""
    return {"data": {"e": "trade", "t": number, "p": "1.0", "q": "0.001", "m": True}}


SNAPSHOT = {"lastUpdateId": 10, "bids": [["1.0", "0.003"]], "asks": [["1.1", "0.004"]]}


def write(path: Path, *messages: dict[str, object]) -> Path:
    """A file of such messages, a microsecond apart."""
    path.write_text("".join(f"{1000 * number} {json.dumps(each)}\n" for number, each in enumerate(messages)))
    return path


def test_depth_goes_behind_the_last_quote_that_it_covers(tmp_path: Path) -> None:
    """Although it arrives later, and trades keep their place between the quotes."""
    messages = (quote(9), trade(1), SNAPSHOT, quote(12), trade(2), quote(20), depth(5, 9, 4), depth(11, 15, 9))
    recording = read_recording(write(tmp_path / "feed", *messages), BTC)
    order = [(type(each), getattr(each, "update_id", getattr(each, "trade_id", 0))) for each in recording.events]
    assert order == [(Quote, 12), (Print, 2), (DepthChange, 15), (Quote, 20)]
    assert recording.dropped == {"Quote": 1, "Print": 1, "DepthChange": 1}
    assert recording.start.bids == [(10, 3)]


def test_bad_recordings_are_named_by_line(tmp_path: Path) -> None:
    """A gap in the depth updates, a price off the tick, no snapshot at all."""
    with pytest.raises(BadRecordingError, match="line 3: depth updates have a gap"):
        read_recording(write(tmp_path / "gap", SNAPSHOT, depth(11, 12, 10), depth(14, 15, 13)), BTC)
    with pytest.raises(BadRecordingError, match=r"line 2: .*not on a tick"):
        read_recording(write(tmp_path / "tick", SNAPSHOT, quote(11, bid="1.05")), BTC)
    with pytest.raises(BadRecordingError, match="no snapshot"):
        read_recording(write(tmp_path / "none", quote(11)), BTC)


def kinds(book: MakerBook) -> list[tuple[int, int, int, int]]:
    """What is to be sent: kind, side, price, lots."""
    return [(kind, side, price, lots) for kind, _, _, side, price, lots in book.take_changes()]


def test_a_touch_removes_better_levels_before_it_adds() -> None:
    """So nothing crosses on the way, even when the new bid is at an old ask's price."""
    book = MakerBook(ClientOrderIds(1), 100, 1)
    for side, price in ((BID, 10), (BID, 9), (ASK, 11), (ASK, 12)):
        book.want(side, price, 5)
    book.take_changes()
    book.touch(BID, 11, 2)
    book.touch(ASK, 12, 4)
    assert kinds(book) == [(CANCEL, ASK, 11, 0), (AMEND, ASK, 12, 4), (PLACE, BID, 11, 2)]
    assert book.quote() == (11, 2, 12, 4)


def test_amends_count_what_is_filled() -> None:
    """The total of an amend includes the filled part (rule ORD-5)."""
    book = MakerBook(ClientOrderIds(1), 100, 1)
    book.want(ASK, 11, 5)
    book.take_changes()
    book.traded(ASK, 11, 2)
    book.want(ASK, 11, 1)
    assert kinds(book) == [(AMEND, ASK, 11, 3)]
    book.traded(ASK, 11, 1)
    assert book.quote() == (0, 0, 0, 0)


def test_a_trade_finds_its_level() -> None:
    """Better levels go, the level is made large enough, and nothing of the other side is in the way."""
    book = MakerBook(ClientOrderIds(1), 100, 1)
    for side, price in ((BID, 10), (ASK, 11), (ASK, 12)):
        book.want(side, price, 5)
    book.take_changes()
    book.prepare_trade(ASK, 12, 7)
    assert kinds(book) == [(CANCEL, ASK, 11, 0), (AMEND, ASK, 12, 7)]
    assert book.sides[ASK].dirty == {11, 12}


def test_levels_are_shared_out_when_an_account_is_full() -> None:
    """As many orders per account as the instrument allows; then an error, not a refusal."""
    book = MakerBook(ClientOrderIds(1), 1, 2)
    book.want(BID, 1, 1)
    book.want(BID, 2, 1)
    assert book.counts == [1, 1]
    with pytest.raises(OverflowError):
        book.want(BID, 3, 1)

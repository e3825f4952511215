"""What every process reads of the venue's listing, and how requests reach the supervisor."""

import os
from pathlib import Path

import pytest

from tidegate.wire.instruments import Instrument
from tidegate.wire.listing import (
    ListedInstrument,
    ListingAnswer,
    ListingError,
    ListingRequest,
    ListingWatcher,
    leave_answer,
    leave_request,
    new_request_id,
    read_listing,
    take_answer,
    take_request,
    write_listing,
)


def listed(symbol: str, number: int, state: str = "listed") -> ListedInstrument:
    """An entry."""
    instrument = Instrument.model_validate(
        {"symbol": symbol, "instrument_id": number, "tick_size": "0.1", "lot_size": "0.001"}
    )
    return ListedInstrument.model_validate({"instrument": instrument, "state": state})


@pytest.mark.rule("INS-3")
def test_a_watcher_tells_each_change_once(tmp_path: Path) -> None:
    """The whole listing, by number; nothing while it stays as it is, or when there is none."""
    path = tmp_path / "instruments.json"
    watcher = ListingWatcher(path)
    assert watcher.changed() is None
    assert read_listing(path) == ()
    write_listing(path, [listed("B", 2), listed("A", 1)])
    assert [each.symbol for each in watcher.changed() or ()] == ["A", "B"]
    assert watcher.changed() is None
    write_listing(path, [listed("A", 1), listed("B", 2, "delisted")])
    changed = watcher.changed() or ()
    assert [each.is_listed for each in changed] == [True, False]
    assert read_listing(path) == changed
    assert [each.name for each in tmp_path.iterdir()] == ["instruments.json"], "nothing is left aside"


def test_what_is_no_listing_is_named(tmp_path: Path) -> None:
    """Also half a file; a watcher does not take it for seen."""
    path = tmp_path / "instruments.json"
    path.write_text('[{"instrument": ')
    watcher = ListingWatcher(path)
    for _ in range(2):
        with pytest.raises(ListingError, match=r"instruments\.json is no listing"):
            watcher.changed()


def test_a_request_is_there_until_it_is_answered(tmp_path: Path) -> None:
    """A supervisor that dies in between leaves it to the next; the answer is taken once."""
    first, second = (ListingRequest(id=new_request_id(), action="delist", symbol="A") for _ in range(2))
    leave_request(tmp_path, first)
    leave_request(tmp_path, second)
    os.utime(tmp_path / f"{second.id}.request", (1 << 33, 1 << 33))  # later, whatever the clock's grain
    assert take_request(tmp_path) == first
    assert take_request(tmp_path) == first
    assert take_answer(tmp_path, first.id) is None
    leave_answer(tmp_path, first.id, ListingAnswer(ok=False, message="no"))
    assert take_answer(tmp_path, first.id) == ListingAnswer(ok=False, message="no")
    assert take_answer(tmp_path, first.id) is None
    assert take_request(tmp_path) == second


@pytest.mark.parametrize("text", ["{", '{"id": "0123456789abcdef", "action": "sell", "symbol": "A"}', "[]", "\0"])
def test_what_is_no_request_is_answered(tmp_path: Path, text: str) -> None:
    """Whoever left it learns why; it is not looked at again."""
    (tmp_path / "0123456789abcdef.request").write_text(text)
    assert take_request(tmp_path) is None
    answer = take_answer(tmp_path, "0123456789abcdef")
    assert answer is not None
    assert not answer.ok
    assert answer.message.startswith("no listing request: ")
    assert list(tmp_path.iterdir()) == []

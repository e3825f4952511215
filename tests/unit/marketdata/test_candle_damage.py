"""Candles on disk that are not as they were written: never told, and made anew from the journal."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.marketdata.test_candles import MINUTE_NS, ONE, SYMBOL, opened, part
from tests.unit.wire.damage import damage
from tidegate.marketdata.candle_book import CandleBook
from tidegate.marketdata.candle_store import CandleStore
from tidegate.marketdata.candles import Candle
from tidegate.marketdata.config import MarketdataSettings
from tidegate.marketdata.errors import CandlesDamagedError
from tidegate.marketdata.market import DIRECTORY, PROCESS
from tidegate.ops.config import load
from tidegate.wire.damage_mark import DamageMark
from tidegate.wire.listing import ListedInstrument, write_listing

pytestmark = pytest.mark.rule("API-3")

START = """
import sys
from tidegate.marketdata.config import MarketdataSettings
from tidegate.marketdata.market import PROCESS, Market
from tidegate.wire.damage_mark import DamageMark
settings = MarketdataSettings.model_validate_json(sys.argv[1])
mark = DamageMark(settings.topology.damage_mark(PROCESS))
mark.watch()
market = Market(settings, mark)
(history,) = market.histories.values()
print(history.candles.store.sequence)
market.close()
"""


def filled(store: CandleStore, minutes: int = 1) -> None:
    """A trade in each minute; the journal is counted up to 7."""
    for minute in range(minutes):
        store.put(ONE, Candle.of(part(minute, 100, 1, minute), MINUTE_NS))
    store.commit(7)


def flip(file: Path, number: int = 0) -> None:
    """One bit of the price of the candle of that minute, wherever it is written."""
    data = bytearray(file.read_bytes())
    row = Candle.of(part(number, 100, 1, number), MINUTE_NS).pack()
    at = data.find(row)
    assert at >= 0
    while at >= 0:
        with file.open("r+b") as pages:
            pages.seek(at + 8)
            pages.write(bytes((data[at + 8] ^ 4,)))
        at = data.find(row, at + 1)


@pytest.mark.parametrize("how", ["shortened", "noise", "flipped"])
def test_files_that_are_not_as_they_were_written_are_made_anew(tmp_path: Path, how: str) -> None:
    """They hold nothing that is not in the journal."""
    store = opened(tmp_path)
    filled(store)
    store.close()
    file = tmp_path / "candles" / "data.mdb"
    data = file.read_bytes()
    if how == "flipped":
        flip(file)
    else:
        file.write_bytes(data[:8192] if how == "shortened" else b"\xff" * len(data))
    store = opened(tmp_path)
    assert (store.sequence, store.between(ONE, 0, 1 << 62)) == (0, [])
    store.close()


def test_a_bit_that_flips_while_it_runs_is_not_told(tmp_path: Path) -> None:
    """Whoever asks is refused, the process is told, and the next start begins anew."""
    store = opened(tmp_path)
    book = CandleBook(SYMBOL, store)
    filled(store, 1000)
    store.close()
    store = opened(tmp_path)
    book = CandleBook(SYMBOL, store)
    assert len(book.page(ONE, 0, 1 << 62, 1500)[0]) == 1000
    flip(tmp_path / "candles" / "data.mdb", 500)
    with pytest.raises(CandlesDamagedError):
        book.page(ONE, 0, 1 << 62, 1500)
    assert store.damaged
    assert DamageMark(tmp_path / "mark").is_set
    store.close()


@pytest.mark.parametrize("how", ["branch", "zeros", "free"])
def test_pages_that_end_a_process_end_one_start_at_most(tmp_path: Path, how: str) -> None:
    """LMDB may raise or abort over a bad page, read or written; the next start makes everything anew."""
    instrument = load().instruments[0]
    settings = MarketdataSettings(data_dir=tmp_path, instruments=(instrument,))
    write_listing(settings.topology.instruments_file, [ListedInstrument(instrument=instrument, state="delisted")])
    mark = DamageMark(settings.topology.damage_mark(PROCESS))
    directory = tmp_path / DIRECTORY / instrument.symbol
    store = CandleStore(directory, 1500, mark)
    filled(store, 1000)
    store.close()
    file = directory / "data.mdb"
    if how == "zeros":
        file.write_bytes(file.read_bytes()[:8192] + bytes(file.stat().st_size - 8192))
    elif how == "branch":
        damage(file, how)

    def start() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", START, settings.model_dump_json()], capture_output=True, text=True, check=False
        )

    if how == "free":  # nothing that is read at a start: it is met by the first commit, again and again
        settings.topology.run_dir.mkdir()
        mark.set("a signal in a commit")
    first = start()
    assert first.returncode in {0, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGSEGV}
    second = start()
    assert second.returncode == 0
    assert second.stdout.splitlines()[-1] == "0"
    assert not mark.is_set
    store = CandleStore(directory, 1500, mark)
    assert (store.sequence, store.between(ONE, 0, 1 << 62)) == (0, [])
    store.close()

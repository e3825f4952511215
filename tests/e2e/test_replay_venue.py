"""`tidegate replay` against a venue that runs, with an engine and a gateway that are killed in the middle."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.replay.lobster_market import Market
from tests.venues.supervised import SupervisedVenue, default_venue
from tests.venues.waiting import wait_until
from tidegate_client import BUY

RECORDING = Path(__file__).resolve().parents[3] / "shared" / "data" / "btcusdt_20240808.gz"
needs_recording = pytest.mark.skipif(not RECORDING.is_file(), reason="the recording is not beside this checkout")


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SupervisedVenue]:
    """One venue for all replays: each leaves its book empty."""
    with default_venue(tmp_path_factory.mktemp("replay")) as running:
        yield running


def start(venue: SupervisedVenue, *arguments: str) -> subprocess.Popen[str]:
    """The command line, as a user would type it."""
    command = [sys.executable, "-m", "tidegate.ops.main", "replay", *arguments]
    command += ["--address", venue.address, "--market-data", venue.market_data]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finish(process: subprocess.Popen[str]) -> str:
    """Its output; exit code 0 means that book, quotes and audit are as they must be."""
    try:
        output, _ = process.communicate(timeout=110)
    finally:
        process.kill()
    assert process.returncode == 0, output
    assert "crossed 0 times" in output
    assert re.search(r"checksums +([1-9]\d*) of \1 equal", output), output
    assert re.search(r"own record and venue +agree: \d+ open and \d+ ended orders; 0 missing, 0 doubled", output), (
        output
    )
    return output


@needs_recording
def test_binance_recording_comes_out_as_it_was(venue: SupervisedVenue) -> None:
    """Every sampled best quote and the whole book at the end equal the recording; every trade is exact."""
    output = finish(start(venue, "binance", str(RECORDING), "--limit-lines", "3000"))
    sampled = re.search(r"best quotes equal +(\d+) of (\d+) sampled", output)
    assert sampled is not None
    assert sampled[1] == sampled[2]
    assert int(sampled[2]) > 200
    assert re.search(r"whole book at the end +equal: \d+ \+ \d+ levels", output)
    trades = re.search(r"trades +(\d+) of (\d+) exact", output)
    assert trades is not None
    assert trades[1] == trades[2] != "0"


@needs_recording
@pytest.mark.parametrize("victim", ["engine.BTCUSDT", "gateway.0"])
def test_replay_survives_a_kill(venue: SupervisedVenue, victim: str) -> None:
    """kill -9 in the middle: the replay goes on, no acknowledged order is missing or doubled."""
    process = start(venue, "binance", str(RECORDING), "--limit-lines", "9000")
    assert process.stdout is not None
    head = ""
    while not re.search(r"\d+/\d+  [1-9]\d* commands", head):
        line = process.stdout.readline()
        assert line, head
        head += line
    time.sleep(1.0)  # into the middle; the replay takes several times as long
    before = venue.kill(victim)
    output = finish(process)
    wait_until(lambda: venue.pid(victim) not in (0, before), 30)
    assert re.search(r"best quotes equal +(\d+) of \1 sampled", output), output
    if victim == "gateway.0":
        assert re.search(r"[1-9]\d* reconnects", output), output


def test_lobster_files_come_out_as_they_were(venue: SupervisedVenue, tmp_path: Path) -> None:
    """With a view as deep as the book, every fill and every recorded book is exact."""
    market = Market(seed=3, levels=150, depth=12)
    market.run(700)
    messages, orderbook = market.write(tmp_path)
    output = finish(start(venue, "lobster", str(messages), "--orderbook", str(orderbook), "--verify-every", "4"))
    assert re.search(r"aggressive orders exact +([1-9]\d*) of \1 ", output), output
    assert re.search(r"books equal +([1-9]\d*) of \1 sampled", output), output
    assert "0 came into view, 0 had gone out of view, 0 changed within view" in output


def test_lobster_window_edges_are_put_right(venue: SupervisedVenue, tmp_path: Path) -> None:
    """A view shallower than the book: all books are equal, and what came from the book file is counted."""
    market = Market(seed=4, levels=5)
    market.run(700)
    messages, orderbook = market.write(tmp_path)
    output = finish(start(venue, "lobster", str(messages), "--orderbook", str(orderbook), "--verify-every", "4"))
    assert re.search(r"books equal +([1-9]\d*) of \1 sampled", output), output
    assert re.search(r"[1-9]\d* came into view", output), output
    exact = re.search(r"aggressive orders exact +(\d+) of (\d+) ", output)
    assert exact is not None
    assert int(exact[1]) >= 0.97 * int(exact[2]), output


def test_a_book_with_foreign_orders_is_refused(venue: SupervisedVenue, tmp_path: Path) -> None:
    """Nothing is replayed into somebody else's book."""
    market = Market(seed=5)
    market.run(5)
    messages, _ = market.write(tmp_path)
    with venue.client() as client:
        client.place("SOLUSDT", BUY, "100", "1")
        process = start(venue, "lobster", str(messages), "--symbol", "SOLUSDT")
        output, _ = process.communicate(timeout=60)
        client.cancel_all("SOLUSDT")
    assert process.returncode == 1
    assert "holds orders of others" in output

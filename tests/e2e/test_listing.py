"""Symbols that come and go while the venue runs (rule INS-3), by the operator's commands, while others trade."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.venues.command_line import done, refused, tidegate
from tests.venues.configuration import MAKER_KEY, TAKER_KEY
from tests.venues.supervised import SupervisedVenue, default_venue
from tests.venues.waiting import eventually, wait_until
from tidegate.wire.listing import read_listing
from tidegate_client import Side, TidegateError

SYMBOL, NEW = "BTCUSDT", "XRPUSDT"


class Flow:
    """One trader who places and cancels in another symbol all the time, and notes what fails."""

    def __init__(self, venue: SupervisedVenue) -> None:
        self.orders = 0
        self.failures: list[str] = []
        self._venue = venue
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Flow:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        with self._venue.client() as client:
            while not self._end.is_set():
                try:
                    placed = client.place(SYMBOL, Side.BUY, 40_000 + self.orders % 100, "0.01")
                    assert placed.order is not None
                    client.cancel(SYMBOL, placed.order.client_order_id)
                except (TidegateError, AssertionError) as error:
                    self.failures.append(repr(error))
                self.orders += 1
                time.sleep(0.01)


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SupervisedVenue]:
    """A venue of its own."""
    with default_venue(tmp_path_factory.mktemp("listing")) as venue:
        yield venue


def lasting(venue: SupervisedVenue) -> dict[str, tuple[int, int]]:
    """Process ids and restarts of everything but the new engine."""
    return {name: (row["pid"], row["restarts"]) for name, row in venue.table().items() if name != f"engine.{NEW}"}


def states(venue: SupervisedVenue) -> dict[str, str]:
    """What the listing says."""
    return {each.symbol: each.state for each in read_listing(venue.config.topology.instruments_file)}


def segments(venue: SupervisedVenue) -> list[str]:
    """Shared memory of the new symbol."""
    return [name for name in venue.config.topology.symbol_segments(NEW) if Path("/dev/shm", name).exists()]


def is_public(venue: SupervisedVenue) -> bool:
    """Whether a client that comes now is told of the new symbol."""
    with venue.client() as client:
        return NEW in client.instruments()


@pytest.mark.rule("INS-3")
def test_a_symbol_comes_trades_and_goes_while_others_trade(venue: SupervisedVenue) -> None:
    """Listed, opened, traded, settled, delisted, in front of a flow of orders elsewhere of which none fails; no
    other process is started again; its memory is gone and its journal stays."""
    before = lasting(venue)
    with Flow(venue) as flow:
        rules = ("--tick", "0.0001", "--lot", "1", "--set", "open_orders_max=50")
        assert done(tidegate(venue, "instrument", "add", NEW, *rules)).startswith(
            f"{NEW} is listed with instrument_id "
        )
        assert f"{NEW} " in done(tidegate(venue, "instrument", "list"))
        assert "is listed already" in refused(tidegate(venue, "instrument", "add", NEW, "--tick", "1", "--lot", "1"))
        done(tidegate(venue, "phase", NEW, "OPEN"))
        trade(venue)
        assert "must be SETTLEMENT" in refused(tidegate(venue, "instrument", "delist", NEW))
        done(tidegate(venue, "phase", NEW, "SETTLEMENT"))
        wait_until(lambda: "positions" in tidegate(venue, "instrument", "delist", NEW).stderr, 30)
        close_positions(venue)
        done(tidegate(venue, "phase", NEW, "SETTLEMENT"))
        wait_until(lambda: tidegate(venue, "instrument", "delist", NEW).exit_code == 0, 30)
        assert states(venue)[NEW] == "delisted"
        assert f"engine.{NEW}" not in venue.table()
        assert segments(venue) == []
        assert any(venue.config.topology.journal_dir(NEW).iterdir())
        with venue.client() as client, pytest.raises(TidegateError, match="no longer listed"):
            client.place(NEW, Side.BUY, "0.5", 10)
        wait_until(lambda: flow.orders > 100, 30)
    assert flow.failures == []
    assert lasting(venue) == before


def trade(venue: SupervisedVenue) -> None:
    """Maker and taker meet in the new symbol; its public book shows what is left."""
    wait_until(lambda: is_public(venue), 30)
    with venue.client(MAKER_KEY) as maker, venue.client(TAKER_KEY) as taker:
        eventually(lambda: maker.place(NEW, Side.SELL, "0.5", 30))
        eventually(lambda: taker.place(NEW, Side.BUY, "0.5", 10))
        wait_until(lambda: [each.quantity for each in maker.depth(NEW).asks] == [20], 30)


def close_positions(venue: SupervisedVenue) -> None:
    """Both leave what they have."""
    done(tidegate(venue, "phase", NEW, "OPEN"))
    with venue.client(MAKER_KEY) as maker, venue.client(TAKER_KEY) as taker:
        maker.place(NEW, Side.BUY, "0.4", 10)
        taker.place(NEW, Side.SELL, "0.4", 10)


@pytest.mark.rule("INS-3")
def test_what_was_listed_is_there_after_a_restart(venue: SupervisedVenue) -> None:
    """Listed again with its journal and its number; another start, a change and `tidegate verify` know it."""
    assert "tick_size was 0.0001" in refused(tidegate(venue, "instrument", "add", NEW, "--tick", "1", "--lot", "1"))
    done(tidegate(venue, "instrument", "add", NEW, "--tick", "0.0001", "--lot", "1"))
    done(tidegate(venue, "phase", NEW, "OPEN"))
    said = done(tidegate(venue, "instrument", "change", NEW, "--set", "open_orders_max=1"))
    assert said.startswith(f"{NEW} is defined anew from sequence ")
    wait_until(lambda: is_public(venue), 30)
    with venue.client() as client:
        eventually(lambda: client.place(NEW, Side.BUY, "0.3", 10))
        with pytest.raises(TidegateError, match="too many open orders"):
            client.place(NEW, Side.BUY, "0.3", 10)
    venue.stop()
    verified = done(tidegate(venue, "verify"))
    assert f"{NEW} ok" in verified
    venue.restart()
    with venue.client() as client:
        assert [each.quantity for each in client.open_orders(NEW)] == [10]
        with pytest.raises(TidegateError, match="too many open orders"):
            client.place(NEW, Side.BUY, "0.3", 10)
        client.cancel_all(NEW)
    venue.stop()
    assert venue.nobody_alive()

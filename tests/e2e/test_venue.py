"""The whole venue as `tidegate up` runs it, and with each of its parts killed.

Nothing here is simulated: real processes, real shared memory, real gRPC, signals from outside.
"""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.venues.command_line import done, refused, tidegate
from tests.venues.configuration import MAKER_KEY, TAKER_KEY
from tests.venues.supervised import SupervisedVenue, default_venue, run_command
from tests.venues.waiting import eventually, wait_until
from tidegate_client import Client, Side, TimeInForce

SYMBOL, OTHER = "BTCUSDT", "ETHUSDT"


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SupervisedVenue]:
    """One venue for the tests that leave it as they found it; its end is a test too."""
    with default_venue(tmp_path_factory.mktemp("venue")) as venue:
        yield venue
        venue.stop()
        assert venue.segments() == []
        assert venue.nobody_alive()
        assert set(venue.table()) == {
            "gateway.0",
            *(f"engine.{each.symbol}" for each in venue.config.instruments),
            "snapshotter",
            "marketdata",
            "history",
            "risk",
        }
        assert {row["state"] for row in venue.table().values()} == {"stopped"}


def test_depth_is_what_was_sent(venue: SupervisedVenue) -> None:
    """Orders of a client are the public book's levels, and gone when canceled."""
    with venue.client() as client:
        for price, quantity in (("60000.1", "0.5"), ("60000.1", "0.25"), ("59999.9", "1")):
            client.place(SYMBOL, Side.BUY, price, quantity)
        last = client.place(SYMBOL, Side.SELL, "61000", "0.125")
        assert last.order is not None
        sequence = last.order.sequence
        wait_until(lambda: client.depth(SYMBOL).sequence >= sequence, 30)
        depth = client.depth(SYMBOL)
        assert [(each.price, each.quantity) for each in depth.bids] == [
            (Decimal("60000.1"), Decimal("0.75")),
            (Decimal("59999.9"), Decimal(1)),
        ]
        assert [(each.price, each.quantity) for each in depth.asks] == [(Decimal(61000), Decimal("0.125"))]
        client.cancel_all(SYMBOL)
        wait_until(lambda: not client.depth(SYMBOL).bids, 30)


async def test_the_delta_chain_leads_to_the_snapshot(venue: SupervisedVenue) -> None:
    """A stream that is followed all the time and a book asked for at the end are the same."""
    async with (
        Client(venue.address, MAKER_KEY, market_data=venue.market_data) as client,
        Client(venue.address, TAKER_KEY, market_data=venue.market_data) as taker,
        client.trading() as session,
        taker.trading() as taking,
    ):
        stream = aiter(client.depth_stream(SYMBOL))
        book = await anext(stream)
        for step in range(100):
            price = 60_000 + step % 7
            await session.place(SYMBOL, Side.BUY, price, "0.01", time_in_force=TimeInForce.GTX)
            if step % 3 == 0:
                sold = await taking.place(SYMBOL, Side.SELL, price, "0.005", time_in_force=TimeInForce.IOC)
                assert sold.fills
        await session.place(SYMBOL, Side.BUY, 50_000, "0.01")
        while not (bids := book.depth().bids) or bids[-1].price != Decimal(50_000):
            book = await anext(stream)
        asked = await client.depth(SYMBOL)
        assert book.depth().bids == asked.bids
        assert book.depth().asks == asked.asks
        await session.cancel_all(SYMBOL)


@pytest.mark.parametrize("name", ["marketdata", "risk", "snapshotter", "history", f"engine.{SYMBOL}", "gateway.0"])
def test_a_killed_process_is_started_again_and_serves(venue: SupervisedVenue, name: str) -> None:
    """kill -9 of each kind; what was acknowledged is still there, and the next order goes through."""
    with venue.client() as client:
        resting = client.place(SYMBOL, Side.BUY, "40000", "0.01")
        assert resting.order is not None
        before = venue.table()[name]
        venue.kill_and_wait(name)
        eventually(lambda: client.place(SYMBOL, Side.BUY, "40001", "0.01"))
        orders = eventually(lambda: client.open_orders(SYMBOL))
        assert resting.order.order_id in {each.order_id for each in orders}
        eventually(client.balances)
        wait_until(lambda: len(eventually(lambda: client.depth(SYMBOL)).bids) == 2, 30)
        assert venue.table()[name]["restarts"] == before["restarts"] + 1
        client.cancel_all(SYMBOL)


def test_status_shows_the_venue_to_people(venue: SupervisedVenue) -> None:
    """`tidegate status`: plain lines where there is no terminal, exit code 0 when everything runs."""
    wait_until(lambda: run_command("status", venue.file).returncode == 0, 30)
    shown = run_command("status", venue.file).stdout
    assert f"{SYMBOL} OPEN running" in shown
    assert "gateway.0=running" in shown


def test_the_operators_commands(venue: SupervisedVenue) -> None:
    """Account, deposit (once per id) and phase; refusals are one line and exit code 1."""
    assert "key" in done(tidegate(venue, "account", "create", "newcomer"))
    for again in ("", " (booked before)"):
        booked = done(tidegate(venue, "deposit", "newcomer", "USDT", "12.5", "--id", "first"))
        assert f"entry 1{again}, balance 12.50000000 USDT" in booked
    assert done(tidegate(venue, "phase", OTHER, "HALT")).startswith(f"{OTHER} HALT from sequence")
    done(tidegate(venue, "phase", OTHER, "OPEN"))
    assert refused(tidegate(venue, "account", "create", "newcomer")).startswith("tidegate: ACCOUNT_EXISTS")


def test_a_second_supervisor_refuses(venue: SupervisedVenue) -> None:
    """On the same directory, and on the same port; the venue that is up does not notice."""
    same = run_command("up", venue.file)
    assert same.returncode == 1
    assert "another venue is running on this directory" in same.stderr
    elsewhere = str(venue.config.venue.data_dir.parent / "elsewhere")
    taken = run_command("up", venue.file, "--data", elsewhere)
    assert taken.returncode == 1
    assert f"port {venue.config.venue.port} on 127.0.0.1 is taken" in taken.stderr
    assert len(taken.stderr.splitlines()) == 1
    with venue.client() as client:
        assert client.open_orders(SYMBOL) == []

"""What an operator does at three in the morning, typed as it is typed, against a venue that runs."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from tests.venues.command_line import done, tidegate
from tests.venues.configuration import MAKER_KEY, TAKER_KEY
from tests.venues.supervised import SupervisedVenue, command_line, default_venue, signals_as_typed
from tests.venues.waiting import wait_until
from tidegate_client import Side
from tidegate_client.market import DEFINITIONS_MAX_AGE_S

SYMBOL = "BTCUSDT"
WITHIN_S = 30.0


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SupervisedVenue]:
    """One venue for all of it."""
    with default_venue(tmp_path_factory.mktemp("operator")) as venue:
        yield venue


@contextlib.contextmanager
def reopening(venue: SupervisedVenue, *options: str) -> Iterator[Callable[[], str]]:
    """`tidegate reopen`, typed in a terminal, and Ctrl-C at the end of the block. Yields what it has said so far."""
    output = venue.file.with_suffix(".reopening")
    with output.open("wb") as to, signals_as_typed():
        line = command_line("reopen", venue.file, SYMBOL, *options)
        process = subprocess.Popen(line, stdout=to, stderr=subprocess.STDOUT)
    try:
        yield output.read_text
        process.send_signal(signal.SIGINT)
        assert process.wait(WITHIN_S) == 130, output.read_text()
    finally:
        process.kill()
        process.wait()


@pytest.mark.rule("MKT-1", "MAT-2")
def test_a_symbol_is_halted_and_reopens_through_an_auction(venue: SupervisedVenue) -> None:
    """Each step is shown; orders that cross in the auction show an indicative price, and trade at one price.

    Ctrl-C stops where it is, and the same command goes on from there: the operator ends the auction."""
    assert done(tidegate(venue, "halt", SYMBOL)).startswith(f"{SYMBOL} HALT from sequence ")
    with venue.client(MAKER_KEY) as maker, venue.client(TAKER_KEY) as taker:
        with reopening(venue, "--cancel-s", "0", "--auction-s", "600") as said:
            wait_until(lambda: f"{SYMBOL} AUCTION from sequence" in said(), WITHIN_S, said)
            maker.place(SYMBOL, Side.BUY, "60000", "0.5")
            taker.place(SYMBOL, Side.SELL, "59990", "0.3")
            shown = r"indicative: 0\.300 at \d+\.\d, bids less asks \+0\.200"
            wait_until(lambda: re.search(shown, said()), WITHIN_S, said)
        assert f"{SYMBOL} stays in AUCTION; `tidegate reopen {SYMBOL}` goes on from there" in said()
        output = said() + done(tidegate(venue, "reopen", SYMBOL, "--auction-s", "0"))
        steps = re.findall(rf"^{SYMBOL} (\w+) from sequence", output, re.MULTILINE)
        assert steps == ["CANCEL_ONLY", "AUCTION", "OPEN"]
        assert "uncrossed: 0.300 at " in output
        assert [each.leaves for each in maker.open_orders(SYMBOL)] == [maker.open_orders(SYMBOL)[0].quantity * 2 / 5]
    again = tidegate(venue, "reopen", SYMBOL)
    assert again.exit_code == 1
    assert "not halted" in again.stderr
    assert done(tidegate(venue, "cancel-everything", SYMBOL)).startswith(f"{SYMBOL}: 1 orders canceled")


@pytest.mark.rule("API-4")
def test_a_customer_is_answered(venue: SupervisedVenue) -> None:
    """Orders, fills and an order as it was, through the public API with the account's key."""
    with venue.client() as client:
        placed = client.place(SYMBOL, Side.BUY, "50000", "0.25").order
        assert placed is not None
        client.cancel(SYMBOL, placed.client_order_id)
    account = ("--account", "demo")
    wait_until(lambda: str(placed.order_id) in tidegate(venue, "orders", SYMBOL, *account).stdout, WITHIN_S)
    (line,) = [each for each in done(tidegate(venue, "orders", SYMBOL, *account)).splitlines() if "50000.0" in each]
    assert "BUY  LIMIT GTC 0.000/0.250 at 50000.0  CANCELED (USER_REQUEST)" in line
    number = str(placed.order_id)
    before = done(tidegate(venue, "order-at", SYMBOL, number, "--sequence", str(placed.sequence), *account))
    assert before.startswith(f"as of sequence {placed.sequence}\n")
    assert " NEW " in before
    assert "CANCELED" not in before
    assert "CANCELED" in done(tidegate(venue, "order-at", SYMBOL, number, *account))
    assert "0.300 at " in done(tidegate(venue, "fills", SYMBOL, "--account", "maker"))
    assert tidegate(venue, "orders", SYMBOL).exit_code == 1
    assert "account's API key" in tidegate(venue, "orders", SYMBOL).stderr


def is_public(venue: SupervisedVenue, symbol: str) -> bool:
    """Whether a client that comes now is told of the symbol."""
    with venue.client() as client:
        return symbol in client.instruments()


@pytest.mark.rule("INS-3")
def test_old_orders_are_read_in_their_own_tick_and_lot(venue: SupervisedVenue) -> None:
    """Another tick and lot: not while orders may come in; afterwards old orders read as they were, new ones as they are
    meant, also by a client that was there before and has not been told."""
    symbol = "AVAXUSDT"
    done(tidegate(venue, "instrument", "add", symbol, "--tick", "0.01", "--lot", "0.1", "--phase", "OPEN"))
    wait_until(lambda: is_public(venue, symbol), WITHIN_S)
    sizes = ("--set", "tick_size=0.1", "--set", "lot_size=1", "--set", "position_max_lots=500")
    with venue.client(MAKER_KEY) as maker, venue.client(TAKER_KEY) as taker:
        old = maker.place(symbol, Side.BUY, "25.50", "30").order
        taker.place(symbol, Side.SELL, "25.50", "10")
        assert old is not None
        maker.cancel(symbol, old.client_order_id)
        refused = tidegate(venue, "instrument", "change", symbol, *sizes)
        assert refused.exit_code == 1
        assert refused.stderr == "tidegate: PHASE_FORBIDS: the symbol's phase does not allow this\n"
        done(tidegate(venue, "phase", symbol, "CANCEL_ONLY"))
        said = done(tidegate(venue, "instrument", "change", symbol, *sizes))
        assert "quantity_max_lots 1000000000 is now 100000000: as much as before" in said
        shown = done(tidegate(venue, "instrument", "show", symbol))
        assert "position_max_lots = 500\n" in shown
        assert "market_quantity_max_lots = 10000000\n" in shown
        time.sleep(DEFINITIONS_MAX_AGE_S)
        done(tidegate(venue, "phase", symbol, "OPEN"))
        new = maker.place(symbol, Side.BUY, "25.4", "3").order
        assert new is not None
        assert (new.price_ticks, new.quantity_lots) == (254, 3)
        for client in (maker, venue.client(MAKER_KEY)):
            read = client.order(symbol, old.client_order_id)
            assert (read.price, read.quantity, read.filled) == (Decimal("25.5"), 30, 10)
            wait_until(lambda client=client: len(client.orders(symbol)) == 2, WITHIN_S)  # type: ignore[misc]
            assert [(each.price, each.quantity) for each in client.orders(symbol)] == [
                (Decimal("25.4"), 3),
                (Decimal("25.5"), 30),
            ]
            assert [(each.price, each.quantity) for each in client.fills(symbol)] == [(Decimal("25.5"), 10)]
        client.close()
    listed = done(tidegate(venue, "orders", symbol, "--account", "maker"))
    assert " 0/3 at 25.4 " in listed
    assert " 10.0/30.0 at 25.50 " in listed
    assert "10.0 at 25.50 maker" in done(tidegate(venue, "fills", symbol, "--account", "maker"))
    assert "10.0/30.0 at 25.50" in done(tidegate(venue, "order-at", symbol, str(old.order_id), "--account", "maker"))


def test_prices_tiers_and_keys(venue: SupervisedVenue) -> None:
    """Mark and index are shown; a key that only reads does not trade and is worthless once it is revoked."""
    assert "mark 60000.5" in done(tidegate(venue, "prices", "set", SYMBOL, "--mark", "60000.5", "--index", "60000"))
    wait_until(lambda: "mark=60000.5 index=60000.0" in tidegate(venue, "status").stdout, WITHIN_S)
    off = tidegate(venue, "prices", "set", SYMBOL, "--mark", "60000.55")
    assert (off.exit_code, off.stderr.startswith("tidegate: 60000.55 is not a price")) == (1, True)
    done(tidegate(venue, "account", "tier", "demo", "retail"))
    assert "is in self-trade group 7" in done(tidegate(venue, "account", "self-trade-group", "demo", "7"))
    assert "is in no group" in done(tidegate(venue, "account", "self-trade-group", "demo", "0"))
    made = done(tidegate(venue, "key", "create", "demo", "--kind", "read-only"))
    key, key_id = (line.split()[1] for line in made.splitlines())
    assert tidegate(venue, "orders", SYMBOL, "--key", key).exit_code == 0
    done(tidegate(venue, "key", "revoke", key_id))
    deadline = time.monotonic() + WITHIN_S
    while (refused := tidegate(venue, "orders", SYMBOL, "--key", key)).exit_code == 0:
        assert time.monotonic() < deadline, "gateways may remember a key for a few seconds, not longer"
        time.sleep(0.2)
    assert "UNAUTHENTICATED" in refused.stderr
    assert "is not a kind of key" in tidegate(venue, "key", "create", "demo", "--kind", "golden").stderr

"""A consumer that is killed and comes back has exactly the events of one that never left (API-2)."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import grpc
import pytest

from tests.e2e.consumer import event, reports
from tests.venues.configuration import OPERATOR_KEY
from tests.venues.supervised import SupervisedVenue, default_venue
from tests.venues.waiting import wait_until
from tidegate.v1 import operations_service_pb2 as operations
from tidegate.v1 import operations_service_pb2_grpc

SYMBOLS = ("BTCUSDT", "ETHUSDT")
SETTLE_SECONDS_MAX = 30.0

pytestmark = pytest.mark.rule("API-2")


@pytest.mark.parametrize("kills", [15, pytest.param(100, marks=pytest.mark.long)])
def test_a_consumer_killed_again_and_again_misses_nothing(tmp_path: Path, kills: int) -> None:
    """Under load, with kill -9 of engines and of the gateway on the way: no gap, no duplicate, the same order."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    with default_venue(tmp_path) as venue:
        keys = [account_key(venue, name) for name in ("left", "right")]
        mine = tmp_path / "consumed"
        load = spawn("tests.e2e.load", venue.address, *keys, *SYMBOLS, stdin=subprocess.PIPE)
        consumer = consume(venue, keys[0], mine)
        try:
            for round_number in range(kills):
                time.sleep(rng.uniform(0.02, 0.4))
                consumer.kill()
                consumer.wait()
                if round_number % 5 == 2:
                    venue.kill(rng.choice((f"engine.{rng.choice(SYMBOLS)}", "gateway.0")))
                consumer = consume(venue, keys[0], mine)
            wait_until_serving(venue)
            wait_until(lambda: len(reports(mine)) > 5 * kills, SETTLE_SECONDS_MAX)
            load.communicate(b"\n", timeout=30)
            wait_until_settled(mine)
        finally:
            for process in (consumer, load):
                process.kill()
                process.communicate()
        whole = tmp_path / "whole"
        read_whole(venue, keys[0], whole, {symbol: last_report(mine, symbol) for symbol in SYMBOLS})
    assert len(reports(whole)) > 5 * kills
    for symbol in SYMBOLS:
        got = [event(report) for report in reports(mine) if report.symbol == symbol]
        expected = [event(report) for report in reports(whole) if report.symbol == symbol]
        assert [each for each, times in Counter(got).items() if times > 1] == []
        assert got == expected


def spawn(module: str, *arguments: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", module, *arguments], stdin=stdin)


def consume(venue: SupervisedVenue, key: str, path: Path) -> subprocess.Popen[bytes]:
    return spawn("tests.e2e.consumer", venue.address, key, str(path), *SYMBOLS)


def account_key(venue: SupervisedVenue, name: str) -> str:
    with grpc.insecure_channel(venue.address) as channel:
        stub = operations_service_pb2_grpc.OperationsServiceStub(channel)  # type: ignore[no-untyped-call]
        answer = stub.CreateAccount(
            operations.CreateAccountRequest(name=name), metadata=(("x-api-key", OPERATOR_KEY),), timeout=10
        )
        return str(answer.api_key)


def wait_until_serving(venue: SupervisedVenue) -> None:
    """Every process that was killed is back."""
    names = ("gateway.0", *(f"engine.{symbol}" for symbol in SYMBOLS))
    deadline = time.monotonic() + SETTLE_SECONDS_MAX
    while not all(venue.pid(name) for name in names):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def wait_until_settled(path: Path) -> None:
    """The consumer has had nothing new for two seconds."""
    deadline = time.monotonic() + SETTLE_SECONDS_MAX
    size, since = -1, time.monotonic()
    while time.monotonic() - since < 2.0:
        assert time.monotonic() < deadline, "events keep coming"
        if path.stat().st_size != size:
            size, since = path.stat().st_size, time.monotonic()
        time.sleep(0.05)


def read_whole(venue: SupervisedVenue, key: str, path: Path, until: dict[str, int]) -> None:
    """Everything from the beginning, in one stream, as one who never left would have it."""
    reader = spawn("tests.e2e.consumer", venue.address, key, str(path), *SYMBOLS)
    deadline = time.monotonic() + SETTLE_SECONDS_MAX
    try:
        while not path.exists() or any(last_report(path, symbol) < until[symbol] for symbol in SYMBOLS):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        wait_until_settled(path)
    finally:
        reader.kill()
        reader.wait()


def last_report(path: Path, symbol: str) -> int:
    return max((report.sequence for report in reports(path) if report.symbol == symbol), default=0)

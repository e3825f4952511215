"""subscribers: what 500 public and 50 private readers cost the engine.

The recorded Binance feed runs through a whole venue at its own speed times a factor, once with nobody
listening and once with 500 public streams and 50 drop copies of the makers' accounts. Compared is the
99th percentile of a batch's way from the command ring to the event ring, of every second of the run.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import grpc

from benchmarks import venue
from benchmarks.context import ROOT, Context, data_directory
from benchmarks.results import Result
from tests.venues.supervised import SupervisedVenue
from tidegate.v1 import operations_service_pb2 as operations
from tidegate.v1 import operations_service_pb2_grpc

FEED = ROOT.parent / "shared" / "data" / "btcusdt_20240808.gz"
PUBLIC, PRIVATE = 500, 50
PROCESSES = 2
SPEED = 2.0
LINES = 20_000
VERIFY_EVERY = 500  # the feed waits for the public book so seldom that readers do not change its pace
SAMPLE_SECONDS = 1.0
SETTLE_SECONDS = 3.0


def run(context: Context) -> list[Result]:
    """Quiet and subscribed runs in turns; nothing where the recorded feed is not there."""
    if not FEED.exists():
        context.show([f"subscribers: no recorded feed at ../shared/data/{FEED.name}"])
        return []
    quiet: list[float] = []
    heard: list[float] = []
    counted: Counter[str] = Counter()
    repetitions = min(context.repetitions, 3)
    for repetition in range(repetitions):
        context.say(f"feed without readers {repetition + 1}/{repetitions}")
        quiet.append(_feed(context, subscribed=False, counted=Counter()))
        context.say(f"feed with {PUBLIC} + {PRIVATE} readers {repetition + 1}/{repetitions}")
        heard.append(_feed(context, subscribed=True, counted=counted))
    return [
        Result(
            "subscribers.engine_p99",
            value=statistics.median(heard),
            unit="us",
            minimum=min(heard),
            maximum=max(heard),
            repetitions=repetitions,
            command="python -m benchmarks --only subscribers",
            baseline=statistics.median(quiet),
            baseline_name="no readers",
            target="ratio ≤ 1.2",
            note=f"{PUBLIC} public and {PRIVATE} private readers had {counted['messages'] // repetitions:,} messages, "
            f"{counted['bytes'] // repetitions / 1e6:,.0f} MB a run",
            details={"quiet": quiet, "heard": heard, "read": dict(counted), "speed": SPEED},
        )
    ]


def _feed(context: Context, *, subscribed: bool, counted: Counter[str]) -> float:
    """One run; the median over its seconds of the engine's p99 per batch, microseconds."""
    with data_directory() as directory, ExitStack() as stack:
        running = stack.enter_context(venue.running(directory, symbol="BTCUSDT", tick_size="0.1", lot_size="0.001"))
        lines = context.scaled(LINES, 2_000)
        command = [sys.executable, "-m", "tidegate.ops.main", "replay", "binance", str(FEED)]
        command += ["--address", running.address, "--market-data", running.market_data, "--symbol", "BTCUSDT"]
        command += ["--operator-key", venue.OPERATOR_KEY, "--limit-lines", str(lines), "--speed", str(SPEED)]
        command += ["--verify-every", str(VERIFY_EVERY)]
        log = stack.enter_context((directory / "replay.log").open("wb"))
        replay = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        stack.callback(replay.kill)
        if subscribed:
            stack.enter_context(_readers(running, counted))
        time.sleep(SETTLE_SECONDS)
        samples = list(_samples(running, replay))
        if replay.returncode or len(samples) < 5:
            raise RuntimeError(f"the feed failed: {(directory / 'replay.log').read_text()[-2000:]}")
        return statistics.median(samples)


def _samples(running: SupervisedVenue, replay: subprocess.Popen[bytes]) -> Iterator[float]:
    while replay.poll() is None:
        time.sleep(SAMPLE_SECONDS)
        shard = venue.shard(running)
        if shard.commands_per_second:
            yield float(shard.batch_p99_us)


@contextmanager
def _readers(running: SupervisedVenue, counted: Counter[str]) -> Iterator[None]:
    """500 public and 50 private streams, in three processes."""
    module = [sys.executable, "-m", "benchmarks.subscriber"]
    share = str(PUBLIC // PROCESSES)
    commands = [[*module, running.market_data, "BTCUSDT", "public", share] for _ in range(PROCESSES)]
    commands.append([*module, running.address, "BTCUSDT", "private", *_drop_copies(running)])
    readers = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for command in commands
    ]
    try:
        yield
        for reader in readers:
            out, _ = reader.communicate("", timeout=30)
            counted.update(json.loads(out))
    finally:
        for reader in readers:
            reader.kill()
            reader.wait()


def _drop_copies(running: SupervisedVenue) -> list[str]:
    """A drop copy's key for each of the first makers, over and over until there are enough."""
    with grpc.insecure_channel(running.address) as channel:
        stub = operations_service_pb2_grpc.OperationsServiceStub(channel)  # type: ignore[no-untyped-call]
        deadline = time.monotonic() + 10
        makers: list[int] = []
        while not makers and time.monotonic() < deadline:
            found = stub.ListAccounts(operations.ListAccountsRequest(page_size=1000), metadata=venue.OPERATOR)
            makers = [account.account_id for account in found.accounts if account.name.startswith("replay-")]
            time.sleep(0.2)
        keys = []
        for number in range(PRIVATE):
            wanted = operations.CreateApiKeyRequest(
                account_ids=[makers[number % len(makers)]], kind=operations.API_KEY_KIND_DROP_COPY
            )
            keys.append(stub.CreateApiKey(wanted, metadata=venue.OPERATOR).api_key)
        return keys

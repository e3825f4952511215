"""fanout: messages per second from the market data process to many readers of one book.

A scripted engine changes the book all the time; 200 streams in two processes read its depth as it comes. Beside it
a bare grpc.aio server writes as large a message to as many streams as fast as it can. What counts is messages per
second of the server's processor time, since readers and server share the machine's few processors.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks import cpu
from benchmarks.context import ROOT, Context, data_directory
from benchmarks.fanout_feed import INSTRUMENT, SYMBOL, Feed
from benchmarks.results import Result, summary
from tests.venues.ports import free_port
from tidegate.marketdata.config import MarketdataLimits, MarketdataSettings

READERS, PROCESSES = 200, 2
COMMANDS_PER_SECOND = 5_000
SECONDS = 5.0
READY_S = 20.0


def run(context: Context) -> list[Result]:
    """Ours and the bare server in turns."""
    ours: list[float] = []
    bare: list[float] = []
    runs: list[dict[str, float]] = []
    seconds = max(1.0, SECONDS * context.scale)
    with data_directory() as directory:
        feed = Feed(directory / "venue")
        try:
            for repetition in range(context.repetitions):
                turn = f"{repetition + 1}/{context.repetitions}"
                context.say(f"fanout {turn}")
                runs.append(_market_data(feed, directory, seconds))
                ours.append(runs[-1]["per_processor_second"])
                context.say(f"bare server {turn}")
                size = int(runs[-1]["bytes"] / runs[-1]["messages"])
                bare.append(_bare(directory, size, seconds)["per_processor_second"])
        finally:
            feed.close()
    middle = runs[sorted(range(len(ours)), key=ours.__getitem__)[len(ours) // 2]]
    baseline = summary(bare)
    return [
        Result(
            "fanout",
            unit="messages/cpu-s",
            command="python -m benchmarks --only fanout",
            baseline=baseline["value"],
            baseline_name="bare grpc.aio server",
            note=f"{READERS} readers: {middle['messages'] / seconds:,.0f} messages/s, "
            f"{middle['bytes'] / seconds / 1e6:.1f} MB/s, {middle['snapshots']:.0f} snapshots, "
            f"{middle['processors']:.2f} processors",
            details={"runs": runs, "bare_minimum": baseline["minimum"], "bare_maximum": baseline["maximum"]},
            **summary(ours),
        )
    ]


def _market_data(feed: Feed, directory: Path, seconds: float) -> dict[str, float]:
    """One run of the market data process, with its pace but without stepping back."""
    settings = MarketdataSettings(
        data_dir=feed.topology.data_dir,
        instruments=(INSTRUMENT,),
        port=free_port(),
        limits=MarketdataLimits(nice=0, processor_share=0.8),
    )
    with (directory / "marketdata.log").open("ab") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.fanout_server", "marketdata"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
        )
        assert server.stdin is not None
        server.stdin.write(settings.model_dump_json().encode())
        server.stdin.close()
        with _ended(server):
            return _measure(
                f"127.0.0.1:{settings.port}", server.pid, seconds, lambda s: feed.run(s, COMMANDS_PER_SECOND)
            )


def _bare(directory: Path, size: int, seconds: float) -> dict[str, float]:
    """One run of a server that does nothing but write."""
    path = directory / "message.bin"
    path.write_bytes(bytes(size))
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.fanout_server", "bare", str(path)], cwd=ROOT, stdout=subprocess.PIPE
    )
    with _ended(server):
        assert server.stdout is not None
        return _measure(f"127.0.0.1:{int(server.stdout.readline())}", server.pid, seconds, time.sleep)


def _measure(address: str, pid: int, seconds: float, meanwhile: Callable[[float], None]) -> dict[str, float]:
    """What the readers get in so many seconds, and what that costs the server."""
    with ExitStack() as stack:
        readers = [stack.enter_context(_reader(address, READERS // PROCESSES, meanwhile)) for _ in range(PROCESSES)]
        meanwhile(0.5)
        for reader in readers:
            assert reader.stdin is not None
            reader.stdin.write("\n")
            reader.stdin.flush()
        with cpu.spent({"server": pid}) as spent:
            meanwhile(seconds)
        counted: Counter[str] = Counter()
        for reader in readers:
            out, _ = reader.communicate("", timeout=30)
            counted.update(json.loads(out))
    used = sum(spent.processes["server"])
    figures = {name: float(counted[name]) for name in ("messages", "bytes", "snapshots")}
    return figures | {"per_processor_second": counted["messages"] / used, "processors": used / spent.seconds}


@contextmanager
def _reader(address: str, count: int, meanwhile: Callable[[float], None]) -> Iterator[subprocess.Popen[str]]:
    """A process of readers, each of which has had its first message."""
    reader = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.fanout_reader", address, SYMBOL, str(count)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert reader.stdout is not None
        with ThreadPoolExecutor(1) as pool:
            ready = pool.submit(reader.stdout.readline)
            deadline = time.monotonic() + READY_S
            while not ready.done():
                meanwhile(0.2)
                if time.monotonic() > deadline:
                    reader.kill()
        if ready.result() != "ready\n":
            raise RuntimeError("a process of readers has ended")
        yield reader
    finally:
        reader.kill()
        reader.wait()


@contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

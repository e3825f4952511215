"""Market data of a whole venue while its processes are killed: nothing is missed, nothing counts twice."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest

from tests.venues.supervised import default_venue
from tests.venues.waiting import wait_until
from tidegate.v1 import market_data_service_pb2 as pb
from tidegate.v1 import market_data_service_pb2_grpc as pb_grpc
from tidegate_client import SelfTradePrevention, Side, SyncClient, TidegateError, TimeInForce

SYMBOL = "BTCUSDT"
IOC, NONE = TimeInForce.IOC, SelfTradePrevention.NONE
RETRY_S = 0.05
TRADES = 400


class Follower:
    """Streams that are opened again whenever they end, in threads of their own."""

    def __init__(self, address: str) -> None:
        self.trades: list[int] = []
        self.lots = 0
        self.levels: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self.sequence = 0
        self.checked = self.snapshots = 0
        self.faults: list[str] = []
        self._address = address
        self.opened = threading.Event()
        self._done = threading.Event()
        self._threads = [
            threading.Thread(target=self._again_and_again, args=(each,))
            for each in (self._follow_trades, self._follow_depth)
        ]

    def __enter__(self) -> Follower:
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for each in self._threads:
            each.join()

    def _again_and_again(self, follow: Callable[[pb_grpc.MarketDataServiceStub], None]) -> None:
        while not self._done.is_set():
            with grpc.insecure_channel(self._address) as channel:
                try:
                    follow(pb_grpc.MarketDataServiceStub(channel))  # type: ignore[no-untyped-call]
                except grpc.RpcError as error:
                    if error.code() is grpc.StatusCode.OUT_OF_RANGE:
                        self.faults.append(f"cannot go on: {error.details()}")
            time.sleep(RETRY_S)

    def _until_done(self, call: Iterator[pb.StreamTradesResponse]) -> Iterator[pb.StreamTradesResponse]:
        for message in call:
            yield message
            if self._done.is_set():
                return

    def _follow_trades(self, stub: pb_grpc.MarketDataServiceStub) -> None:
        request = pb.StreamTradesRequest(symbol=SYMBOL, after_trade_id=self.trades[-1] if self.trades else 0)
        call = stub.StreamTrades(request, timeout=3)
        call.initial_metadata()
        self.opened.set()
        for message in self._until_done(call):
            self.trades += [each.trade_id for each in message.trades]
            self.lots += sum(each.quantity_lots for each in message.trades)

    def _follow_depth(self, stub: pb_grpc.MarketDataServiceStub) -> None:
        for message in self._until_done(stub.StreamDepth(pb.StreamDepthRequest(symbol=SYMBOL), timeout=3)):
            if message.WhichOneof("message") == "snapshot":
                self.snapshots += 1
                told, self.levels, self.sequence = message.snapshot, ({}, {}), message.snapshot.sequence
            else:
                told = message.delta
                if told.previous_sequence != self.sequence:
                    self.faults.append(f"{told.previous_sequence} after {self.sequence}")
                self.sequence = told.last_sequence
            for levels, rows in zip(self.levels, (told.bids, told.asks), strict=True):
                levels.update({row.price_ticks: row.quantity_lots for row in rows})
                for row in rows:
                    if not row.quantity_lots:
                        del levels[row.price_ticks]
            self.checked += 1
            if checksum(*self.levels) != told.checksum:
                self.faults.append(f"another book at {self.sequence}")


def checksum(bids: dict[int, int], asks: dict[int, int]) -> int:
    """As the contract says it (DepthSnapshot.checksum)."""
    sides = sorted(bids.items(), reverse=True)[:25], sorted(asks.items())[:25]
    rows = [f"{price}:{lots}" for rank in range(25) for side in sides for price, lots in side[rank : rank + 1]]
    return zlib.crc32(":".join(rows).encode())


def trade(client: SyncClient, count: int) -> int:
    """So many trades of one lot against a resting order, at prices that differ; how many were made."""
    made = 0
    for number in range(count):
        price = 50_000 + number % 7
        with contextlib.suppress(TidegateError):  # an engine that is away: what became of it, the stream will tell
            client.place(SYMBOL, Side.SELL, price, "0.002")
            client.place(SYMBOL, Side.BUY, price, "0.001", time_in_force=IOC, self_trade_prevention=NONE)
            made += 1
    return made


@pytest.mark.rule("API-3")
def test_killed_processes_leave_no_gap_and_count_nothing_twice(tmp_path: Path) -> None:
    """Trades are gap-free across kills of market data and engine, every checksum holds, and candles and ticker are
    the sum of the trades, once each; also when they are made anew, as after damage that ends the process."""
    with default_venue(tmp_path) as venue, Follower(venue.market_data) as follower:
        wait_until(lambda: follower.snapshots > 0 and follower.opened.is_set(), 30)
        with venue.client() as client:
            for victim, how in (
                ("marketdata", signal.SIGKILL),
                (f"engine.{SYMBOL}", signal.SIGKILL),
                ("marketdata", signal.SIGABRT),
            ):
                trade(client, TRADES // 4)
                venue.kill_and_wait(victim, how)
            trade(client, TRADES // 4)
        with grpc.insecure_channel(venue.market_data) as channel:
            stub = pb_grpc.MarketDataServiceStub(channel)  # type: ignore[no-untyped-call]
            wait_until(lambda: newest(stub) == follower.trades[-1], 30)
            minutes = stub.ListCandles(pb.ListCandlesRequest(symbol=SYMBOL)).candles
            days = stub.ListCandles(pb.ListCandlesRequest(symbol=SYMBOL, interval=pb.CANDLE_INTERVAL_1D)).candles
            (ticker,) = stub.GetTickers(pb.GetTickersRequest(symbols=[SYMBOL])).tickers
            depth = stub.GetDepth(pb.GetDepthRequest(symbol=SYMBOL, levels=5000)).depth
            wait_until(lambda: checksum(*follower.levels) == depth.checksum, 30)
        count = follower.trades[-1]
        assert follower.trades == list(range(1, count + 1))
        assert count >= TRADES // 2
        for candles in (minutes, days):
            assert sum(each.trades for each in candles) == count
            assert sum(each.volume_lots for each in candles) == follower.lots
            assert max(each.last_trade_id for each in candles) == count
        assert (ticker.trades, ticker.volume_lots) == (count, follower.lots)
        assert follower.faults == []
        assert follower.checked > 100
        venue.stop()
        log = (venue.config.topology.data_dir / "log" / "marketdata.log").read_text()
        assert log.count("candles of all symbols are made anew") == 1


def newest(stub: pb_grpc.MarketDataServiceStub) -> int:
    """The last trade that candles count; 0 while the service is away."""
    with contextlib.suppress(grpc.RpcError):
        candles = stub.ListCandles(pb.ListCandlesRequest(symbol=SYMBOL)).candles
        return max((each.last_trade_id for each in candles), default=0)
    return 0

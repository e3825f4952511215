"""What a symbol's public phase stream tells while an operator reopens it: indicative prices, the result."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal

import grpc

from tidegate.ops.calls import Venue, describe
from tidegate.v1 import market_data_service_pb2 as pb
from tidegate.v1 import types_pb2
from tidegate.wire.instruments import Instrument

TOLD_WITHIN_S = 10.0  # market data that has not told by now is taken for away


class PhaseWatch:
    """The stream of one symbol, read in a thread of its own."""

    def __init__(self, public: Venue, instrument: Instrument) -> None:
        self._address = public.address
        self._instrument = instrument
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._told = ""
        self._follows = threading.Event()
        self._open_from = 0
        request = pb.StreamPhasesRequest(symbol=instrument.symbol)
        self._call = public.market_data.StreamPhases(request)
        self._thread = threading.Thread(target=self._read, name="phase watch", daemon=True)
        self._thread.start()

    def lines(self) -> Iterator[str]:
        """What has been told since the last call; what is as it was is not told again."""
        while not self._lines.empty():
            line = self._lines.get()
            if line != self._told:
                self._told = line
                yield line

    def until_following(self) -> None:
        """Waits until nothing that happens from now on is missed; not for long when market data is away."""
        self._follows.wait(TOLD_WITHIN_S)

    def until_open(self, sequence: int, say: Callable[[str], None]) -> None:
        """Shows what comes until the symbol has opened at `sequence` or later; not for long when market data is away.

        An opening before that one may still be on its way: market data lags.
        """
        deadline = time.monotonic() + TOLD_WITHIN_S
        while time.monotonic() < deadline and self._thread.is_alive() and self._open_from < sequence:
            time.sleep(0.05)
        for line in self.lines():
            say(line)

    def close(self) -> None:
        """Ends the stream."""
        self._call.cancel()
        self._thread.join()

    def _read(self) -> None:
        try:
            for news in self._call:
                self._follows.set()
                if news.HasField("auction"):
                    self._lines.put(self._auction_line(news.auction))
                elif news.HasField("phase") and news.phase == types_pb2.PHASE_OPEN:
                    self._open_from = news.sequence
        except grpc.RpcError as error:
            if not isinstance(error, grpc.Call) or error.code() is not grpc.StatusCode.CANCELLED:
                self._lines.put(f"  no indicative price: {describe(self._address, error)}")
        finally:
            self._follows.set()

    def _auction_line(self, auction: pb.Auction) -> str:
        kind = "uncrossed" if auction.final else "indicative"
        if not auction.price_ticks:
            return f"  {kind}: no trade, the book does not cross"
        price = Decimal(auction.price_ticks) * self._instrument.tick_size
        quantity = Decimal(auction.quantity_lots) * self._instrument.lot_size
        imbalance = Decimal(auction.imbalance_lots) * self._instrument.lot_size
        return f"  {kind}: {quantity:f} at {price:f}, bids less asks {imbalance:+f}"

"""Two accounts that trade with each other in several symbols until they are told to stop.

usage: python -m tests.e2e.load ADDRESS KEY_A KEY_B SYMBOL... ; the first line on standard input ends it.
"""

from __future__ import annotations

import contextlib
import itertools
import random
import sys
import threading

import grpc

from tidegate.v1 import order_service_pb2 as orders
from tidegate.v1 import order_service_pb2_grpc
from tidegate.v1 import types_pb2 as types

PRICE = 1_000_000
BATCH = 20


def batch(rng: random.Random, symbols: list[str], ids: itertools.count[int]) -> orders.SubmitBatchRequest:
    """Orders around one price, so that many trade, and now and then a cancel-all."""
    request = orders.SubmitBatchRequest(request_id=next(ids))
    for _ in range(BATCH):
        symbol = rng.choice(symbols)
        if rng.random() < 0.02:
            request.commands.add(cancel_all=orders.CancelAllRequest(symbol=symbol))
            continue
        place = orders.PlaceOrderRequest(
            symbol=symbol,
            client_order_id=next(ids),
            side=rng.choice((types.SIDE_BUY, types.SIDE_SELL)),
            type=types.ORDER_TYPE_LIMIT,
            time_in_force=rng.choice((types.TIME_IN_FORCE_GTC, types.TIME_IN_FORCE_IOC)),
            price_ticks=PRICE + rng.randint(-5, 5),
            quantity_lots=rng.randint(1_000, 5_000),
        )
        request.commands.add(place=place)
    return request


def trade(address: str, api_key: str, symbols: list[str], seed: int, stop: threading.Event) -> None:
    """One account, whatever dies meanwhile."""
    rng, ids = random.Random(seed), itertools.count(seed * 1_000_000_000 + 1)
    with grpc.insecure_channel(address) as channel:
        stub = order_service_pb2_grpc.OrderServiceStub(channel)  # type: ignore[no-untyped-call]
        while not stop.is_set():
            with contextlib.suppress(grpc.RpcError):
                stub.SubmitBatch(batch(rng, symbols, ids), metadata=(("x-api-key", api_key),), timeout=2)
            stop.wait(0.005)


def main() -> None:
    """Both accounts, a thread each."""
    address, first, second, *symbols = sys.argv[1:]
    stop = threading.Event()
    threads = [
        threading.Thread(target=trade, args=(address, key, symbols, seed, stop))
        for seed, key in enumerate((first, second), 1)
    ]
    for thread in threads:
        thread.start()
    sys.stdin.readline()
    stop.set()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()

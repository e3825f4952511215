"""Many readers of one venue in one process: public streams, or drop copies of accounts.

python -m benchmarks.subscriber MARKET_DATA SYMBOL public N
python -m benchmarks.subscriber GATEWAY SYMBOL private API_KEY...
Reads raw bytes and counts; prints {"messages", "bytes"} as JSON when its standard input ends.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter

import grpc.aio
import uvloop

from tidegate.v1 import account_service_pb2, market_data_service_pb2
from tidegate.wire.lifetime import end_with_parent

MARKET_DATA = "/tidegate.v1.MarketDataService"
DROP_COPY = "/tidegate.v1.AccountService/StreamDropCopy"
STREAMS_PER_CHANNEL = 50
NICE = 10  # the venue's clients live on other machines


def public_calls(symbol: str, count: int) -> list[tuple[str, bytes, str]]:
    """Half of them depth (half of those conflated to 100 ms), a quarter trades, the rest top of book."""
    depth = market_data_service_pb2.StreamDepthRequest(symbol=symbol).SerializeToString()
    slow = market_data_service_pb2.StreamDepthRequest(symbol=symbol, interval_ms=100).SerializeToString()
    trades = market_data_service_pb2.StreamTradesRequest(symbol=symbol).SerializeToString()
    top = market_data_service_pb2.StreamTopOfBookRequest(symbols=[symbol]).SerializeToString()
    kinds = [("StreamDepth", depth), ("StreamTrades", trades), ("StreamDepth", slow), ("StreamTopOfBook", top)]
    return [(f"{MARKET_DATA}/{kinds[n % 4][0]}", kinds[n % 4][1], "") for n in range(count)]


async def follow(channel: grpc.aio.Channel, call: tuple[str, bytes, str], counted: Counter[str]) -> None:
    """One stream until it is cancelled; one that is closed is opened again."""
    method, request, key = call
    metadata = (("x-api-key", key),) if key else ()
    while True:
        try:
            stream = channel.unary_stream(method)(request, metadata=metadata)  # type: ignore[call-arg]
            async for message in stream:
                counted["messages"] += 1
                counted["bytes"] += len(message)
        except grpc.aio.AioRpcError as error:
            counted[f"closed {error.code().name}"] += 1
            await asyncio.sleep(0.5)


async def main() -> None:
    """Until standard input ends."""
    address, symbol, kind, *rest = sys.argv[1:]
    if kind == "public":
        calls = public_calls(symbol, int(rest[0]))
    else:
        request = account_service_pb2.StreamDropCopyRequest().SerializeToString()
        calls = [(DROP_COPY, request, key) for key in rest]
    counted: Counter[str] = Counter()
    options = (("grpc.max_receive_message_length", -1), ("grpc.use_local_subchannel_pool", 1))
    channels = [
        grpc.aio.insecure_channel(address, options=options) for _ in range(-(-len(calls) // STREAMS_PER_CHANNEL))
    ]
    tasks = [
        asyncio.create_task(follow(channels[number // STREAMS_PER_CHANNEL], call, counted))
        for number, call in enumerate(calls)
    ]
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()
    print(json.dumps(counted), flush=True)
    os._exit(0)


if __name__ == "__main__":
    end_with_parent(os.getppid(), 0.5)
    os.nice(NICE)
    uvloop.run(main())

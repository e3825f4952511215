"""Many depth streams in one process, read as raw bytes: python -m benchmarks.fanout_reader ADDRESS SYMBOL N.

Prints "ready" when every stream has had a message, then {"messages", "bytes", "conflated"} as JSON, counted since
a line came in on standard input, when that ends.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter

import grpc.aio
import uvloop

from tidegate.v1 import market_data_service_pb2 as pb
from tidegate.wire.lifetime import end_with_parent

METHOD = "/tidegate.v1.MarketDataService/StreamDepth"
STREAMS_PER_CHANNEL = 25


async def follow(channel: grpc.aio.Channel, request: bytes, counted: Counter[str], begun: asyncio.Semaphore) -> None:
    """One stream until the process ends."""
    stream = channel.unary_stream(METHOD)(request, wait_for_ready=True)  # type: ignore[call-arg]
    first = True
    async for message in stream:
        if first:
            begun.release()
            first = False
        counted["messages"] += 1
        counted["bytes"] += len(message)
        counted["snapshots"] += message[0] == pb.StreamDepthResponse.SNAPSHOT_FIELD_NUMBER << 3 | 2


async def main() -> None:
    """Until standard input ends."""
    address, symbol, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    request = pb.StreamDepthRequest(symbol=symbol).SerializeToString()
    counted: Counter[str] = Counter()
    begun = asyncio.Semaphore(0)
    options = (("grpc.use_local_subchannel_pool", 1),)
    channels = [grpc.aio.insecure_channel(address, options=options) for _ in range(-(-count // STREAMS_PER_CHANNEL))]
    tasks = [
        asyncio.create_task(follow(channels[number // STREAMS_PER_CHANNEL], request, counted, begun))
        for number in range(count)
    ]
    for _ in tasks:
        await begun.acquire()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    counted.clear()
    await asyncio.to_thread(sys.stdin.readline)
    print(json.dumps(counted), flush=True)
    os._exit(0)


if __name__ == "__main__":
    end_with_parent(os.getppid(), 0.5)
    uvloop.run(main())

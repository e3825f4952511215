"""A bare grpc.aio server that answers with bytes it was given, to measure what gRPC itself costs.

python -m benchmarks.echo FILE: FILE holds the answer. Listens on a free port of 127.0.0.1 and prints it.
uvloop, no (de)serialisers, one coroutine per stream: the least that a grpc.aio service can do.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import grpc.aio
import uvloop

from benchmarks.context import ROOT
from tidegate.wire.lifetime import end_with_parent

SERVICE = "benchmarks.Echo"


async def serve(answer: bytes) -> None:
    """Until the process is ended."""

    async def stream(_request: AsyncIterator[bytes], context: grpc.aio.ServicerContext[bytes, bytes]) -> None:
        while await context.read() is not grpc.aio.EOF:  # type: ignore[attr-defined]
            await context.write(answer)

    async def unary(_request: bytes, _context: object) -> bytes:
        return answer

    server = grpc.aio.server()
    handlers = {
        "Stream": grpc.stream_stream_rpc_method_handler(stream),
        "Unary": grpc.unary_unary_rpc_method_handler(unary),
    }
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, handlers)])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    await server.wait_for_termination()


@contextmanager
def running(answer: bytes, directory: Path) -> Iterator[tuple[str, int]]:
    """An echo in a process of its own: its address and its process id."""
    path = directory / "answer.bin"
    path.write_bytes(answer)
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.echo", str(path)], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield f"127.0.0.1:{int(process.stdout.readline())}", process.pid
    finally:
        process.terminate()
        process.wait(timeout=10)


if __name__ == "__main__":
    end_with_parent(os.getppid(), 0.5)
    uvloop.install()
    asyncio.run(serve(Path(sys.argv[1]).read_bytes()))

"""The market data process alone, or a bare grpc.aio server that streams the same bytes: what `fanout` compares.

python -m benchmarks.fanout_server marketdata < settings.json    MarketdataSettings
python -m benchmarks.fanout_server bare MESSAGE_FILE             any method; each stream gets the message endlessly
Prints the port when the bare server listens.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import grpc
import grpc.aio
import uvloop

from tidegate.marketdata.config import MarketdataSettings
from tidegate.marketdata.main import serve_until_terminated
from tidegate.wire.lifetime import end_with_parent


class EndlessHandlers(grpc.GenericRpcHandler):  # type: ignore[type-arg]
    """Answers every method with a stream of one message: the least that a server of streams can do."""

    def __init__(self, message: bytes) -> None:
        async def stream(_request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> None:
            while True:
                await context.write(message)

        self._handler = grpc.unary_stream_rpc_method_handler(stream)

    def service(self, _details: object) -> grpc.RpcMethodHandler[bytes, bytes]:
        """The same for all."""
        return self._handler


async def serve_bare(message: bytes) -> None:
    """Until the process is ended."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers([EndlessHandlers(message)])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    end_with_parent(os.getppid(), 0.5)
    if sys.argv[1] == "bare":
        uvloop.run(serve_bare(Path(sys.argv[2]).read_bytes()))
    else:
        uvloop.run(serve_until_terminated(MarketdataSettings.model_validate_json(sys.stdin.read())))

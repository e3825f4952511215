"""How calls come in: how many at a time, of one peer and of all, and how long they may take to say what they want.

gRPC hands a call over when its headers are there. Nobody needs a key here, and a client that sends nothing after them
would cost a call of which nobody knows; so every method is registered as one that reads its own request: the call is
counted from its headers on, and its message has to come in time. Streams are counted apart from all other calls, so
that whoever has its share of streams open can still ask.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any

import grpc

from tidegate.marketdata.calls import Context, abort
from tidegate.marketdata.config import MarketdataLimits
from tidegate.marketdata.errors import RefusedError, malformed, too_many
from tidegate.marketdata.turns import Turns
from tidegate.v1 import types_pb2

if TYPE_CHECKING:
    RpcHandler = grpc.RpcMethodHandler[Any, Any]

EOF: object = grpc.aio.EOF  # type: ignore[attr-defined]
CONVERSATION_SECONDS_MAX = 30.0


class Share:
    """Calls of one kind that are under way: so many of all peers, so many of one."""

    def __init__(self, most: int, peer_most: int) -> None:
        self._most = most
        self._peer_most = peer_most
        self._of_peer: Counter[str] = Counter()
        self._count = 0

    def take(self, peer: str) -> RefusedError | None:
        """Counts a call until give_back(), unless it is refused."""
        if self._of_peer.get(peer, 0) >= self._peer_most:
            return too_many(types_pb2.REASON_TOO_MANY_CONNECTIONS, self._peer_most, "of one peer")
        if self._count >= self._most:
            return too_many(types_pb2.REASON_TOO_MANY_SESSIONS, self._most, "at a time")
        self._count += 1
        self._of_peer[peer] += 1
        return None

    def give_back(self, peer: str) -> None:
        """The call has ended."""
        self._count -= 1
        self._of_peer[peer] -= 1
        if not self._of_peer[peer]:
            del self._of_peer[peer]


class Admission:
    """Makes gRPC handlers of methods."""

    def __init__(self, limits: MarketdataLimits) -> None:
        self._streams = Share(limits.subscribers_max, limits.peer_subscribers_max)
        self._calls = Share(limits.calls_max, limits.peer_calls_max)
        self._turns = Turns(limits.peer_processor_share)
        self._first_message_s = limits.first_message_ms / 1000

    def unary(self, method: Callable[[bytes], bytes]) -> RpcHandler:
        """One request, one response, both bytes. A RefusedError of the method becomes the call's status."""

        async def answer(request: bytes, context: Context) -> bytes:
            return await self._turns.take(address(context), lambda: method(request))

        return grpc.stream_unary_rpc_method_handler(self._admitting(self._calls, answer))

    def stream(self, method: Callable[[bytes, Context], Awaitable[None]]) -> RpcHandler:
        """A long call: the method writes until it ends."""
        return grpc.stream_stream_rpc_method_handler(self._admitting(self._streams, method))

    def other(
        self, method: Callable[[Any, Context], Awaitable[Any]], request: Any, response: Any, *, streams: bool
    ) -> RpcHandler:
        """Of another service: one request, then one response, or as many as the method writes."""

        async def answer(message: bytes, context: Context) -> Any:
            return await method(request.FromString(message), context)

        make = grpc.stream_stream_rpc_method_handler if streams else grpc.stream_unary_rpc_method_handler
        return make(self._admitting(self._calls, answer), response_serializer=response.SerializeToString)

    def conversation(self, method: Callable[[Any, Context], Any], request: Any, response: Any) -> RpcHandler:
        """Of another service, in several requests: it ends after a while."""

        async def called(requests: Any, context: Context) -> None:
            async with self._taken(self._calls, context):
                try:
                    async with asyncio.timeout(CONVERSATION_SECONDS_MAX):
                        async for answer in method(requests, context):
                            await context.write(answer)
                except TimeoutError as error:
                    raise malformed("the conversation has taken too long") from error

        return grpc.stream_stream_rpc_method_handler(
            called, request_deserializer=request.FromString, response_serializer=response.SerializeToString
        )

    def _admitting(
        self, share: Share, method: Callable[[bytes, Context], Awaitable[Any]]
    ) -> Callable[[Any, Any], Awaitable[Any]]:
        async def called(_: object, context: Context) -> Any:
            async with self._taken(share, context):
                return await method(await self._first_message(context), context)

        return called

    @contextlib.asynccontextmanager
    async def _taken(self, share: Share, context: Context) -> AsyncIterator[None]:
        """Room for a call, or its end with a refusal."""
        peer = address(context)
        refusal = share.take(peer)
        if refusal is not None:
            await abort(context, refusal)
        try:
            yield
        except RefusedError as refused:
            # To a client that does not read, the status waits behind what it has not taken: so long it has its room.
            await abort(context, refused)
        finally:
            share.give_back(peer)

    async def _first_message(self, context: Any) -> bytes:
        try:
            async with asyncio.timeout(self._first_message_s):
                message = await context.read()
        except TimeoutError as error:
            raise malformed("no message came in time") from error
        if message is EOF:
            raise malformed("the call ended without a message")
        return bytes(message)


def address(context: Context) -> str:
    """The peer's address without its port: connections are cheap to whoever wants many."""
    return str(context.peer()).rpartition(":")[0]

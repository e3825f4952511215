"""How calls come in: who may, how many at a time, and how long they may take to say what they want.

gRPC hands a call over when its headers are there. A client that sends nothing after them costs a call of the
few that a server holds at a time, so every method here is registered as one that reads its own requests: the
key is checked from the headers alone, the call is counted for its key and for its peer, and the first message
has to come in time. Calls without a key (health, reflection) are counted apart and are the first to be refused.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
import structlog

from tidegate.gateway import refusals
from tidegate.gateway.authentication import Authenticator, Principal, Role
from tidegate.gateway.config import GatewayLimits
from tidegate.gateway.errors import RefusedError, fault
from tidegate.v1 import types_pb2

if TYPE_CHECKING:
    Context = grpc.aio.ServicerContext[Any, Any]
    RpcHandler = grpc.RpcMethodHandler[Any, Any]

UnaryMethod = Callable[[Principal, bytes], Awaitable[bytes]]
StreamMethod = Callable[[Principal, "Context", bytes], Awaitable[None]]

EOF: object = grpc.aio.EOF  # type: ignore[attr-defined]
ABORT_SECONDS_MAX = 0.5

log = structlog.get_logger(__name__)


class Admission:
    """Makes the gRPC handlers of a gateway out of its methods."""

    def __init__(self, authenticator: Authenticator, limits: GatewayLimits) -> None:
        self.authenticator = authenticator
        self._limits = limits
        self._of_key: Counter[bytes] = Counter()
        self._of_peer: Counter[str] = Counter()
        self._anonymous: Counter[str] = Counter()

    def open_calls(self) -> int:
        """Calls and streams with a key that are under way."""
        return self._of_peer.total()

    def unary(self, role: Role, method: UnaryMethod) -> RpcHandler:
        """One request, one response, both bytes. What the method raises ends the call as a refusal."""

        async def called(_: object, context: Context) -> Any:
            try:
                caller = self.authenticator.admit(context, role)
                calls_max = self._limits.tier(caller.tier).calls_max
                with self._counted(self._of_key, caller.digest, calls_max), self._counted_peer(context):
                    return await method(caller, await self._first_message(context))
            except RefusedError as refused:
                refusal = refused
            except Exception:
                log.exception("call failed")
                refusal = fault()
            return await refusals.abort(context, refusal, self._limits.retry_delay_ms)

        return grpc.stream_unary_rpc_method_handler(called)

    def stream(self, role: Role, method: StreamMethod) -> RpcHandler:
        """A long call. The method gets the first message and ends when the call does."""

        async def called(_: object, context: Context) -> None:
            try:
                caller = self.authenticator.admit(context, role)
                with self._counted_peer(context):
                    await method(caller, context, await self._first_message(context))
            except RefusedError as refusal:
                await self._abort(context, refusal)
            except Exception:
                log.exception("stream failed")
                await self._abort(context, fault())

        return grpc.stream_stream_rpc_method_handler(called)

    def without_key(
        self, method: Callable[[Any, Context], Awaitable[Any]], request: Any, response: Any, *, streams: bool
    ) -> RpcHandler:
        """For what anybody may ask: one request, then one response, or as many as the method writes."""

        async def called(_: object, context: Context) -> Any:
            try:
                with self._counted_anonymous(context):
                    return await method(request.FromString(await self._first_message(context)), context)
            except RefusedError as refused:
                return await refusals.abort(context, refused, self._limits.retry_delay_ms)

        make = grpc.stream_stream_rpc_method_handler if streams else grpc.stream_unary_rpc_method_handler
        return make(called, response_serializer=response.SerializeToString)

    def conversation(self, method: Callable[[Any, Context], Any], request: Any, response: Any) -> RpcHandler:
        """For what anybody may ask in several requests: it ends after a while."""

        async def called(requests: Any, context: Context) -> None:
            try:
                with self._counted_anonymous(context):
                    async with asyncio.timeout(self._limits.conversation_ms / 1000):
                        async for answer in method(requests, context):
                            await context.write(answer)
            except TimeoutError:
                refusal = RefusedError(types_pb2.REASON_MISSING_FIELD, "the conversation has taken too long")
                await self._abort(context, refusal)
            except RefusedError as refusal:
                await self._abort(context, refusal)

        return grpc.stream_stream_rpc_method_handler(
            called, request_deserializer=request.FromString, response_serializer=response.SerializeToString
        )

    async def _first_message(self, context: Context) -> bytes:
        try:
            async with asyncio.timeout(self._limits.first_message_ms / 1000):
                message = await context.read()
        except TimeoutError as error:
            raise RefusedError(types_pb2.REASON_MALFORMED_MESSAGE, "no message came in time") from error
        if message is EOF:
            raise RefusedError(types_pb2.REASON_MALFORMED_MESSAGE, "the call ended without a message")
        return bytes(message)

    async def _abort(self, context: Context, refusal: RefusedError) -> None:
        # To a client that does not read, the status waits behind what it has not taken: the call ends here
        # all the same.
        with contextlib.suppress(TimeoutError):
            abort = refusals.abort(context, refusal, self._limits.retry_delay_ms)
            await asyncio.wait_for(abort, ABORT_SECONDS_MAX)

    def _counted_peer(self, context: Context) -> contextlib.AbstractContextManager[None]:
        return self._counted(self._of_peer, address(context), self._limits.peer_calls_max)

    @contextlib.contextmanager
    def _counted_anonymous(self, context: Context) -> Iterator[None]:
        if self._anonymous.total() >= self._limits.anonymous_calls_max:
            raise RefusedError(types_pb2.REASON_TOO_MANY_CONNECTIONS, "too many calls without a key")
        with self._counted(self._anonymous, address(context), self._limits.anonymous_peer_calls_max):
            yield

    @contextlib.contextmanager
    def _counted(self, counter: Counter[Any], what: bytes | str, most: int) -> Iterator[None]:
        if counter[what] >= most:
            message = f"no more than {most} calls at a time"
            raise RefusedError(types_pb2.REASON_TOO_MANY_CONNECTIONS, message, details={"limit": str(most)})
        counter[what] += 1
        try:
            yield
        finally:
            counter[what] -= 1
            if not counter[what]:
                del counter[what]


def address(context: Context) -> str:
    """The peer's address without its port: connections are cheap to whoever wants many."""
    return str(context.peer()).rpartition(":")[0]

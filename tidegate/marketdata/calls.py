"""What every handler does: read a request from raw bytes, and end the call with a status when it is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NoReturn, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message

from tidegate.marketdata.errors import RefusedError
from tidegate.v1 import types_pb2

Context = grpc.aio.ServicerContext[bytes, bytes]
Request = TypeVar("Request", bound=Message)


def refusing(method: Callable[[bytes], bytes]) -> Callable[[bytes, Context], Awaitable[bytes]]:
    """A unary handler whose RefusedError becomes the call's status."""

    async def handler(request: bytes, context: Context) -> bytes:
        try:
            return method(request)
        except RefusedError as refused:
            await abort(context, refused)

    return handler


def refusing_stream(
    method: Callable[[bytes, Context], Awaitable[None]],
) -> Callable[[bytes, Context], Awaitable[None]]:
    """The same of a stream."""

    async def handler(request: bytes, context: Context) -> None:
        try:
            await method(request, context)
        except RefusedError as refused:
            await abort(context, refused)

    return handler


async def abort(context: Context, refused: RefusedError) -> NoReturn:
    """Ends a call with a refusal."""
    status = refused.status()
    metadata: Any = status.trailing_metadata
    await context.abort(refused.code, str(refused), metadata)


def parse(kind: type[Request], message: bytes) -> Request:
    """The request. Raises RefusedError when the bytes are not one."""
    try:
        return kind.FromString(message)
    except DecodeError as error:
        raise RefusedError(
            grpc.StatusCode.INVALID_ARGUMENT, types_pb2.REASON_MALFORMED_MESSAGE, f"not a {kind.__name__}"
        ) from error

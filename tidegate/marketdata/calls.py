"""What every handler does: read a request from raw bytes, and end the call with a status when it is refused."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message

from tidegate.marketdata.errors import RefusedError, malformed

Context = grpc.aio.ServicerContext[bytes, bytes]
Request = TypeVar("Request", bound=Message)


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
        raise malformed(f"not a {kind.__name__}") from error

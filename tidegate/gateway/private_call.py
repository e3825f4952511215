"""Calls to the venue's own processes on Unix sockets: how they fail, in the words that a client understands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import grpc
import grpc.aio

from tidegate.gateway import refusals
from tidegate.gateway.errors import RefusedError
from tidegate.v1 import types_pb2

AWAY = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED}

Request = TypeVar("Request")
Response = TypeVar("Response")


def private_channel(socket: Path) -> grpc.aio.Channel:
    """A channel to a process of this venue."""
    # The reconnect delay is short because the process is on this machine and is restarted at once.
    options = (
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 500),
        ("grpc.max_receive_message_length", -1),
    )
    return grpc.aio.insecure_channel(f"unix:{socket}", options=options)


async def private_call(
    method: Callable[..., Awaitable[Response]], request: Request, *, seconds: float, away: RefusedError
) -> Response:
    """The answer. Raises RefusedError: the one of the process itself (trailing metadata "reason"), or `away`."""
    try:
        return await method(request, timeout=seconds)
    except grpc.aio.AioRpcError as error:
        trailing: dict[str, Any] = dict(error.trailing_metadata())  # type: ignore[arg-type]
        if "reason" in trailing:
            reason = refusals.reason_of(trailing["reason"])
            outcome = away.outcome if reason == away.reason else types_pb2.OUTCOME_NOT_APPLIED
            raise RefusedError(reason, error.details() or "", outcome=outcome) from error
        if error.code() in AWAY:
            raise away from error
        message = "a process of the venue has failed"
        raise RefusedError(types_pb2.REASON_INTERNAL, message, outcome=types_pb2.OUTCOME_UNKNOWN) from error

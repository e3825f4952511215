"""Channels, the API key, and how long to wait before trying again."""

from __future__ import annotations

import random
from collections.abc import Iterator

import grpc
import grpc.aio

API_KEY = "x-api-key"

# A channel of its own per connection: after a reconnect the next gateway behind the same port may answer.
OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.max_receive_message_length", 64 << 20),
    ("grpc.max_send_message_length", 16 << 20),
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 250),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 3_000),
    ("grpc.enable_retries", 0),
)


def open_channel(address: str) -> grpc.aio.Channel:
    """A channel without transport security: the venue listens on the local machine or behind a proxy."""
    return grpc.aio.insecure_channel(address, options=OPTIONS)


def metadata(api_key: str) -> tuple[tuple[str, str], ...]:
    """What every call of an account carries."""
    return ((API_KEY, api_key),) if api_key else ()


def backoff_s(first_s: float = 0.05, last_s: float = 1.0) -> Iterator[float]:
    """Waiting times: doubling, each drawn between half of it and all of it, so that clients do not come in step."""
    step = first_s
    while True:
        yield step * random.uniform(0.5, 1.0)
        step = min(step * 2, last_s)

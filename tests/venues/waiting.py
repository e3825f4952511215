"""Waiting for what other processes do."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from tidegate_client import TidegateError

LOOK_S = 0.02

Result = TypeVar("Result")


def wait_until(condition: Callable[[], object], within_s: float, why: Callable[[], str] = lambda: "") -> None:
    """Until the condition holds; `why` tells what to know when it does not in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not in time {why()}"
        time.sleep(LOOK_S)


def eventually(action: Callable[[], Result], within_s: float = 30.0) -> Result:
    """The action's result, tried again while the venue is not whole."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            return action()
        except TidegateError:
            if time.monotonic() > deadline:
                raise
            time.sleep(LOOK_S)

"""LOBSTER files, through the running venue."""

from __future__ import annotations

from tidegate.ops.replay.config import LobsterSettings


async def replay(settings: LobsterSettings) -> bool:
    """Replay the files, print the summary; whether everything was as it must be."""
    raise NotImplementedError(settings)

"""Settings of a replay."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class ReplaySettings(BaseModel):
    """What both kinds of replay need to know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Path
    address: str = "127.0.0.1:7400"
    market_data: str = "127.0.0.1:7401"
    operator_key: str = Field(repr=False)
    symbol: str
    limit_lines: int = Field(default=0, ge=0)
    """Read only so many lines; 0: all."""
    speed: float = Field(default=0.0, ge=0.0)
    """Times as fast as it was recorded; 0: as fast as the venue takes it."""
    verify_every: int = Field(default=10, ge=1)
    """Wait for the public book at every so-many-th recorded state, so that it can be compared."""
    window: int = Field(default=2000, ge=1)
    """Most commands without an answer."""
    message_commands_max: int = Field(default=200, ge=1)
    keep: bool = False
    """Leave the book as it is at the end."""


class LobsterSettings(ReplaySettings):
    """What LOBSTER files need besides."""

    orderbook: Path | None = None
    tick: int = Field(default=100, ge=1)
    """One tick of the instrument, in the file's unit of 1/10,000 dollar."""

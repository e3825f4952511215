"""Settings of the market data process."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from tidegate.wire.instruments import Instrument
from tidegate.wire.topology import GATEWAYS_MAX, Topology


class MarketdataLimits(BaseModel):
    """Bounds on what readers can make the process hold, and its pace."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    publish_interval_ms: int = Field(default=5, ge=0, le=1000)
    """Least time between two messages of one stream under load; what happens in between goes into one."""
    trades_retained_max: int = Field(default=10_000, ge=1)
    """Recent trades per symbol from which a stream may resume."""
    depth_backlog_max: int = Field(default=256, ge=1)
    """Deltas that wait for one reader; more are replaced by one snapshot."""
    trades_backlog_max: int = Field(default=20_000, ge=1)
    """Trades that wait for one reader; more close its stream."""
    subscribers_max: int = Field(default=4096, ge=1)
    """Streams served at once, all symbols together."""
    answer_timeout_ms: int = Field(default=1000, ge=10)
    """After this long without the engine's answer the whole book is asked for again."""
    drain_grace_ms: int = Field(default=1000, ge=0)
    """How long open calls may go on after SIGTERM."""


class MarketdataSettings(BaseModel):
    """The process that serves MarketDataService."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Path
    gateways: int = Field(default=1, ge=1, le=GATEWAYS_MAX)
    instruments: tuple[Instrument, ...]
    host: str = "127.0.0.1"
    port: int = Field(default=7401, ge=0, le=65535)
    limits: MarketdataLimits = MarketdataLimits()

    @property
    def topology(self) -> Topology:
        """Where everything of the venue is."""
        return Topology(data_dir=self.data_dir, gateways=self.gateways, instruments=self.instruments)

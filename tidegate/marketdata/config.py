"""Settings of the market data process."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tidegate.wire.instruments import Instrument
from tidegate.wire.topology import GATEWAYS_MAX, Topology

TRADES_PER_MESSAGE_MAX = 1000


class MarketdataLimits(BaseModel):
    """Bounds on what readers can make the process hold, and its pace."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    publish_interval_ms: int = Field(default=5, ge=0, le=1000)
    """Least time between two messages of one stream; what happens in between goes into one."""
    publish_interval_max_ms: int = Field(default=250, ge=1, le=10_000)
    """The same when there are so many readers that processor_share would be passed."""
    processor_share: float = Field(default=0.25, gt=0, le=8)
    """Processors that the process may take before it tells readers less often."""
    nice: int = Field(default=10, ge=0, le=19)
    """How far the process steps back behind the engines and gateways of the machine."""
    trades_retained_max: int = Field(default=10_000, ge=1)
    """Recent trades, and liquidations, per symbol from which a stream may resume."""
    news_retained_max: int = Field(default=10_000, ge=1)
    """Recent phases, auctions and definitions per symbol from which a stream may resume."""
    candles_retained_max: int = Field(default=100_000, ge=1500)
    """How many intervals back candles are kept, per symbol and interval."""
    commit_interval_s: float = Field(default=5.0, gt=0)
    """How often candles are written to disk. What is not there yet comes from the journal after a restart."""
    depth_backlog_max: int = Field(default=256, ge=1)
    """Deltas that wait for one reader; more are replaced by one snapshot."""
    trades_backlog_max: int = Field(default=20_000, ge=1)
    """Trades, or news, that wait for one reader; more close its stream."""
    subscribers_max: int = Field(default=4096, ge=1)
    """Streams served at once, all symbols together."""
    peer_subscribers_max: int = Field(default=1024, ge=1)
    """Of these, of one peer address; a proxy is one peer."""
    calls_max: int = Field(default=1024, ge=1)
    """Other calls under way at once: requests, health, reflection."""
    peer_calls_max: int = Field(default=256, ge=1)
    """Of these, of one peer address."""
    peer_processor_share: float = Field(default=0.1, gt=0, le=1)
    """Of a processor, for the answers to one peer's requests; who asks for more waits."""
    first_message_ms: int = Field(default=3000, ge=10)
    """How long a call may take, after its headers, to say what it wants."""
    answer_timeout_ms: int = Field(default=1000, ge=10)
    """After this long without the engine's answer the whole book is asked for again."""
    drain_grace_ms: int = Field(default=1000, ge=0)
    """How long open calls may go on after SIGTERM."""

    @model_validator(mode="after")
    def _consistent(self) -> MarketdataLimits:
        if self.publish_interval_max_ms < self.publish_interval_ms:
            raise ValueError("publish_interval_max_ms must not be below publish_interval_ms")
        # Who resumes gets what is kept at once, a message of trades more than asked for.
        if self.trades_backlog_max < max(self.trades_retained_max, self.news_retained_max) + TRADES_PER_MESSAGE_MAX:
            raise ValueError("trades_backlog_max must be 1000 more than trades_retained_max and news_retained_max")
        return self


class MarketdataSettings(BaseModel):
    """The process that serves MarketDataService."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Path
    gateways: int = Field(default=1, ge=1, le=GATEWAYS_MAX)
    instruments: tuple[Instrument, ...]
    """What is listed when there is no listing on disk yet."""
    host: str = "127.0.0.1"
    port: int = Field(default=7401, ge=0, le=65535)
    limits: MarketdataLimits = MarketdataLimits()

    @property
    def topology(self) -> Topology:
        """Where everything of the venue is."""
        return Topology(data_dir=self.data_dir, gateways=self.gateways, instruments=self.instruments)

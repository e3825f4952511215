"""Settings of a gateway process."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

from tidegate.wire.instruments import Instrument
from tidegate.wire.topology import GATEWAYS_MAX, Topology
from tidegate.wire.version import VERSION

DEFAULT_TIER = "default"


class Tier(BaseModel):
    """What one API key may ask of one gateway (rules LIM-2, LIM-3). Amends, replaces and quotes count as orders."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    orders_second: int = Field(default=20_000, ge=1, le=1 << 30)
    orders_ten_seconds: int = Field(default=150_000, ge=1, le=1 << 30)
    cancels_second: int = Field(default=40_000, ge=1, le=1 << 30)
    """Cancels of every kind, which do not count as orders."""
    messages_second: int = Field(default=10_000, ge=1, le=1 << 30)
    """Messages of streams and unary calls, queries too."""
    order_to_trade_percent_max: int = Field(default=0, ge=0, le=1 << 30)
    """Orders per trade within the window, 1e-2: 50,000 are 500 orders per trade. 0: no policy."""
    order_to_trade_window_s: int = Field(default=60, ge=1, le=86_400)
    order_to_trade_orders_min: int = Field(default=10_000, ge=1, le=1 << 30)
    """With fewer orders than this in the window there is too little to judge."""
    streams_max: int = Field(default=128, ge=1)
    """Streams open at one time."""
    calls_max: int = Field(default=1_024, ge=1)
    """Unary calls under way at one time."""


class GatewayLimits(BaseModel):
    """Bounds on everything that a client can make a gateway hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    items_max: int = Field(default=200, ge=1, le=10_000)
    """Commands in one message."""
    sessions_max: int = Field(default=4096, ge=1, le=4096)
    """Streams and unary calls at one time."""
    account_streams_max: int = Field(default=256, ge=1)
    """Streams of one account at one time: each report is kept for all of them, and others need sessions too."""
    opening_positions_max: int = Field(default=1024, ge=1)
    """Positions in the message that opens a stream."""
    opening_bytes_max: int = Field(default=256 << 10, ge=1 << 12)
    """Size of the message that opens a stream: it is read as Python objects, the later ones are not."""
    in_flight_max: int = Field(default=8_192, ge=1)
    """Unanswered commands of one session; past it, the stream is not read until it has drained. Below a command
    ring's high-water mark, so that one session alone cannot have others refused."""
    output_bytes_max: int = Field(default=8 << 20, ge=1 << 16)
    """Reports of one session that wait for its reader; past it, the reader is too slow."""
    message_bytes_max: int = Field(default=512 << 10, ge=1 << 12)
    """A message of items_max commands is 20 KB. What has come of one is kept until the rest does, of every call
    that there may be, and before anything is known of the caller."""
    unary_timeout_ms: int = Field(default=5_000, ge=1)
    """How long an engine may take to answer."""
    retry_delay_ms: int = Field(default=50, ge=1)
    """Told to clients that are refused as busy."""
    close_ms: int = Field(default=1_000, ge=10, le=2_000)
    """How long a slow reader has to take what it was sent before its call is cut."""
    reader_messages_second_max: int = Field(default=2_500, ge=100)
    """Messages to all streams that take no commands: the more of them there are, the fewer and larger messages each
    gets, so that copies for many never cost those who trade their processor."""
    catch_up_write_ms: int = Field(default=10_000, ge=10)
    """How long a reader may take over one message of what it has missed."""
    first_message_ms: int = Field(default=3_000, ge=10)
    """How long a call may take, after its headers, to say what it wants."""
    peer_calls_max: int = Field(default=4_096, ge=1)
    """Calls and streams with a key, of one peer address at one time; a proxy is one peer."""
    anonymous_calls_max: int = Field(default=512, ge=1, le=1024)
    """Calls without a key (health, reflection) at one time."""
    anonymous_peer_calls_max: int = Field(default=128, ge=1)
    """The same of one peer address."""
    conversation_ms: int = Field(default=30_000, ge=10)
    """How long a reflection call may last."""
    tiers: dict[str, Tier] = Field(default_factory=dict, validate_default=True)
    """Allowances by the name of the tier. "default" is also for accounts whose tier is not here."""
    heartbeat_stale_ms: int = Field(default=3_000, ge=100)
    """Past this age of its heartbeat a symbol counts as not serving."""

    @field_validator("tiers")
    @classmethod
    def _with_default(cls, tiers: dict[str, Tier]) -> dict[str, Tier]:
        return {DEFAULT_TIER: Tier(), **tiers}

    def tier(self, name: str) -> Tier:
        """The tier of that name."""
        return self.tiers.get(name) or self.tiers[DEFAULT_TIER]


class GatewaySettings(BaseModel):
    """One gateway process of a venue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Path
    gateways: int = Field(default=1, ge=1, le=GATEWAYS_MAX)
    number: int = Field(default=0, ge=0, lt=GATEWAYS_MAX)
    """Which of them this is."""
    instruments: tuple[Instrument, ...]
    host: str = "127.0.0.1"
    port: int = Field(default=7400, ge=0, le=65535)
    """All gateways listen on the same one."""
    operator_key_sha256: tuple[str, ...] = ()
    """SHA-256, hex, of the API keys that have the operator's role."""
    limits: GatewayLimits = GatewayLimits()
    drain_seconds: float = Field(default=5.0, ge=1.0)
    """How long clients have to leave after DRAINING was announced."""
    version: str = VERSION

    @field_validator("operator_key_sha256")
    @classmethod
    def _hex(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        for key in keys:
            if len(key) != 64 or set(key) - set("0123456789abcdef"):
                raise ValueError("an operator key must be given as 64 hex digits of its SHA-256")
        return keys

    @property
    def topology(self) -> Topology:
        """Where everything of the venue is."""
        return Topology(data_dir=self.data_dir, gateways=self.gateways, instruments=self.instruments)

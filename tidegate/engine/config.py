"""Settings of the engine and snapshotter processes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tidegate.wire.instruments import Instrument
from tidegate.wire.topology import GATEWAYS_MAX, Topology

PhaseName = Literal["HALT", "CANCEL_ONLY", "POST_ONLY", "OPEN", "AUCTION", "REDUCE_ONLY", "SETTLEMENT"]
Scheduling = Literal["realtime", "high", "normal"]


class JournalSettings(BaseModel):
    """How the log is written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    segment_bytes: int = Field(default=256 << 20, ge=1 << 16, le=2 << 30)
    segment_batches: int = Field(default=100_000, ge=1)  # bounds the time that opening one takes


class StateSettings(BaseModel):
    """Bounds of a symbol's state. Part of what `apply` does: the same for every process of a venue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    orders_max: int = Field(default=1 << 17, ge=16, le=1 << 22)
    retained_max: int = Field(default=1 << 18, ge=16)
    """Ended orders that are still known by their ids; each account is sure of retained_max / accounts_max (ORD-3)."""
    accounts_max: int = Field(default=1 << 14, ge=1)

    @model_validator(mode="after")
    def _something_for_each(self) -> StateSettings:
        if self.retained_max < self.accounts_max:
            raise ValueError("retained_max must not be below accounts_max: each account's newest ended order is kept")
        return self


class SnapshotSettings(BaseModel):
    """When snapshots are made and how many stay."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # Whichever comes first since a symbol's last snapshot: both bound how long a recovery replays.
    every_records: int = Field(default=1_000_000, ge=1)  # commands
    every_batches: int = Field(default=100_000, ge=1)
    generations: int = Field(default=3, ge=1, le=100)
    poll_ms: int = Field(default=1000, ge=1)  # how often an idle snapshotter looks for new batches


class VenueSettings(BaseModel):
    """What every process of a venue must agree on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Path
    gateways: int = Field(default=1, ge=1, le=GATEWAYS_MAX)
    instruments: tuple[Instrument, ...] = Field(min_length=1)
    state: StateSettings = StateSettings()

    @property
    def topology(self) -> Topology:
        """Where everything of the venue is."""
        return Topology(self.data_dir, self.gateways, self.instruments)


class EngineSettings(VenueSettings):
    """One engine process: one symbol."""

    symbol: str
    journal: JournalSettings = JournalSettings()
    snapshots: SnapshotSettings = SnapshotSettings()
    initial_phase: PhaseName = "OPEN"  # of a journal that is new
    commands_max: int = Field(default=4096, ge=1, le=1 << 16)  # taken by one poll: one batch, one fsync
    gather_us: int = Field(default=500, ge=0, le=10_000)  # under load, given to commands to arrive between batches
    spin_us: int = Field(default=5, ge=0, le=10_000)  # before the process sleeps on its doorbell
    scheduling: Scheduling = "realtime"  # of the processor, as far as the machine allows; see scheduling.py
    idle_ms: int = Field(default=1000, ge=250, le=60_000)  # longest sleep; between, nothing is done
    drain_s: float = Field(default=5.0, ge=0)  # longest drain after SIGTERM
    verify_replay: bool = True  # compare every event on recovery

    @model_validator(mode="after")
    def _known_symbol(self) -> EngineSettings:
        if all(each.symbol != self.symbol for each in self.instruments):
            raise ValueError(f"{self.symbol} is not one of the venue's instruments")
        return self

    @property
    def instrument(self) -> Instrument:
        """The instrument of this engine."""
        return next(each for each in self.instruments if each.symbol == self.symbol)


class SnapshotterSettings(VenueSettings):
    """The snapshotter process: every symbol of the venue."""

    snapshots: SnapshotSettings = SnapshotSettings()
    read_bytes: int = Field(default=4 << 20, ge=1 << 12)  # of journal taken at once, per symbol and turn

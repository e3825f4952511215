"""Settings of the history process."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from tidegate.wire.instruments import Instrument
from tidegate.wire.topology import GATEWAYS_MAX, Topology


class HistorySettings(BaseModel):
    """The process that indexes the journals."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Path
    gateways: int = Field(default=1, ge=1, le=GATEWAYS_MAX)
    instruments: tuple[Instrument, ...]
    idle_ms: int = Field(default=200, ge=1)
    """How often journals are looked at when nothing happens; a question looks at once."""
    processor_share: float = Field(default=0.3, gt=0, le=1)
    """Of one processor, while there is more than a step to take in: the index may lag, trading may not."""
    step_bytes: int = Field(default=1 << 20, ge=1 << 12)
    """Journal payload between two answers."""
    orders_scanned_max: int = Field(default=5_000, ge=1_000)
    """Events read for one page, or of one order, at most: a page may be short, and its token goes on; of an order
    with more, the first event and the newest."""

    @property
    def topology(self) -> Topology:
        """Where everything of the venue is."""
        return Topology(data_dir=self.data_dir, gateways=self.gateways, instruments=self.instruments)

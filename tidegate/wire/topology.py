"""Where everything of one venue is: names of segments, paths of doorbells and data, slots of readers.

Pure functions of the venue's data directory and the number of gateways, so that any process, and a
command line that was started later, finds the same things.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from tidegate.wire.instruments import Instrument

READER_SLOTS = 16
MARKETDATA_READER = 14
RISK_READER = 15
GATEWAYS_MAX = 8


@dataclass(frozen=True)
class Topology:
    """One venue on one machine."""

    data_dir: Path
    gateways: int
    instruments: tuple[Instrument, ...]

    def __post_init__(self) -> None:
        if not 1 <= self.gateways <= GATEWAYS_MAX:
            raise ValueError(f"gateways must be 1 to {GATEWAYS_MAX}")

    @property
    def venue_id(self) -> str:
        """Eight hex digits that set this venue's segments apart from another's."""
        return hashlib.sha256(str(self.data_dir.resolve()).encode()).hexdigest()[:8]

    @property
    def run_dir(self) -> Path:
        """Doorbells, sockets, the process table."""
        return self.data_dir / "run"

    @property
    def producers(self) -> tuple[str, ...]:
        """Processes with a command ring into every symbol, in the order in which engines take turns."""
        return (*(gateway_name(number) for number in range(self.gateways)), "marketdata")

    def command_segment(self, symbol: str, producer: str) -> str:
        """Segment of the command ring from `producer` into `symbol`."""
        return f"tidegate-{self.venue_id}-{symbol}-in-{producer}"

    def event_segment(self, symbol: str) -> str:
        """Segment of the symbol's event ring."""
        return f"tidegate-{self.venue_id}-{symbol}-out"

    def symbol_segments(self, symbol: str) -> list[str]:
        """Every segment of one symbol, which need not be one of `instruments`."""
        return [self.event_segment(symbol), *(self.command_segment(symbol, who) for who in self.producers)]

    def segments(self) -> list[str]:
        """Every segment of the venue."""
        return [name for each in self.instruments for name in self.symbol_segments(each.symbol)]

    def listing(self, instruments: tuple[Instrument, ...]) -> Topology:
        """The same venue with other instruments."""
        return replace(self, instruments=instruments)

    def bell(self, process: str) -> Path:
        """Doorbell of a process ("engine.BTCUSDT", "gateway.0", "marketdata")."""
        return self.run_dir / f"bell.{process}"

    def damage_mark(self, process: str) -> Path:
        """Not empty when this process has met damage in what it keeps on disk."""
        return self.run_dir / f"damaged.{process}"

    def readers(self) -> dict[int, str]:
        """Which process follows event rings in which reader slot."""
        return {**{number: gateway_name(number) for number in range(self.gateways)}, MARKETDATA_READER: "marketdata"}

    def journal_dir(self, symbol: str) -> Path:
        """Journal segments of a symbol, one LMDB environment each."""
        return self.data_dir / "journal" / symbol

    def snapshot_dir(self, symbol: str) -> Path:
        """Snapshots of a symbol, one LMDB environment each."""
        return self.data_dir / "snapshots" / symbol

    @property
    def history_dir(self) -> Path:
        """The history index's LMDB environment."""
        return self.data_dir / "history"

    @property
    def ledger_dir(self) -> Path:
        """The ledger's LMDB environment."""
        return self.data_dir / "ledger"

    @property
    def ledger_socket(self) -> Path:
        """Where the risk process serves LedgerService."""
        return self.run_dir / "ledger.sock"

    @property
    def history_socket(self) -> Path:
        """Where the history process serves HistoryService."""
        return self.run_dir / "history.sock"

    @property
    def instruments_file(self) -> Path:
        """JSON with every symbol that was ever listed: see listing.py."""
        return self.data_dir / "instruments.json"

    @property
    def listing_dir(self) -> Path:
        """Where requests to list and delist are left for the supervisor, and its answers."""
        return self.run_dir / "listing"

    @property
    def process_table(self) -> Path:
        """JSON that the supervisor writes every second."""
        return self.run_dir / "processes.json"


def gateway_name(number: int) -> str:
    """Name of a gateway process."""
    return f"gateway.{number}"


def engine_name(symbol: str) -> str:
    """Name of an engine process."""
    return f"engine.{symbol}"

"""The venue's configuration: one TOML file, checked as a whole, and the settings of each process made of it."""

from __future__ import annotations

import hashlib
import ipaddress
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tidegate.engine.config import (
    EngineSettings,
    JournalSettings,
    PhaseName,
    Scheduling,
    SnapshotSettings,
    SnapshotterSettings,
    StateSettings,
)
from tidegate.gateway.config import GatewayLimits, GatewaySettings
from tidegate.history.config import HistorySettings
from tidegate.marketdata.config import MarketdataLimits, MarketdataSettings
from tidegate.ops.errors import ConfigError
from tidegate.risk.config import AccountSeed, RiskSettings
from tidegate.wire.instruments import Instrument
from tidegate.wire.topology import GATEWAYS_MAX, Topology

DEFAULT_FILE = Path(__file__).with_name("default.toml")
DEMONSTRATION_PREFIX = "demo-"  # keys that everybody can read in default.toml

_STRICT = ConfigDict(frozen=True, extra="forbid")


class VenueSection(BaseModel):
    """[venue]: where it is and who runs it."""

    model_config = _STRICT

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = Field(default=7400, ge=1, le=65535)
    marketdata_port: int = Field(default=7401, ge=1, le=65535)
    gateways: int = Field(default=1, ge=1, le=GATEWAYS_MAX)
    operator_key: str = Field(min_length=16, max_length=256, repr=False)


class RingsSection(BaseModel):
    """[rings]: room in shared memory, in records. Powers of two."""

    model_config = _STRICT

    command_records: int = Field(default=16_384, ge=256, le=1 << 22)
    command_high_water: int = Field(default=12_288, ge=1)
    event_records: int = Field(default=65_536, ge=65_536, le=1 << 24)

    @model_validator(mode="after")
    def _powers_of_two(self) -> RingsSection:
        for key in ("command_records", "event_records"):
            value = getattr(self, key)
            if value & (value - 1):
                raise ValueError(f"{key} must be a power of two, not {value}")
        if self.command_high_water > self.command_records:
            raise ValueError("command_high_water must not be above command_records")
        return self


class EngineSection(BaseModel):
    """[engine]: what differs from the defaults of tidegate.engine.config.EngineSettings."""

    model_config = _STRICT

    initial_phase: PhaseName | None = None
    commands_max: int | None = None
    gather_us: int | None = None
    spin_us: int | None = None
    scheduling: Scheduling | None = None
    idle_ms: int | None = None
    drain_s: float | None = None
    verify_replay: bool | None = None


class SupervisorSection(BaseModel):
    """[supervisor]: when to give up, and when to lose patience."""

    model_config = _STRICT

    quick_crash_s: float = Field(default=10.0, gt=0)
    """A process that ends sooner than this after its start counts as a quick crash."""
    quick_kill_s: float = Field(default=1.0, gt=0)
    """The same for one that was killed with SIGKILL."""
    quick_crashes_max: int = Field(default=3, ge=1)
    """So many in a row: "failed", and not started again."""
    backoff_s: float = Field(default=0.2, ge=0)
    """Wait before the second start in a row; doubles with each. The first is at once."""
    ready_s: float = Field(default=60.0, gt=0)
    """How long the venue may take until it serves: recovery replays the journals."""
    stop_s: float = Field(default=15.0, gt=0)
    """How long one kind of process may take to drain before it is killed."""
    clients_leave_s: float = Field(default=2.0, ge=1.0)
    """How long clients have to leave a gateway that drains."""


class VenueConfig(BaseModel):
    """The whole file."""

    model_config = _STRICT

    venue: VenueSection
    accounts: tuple[AccountSeed, ...] = ()
    instruments: tuple[Instrument, ...] = Field(min_length=1)
    rings: RingsSection = RingsSection()
    supervisor: SupervisorSection = SupervisorSection()
    engine: EngineSection = EngineSection()
    journal: JournalSettings = JournalSettings()
    state: StateSettings = StateSettings()
    snapshots: SnapshotSettings = SnapshotSettings()
    gateway: GatewayLimits = GatewayLimits()
    marketdata: MarketdataLimits = MarketdataLimits()

    @model_validator(mode="after")
    def _consistent(self) -> VenueConfig:
        for key in ("symbol", "instrument_id"):
            _refuse_repeated(f"instruments.{key}", [str(getattr(each, key)) for each in self.instruments])
        _refuse_repeated("accounts.name", [each.name for each in self.accounts])
        _refuse_repeated("accounts.api_key", [each.api_key for each in self.accounts])
        if self.venue.port == self.venue.marketdata_port:
            raise ValueError("venue.marketdata_port must not be venue.port")
        if self.gateway.in_flight_max + self.gateway.items_max > self.rings.command_high_water:
            raise ValueError(
                "gateway.in_flight_max and gateway.items_max together must not be above rings.command_high_water: "
                "one session could have all others refused"
            )
        if self.demonstration_keys and not is_loopback(self.venue.host):
            raise ValueError(
                f"venue.host {self.venue.host} can be reached from outside, but {', '.join(self.demonstration_keys)} "
                "still has its demonstration key; set a key of your own"
            )
        self.engine_settings(self.instruments[0])  # its bounds are checked there
        return self

    @property
    def demonstration_keys(self) -> list[str]:
        """Keys of the file that are public knowledge."""
        found = ["venue.operator_key"] if self.venue.operator_key.startswith(DEMONSTRATION_PREFIX) else []
        return found + [
            f"accounts.{each.name}.api_key" for each in self.accounts if each.api_key.startswith(DEMONSTRATION_PREFIX)
        ]

    def listing(self, instruments: tuple[Instrument, ...]) -> VenueConfig:
        """The same venue with the instruments that are listed now."""
        return self.model_copy(update={"instruments": instruments})

    @property
    def topology(self) -> Topology:
        """Where everything of the venue is."""
        return Topology(self.venue.data_dir, self.venue.gateways, self.instruments)

    @property
    def address(self) -> str:
        """Where gateways listen."""
        return f"{self.venue.host}:{self.venue.port}"

    @property
    def marketdata_address(self) -> str:
        """Where market data listens."""
        return f"{self.venue.host}:{self.venue.marketdata_port}"

    def gateway_settings(self, number: int) -> GatewaySettings:
        """For one gateway process."""
        return GatewaySettings(
            data_dir=self.venue.data_dir,
            gateways=self.venue.gateways,
            number=number,
            instruments=self.instruments,
            host=self.venue.host,
            port=self.venue.port,
            operator_key_sha256=(hashlib.sha256(self.venue.operator_key.encode()).hexdigest(),),
            limits=self.gateway,
            drain_seconds=self.supervisor.clients_leave_s,
        )

    def engine_settings(self, instrument: Instrument, initial_phase: str | None = None) -> EngineSettings:
        """For one engine process."""
        chosen = self.engine.model_dump(exclude_none=True)
        return EngineSettings(
            data_dir=self.venue.data_dir,
            gateways=self.venue.gateways,
            instruments=self.instruments,
            state=self.state,
            symbol=instrument.symbol,
            journal=self.journal,
            snapshots=self.snapshots,
            **(chosen if initial_phase is None else chosen | {"initial_phase": initial_phase}),
        )

    def snapshotter_settings(self) -> SnapshotterSettings:
        """For the snapshotter process."""
        return SnapshotterSettings(
            data_dir=self.venue.data_dir,
            gateways=self.venue.gateways,
            instruments=self.instruments,
            state=self.state,
            snapshots=self.snapshots,
        )

    def risk_settings(self) -> RiskSettings:
        """For the risk process."""
        return RiskSettings(
            data_dir=self.venue.data_dir,
            gateways=self.venue.gateways,
            instruments=self.instruments,
            accounts=self.accounts,
        )

    def marketdata_settings(self) -> MarketdataSettings:
        """For the market data process."""
        return MarketdataSettings(
            data_dir=self.venue.data_dir,
            gateways=self.venue.gateways,
            instruments=self.instruments,
            host=self.venue.host,
            port=self.venue.marketdata_port,
            limits=self.marketdata,
        )

    def history_settings(self) -> HistorySettings:
        """For the history process."""
        return HistorySettings(data_dir=self.venue.data_dir, gateways=self.venue.gateways, instruments=self.instruments)


def load(
    path: Path | None = None,
    *,
    data_dir: Path | None = None,
    port: int | None = None,
    marketdata_port: int | None = None,
) -> VenueConfig:
    """The file at `path` (the shipped default when None), some of its keys replaced. Raises ConfigError."""
    file = path or DEFAULT_FILE
    try:
        content = tomllib.loads(file.read_text())
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: {error}") from error
    venue = content.setdefault("venue", {})
    if not isinstance(venue, dict):
        raise ConfigError(f"{file}: venue: must be a table, [venue]")
    replaced = {"data_dir": data_dir, "port": port, "marketdata_port": marketdata_port}
    venue.update({key: value for key, value in replaced.items() if value is not None})
    return parse(content, str(file))


def parse(content: dict[str, Any], source: str) -> VenueConfig:
    """A configuration from the content of a file. Raises ConfigError that names each key at fault."""
    try:
        config = VenueConfig.model_validate(content)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc'])) or 'file'}: {fault['msg']}" for fault in error.errors()]
        raise ConfigError(f"{source}: " + "; ".join(faults)) from None
    # Processes may have another working directory.
    venue = config.venue.model_copy(update={"data_dir": config.venue.data_dir.absolute()})
    return config.model_copy(update={"venue": venue})


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refuse_repeated(key: str, values: list[str]) -> None:
    repeated = sorted({value for value in values if values.count(value) > 1})
    if repeated:
        secret = key.endswith("api_key")
        raise ValueError(f"{key} must be unique" + ("" if secret else f"; {', '.join(repeated)} is there twice"))

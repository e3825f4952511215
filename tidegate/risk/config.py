"""Settings of the risk process."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from tidegate.wire.instruments import Instrument
from tidegate.wire.topology import GATEWAYS_MAX, Topology


class AccountSeed(BaseModel):
    """An account that must exist once the venue is up, with a key that its owner knows already."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=64)
    api_key: str = Field(min_length=16, max_length=256, repr=False)
    tier: str = Field(default="", max_length=32)
    """Of limits, when the account is made; empty: the default one."""


class RiskSettings(BaseModel):
    """The process that keeps accounts and balances."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Path
    gateways: int = Field(default=1, ge=1, le=GATEWAYS_MAX)
    instruments: tuple[Instrument, ...] = ()
    assets: tuple[str, ...] = ("USDT", "USDC")
    """Assets that may be deposited; the settlement assets of the instruments are among them anyway."""
    accounts: tuple[AccountSeed, ...] = ()

    @property
    def topology(self) -> Topology:
        """Where everything of the venue is."""
        return Topology(data_dir=self.data_dir, gateways=self.gateways, instruments=self.instruments)

    @property
    def known_assets(self) -> frozenset[str]:
        """Every asset that the ledger keeps."""
        return frozenset(self.assets) | {each.settlement_asset for each in self.instruments}

"""The configuration file of a venue: the default one, but for where the venue is and how long its end may take."""

from __future__ import annotations

import re
from pathlib import Path

from tests.venues.ports import free_ports
from tidegate.ops.config import DEFAULT_FILE

OPERATOR_KEY = "demo-operator-key"
MAKER_KEY, TAKER_KEY, TRADER_KEY = "demo-maker-key-0", "demo-taker-key-0", "demo-trader-key-0"


def write_config(directory: Path) -> Path:
    """`directory`/venue.toml, on free ports, with its data in `directory`/venue."""
    port, marketdata_port = free_ports(2)
    values = {
        "data_dir": f'"{directory / "venue"}"',
        "port": port,
        "marketdata_port": marketdata_port,
        "clients_leave_s": 1.0,
    }
    text = DEFAULT_FILE.read_text()
    for key, value in values.items():
        text, count = re.subn(rf"(?m)^{key} = .*$", f"{key} = {value}", text)
        assert count == 1, key
    path = directory / "venue.toml"
    path.write_text(text)
    return path

"""When a venue says that it is there."""

import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tidegate.ops.errors import StartError
from tidegate.ops.up import StopSignals, wait_until_ready


def supervisor(ledger_socket: Path) -> Any:
    """One without symbols, whose ledger is to listen there."""
    config = SimpleNamespace(
        address="127.0.0.1:9",
        marketdata_address="127.0.0.1:9",
        instruments=(),
        topology=SimpleNamespace(ledger_socket=ledger_socket),
        supervisor=SimpleNamespace(ready_s=0.05),
    )
    return SimpleNamespace(config=config, tick=lambda *_: None, failed_symbols=set)


def test_a_venue_that_cannot_check_keys_is_not_ready(tmp_path: Path) -> None:
    """Nobody on the ledger's socket, or one who was killed: it waits. With a ledger, it is ready."""
    path, signals = tmp_path / "ledger.sock", cast("StopSignals", SimpleNamespace(count=0, fd=0))
    with pytest.raises(StartError, match="the ledger at "):
        wait_until_ready(supervisor(path), signals)
    with socket.socket(socket.AF_UNIX) as ledger:
        ledger.bind(str(path))
        ledger.listen()
        wait_until_ready(supervisor(path), signals)
    with pytest.raises(StartError, match="the ledger at "):
        wait_until_ready(supervisor(path), signals)

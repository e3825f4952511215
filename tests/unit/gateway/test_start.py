"""What a gateway does when the venue is not there."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.venues.calls import instruments
from tidegate.gateway.attachments import Attachments
from tidegate.gateway.config import GatewaySettings
from tidegate.gateway.operations_service import read_processes
from tidegate.wire.native import command_ring_bytes, create_command_ring
from tidegate.wire.segment import Segment
from tidegate.wire.topology import gateway_name


def test_missing_segments_are_an_error_and_leave_nothing_open(tmp_path: Path) -> None:
    """Half of the segments are there: FileNotFoundError, and those can be destroyed at once."""
    settings = GatewaySettings(data_dir=tmp_path, instruments=instruments())
    ring = Segment.create(settings.topology.command_segment("BTCUSDT", gateway_name(0)), command_ring_bytes(64))
    create_command_ring(ring.buf, 64, 48, 7)
    with pytest.raises(FileNotFoundError):
        Attachments(settings)
    ring.close()


def test_settings_refuse_what_is_no_digest(tmp_path: Path) -> None:
    """An operator's key itself must never be in the settings of a gateway."""
    with pytest.raises(ValidationError):
        GatewaySettings(data_dir=tmp_path, instruments=instruments(), operator_key_sha256=("the key itself",))


def test_process_table_is_optional_and_read_leniently(tmp_path: Path) -> None:
    """No table, half a table, a table: none of them is a fault of GetStatus."""
    table = tmp_path / "processes.json"
    assert read_processes(table) == []
    table.write_text('{"processes": [{"na')
    assert read_processes(table) == []
    table.write_text('{"processes": [{"name": "risk", "pid": null}, {"name": "engine.X", "pid": 5, "restarts": 2}]}')
    assert [(row.name, row.pid, row.restarts) for row in read_processes(table)] == [("engine.X", 5, 2), ("risk", 0, 0)]

"""Logs on a disk that refuses."""

from pathlib import Path

import pytest
import structlog

from tidegate.ops.logs import configure


def test_a_full_disk_does_not_keep_a_process_from_saying_why_it_ends(tmp_path: Path) -> None:
    """The log line is lost, its caller goes on; closing the file does not fail either."""
    before = structlog.get_config()
    try:
        with Path("/dev/full").open("a", buffering=1) as file:
            configure(file)
            structlog.get_logger("full").critical("stopped", reason="x" * 100_000)
        with (tmp_path / "log").open("a", buffering=1) as file:
            configure(file)
            structlog.get_logger("sound").critical("stopped", reason="one")
        assert '"reason": "one"' in (tmp_path / "log").read_text()
    finally:
        structlog.configure(**before)


def test_a_fault_is_logged_without_the_values_of_variables(tmp_path: Path) -> None:
    """Where it was and what it said, but no key that somebody has called with."""
    before = structlog.get_config()
    try:
        with (tmp_path / "log").open("a", buffering=1) as file:
            configure(file)
            key = "a-key-" + "of-somebody"
            try:
                {}[len(key)]
            except KeyError:
                structlog.get_logger("fault").exception("call failed")
    finally:
        structlog.configure(**before)
    line = (tmp_path / "log").read_text()
    assert "KeyError" in line
    assert "test_logs.py" in line
    assert "a-key-of-somebody" not in line


def test_dev_full_refuses() -> None:
    """What the test above rests on."""
    with pytest.raises(OSError, match="No space"):
        Path("/dev/full").write_text("x")

"""A full disk under the journal (acceptance row 6): nothing is lost, nothing half written, and it goes on."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.engine.kit import fake_batch
from tidegate.engine.config import JournalSettings
from tidegate.engine.errors import DiskFullError
from tidegate.engine.journal import Journal
from tidegate.engine.offline import read_journal

BODY = 20_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this host lets us mount no small file system")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def append_one(journal: Journal) -> None:
    batch = fake_batch(journal.sequence + 1, 3, journal.epoch, BODY)
    journal.append(batch, journal.epoch, journal.sequence)


def append_until_full(journal: Journal) -> None:
    """Ends with a refusal; the journal stays where it was."""
    for _ in range(1000):
        before = journal.sequence, journal.hash
        try:
            append_one(journal)
        except DiskFullError:
            assert (journal.sequence, journal.hash) == before
            return
    pytest.fail("the disk is not full")


@pytest.mark.parametrize("segment_bytes", [1 << 16, 1 << 20, 1 << 30])
def test_appends_go_on_when_there_is_room(small_disk: Path, segment_bytes: int) -> None:
    """Whether the room ends within a segment or where one ends: refused, again refused, then taken."""
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1 << 20))
    settings = JournalSettings(segment_bytes=segment_bytes)
    with contextlib.closing(Journal(small_disk / "BTCUSDT", settings)) as journal:
        append_until_full(journal)
        with pytest.raises(DiskFullError):
            append_one(journal)
        acknowledged = journal.sequence
        ballast.unlink()
        for _ in range(4):
            append_one(journal)
        assert journal.sequence == acknowledged + 12
        end = journal.sequence, journal.hash
    batches = list(read_journal(small_disk / "BTCUSDT"))
    assert (batches[-1].last_sequence, batches[-1].chain_hash) == end


def test_a_successor_finds_what_was_acknowledged(small_disk: Path) -> None:
    """Taken over while the disk is full and room was made then: nothing of the refused batch is there."""
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1 << 20))
    settings = JournalSettings(segment_bytes=1 << 16)
    journal = Journal(small_disk / "BTCUSDT", settings)
    append_until_full(journal)
    end = journal.sequence, journal.hash
    journal.close()
    ballast.unlink()
    with contextlib.closing(Journal(small_disk / "BTCUSDT", settings)) as successor:
        assert (successor.sequence, successor.hash) == end
        append_one(successor)

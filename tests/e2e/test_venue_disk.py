"""What a venue does about its disk: full, or damaged."""

import contextlib
import subprocess
from pathlib import Path

import pytest

from tests.venues.supervised import default_venue, run_command
from tests.venues.waiting import wait_until
from tidegate_client import Side, TidegateError

SYMBOL, OTHER = "BTCUSDT", "ETHUSDT"


def test_a_full_disk_is_waited_for(tmp_path: Path) -> None:
    """Acceptance row 6: no acknowledgement, no crash, the symbol is shown as not serving, the others are served;
    with room again it goes on by itself, and everything acknowledged is there, also after a restart."""
    disk = tmp_path / "venue"
    disk.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if mount.returncode:
        pytest.skip("this host lets us mount no small file system")
    try:
        with default_venue(tmp_path) as venue:
            with venue.client() as client:
                placed = client.place(SYMBOL, Side.BUY, 40_000, "0.01").order
            ballast = disk / "ballast"
            with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                while file.write(bytes(4096)):
                    pass
            with venue.client(timeout_s=2) as client:
                for step in range(200):  # pages that the journal has already may take a few more
                    try:
                        placed = client.place(SYMBOL, Side.BUY, 40_001 + step, "0.01").order
                    except TidegateError:
                        break
                else:
                    pytest.fail("the disk is not full")
            assert placed is not None
            assert venue.process.poll() is None
            with venue.client() as client:
                assert client.open_orders(OTHER) == []
            status = run_command("status", venue.file)
            assert status.returncode == 1
            assert "No space left on device" in status.stdout
            assert f"engine.{SYMBOL} has failed" not in venue.output.read_text()
            ballast.unlink()
            with venue.client() as client:
                later = client.place(SYMBOL, Side.BUY, 39_000, "0.01").order
                assert client.order(SYMBOL, placed.client_order_id).order_id == placed.order_id
            venue.stop()
            assert venue.segments() == []
            venue.restart()
            with venue.client() as client:
                for each in (placed, later):
                    assert client.order(SYMBOL, each.client_order_id).order_id == each.order_id
            venue.stop()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_damaged_symbol_stays_down_and_the_others_are_served(tmp_path: Path) -> None:
    """Its engine says that starting again would be wrong; `tidegate verify` names the fault."""
    with default_venue(tmp_path) as venue:
        with venue.client() as client:
            for step in range(5):
                client.place(OTHER, Side.BUY, 2000 + step, "0.01")
        venue.stop()
        sound = run_command("verify", venue.file)
        assert (sound.returncode, sound.stderr) == (0, "")
        assert f"{OTHER} ok" in sound.stdout
        damage(next(venue.config.topology.journal_dir(OTHER).glob("0*/data.mdb")))
        faulty = run_command("verify", venue.file)
        assert faulty.returncode == 1
        assert f"{OTHER} FAULT" in faulty.stdout
        assert "FAULT at sequence" in faulty.stdout
        venue.restart()
        assert f"engine.{OTHER} has failed (exit code 82) and is not started again" in venue.output.read_text()
        wait_until(lambda: venue.table()[f"engine.{OTHER}"]["state"] == "failed", 30)
        assert venue.table()[f"engine.{OTHER}"]["restarts"] == 0
        with venue.client() as client:
            assert client.place(SYMBOL, Side.BUY, 40_000, "0.01").applied
        assert run_command("status", venue.file).returncode == 1
        venue.stop()


def damage(file: Path) -> None:
    """Flips one bit in the first batch, not in the last, which would be taken for a torn tail.

    LMDB fills a page from its end, so the oldest batch is the last one in it; and it copies pages before it
    changes them, so a batch may lie in the file more than once.
    """
    content = bytearray(file.read_bytes())
    batch = bytes(content[content.rindex(b"TGBATCH1") :][:64])
    for copy in range(content.count(batch)):
        at = content.index(batch)
        content[at + 40] ^= 1
        assert copy < 10
    file.write_bytes(content)

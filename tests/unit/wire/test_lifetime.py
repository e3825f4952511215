"""A child ends when its parent was killed with -9."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from tidegate.wire.lifetime import end_with_parent

SPAWN = get_context("spawn")


def child(parent_pid: int, told: Path, stubborn: bool) -> None:
    """Lives until a SIGTERM comes, or longer."""
    if stubborn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    end_with_parent(parent_pid, grace_s=0.2)
    told.write_text(str(os.getpid()))
    time.sleep(60)


def parent(told: Path, stubborn: bool, ready: Connection) -> None:
    """Starts the child and waits to be killed."""
    process = SPAWN.Process(target=child, args=(os.getpid(), told, stubborn))
    process.start()
    while not (told.exists() and told.read_text()):
        time.sleep(0.01)
    ready.send(process.pid)
    time.sleep(60)


def is_alive(pid: int) -> bool:
    """Running, and not a zombie that nobody has waited for."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_child_does_not_outlive_its_parent(tmp_path: Path, stubborn: bool) -> None:
    """SIGTERM comes by itself; a child that ignores it is ended after the grace time."""
    here, there = SPAWN.Pipe()
    process = SPAWN.Process(target=parent, args=(tmp_path / "pid", stubborn, there))
    process.start()
    assert here.poll(30)
    pid = here.recv()
    assert is_alive(pid)
    process.kill()
    process.join()
    deadline = time.monotonic() + 10
    while is_alive(pid):
        assert time.monotonic() < deadline, "the child lives on"
        time.sleep(0.01)

"""An engine is put before other processes as far as the machine allows, and says how far that was."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
from collections.abc import Callable

import pytest

from tidegate.engine.config import Scheduling
from tidegate.engine.scheduling import NICE_HIGH, put_first

ASK = """
import os, sys
from tidegate.engine.scheduling import put_first
got = put_first(sys.argv[1])
print(got, os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK, os.getpriority(os.PRIO_PROCESS, 0))
"""
LIBC = ctypes.CDLL(None)  # loaded before the fork
PR_CAPBSET_DROP, CAP_SYS_NICE = 24, 23


def asked(wanted: Scheduling, before: Callable[[], None]) -> tuple[str, int, int]:
    """What a process was told, its policy and its niceness; `before` runs in it first."""
    command = [sys.executable, "-B", "-c", ASK, wanted]
    out = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, preexec_fn=before).stdout.split()
    return out[0], int(out[1]), int(out[2])


def take_rights_away() -> None:
    """Neither a limit that allows anything nor the capability, which even root loses with the exec that follows."""
    resource.setrlimit(resource.RLIMIT_RTPRIO, (0, 0))
    resource.setrlimit(resource.RLIMIT_NICE, (0, 0))
    if os.getuid() == 0:
        LIBC.prctl(PR_CAPBSET_DROP, CAP_SYS_NICE, 0, 0, 0)


@pytest.mark.parametrize("wanted", ["realtime", "high", "normal"])
def test_without_rights_an_engine_is_like_everybody(wanted: Scheduling) -> None:
    """It serves all the same, and says so."""
    assert asked(wanted, take_rights_away) == ("normal", os.SCHED_OTHER, os.getpriority(os.PRIO_PROCESS, 0))


@pytest.mark.skipif(os.getuid() != 0, reason="takes the right to be put first")
def test_with_rights_an_engine_gets_what_was_asked_for() -> None:
    """Each policy as the kernel tells it."""
    niceness = os.getpriority(os.PRIO_PROCESS, 0)
    assert asked("realtime", lambda: None)[:2] == ("realtime", os.SCHED_RR)
    assert asked("high", lambda: None) == ("high", os.SCHED_OTHER, NICE_HIGH)
    assert asked("normal", lambda: None) == ("normal", os.SCHED_OTHER, niceness)


def test_realtime_falls_back_to_high(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the machine allows one and not the other."""
    nice: list[int] = []

    def denied(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", denied)
    monkeypatch.setattr(os, "setpriority", lambda _which, _who, value: nice.append(value))
    assert (put_first("realtime"), nice) == ("high", [NICE_HIGH])

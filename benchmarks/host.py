"""Facts about the machine that the figures were measured on."""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = ("grpcio", "lmdb", "uvloop", "protobuf", "orderly-chaos", "liquibook")


def facts() -> dict[str, Any]:
    """Machine, system, compiler, versions, and how busy the machine was."""
    return {
        "measured_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "cpu": _cpu(),
        "cpus": os.cpu_count(),
        "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        "kernel": platform.release(),
        "python": platform.python_version(),
        "compiler": _first_line(["g++", "--version"]),
        "load_average": [round(value, 2) for value in os.getloadavg()],
        "filesystem": _filesystem(Path(__file__).parent),
        "packages": {name: _version(name) for name in PACKAGES},
    }


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _first_line(command: list[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    except (OSError, subprocess.CalledProcessError):
        return "none"


def _filesystem(path: Path) -> str:
    return _first_line(["findmnt", "--noheadings", "--output", "FSTYPE", "--target", str(path)])

"""The peers: other books that install from PyPI, each at its fastest, and how to get one ready.

Native ones are compiled here against what their packages bring. A peer that this machine cannot run
raises UnavailableError with the reason, which goes into the results.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.context import BUILD, ROOT

HERE = Path(__file__).parent
COMPILER = os.environ.get("CXX", "g++")
FLAGS = ["-std=c++20", "-O3", "-march=native", "-DNDEBUG"]
LOCK = ROOT / "requirements-bench.lock"


class UnavailableError(Exception):
    """A peer cannot be run here; the message says why."""


@dataclass(frozen=True)
class Peer:
    """A book to compare with. `prepare` returns the command that takes FLOW WARM [verify]."""

    name: str
    prepare: Callable[[], list[str]]
    same_trades: bool  # its rules lead to exactly the trades of price-time priority on this flow
    reports_trades: bool  # its caller learns of each trade
    driven: str


def measure(command: list[str], flow: Path, warm: int, *, verify: bool = False) -> dict[str, Any]:
    """Runs a driver once and returns what it printed."""
    arguments = [*command, str(flow), str(warm), *(["verify"] if verify else [])]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise UnavailableError(f"driver failed: {done.stderr.strip()[-300:]}")
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _compile(name: str, arguments: list[str]) -> list[str]:
    sources = b"".join((HERE / file).read_bytes() for file in ("driver.hpp", f"{name}.cpp"))
    digest = hashlib.sha256(sources + " ".join([COMPILER, *FLAGS, *arguments]).encode()).hexdigest()[:12]
    binary = BUILD / f"{name}-{digest}"
    if not binary.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        command = [COMPILER, *FLAGS, str(HERE / f"{name}.cpp"), "-o", str(binary), *arguments]
        try:
            subprocess.run(command, capture_output=True, text=True, check=True)
        except FileNotFoundError:
            raise UnavailableError(f"no C++ compiler ({COMPILER})") from None
        except subprocess.CalledProcessError as error:
            raise UnavailableError(f"does not compile: {error.stderr.strip()[-300:]}") from None
    return [str(binary)]


def _package(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise UnavailableError("not installed: pip install -r requirements-bench.lock")
    return Path(found.origin).parent


def _orderly_chaos() -> list[str]:
    libraries = sorted(_package("orderly_chaos").glob("lib_orderly_chaos*.so"))
    if not libraries:
        raise UnavailableError("the package brings no shared library here")
    return _compile("orderly_chaos", [str(libraries[0]), f"-Wl,-rpath,{libraries[0].parent}"])


def _liquibook() -> list[str]:
    return _compile("liquibook", [f"-I{_package('liquibook').parent / 'include' / 'liquibook'}"])


def _requirement(name: str) -> str:
    """The locked line of a package with its hashes, without the marker."""
    lines = LOCK.read_text().splitlines()
    for index, line in enumerate(lines):
        if line.startswith(f"{name}=="):
            hashes = []
            for following in lines[index + 1 :]:
                if not following.strip().startswith("--hash="):
                    break
                hashes.append(following.strip().rstrip("\\").strip())
            return " ".join([line.split(";")[0].rstrip("\\ "), *hashes])
    raise UnavailableError(f"{name} is not in {LOCK.name}")


def _limit_order_book() -> list[str]:
    headers = BUILD / "limit-order-book"
    if not headers.exists():
        with tempfile.TemporaryDirectory() as scratch:
            wanted = Path(scratch) / "wanted.txt"
            wanted.write_text(_requirement("limit-order-book") + "\n")
            # Only its headers are used, so neither its Python version nor a build of it matters.
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
            command += ["--no-binary", ":all:", "--no-build-isolation", "--ignore-requires-python", "--require-hashes"]
            done = subprocess.run(
                [*command, "--dest", scratch, "-r", str(wanted)], capture_output=True, text=True, check=False
            )
            archives = list(Path(scratch).glob("*.tar.gz"))
            if done.returncode != 0 or not archives:
                raise UnavailableError(f"its source distribution cannot be had: {done.stderr.strip()[-300:]}")
            unpacked = Path(scratch) / "unpacked"
            with tarfile.open(archives[0]) as archive:
                archive.extractall(unpacked, filter="data")
            headers.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(str(next(unpacked.iterdir())), headers)
    return _compile(
        "limit_order_book", [f"-I{headers / 'include'}", f"-I{headers / 'vendor' / 'robin-map' / 'include'}"]
    )


def _interpreters() -> list[str]:
    """Newer interpreters that may be here, newest first."""
    found = [shutil.which(f"python3.{minor}") for minor in (14, 13, 12)]
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found += [str(path) for path in sorted(versions.glob("3.1[2-9]*/bin/python"), reverse=True)]
    return [sys.executable, *(path for path in found if path)]


def _matching_engine() -> list[str]:
    for interpreter in _interpreters():
        question = "import sys; sys.exit(sys.version_info < (3, 12))"
        if subprocess.run([interpreter, "-c", question], capture_output=True, check=False).returncode == 0:
            break
    else:
        raise UnavailableError("needs Python 3.12 or later, and there is none here")
    environment = BUILD / "matching-engine"
    python = environment / "bin" / "python"
    if not python.exists():
        environment.parent.mkdir(parents=True, exist_ok=True)
        wanted = environment.with_suffix(".txt")
        wanted.write_text("\n".join(map(_requirement, ("matching-engine", "msgspec", "sortedcontainers"))) + "\n")
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        for command in (
            [interpreter, "-m", "venv", str(environment)],
            [*install, "--require-hashes", "-r", str(wanted)],
        ):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                shutil.rmtree(environment, ignore_errors=True)
                raise UnavailableError(f"cannot be installed: {done.stderr.strip()[-300:]}")
    return [str(python), str(HERE / "matching_engine_driver.py")]


PEERS = (
    Peer("orderly-chaos", _orderly_chaos, True, True, "its C interface, trades by callback"),
    Peer("limit-order-book", _limit_order_book, True, False, "its C++ headers; it reports no trades"),
    Peer("liquibook", _liquibook, False, True, "its C++ headers, trades by overridden on_fill"),
    Peer("matching-engine", _matching_engine, False, True, "process() from Python, events as objects"),
)

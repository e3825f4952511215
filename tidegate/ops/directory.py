"""A venue's data directory: who may work on it, and what a killed predecessor has left in it.

`run/venue.lock` is held by the supervisor, `run/alive.lock` (shared) by every one of its processes. The
kernel releases both however their holders end, so a lock that can be had means that nobody lives.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from pathlib import Path
from typing import IO

from tidegate.ops.errors import ConfigError, VenueRunningError
from tidegate.wire.listing import ListingError, read_listing
from tidegate.wire.segment import remove_stale
from tidegate.wire.topology import Topology

CHILDREN_END_S = 10.0  # children of a killed supervisor end by themselves; this is how long that may take
POLL_S = 0.02
VENUE_LOCK = "venue.lock"
ALIVE_LOCK = "alive.lock"
SOCKET_PATH_MAX = 107  # bytes, the kernel's bound


class VenueDirectory:
    """The directory of one venue, held by this process until close()."""

    def __init__(self, topology: Topology) -> None:
        """Takes the directory and clears what is stale. Raises VenueRunningError, ConfigError."""
        sockets = (topology.ledger_socket, topology.history_socket)
        too_long = max(len(os.fsencode(each)) for each in sockets) - SOCKET_PATH_MAX
        if too_long > 0:
            raise ConfigError(
                f"venue.data_dir must be {too_long} bytes shorter: a socket's path has at most {SOCKET_PATH_MAX}"
            )
        self.topology = topology
        self.alive_lock = topology.run_dir / ALIVE_LOCK
        topology.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = (topology.run_dir / VENUE_LOCK).open("wb")
        if not _try_lock(self._lock):
            self._lock.close()
            raise VenueRunningError(f"{topology.data_dir}: another venue is running on this directory")
        try:
            self._wait_for_children()
            listed = read_listing(topology.instruments_file)
        except VenueRunningError:
            self._lock.close()
            raise
        except ListingError as error:
            self._lock.close()
            raise ConfigError(str(error)) from error
        for symbol in {*(each.symbol for each in topology.instruments), *(each.symbol for each in listed)}:
            for name in topology.symbol_segments(symbol):
                remove_stale(name)
        for path in (*sockets, topology.process_table):
            path.unlink(missing_ok=True)
        # Whoever left a request has gone with the venue that it was for.
        shutil.rmtree(topology.listing_dir, ignore_errors=True)
        topology.listing_dir.mkdir()

    def log_path(self, process: str) -> Path:
        """Log of a process."""
        return self.topology.data_dir / "log" / f"{process}.log"

    def close(self) -> None:
        """Gives the directory back."""
        self._lock.close()

    def _wait_for_children(self) -> None:
        """Waits until no process of an earlier venue is left."""
        deadline = time.monotonic() + CHILDREN_END_S
        with self.alive_lock.open("ab") as alive:
            while not _try_lock(alive):
                if time.monotonic() > deadline:
                    raise VenueRunningError(
                        f"{self.topology.data_dir}: processes of an earlier venue have not ended "
                        f"(`fuser {self.alive_lock}` names them)"
                    )
                time.sleep(POLL_S)


def require_nobody_lives(topology: Topology) -> None:
    """For whoever reads files that a venue writes. Raises VenueRunningError."""
    for name in (VENUE_LOCK, ALIVE_LOCK):
        path = topology.run_dir / name
        if not path.exists():
            continue
        with path.open("rb") as lock:
            if not _try_lock(lock):
                raise VenueRunningError(
                    f"{topology.data_dir}: a venue is running on this directory; drain it, or use a copy"
                )


def _try_lock(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

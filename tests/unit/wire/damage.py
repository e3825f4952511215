"""Damages LMDB files as disks do, so that LMDB, which has no checksums, ends the process over them."""

from __future__ import annotations

import struct
from pathlib import Path

PAGE = 4096
METAS = 2
BRANCH = 1
_HEADER = struct.Struct("<QHHHH")  # number, padding, flags, end of the pointers, begin of the nodes


def damage(file: Path, how: str) -> None:
    """ "cut": only the meta pages are left (SIGBUS); "branch": inner nodes with one child (an assertion, SIGABRT)."""
    data = bytearray(file.read_bytes())
    if how == "cut":
        del data[METAS * PAGE :]
    else:
        damaged = 0
        for start in range(METAS * PAGE, len(data), PAGE):
            number, padding, flags, _, upper = _HEADER.unpack_from(data, start)
            if flags == BRANCH:
                _HEADER.pack_into(data, start, number, padding, flags, _HEADER.size + 2, upper)
                damaged += 1
        assert damaged
    file.write_bytes(data)

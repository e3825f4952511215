"""What a journal segment on disk looks like, for those who write it and those who read it.

A segment is one LMDB environment in a directory that is named after the first sequence it may hold. Its
one database has the segment's header under key 0 and, under the big-endian first sequence of each batch,
the batch: 32 bytes of chain hash, then the payload.

The header carries the epoch, so that it is read and checked in the very transaction that appends a batch
or ends the segment: whoever raises it there has fenced every older writer, whatever that one does next.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

HEADER_KEY = bytes(8)
SCRATCH_PREFIX = "prepared."  # segments made ahead, not yet part of the journal

_MAGIC = b"TGSEG\0\0\1"
_HEADER = struct.Struct("<8sIIQQ32s")
_CRC = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class SegmentHeader:
    """First record of a segment."""

    epoch: int  # the only writer that may append
    first_sequence: int  # of the first batch; also the directory's name
    next_sequence: int  # where the next segment goes on; 0 while this one takes batches
    previous_hash: bytes  # chain hash of the batch before the first

    def pack(self) -> bytes:
        """64 bytes and their CRC32."""
        body = _HEADER.pack(_MAGIC, self.epoch, 0, self.first_sequence, self.next_sequence, self.previous_hash)
        return body + _CRC.pack(zlib.crc32(body))

    @classmethod
    def unpack(cls, data: bytes) -> SegmentHeader:
        """Raises ValueError when it is damaged or of another version."""
        if len(data) != _HEADER.size + _CRC.size or _CRC.unpack_from(data, _HEADER.size)[0] != zlib.crc32(data[:-4]):
            raise ValueError("the segment's header is damaged")
        magic, epoch, _, first, following, previous = _HEADER.unpack_from(data)
        if magic != _MAGIC:
            raise ValueError("the segment has another version")
        return cls(epoch, first, following, previous)


def batch_key(sequence: int) -> bytes:
    """Key of the batch that begins with `sequence`; keys sort as sequences do."""
    return sequence.to_bytes(8, "big")


def segment_path(directory: Path, first_sequence: int) -> Path:
    """Where the segment that begins with `first_sequence` is."""
    return directory / f"{first_sequence:020d}"


def list_segments(directory: Path) -> list[int]:
    """First sequences of a journal's segments, ascending; empty when there is no journal."""
    if not directory.is_dir():
        return []
    return sorted(int(each.name) for each in directory.iterdir() if len(each.name) == 20 and each.name.isdigit())

"""What a damaged journal does at the next opening: the last batch is cut, anything else stops the symbol."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sys
from pathlib import Path

import pytest

from tests.unit.engine.kit import fill, in_child
from tidegate.engine.config import JournalSettings
from tidegate.engine.errors import DamageError
from tidegate.engine.journal import Journal
from tidegate.engine.offline import read_journal
from tidegate.engine.pages import PageFile
from tidegate.wire.journal_reader import JournalDamagedError, JournalReader
from tidegate.wire.journal_segment import list_segments, segment_path
from tidegate.wire.log import HASH_BYTES

SETTINGS = JournalSettings()
ROTATING = JournalSettings(segment_bytes=1 << 16)
PAGE = 4096
TRANSACTION_AT = 144  # in a meta page


def make(directory: Path, settings: JournalSettings, batches: int, body_bytes: int) -> list[tuple[int, bytes]]:
    """A journal, and what is in it: (last sequence, chain hash) per batch."""
    with contextlib.closing(Journal(directory, settings)) as journal:
        fill(journal, batches, body_bytes=body_bytes)
    return contents(directory)


def contents(directory: Path) -> list[tuple[int, bytes]]:
    """(last sequence, chain hash) per batch; raises DamageError."""
    return [(each.last_sequence, each.chain_hash) for each in read_journal(directory)]


def copy(source: Path, target: Path) -> Path:
    """A fresh copy of a journal."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    return target


def data(directory: Path, number: int = -1) -> Path:
    """The file of one segment."""
    return segment_path(directory, list_segments(directory)[number]) / "data.mdb"


def last_value(path: Path) -> tuple[int, int]:
    """Offset and size in the file of the last batch's value."""
    with PageFile(path) as file:
        value = bytes(file.read(file.metas()[0])[-1][1])
    return path.read_bytes().rindex(value), len(value)


def test_a_torn_last_batch_is_cut_wherever_it_is_torn(tmp_path: Path) -> None:
    """The file cut off within the last value, at many offsets: back to the last whole batch, and on from there."""
    whole = make(tmp_path / "whole", SETTINGS, 12, 11_000)
    at, size = last_value(data(tmp_path / "whole"))
    assert at + size <= data(tmp_path / "whole").stat().st_size < at + size + 3 * PAGE
    for cut in [*range(at - 16, at + size, 997), at + size - 1]:
        directory = copy(tmp_path / "whole", tmp_path / "X")
        with data(directory).open("r+b") as file:
            file.truncate(cut)
        with contextlib.closing(Journal(directory, SETTINGS)) as journal:
            assert (journal.sequence, journal.cut_sequence, journal.hash) == (33, 34, whole[10][1]), cut
            fill(journal, 2, body_bytes=9_000)
        after = contents(directory)
        assert after[:11] == whole[:11]
        assert [last for last, _ in after[11:]] == [36, 39]


def test_a_damaged_last_batch_is_cut(tmp_path: Path) -> None:
    """Any damaged byte of the last value (hash, head, body, CRC) gives the state before it."""
    whole = make(tmp_path / "whole", SETTINGS, 12, 5_000)
    at, size = last_value(data(tmp_path / "whole"))
    for offset in [*range(0, HASH_BYTES + 70, 3), *range(HASH_BYTES + 70, size, 397), size - 1]:
        directory = copy(tmp_path / "whole", tmp_path / "X")
        with data(directory).open("r+b") as file:
            file.seek(at + offset)
            byte = file.read(1)[0]
            file.seek(at + offset)
            file.write(bytes([byte ^ 0x40]))
        with contextlib.closing(Journal(directory, SETTINGS)) as journal:
            assert (journal.sequence, journal.cut_sequence) == (33, 34), offset
        assert contents(directory) == whole[:11]


def test_a_segments_torn_end_takes_back_the_rotation(tmp_path: Path) -> None:
    """The batch that ended a segment is torn: it is cut, its empty successor goes, the segment is continued."""
    directory = tmp_path / "X"
    with contextlib.closing(Journal(directory, ROTATING)) as journal:
        while journal.segment == 1:
            fill(journal, 1, body_bytes=6_000)
        torn = journal.sequence - 2
    at, size = last_value(data(directory, 0))
    with data(directory, 0).open("r+b") as file:
        file.seek(at + size // 2)
        file.write(b"torn")
    with contextlib.closing(Journal(directory, ROTATING)) as journal:
        assert (journal.sequence, journal.cut_sequence, journal.segment) == (torn - 1, torn, 1)
        assert list_segments(directory) == [1]
        fill(journal, 3, body_bytes=9_000)
    assert [last for last, _ in contents(directory)][-1] == torn + 8


def test_damage_before_the_last_batch_stops_the_symbol(tmp_path: Path) -> None:
    """A changed value that is not the last is found by its sequence, and nothing is cut."""
    make(tmp_path / "whole", SETTINGS, 12, 5_000)
    with PageFile(data(tmp_path / "whole")) as file:
        values = [bytes(value) for _, value in file.read(file.metas()[0])[1:]]
    content = data(tmp_path / "whole").read_bytes()
    for number in range(11):
        directory = copy(tmp_path / "whole", tmp_path / "X")
        at = content.rindex(values[number]) + 1234
        data(directory).write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        with pytest.raises(DamageError, match=f"at sequence {number * 3 + 1}:"):
            contents(directory)


def test_a_file_that_lost_more_than_its_last_batch_stops_the_symbol(tmp_path: Path) -> None:
    """Cut to anything shorter: refused with a clear error, never a crash, never fewer batches."""
    make(tmp_path / "whole", SETTINGS, 12, 11_000)
    at, size = last_value(data(tmp_path / "whole"))
    for cut in [0, 1, PAGE, 2 * PAGE - 1, 2 * PAGE, 3 * PAGE, *range(4 * PAGE, at - size - PAGE, 3333)]:
        directory = copy(tmp_path / "whole", tmp_path / "X")
        with data(directory).open("r+b") as file:
            file.truncate(cut)
        with pytest.raises(DamageError):
            Journal(directory, SETTINGS)


@pytest.mark.parametrize("body_bytes", [100, 5_000])
def test_flipped_bits_are_found_or_harmless(tmp_path: Path, body_bytes: int) -> None:
    """One flipped bit anywhere (acceptance 5): refused, or the last batch cut, or proven to be in no use.

    What is served is never anything but a beginning of what was written, and the next batch can be appended.
    """
    flip_many(tmp_path, body_bytes, seeds=range(150))


@pytest.mark.long
@pytest.mark.parametrize("body_bytes", [100, 700, 5_000])
def test_flipped_bits_campaign(tmp_path: Path, body_bytes: int) -> None:
    """The same with 1,000 seeds each."""
    flip_many(tmp_path, body_bytes, seeds=range(1_000, 2_000))


def test_flipped_bits_in_roots_and_pages(tmp_path: Path) -> None:
    """Every bit of the meta pages' content: LMDB keeps no checksum there, and would go back a batch in silence."""
    whole = make(tmp_path / "whole", SETTINGS, 9, 100)
    bits = [page * PAGE * 8 + bit for page in (0, 1) for bit in range(8 * 160)]
    outcomes = [flip(tmp_path, SETTINGS, whole, bit) for bit in bits[:: 1 if len(bits) < 400 else 5]]
    assert outcomes.count("refused") > len(outcomes) // 3
    assert "cut" not in outcomes


@pytest.mark.parametrize("openings", [1, 2])
def test_a_flipped_transaction_number_never_takes_the_log_back(tmp_path: Path, openings: int) -> None:
    """Every bit of both: LMDB would silently use the older root, without the last batch or the last epoch."""
    whole = make(tmp_path / "whole", SETTINGS, 9, 100)
    for _ in range(openings - 1):
        Journal(tmp_path / "whole", SETTINGS).close()
    refused = 0
    for bit in (page * PAGE * 8 + TRANSACTION_AT * 8 + bit for page in (0, 1) for bit in range(64)):
        directory = copy(tmp_path / "whole", tmp_path / "X")
        content = bytearray(data(directory).read_bytes())
        content[bit // 8] ^= 1 << bit % 8
        data(directory).write_bytes(content)
        try:
            with contextlib.closing(Journal(directory, SETTINGS)) as journal:
                assert (journal.epoch, journal.sequence, journal.cut_sequence) == (openings + 1, whole[-1][0], 0), bit
        except DamageError:
            refused += 1
    assert refused > 100


def flip_many(tmp_path: Path, body_bytes: int, seeds: range) -> None:
    """Flips one bit per seed, in the last or an earlier segment."""
    whole = make(tmp_path / "whole", ROTATING, 150 if body_bytes < 1000 else 25, body_bytes)
    segments = len(list_segments(tmp_path / "whole"))
    outcomes = []
    for seed in seeds:
        chance = random.Random(seed)
        number = chance.randrange(segments)
        bit = chance.randrange(data(tmp_path / "whole", number).stat().st_size * 8)
        outcomes.append(flip(tmp_path, ROTATING, whole, bit, number))
    assert outcomes.count("refused") > len(outcomes) // 3


def flip(tmp_path: Path, settings: JournalSettings, whole: list[tuple[int, bytes]], bit: int, number: int = -1) -> str:
    """Flips one bit of a copy, opens it, appends: how it ended. Fails when anything wrong would be served."""
    directory = copy(tmp_path / "whole", tmp_path / "X")
    with data(directory, number).open("r+b") as file:
        file.seek(bit // 8)
        byte = file.read(1)[0]
        file.seek(bit // 8)
        file.write(bytes([byte ^ 1 << bit % 8]))
    try:
        with contextlib.closing(Journal(directory, settings)) as journal:
            served = contents(directory)
            cut = journal.cut_sequence
            fill(journal, 1)
    except DamageError as error:
        return "refused" if 1 <= error.sequence <= whole[-1][0] + 1 else str(error)
    assert served == (whole[:-1] if cut else whole), f"bit {bit} of segment {number}"
    assert contents(directory)[: len(served)] == served
    return "cut" if cut else "harmless"


def follow(directory: Path) -> None:
    """Exit code 3: the reader has said what is wrong."""
    with contextlib.closing(JournalReader(directory)) as reader:
        try:
            while reader.read():
                pass
        except JournalDamagedError:
            sys.exit(3)


def test_a_file_that_was_cut_short_is_an_error_for_whoever_follows(tmp_path: Path) -> None:
    """LMDB would read behind its end and take the whole process with it, with every symbol that it follows."""
    make(tmp_path, SETTINGS, 40, 3000)
    assert in_child(follow, tmp_path) == 0
    file = segment_path(tmp_path, 1) / "data.mdb"
    for size in (file.stat().st_size - PAGE, file.stat().st_size // 2, 3 * PAGE):
        os.truncate(file, size)
        assert in_child(follow, tmp_path) == 3

"""The journal's writer: order, durability across reopen, rotation, fencing, failure; and its reader."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import time
from multiprocessing import get_context
from pathlib import Path

import lmdb
import pytest

from tests.unit.engine.kit import fake_batch, fill, in_child
from tidegate.engine.config import JournalSettings
from tidegate.engine.errors import FencedError, SequenceError, WriteError
from tidegate.engine.journal import Journal
from tidegate.engine.offline import read_journal
from tidegate.wire.journal_reader import JournalDamagedError, JournalReader
from tidegate.wire.journal_segment import SCRATCH_PREFIX, list_segments, segment_path
from tidegate.wire.log import GENESIS_HASH, chain_hash

SMALL = JournalSettings(segment_bytes=1 << 16)


def take_over(directory: Path, batches: int = 0) -> None:
    """In a process of its own: becomes the writer, appends, goes."""
    with contextlib.closing(Journal(directory, SMALL)) as journal:
        fill(journal, batches)


def append_slowly(directory: Path, batches: int) -> None:
    """In a process of its own: a writer that is followed."""
    with contextlib.closing(Journal(directory, SMALL)) as journal:
        for _ in range(batches):
            fill(journal, 1, body_bytes=3000)
            journal.prepare()
            time.sleep(0.0005)


def hold_a_reader(directory: Path, ready: Path) -> None:
    """In a process of its own: a reader that is killed in the middle of a read transaction."""
    environment = lmdb.open(str(directory), readonly=True)
    with environment.begin():
        ready.touch()
        time.sleep(60)


def append_until_refused(directory: Path) -> None:
    """In a process of its own: a disk that refuses to take more than 200 KiB into one file."""
    journal = Journal(directory, JournalSettings())
    resource.setrlimit(resource.RLIMIT_FSIZE, (200 << 10, 200 << 10))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    acknowledged = 0
    try:
        while True:
            fill(journal, 1, body_bytes=20_000)
            acknowledged = journal.sequence
    except WriteError:
        with pytest.raises(WriteError, match="failed before"):
            fill(journal, 1)
        (directory.parent / "acknowledged").write_text(str(acknowledged))


def read_all(directory: Path) -> list[tuple[int, int, bytes]]:
    """Every batch as (first, last, payload)."""
    return [(each.first_sequence, each.last_sequence, bytes(each.payload)) for each in read_journal(directory)]


def test_batches_come_back_in_order_and_chained(tmp_path: Path) -> None:
    """What was appended over several segments is read back whole, with the hash chain of the definition."""
    journal = Journal(tmp_path / "X", SMALL)
    expected, chained = [], GENESIS_HASH
    for _ in range(300):
        batch = fake_batch(journal.sequence + 1, 2, journal.epoch)
        journal.append(batch, journal.epoch, journal.sequence)
        chained = chain_hash(chained, batch.payload)
        expected.append((batch.first_sequence, batch.last_sequence, batch.payload))
    assert journal.hash == chained
    journal.close()
    assert len(list_segments(tmp_path / "X")) >= 2
    assert read_all(tmp_path / "X") == expected


def test_each_opening_raises_the_epoch_and_goes_on(tmp_path: Path) -> None:
    """A writer goes on after the last batch with the next epoch, also when it died at a segment's end."""
    directory = tmp_path / "X"
    for opening in range(1, 6):
        with contextlib.closing(Journal(directory, SMALL)) as journal:
            assert (journal.epoch, journal.sequence) == (opening, (opening - 1) * 300)
            fill(journal, 100, body_bytes=600)
    assert [last for _, last, _ in read_all(directory)][-1] == 1500
    ends = list_segments(directory)[-1]
    with contextlib.closing(Journal(directory, SMALL)) as journal:
        while journal.segment == ends:
            fill(journal, 1, body_bytes=600)
        sequence = journal.sequence
    with contextlib.closing(Journal(directory, SMALL)) as journal:  # the last segment has been made but not begun
        assert (journal.epoch, journal.sequence) == (7, sequence)
        fill(journal, 1)


def test_an_ended_segment_without_successor_is_continued(tmp_path: Path) -> None:
    """A crash between a segment's end and its successor's name loses nothing."""
    directory = tmp_path / "X"
    with contextlib.closing(Journal(directory, SMALL)) as journal:
        while journal.segment == 1:
            fill(journal, 1, body_bytes=600)
        sequence, successor = journal.sequence, journal.segment
    for file in segment_path(directory, successor).iterdir():
        file.unlink()
    segment_path(directory, successor).rmdir()
    with contextlib.closing(Journal(directory, SMALL)) as journal:
        assert (journal.epoch, journal.sequence, journal.segment) == (2, sequence, successor)
        fill(journal, 3)
    assert read_all(directory)[-1][1] == sequence + 9


@pytest.mark.parametrize("batches", [0, 1, 200])
def test_a_stale_writer_is_fenced(tmp_path: Path, batches: int) -> None:
    """After another writer has taken over, nothing of the old one gets into the log (acceptance 18)."""
    journal = Journal(tmp_path / "X", SMALL)
    fill(journal, 20)
    journal.prepare()
    assert in_child(take_over, tmp_path / "X", batches) == 0
    with pytest.raises(FencedError, match="FENCED"):
        fill(journal, 1)
    with pytest.raises(WriteError, match="failed before"):
        fill(journal, 1)
    journal.close()
    written = read_all(tmp_path / "X")
    assert len(written) == 20 + batches
    assert written[-1][1] == 3 * len(written)


def test_a_stale_writer_is_fenced_after_rotation(tmp_path: Path) -> None:
    """A writer that stands at the beginning of a segment that it has just made is fenced as well."""
    directory = tmp_path / "X"
    journal = Journal(directory, SMALL)
    while journal.segment == 1:
        fill(journal, 1, body_bytes=600)
    sequence = journal.sequence
    assert in_child(take_over, directory, 1) == 0
    with pytest.raises(FencedError):
        fill(journal, 1)
    journal.close()
    assert read_all(directory)[-1][1] == sequence + 3


def test_batches_must_follow(tmp_path: Path) -> None:
    """A wrong expected sequence, a gap, an empty batch, a foreign epoch: refused, and nothing is appended."""
    with contextlib.closing(Journal(tmp_path / "X", SMALL)) as journal:
        fill(journal, 2)
        for batch, expected in ((fake_batch(7, 1, 1), 5), (fake_batch(8, 1, 1), 6), (fake_batch(6, 1, 1), 6)):
            with pytest.raises(SequenceError):
                journal.append(batch, 1, expected)
        with pytest.raises(FencedError):
            journal.append(fake_batch(7, 1, 2), 2, 6)
        fill(journal, 1)
    assert len(read_all(tmp_path / "X")) == 3


def test_a_refused_write_is_final_and_loses_nothing_acknowledged(tmp_path: Path) -> None:
    """A real failing write: WriteError, no second try; what was acknowledged is there afterwards."""
    assert in_child(append_until_refused, tmp_path / "X") == 0
    acknowledged = int((tmp_path / "acknowledged").read_text())
    assert acknowledged > 0
    with contextlib.closing(Journal(tmp_path / "X", SMALL)) as journal:
        assert journal.sequence == acknowledged
    assert read_all(tmp_path / "X")[-1][1] == acknowledged


def test_the_next_segment_is_made_ahead(tmp_path: Path) -> None:
    """prepare() makes it once half of a segment is used; rotation takes it; closing leaves none behind."""
    directory = tmp_path / "X"
    with contextlib.closing(Journal(directory, SMALL)) as journal:
        journal.prepare()
        assert not list(directory.glob(f"{SCRATCH_PREFIX}*"))
        fill(journal, 60, body_bytes=600)
        journal.prepare()
        assert len(list(directory.glob(f"{SCRATCH_PREFIX}*"))) == 1
        while journal.segment == 1:
            fill(journal, 1, body_bytes=600)
        assert not list(directory.glob(f"{SCRATCH_PREFIX}*"))
        fill(journal, 60, body_bytes=600)
        journal.prepare()
    assert not list(directory.glob(f"{SCRATCH_PREFIX}*"))


def test_dead_readers_are_cleared(tmp_path: Path) -> None:
    """The slot of a reader that was killed in a transaction is freed (acceptance 25)."""
    with contextlib.closing(Journal(tmp_path / "X", SMALL)) as journal:
        fill(journal, 1)
        ready = tmp_path / "ready"
        reader = get_context("spawn").Process(target=hold_a_reader, args=(segment_path(tmp_path / "X", 1), ready))
        reader.start()
        deadline = time.monotonic() + 20
        while not ready.exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert journal.clear_dead_readers() == 0
        os.kill(reader.pid or 0, signal.SIGKILL)
        reader.join()
        assert journal.clear_dead_readers() == 1


def test_a_reader_follows_a_living_writer(tmp_path: Path) -> None:
    """A reader sees every batch once, in order, over segments that are made while it reads."""
    directory = tmp_path / "X"
    writer = get_context("spawn").Process(target=append_slowly, args=(directory, 200))
    writer.start()
    reader = JournalReader(directory)
    seen: list[int] = []
    deadline = time.monotonic() + 30
    while len(seen) < 200:
        batches = reader.read(10_000)
        seen += [each.first_sequence for each in batches]
        assert time.monotonic() < deadline
        if not batches:
            time.sleep(0.002)
    writer.join()
    reader.close()
    assert seen == list(range(1, 600, 3))
    assert reader.sequence == 600
    assert len(list_segments(directory)) > 2


def test_a_reader_begins_anywhere(tmp_path: Path) -> None:
    """From any sequence on, the first batch is the one that holds the next sequence; a piece at a time."""
    directory = tmp_path / "X"
    with contextlib.closing(Journal(directory, SMALL)) as journal:
        fill(journal, 200, body_bytes=600)
        assert len(list_segments(directory)) > 1
    for after in (0, 1, 2, 3, 250, 251, 252, 597, 598, 599):
        with contextlib.closing(JournalReader(directory, after)) as reader:
            (batch,) = reader.read(1)
            assert batch.first_sequence == after // 3 * 3 + 1
            assert reader.sequence == batch.last_sequence
            rest: list[int] = []
            while batches := reader.read(5_000):
                rest += [each.first_sequence for each in batches]
            assert rest == list(range(batch.last_sequence + 1, 600, 3))
    with contextlib.closing(JournalReader(directory, 600)) as reader:
        assert reader.read() == []
    with contextlib.closing(JournalReader(tmp_path / "none")) as reader:
        assert reader.read() == []


def test_a_reader_serves_no_damaged_batch(tmp_path: Path) -> None:
    """A changed value stops the reader before it, and the exception names the sequence."""
    directory = tmp_path / "X"
    with contextlib.closing(Journal(directory, JournalSettings())) as journal:
        fill(journal, 20)
    with (
        contextlib.closing(lmdb.open(str(segment_path(directory, 1)))) as environment,
        environment.begin(write=True) as txn,
    ):
        key = (31).to_bytes(8, "big")
        value = bytearray(txn.get(key))
        value[200] ^= 1
        txn.put(key, bytes(value))
    with contextlib.closing(JournalReader(directory)) as reader:
        assert [each.last_sequence for each in reader.read()][-1] == 30
        with pytest.raises(JournalDamagedError, match="sequence 31"):
            reader.read()


def test_history_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    """Reading from before the oldest segment is refused at once."""
    directory = tmp_path / "X"
    with contextlib.closing(Journal(directory, SMALL)) as journal:
        fill(journal, 200, body_bytes=600)
    first = list_segments(directory)[0]
    for file in segment_path(directory, first).iterdir():
        file.unlink()
    segment_path(directory, first).rmdir()
    with pytest.raises(ValueError, match="is kept from sequence"):
        JournalReader(directory, 5)

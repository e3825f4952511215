"""A real engine process, spawned, killed with -9 and started again, driven through real rings."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.engine.kit import INSTRUMENT, STATE, SYMBOL, flow, settings
from tests.venues.one_engine import DEADLINE_S, SPAWN, EngineVenue
from tests.venues.waiting import wait_until
from tidegate.engine import main as engine_main
from tidegate.engine import snapshotter
from tidegate.engine.config import EngineSettings, JournalSettings, SnapshotSettings, SnapshotterSettings
from tidegate.engine.errors import EXIT_DAMAGED, EXIT_FENCED, EXIT_WRITE_FAILED
from tidegate.engine.journal import Journal
from tidegate.engine.offline import read_journal
from tidegate.engine.recovery import recover
from tidegate.engine.snapshot import list_snapshots, snapshot_path
from tidegate.engine.verify import verify
from tidegate.wire.journal_segment import list_segments, segment_path
from tidegate.wire.native import (
    unpack_commands,
)
from tidegate.wire.records import (
    Command,
    CommandType,
    Event,
    EventFlag,
    EventType,
)
from tidegate.wire.records import unpack_commands as parse_commands
from tidegate.wire.stats import EngineState


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[EngineVenue]:
    """A venue of one symbol without processes yet."""
    made = EngineVenue(settings(tmp_path / "data", journal=JournalSettings(segment_bytes=1 << 18)))
    with contextlib.closing(made):
        yield made


def answered(events: list[Event]) -> dict[int, int]:
    """request_id -> sequence of every command whose last event is here; none may be here twice."""
    found: dict[int, int] = {}
    for event in events:
        if (
            event.flags & EventFlag.LAST_OF_COMMAND
            and event.request_id
            and event.command_type < CommandType.QUERY_ORDER
        ):
            assert event.request_id not in found, f"request {event.request_id} was answered twice"
            found[event.request_id] = event.sequence
    return found


def journaled(config: EngineSettings) -> list[Command]:
    """Every command in the journal, in order."""
    payloads = (bytes(each.payload) for each in read_journal(config.topology.journal_dir(SYMBOL)))
    return [command for payload in payloads for command in parse_commands(unpack_commands(payload))]


def check_log(config: EngineSettings, acknowledged: dict[int, int]) -> list[int]:
    """Every acknowledged command exactly once and at its sequence; returns the request ids in the log."""
    commands = journaled(config)
    assert [each.sequence for each in commands] == list(range(1, len(commands) + 1))
    # (What lies at a command's request_id is something else in DEFINE_INSTRUMENT.)
    requests = [each.request_id for each in commands if each.type != CommandType.DEFINE_INSTRUMENT and each.request_id]
    assert len(requests) == len(set(requests)), "a command is in the journal twice"
    for request, sequence in acknowledged.items():
        assert commands[sequence - 1].request_id == request
    return requests


def test_orders_are_answered_and_a_drain_loses_nothing(venue: EngineVenue) -> None:
    """Genesis, a flow of commands, SIGTERM: exit code 0, everything journaled, everything answered, verified."""
    venue.start()
    first = venue.wait_running()
    assert first.epoch == 1
    venue.push(flow(1, 3000))
    assert venue.drain() == 0
    events = []
    while piece := venue.read():
        events += piece
    assert [each.type for each in events[:2]] == [EventType.INSTRUMENT_DEFINED, EventType.PHASE_CHANGED]
    acknowledged = answered(events)
    assert len(acknowledged) == 3000
    assert check_log(venue.config, acknowledged) == list(range(1, 3001))
    report = verify(venue.config)
    assert report.ok
    last = venue.stats()
    assert last is not None
    assert (last.state, last.sequence, last.commands) == (EngineState.STOPPED, 3002, 3002)
    assert last.commit_p50_us > 0
    assert last.batch_p99_us >= last.commit_p50_us


@pytest.mark.timeout(600)  # thirteen starts of a process
def test_killed_at_random_moments_nothing_is_lost_or_doubled(venue: EngineVenue) -> None:
    """kill -9 twelve times under load (acceptance 2): every acknowledged command is in the log exactly once, what
    was in the rings goes in once as well, the event stream has no gap, and replay gives the live state."""
    kill_and_restart(venue, seed=5, kills=12)


@pytest.mark.long
def test_killed_very_often(venue: EngineVenue) -> None:
    """The same with a hundred kills; and it is back soon, on a machine that is left alone."""
    back_s = kill_and_restart(venue, seed=6, kills=100)
    assert sorted(back_s)[len(back_s) // 2] <= 2.0


def kill_and_restart(venue: EngineVenue, seed: int, kills: int) -> list[float]:
    """Pushes commands all the time while the engine is killed and started; how long each start took, in seconds."""
    chance = random.Random(seed)
    events: list[Event] = []
    back_s: list[float] = []
    sent = 0
    for epoch in range(1, kills + 2):
        started = time.monotonic()
        venue.start()
        assert venue.wait_running().epoch == epoch
        back_s.append(time.monotonic() - started)
        lives_until = time.monotonic() + chance.uniform(0.005, 0.15)
        while time.monotonic() < lives_until:
            count = chance.randrange(1, 200)
            venue.push(flow(sent, count, sent + 1))
            sent += count
            events += venue.read()
        venue.kill()
        count = chance.randrange(1, 500)  # clients go on while nobody answers
        venue.push(flow(sent, count, sent + 1))
        sent += count
        events += venue.read()
    venue.start()
    venue.wait_running()
    assert venue.drain() == 0
    while piece := venue.read():
        events += piece
    acknowledged = answered(events)
    assert len(acknowledged) == sent
    assert check_log(venue.config, acknowledged) == list(range(1, sent + 1))
    sequences = [each.sequence for each in events]
    assert sequences == sorted(sequences)
    assert verify(venue.config).ok
    print(f"{kills} kills, {sent} commands, back after {max(back_s):.2f} s at most")
    return back_s


def test_snapshots_are_made_while_it_runs_and_recovery_uses_them(venue: EngineVenue) -> None:
    """The snapshotter follows and keeps three generations; with the newest, then the newest two damaged, recovery
    falls back and gives the same state (acceptance 8)."""
    config = venue.config
    shared = {"data_dir": config.data_dir, "instruments": config.instruments, "state": STATE}
    snapshots = SnapshotSettings(every_records=400, poll_ms=10)
    venue.start()
    venue.wait_running()
    follower = SPAWN.Process(target=snapshotter.main, args=(SnapshotterSettings(**shared, snapshots=snapshots),))
    follower.start()
    directory = config.topology.snapshot_dir(SYMBOL)
    for round_ in range(6):
        venue.push(flow(round_, 500, round_ * 500 + 1))
        wait_until(lambda: list_snapshots(directory)[:1] > [round_ * 500], DEADLINE_S)  # noqa: B023
    venue.push(flow(77, 100, 3001))
    follower.terminate()
    follower.join(DEADLINE_S)
    assert follower.exitcode == 0
    assert venue.drain() == 0
    assert len(list_snapshots(directory)) == 3
    report = verify(config).symbols[0]
    assert report.ok
    assert len(report.snapshots) == 3
    journal_dir = config.topology.journal_dir(SYMBOL)
    wanted = list_snapshots(directory)
    for damaged in range(4):
        found = recover(journal_dir, directory, INSTRUMENT, STATE, last_sequence=report.last_sequence)
        assert found.state_hash == report.state_hash
        assert found.snapshot_sequence == [*wanted, 0][damaged]
        if damaged < 3:
            path = snapshot_path(directory, wanted[damaged]) / "data.mdb"
            content = bytearray(path.read_bytes())
            content[len(content) // 2] ^= 4
            path.write_bytes(content)
    faulty = verify(config).symbols[0]
    assert not faulty.ok
    assert faulty.fault is None
    assert all(each.fault for each in faulty.snapshots)


def test_a_damaged_journal_stops_the_symbol_and_names_the_sequence(venue: EngineVenue) -> None:
    """The process ends with EXIT_DAMAGED, says where, and serves nothing (acceptance 5)."""
    venue.start()
    venue.wait_running()
    venue.push(flow(1, 500))
    wait_until(lambda: venue.stats().sequence == 502, DEADLINE_S)
    assert venue.drain() == 0
    path = segment_path(venue.config.topology.journal_dir(SYMBOL), 1) / "data.mdb"
    content = path.read_bytes()
    batch = content[content.index(b"TGBATCH1") :][:64]
    # LMDB copies a page that it changes: older copies of the batch lie about, and nobody reads them.
    path.write_bytes(content.replace(batch, batch[:-1] + bytes([batch[-1] ^ 1])))
    fault = verify(venue.config).symbols[0].fault
    assert fault is not None
    assert 1 <= fault.sequence <= 502
    process = venue.start()
    process.join(DEADLINE_S)
    assert process.exitcode == EXIT_DAMAGED
    stats = venue.stats()
    assert stats is not None
    assert stats.state == EngineState.FAILED
    assert f"sequence {fault.sequence}" in stats.state_text


def test_an_engine_that_was_replaced_is_fenced(venue: EngineVenue) -> None:
    """SIGSTOP, another writer takes over, SIGCONT (acceptance 18): no stale record, exit code EXIT_FENCED."""
    process = venue.start()
    venue.wait_running()
    venue.push(flow(1, 100))
    wait_until(lambda: venue.stats().sequence == 102, DEADLINE_S)
    os.kill(process.pid or 0, signal.SIGSTOP)
    with contextlib.closing(Journal(venue.config.topology.journal_dir(SYMBOL), venue.config.journal)) as journal:
        assert (journal.epoch, journal.sequence) == (2, 102)
    venue.push(flow(2, 50, 101))
    os.kill(process.pid or 0, signal.SIGCONT)
    process.join(DEADLINE_S)
    assert process.exitcode == EXIT_FENCED
    assert len(journaled(venue.config)) == 102
    assert "FENCED" in venue.stats().state_text
    assert set(answered(venue.read())) == set(range(1, 101))


def test_an_idle_engine_sleeps(venue: EngineVenue) -> None:
    """Without commands it uses next to no processor time, and it answers the next command at once."""
    process = venue.start()
    venue.wait_running()
    time.sleep(0.3)
    before = cpu_seconds(process.pid or 0)
    time.sleep(1.5)
    used = cpu_seconds(process.pid or 0) - before
    assert used <= 0.15  # one that never sleeps uses ten times as much
    venue.read()
    venue.push(flow(1, 1))
    wait_until(venue.read, DEADLINE_S)


def cpu_seconds(pid: int) -> float:
    """Processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def limited_main(config: EngineSettings) -> None:
    """An engine whose disk takes no file above 600 KiB."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600 << 10, 600 << 10))
    engine_main.main(config)


def test_a_disk_that_refuses_stops_the_symbol(tmp_path: Path) -> None:
    """A real failing write (acceptance 7): EXIT_WRITE_FAILED, nothing acknowledged that is not in the journal."""
    with contextlib.closing(EngineVenue(settings(tmp_path / "data", journal=JournalSettings()))) as venue:
        process = venue.start(limited_main)
        wait_until(lambda: venue.stats().state == EngineState.RUNNING, DEADLINE_S)
        events: list[Event] = []
        sent = 0
        while process.is_alive() and sent < 100_000:
            with contextlib.suppress(AssertionError):
                assert venue.producer is not None
                sent += venue.producer.push(flow(sent, 300, sent + 1))
            events += venue.read()
        process.join(DEADLINE_S)
        assert process.exitcode == EXIT_WRITE_FAILED
        while piece := venue.read():
            events += piece
        acknowledged = answered(events)
        assert acknowledged
        check_log(venue.config, acknowledged)
        assert "failed" in venue.stats().state_text
        venue.start()  # room again, and a person has looked: everything that is in the rings goes in
        venue.wait_running()
        assert venue.drain() == 0
        while piece := venue.read():
            events += piece
        check_log(venue.config, answered(events))
        assert verify(venue.config).ok


def test_a_torn_tail_is_cut_and_clients_are_not_lied_to(venue: EngineVenue) -> None:
    """The last batch is torn while the event ring is gone (a machine that crashed): it is cut and reported."""
    venue.start()
    venue.wait_running()
    venue.push(flow(1, 200))
    wait_until(lambda: venue.stats().sequence == 202, DEADLINE_S)
    venue.kill()
    directory = venue.config.topology.journal_dir(SYMBOL)
    last = [(each.first_sequence, bytes(each.payload)) for each in read_journal(directory)][-1]
    path = segment_path(directory, list_segments(directory)[-1]) / "data.mdb"
    content = bytearray(path.read_bytes())
    place = content.rindex(last[1]) + len(last[1]) // 2
    content[place] ^= 1
    path.write_bytes(content)
    # With the ring still there, readers have seen what is gone: that must not be papered over.
    process = venue.start()
    process.join(DEADLINE_S)
    assert process.exitcode == EXIT_DAMAGED
    assert "acknowledged" in venue.stats().state_text
    venue.renew_event_ring()
    venue.start()
    stats = venue.wait_running()
    assert stats.sequence == last[0] - 1
    assert venue.drain() == 0
    assert verify(venue.config).ok

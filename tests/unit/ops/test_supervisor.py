"""Processes that do not stay up, and data directories that somebody else has."""

import fcntl
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tidegate.ops import processes, verify_command
from tidegate.ops.config import VenueConfig, load, parse
from tidegate.ops.directory import VenueDirectory, require_nobody_lives
from tidegate.ops.errors import ConfigError, PortTakenError, StartError, VenueRunningError
from tidegate.ops.memory import VenueMemory, check_room
from tidegate.ops.ports import require_free_port
from tidegate.ops.processes import AROUND_RANK, ENGINE_RANK, ProcessSpec, specs
from tidegate.ops.supervisor import Supervisor
from tidegate.wire.segment import Segment


@pytest.fixture
def config(tmp_path: Path) -> VenueConfig:
    """The default venue in a directory of its own, impatient."""
    content = load(data_dir=tmp_path / "venue").model_dump(mode="json", exclude={"engine"})
    content["venue"]["operator_key"] = "demo-operator-key"
    content["supervisor"] |= {"backoff_s": 0.01, "stop_s": 2.0}
    return parse(content, "test")


def segments(config: VenueConfig) -> list[str]:
    """Segments of the venue that exist."""
    return [name for name in config.topology.segments() if Path("/dev/shm", name).exists()]


@pytest.fixture
def crashing(config: VenueConfig, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    """A supervisor with one process that cannot start, and one that need not be there for the venue to serve."""
    monkeypatch.setattr(processes, "specs", lambda *_: [])
    # `this` is a module without a main().
    engine = ProcessSpec("engine.BTCUSDT", "this", config.risk_settings(), ENGINE_RANK, "BTCUSDT", frozenset({82}))
    told: list[str] = []
    supervisor = Supervisor(config, [engine], tell=told.append)
    supervisor.start()
    yield supervisor
    supervisor.stop()
    assert segments(config) == []
    assert told[-1].startswith("engine.BTCUSDT has failed (exit code 1) and is not started again; see ")


def test_a_crash_loop_ends_after_three(crashing: Supervisor) -> None:
    """Acceptance row 12: at most three quick crashes, then "failed" in the process table, and its log says why."""
    each = crashing.managed["engine.BTCUSDT"]
    deadline = time.monotonic() + 30
    while each.state != "failed":
        assert time.monotonic() < deadline
        crashing.tick(0.05)
    crashing.tick(0.0)
    (row,) = json.loads(crashing.config.topology.process_table.read_bytes())["processes"]
    assert (row["state"], row["restarts"], row["exit_code"], row["pid"]) == ("failed", 2, 1, 0)
    assert crashing.failed_symbols() == {"BTCUSDT"}
    log = (crashing.config.topology.data_dir / "log" / "engine.BTCUSDT.log").read_text()
    assert log.count("module 'this' has no attribute 'main'") == 3


def test_a_venue_without_one_of_its_parts_does_not_start(crashing: Supervisor) -> None:
    """A failed symbol is left out; anything else that fails is an error."""
    deadline = time.monotonic() + 30
    while not crashing.failed_symbols():
        assert time.monotonic() < deadline
        crashing.tick(0.05)
    each = crashing.managed["engine.BTCUSDT"]
    each.spec = ProcessSpec("risk", "this", each.spec.settings, AROUND_RANK)
    with pytest.raises(StartError, match="risk has failed"):
        crashing.failed_symbols()
    each.spec = ProcessSpec("engine.BTCUSDT", "this", each.spec.settings, ENGINE_RANK, "BTCUSDT")


def test_every_process_has_its_place_in_the_order(config: VenueConfig) -> None:
    """Started from risk to gateways, so drained from gateways to risk."""
    names = [spec.name for spec in specs(config, {"BTCUSDT", "ETHUSDT", "SOLUSDT"})]
    assert names[0] == "risk"
    assert names[-1] == "gateway.0"
    assert {"snapshotter", "marketdata", "history", "engine.BTCUSDT", "engine.ETHUSDT", "engine.SOLUSDT"} <= set(names)


@pytest.mark.rule("INS-3")
def test_what_was_listed_while_the_venue_ran_never_opens_by_itself(config: VenueConfig) -> None:
    """When the supervisor dies before the new engine has written a journal, the next one starts it in HALT."""
    started = {spec.symbol: spec.settings for spec in specs(config, {"BTCUSDT"}) if spec.symbol}
    phases = {symbol: getattr(settings, "initial_phase", None) for symbol, settings in started.items()}
    assert phases == {"BTCUSDT": "OPEN", "ETHUSDT": "HALT", "SOLUSDT": "HALT"}


def test_a_directory_has_one_venue(config: VenueConfig) -> None:
    """The second is refused; after the first has gone, it may."""
    first = VenueDirectory(config.topology)
    with pytest.raises(VenueRunningError, match="another venue is running"):
        VenueDirectory(config.topology)
    first.close()
    VenueDirectory(config.topology).close()


def test_a_venue_that_runs_is_not_verified(config: VenueConfig) -> None:
    """A file that is written meanwhile looks damaged, and nobody is to be told so of a sound venue."""
    venue = VenueDirectory(config.topology)
    with pytest.raises(VenueRunningError, match="a venue is running"):
        verify_command.run(config, print)
    venue.close()
    with (config.topology.run_dir / "alive.lock").open("rb") as child:
        fcntl.flock(child, fcntl.LOCK_SH)
        with pytest.raises(VenueRunningError, match="a venue is running"):
            verify_command.run(config, print)
    require_nobody_lives(config.topology)


def test_processes_of_a_killed_venue_are_waited_for(config: VenueConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments are not touched while one of them lives."""
    monkeypatch.setattr("tidegate.ops.directory.CHILDREN_END_S", 0.05)
    VenueDirectory(config.topology).close()
    with (config.topology.run_dir / "alive.lock").open("rb") as child:
        fcntl.flock(child, fcntl.LOCK_SH)
        with pytest.raises(VenueRunningError, match="have not ended"):
            VenueDirectory(config.topology)
    VenueDirectory(config.topology).close()


def test_segments_of_a_killed_venue_are_cleared(config: VenueConfig) -> None:
    """What the predecessor could not destroy is gone before new ones are made."""
    stale = Segment.create(config.topology.segments()[0], 4096)
    directory = VenueDirectory(config.topology)
    assert segments(config) == []
    memory = VenueMemory(config.topology, config.rings)
    assert set(segments(config)) == set(config.topology.segments())
    assert memory.queued("BTCUSDT") == 0
    memory.close()
    directory.close()
    assert segments(config) == []
    del stale


def test_shared_memory_that_is_too_small_is_said_before_it_hurts(config: VenueConfig) -> None:
    """The kernel would kill whoever touches a page too many."""
    huge = config.rings.model_copy(update={"event_records": 1 << 30})
    with pytest.raises(ConfigError, match=r"MiB of shared memory needed"):
        check_room(config.topology, huge)


def test_a_taken_port_is_named() -> None:
    """Also when whoever has it would share it (SO_REUSEPORT)."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=rf"port {port} on 127\.0\.0\.1 is taken.*venue\.port.*--port"):
            require_free_port("port", "127.0.0.1", port)
    require_free_port("port", "127.0.0.1", port)


def test_a_full_disk_leaves_the_process_table_as_it_was(config: VenueConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Acceptance row 6: the supervisor goes on, says so once, and still gives everything back when it stops."""
    monkeypatch.setattr(processes, "specs", lambda *_: [])
    told: list[str] = []
    supervisor = Supervisor(config, tell=told.append)
    supervisor.start()
    table = config.topology.process_table
    before = table.read_bytes()
    table.with_suffix(".tmp").symlink_to("/dev/full")
    for _ in range(2):
        supervisor.write_table(time.monotonic())
    assert table.read_bytes() == before
    assert told == [f"{table} is out of date: No space left on device"]
    supervisor.stop()
    assert segments(config) == []
    VenueDirectory(config.topology).close()


def test_a_directory_whose_socket_would_have_too_long_a_path_is_refused(tmp_path: Path) -> None:
    """Before anything is started: the kernel's bound would only show in the log of risk."""
    config = load(data_dir=tmp_path / ("d" * 120))
    with pytest.raises(ConfigError, match=r"venue.data_dir must be \d+ bytes shorter"):
        Supervisor(config).start()
    assert not config.topology.run_dir.exists()

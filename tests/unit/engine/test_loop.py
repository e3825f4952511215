"""The duty cycle: durable before shown, one append per batch, queries without the journal, drain."""

from __future__ import annotations

import pytest

from tests.unit.engine.kit import INSTRUMENT, MemoryVenue, flow, genesis, settings
from tidegate.engine.errors import DiskFullError, WriteError
from tidegate.engine.genesis import OwnRing, opening_commands
from tidegate.engine.loop import BUSY_COMMANDS, Loop
from tidegate.wire.log import Batch
from tidegate.wire.native import COMMAND_BYTES, inspect
from tidegate.wire.records import Command, CommandType, Event, EventType, unpack_events
from tidegate.wire.stats import EngineState


class Steps:
    """A clock that a test drives, a journal in memory and a reporter: all of it in one list of what happened."""

    def __init__(self, venue: MemoryVenue) -> None:
        self.venue = venue
        self.now = 5_000
        self.epoch = 3
        self.sequence = 0
        self.happened: list[str] = []
        self.payloads: list[bytes] = []
        self.shown: list[Event] = []
        self.fails = False
        self.state = EngineState.RUNNING

    def now_ns(self) -> int:
        return self.now

    def pause(self, duration_us: int) -> None:
        self.happened.append(f"pause {duration_us}")

    def look(self) -> list[Event]:
        """What readers see now and have not seen before."""
        fresh = list(unpack_events(self.venue.reader.read(1000)))
        self.shown += fresh
        return fresh

    def append(self, batch: Batch, epoch: int, expected_sequence: int) -> None:
        assert (epoch, expected_sequence) == (self.epoch, self.sequence)
        self.look()
        assert all(each.sequence < batch.first_sequence for each in self.shown), "shown before it was durable"
        if self.fails:
            raise WriteError("no")
        self.sequence = batch.last_sequence
        self.payloads.append(bytes(batch.payload))
        self.happened.append(f"append {batch.first_sequence}-{batch.last_sequence}")

    def record(self, taken: int, commit_ns: int, batch_ns: int) -> None:
        assert batch_ns > commit_ns
        self.happened.append(f"taken {taken}" if commit_ns else f"queries {taken}")

    def report(self, message: str = "") -> None:
        self.happened.append(f"report {self.state.name} {message}".strip())

    def report_if_due(self) -> None:
        pass

    def report_when_idle(self, idle_ms: int) -> int:
        return 1


@pytest.fixture
def steps() -> Steps:
    """A symbol without commands yet."""
    return Steps(MemoryVenue())


@pytest.fixture
def loop(steps: Steps, tmp_path: object) -> Loop:
    """Its loop, four commands a batch."""
    config = settings(tmp_path, commands_max=4)  # type: ignore[arg-type]
    return Loop(steps.venue.shard, steps, steps, config, steps)  # type: ignore[arg-type]


def test_a_batch_is_durable_before_it_is_shown(steps: Steps, loop: Loop) -> None:
    """Appended once, in order, with the clock's time; then readers see its events."""
    steps.venue.push(genesis() + flow(1, 6))
    assert loop.step() == 4
    events = steps.look()
    assert [each.type for each in events[:2]] == [EventType.INSTRUMENT_DEFINED, EventType.PHASE_CHANGED]
    assert {each.epoch for each in events} == {3}
    assert inspect(steps.payloads[0]).time_ns == 5_000
    steps.now = 4_000  # the clock goes back, sequenced time does not
    assert loop.step() == 4
    assert inspect(steps.payloads[1]).time_ns == 5_000
    assert loop.step() == 0
    assert steps.happened == ["append 1-4", "taken 4", "append 5-8", "taken 4"]


@pytest.mark.parametrize(("commands", "pauses"), [(1, 0), (BUSY_COMMANDS, 1), (1000, 0)])
def test_commands_gather_under_load(steps: Steps, tmp_path: object, commands: int, pauses: int) -> None:
    """After a large batch with little behind it, more are waited for; a single order and a full ring never wait."""
    config = settings(tmp_path, commands_max=BUSY_COMMANDS, gather_us=250)  # type: ignore[arg-type]
    loop = Loop(steps.venue.shard, steps, steps, config, steps)  # type: ignore[arg-type]
    steps.venue.push((genesis() + flow(1, 1000))[: commands * COMMAND_BYTES])
    looks = iter([False, True])
    loop.run(lambda: next(looks))
    assert sum(each == "pause 250" for each in steps.happened) == pauses


def test_a_failed_append_shows_nothing_and_keeps_the_commands(steps: Steps, loop: Loop) -> None:
    """The batch stays in the ring for the next process; readers never hear of it."""
    steps.venue.push(genesis())
    steps.fails = True
    with pytest.raises(WriteError):
        loop.step()
    assert not steps.look()
    assert steps.venue.shard.queue_depth() == 2


def test_a_full_disk_is_waited_for(steps: Steps, loop: Loop) -> None:
    """The batch is kept and shown once it is durable; until then the symbol does not serve."""
    append, refusals = steps.append, iter([True, True, False])

    def full_at_first(batch: Batch, epoch: int, expected_sequence: int) -> None:
        if next(refusals):
            raise DiskFullError("no room")
        append(batch, epoch, expected_sequence)

    steps.append = full_at_first  # type: ignore[method-assign]
    steps.venue.push(genesis())
    assert loop.step() == 2
    assert len(steps.look()) == 2
    waits = ["report RECOVERING no room", "pause 50000"]
    assert steps.happened == [*waits, *waits, "append 1-2", "report RUNNING", "taken 2"]


def test_a_full_disk_does_not_keep_a_process_from_stopping(steps: Steps, loop: Loop) -> None:
    """It ends as one that could not write; nothing was shown."""
    steps.append = _no_room  # type: ignore[method-assign]
    steps.venue.push(genesis())
    with pytest.raises(DiskFullError):
        loop.run(lambda: True)
    assert not steps.look()
    assert steps.venue.shard.queue_depth() == 2


def _no_room(batch: Batch, epoch: int, expected_sequence: int) -> None:
    raise DiskFullError("no room")


def test_queries_do_not_touch_the_journal(steps: Steps, loop: Loop) -> None:
    """A batch of queries only is answered without an append."""
    steps.venue.push(genesis())
    loop.step()
    steps.look()
    query = Command(type=CommandType.QUERY_DEPTH, symbol=INSTRUMENT.instrument_id, request_id=5, origin=1)
    steps.venue.push(query.pack())
    assert loop.step() == 1
    (answer,) = steps.look()
    assert (answer.type, answer.sequence) == (EventType.DEPTH_END, 2)
    assert steps.happened == ["append 1-2", "taken 2", "queries 1"]


def test_a_drain_empties_the_rings(steps: Steps, loop: Loop) -> None:
    """Asked to stop, it takes what is there before it ends."""
    steps.venue.push(genesis() + flow(1, 20))
    loop.run(lambda: True)
    assert steps.sequence == 22
    assert steps.venue.shard.queue_depth() == 0
    assert steps.happened[0] == "report DRAINING"


def test_the_venue_speaks_first_and_only_when_it_must() -> None:
    """A new journal gets rules and phase; one that holds them nothing: rules are changed by an operator's command."""
    venue = MemoryVenue()
    commands = opening_commands(venue.shard, INSTRUMENT, "POST_ONLY")
    assert len(commands) == 256
    own = OwnRing()
    own.push(commands)
    venue.shard.apply(commands, 1, 1)
    assert venue.shard.phase == 3
    assert opening_commands(venue.shard, INSTRUMENT, "OPEN") == b""
    changed = INSTRUMENT.model_copy(update={"open_orders_max": 7})
    assert opening_commands(venue.shard, changed, "OPEN") == b""
    assert venue.shard.phase == 3

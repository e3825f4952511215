"""The stats area: whole or not at all."""

from __future__ import annotations

from tidegate.wire.stats import AREA_BYTES, EngineState, EngineStats, StatsWriter, read_stats


def area() -> memoryview:
    """As at the head of a fresh event ring."""
    return memoryview(bytearray(AREA_BYTES))


def test_figures_come_back() -> None:
    """Every field at its place, large and negative numbers, a message that is cut at a whole character."""
    memory = area()
    assert read_stats(memory) is None
    stats = EngineStats(
        *range(1, 4), 2**32 - 1, 6, 2**64 - 1, 8, 9, 10, *range(11, 19), -19, -20, *range(21, 37), "é" * 400
    )
    StatsWriter(memory).write(stats)
    found = read_stats(memory)
    assert found is not None
    assert found.message == "é" * 248
    stats.message = found.message
    assert found == stats


def test_a_half_written_area_is_never_taken_for_whole() -> None:
    """Damage anywhere, or an odd turn: nothing; a new writer goes on where a killed one stopped."""
    memory = area()
    StatsWriter(memory).write(EngineStats(sequence=5))
    for at in range(8, 700, 7):
        memory[at] ^= 1
        assert read_stats(memory) is None
        memory[at] ^= 1
    memory[0] |= 1
    assert read_stats(memory) is None
    StatsWriter(memory).write(EngineStats(sequence=6))
    found = read_stats(memory)
    assert found is not None
    assert found.sequence == 6


def test_the_state_in_words() -> None:
    """The state's name, or the message when there is one."""
    assert EngineStats(state=EngineState.RUNNING).state_text == "running"
    assert EngineStats(state=EngineState.FAILED, message="disk").state_text == "disk"

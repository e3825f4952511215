"""So many of each at one time, and nobody behind another's many."""

import asyncio

import pytest

from tidegate.gateway.turns import Turns


@pytest.mark.rule("LIM-2")
async def test_whoever_asks_for_much_waits_for_himself_only() -> None:
    """Two go on, the third waits; of another one goes on at once."""
    turns: Turns[str] = Turns(2)
    async with turns.of("much"), turns.of("much"):
        async with turns.of("little"):
            pass
        with pytest.raises(TimeoutError):
            async with turns.of("much", seconds_max=0.01):
                pass
    async with turns.of("much"):
        pass


@pytest.mark.rule("LIM-2")
async def test_first_come_first_served_also_when_one_gives_up() -> None:
    """Whoever waits gets his turn in the order of coming; a task that is canceled leaves no turn taken."""
    turns: Turns[str] = Turns(1)
    served: list[int] = []

    async def served_in_turn(number: int) -> None:
        async with turns.of("one"):
            served.append(number)

    async with turns.of("one"):
        waiting = [asyncio.create_task(served_in_turn(number)) for number in range(4)]
        await asyncio.sleep(0)
        waiting[1].cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert served == [0, 2, 3]

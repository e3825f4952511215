"""One peer's requests take their share of the event loop and no more."""

import asyncio

import pytest

from tidegate.marketdata import turns
from tidegate.marketdata.turns import BURST_S, Account, Turns


def test_who_asks_for_more_than_its_share_waits() -> None:
    """A burst is free; then each answer waits until those before it are paid for; quiet pays too."""
    account = Account(0.1)
    now_s = 1000.0
    for _ in range(4):
        assert account.wait_s(now_s) == 0
        account.charge(0.01, now_s)
    assert account.wait_s(now_s) == 0
    for _ in range(6):
        account.charge(0.01, now_s)
    assert account.wait_s(now_s) == pytest.approx(1.0 - BURST_S)
    assert account.wait_s(now_s + 0.3) == pytest.approx(0.7 - BURST_S)
    assert not account.is_even(now_s + 0.9)
    assert account.is_even(now_s + 1.1)
    account.charge(0.01, now_s + 60)  # nothing is saved up beyond the burst
    assert account.wait_s(now_s + 60) == 0
    assert not account.is_even(now_s + 60)


async def test_one_peers_turn_keeps_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one has to wait for is worked out later; another peer is answered meanwhile."""
    monkeypatch.setattr(turns, "CALL_S", 0.2)
    all_turns = Turns(0.1)
    answered: list[str] = []

    async def ask(peer: str) -> None:
        await all_turns.take(peer, lambda: answered.append(peer))

    async with asyncio.timeout(60):
        await asyncio.gather(ask("greedy"), ask("greedy"), ask("modest"))
    assert answered == ["greedy", "modest", "greedy"]


async def test_work_that_fails_is_charged_and_ends_the_turn() -> None:
    """The next one comes."""
    all_turns = Turns(1.0)

    def fail() -> None:
        raise ValueError("not so")

    with pytest.raises(ValueError, match="not so"):
        await all_turns.take("peer", fail)
    assert await all_turns.take("peer", lambda: 7) == 7


async def test_peers_that_owe_nothing_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there have been."""
    monkeypatch.setattr(turns, "PEERS_KEPT_MAX", 10)
    monkeypatch.setattr(turns, "CALL_S", 0.0)
    all_turns = Turns(1.0)
    for number in range(100):
        await all_turns.take(f"peer {number}", lambda: None)
        await asyncio.sleep(0)
    assert len(all_turns._accounts) <= 12

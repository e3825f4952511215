"""The core and the naive oracle on generated sequences, and proof that the comparison can fail."""

from __future__ import annotations

import pytest

from tests.oracle.twin import native_shard, oracle_shard
from tests.properties.differential import compare, minimise, show
from tests.properties.generator import generate
from tests.properties.mistake import Mistake
from tests.properties.mistakes import MISTAKES
from tests.properties.mutants import build
from tests.properties.profiles import LONG_EVERY

SEQUENCES = 3_000
SEQUENCES_LONG = 100_000
SEQUENCES_TO_CATCH_A_MUTANT = 4_000


def run(first_seed: int, count: int) -> None:
    """Fails with a reproduction when the core and the oracle differ."""
    for seed in range(first_seed, first_seed + count):
        difference = compare(generate(seed), oracle_shard, native_shard)
        if difference is not None:
            pytest.fail("left: oracle, right: core\n" + show(minimise(difference, oracle_shard, native_shard)))


def test_core_and_oracle_agree() -> None:
    """Events byte for byte and state hash after every batch, over seeds 0 to 2999."""
    run(0, SEQUENCES)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_core_and_oracle_agree_long() -> None:
    """The same over 100,000 further seeds; scripts/differential.py does it on more processes."""
    run(1_000_000, SEQUENCES_LONG)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_broken_shard_is_caught(mistake: Mistake) -> None:
    """Each deliberate mistake makes a difference within 4000 sequences, and it still does when reduced."""
    broken = build(mistake)
    for step in range(SEQUENCES_TO_CATCH_A_MUTANT):
        seed = (mistake.seed + step) % SEQUENCES_TO_CATCH_A_MUTANT
        if seed % LONG_EVERY == LONG_EVERY - 1:  # reducing a long one takes minutes
            continue
        difference = compare(generate(seed), oracle_shard, broken)
        if difference is not None:
            reduced = minimise(difference, oracle_shard, broken)
            assert compare(reduced.sequence, oracle_shard, broken) is not None
            assert f"seed {seed}" in show(reduced)
            return
    pytest.fail(f"no sequence shows it: {mistake.name}")


def test_a_seed_is_a_sequence() -> None:
    """The generator is a pure function of the seed."""
    assert [generate(seed) for seed in range(50)] == [generate(seed) for seed in range(50)]
    assert len({generate(seed).batches for seed in range(50)}) == 50

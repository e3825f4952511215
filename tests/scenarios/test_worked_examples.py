"""The published worked examples on matching, at the level of records, on oracle and core."""

from __future__ import annotations

import pytest

from tests.scenarios.record_venue import RecordVenue
from tests.scenarios.worked_examples import (
    EXAMPLES_FILE,
    NOT_PLAYED,
    Example,
    check_levels,
    matching_examples,
    play,
    played_examples,
)

pytestmark = [
    pytest.mark.rule("MAT-1", "ORD-2"),
    pytest.mark.skipif(not EXAMPLES_FILE.exists(), reason="the worked examples are not beside the project"),
]


@pytest.mark.parametrize("example", played_examples(), ids=lambda example: example["id"])
async def test_published_outcome(example: Example) -> None:
    """Fills, status, book and positions are the published ones."""
    await play(example, RecordVenue())


async def test_the_one_that_is_left_out_contradicts_the_rules() -> None:
    """All others are played."""
    left_out = [example for example in matching_examples() if example["id"] in NOT_PLAYED]
    assert (len(matching_examples()), len(left_out)) == (34, 1)
    with pytest.raises(AssertionError):
        await play(left_out[0], RecordVenue())


@pytest.mark.parametrize("example", played_examples()[:3], ids=lambda example: example["id"])
async def test_another_outcome_is_seen(example: Example) -> None:
    """The comparison can fail: one lot more on the first level is not the published book."""
    wrong = {**example, "expected": {**example["expected"], "bids": [[1, 1, 1]]}}
    with pytest.raises(AssertionError):
        await play(wrong, RecordVenue())
    with pytest.raises(AssertionError):
        check_levels("bids", [(5, 2, 1)], [(5, 3, 1)])

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
    needs_what_is_not_there,
    play,
    played_examples,
)

pytestmark = pytest.mark.skipif(not EXAMPLES_FILE.exists(), reason="the worked examples are not beside the project")


@pytest.mark.parametrize("example", played_examples(), ids=lambda example: example["id"])
async def test_published_outcome(example: Example) -> None:
    """Fills, status, book and positions are the published ones."""
    await play(example, RecordVenue())


def test_exactly_these_are_left_out() -> None:
    """What is not played needs what this version does not have, and nothing else does."""
    examples = matching_examples()
    assert len(examples) == 34
    assert {example["id"] for example in examples if needs_what_is_not_there(example)} == set(NOT_PLAYED)


@pytest.mark.parametrize("example", played_examples()[:3], ids=lambda example: example["id"])
async def test_another_outcome_is_seen(example: Example) -> None:
    """The comparison can fail: one lot more on the first level is not the published book."""
    wrong = {**example, "expected": {**example["expected"], "bids": [[1, 1, 1]]}}
    with pytest.raises(AssertionError):
        await play(wrong, RecordVenue())
    with pytest.raises(AssertionError):
        check_levels("bids", [(5, 2, 1)], [(5, 3, 1)])

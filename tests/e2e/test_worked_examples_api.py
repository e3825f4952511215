"""The published worked examples on matching, through the public API of real processes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import grpc
import pytest

from tests.e2e.api_venue import ApiVenue
from tests.scenarios.worked_examples import EXAMPLES_FILE, Example, play, played_examples, triggers
from tests.venues.unsupervised import UnsupervisedVenue, unsupervised_venue

pytestmark = pytest.mark.skipif(not EXAMPLES_FILE.exists(), reason="the worked examples are not beside the project")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UnsupervisedVenue]:
    """One gateway, two engines, the ledger."""
    with unsupervised_venue(tmp_path_factory.mktemp("examples") / "data") as venue:
        yield venue


@pytest.fixture
async def venue(running: UnsupervisedVenue) -> AsyncIterator[ApiVenue]:
    """The symbol with an empty book and fresh accounts."""
    async with grpc.aio.insecure_channel(running.address) as channel:
        venue = ApiVenue(channel, "BTCUSDT")
        yield venue
        await venue.clear()


def told_at_once() -> list[Example]:
    """All but those whose outcome is told by the tick after the last command: these are played on records."""
    return [example for example in played_examples() if not triggers(example)]


@pytest.mark.parametrize("example", told_at_once(), ids=lambda example: example["id"])
async def test_published_outcome(example: Example, venue: ApiVenue) -> None:
    """Fills, status, book and positions are the published ones."""
    await play(example, venue)


async def test_another_outcome_is_seen(venue: ApiVenue) -> None:
    """The comparison can fail: a book that is not the published one."""
    wrong = {**played_examples()[0], "expected": {"bids": [[1, 1, 1]]}}
    with pytest.raises(AssertionError):
        await play(wrong, venue)

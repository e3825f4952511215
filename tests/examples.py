"""How many examples hypothesis draws: few and always the same for `make test`, many and new for `make campaign`."""

from __future__ import annotations

from hypothesis import settings

CAMPAIGN_FACTOR = 30


def examples(count: int) -> settings:
    """Settings of a test that draws `count` examples, or CAMPAIGN_FACTOR times as many in a campaign.

    Profiles are those of tests/conftest.py; `pytest --hypothesis-profile campaign` is loaded before tests are.
    """
    factor = CAMPAIGN_FACTOR if settings.get_current_profile_name() == "campaign" else 1
    return settings(max_examples=count * factor)

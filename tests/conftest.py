"""What holds for every test."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

# `make test` draws the same examples every time, so that nobody's change fails by luck over what it has not
# touched; `make campaign` draws new ones (tests/examples.py). Neither minds a slow machine.
settings.register_profile(
    "fixed",
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("campaign", settings.get_profile("fixed"), derandomize=False)
settings.load_profile("fixed")
# Hypothesis also draws constants of whatever modules are loaded: one more anywhere would change every example.
providers._get_local_constants = lambda: providers._local_constants


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long campaigns run only when a marker expression asks for them: pytest -m long."""
    if config.getoption("-m"):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]

"""Every example of docs/client.md, against the venue that it is written for."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.venues.supervised import SupervisedVenue, default_venue

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "client.md").read_text(), re.DOTALL)


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SupervisedVenue]:
    """One venue for all examples."""
    with default_venue(tmp_path_factory.mktemp("docs")) as running:
        yield running


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_example_runs(venue: SupervisedVenue, number: int) -> None:
    """The code as it stands in the document, but for the ports, in a fresh interpreter with warnings as errors."""
    code = EXAMPLES[number].replace("127.0.0.1:7400", venue.address).replace("127.0.0.1:7401", venue.market_data)
    assert "127.0.0.1:740" not in code
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, f"{code}\n{done.stdout}\n{done.stderr}"
    assert not done.stderr

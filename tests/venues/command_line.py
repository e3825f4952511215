"""The operator's commands against a venue that runs, in this process."""

from __future__ import annotations

from typer.testing import CliRunner, Result

from tests.venues.supervised import SupervisedVenue
from tidegate.ops.main import app


def tidegate(venue: SupervisedVenue, *arguments: str) -> Result:
    """A command, as it is typed."""
    return CliRunner().invoke(app, [*arguments, "--config", str(venue.file)])


def done(result: Result) -> str:
    """What it said; it must have worked."""
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(result: Result) -> str:
    """Why not; it must have said so in one line."""
    assert result.exit_code == 1, result.output
    assert len(result.stderr.splitlines()) == 1
    return result.stderr

"""Settings of an engine process that contradict themselves are refused."""

import pytest
from pydantic import ValidationError

from tidegate.engine.config import StateSettings


@pytest.mark.rule("ORD-3")
def test_every_account_is_sure_of_a_remembered_order() -> None:
    """Else accounts could make the venue forget each other's ids."""
    assert StateSettings(retained_max=64, accounts_max=64).retained_max == 64
    with pytest.raises(ValidationError, match="accounts_max"):
        StateSettings(retained_max=63, accounts_max=64)

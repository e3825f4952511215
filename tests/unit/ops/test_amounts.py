"""What the command line makes of numbers that people type."""

import pytest

from tidegate.ops.errors import RequestError
from tidegate.ops.main import to_units


def test_amounts_are_exact() -> None:
    """In 1e-8 of the asset."""
    assert to_units("1000.5") == 1000_50000000
    assert to_units("-0.00000001") == -1
    assert to_units("92233720368.54775807") == (1 << 63) - 1


@pytest.mark.parametrize("amount", ["x", "", "nan", "inf", "0.000000001", "1e999999999", "92233720368.54775808"])
def test_what_is_no_amount_is_refused_in_one_line(amount: str) -> None:
    """Also what Decimal itself overflows on, and what has no room in a message."""
    with pytest.raises(RequestError, match="is not an amount"):
        to_units(amount)

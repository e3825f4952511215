"""INS-1: integers everywhere; what does not fit is refused before anything changes."""

from __future__ import annotations

import pytest

from tests.oracle.records import INT64_MAX, POSITION_MAX, PRICE_MAX, QUANTITY_MAX, Rules
from tests.scenarios.market import Market

pytestmark = pytest.mark.rule("INS-1")


def test_a_product_in_128_bits() -> None:
    """2^22 ticks x 2^40 lots x 2 overflows 64 bits by one; it is refused, and the book is as before."""
    m = Market(rules=Rules(tick_lot_value=2))
    assert m.does(f"ann a1 buy {QUANTITY_MAX} @ {2**22}") == [f"a1 REJECTED 0 @ {2**22}: NOTIONAL_OVERFLOW"]
    assert m.does(f"ann a2 buy {QUANTITY_MAX} @ {2**22 - 1}")[0].startswith("a2 ACCEPTED")
    assert m.does(f"ann amend a2 price={2**22}")[0].endswith("NOTIONAL_OVERFLOW")
    assert m.queue("buy") == ["a2"]


@pytest.mark.parametrize("price", [1, PRICE_MAX])
def test_prices_at_their_bounds_trade(price: int) -> None:
    """1 and 2^31 - 1 ticks."""
    m = Market()
    m.does(f"ann a1 sell 1 @ {price}")
    assert m.does(f"bob b1 buy 1 @ {price}")[1] == f"TRADE 1 @ {price} of b1 with a1"


def test_the_largest_position() -> None:
    """2^50 lots, in 1024 trades of the largest quantity; not one lot more."""
    m = Market(rules=Rules(open_orders_max=10_000))
    for number in range(POSITION_MAX // QUANTITY_MAX):
        m.after(f"ann a{number} sell {QUANTITY_MAX} @ 1", f"bob b{number} buy {QUANTITY_MAX} @ 1")
    assert m.position("bob") == POSITION_MAX
    assert m.does("bob b buy 1 @ 1") == ["b REJECTED 0 @ 1: POSITION_LIMIT"]
    assert m.does("bob c sell 1 @ 1")[0].endswith("POSITION_LIMIT")


def test_a_trailing_trigger_is_exact_at_the_largest_price() -> None:
    """2147483647 x 9999 / 10000 = 2147268898.6, down; nothing is lost to rounding in between."""
    m = Market()
    m.does(f"prices mark={PRICE_MAX}")
    assert m.does("ann t1 sell 1 TRAILING_STOP callback=1") == [
        f"t1 ACCEPTED 1, waits for {PRICE_MAX * 9_999 // 10_000}"
    ]


def test_protection_counts_notional_without_overflow() -> None:
    """Two fills of 2^62 each: the sum stays at the largest number there is, and trips."""
    m = Market(rules=Rules(tick_lot_value=2**40))
    m.after(f"mm protect 1 window=1000 notional={INT64_MAX}", f"mm m1 buy {2**20} @ 4 group=1")
    m.does(f"mm m2 buy {2**20} @ 4 group=1")
    assert "PROTECTION" not in " ".join(m.does(f"bob b1 sell {2**20} @ 4"))
    assert "PROTECTION 1: MARKET_MAKER_PROTECTION" in m.does(f"bob b2 sell {2**20} @ 4")

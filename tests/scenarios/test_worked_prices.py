"""The published worked examples on trailing stops, call auctions and price bands."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from tests.oracle.records import Event, EventFlag, EventType, Rules
from tests.scenarios.market import Market
from tests.scenarios.worked_examples import EXAMPLES_FILE, Example

pytestmark = pytest.mark.skipif(not EXAMPLES_FILE.exists(), reason="the worked examples are not beside the project")


def examples(method: str) -> list[Example]:
    """Those of a method; none when the file is not there."""
    if not EXAMPLES_FILE.exists():
        return []
    return [each for each in json.loads(EXAMPLES_FILE.read_text())["examples"] if each["method"] == method]


def by_id(example: Example) -> str:
    return str(example["id"])


@pytest.mark.rule("ORD-9")
@pytest.mark.parametrize("example", examples("trailing"), ids=by_id)
def test_trailing_stop(example: Example) -> None:
    """It fires at the published price, and at none before. A tick is small enough to make every price whole."""
    inputs, expected = example["inputs"], example["expected"]
    prices = [Fraction(price) for price in inputs["prices"]]
    ticks = 1
    while any((price * ticks).denominator != 1 for price in prices):
        ticks *= 10
    m = Market()
    m.does(f"prices mark={prices[0] * ticks}")
    activation = f"activation={inputs['activation'] * ticks}" if "activation" in inputs else ""
    m.does(f"ann t1 {inputs['side']} 1 TRAILING_STOP callback={Fraction(inputs['delta']) * 10_000} {activation}")
    fired: dict[int, Event] = {}
    for at, price in enumerate(prices[1:], start=1):
        m.does(f"prices mark={price * ticks}")
        for event in m.events:
            if event.type == EventType.TRIGGERED:
                fired[at] = event
    assert list(fired) == [expected["index"]]
    if "trigger" in expected:
        assert fired[expected["index"]].trigger_price == Fraction(expected["trigger"]) * ticks


@pytest.mark.rule("MAT-2")
@pytest.mark.parametrize("example", examples("uncross"), ids=by_id)
def test_uncrossing(example: Example) -> None:
    """Price and trades are the published ones; what is left stays on the book."""
    m = Market()
    m.does("phase AUCTION")
    for order in example["inputs"]["orders"]:
        m.does(f"of-{order['id']} {order['id']} {order['side']} {order['qty']} @ {order['px']}")
    m.does("phase OPEN")
    results = [event.price for event in m.events if event.type == EventType.AUCTION and event.flags & EventFlag.FINAL]
    assert results == [example["expected"]["price"]]
    trades = []
    for event in m.events:
        if event.type == EventType.TRADE:
            pair = [m.names.of(event.client_order_id), m.names.of(event.maker_client_order_id)]
            buyer, seller = pair if event.side == 1 else pair[::-1]
            trades.append([buyer, seller, event.quantity])
    assert trades == example["expected"]["trades"]


@pytest.mark.rule("LIM-1")
@pytest.mark.parametrize("example", examples("price_range"), ids=by_id)
def test_price_range(example: Example) -> None:
    """The limits themselves are allowed; one tick more is not."""
    inputs = example["inputs"]
    up = (Fraction(inputs["mult_up"]) - 1) * 10_000
    down = (1 - Fraction(inputs["mult_down"])) * 10_000
    m = Market(rules=Rules(band_up_bps=int(up), band_down_bps=int(down)))
    m.does(f"prices mark={inputs['reference']}")
    assert m.does(f"ann a1 buy 1 @ {inputs['price']}")[0].startswith("a1 ACCEPTED") == example["expected"]
    highest = inputs["reference"] * inputs["mult_up"]
    assert m.does(f"ann a2 buy 1 @ {highest + 1}")[0].endswith("PRICE_BAND")

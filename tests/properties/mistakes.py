"""The mistakes that the comparison has to notice, by the page of the rules that they break."""

from __future__ import annotations

from tests.properties.mistake import Mistake
from tests.properties.mistakes_in_orders import IN_ORDERS
from tests.properties.mistakes_in_time import IN_TIME

MISTAKES: tuple[Mistake, ...] = (*IN_ORDERS, *IN_TIME)

"""Two-sided quotes as a maker writes them (rule ORD-11)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypedDict, Unpack

from tidegate.v1 import order_service_pb2
from tidegate_client.enums import SelfTradePrevention, TimeInForce
from tidegate_client.instruments import Instrument, Price, Quantity

QUOTES_MAX = 100  # in one mass quote


class QuoteTerms(TypedDict, total=False):
    """What the quotes of one message have in common: GTC or GTX, self-trade prevention, protection group."""

    time_in_force: TimeInForce
    self_trade_prevention: SelfTradePrevention
    self_trade_group: int
    protection_group: int


@dataclass(frozen=True, slots=True)
class Quote:
    """A bid and an ask. It replaces the account's quote of this id in the symbol; None withdraws a side.

    `quote_id` is not 0, and has nothing to do with client order ids. A quantity is what is to be open.
    """

    symbol: str
    quote_id: int
    bid_price: Price | None
    bid_quantity: Quantity | None
    ask_price: Price | None
    ask_quantity: Quantity | None

    def write(self, message: order_service_pb2.Quote, instrument: Instrument) -> None:
        """Into the contract's message; ValueError when price or quantity do not fit the instrument's grid."""
        message.symbol = self.symbol
        message.quote_id = self.quote_id
        if self.bid_price is not None and self.bid_quantity is not None:
            message.bid_price_ticks = instrument.to_ticks(self.bid_price)
            message.bid_quantity_lots = instrument.to_lots(self.bid_quantity)
        if self.ask_price is not None and self.ask_quantity is not None:
            message.ask_price_ticks = instrument.to_ticks(self.ask_price)
            message.ask_quantity_lots = instrument.to_lots(self.ask_quantity)


def write_quotes(
    message: order_service_pb2.MassQuoteRequest,
    quotes: Iterable[Quote],
    instrument_of: Callable[[str], Instrument],
    **terms: Unpack[QuoteTerms],
) -> list[int]:
    """Append the quotes to `message` and set its terms; returns the quote ids."""
    write_terms(message, **terms)
    ids = []
    for each in quotes:
        each.write(message.quotes.add(), instrument_of(each.symbol))
        ids.append(each.quote_id)
    return ids


def write_terms(message: order_service_pb2.MassQuoteRequest, **terms: Unpack[QuoteTerms]) -> None:
    """The terms alone."""
    message.time_in_force = terms.get("time_in_force", TimeInForce.GTC).value  # type: ignore[assignment]
    prevention = terms.get("self_trade_prevention", SelfTradePrevention.UNSPECIFIED)
    message.self_trade_prevention = prevention.value  # type: ignore[assignment]
    message.self_trade_group = terms.get("self_trade_group", 0)
    message.protection_group = terms.get("protection_group", 0)

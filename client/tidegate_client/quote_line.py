"""One quote of a QuoteManager: what is wanted of it, what was sent, what was refused."""

from __future__ import annotations

from tidegate_client.enums import Side

# Bid price and quantity, ask price and quantity, in ticks and lots; 0 for none.
Sides = tuple[int, int, int, int]
_BUY = Side.BUY.value


class Line:
    """Changed in place."""

    __slots__ = ("in_flight", "quote_id", "refused", "sent", "symbol", "vain", "wanted")

    def __init__(self, symbol: str, quote_id: int) -> None:
        self.symbol = symbol
        self.quote_id = quote_id
        self.wanted: Sides = (0, 0, 0, 0)
        self.sent: Sides = (0, 0, 0, 0)
        self.refused: Sides | None = None  # the wish, when it was refused
        self.vain: Sides | None = None  # what was refused last: not sent again, nor is anything else that comes to it
        self.in_flight = False

    @property
    def was_sent(self) -> bool:
        """Whether any wish of this id has been sent."""
        return self.sent != (0, 0, 0, 0)

    def target(self, on_book: Sides) -> Sides:
        """What is to be on the book: the wish; of a refused one only sides that are there at the wanted price, with
        no more than is wanted; what is there, when taking it off was refused too (in a halt)."""
        target = self._target(on_book)
        return on_book if target == self.vain else target

    def refuse(self) -> None:
        """What was sent is refused."""
        self.vain = self.sent
        if self.sent == self.wanted:
            self.refused = self.sent

    def forgive(self) -> None:
        """What was refused may be taken now."""
        self.refused = self.vain = None

    def _target(self, on_book: Sides) -> Sides:
        wanted = self.wanted
        if wanted != self.refused:
            return wanted
        bid = (wanted[0], min(wanted[1], on_book[1])) if wanted[0] == on_book[0] and wanted[1] else (0, 0)
        ask = (wanted[2], min(wanted[3], on_book[3])) if wanted[2] == on_book[2] and wanted[3] else (0, 0)
        return (*bid, *ask)

    def shrink(self, side: int, lots: int) -> None:
        """So much less is wanted of a side."""
        bid_price, bid_lots, ask_price, ask_lots = self.wanted
        if side == _BUY:
            bid_lots = max(bid_lots - lots, 0)
        else:
            ask_lots = max(ask_lots - lots, 0)
        self._want(bid_price, bid_lots, ask_price, ask_lots)

    def drop(self, side: int) -> None:
        """Nothing is wanted of a side."""
        bid_price, bid_lots, ask_price, ask_lots = self.wanted
        self._want(bid_price, 0 if side == _BUY else bid_lots, ask_price, ask_lots if side == _BUY else 0)

    def _want(self, bid_price: int, bid_lots: int, ask_price: int, ask_lots: int) -> None:
        self.wanted = (bid_price if bid_lots else 0, bid_lots, ask_price if ask_lots else 0, ask_lots)

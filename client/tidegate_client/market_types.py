"""What the public side hands out: frozen dataclasses with Decimal prices and quantities, ticks and lots beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from tidegate.v1 import market_data_service_pb2 as pb
from tidegate_client.enums import Phase, Reason, Side
from tidegate_client.instruments import AMOUNT_UNIT, Instrument


@dataclass(frozen=True, slots=True)
class DepthLevel:
    """One price level. `orders` is 0 where it is not told."""

    price: Decimal
    quantity: Decimal
    price_ticks: int
    quantity_lots: int
    orders: int = 0


@dataclass(frozen=True, slots=True)
class Depth:
    """A book at one sequence, best levels first."""

    instrument: Instrument
    sequence: int
    engine_time_ns: int
    phase: Phase
    bids: tuple[DepthLevel, ...]
    asks: tuple[DepthLevel, ...]

    def __iter__(self) -> Iterator[tuple[DepthLevel, ...]]:
        return iter((self.bids, self.asks))


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade that everybody sees."""

    instrument: Instrument
    trade_id: int
    price_ticks: int
    quantity_lots: int
    aggressor: Side
    sequence: int
    engine_time_ns: int
    liquidation: bool = False
    auction: bool = False  # made by the uncrossing of an auction

    @property
    def price(self) -> Decimal:
        """Price."""
        return self.instrument.price(self.price_ticks)

    @property
    def quantity(self) -> Decimal:
        """Quantity."""
        return self.instrument.quantity(self.quantity_lots)

    @classmethod
    def from_wire(cls, message: pb.Trade, instrument: Instrument) -> Trade:
        """From the contract's message."""
        return cls(
            instrument,
            message.trade_id,
            message.price_ticks,
            message.quantity_lots,
            Side(message.aggressor_side),
            message.sequence,
            message.engine_time_ns,
            message.liquidation,
            message.auction,
        )


@dataclass(frozen=True, slots=True)
class TopOfBook:
    """Best prices of one symbol as of `sequence`; 0 where a side is empty."""

    instrument: Instrument
    sequence: int
    engine_time_ns: int
    bid_price_ticks: int
    bid_quantity_lots: int
    ask_price_ticks: int
    ask_quantity_lots: int
    phase: Phase

    @property
    def bid(self) -> Decimal:
        """Best bid."""
        return self.instrument.price(self.bid_price_ticks)

    @property
    def ask(self) -> Decimal:
        """Best ask."""
        return self.instrument.price(self.ask_price_ticks)

    @classmethod
    def from_wire(cls, message: pb.StreamTopOfBookResponse, instrument: Instrument) -> TopOfBook:
        """From the contract's message."""
        return cls(
            instrument,
            message.sequence,
            message.engine_time_ns,
            message.bid_price_ticks,
            message.bid_quantity_lots,
            message.ask_price_ticks,
            message.ask_quantity_lots,
            Phase(message.phase),
        )


@dataclass(frozen=True, slots=True)
class Candle:
    """Prices and volume of an interval that begins at `open_time_ns`; without trades it repeats the close before."""

    instrument: Instrument
    open_time_ns: int
    open_ticks: int
    high_ticks: int
    low_ticks: int
    close_ticks: int
    volume_lots: int
    notional_units: int  # 1e-8 of the settlement asset
    trades: int
    taker_buy_lots: int
    closed: bool
    last_trade_id: int

    @property
    def prices(self) -> tuple[Decimal, Decimal, Decimal, Decimal]:
        """Open, high, low, close."""
        ticks = (self.open_ticks, self.high_ticks, self.low_ticks, self.close_ticks)
        first, high, low, last = (self.instrument.price(each) for each in ticks)
        return first, high, low, last

    @property
    def volume(self) -> Decimal:
        """Quantity traded."""
        return self.instrument.quantity(self.volume_lots)

    @property
    def notional(self) -> Decimal:
        """Notional traded."""
        return self.notional_units * AMOUNT_UNIT

    @classmethod
    def from_wire(cls, message: pb.Candle, instrument: Instrument) -> Candle:
        """From the contract's message."""
        return cls(
            instrument,
            message.open_time_ns,
            message.open_ticks,
            message.high_ticks,
            message.low_ticks,
            message.close_ticks,
            message.volume_lots,
            message.notional,
            message.trades,
            message.taker_buy_lots,
            message.closed,
            message.last_trade_id,
        )


@dataclass(frozen=True, slots=True)
class Prices:
    """Mark and index price and predicted funding as of `sequence`; 0 for none yet."""

    instrument: Instrument
    sequence: int
    engine_time_ns: int
    mark_price_ticks: int
    index_price_ticks: int
    funding_rate: Decimal
    next_funding_time_ns: int

    @property
    def mark_price(self) -> Decimal:
        """Mark price."""
        return self.instrument.price(self.mark_price_ticks)

    @property
    def index_price(self) -> Decimal:
        """Index price."""
        return self.instrument.price(self.index_price_ticks)

    @classmethod
    def from_wire(cls, message: pb.StreamPricesResponse, instrument: Instrument) -> Prices:
        """From the contract's message."""
        return cls(
            instrument,
            message.sequence,
            message.engine_time_ns,
            message.mark_price_ticks,
            message.index_price_ticks,
            message.funding_rate * AMOUNT_UNIT,
            message.next_funding_time_ns,
        )


@dataclass(frozen=True, slots=True)
class Ticker:
    """Figures of the last 24 hours, and prices as they are at `time_ns`; 0 for none."""

    instrument: Instrument
    open_ticks: int
    high_ticks: int
    low_ticks: int
    last_ticks: int
    volume_lots: int
    notional_units: int  # 1e-8 of the settlement asset
    trades: int
    mark_price_ticks: int
    index_price_ticks: int
    funding_rate: Decimal
    next_funding_time_ns: int
    phase: Phase
    bid_price_ticks: int
    ask_price_ticks: int
    time_ns: int

    @property
    def last(self) -> Decimal:
        """Last price."""
        return self.instrument.price(self.last_ticks)

    @property
    def change(self) -> Decimal:
        """Last price less the one 24 hours ago."""
        return self.instrument.price(self.last_ticks - self.open_ticks)

    @property
    def volume(self) -> Decimal:
        """Quantity traded."""
        return self.instrument.quantity(self.volume_lots)

    @property
    def mark_price(self) -> Decimal:
        """Mark price."""
        return self.instrument.price(self.mark_price_ticks)

    @classmethod
    def from_wire(cls, message: pb.Ticker, instrument: Instrument) -> Ticker:
        """From the contract's message."""
        return cls(
            instrument,
            message.open_ticks,
            message.high_ticks,
            message.low_ticks,
            message.last_ticks,
            message.volume_lots,
            message.notional,
            message.trades,
            message.mark_price_ticks,
            message.index_price_ticks,
            message.funding_rate * AMOUNT_UNIT,
            message.next_funding_time_ns,
            Phase(message.phase),
            message.bid_price_ticks,
            message.ask_price_ticks,
            message.time_ns,
        )


@dataclass(frozen=True, slots=True)
class Auction:
    """What an auction would trade now, or with `final` is about to (rule MAT-2); price 0: the book does not cross."""

    price_ticks: int
    quantity_lots: int
    imbalance_lots: int  # bids less asks at the price
    final: bool


@dataclass(frozen=True, slots=True)
class PhaseNews:
    """News of a symbol: the phase that it entered and why, an auction, or a definition. One of the three is set."""

    instrument: Instrument
    sequence: int
    engine_time_ns: int
    phase: Phase | None
    auction: Auction | None
    definition: Instrument | None
    reason: Reason

    @classmethod
    def from_wire(cls, message: pb.StreamPhasesResponse, instrument: Instrument) -> PhaseNews:
        """From the contract's message."""
        which = message.WhichOneof("news")
        auction = message.auction
        definition = Instrument.from_wire(message.instrument) if which == "instrument" else None
        return cls(
            definition or instrument,
            message.sequence,
            message.engine_time_ns,
            Phase(message.phase) if which == "phase" else None,
            Auction(auction.price_ticks, auction.quantity_lots, auction.imbalance_lots, auction.final)
            if which == "auction"
            else None,
            definition,
            Reason(message.reason),
        )

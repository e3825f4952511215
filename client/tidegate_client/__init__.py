"""Tidegate's Python client: `Client` for asyncio, `SyncClient` for scripts and notebooks."""

from tidegate_client.book import LocalBook
from tidegate_client.client import Client
from tidegate_client.commands import Amend, Cancel, CancelAll, ClientOrderIds, Replace, ResetProtection, SetCountdown
from tidegate_client.drop_copy import DropCopy
from tidegate_client.enums import (
    CancelScope,
    CandleInterval,
    OrderStatus,
    OrderType,
    Outcome,
    Phase,
    PositionMode,
    PositionSide,
    Reason,
    ReportKind,
    SelfTradePrevention,
    Side,
    TimeInForce,
    TriggerBy,
)
from tidegate_client.errors import (
    AlreadyExists,
    Busy,
    CannotResume,
    ConnectionLost,
    Invalid,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    ProtocolError,
    RateLimited,
    Refused,
    Rejected,
    SessionClosed,
    TidegateError,
    Unauthenticated,
    Unavailable,
)
from tidegate_client.events import Events
from tidegate_client.handle import BatchHandle
from tidegate_client.instruments import Instrument, Lots, Ticks
from tidegate_client.market import MarketData
from tidegate_client.market_types import Auction, Candle, Depth, DepthLevel, PhaseNews, Prices, Ticker, TopOfBook, Trade
from tidegate_client.order_types import (
    good_till_date,
    iceberg,
    market,
    stop,
    stop_market,
    take_profit,
    take_profit_market,
    trailing_stop,
)
from tidegate_client.orders import OrderTable, TrackedOrder
from tidegate_client.placing import OrderTerms, Place, Trigger
from tidegate_client.quotes import QuoteManager
from tidegate_client.quoting import Quote, QuoteTerms
from tidegate_client.session import TradingSession
from tidegate_client.session_options import SessionListener, SessionOptions
from tidegate_client.streams import CandleStream, DepthStream, PhaseStream, StateStream, TradeStream
from tidegate_client.sync import SyncClient
from tidegate_client.template import BatchTemplate, quote_template
from tidegate_client.types import Balance, CommandResult, Limits, Order, OrderAt, Protection, QuoteState, Report

BUY = Side.BUY
SELL = Side.SELL

__all__ = [
    "BUY",
    "SELL",
    "AlreadyExists",
    "Amend",
    "Auction",
    "Balance",
    "BatchHandle",
    "BatchTemplate",
    "Busy",
    "Cancel",
    "CancelAll",
    "CancelScope",
    "Candle",
    "CandleInterval",
    "CandleStream",
    "CannotResume",
    "Client",
    "ClientOrderIds",
    "CommandResult",
    "ConnectionLost",
    "Depth",
    "DepthLevel",
    "DepthStream",
    "DropCopy",
    "Events",
    "Instrument",
    "Invalid",
    "Limits",
    "LocalBook",
    "Lots",
    "MarketData",
    "NotFound",
    "Order",
    "OrderAt",
    "OrderStatus",
    "OrderTable",
    "OrderTerms",
    "OrderType",
    "Outcome",
    "OutcomeUnknown",
    "PermissionDenied",
    "Phase",
    "PhaseNews",
    "PhaseStream",
    "Place",
    "PositionMode",
    "PositionSide",
    "Prices",
    "Protection",
    "ProtocolError",
    "Quote",
    "QuoteManager",
    "QuoteState",
    "QuoteTerms",
    "RateLimited",
    "Reason",
    "Refused",
    "Rejected",
    "Replace",
    "Report",
    "ReportKind",
    "ResetProtection",
    "SelfTradePrevention",
    "SessionClosed",
    "SessionListener",
    "SessionOptions",
    "SetCountdown",
    "Side",
    "StateStream",
    "SyncClient",
    "Ticker",
    "Ticks",
    "TidegateError",
    "TimeInForce",
    "TopOfBook",
    "TrackedOrder",
    "Trade",
    "TradeStream",
    "TradingSession",
    "Trigger",
    "TriggerBy",
    "Unauthenticated",
    "Unavailable",
    "good_till_date",
    "iceberg",
    "market",
    "quote_template",
    "stop",
    "stop_market",
    "take_profit",
    "take_profit_market",
    "trailing_stop",
]

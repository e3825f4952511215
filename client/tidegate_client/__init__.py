"""Tidegate's Python client: `Client` for asyncio, `SyncClient` for scripts and notebooks."""

from tidegate_client.book import LocalBook
from tidegate_client.client import Client
from tidegate_client.commands import Amend, Cancel, CancelAll, ClientOrderIds, Place, market
from tidegate_client.enums import (
    OrderStatus,
    OrderType,
    Outcome,
    Phase,
    Reason,
    ReportKind,
    SelfTradePrevention,
    Side,
    TimeInForce,
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
    Refused,
    Rejected,
    SessionClosed,
    TidegateError,
    Unauthenticated,
    Unavailable,
)
from tidegate_client.events import Events
from tidegate_client.inflight import BatchHandle
from tidegate_client.instruments import Instrument, Lots, Ticks
from tidegate_client.market import DepthStream, MarketData, TradeStream
from tidegate_client.orders import OrderTable, TrackedOrder
from tidegate_client.session import SessionOptions, TradingSession
from tidegate_client.sync import SyncClient
from tidegate_client.template import BatchTemplate, quote_template
from tidegate_client.types import Balance, CommandResult, Depth, DepthLevel, Order, Report, Trade

BUY = Side.BUY
SELL = Side.SELL

__all__ = [
    "BUY",
    "SELL",
    "AlreadyExists",
    "Amend",
    "Balance",
    "BatchHandle",
    "BatchTemplate",
    "Busy",
    "Cancel",
    "CancelAll",
    "CannotResume",
    "Client",
    "ClientOrderIds",
    "CommandResult",
    "ConnectionLost",
    "Depth",
    "DepthLevel",
    "DepthStream",
    "Events",
    "Instrument",
    "Invalid",
    "LocalBook",
    "Lots",
    "MarketData",
    "NotFound",
    "Order",
    "OrderStatus",
    "OrderTable",
    "OrderType",
    "Outcome",
    "OutcomeUnknown",
    "PermissionDenied",
    "Phase",
    "Place",
    "ProtocolError",
    "Reason",
    "Refused",
    "Rejected",
    "Report",
    "ReportKind",
    "SelfTradePrevention",
    "SessionClosed",
    "SessionOptions",
    "Side",
    "SyncClient",
    "Ticks",
    "TidegateError",
    "TimeInForce",
    "TrackedOrder",
    "Trade",
    "TradeStream",
    "TradingSession",
    "Unauthenticated",
    "Unavailable",
    "market",
    "quote_template",
]

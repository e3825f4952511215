"""News of a symbol as StreamPhases tells them, and its prices as StreamPrices does."""

from __future__ import annotations

from tidegate.marketdata.definitions import Definitions
from tidegate.v1 import market_data_service_pb2 as pb
from tidegate.v1 import types_pb2
from tidegate.wire.records import Event, EventFlag, EventType


def encode_news(symbol: str, event: Event, definitions: Definitions) -> bytes:
    """A PHASE_CHANGED, AUCTION or INSTRUMENT_DEFINED event as a StreamPhasesResponse."""
    message = pb.StreamPhasesResponse(symbol=symbol, sequence=event.sequence, engine_time_ns=event.time_ns)
    if event.type == EventType.PHASE_CHANGED:
        phase, reason = types_pb2.Phase.Name(event.phase), types_pb2.Reason.Name(event.reason)
        message.MergeFrom(pb.StreamPhasesResponse(phase=phase, reason=reason))
    elif event.type == EventType.AUCTION:
        message.auction.price_ticks = event.price
        message.auction.quantity_lots = event.quantity
        message.auction.imbalance_lots = event.leaves
        message.auction.final = bool(event.flags & EventFlag.FINAL)
    else:
        message.instrument.CopyFrom(definitions.message(event.sequence))
    return message.SerializeToString()


def encode_phase(symbol: str, sequence: int, time_ns: int, phase: int) -> bytes:
    """The phase as it is, with which a stream of news begins."""
    message = pb.StreamPhasesResponse(
        symbol=symbol, sequence=sequence, engine_time_ns=time_ns, phase=types_pb2.Phase.Name(phase)
    )
    return message.SerializeToString()


def encode_prices(symbol: str, prices: tuple[int, int, int, int, int, int]) -> bytes:
    """DepthBook.prices as a StreamPricesResponse."""
    sequence, time_ns, mark, index, funding_rate, next_funding_time_ns = prices
    message = pb.StreamPricesResponse(
        symbol=symbol,
        sequence=sequence,
        engine_time_ns=time_ns,
        mark_price_ticks=mark,
        index_price_ticks=index,
        funding_rate=funding_rate,
        next_funding_time_ns=next_funding_time_ns,
    )
    return message.SerializeToString()

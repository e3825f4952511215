"""Symbols that come and go while the gateway serves (rule INS-3): rings, streams, requests to the supervisor."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from tests.unit.gateway.venue import Venue, running_venue
from tests.venues.calls import ALICE, OPERATOR, instruments, key, place, refusal
from tidegate.v1 import account_service_pb2 as account
from tidegate.v1 import operations_service_pb2 as operations
from tidegate.v1 import types_pb2 as types
from tidegate.wire.instruments import Instrument
from tidegate.wire.listing import ListingAnswer, ListingRequest, leave_answer, take_request

Notice = types.StreamNotice
BTC, ETH = instruments()
NEW = Instrument(symbol="XRPUSDT", instrument_id=3, tick_size="0.1", lot_size="1")  # type: ignore[arg-type]


async def noticed(stream: Any, kind: int) -> dict[str, int]:
    """Positions of the next notice of a kind."""
    async with asyncio.timeout(30):
        while True:
            message = await stream.read()
            if message.notice.kind == kind:
                return {each.symbol: each.sequence for each in message.notice.positions}


async def reason(call: Any) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return refusal(caught.value)[1]


async def requested(venue: Venue, action: str) -> ListingRequest:
    """What the gateway has left for the supervisor."""
    while (found := take_request(venue.topology.listing_dir)) is None:  # noqa: ASYNC110 - files ring no bell
        await asyncio.sleep(0.01)
    assert found.action == action
    return found


@pytest.mark.rule("INS-3")
async def test_a_symbol_comes_and_goes(tmp_path: Path) -> None:
    """An open stream is told where it starts in it, gets its reports, and is told of its end; others trade on."""
    async with running_venue(tmp_path) as venue:
        stream = venue.accounts.StreamEvents(account.StreamEventsRequest(), metadata=key(ALICE))
        await stream.read()
        assert (
            await reason(venue.orders.PlaceOrder(place(1, symbol="XRPUSDT"), metadata=key(ALICE))) == "UNKNOWN_SYMBOL"
        )
        engine = venue.list_engine(NEW)
        venue.list_symbols(BTC, ETH, NEW)
        assert await noticed(stream, Notice.KIND_SYMBOL_ADDED) == {"XRPUSDT": engine.model.sequence}
        placed = await venue.orders.PlaceOrder(place(1, symbol="XRPUSDT"), metadata=key(ALICE))
        report = (await stream.read()).reports[0]
        assert (report.symbol, report.sequence) == ("XRPUSDT", placed.reports[0].sequence)
        venue.list_symbols(BTC, ETH, delisted=(NEW,))
        assert await noticed(stream, Notice.KIND_SYMBOL_REMOVED) == {"XRPUSDT": report.sequence}
        assert await reason(venue.orders.PlaceOrder(place(2, symbol="XRPUSDT"), metadata=key(ALICE))) == "DELISTED"
        await venue.orders.PlaceOrder(place(3), metadata=key(ALICE))
        assert (await stream.read()).reports[0].symbol == "BTCUSDT"
        stream.cancel()


@pytest.mark.rule("INS-3")
async def test_listing_waits_until_the_symbol_serves(tmp_path: Path) -> None:
    """The request that the supervisor gets, the answer when the engine serves; its refusals; and delisting."""
    async with running_venue(tmp_path) as venue:
        wanted = types.Instrument(**{**NEW.message_fields(), "instrument_id": 0})
        request = operations.ListInstrumentRequest(instrument=wanted, initial_phase=types.PHASE_OPEN)
        call = asyncio.ensure_future(venue.operations.ListInstrument(request, metadata=key(OPERATOR)))
        asked = await requested(venue, "list")
        assert (asked.symbol, asked.choose_number, asked.initial_phase) == ("XRPUSDT", True, "OPEN")
        venue.list_engine(NEW)
        venue.list_symbols(BTC, ETH, NEW)
        leave_answer(venue.topology.listing_dir, asked.id, ListingAnswer(ok=True, instrument=NEW))
        assert (await call).instrument.instrument_id == 3
        await venue.orders.PlaceOrder(place(1, symbol="XRPUSDT"), metadata=key(ALICE))
        delist = operations.DelistInstrumentRequest(symbol="XRPUSDT")
        call = asyncio.ensure_future(venue.operations.DelistInstrument(delist, metadata=key(OPERATOR)))
        asked = await requested(venue, "delist")
        leave_answer(venue.topology.listing_dir, asked.id, ListingAnswer(ok=False, message="there are open orders"))
        assert await reason(call) == "LISTING_REFUSED"
        call = asyncio.ensure_future(venue.operations.DelistInstrument(delist, metadata=key(OPERATOR)))
        asked = await requested(venue, "delist")
        venue.list_symbols(BTC, ETH, delisted=(NEW,))
        leave_answer(venue.topology.listing_dir, asked.id, ListingAnswer(ok=True))
        await call


async def test_what_no_supervisor_need_see(tmp_path: Path) -> None:
    """Instruments that are none, phases that are none, symbols that are not listed: refused at once."""
    async with running_venue(tmp_path) as venue:
        fields = NEW.message_fields()
        bad = {"tick_size": "zero", "lot_size": "", "symbol": "lower", "quantity_min_lots": -1, "tick_lot_value": 7}
        for name, value in bad.items():
            request = operations.ListInstrumentRequest(instrument=types.Instrument(**{**fields, name: value}))
            call = venue.operations.ListInstrument(request, metadata=key(OPERATOR))
            assert await reason(call) == "INVALID_INSTRUMENT", name
        request = operations.ListInstrumentRequest(instrument=types.Instrument(**fields), initial_phase=99)
        assert await reason(venue.operations.ListInstrument(request, metadata=key(OPERATOR))) == "INVALID_PHASE"
        for symbol, expected in (("", "MISSING_FIELD"), ("NOPE", "UNKNOWN_SYMBOL")):
            delist = operations.DelistInstrumentRequest(symbol=symbol)
            assert await reason(venue.operations.DelistInstrument(delist, metadata=key(OPERATOR))) == expected
        assert take_request(venue.topology.listing_dir) is None

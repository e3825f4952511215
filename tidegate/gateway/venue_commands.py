"""The venue's own commands into a symbol, as operators ask for them: phases, prices, definitions, cancels."""

from __future__ import annotations

import time
from collections.abc import Callable

from tidegate.gateway.authentication import Principal
from tidegate.gateway.config import GatewayLimits
from tidegate.gateway.errors import RefusedError
from tidegate.gateway.router_pump import RouterPump
from tidegate.gateway.shards import Shards, instrument_message, read_instrument
from tidegate.gateway.unary import UnarySession
from tidegate.v1 import operations_service_pb2 as messages
from tidegate.v1 import order_service_pb2, types_pb2
from tidegate.wire.enums import CommandType
from tidegate.wire.instruments import Instrument
from tidegate.wire.records import InstrumentRules

VENUE = Principal(b"", None)


class VenueCommands:
    """Sends one and waits for the engine's answer. Every method raises RefusedError, the engine's included."""

    def __init__(self, pump: RouterPump, shards: Shards, limits: GatewayLimits) -> None:
        self._pump = pump
        self._router = pump.router
        self._shards = shards
        self._timeout_seconds = limits.unary_timeout_ms / 1000

    async def set_phase(self, request: messages.SetPhaseRequest) -> messages.SetPhaseResponse:
        """Another phase (rule MKT-1)."""
        if not request.symbol or request.phase == types_pb2.PHASE_UNSPECIFIED:
            raise RefusedError(types_pb2.REASON_MISSING_FIELD, "symbol and phase are needed")
        if request.phase not in types_pb2.Phase.values():
            raise RefusedError(types_pb2.REASON_INVALID_PHASE)
        sequence, _ = await self._call(
            CommandType.SET_PHASE,
            lambda session: self._router.submit_phase(session, request.symbol, request.phase, time.time_ns()),
        )
        return messages.SetPhaseResponse(sequence=sequence, phase=request.phase)

    async def set_prices(self, request: messages.SetPricesRequest) -> messages.SetPricesResponse:
        """Mark and index price, until a price service sets them."""
        if not request.symbol:
            raise RefusedError(types_pb2.REASON_MISSING_FIELD, "symbol is needed")
        sequence, _ = await self._call(
            CommandType.SET_PRICES,
            lambda session: self._router.submit_prices(
                session,
                request.symbol,
                mark=request.mark_price_ticks,
                index=request.index_price_ticks,
                funding_rate=request.funding_rate,
                next_funding_time_ns=request.next_funding_time_ns,
                now_ns=time.time_ns(),
            ),
        )
        return messages.SetPricesResponse(sequence=sequence)

    async def change_instrument(self, request: messages.ChangeInstrumentRequest) -> messages.ChangeInstrumentResponse:
        """Other rules from a sequence on (rule INS-3); number and asset stay, and may be left out."""
        instrument = self._changed(request.instrument)
        rules = InstrumentRules.of(instrument).pack()
        sequence, _ = await self._call(
            CommandType.DEFINE_INSTRUMENT,
            lambda session: self._router.submit_definition(session, instrument.symbol, rules),
        )
        self._shards.define(instrument, sequence)
        return messages.ChangeInstrumentResponse(instrument=instrument_message(instrument, sequence))

    async def cancel_everything(self, request: messages.CancelEverythingRequest) -> messages.CancelEverythingResponse:
        """Every open order of a symbol, whoever has it."""
        if not request.symbol:
            raise RefusedError(types_pb2.REASON_MISSING_FIELD, "symbol is needed")
        sequence, body = await self._call(
            CommandType.CANCEL_ALL,
            lambda session: self._router.submit_cancel_everything(session, request.symbol, time.time_ns()),
        )
        done = order_service_pb2.CancelAllResponse.FromString(body).reports
        canceled = sum(each.quantity_lots for each in done if each.kind == types_pb2.REPORT_KIND_CANCEL_ALL_DONE)
        return messages.CancelEverythingResponse(canceled=canceled, sequence=sequence)

    def _changed(self, wanted: types_pb2.Instrument) -> Instrument:
        known = self._shards.instrument(wanted.symbol)
        if known is None:
            raise RefusedError(types_pb2.REASON_UNKNOWN_SYMBOL)
        full = types_pb2.Instrument()
        full.CopyFrom(wanted)
        full.settlement_asset = wanted.settlement_asset or known.settlement_asset
        instrument = read_instrument(full, known.instrument_id)
        if (instrument.instrument_id, instrument.settlement_asset) != (known.instrument_id, known.settlement_asset):
            message = "an instrument's number and settlement asset never change"
            raise RefusedError(types_pb2.REASON_INVALID_INSTRUMENT, message)
        return instrument

    async def _call(self, kind: CommandType, submit: Callable[[int], int]) -> tuple[int, bytes]:
        with UnarySession(self._pump, VENUE, None) as call:
            call.require_sent(submit(call.session))
            body = await call.answered(self._timeout_seconds)
            call.require_done(kind)
            return call.answer().sequence, body
